//! Documents that come from the code say what the code says now.
//!
//! `CNA_BLESS=1` writes them anew; the difference is reviewed as code.

use std::path::Path;

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn is_blessed() -> bool {
    std::env::var("CNA_BLESS").is_ok()
}

fn is_current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    if is_blessed() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/{name} is not current: run the tests with CNA_BLESS=1"
    );
}

#[test]
fn the_api_of_the_desk_is_documented_as_it_is() {
    let text = format!(
        "# The desk's REST API\n\nWritten by a test from the table the router is built from; \
         change it there.\n\nRequests carry `Authorization: Bearer TOKEN` or the cookie of a \
         session. A refusal is `{{\"error\": CODE, \"message\": TEXT}}`, with the findings beside \
         them where there are any.\n\n{}",
        web::api_table()
    );
    is_current("api.md", &text);
}

#[test]
fn the_states_of_a_case_are_documented_as_they_are() {
    let text = format!(
        "# States of a case\n\nWritten by a test from the table in the code; change it there. A \
         state follows from what is recorded of a case: where several are named under *to*, the \
         facts decide.\n\n{}",
        casework::diagram()
    );
    is_current("cases.md", &text);
}

#[test]
fn roles_and_permissions_are_documented_as_they_are_enforced() {
    let text = format!(
        "# Roles and permissions\n\nWritten by a test from the table that is enforced; change it \
         there. What a cell limits in words is enforced where the thing is done. Everything about \
         a case also needs that the person is on it: for everybody else it does not exist. A token \
         is good for the scopes it was made with (`cna token new`); a person who signed in may do \
         all its roles may. Root and Secretariat act at the authority and not at a desk. Reporters \
         and distributors are no persons of the desk: they hold links to what is theirs.\n\n{}",
        casework::policy_table()
    );
    is_current("roles.md", &text);
}

#[test]
fn deadlines_and_their_events_are_documented_as_they_are() {
    let mut events = String::new();
    for kind in casework::clocks::EventKind::ALL {
        events.push_str(&format!("| `{kind}` | {} |\n", kind.meaning()));
    }
    let text = format!(
        "# Deadlines\n\nWritten by a test from the tables in the code; change them there.\n\nHours \
         run through nights, weekends and changes of the clock. A business day is Monday to Friday \
         without the holidays of the CNA, in its zone; the day of the event is day 0, and a \
         deadline ends at 23:59:59 of the last day. `cna clocks settings` sets zone, holidays and \
         lengths: a *default* may be any other, every other length only shorter. Rule numbers are \
         those of ruleset 4.2.0; DP2, RBP2 and ICP are policies of the Program, K8S-R and K8S-O \
         those of the Kubernetes committee.\n\nReminders come at 50 % and 75 % of the time, four \
         hours or a business day before the end, and at the end, where the table of the code does \
         not say otherwise.\n\n{}\n## What happens\n\nMuch of it the desk knows by itself: reports, \
         assignments, disclosures, published records, messages in the reporter's lane, who left. \
         The rest is recorded with `cna case event ID EVENT` and `cna clocks record \
         EVENT`.\n\n| event | meaning |\n|---|---|\n{events}",
        casework::clocks::markdown()
    );
    is_current("clocks.md", &text);
}

#[test]
fn the_manual_pages_of_cve_are_as_the_program_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_cve"))
        .arg("man")
        .arg(folder.path())
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.contains(&"cve-user-create.1".to_owned()));
    for name in names {
        let text = std::fs::read_to_string(folder.path().join(&name)).unwrap();
        is_current(&format!("man/{name}"), &text);
    }
}

#[test]
fn the_manual_pages_of_both_programs_are_written_together() {
    let folder = tempfile::tempdir().unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_cna"))
        .arg("man")
        .arg(folder.path())
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
    assert!(folder.path().join("cna.1").exists());
    assert!(folder.path().join("cve-org-users.1").exists());
}
