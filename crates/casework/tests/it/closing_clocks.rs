//! Closing a case stops the clocks it no longer needs, and no other.

use casework::clocks::{DeadlineId, EventKind, NewEmbargo, Wanted};
use casework::{CaseId, CaseState};

use crate::office::{Office, on_each_engine};

fn answer(office: &Office, case: CaseId, answers: &[(&str, &str)]) {
    for (node, value) in answers {
        office.answer(case, node, value);
    }
}

/// The deadlines of a case that run, as `cna clocks` lists them.
fn running(office: &Office, case: CaseId) -> Vec<DeadlineId> {
    let wanted = Wanted {
        until: None,
        offset: 0,
        limit: 500,
    };
    let clocks = office.desk.clocks(&office.actor("tri"), wanted).unwrap();
    let of_case = clocks.iter().filter(|clock| clock.case == Some(case));
    let mut ids: Vec<_> = of_case.map(|clock| clock.id).collect();
    ids.sort();
    ids
}

const NO_VULNERABILITY: [(&str, &str); 3] = [("A1", "report"), ("A2", "yes"), ("A3", "private")];

#[test]
fn a_case_whose_reporter_stays_silent_has_no_clock_once_it_is_closed() {
    on_each_engine(
        "a_case_whose_reporter_stays_silent_has_no_clock_once_it_is_closed",
        |office| {
            let (case, tri) = (office.in_triage(), office.actor("ana"));
            answer(office, case, &[("A1", "report"), ("A2", "no")]);
            assert_eq!(running(office, case), [DeadlineId::D01, DeadlineId::D27b]);
            office.clock.advance_ms(1_000);
            let state = office.desk.close_case(&tri, case, "silent").unwrap();
            assert_eq!(state, CaseState::ClosedNoResponse);
            assert_eq!(running(office, case), [], "{}", office.engine);
            office.clock.advance_ms(1_000);
            office.desk.reopen_case(&tri, case, "it answered").unwrap();
            assert_eq!(running(office, case), [DeadlineId::D27b]);
            assert_eq!(office.desk.check_clocks().unwrap(), []);
        },
    );
}

#[test]
fn the_answer_of_another_cna_is_waited_for_until_the_routed_case_is_closed() {
    on_each_engine(
        "the_answer_of_another_cna_is_waited_for_until_the_routed_case_is_closed",
        |office| {
            let (case, ana) = (office.in_triage(), office.actor("ana"));
            answer(office, case, &NO_VULNERABILITY);
            answer(office, case, &[("A4", "none"), ("A5", "no")]);
            answer(office, case, &[("B1", "ours"), ("B2", "unclear")]);
            office.happened("tri", case, EventKind::HumanAnswered);
            office.happened("tri", case, EventKind::CnaContacted);
            assert_eq!(running(office, case), [DeadlineId::D03]);
            office.clock.advance_ms(1_000);
            let state = office.desk.close_case(&ana, case, "theirs").unwrap();
            assert_eq!(state, CaseState::ClosedRouted);
            assert_eq!(running(office, case), [], "{}", office.engine);
            office.desk.reopen_case(&ana, case, "it came back").unwrap();
            assert_eq!(running(office, case), [DeadlineId::D03]);
        },
    );
}

#[test]
fn nobody_is_told_of_a_planned_disclosure_that_is_off() {
    on_each_engine(
        "nobody_is_told_of_a_planned_disclosure_that_is_off",
        |office| {
            let (case, tri) = (office.in_triage(), office.actor("tri"));
            let embargo = NewEmbargo {
                until: "2026-12-01T16:00".into(),
                zone: None,
                conditions: String::new(),
            };
            office.desk.set_embargo(&tri, case, &embargo).unwrap();
            let before = running(office, case);
            assert_eq!(before, [DeadlineId::D01, DeadlineId::D16, DeadlineId::D17]);
            answer(office, case, &[("A1", "support")]);
            assert_eq!(office.state(case), CaseState::ClosedNotVuln);
            assert_eq!(running(office, case), [], "{}", office.engine);
        },
    );
}

#[test]
fn what_the_process_keeps_after_a_closing_goes_on_running() {
    on_each_engine(
        "what_the_process_keeps_after_a_closing_goes_on_running",
        |office| {
            let (case, ana) = (office.in_triage(), office.actor("ana"));
            answer(office, case, &[("A1", "report"), ("A2", "no")]);
            office.happened("tri", case, EventKind::DisputeFiled);
            office.happened("tri", case, EventKind::TypeUnknown);
            office.desk.close_case(&ana, case, "silent").unwrap();
            let kept = [
                DeadlineId::D10,
                DeadlineId::D11,
                DeadlineId::D12,
                DeadlineId::D27,
            ];
            assert_eq!(running(office, case), kept, "{}", office.engine);
        },
    );
}
