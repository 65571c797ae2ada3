//! CVE IDs: showing, listing, changing.

use authority::Compat;
use serde_json::{Value, json};

use crate::server::{Server, each, each_as};

fn items(server: &Server, who: &crate::server::Who, query: &str) -> Vec<Value> {
    let answer = server.ask(who, "GET", &format!("/api/cve-id?{query}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["cve_ids"].as_array().unwrap().clone()
}

#[test]
fn an_id_is_shown_whole_to_its_owner_and_redacted_to_others() {
    each(
        "an_id_is_shown_whole_to_its_owner_and_redacted_to_others",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            let path = format!("/api/cve-id/{id}");
            let redacted = json!({
                "cve_id": id,
                "cve_year": "2099",
                "state": "RESERVED",
                "owning_cna": "[REDACTED]",
            });
            let mut wrong_key = server.cna.clone();
            wrong_key.key.push('0');
            for who in [
                None,
                Some(&server.other),
                Some(&server.adp),
                Some(&wrong_key),
            ] {
                assert_eq!(server.ask(who, "GET", &path).json(), redacted);
            }
            for who in [&server.cna, &server.admin, &server.sec] {
                let shown = server.ask(who, "GET", &path).json();
                assert_eq!(
                    shown["requested_by"],
                    json!({"cna": "acme", "user": "ann@acme"})
                );
                assert_eq!(shown["owning_cna"], "acme");
                assert_eq!(shown["time"]["created"], json!(server.world.now()));
            }
        },
    );
}

#[test]
fn a_published_id_names_its_owner_to_everyone() {
    each("a_published_id_names_its_owner_to_everyone", |server| {
        let id = server.publish(&server.cna);
        let shown = server.ask(None, "GET", &format!("/api/cve-id/{id}")).json();
        assert_eq!(
            shown,
            json!({
                "cve_id": id,
                "cve_year": "2099",
                "state": "PUBLISHED",
                "owning_cna": "acme",
                "dateUpdated": server.world.now(),
            })
        );
    });
}

#[test]
fn a_text_that_is_no_id_is_refused_and_an_unknown_id_not_found() {
    each("a_text_that_is_no_id_is_refused", |server| {
        for (id, status) in [
            ("CVE-1900-9999", 404),
            ("CVE-0000-0000", 404),
            ("CVE-2099-00001", 404),
            ("cve-2099-0001", 400),
            ("CVE-99-1", 400),
            ("CVE-2099-0001%20", 400),
            ("CVE-2099-12345678901234567890", 400),
        ] {
            let answer = server.ask(None, "GET", &format!("/api/cve-id/{id}"));
            assert_eq!(answer.status, status, "{id}");
        }
    });
}

#[test]
fn a_list_holds_the_ids_of_the_caller_and_of_all_for_those_who_may() {
    each("a_list_holds_the_ids_of_the_caller", |server| {
        server.reserve(&server.cna, 2);
        server.reserve(&server.other, 3);
        assert_eq!(items(server, &server.cna, "").len(), 2);
        assert_eq!(items(server, &server.other, "").len(), 3);
        assert_eq!(items(server, &server.adp, "").len(), 0);
        assert_eq!(items(server, &server.bulk, "").len(), 5);
        assert_eq!(items(server, &server.sec, "").len(), 5);
    });
}

#[test]
fn filters_of_a_list_combine() {
    each("filters_of_a_list_combine", |server| {
        let ids = server.reserve(&server.cna, 3);
        server.ask(
            &server.cna,
            "PUT",
            &format!("/api/cve-id/{}?state=REJECTED", ids[1]),
        );
        let now = server.world.now();
        let (before, after) = (now.plus_ms(-1000), now.plus_ms(1000));
        for (query, count) in [
            ("state=rejected".to_owned(), 1),
            ("state=RESERVED&cve_id_year=2099".into(), 2),
            ("cve_id_year=1900".into(), 0),
            (
                format!("time_reserved.gt={before}&time_modified.lt={after}"),
                3,
            ),
            (format!("time_reserved.gt={now}"), 0),
            (format!("time_modified.gt={before}&state=REJECTED"), 1),
            ("time_reserved.gt=2001-01-01".into(), 3),
            ("time_reserved.gt=2001-01-01T00:00:00%2B05:30".into(), 3),
            ("page=2".into(), 0),
            ("page=99999999999999999999".into(), 0),
        ] {
            assert_eq!(items(server, &server.cna, &query).len(), count, "{query}");
        }
    });
}

#[test]
fn what_is_wrong_with_a_filter_is_told_without_its_value() {
    each(
        "what_is_wrong_with_a_filter_is_told_without_its_value",
        |server| {
            for (query, msg, param) in [
                ("foo%3Cb=1", "'foo b' is not a valid parameter name.", ""),
                (
                    "STATE=RESERVED",
                    "'STATE' is not a valid parameter name.",
                    "",
                ),
                ("page=0", "Invalid value", "page"),
                ("page=", "Invalid value", "page"),
                (
                    "state=BLARG",
                    "Invalid CVE ID state. Valid states are: RESERVED, PUBLISHED, REJECTED",
                    "state",
                ),
                ("state=RESERVED&state=REJECTED", "Invalid value", "state"),
                (
                    "cve_id_year=1900&cve_id_year=2099",
                    "Invalid value",
                    "cve_id_year",
                ),
            ] {
                let answer = server.ask(&server.cna, "GET", &format!("/api/cve-id?{query}"));
                let expected = json!([{"msg": msg, "param": param, "location": "query"}]);
                assert_eq!(answer.json()["details"], expected, "{query}");
                assert!(!String::from_utf8_lossy(&answer.body).contains("BLARG"));
            }
        },
    );
}

#[test]
fn paging_fields_appear_from_500_ids_on() {
    each("paging_fields_appear_from_500_ids_on", |server| {
        server.reserve(&server.other, 499);
        let list = || server.ask(&server.other, "GET", "/api/cve-id").json();
        assert_eq!(list().as_object().unwrap().len(), 1);
        server.reserve(&server.other, 2);
        let first = list();
        assert_eq!(first["totalCount"], 501);
        assert_eq!(
            (&first["prevPage"], &first["nextPage"]),
            (&Value::Null, &json!(2))
        );
        let second = server
            .ask(&server.other, "GET", "/api/cve-id?page=2")
            .json();
        assert_eq!(second["cve_ids"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&second["prevPage"], &second["nextPage"]),
            (&json!(1), &Value::Null)
        );
    });
}

#[test]
fn a_requester_who_is_not_the_owner_is_redacted_in_lists() {
    each(
        "a_requester_who_is_not_the_owner_is_redacted_in_lists",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            server.ask(&server.cna, "PUT", &format!("/api/cve-id/{id}?org=other"));
            let listed = items(server, &server.other, "");
            assert_eq!(
                listed[0]["requested_by"],
                json!({"cna": "acme", "user": "REDACTED"})
            );
            let listed = items(server, &server.sec, "");
            assert_eq!(listed[0]["requested_by"]["user"], "ann@acme");
            let single = server.ask(&server.other, "GET", &format!("/api/cve-id/{id}"));
            assert_eq!(single.json()["requested_by"]["user"], "ann@acme");
            let single = server.ask(&server.cna, "GET", &format!("/api/cve-id/{id}"));
            assert_eq!(single.json()["owning_cna"], "[REDACTED]");
        },
    );
}

