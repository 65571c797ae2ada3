//! What each reader places, and what it lists as unplaced.

use cve::convert::{Publisher, Read, Source, read};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::publisher;

fn draft(document: Value) -> Read {
    read::read(document.to_string().as_bytes(), None, &publisher()).unwrap()
}

fn unplaced(read: &Read) -> Vec<(&str, &str)> {
    read.unplaced
        .iter()
        .map(|loss| (loss.kind, loss.pointer.as_str()))
        .collect()
}

fn refusal(text: &str, source: Option<Source>) -> String {
    let refused = read::read(text.as_bytes(), source, &Publisher::unnamed()).unwrap_err();
    assert_eq!(refused.findings.len(), 1);
    refused.findings[0].message.clone()
}

fn github() -> Value {
    json!({
        "ghsa_id": "GHSA-2222-3333-4444", "cve_id": "CVE-1900-20001",
        "html_url": "https://forge.example/kettles/teapot/security/advisories/GHSA-2222-3333-4444",
        "summary": "Teapot pours for anyone",
        "description": "Intro.\n\n### Impact\nAnyone pours.\n\n### Patches\nInstall 2.1.\n\n### Workarounds\nClose the lid.\n\n### References\n- https://kettles.example/blog (a post)",
        "severity": "high", "state": "published", "published_at": "1900-01-03T12:00:00Z",
        "vulnerabilities": [
            {"package": {"ecosystem": "npm", "name": "@kettles/teapot"}, "vulnerable_version_range": ">= 1.0.0, < 2.1.0",
             "patched_versions": "2.1.0", "vulnerable_functions": ["pour"]},
            {"package": {"ecosystem": "other", "name": "kettles/stove"}, "vulnerable_version_range": "> 1.0, <= 1.4", "first_patched_version": {"identifier": "1.5"}},
        ],
        "cvss_severities": {"cvss_v3": {"vector_string": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "score": 7.5}, "cvss_v4": {"vector_string": null, "score": 0.0}},
        "cvss": {"vector_string": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "score": 7.5},
        "cwes": [{"cwe_id": "CWE-79", "name": "XSS"}], "cwe_ids": ["CWE-79"],
        "credits": [{"login": "ann", "type": "remediation_developer"}],
        "credits_detailed": [{"user": {"login": "ann", "id": 1}, "type": "remediation_developer", "state": "accepted"},
                             {"user": {"login": "bo"}, "type": "finder", "state": "declined"}],
        "private_fork": null, "author": {"login": "x"}, "epss": {"percentage": 0.1},
    })
}

#[test]
fn a_github_advisory_becomes_a_container_the_schema_accepts() {
    let read = draft(github());
    assert_eq!(read.id.unwrap().to_string(), "CVE-1900-20001");
    let container = &read.container;
    assert_eq!(cve::check::published_container(container), []);
    assert_eq!(
        container["descriptions"][0]["value"],
        "Intro.\n\nAnyone pours."
    );
    assert_eq!(container["solutions"][0]["value"], "Install 2.1.");
    assert_eq!(container["workarounds"][0]["value"], "Close the lid.");
    assert_eq!(
        container["affected"][0],
        json!({
            "packageName": "@kettles/teapot", "packageURL": "pkg:npm/%40kettles/teapot", "collectionURL": "https://packages.npm.example",
            "defaultStatus": "unaffected", "programRoutines": [{"name": "pour"}],
            "versions": [{"version": "1.0.0", "status": "affected", "lessThan": "2.1.0", "versionType": "semver"}],
        })
    );
    assert_eq!(
        container["affected"][1]["versions"],
        json!([
            {"version": "1.0", "status": "unaffected", "versionType": "custom"},
            {"version": "1.0", "status": "affected", "lessThanOrEqual": "1.4", "versionType": "custom"},
        ])
    );
    assert_eq!(container["metrics"].as_array().unwrap().len(), 1);
    assert_eq!(container["metrics"][0]["cvssV3_1"]["baseSeverity"], "HIGH");
    assert_eq!(
        container["credits"],
        json!([{"lang": "en", "value": "@ann", "type": "remediation developer"}])
    );
    assert_eq!(
        container["references"][1]["url"],
        "https://kettles.example/blog"
    );
    assert_eq!(container["source"]["advisory"], "GHSA-2222-3333-4444");
    assert_eq!(
        unplaced(&read),
        [("credit", "/credits_detailed/1"), ("other-key", "/epss")]
    );
}

