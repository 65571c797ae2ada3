//! Signing in: links, sessions, tokens, and what is kept of them.

use std::sync::Barrier;

use casework::{ApiKey, Error, NewAccount, Role, Secret};
use cve::hash::Digest;
use store::{DatabaseUrl, PersonRow, TokenRow};

use crate::office::{API_KEY, NO_PORTAL, Office, on_each_engine, refusal_code};

const HOUR_MS: i64 = 60 * 60 * 1000;

fn link(office: &Office, name: &str) -> Secret {
    office.desk.invite(&office.actor("admin"), name).unwrap()
}

#[test]
fn a_link_opens_a_session_of_the_person_it_was_made_for() {
    on_each_engine(
        "a_link_opens_a_session_of_the_person_it_was_made_for",
        |office| {
            let session = office.desk.sign_in(link(office, "ana").reveal()).unwrap();
            let actor = office.desk.actor(session.reveal()).unwrap();
            assert_eq!(actor, office.actor("ana"));
        },
    );
}

#[test]
fn a_link_works_once() {
    on_each_engine("a_link_works_once", |office| {
        let link = link(office, "ana");
        office.desk.sign_in(link.reveal()).unwrap();
        let again = office.desk.sign_in(link.reveal());
        assert_eq!(refusal_code(again), "not_signed_in");
    });
}

#[test]
fn a_link_works_within_its_hour_and_not_after() {
    on_each_engine("a_link_works_within_its_hour_and_not_after", |office| {
        let (in_time, late) = (link(office, "ana"), link(office, "ana"));
        office.clock.advance_ms(HOUR_MS);
        office.desk.sign_in(in_time.reveal()).unwrap();
        office.clock.advance_ms(1);
        let result = office.desk.sign_in(late.reveal());
        assert_eq!(refusal_code(result), "not_signed_in");
    });
}

#[test]
fn a_link_used_twice_at_once_opens_one_session() {
    on_each_engine("a_link_used_twice_at_once_opens_one_session", |office| {
        let desks = [office.desk.clone(), office.second_desk()];
        for _ in 0..5 {
            let link = link(office, "ana");
            let start = Barrier::new(4);
            let results: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4)
                    .map(|index| {
                        let (desk, link, start) = (&desks[index % 2], &link, &start);
                        scope.spawn(move || {
                            start.wait();
                            desk.sign_in(link.reveal())
                        })
                    })
                    .collect();
                threads.into_iter().map(|t| t.join().unwrap()).collect()
            });
            let (opened, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert_eq!(opened.len(), 1, "{}", office.engine);
            for result in refused {
                assert_eq!(refusal_code(result), "not_signed_in");
            }
        }
    });
}

#[test]
fn a_session_ends_with_signing_out() {
    on_each_engine("a_session_ends_with_signing_out", |office| {
        let session = office.desk.sign_in(link(office, "ana").reveal()).unwrap();
        let other = office.desk.sign_in(link(office, "ana").reveal()).unwrap();
        office.desk.sign_out(session.reveal()).unwrap();
        let result = office.desk.actor(session.reveal());
        assert_eq!(refusal_code(result), "not_signed_in");
        office.desk.actor(other.reveal()).unwrap();
    });
}

#[test]
fn a_session_ends_after_twelve_hours_and_a_token_after_a_year() {
    on_each_engine(
        "a_session_ends_after_twelve_hours_and_a_token_after_a_year",
        |office| {
            let ana = office.actor("ana");
            let session = office.desk.sign_in(link(office, "ana").reveal()).unwrap();
            let token = office.desk.issue_token(&ana, "script").unwrap();
            office.clock.advance_ms(12 * HOUR_MS + 1);
            let result = office.desk.actor(session.reveal());
            assert_eq!(refusal_code(result), "not_signed_in");
            assert_eq!(office.desk.actor(token.reveal()).unwrap(), ana);
            office.clock.advance_ms(365 * 24 * HOUR_MS);
            let result = office.desk.actor(token.reveal());
            assert_eq!(refusal_code(result), "not_signed_in");
        },
    );
}

#[test]
fn a_link_is_no_session_and_a_session_is_no_link() {
    on_each_engine("a_link_is_no_session_and_a_session_is_no_link", |office| {
        let link = link(office, "ana");
        assert_eq!(
            refusal_code(office.desk.actor(link.reveal())),
            "not_signed_in"
        );
        let session = office.desk.sign_in(link.reveal()).unwrap();
        let token = office.desk.issue_token(&office.actor("ana"), "x").unwrap();
        for secret in [session, token] {
            let result = office.desk.sign_in(secret.reveal());
            assert_eq!(refusal_code(result), "not_signed_in");
        }
    });
}

#[test]
fn an_unknown_secret_is_refused() {
    on_each_engine("an_unknown_secret_is_refused", |office| {
        for secret in ["", "x", &"0".repeat(64)] {
            assert_eq!(refusal_code(office.desk.actor(secret)), "not_signed_in");
            assert_eq!(refusal_code(office.desk.sign_in(secret)), "not_signed_in");
        }
    });
}

