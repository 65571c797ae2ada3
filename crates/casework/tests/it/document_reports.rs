//! Documents of others, filed as reports.

use casework::{CaseId, File};

use crate::office::{Office, on_each_engine, refusal_code};

const GHSA: &str = r#"{
  "ghsa_id": "GHSA-2222-3333-4444", "summary": "Node agent reads any file",
  "description": "It follows symbolic links.",
  "severity": "high",
  "cvss": {"vector_string": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N", "score": 6.5},
  "cwes": [{"cwe_id": "CWE-61", "name": "UNIX Symbolic Link (Symlink) Following"}],
  "references": [{"url": "https://git.example.org/node-agent/pull/1"}],
  "credits": [{"user": {"login": "alexb"}, "type": "finder"}, {"user": {"login": "kim"}, "type": "analyst"}],
  "vulnerabilities": [
    {"package": {"ecosystem": "npm", "name": "other"}, "vulnerable_version_range": "< 9.0.0"},
    {"package": {"ecosystem": "go", "name": "node-agent"}, "vulnerable_version_range": ">= 1.2.0, < 1.4.3"}
  ]
}"#;

fn file(text: &str) -> File {
    File {
        name: "advisory.json".into(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn filed(office: &Office, text: &str) -> CaseId {
    let tri = office.actor("tri");
    office
        .desk
        .file_document(&tri, file(text), None)
        .unwrap()
        .id
}

#[test]
fn a_document_fills_the_places_a_report_has_and_is_attached() {
    on_each_engine(
        "a_document_fills_the_places_a_report_has_and_is_attached",
        |office| {
            let case = filed(office, GHSA);
            let tri = office.actor("tri");
            let view = office.desk.case(&tri, case).unwrap();
            assert_eq!(view.summary.title, "Node agent reads any file");
            assert_eq!(view.summary.product, "node-agent", "{}", office.engine);
            assert!(view.summary.embargoed);
            let report = view.report;
            assert_eq!(report.cvss, "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N");
            assert_eq!(report.weakness, "CWE-61");
            let range = &report.affected[0];
            assert_eq!(
                (range.from.as_str(), range.before.as_str()),
                ("1.2.0", "1.4.3")
            );
            assert_eq!(report.affected.len(), 1);
            let url = "https://git.example.org/node-agent/pull/1".to_owned();
            assert!(report.references.contains(&url), "{:?}", report.references);
            assert_eq!(report.reporter.credit, "@alexb");
            assert!(
                report.body.contains("It credits @kim too."),
                "{}",
                report.body
            );
            assert!(report.body.contains("other too."), "{}", report.body);
            let arrived = office.desk.arrived(&tri, case).unwrap().unwrap();
            assert_eq!(arrived.consent, "");
            let (kept, bytes) = office.desk.attachment(&tri, case, 1).unwrap();
            assert_eq!(
                (kept.name.as_str(), kept.by.as_str()),
                ("advisory.json", "tri")
            );
            assert_eq!(bytes, GHSA.as_bytes());
        },
    );
}

#[test]
fn each_form_that_can_be_read_becomes_a_report() {
    on_each_engine("each_form_that_can_be_read_becomes_a_report", |office| {
        let osv = r#"{"id": "EX-1", "summary": "From OSV", "modified": "2026-01-02T03:04:05Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "widget"}}]}"#;
        let cve5 = r#"{"title": "From a container", "descriptions": [{"lang": "en", "value": "x"}],
            "affected": [{"vendor": "Example", "product": "node-agent", "defaultStatus": "affected"}]}"#;
        let csaf = r#"{"document": {"csaf_version": "2.0", "title": "From CSAF", "category":
            "csaf_security_advisory"}, "vulnerabilities": [{"title": "From CSAF"}]}"#;
        let vulnogram = r#"{"CNA_private": {}, "CVE_data_meta": {"ID": "CVE-1900-00001",
            "TITLE": "From Vulnogram"}, "description": {"description_data": [{"lang": "eng",
            "value": "y"}]}}"#;
        for (text, title) in [
            (osv, "From OSV"),
            (cve5, "From a container"),
            (csaf, "From CSAF"),
            (vulnogram, "From Vulnogram"),
        ] {
            let case = filed(office, text);
            let view = office.desk.case(&office.actor("tri"), case).unwrap();
            assert_eq!(view.summary.title, title, "{}", office.engine);
        }
    });
}

