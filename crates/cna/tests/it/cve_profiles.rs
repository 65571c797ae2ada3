//! Where `cve` takes its account and its way to the service from.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cve_server::Service;

/// A home folder of one test, with files in it.
fn home(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cve_home_{name}"));
    let _ = std::fs::remove_dir_all(&home);
    for (file, text) in files {
        let path = home.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    home
}

fn command(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cve"));
    command.env_clear().env("HOME", home).args(words);
    command.env(
        "PATH",
        format!("{}:/usr/bin:/bin", home.join("bin").display()),
    );
    command
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn configuration(service: &Service) -> String {
    format!(
        "default = \"main\"\n\n[profile.main]\norg = \"acme\"\nusername = \"jack\"\n\
         api-key-file = \"~/key\"\napi-url = \"{0}\"\ntimeout = 5\n\n\
         [profile.other]\norg = \"other\"\nusername = \"olga\"\napi-key = \"o-k3y\"\n\
         api-url = \"{0}\"\n",
        service.url
    )
}

#[test]
fn a_profile_gives_what_is_not_given_otherwise() {
    let service = Service::start();
    let text = configuration(&service);
    let home = home(
        "profile",
        &[(".config/cve/config.toml", &text), ("key", "m-k3y\n")],
    );
    let asked = |mut command: Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
        service.take_seen()
    };
    let quota = "GET /api/org/";
    assert_eq!(
        asked(command(&home, &["quota"])),
        [format!("{quota}acme/id_quota as m-k3y acme jack")]
    );
    assert_eq!(
        asked(command(&home, &["--profile", "other", "quota"])),
        [format!("{quota}other/id_quota as o-k3y other olga")]
    );
    // What is typed beats every profile.
    assert_eq!(
        asked(command(
            &home,
            &["--profile", "other", "-u", "ann", "quota"]
        )),
        [format!("{quota}other/id_quota as o-k3y other ann")]
    );
    // A variable beats the default profile, and a profile that was typed beats
    // the variable.
    let mut by_variable = command(&home, &["quota"]);
    by_variable.env("CVE_USER", "ann");
    assert_eq!(
        asked(by_variable),
        [format!("{quota}acme/id_quota as m-k3y acme ann")]
    );
    let mut both = command(&home, &["--profile", "other", "quota"]);
    both.env("CVE_USER", "ann").env("CVE_API_KEY", "x");
    assert_eq!(
        asked(both),
        [format!("{quota}other/id_quota as o-k3y other olga")]
    );
    let mut named = command(&home, &["quota"]);
    named.env("CVE_PROFILE", "other");
    assert_eq!(
        asked(named),
        [format!("{quota}other/id_quota as o-k3y other olga")]
    );
}

#[test]
fn an_environment_that_was_typed_beats_the_address_of_a_profile() {
    let service = Service::start();
    let text = configuration(&service);
    let home = home(
        "env",
        &[(".config/cve/config.toml", &text), ("key", "m-k3y\n")],
    );
    // The Program's test service stands behind a proxy that is not there.
    let mut typed = command(&home, &["--profile", "main", "-e", "test", "ping"]);
    let output = typed
        .env("https_proxy", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert!(told(&output).starts_with("CVE API Status — https://cveawg-test.mitre.org/api/\n"));
    assert!(service.take_seen().is_empty());
}

#[test]
fn a_wrong_configuration_is_said_without_what_it_holds() {
    for (name, text, expected) in [
        (
            "syntax",
            "[profile.a\napi-key = \"s3cr3t\"",
            "is wrong in line 1",
        ),
        (
            "unknown",
            "[profile.a]\napi-kee = \"s3cr3t\"",
            "unknown field `api-kee`",
        ),
        (
            "missing",
            "default = \"b\"\n[profile.a]\napi-key = \"s3cr3t\"",
            "'b' is not in",
        ),
    ] {
        let home = home(name, &[(".config/cve/config.toml", text)]);
        let output = command(&home, &["quota"]).output().unwrap();
        let told = told(&output);
        assert!(!output.status.success());
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("s3cr3t"), "{told}");
    }
    let home = home("none", &[]);
    let output = command(&home, &["--profile", "a", "quota"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("there is no '"), "{}", told(&output));
}

#[test]
fn a_key_may_come_from_a_command_and_from_the_keyring() {
    let service = Service::start();
    let script =
        "#!/bin/sh\n[ \"$1 $4 $5 $6 $7\" = 'lookup org acme username jack' ] && echo r-k3y\n";
    let home = home("keys", &[("bin/secret-tool", script)]);
    let tool = home.join("bin/secret-tool");
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o700)).unwrap();
    let account = ["-u", "jack", "-o", "acme", "--api-url", &service.url];
    let run = |words: &[&str]| {
        command(&home, &[&account, words].concat())
            .output()
            .unwrap()
    };
    let output = run(&["--api-key-command", "echo c-k3y", "quota"]);
    assert!(output.status.success(), "{}", told(&output));
    let output = run(&["--keyring", "quota"]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(
        service.take_seen(),
        [
            "GET /api/org/acme/id_quota as c-k3y acme jack",
            "GET /api/org/acme/id_quota as r-k3y acme jack"
        ]
    );
    let output = run(&["--api-key-command", "echo two words", "quota"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told(&output).contains("more than one word"),
        "{}",
        told(&output)
    );
    let output = run(&["--api-key-command", "exit 3", "quota"]);
    assert!(
        told(&output).contains("ended with exit status: 3"),
        "{}",
        told(&output)
    );
    // Nothing is run for a command that needs no key.
    let mark = home.join("mark");
    let command = format!("touch {}", mark.display());
    assert!(
        run(&["--api-key-command", &command, "ping"])
            .status
            .success()
    );
    assert!(!mark.exists());
}

#[test]
fn a_key_file_that_others_can_read_is_warned_about() {
    let service = Service::start();
    let home = home("open_key", &[("key", "k3y")]);
    let key = home.join("key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let words = ["-u", "jack", "-o", "acme", "--api-url", &service.url];
    let words = [
        &words[..],
        &["--api-key-file", key.to_str().unwrap(), "quota"],
    ]
    .concat();
    let output = command(&home, &words).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("chmod 600"));
}

#[test]
fn a_proxy_is_used_unless_the_host_is_exempt() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let first_lines = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        line
    });
    let home = home("proxy", &[]);
    let url = ["--api-url", "https://service.example/api/", "ping"];
    let mut through = command(&home, &url);
    let output = through.env("HTTPS_PROXY", &proxy).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        first_lines
            .join()
            .unwrap()
            .starts_with("CONNECT service.example:443 ")
    );
    let service = Service::start();
    let mut exempt = command(&home, &["--api-url", &service.url, "ping"]);
    exempt
        .env("http_proxy", "http://127.0.0.1:1")
        .env("no_proxy", "127.0.0.0/8");
    assert!(exempt.output().unwrap().status.success());
}

#[test]
fn a_ca_file_that_is_none_is_said_before_anything_is_asked() {
    let service = Service::start();
    let home = home("ca", &[("ca.pem", "no certificate")]);
    let file = home.join("ca.pem");
    for (name, value) in [
        ("CVE_CA_FILE", "/nowhere/at/all"),
        ("SSL_CERT_FILE", "/nowhere/at/all"),
        ("REQUESTS_CA_BUNDLE", file.to_str().unwrap()),
    ] {
        let mut command = command(&home, &["--api-url", &service.url, "ping"]);
        let output = command.env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(told(&output).contains("the CA file"), "{}", told(&output));
    }
    assert!(service.take_seen().is_empty());
}

#[test]
fn numbers_of_seconds_are_checked() {
    let home = home("seconds", &[]);
    for words in [
        &["--timeout", "0", "ping"][..],
        &["--timeout", "soon", "ping"],
        &["--timeout", "-1", "ping"],
        &["--wait=long", "ping"],
        &["--timeout", "1e300", "ping"],
        &["--errors", "nowhere", "ping"],
    ] {
        let output = command(&home, words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
    }
}
