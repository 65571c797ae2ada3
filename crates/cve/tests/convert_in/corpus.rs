//! Real records: every version text, every record read back, and every record
//! of CVE JSON 4.0 beside what the Program's converter made of it.

use std::collections::BTreeMap;

use cve::check::{Checker, Kind};
use cve::convert::version_text::{VersionText, read as read_version};
use cve::convert::{Publisher, Source, read};
use serde_json::{Value, json};

use super::shared;

#[test]
fn texts_of_versions_are_read_or_refused_for_a_reason() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    let (mut operators, mut others): (BTreeMap<String, u32>, BTreeMap<String, u32>) =
        Default::default();
    shared::each_line(&path, 10, |line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let versions = record["containers"]["cna"]["affected"]
            .as_array()
            .into_iter()
            .flatten();
        let entries =
            versions.flat_map(|product| product["versions"].as_array().into_iter().flatten());
        for entry in entries {
            if entry.get("lessThan").is_some() || entry.get("lessThanOrEqual").is_some() {
                continue;
            }
            let text = entry["version"].as_str().unwrap();
            let said = match read_version(text, &[]) {
                VersionText::Single => "single".to_owned(),
                VersionText::Read(reading) => {
                    assert!(!reading.ranges.is_empty(), "{text}");
                    "read".to_owned()
                }
                VersionText::Unread(reason) => format!("unread: {}", reason.code()),
            };
            let with_sign = text.contains(['<', '>', '=', '≤', '≥']);
            *if with_sign {
                &mut operators
            } else {
                &mut others
            }
            .entry(said)
            .or_default() += 1;
        }
    });
    println!("with a sign: {operators:?}\nwithout: {others:?}");
    let read = f64::from(operators["read"]);
    let all = f64::from(operators.values().sum::<u32>());
    assert!(
        read / all > 0.93,
        "only {read} of {all} texts with a sign are read"
    );
    assert!(!operators.contains_key("single"));
}

/// What the schema refuses in a draft, but for parts that are missing.
fn refused(container: &Value) -> Vec<String> {
    let kind = match container.get("rejectedReasons") {
        Some(_) => Kind::RejectedBody,
        None => Kind::PublishedBody,
    };
    let body = json!({"cnaContainer": container}).to_string();
    let findings = Checker::default().findings(kind, body.as_bytes());
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == cve::check::Severity::Error);
    errors
        .filter(|finding| !matches!(&*finding.code, "SCHEMA-REQUIRED" | "SCHEMA-CONTAINS"))
        .map(|finding| format!("{} {}", finding.pointer, finding.message))
        .collect()
}

#[test]
fn a_record_of_5_x_comes_back_as_it_is_but_for_ranges_in_words() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    let publisher = Publisher::unnamed();
    let mut changed = 0;
    let count = shared::each_line(&path, 20, |line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let read = read::read(line.as_bytes(), None, &publisher).unwrap();
        assert_eq!(read.id.unwrap().to_string(), record["cveMetadata"]["cveId"]);
        assert_eq!(
            refused(&read.container),
            Vec::<String>::new(),
            "{}",
            record["cveMetadata"]["cveId"]
        );
        let mut original = record["containers"]["cna"].clone();
        let mut container = read.container.clone();
        let was_read = read
            .findings
            .iter()
            .any(|finding| finding.code == "CONV-READING");
        let was_refused = read.unplaced.iter().any(|loss| loss.kind != "adp");
        if was_read || was_refused {
            changed += 1;
            original["affected"] = Value::Null;
            container["affected"] = Value::Null;
        }
        if !was_refused {
            assert_eq!(container, original, "{}", record["cveMetadata"]["cveId"]);
        }
    });
    println!("{count} records, {changed} with ranges read or parts refused");
}

/// A text as both readings give it: the converter encodes more characters of
/// an address, and cuts the last one of a description it took a mark from.
fn plain(text: &Value) -> Value {
    let text = text.as_str().unwrap_or_default();
    let text = text
        .replace("%40", "@")
        .replace("%3B", ";")
        .replace("%2C", ",")
        .replace("%3A", ":");
    json!(text.trim_end_matches(['.', '"']))
}

#[test]
fn a_record_of_4_0_is_read_as_the_programs_converter_read_it() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    let publisher = Publisher::unnamed();
    let (mut count, mut differing): (u32, BTreeMap<&str, u32>) = Default::default();
    shared::each_line(&path, 10, |line| {
        if !line.contains("x_legacyV4Record") {
            return;
        }
        let record: Value = serde_json::from_str(line).unwrap();
        let cna = &record["containers"]["cna"];
        let legacy = &cna["x_legacyV4Record"];
        if !legacy.is_object() {
            return;
        }
        let id = &record["cveMetadata"]["cveId"];
        count += 1;
        let read = read::read(
            legacy.to_string().as_bytes(),
            Some(Source::Cve4),
            &publisher,
        )
        .unwrap();
        assert_eq!(refused(&read.container), Vec::<String>::new(), "{id}");
        let texts = |container: &Value, list: &str, key: &str| -> Vec<Value> {
            let mut each: Vec<Value> = Vec::new();
            for item in container[list].as_array().into_iter().flatten() {
                let text = plain(&item[key]);
                if !each.contains(&text) {
                    each.push(text);
                }
            }
            each
        };
        // Both records were edited on their own since, so that a few differ.
        for (list, key) in [
            ("descriptions", "value"),
            ("references", "url"),
            ("affected", "product"),
            ("affected", "vendor"),
        ] {
            let (ours, theirs) = (texts(&read.container, list, key), texts(cna, list, key));
            if ours.len() != theirs.len() || !theirs.iter().all(|text| ours.contains(text)) {
                *differing.entry(list).or_default() += 1;
                if differing[list] < 4 {
                    println!("{id} {list}: {ours:?} and {theirs:?}");
                }
            }
        }
        assert!(
            !read.unplaced.iter().any(|loss| loss.kind == "shape"),
            "{id} {:?}",
            read.unplaced
        );
    });
    println!("{count} records, {differing:?} differ");
    for (list, differ) in differing {
        assert!(differ * 20 < count, "{list}: {differ} of {count} differ");
    }
}
