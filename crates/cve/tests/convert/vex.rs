//! OpenVEX documents.

use cve::convert::Target;
use serde_json::json;

use crate::{document, publisher, range, record, rejected, try_convert, widget};

#[test]
fn every_statement_has_what_its_status_asks() {
    let document = document(
        &record(widget(json!([range("1.0.0", "2.0.0")]))),
        Target::OpenVex,
    );
    let statements = document["statements"].as_array().unwrap();
    let said: Vec<_> = statements
        .iter()
        .map(|one| {
            let keys = ["impact_statement", "action_statement", "justification"];
            let has: Vec<&str> = keys
                .into_iter()
                .filter(|key| one.get(key).is_some())
                .collect();
            format!("{} {}", one["status"].as_str().unwrap(), has.join(" "))
        })
        .collect();
    assert_eq!(
        said,
        [
            "affected action_statement",
            "not_affected impact_statement",
            "fixed "
        ]
    );
    assert_eq!(
        statements[0]["status_notes"],
        "Example Widget from 1.0.0, before 2.0.0 (vers:semver/>=1.0.0|<2.0.0)"
    );
}

#[test]
fn a_package_is_named_by_its_purl_with_a_version_where_there_is_one() {
    let record = record(
        json!([{"packageURL": "pkg:npm/widget", "collectionURL": "https://x.example", "packageName": "widget",
        "versions": [{"version": "1.0.0", "status": "affected"}, range("2.0.0", "3.0.0")]}]),
    );
    let document = document(&record, Target::OpenVex);
    let ids: Vec<_> = document["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["products"][0]["@id"])
        .collect();
    assert_eq!(ids, ["pkg:npm/widget@1.0.0", "pkg:npm/widget"]);
}

#[test]
fn ids_are_stable_and_differ_between_records() {
    let one = record(widget(json!([range("1.0.0", "2.0.0")])));
    let mut other = one.clone();
    other["cveMetadata"]["cveId"] = json!("CVE-1900-0003");
    let id = |record| document(record, Target::OpenVex)["@id"].clone();
    assert_eq!(id(&one), id(&one));
    assert_ne!(id(&one), id(&other));
}

#[test]
fn a_rejected_record_has_nothing_to_state() {
    let refused = try_convert(&rejected(), Target::OpenVex, &publisher()).unwrap_err();
    assert_eq!(refused.findings[0].code, "CONV-VEX-REJECTED");
}
