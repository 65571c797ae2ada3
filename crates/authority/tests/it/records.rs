//! Records: publishing, updating, rejecting, enriching; and whole ones.

use authority::Compat;
use serde_json::{Value, json};

use crate::server::{Server, Who, container, each, each_as, rejection, with};

fn cna(id: &str) -> String {
    format!("/api/cve/{id}/cna")
}

fn reject(id: &str) -> String {
    format!("/api/cve/{id}/reject")
}

fn state_of(server: &Server, id: &str) -> String {
    let shown = server
        .ask(&server.sec, "GET", &format!("/api/cve-id/{id}"))
        .json();
    shown["state"].as_str().unwrap().to_owned()
}

fn uuid_of(server: &Server, who: &Who) -> Value {
    server
        .ask(&server.sec, "GET", &format!("/api/org/{}", who.org))
        .json()["UUID"]
        .clone()
}

#[test]
fn a_published_record_is_stamped_and_answered_byte_for_byte() {
    each("a_published_record_is_stamped", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let body = with(container(), "title", json!("  a title "));
        let answer = server.say(&server.cna, "POST", &cna(&id), &body);
        assert_eq!(
            answer.message(),
            format!(
                "{id} record was successfully created. This submission should appear on \
                 https://cve.org/ within 15 minutes."
            )
        );
        let (now, org) = (server.world.now(), uuid_of(server, &server.cna));
        let record = answer.json()["created"].clone();
        assert_eq!(
            record["cveMetadata"],
            json!({
                "cveId": id,
                "assignerOrgId": org,
                "state": "PUBLISHED",
                "assignerShortName": "acme",
                "dateReserved": now,
                "datePublished": now,
                "dateUpdated": now,
            })
        );
        assert_eq!(
            (&record["dataType"], &record["dataVersion"]),
            (&json!("CVE_RECORD"), &json!("5.2"))
        );
        assert_eq!(
            record["containers"]["cna"]["providerMetadata"],
            json!({"orgId": org, "shortName": "acme", "dateUpdated": now})
        );
        assert_eq!(record["containers"]["cna"]["title"], "a title");
        let shown = server.ask(None, "GET", &format!("/api/cve/{id}"));
        assert_eq!(shown.json(), record);
        let answered = String::from_utf8(answer.body).unwrap();
        assert!(answered.contains(&String::from_utf8(shown.body).unwrap()));
    });
}

#[test]
fn a_submission_is_checked_before_anything_is_stored() {
    each(
        "a_submission_is_checked_before_anything_is_stored",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            let en = |value: &str| json!([{"lang": "en", "value": value}]);
            let twice = json!([{"lang": "en", "value": "a"}, {"lang": "EN", "value": "b"}]);
            for (body, error) in [
                (json!({}), "INVALID_JSON_SCHEMA"),
                (json!([]), "BAD_INPUT"),
                (json!({"cnaContainer": {}, "foo": 1}), "INVALID_JSON_SCHEMA"),
                (with(container(), "foo", json!(1)), "INVALID_JSON_SCHEMA"),
                (with(container(), "x_a.b", json!(1)), "INVALID_JSON_SCHEMA"),
                (
                    with(container(), "descriptions", Value::Null),
                    "INVALID_JSON_SCHEMA",
                ),
                (
                    with(container(), "affected", Value::Null),
                    "INVALID_JSON_SCHEMA",
                ),
                (
                    with(container(), "references", Value::Null),
                    "INVALID_JSON_SCHEMA",
                ),
                (
                    with(container(), "descriptions", en("   ")),
                    "INVALID_JSON_SCHEMA",
                ),
                (with(container(), "descriptions", twice), "BAD_INPUT"),
                (
                    with(container(), "datePublic", json!("2999-01-01T00:00:00Z")),
                    "BAD_INPUT",
                ),
                (
                    with(container(), "x_y", json!({"a\u{0}": 1})),
                    "UNABLE_TO_STORE_CVE_RECORD",
                ),
            ] {
                let answer = server.say(&server.cna, "POST", &cna(&id), &body);
                assert_eq!(
                    (answer.status, answer.error()),
                    (400, error.into()),
                    "{body}"
                );
                if error == "INVALID_JSON_SCHEMA" {
                    assert_eq!(
                        answer.message(),
                        "CVE cnaContainer JSON schema validation FAILED."
                    );
                    assert!(answer.json()["details"]["errors"][0]["instancePath"].is_string());
                }
            }
            assert_eq!(state_of(server, &id), "RESERVED");
            let with_x = with(container(), "x_y", json!({"$a": {"b.c": [1.5, null]}}));
            assert_eq!(
                server.say(&server.cna, "POST", &cna(&id), &with_x).status,
                200
            );
        },
    );
}

