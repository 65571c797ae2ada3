//! Erasure: the words are in no table any more, and the chain verifies.

use casework::clocks::Severity;
use casework::{DraftEnd, Lane, PersonContact, Role};
use store::testing::columns_holding;

use crate::office::{on_each_engine, refusal_code, refused, report};

#[test]
fn the_words_of_an_erased_person_are_in_no_table_and_the_chain_verifies() {
    on_each_engine(
        "the_words_of_an_erased_person_are_in_no_table_and_the_chain_verifies",
        |office| {
            let (desk, oan) = (&office.desk, office.actor("oan"));
            desk.add_person(&oan, "zzyzx", "Zara Zyx-Zwart", &[Role::Triager])
                .unwrap();
            let gone = office.actor("zzyzx");
            let contact = PersonContact {
                mail: "zara@zzz.example".into(),
                zone: String::new(),
                hour: 8,
            };
            desk.set_contact(&gone, "zzyzx", &contact).unwrap();
            let case = desk.receive(&gone, &report()).unwrap();
            desk.take(&gone, case).unwrap();
            desk.comment(&gone, case, "quuxly remark").unwrap();
            desk.draft_message(&gone, case, Lane::Reporter, None, "quuxly draft")
                .unwrap();
            desk.hand_over(&gone, case, "ana", "quuxly words").unwrap();
            desk.add_member(&gone, case, "oan").unwrap();
            desk.remove_member(&office.actor("ana"), case, "oan")
                .unwrap();
            let words = ["zzyzx", "Zyx-Zwart", "zara@zzz", "quuxly"];
            for word in words {
                assert!(!columns_holding(desk.store(), word).is_empty(), "{word}");
            }
            let early = refused(desk.erase_person(&oan, "zzyzx", "asked by mail"));
            assert!(
                early.to_string().contains("note first that it has left"),
                "{early}"
            );
            desk.leave(&oan, "zzyzx").unwrap();
            desk.follow_clocks().unwrap();
            desk.write_digests().unwrap();
            assert_eq!(
                refusal_code(desk.erase_person(&oan, "zzyzx", " ")),
                "invalid"
            );
            let tri = office.actor("tri");
            assert_eq!(
                refusal_code(desk.erase_person(&tri, "zzyzx", "x")),
                "not_allowed"
            );
            let instead = desk.erase_person(&oan, "zzyzx", "asked by mail").unwrap();
            assert_eq!(instead, "erased-1");
            desk.follow_clocks().unwrap();
            for word in words {
                let found = columns_holding(desk.store(), word);
                assert!(found.is_empty(), "{} on {}: {found:?}", word, office.engine);
            }
            let verdict = desk.store().read(|reader| reader.verify_audit()).unwrap();
            assert_eq!(verdict.broken, None);
            assert!(verdict.erased > 0);
            let view = desk.case(&office.actor("ana"), case).unwrap();
            assert_eq!(view.summary.owner, "erased-1");
        },
    );
}

#[test]
fn what_a_reporter_wrote_is_in_no_table_once_it_is_erased() {
    on_each_engine(
        "what_a_reporter_wrote_is_in_no_table_once_it_is_erased",
        |office| {
            let (desk, oan, tri) = (&office.desk, office.actor("oan"), office.actor("tri"));
            let mut report = report();
            report.reporter.name = "Zara Zyx-Zwart".into();
            report.reporter.contact = "zara@zzz.example".into();
            report.reporter.credit = "Zyx-Zwart Labs".into();
            report.body = "quuxly text of the report".into();
            let case = desk.receive(&tri, &report).unwrap();
            desk.take(&tri, case).unwrap();
            let body = "Dear Zara, quuxly indeed.";
            let draft = desk
                .draft_message(&tri, case, Lane::Reporter, None, body)
                .unwrap();
            desk.end_message(&tri, case, draft, DraftEnd::Sent).unwrap();
            let erase = |actor| desk.erase_reporter(actor, case, "asked by mail");
            assert_eq!(refusal_code(erase(&oan)), "not_found");
            assert_eq!(refusal_code(erase(&tri)), "not_allowed");
            office.put_on(case, &oan);
            erase(&oan).unwrap();
            for word in ["Zyx-Zwart", "zara@zzz", "quuxly", "Dear Zara"] {
                let found = columns_holding(desk.store(), word);
                assert!(found.is_empty(), "{} on {}: {found:?}", word, office.engine);
            }
            let view = desk.case(&tri, case).unwrap();
            assert_eq!(view.report.reporter.name, "[erased]");
            assert_eq!(view.report.title, report.title);
        },
    );
}

