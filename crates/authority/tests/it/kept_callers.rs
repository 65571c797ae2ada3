//! Callers the authority keeps in memory: what they may do is never older
//! than it may be.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client;
use crate::server::{Server, Who, each};

/// Asks until the node keeps who asks.
fn make_known(server: &Server, who: &Who) {
    let names = (who.org.to_owned(), who.username.clone());
    let begun = Instant::now();
    while server.store.kept_caller(&names).is_none() {
        let path = format!("/api/org/{}/id_quota", who.org);
        let answer = server.ask(who, "GET", &path);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{who:?} is never kept"
        );
    }
}

#[test]
fn a_key_that_was_replaced_is_refused_at_once() {
    each("a_key_that_was_replaced_is_refused_at_once", |server| {
        make_known(server, &server.cna);
        let path = format!("/api/org/acme/user/{}/reset_secret", server.cna.username);
        let reset = server.ask(&server.admin, "PUT", &path);
        assert_eq!(reset.status, 200, "{reset:?}");
        let answer = server.ask(&server.cna, "GET", "/api/org/acme/id_quota");
        assert_eq!(answer.status, 401, "{answer:?}");
    });
}

#[test]
fn a_user_who_was_made_inactive_is_refused_at_once() {
    each(
        "a_user_who_was_made_inactive_is_refused_at_once",
        |server| {
            make_known(server, &server.cna);
            let path = format!("/api/org/acme/user/{}?active=false", server.cna.username);
            let changed = server.ask(&server.admin, "PUT", &path);
            assert_eq!(changed.status, 200, "{changed:?}");
            let answer = server.ask(&server.cna, "GET", "/api/org/acme/id_quota");
            assert_eq!(answer.status, 401, "{answer:?}");
        },
    );
}

#[test]
fn a_role_that_was_taken_is_gone_at_once() {
    each("a_role_that_was_taken_is_gone_at_once", |server| {
        make_known(server, &server.other);
        let path = "/api/org/other?active_roles.remove=CNA";
        let changed = server.ask(&server.sec, "PUT", path);
        assert_eq!(changed.status, 200, "{changed:?}");
        let reserve = "/api/cve-id?amount=1&cve_year=2099&short_name=other";
        let answer = server.ask(&server.other, "POST", reserve);
        assert_eq!(answer.error(), "CNA_ONLY", "{answer:?}");
    });
}

#[test]
fn what_an_organisation_may_still_reserve_is_never_an_old_figure() {
    let test = "what_an_organisation_may_still_reserve_is_never_an_old_figure";
    each(test, |server| {
        make_known(server, &server.cna);
        server.reserve(&server.cna, 3);
        make_known(server, &server.cna);
        let path = "/api/cve-id?cve_year=2099&short_name=acme&amount=8&batch_type=";
        for batch_type in ["sequential", "nonsequential"] {
            let answer = server.ask(&server.cna, "POST", &format!("{path}{batch_type}"));
            assert_eq!(answer.status, 403, "{answer:?}");
            let details = &answer.json()["details"];
            assert_eq!(
                details,
                &json!({"id_quota": 10, "total_reserved": 3, "available": 7})
            );
        }
        let quota = server.ask(&server.cna, "GET", "/api/org/acme/id_quota");
        assert_eq!(quota.json()["available"], 7, "{quota:?}");
    });
}

#[test]
fn a_key_that_another_node_replaced_is_refused_within_a_second() {
    let test = "a_key_that_another_node_replaced_is_refused_within_a_second";
    each(test, |server| {
        let Some(second) = server.second_node() else {
            return;
        };
        make_known(server, &server.cna);
        let path = format!("/api/org/acme/user/{}/reset_secret", server.cna.username);
        let headers = [
            ("cve-api-org", server.admin.org),
            ("cve-api-user", &server.admin.username),
            ("cve-api-key", &server.admin.key),
        ];
        let reset = client::send(second, "PUT", &path, &headers, b"");
        assert_eq!(reset.status, 200, "{reset:?}");
        std::thread::sleep(Duration::from_millis(1100));
        let answer = server.ask(&server.cna, "GET", "/api/org/acme/id_quota");
        assert_eq!(answer.status, 401, "{answer:?}");
    });
}
