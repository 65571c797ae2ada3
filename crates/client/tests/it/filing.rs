//! Filing an issue at a stand-in that answers as the real API does, and finding
//! it again.

use client::{
    Addresses, ApiKey, Filing, IssueFailure, IssueSeen, Issues, NewIssue, Request, Settings,
};
use cve::time::Timestamp;

use crate::server::{Act, Server, json};

const ISSUE: &str = r#"{"number": 41, "title": "PLACEHOLDER ISSUE", "state": "open",
    "labels": [{"name": "kind/bug"}], "body": "text\n<!-- mark-1 -->\n",
    "html_url": "https://github.com/example/agent/issues/41"}"#;

fn request() -> Request {
    let settings = Settings {
        addresses: Addresses::Any,
        ..Settings::default()
    };
    Request::new(settings).unwrap()
}

fn filed(act: Act) -> (Filing, String) {
    let server = Server::start(vec![act]);
    let (request, token) = (request(), ApiKey::new("secret-of-the-tracker"));
    let new = NewIssue {
        title: "PLACEHOLDER ISSUE".into(),
        body: "text\n<!-- mark-1 -->\n".into(),
        labels: vec!["kind/bug".into()],
    };
    let issues = Issues::new(&request, &server.address, Some(&token));
    let filing = issues.file("example/agent", &new);
    (filing, server.seen().concat())
}

fn found(acts: Vec<Act>) -> (Result<Option<IssueSeen>, IssueFailure>, Vec<String>) {
    let server = Server::start(acts);
    let request = request();
    let since: Timestamp = "2026-11-03T12:00:00.500Z".parse().unwrap();
    let issues = Issues::new(&request, &server.address, None);
    let found = issues.find("example/agent", since, Some("desk-bot"), "mark-1");
    (found, server.seen())
}

#[test]
fn a_filed_issue_is_given_with_its_address() {
    let (filing, asked) = filed(json(201, ISSUE));
    let Filing::Filed(seen) = filing else {
        panic!("{filing:?}");
    };
    assert_eq!(seen.html_url, "https://github.com/example/agent/issues/41");
    assert!(
        asked.starts_with("POST /repos/example/agent/issues HTTP/1.1"),
        "{asked}"
    );
    assert!(asked.contains("mark-1"), "{asked}");
    assert!(asked.contains("kind/bug"), "{asked}");
}

#[test]
fn what_was_refused_and_what_may_have_been_done_are_told_apart() {
    let refusal = r#"{"message": "Validation Failed"}"#;
    for status in [401, 403, 404, 410, 422] {
        let (filing, _) = filed(json(status, refusal));
        let Filing::Refused(words) = filing else {
            panic!("{status}: {filing:?}");
        };
        assert!(
            words.contains(&format!("({status}): Validation Failed; ")),
            "{words}"
        );
    }
    for status in [500, 502, 503] {
        let (filing, _) = filed(json(status, refusal));
        assert!(matches!(filing, Filing::Unknown(_)), "{status}: {filing:?}");
    }
    let (filing, _) = filed(json(429, refusal));
    assert!(matches!(filing, Filing::Later(_)), "{filing:?}");
    let (filing, _) = filed(json(201, "no issue"));
    assert!(matches!(filing, Filing::Unknown(_)), "{filing:?}");
}

#[test]
fn an_issue_is_found_by_its_mark_on_whatever_page_it_is() {
    let other = ISSUE.replace("mark-1", "mark-2");
    let full = format!("[{}]", vec![other.as_str(); 100].join(","));
    let last = format!("[{other},{ISSUE}]");
    let (seen, asked) = found(vec![json(200, &full), json(200, &last)]);
    assert_eq!(seen.unwrap().unwrap().number, 41);
    let asked = asked.concat();
    for wanted in [
        "state=all",
        "since=2026-11-03T12%3A00%3A00Z",
        "creator=desk-bot",
        "page=1",
        "page=2",
    ] {
        assert!(asked.contains(wanted), "{wanted} in {asked}");
    }
}

#[test]
fn only_a_list_read_to_its_end_says_that_there_is_no_issue() {
    let other = format!("[{}]", ISSUE.replace("mark-1", "mark-2"));
    assert_eq!(found(vec![json(200, &other)]).0.unwrap(), None);
    assert!(found(vec![json(502, "{}")]).0.is_err());
    assert!(found(vec![json(200, "[{")]).0.is_err());
    let full = format!(
        "[{}]",
        vec![ISSUE.replace("mark-1", "mark-2"); 100].join(",")
    );
    assert!(found(vec![json(200, &full), json(403, "{}")]).0.is_err());
}
