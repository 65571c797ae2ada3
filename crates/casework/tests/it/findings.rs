//! Cases with several findings: counted one by one, confirmed by a second
//! person, each vulnerability with an ID of its own.

use casework::decision::{
    About, Hierarchy, Matter, Overlay, OverlayRule, Pack, Reply, Sheet, Station, Verdict, decide,
};
use casework::{
    Answer, Assignment, CaseDecision, CaseId, CaseState, DecisionSettings, FindingChange,
    FindingProduct, NewAnswer, Outcome, Role,
};

use crate::office::{Office, given, on_each_engine, product, refusal_code, refused, report, year};
use crate::services::{self, Mood, run_a_while};

const FIRST: &str = "first";
const SECOND: &str = "second";

fn named(name: &str) -> FindingChange {
    FindingChange {
        name: Some(name.into()),
        ..FindingChange::default()
    }
}

fn affecting(products: &[(&str, &str)]) -> FindingChange {
    let products = products.iter().map(|(product, codebase)| FindingProduct {
        product: (*product).into(),
        affected: Vec::new(),
        codebases: Some((*codebase).to_owned())
            .filter(|name| !name.is_empty())
            .into_iter()
            .collect(),
    });
    FindingChange {
        products: Some(products.collect()),
        ..FindingChange::default()
    }
}

fn answer_as(office: &Office, name: &str, case: CaseId, new: &NewAnswer) -> CaseDecision {
    let actor = office.actor(name);
    office.desk.answer_about(&actor, case, new).unwrap()
}

fn about(node: &str, value: &str, about: About) -> NewAnswer {
    NewAnswer {
        about,
        ..NewAnswer::plain(node, &given(value))
    }
}

pub(crate) fn decision(office: &Office, case: CaseId) -> CaseDecision {
    office
        .desk
        .case(&office.actor("ana"), case)
        .unwrap()
        .determination
}

/// A case in triage with two findings, and every answer about the report.
fn with_two(office: &Office) -> CaseId {
    let case = office.in_triage();
    let ana = office.actor("ana");
    let title = report().title;
    let desk = &office.desk;
    desk.edit_finding(&ana, case, &title, &named(FIRST))
        .unwrap();
    desk.add_finding(&ana, case, &named(SECOND)).unwrap();
    for (node, answer) in crate::office::assigning_answers() {
        desk.answer(&ana, case, node, &answer).unwrap();
    }
    case
}

/// The same, counted as two by `ana`.
pub(crate) fn counted_two(office: &Office) -> CaseId {
    let case = with_two(office);
    let pair = about("D1", "yes", About::pair(FIRST, SECOND));
    let decision = answer_as(office, "ana", case, &pair);
    assert_eq!(decision.ruling.as_deref(), Some("O-ASSIGN(2)"));
    case
}

fn confirm(office: &Office, name: &str, case: CaseId) {
    let digest = decision(office, case).digest;
    let actor = office.actor(name);
    office.desk.confirm_count(&actor, case, digest, "").unwrap();
}

fn lines(office: &Office, case: CaseId) -> Vec<(String, String)> {
    let view = office.desk.case(&office.actor("ana"), case).unwrap();
    let records = view.records.iter();
    records
        .map(|record| (record.cve_id.to_string(), record.title.clone()))
        .collect()
}

#[test]
fn a_new_case_has_one_finding_named_like_its_report() {
    on_each_engine(
        "a_new_case_has_one_finding_named_like_its_report",
        |office| {
            let case = office.received();
            let findings = office.desk.findings(&office.actor("ana"), case).unwrap();
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].name, report().title);
            assert_eq!(findings[0].products[0].product, "node-agent");
        },
    );
}

#[test]
fn two_findings_are_asked_about_as_a_pair_before_anything_is_counted() {
    on_each_engine(
        "two_findings_are_asked_about_as_a_pair_before_anything_is_counted",
        |office| {
            let case = with_two(office);
            let decision = decision(office, case);
            assert_eq!(decision.outcome, None);
            assert_eq!(decision.next, Some("D1"));
            assert_eq!(decision.next_about, Some(About::pair(FIRST, SECOND)));
            assert_eq!(office.state(case), CaseState::Triage);
        },
    );
}

