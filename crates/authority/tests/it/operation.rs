//! What an operator sees of a server, and what keeps it alive.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use authority::{RateLimit, RateLimits, RequestLine, RequestLog, Service, Settings};
use http::Limits;
use serde_json::json;
use store::IdRange;

use crate::server::{container, each, each_with};

fn limits(limits: RateLimits) -> Settings {
    Settings {
        rate_limits: limits,
        ..Settings::default()
    }
}

const TWO: Option<RateLimit> = Some(RateLimit {
    window_seconds: 60,
    max_requests: 2,
});

#[test]
fn a_key_has_a_limit_of_its_own() {
    let settings = limits(RateLimits {
        key: TWO,
        ..RateLimits::default()
    });
    each_with("a_key_has_a_limit_of_its_own", settings, |server| {
        for status in [200, 200, 429] {
            let answer = server.ask(&server.cna, "GET", "/api/cve-id");
            assert_eq!(answer.status, status);
            assert_eq!(answer.header("retry-after").is_some(), status == 429);
        }
        // Another user of the same organisation, and reads without a key, go on.
        assert_eq!(server.ask(&server.admin, "GET", "/api/cve-id").status, 200);
        assert_eq!(
            server.ask(None, "GET", "/api/cve/CVE-2099-0001").status,
            404
        );
    });
}

#[test]
fn after_too_many_wrong_keys_no_key_of_that_address_is_looked_at() {
    let settings = limits(RateLimits {
        wrong_keys: TWO,
        ..RateLimits::default()
    });
    each_with("after_too_many_wrong_keys", settings, |server| {
        let mut wrong = server.cna.clone();
        wrong.key = "wrong".into();
        for status in [401, 401, 429] {
            assert_eq!(server.ask(&wrong, "GET", "/api/cve-id").status, status);
        }
        let refused = server.ask(&server.cna, "GET", "/api/cve-id");
        assert_eq!(
            (refused.status, refused.error()),
            (429, "TOO_MANY_REQUESTS".into())
        );
        let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        // Where a key is only welcome, the caller is anonymous.
        let id = server.ask(&server.cna, "GET", "/api/cve-id/CVE-2099-0001");
        assert_eq!(id.error(), "CVE_ID_NOT_FOUND");
    });
}

#[test]
fn behind_a_proxy_of_ours_each_client_has_its_limit() {
    let address = RateLimits {
        address: TWO,
        ..RateLimits::default()
    };
    let behind = Settings {
        proxies: vec!["127.0.0.1".parse().unwrap()],
        ..limits(address)
    };
    let ask = |server: &crate::server::Server, client: &str| {
        let forwarded = ("x-forwarded-for", client);
        server
            .send(None, "GET", "/api/cve/CVE-2099-0001", &[forwarded], b"")
            .status
    };
    each_with("behind_a_proxy_of_ours", behind, |server| {
        // What a client writes itself comes before what the proxy adds.
        for status in [404, 404, 429] {
            assert_eq!(ask(server, "203.0.113.9, 192.0.2.1"), status);
        }
        assert_eq!(ask(server, "203.0.113.9, 192.0.2.2"), 404);
    });
    each_with("a_header_alone_says_nothing", limits(address), |server| {
        for (client, status) in [("192.0.2.1", 404), ("192.0.2.2", 404), ("192.0.2.3", 429)] {
            assert_eq!(ask(server, client), status);
        }
    });
}

#[test]
fn a_request_is_logged_by_its_pattern_and_nothing_of_it_else() {
    let lines: Arc<Mutex<Vec<RequestLine>>> = Arc::default();
    let kept = lines.clone();
    let settings = Settings {
        log: Some(RequestLog::new(move |line| {
            kept.lock().unwrap().push(line);
        })),
        ..Settings::default()
    };
    each_with("a_request_is_logged_by_its_pattern", settings, |server| {
        lines.lock().unwrap().clear();
        server.ask(&server.cna, "GET", "/API/cve-id?state=RESERVED&page=1");
        server.ask(None, "HEAD", "/api/cve/CVE-2099-0001");
        server.ask(None, "GET", "/secret/path");
        let mut wrong = server.cna.clone();
        wrong.key = "wrong".into();
        server.ask(&wrong, "PUT", "/api/org/acme/user/ann@acme/reset_secret");
        server.send(None, "OPTIONS", "/api/cve", &[], b"");
        let lines = lines.lock().unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.method, &*line.route, line.status, line.org.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("GET", "/api/cve-id", 200, Some("acme")),
                ("HEAD", "/api/cve/:id", 404, None),
                ("GET", "-", 404, None),
                (
                    "PUT",
                    "/api/org/:shortname/user/:username/reset_secret",
                    401,
                    None
                ),
                ("OPTIONS", "-", 204, None),
            ]
        );
        let mut ids: Vec<_> = lines.iter().map(|line| line.request_id()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), told.len());
        let all = format!("{lines:?}");
        for secret in [
            server.cna.key.as_str(),
            "RESERVED",
            "secret/path",
            "ann@acme",
        ] {
            assert!(!all.contains(secret), "{secret}");
        }
    });
}

