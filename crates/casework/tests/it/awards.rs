//! Bounty awards and trackers of cases.

use casework::{LinkTarget, Relation, Role};

use crate::office::{on_each_engine, refusal_code, refused};

#[test]
fn an_award_is_approved_by_somebody_else_than_proposed_it() {
    on_each_engine(
        "an_award_is_approved_by_somebody_else_than_proposed_it",
        |office| {
            let (desk, case) = (&office.desk, office.in_triage());
            let (ana, rev) = (office.actor("ana"), office.actor("rev"));
            let first = desk.propose_award(&ana, case, "500", "usd", "").unwrap();
            assert_eq!((first.number, first.currency.as_str()), (1, "USD"));
            let award = desk.propose_award(&ana, case, "750.50", "USD", "a good report");
            let award = award.unwrap();
            assert_eq!(award.state, "proposed");
            let own = desk.approve_award(&ana, case, 2);
            assert_eq!(refusal_code(own), "own_proposal", "{}", office.engine);
            // The first is replaced, and cannot be approved any more.
            let refusal = refused(desk.approve_award(&rev, case, 1)).to_string();
            assert_eq!(refusal, "award: award 1 is replaced already");
            let approved = desk.approve_award(&rev, case, 2).unwrap();
            let by = (approved.proposed_by.as_str(), approved.decided_by.as_str());
            assert_eq!((approved.state.as_str(), by), ("approved", ("ana", "rev")));
            let again = desk.approve_award(&office.actor("ros"), case, 2);
            assert_eq!(refusal_code(again), "invalid");
            let view = desk.case(&ana, case).unwrap();
            let states: Vec<_> = view.awards.iter().map(|award| &award.state).collect();
            assert_eq!(states, ["replaced", "approved"]);
            let events = desk.store().read(|r| r.audit_of(&format!("case {case}")));
            let approving = events.unwrap().into_iter();
            let approving = approving.filter(|event| event.action == "case.approve-award");
            let detail: Vec<_> = approving.map(|event| event.detail).collect();
            assert_eq!(detail.len(), 1);
            assert!(detail[0].contains("750.50"), "{detail:?}");
        },
    );
}

#[test]
fn another_amount_is_approved_again_and_the_first_stands_until_then() {
    on_each_engine(
        "another_amount_is_approved_again_and_the_first_stands_until_then",
        |office| {
            let (desk, case) = (&office.desk, office.in_triage());
            let (ana, rev) = (office.actor("ana"), office.actor("rev"));
            desk.propose_award(&ana, case, "500", "USD", "").unwrap();
            desk.approve_award(&rev, case, 1).unwrap();
            desk.propose_award(&rev, case, "900", "USD", "").unwrap();
            let states = || {
                let view = desk.case(&ana, case).unwrap();
                let states = view.awards.into_iter().map(|award| award.state);
                states.collect::<Vec<_>>()
            };
            assert_eq!(states(), ["approved", "proposed"], "{}", office.engine);
            desk.approve_award(&ana, case, 2).unwrap();
            assert_eq!(states(), ["replaced", "approved"], "{}", office.engine);
        },
    );
}

#[test]
fn a_refused_award_keeps_its_reason_and_is_never_approved() {
    on_each_engine(
        "a_refused_award_keeps_its_reason_and_is_never_approved",
        |office| {
            let (desk, case) = (&office.desk, office.in_triage());
            let (ana, rev) = (office.actor("ana"), office.actor("rev"));
            desk.propose_award(&ana, case, "500", "USD", "").unwrap();
            let empty = desk.refuse_award(&rev, case, 1, "  ");
            assert_eq!(refusal_code(empty), "invalid", "{}", office.engine);
            let end = desk.refuse_award(&rev, case, 1, "known before").unwrap();
            let found = (
                end.state.as_str(),
                end.decided_by.as_str(),
                end.reason.as_str(),
            );
            assert_eq!(found, ("refused", "rev", "known before"));
            let refusal = refused(desk.approve_award(&rev, case, 1)).to_string();
            assert_eq!(refusal, "award: award 1 is refused already");
        },
    );
}

#[test]
fn an_award_of_a_case_one_is_not_on_is_not_there_and_other_forms_are_refused() {
    on_each_engine("an_award_of_a_case_one_is_not_on_is_not_there", |office| {
        let (desk, case) = (&office.desk, office.in_triage());
        let ana = office.actor("ana");
        let other = office.hire("new", &[Role::Analyst]);
        desk.propose_award(&ana, case, "500", "USD", "").unwrap();
        let hidden = desk.propose_award(&other, case, "1", "USD", "");
        assert_eq!(refusal_code(hidden), "not_found", "{}", office.engine);
        assert_eq!(
            refusal_code(desk.approve_award(&other, case, 1)),
            "not_found"
        );
        let tri = office.actor("tri");
        assert_eq!(
            refusal_code(desk.propose_award(&tri, case, "1", "USD", "")),
            "not_allowed"
        );
        assert_eq!(refusal_code(desk.approve_award(&ana, case, 9)), "not_found");
        for (amount, currency) in [("0", "USD"), ("1,5", "USD"), ("5", "DOLLAR"), ("5", "")] {
            let refusal = desk.propose_award(&ana, case, amount, currency, "");
            assert_eq!(refusal_code(refusal), "invalid", "{amount} {currency}");
        }
    });
}

#[test]
fn a_tracker_is_an_address_and_stands_in_the_case() {
    on_each_engine("a_tracker_is_an_address_and_stands_in_the_case", |office| {
        let (desk, case, other) = (&office.desk, office.in_triage(), office.in_triage());
        let ana = office.actor("ana");
        let url = "https://git.example.org/private/issues/7";
        let relate = |target| desk.relate(&ana, case, Relation::Tracker, &target, "");
        assert_eq!(refusal_code(relate(LinkTarget::Case(other))), "invalid");
        relate(LinkTarget::Url(url.to_owned())).unwrap();
        let view = desk.case(&ana, case).unwrap();
        assert_eq!(view.trackers, [url], "{}", office.engine);
    });
}

#[test]
fn the_tracking_sheet_has_the_private_issue_for_who_is_on_the_case() {
    on_each_engine(
        "the_tracking_sheet_has_the_private_issue_for_who_is_on_the_case",
        |office| {
            let (desk, ana) = (&office.desk, office.actor("ana"));
            let (case, id, _) = office.drafted();
            let url = "https://git.example.org/private/issues/7";
            let target = LinkTarget::Url(url.to_owned());
            desk.relate(&ana, case, Relation::Tracker, &target, "")
                .unwrap();
            let other = office.hire("new", &[Role::Analyst]);
            for (actor, expected) in [(&ana, url), (&other, "")] {
                let lines = desk.ledger(actor).unwrap();
                let line = lines.iter().find(|line| line.cve_id == id).unwrap();
                assert_eq!(line.tracking_issue, expected, "{}", office.engine);
                let line = desk.ledger_line(actor, id).unwrap();
                assert_eq!(line.tracking_issue, expected, "{}", office.engine);
            }
        },
    );
}
