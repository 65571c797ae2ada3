//! `cna rule`, `cna score`, `cna cvss` and `cna versions`.

use serde_json::Value;

use crate::check_support::{GOOD, Records, line_of};
use crate::data_folder::{Ended, cna, run};

fn said(records: &Records, arguments: &[&str]) -> Ended {
    run(cna().current_dir(records.path()).args(arguments))
}

#[test]
fn a_vector_is_explained_with_its_scores() {
    let records = Records::new();
    let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U";
    let text = said(&records, &["cvss", vector]).answer();
    assert!(text.starts_with("CVSS v3.1: 9.0 CRITICAL\n"), "{text}");
    for part in [
        "Attack Vector          Network (N)",
        "base score               9.8",
        "temporal score           9.0",
    ] {
        assert!(text.contains(part), "`{part}` in {text}");
    }
    let page = said(&records, &["cvss", vector, "--json"]).json();
    assert_eq!(
        (page["score"].as_f64(), page["baseScore"].as_f64()),
        (Some(9.0), Some(9.8))
    );
    let v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    let page = said(&records, &["cvss", v4, "--json"]).json();
    assert_eq!(page["macrovector"], "000200");
    assert_eq!(page["score"], 9.3);
}

#[test]
fn a_wrong_vector_is_refused_where_it_is_wrong() {
    let records = Records::new();
    let ended = said(
        &records,
        &["cvss", "CVSS:3.1/AV:N/AC:L/PR:Q/UI:N/S:U/C:H/I:H/A:H"],
    );
    assert_eq!(ended.code, Some(2));
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        lines[0].contains("metric `PR` has no value `Q`"),
        "{ended:?}"
    );
    let at = lines[2].find('^').unwrap();
    assert!(lines[1][at..].starts_with('Q'), "{ended:?}");
}

#[test]
fn a_rule_has_a_page_and_a_misspelt_one_has_near_ones() {
    let records = Records::new();
    let page = said(&records, &["rule", "schema-enum"]).answer();
    assert!(page.starts_with("SCHEMA-ENUM (error)\n"), "{page}");
    let page = said(&records, &["rule", "REC-014", "--json"]).json();
    assert_eq!(page["code"], "REC-014");
    let ended = said(&records, &["rule", "SCHEMA-ENUN"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("`SCHEMA-ENUM`"), "{ended:?}");
    let all = said(&records, &["rule"]).answer();
    for rule in cve::lint::rules() {
        assert!(
            all.lines().any(|line| line.starts_with(rule.code)),
            "{}",
            rule.code
        );
    }
    assert!(all.lines().count() >= 30 + cve::lint::rules().len());
}

#[test]
fn every_code_has_a_page() {
    let records = Records::new();
    let all = said(&records, &["rule", "--json"]).json();
    for page in all.as_array().unwrap() {
        let code = page["code"].as_str().unwrap();
        let one = said(&records, &["rule", code, "--json"]).json();
        assert_eq!(one["code"], code);
        assert!(!one["mend"].as_str().unwrap().is_empty(), "{code}");
    }
}

#[test]
fn a_record_is_scored_and_told_what_would_raise_it() {
    let records = Records::new();
    records.file("a.json", GOOD);
    let page = said(&records, &["score", "a.json", "--json"]).json();
    let points: u64 = page["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|criterion| criterion["met"] == true)
        .map(|criterion| criterion["points"].as_u64().unwrap())
        .sum();
    assert_eq!(page["completeness"], points);
    records.file("b.json", r#"{"descriptions": []}"#);
    let text = said(&records, &["score", "b.json"]).answer();
    assert!(text.starts_with("b.json: 0 of 100 points\n"), "{text}");
    assert!(text.contains("+15  add `metrics`"), "{text}");
}

#[test]
fn several_records_are_summed_for_each_cna() {
    let records = Records::new();
    records.file("r/a.json", GOOD);
    records.file("r/b.json", line_of("CVE-1900-0002", "PUBLISHED"));
    records.file("r/c.json", line_of("CVE-1900-0003", "REJECTED"));
    let page: Value = said(&records, &["score", "r", "--json"]).json();
    assert_eq!(page["total"]["records"], 2);
    assert_eq!(page["rejected"], 1);
    assert_eq!(page["cnas"].as_array().unwrap().len(), 1);
    let text = said(&records, &["score", "r"]).answer();
    assert!(text.contains("raised most by"), "{text}");
    let ended = said(&records, &["score", "missing.json"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("missing.json"), "{ended:?}");
}

const AFFECTED: &str = r#"{"containers": {"cna": {"affected": [
    {"vendor": "Example", "product": "Box", "defaultStatus": "unaffected", "versions": [
        {"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver"}]},
    {"vendor": "Example", "product": "Box Pro", "defaultStatus": "affected"},
    {"vendor": "Other", "product": "Lid", "defaultStatus": "unknown"}]}}}"#;

#[test]
fn a_version_is_affected_or_not_by_a_named_entry() {
    let records = Records::new();
    records.file("a.json", AFFECTED);
    let ask =
        |version: &str| said(&records, &["versions", "a.json", "Box", version, "--json"]).json();
    let inside = ask("1.5.0");
    assert_eq!(inside["status"], "affected");
    assert_eq!(inside["by"], "/containers/cna/affected/0/versions/0");
    assert_eq!(ask("2.0.0")["status"], "unaffected");
    assert_eq!(
        ask("2.0.0")["by"],
        "/containers/cna/affected/0/defaultStatus"
    );
    let text = said(&records, &["versions", "a.json", "example/box", "1.5.0"]).answer();
    assert!(
        text.starts_with("affected: `1.5.0` lies in the range"),
        "{text}"
    );
    let lid = said(&records, &["versions", "a.json", "lid", "7"]).answer();
    assert!(lid.starts_with("unknown: "), "{lid}");
}

#[test]
fn a_product_that_is_not_there_or_not_clear_is_said_with_the_ones_that_are() {
    let records = Records::new();
    records.file("a.json", AFFECTED);
    let several = said(&records, &["versions", "a.json", "bo", "1"]);
    assert_eq!(several.code, Some(2));
    assert!(
        several.stderr.contains("`Example/Box`, `Example/Box Pro`"),
        "{several:?}"
    );
    let none = said(&records, &["versions", "a.json", "jar", "1"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("`Other/Lid`"), "{none:?}");
    records.file("b.json", "{}");
    let empty = said(&records, &["versions", "b.json", "jar", "1"]);
    assert!(empty.stderr.contains("lists no products"), "{empty:?}");
}
