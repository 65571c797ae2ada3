//! Which deadlines follow from which events.

use casework::clocks::{
    Audience, Calendar, Deadline, DeadlineId, Event, EventKind as E, Kind, Length, Settings,
    Severity, SlotFault, Status, announcement_slot, deadlines, deadlines_of, rules,
    time_to_publish_ms,
};
use cve::time::Timestamp;
use proptest::prelude::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn event(kind: E, at: &str) -> Event {
    Event::new(kind, time(at))
}

/// The deadlines of one line, by a calendar in UTC and unchanged settings.
fn of(id: DeadlineId, events: &[Event]) -> Vec<Deadline> {
    deadlines_of(id, events, &Calendar::utc(), &Settings::default())
}

fn one(id: DeadlineId, events: &[Event]) -> Deadline {
    let mut found = of(id, events);
    assert_eq!(found.len(), 1, "{id}: {found:?}");
    found.remove(0)
}

fn due(id: DeadlineId, events: &[Event]) -> String {
    one(id, events).due.to_string()
}

/// Whether it was kept, and how many minutes before its end.
fn kept(deadline: &Deadline) -> (bool, i64) {
    match deadline.status(time("2099-01-01T00:00:00Z")) {
        Status::Stopped { kept, spare_ms, .. } => (kept, spare_ms / 60_000),
        other => panic!("{} is {other:?}", deadline.id),
    }
}

#[test]
fn the_table_has_every_id_at_its_place() {
    let ids: Vec<_> = rules().iter().map(|rule| rule.id).collect();
    assert_eq!(ids, DeadlineId::ALL);
}

#[test]
fn every_line_says_what_when_where_from_and_what_follows() {
    for rule in rules() {
        for text in [rule.what, rule.begins, rule.source, rule.breach] {
            assert!(!text.is_empty(), "{}", rule.id);
        }
        assert!(
            rule.length.is_some() || !rule.note.is_empty(),
            "{}",
            rule.id
        );
    }
}

#[test]
fn nothing_happened_and_nothing_is_due() {
    assert_eq!(deadlines(&[], &Calendar::utc(), &Settings::default()), []);
}

#[test]
fn an_automatic_reply_is_no_answer_to_a_report() {
    let events = [
        event(E::ReportReceived, "2026-11-03T10:00:00Z"),
        event(E::AutoAnswered, "2026-11-03T10:00:01Z"),
    ];
    let answer = one(DeadlineId::D01, &events);
    assert_eq!(answer.due, time("2026-11-04T23:59:59Z"));
    assert_eq!(
        answer.status(time("2026-11-05T00:00:00Z")),
        Status::Breached { late_ms: 1_000 }
    );
}

#[test]
fn the_last_second_of_a_deadline_still_counts() {
    let answer = one(
        DeadlineId::D01,
        &[event(E::ReportReceived, "2026-11-03T10:00:00Z")],
    );
    assert_eq!(answer.breached_at(time("2026-11-04T23:59:59.999Z")), None);
    assert_eq!(
        answer.breached_at(time("2026-11-05T00:00:00Z")),
        Some(time("2026-11-04T23:59:59Z"))
    );
}

#[test]
fn an_id_request_is_answered_within_five_business_days() {
    let asked = event(E::IdRequested, "2026-11-06T10:00:00Z");
    assert_eq!(due(DeadlineId::D02, &[asked]), "2026-11-13T23:59:59.000Z");
}

#[test]
fn a_cna_with_first_refusal_has_72_hours_of_the_clock() {
    let contacted = event(E::CnaContacted, "2026-11-06T09:00:00Z").of("globex");
    assert_eq!(
        due(DeadlineId::D03, &[contacted]),
        "2026-11-09T09:00:00.000Z"
    );
}

#[test]
fn a_first_refusal_that_was_lost_starts_no_clock_that_counts() {
    let events = [
        event(E::CnaContacted, "2026-11-06T09:00:00Z").of("globex"),
        event(E::FirstRefusalWaived, "2026-11-06T10:00:00Z").of("globex"),
    ];
    let status = one(DeadlineId::D03, &events).status(time("2026-12-01T00:00:00Z"));
    assert_eq!(status, Status::Waived);
}

