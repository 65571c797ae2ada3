//! Administration under `/authority/v1`, by role.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::server::{Server, Who, each};

/// A Root with an administrator, another user, and a sub-CNA with a user.
struct Rooted {
    admin: Who,
    user: Who,
    sub: Who,
}

fn who(server: &Server, org: &'static str, username: &str, admin: bool) -> Who {
    let roles = if admin { json!(["ADMIN"]) } else { json!([]) };
    let path = format!("/authority/v1/orgs/{org}/users");
    let body = json!({"username": username, "roles": roles});
    let created = server.say(&server.sec, "POST", &path, &body);
    assert_eq!(created.status, 201, "{created:?}");
    Who {
        org,
        username: username.to_owned(),
        key: created.json()["key"]["secret"].as_str().unwrap().to_owned(),
    }
}

fn rooted(server: &Server) -> Rooted {
    let orgs = "/authority/v1/orgs";
    let root = json!({"short_name": "root", "name": "A Root", "roles": ["root_cna", "CNA"]});
    assert_eq!(server.say(&server.sec, "POST", orgs, &root).status, 201);
    let admin = who(server, "root", "ruth@root", true);
    let sub = json!({"short_name": "sub", "name": "Below it"});
    let sub = server.say(&admin, "POST", orgs, &sub);
    assert_eq!(sub.status, 201, "{sub:?}");
    assert_eq!(sub.json()["parent"], "root");
    assert_eq!(sub.json()["roles"], json!(["CNA"]));
    Rooted {
        user: who(server, "root", "rolf@root", false),
        sub: who(server, "sub", "sue@sub", true),
        admin,
    }
}

fn admin(server: &Server, who: &Who, method: &str, path: &str, body: Value) -> Answer {
    server.say(who, method, &format!("/authority/v1{path}"), &body)
}