#[test]
fn a_range_shows_how_it_was_read() {
    let read = draft(github());
    let readings: Vec<_> = read
        .findings
        .iter()
        .filter(|finding| finding.code == "CONV-READING")
        .collect();
    assert_eq!(
        readings[0].message,
        "`>= 1.0.0, < 2.1.0` is read as versions from `1.0.0` up to, not including, `2.1.0`"
    );
    assert_eq!(
        readings[0].pointer,
        "/vulnerabilities/0/vulnerable_version_range"
    );
}

#[test]
fn a_range_that_is_not_certain_is_kept_by_the_letter() {
    let mut advisory = github();
    advisory["vulnerabilities"][0]["vulnerable_version_range"] = json!("stable < 3.0");
    let read = draft(advisory);
    let product = &read.container["affected"][0];
    assert_eq!(
        product["versions"],
        json!([{"version": "stable < 3.0", "status": "affected"}])
    );
    assert_eq!(product.get("defaultStatus"), None);
    assert!(
        read.findings
            .iter()
            .any(|finding| finding.code == "CONV-UNREAD")
    );
}

#[test]
fn an_osv_document_becomes_a_container_the_schema_accepts() {
    let read = draft(json!({
        "schema_version": "1.7.5", "id": "OSV-1900-7", "modified": "1900-01-05T00:00:00Z", "published": "1900-01-03T00:00:00Z",
        "aliases": ["CVE-1900-20002", "GHSA-2222-3333-4444"], "related": ["CVE-1900-1"],
        "summary": "Pours", "details": "Teapot *pours*.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}, {"type": "Ubuntu", "score": "low"}],
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": "teapot", "purl": "pkg:pypi/teapot@1.0"},
             "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"last_affected": "2.3"}]},
                        {"type": "GIT", "repo": "https://forge.example/t.git", "events": [{"introduced": "0"}, {"fixed": "8f0bfc25c907f38e7f9dc498e8f43000d77327ef"}]}],
             "versions": ["1.4", "3.0"], "ecosystem_specific": {"imports": []}},
            {"package": {"ecosystem": "Kitchenware", "name": "stove"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}]}]},
        ],
        "references": [{"type": "FIX", "url": "https://forge.example/c/1"}, {"type": "ADVISORY", "url": "https://forge.example/a"}, {"type": "WEB", "url": "no address"}],
        "credits": [{"name": "Ann", "type": "REMEDIATION_DEVELOPER", "contact": ["mailto:ann@kettles.example"]}],
    }));
    assert_eq!(read.id.unwrap().to_string(), "CVE-1900-20002");
    assert_eq!(cve::check::published_container(&read.container), []);
    assert_eq!(
        read.container["affected"][0]["versions"],
        json!([
            {"version": "0", "status": "affected", "lessThan": "1.5", "versionType": "python"},
            {"version": "2.0", "status": "affected", "lessThanOrEqual": "2.3", "versionType": "python"},
            {"version": "0", "status": "affected", "lessThan": "8f0bfc25c907f38e7f9dc498e8f43000d77327ef", "versionType": "git"},
            {"version": "3.0", "status": "affected"},
        ])
    );
    assert_eq!(
        read.container["affected"][0]["packageURL"],
        "pkg:pypi/teapot"
    );
    assert_eq!(
        read.container["affected"][1]["versions"][0]["lessThan"],
        "*"
    );
    assert_eq!(
        unplaced(&read),
        [
            ("other-key", "/affected/0/ecosystem_specific"),
            ("ecosystem", "/affected/1/package/ecosystem"),
            ("reference-type", "/references/1/type"),
            ("reference", "/references/2/url"),
            ("credit-contact", "/credits/0/contact/0"),
            ("alias", "/aliases/1"),
            ("related", "/related/0"),
            ("published", "/published"),
        ]
    );
}

