//! The desk's deadlines: what is kept, what was breached, who sees it.

use casework::clocks::{
    Calendar, CaseClock, DeadlineId, EventKind, Happening, Length, NewEmbargo, Timing, Wanted,
};
use casework::{Actor, CaseId, NeedKind, Role};
use cve::time::Timestamp;

use crate::office::{Office, happening, on_each_engine, refusal_code, report};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn record(office: &Office, case: CaseId, kind: EventKind, subject: &str) {
    let happening = Happening {
        subject: subject.to_owned(),
        ..happening(kind)
    };
    let tri = office.actor("tri");
    office
        .desk
        .record_event(&tri, Some(case), &happening)
        .unwrap();
}

fn clocks(office: &Office, actor: &Actor) -> Vec<CaseClock> {
    let wanted = Wanted {
        until: None,
        offset: 0,
        limit: 500,
    };
    office.desk.clocks(actor, wanted).unwrap()
}

/// The words for how the deadlines of a line stand in a case.
fn stands(office: &Office, case: CaseId, id: DeadlineId) -> Vec<&'static str> {
    let found = office.desk.clocks_of(&office.actor("tri"), case).unwrap();
    found
        .iter()
        .filter(|clock| clock.id == id)
        .map(|clock| clock.status)
        .collect()
}

fn now(office: &Office) -> Timestamp {
    office.write(|tx| Ok(tx.now()))
}

#[test]
fn a_report_starts_the_clock_of_its_first_answer() {
    on_each_engine("a_report_starts_the_clock_of_its_first_answer", |office| {
        let case = office.received();
        let found = clocks(office, &office.actor("tri"));
        let answer = found.iter().find(|clock| clock.id == DeadlineId::D01);
        let answer = answer.unwrap();
        assert_eq!(answer.case, Some(case));
        assert_eq!(answer.title, report().title);
        assert!(answer.due_local.ends_with("(UTC)"), "{}", answer.due_local);
    });
}

#[test]
fn an_answer_of_a_person_stops_it_and_one_of_a_machine_does_not() {
    on_each_engine(
        "an_answer_of_a_person_stops_it_and_one_of_a_machine_does_not",
        |office| {
            let case = office.received();
            // Received at the time the report names, long before.
            record(office, case, EventKind::AutoAnswered, "");
            let before = clocks(office, &office.actor("tri"));
            assert!(before.iter().any(|clock| clock.id == DeadlineId::D01));
            record(office, case, EventKind::HumanAnswered, "");
            let after = clocks(office, &office.actor("tri"));
            assert!(after.iter().all(|clock| clock.id != DeadlineId::D01));
        },
    );
}

#[test]
fn a_message_to_the_reporter_answers_it_and_gives_it_the_id() {
    on_each_engine(
        "a_message_to_the_reporter_answers_it_and_gives_it_the_id",
        |office| {
            let (case, id) = office.assigned();
            assert_eq!(stands(office, case, DeadlineId::D05), ["running"]);
            let ana = office.actor("ana").id().to_owned();
            let text = format!("It is {id}, under embargo.");
            office.write(move |tx| tx.insert_message(case.number(), "reporter", &ana, &text));
            assert_eq!(stands(office, case, DeadlineId::D05), ["kept"]);
        },
    );
}

#[test]
fn an_id_has_to_be_given_to_the_reporter_within_a_day() {
    on_each_engine(
        "an_id_has_to_be_given_to_the_reporter_within_a_day",
        |office| {
            let (case, id) = office.assigned();
            assert_eq!(stands(office, case, DeadlineId::D05), ["running"]);
            office.clock.advance_ms(DAY_MS + 1_000);
            assert_eq!(stands(office, case, DeadlineId::D05), ["breached"]);
            record(office, case, EventKind::IdGiven, &id.to_string());
            assert_eq!(stands(office, case, DeadlineId::D05), ["late"]);
        },
    );
}

