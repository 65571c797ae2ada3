//! Mails of machines: put aside, but for what they say of our own.

use std::time::Duration;

use casework::clocks::{DeadlineId, Wanted};
use casework::{
    CaseId, DispatchState, DraftEnd, IncomingMail, Lane, MailFate, NeedKind, Role, TakenMail,
};
use store::FollowupState;

use crate::mail::{server, set};
use crate::office::{Office, on_each_engine};
use crate::smtp::Smtp;

fn take(office: &Office, name: &str, text: &str) -> TakenMail {
    let mail = IncomingMail::parse(text.as_bytes()).unwrap();
    let actor = office.actor(name);
    office.desk.take_mail(&actor, &mail, None, false).unwrap()
}

fn count(office: &Office) -> usize {
    let tri = office.actor("tri");
    office.desk.cases(&tri, 0, 100).unwrap().len()
}

/// A case by mail.
fn reported(office: &Office) -> CaseId {
    let report = "From: Alex <alex@example.org>\nMessage-ID: <one@example.org>\nSubject: A flaw\n\n\
                  It follows symlinks.\n";
    take(office, "tri", report).case.unwrap()
}

/// The id of a message to the reporter that the mail server has taken.
fn sent(office: &Office, smtp: &Smtp, case: CaseId) -> String {
    let mut server = server(smtp);
    server.may_carry_texts = true;
    set(office, &server);
    let (desk, tri) = (&office.desk, office.actor("tri"));
    let draft = desk.draft_message(&tri, case, Lane::Reporter, None, "Which version?");
    let sending = desk.end_message(&tri, case, draft.unwrap(), DraftEnd::Sent);
    assert!(desk.runner().settle(Duration::from_secs(10)).unwrap());
    sending.unwrap().followup
}

/// A delivery report of a mail server about the mail of this follow-up.
fn bounce(followup: &str, action: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@example.org\nAuto-Submitted: \
         auto-replied\nMessage-ID: <{action}-{followup}@mx.example>\nSubject: Undelivered Mail \
         Returned to Sender\nMIME-Version: 1.0\nContent-Type: multipart/report; \
         report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nWe are \
         sorry.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; alex@example.org\nAction: {action}\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b\nContent-Type: \
         text/rfc822-headers\n\nFrom: desk@example.org\nTo: alex@example.org\nMessage-ID: \
         <{followup}@example.org>\nSubject: About our case 1\n\n--b--\n"
    )
}

#[test]
fn a_mail_of_a_machine_makes_no_case() {
    on_each_engine("a_mail_of_a_machine_makes_no_case", |office| {
        for head in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated (by a scanner)",
            "Return-Path: <>",
            "Precedence: bulk",
            "Precedence: junk",
            "Precedence: list",
        ] {
            let text = format!("From: a@example.net\nSubject: I am away\n{head}\n\nUntil May.\n");
            let taken = take(office, "tri", &text);
            assert_eq!(taken.fate, MailFate::Aside, "{head}");
            assert!(!taken.reason.is_empty(), "{head}");
            assert_eq!(taken.case, None);
        }
        assert_eq!(count(office), 0, "{}", office.engine);
    });
}

#[test]
fn a_report_that_comes_over_a_list_is_one_all_the_same() {
    on_each_engine(
        "a_report_that_comes_over_a_list_is_one_all_the_same",
        |office| {
            let by_list = |text: &str| {
                let mail = format!(
                    "From: a@example.net\nPrecedence: list\nSubject: Hello\n\n{text} on {}\n",
                    office.engine
                );
                take(office, "tri", &mail).fate
            };
            assert_eq!(by_list("node-agent reads any file"), MailFate::Case);
            assert_eq!(by_list("It is CWE-61"), MailFate::Case);
            assert_eq!(by_list("Our nodes-agents meet in May"), MailFate::Aside);
            assert_eq!(by_list("super-node-agents"), MailFate::Aside);
        },
    );
}

#[test]
fn an_answer_that_comes_over_a_list_goes_into_its_case_and_a_bulk_one_does_not() {
    on_each_engine(
        "an_answer_that_comes_over_a_list_goes_into_its_case_and_a_bulk_one_does_not",
        |office| {
            let case = reported(office);
            let answer = |precedence: &str| {
                let mail = format!(
                    "From: Alex <alex@example.org>\nPrecedence: {precedence}\nIn-Reply-To: \
                     <one@example.org>\nSubject: Re: A flaw\n\nVersion 1.2.3.\n"
                );
                let taken = take(office, "tri", &mail);
                (taken.fate, taken.case)
            };
            assert_eq!(answer("list"), (MailFate::Reply, Some(case)));
            assert_eq!(answer("bulk"), (MailFate::Aside, None), "{}", office.engine);
        },
    );
}

