//! How texts that were given to mail fare: what failed says so, and leaves
//! once more, each to its own recipient.

use std::collections::BTreeMap;

use casework::{AnnouncementSet, Dispatch, DispatchState, DraftEnd, Lane, NeedKind};
use cve::id::CveId;

use crate::mail::{server, set};
use crate::office::{Office, on_each_engine, refused};
use crate::services::{on_each_engine as with_services, run_a_while};
use crate::smtp::Smtp;

/// A published ID with an approved set made from this template.
fn announced(office: &Office, template: &str, list: &str) -> CveId {
    let (_, id, _) = office.ready();
    let values = BTreeMap::from([("LIST".to_owned(), list.to_owned())]);
    let made = office
        .desk
        .announce(&office.actor("ana"), id, &[template.to_owned()], &values)
        .unwrap();
    office
        .desk
        .approve_announcements(&office.actor("rev"), id, made.digest)
        .unwrap();
    office.desk.publish(&office.actor("pub"), id).unwrap();
    run_a_while(office);
    id
}

fn newest(office: &Office, id: CveId) -> AnnouncementSet {
    let found = office.desk.announcements(&office.actor("ana"), id);
    found.unwrap().unwrap()
}

fn states(set: &AnnouncementSet) -> Vec<DispatchState> {
    let texts = set.announcements.iter();
    texts.map(|text| text.dispatch.state).collect()
}

/// What the status of `ana` says of follow-ups.
fn stuck(office: &Office) -> Vec<String> {
    let needs = office.desk.status(&office.actor("ana")).unwrap();
    let stuck = needs
        .into_iter()
        .filter(|need| need.kind == NeedKind::Followup);
    stuck.map(|need| need.what).collect()
}

#[test]
fn an_announcement_whose_mail_is_refused_says_failed_and_leaves_once_more() {
    with_services("an_announcement_whose_mail_is_refused", |_, office| {
        let smtp = Smtp::start(&["554 no"]);
        set(office, &server(&smtp));
        let ana = office.actor("ana");
        let id = announced(office, "oss-security", "");
        let send = || office.desk.send_announcement(&ana, id, "oss-security");
        assert_eq!(states(&newest(office, id)), [DispatchState::Unsent]);
        send().unwrap();
        assert_eq!(states(&newest(office, id)), [DispatchState::Waiting]);
        run_a_while(office);
        let failed = newest(office, id).announcements.remove(0);
        let todo = format!(
            "mail it once more with `cna publish messages send {id} {0}`, or send it by hand and \
             say so with `cna publish messages sent {id} {0}`",
            failed.id
        );
        assert_eq!(
            failed.dispatch,
            Dispatch {
                state: DispatchState::Failed,
                answer: "the mail server answered 554".into(),
                todo: todo.clone(),
            }
        );
        let expected = format!(
            "the mail with `oss-security` of {id} to oss-security@lists.openwall.com failed: the \
             mail server answered 554; {todo}"
        );
        assert_eq!(stuck(office), [expected]);
        send().unwrap();
        run_a_while(office);
        assert_eq!(states(&newest(office, id)), [DispatchState::Sent]);
        assert_eq!(stuck(office), [] as [String; 0]);
        assert!(refused(send()).to_string().contains("it was sent already"));
        let taken = smtp.taken();
        assert_eq!(taken.len(), 2);
        let message_id = format!("<{}@example.org>", failed.id);
        assert!(taken.iter().all(|m| m.header("Message-ID") == message_id));
    });
}

