//! `--dry-run`, `--diff`, and the bulk forms.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};

use crate::cve_mischief::Mischief::{self, StatusOnly};
use crate::cve_mischief::{Mischievous, failed, record, said};

const ID: &str = "CVE-2099-1000";

fn container(title: &str) -> Value {
    json!({
        "providerMetadata": {"orgId": "f972b356-145d-4b2e-9a5c-b114d0982a3b"},
        "x_generator": {"engine": "mine"}, "title": title,
        "descriptions": [{"lang": "en", "value": "A flaw."}],
        "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}],
        "references": [{"url": "https://example.org/a"}],
    })
}

/// A desk of one test: a service, and a home that remembers what was seen.
struct Desk {
    service: Mischievous,
    home: PathBuf,
}

impl Desk {
    fn new(name: &str, live: Option<Value>) -> Desk {
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cve_{name}"));
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).unwrap();
        let service = Mischievous::start(&[]);
        service.state.lock().unwrap().record = live;
        Desk { service, home }
    }

    fn cve(&self, words: &[&str]) -> Output {
        let mut command = self.service.command(words);
        command.env("XDG_STATE_HOME", &self.home).output().unwrap()
    }

    fn publish(&self, container: &Value, options: &[&str]) -> Output {
        let text = container.to_string();
        self.cve(&[&["publish", ID, "-j", &text], options].concat())
    }

    fn live_title(&self) -> String {
        let state = self.service.state.lock().unwrap();
        let title = &state.record.as_ref().unwrap()["containers"]["cna"]["title"];
        title.as_str().unwrap().to_owned()
    }
}

#[test]
fn a_rehearsal_shows_the_request_and_sends_none() {
    let desk = Desk::new("rehearsal", None);
    for words in [
        &["reserve", "-y", "2099", "2", "--dry-run"][..],
        &["--dry-run", "reserve", "-y", "2099", "2"],
        &["--dry-run", "-i", "reserve", "-y", "2099", "2"],
    ] {
        assert_eq!(
            said(&desk.cve(words)),
            format!(
                "Dry run: nothing was sent. The request would be:\n\nPOST {}cve-id?cve_year=2099\
                 &amount=2&short_name=acme&batch_type=sequential\n",
                desk.service.url
            )
        );
    }
    for words in [
        &["reject", ID, "--dry-run"][..],
        &["undo-reject", ID, "--dry-run"],
        &["transfer", ID, "-n", "other", "--dry-run"],
        &["user", "create", "-u", "ann", "--dry-run"],
        &["user", "update", "-u", "ann", "--mark-active", "--dry-run"],
        &["user", "reset-key", "-u", "ann", "--dry-run"],
    ] {
        assert!(said(&desk.cve(words)).starts_with("Dry run: nothing was sent."));
    }
    assert_eq!(desk.service.changes(), 0);
}

#[test]
fn a_rehearsal_of_publishing_knows_whether_it_would_create_or_update() {
    let desk = Desk::new("rehearsed_publish", None);
    let request = |output: &Output| -> Value { serde_json::from_str(&said(output)).unwrap() };
    let new = request(&desk.publish(&container("A"), &["--dry-run", "--raw"]));
    assert_eq!(new["method"], "POST");
    assert_eq!(new["body"]["cnaContainer"]["title"], "A");
    said(&desk.publish(&container("A"), &[]));
    let update = request(&desk.publish(&container("B"), &["--dry-run", "--raw"]));
    assert_eq!(update["method"], "PUT");
    assert_eq!(desk.live_title(), "A");
}

#[test]
fn a_record_that_was_never_seen_here_is_not_overwritten() {
    let desk = Desk::new("never_seen", Some(record(ID, &container("Theirs"))));
    let text = failed(&desk.publish(&container("Ours"), &["--diff"]));
    assert!(text.contains("~ /title: \"Theirs\" → \"Ours\""), "{text}");
    assert!(text.contains("was never seen here"), "{text}");
    assert_eq!(desk.service.changes(), 0);
    // Without --diff nothing is new: it is overwritten, as ever.
    said(&desk.publish(&container("Ours"), &[]));
    assert_eq!(desk.live_title(), "Ours");
}

#[test]
fn a_record_that_was_looked_at_may_be_overwritten_until_it_changes() {
    let desk = Desk::new("looked_at", Some(record(ID, &container("One"))));
    said(&desk.publish(&container("Two"), &["--diff", "--dry-run"]));
    said(&desk.publish(&container("Two"), &["--diff"]));
    // What we published ourselves we have seen.
    said(&desk.publish(&container("Three"), &["--diff"]));
    said(&desk.publish(&container("Four"), &[]));
    said(&desk.publish(&container("Five"), &["--diff"]));
    desk.service.state.lock().unwrap().record = Some(record(ID, &container("Someone else's")));
    let text = failed(&desk.publish(&container("Six"), &["--diff"]));
    assert!(
        text.contains("changed since it was last seen here"),
        "{text}"
    );
    assert_eq!(desk.live_title(), "Someone else's");
    said(&desk.publish(&container("Six"), &["--diff", "--force"]));
    assert_eq!(desk.live_title(), "Six");
}