#[test]
fn a_user_who_moved_away_is_redacted_in_lists() {
    each("a_user_who_moved_away_is_redacted_in_lists", |server| {
        server.reserve(&server.cna, 1);
        let path = "/api/org/acme/user/ann@acme?org_short_name=other";
        assert_eq!(server.ask(&server.sec, "PUT", path).status, 200);
        let listed = items(server, &server.admin, "");
        assert_eq!(listed[0]["requested_by"]["user"], "REDACTED");
    });
}

#[test]
fn a_reader_of_all_does_not_learn_who_reserved_since_2_5() {
    each_as(
        "a_reader_of_all_learned_it_before",
        Compat::V2_3,
        |server| {
            server.reserve(&server.cna, 1);
            assert_eq!(items(server, &server.bulk, "")[0]["owning_cna"], "acme");
        },
    );
    each("a_reader_of_all_does_not_learn_who_reserved", |server| {
        server.reserve(&server.cna, 1);
        let listed = items(server, &server.bulk, "");
        assert_eq!(listed[0]["owning_cna"], "[REDACTED]");
        assert!(!listed[0].to_string().contains("acme"));
    });
}

#[test]
fn an_id_without_a_record_goes_to_rejected_and_back() {
    each(
        "an_id_without_a_record_goes_to_rejected_and_back",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            let change =
                |query: &str| server.ask(&server.cna, "PUT", &format!("/api/cve-id/{id}{query}"));
            for (query, state) in [
                ("", "RESERVED"),
                ("?state=rejected", "REJECTED"),
                ("?state=REJECTED", "REJECTED"),
                ("?state=RESERVED&org=", "RESERVED"),
            ] {
                let answer = change(query);
                assert_eq!(answer.message(), format!("{id} was successfully updated."));
                assert_eq!(answer.json()["updated"]["state"], state, "{query}");
            }
            for (query, status, error) in [
                ("?state=PUBLISHED", 400, "BAD_INPUT"),
                ("?state=", 400, "BAD_INPUT"),
                ("?foo=1", 400, "BAD_INPUT"),
                ("?org=nobody", 404, "ORG_DNE"),
            ] {
                let answer = change(query);
                assert_eq!(
                    (answer.status, answer.error()),
                    (status, error.into()),
                    "{query}"
                );
            }
        },
    );
}

