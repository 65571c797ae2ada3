//! Safe mends: what is mended, what is left alone, and what always holds.

use cve::check::{Checker, Kind, Severity};
use cve::lint::{Context, Fixed, Linter, Settings, fix, mendable, rule};
use proptest::prelude::*;

use crate::shared;

fn fixed(kind: Kind, text: &[u8]) -> Fixed {
    fix(kind, text, &Settings::default()).unwrap()
}

/// How often each rule of more than advice is broken, and the verdict.
fn faults(kind: Kind, text: &[u8]) -> (bool, Vec<String>) {
    let mut linter = Linter::new(&Settings::default()).unwrap();
    let findings = linter.lint(kind, text, &Context::default());
    let mut codes: Vec<String> = findings
        .into_iter()
        .filter(|finding| finding.severity != Severity::Advice)
        .map(|finding| finding.code.into_owned())
        .collect();
    codes.sort_unstable();
    (Checker::default().verdict(kind, text), codes)
}

/// What holds for the mends of any text.
fn assert_safe(kind: Kind, text: &[u8]) {
    let once = fixed(kind, text);
    let twice = fixed(kind, &once.bytes);
    assert_eq!(twice.mends, [], "{}", String::from_utf8_lossy(text));
    assert_eq!(twice.bytes, once.bytes);
    assert_eq!(once.mends.is_empty(), once.bytes == text);
    if once.mends.is_empty() {
        return;
    }
    let (was_valid, mut before) = faults(kind, text);
    let (is_valid, after) = faults(kind, &once.bytes);
    assert!(is_valid || !was_valid);
    for code in after {
        let place = before.iter().position(|other| *other == code);
        before.remove(place.unwrap_or_else(|| panic!("gained {code}")));
    }
}

#[track_caller]
fn mends(container: &str, want: &str, codes: &[&str]) {
    let fixed = fixed(Kind::PublishedContainer, container.as_bytes());
    assert_eq!(String::from_utf8(fixed.bytes).unwrap(), want);
    let found: Vec<_> = fixed.mends.iter().map(|mend| mend.code).collect();
    assert_eq!(found, codes);
}

#[test]
fn only_what_is_mended_changes() {
    mends(
        "{ \"descriptions\" : [\n\t{\"lang\":\"en_US\", \"value\":\" A flaw\\nin the lid.\\n \"} ] }",
        "{ \"descriptions\" : [\n\t{\"lang\":\"en-US\", \"value\":\"A flaw\\nin the lid.\"} ] }",
        &["TEXT-LANGUAGE-FORM", "REC-030-SPACE"],
    );
}

#[test]
fn a_reference_that_occurs_again_leaves_its_tags_behind() {
    mends(
        r#"{"references": [{"url": "https://a.example/", "tags": ["patch"]}, {"url": "https://b.example/"}, {"url": "https://a.example/", "tags": ["patch", "related"]}]}"#,
        r#"{"references": [{"url": "https://a.example/", "tags": ["patch", "related"]}, {"url": "https://b.example/"}]}"#,
        &["REC-040-DUPLICATE"],
    );
    mends(
        r#"{"references": [{"url": "https://a.example/"}, {"url": "https://a.example/", "tags": ["patch"]}, {"url": "https://a.example/", "tags": ["related"]}]}"#,
        r#"{"references": [{"url": "https://a.example/", "tags": ["patch", "related"]}]}"#,
        &["REC-040-DUPLICATE", "REC-040-DUPLICATE"],
    );
}

#[test]
fn references_with_different_names_stay() {
    let text = r#"{"references": [{"url": "https://a.example/", "name": "a"}, {"url": "https://a.example/", "name": "b"}]}"#;
    mends(text, text, &[]);
}

#[test]
fn the_severity_of_the_vectors_score_is_written() {
    let rating = |score: &str, severity: &str| {
        format!(
            r#"{{"metrics": [{{"cvssV3_1": {{"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": {score}, "baseSeverity": "{severity}"}}}}]}}"#
        )
    };
    mends(
        &rating("9.8", "HIGH"),
        &rating("9.8", "CRITICAL"),
        &["REC-023-SEVERITY"],
    );
    mends(
        &rating("7.0", "high"),
        &rating("7.0", "HIGH"),
        &["REC-023-SEVERITY"],
    );
    // Nobody knows whether score or vector is right.
    mends(&rating("7.0", "LOW"), &rating("7.0", "LOW"), &[]);
}

#[test]
fn a_prefix_goes_when_the_tag_is_there() {
    mends(
        r#"{"tags": ["disputed"], "descriptions": [{"lang": "en", "value": "** DISPUTED ** A flaw in the lid."}]}"#,
        r#"{"tags": ["disputed"], "descriptions": [{"lang": "en", "value": "A flaw in the lid."}]}"#,
        &["REC-064"],
    );
    let text =
        r#"{"descriptions": [{"lang": "en", "value": "** DISPUTED ** A flaw in the lid."}]}"#;
    mends(text, text, &[]);
}

#[test]
fn versions_are_written_as_the_format_writes_them() {
    mends(
        r#"{"affected": [{"versions": [{"version": "*", "lessThan": "2.0.0", "versionType": "SemVer", "status": "affected"}]}]}"#,
        r#"{"affected": [{"versions": [{"version": "0", "lessThan": "2.0.0", "versionType": "semver", "status": "affected"}]}]}"#,
        &["REC-014-TYPE", "REC-015"],
    );
}