#[test]
fn findings_with_one_fix_are_one_vulnerability() {
    on_each_engine("findings_with_one_fix_are_one_vulnerability", |office| {
        let case = with_two(office);
        let pair = about("D1", "no", About::pair(SECOND, FIRST));
        let decision = answer_as(office, "ana", case, &pair);
        assert_eq!(decision.ruling.as_deref(), Some("O-ASSIGN(1)"));
        assert_eq!(decision.groups[0].findings, [FIRST, SECOND]);
        assert!(!decision.needs_confirmation);
    });
}

#[test]
fn a_finding_has_a_verdict_of_its_own() {
    on_each_engine("a_finding_has_a_verdict_of_its_own", |office| {
        let case = with_two(office);
        answer_as(
            office,
            "ana",
            case,
            &about("C1", "no", About::Finding(SECOND.into())),
        );
        let decision = answer_as(
            office,
            "ana",
            case,
            &about("C2", "no", About::Finding(SECOND.into())),
        );
        assert_eq!(decision.verdicts[FIRST], Verdict::Vulnerable);
        assert_eq!(decision.verdicts[SECOND], Verdict::NotVulnerable);
        assert_eq!(decision.count, 1);
        // Before it is let go: does it become one together with the other?
        assert_eq!(decision.next, Some("C4b"));
        assert_eq!(decision.next_about, Some(About::Finding(SECOND.into())));
    });
}

#[test]
fn products_without_shared_code_take_an_id_each() {
    on_each_engine("products_without_shared_code_take_an_id_each", |office| {
        let admin = office.actor("admin");
        for name in ["gateway", "proxy"] {
            office.desk.put_product(&admin, &product(name)).unwrap();
        }
        let case = office.in_triage();
        let ana = office.actor("ana");
        let title = report().title;
        let three = affecting(&[("node-agent", "core"), ("gateway", "core"), ("proxy", "")]);
        office
            .desk
            .edit_finding(&ana, case, &title, &three)
            .unwrap();
        for (node, answer) in crate::office::assigning_answers() {
            office.desk.answer(&ana, case, node, &answer).unwrap();
        }
        assert_eq!(decision(office, case).next, Some("D3"));
        answer_as(office, "ana", case, &about("D3", "yes_code", About::Case));
        let decision = answer_as(office, "ana", case, &about("D4", "no", About::Case));
        // Two of the three share a codebase, and count once (T-12).
        assert_eq!(decision.ruling.as_deref(), Some("O-ASSIGN(2)"));
        assert!(decision.needs_confirmation);
    });
}

#[test]
fn a_count_above_one_gets_no_id_before_somebody_else_confirms_it() {
    on_each_engine(
        "a_count_above_one_gets_no_id_before_somebody_else_confirms_it",
        |office| {
            office.fill_pool();
            office.fill_pool();
            let case = counted_two(office);
            let ana = office.actor("ana");
            let refusal = refused(office.desk.assign(&ana, case, Some(year())));
            assert_eq!(refusal.code(), "not_confirmed");
            let message = refusal.to_string();
            assert!(
                message.starts_with("the count of 2 is not confirmed (PC-01, CNA Rules 4.2.1"),
                "{message}"
            );
            let digest = decision(office, case).digest;
            let own = office.desk.confirm_count(&ana, case, digest, "");
            assert_eq!(refusal_code(own), "own_count");
            confirm(office, "ben", case);
            let confirmed = decision(office, case).confirmation.unwrap();
            assert_eq!(confirmed.by, "ben");
            assert!(office.desk.assign(&ana, case, Some(year())).is_ok());
            assert_eq!(office.state(case), CaseState::Assigned);
        },
    );
}

#[test]
fn an_unsure_answer_of_stage_d_needs_a_confirmation_of_a_count_of_one() {
    on_each_engine(
        "an_unsure_answer_of_stage_d_needs_a_confirmation_of_a_count_of_one",
        |office| {
            let case = with_two(office);
            let pair = about("D1", "unsure", About::pair(FIRST, SECOND));
            let decision = answer_as(office, "ana", case, &pair);
            assert_eq!((decision.count, decision.needs_confirmation), (1, true));
        },
    );
}

