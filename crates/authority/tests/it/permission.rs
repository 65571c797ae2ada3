//! Who may do what.

use serde_json::json;

use crate::client;
use crate::server::{container, each, rejection};

#[test]
fn each_header_is_asked_for_in_its_order() {
    each("each_header_is_asked_for_in_its_order", |server| {
        let mut headers: Vec<(&str, &str)> = Vec::new();
        for (missing, next) in [
            ("CVE-API-ORG", ("CVE-API-ORG", "acme")),
            ("CVE-API-USER", ("CVE-API-USER", "ann@acme")),
            ("CVE-API-KEY", ("CVE-API-KEY", "wrong")),
        ] {
            let answer = client::send(server.address, "GET", "/api/org/acme", &headers, b"");
            assert_eq!((answer.status, answer.error()), (400, "BAD_REQUEST".into()));
            assert_eq!(
                answer.message(),
                format!("{missing} header field required.")
            );
            headers.push(next);
        }
    });
}

#[test]
fn unknown_orgs_users_and_keys_are_answered_alike() {
    each("unknown_orgs_users_and_keys_are_answered_alike", |server| {
        let good = server.cna.clone();
        let wrong = |change: fn(&mut crate::server::Who)| {
            let mut who = good.clone();
            change(&mut who);
            who
        };
        for who in [
            wrong(|who| who.org = "nobody"),
            wrong(|who| who.org = "ACME"),
            wrong(|who| who.username = "nobody".into()),
            wrong(|who| who.username = "Ann@acme".into()),
            wrong(|who| who.key = "x".into()),
            wrong(|who| who.key.make_ascii_uppercase()),
        ] {
            let answer = server.ask(&who, "GET", "/api/org/acme");
            let body = json!({"error": "UNAUTHORIZED", "message": "Unauthorized"});
            assert_eq!((answer.status, answer.json()), (401, body), "{who:?}");
        }
        assert_eq!(server.ask(&good, "GET", "/api/org/acme").status, 200);
    });
}

/// What each kind of caller gets: anonymous, CNA, ADP, reader, Secretariat.
#[test]
fn each_endpoint_admits_exactly_its_callers() {
    each("each_endpoint_admits_exactly_its_callers", |server| {
        let id = server.publish(&server.cna);
        let record = format!("/api/cve/{id}");
        let reserve = "/api/cve-id?amount=1&cve_year=2099&short_name=other";
        for (method, path, codes) in [
            ("GET", "/api/health-check", [200, 200, 200, 200, 200]),
            ("GET", &record, [200, 200, 200, 200, 200]),
            ("GET", "/api/cve_count", [200, 200, 200, 200, 200]),
            ("GET", "/api/cve-id", [400, 200, 200, 200, 200]),
            ("POST", reserve, [400, 200, 403, 403, 200]),
            ("GET", "/api/cve", [400, 403, 403, 200, 200]),
            ("GET", "/api/cve_cursor", [400, 403, 403, 200, 200]),
            ("GET", "/api/org", [400, 403, 403, 403, 200]),
            ("GET", "/api/users", [400, 403, 403, 403, 200]),
            ("GET", "/api/org/other", [400, 200, 403, 403, 200]),
            ("GET", "/api/org/other/id_quota", [400, 200, 403, 403, 200]),
            ("GET", "/api/org/other/users", [400, 200, 403, 403, 200]),
            (
                "GET",
                "/api/org/other/user/otto@other",
                [400, 200, 403, 403, 200],
            ),
            ("POST", "/api/cve-id-range/1900", [400, 403, 403, 403, 200]),
        ] {
            let callers = [
                None,
                Some(&server.other),
                Some(&server.adp),
                Some(&server.bulk),
            ];
            let callers = callers.into_iter().chain([Some(&server.sec)]);
            let found: Vec<_> = callers
                .map(|who| server.ask(who, method, path).status)
                .collect();
            assert_eq!(found, codes, "{method} {path}");
        }
    });
}

#[test]
fn a_refusal_names_the_missing_role() {
    each("a_refusal_names_the_missing_role", |server| {
        for (who, method, path, error) in [
            (
                &server.adp,
                "POST",
                "/api/cve/CVE-2099-1000/cna",
                "CNA_ONLY",
            ),
            (
                &server.adp,
                "POST",
                "/api/cve/CVE-2099-1000/reject",
                "CNA_ONLY",
            ),
            (&server.cna, "PUT", "/api/cve/CVE-2099-1000/adp", "ADP_ONLY"),
            (
                &server.cna,
                "POST",
                "/api/cve/CVE-2099-1000",
                "SECRETARIAT_ONLY",
            ),
            (&server.cna, "POST", "/api/org", "SECRETARIAT_ONLY"),
            (&server.cna, "PUT", "/api/org/acme", "SECRETARIAT_ONLY"),
            (
                &server.cna,
                "POST",
                "/api/org/acme/user",
                "NOT_ORG_ADMIN_OR_SECRETARIAT",
            ),
            (
                &server.bulk,
                "PUT",
                "/api/org/mirror/user/bea@mirror",
                "ORG_HAS_NO_PARTNER_ROLE",
            ),
        ] {
            let answer = server.say(who, method, path, &json!({}));
            assert_eq!(
                (answer.status, answer.error()),
                (403, error.into()),
                "{path}"
            );
        }
    });
}

#[test]
fn an_id_of_others_or_of_nobody_is_not_owned_also_for_the_secretariat() {
    each("an_id_of_others_or_of_nobody_is_not_owned", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        for (who, id) in [
            (&server.other, id.as_str()),
            (&server.other, "CVE-1900-1000"),
            (&server.other, "CVE-1900-00001"),
            (&server.sec, "CVE-1900-1000"),
        ] {
            for (method, path, body) in [
                ("POST", "cna", container()),
                ("PUT", "cna", container()),
                ("POST", "reject", rejection()),
                ("PUT", "reject", rejection()),
            ] {
                let answer = server.say(who, method, &format!("/api/cve/{id}/{path}"), &body);
                assert_eq!(answer.error(), "ORG_DOES_NOT_OWN_ID");
                assert_eq!(answer.message(), format!("{} does not own {id}", who.org));
                assert_eq!(answer.status, 403);
            }
            let answer = server.ask(who, "PUT", &format!("/api/cve-id/{id}"));
            assert_eq!(answer.error(), "ORG_DOES_NOT_OWN_ID");
        }
    });
}

#[test]
fn a_reset_or_deactivation_holds_at_the_next_request() {
    each(
        "a_reset_or_deactivation_holds_at_the_next_request",
        |server| {
            let user = "/api/org/acme/user/ann@acme";
            let answer = server.ask(&server.admin, "PUT", &format!("{user}/reset_secret"));
            let mut renewed = server.cna.clone();
            renewed.key = answer.json()["API-secret"].as_str().unwrap().to_owned();
            assert_eq!(server.ask(&server.cna, "GET", "/api/org/acme").status, 401);
            assert_eq!(server.ask(&renewed, "GET", "/api/org/acme").status, 200);
            server.ask(&server.admin, "PUT", &format!("{user}?active=no"));
            assert_eq!(server.ask(&renewed, "GET", "/api/org/acme").status, 401);
            server.ask(&server.admin, "PUT", &format!("{user}?active=yes"));
            assert_eq!(server.ask(&renewed, "GET", "/api/org/acme").status, 200);
        },
    );
}
