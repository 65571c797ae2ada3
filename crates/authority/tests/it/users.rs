//! Users.

use serde_json::{Value, json};

use crate::server::{Who, each};

const USERS: &str = "/api/org/acme/user";

#[test]
fn a_user_is_created_with_a_key_that_works() {
    each("a_user_is_created_with_a_key_that_works", |server| {
        let body = json!({
            "username": "new@acme",
            "name": {"first": " F ", "last": "L"},
            "authority": {"active_roles": ["admin", "ADMIN"]},
            "active": false,
        });
        let answer = server.say(&server.admin, "POST", USERS, &body);
        assert_eq!(answer.message(), "new@acme was successfully created.");
        let created = answer.json()["created"].clone();
        assert_eq!(created["authority"]["active_roles"], json!(["ADMIN"]));
        assert_eq!(
            created["name"],
            json!({"first": "F", "last": "L", "middle": "", "suffix": ""})
        );
        assert_eq!(created["active"], true);
        let key = created["secret"].as_str().unwrap().to_owned();
        assert!(key.len() == 36 && key.bytes().all(|b| b"0123456789abcdef".contains(&b)));
        let who = Who {
            org: "acme",
            username: "new@acme".into(),
            key,
        };
        let shown = server.ask(&who, "GET", &format!("{USERS}/new@acme")).json();
        assert_eq!(shown.get("secret"), None);
        assert_eq!(shown["UUID"], created["UUID"]);
    });
}

#[test]
fn what_is_wrong_with_a_new_user_is_told() {
    each("what_is_wrong_with_a_new_user_is_told", |server| {
        for (body, entries) in [
            (json!({}), 3),
            (json!({"username": ""}), 2),
            (json!({"username": "ab"}), 1),
            (json!({"username": 5}), 2),
            (
                json!({"username": "ok_name", "authority": {"active_roles": ["BOGUS"]}}),
                1,
            ),
            (
                json!({"username": "ok_name", "authority": {"active_roles": "ADMIN"}}),
                1,
            ),
            (
                json!({"username": "ok_name", "name": {"first": "x".repeat(101)}}),
                1,
            ),
            (json!({"username": "ok_name", "name": {"last": "\u{0}"}}), 1),
        ] {
            let answer = server.say(&server.sec, "POST", USERS, &body).json();
            assert_eq!(
                answer["details"].as_array().map(Vec::len),
                Some(entries),
                "{body}"
            );
        }
        for (who, path, body, status, error) in [
            (
                &server.sec,
                "/api/org/nobody/user",
                json!({"username": "abc"}),
                404,
                "ORG_DNE_PARAM",
            ),
            (
                &server.sec,
                USERS,
                json!({"username": "abc", "uuid": "x"}),
                400,
                "UUID_PROVIDED",
            ),
            (
                &server.sec,
                USERS,
                json!({"username": "abc", "ORG_uuid": "x"}),
                400,
                "UUID_PROVIDED",
            ),
            (
                &server.sec,
                USERS,
                json!({"username": "ann@acme"}),
                400,
                "USER_EXISTS",
            ),
            (
                &server.admin,
                "/api/org/other/user",
                json!({"username": "abc"}),
                403,
                "NOT_ORG_ADMIN_OR_SECRETARIAT",
            ),
        ] {
            let answer = server.say(who, "POST", path, &body);
            assert_eq!(
                (answer.status, answer.error()),
                (status, error.into()),
                "{body}"
            );
        }
        // The reference server creates the user it just refused.
        let answer = server.ask(&server.sec, "GET", &format!("{USERS}/abc"));
        assert_eq!(answer.error(), "USER_DNE");
    });
}

#[test]
fn an_organisation_has_at_most_100_users() {
    each("an_organisation_has_at_most_100_users", |server| {
        for index in 0..98 {
            let body = json!({"username": format!("user{index}")});
            assert_eq!(server.say(&server.sec, "POST", USERS, &body).status, 200);
        }
        let body = json!({"username": "one_more"});
        let answer = server.say(&server.sec, "POST", USERS, &body);
        assert_eq!(answer.error(), "NUMBER_OF_USERS_IN_ORG_LIMIT_REACHED");
        let listed = server.ask(&server.cna, "GET", "/api/org/acme/users").json();
        assert_eq!(listed["users"].as_array().unwrap().len(), 100);
    });
}

