//! How requests and answers travel.

use std::io::Write as _;
use std::net::TcpStream;

use authority::{RateLimit, RateLimits, Settings};
use serde_json::json;

use crate::server::{container, each, each_with};

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn paths_are_found_in_any_case_and_all_else_is_404() {
    each(
        "paths_are_found_in_any_case_and_all_else_is_404",
        |server| {
            for (method, path, status) in [
                ("GET", "/api/health-check", 200),
                ("GET", "/API/Health-Check/", 200),
                ("HEAD", "/api/health-check", 200),
                ("GET", "/api/health-check//", 404),
                ("POST", "/api/health-check", 404),
                ("DELETE", "/api/org/acme", 404),
                ("PATCH", "/api/cve/CVE-2099-0001", 404),
                ("GET", "/api/nope", 404),
                ("GET", "/", 404),
            ] {
                let answer = server.ask(None, method, path);
                assert_eq!(answer.status, status, "{method} {path}");
                if status == 404 && method != "HEAD" {
                    let body = json!({"error": "NOT_FOUND", "message": "404: resource not found"});
                    assert_eq!(answer.json(), body);
                }
            }
            assert_eq!(server.ask(&server.cna, "GET", "/api/cve-id/").status, 200);
        },
    );
}

#[test]
fn a_path_that_cannot_be_decoded_is_told_without_its_signs() {
    each("a_path_that_cannot_be_decoded_is_told", |server| {
        let answer = server.ask(None, "GET", "/api/cve/%E0%A4%A");
        assert_eq!(
            (answer.status, answer.error()),
            (400, "INVALID_JSON_SYNTAX".into())
        );
        assert_eq!(answer.message(), "Failed to decode param E0A4A");
    });
}

#[test]
fn bodies_are_read_before_anyone_is_asked_who_they_are() {
    each("bodies_are_read_before_anyone_is_asked", |server| {
        let post = |headers: &[(&str, &str)], body: &[u8]| {
            server.send(None, "POST", "/api/cve/CVE-2099-0001/cna", headers, body)
        };
        for body in [&b"{\"a\":"[..], b"\"x\"", b"null", b"  "] {
            assert_eq!(post(&[JSON], body).error(), "INVALID_JSON_SYNTAX");
        }
        let gzip = post(&[JSON, ("content-encoding", "gzip")], b"abc");
        assert_eq!(gzip.message(), "content encoding unsupported");
        let charset = ("content-type", "application/json; charset=foo");
        assert_eq!(
            post(&[charset], b"{}").message(),
            "unsupported charset \"FOO\""
        );
        let large = post(&[JSON, ("content-length", "3984589")], b"{");
        assert_eq!(
            (large.status, large.error()),
            (413, "RECORD_TOO_LARGE".into())
        );
        assert_eq!(large.message(), "Records must be less than 3.8MB.");
        // What is fine so far is asked for its key.
        for (headers, body) in [
            (&[JSON][..], &b"{}"[..]),
            (&[JSON], b"\xef\xbb\xbf{}"),
            (&[JSON], b""),
            (&[("content-type", "text/plain")], b"{"),
        ] {
            assert_eq!(post(headers, body).error(), "BAD_REQUEST");
        }
    });
}

#[test]
fn json_without_a_body_counts_as_an_empty_object() {
    each("json_without_a_body_counts_as_an_empty_object", |server| {
        let own = Some(&server.cna);
        let listed = server.send(own, "GET", "/api/cve-id", &[JSON], b"");
        assert_eq!(listed.status, 200);
        let id = server.reserve(&server.cna, 1).remove(0);
        let path = format!("/api/cve-id/{id}?state=REJECTED&org=acme");
        let length = ("content-length", "0");
        assert_eq!(
            server.send(own, "PUT", &path, &[JSON, length], b"").status,
            200
        );
    });
}