#[test]
fn a_later_answer_undoes_the_confirmation() {
    on_each_engine("a_later_answer_undoes_the_confirmation", |office| {
        let case = counted_two(office);
        confirm(office, "rev", case);
        answer_as(office, "ana", case, &about("E6", "no", About::Case));
        assert_eq!(decision(office, case).confirmation, None);
        let result = office.desk.assign(&office.actor("ana"), case, Some(year()));
        assert_eq!(refusal_code(result), "not_confirmed");
    });
}

#[test]
fn a_decision_that_changed_is_not_confirmed_as_the_one_that_was_read() {
    on_each_engine(
        "a_decision_that_changed_is_not_confirmed_as_the_one_that_was_read",
        |office| {
            let case = counted_two(office);
            let read = decision(office, case).digest;
            let pair = about("D1", "no", About::pair(FIRST, SECOND));
            answer_as(office, "ana", case, &pair);
            let result = office
                .desk
                .confirm_count(&office.actor("ben"), case, read, "");
            assert_eq!(refusal_code(result), "decision_changed");
        },
    );
}

#[test]
fn a_count_is_confirmed_by_members_with_the_role_alone() {
    on_each_engine(
        "a_count_is_confirmed_by_members_with_the_role_alone",
        |office| {
            let case = counted_two(office);
            let digest = decision(office, case).digest;
            let stranger = office.hire("late", &[Role::Analyst]);
            let result = office.desk.confirm_count(&stranger, case, digest, "");
            assert_eq!(refusal_code(result), "not_found");
            for name in ["tri", "pub", "oan", "aud"] {
                let result = office
                    .desk
                    .confirm_count(&office.actor(name), case, digest, "");
                assert_eq!(refusal_code(result), "not_allowed", "{name}");
            }
        },
    );
}

#[test]
fn findings_are_changed_by_members_with_the_role_alone() {
    on_each_engine(
        "findings_are_changed_by_members_with_the_role_alone",
        |office| {
            let case = with_two(office);
            let stranger = office.hire("late", &[Role::Analyst]);
            let desk = &office.desk;
            let add = desk.add_finding(&stranger, case, &named("third"));
            assert_eq!(refusal_code(add), "not_found");
            let remove = desk.remove_finding(&stranger, case, FIRST);
            assert_eq!(refusal_code(remove), "not_found");
            let auditor = office.actor("aud");
            let edit = desk.edit_finding(&auditor, case, FIRST, &named("third"));
            assert_eq!(refusal_code(edit), "not_allowed");
            let close = desk.close_case(&auditor, case, "done");
            assert_eq!(refusal_code(close), "not_allowed");
            let reopen = desk.reopen_case(&stranger, case, "news");
            assert_eq!(refusal_code(reopen), "not_found");
        },
    );
}

#[test]
fn each_vulnerability_gets_an_id_of_the_pool_and_a_draft_titled_by_its_finding() {
    on_each_engine(
        "each_vulnerability_gets_an_id_of_the_pool_and_a_draft_titled_by_its_finding",
        |office| {
            let (one, other) = (office.fill_pool(), office.fill_pool());
            let case = counted_two(office);
            confirm(office, "ben", case);
            let ana = office.actor("ana");
            let assigned = office.desk.assign(&ana, case, Some(year())).unwrap();
            let expected = Assignment::Assigned {
                cve_id: one,
                cve_ids: vec![one, other],
                followup: None,
            };
            assert_eq!(assigned, expected);
            let expected = [(one, FIRST), (other, SECOND)]
                .map(|(id, title)| (id.to_string(), title.to_owned()));
            assert_eq!(lines(office, case), expected);
            for (id, title) in [(one, FIRST), (other, SECOND)] {
                office.desk.draft_from_report(&ana, id).unwrap();
                let draft = office.desk.store().read(|reader| reader.draft(id));
                let text = draft.unwrap().unwrap().document;
                let document: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!(document["cna"]["title"], title);
                assert_eq!(document["advisory"]["title"], title);
            }
        },
    );
}

