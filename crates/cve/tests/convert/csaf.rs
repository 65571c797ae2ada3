//! CSAF documents. Whether they are valid is asked of the validators in CI;
//! these tests are about what they say.

use cve::convert::{CsafProfile, CsafVersion, Target};
use serde_json::{Value, json};

use crate::{csaf, document, losses, publisher, range, record, rejected, try_convert, widget};

const ADVISORY: Target = csaf(CsafVersion::V2_0, CsafProfile::SecurityAdvisory);
const ADVISORY_2_1: Target = csaf(CsafVersion::V2_1, CsafProfile::SecurityAdvisory);
const VEX: Target = csaf(CsafVersion::V2_0, CsafProfile::Vex);

/// `status: name of the leaf`, for every leaf.
fn leaves(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(&document["product_tree"]["branches"], &mut found);
    let status = document["vulnerabilities"][0]["product_status"]
        .as_object()
        .unwrap();
    let of = |id: &str| {
        let list = status
            .iter()
            .find(|(_, ids)| ids.as_array().unwrap().iter().any(|known| known == id));
        list.map(|(name, _)| name.clone()).unwrap()
    };
    found
        .iter()
        .map(|(name, id)| format!("{}: {name}", of(id)))
        .collect()
}

fn walk(branches: &Value, found: &mut Vec<(String, String)>) {
    for branch in branches.as_array().into_iter().flatten() {
        if let Some(id) = branch["product"]["product_id"].as_str() {
            found.push((branch["name"].as_str().unwrap().to_owned(), id.to_owned()));
        }
        walk(&branch["branches"], found);
    }
}

#[test]
fn each_stretch_of_versions_is_a_product_with_one_status() {
    let document = document(&record(widget(json!([range("1.0.0", "2.0.0")]))), ADVISORY);
    assert_eq!(
        leaves(&document),
        [
            "known_affected: vers:semver/>=1.0.0|<2.0.0",
            "known_not_affected: vers:semver/<1.0.0",
            "fixed: vers:semver/>=2.0.0",
        ]
    );
}

#[test]
fn a_later_entry_does_not_take_back_an_earlier_one() {
    let versions = json!([
        {"version": "1.5.0", "status": "unaffected", "versionType": "semver"},
        range("1.0.0", "2.0.0"),
    ]);
    let mut affected = widget(versions);
    affected[0]["defaultStatus"] = json!("unknown");
    assert_eq!(
        leaves(&document(&record(affected), ADVISORY)),
        [
            "known_not_affected: 1.5.0",
            "known_affected: vers:semver/>=1.0.0|!=1.5.0|<2.0.0",
        ]
    );
}

#[test]
fn product_ids_do_not_depend_on_places() {
    let other = json!({"vendor": "Example", "product": "Gadget", "versions": [{"version": "3", "status": "affected"}]});
    let alone = widget(json!([range("1.0.0", "2.0.0")]));
    let mut second = alone.clone();
    second.as_array_mut().unwrap().insert(0, other);
    let ids = |affected: Value| {
        let document = document(&record(affected), ADVISORY);
        let mut found = Vec::new();
        walk(&document["product_tree"]["branches"], &mut found);
        found
    };
    let (before, after) = (ids(alone), ids(second));
    assert_eq!(before.len(), 3);
    assert!(
        before.iter().all(|leaf| after.contains(leaf)),
        "{before:?} {after:?}"
    );
}

#[test]
fn keys_stand_in_alphabetical_order() {
    fn check(value: &Value, path: &str) {
        match value {
            Value::Object(keys) => {
                let names: Vec<&String> = keys.keys().collect();
                assert!(names.is_sorted(), "{path}: {names:?}");
                keys.iter()
                    .for_each(|(key, value)| check(value, &format!("{path}/{key}")));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, path)),
            _ => {}
        }
    }
    let bytes = include_bytes!("../../../../fixtures/records/good/published-full.json");
    let full: Value = serde_json::from_slice(bytes).unwrap();
    for target in [ADVISORY, ADVISORY_2_1, VEX] {
        check(&document(&full, target), "");
    }
}

#[test]
fn cvss_4_is_lost_in_2_0_and_kept_in_2_1() {
    let mut scored = record(widget(json!([range("1.0.0", "2.0.0")])));
    let vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    scored["containers"]["cna"]["metrics"] = json!([{"cvssV4_0": {
        "version": "4.0", "vectorString": vector, "baseScore": 9.3, "baseSeverity": "CRITICAL"}}]);
    assert_eq!(
        losses(&scored, ADVISORY),
        ["cvss-4.0 /containers/cna/metrics/0/cvssV4_0"]
    );
    let old = document(&scored, ADVISORY);
    assert_eq!(old["vulnerabilities"][0].get("scores"), None);
    let notes = old["vulnerabilities"][0]["notes"].to_string();
    assert!(notes.contains(vector), "{notes}");
    let new = document(&scored, ADVISORY_2_1);
    let score = &new["vulnerabilities"][0]["metrics"][0]["content"]["cvss_v4"];
    assert_eq!(score["baseScore"], 9.3);
    assert_eq!(losses(&scored, ADVISORY_2_1), [""; 0]);
}

