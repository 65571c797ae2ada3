//! Every call of the desk, asked by everybody: a stranger to the case gets the
//! answer of what is not there, a role without the right is refused, and no
//! call is left out of these tables.

use std::collections::BTreeSet;
use std::path::Path;

use casework::{Action, Actor, CaseId, Desk, Error, HitVerdict, NewToken, Role, Scope, Seen};
use cve::id::CveId;
use serde_json::{Value, json};

use crate::case_calls::{ON_A_CASE, ON_AN_ID, nothing, rejecting};
use crate::desk_calls::OF_THE_DESK;
use crate::office::{Office, on_each_engine, refused};
use crate::services::on_each_engine as with_services;

/// What names something that belongs to a case.
type OnThing = fn(&Desk, &Actor, &str) -> Result<(), Error>;

fn number(text: &str) -> i64 {
    text.parse().unwrap()
}

#[rustfmt::skip]
const ON_A_FOLLOW_UP: &[(&str, OnThing)] = &[
    ("followup", |d, a, f| d.followup(a, f).map(drop)),
    ("retry_followup", |d, a, f| d.retry_followup(a, f)),
    ("cancel_followup", |d, a, f| d.cancel_followup(a, f, "wrong")),
];

#[rustfmt::skip]
const ON_A_PROPOSAL: &[(&str, OnThing)] = &[
    ("proposal", |d, a, n| d.proposal(a, number(n)).map(drop)),
    ("approve_proposal", |d, a, n| d.approve_proposal(a, number(n), nothing(), "").map(drop)),
    ("withdraw_proposal", |d, a, n| d.withdraw_proposal(a, number(n), "no").map(drop)),
    ("proceed", |d, a, n| d.proceed(a, number(n)).map(drop)),
];

#[rustfmt::skip]
const ON_A_HIT: &[(&str, OnThing)] = &[
    ("decide_hit", |d, a, n| {
        let note = "a typing error".into();
        let verdict = HitVerdict { confirm: false, details: false, ours: false, note };
        d.decide_hit(a, number(n), &verdict).map(drop)
    }),
];

/// Calls that give what the actor may know and are looked at below: none of
/// them names anything a stranger may not.
const LISTS: [&str; 13] = [
    "breaches",
    "cases",
    "clocks",
    "digest",
    "due_reminders",
    "followups",
    "hits",
    "ledger",
    "ledger_line",
    "proposals",
    "status",
    "tracking_sheet",
    "transfers",
];

/// The same answer, whatever the thing is called.
fn same(text: &str, found: &str, missing: &str) -> bool {
    text.replace(found, "THING")
        == missing
            .replace("999999", "THING")
            .replace("CVE-1900-9999", "THING")
}

/// Somebody with every role, and one with each alone, all of them strangers.
fn strangers(office: &Office) -> Vec<Actor> {
    let mut strangers = vec![office.hire("eve", &Role::ALL)];
    for role in Role::ALL {
        strangers.push(office.hire(&format!("eve-{role}"), &[role]));
    }
    strangers
}

#[test]
fn to_a_stranger_a_case_is_what_is_not_there_whatever_is_asked_of_it() {
    on_each_engine("to_a_stranger_a_case_is_what_is_not_there", |office| {
        let cases = [office.received(), office.determined(), office.ready().0];
        let missing: CaseId = "999999".parse().unwrap();
        for eve in strangers(office) {
            for (name, action, ask) in ON_A_CASE {
                let expected = refused(ask(&office.desk, &eve, missing)).to_string();
                let code = refused(ask(&office.desk, &eve, missing)).code();
                let wanted = if eve.may(*action) {
                    "not_found"
                } else {
                    "not_allowed"
                };
                assert_eq!(code, wanted, "{name} by {}: {expected}", eve.name());
                for case in cases {
                    let found = refused(ask(&office.desk, &eve, case)).to_string();
                    let thing = |number: CaseId| format!("case {number}");
                    assert!(
                        same(
                            &found,
                            &thing(case),
                            &expected.replace(&thing(missing), "THING")
                        ),
                        "{name} by {}: {found}; {expected}",
                        eve.name()
                    );
                }
            }
        }
    });
}

