//! What follows a publication: looks at copies of the record, and the
//! retrospective with its text.

use casework::{NewReleaseRule, RecordCopy, Role};
use cve::id::CveId;
use serde_json::{Value, json};
use store::cve_list::CveList;

use crate::office::{Office, on_each_engine, refusal_code, refused};
use crate::services::{Mood, on_each_engine as with_services, run_a_while};

fn published(office: &Office) -> (casework::CaseId, CveId) {
    let (case, id, _) = office.ready();
    office.desk.publish(&office.actor("pub"), id).unwrap();
    run_a_while(office);
    (case, id)
}

/// Source and state of each copy.
fn states(copies: &[RecordCopy]) -> Vec<(&str, &str)> {
    let each = copies.iter();
    each.map(|copy| (copy.source.as_str(), copy.state.as_str()))
        .collect()
}

fn list_with(folder: &std::path::Path, id: CveId, container: &Value) -> CveList {
    let record = json!({
        "cveMetadata": {"cveId": id, "state": "PUBLISHED", "dateUpdated": "2026-11-03T13:00:00Z"},
        "containers": {"cna": container, "adp": [
            {"references": [{"url": "https://example.org/added"}]},
        ]},
    });
    let list = CveList::inside(folder);
    let mut import = list.import(false).unwrap();
    import.offer(None, record.to_string().as_bytes()).unwrap();
    import.commit(Vec::new()).unwrap();
    list
}

#[test]
fn a_copy_is_the_same_since_the_first_of_the_looks_that_say_so() {
    with_services("a_copy_is_the_same_since", |services, office| {
        let (_, id) = published(office);
        let ana = office.actor("ana");
        assert_eq!(office.desk.copies(&ana, id).unwrap(), []);
        let first = office.desk.now();
        let look = || office.desk.look_at_copies(&ana, id).unwrap();
        let copies = look();
        assert_eq!(states(&copies), [("services", "same")]);
        assert_eq!(copies[0].same_since, Some(first));
        assert_eq!(copies[0].updated, "2026-11-03T12:00:00.000Z");
        office.clock.advance_ms(1_000);
        assert_eq!(look()[0].same_since, Some(first));
        let mut container = services.container(&id.to_string());
        container["title"] = json!("Somebody else's");
        services.put_record(&id.to_string(), container);
        office.clock.advance_ms(1_000);
        let copies = look();
        assert_eq!(states(&copies), [("services", "differs")]);
        assert_eq!(copies[0].same_since, None);
        let items = office.desk.checklist(&ana, id).unwrap();
        let found = items.into_iter().find(|item| item.id == "PC-12").unwrap();
        assert!(
            found
                .evidence
                .contains("the service: its content is another"),
            "{}",
            found.evidence
        );
    });
}