#[test]
fn a_score_is_computed_from_its_vector() {
    let mut scored = record(widget(json!([range("1.0.0", "2.0.0")])));
    scored["containers"]["cna"]["metrics"] = json!([{"cvssV3_1": {
        "version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "baseScore": 5.0, "baseSeverity": "MEDIUM"}}]);
    let converted = try_convert(&scored, ADVISORY, &publisher()).unwrap();
    let codes: Vec<&str> = converted
        .findings
        .iter()
        .map(|finding| &*finding.code)
        .collect();
    assert_eq!(codes, ["CONV-HISTORY", "CONV-SCORE"]);
    let document: Value = serde_json::from_str(&converted.document).unwrap();
    let score = &document["vulnerabilities"][0]["scores"][0]["cvss_v3"];
    assert_eq!(
        (&score["baseScore"], &score["baseSeverity"]),
        (&json!(9.8), &json!("CRITICAL"))
    );
}

#[test]
fn a_weakness_has_the_name_of_the_documents_day() {
    let mut weak = record(widget(json!([range("1.0.0", "2.0.0")])));
    weak["containers"]["cna"]["problemTypes"] = json!([{"descriptions": [
        {"lang": "en", "description": "CWE-942 something", "cweId": "CWE-942", "type": "CWE"}]}]);
    let name =
        |record: &Value| document(record, ADVISORY)["vulnerabilities"][0]["cwe"]["name"].clone();
    assert_eq!(
        name(&weak),
        "Permissive Cross-domain Policy with Untrusted Domains"
    );
    weak["cveMetadata"]["dateUpdated"] = json!("2025-10-01T00:00:00Z");
    assert_eq!(
        name(&weak),
        "Permissive Cross-domain Security Policy with Untrusted Domains"
    );
}

#[test]
fn vex_says_what_to_do_and_why_not() {
    let document = document(&record(widget(json!([range("1.0.0", "2.0.0")]))), VEX);
    let one = &document["vulnerabilities"][0];
    let affected = &one["product_status"]["known_affected"];
    assert_eq!(&one["remediations"][0]["product_ids"], affected);
    assert_eq!(one["remediations"][0]["category"], "vendor_fix");
    assert_eq!(
        one["remediations"][0]["details"],
        "The CVE Record states as fixed: Example Widget from 2.0.0"
    );
    assert_eq!(
        one["threats"][0]["product_ids"],
        one["product_status"]["known_not_affected"]
    );
}

#[test]
fn an_affected_product_without_a_remedy_is_a_finding() {
    let mut affected = widget(json!([{"version": "1.0", "status": "affected"}]));
    affected[0]["defaultStatus"] = json!("unknown");
    let converted = try_convert(&record(affected), VEX, &publisher()).unwrap();
    assert!(
        converted
            .findings
            .iter()
            .any(|finding| finding.code == "CONV-REMEDIATION")
    );
    let document: Value = serde_json::from_str(&converted.document).unwrap();
    assert_eq!(
        document["vulnerabilities"][0]["remediations"][0]["category"],
        "none_available"
    );
}

#[test]
fn a_rejected_record_is_withdrawn() {
    let old = document(&rejected(), ADVISORY);
    assert_eq!(old["document"]["category"], "csaf_base");
    let new = document(&rejected(), ADVISORY_2_1);
    assert_eq!(new["document"]["category"], "csaf_withdrawn");
    assert_eq!(
        new["document"]["notes"][0]["text"],
        "It is the same as another."
    );
    assert_eq!(
        new["document"]["notes"][1]["text"],
        "Replaced by CVE-1900-0001."
    );
    assert_eq!(new.get("vulnerabilities"), None);
}

#[test]
fn a_record_without_a_status_is_refused_by_its_own_defect() {
    let silent = record(json!([{"vendor": "Example", "product": "Widget"}]));
    let refused = try_convert(&silent, ADVISORY, &publisher()).unwrap_err();
    assert_eq!(refused.findings[0].code, "CONV-CSAF-PRODUCTS");
    assert_eq!(refused.findings[0].pointer, "/containers/cna/affected");
}

#[test]
fn settings_give_id_address_and_file_name() {
    let mut publisher = publisher();
    publisher.id = Some("EX-SA-{year}:{number}".to_owned());
    publisher.document_url = Some("https://example.com/{year}/{name}".to_owned());
    let record = record(widget(json!([range("1.0.0", "2.0.0")])));
    let converted = try_convert(&record, ADVISORY, &publisher).unwrap();
    assert_eq!(converted.name, "ex-sa-1900_0001.json");
    let document: Value = serde_json::from_str(&converted.document).unwrap();
    assert_eq!(document["document"]["tracking"]["id"], "EX-SA-1900:0001");
    assert_eq!(
        document["document"]["tracking"]["aliases"],
        json!(["CVE-1900-0001"])
    );
    assert_eq!(
        document["document"]["references"][0]["url"],
        "https://example.com/1900/ex-sa-1900_0001.json"
    );
}

#[test]
fn a_record_whose_only_range_is_empty_is_refused_by_that_range() {
    let mut affected = widget(json!([range("2.0.0", "2.0.0")]));
    affected[0].as_object_mut().unwrap().remove("defaultStatus");
    let refused = try_convert(&record(affected), ADVISORY, &publisher()).unwrap_err();
    let finding = &refused.findings[0];
    assert_eq!(finding.pointer, "/containers/cna/affected/0/versions/0");
    assert!(
        finding.message.contains("its ends are the same version"),
        "{}",
        finding.message
    );
}
