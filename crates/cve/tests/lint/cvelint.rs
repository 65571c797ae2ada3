//! Profile `cvelint`: conditions, messages and paths of that program, also
//! where it is wrong.

use cve::check::Kind;
use cve::lint::{Context, Linter, Profile, Settings, rule};
use serde_json::{Value, json};

fn lint(record: &Value) -> Vec<(String, String, String)> {
    let settings = Settings {
        profile: Profile::Cvelint,
        ..Settings::default()
    };
    let mut linter = Linter::new(&settings).unwrap();
    let text = record.to_string();
    let findings = linter.lint(Kind::Record, text.as_bytes(), &Context::default());
    findings
        .into_iter()
        .map(|finding| (finding.code.into_owned(), finding.pointer, finding.message))
        .collect()
}

/// The example record with another value at a key of its container.
fn with(key: &str, value: Value) -> Value {
    let mut record: Value = serde_json::from_str(&rule("E001").unwrap().good_record()).unwrap();
    record["containers"]["cna"][key] = value;
    record
}

#[track_caller]
fn finds(record: &Value, want: &[(&str, &str, &str)]) {
    let found = lint(record);
    let found: Vec<_> = found
        .iter()
        .map(|(code, pointer, message)| (code.as_str(), pointer.as_str(), message.as_str()))
        .collect();
    assert_eq!(found, want);
}

fn versions(entry: Value) -> Value {
    with(
        "affected",
        json!([{"vendor": "a", "product": "b", "versions": [entry]}]),
    )
}

#[test]
fn versions_are_judged_as_it_judges_them() {
    let at = "/containers/cna/affected/0/versions/0";
    let lower = format!("{at}/version");
    for (entry, pointer, message) in [
        (
            json!({"version": "0", "status": "affected", "versionType": "semver"}),
            lower.clone(),
            "Version \"0\" does not match expected format for type \"semver\"",
        ),
        (
            json!({"version": "< 2", "status": "affected"}),
            lower.clone(),
            "Invalid version string: \"< 2\"",
        ),
        (
            json!({"version": "1:2.0", "status": "affected", "versionType": "rpm"}),
            lower.clone(),
            "Version \"1:2.0\" does not match expected format for type \"rpm\"",
        ),
        (
            json!({"version": "8f0bfc25c907", "status": "affected", "versionType": "git"}),
            lower.clone(),
            "Version \"8f0bfc25c907\" does not match expected format for type \"git\"",
        ),
        (
            json!({"version": "1.0.0", "lessThanOrEqual": "*", "status": "affected", "versionType": "semver"}),
            format!("{at}/lessThanOrEqual"),
            "\"*\" is only allowed in lessThan, not lessThanOrEqual",
        ),
        (
            json!({"version": "1.0.0", "lessThan": "1.0+b", "status": "affected", "versionType": "semver"}),
            format!("{at}/lessThan"),
            "Invalid lessThan version string: \"1.0+b\"",
        ),
        (
            json!({"version": "1.0.0", "lessThan": "2.*", "status": "affected", "versionType": "semver"}),
            format!("{at}/lessThan"),
            "lessThan version \"2.*\" does not match expected format for type \"semver\"",
        ),
        (
            json!({"version": "1", "lessThan": "*", "status": "affected", "versionType": "other",
                "changes": [{"at": "a b", "status": "unaffected"}]}),
            format!("{at}/changes/0/at"),
            "Invalid version in changes.at: \"a b\"",
        ),
    ] {
        finds(&versions(entry), &[("E007", &pointer, message)]);
    }
    for entry in [
        json!({"version": "1", "lessThan": "*", "status": "affected", "versionType": "Custom"}),
        json!({"version": "pkg:npm/a@1", "status": "affected"}),
        json!({"version": "1.0.0-rc.1", "status": "affected", "versionType": "semver"}),
        json!({"version": "2.0rc1", "status": "affected", "versionType": "python"}),
    ] {
        finds(&versions(entry), &[]);
    }
}

#[test]
fn names_without_an_index_have_the_path_without_one() {
    let record = with(
        "affected",
        json!([{"vendor": "n/a", "product": "https://a.example", "defaultStatus": "unknown"},
                                         {"vendor": "N/A", "product": "b", "defaultStatus": "unknown"}]),
    );
    finds(
        &record,
        &[
            (
                "E008",
                "/containers/cna/affected/#/vendor",
                "Invalid vendor string: \"n/a\"",
            ),
            (
                "E009",
                "/containers/cna/affected/#/product",
                "Invalid product string: \"https://a.example\"",
            ),
        ],
    );
}