#[test]
fn events_without_order_are_sorted_or_left_out() {
    let events = |kind: &str, events: Value| {
        let read = draft(json!({"id": "OSV-1", "modified": "1900-01-05T00:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type": kind, "repo": "https://x.example", "events": events}]}]}));
        let versions = read.container["affected"][0]["versions"].clone();
        (
            versions,
            unplaced(&read)
                .iter()
                .map(|(kind, _)| (*kind).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let (versions, lost) = events(
        "SEMVER",
        json!([{"fixed": "1.5.0"}, {"introduced": "1.0.0"}]),
    );
    assert_eq!(versions[0]["lessThan"], "1.5.0");
    assert!(lost.is_empty());
    let (versions, lost) = events(
        "GIT",
        json!([{"fixed": "a".repeat(40)}, {"introduced": "b".repeat(40)}]),
    );
    assert_eq!((versions, lost), (Value::Null, vec!["range".to_owned()]));
}

fn csaf() -> Value {
    json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Teapot pours", "lang": "en",
            "publisher": {"category": "vendor", "name": "Example Kettles", "namespace": "https://kettles.example"},
            "tracking": {"id": "EK-7", "current_release_date": "1900-01-05T00:00:00Z", "initial_release_date": "1900-01-03T00:00:00Z",
                "revision_history": [{"date": "1900-01-03T00:00:00Z", "number": "1", "summary": "x"}], "status": "final", "version": "1"},
            "notes": [{"category": "legal_disclaimer", "text": "No warranty."}],
            "references": [{"category": "self", "summary": "EK-7", "url": "https://kettles.example/ek-7.json"}],
        },
        "product_tree": {"branches": [{"category": "vendor", "name": "Example Kettles", "branches": [{"category": "product_name", "name": "Teapot", "branches": [
            {"category": "product_version_range", "name": "vers:semver/>=1.0.0|<2.1.0", "product": {"name": "Teapot 1", "product_id": "A",
                "product_identification_helper": {"purl": "pkg:generic/teapot", "hashes": [{"filename": "x"}]}}},
            {"category": "product_version", "name": "2.1.0", "product": {"name": "Teapot 2.1.0", "product_id": "B"}},
            {"category": "product_version_range", "name": "prior to 0.5", "product": {"name": "old", "product_id": "C"}},
        ]}]}]},
        "vulnerabilities": [
            {"cve": "CVE-1900-20003", "cwe": {"id": "CWE-79", "name": "Improper Neutralization"},
             "notes": [{"category": "description", "text": "Teapot pours."}, {"category": "faq", "title": "Why?", "text": "Because."}],
             "product_status": {"known_affected": ["A", "C", "Z"], "fixed": ["B"]},
             "scores": [{"products": ["A"], "cvss_v3": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": 7.5, "baseSeverity": "HIGH"}}],
             "remediations": [{"category": "vendor_fix", "details": "Install 2.1.0.", "product_ids": ["A", "C"], "url": "https://kettles.example/2.1"},
                              {"category": "no_fix_planned", "details": "None for 0.x.", "product_ids": ["C"]}],
             "threats": [{"category": "impact", "details": "CAPEC-63: Scripts run."}, {"category": "target_set", "details": "Kitchens."}],
             "acknowledgments": [{"names": ["Ann"], "organization": "Cups Ltd", "summary": "finder"}],
             "ids": [{"system_name": "Tracker", "text": "42"}], "release_date": "1900-01-03T00:00:00Z"},
            {"cve": "CVE-1900-20004"},
        ],
    })
}

#[test]
fn a_csaf_document_becomes_a_container_the_schema_accepts() {
    let read = draft(csaf());
    assert_eq!(read.id.unwrap().to_string(), "CVE-1900-20003");
    assert_eq!(cve::check::published_container(&read.container), []);
    assert_eq!(
        read.container["affected"],
        json!([{
            "vendor": "Example Kettles", "product": "Teapot", "packageURL": "pkg:generic/teapot",
            "versions": [
                {"version": "2.1.0", "status": "unaffected"},
                {"version": "1.0.0", "status": "affected", "lessThan": "2.1.0", "versionType": "semver"},
                {"version": "0", "status": "affected", "lessThan": "0.5", "versionType": "custom"},
            ],
        }])
    );
    assert_eq!(
        read.container["source"],
        json!({"defect": ["42"], "advisory": "EK-7"})
    );
    assert_eq!(read.container["impacts"][0]["capecId"], "CAPEC-63");
    assert_eq!(read.container["credits"][0]["value"], "Ann of Cups Ltd");
    assert_eq!(
        read.container["references"][1]["tags"],
        json!(["vendor-advisory"])
    );
    assert_eq!(
        unplaced(&read),
        [
            (
                "other-key",
                "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/hashes"
            ),
            ("second-vulnerability", "/vulnerabilities/1"),
            (
                "product",
                "/vulnerabilities/0/product_status/known_affected/2"
            ),
            ("products-of", "/vulnerabilities/0/scores/0/products"),
            ("note", "/vulnerabilities/0/notes/1/text"),
            ("remediation", "/vulnerabilities/0/remediations/1/details"),
            (
                "products-of",
                "/vulnerabilities/0/remediations/1/product_ids"
            ),
            ("threat", "/vulnerabilities/0/threats/1/details"),
            ("note", "/document/notes/0"),
        ]
    );
}

