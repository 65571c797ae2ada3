//! `cna id reject`, `year-end`, `watch` and `sync --mend` against a real
//! authority behind a door that misbehaves.

use std::process::Command;

use casework::Role;
use serde_json::{Value, json};

use crate::data_folder::{DataFolder, Ended, NOW, cna, run, run_with_input};
use crate::practice_authority::{Mischief, PracticeAuthority};

fn command(folder: &DataFolder, person: &str, words: &[&str]) -> Command {
    let mut command = cna();
    command
        .args(words)
        .args(["--now", NOW, "--as", person, "--data"]);
    command.arg(folder.path()).env("CNA_PACE", "300");
    command
}

fn asked(folder: &DataFolder, person: &str, words: &[&str]) -> Value {
    run(command(folder, person, words).arg("--json")).json()
}

/// A folder whose desk has a reviewer and a publisher, and IDs in its pool.
fn pooled(authority: &PracticeAuthority, count: &str) -> (DataFolder, Vec<String>) {
    let folder = DataFolder::new(&authority.url, &authority.key);
    folder.hire("rev", Role::Reviewer);
    folder.hire("pub", Role::Publisher);
    let order = ["id", "reserve", count, "--sequential", "--year", "1900"];
    asked(&folder, "ana", &order);
    let ids = asked(&folder, "ana", &["id", "list"])["ids"].clone();
    let ids = ids.as_array().unwrap().iter();
    let ids = ids.map(|id| id["cve_id"].as_str().unwrap().to_owned());
    (folder, ids.collect())
}

fn approved(folder: &DataFolder, made: &Value) -> String {
    let number = made["number"].to_string();
    let digest = made["digest"].as_str().unwrap();
    let said = ["id", "approve", &number, "--digest", digest];
    assert_eq!(asked(folder, "rev", &said)["state"], "approved");
    number
}

fn state(folder: &DataFolder, id: &str) -> Value {
    asked(folder, "ana", &["id", "show", id])["state"].clone()
}

fn synced(folder: &DataFolder) -> Ended {
    run(&mut command(folder, "ana", &["id", "sync"]))
}

#[test]
fn a_rejection_whose_answer_is_lost_is_done_once_and_nothing_differs() {
    for mischief in [Mischief::Silent, Mischief::Error, Mischief::Refuses] {
        let authority = PracticeAuthority::start(&[Mischief::None, mischief]);
        let (folder, ids) = pooled(&authority, "1");
        let id = &ids[0];
        let made = asked(&folder, "ana", &["id", "reject", id, "--reason", "unused"]);
        let number = approved(&folder, &made);
        asked(&folder, "pub", &["id", "proceed", &number]);
        assert_eq!(state(&folder, id), "REJECTED_UNUSED", "{mischief:?}");
        let sent = &authority.record(id)["containers"]["cna"]["rejectedReasons"];
        let container = &made["document"]["container"]["rejectedReasons"];
        assert_eq!(sent, container, "{mischief:?}");
        let ended = synced(&folder);
        assert_eq!(ended.code, Some(0), "{mischief:?}: {ended:?}");
        let again = run(&mut command(&folder, "pub", &["id", "proceed", &number]));
        assert!(again.mistake().contains("is done"), "{again:?}");
    }
}

#[test]
fn an_id_rejected_by_state_alone_is_reserved_again_when_it_is_reinstated() {
    let authority = PracticeAuthority::start(&[]);
    let (folder, ids) = pooled(&authority, "1");
    let id = &ids[0];
    let words = ["id", "reject", id, "--reason", "unused", "--state-only"];
    let made = asked(&folder, "ana", &words);
    asked(
        &folder,
        "pub",
        &["id", "proceed", &approved(&folder, &made)],
    );
    assert_eq!(state(&folder, id), "REJECTED_UNUSED");
    assert!(authority.has_no_record(id));
    assert_eq!(synced(&folder).code, Some(0));
    let words = ["id", "reinstate", id, "--reason", "needed after all"];
    let made = asked(&folder, "ana", &words);
    asked(
        &folder,
        "pub",
        &["id", "proceed", &approved(&folder, &made)],
    );
    assert_eq!(state(&folder, id), "POOL");
    assert_eq!(synced(&folder).code, Some(0));
}

#[test]
fn what_somebody_else_rejected_is_found_and_mended() {
    let authority = PracticeAuthority::start(&[]);
    let (folder, ids) = pooled(&authority, "2");
    // A second desk of the same account rejects an ID that the first has.
    let other = DataFolder::new(&authority.url, &authority.key);
    other.hire("rev", Role::Reviewer);
    other.hire("pub", Role::Publisher);
    asked_found(&other, &["id", "sync", "--mend"], 0);
    let made = asked(
        &other,
        "ana",
        &["id", "reject", &ids[0], "--reason", "unused"],
    );
    asked(&other, "pub", &["id", "proceed", &approved(&other, &made)]);
    let found = asked_found(&folder, &["id", "sync"], 1);
    let differences = &found["accounts"][0]["differences"];
    assert_eq!(differences[0]["cve_id"], ids[0].as_str());
    assert_eq!(differences[0]["kind"], "state");
    assert_eq!(differences.as_array().unwrap().len(), 1);
    let mended = asked_found(&folder, &["id", "sync", "--mend"], 0);
    assert_eq!(mended["mended"][0]["is_done"], true);
    assert_eq!(state(&folder, &ids[0]), "REJECTED_UNUSED");
    assert_eq!(synced(&folder).code, Some(0));
}

