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
