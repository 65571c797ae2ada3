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
    let good = r#"{"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}]}"#;
    check(
        "cve_validate",
        &[
            run("validate -j").word(good),
            run("validate -s CNA-PUBLISHED -f -").typing(good),
            run("validate -j {}"),
            run("validate -j nonsense"),
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
