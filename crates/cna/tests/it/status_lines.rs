//! `cna status`: each kind of line, under its head, for whom it is, and gone
//! once the thing is done.

use std::time::{Duration, Instant};

use casework::Role;
use serde_json::{Value, json};

use crate::data_folder::{DataFolder, REPORT, cna, run};
use crate::job_commands::Job;
use crate::practice_authority::PracticeAuthority;
use crate::smtp::Smtp;

/// A folder with one case, filed at the time of the tests.
fn with_a_case() -> DataFolder {
    let folder = DataFolder::alone();
    let report = folder.file("report.md", REPORT);
    let mut command = folder.case(&["new", "--as", "ana"]);
    run(command.arg("--from").arg(&report)).answer();
    folder
}

fn say(folder: &DataFolder, person: &str, words: &[&str]) -> String {
    run(&mut folder.cna(person, words)).answer()
}

/// The lines under `head` in a status.
fn under(status: &str, head: &str) -> Vec<String> {
    let lines = status.lines().skip_while(|line| *line != head).skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The lines under `head` in the status of `person` at the time of the tests.
fn now_under(folder: &DataFolder, person: &str, head: &str) -> Vec<String> {
    under(&say(folder, person, &["status"]), head)
}

/// The same at another time.
fn under_at(folder: &DataFolder, now: &str, head: &str) -> Vec<String> {
    let mut command = cna();
    command.args(["status", "--as", "ana", "--now", now, "--data"]);
    under(&run(command.arg(folder.path())).answer(), head)
}

const STUCK: &str = "Follow-ups that are stuck";
const UNREAD: &str = "Disclosures nobody has read";
const WAITING: &str = "Cases that wait for you";

#[test]
fn a_must_is_due_soon_before_its_end_and_overdue_after_it() {
    let folder = with_a_case();
    say(&folder, "ana", &["case", "event", "1", "id_requested"]);
    // Five business days from Tuesday, 3 November.
    let due = "2026-11-10 23:59";
    for (now, head, other) in [
        ("2026-11-10T20:00:00Z", "Due soon", "Overdue"),
        ("2026-11-11T08:00:00Z", "Overdue", "Due soon"),
    ] {
        let lines = under_at(&folder, now, head);
        let line = lines.iter().find(|line| line.contains("(MUST D-02)"));
        let line = line.unwrap_or_else(|| panic!("{head} at {now}: {lines:?}"));
        assert!(line.starts_with("case 1 \"Node agent follows"), "{line}");
        assert!(line.contains(&format!(", due {due}")), "{line}");
        let others = under_at(&folder, now, other);
        assert!(
            !others.iter().any(|line| line.contains("D-02")),
            "{others:?}"
        );
    }
    let early = under_at(&folder, "2026-11-03T13:00:00Z", "Due soon");
    assert_eq!(early, [] as [String; 0]);
    let answer = ["case", "event", "1", "request_answered"];
    say(&folder, "ana", &answer);
    let late = under_at(&folder, "2026-11-11T08:00:00Z", "Overdue");
    assert_eq!(late, [] as [String; 0]);
}

#[test]
fn an_offer_is_a_line_of_whom_the_case_is_offered_to_until_it_is_accepted() {
    let folder = DataFolder::alone();
    folder.hire("tri", Role::Triager);
    let report = folder.file("report.md", REPORT);
    let report = report.to_str().unwrap();
    say(&folder, "ana", &["case", "new", "--from", report]);
    say(&folder, "ana", &["case", "take", "1"]);
    let comment = "reproduced; next is the vendor";
    let offer = [
        "case",
        "hand-over",
        "1",
        "--to",
        "tri",
        "--comment",
        comment,
    ];
    say(&folder, "ana", &offer);
    let head = "Cases that are offered to you";
    let lines = now_under(&folder, "tri", head);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].ends_with(": accept it from ana"), "{lines:?}");
    assert_eq!(now_under(&folder, "ana", head), [] as [String; 0]);
    say(&folder, "tri", &["case", "accept", "1"]);
    assert_eq!(now_under(&folder, "tri", head), [] as [String; 0]);
}