#[test]
fn disclosure_starts_the_clocks_of_the_record() {
    on_each_engine("disclosure_starts_the_clocks_of_the_record", |office| {
        let (case, id, _) = office.ready();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        let disclosed = now(office);
        let found = clocks(office, &office.actor("pub"));
        let due = |line| {
            let clock = found.iter().find(|clock| clock.id == line).unwrap();
            (
                clock.subject.clone(),
                clock.due.ms_since(disclosed) / HOUR_MS,
            )
        };
        assert_eq!(due(DeadlineId::D06), (id.to_string(), 24));
        assert_eq!(due(DeadlineId::D07), (id.to_string(), 72));
        assert_eq!(stands(office, case, DeadlineId::D07), ["running"]);
    });
}

#[test]
fn a_breach_is_recorded_once_and_stays_when_it_was_met_late() {
    on_each_engine(
        "a_breach_is_recorded_once_and_stays_when_it_was_met_late",
        |office| {
            let (case, id, _) = office.ready();
            office.desk.publish(&office.actor("pub"), id).unwrap();
            office.clock.advance_ms(73 * HOUR_MS);
            let second = office.second_desk();
            std::thread::scope(|scope| {
                for desk in [&office.desk, &second, &office.desk, &second] {
                    scope.spawn(|| desk.follow_clocks().unwrap());
                }
            });
            let publication = |office: &Office| {
                let breaches = office.desk.breaches(&office.actor("pub"), 100).unwrap();
                let of = |breach: &&casework::clocks::Breach| breach.id == "D-07";
                breaches.iter().filter(of).cloned().collect::<Vec<_>>()
            };
            let first = publication(office);
            assert_eq!(first.len(), 1, "{}", office.engine);
            assert_eq!(
                (first[0].case, first[0].kind.as_str()),
                (Some(case), "MUST")
            );
            office.write(move |tx| {
                let mut line = tx.take_ledger_line(id)?.unwrap();
                line.published_at = Some(tx.now());
                tx.update_ledger_line(&line)?;
                tx.change(
                    "record.published",
                    "",
                    &id.to_string(),
                    store::Visibility::Public,
                );
                Ok(())
            });
            office.clock.advance_ms(DAY_MS);
            assert_eq!(publication(office), first);
            assert_eq!(stands(office, case, DeadlineId::D07), ["late"]);
            let events = office
                .desk
                .store()
                .read(|reader| reader.audit_of(&format!("case {case}")))
                .unwrap();
            let told = events.iter().filter(|entry| {
                entry.action == "deadline.breach" && entry.detail.contains("\"D-07\"")
            });
            assert_eq!(told.count(), 1, "{}", office.engine);
            // The ledger line was written beside the desk here.
            office.write(move |tx| {
                let mut line = tx.take_ledger_line(id)?.unwrap();
                line.published_at = None;
                tx.update_ledger_line(&line)
            });
        },
    );
}

#[test]
fn a_breach_nobody_watched_is_recorded_when_the_deadline_is_met_late() {
    on_each_engine(
        "a_breach_nobody_watched_is_recorded_when_the_deadline_is_met_late",
        |office| {
            let (case, id) = office.assigned();
            office.clock.advance_ms(2 * DAY_MS);
            record(office, case, EventKind::IdGiven, &id.to_string());
            let breaches = office.desk.breaches(&office.actor("tri"), 100).unwrap();
            assert!(breaches.iter().any(|breach| breach.id == "D-05"));
        },
    );
}

