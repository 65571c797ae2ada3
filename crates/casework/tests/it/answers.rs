//! The decision tree: answers are kept for ever, and decide by themselves.

use casework::{Answer, CaseId, CaseState, Outcome};

use crate::office::{Office, assigning_answers, given, on_each_engine, refusal_code, year};

fn answers(office: &Office, case: CaseId) -> Vec<Answer> {
    office
        .desk
        .case(&office.actor("ana"), case)
        .unwrap()
        .answers
}

#[test]
fn a_second_answer_supersedes_the_first_and_both_stay() {
    on_each_engine(
        "a_second_answer_supersedes_the_first_and_both_stay",
        |office| {
            let case = office.in_triage();
            office.answer(case, "A1", "report");
            office.answer(case, "A2", "no");
            office.answer(case, "A2", "yes");
            let kept: Vec<_> = answers(office, case)
                .into_iter()
                .map(|answer| (answer.number, answer.node, answer.value, answer.superseded))
                .collect();
            let expected = [
                (1, "A1", "report", false),
                (2, "A2", "no", true),
                (3, "A2", "yes", false),
            ];
            let expected = expected
                .map(|(number, node, value, old)| (number, node.to_owned(), value.to_owned(), old));
            assert_eq!(kept, expected);
        },
    );
}

#[test]
fn a_third_answer_supersedes_the_second() {
    on_each_engine("a_third_answer_supersedes_the_second", |office| {
        let case = office.in_triage();
        for value in ["yes", "no", "unsure"] {
            office.answer(case, "A2", value);
        }
        let old: Vec<_> = answers(office, case)
            .iter()
            .map(|answer| answer.superseded)
            .collect();
        assert_eq!(old, [true, true, false]);
    });
}

#[test]
fn each_answer_is_stored_with_its_rules_their_version_and_who_gave_it() {
    on_each_engine(
        "each_answer_is_stored_with_its_rules_their_version_and_who_gave_it",
        |office| {
            let case = office.in_triage();
            office.answer(case, "B2", "yes");
            let stored = answers(office, case).remove(0);
            assert_eq!(stored.ruleset, casework::RULESET);
            assert_eq!(stored.rules, casework::node("B2").unwrap().rules());
            assert_eq!(stored.answered_by, "ana");
            assert!(!stored.question.is_empty());
        },
    );
}

#[test]
fn the_determination_is_a_function_of_the_standing_answers() {
    on_each_engine(
        "the_determination_is_a_function_of_the_standing_answers",
        |office| {
            let (forwards, backwards) = (office.in_triage(), office.in_triage());
            let mut given = assigning_answers();
            for (node, answer) in &given {
                office.answer(forwards, node, &answer.value);
            }
            given.reverse();
            // A mind that was changed on the way leaves no trace in the end.
            office.answer(backwards, "C1", "no");
            for (node, answer) in &given {
                office.answer(backwards, node, &answer.value);
            }
            let ana = office.actor("ana");
            let of = |case| office.desk.case(&ana, case).unwrap().determination;
            assert_eq!(of(forwards), of(backwards));
            assert_eq!(of(forwards).outcome, Some(Outcome::Assign));
        },
    );
}

