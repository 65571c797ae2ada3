//! `cna check` on real records, by the verdicts that are known of them.

use std::path::PathBuf;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::check_support::{Records, read_lines};

/// A file of the shared folder; `None`, and a printed word, without it.
fn shared(name: &str) -> Option<PathBuf> {
    let found = variable("CNA_SHARED")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared")))
        .filter(|folder| folder.join("data").is_dir())
        .map(|folder| folder.join("data").join(name));
    if found.is_none() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let required = variable("CNA_REQUIRE").unwrap_or_default();
        assert!(
            !required.contains("shared"),
            "{test} needs the shared folder"
        );
        println!("skipped {test}: neither CNA_SHARED nor ../shared exists");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its data through the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
fn mutants_get_the_verdict_of_ajv_through_the_command() {
    let Some(path) = shared("records/mutants-dev.jsonl.zst") else {
        return;
    };
    #[derive(serde::Deserialize)]
    struct Mutant<'a> {
        valid_by_ajv: bool,
        #[serde(borrow)]
        record: &'a RawValue,
    }
    let packed = std::fs::read(path).unwrap();
    let text = String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    let slice = if variable("CNA_LONG").is_some() {
        1
    } else {
        16
    };
    let mutants: Vec<Mutant<'_>> = text
        .lines()
        .step_by(slice)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let records = Records::new();
    let lines: Vec<&str> = mutants.iter().map(|mutant| mutant.record.get()).collect();
    records.file("mutants.jsonl", lines.join("\n"));
    let ended = records.check(&[
        "mutants.jsonl",
        "--level",
        "schema",
        "--format-version",
        "5.1.1",
        "--output",
        "ndjson",
    ]);
    let verdicts = read_lines(&ended.stdout);
    assert_eq!(verdicts.len(), mutants.len());
    for (mutant, line) in mutants.iter().zip(&verdicts) {
        assert_eq!(line["valid"], mutant.valid_by_ajv, "{line}");
        let findings = line["findings"].as_array().unwrap();
        let errors = findings
            .iter()
            .any(|finding| finding["severity"] == "error");
        assert_eq!(errors, !mutant.valid_by_ajv, "{line}");
    }
}

#[test]
fn official_schemas_judge_as_we_do() {
    let Some(folder) = shared("schema") else {
        return;
    };
    let records = Records::new();
    let good = format!("{}/../../fixtures/records/good", env!("CARGO_MANIFEST_DIR"));
    let bad = format!("{}/../../fixtures/records/bad", env!("CARGO_MANIFEST_DIR"));
    for (name, version) in [
        ("CVE_JSON_bundled_5.1.1.json", "5.1.1"),
        ("CVE_Record_Format_bundled.json", "5.2.0"),
    ] {
        let schema = folder.join(name);
        let verdicts = |arguments: &[&str]| -> Vec<(Value, Value)> {
            let inputs = [good.as_str(), bad.as_str(), "--type", "full"];
            let lines = records.lines(&[&inputs[..], arguments].concat());
            lines
                .iter()
                .map(|line| (line["source"].clone(), line["valid"].clone()))
                .collect()
        };
        let theirs = verdicts(&["--schema", schema.to_str().unwrap()]);
        let ours = verdicts(&["--level", "schema", "--format-version", version]);
        assert!(ours.len() > 50);
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs, "{name}");
        }
    }
}
