//! The checklist, plans and leaks, announcements, and making the public side
//! again.

use std::collections::BTreeMap;

use casework::clocks::NewEmbargo;
use casework::{CaseId, CaseState, NewPlan, NewReleaseRule};
use cve::id::CveId;

use crate::office::{Office, on_each_engine, refusal_code, refused};
use crate::services::{on_each_engine as with_services, run_a_while};
use crate::smtp::Smtp;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A local hour (UTC) some hours from now, as people type it.
fn in_hours(office: &Office, hours: i64) -> String {
    let at = office.write(|tx| Ok(tx.now())).plus_ms(hours * HOUR_MS);
    at.to_string()[..16].to_owned()
}

fn planned(office: &Office, id: CveId, hours: i64) -> Result<casework::PlanView, casework::Error> {
    let plan = NewPlan {
        at: in_hours(office, hours),
        zone: Some("UTC".into()),
        when_answers: String::new(),
    };
    office
        .desk
        .plan_publication(&office.actor("pub"), id, &plan)
}

fn state_of_plan(office: &Office, id: CveId) -> (String, String) {
    let plans = office.desk.release_plans(&office.actor("pub"), id).unwrap();
    let last = plans.last().unwrap();
    (last.state.clone(), last.answer.clone())
}

/// A case that is approved, whose reporter nobody told.
fn untold(office: &Office) -> (CaseId, CveId) {
    let (case, id, draft) = office.drafted();
    office.approve("rev", id, &draft).unwrap();
    (case, id)
}

#[test]
fn an_open_item_stops_publishing_and_says_what_to_do() {
    on_each_engine("an_open_item_stops_publishing", |office| {
        let (_, id) = untold(office);
        let refusal = refused(office.desk.publish(&office.actor("pub"), id));
        assert_eq!(refusal.code(), "checklist");
        assert!(
            refusal.to_string().contains("cna publish tick"),
            "{refusal}"
        );
        office.tell_reporter(id);
        office.desk.publish(&office.actor("pub"), id).unwrap();
    });
}

#[test]
fn each_item_names_its_evidence_and_who_said_so() {
    on_each_engine("each_item_names_its_evidence", |office| {
        let (_, id, _) = office.ready();
        let items = office.desk.checklist(&office.actor("ana"), id).unwrap();
        let find = |wanted: &str| items.iter().find(|item| item.id == wanted).unwrap();
        assert_eq!(items.len(), 16);
        assert_eq!(
            find("PC-01").evidence,
            "the decision counts 1, which asks for no second person"
        );
        assert_eq!(find("PC-07").evidence, "revision 1 was approved by rev");
        assert_eq!(
            (find("PC-08").by.as_str(), find("PC-08").state),
            ("ana", "done")
        );
        assert_eq!(
            (find("PC-09").weight, find("PC-09").state),
            ("warn", "open")
        );
        assert!(items.iter().all(|item| !item.stops));
    });
}

#[test]
fn only_what_warns_is_waived_and_only_what_people_know_is_ticked() {
    on_each_engine("only_what_warns_is_waived", |office| {
        let (_, id, _) = office.ready();
        let ana = office.actor("ana");
        let tick = |item: &str, kind: &str| office.desk.tick(&ana, id, item, kind, "because");
        assert_eq!(refusal_code(tick("PC-08", "waived")), "invalid");
        assert_eq!(refusal_code(tick("PC-07", "done")), "invalid");
        assert_eq!(refusal_code(tick("PC-01", "done")), "invalid");
        tick("pc-09", "waived").unwrap();
    });
}

#[test]
fn the_profile_adds_its_items_and_distributors_block() {
    on_each_engine("the_profile_adds_its_items", |office| {
        let (_, id, _) = office.ready();
        let new = NewReleaseRule {
            profile: Some("kubernetes".into()),
            distributors: Some(true),
            ..NewReleaseRule::default()
        };
        office
            .desk
            .set_release_rule(&office.actor("admin"), &new)
            .unwrap();
        let items = office.desk.checklist(&office.actor("ana"), id).unwrap();
        assert_eq!(items.len(), 26);
        let stopping: Vec<_> = items
            .iter()
            .filter(|item| item.stops)
            .map(|i| i.id)
            .collect();
        assert_eq!(stopping, ["PC-10"]);
    });
}

