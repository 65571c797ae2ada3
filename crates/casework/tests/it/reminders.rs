//! Reminders: each once, at once or with the day's digest.

use std::time::Duration;

use casework::PersonContact;
use casework::clocks::EventKind;

use crate::mail::{server, set};
use crate::office::{Office, happening, on_each_engine, refusal_code, report};
use crate::smtp::{Smtp, Taken};

const HOUR_MS: i64 = 60 * 60 * 1000;
const PATIENCE: Duration = Duration::from_secs(10);

fn reach(office: &Office, name: &str, zone: &str, hour: u8) {
    let contact = PersonContact {
        mail: format!("{name}@example.org"),
        zone: zone.into(),
        hour,
    };
    let oan = office.actor("oan");
    office.desk.set_contact(&oan, name, &contact).unwrap();
}

fn mails(office: &Office, smtp: &Smtp) -> Vec<Taken> {
    office.desk.give_reminders().unwrap();
    assert!(office.desk.runner().settle(PATIENCE).unwrap());
    smtp.taken()
}

/// A desk whose `ana` has mail, with a case whose ID was just assigned: D-05
/// is a MUST of 24 hours, which pages.
fn assigned(office: &Office) -> Smtp {
    let smtp = Smtp::start(&[]);
    set(office, &server(&smtp));
    office.assigned();
    smtp
}

#[test]
fn a_must_that_ends_within_a_day_pages_once_however_many_nodes_and_restarts() {
    on_each_engine(
        "a_must_that_ends_within_a_day_pages_once_however_many_nodes_and_restarts",
        |office| {
            let smtp = assigned(office);
            reach(office, "tri", "", 8);
            office.clock.advance_ms(13 * HOUR_MS);
            let of_d05 = |mails: &[Taken]| {
                let mine = mails
                    .iter()
                    .filter(|mail| mail.header("Subject").contains("D-05"));
                mine.count()
            };
            assert_eq!(of_d05(&mails(office, &smtp)), 1);
            // A second node, or the same one started again.
            let second = office.second_desk();
            second.give_reminders().unwrap();
            assert!(second.runner().settle(PATIENCE).unwrap());
            assert_eq!(of_d05(&mails(office, &smtp)), 1);
            // 75 per cent, and the one at the breach.
            office.clock.advance_ms(6 * HOUR_MS);
            assert_eq!(of_d05(&mails(office, &smtp)), 2);
            office.clock.advance_ms(6 * HOUR_MS);
            assert_eq!(of_d05(&mails(office, &smtp)), 3);
            let breach = smtp.taken();
            let breach = breach
                .iter()
                .rfind(|m| m.header("Subject").contains("D-05"));
            assert!(breach.unwrap().data.contains("was not met"));
            second.store().close();
        },
    );
}

#[test]
fn a_reminder_says_where_to_look_and_nothing_of_the_case() {
    on_each_engine(
        "a_reminder_says_where_to_look_and_nothing_of_the_case",
        |office| {
            let smtp = assigned(office);
            reach(office, "tri", "", 0);
            office.clock.advance_ms(13 * HOUR_MS);
            let mails = mails(office, &smtp);
            assert!(!mails.is_empty());
            for mail in &mails {
                assert!(mail.data.contains("/desk"), "{}", mail.data);
                assert!(!mail.data.contains(&report().title), "{}", mail.data);
                assert!(!mail.data.contains("node-agent"), "{}", mail.data);
                assert!(!mail.data.contains("CVE-1900"), "{}", mail.data);
            }
        },
    );
}

#[test]
fn a_digest_goes_out_once_a_day_at_the_hour_of_the_person() {
    on_each_engine(
        "a_digest_goes_out_once_a_day_at_the_hour_of_the_person",
        |office| {
            let smtp = Smtp::start(&[]);
            set(office, &server(&smtp));
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let asked = happening(EventKind::ReporterAsked);
            office.desk.record_event(&tri, Some(case), &asked).unwrap();
            let digests = |mails: &[Taken]| {
                let mine = mails
                    .iter()
                    .filter(|m| m.header("Subject").contains("deadline(s)"));
                mine.count()
            };
            // A week later, at 10:00 UTC, it is 19:00 in Tokyo.
            office.clock.advance_ms(7 * 24 * HOUR_MS);
            reach(office, "tri", "Asia/Tokyo", 20);
            assert_eq!(digests(&mails(office, &smtp)), 0);
            let waits = office.desk.due_reminders(&office.actor("ana")).unwrap();
            let waits = waits.iter().find(|due| due.person == "tri" && !due.page);
            assert_eq!(waits.unwrap().waits, "for the digest at 20:00");
            office.clock.advance_ms(2 * HOUR_MS);
            assert_eq!(digests(&mails(office, &smtp)), 1);
            office.clock.advance_ms(HOUR_MS);
            assert_eq!(digests(&mails(office, &smtp)), 1);
            office.clock.advance_ms(7 * 24 * HOUR_MS);
            assert_eq!(digests(&mails(office, &smtp)), 2);
        },
    );
}

#[test]
fn who_may_not_know_is_neither_reminded_nor_shown_reminders() {
    on_each_engine(
        "who_may_not_know_is_neither_reminded_nor_shown_reminders",
        |office| {
            let smtp = assigned(office);
            reach(office, "oan", "", 0);
            office.clock.advance_ms(48 * HOUR_MS);
            let sent = mails(office, &smtp);
            assert!(
                sent.iter().all(|mail| !mail.data.contains("Case 1")),
                "{sent:?}"
            );
            let due = office.desk.due_reminders(&office.actor("oan")).unwrap();
            assert!(due.iter().all(|due| due.case.is_none()), "{due:?}");
            let tri = office.actor("tri");
            assert_eq!(refusal_code(office.desk.due_reminders(&tri)), "not_allowed");
            assert_eq!(
                refusal_code(office.desk.give_reminders_now(&tri)),
                "not_allowed"
            );
        },
    );
}

#[test]
fn a_contact_of_somebody_else_is_set_by_an_administrator() {
    on_each_engine(
        "a_contact_of_somebody_else_is_set_by_an_administrator",
        |office| {
            let ana = office.actor("ana");
            let contact = |mail: &str, hour| PersonContact {
                mail: mail.into(),
                zone: String::new(),
                hour,
            };
            let desk = &office.desk;
            desk.set_contact(&ana, "ana", &contact("ana@example.org", 8))
                .unwrap();
            let other = desk.set_contact(&ana, "ben", &contact("ben@example.org", 8));
            assert_eq!(refusal_code(other), "not_allowed");
            assert_eq!(
                refusal_code(desk.set_contact(&ana, "ana", &contact("ana", 8))),
                "invalid"
            );
            let late = desk.set_contact(&ana, "ana", &contact("ana@example.org", 24));
            assert_eq!(refusal_code(late), "invalid");
        },
    );
}