fn old() -> Value {
    json!({
        "data_type": "CVE", "data_format": "MITRE", "data_version": "4.0",
        "CVE_data_meta": {"ID": "CVE-1900-20005", "STATE": "PUBLIC", "ASSIGNER": "a@kettles.example", "TITLE": "Pours", "DATE_PUBLIC": "1900-01-03"},
        "affects": {"vendor": {"vendor_data": [{"vendor_name": "Kettles", "product": {"product_data": [{"product_name": "Teapot", "version": {"version_data": [
            {"version_value": "1.0"}, {"version_affected": "<", "version_name": "2", "version_value": "2.1"}, {"version_affected": "!>=", "version_name": "2", "version_value": "2.1"},
            {"version_affected": "<=", "version_value": "0.9", "platform": "Linux"}, {"version_value": "prior to 0.5", "platform": "Linux"},
        ]}}]}}]}},
        "description": {"description_data": [{"lang": "eng", "value": "** DISPUTED ** Teapot pours."}]},
        "problemtype": {"problemtype_data": [{"description": [{"lang": "eng", "value": "CWE-79 XSS"}]}]},
        "references": {"reference_data": [{"refsource": "BID", "name": "7", "url": "http://b.example/7 8"}, {"refsource": "CONFIRM", "name": "x", "url": ""}]},
        "impact": {"cvss": {"version": "3.0", "vectorString": "AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": "7.5"}},
        "credit": [[{"lang": "eng", "value": "Ann"}]], "solution": "Install 2.1.", "source": {"defect": [["1"]], "discovery": "external"},
    })
}

#[test]
fn a_record_of_4_0_becomes_a_container_the_schema_accepts() {
    let read = draft(old());
    assert_eq!(cve::check::published_container(&read.container), []);
    let container = &read.container;
    assert_eq!(
        container["affected"][0]["versions"],
        json!([
            {"version": "1.0", "status": "affected"},
            {"version": "2", "status": "affected", "lessThan": "2*", "versionType": "custom", "changes": [{"at": "2.1", "status": "unaffected"}]},
        ])
    );
    assert_eq!(container["affected"][1]["platforms"], json!(["Linux"]));
    assert_eq!(container["affected"][1]["versions"][1]["lessThan"], "0.5");
    assert_eq!(container["tags"], json!(["disputed"]));
    assert_eq!(
        container["descriptions"],
        json!([{"lang": "en", "value": "Teapot pours."}])
    );
    assert_eq!(
        container["references"],
        json!([{"url": "http://b.example/7%208", "name": "7", "tags": ["vdb-entry", "x_refsource_BID"]}])
    );
    assert_eq!(container["metrics"][0]["cvssV3_0"]["baseScore"], 7.5);
    assert_eq!(
        container["source"],
        json!({"discovery": "EXTERNAL", "defect": ["1"]})
    );
    assert_eq!(
        unplaced(&read),
        [("reference", "/references/reference_data/1")]
    );
}

#[test]
fn what_vulnogram_saves_is_read_without_the_notes_of_the_desk() {
    let mut body = old();
    body["CNA_private"] = json!({"owner": "secret", "internal_comments": "embargoed"});
    body["solution"] = json!([{"lang": "eng", "value": ""}]);
    let read =
        draft(json!({"_id": "1", "author": "ann", "__v": 3, "body": body, "comments": [{"x": 1}]}));
    assert_eq!(read.id.unwrap().to_string(), "CVE-1900-20005");
    assert_eq!(read.container.get("solutions"), None);
    assert_eq!(
        unplaced(&read),
        [
            ("private", "/comments"),
            ("private", "/body/CNA_private"),
            ("reference", "/body/references/reference_data/1")
        ]
    );
    let all = format!("{read:?}");
    assert!(!all.contains("secret") && !all.contains("embargoed"));
}

#[test]
fn what_the_schema_refuses_is_taken_out_and_listed() {
    let read = draft(
        json!({"cveMetadata": {"cveId": "CVE-1900-20006"}, "containers": {"cna": {
        "descriptions": [{"lang": "en", "value": "x"}], "references": [{"url": "https://a.example"}, {"url": "a b"}],
        "affected": [{"vendor": "v", "product": "p", "versions": [{"version": "1", "status": "maybe"}], "colour": "red"}],
        "title": "", "colour": "red", "x_ok": 1,
    }, "adp": [{"providerMetadata": {"shortName": "cup"}}]}}),
    );
    assert_eq!(cve::check::published_container(&read.container), []);
    assert_eq!(
        read.container,
        json!({
            "descriptions": [{"lang": "en", "value": "x"}],
            "affected": [{"vendor": "v", "product": "p", "defaultStatus": "unknown"}],
            "references": [{"url": "https://a.example"}], "x_ok": 1,
        })
    );
    let mut kinds = unplaced(&read);
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            ("adp", "/containers/adp/0"),
            ("invalid", "/containers/cna/affected/0"),
            ("invalid", "/containers/cna/affected/0"),
            ("invalid", "/containers/cna/colour"),
            ("invalid", "/containers/cna/references/1"),
        ]
    );
}

