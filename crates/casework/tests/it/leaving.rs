//! Coming, changing, leaving, recovering; and tokens with scopes.

use casework::{Action, NewToken, Role, Scope};

use crate::office::{Office, on_each_engine, refusal_code, refused, report};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn token(office: &Office, name: &str, scopes: &[Scope], days: u16) -> String {
    let new = NewToken {
        label: "script".into(),
        scopes: Some(scopes.to_vec()),
        days,
    };
    let made = office.desk.new_token(&office.actor(name), &new).unwrap();
    made.1.reveal().to_owned()
}

#[test]
fn nothing_works_any_more_that_somebody_who_left_holds() {
    on_each_engine(
        "nothing_works_any_more_that_somebody_who_left_holds",
        |office| {
            let (desk, admin) = (&office.desk, office.actor("admin"));
            let ana = office.actor("ana");
            let token = desk.issue_token(&ana, "script").unwrap();
            let link = desk.invite(&admin, "ana").unwrap();
            let session = desk.sign_in(link.reveal()).unwrap();
            let unused = desk.invite(&admin, "ana").unwrap();
            let person = desk.leave(&admin, "ana").unwrap();
            assert!(!person.active && person.left_at.is_some());
            let results = [
                refusal_code(desk.actor(token.reveal())),
                refusal_code(desk.actor(session.reveal())),
                refusal_code(desk.sign_in(unused.reveal())),
                refusal_code(desk.actor_in_folder(Some("ana"))),
                refusal_code(desk.invite(&admin, "ana")),
                refusal_code(desk.new_token(
                    &ana,
                    &NewToken {
                        label: "late".into(),
                        scopes: None,
                        days: 1,
                    },
                )),
            ];
            assert_eq!(
                results,
                [
                    "not_signed_in",
                    "not_signed_in",
                    "not_signed_in",
                    "invalid",
                    "not_found",
                    "not_found"
                ]
            );
        },
    );
}

#[test]
fn what_somebody_did_stays_under_their_name() {
    on_each_engine("what_somebody_did_stays_under_their_name", |office| {
        let (case, _, _) = office.drafted();
        office.desk.leave(&office.actor("admin"), "ana").unwrap();
        let view = office.desk.case(&office.actor("rev"), case).unwrap();
        assert_eq!(view.records[0].draft.as_ref().unwrap().author, "ana");
        assert!(view.members.contains(&"ana".to_owned()));
        let people = office.desk.people(&office.actor("rev")).unwrap();
        assert!(people.iter().any(|person| person.name == "ana"));
    });
}

#[test]
fn the_last_administrator_can_neither_leave_nor_give_the_role_away() {
    on_each_engine(
        "the_last_administrator_can_neither_leave_nor_give_the_role_away",
        |office| {
            let (desk, admin) = (&office.desk, office.actor("admin"));
            desk.leave(&admin, "oan").unwrap();
            let refusal = refused(desk.leave(&admin, "admin"));
            assert_eq!(
                refusal.to_string(),
                "`admin` is the last administrator: give somebody else the role `oa` first (`cna person roles`)"
            );
            let result = desk.set_roles(&admin, "admin", &[Role::Analyst]);
            assert_eq!(refusal_code(result), "last_administrator");
            desk.set_roles(&admin, "ben", &[Role::Oa]).unwrap();
            desk.leave(&admin, "admin").unwrap();
        },
    );
}

#[test]
fn two_administrators_who_remove_each_other_at_once_leave_one() {
    on_each_engine(
        "two_administrators_who_remove_each_other_at_once_leave_one",
        |office| {
            let (one, two) = (office.actor("admin"), office.actor("oan"));
            let second = office.second_desk();
            let results = std::thread::scope(|scope| {
                let first = scope.spawn(|| office.desk.leave(&one, "oan").map(drop));
                let other = scope.spawn(|| second.leave(&two, "admin").map(drop));
                [first.join().unwrap(), other.join().unwrap()]
            });
            let left = results.iter().filter(|result| result.is_ok()).count();
            assert_eq!(left, 1, "{}", office.engine);
        },
    );
}