#[test]
fn a_document_that_is_refused_names_the_forms_and_leaves_nothing() {
    on_each_engine(
        "a_document_that_is_refused_names_the_forms_and_leaves_nothing",
        |office| {
            let (desk, tri) = (&office.desk, office.actor("tri"));
            let unknown = desk.file_document(&tri, file(r#"{"colour": "red"}"#), None);
            let said = unknown.unwrap_err().to_string();
            for form in [
                "ghsa",
                "osv",
                "csaf",
                "cve4",
                "cve5",
                "vulnogram",
                "`colour`",
            ] {
                assert!(said.contains(form), "{form}: {said}");
            }
            let broken = desk.file_document(&tri, file("{"), None);
            assert_eq!(refusal_code(broken), "invalid");
            let product = desk.file_document(&tri, file(GHSA), Some("nothing"));
            assert_eq!(refusal_code(product), "unknown_product");
            let auditor = desk.file_document(&office.actor("aud"), file(GHSA), None);
            assert_eq!(refusal_code(auditor), "not_allowed");
            assert!(
                desk.cases(&tri, 0, 10).unwrap().is_empty(),
                "{}",
                office.engine
            );
        },
    );
}

#[test]
fn what_has_no_place_in_a_report_is_listed_up_to_a_hundred_lines() {
    on_each_engine(
        "what_has_no_place_in_a_report_is_listed_up_to_a_hundred_lines",
        |office| {
            let versions: Vec<String> = (0..150)
                .map(|n| format!(r#"{{"version": "1.0.{n}", "status": "affected"}}"#))
                .collect();
            let text = format!(
                r#"{{"title": "x", "descriptions": [{{"lang": "en", "value": "x"}}], "affected":
                    [{{"vendor": "Example", "product": "node-agent", "versions": [{}]}}]}}"#,
                versions.join(",")
            );
            let case = filed(office, &text);
            let view = office.desk.case(&office.actor("tri"), case).unwrap();
            let body = view.report.body;
            assert_eq!(
                body.matches("\n- ").count(),
                101,
                "{}: {body}",
                office.engine
            );
            assert!(body.ends_with("\n- 50 more: see the document."), "{body}");
        },
    );
}

#[test]
fn a_draft_begins_with_the_document_that_came_as_the_report() {
    on_each_engine(
        "a_draft_begins_with_the_document_that_came_as_the_report",
        |office| {
            let (case, id) = office.assigned();
            let (tri, ana, desk) = (office.actor("tri"), office.actor("ana"), &office.desk);
            let start = |number| desk.start_draft(&ana, id, &casework::Start::Reported(number));
            let refusal = crate::office::refused(start(None)).to_string();
            assert!(refusal.contains("`--from report`"), "{refusal}");
            let notes = File {
                name: "notes.txt".into(),
                bytes: b"a trace".to_vec(),
            };
            desk.attach(&tri, case, notes).unwrap();
            desk.attach(&tri, case, file(GHSA)).unwrap();
            assert_eq!(refusal_code(start(Some(1))), "invalid");
            start(None).unwrap();
            let document = office.document(case);
            assert_eq!(document["cna"]["title"], "Node agent reads any file");
            let description = &document["cna"]["descriptions"][0]["value"];
            assert_eq!(
                description, "It follows symbolic links.",
                "{}",
                office.engine
            );
            assert_eq!(document["advisory"]["cve_id"], id.to_string());
            // The same by its number, for somebody who is on the case alone.
            assert_eq!(start(Some(2)).unwrap().revision, 2);
            let other = office.hire("new", &[casework::Role::Analyst]);
            let refused = desk.start_draft(&other, id, &casework::Start::Reported(None));
            assert_eq!(refusal_code(refused), "not_found");
            let auditor = office.actor("aud");
            let refused = desk.start_draft(&auditor, id, &casework::Start::Reported(None));
            assert_eq!(refusal_code(refused), "not_allowed");
        },
    );
}
