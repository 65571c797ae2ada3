//! What the reference server gets wrong, and what it does oddly but clients
//! rely on.
//!
//! Source: cve-services sections 14 and 16.

use std::collections::BTreeSet;

use serde_json::json;

use crate::server::{container, each, rejection};

#[test]
fn a_uuid_in_the_body_is_refused_and_creates_nobody() {
    each(
        "a_uuid_in_the_body_is_refused_and_creates_nobody",
        |server| {
            let count = || {
                let users = server.ask(&server.sec, "GET", "/api/org/acme/users").json();
                users["users"].as_array().unwrap().len()
            };
            let before = count();
            for (key, kind) in [
                ("uuid", "user"),
                ("UUID", "user"),
                ("org_uuid", "org"),
                ("Org_UUID", "org"),
            ] {
                let mut body = json!({"username": "ghost@acme"});
                body[key] = json!("x");
                let refused = server.say(&server.sec, "POST", "/api/org/acme/user", &body);
                assert_eq!(
                    (refused.status, refused.error()),
                    (400, "UUID_PROVIDED".into())
                );
                let expected =
                    format!("Providing UUIDs for {kind} creation or update is not allowed.");
                assert_eq!(refused.message(), expected, "{key}");
            }
            assert_eq!(count(), before);
        },
    );
}

#[test]
fn dates_without_time_and_all_offsets_are_understood() {
    each(
        "dates_without_time_and_all_offsets_are_understood",
        |server| {
            server.reserve(&server.cna, 1);
            for at in [
                "2001-01-01",
                "2001-01-01T00:00:00",
                "2001-01-01T00:00:00Z",
                "2001-01-01T00:00:00%2B03:00",
                "2001-01-01T00:00:00%2B05:30",
                "2001-01-01T00:00:00-09:59",
                "2001-01-01T00:00:00.5%2B23:59",
            ] {
                let path = format!("/api/cve-id?time_reserved.gt={at}");
                let found = server.ask(&server.cna, "GET", &path).json();
                assert_eq!(found["cve_ids"].as_array().map(Vec::len), Some(1), "{at}");
            }
            for at in [
                "2001-01-01T00:00:00+03:00",
                "2001-01-01T00:00:00%2B24:00",
                "2100-02-29",
                "x",
                "",
            ] {
                let path = format!("/api/cve-id?time_reserved.gt={at}");
                let refused = server.ask(&server.cna, "GET", &path);
                assert_eq!(
                    (refused.status, refused.error()),
                    (400, "BAD_INPUT".into()),
                    "{at}"
                );
            }
        },
    );
}

#[test]
fn what_was_a_500_is_told() {
    each("what_was_a_500_is_told", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let cna = format!("/api/cve/{id}/cna");
        for (who, method, path, body) in [
            (
                &server.cna,
                "GET",
                "/api/cve-id?cve_id_year=1999&cve_id_year=2000",
                json!({}),
            ),
            (
                &server.cna,
                "POST",
                "/api/cve-id?amount=1&amount=2&cve_year=2099&short_name=acme",
                json!({}),
            ),
            (&server.cna, "GET", "/api/cve-id?page=1&page=2", json!({})),
            (
                &server.sec,
                "GET",
                "/api/cve_cursor?next_page=zzz",
                json!({}),
            ),
            (
                &server.sec,
                "GET",
                "/api/cve_cursor?previous_page=zzz",
                json!({}),
            ),
            (&server.sec, "GET", "/api/cve_cursor?limit=abc", json!({})),
            (
                &server.sec,
                "GET",
                "/api/cve?count_only=1&count_only=0",
                json!({}),
            ),
            (&server.cna, "POST", cna.as_str(), json!([])),
            (&server.sec, "POST", "/api/cve/CVE-2099-0001", json!([])),
        ] {
            let refused = server.say(who, method, path, &body);
            assert_eq!(
                (refused.status, refused.error()),
                (400, "BAD_INPUT".into()),
                "{method} {path}"
            );
            assert!(!refused.json()["details"].as_array().unwrap().is_empty());
        }
    });
}

#[test]
fn a_walk_takes_any_limit_from_one_to_500() {
    each("a_walk_takes_any_limit_from_one_to_500", |server| {
        for _ in 0..3 {
            server.publish(&server.cna);
        }
        for (limit, expected) in [("0", 1), ("1", 1), ("2", 2), ("500", 3), ("9999", 3)] {
            let path = format!("/api/cve_cursor?limit={limit}");
            let walked = server.ask(&server.sec, "GET", &path).json();
            assert_eq!(
                walked["cveRecords"].as_array().unwrap().len(),
                expected,
                "{limit}"
            );
        }
    });
}

#[test]
fn both_bounds_count_with_cna_modified() {
    each("both_bounds_count_with_cna_modified", |server| {
        server.publish(&server.cna);
        let now = server.world.now();
        let count = |after_ms: i64, before_ms: i64| {
            let (after, before) = (now.plus_ms(after_ms), now.plus_ms(before_ms));
            let path = format!(
                "/api/cve?cna_modified=true&count_only=true&time_modified.gt={after}&time_modified.lt={before}"
            );
            server.ask(&server.sec, "GET", &path).json()["totalCount"].clone()
        };
        assert_eq!(count(-1000, 1000), 1);
        assert_eq!(count(-1000, -500), 0);
        assert_eq!(count(500, 1000), 0);
        let alone = server.ask(&server.sec, "GET", "/api/cve?cna_modified=true");
        assert_eq!(alone.error(), "BAD_USAGE_CNA_MODIFIED");
    });
}

