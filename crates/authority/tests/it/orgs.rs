//! Organisations.

use serde_json::{Value, json};

use crate::server::each;

#[test]
fn an_organisation_is_created_with_the_programs_defaults() {
    each(
        "an_organisation_is_created_with_the_programs_defaults",
        |server| {
            let create = |body: &Value| server.say(&server.sec, "POST", "/api/org", body);
            let answer = create(&json!({"short_name": " new_one ", "name": " New ", "extra": 1}));
            assert_eq!(
                answer.message(),
                "new_one organization was successfully created."
            );
            let created = answer.json()["created"].clone();
            let now = server.world.now();
            assert_eq!(
                created,
                json!({
                    "UUID": created["UUID"],
                    "authority": {"active_roles": ["CNA"]},
                    "name": "New",
                    "policies": {"id_quota": 1000},
                    "short_name": "new_one",
                    "time": {"created": now, "modified": now},
                })
            );
            for (body, roles, quota) in [
                (
                    json!({"authority": {"active_roles": ["adp"]}, "policies": {"id_quota": 7}}),
                    json!(["ADP"]),
                    0,
                ),
                (
                    json!({"authority": {"active_roles": ["BULK_DOWNLOAD"]}, "policies": {"id_quota": "5"}}),
                    json!(["BULK_DOWNLOAD"]),
                    5,
                ),
                (
                    json!({"authority": {"active_roles": []}}),
                    json!(["CNA"]),
                    1000,
                ),
                (
                    json!({"authority": {"active_roles": ["cna", "ADP", "CNA"]}}),
                    json!(["CNA", "ADP"]),
                    1000,
                ),
            ] {
                let mut body = body;
                body["short_name"] = json!(format!("org_{quota}_{}", roles.to_string().len()));
                body["name"] = json!("<b>");
                let created = create(&body).json()["created"].clone();
                assert_eq!(created["authority"]["active_roles"], roles, "{body}");
                assert_eq!(created["policies"]["id_quota"], quota, "{body}");
            }
        },
    );
}

#[test]
fn a_wrong_organisation_is_told_check_by_check() {
    each("a_wrong_organisation_is_told_check_by_check", |server| {
        for (body, entries) in [
            (json!({}), 5),
            (json!({"name": "", "short_name": ""}), 3),
            (json!({"short_name": "good_one"}), 2),
            (json!({"short_name": "a", "name": "b"}), 1),
            (json!({"short_name": 5, "name": 6}), 3),
            (
                json!({"short_name": "ab", "name": "a", "authority": {"active_roles": "CNA"}}),
                2,
            ),
            (
                json!({"short_name": "ab", "name": "a", "authority": {"active_roles": [["CNA"]]}}),
                2,
            ),
            (
                json!({"short_name": "ab", "name": "a", "policies": {"id_quota": 100_001}}),
                1,
            ),
            (
                json!({"short_name": "ab", "name": "a", "policies": {"id_quota": -1}}),
                1,
            ),
            (json!({"short_name": "a\u{0}b", "name": "a"}), 1),
            (json!({"short_name": "a\nb", "name": "a"}), 1),
        ] {
            let answer = server.say(&server.sec, "POST", "/api/org", &body).json();
            assert_eq!(answer["error"], "BAD_INPUT", "{body}");
            assert_eq!(
                answer["details"].as_array().unwrap().len(),
                entries,
                "{body}"
            );
        }
        for (body, error) in [
            (
                json!({"short_name": "ab", "name": "a", "Uuid": "x"}),
                "UUID_PROVIDED",
            ),
            (json!({"short_name": "acme", "name": "a"}), "ORG_EXISTS"),
        ] {
            let answer = server.say(&server.sec, "POST", "/api/org", &body);
            assert_eq!((answer.status, answer.error()), (400, error.into()));
        }
    });
}