#[test]
fn an_embargo_that_has_not_ended_stops_publishing() {
    on_each_engine("an_embargo_that_has_not_ended_stops", |office| {
        let (case, id, _) = office.ready();
        embargo(office, case, 5);
        let refusal = refused(office.desk.publish(&office.actor("pub"), id));
        assert!(refusal.to_string().contains("PC-03"), "{refusal}");
        office.clock.advance_ms(6 * HOUR_MS);
        office.desk.publish(&office.actor("pub"), id).unwrap();
    });
}

fn embargo(office: &Office, case: CaseId, hours: i64) {
    let new = NewEmbargo {
        until: in_hours(office, hours),
        zone: Some("UTC".into()),
        conditions: String::new(),
    };
    office
        .desk
        .set_embargo(&office.actor("ana"), case, &new)
        .unwrap();
}

#[test]
fn a_plan_begins_at_its_hour_once_and_not_before() {
    with_services("a_plan_begins_at_its_hour", |services, office| {
        let (case, id, _) = office.ready();
        planned(office, id, 2).unwrap();
        office.desk.run_plans().unwrap();
        assert_eq!(office.state(case), CaseState::Ready);
        office.clock.advance_ms(2 * HOUR_MS);
        // Two processes look at once; what began is begun once.
        let second = office.second_desk();
        second.run_plans().unwrap();
        office.desk.run_plans().unwrap();
        run_a_while(office);
        assert_eq!(office.state(case), CaseState::Published);
        assert_eq!(services.accepted()[&id.to_string()], 1);
        let (state, _) = state_of_plan(office, id);
        assert_eq!(state, "begun");
        let plans = office.desk.release_plans(&office.actor("pub"), id).unwrap();
        let states: Vec<_> = plans[0].steps.iter().map(|step| step.state).collect();
        assert_eq!(states, ["done"; 4]);
    });
}

#[test]
fn a_draft_that_changed_stops_the_plan_and_it_says_so() {
    on_each_engine("a_draft_that_changed_stops_the_plan", |office| {
        let (case, id, _) = office.ready();
        planned(office, id, 2).unwrap();
        let second = office.retitle("ana", case, id, "Second");
        office.approve("rev", id, &second).unwrap();
        office.clock.advance_ms(2 * HOUR_MS);
        office.desk.run_plans().unwrap();
        let (state, answer) = state_of_plan(office, id);
        assert_eq!(state, "stopped");
        assert!(answer.contains("the draft changed since"), "{answer}");
        assert_eq!(office.state(case), CaseState::Ready);
    });
}

#[test]
fn an_embargo_that_was_prolonged_stops_the_plan() {
    on_each_engine("an_embargo_that_was_prolonged_stops", |office| {
        let (case, id, _) = office.ready();
        planned(office, id, 2).unwrap();
        embargo(office, case, 9);
        office.clock.advance_ms(2 * HOUR_MS);
        office.desk.run_plans().unwrap();
        let (state, answer) = state_of_plan(office, id);
        assert_eq!(state, "stopped");
        assert!(answer.contains("PC-03"), "{answer}");
    });
}

#[test]
fn a_plan_before_the_end_of_the_embargo_is_refused() {
    on_each_engine("a_plan_before_the_end_of_the_embargo", |office| {
        let (case, id, _) = office.ready();
        embargo(office, case, 9);
        assert_eq!(refusal_code(planned(office, id, 2)), "invalid");
        planned(office, id, 9).unwrap();
    });
}

#[test]
fn one_plan_waits_at_a_time_and_a_cancelled_one_does_not_begin() {
    on_each_engine("one_plan_waits_at_a_time", |office| {
        let (case, id, _) = office.ready();
        planned(office, id, 2).unwrap();
        assert_eq!(refusal_code(planned(office, id, 3)), "planned");
        let publisher = office.actor("pub");
        office
            .desk
            .cancel_plan(&publisher, id, "the fix is late")
            .unwrap();
        office.clock.advance_ms(4 * HOUR_MS);
        office.desk.run_plans().unwrap();
        assert_eq!(office.state(case), CaseState::Ready);
        assert_eq!(state_of_plan(office, id).0, "cancelled");
    });
}