#[test]
fn deadlines_and_breaches_are_shown_to_those_on_the_case_and_nobody_else() {
    on_each_engine(
        "deadlines_and_breaches_are_shown_to_those_on_the_case_and_nobody_else",
        |office| {
            let (case, _) = office.assigned();
            office.clock.advance_ms(30 * DAY_MS);
            let eve = office.hire("eve", &[Role::Reviewer]);
            let ana = office.actor("ana");
            assert!(clocks(office, &ana).iter().any(|c| c.case == Some(case)));
            assert!(clocks(office, &eve).iter().all(|c| c.case.is_none()));
            let breaches = office.desk.breaches(&eve, 100).unwrap();
            assert!(breaches.iter().all(|breach| breach.case.is_none()));
            let needs = office.desk.status(&eve).unwrap();
            assert!(needs.iter().all(|need| need.case.is_none()));
            assert_eq!(refusal_code(office.desk.clocks_of(&eve, case)), "not_found");
        },
    );
}

#[test]
fn deadlines_of_the_desk_are_for_those_who_read_the_ledger() {
    on_each_engine(
        "deadlines_of_the_desk_are_for_those_who_read_the_ledger",
        |office| {
            let admin = office.actor("admin");
            let confirmed = happening(EventKind::PolicyConfirmed);
            office.desk.record_event(&admin, None, &confirmed).unwrap();
            let of_desk = |name| {
                let found = clocks(office, &office.actor(name));
                found.iter().any(|clock| clock.id == DeadlineId::D30)
            };
            assert!(of_desk("oan"));
            assert!(of_desk("aud"));
            assert!(!of_desk("tri"));
            let tri = office.actor("tri");
            assert_eq!(
                refusal_code(office.desk.record_event(&tri, None, &confirmed)),
                "not_allowed"
            );
        },
    );
}

#[test]
fn somebody_who_leaves_asks_for_a_look_at_contacts_and_policy() {
    on_each_engine(
        "somebody_who_leaves_asks_for_a_look_at_contacts_and_policy",
        |office| {
            let admin = office.actor("admin");
            office.desk.leave(&admin, "ben").unwrap();
            let found = clocks(office, &admin);
            assert!(found.iter().any(|clock| clock.id == DeadlineId::D30));
            let confirmed = happening(EventKind::PolicyConfirmed);
            office.clock.advance_ms(HOUR_MS);
            office.desk.record_event(&admin, None, &confirmed).unwrap();
            let found = clocks(office, &admin);
            let ends: Vec<_> = found
                .iter()
                .filter(|clock| clock.id == DeadlineId::D30)
                .map(|clock| clock.due.ms_since(now(office)) / DAY_MS > 300)
                .collect();
            assert_eq!(ends, [true]);
        },
    );
}

#[test]
fn an_embargo_has_a_date_an_hour_and_a_zone() {
    on_each_engine("an_embargo_has_a_date_an_hour_and_a_zone", |office| {
        let (tri, case) = (office.actor("tri"), office.received());
        let new = |until: &str, zone: &str| NewEmbargo {
            until: until.into(),
            zone: Some(zone.into()),
            conditions: "no hints".into(),
        };
        let friday = new("2026-12-04T09:00", "america/los_angeles");
        let embargo = office.desk.set_embargo(&tri, case, &friday).unwrap();
        assert_eq!(embargo.lifts_at.to_string(), "2026-12-04T17:00:00.000Z");
        assert_eq!(embargo.zone, "America/Los_Angeles");
        assert_eq!(
            embargo.warnings,
            [
                "it is a Friday: few are there to act until Monday",
                "it is at 17:00 UTC, not at 16:00 UTC"
            ]
        );
        let tuesday = new("2026-12-01T17:00", "Europe/Berlin");
        let embargo = office.desk.set_embargo(&tri, case, &tuesday).unwrap();
        assert_eq!(embargo.warnings, [""; 0]);
        assert_eq!(office.desk.embargo(&tri, case).unwrap(), Some(embargo));
        // The notice to distributors is counted back from it.
        let found = office.desk.clocks_of(&tri, case).unwrap();
        let notice = found.iter().find(|clock| clock.id == DeadlineId::D16);
        assert_eq!(notice.unwrap().due.to_string(), "2026-11-24T16:00:00.000Z");
        for (until, zone, field) in [
            ("2020-12-01T16:00", "UTC", "until"),
            ("soon", "UTC", "until"),
            ("2026-12-01T16:00", "Mars/Base", "zone"),
        ] {
            let refused = office.desk.set_embargo(&tri, case, &new(until, zone));
            let message = crate::office::refused(refused).to_string();
            assert!(message.starts_with(field), "{message}");
        }
        office.desk.lift_embargo(&tri, case, "it leaked").unwrap();
        assert_eq!(office.desk.embargo(&tri, case).unwrap(), None);
        assert!(!office.desk.case(&tri, case).unwrap().summary.embargoed);
        assert_eq!(
            refusal_code(office.desk.lift_embargo(&tri, case, "again")),
            "invalid"
        );
    });
}