#[test]
fn a_case_waits_for_the_role_that_takes_the_next_step() {
    let job = Job::start();
    let lines = |person: &str| {
        let status = job.run(person, &["status"]).answer();
        under(&status, WAITING)
    };
    let one = |person: &str, what: &str| {
        let found = lines(person);
        let fits = |line: &&String| line.starts_with("case 1 ") && line.ends_with(what);
        assert_eq!(found.iter().filter(fits).count(), 1, "{what}: {found:?}");
    };
    let none = |person: &str| assert_eq!(lines(person), [] as [String; 0], "{person}");
    let report = job.folder.file("report.md", REPORT);
    let from = report.to_str().unwrap();
    job.run("ana", &["case", "new", "--from", from]).answer();
    one("ana", ": take the case");
    one("rev", ": take the case");
    none("pub");
    job.run("ana", &["case", "take", "1"]).answer();
    one("ana", ": answer the next question of the decision tree");
    let answers = casework::Report::parse(REPORT).unwrap().answers;
    let mut sheet = String::new();
    for (node, given) in &answers {
        sheet.push_str(&format!(
            "{node}: {{value: {}, reason: {}}}\n",
            json!(given.value),
            json!(given.reason)
        ));
    }
    let sheet = job.folder.file("answers.yaml", sheet);
    let sheet = sheet.to_str().unwrap();
    job.run("ana", &["case", "decide", "1", "--answers", sheet]);
    one("ana", ": assign a CVE ID");
    job.run("ana", &["case", "assign", "1", "--year", "1900"])
        .answer();
    let id = job.wait_for_id();
    one("ana", &format!(": write the draft of {id}"));
    job.run("ana", &["draft", "new", &id]).answer();
    one("rev", &format!(": review the draft of {id}"));
    none("ana");
    job.approve(&id);
    none("rev");
    one("pub", ": publish");
}

#[test]
fn a_reservation_of_a_case_that_failed_says_what_the_service_answered() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, "not-the-key");
    folder.reserving_case();
    let ask = |words: &[&str]| run(folder.cna("ana", words).env("CNA_PACE", "300")).answer();
    ask(&["case", "list"]);
    let lines = under(&ask(&["status"]), STUCK);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("case 1 \"Node agent follows")
            && lines[0].contains(": `id.reserve` failed: ")
            && lines[0].contains("401"),
        "{lines:?}"
    );
    // An auditor is not on the case.
    assert_eq!(now_under(&folder, "aud", STUCK), [] as [String; 0]);
    let list: Value = serde_json::from_str(&ask(&["followup", "list", "--json"])).unwrap();
    let id = list["followups"][0]["id"].as_str().unwrap();
    ask(&["followup", "cancel", id, "--reason", "wrong key"]);
    assert_eq!(under(&ask(&["status"]), STUCK), [] as [String; 0]);
}

/// Waits until it is as wanted.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A desk that serves, with a case and a mail server that answers so.
fn mailing(answers: &[&'static str]) -> (Job, Smtp) {
    let smtp = Smtp::start(answers);
    let job = Job::start();
    let port = smtp.port.to_string();
    let words = ["mail", "set", "--host", "127.0.0.1", "--tls", "none"];
    let rest = ["--from", "desk@example.org", "--may-carry-texts", "--port"];
    let words = [&words[..], &rest, &[&port]].concat();
    job.run("admin", &words).answer();
    let report = job.folder.file("report.md", REPORT);
    let from = report.to_str().unwrap();
    job.run("ana", &["case", "new", "--from", from]).answer();
    (job, smtp)
}

fn stuck(job: &Job, person: &str) -> Vec<String> {
    under(&job.run(person, &["status"]).answer(), STUCK)
}

/// A question to the reporter, by mail; gives the follow-up once it is tried.
fn asked_by_mail(job: &Job, smtp: &Smtp) -> String {
    job.run("ana", &["case", "take", "1"]).answer();
    job.run("ana", &["case", "ask", "1", "Which version?"])
        .answer();
    until("the mail was tried", || smtp.taken().len() == 1);
    let list = || job.json("ana", &["followup", "list", "--all"])["followups"].clone();
    let mail = |list: &Value| {
        let rows = list.as_array().unwrap().clone();
        let mut mails = rows.into_iter().filter(|row| row["kind"] == "mail.send");
        mails.next().unwrap()
    };
    until("its end is kept", || mail(&list())["state"] != "pending");
    mail(&list())["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_message_whose_mail_failed_or_was_given_up_stays_until_it_is_sent_by_hand() {
    let (job, smtp) = mailing(&["554 no"]);
    let followup = asked_by_mail(&job, &smtp);
    until("it failed", || !stuck(&job, "ana").is_empty());
    let failed = stuck(&job, "ana");
    assert!(
        failed[0].contains(
            ": the mail with message 1 to the reporter failed: the mail server answered 554"
        ) && failed[0].contains("`cna case send 1 1`"),
        "{failed:?}"
    );
    let reason = ["--reason", "the address is gone"];
    let cancel = ["followup", "cancel", &followup];
    job.run("ana", &[&cancel[..], &reason].concat()).answer();
    let given_up = stuck(&job, "ana");
    assert_eq!(given_up.len(), 1, "{given_up:?}");
    assert!(
        given_up[0].contains(
            ": the mail with message 1 to the reporter was given up (cancelled by ana: the \
             address is gone)"
        ),
        "{given_up:?}"
    );
    job.run("ana", &["case", "send", "1", "1", "--by-hand"])
        .answer();
    assert_eq!(stuck(&job, "ana"), [] as [String; 0]);
}

/// A delivery report of a mail server about the mail of this follow-up.
fn bounce(followup: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@example.org\nMessage-ID: \
         <b-{followup}@mx.example>\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: \
         multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: \
         text/plain\n\nWe are sorry.\n\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; alex@example.org\nAction: \
         failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b\n\
         Content-Type: text/rfc822-headers\n\nMessage-ID: <{followup}@example.org>\n\n--b--\n"
    )
}

#[test]
fn a_mail_to_the_reporter_that_came_back_is_a_line_of_its_case() {
    let (job, smtp) = mailing(&[]);
    let followup = asked_by_mail(&job, &smtp);
    until("it was taken", || {
        let shown = job.json("ana", &["followup", "show", &followup]);
        shown["state"] == "done"
    });
    assert_eq!(stuck(&job, "ana"), [] as [String; 0]);
    let mail = job.folder.file("bounce.eml", bounce(&followup));
    let import = ["case", "import-mail", mail.to_str().unwrap()];
    job.run("ana", &import).answer();
    let lines = stuck(&job, "ana");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("case 1 ") && lines[0].contains("not delivered: 5.1.1, SMTP 550"),
        "{lines:?}"
    );
}

