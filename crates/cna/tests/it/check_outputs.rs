//! `cna check`: how findings are printed, hidden and mended.

use serde_json::{Value, json};

use crate::check_support::{GOOD, Records, line_of, verdict};

#[test]
fn an_empty_record_gets_at_most_ten_lines() {
    let records = Records::new();
    let ended = records.check_input(&["-"], b"{}");
    assert_eq!(
        ended.stdout,
        "<stdin>:1:1: error SCHEMA-REQUIRED `dataType` is missing\n\
         <stdin>:1:1: error SCHEMA-REQUIRED `dataVersion` is missing\n\
         <stdin>:1:1: error SCHEMA-REQUIRED `cveMetadata` is missing\n\
         <stdin>:1:1: error SCHEMA-REQUIRED `containers` is missing\n    \
         1 | {}\n      | ^\n      \
         why: #/oneOf/0/required\n      \
         fix: add `\"dataType\": \"CVE_RECORD\"`; add `\"dataVersion\": \"5.2\"`; add an object \
         with `cveId`, `assignerOrgId` and `state`; add an object whose `cna` holds what you say \
         about the vulnerability\n\
         1 record checked: 4 errors; `cna rule CODE` explains a code\n"
    );
    assert!(ended.stdout.lines().count() <= 10);
}

#[test]
fn a_finding_points_into_the_source() {
    let records = Records::new();
    let text = GOOD.replacen("\"PUBLISHED\"", "\"SHUT\"", 1);
    records.file("a.json", &text);
    let ended = records.check(&["a.json", "--level", "schema"]);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(
        lines[0].contains(": error SCHEMA-ENUM `SHUT`"),
        "{}",
        lines[0]
    );
    assert!(lines[0].ends_with("[/cveMetadata/state]"), "{}", lines[0]);
    let at = lines[2].find('^').unwrap();
    assert!(lines[1][at..].starts_with("\"SHUT\""), "{ended:?}");
    assert!(
        !ended.stdout.contains('\u{1b}'),
        "colour without a terminal"
    );
}

#[test]
fn json_is_one_document_with_all_records_and_their_counts() {
    let records = Records::new();
    records.file("a.json", GOOD);
    records.file("b.json", line_of("CVE-1900-0001", "SHUT"));
    let ended = records.check(&["a.json", "b.json", "--level", "schema", "--output", "json"]);
    let page: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(page["records"].as_array().unwrap().len(), 2);
    assert_eq!(page["summary"]["records"], 2);
    assert_eq!(page["summary"]["invalid"], 1);
    assert_eq!(page["summary"]["error"], 1);
    let none = records.check(&["a.json", "--cna", "nobody", "--output", "json"]);
    let none: Value = serde_json::from_str(&none.stdout).unwrap();
    assert_eq!(none["records"], json!([]));
}

#[test]
fn csv_is_quoted_so_that_any_text_stays_in_its_cell() {
    let records = Records::new();
    records.file("a,\"b.json", line_of("CVE-1900-0001", "SH,\"UT"));
    let ended = records.check(&["a,\"b.json", "--level", "schema", "--output", "csv"]);
    let mut reader = csv::Reader::from_reader(ended.stdout.as_bytes());
    let head: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(head[0], "source");
    assert_eq!(rows.len(), 1);
    assert_eq!(&rows[0][0], "a,\"b.json");
    assert_eq!(&rows[0][4], "SCHEMA-ENUM");
    assert!(rows[0][9].contains("SH,\"UT"));
}

#[test]
fn sarif_has_what_its_schema_demands() {
    let records = Records::new();
    records.file("a b.json", line_of("CVE-1900-0001", "SHUT"));
    records.file("good.json", GOOD);
    let ended = records.check(&["good.json", "a b.json", "--output", "sarif"]);
    let log: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "cna");
    let rules: Vec<&str> = driver["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let results = run["results"].as_array().unwrap();
    assert!(
        results
            .iter()
            .any(|result| result["ruleId"] == "SCHEMA-ENUM")
    );
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()));
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            ["a%20b.json", "good.json"]
                .contains(&place["artifactLocation"]["uri"].as_str().unwrap())
        );
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(place["region"]["startColumn"].as_u64().unwrap() >= 1);
    }
    let empty = records.check(&["good.json", "--level", "schema", "--output", "sarif"]);
    let empty: Value = serde_json::from_str(&empty.stdout).unwrap();
    assert_eq!(empty["runs"][0]["results"], json!([]));
}

#[test]
fn junit_has_a_suite_for_each_record() {
    let records = Records::new();
    records.file("good.json", GOOD);
    records.file("a<b>&.json", line_of("CVE-1900-0001", "<&\">"));
    let ended = records.check(&[
        "good.json",
        "a<b>&.json",
        "--level",
        "schema",
        "--output",
        "junit",
    ]);
    let xml = ended.stdout;
    assert_eq!(xml.matches("<testsuite ").count(), 2);
    assert_eq!(xml.matches("<failure ").count(), 1);
    assert!(xml.contains("tests=\"1\" failures=\"0\""), "{xml}");
    assert!(xml.contains("a&lt;b&gt;&amp;.json"), "{xml}");
    assert!(xml.ends_with("</testsuites>\n"));
}

