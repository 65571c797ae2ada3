//! What the desk knows beside the answers changes what follows from them.

use std::path::Path;

use casework::clocks::EventKind;
use casework::decision::About;
use casework::{CaseDecision, CaseId, CaseState, HitVerdict, NewAnswer, Seen};
use serde_json::json;
use store::cve_list::CveList;

use crate::office::{Office, given, on_each_engine, report};

const LISTED: &str = "CVE-1900-20001";

fn answer_naming(office: &Office, case: CaseId, node: &str, value: &str) -> CaseDecision {
    let new = NewAnswer {
        node: node.into(),
        about: About::Case,
        value: value.into(),
        reason: String::new(),
        evidence: vec!["its mail of Monday".into()],
        names: vec!["globex".into()],
        overriding: None,
        exception: None,
    };
    let ana = office.actor("ana");
    office.desk.answer_about(&ana, case, &new).unwrap()
}

fn decision(office: &Office, case: CaseId) -> CaseDecision {
    let ana = office.actor("ana");
    office.desk.case(&ana, case).unwrap().determination
}

/// A case whose CNA with first refusal says that it is no vulnerability.
fn refused_in_private(office: &Office) -> CaseId {
    let case = office.in_triage();
    for (node, value) in [
        ("A1", "report"),
        ("A2", "yes"),
        ("A3", "private"),
        ("A4", "none"),
        ("A5", "no"),
        ("B1", "other"),
        ("B2", "no"),
    ] {
        office.answer(case, node, value);
    }
    answer_naming(office, case, "refusal", "no_vulnerability");
    case
}

#[test]
fn a_refused_report_that_leaks_goes_to_the_root_instead_of_a_dispute() {
    on_each_engine(
        "a_refused_report_that_leaks_goes_to_the_root_instead_of_a_dispute",
        |office| {
            let case = refused_in_private(office);
            let before = decision(office, case);
            assert_eq!(before.ruling.as_deref(), Some("O-DISPUTE"));
            assert_eq!(before.facts.is_public, None);
            office.happened("ana", case, EventKind::ThirdPartyDisclosed);
            let after = decision(office, case);
            assert_eq!(after.ruling.as_deref(), Some("O-ROUTE-ROOT"));
            assert_eq!(after.facts.is_public, Some(true));
            assert_eq!(office.state(case), CaseState::Routed, "{}", office.engine);
        },
    );
}

#[test]
fn the_bare_id_in_public_discloses_nothing() {
    on_each_engine("the_bare_id_in_public_discloses_nothing", |office| {
        let case = refused_in_private(office);
        office.happened("ana", case, EventKind::IdSeen);
        let after = decision(office, case);
        assert_eq!(after.ruling.as_deref(), Some("O-DISPUTE"));
    });
}

#[test]
fn a_sighting_with_details_ends_the_embargo_in_the_tasks_and_keeps_the_decision() {
    on_each_engine(
        "a_sighting_with_details_ends_the_embargo_in_the_tasks_and_keeps_the_decision",
        |office| {
            let (case, id) = office.assigned();
            let has = |task: &str| decision(office, case).tasks.iter().any(|key| key == task);
            assert!(has("repeat_embargo_terms"));
            assert!(!has("coordinate_public"));
            let before = decision(office, case);
            let ana = office.actor("ana");
            let seen = Seen {
                cve_id: id,
                source: "https://else.example/post".into(),
                line: 1,
            };
            let report = office.desk.record_hits(&ana, vec![seen]).unwrap();
            let verdict = HitVerdict {
                confirm: true,
                details: true,
                ours: false,
                note: String::new(),
            };
            let number = report.new[0].number.unwrap();
            office.desk.decide_hit(&ana, number, &verdict).unwrap();
            assert!(!has("repeat_embargo_terms"));
            assert!(has("coordinate_public"));
            let after = decision(office, case);
            assert_eq!(after.digest, before.digest, "{}", office.engine);
            assert_eq!(office.state(case), CaseState::Disclosed);
        },
    );
}

