//! Commands of `cve` that change something.

use std::path::PathBuf;

use crate::cve_transcript::{as_acme, check};

const CONTAINER: &str = r#"{"title":"Zoë","descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}]}"#;
const OWNED: &str = r#"{"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}],"providerMetadata":{"orgId":"f972b356-145d-4b2e-9a5c-b114d0982a3b"},"x_generator":{"engine":"mine"}}"#;
const REJECTED: &str = r#"{"rejectedReasons":[{"lang":"en","value":"Never used."}]}"#;

#[test]
fn reserve_prints_each_id_alone_on_a_line() {
    check(
        "cve_reserve",
        &[
            as_acme("reserve -y 2099"),
            as_acme("reserve -ry2099 2"),
            as_acme("reserve --year=2099 2 --raw"),
            as_acme("-i reserve -y 2099").typing("maybe\nYES\n"),
            as_acme("-i reserve -y 2099 2").typing("n\n"),
            as_acme("-i reserve -y 2099 2"),
            as_acme("reserve -y 2099")
                .with("CVE_INTERACTIVE", "on")
                .typing("\n"),
            as_acme("reserve -y 2099 91"),
            as_acme("reserve -y 2098"),
            as_acme("reserve -r 11"),
            as_acme("reserve 0"),
            as_acme("reserve -1"),
            as_acme("reserve -y 0999"),
            as_acme("reserve 1 2"),
        ],
    );
}

#[test]
fn publish_creates_and_then_updates() {
    check(
        "cve_publish",
        &[
            as_acme("publish CVE-2099-1000 -j").word(CONTAINER),
            as_acme("publish CVE-2099-3000 -j").word(OWNED),
            as_acme("publish CVE-2099-3000 --raw -f -").typing(OWNED),
            as_acme("publish CVE-2099-1000 -f -").typing(&format!(
                r#"{{"dataType":"CVE_RECORD","containers":{{"cna":{CONTAINER}}}}}"#
            )),
            as_acme("publish CVE-2099-1000 -j")
                .word(CONTAINER)
                .with("CVE_GENERATOR", "-"),
            as_acme("publish CVE-2099-1000 -j")
                .word(CONTAINER)
                .with("CVE_GENERATOR", ""),
            as_acme("-i publish CVE-2099-1000 -j")
                .word(CONTAINER)
                .typing("n\n"),
        ],
    );
}

#[test]
fn publish_sends_nothing_that_is_wrong() {
    check(
        "cve_publish_refused",
        &[
            as_acme("publish CVE-2099-1000 -j {}"),
            as_acme("publish CVE-2099-1000 -j []"),
            as_acme("publish CVE-2099-1000 -j nonsense"),
            as_acme("publish CVE-2099-1000"),
            as_acme("publish CVE-2099-1000 -j {} -f -"),
            as_acme("publish CVE-2099-1000 -f /nowhere/at/all"),
            as_acme("publish -j {}"),
            as_acme("publish CVE-2099-9500 -j").word(OWNED),
        ],
    );
}

#[test]
fn reject_undo_and_transfer_change_the_id() {
    check(
        "cve_reject",
        &[
            as_acme("reject CVE-2099-1000"),
            as_acme("reject CVE-2099-1000 -j").word(REJECTED),
            as_acme("reject CVE-2099-3000 -j").word(REJECTED),
            as_acme("reject CVE-2099-9999"),
            as_acme("-i reject CVE-2099-1000").typing("n\n"),
            as_acme("undo-reject CVE-2099-1000"),
            as_acme("-i undo-reject CVE-2099-1000").typing("n\n"),
            as_acme("transfer CVE-2099-1000 -n other"),
            as_acme("transfer CVE-2099-1000 --raw --new-cna other"),
            as_acme("-i transfer CVE-2099-1000 -n other").typing("n\n"),
            as_acme("transfer CVE-2099-1000"),
        ],
    );
}

#[test]
fn publish_adp_takes_one_container() {
    let two = r#"{"dataType":"CVE_RECORD","containers":{"adp":[{"title":"a"},{"title":"b"}]}}"#;
    check(
        "cve_publish_adp",
        &[
            as_acme("publish-adp CVE-2099-1000 -j").word(r#"{"title":"a"}"#),
            as_acme("publish-adp CVE-2099-1000 -j").word(two),
            as_acme("-i publish-adp CVE-2099-1000 -j")
                .word(r#"{"title":"a"}"#)
                .typing("n\n"),
            as_acme("publish-adp CVE-2099-1000"),
        ],
    );
}

#[test]
fn users_are_created_changed_and_given_new_keys() {
    check(
        "cve_user",
        &[
            as_acme("user create -u ann --name-first Ann --role ADMIN"),
            as_acme("user create -u ann --raw"),
            as_acme("-i user create -u ann --name-first Ann --name-last Bee").typing("n\n"),
            as_acme("user create"),
            as_acme("user update -u ann --name-last Bee --mark-active --mark-inactive"),
            as_acme("-i user update -u ann --mark-active --name-first Zed").typing("n\n"),
            as_acme("user update -u ann"),
            as_acme("user update -u ann --add-role admin"),
            as_acme("user reset-key -u ann"),
            as_acme("-i user reset-key -u ann").typing("n\n"),
            as_acme("user reset-key"),
        ],
    );
}

#[test]
fn a_key_may_come_from_a_file() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (good, bad) = (folder.join("cve_key"), folder.join("cve_two_keys"));
    std::fs::write(&good, "k3y-of-a-file\n").unwrap();
    std::fs::write(&bad, "one two").unwrap();
    let service = crate::cve_server::Service::start();
    let quota = |file: &PathBuf| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cve"));
        command.env_clear().env("CVE_API_URL", &service.url);
        command.args(["-u", "jack", "-o", "acme", "quota"]);
        command.env("CVE_API_KEY_FILE", file).output().unwrap()
    };
    assert!(quota(&good).status.success());
    assert_eq!(
        service.take_seen(),
        ["GET /api/org/acme/id_quota as k3y-of-a-file acme jack"]
    );
    let refused = quota(&bad);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        !String::from_utf8(refused.stderr)
            .unwrap()
            .contains("one two")
    );
    assert!(service.take_seen().is_empty());
}
