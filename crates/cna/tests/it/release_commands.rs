//! Releasing by commands: votes, the emergency override, a leak, the
//! announcements by mail, the data map, the public side made again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

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

/// Tells the desk of a mail server that is the test's.
fn set_mail(job: &Job, smtp: &Smtp) {
    let port = smtp.port.to_string();
    let words = ["mail", "set", "--host", "127.0.0.1", "--tls", "none"];
    let rest = ["--from", "desk@example.org", "--port", &port];
    job.run("admin", &[&words[..], &rest].concat()).answer();
}

/// How the texts of the newest set fare: recipient and state.
fn fares(job: &Job, id: &str) -> Vec<(String, String)> {
    let set = job.json("ana", &["publish", "messages", "list", id]);
    let texts = set["set"]["announcements"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    texts
        .iter()
        .map(|one| (text(&one["to"]), text(&one["dispatch"]["state"])))
        .collect()
}

/// A published record, and an approved set of the list mail to two addresses.
fn announced(job: &Job) -> String {
    let id = job.published();
    let made = ["publish", "announce", &id, "--template", "list"];
    let to = ["--set", "LIST=one@example.org,two@example.org"];
    job.run("ana", &[&made[..], &to].concat()).answer();
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();
    id
}

#[test]
fn two_of_two_approve_before_a_revision_is_approved() {
    let job = Job::start();
    let second = ["person", "add", "ren", "--role", "reviewer"];
    job.run("admin", &second).answer();
    job.run("admin", &["review", "rule", "--approvals", "2"])
        .answer();
    let id = job.drafted();
    let approve = ["review", "approve", &id, "--take", "REC-040-PRIVATE=known"];
    let first = job.run("rev", &approve).answer();
    assert!(first.contains("It needs more: 1 of 2"), "{first}");
    // Whether it is refused or kept, it is no second person's.
    let _ = job.run("rev", &approve);
    let votes = job.json("ana", &["review", "votes", &id]);
    assert_eq!(
        votes["approved"],
        json!(false),
        "one person counts once: {votes}"
    );
    let early = job.run("pub", &["publish", &id]);
    assert_eq!(early.code, Some(1), "{early:?}");
    let last = job.run("ren", &approve).answer();
    assert!(last.contains("Publish it with"), "{last}");
    let votes = job.json("ana", &["review", "votes", &id]);
    assert_eq!(votes["approved"], json!(true), "{votes}");
}

#[test]
fn an_override_leaves_a_review_to_be_done_and_is_never_for_rejecting() {
    let job = Job::start();
    let id = job.drafted();
    let words = ["review", "override", &id, "--reason", "it is exploited now"];
    let reject = job.run("admin", &[&words[..], &["--for", "reject"]].concat());
    let refusal = "the emergency override is never available for rejecting a published record";
    assert!(reject.mistake().contains(refusal), "{reject:?}");
    let votes = job.json("ana", &["review", "votes", &id]);
    assert_eq!(votes["approved"], json!(false), "{votes}");
    let said = job.run("admin", &words).answer();
    assert!(said.contains("within one business day"), "{said}");
    let status = job.run("rev", &["status"]).answer();
    assert!(status.contains("D-33"), "{status}");
    let own = ["review", "after", &id, "--comment", "it was right"];
    assert_eq!(job.run("admin", &own).code, Some(1));
    job.run("rev", &own).answer();
    let status = job.run("rev", &["status"]).answer();
    assert!(!status.contains("D-33"), "{status}");
}

#[test]
fn a_leak_turns_a_plan_into_now_and_says_what_is_missing() {
    let job = Job::start();
    let id = job.drafted();
    let leak = ["case", "leak", "1", "--url", "https://example.org/paste"];
    let said = job.run("ana", &leak).answer();
    assert!(said.contains("PC-07"), "what is missing: {said}");
    assert!(said.contains("Its state is DISCLOSED."), "{said}");
    job.approve(&id);
    let later = ["publish", &id, "--at", "2026-11-20T16:00", "--zone", "UTC"];
    job.run("pub", &later).answer();
    let plan = job.json("pub", &["publish", "show", &id]);
    assert_eq!(plan["plans"][0]["state"], "scheduled", "{plan}");
    let report = job.json("ana", &leak);
    assert_eq!(report["begin_now"], json!([id]), "{report}");
    until("the record is published", || {
        let case = job.json("ana", &["case", "show", "1"]);
        case["state"] == "PUBLISHED"
    });
}

#[test]
fn the_portal_made_again_is_the_same_byte_for_byte() {
    let job = Job::start();
    let id = job.published();
    let request = client::Request::new(client::Settings {
        addresses: client::Addresses::Any,
        ..client::Settings::default()
    })
    .unwrap();
    let get = |path: &str| {
        let answer = request
            .send(&client::Call {
                method: client::Method::Get,
                url: format!("{}{path}", job.serving.address),
                headers: Vec::new(),
                json: None,
            })
            .unwrap();
        (answer.status, answer.body)
    };
    let paths = |body: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(body).into_owned();
        let links = text.split("href=\"/").skip(1);
        links
            .filter_map(|rest| rest.split('"').next())
            .map(|path| format!("/{path}"))
            .collect()
    };
    // Everything the front page and the advisories lead to.
    let mut public = vec!["/".to_owned()];
    for _ in 0..2 {
        for path in public.clone() {
            public.extend(paths(&get(&path).1));
        }
        public.sort();
        public.dedup();
    }
    let advisories = |path: &String| path.starts_with("/advisories/");
    assert!(public.iter().any(advisories), "{public:?}");
    let before: Vec<_> = public.iter().map(|path| get(path)).collect();
    assert!(
        before
            .iter()
            .any(|(_, body)| String::from_utf8_lossy(body).contains(&id))
    );
    let said = job.run("admin", &["portal", "rebuild"]).answer();
    assert!(said.starts_with("Made 1 advisories and "), "{said}");
    for (path, before) in public.iter().zip(before) {
        assert!(before == get(path), "{path} differs");
    }
}