#[test]
fn a_package_url_loses_a_version_that_versions_names() {
    let product = |purl: &str| {
        format!(
            r#"{{"affected": [{{"packageURL": "{purl}", "versions": [{{"version": "1.0", "status": "affected"}}]}}]}}"#
        )
    };
    mends(
        &product("pkg:npm/a@1.0?b=c"),
        &product("pkg:npm/a?b=c"),
        &["PURL-VERSION"],
    );
    mends(&product("pkg:npm/a@2.0"), &product("pkg:npm/a@2.0"), &[]);
}

#[test]
fn a_cwe_id_of_the_text_is_written_into_its_field() {
    mends(
        r#"{"problemTypes": [{"descriptions": [{"lang": "en", "description": "CWE-79 XSS"}]}]}"#,
        r#"{"problemTypes": [{"descriptions": [{"lang": "en", "description": "CWE-79 XSS", "cweId": "CWE-79"}]}]}"#,
        &["REC-021-FIELD"],
    );
    let withdrawn = r#"{"problemTypes": [{"descriptions": [{"lang": "en", "description": "CWE-16 Configuration"}]}]}"#;
    mends(withdrawn, withdrawn, &[]);
}

#[test]
fn the_bad_example_of_a_rule_with_a_mend_is_mended() {
    for rule in mendable() {
        let bad = rule.bad_record().unwrap();
        let settings = Settings {
            select: vec![rule.code.to_owned()],
            ..Settings::default()
        };
        let fixed = fix(Kind::Record, bad.as_bytes(), &settings).unwrap();
        let left = faults(Kind::Record, &fixed.bytes).1;
        // These examples have what only a person can mend.
        if ["REC-014-TYPE", "REC-015"].contains(&rule.code) {
            continue;
        }
        assert_eq!(left, [] as [&str; 0], "{}", rule.code);
    }
}

#[test]
fn a_rule_that_is_left_out_is_not_mended() {
    let bad = rule("REC-030-SPACE").unwrap().bad_record().unwrap();
    let settings = Settings {
        ignore: vec!["rec-030".to_owned()],
        ..Settings::default()
    };
    let fixed = fix(Kind::Record, bad.as_bytes(), &settings).unwrap();
    assert_eq!(fixed.bytes, bad.as_bytes());
}

#[test]
fn mends_of_real_records_are_safe() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    shared::each_line(&path, 60, |line| assert_safe(Kind::Record, line.as_bytes()));
}

#[test]
fn mends_of_mutants_are_safe() {
    let Some(path) = shared::file("records/mutants-dev.jsonl.zst") else {
        return;
    };
    shared::each_line(&path, 60, |line| {
        let mutant: serde_json::Value = serde_json::from_str(line).unwrap();
        let record = ["record", "mutant", "text", "json"]
            .iter()
            .map(|key| &mutant[key])
            .find(|value| !value.is_null());
        let text = match record {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => line.to_owned(),
        };
        assert_safe(Kind::Record, text.as_bytes());
    });
}

/// Texts that mends look at, and others.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("en_US".to_owned()),
        Just("en-us".to_owned()),
        Just("*".to_owned()),
        Just("SEMVER".to_owned()),
        Just("CWE-79 XSS".to_owned()),
        Just(" ** REJECT ** ** REJECT ** a flaw in the lid\n".to_owned()),
        Just("** DISPUTED ** a flaw in the lid".to_owned()),
        Just("disputed".to_owned()),
        Just("https://a.example/".to_owned()),
        Just("https://www.cve.org/CVERecord?id=CVE-1900-10001".to_owned()),
        Just("pkg:npm/a@1.0".to_owned()),
        "[ \\n\\\\\"a-c]{0,14}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mends_are_safe_whatever_the_texts(
        words in prop::collection::vec(word(), 12),
        rejected in any::<bool>(),
        cut in 0_usize..2000,
    ) {
        let word = |at: usize| serde_json::Value::from(words[at].clone());
        let record = serde_json::json!({
            "cveMetadata": {"cveId": "CVE-1900-10001", "state": if rejected { "REJECTED" } else { "PUBLISHED" }},
            "containers": {"cna": {
                "tags": [word(0)],
                "descriptions": [{"lang": word(1), "value": word(2)}, {"lang": "en-US", "value": word(3)}],
                "rejectedReasons": [{"lang": "en", "value": word(4)}],
                "affected": [{"packageURL": word(5), "versions": [
                    {"version": word(6), "lessThan": "1.0", "versionType": word(7), "status": "affected"},
                    {"version": "1.0", "status": "affected"},
                ]}],
                "problemTypes": [{"descriptions": [{"lang": "en", "description": word(8)}]}],
                "references": [
                    {"url": word(9), "tags": [word(10)]},
                    {"url": word(11)},
                    {"url": word(9), "tags": [word(11), word(10)]},
                ],
            }},
        });
        let text = record.to_string();
        assert_safe(Kind::Record, text.as_bytes());
        // Half a document is no document, and stops nobody.
        let cut = cut.min(text.len());
        let half = &text.as_bytes()[..cut];
        prop_assert!(fixed(Kind::Record, half).mends.is_empty() || cut == text.len());
    }
}