#[test]
fn what_the_pool_lacks_is_reserved_by_one_request_for_all() {
    services::on_each_engine(
        "what_the_pool_lacks_is_reserved_by_one_request_for_all",
        |services, office| {
            let case = counted_two(office);
            confirm(office, "ben", case);
            let ana = office.actor("ana");
            for _ in 0..2 {
                let result = office.desk.assign(&ana, case, Some(year())).unwrap();
                assert!(matches!(result, Assignment::Reserving { .. }));
            }
            run_a_while(office);
            assert_eq!(services.ids().len(), 2);
            assert_eq!(office.state(case), CaseState::Assigned);
            let titles: Vec<_> = lines(office, case)
                .into_iter()
                .map(|(_, title)| title)
                .collect();
            assert_eq!(titles, [FIRST, SECOND]);
        },
    );
}

#[test]
fn a_part_of_what_was_asked_for_leaves_the_case_waiting_for_the_rest() {
    services::on_each_engine(
        "a_part_of_what_was_asked_for_leaves_the_case_waiting_for_the_rest",
        |services, office| {
            services.set_mood(Mood::Short);
            let case = counted_two(office);
            confirm(office, "ben", case);
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            run_a_while(office);
            assert_eq!(lines(office, case).len(), 1);
            assert_eq!(office.state(case), CaseState::Determined);
            // What has an ID is counted; its count is not changed any more.
            let new = about("E6", "no", About::Case);
            let result = office.desk.answer_about(&ana, case, &new);
            assert_eq!(refusal_code(result), "wrong_state");
            let result = office.desk.reopen_case(&ana, case, "news");
            assert_eq!(refusal_code(result), "wrong_state");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            run_a_while(office);
            assert_eq!(lines(office, case).len(), 2);
            assert_eq!(office.state(case), CaseState::Assigned);
        },
    );
}

#[test]
fn ids_that_come_after_the_count_changed_go_to_the_pool() {
    services::on_each_engine(
        "ids_that_come_after_the_count_changed_go_to_the_pool",
        |_, office| {
            let case = counted_two(office);
            confirm(office, "ben", case);
            let ana = office.actor("ana");
            office.desk.assign(&ana, case, Some(year())).unwrap();
            let pair = about("D1", "no", About::pair(FIRST, SECOND));
            answer_as(office, "ana", case, &pair);
            run_a_while(office);
            assert_eq!(lines(office, case).len(), 1);
            assert_eq!(office.state(case), CaseState::Assigned);
            let pool = office.desk.store().read(|reader| reader.ledger()).unwrap();
            let spare = pool.iter().filter(|line| line.state == "POOL").count();
            assert_eq!(spare, 1);
        },
    );
}

#[test]
fn an_id_that_exists_already_takes_none() {
    on_each_engine("an_id_that_exists_already_takes_none", |office| {
        let case = with_two(office);
        answer_as(
            office,
            "ana",
            case,
            &about("D1", "yes", About::pair(FIRST, SECOND)),
        );
        let mut known = about("E4", "yes", About::Finding(SECOND.into()));
        known.names = vec!["CVE-1900-20001".into()];
        let decision = answer_as(office, "ana", case, &known);
        assert_eq!(decision.ruling.as_deref(), Some("O-ASSIGN(1)"));
        assert_eq!(decision.existing, ["CVE-1900-20001"]);
    });
}

#[test]
fn a_renamed_finding_keeps_its_answers_and_a_removed_one_takes_them_out_of_the_count() {
    on_each_engine(
        "a_renamed_finding_keeps_its_answers_and_a_removed_one_takes_them_out_of_the_count",
        |office| {
            let case = with_two(office);
            let ana = office.actor("ana");
            let own = about("C1", "no", About::Finding(SECOND.into()));
            answer_as(office, "ana", case, &own);
            let desk = &office.desk;
            desk.edit_finding(&ana, case, SECOND, &named("renamed"))
                .unwrap();
            let of =
                |office: &Office| -> Vec<Answer> { office.desk.case(&ana, case).unwrap().answers };
            let last = of(office).pop().unwrap();
            assert_eq!(last.about, Some(About::Finding("renamed".into())));
            desk.remove_finding(&ana, case, "renamed").unwrap();
            let last = of(office).pop().unwrap();
            assert_eq!((last.about, last.superseded), (None, false));
            let decision = decision(office, case);
            assert_eq!(decision.ruling.as_deref(), Some("O-ASSIGN(1)"));
            assert_eq!(office.state(case), CaseState::Determined);
        },
    );
}