#[test]
fn an_automatic_reply_in_a_thread_stays_out_of_the_case_and_stops_no_clock() {
    on_each_engine(
        "an_automatic_reply_in_a_thread_stays_out_of_the_case_and_stops_no_clock",
        |office| {
            let (case, tri) = (reported(office), office.actor("tri"));
            let before = office.desk.case(&tri, case).unwrap().messages.len();
            let away = "From: Alex <alex@example.org>\nAuto-Submitted: auto-replied\nIn-Reply-To: \
                        <one@example.org>\nSubject: Re: A flaw\n\nI am away.\n";
            assert_eq!(take(office, "tri", away).fate, MailFate::Aside);
            let after = office.desk.case(&tri, case).unwrap().messages.len();
            assert_eq!(after, before, "{}", office.engine);
            let wanted = Wanted {
                until: None,
                offset: 0,
                limit: 100,
            };
            let clocks = office.desk.clocks(&tri, wanted).unwrap();
            assert!(clocks.iter().any(|clock| clock.id == DeadlineId::D01));
        },
    );
}

#[test]
fn a_mail_of_ours_that_was_not_delivered_is_marked_and_needs_somebody() {
    on_each_engine(
        "a_mail_of_ours_that_was_not_delivered_is_marked_and_needs_somebody",
        |office| {
            let smtp = Smtp::start(&[]);
            let (case, oan) = (reported(office), office.actor("oan"));
            office.put_on(case, &oan);
            let id = sent(office, &smtp, case);
            let late = take(office, "tri", &bounce(&id, "delayed"));
            assert_eq!(late.fate, MailFate::Aside);
            let state = || office.desk.followup(&oan, &id).unwrap().state;
            assert_eq!(state(), FollowupState::Done);
            let failed = take(office, "tri", &bounce(&id, "failed"));
            assert_eq!(
                (failed.fate, failed.case),
                (MailFate::Undelivered, Some(case))
            );
            let said = "not delivered: 5.1.1, SMTP 550";
            assert_eq!(failed.reason, said, "{}", office.engine);
            assert_eq!(state(), FollowupState::Failed);
            let outgoing = office.desk.outgoing(&oan, case).unwrap();
            assert_eq!(outgoing[0].dispatch.state, DispatchState::Failed);
            let needs = office.desk.status(&oan).unwrap();
            let need = needs.iter().find(|need| need.kind == NeedKind::Followup);
            let need = need.unwrap();
            assert_eq!(need.case, Some(case));
            assert!(need.what.contains(said), "{}", need.what);
            assert_eq!(count(office), 1);
        },
    );
}

#[test]
fn a_mail_of_no_case_that_came_back_shows_in_the_status_of_who_may_know_of_it() {
    on_each_engine(
        "a_mail_of_no_case_that_came_back_shows_in_the_status_of_who_may_know_of_it",
        |office| {
            let smtp = Smtp::start(&[]);
            set(office, &server(&smtp));
            let desk = &office.desk;
            let id = desk
                .test_mail(&office.actor("admin"), "alex@example.org")
                .unwrap();
            assert!(desk.runner().settle(Duration::from_secs(10)).unwrap());
            let failed = take(office, "tri", &bounce(&id, "failed"));
            assert_eq!((failed.fate, failed.case), (MailFate::Undelivered, None));
            let lines = |name: &str| -> Vec<String> {
                let needs = desk.status(&office.actor(name)).unwrap();
                let stuck = needs
                    .into_iter()
                    .filter(|need| need.kind == NeedKind::Followup);
                stuck.map(|need| need.what).collect()
            };
            let told = lines("admin");
            let said = "not delivered: 5.1.1, SMTP 550";
            assert_eq!(told.len(), 1, "{}: {told:?}", office.engine);
            assert!(told[0].contains(said) && told[0].contains(&id), "{told:?}");
            assert!(!told[0].contains("alex@example.org"), "{told:?}");
            // A triager may not look at what the desk says to others.
            assert_eq!(lines("tri"), Vec::<String>::new());
        },
    );
}

#[test]
fn of_a_case_one_is_not_on_a_delivery_report_says_and_changes_nothing() {
    on_each_engine(
        "of_a_case_one_is_not_on_a_delivery_report_says_and_changes_nothing",
        |office| {
            let smtp = Smtp::start(&[]);
            let case = reported(office);
            let id = sent(office, &smtp, case);
            let eve = office.hire("eve", &[Role::Triager]);
            assert!(office.desk.case(&eve, case).is_err());
            let there = take(office, "eve", &bounce(&id, "failed"));
            let missing = take(office, "eve", &bounce("00", "failed"));
            assert_eq!(there.fate, MailFate::Aside, "{}", office.engine);
            assert_eq!(
                (there.fate, there.case, there.reason),
                (missing.fate, missing.case, missing.reason)
            );
        },
    );
}

#[test]
fn a_dry_run_of_a_delivery_report_marks_nothing() {
    on_each_engine("a_dry_run_of_a_delivery_report_marks_nothing", |office| {
        let smtp = Smtp::start(&[]);
        let (case, oan) = (reported(office), office.actor("oan"));
        office.put_on(case, &oan);
        let id = sent(office, &smtp, case);
        let mail = IncomingMail::parse(bounce(&id, "failed").as_bytes()).unwrap();
        let tri = office.actor("tri");
        let taken = office.desk.take_mail(&tri, &mail, None, true).unwrap();
        assert_eq!(taken.fate, MailFate::Undelivered);
        let row = office.desk.followup(&oan, &id).unwrap();
        assert_eq!(row.state, FollowupState::Done, "{}", office.engine);
    });
}