#[test]
fn a_mail_of_no_case_that_came_back_is_a_line_of_who_may_know_of_it() {
    let (job, smtp) = mailing(&[]);
    job.run("admin", &["mail", "test", "--to", "alex@example.org"])
        .answer();
    assert_eq!(smtp.taken().len(), 1);
    let followups = job.json("admin", &["followup", "list", "--all"]);
    let followup = followups["followups"][0]["id"].as_str().unwrap();
    let mail = job.folder.file("bounce.eml", bounce(followup));
    let import = ["case", "import-mail", mail.to_str().unwrap()];
    job.run("ana", &import).answer();
    let lines = stuck(&job, "admin");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("`a mail of no case` failed: not delivered: 5.1.1, SMTP 550")
            && lines[0].contains(&format!("`cna followup retry {followup}`")),
        "{lines:?}"
    );
}

#[test]
fn an_announcement_that_was_given_up_stays_until_somebody_sent_it() {
    let (job, smtp) = mailing(&["554 no"]);
    let id = {
        // The case of the mail server is the one that is published.
        job.run("ana", &["case", "take", "1"]).answer();
        let report = casework::Report::parse(REPORT).unwrap();
        for node in casework::nodes() {
            if let Some(given) = report.answers.get(node.id) {
                let words = ["case", "answer", "1", node.id, &given.value];
                let why = ["--reason", &given.reason];
                job.run("ana", &[&words[..], &why].concat()).answer();
            }
        }
        job.run("ana", &["case", "assign", "1", "--year", "1900"])
            .answer();
        let id = job.wait_for_id();
        job.run("ana", &["draft", "new", &id]).answer();
        job.approve(&id);
        job.run("pub", &["publish", &id]).answer();
        id
    };
    let made = ["publish", "announce", &id, "--template", "list"];
    let to = ["--set", "LIST=one@example.org"];
    job.run("ana", &[&made[..], &to].concat()).answer();
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();
    job.run("ana", &["publish", "messages", "send", &id, "list"])
        .answer();
    until("it failed", || !stuck(&job, "ana").is_empty());
    let list = job.json("ana", &["publish", "messages", "list", &id]);
    let text = list["set"]["announcements"][0]["id"].as_str().unwrap();
    job.run("ana", &["followup", "cancel", text, "--reason", "closed"])
        .answer();
    let lines = stuck(&job, "ana");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let said = format!(
        ": the mail with `list` of {id} to one@example.org was given up (cancelled by ana: closed)"
    );
    assert!(lines[0].contains(&said), "{lines:?}");
    assert_eq!(smtp.taken().len(), 1);
    let by_hand = ["publish", "messages", "sent", &id, "list"];
    job.run("ana", &by_hand).answer();
    assert_eq!(stuck(&job, "ana"), [] as [String; 0]);
}

