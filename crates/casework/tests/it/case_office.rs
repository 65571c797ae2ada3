//! The office of a case: tasks, links, hand-over, members, lanes, severity.

use casework::clocks::{DeadlineId, Severity};
use casework::{CaseId, DraftEnd, Lane, LinkTarget, NeedKind, NewTask, Relation, Role, TaskEnd};

use crate::office::{Office, on_each_engine, refusal_code, refused};

fn task(title: &str) -> NewTask {
    NewTask {
        title: title.into(),
        ..NewTask::default()
    }
}

#[test]
fn a_task_that_is_done_keeps_by_whom_and_when() {
    on_each_engine("a_task_that_is_done_keeps_by_whom_and_when", |office| {
        let (tri, ana, case) = (office.actor("tri"), office.actor("ana"), office.in_triage());
        let new = NewTask {
            owner: Some("ana".into()),
            ..task("call the vendor")
        };
        let made = office.desk.add_task(&tri, case, &new).unwrap();
        assert_eq!((made.number, made.owner.as_str()), (1, "ana"));
        office.clock.advance_ms(60_000);
        office
            .desk
            .end_task(&ana, case, 1, TaskEnd::Done, "called")
            .unwrap();
        assert_eq!(office.desk.tasks(&tri, case, false).unwrap(), []);
        let all = office.desk.tasks(&tri, case, true).unwrap();
        assert_eq!(
            (all[0].state.as_str(), all[0].ended_by.as_str()),
            ("done", "ana")
        );
        assert_eq!(all[0].ended_at.unwrap().ms_since(all[0].made_at), 60_000);
        let again = office.desk.end_task(&ana, case, 1, TaskEnd::Done, "");
        assert_eq!(refused(again).to_string(), "task: task 1 is done already");
    });
}

#[test]
fn a_task_of_a_decision_has_its_words_and_one_of_a_clock_its_end() {
    on_each_engine(
        "a_task_of_a_decision_has_its_words_and_one_of_a_clock_its_end",
        |office| {
            let (ana, (case, _)) = (office.actor("ana"), office.assigned());
            let new = NewTask {
                origin: Some("explain_dispute".into()),
                clock: Some(DeadlineId::D05),
                ..NewTask::default()
            };
            let made = office.desk.add_task(&ana, case, &new).unwrap();
            assert_eq!(made.title, "tell the reporter how to dispute the decision");
            let clocks = office.desk.clocks_of(&ana, case).unwrap();
            let clock = clocks.iter().find(|clock| clock.id == DeadlineId::D05);
            assert_eq!(made.due, Some(clock.unwrap().due));
            let unknown = NewTask {
                origin: Some("dance".into()),
                ..NewTask::default()
            };
            let refusal = refused(office.desk.add_task(&ana, case, &unknown));
            assert!(
                refusal
                    .to_string()
                    .starts_with("origin: `dance` is not a task")
            );
        },
    );
}

#[test]
fn status_shows_the_tasks_and_offers_of_the_person_and_no_others() {
    on_each_engine(
        "status_shows_the_tasks_and_offers_of_the_person_and_no_others",
        |office| {
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let new = NewTask {
                owner: Some("ana".into()),
                ..task("call the vendor")
            };
            office.desk.add_task(&tri, case, &new).unwrap();
            office
                .desk
                .hand_over(&tri, case, "ana", "it is yours")
                .unwrap();
            let whats = |name: &str, kind: NeedKind| {
                let needs = office.desk.status(&office.actor(name)).unwrap();
                let mine = needs.into_iter().filter(|need| need.kind == kind);
                mine.map(|need| need.what).collect::<Vec<_>>()
            };
            assert_eq!(whats("ana", NeedKind::Task), ["call the vendor (task 1)"]);
            assert_eq!(whats("ana", NeedKind::Offer), ["accept it from tri"]);
            assert!(whats("ben", NeedKind::Task).is_empty());
            assert!(whats("ben", NeedKind::Offer).is_empty());
        },
    );
}

