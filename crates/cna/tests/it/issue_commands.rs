//! `cna publish issue` and `cna organisation`, against a stand-in for the
//! tracker.

use serde_json::{Value, json};

use crate::job_commands::Job;
use crate::tracker::Tracker;

const PLACEHOLDER: [&str; 5] = [
    "triage/accepted",
    "lifecycle/frozen",
    "area/security",
    "kind/bug",
    "committee/security-response",
];

const PUBLIC: [&str; 5] = [
    "area/security",
    "kind/bug",
    "committee/security-response",
    "official-cve-feed",
    "sig/node",
];

const URL: &str = "https://github.com/example/agent/issues/7";

/// A desk of the profile whose issues are at the stand-in.
fn start() -> (Job, Tracker) {
    let (job, tracker) = (Job::start(), Tracker::start());
    let rule = ["review", "rule", "--profile", "kubernetes"];
    job.run("admin", &rule).answer();
    let token = job.folder.file("tracker-token", "secret-of-the-tracker\n");
    let set = job.run(
        "admin",
        &[
            "organisation",
            "tracker",
            "--repository",
            "example/agent",
            "--api",
            &tracker.api,
            "--api-token-file",
            token.to_str().unwrap(),
        ],
    );
    let expected = format!(
        "Issues      example/agent at {}, with a token\n",
        tracker.api
    );
    assert_eq!(set.answer(), expected);
    (job, tracker)
}

/// How an item of the checklist stands, and its evidence.
fn item(job: &Job, id: &str, wanted: &str) -> (String, String) {
    let mut command = job.command("ana", &["publish", "check", id, "--json"]);
    let ended = crate::data_folder::run(&mut command);
    let list: Value = serde_json::from_str(&ended.stdout).unwrap();
    let items = list["checklist"].as_array().unwrap();
    let found = items.iter().find(|item| item["id"] == wanted).unwrap();
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    (text("state"), text("evidence"))
}

#[test]
fn the_issue_is_looked_at_before_and_after_the_disclosure() {
    let (job, tracker) = start();
    let id = job.drafted();
    let look = ["publish", "issue", &id, "--url", URL];
    tracker.shows("Node agent follows links", &PLACEHOLDER[1..], "open", None);
    let ended = job.run("ana", &look);
    assert_eq!(
        ended.mistake(),
        format!("the issue of {id} is not as it must be: K-01")
    );
    assert!(
        ended.stdout.contains("`triage/accepted` is missing"),
        "{}",
        ended.stdout
    );
    assert_eq!(item(&job, &id, "K-01").0, "open");

    tracker.shows("PLACEHOLDER ISSUE", &PLACEHOLDER, "open", None);
    let seen = job.run("ana", &["publish", "issue", &id]).answer();
    assert!(
        seen.contains("before the disclosure, for revision 1"),
        "{seen}"
    );
    assert_eq!(item(&job, &id, "K-01").0, "done");
    assert_eq!(item(&job, &id, "K-02").1, "the advisory is not public yet");

    job.approve(&id);
    job.run("pub", &["publish", &id]).answer();
    assert_eq!(item(&job, &id, "K-01").0, "done");
    assert!(
        item(&job, &id, "K-02")
            .1
            .contains("before the advisory was public")
    );

    tracker.shows(&format!("{id}: links are followed"), &PUBLIC, "open", None);
    job.run("ana", &["publish", "issue", &id]).answer();
    for (wanted, state) in [("K-02", "done"), ("K-03", "done"), ("K-04", "open")] {
        assert_eq!(item(&job, &id, wanted).0, state, "{wanted}");
    }
    let title = format!("{id}: links are followed");
    tracker.shows(&title, &PUBLIC, "closed", Some("completed"));
    let seen = job.json("ana", &["publish", "issue", &id]);
    assert_eq!(seen["feed"], json!({"ids": [id], "status": "fixed"}));
    assert_eq!(item(&job, &id, "K-04").0, "done");
    tracker.shows(&title, &PUBLIC, "closed", Some("not_planned"));
    let ended = job.run("ana", &["publish", "issue", &id]);
    assert_eq!(
        ended.mistake(),
        format!("the issue of {id} is not as it must be: K-04")
    );
}

#[test]
fn a_look_sends_the_issue_and_nothing_of_the_case() {
    let (job, tracker) = start();
    let id = job.drafted();
    tracker.shows("PLACEHOLDER ISSUE", &PLACEHOLDER, "open", None);
    job.run("ana", &["publish", "issue", &id, "--url", URL])
        .answer();
    let heads = tracker.heads();
    assert_eq!(heads.len(), 1);
    let head = heads[0].to_ascii_lowercase();
    assert!(
        head.starts_with("get /repos/example/agent/issues/7 http/1.1"),
        "{head}"
    );
    assert!(
        head.contains("authorization: bearer secret-of-the-tracker"),
        "{head}"
    );
    assert!(!head.contains("cve-") && !head.contains("node"), "{head}");
    let shown = job.run("admin", &["organisation", "show"]).answer();
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn a_tracker_in_trouble_leaves_the_evidence_and_one_without_the_issue_ends_it() {
    let (job, tracker) = start();
    let id = job.drafted();
    let look = ["publish", "issue", &id];
    let unknown = job.run("ana", &look);
    assert_eq!(
        unknown.mistake(),
        format!("url: no issue of {id} is known: give its address")
    );
    tracker.shows("PLACEHOLDER ISSUE", &PLACEHOLDER, "open", None);
    job.run("ana", &["publish", "issue", &id, "--url", "7"])
        .answer();
    for (status, headers, words) in [
        (502, "", "the tracker failed (502)"),
        (
            403,
            "X-RateLimit-Remaining: 0\r\n",
            "answers no more requests",
        ),
        (401, "", "does not take the token"),
    ] {
        tracker.answers(status, headers, &json!({}));
        let ended = job.run("ana", &look);
        assert!(ended.mistake().contains(words), "{ended:?}");
        assert_eq!(item(&job, &id, "K-01").0, "done", "{status}");
    }
    tracker.answers(
        301,
        "Location: https://api.github.com/repositories/9\r\n",
        &json!({}),
    );
    let ended = job.run("ana", &look);
    assert!(ended.mistake().contains("moved (301)"), "{ended:?}");
    let (state, evidence) = item(&job, &id, "K-01");
    assert_eq!(state, "open");
    assert!(evidence.contains("moved (301)"), "{evidence}");
}

#[test]
fn the_organisation_is_named_and_changed_field_by_field() {
    let job = Job::start();
    let shown = job.run("admin", &["organisation", "show"]).answer();
    assert_eq!(
        shown,
        "Short name  example\nName        Example\nAccount     practice\n\
         Issues      no repository is set (`cna organisation tracker --repository OWNER/NAME`)\n"
    );
    job.run("admin", &["organisation", "set", "--name", "Example Org"])
        .answer();
    let shown = job.json("admin", &["organisation", "show"]);
    assert_eq!(
        shown["organisation"],
        json!({"short_name": "example", "name": "Example Org", "account": "practice"})
    );
    let refused = job.run("ana", &["organisation", "set", "--name", "Mine"]);
    assert!(
        refused.mistake().contains("`ana` may not administer"),
        "{refused:?}"
    );
}