#[test]
fn a_document_taken_from_the_service_brings_what_was_seen() {
    let live = record(ID, &container("One"));
    let desk = Desk::new("stamped", Some(live.clone()));
    let mut edited = live["containers"]["cna"].clone();
    edited["title"] = json!("Two");
    said(&desk.publish(&edited, &["--diff"]));
    assert_eq!(desk.live_title(), "Two");
    let mut newer = record(ID, &container("Newer"));
    newer["containers"]["cna"]["providerMetadata"]["dateUpdated"] = json!("2099-03-01T00:00:00Z");
    desk.service.state.lock().unwrap().record = Some(newer);
    failed(&desk.publish(&edited, &["--diff"]));
    assert_eq!(desk.live_title(), "Newer");
}

#[test]
fn what_the_record_already_says_is_not_sent_again() {
    let desk = Desk::new("same", Some(record(ID, &container("One"))));
    assert_eq!(
        said(&desk.publish(&container(" One "), &["--diff"])),
        format!("{ID} already says this; nothing was sent.\n")
    );
    assert_eq!(desk.service.changes(), 0);
}

fn folder(desk: &Desk, files: &[(&str, String)]) -> String {
    let folder = desk.home.join("records");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_folder_is_published_file_by_file() {
    let desk = Desk::new("folder", None);
    let full = record("CVE-2099-1001", &container("B"));
    let folder = folder(
        &desk,
        &[
            ("CVE-2099-1000.json", container("A").to_string()),
            ("other.json", full.to_string()),
            ("notes.txt", "not a record".to_owned()),
        ],
    );
    // The service holds one record only, so the second is an update there.
    let text = said(&desk.cve(&["publish", &folder]));
    assert_eq!(text, "CVE-2099-1000  created\nCVE-2099-1001  updated\n");
    let lines = said(&desk.cve(&["publish", &folder, "--dry-run", "--raw"]));
    for method in ["POST", "PUT"] {
        let sent = format!("\"method\": \"{method}\"");
        assert_eq!(lines.matches(&sent).count(), 1, "{method} in {lines}");
    }
}

#[test]
fn nothing_of_a_folder_is_sent_when_one_file_is_wrong() {
    let desk = Desk::new("wrong_folder", None);
    let folder = folder(
        &desk,
        &[
            ("CVE-2099-1000.json", container("A").to_string()),
            ("CVE-2099-1001.json", container("").to_string()),
            ("CVE-2099-1002.json", "{".to_owned()),
            ("nameless.json", container("C").to_string()),
            ("same.json", record(ID, &container("D")).to_string()),
        ],
    );
    let text = failed(&desk.cve(&["publish", &folder]));
    for part in [
        "/title: the text has 0 characters",
        "CVE-2099-1001.json`: its findings stand above",
        "CVE-2099-1002.json` is not valid JSON",
        "nameless.json`: it names no CVE ID",
        "same.json`: CVE-2099-1000 is in another file, too",
        "4 of 5 files cannot be published, so nothing was sent",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert_eq!(desk.service.changes(), 0);
}

#[test]
fn a_record_of_a_folder_that_fails_keeps_no_other_back() {
    let desk = Desk::new("failing_folder", None);
    let folder = folder(
        &desk,
        &[
            ("CVE-2099-1000.json", container("A").to_string()),
            ("CVE-2099-1001.json", container("B").to_string()),
        ],
    );
    let service = Mischievous::start(&[StatusOnly(403, ""), Mischief::None]);
    let desk = Desk { service, ..desk };
    let text = failed(&desk.cve(&["publish", &folder]));
    assert!(text.contains("CVE-2099-1000  failed\n"), "{text}");
    assert!(text.contains("CVE-2099-1001  created\n"), "{text}");
    assert!(text.contains("1 of 2 records were not published"), "{text}");
}

#[test]
fn reserved_ids_are_printed_as_lines_of_json() {
    let desk = Desk::new("lines", None);
    let text = said(&desk.cve(&["reserve", "-y", "2099", "3", "--json-lines"]));
    let ids: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = ids
        .iter()
        .map(|id| id["cve_id"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["CVE-2099-1000", "CVE-2099-1001", "CVE-2099-1002"]);
}
