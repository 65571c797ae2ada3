//! `cna case award`, and the private issue of a case.

use crate::job_commands::Job;

const TRACKER: &str = "https://git.example.org/private/issues/7";

#[test]
fn an_award_is_proposed_shown_and_approved_by_somebody_else() {
    let job = Job::start();
    job.drafted();
    let empty = job.run("ana", &["case", "award", "1"]);
    assert_eq!(
        empty.answer(),
        "No award. Propose one with `cna case award 1 AMOUNT --currency CODE`.\n"
    );
    let propose = ["case", "award", "1", "1500", "--currency", "usd"];
    assert_eq!(
        job.run("ana", &propose).answer(),
        "Proposed award 1 of case 1: 1500 USD.\nSomebody else approves it with `cna case award 1 \
         --approve 1`.\n"
    );
    let approve = ["case", "award", "1", "--approve", "1"];
    let ended = job.run("ana", &approve);
    let own = ended.mistake();
    assert!(own.contains("proposed this and cannot approve it"), "{own}");
    assert_eq!(
        job.run("rev", &approve).answer(),
        "Approved award 1 of case 1: 1500 USD.\n"
    );
    let shown = job.run("ana", &["case", "show", "1"]).answer();
    assert!(
        shown.contains("\n  Award     1500 USD, approved by rev\n"),
        "{shown}"
    );
    let list = job.json("ana", &["case", "award", "1"]);
    assert_eq!(list["awards"][0]["state"], "approved");
}

#[test]
fn a_refused_award_says_why() {
    let job = Job::start();
    job.drafted();
    job.run("ana", &["case", "award", "1", "1500", "--currency", "USD"]);
    let bare = job.run("rev", &["case", "award", "1", "--refuse", "1"]);
    assert_ne!(bare.code, Some(0), "{bare:?}");
    let refuse = ["case", "award", "1", "--refuse", "1", "--reason", "known"];
    assert_eq!(
        job.run("rev", &refuse).answer(),
        "Refused award 1 of case 1: 1500 USD.\n"
    );
    let list = job.run("ana", &["case", "award", "1"]).answer();
    assert!(list.ends_with("1 refused because: known\n"), "{list}");
}

#[test]
fn the_private_issue_is_shown_in_the_case_and_stands_in_the_tracking_sheet() {
    let job = Job::start();
    job.drafted();
    let link = ["case", "relate", "1", "tracker", TRACKER];
    let said = job.run("ana", &link).answer();
    assert_eq!(said, format!("Case 1 is tracked at {TRACKER}.\n"));
    let shown = job.run("ana", &["case", "show", "1"]).answer();
    let line = format!("\n  Tracker   {TRACKER} (private)\n");
    assert!(shown.contains(&line), "{shown}");
    let sheet = job.run("ana", &["id", "export"]).answer();
    assert!(sheet.contains(TRACKER), "{sheet}");
}