/// A person who is not active, with a token and a link that were made before.
fn deactivated(office: &Office) {
    office.write(|tx| {
        let now = tx.now();
        tx.insert_person(&PersonRow {
            id: "gone-id".into(),
            name: "gone".into(),
            full_name: String::new(),
            roles: vec!["oa".into()],
            active: false,
            created: now,
            left_at: Some(now),
            seen_at: None,
        })?;
        for kind in ["token", "link", "session"] {
            tx.insert_token(&TokenRow {
                digest: Digest::of(format!("secret {kind}").as_bytes()),
                person: "gone-id".into(),
                kind: kind.into(),
                label: String::new(),
                created: now,
                expires: now.plus_ms(HOUR_MS),
                used: None,
                scopes: vec!["*".into()],
            })?;
        }
        Ok(())
    });
}

#[test]
fn whoever_was_deactivated_is_refused_whatever_they_hold() {
    on_each_engine(
        "whoever_was_deactivated_is_refused_whatever_they_hold",
        |office| {
            deactivated(office);
            let results = [
                refusal_code(office.desk.actor("secret token")),
                refusal_code(office.desk.actor("secret session")),
                refusal_code(office.desk.sign_in("secret link")),
                refusal_code(office.desk.actor_in_folder(Some("gone"))),
            ];
            assert_eq!(
                results,
                ["not_signed_in", "not_signed_in", "not_signed_in", "invalid"]
            );
        },
    );
}

#[test]
fn whoever_was_deactivated_joins_no_new_case() {
    on_each_engine("whoever_was_deactivated_joins_no_new_case", |office| {
        deactivated(office);
        let case = office.received();
        let on_it = office
            .desk
            .store()
            .read(|reader| reader.is_member(case.number(), "gone-id"));
        assert!(!on_it.unwrap());
    });
}

#[test]
fn the_first_start_makes_one_administrator_and_a_later_one_nobody() {
    on_each_engine(
        "the_first_start_makes_one_administrator_and_a_later_one_nobody",
        |office| {
            assert!(office.desk.first_run("second").unwrap().is_none());
            assert_eq!(
                refusal_code(office.desk.actor_in_folder(Some("second"))),
                "invalid"
            );
        },
    );
}

#[test]
fn whoever_holds_the_folder_names_the_person_when_there_are_several() {
    on_each_engine(
        "whoever_holds_the_folder_names_the_person_when_there_are_several",
        |office| {
            let message = |name| match office.desk.actor_in_folder(name) {
                Err(Error::Refused(refusal)) => refusal.to_string(),
                other => panic!("{other:?}"),
            };
            assert!(message(None).starts_with("--as: name the person to act as: one of `admin`"));
            assert!(message(Some("zoe")).starts_with("--as: nobody is called `zoe`"));
        },
    );
}

#[test]
fn a_desk_without_people_says_how_to_start_whoever_is_asked_for() {
    let test = store::testing::sqlite();
    let office_less = store::Store::open(test.url.clone(), store::testing::world()).unwrap();
    let desk = casework::Desk::new(
        office_less,
        store::testing::world(),
        casework::Settings {
            portal_url: String::new(),
            master_key: casework::MasterKey::new([7; 32]),
            request: std::sync::Arc::new(
                client::Request::new(client::Settings::default()).unwrap(),
            ),
            pace: casework::Pace::default(),
        },
    );
    for name in [None, Some("ana")] {
        let Err(Error::Refused(refusal)) = desk.actor_in_folder(name) else {
            panic!("nobody is there")
        };
        assert_eq!(
            refusal.to_string(),
            "--as: the desk has nobody yet: start it once with `cna serve`"
        );
    }
}

#[test]
fn a_name_that_is_taken_or_is_no_name_is_refused() {
    on_each_engine("a_name_that_is_taken_or_is_no_name_is_refused", |office| {
        let admin = office.actor("admin");
        let long = "a".repeat(65);
        for name in ["ana", "", "a b", "Ärger", "a/b", long.as_str()] {
            let result = office.desk.add_person(&admin, name, "", &[Role::Analyst]);
            assert_eq!(refusal_code(result), "invalid", "{name}");
        }
    });
}

/// Every byte of the database's files.
fn database_bytes(url: &DatabaseUrl) -> Vec<u8> {
    let DatabaseUrl::Sqlite(file) = url else {
        panic!("{url} is not a file")
    };
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn no_secret_lies_in_the_database() {
    let office = Office::open(store::testing::sqlite(), NO_PORTAL);
    let admin = office.actor("admin");
    let account = NewAccount {
        name: "practice".into(),
        environment: "practice".into(),
        base_url: "http://cve.example/api/".into(),
        org: "example".into(),
        username: "desk@example.org".into(),
        key: ApiKey::new(API_KEY),
    };
    assert!(!format!("{account:?}").contains(API_KEY));
    office.desk.add_account(&admin, account).unwrap();
    let link = link(&office, "ana");
    let session = office.desk.sign_in(link.reveal()).unwrap();
    let token = office.desk.issue_token(&admin, "script").unwrap();
    let bytes = database_bytes(&office.url);
    assert!(holds(&bytes, "http://cve.example/api/"), "the search works");
    for secret in [link.reveal(), session.reveal(), token.reveal(), API_KEY] {
        assert!(!holds(&bytes, secret), "{secret}");
    }
    let shown = format!("{:?} {:?} {:?}", office.desk, session, token);
    for secret in [session.reveal(), token.reveal(), "7, 7, 7"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
