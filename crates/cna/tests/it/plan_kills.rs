//! `kill -9` while a plan waits for its hour, and again in the middle of what
//! it began: the authority gets the record once, and nothing is left over.
//!
//! One step chosen by `CNA_SEED`, every step with `CNA_LONG=1`.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::data_folder::{Serving, cna};
use crate::desk_process::SERVER_LIMIT_MS;
use crate::job_commands::Job;
use crate::kills::PUBLISH_STEPS;

/// Long before the hour of the plan, and a second before it.
const BEFORE: &str = "2026-11-03T11:30:00Z";
const A_SECOND_BEFORE: &str = "2026-11-03T11:59:59Z";

/// The hour of the plan, as people type it, and a time long after it.
const HOUR: &str = "2026-11-03T12:00";
const AFTER: &str = "2026-11-03T12:10:00Z";

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A `cna serve` at a time, on one port through all its lives.
fn serve(port: u16, now: &str) -> Command {
    let mut command = cna();
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--now", now]);
    command.env("CNA_PACE", SERVER_LIMIT_MS.to_string());
    command
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The same folder, served from another time on.
fn restart(job: &mut Job, port: u16, now: &str, stop_at: Option<&str>) {
    let mut command = serve(port, now);
    command.arg("--allow-private-addresses");
    command.arg("--data").arg(job.folder.path());
    if let Some(step) = stop_at {
        let mark = job.folder.path().join("stopped");
        command.env("CNA_STOP_AT", format!("{step}:{}", mark.display()));
    }
    job.serving = Serving::spawn(&mut command);
}

fn plan_state(job: &Job, id: &str) -> String {
    let plans = job.json("pub", &["publish", "show", id]);
    let all = plans["plans"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{plans}");
    all[0]["state"].as_str().unwrap().to_owned()
}

fn job(step: &str) {
    let port = free_port();
    let mut job = Job::start_with(serve(port, BEFORE));
    let id = job.drafted();
    job.approve(&id);
    let plan = ["publish", &id, "--at", HOUR, "--zone", "UTC"];
    job.run("pub", &plan).answer();
    assert_eq!(plan_state(&job, &id), "scheduled");
    job.serving.kill();

    // It waits on in the database, begins at its hour, and is killed at work.
    restart(&mut job, port, A_SECOND_BEFORE, Some(step));
    let mark = job.folder.path().join("stopped");
    wait(&format!("{step} was not reached"), || mark.exists());
    job.serving.kill();

    restart(&mut job, port, AFTER, None);
    wait(&format!("{step}: it was not published"), || {
        job.json("ana", &["id", "show", &id])["state"] == "PUBLISHED"
    });
    assert_eq!(plan_state(&job, &id), "begun", "{step}");
    let sent = job.authority.sent();
    let published = sent.iter().filter(|one| one.record_id() == Some(&id));
    assert_eq!(published.count(), 1, "{step}: {sent:?}");
    let sync = job.json("ana", &["id", "sync"]);
    let differences = &sync["accounts"][0]["differences"];
    assert_eq!(differences, &serde_json::json!([]), "{step}: {sync}");
}

#[test]
fn a_plan_killed_while_it_waits_and_at_work_publishes_once() {
    if variable("CNA_LONG").is_some() {
        for step in PUBLISH_STEPS {
            job(step);
        }
        return;
    }
    let seed: usize = variable("CNA_SEED").map_or(3, |seed| seed.parse().unwrap());
    job(PUBLISH_STEPS[seed % PUBLISH_STEPS.len()]);
}
