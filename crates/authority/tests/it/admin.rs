//! Setting an instance up without HTTP.

use authority::Refusal;
use authority::admin::{self, NewOrg, NewUser};
use serde_json::json;

use crate::server::{Who, each};

fn org(short_name: &str) -> NewOrg {
    NewOrg {
        short_name: short_name.parse().unwrap(),
        name: "n".into(),
        roles: vec!["CNA".into()],
        id_quota: 1,
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, authority::Error>) -> Refusal {
    match result.unwrap_err() {
        authority::Error::Refused(refusal) => refusal,
        authority::Error::Failed(failure) => panic!("{failure}"),
    }
}

#[test]
fn what_exists_is_not_created_again() {
    each("what_exists_is_not_created_again", |server| {
        let (store, world) = (&server.store, &server.world);
        let again = admin::create_org(store, world, org("acme"));
        assert_eq!(refusal(again), Refusal::OrgExists("acme".into()));
        let user = NewUser {
            username: "ann@acme".into(),
            ..NewUser::default()
        };
        let again = admin::create_user(store, world, &"acme".parse().unwrap(), user.clone());
        assert_eq!(refusal(again), Refusal::UserExists("ann@acme".into()));
        let unknown = admin::create_user(store, world, &"nobody".parse().unwrap(), user);
        assert_eq!(refusal(unknown), Refusal::UnknownOrgInPath("nobody".into()));
        assert!(!admin::open_year(store, "2099".parse().unwrap()).unwrap());
    });
}

#[test]
fn a_role_or_name_that_does_not_exist_is_refused() {
    each("a_role_or_name_that_does_not_exist_is_refused", |server| {
        let (store, world) = (&server.store, &server.world);
        let mut boss = org("boss_org");
        boss.roles = vec!["BOSS".into()];
        assert!(matches!(
            refusal(admin::create_org(store, world, boss)),
            Refusal::BadInput(_)
        ));
        let mut rich = org("rich_org");
        rich.id_quota = 100_001;
        assert!(matches!(
            refusal(admin::create_org(store, world, rich)),
            Refusal::BadInput(_)
        ));
        for (username, role) in [("a b", "ADMIN"), ("abc", "BOSS")] {
            let user = NewUser {
                username: username.into(),
                roles: vec![role.into()],
                ..NewUser::default()
            };
            let created = admin::create_user(store, world, &"acme".parse().unwrap(), user);
            assert!(matches!(refusal(created), Refusal::BadInput(_)));
        }
    });
}

/// A small instance of the reference server, invented.
fn seed() -> serde_json::Value {
    let time =
        json!({"created": "2001-01-01T00:00:00.000Z", "modified": "2002-01-01T00:00:00.000Z"});
    let block = |top: i64, end: i64| json!({"top_id": top, "start": 0, "end": end});
    json!({
        "orgs": [{
            "UUID": "11111111-1111-4111-8111-111111111111",
            "short_name": "old_cna",
            "name": "Old",
            "authority": {"active_roles": ["CNA"]},
            "policies": {"id_quota": 5},
            "time": time,
        }],
        "users": [{
            "UUID": "22222222-2222-4222-8222-222222222222",
            "org_UUID": "11111111-1111-4111-8111-111111111111",
            "username": "old@user",
            "active": true,
            "name": {"first": "O"},
            "authority": {"active_roles": []},
            // The key is `TCF25YM`.
            "secret": "$argon2id$v=19$m=4096,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$\
                       e4Fz5GB1owQ95vcOjbCmwksxKipy+Pe6VSvO1Y6rLNo",
            "time": time,
        }],
        "cve_id_ranges": [{
            "cve_year": "1900",
            "ranges": {"priority": block(7, 20_000), "general": block(20_000, 50_000_000)},
        }],
        "cve_ids": [{
            "cve_id": "CVE-1900-0001",
            "cve_year": "1900",
            "state": "RESERVED",
            "owning_cna": "11111111-1111-4111-8111-111111111111",
            "requested_by": {
                "cna": "11111111-1111-4111-8111-111111111111",
                "user": "22222222-2222-4222-8222-222222222222",
            },
            "reserved": "2001-01-01T00:00:00.000Z",
            "time": time,
        }],
        "cve_records": [{
            "cve": {"cveMetadata": {"cveId": "CVE-1900-0002", "state": "PUBLISHED"}, "legacy": 1},
            "time": time,
        }],
    })
}

#[test]
fn a_loaded_instance_keeps_its_uuids_dates_keys_and_old_records() {
    each("a_loaded_instance_keeps_what_it_was", |server| {
        let text = seed().to_string();
        let loaded = authority::load(&server.store, &server.world, text.as_bytes()).unwrap();
        assert_eq!(
            (loaded.orgs, loaded.users, loaded.ids, loaded.records),
            (1, 1, 1, 1)
        );
        let who = Who {
            org: "old_cna",
            username: "old@user".into(),
            key: "TCF25YM".into(),
        };
        let shown = server.ask(&who, "GET", "/api/org/old_cna").json();
        assert_eq!(shown["UUID"], "11111111-1111-4111-8111-111111111111");
        assert_eq!(shown["time"]["modified"], "2002-01-01T00:00:00.000Z");
        let quota = server.ask(&who, "GET", "/api/org/old_cna/id_quota").json();
        assert_eq!(quota["total_reserved"], 1);
        let path = "/api/cve-id?amount=1&cve_year=1900&short_name=old_cna";
        let reserved = server.ask(&who, "POST", path).json();
        assert_eq!(reserved["cve_ids"][0]["cve_id"], "CVE-1900-0008");
        let record = server.ask(None, "GET", "/api/cve/CVE-1900-0002").json();
        assert_eq!(record["legacy"], 1);
        assert!(authority::load(&server.store, &server.world, b"{}").is_err());
    });
}