#[test]
fn findings_are_refused_with_what_would_do() {
    on_each_engine("findings_are_refused_with_what_would_do", |office| {
        let case = with_two(office);
        let ana = office.actor("ana");
        let desk = &office.desk;
        let twice = desk.add_finding(&ana, case, &named(FIRST));
        assert_eq!(
            refused(twice).to_string(),
            "name: `first` is a finding of the case already: choose another name"
        );
        let unknown = desk.edit_finding(&ana, case, FIRST, &affecting(&[("toaster", "")]));
        assert_eq!(refusal_code(unknown), "unknown_product");
        let nobody = desk.remove_finding(&ana, case, "third");
        assert_eq!(refusal_code(nobody), "not_found");
        desk.remove_finding(&ana, case, FIRST).unwrap();
        // That was the last open question, so the case is determined.
        let determined = desk.add_finding(&ana, case, &named("third"));
        assert_eq!(refusal_code(determined), "wrong_state");
        desk.reopen_case(&ana, case, "there is a third").unwrap();
        let last = desk.remove_finding(&ana, case, SECOND);
        assert!(refused(last).to_string().contains("it is the only one"));
    });
}

#[test]
fn an_answer_about_what_its_question_is_not_asked_of_is_refused() {
    on_each_engine(
        "an_answer_about_what_its_question_is_not_asked_of_is_refused",
        |office| {
            let case = with_two(office);
            let ana = office.actor("ana");
            for new in [
                about("B2", "yes", About::Finding(FIRST.into())),
                about("C1", "yes", About::pair(FIRST, SECOND)),
                about("C1", "yes", About::Finding("third".into())),
                about("D1", "yes", About::Finding(FIRST.into())),
                about("D1", "yes", About::pair(FIRST, FIRST)),
            ] {
                let result = office.desk.answer_about(&ana, case, &new);
                assert_eq!(refusal_code(result), "invalid", "{new:?}");
            }
        },
    );
}

#[test]
fn the_refusals_of_the_rules_reach_whoever_answers_with_their_numbers() {
    on_each_engine(
        "the_refusals_of_the_rules_reach_whoever_answers_with_their_numbers",
        |office| {
            let case = with_two(office);
            let ana = office.actor("ana");
            let mut bare = about("C3a", "default_documented_known", About::Case);
            let refusal = refused(office.desk.answer_about(&ana, case, &bare));
            assert_eq!(refusal.code(), "refused_answer");
            assert!(refusal.to_string().contains("(rule 4.1.3.1)"), "{refusal}");
            bare.evidence = vec!["manual, chapter 4".into()];
            answer_as(office, "ana", case, &bare);
            let mut must = about("C3h", "yes", About::Case);
            must.overriding = Some("a good lesson".into());
            let refusal = refused(office.desk.answer_about(&ana, case, &must));
            assert!(refusal.to_string().contains("only the Board"), "{refusal}");
            let mut should = about("C2", "no", About::Case);
            should.overriding = Some("customers act on it".into());
            let untrained = office.actor("tri");
            let refusal = refused(office.desk.answer_about(&untrained, case, &should));
            assert!(refusal.to_string().contains("is not trained"), "{refusal}");
            answer_as(office, "ana", case, &should);
            let view = office.desk.case(&ana, case).unwrap();
            let last = view.answers.last().unwrap();
            assert_eq!(last.overriding, "customers act on it");
            assert!(last.trained);
        },
    );
}

#[test]
fn unsure_of_c4_said_again_with_whom_was_asked_is_a_vulnerability() {
    on_each_engine(
        "unsure_of_c4_said_again_with_whom_was_asked_is_a_vulnerability",
        |office| {
            let case = office.in_triage();
            for (node, value) in [
                ("C1", "no"),
                ("C2", "yes"),
                ("C3", "none"),
                ("C4", "unsure"),
            ] {
                answer_as(office, "ana", case, &about(node, value, About::Case));
            }
            assert_eq!(decision(office, case).outcome, Some(Outcome::Consult));
            let mut again = about("C4", "unsure", About::Case);
            again.evidence = vec!["the CNA of last resort, 2026-11-02".into()];
            answer_as(office, "ana", case, &again);
            let verdicts = decision(office, case).verdicts;
            assert_eq!(verdicts[&report().title], Verdict::Vulnerable);
        },
    );
}