#[test]
fn what_is_public_cannot_be_put_under_embargo() {
    on_each_engine("what_is_public_cannot_be_put_under_embargo", |office| {
        let (case, id, _) = office.ready();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        let new = NewEmbargo {
            until: "2027-12-01T16:00".into(),
            zone: None,
            conditions: String::new(),
        };
        let refused = office.desk.set_embargo(&office.actor("tri"), case, &new);
        assert_eq!(refusal_code(refused), "wrong_state");
    });
}

#[test]
fn another_zone_moves_every_deadline_in_business_days() {
    on_each_engine(
        "another_zone_moves_every_deadline_in_business_days",
        |office| {
            let (admin, tri) = (office.actor("admin"), office.actor("tri"));
            office.received();
            let due = || {
                let found = clocks(office, &tri);
                let answer = found.iter().find(|clock| clock.id == DeadlineId::D01);
                answer.unwrap().due_local.clone()
            };
            assert!(due().ends_with("23:59 +00:00 (UTC)"), "{}", due());
            let timing = Timing {
                calendar: Calendar::new("Asia/Tokyo", []).unwrap(),
                ..Timing::default()
            };
            office.desk.set_timing(&admin, &timing).unwrap();
            assert!(due().ends_with("23:59 +09:00 (Asia/Tokyo)"), "{}", due());
        },
    );
}

#[test]
fn a_length_the_rules_give_cannot_be_made_longer() {
    on_each_engine("a_length_the_rules_give_cannot_be_made_longer", |office| {
        let mut timing = Timing::default();
        let lengths = &mut timing.clocks.lengths;
        lengths.insert(DeadlineId::D07, Length::Hours(96));
        let refused = office.desk.set_timing(&office.actor("admin"), &timing);
        assert_eq!(refusal_code(refused), "invalid");
        assert_eq!(office.desk.timing().unwrap(), Timing::default());
    });
}

#[test]
fn an_event_that_has_not_come_is_refused() {
    on_each_engine("an_event_that_has_not_come_is_refused", |office| {
        let case = office.received();
        let later = Happening {
            at: Some(now(office).plus_ms(HOUR_MS)),
            ..happening(EventKind::HumanAnswered)
        };
        let tri = office.actor("tri");
        let refused = office.desk.record_event(&tri, Some(case), &later);
        assert_eq!(refusal_code(refused), "invalid");
    });
}

#[test]
fn the_kept_deadlines_are_the_ones_the_facts_give() {
    on_each_engine("the_kept_deadlines_are_the_ones_the_facts_give", |office| {
        office.received();
        office.in_triage();
        office.determined();
        office.assigned();
        let (_, id, _) = office.ready();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        assert_eq!(office.desk.check_clocks().unwrap(), []);
        office.clock.advance_ms(10 * DAY_MS);
        assert_eq!(office.desk.check_clocks().unwrap(), []);
    });
}

fn kinds(office: &Office, name: &str) -> Vec<NeedKind> {
    let needs = office.desk.status(&office.actor(name)).unwrap();
    needs.iter().map(|need| need.kind).collect()
}

