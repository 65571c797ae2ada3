//! Letters to the reporter: filled from the case, shown, sent by a person.

use std::collections::BTreeMap;

use casework::{DraftEnd, Role};
use cve::id::CveId;

use crate::office::{Office, on_each_engine, refusal_code, refused};
use crate::services::{on_each_engine as with_services, run_a_while};

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

/// State and evidence of PC-15.
fn told(office: &Office, id: CveId) -> (&'static str, String) {
    let items = office.desk.checklist(&office.actor("ana"), id).unwrap();
    let found = items.into_iter().find(|item| item.id == "PC-15").unwrap();
    (found.state, found.evidence)
}

#[test]
fn a_letter_is_filled_from_the_case_and_waits_until_somebody_sends_it() {
    on_each_engine("a_letter_is_filled_from_the_case", |office| {
        let (tri, case) = (office.actor("tri"), office.in_triage());
        let letter = office
            .desk
            .draft_letter(&tri, case, "first-answer", &none());
        let letter = letter.unwrap();
        for expected in [
            "Hello Alex Beispiel,",
            "your report about node-agent: Node agent follows",
            "We keep it as R-2026-000001. tri reads it",
            "tri, for Example\n",
        ] {
            assert!(
                letter.body.contains(expected),
                "{expected}: {}",
                letter.body
            );
        }
        assert!(!letter.body.contains('$'), "{}", letter.body);
        let outgoing = office.desk.outgoing(&tri, case).unwrap().remove(0);
        assert_eq!(
            (outgoing.state.as_str(), &outgoing.body),
            ("draft", &letter.body)
        );
        let first = |office: &Office| {
            let clocks = office.desk.clocks_of(&tri, case).unwrap();
            let found = clocks.into_iter().find(|one| one.id.to_string() == "D-01");
            found.unwrap().stopped.is_some()
        };
        assert!(!first(office), "a draft answers nobody");
        office
            .desk
            .end_message(&tri, case, letter.number, DraftEnd::Sent)
            .unwrap();
        assert!(first(office));
    });
}

#[test]
fn a_letter_that_lacks_a_word_is_refused_with_its_line_and_keeps_nothing() {
    on_each_engine("a_letter_that_lacks_a_word", |office| {
        let (tri, case) = (office.actor("tri"), office.in_triage());
        let draft = |name: &str, values: &BTreeMap<String, String>| {
            refused(office.desk.draft_letter(&tri, case, name, values)).to_string()
        };
        assert_eq!(
            draft("need-info", &none()),
            "template: template `need-info`, line 8: `$QUESTION` is empty: set it with `--set \
             QUESTION=…`"
        );
        let wrong = BTreeMap::from([("NOPE".to_owned(), "x".to_owned())]);
        assert!(draft("need-info", &wrong).starts_with("values: `NOPE` is unknown, expected"));
        assert!(draft("list", &none()).starts_with("template: `list` is no letter, expected"));
        assert!(draft("published", &none()).contains("publish first"));
        assert_eq!(office.desk.outgoing(&tri, case).unwrap(), []);
    });
}

#[test]
fn the_word_after_publication_is_an_item_until_it_was_sent() {
    with_services("the_word_after_publication", |_, office| {
        let (case, id, _) = office.ready();
        let ana = office.actor("ana");
        assert_eq!(told(office, id).0, "later");
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        assert_eq!(
            told(office, id),
            ("open", "nobody told the reporter".into())
        );
        let letter = office.desk.draft_letter(&ana, case, "published", &none());
        let letter = letter.unwrap();
        assert!(letter.body.contains(&id.to_string()), "{}", letter.body);
        assert!(letter.body.contains("/advisories/"), "{}", letter.body);
        assert_eq!(told(office, id).0, "open", "a draft tells nobody");
        office
            .desk
            .end_message(&ana, case, letter.number, DraftEnd::Sent)
            .unwrap();
        let (state, evidence) = told(office, id);
        assert_eq!(state, "done");
        assert!(evidence.ends_with("says so"), "{evidence}");
    });
}

#[test]
fn a_letter_is_drafted_by_those_on_the_case_who_may_write() {
    on_each_engine("a_letter_is_drafted_by_those_on_the_case", |office| {
        let case = office.in_triage();
        let eve = office.hire("eve", &Role::ALL);
        let draft = |actor, case| {
            office
                .desk
                .draft_letter(actor, case, "first-answer", &none())
        };
        assert_eq!(refusal_code(draft(&eve, case)), "not_found");
        let aud = office.actor("aud");
        office.put_on(case, &aud);
        assert_eq!(refusal_code(draft(&aud, case)), "not_allowed");
    });
}