#[test]
fn to_a_stranger_an_id_of_a_case_is_what_is_not_there_whatever_is_asked_of_it() {
    on_each_engine("to_a_stranger_an_id_is_what_is_not_there", |office| {
        let ids = [office.assigned().1, office.drafted().1, office.ready().1];
        let missing: CveId = "CVE-1900-9999".parse().unwrap();
        for eve in strangers(office) {
            for (name, action, ask) in ON_AN_ID {
                let refusal = refused(ask(&office.desk, &eve, missing));
                let expected = refusal.to_string();
                let wanted = if eve.may(*action) {
                    "not_found"
                } else {
                    "not_allowed"
                };
                assert_eq!(
                    refusal.code(),
                    wanted,
                    "{name} by {}: {expected}",
                    eve.name()
                );
                for id in ids {
                    let found = refused(ask(&office.desk, &eve, id)).to_string();
                    assert!(
                        same(&found, &id.to_string(), &expected),
                        "{name} by {}: {found}; {expected}",
                        eve.name()
                    );
                }
            }
        }
    });
}

#[test]
fn a_role_without_the_right_is_refused_on_the_case_too_and_one_with_it_is_not() {
    with_services(
        "a_role_without_the_right_is_refused_on_the_case_too",
        |_, office| {
            let mut people = vec![office.hire("nobody", &[])];
            for role in Role::ALL {
                people.push(office.hire(&format!("only-{role}"), &[role]));
            }
            // One of its own for each who may do it: what was done changes a case.
            let refusing = office.ready();
            let code = |result: Result<(), Error>| match result {
                Err(Error::Refused(refusal)) => refusal.code(),
                Err(error) => panic!("{error}"),
                Ok(()) => "done",
            };
            for actor in &people {
                office.put_on(refusing.0, actor);
                for (name, action, ask) in ON_A_CASE {
                    if !actor.may(*action) {
                        let found = code(ask(&office.desk, actor, refusing.0));
                        assert_eq!(found, "not_allowed", "{name} by {}", actor.name());
                    }
                }
                for (name, action, ask) in ON_AN_ID {
                    if !actor.may(*action) {
                        let found = code(ask(&office.desk, actor, refusing.1));
                        assert_eq!(found, "not_allowed", "{name} by {}", actor.name());
                    }
                }
            }
            for actor in &people {
                let (case, id, _) = office.ready();
                office.put_on(case, actor);
                for (name, action, ask) in ON_AN_ID {
                    if actor.may(*action) {
                        let found = code(ask(&office.desk, actor, id));
                        assert_ne!(found, "not_allowed", "{name} by {}", actor.name());
                    }
                }
                for (name, action, ask) in ON_A_CASE {
                    if actor.may(*action) {
                        let found = code(ask(&office.desk, actor, case));
                        assert_ne!(found, "not_allowed", "{name} by {}", actor.name());
                    }
                }
            }
        },
    );
}

#[test]
fn archived_records_are_for_the_roles_that_may_look_into_the_ledger_and_on_the_case() {
    on_each_engine(
        "archived_records_are_for_the_roles_that_may_look",
        |office| {
            let (case, id, _) = office.ready();
            let body = json!({"cveMetadata": {"cveId": id}})
                .to_string()
                .into_bytes();
            office.write(move |tx| tx.archive_record(id, &body));
            let read = |actor: &Actor| office.desk.archived_records(actor, id);
            for role in Role::ALL {
                let actor = office.hire(&format!("arch-{role}"), &[role]);
                let may = actor.may(Action::Audit);
                let stranger = if may { "not_found" } else { "not_allowed" };
                assert_eq!(refused(read(&actor)).code(), stranger, "{role}");
                office.put_on(case, &actor);
                if may {
                    let kept = read(&actor).unwrap();
                    assert_eq!(kept[0]["cveMetadata"]["cveId"], json!(id), "{role}");
                } else {
                    assert_eq!(refused(read(&actor)).code(), "not_allowed", "{role}");
                }
            }
        },
    );
}

/// A failed follow-up, an open proposal and an unread hit of one case that is
/// under embargo; gives their names and the ID.
fn things(office: &Office) -> (String, String, String, CveId) {
    let (case, id, _) = office.ready();
    let followup = store::Followup {
        id: "f-foreign".into(),
        kind: "unheard.of".into(),
        subject: format!("case {case}"),
        lane: String::new(),
        payload: json!({}),
    };
    office.write(move |tx| tx.insert_followup(&followup));
    let ana = office.actor("ana");
    let seen = Seen {
        cve_id: id,
        source: "https://quuxly.example/feed".into(),
        line: 3,
    };
    let hits = office.desk.record_hits(&ana, vec![seen]).unwrap();
    let hit = hits.new[0].number.unwrap().to_string();
    let proposal = office.desk.propose_reject(&ana, id, &rejecting()).unwrap();
    ("f-foreign".into(), proposal.number.to_string(), hit, id)
}