#[test]
fn whoever_is_not_on_the_case_finds_no_plan_and_without_the_role_makes_none() {
    on_each_engine("whoever_is_not_on_the_case_finds_no_plan", |office| {
        let (_, id, _) = office.ready();
        let late = office.hire("late", &[casework::Role::Publisher]);
        assert_eq!(
            refusal_code(office.desk.release_plans(&late, id)),
            "not_found"
        );
        assert_eq!(refusal_code(office.desk.checklist(&late, id)), "not_found");
        assert_eq!(
            refusal_code(office.desk.announcements(&late, id)),
            "not_found"
        );
        let plan = NewPlan {
            at: in_hours(office, 2),
            ..NewPlan::default()
        };
        let by_analyst = office
            .desk
            .plan_publication(&office.actor("ana"), id, &plan);
        assert_eq!(refusal_code(by_analyst), "not_allowed");
    });
}

#[test]
fn a_leak_begins_the_plan_now_and_ends_the_embargo() {
    with_services("a_leak_begins_the_plan_now", |_, office| {
        let (case, id, _) = office.ready();
        embargo(office, case, 48);
        planned(office, id, 48).unwrap();
        let ana = office.actor("ana");
        let report = office
            .desk
            .record_leak(&ana, case, "https://example.org/paste", None, false)
            .unwrap();
        assert_eq!(report.begin_now, [id]);
        assert_eq!(report.missing[0].todo, [] as [String; 0]);
        assert_eq!(report.state, CaseState::Disclosed);
        assert_eq!(office.state(case), CaseState::Disclosed);
        office.desk.run_plans().unwrap();
        run_a_while(office);
        assert_eq!(office.state(case), CaseState::Published);
        let clocks = office.desk.clocks_of(&ana, case).unwrap();
        assert!(clocks.iter().any(|clock| clock.id.as_str() == "D-08"));
    });
}

#[test]
fn a_leak_skips_no_review_and_names_the_override() {
    on_each_engine("a_leak_skips_no_review", |office| {
        let (case, id, _) = office.drafted();
        let ana = office.actor("ana");
        let report = office
            .desk
            .record_leak(&ana, case, "https://example.org/paste", None, true)
            .unwrap();
        let words = report.words.join("\n");
        assert!(words.contains("PC-07"), "{words}");
        assert!(words.contains("cna review override"), "{words}");
        assert_eq!(office.state(case), CaseState::Disclosed);
        assert_eq!(
            refusal_code(office.desk.publish(&office.actor("pub"), id)),
            "not_approved"
        );
    });
}

#[test]
fn announcements_are_approved_by_somebody_else_and_sent_after_disclosure() {
    with_services("announcements_are_approved", |_, office| {
        let (_, id, _) = office.ready();
        let (ana, rev) = (office.actor("ana"), office.actor("rev"));
        let set = office
            .desk
            .announce(&ana, id, &[], &BTreeMap::new())
            .unwrap();
        let names: Vec<_> = set
            .announcements
            .iter()
            .map(|a| a.template.as_str())
            .collect();
        assert_eq!(names, ["chat", "forum", "issue", "oss-security"]);
        let chat = &set.announcements[0];
        assert!(chat.body.contains(&id.to_string()), "{}", chat.body);
        let sent = || office.desk.note_sent(&ana, id, &chat.id);
        assert!(refused(sent()).to_string().contains("not approved"));
        let own = office.desk.approve_announcements(&ana, id, set.digest);
        assert_eq!(refusal_code(own), "not_allowed");
        office
            .desk
            .approve_announcements(&rev, id, set.digest)
            .unwrap();
        assert!(refused(sent()).to_string().contains("not public yet"));
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        sent().unwrap();
        assert!(refused(sent()).to_string().contains("sent already"));
    });
}

