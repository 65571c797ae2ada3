//! `kill -9` between the recipients of an announcement: started again, each
//! address got its mail once.

use std::time::{Duration, Instant};

use crate::data_folder::{NOW, Serving, cna};
use crate::job_commands::Job;
use crate::smtp::Smtp;

/// Waits until it is as wanted.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The same folder, served again on any port; stands still at a step, if told.
fn restart(job: &mut Job, stop_at: Option<&str>) {
    let mut command = cna();
    command.args(["serve", "--listen", "127.0.0.1:0", "--now", NOW]);
    command.args(["--allow-private-addresses", "--data"]);
    command.arg(job.folder.path()).env("CNA_PACE", "2000");
    if let Some(step) = stop_at {
        let mark = job.folder.path().join("stopped");
        command.env("CNA_STOP_AT", format!("{step}:{}", mark.display()));
    }
    job.serving = Serving::spawn(&mut command);
}

#[test]
fn killed_between_recipients_and_started_again_each_address_gets_the_mail_once() {
    let mut job = Job::start();
    let smtp = Smtp::start(&[]);
    let port = smtp.port.to_string();
    let set = ["mail", "set", "--host", "127.0.0.1", "--tls", "none"];
    let rest = ["--from", "desk@example.org", "--port", &port];
    job.run("admin", &[&set[..], &rest].concat()).answer();
    let id = job.published();
    until("the record is published", || {
        job.json("ana", &["id", "show", &id])["state"] == "PUBLISHED"
    });
    let to = ["one@example.org", "two@example.org", "three@example.org"];
    let list = format!("LIST={}", to.join(","));
    let made = [
        "publish",
        "announce",
        &id,
        "--template",
        "list",
        "--set",
        &list,
    ];
    job.run("ana", &made).answer();
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();

    // It stands still once the first mail is over, and is killed there.
    job.serving.kill();
    restart(&mut job, Some("mail.send.ended"));
    job.run("ana", &["publish", "messages", "send", &id, "list"])
        .answer();
    let mark = job.folder.path().join("stopped");
    until("no mail was sent", || mark.exists());
    assert_eq!(smtp.taken().len(), 1);
    job.serving.kill();

    restart(&mut job, None);
    let fares = |job: &Job| {
        let set = job.json("ana", &["publish", "messages", "list", &id]);
        let texts = set["set"]["announcements"].as_array().unwrap().clone();
        texts.iter().all(|text| text["dispatch"]["state"] == "sent")
    };
    until("a mail was not sent", || fares(&job));
    let mut taken: Vec<String> = smtp.taken().into_iter().map(|mail| mail.to).collect();
    taken.sort();
    let mut expected = to.map(|to| format!("RCPT TO:<{to}>"));
    expected.sort();
    assert_eq!(taken, expected);
}