#[test]
fn the_schema_comes_before_the_id_and_the_id_before_the_owner() {
    each("the_schema_comes_before_the_id", |server| {
        let broken = json!({"cnaContainer": {}});
        for (path, body, error) in [
            ("/api/cve/foo/cna", &broken, "INVALID_JSON_SCHEMA"),
            ("/api/cve/foo/cna", &container(), "BAD_INPUT"),
            (
                "/api/cve/CVE-1900-9999/cna",
                &container(),
                "ORG_DOES_NOT_OWN_ID",
            ),
        ] {
            assert_eq!(
                server.say(&server.cna, "POST", path, body).error(),
                error,
                "{path}"
            );
        }
    });
}

/// Source: cve-services section 8.
#[test]
fn states_change_as_the_program_says() {
    each("states_change_as_the_program_says", |server| {
        let sequence = [
            // From RESERVED, without a record.
            ("PUT", "cna", 403, "CVE_RECORD_DNE", "RESERVED"),
            ("PUT", "reject", 400, "CVE_RECORD_DNE", "RESERVED"),
            ("POST", "cna", 200, "", "PUBLISHED"),
            // From PUBLISHED.
            ("POST", "cna", 403, "CVE_RECORD_EXISTS", "PUBLISHED"),
            ("POST", "reject", 400, "CVE_RECORD_EXISTS", "PUBLISHED"),
            ("PUT", "cna", 200, "", "PUBLISHED"),
            ("PUT", "reject", 200, "", "REJECTED"),
            // From REJECTED, with a record.
            ("POST", "cna", 403, "CVE_RECORD_EXISTS", "REJECTED"),
            ("POST", "reject", 400, "CVE_RECORD_EXISTS", "REJECTED"),
            ("PUT", "reject", 200, "", "REJECTED"),
            ("PUT", "cna", 200, "", "PUBLISHED"),
        ];
        let id = server.reserve(&server.cna, 1).remove(0);
        for (method, kind, status, error, state) in sequence {
            let body = if kind == "cna" {
                container()
            } else {
                rejection()
            };
            let answer = server.say(&server.cna, method, &format!("/api/cve/{id}/{kind}"), &body);
            assert_eq!(
                (answer.status, answer.error()),
                (status, error.into()),
                "{method} {kind}"
            );
            assert_eq!(state_of(server, &id), state, "after {method} {kind}");
        }
    });
}

#[test]
fn an_id_rejected_without_a_record_can_be_published() {
    each(
        "an_id_rejected_without_a_record_can_be_published",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            server.ask(
                &server.cna,
                "PUT",
                &format!("/api/cve-id/{id}?state=REJECTED"),
            );
            assert_eq!(
                server.ask(None, "GET", &format!("/api/cve/{id}")).status,
                404
            );
            assert_eq!(
                server
                    .say(&server.cna, "POST", &cna(&id), &container())
                    .status,
                200
            );
            assert_eq!(state_of(server, &id), "PUBLISHED");
            let quota = server
                .ask(&server.cna, "GET", "/api/org/acme/id_quota")
                .json();
            assert_eq!(quota["total_reserved"], 0);
        },
    );
}

#[test]
fn an_update_replaces_the_container_whole_and_keeps_the_rest() {
    each("an_update_replaces_the_container_whole", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let titled = with(container(), "title", json!("t"));
        server.say(&server.cna, "POST", &cna(&id), &titled);
        server.say(
            &server.adp,
            "PUT",
            &format!("/api/cve/{id}/adp"),
            &json!({"adpContainer": {"title": "from the adp"}}),
        );
        let answer = server.say(&server.sec, "PUT", &cna(&id), &container());
        let record = answer.json()["updated"].clone();
        assert_eq!(record["containers"]["cna"].get("title"), None);
        assert_eq!(record["containers"]["adp"][0]["title"], "from the adp");
        // The Secretariat's update is marked as the Secretariat's.
        let metadata = &record["containers"]["cna"]["providerMetadata"];
        assert_eq!(metadata["shortName"], "mitre");
        assert_eq!(record["cveMetadata"]["assignerShortName"], "acme");
    });
}