#[test]
fn each_of_several_recipients_has_a_mail_of_its_own_and_only_the_failed_one_leaves_again() {
    with_services("each_of_several_recipients_has_a_mail", |_, office| {
        let smtp = Smtp::start(&["554 no"]);
        set(office, &server(&smtp));
        let ana = office.actor("ana");
        let id = announced(office, "list", "a@example.org, b@example.org,a@example.org");
        let to = |set: &AnnouncementSet| {
            let texts = set.announcements.iter();
            texts.map(|text| text.to.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            to(&newest(office, id)),
            ["a@example.org", "b@example.org"],
            "each address once"
        );
        office.desk.send_announcement(&ana, id, "list").unwrap();
        run_a_while(office);
        let mut fared = states(&newest(office, id));
        fared.sort_by_key(|state| *state == DispatchState::Failed);
        assert_eq!(fared, [DispatchState::Sent, DispatchState::Failed]);
        let refused_to = smtp.taken()[0].to.clone();
        office.desk.send_announcement(&ana, id, "list").unwrap();
        run_a_while(office);
        let taken = smtp.taken();
        assert_eq!(taken.len(), 3);
        assert_eq!(taken[2].to, refused_to);
        assert_ne!(taken[1].to, refused_to);
        assert_eq!(states(&newest(office, id)), [DispatchState::Sent; 2]);
    });
}

#[test]
fn a_mail_that_was_given_up_stands_as_failed_until_somebody_sends_it_by_hand() {
    with_services("a_mail_that_was_given_up", |_, office| {
        let smtp = Smtp::start(&["554 no"]);
        set(office, &server(&smtp));
        let ana = office.actor("ana");
        let id = announced(office, "oss-security", "");
        let text = newest(office, id).announcements[0].id.clone();
        office.desk.send_announcement(&ana, id, &text).unwrap();
        run_a_while(office);
        let given_up = office
            .desk
            .cancel_followup(&ana, &text, "the list is closed");
        given_up.unwrap();
        let dispatch = newest(office, id).announcements.remove(0).dispatch;
        assert_eq!(dispatch.state, DispatchState::Failed);
        assert_eq!(dispatch.answer, "cancelled by ana: the list is closed");
        let stands = stuck(office);
        assert_eq!(stands.len(), 1);
        assert!(
            stands[0].contains("was given up (cancelled by ana: the list is closed); mail it"),
            "{stands:?}"
        );
        office.desk.note_sent(&ana, id, &text).unwrap();
        let dispatch = newest(office, id).announcements.remove(0).dispatch;
        assert_eq!(dispatch.state, DispatchState::Sent);
        assert_eq!(dispatch.answer, "sent by hand by ana");
        assert_eq!(stuck(office), [] as [String; 0]);
        let again = office.desk.send_announcement(&ana, id, &text);
        assert!(refused(again).to_string().contains("it was sent already"));
        run_a_while(office);
        assert_eq!(smtp.taken().len(), 1);
    });
}

#[test]
fn a_message_whose_mail_failed_goes_once_more_to_the_address_known_by_now() {
    on_each_engine("a_message_whose_mail_failed_goes_once_more", |office| {
        let smtp = Smtp::start(&["554 no"]);
        let mut open = server(&smtp);
        open.may_carry_texts = true;
        set(office, &open);
        let (tri, case) = (office.actor("tri"), office.in_triage());
        let vendor = |mail: &str| office.desk.put_vendor_contact(&tri, case, "Up", mail);
        vendor("old@example.org").unwrap();
        let draft = office
            .desk
            .draft_message(&tri, case, Lane::Vendors, Some("Up"), "A fix is due.")
            .unwrap();
        let fares = || office.desk.outgoing(&tri, case).unwrap().remove(0).dispatch;
        let send = || office.desk.end_message(&tri, case, draft, DraftEnd::Sent);
        assert_eq!(fares().state, DispatchState::Unsent);
        send().unwrap();
        run_a_while(office);
        assert_eq!(fares().state, DispatchState::Failed);
        assert_eq!(
            fares().todo,
            format!(
                "mail it once more with `cna case send {case} {draft}`, or send its text yourself \
                 and say so with `cna case send {case} {draft} --by-hand`"
            )
        );
        vendor("new@example.org").unwrap();
        send().unwrap();
        run_a_while(office);
        assert_eq!(fares().state, DispatchState::Sent);
        let again = refused(send()).to_string();
        assert!(again.contains("draft 1 is sent already"), "{again}");
        let to: Vec<_> = smtp.taken().into_iter().map(|mail| mail.to).collect();
        assert_eq!(
            to,
            ["RCPT TO:<old@example.org>", "RCPT TO:<new@example.org>"]
        );
        let messages = office.desk.case(&tri, case).unwrap().messages;
        let said = messages.iter().filter(|m| m.body == "A fix is due.");
        assert_eq!(said.count(), 1, "it was said once, and mailed twice");
    });
}

#[test]
fn a_question_stands_among_what_left_and_says_when_its_mail_failed() {
    on_each_engine("a_question_stands_among_what_left", |office| {
        let smtp = Smtp::start(&["554 no"]);
        let mut open = server(&smtp);
        open.may_carry_texts = true;
        set(office, &open);
        let (ana, case) = (office.actor("ana"), office.in_triage());
        let asked = office.desk.ask_reporter(&ana, case, "Which version?");
        assert_eq!(asked.unwrap().by_hand, "");
        let fares = || office.desk.outgoing(&ana, case).unwrap().remove(0);
        assert_eq!((fares().number, fares().state.as_str()), (1, "sent"));
        assert_eq!(fares().dispatch.state, DispatchState::Waiting);
        run_a_while(office);
        assert_eq!(fares().dispatch.state, DispatchState::Failed);
        let stands = stuck(office);
        assert_eq!(stands.len(), 1);
        assert!(
            stands[0].starts_with(
                "the mail with message 1 to the reporter failed: the mail server answered 554; \
                 mail it once more with `cna case send 1 1`"
            ),
            "{stands:?}"
        );
        let sent = office.desk.end_message(&ana, case, 1, DraftEnd::Sent);
        assert_eq!(sent.unwrap().by_hand, "");
        run_a_while(office);
        assert_eq!(fares().dispatch.state, DispatchState::Sent);
        assert_eq!(stuck(office), [] as [String; 0]);
        let said = office.desk.case(&ana, case).unwrap().messages;
        let asked = said
            .iter()
            .filter(|message| message.body == "Which version?");
        assert_eq!(asked.count(), 1, "it was asked once");
    });
}

#[test]
fn a_message_whose_mail_was_given_up_needs_somebody_until_it_was_sent_by_hand() {
    on_each_engine("a_message_whose_mail_was_given_up", |office| {
        let smtp = Smtp::start(&["554 no"]);
        let mut open = server(&smtp);
        open.may_carry_texts = true;
        set(office, &open);
        let (ana, case) = (office.actor("ana"), office.in_triage());
        let draft = office
            .desk
            .draft_message(&ana, case, Lane::Reporter, None, "Thanks.")
            .unwrap();
        let end = |end| office.desk.end_message(&ana, case, draft, end);
        let mail = end(DraftEnd::Sent).unwrap().followup;
        run_a_while(office);
        let gone = office.desk.cancel_followup(&ana, &mail, "wrong address");
        gone.unwrap();
        let stands = stuck(office);
        assert_eq!(stands.len(), 1);
        assert!(
            stands[0].starts_with(
                "the mail with message 1 to the reporter was given up (cancelled by ana: wrong \
                 address); mail it once more"
            ),
            "{stands:?}"
        );
        let by_hand = end(DraftEnd::SentByHand).unwrap();
        assert_eq!(by_hand.by_hand, "sent by hand by ana");
        assert_eq!(stuck(office), [] as [String; 0]);
        let dispatch = office.desk.outgoing(&ana, case).unwrap().remove(0).dispatch;
        assert_eq!(dispatch.state, DispatchState::Sent);
        let again = refused(end(DraftEnd::SentByHand)).to_string();
        assert!(again.contains("draft 1 is sent already"), "{again}");
        run_a_while(office);
        assert_eq!(smtp.taken().len(), 1, "it was mailed no more");
    });
}
