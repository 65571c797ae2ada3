//! Who may do what: the table of the specification against real calls.

use std::collections::BTreeMap;

use casework::clocks::{EventKind, NewEmbargo};
use casework::{
    Action, Actor, ApiKey, CaseId, CaseState, DraftEnd, Error, Lane, NewAccount, NewTask,
    Organisation, PoolOrder, Refusal, Role,
};
use cve::hash::Digest;
use cve::id::CveId;

use crate::office::{Office, given, happening, on_each_engine, product, refused, report, year};
use crate::services::{on_each_engine as with_services, run_a_while};

/// The table of the process specification, section 3.5, written out a second
/// time: the roles each action is open to, at least within a limit.
const TABLE: &[(Action, &[Role])] = {
    use Role::{
        Analyst, Auditor, Commander, Fixer, Oa, Publisher, ReleaseManager, Reviewer, Triager,
    };
    const RESPONSE: &[Role] = &[Triager, Commander, Analyst, Reviewer];
    &[
        (Action::See, &Role::ALL),
        (Action::Receive, RESPONSE),
        (Action::Take, RESPONSE),
        (
            Action::Comment,
            &[
                Triager,
                Commander,
                Fixer,
                ReleaseManager,
                Analyst,
                Reviewer,
                Publisher,
                Oa,
            ],
        ),
        (
            Action::Plan,
            &[
                Triager,
                Commander,
                Fixer,
                ReleaseManager,
                Analyst,
                Reviewer,
                Publisher,
                Oa,
            ],
        ),
        (
            Action::Send,
            &[Triager, Commander, Analyst, Reviewer, Publisher],
        ),
        (Action::Share, RESPONSE),
        (
            Action::Record,
            &[Triager, Commander, Analyst, Reviewer, Publisher],
        ),
        (
            Action::Correspond,
            &[Triager, Commander, Analyst, Reviewer, Publisher],
        ),
        (Action::Confide, &[Commander, Analyst, Reviewer, Publisher]),
        (Action::Embargo, RESPONSE),
        (Action::Prefill, RESPONSE),
        (Action::Answer, &[Analyst, Reviewer]),
        (Action::Confirm, &[Analyst, Reviewer]),
        (Action::Award, &[Commander, Analyst, Reviewer]),
        (Action::Close, &[Commander, Analyst, Reviewer]),
        (Action::Reserve, &[Analyst, Reviewer, Publisher, Oa]),
        (Action::Assign, &[Analyst, Reviewer]),
        (Action::Draft, &[Analyst, Reviewer, Publisher]),
        (Action::Review, &[Reviewer]),
        (Action::Override, &[Oa]),
        (Action::Tick, &[Commander, Analyst, Reviewer, Publisher]),
        (Action::Announce, &[Commander, Analyst, Reviewer, Publisher]),
        (Action::Publish, &[Publisher]),
        (Action::Distribute, &[Commander, Reviewer]),
        (Action::Retry, &[Analyst, Reviewer, Publisher, Oa]),
        (Action::Administer, &[Oa]),
        (Action::Request, &[Oa]),
        (Action::Scope, &[Analyst, Oa]),
        (Action::Dispute, &[Analyst, Reviewer]),
        (Action::Audit, &[Oa, Auditor, Analyst, Reviewer, Publisher]),
        (Action::Export, &[Oa, Auditor]),
    ]
};

/// Whether a call of the desk does it today on cases of every kind; the others
/// are asked of the table, and `distributors.rs` tells of those under embargo.
fn has_a_call(action: Action) -> bool {
    !matches!(
        action,
        Action::Distribute | Action::Request | Action::Scope | Action::Dispute | Action::Export
    )
}

/// Whether it is done to a case, which somebody is on or not.
fn is_on_a_case(action: Action) -> bool {
    has_a_call(action)
        && !matches!(
            action,
            Action::Receive | Action::Reserve | Action::Administer | Action::Audit
        )
}

/// The kinds of cases: under embargo, and public already.
const KINDS: [bool; 2] = [true, false];

/// A case in the state the action needs.
#[derive(Clone)]
struct Ground {
    case: CaseId,
    id: Option<CveId>,
    digest: Digest,
    followup: String,
}