#[test]
fn what_a_source_lacks_is_a_warning() {
    let read = draft(json!({"id": "OSV-1", "modified": "1900-01-05T00:00:00Z"}));
    let missing: Vec<_> = read
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        missing,
        [
            "`descriptions` is missing",
            "`affected` is missing",
            "`references` is missing"
        ]
    );
    assert!(
        read.findings
            .iter()
            .all(|finding| finding.severity == cve::check::Severity::Warning)
    );
}

#[test]
fn a_document_of_no_known_format_says_what_was_looked_for() {
    let said = refusal(r#"{"name": "x", "version": 2}"#, None);
    assert!(said.starts_with("the document has no known format: its keys are `name`, `version`; looked for `ghsa_id` (ghsa)"), "{said}");
    for word in ["osv", "csaf", "cve4", "cve5", "vulnogram"] {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(
        refusal("[1]", None),
        "the document is a list, expected one object of a known format"
    );
    assert!(refusal("{", None).starts_with("this is not JSON: "));
    assert_eq!(
        refusal(r#"{"id": "OSV-1", "modified": "x"}"#, Some(Source::Csaf)),
        "a `csaf` document has `document.csaf_version`; it looks like `osv`"
    );
}

/// JSON of any shape under the keys that readers look for.
fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i32>().prop_map(Value::from),
        "(CVE-1900-[0-9]{4}|CWE-[0-9]{1,3}|>= [0-9], < [0-9]|vers:semver/>=1|https://a.example/[a-z]|\\PC{0,6})".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("affected"),
        Just("package"),
        Just("ecosystem"),
        Just("name"),
        Just("ranges"),
        Just("events"),
        Just("introduced"),
        Just("versions"),
        Just("version"),
        Just("status"),
        Just("vulnerabilities"),
        Just("references"),
        Just("url"),
        Just("severity"),
        Just("score"),
        Just("type"),
        Just("product_status"),
        Just("known_affected"),
        Just("product_tree"),
        Just("branches"),
        Just("product"),
        Just("category"),
        Just("notes"),
        Just("text"),
        Just("document"),
        Just("tracking"),
        Just("descriptions"),
        Just("value"),
        Just("lang"),
        Just("affects"),
        Just("vendor"),
        Just("vendor_data"),
        Just("product_data"),
        Just("version_data"),
        Just("impact"),
        Just("cvss"),
        Just("credits"),
        Just("cwes"),
        Just("body"),
        Just("containers"),
        Just("cna"),
        Just("vulnerable_version_range"),
    ];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6).prop_map(|pairs| Value::Object(
                pairs
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()
            )),
        ]
    })
}

/// Found by fuzzing: the key stayed in the draft, which the schema refuses.
#[test]
fn a_key_that_is_an_empty_text_is_left_out_of_the_draft() {
    let document = br#"{"": 1, "CNA_private": {}, "descriptions": []}"#;
    let mut drafts = 0;
    let sources = Source::ALL.iter().map(|(_, source)| Some(*source));
    for source in sources.chain([None]) {
        let Ok(read) = read::read(document, source, &publisher()) else {
            continue;
        };
        drafts += 1;
        assert_eq!(read.container.get(""), None, "{source:?}");
    }
    assert!(drafts > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_document_stops_a_reader_and_every_draft_is_what_the_schema_allows(mut document in odd()) {
        for (_, source) in Source::ALL {
            if let Some(map) = document.as_object_mut() {
                map.insert("id".to_owned(), json!("OSV-1"));
                map.insert("ghsa_id".to_owned(), json!("GHSA-1"));
                map.entry("CVE_data_meta").or_insert(json!({}));
            }
            let Ok(read) = read::read(document.to_string().as_bytes(), Some(source), &publisher()) else { continue };
            for finding in &read.findings {
                prop_assert!(finding.severity != cve::check::Severity::Error);
                let broken = finding.code.starts_with("SCHEMA-") && !matches!(&*finding.code, "SCHEMA-REQUIRED" | "SCHEMA-CONTAINS");
                prop_assert!(!broken, "{:?} {}", finding, read.container);
            }
        }
    }
}