/// Status and code.
fn outcome(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

#[test]
fn each_endpoint_admits_exactly_its_administrators() {
    each(
        "each_endpoint_admits_exactly_its_administrators",
        |server| {
            let root = rooted(server);
            let ok = |status: u16| (status, String::new());
            let no = |status: u16, code: &str| (status, code.to_owned());
            let beyond = || no(403, "BEYOND_ROOT");
            let not_admin = || no(403, "NOT_ROOT_ADMIN");
            let unknown = || no(404, "ORG_DNE_PARAM");
            // Method, path, body; then the Secretariat, the Root's administrator
            // and another user of the Root.
            let user = |name: &str| json!({"username": name});
            let rows = [
                ("GET", "/me", json!({}), ok(200), ok(200), ok(200)),
                ("GET", "/orgs", json!({}), ok(200), ok(200), ok(200)),
                ("GET", "/orgs/sub", json!({}), ok(200), ok(200), ok(200)),
                ("GET", "/orgs/root", json!({}), ok(200), ok(200), ok(200)),
                (
                    "GET",
                    "/orgs/acme",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "PUT",
                    "/orgs/sub",
                    json!({"name": "n"}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "PUT",
                    "/orgs/root",
                    json!({"name": "n"}),
                    ok(200),
                    beyond(),
                    not_admin(),
                ),
                (
                    "PUT",
                    "/orgs/acme",
                    json!({"name": "n"}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "PUT",
                    "/orgs/sub",
                    json!({"parent": "root"}),
                    ok(200),
                    beyond(),
                    not_admin(),
                ),
                (
                    "PUT",
                    "/orgs/sub",
                    json!({"roles": ["CNA"]}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "POST",
                    "/orgs/sub/disable",
                    json!({}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "POST",
                    "/orgs/sub/enable",
                    json!({}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "POST",
                    "/orgs/other/disable",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "POST",
                    "/orgs/other/enable",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "GET",
                    "/orgs/sub/quota",
                    json!({}),
                    ok(200),
                    ok(200),
                    ok(200),
                ),
                (
                    "GET",
                    "/orgs/acme/quota",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "PUT",
                    "/orgs/sub/quota",
                    json!({"id_quota": 7}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "PUT",
                    "/orgs/acme/quota",
                    json!({"id_quota": 7}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "GET",
                    "/orgs/sub/users",
                    json!({}),
                    ok(200),
                    ok(200),
                    ok(200),
                ),
                (
                    "GET",
                    "/orgs/acme/users",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "POST",
                    "/orgs/sub/users",
                    user("new"),
                    ok(201),
                    no(400, "USER_EXISTS"),
                    not_admin(),
                ),
                (
                    "POST",
                    "/orgs/root/users",
                    user("new"),
                    ok(201),
                    beyond(),
                    not_admin(),
                ),
                (
                    "POST",
                    "/orgs/acme/users",
                    user("new"),
                    ok(201),
                    unknown(),
                    unknown(),
                ),
                (
                    "GET",
                    "/orgs/sub/users/new",
                    json!({}),
                    ok(200),
                    ok(200),
                    ok(200),
                ),
                (
                    "PUT",
                    "/orgs/sub/users/new",
                    json!({"active": true}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "PUT",
                    "/orgs/acme/users/new",
                    json!({"active": true}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "POST",
                    "/orgs/sub/users/new/key",
                    json!({}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "POST",
                    "/orgs/acme/users/new/key",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                ("GET", "/ranges", json!({}), ok(200), ok(200), ok(200)),
                (
                    "POST",
                    "/ranges",
                    json!({"year": "2098"}),
                    ok(201),
                    beyond(),
                    beyond(),
                ),
                (
                    "PUT",
                    "/ranges/2098",
                    json!({"last": 60_000_000}),
                    ok(200),
                    beyond(),
                    beyond(),
                ),
                (
                    "POST",
                    "/transfers",
                    json!({"from": "sub", "to": "root"}),
                    ok(200),
                    ok(200),
                    not_admin(),
                ),
                (
                    "POST",
                    "/transfers",
                    json!({"from": "sub", "to": "acme"}),
                    ok(200),
                    unknown(),
                    not_admin(),
                ),
                (
                    "POST",
                    "/transfers",
                    json!({"from": "acme", "to": "sub"}),
                    ok(200),
                    unknown(),
                    not_admin(),
                ),
                ("GET", "/audit", json!({}), ok(200), ok(200), ok(200)),
                (
                    "GET",
                    "/audit?org=acme",
                    json!({}),
                    ok(200),
                    unknown(),
                    unknown(),
                ),
                (
                    "GET",
                    "/audit/verify",
                    json!({}),
                    ok(200),
                    beyond(),
                    beyond(),
                ),
            ];
            for (method, path, body, sec, root_admin, root_user) in rows {
                let name = format!("{method} {path} {body}");
                let asked = |who: &Who| outcome(&admin(server, who, method, path, body.clone()));
                assert_eq!(asked(&server.sec), sec, "Secretariat: {name}");
                assert_eq!(
                    asked(&root.admin),
                    root_admin,
                    "Root's administrator: {name}"
                );
                assert_eq!(asked(&root.user), root_user, "Root's user: {name}");
                for others in [&server.cna, &server.admin, &server.adp, &server.bulk] {
                    let refused = no(403, "ADMINISTRATORS_ONLY");
                    assert_eq!(asked(others), refused, "{} : {name}", others.username);
                }
                let anonymous = server.say(None, method, &format!("/authority/v1{path}"), &body);
                assert_eq!(anonymous.error(), "BAD_REQUEST", "{name}");
            }
        },
    );
}

#[test]
fn a_root_lists_itself_and_what_is_under_it() {
    each("a_root_lists_itself_and_what_is_under_it", |server| {
        let root = rooted(server);
        let names = |who: &Who| -> Vec<String> {
            let orgs = admin(server, who, "GET", "/orgs", json!({})).json();
            let orgs = orgs["orgs"].as_array().unwrap().clone();
            orgs.iter()
                .map(|org| org["short_name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(names(&root.admin), ["root", "sub"]);
        assert_eq!(
            names(&server.sec),
            ["acme", "enrich", "mirror", "mitre", "other", "root", "sub"]
        );
    });
}

#[test]
fn a_root_gives_no_role_but_cna_and_takes_no_other() {
    each(
        "a_root_gives_no_role_but_cna_and_takes_no_other",
        |server| {
            let root = rooted(server);
            for roles in [
                json!(["SECRETARIAT"]),
                json!(["CNA", "ADP"]),
                json!(["ROOT_CNA"]),
            ] {
                let body = json!({"short_name": "mighty", "name": "n", "roles": roles});
                let created = admin(server, &root.admin, "POST", "/orgs", body);
                assert_eq!(outcome(&created), (403, "BEYOND_ROOT".into()), "{roles}");
                let changed = admin(
                    server,
                    &root.admin,
                    "PUT",
                    "/orgs/sub",
                    json!({"roles": roles}),
                );
                assert_eq!(outcome(&changed), (403, "BEYOND_ROOT".into()), "{roles}");
            }
            let elsewhere = json!({"short_name": "away", "name": "n", "parent": "mitre"});
            let created = admin(server, &root.admin, "POST", "/orgs", elsewhere);
            assert_eq!(created.error(), "BEYOND_ROOT");
            admin(
                server,
                &server.sec,
                "PUT",
                "/orgs/sub",
                json!({"roles": ["CNA", "ADP"]}),
            );
            let changed = admin(
                server,
                &root.admin,
                "PUT",
                "/orgs/sub",
                json!({"roles": ["CNA"]}),
            );
            assert_eq!(changed.error(), "BEYOND_ROOT");
        },
    );
}

#[test]
fn nobody_is_under_itself_or_under_what_is_no_root() {
    each(
        "nobody_is_under_itself_or_under_what_is_no_root",
        |server| {
            let sec = &server.sec;
            rooted(server);
            let below =
                json!({"short_name": "low", "name": "n", "roles": ["ROOT_CNA"], "parent": "root"});
            assert_eq!(admin(server, sec, "POST", "/orgs", below).status, 201);
            for (org, parent, code) in [
                ("acme", "other", "NOT_A_ROOT"),
                ("acme", "nobody", "NOT_A_ROOT"),
                ("root", "root", "ROOT_UNDER_ITSELF"),
                ("root", "low", "ROOT_UNDER_ITSELF"),
            ] {
                let path = format!("/orgs/{org}");
                let changed = admin(server, sec, "PUT", &path, json!({"parent": parent}));
                assert_eq!(
                    outcome(&changed),
                    (400, code.into()),
                    "{org} under {parent}"
                );
            }
            let freed = admin(server, sec, "PUT", "/orgs/low", json!({"parent": null}));
            assert_eq!(freed.json()["parent"], Value::Null);
        },
    );
}

#[test]
fn nobody_of_a_disabled_organisation_signs_in() {
    each("nobody_of_a_disabled_organisation_signs_in", |server| {
        let id = server.publish(&server.cna);
        let reason = json!({"reason": "left the Program"});
        let disabled = admin(server, &server.sec, "POST", "/orgs/acme/disable", reason);
        assert_eq!(disabled.json()["disabled"], json!(server.world.now()));
        assert_eq!(disabled.json()["disabled_reason"], "left the Program");
        for who in [&server.cna, &server.admin] {
            let refused = server.ask(who, "GET", "/api/org/acme");
            assert_eq!(outcome(&refused), (401, "UNAUTHORIZED".into()));
            assert_eq!(refused.message(), "Unauthorized");
            // Where a key is only welcome, the caller is anonymous.
            let path = format!("/api/cve-id/{id}");
            assert_eq!(
                server.ask(who, "GET", &path).json(),
                server.ask(None, "GET", &path).json()
            );
        }
        // What it published stays, and its records are still there to be read.
        assert_eq!(
            server.ask(None, "GET", &format!("/api/cve/{id}")).status,
            200
        );
        let shown = server.ask(&server.sec, "GET", "/api/org/acme");
        assert_eq!(shown.status, 200);
        admin(server, &server.sec, "POST", "/orgs/acme/enable", json!({}));
        assert_eq!(server.ask(&server.cna, "GET", "/api/org/acme").status, 200);
    });
}

#[test]
fn the_last_secretariat_stays() {
    each("the_last_secretariat_stays", |server| {
        let sec = &server.sec;
        for (method, path, body) in [
            ("POST", "/orgs/mitre/disable", json!({})),
            ("PUT", "/orgs/mitre", json!({"roles": ["CNA"]})),
        ] {
            let refused = admin(server, sec, method, path, body);
            assert_eq!(outcome(&refused), (409, "LAST_SECRETARIAT".into()));
        }
        let second = json!({"short_name": "second", "name": "n", "roles": ["SECRETARIAT"]});
        admin(server, sec, "POST", "/orgs", second);
        let disabled = admin(server, sec, "POST", "/orgs/mitre/disable", json!({}));
        assert_eq!(disabled.status, 200);
    });
}

#[test]
fn keys_are_shown_once_and_their_age_and_use_always() {
    each(
        "keys_are_shown_once_and_their_age_and_use_always",
        |server| {
            let path = "/orgs/acme/users";
            let created = admin(
                server,
                &server.sec,
                "POST",
                path,
                json!({"username": "kay@acme"}),
            );
            let secret = created.json()["key"]["secret"].as_str().unwrap().to_owned();
            assert_eq!(secret.len(), 36);
            let one = || {
                admin(
                    server,
                    &server.sec,
                    "GET",
                    "/orgs/acme/users/kay@acme",
                    json!({}),
                )
            };
            assert!(!String::from_utf8_lossy(&one().body).contains(&secret));
            let key = json!({"created": server.world.now(), "age_days": 0, "last_used": null});
            assert_eq!(one().json()["key"], key);
            let who = Who {
                org: "acme",
                username: "kay@acme".into(),
                key: secret.clone(),
            };
            for _ in 0..3 {
                assert_eq!(server.ask(&who, "GET", "/api/cve-id").status, 200);
            }
            // A wrong key is no use of it.
            let mut wrong = server.admin.clone();
            wrong.key.push('0');
            server.ask(&wrong, "GET", "/api/cve-id");
            let before = server.store.read(|reader| reader.last_change()).unwrap();
            server.service.settle();
            let after: i64 = server
                .store
                .read::<_, store::Error>(|reader| reader.last_change())
                .unwrap();
            assert_eq!(before, after, "a date of use is no change");
            assert_eq!(one().json()["key"]["last_used"], json!(server.world.now()));
            let listed = admin(server, &server.sec, "GET", path, json!({})).json();
            let never = listed["users"].as_array().unwrap().iter();
            let never: Vec<_> = never
                .filter(|user| user["key"]["last_used"].is_null())
                .map(|user| user["username"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(never, ["ann@acme", "boss@acme"]);
            let reset = admin(
                server,
                &server.sec,
                "POST",
                "/orgs/acme/users/kay@acme/key",
                json!({}),
            );
            assert_ne!(reset.json()["key"]["secret"], json!(secret));
            assert_eq!(server.ask(&who, "GET", "/api/cve-id").status, 401);
        },
    );
}

#[test]
fn ids_go_to_another_organisation_all_or_none() {
    each("ids_go_to_another_organisation_all_or_none", |server| {
        let published = server.publish(&server.cna);
        let reserved = server.reserve(&server.cna, 2);
        let sec = &server.sec;
        let ids = json!([published, reserved[0], "CVE-2099-9999"]);
        let refused = admin(
            server,
            sec,
            "POST",
            "/transfers",
            json!({"to": "other", "ids": ids}),
        );
        assert_eq!(outcome(&refused), (404, "CVE_IDS_NOT_FOUND".into()));
        assert_eq!(refused.message(), "Not found: CVE-2099-9999.");
        let owned = |org: &str| {
            let quota = server
                .ask(sec, "GET", &format!("/api/org/{org}/id_quota"))
                .json();
            quota["total_reserved"].as_i64().unwrap()
        };
        assert_eq!((owned("acme"), owned("other")), (2, 0));
        let record = server
            .ask(None, "GET", &format!("/api/cve/{published}"))
            .json();
        let body = json!({"to": "other", "ids": [published, reserved[0]]});
        let moved = admin(server, sec, "POST", "/transfers", body).json();
        assert_eq!(moved["transferred"].as_array().unwrap().len(), 2);
        assert_eq!((owned("acme"), owned("other")), (1, 1));
        // The record says what it said; its ID has another owner.
        assert_eq!(
            server
                .ask(None, "GET", &format!("/api/cve/{published}"))
                .json(),
            record
        );
        let id = server
            .ask(None, "GET", &format!("/api/cve-id/{published}"))
            .json();
        assert_eq!(id["owning_cna"], "other");
        let rest = json!({"from": "acme", "to": "other", "state": "reserved"});
        let moved = admin(server, sec, "POST", "/transfers", rest).json();
        assert_eq!(moved["transferred"][0]["cve_id"], json!(reserved[1]));
        assert_eq!(moved["left"], 0);
        assert_eq!((owned("acme"), owned("other")), (0, 2));
        for wrong in [
            json!({"to": "other"}),
            json!({"to": "other", "ids": ["CVE-1"]}),
            json!({"to": "other", "from": "acme", "ids": ["CVE-2099-0001"]}),
            json!({"to": "other", "ids": ["CVE-2099-0001"], "state": "RESERVED"}),
            json!({"to": "other", "from": "acme", "state": "LOST"}),
        ] {
            let refused = admin(server, sec, "POST", "/transfers", wrong.clone());
            assert_eq!(outcome(&refused), (400, "BAD_INPUT".into()), "{wrong}");
        }
    });
}

#[test]
fn a_root_transfers_only_between_its_own() {
    each("a_root_transfers_only_between_its_own", |server| {
        let root = rooted(server);
        let foreign = server.reserve(&server.cna, 1).remove(0);
        let own = server.reserve(&root.sub, 1).remove(0);
        let give = |id: &str| {
            let body = json!({"to": "root", "ids": [id]});
            admin(server, &root.admin, "POST", "/transfers", body)
        };
        assert_eq!(give(&foreign).error(), "CVE_IDS_NOT_FOUND");
        assert_eq!(give(&own).json()["transferred"][0]["from"], "sub");
    });
}

#[test]
fn a_year_is_opened_listed_and_extended() {
    each("a_year_is_opened_listed_and_extended", |server| {
        let sec = &server.sec;
        server.reserve(&server.cna, 3);
        let ranges = admin(server, sec, "GET", "/ranges", json!({})).json();
        assert_eq!(
            ranges["ranges"][0],
            json!({
                "year": "2099",
                "priority": {"first": 1, "last_given": null, "last": 20_000, "left": 20_000},
                "general": {
                    "first": 20_001,
                    "last_given": 20_003,
                    "last": 50_000_000,
                    "left": 49_979_997,
                },
            })
        );
        let again = admin(server, sec, "POST", "/ranges", json!({"year": "2099"}));
        assert_eq!(outcome(&again), (400, "YEAR_RANGE_EXISTS".into()));
        let extend = |year: &str, last: i64| {
            let body = json!({"last": last});
            outcome(&admin(server, sec, "PUT", &format!("/ranges/{year}"), body))
        };
        assert_eq!(extend("2099", 20_002), (409, "RANGE_TOO_SHORT".into()));
        assert_eq!(extend("2097", 60_000), (404, "YEAR_NOT_OPEN".into()));
        assert_eq!(extend("x", 60_000), (404, "YEAR_NOT_OPEN".into()));
        assert_eq!(extend("2099", 0), (400, "BAD_INPUT".into()));
        assert_eq!(extend("2099", 20_004), (200, String::new()));
        server.reserve(&server.cna, 1);
        let full = "/api/cve-id?amount=1&batch_type=sequential&cve_year=2099&short_name=acme";
        assert_eq!(
            server.ask(&server.cna, "POST", full).error(),
            "YEAR_RANGE_FULL"
        );
    });
}

#[test]
fn every_change_is_audited_and_a_root_reads_what_concerns_it() {
    each(
        "every_change_is_audited_and_a_root_reads_what_concerns_it",
        |server| {
            let root = rooted(server);
            server.reserve(&root.sub, 1);
            server.reserve(&server.cna, 1);
            admin(
                server,
                &server.sec,
                "PUT",
                "/orgs/sub/quota",
                json!({"id_quota": 3}),
            );
            admin(
                server,
                &root.admin,
                "POST",
                "/orgs/sub/disable",
                json!({"reason": "r"}),
            );
            let events = |who: &Who, query: &str| -> Vec<(String, String)> {
                let answer =
                    admin(server, who, "GET", &format!("/audit?{query}"), json!({})).json();
                let events = answer["events"].as_array().unwrap().clone();
                let word = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
                events
                    .iter()
                    .map(|event| (word(event, "action"), word(event, "org")))
                    .collect()
            };
            let expected = [
                ("org.create", "mitre"),
                ("user.create", "mitre"),
                ("org.create", "root"),
                ("user.create", "mitre"),
                ("user.create", "mitre"),
                ("id.reserve", "sub"),
                ("org.quota", "mitre"),
                ("org.disable", "root"),
            ];
            let expected: Vec<_> = expected
                .iter()
                .map(|(action, org)| ((*action).to_owned(), (*org).to_owned()))
                .collect();
            assert_eq!(events(&root.admin, ""), expected);
            assert!(events(&server.sec, "limit=1000").len() > expected.len());
            assert_eq!(events(&server.sec, "org=sub").len(), 1);
            let page = admin(server, &server.sec, "GET", "/audit?limit=2", json!({})).json();
            assert_eq!(page["next"], 2);
            let end = admin(server, &server.sec, "GET", "/audit?after=100000", json!({})).json();
            assert_eq!(end, json!({"events": [], "next": null}));
            let verdict = admin(server, &server.sec, "GET", "/audit/verify", json!({})).json();
            assert_eq!(verdict["broken"], Value::Null);
            // No key is in the chain.
            let all = admin(server, &server.sec, "GET", "/audit?limit=1000", json!({}));
            let all = String::from_utf8_lossy(&all.body).into_owned();
            for who in [&root.admin, &root.sub, &server.cna] {
                assert!(!all.contains(&who.key));
            }
        },
    );
}

#[test]
fn what_is_wrong_with_a_body_is_told() {
    each("what_is_wrong_with_a_body_is_told", |server| {
        let sec = &server.sec;
        for (method, path, body) in [
            ("POST", "/orgs", json!({})),
            ("POST", "/orgs", json!([])),
            ("POST", "/orgs", json!({"short_name": "x", "name": "n"})),
            ("POST", "/orgs", json!({"short_name": "xx", "name": " "})),
            (
                "POST",
                "/orgs",
                json!({"short_name": "xx", "name": "n", "extra": 1}),
            ),
            (
                "POST",
                "/orgs",
                json!({"short_name": "xx", "name": "n", "roles": ["BOSS"]}),
            ),
            (
                "POST",
                "/orgs",
                json!({"short_name": "xx", "name": "n", "id_quota": -1}),
            ),
            ("PUT", "/orgs/acme", json!({"id_quota": 1})),
            ("PUT", "/orgs/acme/quota", json!({"id_quota": 100_001})),
            ("PUT", "/orgs/acme/quota", json!({"id_quota": "7"})),
            ("POST", "/orgs/acme/users", json!({"username": "a b"})),
            (
                "POST",
                "/orgs/acme/users",
                json!({"username": "abc", "roles": ["BOSS"]}),
            ),
            (
                "POST",
                "/orgs/acme/users",
                json!({"username": "abc", "name": {"first": "x".repeat(101)}}),
            ),
            ("POST", "/ranges", json!({"year": "99"})),
            ("POST", "/transfers", json!({})),
        ] {
            let refused = admin(server, sec, method, path, body.clone());
            assert_eq!(
                outcome(&refused),
                (400, "BAD_INPUT".into()),
                "{path} {body}"
            );
            assert!(refused.json()["details"][0]["msg"].is_string());
        }
        let taken = admin(
            server,
            sec,
            "POST",
            "/orgs",
            json!({"short_name": "acme", "name": "n"}),
        );
        assert_eq!(taken.error(), "ORG_EXISTS");
        let renamed = admin(
            server,
            sec,
            "PUT",
            "/orgs/acme",
            json!({"short_name": "other"}),
        );
        assert_eq!(renamed.error(), "DUPLICATE_SHORTNAME");
        let twin = admin(
            server,
            sec,
            "PUT",
            "/orgs/acme/users/ann@acme",
            json!({"username": "boss@acme"}),
        );
        assert_eq!(twin.error(), "DUPLICATE_USERNAME");
        let nobody = admin(server, sec, "GET", "/orgs/acme/users/nobody", json!({}));
        assert_eq!(nobody.error(), "USER_DNE");
    });
}