#[test]
fn the_owner_leads_a_case_until_the_other_accepts() {
    on_each_engine("the_owner_leads_a_case_until_the_other_accepts", |office| {
        let (tri, ana, case) = (office.actor("tri"), office.actor("ana"), office.in_triage());
        let owner = || office.desk.case(&tri, case).unwrap().summary.owner;
        assert_eq!(refusal_code(office.desk.accept_case(&ana, case)), "invalid");
        office
            .desk
            .hand_over(&tri, case, "ana", "next: reproduce it")
            .unwrap();
        assert_eq!(owner(), "tri");
        let ben = office.actor("ben");
        assert_eq!(refusal_code(office.desk.accept_case(&ben, case)), "invalid");
        assert_eq!(owner(), "tri");
        office.desk.accept_case(&ana, case).unwrap();
        assert_eq!(owner(), "ana");
        assert_eq!(office.desk.offer(&ana, case).unwrap(), None);
        let late = refused(office.desk.hand_over(&tri, case, "ben", "no"));
        assert_eq!(
            late.to_string(),
            "case: `ana` leads case 1, not `tri`: only its owner hands it over"
        );
    });
}

#[test]
fn who_is_taken_off_a_case_does_not_see_it_any_more_and_the_chain_says_who_did_so() {
    on_each_engine(
        "who_is_taken_off_a_case_does_not_see_it_any_more_and_the_chain_says_who_did_so",
        |office| {
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let fix = office.hire("fix", &[Role::Fixer]);
            assert_eq!(refusal_code(office.desk.case(&fix, case)), "not_found");
            office.desk.add_member(&tri, case, "fix").unwrap();
            office.desk.case(&fix, case).unwrap();
            office.desk.remove_member(&tri, case, "fix").unwrap();
            assert_eq!(refusal_code(office.desk.case(&fix, case)), "not_found");
            let refusal = refused(office.desk.remove_member(&tri, case, "tri"));
            assert!(refusal.to_string().contains("it is handed over first"));
            let events = office.desk.store().read(|r| r.audit_of("case 1")).unwrap();
            let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
            assert!(actions.contains(&"case.member.add"), "{actions:?}");
            assert!(actions.contains(&"case.member.remove"), "{actions:?}");
        },
    );
}

#[test]
fn a_link_to_a_case_one_may_not_see_is_not_there_at_all() {
    on_each_engine(
        "a_link_to_a_case_one_may_not_see_is_not_there_at_all",
        |office| {
            let tri = office.actor("tri");
            let (one, other) = (office.received(), office.received());
            let desk = &office.desk;
            let target = LinkTarget::Case(other);
            desk.relate(&tri, one, Relation::RegressionOf, &target, "")
                .unwrap();
            let url = LinkTarget::Url("https://git.example.org/issues/7".into());
            desk.relate(&tri, one, Relation::Related, &url, "").unwrap();
            let from = desk.links(&tri, one).unwrap();
            assert_eq!(from[0].relation, "regression_of");
            assert_eq!((from[0].case, from.len()), (Some(other), 2));
            assert_eq!(
                desk.links(&tri, other).unwrap()[0].relation,
                "has_regression"
            );
            let guest = office.hire("guest", &[Role::Fixer]);
            office.put_on(one, &guest);
            let seen = desk.links(&guest, one).unwrap();
            assert_eq!(seen.len(), 1);
            assert_eq!(seen[0].url, "https://git.example.org/issues/7");
            // Neither removed by number nor found out by linking.
            assert_eq!(refusal_code(desk.unrelate(&guest, one, 1)), "not_found");
            let there = refused(desk.relate(&guest, one, Relation::Related, &target, ""));
            let nowhere = LinkTarget::Case("9999".parse::<CaseId>().unwrap());
            let missing = refused(desk.relate(&guest, one, Relation::Related, &nowhere, ""));
            assert_eq!(there.to_string(), "case 2 was not found");
            assert_eq!(missing.to_string(), "case 9999 was not found");
            desk.unrelate(&tri, one, 1).unwrap();
            assert!(desk.links(&tri, other).unwrap().is_empty());
        },
    );
}