#[test]
fn an_answer_of_one_cna_does_not_stop_the_clock_of_another() {
    let events = [
        event(E::CnaContacted, "2026-11-02T09:00:00Z").of("globex"),
        event(E::CnaContacted, "2026-11-02T09:00:00Z").of("initech"),
        event(E::CnaAnswered, "2026-11-03T09:00:00Z").of("initech"),
    ];
    let found = of(DeadlineId::D03, &events);
    let stopped: Vec<_> = found
        .iter()
        .map(|deadline| (deadline.subject.as_str(), deadline.stopped.is_some()))
        .collect();
    assert_eq!(stopped, [("globex", false), ("initech", true)]);
}

#[test]
fn the_root_is_the_one_that_is_late_with_directing() {
    let told = event(E::RootTold, "2026-11-05T09:30:00Z");
    let direct = one(DeadlineId::D04, &[told]);
    assert_eq!(direct.due, time("2026-11-08T09:30:00Z"));
    assert_eq!(direct.rule().party, casework::clocks::Party::Root);
}

#[test]
fn a_friday_disclosure_is_due_over_the_weekend() {
    let events = [
        event(E::Disclosed, "2026-11-13T16:00:00Z").of("CVE-1900-20020"),
        event(E::RecordPublished, "2026-11-16T15:30:00Z").of("CVE-1900-20020"),
    ];
    let (soon, hard) = (one(DeadlineId::D06, &events), one(DeadlineId::D07, &events));
    assert_eq!(
        (soon.due, soon.kind),
        (time("2026-11-14T16:00:00Z"), Kind::Should)
    );
    assert_eq!(
        (hard.due, hard.kind),
        (time("2026-11-16T16:00:00Z"), Kind::Must)
    );
    assert!(!kept(&soon).0);
    assert_eq!(kept(&hard), (true, 30));
    let hours = time_to_publish_ms(&events, "CVE-1900-20020").unwrap() as f64 / 3_600_000.0;
    assert_eq!(hours, 71.5);
}