impl Ground {
    /// Takes: `embargoed`, the kind of the case; `late`, whether its advisory
    /// has to be ready before the action can be done.
    fn prepare(office: &Office, action: Action, embargoed: bool, late: bool) -> Ground {
        let mut digest = Digest::of(b"");
        let mut followup = String::new();
        let (case, id) = match action {
            Action::See | Action::Comment | Action::Plan if late => {
                let (case, id, _) = office.ready();
                (case, Some(id))
            }
            Action::Prefill | Action::Answer => (office.in_triage(), None),
            Action::Assign => {
                office.fill_pool();
                (office.determined(), None)
            }
            Action::Confirm => {
                let case = crate::findings::counted_two(office);
                digest = crate::findings::decision(office, case).digest;
                (case, None)
            }
            Action::Close => {
                let case = office.in_triage();
                let ana = office.actor("ana");
                office.desk.answer(&ana, case, "A2", &given("no")).unwrap();
                (case, None)
            }
            Action::Draft => {
                let (case, id) = office.assigned();
                (case, Some(id))
            }
            Action::Review | Action::Override | Action::Tick | Action::Announce => {
                let (case, id, draft) = office.drafted();
                digest = draft.digest;
                (case, Some(id))
            }
            Action::Publish => {
                let (case, id, _) = office.ready();
                (case, Some(id))
            }
            Action::Retry => {
                let case = office.in_triage();
                followup = failed_followup(office, case);
                (case, None)
            }
            _ => (office.received(), None),
        };
        if !embargoed {
            let tri = office.actor("tri");
            office
                .desk
                .lift_embargo(&tri, case, "it is public")
                .unwrap();
        }
        Ground {
            case,
            id,
            digest,
            followup,
        }
    }

    fn attempt(&self, office: &Office, action: Action, actor: &Actor) -> Result<(), Error> {
        let (desk, case) = (&office.desk, self.case);
        match action {
            Action::See => {
                desk.clocks_of(actor, case)?;
                desk.embargo(actor, case)?;
                desk.case(actor, case).map(drop)
            }
            Action::Receive => desk.receive(actor, &report()).map(drop),
            Action::Take => desk.take(actor, case).map(drop),
            Action::Comment => desk.comment(actor, case, "hm"),
            Action::Plan => {
                let new = NewTask {
                    title: "call them".into(),
                    ..NewTask::default()
                };
                desk.add_task(actor, case, &new).map(drop)
            }
            Action::Send => {
                let (tri, lane) = (office.actor("tri"), Lane::Reporter);
                let draft = desk.draft_message(&tri, case, lane, None, "hm")?;
                desk.end_message(actor, case, draft, DraftEnd::Dropped)
                    .map(drop)
            }
            Action::Share => desk.put_vendor_contact(actor, case, "Vendor", ""),
            Action::Record => {
                desk.record_event(actor, Some(case), &happening(EventKind::HumanAnswered))
            }
            Action::Correspond => {
                desk.tell_date(actor, case, false)?;
                desk.renew_link(actor, case, false)?;
                desk.ask_reporter(actor, case, "why?").map(drop)
            }
            Action::Confide => desk.confidential(actor, case).map(drop),
            Action::Embargo => {
                let new = NewEmbargo {
                    until: "2027-12-01T16:00".into(),
                    zone: None,
                    conditions: String::new(),
                };
                desk.set_embargo(actor, case, &new)?;
                desk.lift_embargo(actor, case, "agreed")
            }
            Action::Prefill => desk.answer(actor, case, "A1", &given("report")).map(drop),
            Action::Answer => {
                let node = casework::nodes().iter().find(|node| node.id > "D").unwrap();
                let value = given(node.answers[0].0);
                desk.answer(actor, case, node.id, &value).map(drop)
            }
            Action::Assign => desk.assign(actor, case, Some(year())).map(drop),
            Action::Confirm => desk.confirm_count(actor, case, self.digest, "").map(drop),
            Action::Award => desk.propose_award(actor, case, "100", "EUR", "").map(drop),
            Action::Close => {
                desk.close_case(actor, case, "silence")?;
                desk.reopen_case(actor, case, "they wrote").map(drop)
            }
            Action::Draft => desk.draft_from_report(actor, self.id.unwrap()).map(drop),
            Action::Review => {
                desk.approve(
                    actor,
                    self.id.unwrap(),
                    self.digest,
                    "",
                    &crate::office::taken(),
                )?;
                desk.return_draft(actor, self.id.unwrap(), self.digest, "why")
                    .map(drop)
            }
            Action::Override => desk
                .override_approval(actor, self.id.unwrap(), "publish", self.digest, "urgent")
                .map(drop),
            Action::Tick => desk.tick(actor, self.id.unwrap(), "PC-09", "waived", "ours alone"),
            Action::Announce => desk
                .announce(actor, self.id.unwrap(), &[], &BTreeMap::new())
                .map(drop),
            Action::Publish => desk.publish(actor, self.id.unwrap()).map(drop),
            Action::Retry => desk.retry(actor, case, &self.followup),
            Action::Reserve => desk.reserve(actor, &PoolOrder::default()).map(drop),
            Action::Administer => desk.put_product(actor, &product("another")),
            Action::Audit => desk.ledger(actor).map(drop),
            other => panic!("{other:?} has no call"),
        }
    }
}

