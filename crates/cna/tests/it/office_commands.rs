//! The office of a case, the catalogue, mail and erasure from the command line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use casework::Role;

use crate::data_folder::{DataFolder, REPORT, Serving, run};

/// A folder with one case, led by `ana`, and a triager `tri` on it.
fn with_a_case() -> DataFolder {
    let folder = DataFolder::alone();
    folder.hire("tri", Role::Triager);
    let report = folder.file("report.md", REPORT);
    let mut command = folder.case(&["new", "--as", "ana"]);
    run(command.arg("--from").arg(&report)).answer();
    say(&folder, "ana", &["case", "take", "1"]);
    folder
}

fn say(folder: &DataFolder, person: &str, words: &[&str]) -> String {
    run(&mut folder.cna(person, words)).answer()
}

#[test]
fn a_task_is_made_shown_in_status_and_done() {
    let folder = with_a_case();
    assert_eq!(
        say(
            &folder,
            "ana",
            &["case", "task", "add", "1", "call them", "--owner", "tri"]
        ),
        "Task 1 of case 1: call them.\n"
    );
    let status = say(&folder, "tri", &["status"]);
    assert!(status.contains("Your tasks\n"), "{status}");
    assert!(status.contains("call them (task 1)"), "{status}");
    let done = ["case", "task", "done", "1", "1"];
    assert_eq!(say(&folder, "tri", &done), "Task 1 of case 1 is done.\n");
    assert_eq!(
        say(&folder, "tri", &["case", "task", "list", "1"]),
        "Case 1 has no open task. Make one with `cna case task add 1 TEXT`.\n"
    );
    let all = run(&mut folder.cna("tri", &["case", "task", "list", "1", "--all", "--json"])).json();
    assert_eq!(all["tasks"][0]["ended_by"], "tri");
}

#[test]
fn a_case_is_handed_over_once_the_other_accepts() {
    let folder = with_a_case();
    let offer = [
        "case",
        "hand-over",
        "1",
        "--to",
        "tri",
        "--comment",
        "next: reproduce",
    ];
    assert_eq!(
        say(&folder, "ana", &offer),
        "Offered to tri. You lead case 1 until tri accepts it.\n"
    );
    let owner =
        || run(&mut folder.cna("ana", &["case", "show", "1", "--json"])).json()["owner"].clone();
    assert_eq!(owner(), "ana");
    let shown = say(&folder, "tri", &["case", "hand-over", "1"]);
    assert!(shown.ends_with("UTC: next: reproduce\n"), "{shown}");
    say(&folder, "tri", &["case", "accept", "1"]);
    assert_eq!(owner(), "tri");
}

#[test]
fn a_message_to_the_reporter_is_drafted_and_then_sent() {
    let folder = with_a_case();
    let words = [
        "case",
        "comment",
        "1",
        "We look into it.",
        "--lane",
        "reporter",
    ];
    assert_eq!(
        say(&folder, "ana", &words),
        "Drafted as 1; nothing is sent yet. Send it with `cna case send 1 1`.\n"
    );
    assert_eq!(
        say(&folder, "ana", &["case", "send", "1", "1"]),
        "Draft 1 counts as sent, but nothing was mailed: no mail server is set (`cna mail set`). \
         Send its text yourself.\n"
    );
    let list = say(&folder, "ana", &["case", "outgoing", "1"]);
    assert!(
        list.contains("sent") && list.contains("the reporter"),
        "{list}"
    );
}

#[test]
fn links_members_vendors_and_severity_are_changed_and_shown() {
    let folder = with_a_case();
    let url = "https://git.example.org/issues/7";
    assert_eq!(
        say(&folder, "ana", &["case", "relate", "1", "related", url]),
        format!("Case 1 is related {url}.\n")
    );
    assert!(say(&folder, "ana", &["case", "links", "1"]).contains(url));
    folder.hire("fix", Role::Fixer);
    assert_eq!(
        say(&folder, "ana", &["case", "member", "add", "1", "fix"]),
        "fix is on case 1.\n"
    );
    assert_eq!(
        say(&folder, "ana", &["case", "member", "remove", "1", "fix"]),
        "fix is not on case 1 any more.\n"
    );
    say(
        &folder,
        "ana",
        &[
            "case",
            "vendor",
            "1",
            "Acme",
            "--mail",
            "psirt@acme.example",
        ],
    );
    assert!(say(&folder, "ana", &["case", "vendor", "1"]).contains("psirt@acme.example"));
    assert_eq!(
        say(&folder, "ana", &["case", "severity", "1", "critical"]),
        "Case 1 is critical.\n"
    );
}