#[test]
fn a_form_creates_a_user_as_json_does() {
    each("a_form_creates_a_user_as_json_does", |server| {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let body = b"username=formuser&name[first]=F+G&authority[active_roles][]=ADMIN";
        let path = "/api/org/acme/user";
        let answer = server
            .send(Some(&server.sec), "POST", path, &[form], body)
            .json();
        assert_eq!(answer["created"]["name"]["first"], "F G");
        assert_eq!(
            answer["created"]["authority"]["active_roles"],
            json!(["ADMIN"])
        );
    });
}

#[test]
fn browsers_may_ask_from_anywhere() {
    each("browsers_may_ask_from_anywhere", |server| {
        let asked = ("access-control-request-headers", "cve-api-key,content-type");
        let answer = server.send(None, "OPTIONS", "/any/path", &[asked], b"");
        assert_eq!(answer.status, 204);
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            (
                "access-control-allow-methods",
                "GET,HEAD,PUT,PATCH,POST,DELETE",
            ),
            ("access-control-allow-headers", "cve-api-key,content-type"),
            ("vary", "Access-Control-Request-Headers"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("x-frame-options"), None);
        let answer = server.ask(None, "GET", "/api/nope");
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            ("cache-control", "no-store"),
            ("content-type", "application/json; charset=utf-8"),
            ("x-frame-options", "SAMEORIGIN"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
    });
}

#[test]
fn a_known_body_is_not_sent_again() {
    each("a_known_body_is_not_sent_again", |server| {
        let id = server.publish(&server.cna);
        let path = format!("/api/cve/{id}");
        let first = server.ask(None, "GET", &path);
        let tag = first.header("etag").unwrap();
        assert!(tag.starts_with("W/\""), "{tag}");
        let again = server.send(None, "GET", &path, &[("if-none-match", tag)], b"");
        assert_eq!((again.status, again.body.len()), (304, 0));
        let head = server.ask(None, "HEAD", &path);
        assert_eq!((head.status, head.body.len()), (200, 0));
        let length = first.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()));
    });
}

#[test]
fn a_record_that_changed_is_sent_again_and_one_that_did_not_is_not() {
    each("a_record_that_changed_is_sent_again", |server| {
        let id = server.publish(&server.cna);
        let path = format!("/api/cve/{id}");
        let first = server.ask(None, "GET", &path);
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        for method in ["GET", "HEAD"] {
            let known = [("if-none-match", tag.as_str())];
            let same = server.send(None, method, &path, &known, b"");
            assert_eq!((same.status, same.body.len()), (304, 0), "{method}");
            assert_eq!(same.header("etag"), Some(tag.as_str()));
        }
        let other = [("if-none-match", "W/\"0-0\"")];
        assert_eq!(server.send(None, "GET", &path, &other, b"").status, 200);
        let missing = server.send(None, "GET", "/api/cve/CVE-2099-9999", &other, b"");
        assert_eq!(missing.status, 404);
        let body = container().to_string();
        let update = format!("{path}/cna");
        let updated = server.send(Some(&server.cna), "PUT", &update, &[JSON], body.as_bytes());
        assert_eq!(updated.status, 200);
        let known = [("if-none-match", tag.as_str())];
        let changed = server.send(None, "GET", &path, &known, b"");
        assert_eq!(changed.status, 200);
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
    });
}