#[test]
fn the_data_map_has_a_document_for_each_pull_request_in_the_order_given() {
    let job = Job::start();
    let id = job.drafted();
    let words = ["publish", "datamap", &id, "--pr", "101", "--pr", "102"];
    let issue = ["--issue", "https://example.org/issues/7"];
    let said = job.run("ana", &[&words[..], &issue].concat()).answer();
    let numbers: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("pr: "))
        .collect();
    assert_eq!(numbers, ["101", "102"]);
    assert_eq!(said.matches(&format!("id: \"{id}\"")).count(), 2, "{said}");
}

#[test]
fn a_mail_that_failed_is_shown_as_failed_and_no_other_is_sent_twice() {
    let smtp = Smtp::start(&["554 no"]);
    let job = Job::start();
    set_mail(&job, &smtp);
    let id = announced(&job);
    let send = ["publish", "messages", "send", &id, "list"];
    job.run("ana", &send).answer();
    let ended = |job: &Job| fares(job, &id).iter().all(|(_, state)| state != "waiting");
    until("both mails have ended", || ended(&job));
    let list = job
        .run("ana", &["publish", "messages", "list", &id])
        .answer();
    assert!(
        list.contains("failed: the mail server answered 554"),
        "{list}"
    );
    assert!(list.contains("mail it once more with"), "{list}");
    let status = job.run("ana", &["status"]).answer();
    assert!(
        status.contains("failed: the mail server answered 554; mail it once more"),
        "{status}"
    );
    job.run("ana", &send).answer();
    until("the other is sent too", || {
        fares(&job, &id).iter().all(|(_, state)| state == "sent")
    });
    let tries: Vec<_> = smtp
        .taken()
        .into_iter()
        .map(|mail| (mail.header("Message-ID").to_owned(), mail.to))
        .collect();
    assert_eq!(tries.len(), 3, "{tries:?}");
    assert_eq!(tries[0], tries[2], "only the refused one went again");
    assert_ne!(tries[0], tries[1]);
    let more = job.run("ana", &send);
    assert!(more.mistake().contains("it was sent already"), "{more:?}");
}