#[test]
fn the_imported_list_is_compared_in_what_it_keeps() {
    with_services("the_imported_list_is_compared", |services, office| {
        let (_, id) = published(office);
        let ana = office.actor("ana");
        let container = services.container(&id.to_string());
        let mut other = container.clone();
        other["title"] = json!("An old title");
        let mut reworded = container.clone();
        reworded["descriptions"][0]["value"] = json!("Old words.");
        let elsewhere: CveId = "CVE-1900-20001".parse().unwrap();
        for (listed, shown, state, words) in [
            (id, &container, "same", "what the imported list keeps"),
            (id, &other, "differs", "the imported list has another title"),
            (
                id,
                &reworded,
                "differs",
                "the imported list has another description",
            ),
            (
                elsewhere,
                &container,
                "missing",
                "the imported list does not have",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let list = list_with(folder.path(), listed, shown);
            let desk = office.desk.clone().with_cve_list(list);
            let copies = desk.look_at_copies(&ana, id).unwrap();
            assert_eq!(states(&copies), [("services", "same"), ("list", state)]);
            assert!(copies[1].words.starts_with(words), "{}", copies[1].words);
        }
    });
}

#[test]
fn a_service_that_does_not_answer_leaves_what_was_seen_before() {
    with_services(
        "a_service_that_does_not_answer_leaves",
        |services, office| {
            let (_, id) = published(office);
            let ana = office.actor("ana");
            let before = office.desk.look_at_copies(&ana, id).unwrap();
            services.set_mood(Mood::Broken);
            let refusal = refused(office.desk.look_at_copies(&ana, id)).to_string();
            assert!(
                refusal.starts_with("service: the service did not say what it has of"),
                "{refusal}"
            );
            assert_eq!(office.desk.copies(&ana, id).unwrap(), before);
        },
    );
}

#[test]
fn copies_are_looked_at_of_published_records_by_those_who_may() {
    on_each_engine("copies_are_looked_at_of_published_records", |office| {
        let (case, id, _) = office.drafted();
        let early = refused(office.desk.look_at_copies(&office.actor("ana"), id)).to_string();
        assert!(early.contains("is not published"), "{early}");
        let eve = office.hire("eve", &Role::ALL);
        assert_eq!(
            refusal_code(office.desk.look_at_copies(&eve, id)),
            "not_found"
        );
        assert_eq!(refusal_code(office.desk.copies(&eve, id)), "not_found");
        let aud = office.actor("aud");
        office.put_on(case, &aud);
        assert_eq!(
            refusal_code(office.desk.look_at_copies(&aud, id)),
            "not_allowed"
        );
    });
}

#[test]
fn a_retrospective_is_kept_with_its_text_and_stops_its_clock() {
    with_services("a_retrospective_is_kept", |_, office| {
        let (case, _) = published(office);
        let ana = office.actor("ana");
        let runs = || {
            let clocks = office.desk.clocks_of(&ana, case).unwrap();
            let found = clocks.into_iter().find(|one| one.id.to_string() == "D-19");
            found.unwrap().stopped.is_none()
        };
        assert!(runs());
        let keep = |text: &str| office.desk.keep_retrospective(&ana, case, text);
        assert_eq!(refusal_code(keep(" \n")), "invalid");
        assert!(runs());
        assert_eq!(keep("We were slow.\n").unwrap().number, 1);
        assert!(!runs());
        assert_eq!(keep("We were slow, twice.").unwrap().number, 2);
        let texts = office.desk.retrospectives(&ana, case).unwrap();
        let bodies: Vec<_> = texts.iter().map(|text| text.body.as_str()).collect();
        assert_eq!(bodies, ["We were slow.", "We were slow, twice."]);
        assert_eq!(texts[0].author, "ana");
    });
}

#[test]
fn the_profile_asks_for_the_text_before_a_published_case_is_closed() {
    with_services("the_profile_asks_for_the_text", |_, office| {
        let (case, _) = published(office);
        let rev = office.actor("rev");
        let rule = NewReleaseRule {
            profile: Some("kubernetes".into()),
            ..NewReleaseRule::default()
        };
        let admin = office.actor("admin");
        office.desk.set_release_rule(&admin, &rule).unwrap();
        let refusal = refused(office.desk.close_case(&rev, case, "done")).to_string();
        assert!(
            refusal.contains(&format!("`cna case retrospective {case} -m TEXT`")),
            "{refusal}"
        );
        let kept = office.desk.keep_retrospective(&rev, case, "It went well.");
        kept.unwrap();
        office.desk.close_case(&rev, case, "done").unwrap();
    });
}

#[test]
fn a_retrospective_is_read_and_kept_by_those_on_the_case() {
    on_each_engine("a_retrospective_is_read_and_kept", |office| {
        let case = office.in_triage();
        let eve = office.hire("eve", &Role::ALL);
        assert_eq!(
            refusal_code(office.desk.retrospectives(&eve, case)),
            "not_found"
        );
        let keep = |actor| office.desk.keep_retrospective(actor, case, "x");
        assert_eq!(refusal_code(keep(&eve)), "not_found");
        let aud = office.actor("aud");
        office.put_on(case, &aud);
        assert_eq!(refusal_code(keep(&aud)), "not_allowed");
    });
}