#[test]
fn a_timeline_is_wrong_whatever_it_says() {
    let record = with(
        "timeline",
        json!([{"time": "2020-01-01T00:00:00Z", "lang": "en", "value": "Tea."}]),
    );
    finds(
        &record,
        &[
            (
                "E019",
                "/containers/cna/timeline/0/event",
                "Timeline entry must have an 'event' field",
            ),
            (
                "E019",
                "/containers/cna/timeline/0/eventDate",
                "Timeline entry must have an 'eventDate' field",
            ),
        ],
    );
}

#[test]
fn references_are_compared_by_the_letter() {
    let own = "https://www.cve.org/CVERecord?id=CVE-1900-10001";
    finds(
        &with("references", json!([{"url": own}])),
        &[
            (
                "E010",
                "/containers/cna/references",
                "No valid reference found",
            ),
            (
                "E010",
                "/containers/cna/references/0/url",
                &format!("Unnecessary self-reference URL: {own}"),
            ),
        ],
    );
    finds(
        &with(
            "references",
            json!([{"url": "a"}, {"url": "https://a.example"}, {"url": "https://a.example"}, {"url": "https://a.example/"}]),
        ),
        &[
            (
                "E001",
                "/containers/cna/references/0/url",
                "Invalid reference URL: a",
            ),
            (
                "E002",
                "/containers/cna/references/2/url",
                "Duplicate reference URL: https://a.example",
            ),
        ],
    );
}

#[test]
fn english_is_en_and_nothing_else() {
    finds(
        &with(
            "descriptions",
            json!([{"lang": "en-US", "value": " A flaw in the lid."}]),
        ),
        &[
            (
                "E016",
                "/containers/cna/descriptions",
                "CNA Rules v4.0 MUST: At least one English (en) description must be present for PUBLISHED records",
            ),
            (
                "E004",
                "/containers/cna/descriptions/0/value",
                "Trailing or leading whitespace in description",
            ),
        ],
    );
    finds(
        &with(
            "descriptions",
            json!([{"lang": "en", "value": "short"}, {"lang": "en", "value": "A flaw in the lid."}]),
        ),
        &[
            ("E003", "", "More than one en-US description present"),
            (
                "E003",
                "/containers/cna/descriptions/0",
                "Description too short: short",
            ),
        ],
    );
}

#[test]
fn severities_are_compared_in_lower_case() {
    let rating = |score: f64, severity: &str| {
        with(
            "metrics",
            json!([{"cvssV3_1": {"baseScore": score, "baseSeverity": severity}}]),
        )
    };
    finds(
        &rating(9.1, "high"),
        &[
            (
                "E005",
                "/containers/cna/metrics/0/cvssV3_1",
                "Incorrect CVSS v3 severity: \"high\"; should be \"critical\"",
            ),
            (
                "E018",
                "/containers/cna/metrics/0/cvssV3_1/baseSeverity",
                "Invalid CVSS v3.1 severity: high",
            ),
        ],
    );
    finds(
        &rating(11.0, "CRITICAL"),
        &[(
            "E018",
            "/containers/cna/metrics/0/cvssV3_1/baseScore",
            "Invalid CVSS v3.1 base score: 11.0 (must be between 0.0 and 10.0)",
        )],
    );
}

#[test]
fn an_id_need_only_begin_as_one_and_a_record_needs_an_assigner() {
    let mut record = with("title", json!("Lid"));
    record["cveMetadata"]["cveId"] = json!("cve-1");
    record["cveMetadata"]["state"] = json!("RESERVED");
    finds(
        &record,
        &[
            (
                "E015",
                "/cveMetadata/cveId",
                "Invalid CVE ID format: cve-1 (must start with CVE-)",
            ),
            (
                "E015",
                "/cveMetadata/state",
                "Invalid CVE state: RESERVED (must be PUBLISHED or REJECTED)",
            ),
        ],
    );
    record["cveMetadata"]["assignerShortName"] = Value::Null;
    finds(&record, &[]);
}