#[test]
fn a_disclosure_is_warned_of_after_12_and_20_hours_and_paged_after_48() {
    let events = [event(E::Disclosed, "2026-11-13T16:00:00Z")];
    let moments = |id| {
        let deadline = one(id, &events);
        let reminders = deadline.reminders.into_iter();
        reminders
            .map(|r| {
                (
                    r.at.to_string()[..16].to_owned(),
                    r.audience,
                    r.page,
                    r.breach,
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        moments(DeadlineId::D06),
        [
            ("2026-11-14T04:00".to_owned(), Audience::Owner, false, false),
            ("2026-11-14T12:00".to_owned(), Audience::Owner, false, false),
            ("2026-11-14T16:00".to_owned(), Audience::Owner, false, true),
        ]
    );
    assert_eq!(
        moments(DeadlineId::D07),
        [
            ("2026-11-15T16:00".to_owned(), Audience::Oa, true, false),
            ("2026-11-16T16:00".to_owned(), Audience::Oa, true, true),
        ]
    );
}

#[test]
fn details_without_the_id_start_the_clock_too() {
    let events = [
        event(E::DetailsPublic, "2026-11-10T09:00:00Z"),
        event(E::Disclosed, "2026-11-12T09:00:00Z"),
    ];
    assert_eq!(due(DeadlineId::D07, &events), "2026-11-13T09:00:00.000Z");
}

#[test]
fn another_output_after_publication_starts_no_new_clock() {
    let events = [
        event(E::Disclosed, "2026-11-10T09:00:00Z"),
        event(E::RecordPublished, "2026-11-10T10:00:00Z"),
        event(E::Disclosed, "2026-11-20T09:00:00Z"),
    ];
    assert_eq!(kept(&one(DeadlineId::D06, &events)), (true, 23 * 60));
}

#[test]
fn a_record_that_came_before_the_advisory_is_in_time() {
    let events = [
        event(E::RecordPublished, "2026-11-10T08:00:00Z"),
        event(E::Disclosed, "2026-11-10T09:00:00Z"),
    ];
    let status = one(DeadlineId::D06, &events).status(time("2026-12-01T00:00:00Z"));
    let Status::Stopped { kept, took_ms, .. } = status else {
        panic!("{status:?}")
    };
    assert_eq!((kept, took_ms), (true, -3_600_000));
}

#[test]
fn somebody_elses_disclosure_counts_from_when_we_read_of_it() {
    let blog = event(E::ThirdPartyDisclosed, "2026-11-10T07:00:00Z");
    let hit = event(E::MonitorHit, "2026-11-10T08:00:00Z");
    let read = event(E::HitRead, "2026-11-10T13:00:00Z");
    let aware = one(DeadlineId::D08, &[blog.clone(), hit.clone(), read]);
    assert_eq!(
        (aware.starts, aware.due, aware.kind),
        (
            time("2026-11-10T13:00:00Z"),
            time("2026-11-13T13:00:00Z"),
            Kind::Should
        )
    );
    // Unread, a day after the monitor found it.
    let unread = one(DeadlineId::D08, &[blog.clone(), hit]);
    assert_eq!(unread.starts, time("2026-11-11T08:00:00Z"));
    // Nobody can know yet.
    assert_eq!(of(DeadlineId::D08, &[blog]), []);
}

#[test]
fn the_bare_id_is_a_target_until_details_are_known() {
    let seen = event(E::IdSeen, "2026-11-10T07:00:00Z");
    let told = event(E::DisclosureReported, "2026-11-11T07:00:00Z");
    assert_eq!(
        one(DeadlineId::D08, std::slice::from_ref(&seen)).kind,
        Kind::Target
    );
    let kinds: Vec<_> = of(DeadlineId::D08, &[seen.clone(), told])
        .iter()
        .map(|deadline| (deadline.kind, deadline.due.date()))
        .collect();
    assert_eq!(
        kinds,
        [
            (Kind::Should, "2026-11-14".to_owned()),
            (Kind::Target, "2026-11-13".to_owned())
        ]
    );
    // Seen later than told, it adds nothing.
    let told = event(E::DisclosureReported, "2026-11-09T07:00:00Z");
    assert_eq!(one(DeadlineId::D08, &[seen, told]).kind, Kind::Should);
}

#[test]
fn nobody_is_late_with_what_the_secretariat_may_do() {
    let named = one(DeadlineId::D09, &[event(E::IdSeen, "2026-11-10T07:00:00Z")]);
    let after = time("2026-11-11T08:00:00Z");
    assert_eq!(
        named.status(after),
        Status::Reached {
            since_ms: 3_600_000
        }
    );
    assert_eq!(named.breached_at(after), None);
}

#[test]
fn a_dispute_is_counted_from_its_receipt_and_not_from_its_acknowledgement() {
    let events = [
        event(E::DisputeFiled, "2026-11-05T14:00:00Z"),
        event(E::DisputeAcknowledged, "2026-11-05T15:00:00Z"),
        event(E::DisputeAssessed, "2026-11-09T10:00:00Z"),
    ];
    let dates: Vec<_> = [
        DeadlineId::D10,
        DeadlineId::D11,
        DeadlineId::D12,
        DeadlineId::D13,
    ]
    .map(|id| one(id, &events).due.date())
    .to_vec();
    assert_eq!(
        dates,
        ["2026-11-10", "2026-11-17", "2026-12-08", "2026-11-10"]
    );
}

#[test]
fn distributors_are_told_before_the_planned_disclosure() {
    let planned =
        event(E::DisclosurePlanned, "2026-11-01T12:00:00Z").naming(time("2026-12-01T16:00:00Z"));
    let notice = one(DeadlineId::D16, std::slice::from_ref(&planned));
    assert_eq!(notice.opens, Some(time("2026-11-03T16:00:00Z")));
    assert_eq!(notice.due, time("2026-11-24T16:00:00Z"));
    assert_eq!(due(DeadlineId::D17, &[planned]), "2026-11-30T16:00:00.000Z");
}

#[test]
fn distributors_who_were_told_too_late_were_told_late() {
    let events = [
        event(E::DisclosurePlanned, "2026-11-20T12:00:00Z").naming(time("2026-12-04T17:00:00Z")),
        event(E::DistributorsTold, "2026-11-30T12:00:00Z"),
    ];
    assert!(!kept(&one(DeadlineId::D16, &events)).0);
}

#[test]
fn a_disclosure_planned_anew_has_a_new_deadline_and_keeps_the_notice() {
    let events = [
        event(E::DisclosurePlanned, "2026-11-01T12:00:00Z").naming(time("2026-12-01T16:00:00Z")),
        event(E::DistributorsTold, "2026-11-20T12:00:00Z"),
        event(E::DisclosurePlanned, "2026-11-22T12:00:00Z").naming(time("2026-12-15T16:00:00Z")),
    ];
    let notice = one(DeadlineId::D16, &events);
    assert_eq!(notice.due, time("2026-12-08T16:00:00Z"));
    assert!(kept(&notice).0);
}

#[test]
fn the_low_track_needs_no_notice_to_distributors() {
    let events = [
        event(E::DisclosurePlanned, "2026-11-01T12:00:00Z").naming(time("2026-12-01T16:00:00Z")),
        event(E::PrivateDisclosureSkipped, "2026-11-01T12:00:00Z"),
    ];
    let now = time("2026-12-02T00:00:00Z");
    for id in [DeadlineId::D16, DeadlineId::D17] {
        assert_eq!(one(id, &events).status(now), Status::Waived, "{id}");
    }
}

#[test]
fn a_plan_without_a_date_has_no_deadline() {
    assert_eq!(
        of(
            DeadlineId::D16,
            &[event(E::DisclosurePlanned, "2026-11-01T12:00:00Z")]
        ),
        []
    );
}

#[test]
fn the_retrospective_is_within_one_to_three_days() {
    let held = one(
        DeadlineId::D19,
        &[event(E::Released, "2026-12-01T16:00:00Z")],
    );
    assert_eq!(held.opens, Some(time("2026-12-02T00:00:00Z")));
    assert_eq!(held.due.date(), "2026-12-04");
}

#[test]
fn a_stale_incident_is_pinged_by_its_severity() {
    let told = event(E::CommitteeTold, "2026-11-02T09:00:00Z");
    let stale = |severity| {
        let update = event(E::IncidentUpdated, "2026-11-03T09:00:00Z").severe(severity);
        let found = of(DeadlineId::D20, &[told.clone(), update]);
        found.first().map(|deadline| deadline.due.to_string())
    };
    assert_eq!(
        stale(Severity::Critical).unwrap(),
        "2026-11-05T09:00:00.000Z"
    );
    assert_eq!(stale(Severity::High).unwrap(), "2026-11-10T09:00:00.000Z");
    assert_eq!(stale(Severity::Medium).unwrap(), "2026-12-03T23:59:59.000Z");
    assert_eq!(stale(Severity::Low), None);
}

#[test]
fn a_closed_incident_is_not_stale_until_it_is_opened_again() {
    let mut events = vec![
        event(E::CommitteeTold, "2026-11-02T09:00:00Z").severe(Severity::Critical),
        event(E::Closed, "2026-11-03T09:00:00Z"),
    ];
    assert!(one(DeadlineId::D20, &events).stopped.is_some());
    events.push(event(E::Reopened, "2026-11-20T09:00:00Z"));
    let stale = one(DeadlineId::D20, &events);
    assert_eq!(
        (stale.stopped, stale.due),
        (None, time("2026-11-22T09:00:00Z"))
    );
}

#[test]
fn an_inactive_cna_climbs_the_ladder_two_weeks_at_a_time() {
    let mut events = vec![event(E::CnaActive, "2026-01-15T09:00:00Z")];
    let rung = |events: &[Event]| {
        let deadline = one(DeadlineId::D22, events);
        (deadline.step, deadline.due.date())
    };
    assert_eq!(rung(&events), (0, "2026-07-15".into()));
    events.push(event(E::InactivityNotice, "2026-07-16T09:00:00Z"));
    assert_eq!(rung(&events), (1, "2026-07-30".into()));
    events.push(event(E::InactivityNotice, "2026-07-31T09:00:00Z"));
    assert_eq!(rung(&events), (2, "2026-08-14".into()));
    events.push(event(E::CnaActive, "2026-08-01T09:00:00Z"));
    assert_eq!(rung(&events), (0, "2027-02-01".into()));
}

#[test]
fn unused_ids_are_rejected_by_the_end_of_march() {
    let began = event(E::YearBegan, "2027-01-01T00:00:00Z");
    assert_eq!(
        due(DeadlineId::D23, std::slice::from_ref(&began)),
        "2027-03-31T23:59:59.000Z"
    );
    // The same moment is still the old year in New York.
    let new_york = Calendar::new("America/New_York", []).unwrap();
    let found = deadlines_of(DeadlineId::D23, &[began], &new_york, &Settings::default());
    assert_eq!(new_york.date(found[0].due), "2027-03-31");
}

#[test]
fn a_notice_of_the_root_is_due_on_the_date_it_names() {
    let calendar = Calendar::utc();
    let notice = event(E::RootNotice, "2026-11-20T12:00:00Z")
        .naming(calendar.end_of_date("2026-11-27").unwrap());
    assert_eq!(due(DeadlineId::D24, &[notice]), "2026-11-27T23:59:59.000Z");
}

#[test]
fn a_silent_reporter_is_reminded_twice_and_given_up_after_thirty_days() {
    let asked = event(E::ReporterAsked, "2026-11-02T09:00:00Z");
    let wait = one(DeadlineId::D27b, &[asked]);
    let dates: Vec<_> = wait.reminders.iter().map(|r| r.at.date()).collect();
    assert_eq!(dates, ["2026-11-09", "2026-11-16", "2026-12-02"]);
}

#[test]
fn each_question_to_the_reporter_has_a_clock_of_its_own() {
    let events = [
        event(E::ReporterAsked, "2026-11-02T09:00:00Z"),
        event(E::ReporterAsked, "2026-11-03T09:00:00Z"),
        event(E::ReporterAnswered, "2026-11-04T09:00:00Z"),
        event(E::ReporterAsked, "2026-11-05T09:00:00Z"),
    ];
    let found = of(DeadlineId::D27b, &events);
    let starts: Vec<_> = found
        .iter()
        .map(|deadline| (deadline.starts.date(), deadline.stopped.is_some()))
        .collect();
    assert_eq!(
        starts,
        [("2026-11-02".into(), true), ("2026-11-05".into(), false)]
    );
}

#[test]
fn references_are_looked_at_monthly_and_after_a_year_quarterly() {
    let mut events = vec![event(E::RecordPublished, "2026-01-10T09:00:00Z")];
    assert_eq!(one(DeadlineId::D28, &events).due.date(), "2026-02-10");
    events.push(event(E::ReferencesChecked, "2027-02-01T09:00:00Z"));
    assert_eq!(one(DeadlineId::D28, &events).due.date(), "2027-05-01");
}

#[test]
fn an_account_sleeps_after_90_days_and_a_key_is_old_after_a_year() {
    let events = [
        event(E::AccountUsed, "2026-01-01T09:00:00Z").of("ana"),
        event(E::KeyRotated, "2026-01-01T09:00:00Z").of("key of acme"),
    ];
    let ends: Vec<_> = of(DeadlineId::D29, &events)
        .iter()
        .map(|deadline| deadline.due.date())
        .collect();
    assert_eq!(ends, ["2026-04-01", "2027-01-01"]);
}

#[test]
fn a_change_of_staff_asks_for_a_review_at_once() {
    let events = [
        event(E::PolicyConfirmed, "2026-01-05T09:00:00Z"),
        event(E::StaffChanged, "2026-06-05T09:00:00Z"),
    ];
    let ends: Vec<_> = of(DeadlineId::D30, &events)
        .iter()
        .map(|deadline| deadline.due.date())
        .collect();
    assert_eq!(ends, ["2027-01-05", "2026-06-08"]);
}

#[test]
fn an_assigned_id_without_a_record_is_reviewed_after_a_year() {
    let assigned = event(E::IdAssigned, "2026-02-28T09:00:00Z").of("CVE-1900-20001");
    assert_eq!(
        due(DeadlineId::D32, std::slice::from_ref(&assigned)),
        "2027-02-28T23:59:59.000Z"
    );
    assert_eq!(
        due(DeadlineId::D05, &[assigned]),
        "2026-03-01T09:00:00.000Z"
    );
}

#[test]
fn a_usual_reminder_comes_at_half_at_three_quarters_and_before_the_end() {
    let told = event(E::RootTold, "2026-11-02T00:00:00Z");
    let hours: Vec<_> = one(DeadlineId::D04, &[told])
        .reminders
        .iter()
        .map(|r| {
            (
                r.at.ms_since(time("2026-11-02T00:00:00Z")) / 3_600_000,
                r.page,
            )
        })
        .collect();
    // The last day of a MUST is not left to the digest.
    assert_eq!(hours, [(36, false), (54, true), (68, true), (72, true)]);
}

#[test]
fn a_deadline_in_business_days_is_reminded_of_on_the_one_before() {
    let filed = event(E::DisputeFiled, "2026-11-05T14:00:00Z");
    let decide = one(DeadlineId::D11, &[filed]);
    assert_eq!(decide.due.date(), "2026-11-17");
    assert!(
        decide
            .reminders
            .iter()
            .any(|r| r.at == time("2026-11-16T23:59:59Z"))
    );
}

#[test]
fn a_deadline_is_due_soon_when_a_quarter_of_its_time_is_left() {
    let told = event(E::RootTold, "2026-11-02T00:00:00Z");
    let direct = one(DeadlineId::D04, &[told]);
    let word = |at| direct.status(time(at)).as_str();
    assert_eq!(word("2026-11-04T05:59:00Z"), "running");
    assert_eq!(word("2026-11-04T06:00:00Z"), "due soon");
    assert_eq!(word("2026-11-05T00:00:01Z"), "breached");
}

#[test]
fn an_organisation_may_choose_what_no_rule_gives_and_be_stricter_elsewhere() {
    let set = |id, length: &str| {
        let lengths = [(id, length.parse::<Length>().unwrap())].into();
        Settings {
            lengths,
            ..Settings::default()
        }
        .checked()
    };
    assert!(set(DeadlineId::D01, "3 business days").is_ok());
    assert!(set(DeadlineId::D07, "48 h").is_ok());
    assert!(set(DeadlineId::D10, "24 h").is_ok());
    assert_eq!(
        set(DeadlineId::D07, "96 h").unwrap_err().to_string(),
        "D-07 cannot be `96 h`: the rules give `72 h` (4.5.1.4), and an organisation may only be stricter"
    );
    assert!(set(DeadlineId::D07, "3 days").is_err());
    assert!(set(DeadlineId::D16, "7 days").is_err());
    assert_eq!(
        set(DeadlineId::D24, "72 h").unwrap_err().to_string(),
        "D-24 has no length to set: the date in the notice"
    );
}

#[test]
fn a_length_that_was_chosen_is_used() {
    let settings = Settings {
        lengths: [(DeadlineId::D01, Length::BusinessDays(3))].into(),
        ..Settings::default()
    };
    let events = [event(E::ReportReceived, "2026-11-03T10:00:00Z")];
    let found = deadlines_of(DeadlineId::D01, &events, &Calendar::utc(), &settings);
    assert_eq!(found[0].due.date(), "2026-11-06");
}

#[test]
fn settings_left_out_of_a_document_are_the_usual_ones() {
    let settings: Settings = serde_json::from_str(r#"{"lengths": {"D-05": "12 h"}}"#).unwrap();
    assert_eq!(settings.lengths[&DeadlineId::D05], Length::Hours(12));
    assert_eq!(settings.percents, [50, 75]);
    assert!(serde_json::from_str::<Settings>(r#"{"length": {}}"#).is_err());
    assert!(serde_json::from_str::<Settings>(r#"{"lengths": {"D-99": "12 h"}}"#).is_err());
}

#[test]
fn an_announcement_is_at_sixteen_o_clock_utc_and_not_on_a_friday() {
    let slot = |zone, local| {
        let at = Calendar::moment_in(zone, local).unwrap();
        announcement_slot(at, &Calendar::utc(), &Settings::default())
    };
    assert_eq!(slot("UTC", "2026-12-01T16:00"), []);
    assert_eq!(
        slot("America/Los_Angeles", "2026-12-04T09:00"),
        [
            SlotFault::Friday,
            SlotFault::Time {
                found: (17, 0),
                expected: 16
            }
        ]
    );
    assert_eq!(slot("UTC", "2026-12-05T16:00"), [SlotFault::Weekend]);
}

#[test]
fn every_event_reads_back_from_its_word() {
    for kind in E::ALL {
        assert_eq!(kind.to_string().parse(), Ok(*kind));
        assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        assert!(kind.meaning().ends_with('.'), "{kind}");
    }
}

prop_compose! {
    fn happenings()(
        picks in prop::collection::vec((0..E::ALL.len(), 0_i64..100_000, 0_u8..3, prop::option::of(0_i64..100_000)), 0..30)
    ) -> Vec<Event> {
        let minute = |minutes: i64| time("2026-10-01T00:00:00Z").plus_ms(minutes * 60_000);
        picks
            .into_iter()
            .map(|(kind, at, subject, date)| Event {
                kind: E::ALL[kind],
                at: minute(at),
                subject: ["", "CVE-1900-20001", "CVE-1900-20002"][usize::from(subject)].to_owned(),
                date: date.map(minute),
                severity: Severity::ALL.get(usize::from(subject)).copied(),
            })
            .collect()
    }
}

proptest! {
    #[test]
    fn the_order_in_which_events_are_told_does_not_matter(events in happenings()) {
        let calendar = Calendar::new("Europe/Berlin", ["2026-12-25"]).unwrap();
        let settings = Settings::default();
        // Of two plans of one moment, the one told later replaces the other.
        let mut moments: Vec<_> = events.iter().map(|event| event.at).collect();
        moments.sort();
        moments.dedup();
        prop_assume!(moments.len() == events.len());
        let mut reversed = events.clone();
        reversed.reverse();
        prop_assert_eq!(
            deadlines(&events, &calendar, &settings),
            deadlines(&reversed, &calendar, &settings)
        );
    }

    #[test]
    fn deadlines_are_well_formed_whatever_happened(events in happenings()) {
        let calendar = Calendar::new("America/New_York", []).unwrap();
        let found = deadlines(&events, &calendar, &Settings::default());
        prop_assert!(found.windows(2).all(|pair| pair[0].due <= pair[1].due));
        for deadline in &found {
            prop_assert!(deadline.reminders.windows(2).all(|pair| pair[0] < pair[1]));
            // What names its date or day may be over when it is told.
            let named = matches!(
                deadline.id,
                DeadlineId::D16 | DeadlineId::D17 | DeadlineId::D23 | DeadlineId::D24
            );
            prop_assert!(named || deadline.due >= deadline.starts, "{:?}", deadline);
            // A breach is recorded for a moment that has come.
            let now = time("2026-11-15T12:00:00Z");
            if let Some(breached) = deadline.breached_at(now) {
                let end = deadline.stopped.unwrap_or(now);
                prop_assert!(breached < end);
                let open_or_late = matches!(
                    deadline.status(now),
                    Status::Breached { .. } | Status::Stopped { kept: false, .. }
                );
                prop_assert!(open_or_late);
            }
        }
    }

    #[test]
    fn more_time_never_mends_a_breach(events in happenings(), hours in 0_i64..2_000) {
        let calendar = Calendar::utc();
        let now = time("2026-11-15T12:00:00Z");
        for deadline in deadlines(&events, &calendar, &Settings::default()) {
            if let Some(breached) = deadline.breached_at(now) {
                prop_assert_eq!(deadline.breached_at(now.plus_ms(hours * 3_600_000)), Some(breached));
            }
        }
    }
}
