//! Handing a report over: partners, letters, and the clock on their answer.

use casework::DraftEnd;
use casework::clocks::DeadlineId;
use serde_json::json;

use crate::office::{Office, on_each_engine, refused};

/// A list as the Program publishes it.
fn list() -> String {
    let of = |name: &str, long: &str, scope: &str, mail: &str| {
        json!({"shortName": name, "organizationName": long, "scope": scope,
            "contact": [{"email": [{"emailAddr": mail}]}], "CNA": {"roles": [{"role": "CNA"}]}})
    };
    json!([
        of(
            "acme",
            "Acme Corporation",
            "Acme products only.",
            "psirt@acme.example"
        ),
        of(
            "orchestra",
            "Example Orchestra",
            "The node-agent of Example.",
            ""
        ),
    ])
    .to_string()
}

fn with_partners(office: &Office) {
    let admin = office.actor("admin");
    assert_eq!(office.desk.set_partners(&admin, &list()).unwrap(), 2);
}

/// The letter with what a person has to say said.
fn filled(letter: &str) -> String {
    let mut text = String::new();
    let mut rest = letter;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        text.push_str("words");
        rest = after.split_once(']').unwrap().1;
    }
    text + rest
}

fn has_clock(office: &Office, case: casework::CaseId) -> bool {
    let clocks = office.desk.clocks_of(&office.actor("tri"), case).unwrap();
    clocks
        .iter()
        .any(|clock| clock.id == DeadlineId::D03 && clock.subject == "acme")
}

#[test]
fn partners_are_ranked_for_the_product_of_a_case() {
    on_each_engine("partners_are_ranked_for_the_product_of_a_case", |office| {
        let (desk, tri, case) = (&office.desk, office.actor("tri"), office.in_triage());
        let before = desk.routing(&tri, case, None, None, false).unwrap();
        assert_eq!((before.partners, before.routes.len()), (0, 0));
        with_partners(office);
        let found = desk.routing(&tri, case, None, None, false).unwrap();
        assert_eq!(found.product, "Example node-agent");
        assert_eq!(found.routes[0].partner.short_name, "orchestra");
        assert_eq!(found.letter, None);
        let found = desk.routing(&tri, case, Some("Acme Anvil"), Some("ACME"), true);
        let found = found.unwrap();
        assert_eq!(found.routes[0].partner.short_name, "acme");
        let letter = found.letter.unwrap();
        assert!(
            letter.starts_with("To: Acme Corporation <psirt@acme.example>"),
            "{letter}"
        );
        assert!(letter.contains("within 72 hours"), "{letter}");
    });
}

#[test]
fn a_letter_with_open_brackets_is_not_drafted_and_one_that_is_sent_starts_the_clock() {
    on_each_engine("a_letter_that_is_sent_starts_the_clock", |office| {
        with_partners(office);
        let (desk, tri, case) = (&office.desk, office.actor("tri"), office.in_triage());
        let routing = desk.routing(&tri, case, None, Some("acme"), false).unwrap();
        let letter = routing.letter.unwrap();
        let open = refused(desk.draft_routing(&tri, case, "acme", &letter)).to_string();
        assert!(
            open.contains("`[product, component and versions; effect; proof]` is still to be"),
            "{open}"
        );
        let unknown = refused(desk.draft_routing(&tri, case, "nobody", "words")).to_string();
        assert!(
            unknown.contains("`nobody` is not among the 2 partners"),
            "{unknown}"
        );
        let number = desk
            .draft_routing(&tri, case, "acme", &filled(&letter))
            .unwrap();
        let contacts = desk.vendor_contacts(&tri, case).unwrap();
        assert_eq!(
            (contacts[0].name.as_str(), contacts[0].address.as_str()),
            ("acme", "psirt@acme.example")
        );
        assert!(!has_clock(office, case), "nothing is sent yet");
        desk.end_message(&tri, case, number, DraftEnd::SentByHand)
            .unwrap();
        assert!(has_clock(office, case), "{}", office.engine);
        let events = desk.store().read(|r| r.case_events(case.number())).unwrap();
        let told = events.iter().filter(|event| event.kind == "cna_contacted");
        assert_eq!(told.count(), 1);
    });
}

#[test]
fn a_letter_that_is_dropped_starts_no_clock() {
    on_each_engine("a_letter_that_is_dropped_starts_no_clock", |office| {
        with_partners(office);
        let (desk, tri, case) = (&office.desk, office.actor("tri"), office.in_triage());
        let number = desk
            .draft_routing(&tri, case, "acme", "It is yours.")
            .unwrap();
        desk.end_message(&tri, case, number, DraftEnd::Dropped)
            .unwrap();
        assert!(!has_clock(office, case), "{}", office.engine);
    });
}

#[test]
fn another_document_than_a_list_of_partners_is_refused_and_the_old_one_stays() {
    on_each_engine("another_document_than_a_list_of_partners", |office| {
        with_partners(office);
        let admin = office.actor("admin");
        for text in ["{}", "[]", "[{\"name\": 1}]"] {
            let said = refused(office.desk.set_partners(&admin, text)).to_string();
            assert!(said.starts_with("partners: "), "{said}");
        }
        let case = office.in_triage();
        let found = office
            .desk
            .routing(&admin, case, None, None, false)
            .unwrap();
        assert_eq!(found.partners, 2);
    });
}
