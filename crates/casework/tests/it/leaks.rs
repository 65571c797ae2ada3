//! Leaks: what somebody else made public, and what the case is from then on.

use casework::clocks::EventKind;
use casework::{CaseId, CaseState, NeedKind, Role};

use crate::office::{Office, on_each_engine, refusal_code, year};
use crate::services::{on_each_engine as with_services, run_a_while};

fn leaked(office: &Office, case: CaseId) -> CaseState {
    let seen = "https://example.org/paste";
    let report = office
        .desk
        .record_leak(&office.actor("ana"), case, seen, None, false);
    report.unwrap().state
}

#[test]
fn a_case_with_its_ids_is_disclosed_by_a_leak_and_drafted_approved_and_published_from_there() {
    with_services(
        "a_case_with_its_ids_is_disclosed_by_a_leak_and_published_from_there",
        |_, office| {
            let (case, id) = office.assigned();
            assert_eq!(leaked(office, case), CaseState::Disclosed);
            let ana = office.actor("ana");
            let draft = office.desk.draft_from_report(&ana, id).unwrap();
            let needs = |name: &str| {
                let needs = office.desk.status(&office.actor(name)).unwrap();
                let of_case = needs
                    .into_iter()
                    .filter(|need| need.kind == NeedKind::Case && need.case == Some(case));
                of_case.map(|need| need.what).collect::<Vec<_>>()
            };
            assert_eq!(needs("rev"), [format!("review the draft of {id}")]);
            assert_eq!(needs("pub").len(), 1, "{}", office.engine);
            office.approve("rev", id, &draft).unwrap();
            office.tell_reporter(id);
            office.desk.publish(&office.actor("pub"), id).unwrap();
            run_a_while(office);
            assert_eq!(office.state(case), CaseState::Published);
        },
    );
}

#[test]
fn an_event_that_somebody_else_disclosed_moves_the_case_as_the_leak_does() {
    on_each_engine(
        "an_event_that_somebody_else_disclosed_moves_the_case_as_the_leak_does",
        |office| {
            for kind in [
                EventKind::ThirdPartyDisclosed,
                EventKind::DisclosureReported,
            ] {
                let (case, _) = office.assigned();
                office.happened("ana", case, kind);
                assert_eq!(office.state(case), CaseState::Disclosed, "{kind}");
            }
        },
    );
}

#[test]
fn a_leak_before_the_decision_leaves_it_to_be_made_and_it_knows_that_it_is_public() {
    on_each_engine(
        "a_leak_before_the_decision_leaves_it_to_be_made_and_it_knows_that_it_is_public",
        |office| {
            let case = office.determined();
            assert_eq!(leaked(office, case), CaseState::Determined);
            let ana = office.actor("ana");
            let decided = office.desk.case(&ana, case).unwrap().determination;
            assert_eq!(decided.facts.is_public, Some(true), "{}", office.engine);
            // With its ID it is disclosed: nothing is left to hide.
            office.fill_pool();
            office.desk.assign(&ana, case, Some(year())).unwrap();
            assert_eq!(office.state(case), CaseState::Disclosed);
        },
    );
}

#[test]
fn whoever_fixes_what_leaked_still_sees_it_and_not_everybody_records_a_leak() {
    on_each_engine("whoever_fixes_what_leaked_still_sees_it", |office| {
        let (case, _) = office.assigned();
        let fixer = office.hire("fix", &[Role::Fixer]);
        office.put_on(case, &fixer);
        let seen = "https://example.org/paste";
        let auditor = office.actor("aud");
        let refused = office.desk.record_leak(&auditor, case, seen, None, false);
        assert_eq!(refusal_code(refused), "not_allowed");
        let other = office.hire("new", &[Role::Analyst]);
        let refused = office.desk.record_leak(&other, case, seen, None, false);
        assert_eq!(refusal_code(refused), "not_found");
        leaked(office, case);
        let view = office.desk.case(&fixer, case).unwrap();
        assert_eq!(view.summary.state, CaseState::Disclosed);
        assert!(!view.summary.embargoed, "{}", office.engine);
    });
}
