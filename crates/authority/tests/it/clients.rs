//! How Vulnogram and cveClient talk, over real HTTP.
//!
//! Source: cve-services section 15.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::server::{Server, Who, container, each, rejection, with};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A request as Vulnogram makes each: with a JSON content type, and nothing
/// in the body where there is nothing to say.
fn vulnogram(server: &Server, who: &Who, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let origin = ("origin", "https://vulnogram.github.io");
    let text = body.map(Value::to_string).unwrap_or_default();
    let path = format!("/api/{path}");
    let length = ("content-length", "0");
    let mut headers = vec![JSON, origin];
    if method != "GET" && text.is_empty() {
        headers.push(length);
    }
    let answer = server.send(Some(who), method, &path, &headers, text.as_bytes());
    // A browser reads nothing of an answer without this.
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    answer
}

/// Vulnogram takes an answer for a failure when it has the key `error`.
fn succeeds(answer: &Answer) -> Value {
    let json = answer.json();
    assert!(json.is_object() && json.get("error").is_none(), "{json}");
    json
}

#[test]
fn vulnogram_signs_in_reserves_publishes_updates_and_rejects() {
    each("vulnogram_signs_in_reserves_publishes", |server| {
        let own = &server.cna;
        let ask = |method: &str, path: &str| succeeds(&vulnogram(server, own, method, path, None));
        assert_eq!(ask("GET", "org/acme")["short_name"], "acme");
        assert_eq!(ask("GET", "org/acme/user/ann@acme")["username"], "ann@acme");
        assert_eq!(ask("GET", "org/acme/id_quota")["available"], 10);
        // One ID without a kind of batch: a number of four digits.
        let one = ask("POST", "cve-id?amount=1&cve_year=2099&short_name=acme");
        assert_eq!(one["cve_ids"][0]["cve_id"], "CVE-2099-0001");
        let some = ask(
            "POST",
            "cve-id?amount=2&batch_type=sequential&cve_year=2099&short_name=acme",
        );
        assert_eq!(some["meta"], json!({"remaining_quota": 7}));
        let listed = ask("GET", "cve-id?page=1&state=RESERVED");
        assert_eq!(listed["cve_ids"].as_array().unwrap().len(), 3);
        let path = "cve/CVE-2099-0001/cna";
        let published = vulnogram(server, own, "POST", path, Some(&container()));
        assert_eq!(
            succeeds(&published)["created"]["cveMetadata"]["state"],
            "PUBLISHED"
        );
        let again = vulnogram(server, own, "POST", path, Some(&container()));
        assert_eq!(again.json()["error"], "CVE_RECORD_EXISTS");
        succeeds(&vulnogram(server, own, "PUT", path, Some(&container())));
        // It falls back to a rejection without a record.
        let path = "cve/CVE-2099-20001/reject";
        let missing = vulnogram(server, own, "PUT", path, Some(&rejection()));
        assert_eq!(missing.json()["error"], "CVE_RECORD_DNE");
        let rejected = ask("PUT", "cve-id/CVE-2099-20001?state=REJECTED&org=acme");
        assert_eq!(rejected["updated"]["state"], "REJECTED");
    });
}

#[test]
fn vulnogram_shows_what_is_wrong_by_its_path() {
    each("vulnogram_shows_what_is_wrong_by_its_path", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let bad = with(container(), "references", json!([{"url": "nope"}]));
        let path = format!("cve/{id}/cna");
        let refused = vulnogram(server, &server.cna, "POST", &path, Some(&bad)).json();
        let first = &refused["details"]["errors"][0];
        assert_eq!(first["instancePath"], "/cnaContainer/references/0/url");
        assert_eq!(first["message"], "must match format \"uri\"");
    });
}

#[test]
fn vulnogram_signs_out_when_its_key_is_refused() {
    each("vulnogram_signs_out_when_its_key_is_refused", |server| {
        let mut who = server.cna.clone();
        who.key = "wrong".into();
        let refused = vulnogram(server, &who, "GET", "org/acme", None);
        assert_eq!(
            refused.json(),
            json!({"error": "UNAUTHORIZED", "message": "Unauthorized"})
        );
        assert_eq!(refused.header("www-authenticate"), None);
    });
}

#[test]
fn no_answer_that_clients_parse_is_empty_and_no_success_has_an_error() {
    each("no_answer_that_clients_parse_is_empty", |server| {
        let id = server.publish(&server.cna);
        for path in [
            "org/acme".to_owned(),
            "org/acme/users".into(),
            "org/acme/id_quota".into(),
            "cve-id".into(),
            format!("cve-id/{id}"),
            format!("cve/{id}"),
        ] {
            succeeds(&vulnogram(server, &server.cna, "GET", &path, None));
        }
        let users = vulnogram(
            server,
            &server.admin,
            "PUT",
            "org/acme/user/ann@acme?name.first=A",
            None,
        );
        succeeds(&users);
        let path = "org/acme/user/ann@acme/reset_secret";
        let reset = succeeds(&vulnogram(server, &server.admin, "PUT", path, None));
        assert_eq!(reset["API-secret"].as_str().unwrap().len(), 36);
    });
}

#[test]
fn a_browser_asks_before_it_asks_and_may() {
    each("a_browser_asks_before_it_asks_and_may", |server| {
        for (method, path) in [
            ("POST", "/api/cve-id/"),
            ("PUT", "/api/cve/CVE-2099-0001/cna"),
            ("GET", "/api/org/acme"),
            ("DELETE", "/nowhere"),
        ] {
            let headers = [
                ("origin", "https://vulnogram.github.io"),
                ("access-control-request-method", method),
                (
                    "access-control-request-headers",
                    "content-type,cve-api-key,cve-api-org,cve-api-user",
                ),
            ];
            let answer = server.send(None, "OPTIONS", path, &headers, b"");
            assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            let allowed = answer.header("access-control-allow-headers");
            assert_eq!(allowed, Some(headers[2].1));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_eq!(answer.header("access-control-max-age"), None);
            assert_eq!(answer.header("access-control-expose-headers"), None);
            assert_eq!(answer.header("content-type"), None);
        }
    });
}

#[test]
fn cve_client_uses_a_slash_at_the_end_and_reads_the_body_alone() {
    each("cve_client_uses_a_slash_at_the_end", |server| {
        let path = "/api/cve-id/?amount=1&batch_type=sequential&cve_year=2099&short_name=acme";
        let reserved = server.send(Some(&server.cna), "POST", path, &[JSON], b"");
        assert_eq!(reserved.json()["cve_ids"][0]["state"], "RESERVED");
        let listed = server.send(Some(&server.cna), "GET", "/api/cve-id/", &[JSON], b"");
        assert_eq!(listed.json()["cve_ids"].as_array().unwrap().len(), 1);
        let id = listed.json()["cve_ids"][0]["cve_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let refused = server.say(
            &server.cna,
            "POST",
            &format!("/api/cve/{id}/cna/"),
            &json!({}),
        );
        let refused = refused.json();
        for key in ["error", "message", "details"] {
            assert!(refused.get(key).is_some(), "{key}");
        }
        let gone = server.ask(None, "GET", &format!("/api/cve/{id}/"));
        assert_eq!((gone.status, gone.error()), (404, "CVE_RECORD_DNE".into()));
    });
}
