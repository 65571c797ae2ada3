//! `cna case import-mail`: a Maildir, an mbox, a file of one mail.

use std::process::Command;

use crate::data_folder::{DataFolder, Serving, run};

const REPORT: &str = "From: Alex Beispiel <alex@example.org>\nDate: Mon, 2 Nov 2026 10:00:00 \
                      +0000\nMessage-ID: <one@example.org>\nSubject: Node agent reads any \
                      file\n\nIt follows symlinks.\n";

const ANSWER: &str = "From: alex@example.org\nMessage-ID: <two@example.org>\nIn-Reply-To: \
                      <one@example.org>\nSubject: Re: Node agent\n\nVersion 1.2.3.\n";

fn import(folder: &DataFolder, arguments: &[&str]) -> Command {
    let mut command = folder.case(&["import-mail", "--as", "ana"]);
    command.args(arguments);
    command
}

/// A Maildir with these mails, delivered in this order, the first read.
fn maildir(folder: &DataFolder, mails: &[&str]) -> String {
    let path = folder.path().join("Maildir");
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(path.join(part)).unwrap();
    }
    for (number, mail) in mails.iter().enumerate() {
        let name = format!("17000000{number:02}.M1.host");
        let file = match number {
            0 => path.join("cur").join(format!("{name}:2,S")),
            _ => path.join("new").join(name),
        };
        std::fs::write(file, mail).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

fn mbox(folder: &DataFolder, mails: &[&str]) -> String {
    let text: String = mails
        .iter()
        .map(|mail| format!("From x Tue Nov  3 10:00:00 2026\n{mail}\n"))
        .collect();
    folder.file("box", text).to_str().unwrap().to_owned()
}

#[test]
fn a_maildir_is_taken_in_once_and_answers_go_to_their_case() {
    let folder = DataFolder::alone();
    let path = maildir(&folder, &[REPORT, ANSWER]);
    let said = run(&mut import(&folder, &[&path])).answer();
    assert!(
        said.contains(":2,S: case 1, R-2026-000001: Node agent reads any file\n"),
        "{said}"
    );
    assert!(
        said.contains(": an answer, in case 1: Re: Node agent\n"),
        "{said}"
    );
    let sum = "1 case new, 1 answer added to their cases, 0 passed over, 0 failed.\n";
    assert!(said.ends_with(sum), "{said}");
    let again = run(&mut import(&folder, &[&path, "--json"])).json();
    assert_eq!(again["passed_over"], 2);
    assert_eq!(again["mails"][0]["fate"], "known");
    assert_eq!(again["mails"][1]["case"], 1);
    let case = run(&mut folder.case(&["show", "1", "--as", "ana", "--json"])).json();
    assert_eq!(case["report"]["reporter"]["name"], "Alex Beispiel");
    assert_eq!(case["received"], "2026-11-02T10:00:00.000Z");
    assert!(
        case["messages"][1]["body"]
            .as_str()
            .unwrap()
            .ends_with("Version 1.2.3.")
    );
}

#[test]
fn what_a_machine_wrote_is_put_aside_with_the_reason() {
    let folder = DataFolder::alone();
    let away = "From: alex@example.org\nAuto-Submitted: auto-replied\nMessage-ID: \
                <three@example.org>\nIn-Reply-To: <one@example.org>\nSubject: Away\n\nI am away.\n";
    let path = maildir(&folder, &[REPORT, away]);
    let said = run(&mut import(&folder, &[&path])).answer();
    assert!(
        said.contains(": put aside, a machine wrote it (`Auto-Submitted`)"),
        "{said}"
    );
    let sum = "Of machines: 1 mail put aside, 0 mails of ours not delivered (`cna status`).\n";
    assert!(said.ends_with(sum), "{said}");
    let case = run(&mut folder.case(&["show", "1", "--as", "ana", "--json"])).json();
    assert_eq!(case["messages"].as_array().unwrap().len(), 1);
    let again = run(&mut import(&folder, &[&path, "--json"])).json();
    assert_eq!(again["aside"], 1);
}

#[test]
fn a_dry_run_sees_the_answers_within_an_mbox_and_takes_nothing_in() {
    let folder = DataFolder::alone();
    let path = mbox(&folder, &[REPORT, ANSWER, REPORT]);
    let said = run(&mut import(&folder, &[&path, "--dry-run", "--json"])).json();
    let fates: Vec<_> = said["mails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["fate"].clone())
        .collect();
    assert_eq!(fates, ["case", "reply", "known"]);
    assert_eq!(said["dry_run"], true);
    let list = run(&mut folder.case(&["list", "--as", "ana", "--json"])).json();
    assert_eq!(list["cases"].as_array().unwrap().len(), 0);
    let taken = run(&mut import(&folder, &[&path, "--product", "node-agent"])).answer();
    assert!(taken.contains(", message 1: case 1, "), "{taken}");
    let case = run(&mut folder.case(&["show", "1", "--as", "ana", "--json"])).json();
    assert_eq!(case["product"], "node-agent");
}

#[test]
fn a_mail_that_cannot_be_read_is_named_and_the_others_are_taken_in() {
    let folder = DataFolder::alone();
    let path = mbox(&folder, &["X-Nothing: y\n\nwords\n", REPORT]);
    let ended = run(&mut import(&folder, &[&path]));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.stderr.contains("box, message 1: mail: it is no mail"),
        "{ended:?}"
    );
    assert!(
        ended
            .stderr
            .ends_with("error: 1 of 2 mails could not be taken in\n"),
        "{ended:?}"
    );
    assert!(
        ended.stdout.contains("message 2: case 1, R-2026-000001"),
        "{ended:?}"
    );
}

#[test]
fn a_file_that_is_refused_is_named_with_the_reason() {
    let folder = DataFolder::alone();
    let mail = "From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n\
                --b\n\nWords.\n--b\nContent-Type: application/octet-stream; name=run.me\n\
                Content-Transfer-Encoding: base64\n\nf0VMRgIBAQA=\n--b--\n";
    let path = folder.file("one.eml", mail);
    let said = run(&mut import(&folder, &[path.to_str().unwrap()])).answer();
    assert!(
        said.contains("  not kept: `run.me` is of a kind that is not taken"),
        "{said}"
    );
    assert!(said.contains("1 case new"), "{said}");
}

#[test]
fn what_is_no_mailbox_is_said_before_a_mail_is_read() {
    let folder = DataFolder::alone();
    let report = folder.file("one.eml", REPORT);
    let report = report.to_str().unwrap();
    let missing = run(&mut import(&folder, &[report, "nowhere"]));
    assert_eq!(missing.mistake(), "there is no file or folder `nowhere`");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let ended = run(&mut import(&folder, &[report, empty.to_str().unwrap()]));
    assert!(
        ended.mistake().contains("neither `new` nor `cur`"),
        "{ended:?}"
    );
    let unknown = run(&mut import(&folder, &[report, "--product", "x"]));
    assert!(
        unknown.mistake().contains("is not in the catalogue"),
        "{unknown:?}"
    );
    let auditor = run(folder.case(&["import-mail", report]).args(["--as", "aud"]));
    assert!(
        auditor.mistake().contains("may not file a report"),
        "{auditor:?}"
    );
    let list = run(&mut folder.case(&["list", "--as", "ana", "--json"])).json();
    assert_eq!(list["cases"].as_array().unwrap().len(), 0);
}

#[test]
fn killed_between_two_mails_and_run_again_every_mail_is_one_case() {
    let folder = DataFolder::alone();
    let serving = Serving::start(folder.path(), &[]);
    let mails: Vec<String> = (0..40)
        .map(|n| {
            format!("From: a@example.org\nMessage-ID: <{n}@x>\nSubject: flaw {n}\n\nWords {n}.\n")
        })
        .collect();
    let mails: Vec<&str> = mails.iter().map(String::as_str).collect();
    let path = mbox(&folder, &mails);
    let mut first = import(&folder, &[&path]);
    let mut child = first.stdout(std::process::Stdio::piped()).spawn().unwrap();
    // It is killed once it has said that one mail is in.
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    assert!(line.contains("case 1"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
    // Two at once finish the work.
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| run(&mut import(&folder, &[&path, "--json"])));
        let other = run(&mut import(&folder, &[&path, "--json"]));
        (one.join().unwrap(), other)
    });
    assert_eq!(
        (one.code, other.code),
        (Some(0), Some(0)),
        "{one:?} {other:?}"
    );
    let list = run(&mut folder.case(&["list", "--as", "ana", "--json"])).json();
    let mut titles: Vec<_> = list["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles.dedup();
    assert_eq!(
        (titles.len(), list["cases"].as_array().unwrap().len()),
        (40, 40)
    );
    drop(serving);
}