#[test]
fn requests_are_counted() {
    each("requests_are_counted", |server| {
        server.ask(None, "GET", "/api/cve/CVE-2099-0001");
        server.ask(None, "GET", "/nowhere");
        let text = server.service.metrics();
        for line in [
            "cna_authority_requests_total{method=\"GET\",route=\"/api/cve/:id\",status=\"404\"} 1",
            "cna_authority_requests_total{method=\"-\",route=\"-\",status=\"404\"} 1",
            "cna_authority_requests_in_flight 0",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}\n{text}");
        }
        assert!(text.contains("cna_authority_changes_total "));
        assert!(!text.contains("acme"));
    });
}

#[test]
fn a_server_says_that_it_is_there_and_whether_it_stays() {
    each(
        "a_server_says_that_it_is_there_and_whether_it_stays",
        |server| {
            for path in ["/healthz", "/readyz", "/api/health-check"] {
                assert_eq!(server.ask(None, "GET", path).status, 200, "{path}");
            }
            assert_eq!(server.ask(None, "GET", "/api/health-check").body, b"");
            server.service.end();
            let ending = server.ask(None, "GET", "/readyz");
            assert_eq!(
                (ending.status, ending.json()),
                (503, json!({"status": "ending"}))
            );
            assert_eq!(server.ask(None, "GET", "/healthz").status, 200);
            // What still comes is served.
            assert_eq!(server.ask(&server.cna, "GET", "/api/cve-id").status, 200);
        },
    );
}

#[test]
fn a_body_that_stops_arriving_is_answered_with_408() {
    let settings = Settings {
        limits: Limits {
            body_timeout_ms: 50,
            ..Limits::default()
        },
        ..Settings::default()
    };
    each_with("a_body_that_stops_arriving", settings, |server| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let head = "POST /api/org HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                    content-type: application/json\r\ncontent-length: 100\r\n\r\n{";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"error\":\"REQUEST_TIMEOUT\""), "{answer}");
    });
}

#[test]
fn large_requests_are_answered_with_413_and_431() {
    each("large_requests_are_answered_with_413_and_431", |server| {
        let json = ("content-type", "application/json");
        let mut body = container();
        body["cnaContainer"]["x_large"] = json!("x".repeat(3_984_588));
        let text = body.to_string();
        let answer = server.send(
            None,
            "POST",
            "/api/cve/CVE-2099-0001/cna",
            &[json],
            text.as_bytes(),
        );
        assert_eq!(
            (answer.status, answer.error()),
            (413, "RECORD_TOO_LARGE".into())
        );
        let long = "y".repeat(300_000);
        let answer = server.send(None, "GET", "/api/health-check", &[("x", &long)], b"");
        assert_eq!(answer.status, 431);
    });
}

/// A service whose clock stands at `now`, with `year` open.
fn opened_by_itself(now: &str, year: &str, settings: Settings) -> Vec<String> {
    let test = store::testing::sqlite();
    let at = now.parse().unwrap();
    let world = cve::world::World::new(move || at, |bytes| bytes.fill(7));
    let range = IdRange::of_year(year.parse().unwrap());
    test.store
        .write::<_, store::Error>(move |tx| tx.insert_range(&range))
        .unwrap();
    let service = Service::new(test.store.clone(), world, settings);
    let opened = service.open_years().unwrap();
    assert!(service.open_years().unwrap().is_empty(), "each year once");
    opened.iter().map(ToString::to_string).collect()
}

#[test]
fn the_next_year_is_opened_90_days_ahead() {
    for (now, open, opened) in [
        ("2098-10-02T23:59:59Z", "2098", vec![]),
        ("2098-10-03T00:00:00Z", "2098", vec!["2099"]),
        ("2098-12-31T00:00:00Z", "2098", vec!["2099"]),
        // An authority that was off over the turn of the year goes on.
        ("2099-01-02T00:00:00Z", "2098", vec!["2099"]),
        ("2099-12-01T00:00:00Z", "2098", vec!["2099", "2100"]),
        // One that does not number this year is left alone.
        ("2099-12-01T00:00:00Z", "1900", vec![]),
    ] {
        assert_eq!(
            opened_by_itself(now, open, Settings::default()),
            opened,
            "{now} {open}"
        );
    }
    let older = Settings {
        compat: authority::Compat::V2_3,
        ..Settings::default()
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(
        opened_by_itself("2098-12-01T00:00:00Z", "2098", older),
        none
    );
}
