//! What is remembered of every change.

use serde_json::json;
use store::{AuditEntry, Change, Visibility};

use crate::server::{Server, container, each, rejection};

fn log(server: &Server) -> (Vec<Change>, Vec<AuditEntry>) {
    let read = server.store.read(|reader| {
        Ok::<_, store::Error>((reader.changes_after(0, 1000)?, reader.audit_after(0, 1000)?))
    });
    read.unwrap()
}

#[test]
fn every_change_is_logged_and_audited_once() {
    each("every_change_is_logged_and_audited_once", |server| {
        let ids = server.reserve(&server.cna, 3);
        let id = ids[0].as_str();
        let adp = json!({"adpContainer": {"title": "t"}});
        let user = json!({"username": "new@acme"});
        let org = json!({"short_name": "new_org", "name": "n"});
        let pool = "/api/cve-id?amount=1&batch_type=nonsequential&cve_year=2099&short_name=acme";
        let nothing = json!({});
        for (who, method, path, body, kind, action) in [
            (
                &server.cna,
                "POST",
                pool.to_owned(),
                &nothing,
                "id.reserved",
                "id.reserve",
            ),
            (
                &server.cna,
                "PUT",
                format!("/api/cve-id/{}", ids[1]),
                &nothing,
                "id.changed",
                "id.change",
            ),
            (
                &server.cna,
                "PUT",
                format!("/api/cve-id/{}?org=other", ids[1]),
                &nothing,
                "id.transferred",
                "id.change",
            ),
            (
                &server.cna,
                "POST",
                format!("/api/cve/{id}/cna"),
                &container(),
                "record.published",
                "record.publish",
            ),
            (
                &server.cna,
                "PUT",
                format!("/api/cve/{id}/cna"),
                &container(),
                "record.updated",
                "record.update",
            ),
            (
                &server.adp,
                "PUT",
                format!("/api/cve/{id}/adp"),
                &adp,
                "record.updated",
                "record.enrich",
            ),
            (
                &server.cna,
                "PUT",
                format!("/api/cve/{id}/reject"),
                &rejection(),
                "record.rejected",
                "record.reject",
            ),
            (
                &server.cna,
                "POST",
                format!("/api/cve/{}/reject", ids[2]),
                &rejection(),
                "record.rejected",
                "record.reject",
            ),
            (
                &server.sec,
                "POST",
                "/api/org".into(),
                &org,
                "org.created",
                "org.create",
            ),
            (
                &server.sec,
                "PUT",
                "/api/org/other".into(),
                &nothing,
                "org.updated",
                "org.update",
            ),
            (
                &server.admin,
                "POST",
                "/api/org/acme/user".into(),
                &user,
                "user.created",
                "user.create",
            ),
            (
                &server.admin,
                "PUT",
                "/api/org/acme/user/new@acme?name.first=x".into(),
                &nothing,
                "user.updated",
                "user.update",
            ),
            (
                &server.admin,
                "PUT",
                "/api/org/acme/user/new@acme/reset_secret".into(),
                &nothing,
                "user.key_reset",
                "user.reset_key",
            ),
            (
                &server.sec,
                "POST",
                "/api/cve-id-range/1900".into(),
                &nothing,
                "year.opened",
                "year.open",
            ),
        ] {
            let (changes, events) = log(server);
            let answer = server.say(who, method, &path, body);
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            let (after, audited) = log(server);
            assert_eq!(after.len(), changes.len() + 1, "{path}");
            assert_eq!(audited.len(), events.len() + 1, "{path}");
            assert_eq!(after.last().unwrap().kind, kind, "{path}");
            let event = audited.last().unwrap();
            assert_eq!(
                (&event.action, &event.actor),
                (&action.to_owned(), &who.username)
            );
            let public = after.last().unwrap().visibility == Visibility::Public;
            assert_eq!(public, kind.starts_with("record."), "{path}");
        }
    });
}

#[test]
fn a_refused_request_changes_nothing() {
    each("a_refused_request_changes_nothing", |server| {
        let id = server.publish(&server.cna);
        let before = log(server);
        for (method, path) in [
            ("POST", format!("/api/cve/{id}/cna")),
            ("POST", "/api/cve/CVE-1900-0001/cna".into()),
            ("PUT", format!("/api/cve-id/{id}?state=REJECTED")),
            (
                "POST",
                "/api/cve-id?amount=11&batch_type=sequential&cve_year=2099&short_name=acme".into(),
            ),
        ] {
            let answer = server.say(&server.cna, method, &path, &container());
            assert!(answer.status >= 400, "{path}");
        }
        let user = json!({"username": "abc", "uuid": "x"});
        server.say(&server.sec, "POST", "/api/org/acme/user", &user);
        assert_eq!(log(server), before);
    });
}

#[test]
fn the_chain_holds_and_knows_no_key_and_no_record() {
    each("the_chain_holds_and_knows_no_key_and_no_record", |server| {
        server.publish(&server.cna);
        let body = json!({"username": "new@acme"});
        let created = server
            .say(&server.sec, "POST", "/api/org/acme/user", &body)
            .json();
        let key = created["created"]["secret"].as_str().unwrap().to_owned();
        let path = "/api/org/acme/user/new@acme/reset_secret";
        let reset = server.ask(&server.sec, "PUT", path).json();
        let new_key = reset["API-secret"].as_str().unwrap().to_owned();
        let (_, events) = log(server);
        let text = serde_json::to_string(&events).unwrap();
        for secret in [&key, &new_key, &server.cna.key, "A flaw in p of v."] {
            assert!(!text.contains(secret), "{secret}");
        }
        assert!(!text.contains("sha256:"), "a stored key");
        let verdict = server.store.read(|reader| reader.verify_audit());
        assert_eq!(verdict.unwrap().broken, None);
    });
}
