//! Embargo: nothing of a case is public before its advisory is, and then
//! exactly the advisory's words are.

use casework::{CaseId, Report};
use serde_json::json;
use store::Visibility;

use crate::office::{Office, on_each_engine};
use crate::services::Services;

/// A word in every field of a report, none of which occurs anywhere else.
const REPORT: &str = "---
title: Qtitle of a flaw
product: node-agent
reporter: {name: Qname, contact: qcontact@example.org, credit: Qcredit}
severity: high
weakness: CWE-61
cvss: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N
affected:
  - {from: 77.1.0, before: 77.1.9}
references:
  - https://git.example.org/qreference
public:
  description: Qdescription is what readers learn.
  solution: Qsolution is what they do.
  workaround: Qworkaround until then.
answers:
  A1: {value: report, reason: Qreason}
---
Qbody tells how to attack.
";

/// Words the reporter and the team keep.
const SECRET: [&str; 6] = [
    "Qname",
    "qcontact",
    "Qbody",
    "Qreason",
    "Qcomment",
    "Qreturned",
];

/// Words the advisory is made of.
const PUBLIC: [&str; 7] = [
    "Qtitle",
    "Qdescription",
    "Qsolution",
    "Qworkaround",
    "Qcredit",
    "qreference",
    "77.1.9",
];

/// Everything the public can be told, in one text.
fn told(office: &Office) -> String {
    let published = office.desk.published();
    let mut text = published.json_feed().unwrap().to_string();
    for advisory in published.advisories(0, 500).unwrap() {
        text.push_str(&json!(advisory).to_string());
        let id = &advisory.advisory.id;
        text.push_str(&json!(published.advisory(id).unwrap()).to_string());
        for kind in ["cve.json", "csaf.json", "osv.json"] {
            let document = published.document(id, kind).unwrap();
            let body = document.map(|document| document.body).unwrap_or_default();
            text.push_str(&String::from_utf8(body).unwrap());
        }
    }
    let changes = office
        .desk
        .store()
        .read(|reader| reader.changes_after(0, 10_000));
    for change in changes.unwrap() {
        if change.visibility == Visibility::Public {
            text.push_str(&format!("{change:?}"));
        }
    }
    text
}

/// The planted report, decided, drafted and approved, with what a team says.
fn ready(office: &Office) -> (CaseId, cve::id::CveId) {
    let (desk, ana) = (&office.desk, office.actor("ana"));
    let case = desk.receive(&ana, &Report::parse(REPORT).unwrap()).unwrap();
    desk.take(&ana, case).unwrap();
    for (node, answer) in crate::office::assigning_answers() {
        let answer = casework::GivenAnswer {
            reason: "Qreason".into(),
            ..answer
        };
        desk.answer(&ana, case, node, &answer).unwrap();
    }
    desk.comment(&ana, case, "Qcomment").unwrap();
    let id = office.fill_pool();
    desk.assign(&ana, case, Some(crate::office::year()))
        .unwrap();
    let draft = desk.draft_from_report(&ana, id).unwrap();
    let rev = office.actor("rev");
    desk.return_draft(&rev, id, draft.digest, "Qreturned")
        .unwrap();
    desk.approve(&rev, id, draft.digest, "Qcomment", &crate::office::taken())
        .unwrap();
    office.tell_reporter(id);
    (case, id)
}

#[test]
fn nothing_of_an_embargoed_case_is_public() {
    on_each_engine("nothing_of_an_embargoed_case_is_public", |office| {
        let (case, id) = ready(office);
        office.desk.follow_feed().unwrap();
        let told = told(office);
        for word in SECRET.iter().chain(&PUBLIC) {
            assert!(!told.contains(word), "{word}: {told}");
        }
        assert!(!told.contains(&id.to_string()), "{told}");
        let published = office.desk.published();
        assert_eq!(published.advisory_of(id).unwrap(), None);
        let named = office.document(case)["advisory"]["id"].clone();
        let named = named.as_str().unwrap();
        assert!(published.advisory(named).unwrap().is_none());
    });
}

#[test]
fn after_publishing_exactly_the_advisorys_words_are_public() {
    let services = Services::start();
    for test in store::testing::engines("after_publishing_exactly_the_advisorys_words_are_public") {
        let office = services.office(test);
        let (case, id) = ready(&office);
        office.desk.publish(&office.actor("pub"), id).unwrap();
        office.desk.runner().run_due().unwrap();
        assert_eq!(office.state(case), casework::CaseState::Published);
        let told = told(&office);
        for word in PUBLIC {
            assert!(told.contains(word), "{word}: {told}");
        }
        for word in SECRET {
            assert!(!told.contains(word), "{word}: {told}");
        }
    }
}

fn views(office: &Office, case: CaseId) -> Vec<String> {
    let events = office
        .desk
        .store()
        .read(|reader| reader.audit_of(&format!("case {case}")));
    events
        .unwrap()
        .into_iter()
        .filter(|event| event.action == "case.view")
        .map(|event| event.actor)
        .collect()
}

#[test]
fn every_view_of_an_embargoed_case_is_written_to_the_audit_chain() {
    on_each_engine(
        "every_view_of_an_embargoed_case_is_written_to_the_audit_chain",
        |office| {
            let case = office.received();
            for name in ["ana", "rev", "ana"] {
                office.desk.case(&office.actor(name), case).unwrap();
            }
            assert_eq!(views(office, case), ["ana", "rev", "ana"]);
        },
    );
}

#[test]
fn a_refused_view_is_no_view() {
    on_each_engine("a_refused_view_is_no_view", |office| {
        let case = office.received();
        crate::office::refused(office.desk.case(&office.actor("aud"), case));
        assert!(views(office, case).is_empty());
    });
}

#[test]
fn publishing_ends_the_embargo() {
    on_each_engine("publishing_ends_the_embargo", |office| {
        let (case, id) = ready(office);
        let ana = office.actor("ana");
        assert!(office.desk.case(&ana, case).unwrap().summary.embargoed);
        let before = views(office, case).len();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        assert!(!office.desk.case(&ana, case).unwrap().summary.embargoed);
        assert_eq!(views(office, case).len(), before);
    });
}

#[test]
fn a_report_is_embargoed_unless_it_says_otherwise() {
    on_each_engine("a_report_is_embargoed_unless_it_says_otherwise", |office| {
        let (desk, ana) = (&office.desk, office.actor("ana"));
        let embargoed = |report: &str| {
            let case = desk.receive(&ana, &Report::parse(report).unwrap()).unwrap();
            desk.case(&ana, case).unwrap().summary.embargoed
        };
        assert!(embargoed(REPORT));
        let open = REPORT.replace("severity:", "embargoed: false\nseverity:");
        assert!(!embargoed(&open));
    });
}