#[test]
fn cna_modified_false_means_false() {
    each("cna_modified_false_means_false", |server| {
        let id = server.publish(&server.cna);
        // An ADP changes the record and not its CNA container.
        let adp =
            json!({"adpContainer": {"title": "t", "descriptions": [{"lang": "en", "value": "x"}]}});
        let enriched = server.say(&server.adp, "PUT", &format!("/api/cve/{id}/adp"), &adp);
        assert_eq!(enriched.status, 200, "{enriched:?}");
        for word in ["false", "0", "no"] {
            let path = format!("/api/cve?cna_modified={word}&count_only=1");
            let alone = server.ask(&server.sec, "GET", &path);
            assert_eq!(alone.json(), json!({"totalCount": 1}), "{word}");
        }
    });
}

#[test]
fn sixty_four_reservations_of_one_organisation_wait_for_each_other() {
    each("sixty_four_reservations_of_one_organisation", |server| {
        let kinds = ["", "&batch_type=sequential", "&batch_type=nonsequential"];
        let taken: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..64)
                .map(|index| {
                    scope.spawn(move || {
                        let path = format!(
                            "/api/cve-id?cve_year=2099&short_name=other&amount=1{}",
                            kinds[index % 3]
                        );
                        let answer = server.ask(&server.other, "POST", &path);
                        assert_eq!(answer.status, 200, "{answer:?}");
                        answer.json()["cve_ids"][0]["cve_id"]
                            .as_str()
                            .unwrap()
                            .to_owned()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 64);
        let quota = server
            .ask(&server.other, "GET", "/api/org/other/id_quota")
            .json();
        assert_eq!(quota["available"], 1000 - 64);
    });
}

#[test]
fn the_same_code_has_the_status_clients_branch_on() {
    each("the_same_code_has_the_status_clients_branch_on", |server| {
        let id = server.publish(&server.cna);
        let fresh = server.reserve(&server.cna, 1).remove(0);
        let (cna, reject) = (container(), rejection());
        for (method, path, body, status, code) in [
            (
                "POST",
                format!("/api/cve/{id}/cna"),
                &cna,
                403,
                "CVE_RECORD_EXISTS",
            ),
            (
                "POST",
                format!("/api/cve/{id}/reject"),
                &reject,
                400,
                "CVE_RECORD_EXISTS",
            ),
            (
                "PUT",
                format!("/api/cve/{fresh}/cna"),
                &cna,
                403,
                "CVE_RECORD_DNE",
            ),
            (
                "PUT",
                format!("/api/cve/{fresh}/reject"),
                &reject,
                400,
                "CVE_RECORD_DNE",
            ),
        ] {
            let refused = server.say(&server.cna, method, &path, body);
            assert_eq!(
                (refused.status, refused.error()),
                (status, code.into()),
                "{method} {path}"
            );
        }
        let unread = server.ask(None, "GET", &format!("/api/cve/{fresh}"));
        assert_eq!(
            (unread.status, unread.error()),
            (404, "CVE_RECORD_DNE".into())
        );
    });
}

#[test]
fn the_quota_header_is_spelled_as_the_reference_spells_it() {
    use std::io::{Read as _, Write as _};
    each(
        "the_quota_header_is_spelled_as_the_reference_spells_it",
        |server| {
            let who = &server.cna;
            let mut stream = std::net::TcpStream::connect(server.address).unwrap();
            let request = format!(
                "POST /api/cve-id?amount=1&cve_year=2099&short_name=acme HTTP/1.1\r\nhost: a\r\n\
             connection: close\r\ncve-api-org: {}\r\ncve-api-user: {}\r\ncve-api-key: {}\r\n\r\n",
                who.org, who.username, who.key
            );
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(
                answer.contains("\r\nCVE-API-REMAINING-QUOTA: 9\r\n"),
                "{answer}"
            );
        },
    );
}

#[test]
fn dates_are_kept_in_utc_since_2_5_and_as_sent_before() {
    use crate::server::{each_as, with};
    let sent = "2025-01-02T01:23:45.000-05:00";
    for (compat, kept) in [
        (authority::Compat::V2_3, sent),
        (authority::Compat::Current, "2025-01-02T06:23:45.000Z"),
    ] {
        each_as("dates_are_kept_in_utc_since_2_5", compat, |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            let body = with(container(), "datePublic", json!(sent));
            let body = with(
                body,
                "timeline",
                json!([{"time": sent, "lang": "en", "value": "v"}]),
            );
            let path = format!("/api/cve/{id}/cna");
            let created = server.say(&server.cna, "POST", &path, &body);
            let cna = created.json()["created"]["containers"]["cna"].clone();
            assert_eq!(
                (&cna["datePublic"], &cna["timeline"][0]["time"]),
                (&json!(kept), &json!(kept))
            );
        });
    }
}