#[test]
fn what_is_drafted_for_the_reporter_is_said_only_once_it_is_sent() {
    on_each_engine(
        "what_is_drafted_for_the_reporter_is_said_only_once_it_is_sent",
        |office| {
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let said = |office: &Office| {
                let view = office.desk.case(&office.actor("tri"), case).unwrap();
                let mine = view
                    .messages
                    .into_iter()
                    .filter(|m| m.body == "We look into it.");
                mine.map(|message| (message.lane, message.author))
                    .collect::<Vec<_>>()
            };
            let fix = office.hire("fix", &[Role::Fixer]);
            office.put_on(case, &fix);
            let body = "We look into it.";
            let draft = office
                .desk
                .draft_message(&fix, case, Lane::Reporter, None, body);
            assert_eq!(draft.unwrap(), 1);
            assert!(said(office).is_empty());
            let not_fix = office.desk.end_message(&fix, case, 1, DraftEnd::Sent);
            assert_eq!(refusal_code(not_fix), "not_allowed");
            let sending = office
                .desk
                .end_message(&tri, case, 1, DraftEnd::Sent)
                .unwrap();
            assert_eq!(sending.by_hand, "no mail server is set (`cna mail set`)");
            assert_eq!(said(office), [("reporter".to_owned(), "fix".to_owned())]);
            let again = office.desk.end_message(&tri, case, 1, DraftEnd::Sent);
            assert_eq!(refused(again).to_string(), "draft: draft 1 is sent already");
            assert_eq!(said(office).len(), 1);
        },
    );
}

#[test]
fn the_lane_of_vendors_reaches_only_vendors_of_the_case() {
    on_each_engine(
        "the_lane_of_vendors_reaches_only_vendors_of_the_case",
        |office| {
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let draft = |to: Option<&str>| {
                office
                    .desk
                    .draft_message(&tri, case, Lane::Vendors, to, "Please look.")
            };
            let refusal = refused(draft(Some("Acme")));
            assert_eq!(
                refusal.to_string(),
                "contact: case 1 has no vendor `Acme`, it has none yet: add it with `cna case vendor`"
            );
            assert_eq!(refusal_code(draft(None)), "invalid");
            office
                .desk
                .put_vendor_contact(&tri, case, "Acme", "psirt@acme.example")
                .unwrap();
            assert_eq!(draft(Some("Acme")).unwrap(), 1);
            office
                .desk
                .end_message(&tri, case, 1, DraftEnd::Dropped)
                .unwrap();
            let view = office.desk.case(&tri, case).unwrap();
            assert!(
                view.messages
                    .iter()
                    .all(|message| message.lane != "vendors")
            );
        },
    );
}

#[test]
fn a_severity_is_set_with_a_word_about_it() {
    on_each_engine("a_severity_is_set_with_a_word_about_it", |office| {
        let (tri, case) = (office.actor("tri"), office.in_triage());
        let reason = "No precondition.";
        office
            .desk
            .set_severity(&tri, case, Severity::Critical, reason)
            .unwrap();
        let view = office.desk.case(&tri, case).unwrap();
        assert_eq!(view.summary.severity, "critical");
        let last = view.messages.last().unwrap();
        assert!(last.body.starts_with("Severity is `critical` from now on"));
        assert!(last.body.ends_with(reason), "{}", last.body);
    });
}

#[test]
fn nothing_of_the_office_is_there_for_whoever_is_not_on_the_case() {
    on_each_engine(
        "nothing_of_the_office_is_there_for_whoever_is_not_on_the_case",
        |office| {
            let (case, desk) = (office.in_triage(), &office.desk);
            let out = office.hire("out", &[Role::Commander]);
            let codes = [
                refusal_code(desk.tasks(&out, case, true)),
                refusal_code(desk.add_task(&out, case, &task("x"))),
                refusal_code(desk.end_task(&out, case, 1, TaskEnd::Done, "")),
                refusal_code(desk.links(&out, case)),
                refusal_code(desk.offer(&out, case)),
                refusal_code(desk.hand_over(&out, case, "ana", "x")),
                refusal_code(desk.accept_case(&out, case)),
                refusal_code(desk.add_member(&out, case, "out")),
                refusal_code(desk.remove_member(&out, case, "ana")),
                refusal_code(desk.outgoing(&out, case)),
                refusal_code(desk.vendor_contacts(&out, case)),
                refusal_code(desk.put_vendor_contact(&out, case, "V", "")),
                refusal_code(desk.draft_message(&out, case, Lane::Reporter, None, "x")),
                refusal_code(desk.end_message(&out, case, 1, DraftEnd::Sent)),
                refusal_code(desk.set_severity(&out, case, Severity::Low, "")),
            ];
            assert_eq!(codes, ["not_found"; 15]);
        },
    );
}