#[test]
fn an_update_is_seen_at_once_however_often_the_record_was_asked_for() {
    each("an_update_is_seen_at_once", |server| {
        let id = server.publish(&server.cna);
        let path = format!("/api/cve/{id}");
        let mut tag = server
            .ask(None, "GET", &path)
            .header("etag")
            .unwrap()
            .to_owned();
        for revision in 2..5 {
            for _ in 0..10 {
                let known = [("if-none-match", tag.as_str())];
                let same = server.send(None, "GET", &path, &known, b"");
                assert_eq!(
                    (same.status, same.header("etag")),
                    (304, Some(tag.as_str()))
                );
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            let body = container().to_string();
            let update = format!("{path}/cna");
            let updated = server.send(Some(&server.cna), "PUT", &update, &[JSON], body.as_bytes());
            assert_eq!(updated.status, 200);
            let known = [("if-none-match", tag.as_str())];
            let changed = server.send(None, "GET", &path, &known, b"");
            assert_eq!(changed.status, 200);
            tag = changed.header("etag").unwrap().to_owned();
            assert!(tag.starts_with(&format!("W/\"{revision}-")), "{tag}");
        }
    });
}

#[test]
fn a_key_is_counted_once_however_long_the_request_takes() {
    let settings = Settings {
        rate_limits: RateLimits {
            key: Some(RateLimit {
                window_seconds: 60,
                max_requests: 6,
            }),
            ..RateLimits::default()
        },
        ..Settings::default()
    };
    each_with("a_key_is_counted_once", settings, |server| {
        // Lists of more than 50 IDs are begun anew on another thread.
        let reserve = "/api/cve-id?amount=60&batch_type=sequential&cve_year=2099&short_name=acme";
        let quota = "/api/org/acme?id_quota=100";
        let secretariat = &server.sec;
        assert_eq!(server.ask(secretariat, "PUT", quota).status, 200);
        assert_eq!(server.ask(&server.cna, "POST", reserve).status, 200);
        for _ in 0..5 {
            assert_eq!(server.ask(&server.cna, "GET", "/api/cve-id").status, 200);
        }
        assert_eq!(server.ask(&server.cna, "GET", "/api/cve-id").status, 429);
    });
}

#[test]
fn a_client_over_its_limit_is_told_when_to_come_back() {
    let settings = Settings {
        rate_limits: RateLimits {
            address: Some(RateLimit {
                window_seconds: 60,
                max_requests: 2,
            }),
            ..RateLimits::default()
        },
        ..Settings::default()
    };
    each_with("a_client_over_its_limit_is_told", settings, |server| {
        let path = "/api/cve/CVE-1900-0001";
        let answer = server.ask(None, "GET", path);
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("ratelimit-remaining"), Some("1"));
        // Both endpoints share the limit, and it counts before any check.
        assert_eq!(server.ask(None, "GET", "/api/cve-id/foo").status, 400);
        let over = server.ask(None, "GET", path);
        assert_eq!(
            (over.status, over.error()),
            (429, "TOO_MANY_REQUESTS".into())
        );
        assert_eq!(over.header("retry-after"), Some("60"));
        assert_eq!(server.ask(&server.cna, "GET", "/api/cve-id").status, 200);
    });
}

#[test]
fn a_client_that_hangs_up_in_the_middle_harms_nobody() {
    each(
        "a_client_that_hangs_up_in_the_middle_harms_nobody",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            let body = container().to_string();
            let who = &server.cna;
            let request = format!(
                "POST /api/cve/{id}/cna HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
             content-length: {}\r\ncve-api-org: acme\r\ncve-api-user: {}\r\ncve-api-key: {}\r\n\r\n{body}",
                body.len(),
                who.username,
                who.key
            );
            for length in [10, 60, request.len() - 20, request.len() - 1] {
                let mut stream = TcpStream::connect(server.address).unwrap();
                stream.write_all(&request.as_bytes()[..length]).unwrap();
            }
            // Half a request stores nothing; the next whole one is served.
            assert_eq!(
                server.ask(None, "GET", &format!("/api/cve/{id}")).status,
                404
            );
            let answer = server.say(who, "POST", &format!("/api/cve/{id}/cna"), &container());
            assert_eq!(answer.status, 200, "{answer:?}");
        },
    );
}

#[test]
fn deep_nesting_is_refused_and_does_not_end_the_server() {
    each("deep_nesting_is_refused", |server| {
        let body = "[".repeat(100_000);
        let answer = server.send(None, "POST", "/api/org", &[JSON], body.as_bytes());
        assert_eq!(answer.error(), "INVALID_JSON_SYNTAX");
        let query = format!("a{}=1", "[b]".repeat(5_000));
        let answer = server.ask(&server.cna, "GET", &format!("/api/cve-id?{query}"));
        assert_eq!(answer.error(), "BAD_INPUT");
    });
}