#[test]
fn an_update_is_allowed_by_who_asks_and_what_changes() {
    each(
        "an_update_is_allowed_by_who_asks_and_what_changes",
        |server| {
            let own = "ann@acme";
            let boss = "boss@acme";
            for (who, user, query, status, error) in [
                (&server.cna, own, "name.first=Me", 200, ""),
                (
                    &server.cna,
                    own,
                    "active=false",
                    403,
                    "NOT_ORG_ADMIN_OR_SECRETARIAT_UPDATE",
                ),
                (&server.cna, boss, "", 403, "NOT_SAME_USER_OR_SECRETARIAT"),
                (&server.cna, "nobody", "", 404, "USER_DNE"),
                (&server.cna, "a%20b", "", 400, "BAD_INPUT"),
                (&server.other, own, "", 403, "NOT_SAME_ORG_OR_SECRETARIAT"),
                (
                    &server.admin,
                    own,
                    "org_short_name=other",
                    403,
                    "NOT_ALLOWED_TO_CHANGE_ORGANIZATION",
                ),
                (
                    &server.admin,
                    boss,
                    "active_roles.remove=ADMIN",
                    403,
                    "NOT_ALLOWED_TO_SELF_DEMOTE",
                ),
                (
                    &server.admin,
                    own,
                    "new_username=boss@acme",
                    403,
                    "DUPLICATE_USERNAME",
                ),
                (&server.admin, own, "new_username=a", 400, "BAD_INPUT"),
                (&server.admin, own, "active=maybe", 400, "BAD_INPUT"),
                (
                    &server.admin,
                    own,
                    "active_roles.add=bogus",
                    400,
                    "BAD_INPUT",
                ),
                (
                    &server.admin,
                    own,
                    "active_roles.add%5B%5D%5Ba%5D=ADMIN",
                    400,
                    "BAD_INPUT",
                ),
                (&server.admin, own, "foo=1", 400, "BAD_INPUT"),
                (&server.sec, own, "org_short_name=nobody", 404, "ORG_DNE"),
                (
                    &server.sec,
                    own,
                    "org_short_name=acme",
                    403,
                    "USER_ALREADY_IN_ORG",
                ),
                (&server.admin, own, "active_roles.add=ADMIN", 200, ""),
                (&server.sec, boss, "active_roles.remove=ADMIN", 200, ""),
            ] {
                let answer = server.ask(who, "PUT", &format!("{USERS}/{user}?{query}"));
                assert_eq!(
                    (answer.status, answer.error()),
                    (status, error.into()),
                    "{user} {query}"
                );
            }
            let answer = server.ask(&server.sec, "PUT", "/api/org/nobody/user/ann@acme");
            assert_eq!(answer.error(), "ORG_DNE_PARAM");
        },
    );
}

#[test]
fn an_update_changes_what_was_given_and_nothing_else() {
    each(
        "an_update_changes_what_was_given_and_nothing_else",
        |server| {
            let update = |user: &str, query: &str| {
                let answer = server.ask(&server.sec, "PUT", &format!("{user}?{query}"));
                assert_eq!(answer.status, 200, "{answer:?}");
                answer.json()
            };
            let own = format!("{USERS}/ann@acme");
            let answer = update(&own, "");
            assert_eq!(answer["message"], "No updates were specified for ann@acme.");
            let answer = update(&own, "name.first=A&name.last=B");
            assert_eq!(answer["message"], "ann@acme was successfully updated.");
            let answer = update(&own, "name.first=");
            assert_eq!(answer["updated"]["name"]["first"], "");
            assert_eq!(answer["updated"]["name"]["last"], "B");
            let answer = update(&own, "org_short_name=other&new_username=ann2");
            assert_eq!(answer["updated"]["username"], "ann2");
            let there = server.ask(&server.sec, "GET", "/api/org/other/user/ann2");
            assert_eq!(there.status, 200);
            assert_eq!(server.ask(&server.sec, "GET", &own).error(), "USER_DNE");
        },
    );
}

#[test]
fn users_are_listed_by_name_without_their_keys() {
    each("users_are_listed_by_name_without_their_keys", |server| {
        let names = |list: &Value| -> Vec<String> {
            let users = list["users"].as_array().unwrap();
            users
                .iter()
                .map(|user| user["username"].as_str().unwrap().to_owned())
                .collect()
        };
        let own = server
            .ask(&server.cna, "GET", "/api/org/acme/users?foo=1")
            .json();
        assert_eq!(names(&own), ["ann@acme", "boss@acme"]);
        let all = server.ask(&server.sec, "GET", "/api/users").json();
        assert_eq!(names(&all).len(), 6);
        for text in [own.to_string(), all.to_string()] {
            assert!(
                !text.contains("secret") && !text.contains("sha256"),
                "{text}"
            );
        }
    });
}
