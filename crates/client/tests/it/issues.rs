//! Reading a public issue from a stand-in that answers as the real API does.

use client::{Addresses, ApiKey, IssueFailure, IssueSeen, Issues, Request, Settings};

use crate::server::{Act, Server, json, with_headers};

const ISSUE: &str = r#"{
    "id": 3001, "node_id": "I_x", "number": 12345,
    "title": "CVE-1900-10001: a flaw", "state": "closed", "state_reason": "completed",
    "labels": [{"id": 1, "name": "area/security", "color": "ff0000"}, "kind/bug"],
    "html_url": "https://github.com/example/agent/issues/12345",
    "user": {"login": "ann"}, "body": null, "locked": false
}"#;

fn read(act: Act, token: Option<&ApiKey>) -> (Result<IssueSeen, IssueFailure>, String) {
    let server = Server::start(vec![act]);
    let request = Request::new(Settings {
        addresses: Addresses::Any,
        ..Settings::default()
    })
    .unwrap();
    let seen = Issues::new(&request, &server.address, token).read("example/agent", 12345);
    (seen, server.seen().concat())
}

fn sentence(act: Act) -> (String, bool) {
    let failure = read(act, None).0.unwrap_err();
    (failure.to_string(), failure.is_final())
}

#[test]
fn an_issue_is_read_with_its_labels_whatever_their_shape() {
    let (seen, asked) = read(json(200, ISSUE), None);
    let seen = seen.unwrap();
    assert_eq!(seen.title, "CVE-1900-10001: a flaw");
    assert_eq!(seen.labels, ["area/security", "kind/bug"]);
    assert_eq!(
        (seen.state.as_str(), seen.reason.as_str()),
        ("closed", "completed")
    );
    assert_eq!(seen.body, "");
    let asked = asked.to_ascii_lowercase();
    assert!(
        asked.starts_with("get /repos/example/agent/issues/12345 http/1.1"),
        "{asked}"
    );
    assert!(
        asked.contains("accept: application/vnd.github+json"),
        "{asked}"
    );
    assert!(
        asked.contains("x-github-api-version: 2022-11-28"),
        "{asked}"
    );
    assert!(!asked.contains("authorization"), "{asked}");
}

#[test]
fn a_token_is_sent_as_a_bearer_token_and_never_shown() {
    let token = ApiKey::new("secret-of-the-tracker");
    let (seen, asked) = read(
        json(401, "{\"message\": \"Bad credentials\"}"),
        Some(&token),
    );
    assert!(
        asked
            .to_ascii_lowercase()
            .contains("authorization: bearer secret-of-the-tracker"),
        "{asked}"
    );
    let failure = seen.unwrap_err();
    assert!(
        !format!("{failure} {failure:?}").contains("secret-of"),
        "{failure:?}"
    );
    assert_eq!(
        failure.to_string(),
        "the tracker does not take the token (401): set another, or none"
    );
}

#[test]
fn what_is_gone_or_moved_is_said_for_good() {
    let (text, is_final) = sentence(json(404, "{\"message\": \"Not Found\"}"));
    assert!(
        text.starts_with("`example/agent#12345` is not there (404)"),
        "{text}"
    );
    assert!(is_final);
    let (text, is_final) = sentence(json(410, "{}"));
    assert!(text.contains("was deleted (410)"), "{text}");
    assert!(is_final);
    let to = "https://api.github.com/repositories/9/issues/3";
    let (text, is_final) = sentence(with_headers(301, &format!("Location: {to}\r\n"), "{}"));
    assert!(text.contains(&format!("moved (301) to `{to}`")), "{text}");
    assert!(is_final);
    let pull = ISSUE.replace(
        "\"locked\"",
        "\"pull_request\": {\"url\": \"x\"}, \"locked\"",
    );
    let (text, is_final) = sentence(json(200, &pull));
    assert!(text.contains("is a pull request"), "{text}");
    assert!(is_final);
}

#[test]
fn a_limit_says_when_to_ask_again_and_a_refusal_without_one_asks_for_a_token() {
    let headers = "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1793700000\r\n";
    let (text, is_final) = sentence(with_headers(403, headers, "{}"));
    assert!(text.contains("try again at 2026-11-03T"), "{text}");
    assert!(!is_final);
    let (text, _) = sentence(with_headers(403, "Retry-After: 60\r\n", "{}"));
    assert!(text.ends_with("(403): try again in 60 s"), "{text}");
    let (text, _) = sentence(with_headers(429, "", "{}"));
    assert!(text.ends_with("(429): try again later"), "{text}");
    let (text, is_final) = sentence(with_headers(403, "X-RateLimit-Remaining: 12\r\n", "{}"));
    assert!(
        text.contains("may not be read (403): give a token"),
        "{text}"
    );
    assert!(!is_final);
}

#[test]
fn trouble_of_the_tracker_and_other_shapes_are_no_word_about_the_issue() {
    let (text, is_final) = sentence(json(502, "<html>"));
    assert_eq!(text, "the tracker failed (502): try again later");
    assert!(!is_final);
    let (text, is_final) = sentence(json(200, "{\"hello\": true}"));
    assert!(
        text.starts_with("the tracker answered 200 in another shape"),
        "{text}"
    );
    assert!(!is_final);
    let (text, _) = sentence(json(200, &ISSUE.replace("12345,", "1,")));
    assert!(text.contains("with issue 1 instead of 12345"), "{text}");
    let (text, is_final) = sentence(Act::Close);
    assert!(
        text.contains("nothing was changed, so it may be tried again"),
        "{text}"
    );
    assert!(!is_final);
}
