//! OSV documents.

use cve::convert::Target;
use serde_json::{Value, json};

use crate::{document, losses, publisher, range, record, rejected, try_convert, widget};

fn affected(record: &Value) -> Value {
    document(record, Target::Osv)["affected"].clone()
}

#[test]
fn semantic_ranges_are_events() {
    let record = record(widget(json!([range("0", "1.2"), range("2.0.0", "2.3.4")])));
    assert_eq!(
        affected(&record)[0]["ranges"],
        json!([{"type": "SEMVER", "events": [
            {"introduced": "0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0"}, {"fixed": "2.3.4"}]}])
    );
}

#[test]
fn fixed_and_last_affected_never_share_a_range() {
    let closed = json!({"version": "2.0.0", "lessThanOrEqual": "2.9.9", "versionType": "semver", "status": "affected"});
    let ranges =
        affected(&record(widget(json!([range("1.0.0", "1.5.0"), closed]))))[0]["ranges"].clone();
    assert_eq!(
        ranges[0]["events"],
        json!([{"introduced": "1.0.0"}, {"fixed": "1.5.0"}])
    );
    assert_eq!(
        ranges[1]["events"],
        json!([{"introduced": "2.0.0"}, {"last_affected": "2.9.9"}])
    );
}

#[test]
fn commits_are_events_of_a_repository() {
    let (from, to) = (
        "1da177e4c3f41524e886b7f1b8a0c1fc7321cac2",
        "8f0bfc25c907f38e7f9dc498e8f43000d77327ef",
    );
    let mut affected = widget(
        json!([{"version": from, "lessThan": to, "versionType": "git", "status": "affected"}]),
    );
    affected[0]["repo"] = json!("https://example.com/widget.git");
    let ranges = document(&record(affected.clone()), Target::Osv)["affected"][0]["ranges"].clone();
    assert_eq!(
        ranges,
        json!([{"type": "GIT", "repo": "https://example.com/widget.git",
            "events": [{"introduced": from}, {"fixed": to}]}])
    );
    affected[0]["versions"][0]["lessThan"] = json!("8f0bfc25c907");
    let losses = losses(&record(affected), Target::Osv);
    assert!(
        losses.contains(&"range /containers/cna/affected/0/versions".to_owned()),
        "{losses:?}"
    );
}

#[test]
fn packages_have_ranges_of_their_ecosystem() {
    let record = record(json!([{
        "collectionURL": "https://packages.pypi.example", "packageName": "Wid_get",
        "versions": [{"version": "1.0", "lessThan": "1.4rc1", "versionType": "python", "status": "affected"}],
    }]));
    let one = &affected(&record)[0];
    assert_eq!(
        one["package"],
        json!({"ecosystem": "PyPI", "name": "wid-get", "purl": "pkg:pypi/wid-get"})
    );
    assert_eq!(one["ranges"][0]["type"], "ECOSYSTEM");
}

#[test]
fn settings_name_ecosystem_and_repository_of_a_product() {
    let mut publisher = publisher();
    let facts = json!({"product": "widget", "ecosystem": "crates.io", "package": "widget-core"});
    publisher.products = vec![serde_json::from_value(facts).unwrap()];
    publisher.osv_prefix = Some("x_EX".to_owned());
    let record = record(widget(json!([range("1.0.0", "2.0.0")])));
    let converted = try_convert(&record, Target::Osv, &publisher).unwrap();
    let document: Value = serde_json::from_str(&converted.document).unwrap();
    assert_eq!(
        document["affected"][0]["package"],
        json!({"ecosystem": "crates.io", "name": "widget-core"})
    );
    assert_eq!(document["id"], "x_EX-1900-0001");
    assert_eq!(document["aliases"], json!(["CVE-1900-0001"]));
}

#[test]
fn unknown_versions_are_lost() {
    let unknown = json!({"version": "3.0.0", "lessThan": "4.0.0", "versionType": "semver", "status": "unknown"});
    let losses = losses(
        &record(widget(json!([range("1.0.0", "2.0.0"), unknown]))),
        Target::Osv,
    );
    assert_eq!(
        losses,
        ["status-unknown /containers/cna/affected/0/versions/1"]
    );
}

#[test]
fn a_range_written_as_text_is_read_and_shown() {
    let record = record(
        json!([{"vendor": "Example", "product": "Widget", "packageURL": "pkg:npm/widget",
        "versions": [{"version": ">= 1.3.0, < 1.3.19", "status": "affected"}]}]),
    );
    let converted = try_convert(&record, Target::Osv, &publisher()).unwrap();
    let shown: Vec<&str> = converted
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        shown,
        ["`>= 1.3.0, < 1.3.19` is read as from 1.3.0, before 1.3.19"]
    );
    let document: Value = serde_json::from_str(&converted.document).unwrap();
    assert_eq!(
        document["affected"][0]["ranges"][0]["events"],
        json!([{"introduced": "1.3.0"}, {"fixed": "1.3.19"}])
    );
}

#[test]
fn a_rejected_record_is_withdrawn() {
    let document = document(&rejected(), Target::Osv);
    assert_eq!(document["withdrawn"], "2024-06-01T10:00:00.000Z");
    assert_eq!(document["details"], "It is the same as another.");
    assert_eq!(document["related"], json!(["CVE-1900-0001"]));
}

#[test]
fn a_record_without_dates_is_refused() {
    let mut dateless = record(widget(json!([range("1.0.0", "2.0.0")])));
    dateless["cveMetadata"] = json!({"cveId": "CVE-1900-0001", "state": "PUBLISHED"});
    let refused = try_convert(&dateless, Target::Osv, &publisher()).unwrap_err();
    assert_eq!(refused.findings[0].code, "CONV-OSV-DATE");
}

#[test]
fn references_have_the_first_kind_that_fits() {
    let mut cited = record(widget(json!([range("1.0.0", "2.0.0")])));
    cited["containers"]["cna"]["references"] = json!([
        {"url": "https://example.com/a", "tags": ["vendor-advisory", "patch"]},
        {"url": "https://example.com/b", "tags": ["exploit"]},
        {"url": "https://example.com/x/commit/1"},
        {"url": "https://example.com/c"},
        {"url": "https://example.com/c"},
    ]);
    let references = document(&cited, Target::Osv)["references"].clone();
    let kinds: Vec<&str> = references
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["FIX", "EVIDENCE", "FIX", "WEB"]);
}