#[test]
fn annotations_for_github_stay_on_their_lines() {
    let records = Records::new();
    records.file("a,b.json", line_of("CVE-1900-0001", "SH\nUT%"));
    let ended = records.check(&["a,b.json", "--level", "schema", "--output", "github"]);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .starts_with("::error file=a%2Cb.json,line=1,col="),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_baseline_hides_what_was_known_also_after_lines_moved() {
    let records = Records::new();
    let bad = line_of("CVE-1900-0001", "SHUT");
    records.file("a.json", &bad);
    let written = records.check(&["a.json", "--level", "schema", "--write-baseline", "known"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    assert!(
        written.stderr.contains("1 finding written to `known`"),
        "{written:?}"
    );
    records.file("a.json", format!("\n\n{}", bad.replacen('{', "{\n", 1)));
    let ended = records.check(&["a.json", "--level", "schema", "--baseline", "known"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("1 more are known")
            || ended.stdout.contains("known from the baseline")
    );
    let line = &records.lines(&["a.json", "--level", "schema", "--baseline", "known"])[0];
    assert_eq!(
        (line["valid"].clone(), line["known"].clone()),
        (json!(false), json!(1))
    );
    records.file("a.json", line_of("CVE-1900-0001", "SLOT"));
    let ended = records.check(&["a.json", "--level", "schema", "--baseline", "known"]);
    assert_eq!(ended.code, Some(1));
}

#[test]
fn mends_are_shown_first_and_written_on_request() {
    let records = Records::new();
    let mut record: Value = serde_json::from_str(GOOD).unwrap();
    let text = record["containers"]["cna"]["descriptions"][0]["value"]
        .as_str()
        .unwrap();
    record["containers"]["cna"]["descriptions"][0]["value"] = format!("{text} ").into();
    let before = serde_json::to_string_pretty(&record).unwrap();
    let path = records.file("a.json", &before);
    let shown = records.check(&["a.json", "--diff", "--fail-on", "never"]);
    assert!(
        shown.stdout.contains("--- a/a.json\n+++ b/a.json\n@@ "),
        "{}",
        shown.stdout
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    let fixed = records.check(&["a.json", "--fix", "--fail-on", "never"]);
    assert!(
        fixed.stdout.contains("1 safe mend in 1 document"),
        "{}",
        fixed.stdout
    );
    let after = std::fs::read_to_string(&path).unwrap();
    assert_ne!(after, before);
    let again = records.check(&["a.json", "--fix", "--fail-on", "never"]);
    assert!(!again.stdout.contains("@@ "), "a second time mends nothing");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
    assert_eq!(std::fs::read_dir(records.path()).unwrap().count(), 1);
    let input = records.check_input(&["-", "--fix"], before.as_bytes());
    assert_eq!(input.code, Some(2));
    assert!(input.stderr.contains("--diff"), "{input:?}");
}

#[test]
fn a_summary_counts_for_each_cna_and_rule() {
    let records = Records::new();
    records.file("a.json", line_of("CVE-1900-0001", "SHUT"));
    let ended = records.check(&[
        "a.json",
        "--level",
        "schema",
        "--summary",
        "--output",
        "csv",
    ]);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "cna,code,severity,count");
    assert!(lines[1].ends_with(",SCHEMA-ENUM,error,1"), "{lines:?}");
    let text = records.check(&["a.json", "--level", "schema", "--summary"]);
    assert!(text.stdout.contains("Findings by CNA"), "{}", text.stdout);
}

#[test]
fn codes_are_selected_and_ignored_by_their_parts() {
    let records = Records::new();
    let bad = line_of("CVE-1900-0001", "SHUT").replacen("\"dataVersion\"", "\"x\"", 1);
    records.file("a.json", bad);
    let codes = |arguments: &[&str]| {
        let arguments = [&["a.json", "--level", "schema"], arguments].concat();
        verdict(&records.lines(&arguments)[0]).3
    };
    assert_eq!(codes(&[]).len(), 3);
    assert_eq!(codes(&["--select", "SCHEMA-ENUM"]), ["SCHEMA-ENUM"]);
    assert_eq!(
        codes(&["--ignore", "SCHEMA-ENUM,schema-unknown"]),
        ["SCHEMA-REQUIRED"]
    );
    assert_eq!(codes(&["--ignore", "SCHEMA"]), Vec::<String>::new());
}

#[test]
fn a_schema_of_ones_own_judges_instead() {
    let records = Records::new();
    records.file(
        "schema.json",
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
            "required": ["a"], "properties": {"a": {"type": "string", "format": "uri"}}})
        .to_string(),
    );
    records.file("good.json", r#"{"a": "http:/x"}"#);
    records.file("bad.json", "{\n  \"a\": \"no address\"\n}");
    records.file("cut.json", "{");
    let lines = records.lines(&[
        "good.json",
        "bad.json",
        "cut.json",
        "--schema",
        "schema.json",
    ]);
    assert_eq!(
        lines[0]["valid"], true,
        "addresses are checked as CVE Services does"
    );
    assert_eq!(verdict(&lines[1]).3, ["SCHEMA-FORMAT"]);
    assert_eq!(lines[1]["findings"][0]["line"], 2);
    assert_eq!(lines[1]["findings"][0]["pointer"], "/a");
    assert_eq!(verdict(&lines[2]).3, ["JSON-SYNTAX"]);
}
