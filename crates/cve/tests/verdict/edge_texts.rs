//! Texts that are odd as JSON, with what JavaScript and ajv make of them.

use cve::check::{Checker, Kind, Severity};
use serde::Deserialize;

use crate::shared;

#[derive(Deserialize)]
struct EdgeText {
    name: String,
    b64: String,
    valid_by_ajv: String,
}

#[test]
fn odd_texts_get_the_verdict_of_json_parse_and_ajv() {
    let Some(path) = shared::file("records/edge-texts.jsonl") else {
        return;
    };
    let mut checker = Checker::default();
    let mut count = 0;
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let edge: EdgeText = serde_json::from_str(line).unwrap();
        let text = decoded(&edge.b64);
        // `-` stands for a text that JSON.parse refuses.
        let want = edge.valid_by_ajv == "valid";
        let findings = checker.findings(Kind::Record, &text);
        let errors = findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        assert_eq!(
            checker.verdict(Kind::Record, &text),
            want,
            "{}: {findings:#?}",
            edge.name
        );
        assert_eq!(!errors, want, "{}: {findings:#?}", edge.name);
        count += 1;
    }
    println!("{count} odd texts");
    assert!(count >= 75);
}

/// Reads base64.
fn decoded(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text
        .bytes()
        .filter(|byte| *byte != b'=')
        .map(|byte| u32::from(value(byte)))
        .collect();
    let mut bytes = Vec::new();
    for chunk in digits.chunks(4) {
        let group =
            chunk.iter().fold(0, |group, digit| group << 6 | digit) << (6 * (4 - chunk.len()));
        bytes.extend_from_slice(&group.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}