#[test]
fn a_rejection_keeps_only_reasons_at_first_and_more_later() {
    each(
        "a_rejection_keeps_only_reasons_at_first_and_more_later",
        |server| {
            let id = server.reserve(&server.cna, 1).remove(0);
            let body = with(rejection(), "x_a", json!(1));
            let body = with(body, "replacedBy", json!(["CVE-1900-0001"]));
            let answer = server.say(&server.cna, "POST", &reject(&id), &body);
            assert_eq!(
                answer.message(),
                format!("{id} record was successfully submitted.")
            );
            let first = answer.json()["created"].clone();
            assert_eq!(first["containers"]["cna"].get("x_a"), None);
            assert_eq!(
                first["containers"]["cna"]["replacedBy"],
                json!(["CVE-1900-0001"])
            );
            assert_eq!(
                first["cveMetadata"]["dateRejected"],
                json!(server.world.now())
            );
            assert_eq!(first["cveMetadata"].get("datePublished"), None);
            let again = server.say(&server.cna, "PUT", &reject(&id), &body);
            assert_eq!(again.json()["updated"]["containers"]["cna"]["x_a"], 1);
            let wrong = with(rejection(), "rejectedReasons", json!([]));
            let answer = server.say(&server.cna, "PUT", &reject(&id), &wrong);
            assert_eq!(answer.message(), "CVE JSON schema validation FAILED.");
        },
    );
}

#[test]
fn an_adp_has_one_container_on_a_published_record() {
    each("an_adp_has_one_container_on_a_published_record", |server| {
        let id = server.publish(&server.cna);
        let path = format!("/api/cve/{id}/adp");
        let say = |who: &Who, body: Value| server.say(who, "PUT", &path, &body);
        let own = |title: &str| json!({"adpContainer": {"title": title}});
        let answer = say(&server.adp, own("one"));
        assert!(
            answer
                .message()
                .contains("had new ADP container for org enrich")
        );
        let answer = say(&server.adp, own("two"));
        assert!(
            answer
                .message()
                .contains("had replacement ADP container for org enrich")
        );
        let answer = say(&server.sec, own("three"));
        let adps = answer.json()["updated"]["containers"]["adp"].clone();
        let titles: Vec<_> = adps
            .as_array()
            .unwrap()
            .iter()
            .map(|adp| &adp["title"])
            .collect();
        assert_eq!(titles, ["two", "three"]);
        for (body, error) in [
            (json!({}), "BAD_ADP_FORMAT"),
            (json!({"adpContainer": {"foo": 1}}), "BAD_ADP_JSON"),
            (json!({"adpContainer": {}}), "BAD_ADP_JSON"),
            (json!({"adpContainer": 5}), "BAD_ADP_JSON"),
        ] {
            let answer = say(&server.adp, body);
            assert_eq!((answer.status, answer.error()), (400, error.into()));
        }
        let reserved = server.reserve(&server.cna, 1).remove(0);
        server.say(&server.cna, "PUT", &reject(&id), &rejection());
        for (id, status, error) in [
            (reserved.as_str(), 403, "CVE_RECORD_DNE"),
            ("CVE-1900-9999", 400, "CVEID_DNE"),
            (&id, 403, "CVE_RECORD_REJECTED"),
        ] {
            let answer = server.say(&server.adp, "PUT", &format!("/api/cve/{id}/adp"), &own("x"));
            assert_eq!(
                (answer.status, answer.error()),
                (status, error.into()),
                "{id}"
            );
        }
        // Publishing again does not bring the containers back.
        let answer = server.say(&server.cna, "PUT", &cna(&id), &container());
        assert_eq!(answer.json()["updated"]["containers"].get("adp"), None);
    });
}