#[test]
fn a_case_is_closed_and_opened_again_with_a_reason() {
    on_each_engine(
        "a_case_is_closed_and_opened_again_with_a_reason",
        |office| {
            let case = office.in_triage();
            let ana = office.actor("ana");
            let desk = &office.desk;
            let early = desk.close_case(&ana, case, "done");
            assert_eq!(refusal_code(early), "wrong_state");
            answer_as(office, "ana", case, &about("A2", "no", About::Case));
            assert_eq!(office.state(case), CaseState::NeedInfo);
            assert_eq!(refusal_code(desk.close_case(&ana, case, " ")), "invalid");
            desk.close_case(&ana, case, "three reminders").unwrap();
            assert_eq!(office.state(case), CaseState::ClosedNoResponse);
            let closed = desk.answer(&ana, case, "A2", &given("yes"));
            assert_eq!(refusal_code(closed), "wrong_state");
            desk.reopen_case(&ana, case, "they wrote").unwrap();
            assert_eq!(office.state(case), CaseState::NeedInfo);
        },
    );
}

#[test]
fn a_determined_case_that_is_reopened_waits_for_another_answer() {
    on_each_engine(
        "a_determined_case_that_is_reopened_waits_for_another_answer",
        |office| {
            let case = office.determined();
            let ana = office.actor("ana");
            office
                .desk
                .reopen_case(&ana, case, "a second report")
                .unwrap();
            assert_eq!(office.state(case), CaseState::Triage);
            answer_as(office, "ana", case, &about("D8", "1", About::Case));
            assert_eq!(office.state(case), CaseState::Determined);
        },
    );
}

#[test]
fn settings_of_the_decision_decide_open_cases_anew() {
    on_each_engine(
        "settings_of_the_decision_decide_open_cases_anew",
        |office| {
            let case = office.in_triage();
            answer_as(office, "ana", case, &about("B2", "no", About::Case));
            answer_as(office, "ana", case, &about("B3", "nobody", About::Case));
            assert_eq!(office.state(case), CaseState::Routed);
            let mut settings = DecisionSettings::default();
            let own = Station {
                roles: vec!["cna_lr".into()],
                last_resort: Some("example".into()),
                ..Station::default()
            };
            settings.organisations.insert("example".into(), own);
            let admin = office.actor("admin");
            office
                .desk
                .set_decision_settings(&admin, &settings)
                .unwrap();
            // We are the CNA of last resort ourselves, so the questions go on.
            assert_eq!(office.state(case), CaseState::Triage);
            let ana = office.actor("ana");
            assert_eq!(office.desk.decision_settings(&ana).unwrap(), settings);
            let result = office.desk.set_decision_settings(&ana, &settings);
            assert_eq!(refusal_code(result), "not_allowed");
        },
    );
}

#[test]
fn an_overlay_adds_its_task_and_one_that_permits_is_refused() {
    on_each_engine(
        "an_overlay_adds_its_task_and_one_that_permits_is_refused",
        |office| {
            let case = office.determined();
            let admin = office.actor("admin");
            let mut rule = OverlayRule {
                key: "rootx.tell".into(),
                number: "X-1".into(),
                level: "MAY".into(),
                on: Some("O-ASSIGN".into()),
                task: Some("tell_the_root".into()),
            };
            let mut settings = DecisionSettings::default();
            let station = |root: Option<&str>, role: &str| Station {
                roles: vec![role.into()],
                root: root.map(Into::into),
                ..Station::default()
            };
            let organisations = &mut settings.organisations;
            organisations.insert("example".into(), station(Some("rootx"), "cna"));
            organisations.insert("rootx".into(), station(None, "tl_root"));
            let overlay = |rule: &OverlayRule| Overlay {
                root: "rootx".into(),
                approved_by: None,
                rules: vec![rule.clone()],
            };
            settings.overlays = vec![overlay(&rule)];
            let result = office.desk.set_decision_settings(&admin, &settings);
            assert!(refused(result).to_string().contains("rootx.tell"));
            rule.level = "MUST".into();
            settings.overlays = vec![overlay(&rule)];
            office
                .desk
                .set_decision_settings(&admin, &settings)
                .unwrap();
            assert!(
                decision(office, case)
                    .tasks
                    .contains(&"tell_the_root".to_owned())
            );
        },
    );
}

