//! Mails that are taken in: once each, as a case or into the one they answer.

use casework::{IncomingMail, Lane, MailFate, Role, TakenMail};

use crate::office::{Office, on_each_engine, refusal_code};

fn mail(text: &str) -> IncomingMail {
    IncomingMail::parse(text.as_bytes()).unwrap()
}

/// A report by mail under this Message-ID.
fn report_mail(id: &str) -> IncomingMail {
    mail(&format!(
        "From: Alex Beispiel <alex@example.org>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n\
         Message-ID: <{id}>\nSubject: Node agent reads any file\n\nIt follows symlinks.\n"
    ))
}

fn take(office: &Office, name: &str, mail: &IncomingMail) -> TakenMail {
    let actor = office.actor(name);
    office.desk.take_mail(&actor, mail, None, false).unwrap()
}

fn count(office: &Office, name: &str) -> usize {
    office
        .desk
        .cases(&office.actor(name), 0, 100)
        .unwrap()
        .len()
}

#[test]
fn a_mail_becomes_a_case_with_its_reporter_words_and_moment() {
    on_each_engine(
        "a_mail_becomes_a_case_with_its_reporter_words_and_moment",
        |office| {
            let taken = take(office, "tri", &report_mail("one@example.org"));
            assert_eq!(taken.fate, MailFate::Case, "{}", office.engine);
            assert_eq!(taken.reference.as_deref(), Some("R-2026-000001"));
            let ana = office.actor("ana");
            let case = taken.case.unwrap();
            let view = office.desk.case(&ana, case).unwrap();
            assert_eq!(view.summary.title, "Node agent reads any file");
            assert!(view.summary.embargoed);
            let received = view.summary.received.to_string();
            assert_eq!(received, "2026-11-02T10:00:00.000Z");
            assert_eq!(view.report.reporter.name, "Alex Beispiel");
            assert_eq!(view.report.reporter.contact, "alex@example.org");
            assert_eq!(view.messages[0].body, "It follows symlinks.");
            let arrived = office.desk.arrived(&ana, case).unwrap().unwrap();
            assert_eq!(arrived.channel, "mail");
            assert!(!arrived.is_catalogued);
        },
    );
}

#[test]
fn a_mail_from_the_future_came_in_now() {
    on_each_engine("a_mail_from_the_future_came_in_now", |office| {
        let text = "From: a@example.org\nDate: Tue, 3 Nov 2099 10:00:00 +0000\nSubject: x\n\ny\n";
        let taken = take(office, "tri", &mail(text));
        let view = office.desk.case(&office.actor("tri"), taken.case.unwrap());
        assert_eq!(view.unwrap().summary.received, office.desk.now());
    });
}

#[test]
fn a_mail_is_taken_in_once_whoever_brings_it() {
    on_each_engine("a_mail_is_taken_in_once_whoever_brings_it", |office| {
        let first = take(office, "tri", &report_mail("one@example.org"));
        let again = take(office, "ana", &report_mail("one@example.org"));
        assert_eq!((again.fate, again.case), (MailFate::Known, first.case));
        let other = take(office, "ana", &report_mail("two@example.org"));
        assert_eq!(other.fate, MailFate::Case);
        assert_eq!(count(office, "tri"), 2, "{}", office.engine);
    });
}

#[test]
fn a_mail_without_a_message_id_is_known_by_its_bytes() {
    on_each_engine(
        "a_mail_without_a_message_id_is_known_by_its_bytes",
        |office| {
            let text = "From: a@example.org\nSubject: x\n\nWords.\n";
            assert_eq!(take(office, "tri", &mail(text)).fate, MailFate::Case);
            let on_its_way = text.replace('\n', "\r\n");
            assert_eq!(
                take(office, "tri", &mail(&on_its_way)).fate,
                MailFate::Known
            );
            let other = text.replace("Words", "Others");
            assert_eq!(take(office, "tri", &mail(&other)).fate, MailFate::Case);
        },
    );
}

#[test]
fn of_two_who_take_the_same_mail_at_once_one_makes_a_case() {
    on_each_engine(
        "of_two_who_take_the_same_mail_at_once_one_makes_a_case",
        |office| {
            let desks: Vec<_> = (0..4).map(|_| office.second_desk()).collect();
            let fates: Vec<MailFate> = std::thread::scope(|scope| {
                let threads: Vec<_> = desks
                    .iter()
                    .map(|desk| {
                        let tri = office.actor("tri");
                        let mail = report_mail("one@example.org");
                        scope.spawn(move || desk.take_mail(&tri, &mail, None, false).unwrap().fate)
                    })
                    .collect();
                threads.into_iter().map(|t| t.join().unwrap()).collect()
            });
            for desk in desks {
                desk.store().close();
            }
            let cases = fates.iter().filter(|fate| **fate == MailFate::Case).count();
            assert_eq!(cases, 1, "{}: {fates:?}", office.engine);
            assert_eq!(count(office, "tri"), 1);
        },
    );
}

