//! Who may do what: the table of the specification against real calls.

use casework::{
    Action, Actor, ApiKey, CaseId, Error, NewAccount, Organisation, PoolOrder, Refusal, Role,
};
use cve::hash::Digest;
use cve::id::CveId;

use crate::office::{Office, given, on_each_engine, product, refused, report, year};

/// The table of the process specification, section 3.5, written out a second
/// time: the roles each action is open to.
const TABLE: [(Action, &[Role]); 11] = {
    use Role::{Analyst, Auditor, Oa, Publisher, Reviewer, Triager};
    [
        (Action::Receive, &[Triager, Analyst, Reviewer]),
        (Action::Take, &[Triager, Analyst, Reviewer]),
        (Action::Answer, &[Analyst, Reviewer]),
        (Action::Assign, &[Analyst, Reviewer]),
        (Action::Draft, &[Analyst, Reviewer, Publisher]),
        (Action::Review, &[Reviewer]),
        (Action::Publish, &[Publisher]),
        (Action::Retry, &[Analyst, Reviewer, Publisher, Oa]),
        (Action::Reserve, &[Analyst, Reviewer, Publisher, Oa]),
        (Action::Administer, &[Oa]),
        (Action::Audit, &[Oa, Auditor, Analyst, Reviewer, Publisher]),
    ]
};

/// A case in the state the action needs, with `actor` on it.
struct Ground {
    case: CaseId,
    id: Option<CveId>,
    digest: Digest,
    followup: String,
}

impl Ground {
    fn prepare(office: &Office, action: Action, actor: &Actor) -> Ground {
        let mut digest = Digest::of(b"");
        let mut followup = String::new();
        let (case, id) = match action {
            Action::Take => (office.received(), None),
            Action::Answer => (office.in_triage(), None),
            Action::Assign => {
                office.fill_pool();
                (office.determined(), None)
            }
            Action::Draft => {
                let (case, id) = office.assigned();
                (case, Some(id))
            }
            Action::Review => {
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
            Action::Receive | Action::Reserve | Action::Administer | Action::Audit => {
                (office.received(), None)
            }
        };
        office.put_on(case, actor);
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
            Action::Receive => desk.receive(actor, &report()).map(drop),
            Action::Take => desk.take(actor, case).map(drop),
            Action::Answer => desk.answer(actor, case, "A1", &given("report")).map(drop),
            Action::Assign => desk.assign(actor, case, Some(year())).map(drop),
            Action::Draft => desk.draft_from_report(actor, self.id.unwrap()).map(drop),
            Action::Review => {
                desk.approve(actor, self.id.unwrap(), self.digest, "")?;
                desk.return_draft(actor, self.id.unwrap(), self.digest, "why")
                    .map(drop)
            }
            Action::Publish => desk.publish(actor, self.id.unwrap()).map(drop),
            Action::Retry => desk.retry(actor, case, &self.followup),
            Action::Reserve => desk.reserve(actor, &PoolOrder::default()).map(drop),
            Action::Administer => desk.put_product(actor, &product("another")),
            Action::Audit => desk.ledger(actor).map(drop),
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

#[test]
fn each_role_may_do_what_the_table_says_and_nothing_else() {
    on_each_engine(
        "each_role_may_do_what_the_table_says_and_nothing_else",
        |office| {
            for role in Role::ALL {
                let actor = office.hire(&format!("only-{role}"), &[role]);
                for (action, roles) in TABLE {
                    let what = format!("{role} on {}: {action:?}", office.engine);
                    let result =
                        Ground::prepare(office, action, &actor).attempt(office, action, &actor);
                    if roles.contains(&role) {
                        result.unwrap_or_else(|error| panic!("{what}: {error}"));
                        continue;
                    }
                    let refusal = refused(result);
                    assert!(
                        matches!(refusal, Refusal::NotAllowed { .. }),
                        "{what}: {refusal}"
                    );
                }
            }
        },
    );
}

#[test]
fn the_table_names_every_action_and_is_the_one_that_is_enforced() {
    for (action, (named, roles)) in Action::ALL.into_iter().zip(TABLE) {
        assert_eq!(action, named);
        for role in Role::ALL {
            assert_eq!(
                action.roles().contains(&role),
                roles.contains(&role),
                "{action:?} {role}"
            );
        }
    }
}

#[test]
fn a_person_without_roles_can_do_nothing_even_on_a_case() {
    on_each_engine(
        "a_person_without_roles_can_do_nothing_even_on_a_case",
        |office| {
            let nobody = office.hire("nobody", &[]);
            for action in Action::ALL {
                let ground = Ground::prepare(office, action, &nobody);
                let refusal = refused(ground.attempt(office, action, &nobody));
                assert!(
                    matches!(refusal, Refusal::NotAllowed { .. }),
                    "{action:?}: {refusal}"
                );
            }
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
                "`pub` may not take a case: it needs the role `triager` or `analyst` or `reviewer`"
            );
        },
    );
}