#[test]
fn new_roles_hold_from_the_next_request_on() {
    on_each_engine("new_roles_hold_from_the_next_request_on", |office| {
        let token = office
            .desk
            .issue_token(&office.actor("tri"), "script")
            .unwrap();
        assert!(
            !office
                .desk
                .actor(token.reveal())
                .unwrap()
                .may(Action::Draft)
        );
        let admin = office.actor("admin");
        let roles = [Role::Analyst, Role::Triager, Role::Analyst];
        let person = office.desk.set_roles(&admin, "tri", &roles).unwrap();
        assert_eq!(person.roles, ["triager", "analyst"]);
        assert!(
            office
                .desk
                .actor(token.reveal())
                .unwrap()
                .may(Action::Draft)
        );
    });
}

#[test]
fn whoever_holds_the_folder_can_bring_an_administrator_back() {
    on_each_engine(
        "whoever_holds_the_folder_can_bring_an_administrator_back",
        |office| {
            let (desk, admin) = (&office.desk, office.actor("admin"));
            desk.leave(&admin, "oan").unwrap();
            // Somebody who left, somebody who is there, somebody new.
            for name in ["oan", "tri", "zoe"] {
                let link = desk.recover(name).unwrap();
                let session = desk.sign_in(link.reveal()).unwrap();
                let actor = desk.actor(session.reveal()).unwrap();
                assert!(actor.may(Action::Administer), "{name}");
            }
            assert_eq!(refusal_code(desk.recover("no name")), "invalid");
            let events = desk
                .store()
                .read(|reader| reader.audit_of("person zoe"))
                .unwrap();
            let told: Vec<_> = events
                .iter()
                .map(|entry| (entry.actor.as_str(), entry.action.as_str()))
                .collect();
            assert_eq!(told[0], ("data folder", "person.recover"));
        },
    );
}

#[test]
fn signing_out_is_told_in_the_audit_chain_once() {
    on_each_engine("signing_out_is_told_in_the_audit_chain_once", |office| {
        let link = office.desk.invite(&office.actor("admin"), "ana").unwrap();
        let session = office.desk.sign_in(link.reveal()).unwrap();
        office.desk.sign_out(session.reveal()).unwrap();
        office.desk.sign_out(session.reveal()).unwrap();
        let events = office
            .desk
            .store()
            .read(|reader| reader.audit_of("person ana"))
            .unwrap();
        let told = events
            .iter()
            .filter(|entry| entry.action == "person.sign-out");
        assert_eq!(told.count(), 1);
    });
}

#[test]
fn a_token_is_good_for_its_scopes_and_nothing_else() {
    on_each_engine(
        "a_token_is_good_for_its_scopes_and_nothing_else",
        |office| {
            let desk = &office.desk;
            for scope in Scope::ALL {
                let secret = token(office, "admin", &[scope], 30);
                let actor = desk.actor(&secret).unwrap();
                for action in Action::ALL {
                    let expected = action.scope() == scope && office.actor("admin").may(*action);
                    assert_eq!(actor.may(*action), expected, "{scope} {action:?}");
                }
            }
            let form = desk
                .actor(&token(office, "tri", &[Scope::Report], 30))
                .unwrap();
            let case = desk.receive(&form, &report()).unwrap();
            let refusal = refused(desk.case(&form, case));
            assert_eq!(
                refusal.to_string(),
                "`tri` may not see cases: it needs a token with the scope `read`"
            );
        },
    );
}