/// Answers that lead to each outcome, and the state it gives.
const ENDS: [(&[(&str, &str)], CaseState); 7] = [
    (&[("A1", "spam")], CaseState::ClosedNotVuln),
    (
        &[
            ("A1", "report"),
            ("A2", "yes"),
            ("A3", "private"),
            ("A4", "exact"),
        ],
        CaseState::ClosedDuplicate,
    ),
    (
        &[
            ("A1", "report"),
            ("A2", "yes"),
            ("A3", "private"),
            ("A4", "none"),
            ("A5", "no"),
            ("B1", "ours"),
            ("B2", "yes"),
            ("B5", "no"),
            ("B6", "all_supported"),
            ("C1", "yes"),
            ("D8", "1"),
            ("E1", "no"),
        ],
        CaseState::ClosedNoAssign,
    ),
    (&[("A1", "report"), ("A2", "no")], CaseState::NeedInfo),
    (
        &[
            ("A1", "report"),
            ("A2", "yes"),
            ("A3", "private"),
            ("A4", "none"),
            ("A5", "yes"),
        ],
        CaseState::Coordinating,
    ),
    (
        &[
            ("A1", "report"),
            ("A2", "yes"),
            ("A3", "private"),
            ("A4", "none"),
            ("A5", "no"),
            ("B1", "ours"),
            ("B2", "unclear"),
        ],
        CaseState::Routed,
    ),
    (
        &[
            ("A1", "report"),
            ("A2", "yes"),
            ("A3", "private"),
            ("A4", "none"),
            ("A5", "no"),
            ("B1", "ours"),
            ("B2", "yes"),
            ("B5", "no"),
            ("B6", "all_supported"),
            ("C1", "no"),
            ("C2", "yes"),
            ("C3", "none"),
            ("C4", "unsure"),
        ],
        CaseState::Consulting,
    ),
];

#[test]
fn every_end_of_the_tree_can_be_left_by_a_new_answer() {
    on_each_engine(
        "every_end_of_the_tree_can_be_left_by_a_new_answer",
        |office| {
            for (path, state) in ENDS {
                let case = office.in_triage();
                for (node, value) in path {
                    office.answer(case, node, value);
                }
                assert_eq!(office.state(case), state);
                let (last, _) = path.last().unwrap();
                let all = assigning_answers();
                let (_, better) = all.iter().find(|(node, _)| node == last).unwrap_or(&all[0]);
                let value = if *last == "C4" { "yes" } else { &better.value };
                office.answer(case, last, value);
                assert_eq!(office.state(case), CaseState::Triage, "after {state}");
            }
        },
    );
}

#[test]
fn an_id_that_is_assigned_ends_the_answering() {
    on_each_engine("an_id_that_is_assigned_ends_the_answering", |office| {
        let (case, _) = office.assigned();
        let ana = office.actor("ana");
        let result = office.desk.answer(&ana, case, "A1", &given("spam"));
        assert_eq!(refusal_code(result), "wrong_state");
        assert_eq!(office.state(case), CaseState::Assigned);
    });
}

#[test]
fn a_case_whose_answers_say_no_gets_no_id() {
    on_each_engine("a_case_whose_answers_say_no_gets_no_id", |office| {
        office.fill_pool();
        let case = office.determined();
        office.answer(case, "A4", "exact");
        let result = office.desk.assign(&office.actor("ana"), case, Some(year()));
        assert_eq!(refusal_code(result), "wrong_state");
    });
}

#[test]
fn an_answer_the_question_does_not_know_is_refused_and_not_stored() {
    on_each_engine(
        "an_answer_the_question_does_not_know_is_refused_and_not_stored",
        |office| {
            let case = office.in_triage();
            let ana = office.actor("ana");
            for (node, value) in [("A1", "perhaps"), ("Z9", "yes"), ("", "")] {
                let result = office.desk.answer(&ana, case, node, &given(value));
                assert_eq!(refusal_code(result), "invalid_answer");
            }
            assert!(answers(office, case).is_empty());
        },
    );
}

#[test]
fn two_people_who_answer_at_once_both_leave_an_answer() {
    on_each_engine(
        "two_people_who_answer_at_once_both_leave_an_answer",
        |office| {
            let case = office.in_triage();
            let desks = [office.desk.clone(), office.second_desk()];
            std::thread::scope(|scope| {
                for (desk, name) in desks.iter().zip(["ana", "ben"]) {
                    let actor = office.actor(name);
                    scope.spawn(move || {
                        for _ in 0..5 {
                            desk.answer(&actor, case, "A2", &given("no")).unwrap();
                        }
                    });
                }
            });
            let numbers: Vec<_> = answers(office, case)
                .iter()
                .map(|answer| answer.number)
                .collect();
            assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
        },
    );
}