/// A mail of `Zara` with a file that is kept and one that is not.
const MAIL: &str = "From: Zara Zyx-Zwart <zara@zzz.example>\r\n\
To: security@example.org\r\n\
Subject: vorpal overflow in the agent\r\n\
Message-ID: <1@zzz.example>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\r\n\
--b\r\nContent-Type: text/plain\r\n\r\nquuxly text of the mail\r\n\
--b\r\nContent-Type: text/plain\r\n\
Content-Disposition: attachment; filename=frabjous.txt\r\n\r\ncallooh contents\r\n\
--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
Content-Disposition: attachment; filename=zara-slithy.exe\r\n\r\nTVqQAAMA//8=\r\n--b--\r\n";

#[test]
fn of_a_mail_title_files_and_the_names_of_refused_files_are_erased_with_the_text() {
    on_each_engine(
        "of_a_mail_title_files_and_the_names_of_refused_files_are_erased_with_the_text",
        |office| {
            let (desk, oan, tri) = (&office.desk, office.actor("oan"), office.actor("tri"));
            let mail = casework::IncomingMail::parse(MAIL.as_bytes()).unwrap();
            let taken = desk.take_mail(&tri, &mail, None, false).unwrap();
            let case = taken.case.unwrap();
            assert_eq!(taken.refused.len(), 1, "{taken:?}");
            desk.write_digests().unwrap();
            let words = [
                "Zyx-Zwart",
                "zara",
                "vorpal",
                "quuxly",
                "frabjous",
                "slithy",
            ];
            for word in words {
                assert!(!columns_holding(desk.store(), word).is_empty(), "{word}");
            }
            office.put_on(case, &oan);
            desk.erase_reporter(&oan, case, "asked by mail").unwrap();
            for word in words {
                let found = columns_holding(desk.store(), word);
                assert!(found.is_empty(), "{word} on {}: {found:?}", office.engine);
            }
            let (file, bytes) = desk.attachment(&tri, case, 1).unwrap();
            assert_eq!(
                (file.name.as_str(), bytes.as_slice()),
                ("[erased]", &b"[erased]"[..])
            );
            let view = desk.case(&tri, case).unwrap();
            assert_eq!(view.summary.title, "[erased]");
            assert_eq!(view.report.title, "[erased]");
            assert_eq!(view.findings[0].name, "[erased]");
            // Erasing it again changes nothing and fails at nothing.
            desk.erase_reporter(&oan, case, "asked again").unwrap();
        },
    );
}

#[test]
fn a_document_that_came_as_the_report_goes_with_its_title_and_a_file_of_ours_stays() {
    on_each_engine(
        "a_document_that_came_as_the_report_goes_with_its_title_and_a_file_of_ours_stays",
        |office| {
            let (desk, oan, tri) = (&office.desk, office.actor("oan"), office.actor("tri"));
            let document = r#"{"id": "GHSA-aaaa-bbbb-cccc", "schema_version": "1.6.0",
                "modified": "2026-11-01T00:00:00Z", "summary": "vorpal overflow",
                "details": "quuxly details of the finder",
                "credits": [{"name": "Zara Zyx-Zwart", "type": "FINDER"}],
                "affected": [{"package": {"ecosystem": "npm", "name": "node-agent"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}]}"#;
            let file = |name: &str, text: &str| casework::File {
                name: name.into(),
                bytes: text.into(),
            };
            let filed = desk.file_document(&tri, file("osv.json", document), Some("node-agent"));
            let case = filed.unwrap().id;
            desk.attach(&tri, case, file("notes.txt", "our own trace"))
                .unwrap();
            office.put_on(case, &oan);
            desk.erase_reporter(&oan, case, "asked by mail").unwrap();
            for word in ["Zyx-Zwart", "vorpal", "quuxly"] {
                let found = columns_holding(desk.store(), word);
                assert!(found.is_empty(), "{word} on {}: {found:?}", office.engine);
            }
            let bytes = |number| desk.attachment(&tri, case, number).unwrap().1;
            assert_eq!(bytes(1), b"[erased]");
            assert_eq!(bytes(2), b"our own trace");
        },
    );
}

#[test]
fn the_bytes_of_a_file_that_another_case_has_too_stay_there() {
    on_each_engine(
        "the_bytes_of_a_file_that_another_case_has_too_stay_there",
        |office| {
            let (desk, oan, tri) = (&office.desk, office.actor("oan"), office.actor("tri"));
            let mail = casework::IncomingMail::parse(MAIL.as_bytes()).unwrap();
            let case = desk.take_mail(&tri, &mail, None, false).unwrap().case;
            let case = case.unwrap();
            let other = office.in_triage();
            let bytes = desk.attachment(&tri, case, 1).unwrap().1;
            let file = casework::File {
                name: "same.txt".into(),
                bytes: bytes.clone(),
            };
            desk.attach(&tri, other, file).unwrap();
            office.put_on(case, &oan);
            desk.erase_reporter(&oan, case, "asked by mail").unwrap();
            assert_eq!(desk.attachment(&tri, case, 1).unwrap().1, b"[erased]");
            assert_eq!(desk.attachment(&tri, other, 1).unwrap().1, bytes);
        },
    );
}