#[test]
fn a_token_makes_no_token_that_is_good_for_more() {
    on_each_engine("a_token_makes_no_token_that_is_good_for_more", |office| {
        let secret = token(office, "admin", &[Scope::Read, Scope::Administer], 30);
        let actor = office.desk.actor(&secret).unwrap();
        let make = |scopes: Option<&[Scope]>| {
            let new = NewToken {
                label: "another".into(),
                scopes: scopes.map(<[Scope]>::to_vec),
                days: 1,
            };
            office.desk.new_token(&actor, &new)
        };
        make(Some(&[Scope::Read])).unwrap();
        for scopes in [None, Some(&[Scope::Read, Scope::Publish][..]), Some(&[])] {
            assert_eq!(refusal_code(make(scopes)), "invalid");
        }
    });
}

#[test]
fn a_token_stops_working_on_its_day() {
    on_each_engine("a_token_stops_working_on_its_day", |office| {
        let secret = token(office, "ana", &[Scope::Read], 7);
        office.clock.advance_ms(7 * DAY_MS);
        office.desk.actor(&secret).unwrap();
        office.clock.advance_ms(1);
        assert_eq!(refusal_code(office.desk.actor(&secret)), "not_signed_in");
        let ana = office.actor("ana");
        assert!(office.desk.tokens(&ana, None).unwrap()[0].expired);
    });
}

#[test]
fn a_token_without_label_scope_or_a_possible_lifetime_is_refused() {
    on_each_engine(
        "a_token_without_label_scope_or_a_possible_lifetime_is_refused",
        |office| {
            let ana = office.actor("ana");
            for (label, days) in [("", 1), (" ", 1), ("x", 0), ("x", 366)] {
                let new = NewToken {
                    label: label.into(),
                    scopes: None,
                    days,
                };
                let result = office.desk.new_token(&ana, &new);
                assert_eq!(refusal_code(result), "invalid", "{label:?} {days}");
            }
        },
    );
}

#[test]
fn a_revoked_token_works_no_more_and_others_do() {
    on_each_engine("a_revoked_token_works_no_more_and_others_do", |office| {
        let (ana, ben) = (office.actor("ana"), office.actor("ben"));
        let (gone, kept) = (
            token(office, "ana", &[Scope::Read], 7),
            token(office, "ana", &[Scope::Read], 7),
        );
        let ids: Vec<_> = office.desk.tokens(&ana, None).unwrap();
        let own = |secret: &str| {
            let digest = cve::hash::Digest::of(secret.as_bytes()).to_string();
            ids.iter()
                .find(|token| digest.starts_with(&token.id))
                .unwrap()
                .id
                .clone()
        };
        // Nobody but an administrator reaches the tokens of others.
        let result = office.desk.revoke_token(&ben, None, &own(&gone));
        assert_eq!(refusal_code(result), "not_found");
        let result = office.desk.revoke_token(&ben, Some("ana"), &own(&gone));
        assert_eq!(refusal_code(result), "not_allowed");
        office.desk.revoke_token(&ana, None, &own(&gone)).unwrap();
        assert_eq!(refusal_code(office.desk.actor(&gone)), "not_signed_in");
        office.desk.actor(&kept).unwrap();
        let admin = office.actor("admin");
        office
            .desk
            .revoke_token(&admin, Some("ana"), &own(&kept))
            .unwrap();
        assert_eq!(refusal_code(office.desk.actor(&kept)), "not_signed_in");
    });
}

#[test]
fn the_hundred_and_first_person_has_to_wait() {
    let office = Office::open(store::testing::sqlite(), crate::office::NO_PORTAL);
    let admin = office.actor("admin");
    let there = office.desk.people(&admin).unwrap().len();
    for number in there..100 {
        office
            .desk
            .add_person(&admin, &format!("p{number}"), "", &[])
            .unwrap();
    }
    let result = office.desk.add_person(&admin, "late", "", &[]);
    assert_eq!(refusal_code(result), "invalid");
    office.desk.leave(&admin, "p99").unwrap();
    office.desk.add_person(&admin, "late", "", &[]).unwrap();
}