#[test]
fn an_organisation_is_shown_by_its_name_or_uuid() {
    each("an_organisation_is_shown_by_its_name_or_uuid", |server| {
        let own = server.ask(&server.cna, "GET", "/api/org/acme").json();
        let by_uuid = format!("/api/org/{}", own["UUID"].as_str().unwrap());
        assert_eq!(server.ask(&server.cna, "GET", &by_uuid).json(), own);
        assert_eq!(server.ask(&server.sec, "GET", &by_uuid).json(), own);
        let unknown = "/api/org/12b746bd-357f-483d-8cda-ed822fecf731";
        for (who, path, status, error) in [
            (
                &server.cna,
                "/api/org/other",
                403,
                "NOT_SAME_ORG_OR_SECRETARIAT",
            ),
            (
                &server.cna,
                "/api/org/nobody",
                403,
                "NOT_SAME_ORG_OR_SECRETARIAT",
            ),
            (&server.cna, unknown, 403, "NOT_SAME_ORG_OR_SECRETARIAT"),
            (&server.sec, unknown, 404, "ORG_DNE"),
            (&server.sec, "/api/org/nobody", 404, "ORG_DNE"),
            (
                &server.sec,
                "/api/org/nobody/id_quota",
                404,
                "ORG_DNE_PARAM",
            ),
            (
                &server.cna,
                "/api/org/nobody/id_quota",
                403,
                "NOT_SAME_ORG_OR_SECRETARIAT",
            ),
            (&server.cna, "/api/org/nobody/users", 404, "ORG_DNE_PARAM"),
            (&server.sec, "/api/org/x/id_quota", 400, "BAD_INPUT"),
        ] {
            let answer = server.ask(who, "GET", path);
            assert_eq!(
                (answer.status, answer.error()),
                (status, error.into()),
                "{path}"
            );
        }
    });
}

#[test]
fn organisations_are_listed_by_short_name() {
    each("organisations_are_listed_by_short_name", |server| {
        let list = server.ask(&server.sec, "GET", "/api/org").json();
        let names: Vec<_> = list["organizations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|org| org["short_name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["acme", "enrich", "mirror", "mitre", "other"]);
        let text = list.to_string();
        assert!(
            text.contains(r#""active_roles":["SECRETARIAT","CNA"]"#),
            "{text}"
        );
    });
}

#[test]
fn an_organisation_is_updated_by_its_query() {
    each("an_organisation_is_updated_by_its_query", |server| {
        let update =
            |query: &str| server.ask(&server.sec, "PUT", &format!("/api/org/other?{query}"));
        let roles = |answer: &Value| answer["updated"]["authority"]["active_roles"].clone();
        assert_eq!(
            update("").message(),
            "other organization was successfully updated."
        );
        let added = update("active_roles.add=adp&active_roles.add=ROOT_CNA").json();
        assert_eq!(roles(&added), json!(["CNA", "ADP", "ROOT_CNA"]));
        let removed = update("active_roles.remove=CNA&active_roles.remove=ROOT_CNA").json();
        assert_eq!(roles(&removed), json!(["ADP"]));
        assert_eq!(roles(&update("active_roles.remove=ADP").json()), json!([]));
        for (query, status, error) in [
            ("foo=1", 400, "BAD_INPUT"),
            ("id_quota=abc", 400, "BAD_INPUT"),
            ("id_quota=5&id_quota=6", 400, "BAD_INPUT"),
            ("name=", 400, "BAD_INPUT"),
            ("name=%3Cb%3E", 400, "BAD_INPUT"),
            ("active_roles.add=bogus", 400, "BAD_INPUT"),
            ("active_roles.add[][a]=CNA", 400, "BAD_INPUT"),
            ("new_short_name=acme", 403, "DUPLICATE_SHORTNAME"),
            ("new_short_name=other", 403, "DUPLICATE_SHORTNAME"),
        ] {
            let answer = update(query);
            assert_eq!(
                (answer.status, answer.error()),
                (status, error.into()),
                "{query}"
            );
        }
        let renamed = update("new_short_name=other2&name=New%20Name&id_quota=55").json();
        assert_eq!(renamed["updated"]["short_name"], "other2");
        assert_eq!(renamed["updated"]["policies"]["id_quota"], 55);
        assert_eq!(update("name=X").error(), "ORG_DNE_PARAM");
    });
}

#[test]
fn a_new_name_shows_in_old_answers_at_once() {
    each("a_new_name_shows_in_old_answers_at_once", |server| {
        let id = server.publish(&server.cna);
        server.ask(&server.sec, "PUT", "/api/org/acme?new_short_name=acme2");
        let shown = server.ask(None, "GET", &format!("/api/cve-id/{id}")).json();
        assert_eq!(shown["owning_cna"], "acme2");
        assert_eq!(server.ask(&server.cna, "GET", "/api/org/acme2").status, 401);
    });
}