#[test]
fn follow_ups_proposals_and_hits_of_a_case_are_not_there_for_a_stranger() {
    on_each_engine("follow_ups_proposals_and_hits_of_a_case", |office| {
        let (followup, proposal, hit, _) = things(office);
        for eve in strangers(office) {
            for (table, found) in [
                (ON_A_FOLLOW_UP, &followup),
                (ON_A_PROPOSAL, &proposal),
                (ON_A_HIT, &hit),
            ] {
                for (name, ask) in table {
                    let expected = refused(ask(&office.desk, &eve, "999999")).to_string();
                    let refusal = refused(ask(&office.desk, &eve, found)).to_string();
                    let shown = if expected.contains("999999") {
                        expected.replace("999999", found)
                    } else {
                        expected
                    };
                    assert_eq!(refusal, shown, "{name} by {}", eve.name());
                }
            }
        }
    });
}

#[test]
fn no_list_gives_a_stranger_a_word_of_a_case() {
    on_each_engine("no_list_gives_a_stranger_a_word_of_a_case", |office| {
        let (_, _, _, id) = things(office);
        // A deadline of it that was not met, and one that runs.
        let eves = strangers(office);
        office.clock.advance_ms(40 * 24 * 60 * 60 * 1_000);
        office.desk.status(&office.actor("ana")).unwrap();
        let title = "follows symbolic links";
        for eve in eves {
            let desk = &office.desk;
            let wanted = casework::clocks::Wanted {
                until: None,
                offset: 0,
                limit: 100,
            };
            let lists: [(&str, Value); 13] = [
                ("breaches", text(desk.breaches(&eve, 100))),
                ("cases", text(desk.cases(&eve, 0, 100))),
                ("clocks", text(desk.clocks(&eve, wanted))),
                ("digest", text(desk.digest(&eve, None))),
                ("due_reminders", text(desk.due_reminders(&eve))),
                ("followups", debug(desk.followups(&eve, true))),
                ("hits", text(desk.hits(&eve, true))),
                ("ledger", text(desk.ledger(&eve))),
                ("ledger_line", text(desk.ledger_line(&eve, id))),
                ("proposals", text(desk.proposals(&eve, true))),
                ("status", text(desk.status(&eve))),
                ("tracking_sheet", text(desk.tracking_sheet(&eve))),
                ("transfers", text(desk.transfers(&eve))),
            ];
            assert_eq!(lists.each_ref().map(|list| list.0), LISTS);
            for (name, list) in lists {
                let list = list.to_string();
                for word in [title, "f-foreign", "quuxly", "not_vuln"] {
                    assert!(!list.contains(word), "{name} to {}: {list}", eve.name());
                }
            }
        }
        let known = debug(office.desk.followups(&office.actor("ana"), true)).to_string();
        assert!(known.contains("f-foreign"), "the words are there: {known}");
    });
}

/// The answer, or nothing where the role has none.
fn text<T: serde::Serialize>(answer: Result<T, Error>) -> Value {
    match answer {
        Ok(answer) => serde_json::to_value(answer).unwrap(),
        Err(Error::Refused(_)) => Value::Null,
        Err(error) => panic!("{error}"),
    }
}

fn debug<T: std::fmt::Debug>(answer: Result<T, Error>) -> Value {
    text(answer.map(|answer| format!("{answer:?}")))
}

#[test]
fn what_is_done_to_the_desk_itself_needs_its_role() {
    on_each_engine("what_is_done_to_the_desk_itself_needs_its_role", |office| {
        let mut people = vec![office.hire("nobody", &[])];
        for role in Role::ALL {
            people.push(office.hire(&format!("only-{role}"), &[role]));
        }
        for actor in people {
            for (name, action, ask) in OF_THE_DESK {
                let is_refused = matches!(
                    ask(&office.desk, &actor),
                    Err(Error::Refused(refusal)) if refusal.code() == "not_allowed"
                );
                assert_eq!(
                    is_refused,
                    !actor.may(*action),
                    "{name} by {} on {}",
                    actor.name(),
                    office.engine
                );
            }
        }
    });
}