#[test]
fn products_are_added_edited_imported_and_removed() {
    let folder = DataFolder::alone();
    let add = [
        "product",
        "add",
        "agent",
        "--vendor",
        "Example",
        "--product",
        "Agent",
        "--version-type",
        "semver",
        "--line",
        "1.29,2026-04-01,,2027-04-01",
    ];
    assert_eq!(say(&folder, "admin", &add), "Added agent.\n");
    say(
        &folder,
        "admin",
        &["product", "edit", "agent", "--delivery", "hosted"],
    );
    let shown = run(&mut folder.cna("admin", &["product", "show", "agent", "--json"])).json();
    assert_eq!(shown["delivery"], "hosted");
    assert_eq!(shown["lines"][0]["end_of_life"], "2027-04-01");
    let csv = "name,vendor,product,version_type,contacts\nlib,Example,Lib,semver,a@example.org b\n";
    let csv = folder.file("products.csv", csv);
    let csv = csv.to_str().unwrap();
    let dry = say(&folder, "admin", &["product", "import", csv, "--dry-run"]);
    assert_eq!(
        dry,
        "Added: lib\nNothing was written: this was a dry run.\n"
    );
    assert!(!say(&folder, "admin", &["product", "list"]).contains("lib"));
    assert_eq!(
        say(&folder, "admin", &["product", "import", csv]),
        "Added: lib\n"
    );
    let toml =
        "[[products]]\nname = \"tool\"\nvendor = \"E\"\nproduct = \"T\"\nversion_type = \"git\"\n";
    let toml = folder.file("products.toml", toml);
    let import = ["product", "import", toml.to_str().unwrap()];
    assert_eq!(say(&folder, "admin", &import), "Added: tool\n");
    assert_eq!(
        say(&folder, "admin", &["product", "remove", "tool"]),
        "Removed tool.\n"
    );
    let purl = ["product", "edit", "agent", "--purl", "npm/agent"];
    let refused = run(&mut folder.cna("admin", &purl));
    assert_eq!(
        refused.mistake(),
        "purl of `agent`: `npm/agent`: a package URL begins with `pkg:` (CVE Record Format, `packageURL`)"
    );
}

/// A mail server that takes one mail.
fn mail_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        stream.write_all(b"220 mail.example\r\n").unwrap();
        let mut in_data = false;
        for line in reader.lines() {
            let line = line.unwrap();
            let answer = match line.as_str() {
                "." => "250 taken\r\n",
                _ if in_data => continue,
                "DATA" => "354 go on\r\n",
                _ => "250 ok\r\n",
            };
            in_data = line == "DATA";
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    port
}

#[test]
fn a_test_mail_says_whether_the_server_took_it() {
    let folder = DataFolder::alone();
    let without = run(&mut folder.cna("admin", &["mail", "test", "--to", "a@example.org"]));
    assert_eq!(
        without.mistake(),
        "mail: no mail server is set: `cna mail set` sets one"
    );
    let port = mail_server().to_string();
    let set = [
        "mail",
        "set",
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--tls",
        "none",
        "--from",
        "desk@example.org",
    ];
    let shown = say(&folder, "admin", &set);
    assert!(
        shown.starts_with(&format!("Server  127.0.0.1:{port} (none)\n")),
        "{shown}"
    );
    assert_eq!(
        say(&folder, "admin", &["mail", "test", "--to", "a@example.org"]),
        "The server took a mail to a@example.org (taken: 250).\n"
    );
}

#[test]
fn reminders_that_are_due_are_listed_with_why_they_wait() {
    let folder = with_a_case();
    let serving = Serving::start(folder.path(), &[]);
    let list = ["clocks", "reminders", "--dry-run", "--json"];
    let found = run(&mut folder.cna("ana", &list)).json();
    for reminder in found["reminders"].as_array().unwrap() {
        assert_eq!(reminder["waits"], "no mail server is set");
    }
    drop(serving);
    let give = say(&folder, "admin", &["clocks", "reminders"]);
    assert_eq!(give, "Mails left to be sent: 0.\n");
}

#[test]
fn an_erased_person_has_another_name_and_the_chain_still_verifies() {
    let folder = with_a_case();
    say(&folder, "tri", &["case", "comment", "1", "quuxly"]);
    let erase = ["person", "erase", "tri", "--reason", "asked"];
    let early = run(&mut folder.cna("admin", &erase));
    assert_eq!(
        early.mistake(),
        "person: `tri` is still there: note first that it has left (`cna person leave`)"
    );
    say(&folder, "admin", &["person", "leave", "tri"]);
    assert_eq!(
        say(&folder, "admin", &erase),
        "Erased; `erased-1` stands where the name was.\n"
    );
    let shown = say(&folder, "ana", &["case", "show", "1", "--json"]);
    assert!(
        !shown.contains("quuxly") && !shown.contains("\"tri\""),
        "{shown}"
    );
    let mut verify = crate::data_folder::cna();
    verify
        .args(["audit", "verify", "--data"])
        .arg(folder.path());
    run(&mut verify).answer();
}