#[test]
fn status_says_what_waits_for_ones_role() {
    on_each_engine("status_says_what_waits_for_ones_role", |office| {
        let (case, id, _) = office.drafted();
        let needs = |name| {
            let needs = office.desk.status(&office.actor(name)).unwrap();
            let of = needs.into_iter().filter(|need| need.kind == NeedKind::Case);
            of.map(|need| (need.case, need.what)).collect::<Vec<_>>()
        };
        let review = format!("review the draft of {id}");
        assert_eq!(needs("rev"), [(Some(case), review)]);
        // Whoever wrote it does not review it, and nothing else waits.
        assert_eq!(needs("ana"), []);
        assert_eq!(needs("tri"), []);
    });
}

#[test]
fn status_begins_with_what_had_to_be_done_and_was_not() {
    on_each_engine(
        "status_begins_with_what_had_to_be_done_and_was_not",
        |office| {
            office.in_triage();
            let (case, id, _) = office.ready();
            office.desk.publish(&office.actor("pub"), id).unwrap();
            record(office, case, EventKind::MonitorHit, &id.to_string());
            office.clock.advance_ms(73 * HOUR_MS);
            let found = kinds(office, "ana");
            assert_eq!(found[0], NeedKind::Overdue);
            assert!(found.is_sorted(), "{found:?}");
            for kind in [NeedKind::Case, NeedKind::Disclosure, NeedKind::Pool] {
                assert!(found.contains(&kind), "{kind:?}");
            }
            record(office, case, EventKind::HitRead, &id.to_string());
            assert!(!kinds(office, "ana").contains(&NeedKind::Disclosure));
        },
    );
}

#[test]
fn an_auditor_is_asked_for_nothing_on_cases() {
    on_each_engine("an_auditor_is_asked_for_nothing_on_cases", |office| {
        let aud = office.actor("aud");
        let case = office.in_triage();
        office.put_on(case, &aud);
        assert!(!kinds(office, "aud").contains(&NeedKind::Case));
    });
}

#[test]
fn everybody_has_one_digest_a_day_of_what_needs_them() {
    on_each_engine(
        "everybody_has_one_digest_a_day_of_what_needs_them",
        |office| {
            office.received();
            let tri = office.actor("tri");
            let first = office.desk.digest(&tri, None).unwrap().unwrap();
            assert_eq!(first["person"], "tri");
            let what = |digest: &serde_json::Value| digest["needs"].as_array().unwrap().len();
            // It stays what it was, whatever comes later that day.
            office.received();
            office.desk.runner().run_due().unwrap();
            assert_eq!(office.desk.digest(&tri, None).unwrap(), Some(first.clone()));
            office.clock.advance_ms(DAY_MS);
            let second = office.desk.digest(&tri, None).unwrap().unwrap();
            assert!(what(&second) > what(&first));
            let day = first["day"].as_str();
            assert_eq!(office.desk.digest(&tri, day).unwrap(), Some(first.clone()));
            // Nothing of a case goes to somebody who is not on it.
            let aud = office.desk.digest(&office.actor("aud"), None).unwrap();
            let text = aud.unwrap_or_default().to_string();
            assert!(!text.contains(&report().title), "{text}");
        },
    );
}

#[test]
fn what_happened_to_an_id_names_a_cve_id_or_nothing() {
    on_each_engine(
        "what_happened_to_an_id_names_a_cve_id_or_nothing",
        |office| {
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let given = |subject: &str| {
                let happening = Happening {
                    subject: subject.to_owned(),
                    ..happening(EventKind::IdGiven)
                };
                office.desk.record_event(&tri, Some(case), &happening)
            };
            let said = crate::office::refused(given("nope")).to_string();
            assert!(
                said.starts_with("subject: `nope` is not a CVE ID"),
                "{said}"
            );
            given("CVE-1900-20001").unwrap();
            given("").unwrap();
        },
    );
}
