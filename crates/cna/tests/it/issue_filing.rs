//! `cna publish issue --file`: once, also when the desk is killed between the
//! tracker's acceptance and its own commit.

use std::time::{Duration, Instant};

use crate::data_folder::{NOW, Serving, cna};
use crate::hub::{Hub, Mischief};
use crate::job_commands::Job;

/// A desk whose public issues are at the hub, and an ID with an approved
/// placeholder.
fn approved(hub: &Hub) -> (Job, String) {
    let job = Job::start();
    let id = job.drafted();
    let token = job.folder.file("tracker-token", "secret-of-the-tracker\n");
    let set = [
        "organisation",
        "tracker",
        "--repository",
        "example/agent",
        "--api",
        &hub.api,
        "--api-token-file",
        token.to_str().unwrap(),
    ];
    job.run("admin", &set).answer();
    let made = ["publish", "announce", &id, "--template", "placeholder"];
    job.run("ana", &made).answer();
    (job, id)
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The same folder, served again; stands still at a step, if told.
fn restart(job: &mut Job, stop_at: Option<&str>) {
    job.serving.kill();
    let mut command = cna();
    command.args(["serve", "--listen", "127.0.0.1:0", "--now", NOW]);
    command.args(["--allow-private-addresses", "--data"]);
    command.arg(job.folder.path()).env("CNA_PACE", "500");
    if let Some(step) = stop_at {
        let mark = job.folder.path().join("stopped");
        command.env("CNA_STOP_AT", format!("{step}:{}", mark.display()));
    }
    job.serving = Serving::spawn(&mut command);
}

fn is_filed(job: &Job, id: &str) -> bool {
    let set = job.json("ana", &["publish", "messages", "list", id]);
    set["set"]["announcements"][0]["dispatch"]["state"] == "sent"
}

#[test]
fn the_placeholder_is_filed_once_it_is_approved_and_looked_at_without_its_address() {
    let hub = Hub::start(&[]);
    let (job, id) = approved(&hub);
    let file = ["publish", "issue", &id, "--file"];
    let early = job.run("ana", &file);
    assert!(early.mistake().contains("is not approved"), "{early:?}");
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();
    assert_eq!(
        job.run("ana", &file).answer(),
        format!(
            "The placeholder issue of {id} is on its way to `example/agent`.\nSee it with `cna \
             publish issue {id}`.\n"
        )
    );
    until("nothing was filed", || is_filed(&job, &id));
    let seen = job.run("ana", &["publish", "issue", &id]).answer();
    assert!(
        seen.starts_with("https://github.com/example/agent/issues/41\n"),
        "{seen}"
    );
    let twice = job.run("ana", &file);
    assert!(twice.mistake().contains("already"), "{twice:?}");
    assert_eq!(hub.filings(), 1);
}

#[test]
fn killed_after_the_tracker_filed_it_and_started_again_there_is_one_issue() {
    let hub = Hub::start(&[]);
    let (mut job, id) = approved(&hub);
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();
    restart(&mut job, Some("issue.file.answered"));
    job.run("ana", &["publish", "issue", &id, "--file"])
        .answer();
    let mark = job.folder.path().join("stopped");
    until("nothing was asked of the tracker", || mark.exists());
    assert_eq!(hub.issues().len(), 1);
    assert!(!is_filed(&job, &id), "the desk does not know it yet");
    restart(&mut job, None);
    until("the issue was not found", || is_filed(&job, &id));
    assert_eq!((hub.issues().len(), hub.filings()), (1, 1));
}

#[test]
fn killed_before_the_tracker_was_asked_and_started_again_there_is_one_issue() {
    let hub = Hub::start(&[]);
    let (mut job, id) = approved(&hub);
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();
    restart(&mut job, Some("issue.file.noted"));
    job.run("ana", &["publish", "issue", &id, "--file"])
        .answer();
    let mark = job.folder.path().join("stopped");
    until("it did not come so far", || mark.exists());
    assert_eq!(hub.filings(), 0);
    restart(&mut job, None);
    until("the issue was not filed", || is_filed(&job, &id));
    assert_eq!((hub.issues().len(), hub.filings()), (1, 1));
}

#[test]
fn a_tracker_in_trouble_is_asked_again_and_has_one_issue() {
    for trouble in [Mischief::Silence, Mischief::AfterIt(504)] {
        let hub = Hub::start(&[Mischief::Instead(503), trouble]);
        let (mut job, id) = approved(&hub);
        job.run("rev", &["publish", "messages", "approve", &id])
            .answer();
        restart(&mut job, None);
        job.run("ana", &["publish", "issue", &id, "--file"])
            .answer();
        until("the issue was not filed", || is_filed(&job, &id));
        assert_eq!((hub.issues().len(), hub.filings()), (1, 2));
    }
}