fn asked_found(folder: &DataFolder, words: &[&str], code: i32) -> Value {
    let ended = run(command(folder, "ana", words).arg("--json"));
    assert_eq!(ended.code, Some(code), "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn a_record_that_changed_behind_our_back_holds_the_rejection() {
    let authority = PracticeAuthority::start(&[]);
    let (folder, ids) = pooled(&authority, "1");
    let id = &ids[0];
    let made = asked(&folder, "ana", &["id", "reject", id, "--reason", "unused"]);
    let number = approved(&folder, &made);
    // Somebody else rejects it first, with another text.
    let other = DataFolder::new(&authority.url, &authority.key);
    other.hire("rev", Role::Reviewer);
    other.hire("pub", Role::Publisher);
    asked_found(&other, &["id", "sync", "--mend"], 0);
    let text = "DO NOT USE THIS CVE RECORD. Consult IDs: none. Reason: The CNA did not use it and \
                it was not needed. Notes: none.";
    let words = ["id", "reject", id, "--reason", "unused", "--text", text];
    let theirs = asked(&other, "ana", &words);
    asked(
        &other,
        "pub",
        &["id", "proceed", &approved(&other, &theirs)],
    );
    asked(&folder, "pub", &["id", "proceed", &number]);
    let waiting = asked(&folder, "ana", &["followup", "list"])["followups"].clone();
    assert_eq!(waiting[0]["state"], "held", "{waiting}");
    let sent = &authority.record(id)["containers"]["cna"]["rejectedReasons"][0]["value"];
    assert_eq!(*sent, text);
    assert_eq!(state(&folder, id), "POOL");
}

#[test]
fn a_year_ends_by_commands_and_its_list_is_written_as_csv() {
    let authority = PracticeAuthority::start(&[]);
    let (folder, ids) = pooled(&authority, "3");
    let csv = folder.path().join("list.csv");
    let mut make = command(
        &folder,
        "ana",
        &["id", "year-end", "1900", "--no-more-wanted"],
    );
    let stand = run(make.arg("--json").arg("--csv").arg(&csv)).json();
    assert_eq!(stand["counts"], json!({"U": 3}));
    let text = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(
        text.contains(&format!("{},U,reject,unused", ids[0])),
        "{text}"
    );
    let number = approved(&folder, &stand["proposal"]);
    asked(&folder, "pub", &["id", "proceed", &number]);
    let stand = asked(&folder, "ana", &["id", "year-end", "1900"]);
    assert_eq!((&stand["rejected"], &stand["left"]), (&json!(3), &json!(0)));
    assert_eq!(synced(&folder).code, Some(0));
}

#[test]
fn watching_finds_our_reserved_ids_once_in_files_folders_and_standard_input() {
    let authority = PracticeAuthority::start(&[]);
    let (folder, ids) = pooled(&authority, "2");
    let watched = tempfile::tempdir().unwrap();
    std::fs::create_dir(watched.path().join(".git")).unwrap();
    std::fs::write(watched.path().join(".git/HEAD"), &ids[1]).unwrap();
    let dashed = ids[0].to_lowercase().replace('-', "\u{2011}");
    std::fs::write(
        watched.path().join("notes.md"),
        format!("a\nfix {dashed}.\n"),
    )
    .unwrap();
    let place = watched.path().to_str().unwrap();
    let found = asked_found(&folder, &["id", "watch", place], 1);
    assert_eq!(found["new"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["new"][0]["cve_id"], ids[0].as_str());
    assert_eq!(found["new"][0]["line"], 2);
    let again = asked_found(&folder, &["id", "watch", place], 0);
    assert_eq!((&again["new"], &again["known"]), (&json!([]), &json!(1)));
    let mut watch = command(&folder, "ana", &["id", "watch", "-", "--json"]);
    let piped = run_with_input(&mut watch, format!("CVE-1900-99999 {}", ids[1]).as_bytes());
    assert_eq!(piped.code, Some(1), "{piped:?}");
    let number = found["new"][0]["number"].to_string();
    let words = ["id", "hits", "dismiss", &number, "--note", "a test"];
    assert_eq!(asked(&folder, "ana", &words)["state"], "dismissed");
    let left = asked(&folder, "ana", &["id", "hits", "list"]);
    assert_eq!(left["hits"].as_array().unwrap().len(), 1);
}

#[test]
fn an_address_at_a_private_host_is_not_read_unless_it_is_allowed() {
    let folder = DataFolder::alone();
    let ended = run(&mut command(
        &folder,
        "ana",
        &["id", "watch", "http://127.0.0.1:9/"],
    ));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("not read"), "{ended:?}");
}

#[test]
fn a_low_pool_is_refilled_within_the_quota_and_a_full_one_is_not() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    let set = run(command(&folder, "admin", &["id", "refill", "auto"]).arg("--json")).json();
    assert_eq!(set["refill"], "auto");
    // The authority has not opened this year: the order stays and is not
    // made twice.
    assert_eq!(asked(&folder, "ana", &["id", "refill"])["amount"], 3);
    assert_eq!(asked(&folder, "ana", &["id", "refill"])["amount"], 0);
}
