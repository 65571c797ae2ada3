//! Documents made of records: CSAF, OSV, OpenVEX and CycloneDX.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise; clippy knows that only of functions marked as tests"
)]

mod agreement;
mod csaf;
mod cyclonedx;
mod osv;
mod osv_schema;
mod records;
#[path = "../verdict/shared.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod shared;
mod vex;

use cve::convert::{
    Converted, CsafProfile, CsafVersion, CycloneDxVersion, Options, Publisher, Record, Refused,
    Target,
};
use cve::time::Timestamp;
use serde_json::{Value, json};

/// Every target of these tests.
pub(crate) const TARGETS: [Target; 8] = [
    csaf(CsafVersion::V2_0, CsafProfile::SecurityAdvisory),
    csaf(CsafVersion::V2_0, CsafProfile::Vex),
    csaf(CsafVersion::V2_1, CsafProfile::SecurityAdvisory),
    csaf(CsafVersion::V2_1, CsafProfile::Vex),
    Target::Osv,
    Target::OpenVex,
    Target::CycloneDx(CycloneDxVersion::V1_6),
    Target::CycloneDx(CycloneDxVersion::V1_7),
];

pub(crate) const fn csaf(version: CsafVersion, profile: CsafProfile) -> Target {
    Target::Csaf { version, profile }
}

pub(crate) fn publisher() -> Publisher {
    let mut publisher = Publisher::unnamed();
    publisher.name = "Example".to_owned();
    publisher.namespace = "https://example.com".to_owned();
    publisher
}

/// A moment; no document of these tests may depend on it.
pub(crate) fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn try_convert(
    record: &Value,
    target: Target,
    publisher: &Publisher,
) -> Result<Converted, Refused> {
    let bytes = record.to_string().into_bytes();
    let record = Record::parse(&bytes).unwrap();
    cve::convert::convert(&record, target, &Options::new(publisher, now()))
}

/// The document of a record, as JSON.
pub(crate) fn document(record: &Value, target: Target) -> Value {
    let converted = try_convert(record, target, &publisher()).unwrap();
    serde_json::from_str(&converted.document).unwrap()
}

/// What is lost, `kind pointer` each.
pub(crate) fn losses(record: &Value, target: Target) -> Vec<String> {
    let converted = try_convert(record, target, &publisher()).unwrap();
    let losses = converted.losses.iter();
    losses
        .map(|loss| format!("{} {}", loss.kind, loss.pointer))
        .collect()
}

/// A record with these entries of `affected`.
pub(crate) fn record(affected: Value) -> Value {
    json!({
        "dataType": "CVE_RECORD", "dataVersion": "5.2.0",
        "cveMetadata": {
            "cveId": "CVE-1900-0001", "assignerOrgId": "b3c1a1a0-0000-4000-8000-000000000001",
            "assignerShortName": "example", "state": "PUBLISHED",
            "datePublished": "2024-05-01T10:00:00", "dateUpdated": "2024-06-01T10:00:00.000Z",
        },
        "containers": {"cna": {
            "providerMetadata": {"orgId": "b3c1a1a0-0000-4000-8000-000000000001"},
            "title": "Widget runs any command",
            "descriptions": [{"lang": "en", "value": "A flaw in Widget lets anyone run commands."}],
            "affected": affected,
            "references": [{"url": "https://example.com/advisory", "tags": ["vendor-advisory"]}],
        }},
    })
}

/// One product with a range of semantic versions.
pub(crate) fn widget(versions: Value) -> Value {
    json!([{"vendor": "Example", "product": "Widget", "defaultStatus": "unaffected", "versions": versions}])
}

pub(crate) fn range(from: &str, before: &str) -> Value {
    json!({"version": from, "lessThan": before, "versionType": "semver", "status": "affected"})
}

/// A rejected record.
pub(crate) fn rejected() -> Value {
    json!({
        "dataType": "CVE_RECORD", "dataVersion": "5.2.0",
        "cveMetadata": {
            "cveId": "CVE-1900-0002", "assignerOrgId": "b3c1a1a0-0000-4000-8000-000000000001",
            "state": "REJECTED", "datePublished": "2024-05-01T10:00:00Z",
            "dateRejected": "2024-06-01T10:00:00Z", "dateUpdated": "2024-06-01T10:00:00Z",
        },
        "containers": {"cna": {
            "providerMetadata": {"orgId": "b3c1a1a0-0000-4000-8000-000000000001"},
            "rejectedReasons": [{"lang": "en", "value": "It is the same as another."}],
            "replacedBy": ["CVE-1900-0001"],
        }},
    })
}

#[test]
fn the_same_record_gives_the_same_bytes_whatever_the_time() {
    let bytes = record(widget(json!([range("1.0.0", "2.0.0")])))
        .to_string()
        .into_bytes();
    let publisher = publisher();
    let later = Options::new(&publisher, now().plus_ms(1_000_000));
    for target in TARGETS {
        let record = Record::parse(&bytes).unwrap();
        let first = cve::convert::convert(&record, target, &Options::new(&publisher, now()));
        assert_eq!(
            first,
            cve::convert::convert(&record, target, &later),
            "{target:?}"
        );
    }
}

#[test]
fn what_no_place_is_found_for_is_listed() {
    let mut with_extras = record(widget(json!([range("1.0.0", "2.0.0")])));
    let cna = &mut with_extras["containers"]["cna"];
    cna["x_note"] = json!("kept nowhere");
    cna["taxonomyMappings"] = json!([{"taxonomyName": "ATT&CK", "taxonomyRelations": [
        {"taxonomyId": "T1", "relationshipName": "mitigated by", "relationshipValue": "M1"}]}]);
    cna["descriptions"][0]["supportingMedia"] =
        json!([{"type": "text/html", "value": "<p>A flaw</p>"}]);
    for target in TARGETS {
        let losses = losses(&with_extras, target);
        for expected in [
            "extension /containers/cna/x_note",
            "taxonomy-mappings /containers/cna/taxonomyMappings",
            "supporting-media /containers/cna/descriptions/0/supportingMedia",
        ] {
            assert!(
                losses.iter().any(|loss| loss == expected),
                "{target:?} {losses:?}"
            );
        }
    }
}

#[test]
fn a_text_that_is_no_record_is_a_finding_with_its_place() {
    let finding = Record::parse(b"{\n  \"cveMetadata\": 5}").unwrap_err();
    assert_eq!(finding.code, "CONV-RECORD");
    assert_eq!(finding.position.map(|at| at.line), Some(2));
    let finding = Record::parse(b"{}").unwrap_err();
    assert_eq!(finding.pointer, "/cveMetadata/cveId");
}