#[test]
fn a_report_that_is_not_enough_is_asked_for_what_it_lacks() {
    on_each_engine(
        "a_report_that_is_not_enough_is_asked_for_what_it_lacks",
        |office| {
            let tri = office.actor("tri");
            let mut poor = report();
            poor.affected.clear();
            poor.references.clear();
            poor.reporter.contact.clear();
            let case = office.desk.receive(&tri, &poor).unwrap();
            office.desk.take(&tri, case).unwrap();
            office.answer(case, "A1", "report");
            office.answer(case, "A3", "private");
            let decision = office.answer(case, "A2", "no");
            assert_eq!(
                decision.ruling.as_deref(),
                Some("O-NEEDINFO(version, proof, contact)")
            );
            let full = office.in_triage();
            office.answer(full, "A1", "report");
            let decision = office.answer(full, "A2", "no");
            assert_eq!(
                decision.ruling.as_deref(),
                Some("O-NEEDINFO(public_status)")
            );
        },
    );
}

/// A CVE List with one record, of this day.
fn list(folder: &Path, published: &str) -> CveList {
    let record = json!({
        "cveMetadata": {
            "cveId": LISTED, "state": "PUBLISHED", "datePublished": format!("{published}T10:00:00"),
        },
        "containers": {"cna": {
            "title": "Old",
            "descriptions": [{"lang": "en", "value": "Old."}],
            "affected": [{"vendor": "Else", "product": "thing"}],
            "references": [{"url": "https://example.org/old"}],
        }},
    });
    let list = CveList::inside(folder);
    let mut import = list.import(false).unwrap();
    import.offer(None, record.to_string().as_bytes()).unwrap();
    import.commit(Vec::new()).unwrap();
    list
}

#[test]
fn a_correction_is_about_the_listed_record_the_report_refers_to() {
    on_each_engine(
        "a_correction_is_about_the_listed_record_the_report_refers_to",
        |office| {
            for (published, ruling, state) in [
                ("2016-10-30", "O-FORWARD(secretariat)", CaseState::Routed),
                ("2016-10-31", "O-AMEND(CVE-1900-20001)", CaseState::Triage),
            ] {
                let folder = tempfile::tempdir().unwrap();
                let desk = office
                    .desk
                    .clone()
                    .with_cve_list(list(folder.path(), published));
                let (tri, ana) = (office.actor("tri"), office.actor("ana"));
                let mut report = report();
                report
                    .references
                    .push(format!("https://www.cve.org/CVERecord?id={LISTED}"));
                let case = desk.receive(&tri, &report).unwrap();
                desk.take(&tri, case).unwrap();
                let decision = desk.answer(&ana, case, "A1", &given("correction")).unwrap();
                assert_eq!(
                    decision.ruling.as_deref(),
                    Some(ruling),
                    "{}",
                    office.engine
                );
                let record = Some((LISTED.to_owned(), Some(published.to_owned())));
                assert_eq!(decision.facts.record, record);
                assert_eq!(office.state(case), state);
            }
        },
    );
}

#[test]
fn a_correction_of_an_own_record_knows_its_day_from_the_ledger() {
    on_each_engine(
        "a_correction_of_an_own_record_knows_its_day_from_the_ledger",
        |office| {
            let id = office.fill_pool();
            office.write(move |tx| {
                let mut line = tx.take_ledger_line(id)?.unwrap();
                line.state = "PUBLISHED".into();
                line.published_at = Some("2016-05-01T10:00:00Z".parse().unwrap());
                tx.update_ledger_line(&line)
            });
            let case = office.in_triage();
            let ana = office.actor("ana");
            let link = format!("https://www.cve.org/CVERecord?id={id}");
            office
                .desk
                .relate(
                    &ana,
                    case,
                    casework::Relation::Related,
                    &link.parse().unwrap(),
                    "",
                )
                .unwrap();
            let decision = office.answer(case, "A1", "correction");
            assert_eq!(
                decision.facts.record,
                Some((id.to_string(), Some("2016-05-01".into())))
            );
            assert_eq!(decision.ruling.as_deref(), Some("O-FORWARD(secretariat)"));
        },
    );
}