#[test]
fn an_answer_goes_into_the_lane_of_its_reporter() {
    on_each_engine("an_answer_goes_into_the_lane_of_its_reporter", |office| {
        let first = take(office, "tri", &report_mail("one@example.org"));
        let answer = mail(
            "From: Alex Beispiel <alex@example.org>\nDate: Tue, 3 Nov 2026 09:00:00 +0000\n\
             Message-ID: <two@example.org>\nReferences: <one@example.org> <gone@example.org>\n\
             Subject: Re: anything\n\nVersion 1.2.3.\n",
        );
        let taken = take(office, "tri", &answer);
        assert_eq!((taken.fate, taken.case), (MailFate::Reply, first.case));
        let view = office.desk.case(&office.actor("ana"), first.case.unwrap());
        let view = view.unwrap();
        let last = view.messages.last().unwrap();
        assert_eq!(
            (last.lane.as_str(), last.author.as_str()),
            ("reporter", "reporter")
        );
        assert_eq!(
            last.body,
            "By mail of 2026-11-03 09:00 UTC, from Alex Beispiel, alex@example.org:\n\n\
             Version 1.2.3."
        );
        // An answer to the answer finds its way, too, and none goes in twice.
        let third = mail(
            "From: alex@example.org\nMessage-ID: <three@example.org>\nIn-Reply-To: \
             <two@example.org>\nSubject: Re: anything\n\nAnd 1.2.4.\n",
        );
        assert_eq!(take(office, "tri", &third).fate, MailFate::Reply);
        assert_eq!(take(office, "tri", &answer).fate, MailFate::Known);
        assert_eq!(count(office, "tri"), 1, "{}", office.engine);
    });
}

#[test]
fn a_reference_in_the_subject_counts_from_whom_the_case_is_with() {
    on_each_engine(
        "a_reference_in_the_subject_counts_from_whom_the_case_is_with",
        |office| {
            let first = take(office, "tri", &report_mail("one@example.org"));
            let case = first.case.unwrap();
            let named = |from: &str, subject: &str| {
                let text = format!("From: {from}\nSubject: {subject}\n\nWords of {from}.\n");
                take(office, "tri", &mail(&text))
            };
            let by_reference = named("Alex <ALEX@example.org>", "Re: R-2026-000001: files");
            assert_eq!(
                (by_reference.fate, by_reference.case),
                (MailFate::Reply, Some(case))
            );
            let as_ours = named("alex@example.org", &format!("AW: About our case {case}"));
            assert_eq!((as_ours.fate, as_ours.case), (MailFate::Reply, Some(case)));
            let stranger = named("eve@example.net", "Re: R-2026-000001: files");
            assert_eq!(stranger.fate, MailFate::Case, "{}", office.engine);

            let tri = office.actor("tri");
            let desk = &office.desk;
            desk.put_vendor_contact(&tri, case, "Upstream", "psirt@upstream.example")
                .unwrap();
            let vendor = named(
                "psirt@upstream.example",
                &format!("Re: About our case {case}"),
            );
            assert_eq!(vendor.fate, MailFate::Reply);
            let view = desk.case(&tri, case).unwrap();
            let last = view.messages.last().unwrap();
            assert_eq!(
                (last.lane.as_str(), last.author.as_str()),
                ("vendors", "Upstream")
            );
        },
    );
}

#[test]
fn an_answer_to_a_mail_of_ours_finds_its_case_and_ours_is_no_report() {
    on_each_engine(
        "an_answer_to_a_mail_of_ours_finds_its_case_and_ours_is_no_report",
        |office| {
            let admin = office.actor("admin");
            let server = casework::MailServer {
                host: "127.0.0.1".into(),
                port: 9,
                tls: casework::MailTls::None,
                user: String::new(),
                from: "desk@example.org".into(),
                may_carry_texts: true,
            };
            office.desk.set_mail_server(&admin, &server, None).unwrap();
            let first = take(office, "tri", &report_mail("one@example.org"));
            let (case, tri) = (first.case.unwrap(), office.actor("tri"));
            let draft = office
                .desk
                .draft_message(&tri, case, Lane::Reporter, None, "Which version?")
                .unwrap();
            let sent = office
                .desk
                .end_message(&tri, case, draft, casework::DraftEnd::Sent)
                .unwrap();
            let id = format!("{}@example.org", sent.followup);
            let copy =
                format!("From: desk@example.org\nMessage-ID: <{id}>\nSubject: x\n\nWhich?\n");
            assert_eq!(take(office, "tri", &mail(&copy)).fate, MailFate::Own);
            let answer =
                format!("From: other@example.net\nIn-Reply-To: <{id}>\nSubject: Re: x\n\n1.2.3\n");
            let taken = take(office, "tri", &mail(&answer));
            assert_eq!((taken.fate, taken.case), (MailFate::Reply, Some(case)));
        },
    );
}

