//! `cna case write`, and what becomes of what is sent.

use crate::data_folder::run;
use crate::job_commands::Job;

#[test]
fn a_letter_is_shown_and_leaves_only_when_it_is_sent() {
    let job = Job::start();
    job.drafted();
    let written = job.run("ana", &["case", "write", "1", "--template", "first-answer"]);
    let written = written.answer();
    assert!(written.starts_with("Hello Alex Beispiel,\n"), "{written}");
    assert!(
        written.ends_with("Drafted as 1; nothing is sent yet. Send it with `cna case send 1 1`.\n"),
        "{written}"
    );
    let sent = job.run("ana", &["case", "send", "1", "1", "--by-hand"]);
    assert_eq!(sent.answer(), "Draft 1 is sent by hand by ana.\n");
    let list = job.json("ana", &["case", "outgoing", "1"]);
    assert_eq!(list["outgoing"][0]["state"], "sent");
    assert_eq!(list["outgoing"][0]["dispatch"]["state"], "by_hand");
}

#[test]
fn a_word_that_is_missing_is_named_with_how_to_give_it() {
    let job = Job::start();
    job.drafted();
    let write = ["case", "write", "1", "--template", "need-info"];
    let ended = job.run("ana", &write);
    assert!(
        ended
            .mistake()
            .contains("`$QUESTION` is empty: set it with `--set QUESTION=…`"),
        "{ended:?}"
    );
    let given = [&write[..], &["--set", "QUESTION=Which version?"]].concat();
    let letter = run(job.command("ana", &given).arg("--json")).json();
    assert_eq!(letter["number"], 1);
    assert!(
        letter["body"]
            .as_str()
            .unwrap()
            .contains("\nWhich version?\n")
    );
    let wrong = [&write[..], &["--set", "QUESTION"]].concat();
    let ended = job.run("ana", &wrong);
    assert!(ended.mistake().contains("expected NAME=TEXT"), "{ended:?}");
}