#[test]
fn an_id_with_a_record_changes_its_owner_but_not_its_state() {
    each(
        "an_id_with_a_record_changes_its_owner_but_not_its_state",
        |server| {
            let id = server.publish(&server.cna);
            let path = format!("/api/cve-id/{id}");
            for state in ["RESERVED", "REJECTED"] {
                let answer = server.ask(&server.cna, "PUT", &format!("{path}?state={state}"));
                assert_eq!(answer.error(), "CANNOT_CHANGE_CVE_ID_WITH_RECORD");
            }
            let answer = server.ask(&server.cna, "PUT", &format!("{path}?org=other"));
            assert_eq!(answer.json()["updated"]["owning_cna"], "other");
            assert_eq!(answer.json()["updated"]["state"], "PUBLISHED");
        },
    );
}

#[test]
fn quota_moves_with_the_owner_and_the_state() {
    each("quota_moves_with_the_owner_and_the_state", |server| {
        let reserved = |org: &str| {
            let path = format!("/api/org/{org}/id_quota");
            server.ask(&server.sec, "GET", &path).json()["total_reserved"].clone()
        };
        let ids = server.reserve(&server.cna, 3);
        let change = |id: &str, query: &str| {
            let path = format!("/api/cve-id/{id}?{query}");
            assert_eq!(server.ask(&server.sec, "PUT", &path).status, 200);
        };
        change(&ids[0], "org=other");
        assert_eq!((reserved("acme"), reserved("other")), (json!(2), json!(1)));
        change(&ids[0], "org=acme&state=REJECTED");
        assert_eq!((reserved("acme"), reserved("other")), (json!(2), json!(0)));
        change(&ids[0], "state=RESERVED&org=acme");
        assert_eq!(reserved("acme"), 3);
        change(&ids[1], "org=acme");
        assert_eq!(reserved("acme"), 3);
    });
}

#[test]
fn an_id_cannot_return_to_reserved_when_its_owner_has_no_quota() {
    each("an_id_cannot_return_to_reserved_without_quota", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let path = format!("/api/cve-id/{id}");
        server.ask(&server.cna, "PUT", &format!("{path}?state=REJECTED"));
        server.reserve(&server.cna, 10);
        // The quota of the owner counts, also when the Secretariat asks.
        for who in [&server.cna, &server.sec] {
            let answer = server.ask(who, "PUT", &format!("{path}?state=RESERVED"));
            assert_eq!(answer.error(), "TRANSITION_STATE_RESERVED_NO_QUOTA");
            assert_eq!(answer.status, 403);
        }
    });
}

#[test]
fn a_year_is_opened_once() {
    each("a_year_is_opened_once", |server| {
        let open =
            |year: &str| server.ask(&server.sec, "POST", &format!("/api/cve-id-range/{year}"));
        let answer = open("1900");
        assert_eq!((answer.status, answer.body.len()), (200, 0));
        assert_eq!(answer.header("content-type"), None);
        let again = open("1900");
        assert_eq!(
            (again.status, again.error()),
            (400, "YEAR_RANGE_EXISTS".into())
        );
        assert_eq!(
            again.message(),
            "CVE Id Range document for year 1900 was not created because it already exists."
        );
        assert_eq!(open("19").error(), "BAD_INPUT");
        let path = "/api/cve-id?amount=1&cve_year=1900&short_name=mitre";
        let answer = server.ask(&server.sec, "POST", path).json();
        assert_eq!(answer["cve_ids"][0]["cve_id"], "CVE-1900-0001");
    });
}
