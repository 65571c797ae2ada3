//! The command line of `cve` itself: options, variables, prompts, speed.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::cve_transcript::{as_acme, check, run};

#[test]
fn options_variables_and_prompts_complete_each_other() {
    let account = |line| {
        run(line)
            .with("CVE_USER", "ann")
            .with("CVE_ORG", "acme")
            .with("CVE_API_KEY", "k3y")
    };
    check(
        "cve_line",
        &[
            run("--version"),
            run("-u ann -V"),
            account("quota"),
            account("-o other quota"),
            account("quota").with("CVE_INTERACTIVE", "perhaps"),
            account("-e nowhere quota"),
            account("quota").with("CVE_ENVIRONMENT", "PROD"),
            run("-a k3y quota").typing("\nann\nacme\n"),
            run("-a k3y quota").typing("ann\n"),
            run("-a k3y -u ann quota"),
            run("-u show quota"),
            run("--api-key-file /nowhere/at/all quota"),
            as_acme("nonsense"),
            as_acme(""),
            as_acme("quota --ra"),
            as_acme("quota -z"),
            as_acme("quota --raw=yes"),
            as_acme("reserve --year"),
            run("--nonsense"),
            run("-u"),
        ],
    );
}

#[test]
fn help_is_there_without_an_account() {
    check(
        "cve_help",
        &[
            run(""),
            run("--help"),
            run("show -h"),
            run("publish --help"),
            run("user --help"),
            run("user create -h"),
        ],
    );
}

#[test]
fn validate_needs_neither_account_nor_service() {
    let good = r#"{"providerMetadata":{"orgId":"f972b356-145d-4b2e-9a5c-b114d0982a3b"},"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}]}"#;
    check(
        "cve_validate",
        &[
            run("validate -j").word(good),
            run("validate -s CNA-PUBLISHED -f -").typing(good),
            run("validate -j {}"),
            run("validate -j {} --explain"),
            run("validate -s full -j {}"),
            run("validate -s cna-rejected -j {}"),
            run("validate -s adp -j {}"),
            run("validate -s nonsense -j {}"),
            run("validate --record-format 4 -j {}"),
            run("validate -j nonsense"),
            run("validate -j [1]").with("CVE_ERRORS", "stderr"),
            run("validate -j nonsense").with("CVE_ERRORS", "stderr"),
            run("validate"),
        ],
    );
}

#[test]
fn the_version_is_printed_within_ten_milliseconds() {
    // The quickest of many, because the machine does other things, too.
    let times = (0..20).map(|_| {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_cve"))
            .arg("--version")
            .output();
        assert_eq!(output.unwrap().stdout, b"cvelib 1.8.0\n");
        start.elapsed()
    });
    let quickest = times.min().unwrap();
    assert!(quickest < Duration::from_millis(10), "{quickest:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let service = crate::cve_server::Service::start();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cve"))
        .args(["show", "CVE-2099-1000", "-r"])
        .env_clear()
        .env("CVE_API_URL", &service.url)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn what_only_the_service_refuses_is_a_warning() {
    let odd = r#"{"providerMetadata":{"orgId":"f972b356-145d-4b2e-9a5c-b114d0982a3b"},"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected","colour":"red"}],"references":[{"url":"no address"}]}"#;
    check(
        "cve_warned",
        &[
            run("validate -j").word(odd),
            run("validate --record-format 5.1.1 -j").word(odd),
            run("validate --record-format 5.2.0 -j").word(odd),
        ],
    );
}

#[test]
fn bash_is_answered_by_the_program_itself() {
    let complete = |line: &str| {
        let script = format!(
            r#"source <(_CVE_COMPLETE=bash_source cve)
               line=({line})
               COMP_WORDS=("${{line[@]}}"); COMP_CWORD=$(( ${{#line[@]}} - 1 ))
               _cve_completion cve 2>/dev/null
               printf '%s\n' "${{COMPREPLY[@]}}""#
        );
        let output = Command::new("bash")
            .args(["--norc", "-c", &script])
            .env("PATH", path_with_cve())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete("cve pu"), "publish\npublish-adp\n");
    // bash hands on words as they were typed, quotes and all.
    assert_eq!(complete(r#"cve -o "'a b'" user re"#), "reset-key\n");
    assert_eq!(complete("cve list --state pub"), "published\n");
    assert_eq!(complete("cve reserve --ra"), "--random\n--raw\n");
    assert_eq!(complete("cve ping x"), "\n");
}

/// The folder of `cve` before all others.
fn path_with_cve() -> String {
    let cve = std::path::Path::new(env!("CARGO_BIN_EXE_cve"));
    format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        cve.parent().unwrap().display()
    )
}

#[test]
fn scripts_for_three_shells_are_the_same_by_variable_and_by_command() {
    for shell in ["bash", "zsh", "fish"] {
        let mut by_variable = Command::new(env!("CARGO_BIN_EXE_cve"));
        by_variable.env("_CVE_COMPLETE", format!("{shell}_source"));
        let mut by_command = Command::new(env!("CARGO_BIN_EXE_cve"));
        by_command.args(["completion", shell]);
        let by_variable = by_variable.output().unwrap().stdout;
        assert!(!by_variable.is_empty());
        assert_eq!(by_variable, by_command.output().unwrap().stdout);
    }
}

#[test]
fn zsh_and_fish_are_told_what_each_word_does() {
    let answer = |shell: &str, words: &str, word: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_cve"))
            .env("_CVE_COMPLETE", format!("{shell}_complete"))
            .env("COMP_WORDS", words)
            .env("COMP_CWORD", word)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        answer("zsh", "cve tr", "1"),
        "plain\ntransfer\nGive a CVE ID to another CNA\n"
    );
    assert_eq!(
        answer("fish", "cve tr", "tr"),
        "plain,transfer\tGive a CVE ID to another CNA\n"
    );
    assert_eq!(answer("fish", "cve publish CVE-2099-1 -f ", ""), "file,\n");
}