/// A follow-up of the case that the runner could not do.
fn failed_followup(office: &Office, case: CaseId) -> String {
    let id = format!("f-{case}");
    let followup = store::Followup {
        id: id.clone(),
        kind: "unheard.of".into(),
        subject: format!("case {case}"),
        lane: String::new(),
        payload: serde_json::json!({}),
    };
    office.write(move |tx| tx.insert_followup(&followup));
    let runner = office.desk.runner();
    let subject = format!("case {case}");
    // Other follow-ups of the test may be due before it.
    for _ in 0..20 {
        let rows = office.desk.store().read(|r| r.followups_of(&subject));
        if rows.unwrap()[0].state == store::FollowupState::Failed {
            return id;
        }
        runner.run_one().unwrap();
    }
    panic!("{id} did not fail");
}

/// A case for each action and kind that nobody hired later is on.
fn foreign_grounds(office: &Office) -> BTreeMap<(String, bool), Ground> {
    let mut grounds = BTreeMap::new();
    for action in Action::ALL.iter().filter(|action| has_a_call(**action)) {
        for kind in KINDS {
            let ground = Ground::prepare(office, *action, kind, false);
            grounds.insert((format!("{action:?}"), kind), ground);
        }
    }
    grounds
}

#[test]
fn each_role_may_do_what_the_table_says_and_nothing_else_on_every_kind_of_case() {
    on_each_engine(
        "each_role_may_do_what_the_table_says_and_nothing_else_on_every_kind_of_case",
        |office| {
            let foreign = foreign_grounds(office);
            for role in Role::ALL {
                let actor = office.hire(&format!("only-{role}"), &[role]);
                for (action, roles) in TABLE {
                    try_on_every_kind(office, role, &actor, *action, roles, &foreign);
                }
            }
        },
    );
}

