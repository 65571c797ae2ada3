//! CycloneDX documents.

use cve::convert::{CycloneDxVersion, Target};
use serde_json::json;

use crate::{document, range, record, rejected, widget};

const V1_6: Target = Target::CycloneDx(CycloneDxVersion::V1_6);

#[test]
fn versions_keep_the_words_of_the_record() {
    let document = document(&record(widget(json!([range("1.0.0", "2.0.0")]))), V1_6);
    assert_eq!(document["components"].as_array().unwrap().len(), 1);
    let affects = &document["vulnerabilities"][0]["affects"][0];
    assert_eq!(affects["ref"], document["components"][0]["bom-ref"]);
    assert_eq!(
        affects["versions"],
        json!([
            {"range": "vers:semver/>=1.0.0|<2.0.0", "status": "affected"},
            {"range": "vers:semver/<1.0.0", "status": "unaffected"},
            {"range": "vers:semver/>=2.0.0", "status": "unaffected"},
        ])
    );
    let analysis = &document["vulnerabilities"][0]["analysis"];
    assert_eq!(
        analysis,
        &json!({"state": "exploitable", "response": ["update"]})
    );
}

#[test]
fn both_versions_differ_only_in_their_names() {
    let record = record(widget(json!([range("1.0.0", "2.0.0")])));
    let mut newer = document(&record, Target::CycloneDx(CycloneDxVersion::V1_7));
    assert_eq!(newer["specVersion"], "1.7");
    let older = document(&record, V1_6);
    newer["specVersion"] = older["specVersion"].clone();
    newer["$schema"] = older["$schema"].clone();
    assert_eq!(newer, older);
}

#[test]
fn a_rejected_record_says_when() {
    let document = document(&rejected(), V1_6);
    assert_eq!(
        document["vulnerabilities"][0]["rejected"],
        "2024-06-01T10:00:00.000Z"
    );
    assert_eq!(document.get("components"), None);
}