#[test]
fn a_template_is_read_by_who_drafts_with_it_and_by_who_administers() {
    on_each_engine("a_template_is_read_by_who_drafts_with_it", |office| {
        for role in Role::ALL {
            let actor = office.hire(&format!("only-{role}"), &[role]);
            let read = office.desk.template(&actor, "node-agent");
            let may = actor.may(Action::Draft) || actor.may(Action::Administer);
            assert_eq!(read.is_ok(), may, "{role}");
        }
    });
}

#[test]
fn a_package_is_sent_by_a_commander_on_the_case() {
    on_each_engine("a_package_is_sent_by_a_commander_on_the_case", |office| {
        let case = office.determined();
        for role in Role::ALL {
            let actor = office.hire(&format!("only-{role}"), &[role]);
            let send = || refused(office.desk.send_package(&actor, case, 1, true)).code();
            let is_commander = role == Role::Commander;
            let wanted = |there| if is_commander { there } else { "not_allowed" };
            assert_eq!(send(), wanted("not_found"), "{role}, a stranger");
            office.put_on(case, &actor);
            assert_eq!(
                send(),
                wanted("not_found"),
                "{role}, of a package that is not there"
            );
        }
    });
}

#[test]
fn a_token_for_filing_reports_reads_and_does_nothing_else() {
    on_each_engine("a_token_for_filing_reports_reads_nothing", |office| {
        let (followup, proposal, hit, id) = things(office);
        let case = office.desk.ledger_line(&office.actor("ana"), id).unwrap();
        let case = case.case.unwrap();
        let eve = office.hire("eve", &Role::ALL);
        office.put_on(case, &eve);
        let new = NewToken {
            label: "scanner".into(),
            scopes: Some(vec![Scope::Report]),
            days: 10,
        };
        let (_, secret) = office.desk.new_token(&eve, &new).unwrap();
        let desk = &office.desk;
        let scanner = desk.actor(secret.reveal()).unwrap();
        let is_refused = |name: &str, result: Result<(), Error>| {
            assert_eq!(refused(result).code(), "not_allowed", "{name}");
        };
        for (name, _, ask) in ON_A_CASE {
            is_refused(name, ask(desk, &scanner, case));
        }
        for (name, _, ask) in ON_AN_ID {
            is_refused(name, ask(desk, &scanner, id));
        }
        for (table, thing) in [
            (ON_A_FOLLOW_UP, &followup),
            (ON_A_PROPOSAL, &proposal),
            (ON_A_HIT, &hit),
        ] {
            for (name, ask) in table {
                is_refused(name, ask(desk, &scanner, thing));
            }
        }
        for (name, action, ask) in OF_THE_DESK {
            if *action != Action::Receive {
                is_refused(name, ask(desk, &scanner));
            }
        }
        is_refused("followups", desk.followups(&scanner, true).map(drop));
        is_refused("cases", desk.cases(&scanner, 0, 10).map(drop));
        is_refused("status", desk.status(&scanner).map(drop));
        desk.receive(&scanner, &crate::office::report()).unwrap();
    });
}

/// Calls that are about the person who asks alone.
const OWN: [&str; 4] = ["issue_token", "new_token", "revoke_token", "tokens"];

/// The calls in the sources: methods that take an `Actor` first.
fn calls(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            calls(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("\n    pub fn ").skip(1) {
            let (name, rest) = part.split_once('(').unwrap();
            let head: String = rest.split_whitespace().collect::<Vec<_>>().join(" ");
            if head.starts_with("&self, actor: &Actor") {
                found.insert(name.to_owned());
            }
        }
    }
}

#[test]
fn every_call_of_the_desk_stands_in_one_of_these_tables() {
    let mut found = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    calls(&source, &mut found);
    let mut named: BTreeSet<&str> = BTreeSet::new();
    named.extend(ON_A_CASE.iter().map(|call| call.0));
    named.extend(ON_AN_ID.iter().map(|call| call.0));
    named.extend(OF_THE_DESK.iter().map(|call| call.0));
    for table in [ON_A_FOLLOW_UP, ON_A_PROPOSAL, ON_A_HIT] {
        named.extend(table.iter().map(|call| call.0));
    }
    named.extend(LISTS);
    named.extend(OWN);
    named.extend(["send_package", "template"]);
    let named: BTreeSet<String> = named.into_iter().map(str::to_owned).collect();
    let missing: Vec<_> = found.difference(&named).collect();
    assert!(missing.is_empty(), "in no table: {missing:?}");
    let gone: Vec<_> = named.difference(&found).collect();
    assert!(gone.is_empty(), "no call any more: {gone:?}");
    assert!(found.len() > 170, "{}", found.len());
}