#[test]
fn what_others_write_in_the_thread_of_a_report_stays_internal() {
    on_each_engine(
        "what_others_write_in_the_thread_of_a_report_stays_internal",
        |office| {
            let first = take(office, "tri", &report_mail("one@example.org"));
            let aside = mail(
                "From: Rev <rev@desk.example>\nCc: security@desk.example\nMessage-ID: \
                 <aside@desk.example>\nIn-Reply-To: <one@example.org>\nSubject: Re: x\n\n\
                 Between us: this is worse than they think.\n",
            );
            let taken = take(office, "tri", &aside);
            assert_eq!((taken.fate, taken.case), (MailFate::Reply, first.case));
            let tri = office.actor("tri");
            let view = office.desk.case(&tri, first.case.unwrap()).unwrap();
            let last = view.messages.last().unwrap();
            assert!(last.body.ends_with("worse than they think."));
            assert_eq!(last.lane, "internal", "{}", office.engine);
        },
    );
}

#[test]
fn files_are_kept_by_the_rules_and_what_is_not_is_named() {
    on_each_engine(
        "files_are_kept_by_the_rules_and_what_is_not_is_named",
        |office| {
            let mut text = "From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; \
                        boundary=b\n\n--b\n\nWords.\n"
                .to_owned();
            // A program.
            text.push_str(
                "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; \
             filename=\"../run.me\"\nContent-Transfer-Encoding: base64\n\nf0VMRgIBAQA=\n",
            );
            for number in 1..=21 {
                text.push_str(&format!(
                    "--b\nContent-Type: text/plain\nContent-Disposition: attachment; \
                 filename=\"f{number}.txt\"\n\nproof {number}\n"
                ));
            }
            text.push_str("--b--\n");
            let taken = take(office, "tri", &mail(&text));
            let refused: Vec<_> = taken
                .refused
                .iter()
                .map(|file| file.name.as_str())
                .collect();
            assert_eq!(refused, ["run.me", "f21.txt"], "{}", office.engine);
            assert!(
                taken.refused[0]
                    .reason
                    .starts_with("is of a kind that is not taken")
            );
            assert!(taken.refused[1].reason.contains("the 20 files"));
            let (tri, case) = (office.actor("tri"), taken.case.unwrap());
            let kept = office.desk.attachments(&tri, case).unwrap();
            assert_eq!((kept.len(), kept[0].name.as_str()), (20, "f1.txt"));
            let (_, bytes) = office.desk.attachment(&tri, case, 1).unwrap();
            assert_eq!(bytes.trim_ascii(), b"proof 1");
            let view = office.desk.case(&tri, case).unwrap();
            let note = view.messages.last().unwrap();
            assert_eq!(note.lane, "internal");
            assert!(
                note.body.contains("- `run.me` is of a kind"),
                "{}",
                note.body
            );
        },
    );
}

#[test]
fn a_dry_run_says_what_would_become_of_it_and_changes_nothing() {
    on_each_engine(
        "a_dry_run_says_what_would_become_of_it_and_changes_nothing",
        |office| {
            let tri = office.actor("tri");
            let mail = report_mail("one@example.org");
            let said = office.desk.take_mail(&tri, &mail, None, true).unwrap();
            assert_eq!((said.fate, said.case), (MailFate::Case, None));
            assert_eq!(count(office, "tri"), 0, "{}", office.engine);
            assert_eq!(take(office, "tri", &mail).fate, MailFate::Case);
            let said = office.desk.take_mail(&tri, &mail, None, true).unwrap();
            assert_eq!(said.fate, MailFate::Known);
        },
    );
}

#[test]
fn whoever_is_not_on_the_case_learns_nothing_of_it_and_adds_nothing_to_it() {
    on_each_engine(
        "whoever_is_not_on_the_case_learns_nothing_of_it_and_adds_nothing_to_it",
        |office| {
            let first = take(office, "tri", &report_mail("one@example.org"));
            office.hire("eve", &[Role::Triager, Role::Analyst]);
            let known = take(office, "eve", &report_mail("one@example.org"));
            assert_eq!((known.fate, known.case), (MailFate::Known, None));
            for headers in [
                "In-Reply-To: <one@example.org>\nSubject: x",
                "Subject: Re: R-2026-000001",
                "Subject: About our case 1",
            ] {
                let text = format!("From: alex@example.org\n{headers}\n\nWords.\n");
                let taken = take(office, "eve", &mail(&text));
                assert_eq!(taken.fate, MailFate::Case, "{headers}");
                assert_ne!(taken.case, first.case);
            }
            let view = office.desk.case(&office.actor("tri"), first.case.unwrap());
            assert_eq!(view.unwrap().messages.len(), 1, "{}", office.engine);
        },
    );
}

#[test]
fn whoever_may_not_file_reports_takes_no_mail_in() {
    on_each_engine("whoever_may_not_file_reports_takes_no_mail_in", |office| {
        for name in ["aud", "pub", "oan"] {
            for dry_run in [false, true] {
                let mail = report_mail("one@example.org");
                let refused = office
                    .desk
                    .take_mail(&office.actor(name), &mail, None, dry_run);
                assert_eq!(refusal_code(refused), "not_allowed", "{name}");
            }
        }
        let tri = office.actor("tri");
        let mail = report_mail("one@example.org");
        let unknown = office.desk.take_mail(&tri, &mail, Some("nothing"), false);
        assert_eq!(refusal_code(unknown), "unknown_product");
        assert_eq!(count(office, "tri"), 0, "{}", office.engine);
    });
}