#[test]
fn the_secretariat_stores_whole_records() {
    each("the_secretariat_stores_whole_records", |server| {
        let ids = server.reserve(&server.cna, 2);
        let uuid = "9cbfeea8-dea2-4923-b772-1ab41730e742";
        let whole = |id: &str| {
            let body = with(container(), "providerMetadata", json!({"orgId": uuid}));
            json!({
                "dataType": "CVE_RECORD",
                "dataVersion": "5.1",
                "cveMetadata": {
                    "cveId": id,
                    "assignerOrgId": uuid,
                    "state": "PUBLISHED",
                },
                "containers": {"cna": body["cnaContainer"]},
            })
        };
        let say = |method: &str, id: &str, body: &Value| {
            server.say(&server.sec, method, &format!("/api/cve/{id}"), body)
        };
        let (first, second) = (ids[0].as_str(), ids[1].as_str());
        let reserved = {
            let mut record = whole(first);
            record["cveMetadata"]["state"] = json!("RESERVED");
            record
        };
        for (method, id, body, status, error) in [
            ("POST", first, json!({}), 400, "INVALID_JSON_SCHEMA"),
            (
                "POST",
                first,
                json!({"cveMetadata": {}}),
                400,
                "INVALID_JSON_SCHEMA",
            ),
            ("POST", first, reserved, 400, "INVALID_JSON_SCHEMA"),
            ("POST", second, whole(first), 400, "CVEID_MISMATCH"),
            (
                "POST",
                "CVE-1900-9999",
                whole("CVE-1900-9999"),
                403,
                "CVEID_DNE",
            ),
            ("PUT", first, whole(first), 403, "CVE_RECORD_DNE"),
            ("POST", first, whole(first), 200, ""),
            ("POST", first, whole(first), 400, "CVE_RECORD_EXISTS"),
            ("PUT", first, whole(first), 200, ""),
        ] {
            let answer = say(method, id, &body);
            assert_eq!(
                (answer.status, answer.error()),
                (status, error.into()),
                "{method} {body}"
            );
        }
        assert_eq!(state_of(server, first), "PUBLISHED");
        assert_eq!(
            server.ask(None, "GET", &format!("/api/cve/{first}")).json(),
            whole(first)
        );
        let answer = say("POST", second, &json!({}));
        let errors = json!(["instance.cveMetadata is not defined"]);
        assert_eq!(answer.json()["details"]["errors"], errors);
    });
}

#[test]
fn what_came_after_2_3_can_be_switched_off() {
    let dated = with(
        container(),
        "datePublic",
        json!("2025-01-02T01:23:45-05:00"),
    );
    let date_of = |answer: &Value| answer["created"]["containers"]["cna"]["datePublic"].clone();
    each_as("what_came_after_2_3_is_off", Compat::V2_3, |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let path = format!("{}?erlcheck=true", cna(&id));
        let answer = server.say(&server.cna, "POST", &path, &dated).json();
        assert_eq!(date_of(&answer), "2025-01-02T01:23:45-05:00");
        assert_eq!(answer["created"]["dataVersion"], "5.1");
        assert_eq!(server.ask(None, "GET", "/api/cve_count").status, 404);
    });
    each("what_came_after_2_3_is_on", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let path = format!("{}?erlcheck=true", cna(&id));
        assert_eq!(server.say(&server.cna, "POST", &path, &dated).status, 400);
        assert_eq!(state_of(server, &id), "RESERVED");
        let answer = server.say(&server.cna, "POST", &cna(&id), &dated).json();
        assert_eq!(date_of(&answer), "2025-01-02T06:23:45.000Z");
    });
}

#[test]
fn a_package_url_with_a_fault_is_told_once() {
    each("a_package_url_with_a_fault_is_told_once", |server| {
        let id = server.reserve(&server.cna, 1).remove(0);
        let product = |purl: &str| json!({"vendor": "v", "product": "p", "defaultStatus": "affected", "packageURL": purl});
        let affected = json!([product("https://a.example"), product("pkg:npm/a@1")]);
        let answer = server.say(
            &server.cna,
            "POST",
            &cna(&id),
            &with(container(), "affected", affected),
        );
        assert_eq!(
            answer.json()["details"],
            json!([{
                "msg": "Invalid purl: missing required \"pkg\" scheme component: \"https://a.example\"",
                "param": "cnaContainer.affected",
                "location": "body",
            }])
        );
    });
}

#[test]
fn updates_at_once_are_all_stored_one_after_the_other() {
    each(
        "updates_at_once_are_all_stored_one_after_the_other",
        |server| {
            let id = server.publish(&server.cna);
            let statuses: Vec<u16> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4)
                    .map(|index| {
                        let (id, body) =
                            (&id, with(container(), "title", json!(format!("t{index}"))));
                        scope.spawn(move || server.say(&server.cna, "PUT", &cna(id), &body).status)
                    })
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert_eq!(statuses, [200; 4]);
            let record = server
                .store
                .read(|reader| reader.record(id.parse().unwrap()));
            let revision: Result<_, store::Error> = record.map(|record| record.unwrap().revision);
            assert_eq!(revision.unwrap(), 5);
        },
    );
}