fn try_on_every_kind(
    office: &Office,
    role: Role,
    actor: &Actor,
    action: Action,
    roles: &[Role],
    foreign: &BTreeMap<(String, bool), Ground>,
) {
    assert_eq!(
        actor.may(action),
        roles.contains(&role),
        "{role} {action:?}"
    );
    if !has_a_call(action) {
        return;
    }
    for kind in KINDS {
        let what = format!("{role} on {}: {action:?}, embargoed {kind}", office.engine);
        let ground = &foreign[&(format!("{action:?}"), kind)];
        if !roles.contains(&role) {
            // Refused alike, whether on the case or not.
            for on_it in [false, true] {
                if on_it {
                    office.put_on(ground.case, actor);
                }
                let refusal = refused(ground.attempt(office, action, actor));
                assert!(
                    matches!(refusal, Refusal::NotAllowed { .. }),
                    "{what}: {refusal}"
                );
            }
            continue;
        }
        if is_on_a_case(action) {
            let before = office.desk.store().read(|r| r.case(ground.case.number()));
            let refusal = refused(ground.attempt(office, action, actor));
            assert_eq!(refusal.code(), "not_found", "{what}: {refusal}");
            let after = office.desk.store().read(|r| r.case(ground.case.number()));
            assert_eq!(before.unwrap(), after.unwrap(), "{what}");
        }
        let late = role == Role::ReleaseManager;
        let own = Ground::prepare(office, action, kind, late);
        office.put_on(own.case, actor);
        own.attempt(office, action, actor)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

#[test]
fn the_table_names_every_action_and_is_the_one_that_is_enforced() {
    let named: Vec<Action> = TABLE.iter().map(|(action, _)| *action).collect();
    assert_eq!(named, Action::ALL);
    for (action, roles) in TABLE {
        let mut roles = roles.to_vec();
        roles.sort();
        assert_eq!(action.roles(), roles, "{action:?}");
    }
}

#[test]
fn a_person_without_roles_can_do_nothing_even_on_a_case() {
    on_each_engine(
        "a_person_without_roles_can_do_nothing_even_on_a_case",
        |office| {
            let foreign = foreign_grounds(office);
            let nobody = office.hire("nobody", &[]);
            for (action, _) in TABLE {
                try_on_every_kind(office, Role::Auditor, &nobody, *action, &[], &foreign);
            }
        },
    );
}

#[test]
fn a_fixer_loses_its_case_when_the_record_of_the_fix_is_published() {
    with_services(
        "a_fixer_loses_its_case_when_the_record_of_the_fix_is_published",
        |_, office| {
            let (case, id, _) = office.ready();
            let fixer = office.hire("fix", &[Role::Fixer]);
            office.put_on(case, &fixer);
            office.desk.case(&fixer, case).unwrap();
            office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Published);
            let refusals = [
                refused(office.desk.case(&fixer, case)).code(),
                refused(office.desk.comment(&fixer, case, "hm")).code(),
                refused(office.desk.clocks_of(&fixer, case)).code(),
                refused(office.desk.embargo(&fixer, case)).code(),
            ];
            assert_eq!(refusals, ["not_found"; 4]);
            assert!(office.desk.cases(&fixer, 0, 10).unwrap().is_empty());
        },
    );
}

#[test]
fn a_release_manager_sees_its_case_once_it_is_ready() {
    on_each_engine(
        "a_release_manager_sees_its_case_once_it_is_ready",
        |office| {
            let (case, id, draft) = office.drafted();
            let manager = office.hire("rel", &[Role::ReleaseManager]);
            office.put_on(case, &manager);
            assert_eq!(
                refused(office.desk.case(&manager, case)).code(),
                "not_found"
            );
            assert!(office.desk.cases(&manager, 0, 10).unwrap().is_empty());
            office.approve("rev", id, &draft).unwrap();
            office.desk.case(&manager, case).unwrap();
        },
    );
}

#[test]
fn every_way_to_administer_needs_an_administrator() {
    on_each_engine("every_way_to_administer_needs_an_administrator", |office| {
        let (desk, ana) = (&office.desk, office.actor("ana"));
        let organisation = Organisation {
            short_name: "other".parse().unwrap(),
            name: "Other".into(),
            account: "other".into(),
        };
        let account = NewAccount {
            name: "other".into(),
            environment: "test".into(),
            base_url: "https://cve.example/api/".into(),
            org: "other".into(),
            username: "user".into(),
            key: ApiKey::new("key"),
        };
        let attempts = [
            desk.set_organisation(&ana, &organisation),
            desk.put_product(&ana, &product("other")),
            desk.add_person(&ana, "friend", "", &[Role::Oa]).map(drop),
            desk.invite(&ana, "admin").map(drop),
            desk.add_account(&ana, account),
            desk.set_roles(&ana, "tri", &[]).map(drop),
            desk.leave(&ana, "tri").map(drop),
            desk.tokens(&ana, Some("tri")).map(drop),
            desk.revoke_token(&ana, Some("tri"), "0"),
            desk.set_timing(&ana, &casework::clocks::Timing::default()),
        ];
        for attempt in attempts {
            assert_eq!(refused(attempt).code(), "not_allowed");
        }
    });
}

#[test]
fn a_refusal_names_the_person_the_action_and_the_role_it_needs() {
    on_each_engine(
        "a_refusal_names_the_person_the_action_and_the_role_it_needs",
        |office| {
            let refusal = refused(office.desk.take(&office.actor("pub"), office.received()));
            assert_eq!(
                refusal.to_string(),
                "`pub` may not take a case: it needs the role `triager` or `commander` or `analyst` or `reviewer`"
            );
        },
    );
}