#[test]
fn a_name_that_is_also_another_word_takes_nothing_else_along() {
    on_each_engine(
        "a_name_that_is_also_another_word_takes_nothing_else_along",
        |office| {
            let (desk, oan) = (&office.desk, office.actor("oan"));
            let case = office.in_triage();
            // The number of the case, a word of the change log, a severity.
            for name in ["1", "restricted", "critical"] {
                desk.add_person(&oan, name, "", &[Role::Triager]).unwrap();
            }
            let tri = office.actor("tri");
            desk.set_severity(&tri, case, Severity::Critical, "")
                .unwrap();
            for name in ["1", "restricted", "critical"] {
                desk.leave(&oan, name).unwrap();
                desk.erase_person(&oan, name, "asked").unwrap();
            }
            let changes = desk.store().read(|r| r.changes_after(0, 500)).unwrap();
            let of_case = changes.iter().filter(|change| change.object == "1");
            assert!(of_case.count() >= 3, "{changes:?}");
            assert!(changes.iter().any(|change| change.object == "erased-1"));
            let events = desk.store().read(|r| r.audit_of("case 1")).unwrap();
            let severity = events.iter().find(|event| event.action == "case.severity");
            assert!(severity.unwrap().detail.contains("critical"));
            assert_eq!(desk.check_clocks().unwrap(), []);
        },
    );
}

#[test]
fn what_was_typed_into_the_form_and_through_the_link_is_in_no_table_once_it_is_erased() {
    on_each_engine("what_was_typed_into_the_form_is_in_no_table", |office| {
        let (desk, oan, tri) = (&office.desk, office.actor("oan"), office.actor("tri"));
        let smtp = crate::smtp::Smtp::start(&[]);
        let mut server = crate::mail::server(&smtp);
        server.may_carry_texts = true;
        crate::mail::set(office, &server);
        // Each word stands in one place of the form, or of what came later.
        let form = casework::FormReport {
            title: "word1a word1b".into(),
            product: "word2a word2b".into(),
            component: "word3".into(),
            versions: "word4".into(),
            what: "word5".into(),
            proof: "word6".into(),
            public_status: "word7".into(),
            plan: "word8".into(),
            name: "word9 nine".into(),
            contact: "word10@example.org".into(),
            wants_credit: true,
            credit: "word11 eleven".into(),
            confidential: "word12".into(),
            requests_id: true,
        };
        let receipt = desk.intake().file(&form, Vec::new()).unwrap();
        let case = desk.cases(&tri, 0, 1).unwrap()[0].id;
        desk.take(&tri, case).unwrap();
        desk.ask_reporter(&tri, case, "Which version, word9 nine?")
            .unwrap();
        crate::services::run_a_while(office);
        assert_eq!(smtp.taken().len(), 1);
        let (link, secret) = (desk.link(), receipt.secret.reveal());
        link.answer(secret, "word13").unwrap();
        // What is said twice: of the first nothing else tells.
        link.set_credit(secret, true, "word14 fourteen").unwrap();
        link.set_credit(secret, true, "word15 fifteen").unwrap();
        link.set_contact(secret, "word16 sixteen", "word17@example.org")
            .unwrap();
        link.attach(
            secret,
            casework::File {
                name: "word18.txt".into(),
                bytes: b"word19".to_vec(),
            },
        )
        .unwrap();
        desk.write_digests().unwrap();
        office.put_on(case, &oan);
        let words: Vec<String> = (1..=18).map(|number| format!("word{number}")).collect();
        // A later wish for credit took the place of the form's.
        for word in words.iter().filter(|word| *word != "word11") {
            assert!(!columns_holding(desk.store(), word).is_empty(), "{word}");
        }
        desk.erase_reporter(&oan, case, "asked by mail").unwrap();
        for word in &words {
            let found = columns_holding(desk.store(), word);
            assert!(found.is_empty(), "{word} on {}: {found:?}", office.engine);
        }
        let view = desk.case(&tri, case).unwrap();
        assert_eq!(view.summary.product, "[erased]");
        let arrived = desk.arrived(&tri, case).unwrap().unwrap();
        assert_eq!(arrived.product, "[erased]");
        // The product can still be said, and the case goes on.
        desk.set_product(&tri, case, "node-agent").unwrap();
        desk.erase_reporter(&oan, case, "asked again").unwrap();
        let view = desk.case(&tri, case).unwrap();
        assert_eq!(view.summary.product, "node-agent");
        let status = link.status(secret).unwrap();
        assert_eq!(status.reference, receipt.reference);
    });
}