/// The decision of a case from nothing but its JSON.
fn replayed(view: &serde_json::Value) -> Option<String> {
    let facts = &view["determination"]["facts"];
    let pack: &'static Pack = facts["ruleset"].as_str().unwrap().parse().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let texts = |value: &serde_json::Value| value.as_array().unwrap().iter().map(text).collect();
    let given = |value: &serde_json::Value| Some(text(value)).filter(|text| !text.is_empty());
    let mut sheet = Sheet::default();
    for answer in view["answers"].as_array().unwrap() {
        let about = match &answer["about"] {
            serde_json::Value::Null => continue,
            serde_json::Value::String(_) => About::Case,
            about if about["finding"].is_string() => About::Finding(text(&about["finding"])),
            about => About::pair(&text(&about["pair"][0]), &text(&about["pair"][1])),
        };
        let reply = Reply {
            node: text(&answer["node"]),
            about,
            value: text(&answer["value"]),
            reason: text(&answer["reason"]),
            evidence: texts(&answer["evidence"]),
            names: texts(&answer["names"]),
            overriding: given(&answer["overriding"]),
            exception: given(&answer["exception"]),
            by: text(&answer["answered_by"]),
            is_trained: answer["trained"] == true,
            at: None,
        };
        sheet.add(reply, pack).unwrap();
    }
    let claims: Vec<_> = facts["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(claim)
        .collect();
    let hierarchy = Hierarchy {
        stations: serde_json::from_value(facts["organisations"].clone()).unwrap(),
    };
    let missing: Vec<String> = serde_json::from_value(facts["missing"].clone()).unwrap();
    let matter = Matter {
        pack,
        us: facts["us"].as_str().unwrap(),
        hierarchy: &hierarchy,
        findings: &claims,
        is_consulted: facts["is_consulted"] == true,
        is_public: facts["is_public"].as_bool(),
        missing: &missing,
        record: serde_json::from_value(facts["record"].clone()).unwrap(),
    };
    decide(&matter, &sheet)
        .ruling
        .map(|ruling| ruling.to_string())
}

fn claim(value: &serde_json::Value) -> casework::decision::Claim {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let part = |value: &serde_json::Value| casework::decision::Part {
        product: text(&value["product"]),
        codebases: value["codebases"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .collect(),
    };
    casework::decision::Claim {
        name: text(&value["name"]),
        products: value["products"]
            .as_array()
            .unwrap()
            .iter()
            .map(part)
            .collect(),
        supplier: value["supplier"].as_str().map(str::to_owned),
        implementations: usize::try_from(value["implementations"].as_u64().unwrap()).unwrap(),
    }
}

#[test]
fn every_decision_can_be_replayed_from_what_the_case_shows() {
    on_each_engine(
        "every_decision_can_be_replayed_from_what_the_case_shows",
        |office| {
            let waiting = office.in_triage();
            answer_as(office, "ana", waiting, &about("A5", "yes", About::Case));
            let cases = [
                counted_two(office),
                office.determined(),
                waiting,
                with_two(office),
            ];
            let mut rulings = Vec::new();
            for case in cases {
                let view = office.desk.case(&office.actor("ana"), case).unwrap();
                let json = serde_json::to_value(&view).unwrap();
                let stored = json["determination"]["ruling"].as_str().map(str::to_owned);
                assert_eq!(replayed(&json), stored, "case {case}");
                rulings.push(stored);
            }
            let expected = ["O-ASSIGN(2)", "O-ASSIGN(1)", "O-COORDINATE"];
            let expected = expected.map(|ruling| Some(ruling.to_owned()));
            assert_eq!(rulings[..3], expected);
            assert_eq!(rulings[3], None);
        },
    );
}