#[test]
fn an_announcement_leaves_by_mail_once_and_never_before_the_advisory() {
    with_services("an_announcement_leaves_by_mail_once", |_, office| {
        let smtp = Smtp::start(&[]);
        crate::mail::set(office, &crate::mail::server(&smtp));
        let (_, id, _) = office.ready();
        let (ana, rev) = (office.actor("ana"), office.actor("rev"));
        let set = office
            .desk
            .announce(&ana, id, &[], &BTreeMap::new())
            .unwrap();
        let find = |name: &str| {
            set.announcements
                .iter()
                .find(|a| a.template == name)
                .unwrap()
        };
        let (list, chat) = (find("oss-security"), find("chat"));
        let send = |one: &casework::Announcement| office.desk.send_announcement(&ana, id, &one.id);
        assert!(refused(send(list)).to_string().contains("not approved"));
        office
            .desk
            .approve_announcements(&rev, id, set.digest)
            .unwrap();
        assert!(refused(send(list)).to_string().contains("not public yet"));
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        assert!(
            refused(send(chat))
                .to_string()
                .contains("is not one mail address")
        );
        assert_eq!(smtp.taken(), []);
        send(list).unwrap();
        assert!(refused(send(list)).to_string().contains("sent already"));
        run_a_while(office);
        let taken = smtp.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].to, "RCPT TO:<oss-security@lists.openwall.com>");
        assert_eq!(
            taken[0].header("Message-ID"),
            format!("<{}@example.org>", list.id)
        );
        let auditor = office.actor("aud");
        let other = office.desk.send_announcement(&auditor, id, &list.id);
        assert_eq!(refusal_code(other), "not_allowed");
        let eve = office.hire("eve", &casework::Role::ALL);
        let other = office.desk.send_announcement(&eve, id, &list.id);
        assert_eq!(refusal_code(other), "not_found");
    });
}

#[test]
fn a_list_without_an_address_is_refused_with_template_and_line() {
    on_each_engine("a_list_without_an_address_is_refused", |office| {
        let (_, id, _) = office.ready();
        let ana = office.actor("ana");
        let names = ["list".to_owned()];
        let refusal = refused(office.desk.announce(&ana, id, &names, &BTreeMap::new()));
        assert!(
            refusal
                .to_string()
                .contains("template `list`, line 1: `$LIST` is empty"),
            "{refusal}"
        );
        let values = BTreeMap::from([("LIST".to_owned(), "announce@example.org".to_owned())]);
        let set = office.desk.announce(&ana, id, &names, &values).unwrap();
        assert_eq!(set.announcements[0].to, "announce@example.org");
    });
}

#[test]
fn the_data_map_has_one_document_a_pull_request() {
    on_each_engine("the_data_map_has_one_document_a_pull_request", |office| {
        let (_, id, _) = office.ready();
        let (ana, issue) = (office.actor("ana"), "https://example.org/issues/7");
        let yaml = office.desk.datamap(&ana, id, &[101, 102], issue).unwrap();
        assert_eq!(yaml.matches("---\npr: ").count(), 2);
        assert!(yaml.contains(&format!("    id: \"{id}\"\n")), "{yaml}");
        assert!(yaml.contains("    linkedprs: [101, 102]\n"), "{yaml}");
        let late = office.hire("late", &[casework::Role::Publisher]);
        let hidden = office.desk.datamap(&late, id, &[101], issue);
        assert_eq!(refusal_code(hidden), "not_found");
    });
}

#[test]
fn the_public_side_is_made_again_byte_for_byte() {
    with_services("the_public_side_is_made_again", |_, office| {
        let (case, id, _) = office.ready();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        office.clock.advance_ms(HOUR_MS);
        let second = office.retitle("ana", case, id, "A worse flaw");
        office.approve("rev", id, &second).unwrap();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        office.desk.follow_feed().unwrap();
        let before = everything(office);
        assert!(before.len() >= 4, "{}", before.len());
        office.clock.advance_ms(HOUR_MS);
        let made = office.desk.rebuild_public(&office.actor("admin")).unwrap();
        assert_eq!(made.advisories, 1);
        assert_eq!(everything(office), before);
        let refusal = office.desk.rebuild_public(&office.actor("pub"));
        assert_eq!(refusal_code(refusal), "not_allowed");
    });
}

/// All the public can read, as bytes.
fn everything(office: &Office) -> Vec<(String, Vec<u8>)> {
    let published = office.desk.published();
    let mut all = vec![(
        "feed".to_owned(),
        published.json_feed().unwrap().to_string().into_bytes(),
    )];
    for public in published.advisories(0, 100).unwrap() {
        let id = public.advisory.id.clone();
        let public = published.advisory(&id).unwrap().unwrap();
        let text = serde_json::to_vec(&public).unwrap();
        all.push((id.clone(), text));
        for kind in &public.documents {
            let document = published.document(&id, kind).unwrap().unwrap();
            all.push((format!("{id}/{kind}"), document.body));
        }
    }
    for (slug, name, count) in published.products().unwrap() {
        let of_it = published.of_product(&slug, 0, 100).unwrap();
        assert_eq!(of_it.advisories.len() as i64, count);
        all.push((slug, name.into_bytes()));
    }
    all
}