#[test]
fn what_a_monitor_found_is_a_line_until_somebody_has_read_it() {
    let folder = with_a_case();
    let about = ["--subject", "CVE-1900-20001", "--note", "a list has it"];
    // Found before it is read: a command's clock starts at the time of the tests.
    let at = ["--at", "2026-11-03T11:00:00Z"];
    let hit = [&["case", "event", "1", "monitor_hit"][..], &about, &at].concat();
    say(&folder, "ana", &hit);
    let lines = now_under(&folder, "ana", UNREAD);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0]
            .ends_with(": read what a monitor found on 2026-11-03: CVE-1900-20001 (a list has it)"),
        "{lines:?}"
    );
    let read = [
        "case",
        "event",
        "1",
        "hit_read",
        "--subject",
        "CVE-1900-20001",
    ];
    say(&folder, "ana", &read);
    assert_eq!(now_under(&folder, "ana", UNREAD), [] as [String; 0]);
}

#[test]
fn a_place_that_names_an_id_of_ours_is_a_line_until_somebody_decides_it() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    let ask = |words: &[&str]| run(folder.cna("ana", words).env("CNA_PACE", "300"));
    ask(&["id", "reserve", "1", "--year", "1900"]).answer();
    let id = authority.ids()[0].id.to_string();
    let notes = folder.file("notes.md", format!("one\ntwo {id}\n"));
    let notes = notes.to_str().unwrap();
    assert_eq!(ask(&["id", "watch", notes]).code, Some(1));
    let lines = now_under(&folder, "ana", UNREAD);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let said = format!("read hit 1: {id} is named at {notes}, line 2 (`cna id hits`)");
    assert_eq!(lines[0], said);
    ask(&["id", "hits", "dismiss", "1", "--note", "our own notes"]).answer();
    assert_eq!(now_under(&folder, "ana", UNREAD), [] as [String; 0]);
}

#[test]
fn a_low_pool_is_a_line_of_those_who_may_reserve() {
    let folder = DataFolder::alone();
    folder.hire("tri", Role::Triager);
    let said = "reserve IDs of 2026: 0 in the pool, 3 should be";
    assert_eq!(now_under(&folder, "ana", "Pool"), [said]);
    assert_eq!(now_under(&folder, "tri", "Pool"), [] as [String; 0]);
}

#[test]
fn people_of_whom_no_training_is_noted_are_one_line_of_an_administrator() {
    let folder = DataFolder::alone();
    folder.hire("rev", Role::Reviewer);
    folder.hire("tri", Role::Triager);
    let head = "Trainings that are not noted";
    let lines = now_under(&folder, "admin", head);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let names: Vec<&str> = lines[0].rsplit(": ").next().unwrap().split(", ").collect();
    // The administrator reviews here too; a triager needs no training.
    assert!(
        names.contains(&"ana") && names.contains(&"rev"),
        "{names:?}"
    );
    assert!(
        !names.contains(&"tri") && !names.contains(&"aud"),
        "{names:?}"
    );
    assert_eq!(now_under(&folder, "ana", head), [] as [String; 0]);
    for name in names {
        say(&folder, "admin", &["person", "trained", name]);
    }
    assert_eq!(now_under(&folder, "admin", head), [] as [String; 0]);
}

#[test]
fn the_document_has_the_lines_in_the_order_of_the_page() {
    let folder = with_a_case();
    say(&folder, "ana", &["case", "event", "1", "id_requested"]);
    let mut command = cna();
    command.args(["status", "--json", "--as", "ana", "--data"]);
    command.arg(folder.path());
    let needs = run(command.args(["--now", "2026-11-24T08:00:00Z"])).json();
    let kinds: Vec<&str> = needs["needs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|need| need["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["overdue", "late", "case", "pool"]);
    assert_eq!(needs["needs"][0]["case"], 1);
    assert_eq!(needs["needs"][0]["due"], "2026-11-10T23:59:59.000Z");
}

#[test]
fn the_digest_of_a_day_is_shown_as_it_was_written() {
    let folder = with_a_case();
    let today = say(&folder, "ana", &["status", "--digest"]);
    assert_eq!(under(&today, WAITING).len(), 1, "{today}");
    say(&folder, "ana", &["case", "take", "1"]);
    // It was written once, and is not written anew.
    let again = say(&folder, "ana", &["status", "--digest", "2026-11-03"]);
    assert_eq!(again, today);
    assert_ne!(say(&folder, "ana", &["status"]), today);
    let none = run(&mut folder.cna("ana", &["status", "--digest", "2026-10-01"]));
    assert!(
        none.mistake().starts_with("nothing needed you then"),
        "{none:?}"
    );
    let read = run(&mut folder.cna("ana", &["status", "--digest", "--json"])).json();
    assert_eq!(read["day"], "2026-11-03");
}
