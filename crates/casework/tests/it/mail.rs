//! Mail: at least once, under one Message-ID, and nothing embargoed in it.

use std::time::Duration;

use casework::{DraftEnd, Lane, MailServer, MailTls};
use store::FollowupState;

use crate::office::{Office, on_each_engine, refusal_code, refused};
use crate::smtp::Smtp;

const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn server(smtp: &Smtp) -> MailServer {
    MailServer {
        host: "127.0.0.1".into(),
        port: smtp.port,
        tls: MailTls::None,
        user: String::new(),
        from: "desk@example.org".into(),
        may_carry_texts: false,
    }
}

pub(crate) fn set(office: &Office, server: &MailServer) {
    let oan = office.actor("oan");
    office.desk.set_mail_server(&oan, server, None).unwrap();
}

#[test]
fn a_mail_that_was_put_off_comes_again_under_the_same_message_id() {
    on_each_engine(
        "a_mail_that_was_put_off_comes_again_under_the_same_message_id",
        |office| {
            let smtp = Smtp::start(&["451 later"]);
            set(office, &server(&smtp));
            let oan = office.actor("oan");
            let id = office.desk.test_mail(&oan, "ann@example.org").unwrap();
            assert!(office.desk.runner().settle(PATIENCE).unwrap());
            let taken = smtp.taken();
            assert_eq!(taken.len(), 2);
            assert_eq!(taken[0].to, "RCPT TO:<ann@example.org>");
            let expected = format!("<{id}@example.org>");
            assert_eq!(taken[0].header("Message-ID"), expected);
            assert_eq!(taken[1].header("Message-ID"), expected);
            let row = office.desk.followup(&oan, &id).unwrap();
            assert_eq!((row.state, row.attempts), (FollowupState::Done, 2));
        },
    );
}

#[test]
fn a_mail_that_is_refused_for_good_fails_with_the_status_alone() {
    on_each_engine(
        "a_mail_that_is_refused_for_good_fails_with_the_status_alone",
        |office| {
            let smtp = Smtp::start(&["554 I know what you wrote"]);
            set(office, &server(&smtp));
            let oan = office.actor("oan");
            let id = office.desk.test_mail(&oan, "ann@example.org").unwrap();
            assert!(office.desk.runner().settle(PATIENCE).unwrap());
            let row = office.desk.followup(&oan, &id).unwrap();
            assert_eq!(row.state, FollowupState::Failed);
            assert_eq!(row.last_answer, "the mail server answered 554");
        },
    );
}

#[test]
fn a_message_of_an_embargoed_case_goes_by_mail_only_where_the_operator_said_so() {
    on_each_engine(
        "a_message_of_an_embargoed_case_goes_by_mail_only_where_the_operator_said_so",
        |office| {
            let smtp = Smtp::start(&[]);
            let mut server = server(&smtp);
            set(office, &server);
            let (tri, case) = (office.actor("tri"), office.in_triage());
            let send = |body: &str| {
                let desk = &office.desk;
                let draft = desk.draft_message(&tri, case, Lane::Reporter, None, body);
                let sending = desk.end_message(&tri, case, draft.unwrap(), DraftEnd::Sent);
                assert!(desk.runner().settle(PATIENCE).unwrap());
                sending.unwrap()
            };
            assert_eq!(
                send("The flaw is in rotate.c.").by_hand,
                "the case is under embargo, and mail may not carry its texts"
            );
            assert_eq!(smtp.taken(), []);
            server.may_carry_texts = true;
            set(office, &server);
            assert_eq!(send("The fix is in rotate.c.").by_hand, "");
            let taken = smtp.taken();
            assert_eq!(taken.len(), 1);
            assert!(taken[0].data.contains("The fix is in rotate.c."));
        },
    );
}

#[test]
fn a_password_is_sealed_and_neither_shown_nor_audited() {
    on_each_engine(
        "a_password_is_sealed_and_neither_shown_nor_audited",
        |office| {
            let oan = office.actor("oan");
            let server = MailServer {
                host: "mail.example.org".into(),
                port: 465,
                tls: MailTls::Tls,
                user: "desk".into(),
                from: "desk@example.org".into(),
                may_carry_texts: false,
            };
            let set =
                |server: &MailServer, password| office.desk.set_mail_server(&oan, server, password);
            set(&server, Some("horse-battery")).unwrap();
            assert_eq!(office.desk.mail_server(&oan).unwrap(), Some(server.clone()));
            let found = store::testing::columns_holding(office.desk.store(), "horse-battery");
            assert!(found.is_empty(), "{found:?}");
            assert_eq!(refusal_code(set(&server, None)), "invalid");
            let clear = MailServer {
                tls: MailTls::None,
                ..server
            };
            let refusal = refused(set(&clear, Some("horse-battery"))).to_string();
            assert!(
                refusal.starts_with("tls: `none` sends everything in the clear"),
                "{refusal}"
            );
        },
    );
}

#[test]
fn only_an_administrator_sees_sets_and_tests_mail() {
    on_each_engine("only_an_administrator_sees_sets_and_tests_mail", |office| {
        let (ana, smtp) = (office.actor("ana"), Smtp::start(&[]));
        let desk = &office.desk;
        assert_eq!(refusal_code(desk.mail_server(&ana)), "not_allowed");
        let set = desk.set_mail_server(&ana, &server(&smtp), None);
        assert_eq!(refusal_code(set), "not_allowed");
        assert_eq!(
            refusal_code(desk.test_mail(&ana, "a@example.org")),
            "not_allowed"
        );
        let oan = office.actor("oan");
        let without = refused(desk.test_mail(&oan, "a@example.org")).to_string();
        assert_eq!(
            without,
            "mail: no mail server is set: `cna mail set` sets one"
        );
    });
}

#[test]
fn both_ways_to_write_to_the_reporter_tell_the_id_and_go_by_mail_where_it_may() {
    on_each_engine(
        "both_ways_to_write_to_the_reporter_tell_the_id_and_go_by_mail_where_it_may",
        |office| {
            let smtp = Smtp::start(&[]);
            let mut server = server(&smtp);
            let ana = office.actor("ana");
            let told = |id| {
                let items = office.desk.checklist(&ana, id).unwrap();
                items
                    .iter()
                    .any(|item| item.id == "PC-08" && item.state == "done")
            };
            for (by_lane, may_carry, mails) in
                [(false, true, 1), (true, true, 2), (false, false, 2)]
            {
                server.may_carry_texts = may_carry;
                set(office, &server);
                let (case, id, _) = office.drafted();
                assert!(!told(id));
                let body = format!("It is {id}, public on 1 December.");
                if by_lane {
                    let draft = office
                        .desk
                        .draft_message(&ana, case, Lane::Reporter, None, &body);
                    let draft = draft.unwrap();
                    office
                        .desk
                        .end_message(&ana, case, draft, DraftEnd::Sent)
                        .unwrap();
                } else {
                    office.desk.ask_reporter(&ana, case, &body).unwrap();
                }
                assert!(told(id), "{by_lane}");
                assert!(office.desk.runner().settle(PATIENCE).unwrap());
                assert_eq!(smtp.taken().len(), mails, "{by_lane} {may_carry}");
            }
        },
    );
}
