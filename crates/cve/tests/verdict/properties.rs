//! What holds for any bytes.

use cve::check::{Checker, Format, Kind, Severity};
use proptest::prelude::*;

use crate::fixtures;

pub(crate) const KINDS: [Kind; 7] = [
    Kind::Record,
    Kind::PublishedContainer,
    Kind::RejectedContainer,
    Kind::AdpContainer,
    Kind::PublishedBody,
    Kind::RejectedBody,
    Kind::AdpBody,
];
pub(crate) const FORMATS: [Format; 3] = [Format::V5_0, Format::V5_1_1, Format::V5_2_0];

/// The two engines agree about `text`.
fn agree(text: &[u8]) -> Result<(), TestCaseError> {
    for format in FORMATS {
        let mut checker = Checker::new(format);
        for kind in KINDS {
            let findings = checker.findings(kind, text);
            let errors = findings
                .iter()
                .any(|finding| finding.severity == Severity::Error);
            prop_assert_eq!(
                checker.verdict(kind, text),
                !errors,
                "{:?} {:?}",
                kind,
                findings
            );
        }
    }
    Ok(())
}

/// A good record with some bytes overwritten, dropped or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let records: Vec<Vec<u8>> = fixtures::good().into_iter().map(|(_, text)| text).collect();
    let change = (any::<prop::sample::Index>(), 0..3, any::<u8>(), 0..40_usize);
    (
        prop::sample::select(records),
        prop::collection::vec(change, 1..4),
    )
        .prop_map(|(mut text, changes)| {
            for (at, what, byte, length) in changes {
                let at = at.index(text.len());
                let end = (at + length).min(text.len());
                match what {
                    0 => text[at] = byte,
                    1 => drop(text.drain(at..end)),
                    _ => {
                        let copy = text[at..end].to_vec();
                        text.splice(at..at, copy);
                    }
                }
                if text.is_empty() {
                    text.push(b' ');
                }
            }
            text
        })
}

/// JSON of the keys and words the format knows, in any arrangement.
fn arranged() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "cna",
        "adp",
        "containers",
        "cveMetadata",
        "state",
        "PUBLISHED",
        "REJECTED",
        "lang",
        "en",
        "value",
        "descriptions",
        "rejectedReasons",
        "affected",
        "versions",
        "version",
        "status",
        "metrics",
        "other",
        "content",
        "type",
        "tags",
        "x_",
        "references",
        "url",
        "a:b",
        "providerMetadata",
        "orgId",
        "constructor",
        "__proto__",
        "cnaContainer",
    ];
    let word = prop::sample::select(WORDS).prop_map(|word| format!("\"{word}\""));
    let leaf = prop_oneof![
        6 => word.clone(),
        1 => Just("1".to_owned()),
        1 => Just("1.0".to_owned()),
        1 => Just("null".to_owned()),
        1 => Just("\"\\ud800\"".to_owned()),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        let member =
            (word.clone(), inner.clone()).prop_map(|(key, value)| format!("{key}:{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..5).prop_map(|keys| format!("{{{}}}", keys.join(", "))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn both_engines_agree_on_any_bytes(text in prop::collection::vec(any::<u8>(), 0..200)) {
        agree(&text)?;
    }

    #[test]
    fn both_engines_agree_on_damaged_records(text in damaged()) {
        agree(&text)?;
    }

    #[test]
    fn both_engines_agree_on_rearranged_words(text in arranged()) {
        agree(text.as_bytes())?;
    }
}

#[test]
fn a_record_cut_off_anywhere_is_refused() {
    let mut checker = Checker::default();
    for (name, text) in fixtures::good() {
        let whole = text.trim_ascii_end();
        for end in 0..whole.len() {
            assert!(
                !checker.verdict(Kind::Record, &whole[..end]),
                "{name} to {end}"
            );
        }
    }
}

#[test]
fn a_finding_is_written_as_json_with_its_position() {
    let findings = Checker::default().findings(Kind::Record, b"[]");
    let written = serde_json::to_value(&findings[0]).unwrap();
    assert_eq!(
        written["position"],
        serde_json::json!({"line": 1, "column": 1})
    );
    assert_eq!(written["severity"], "error");
}
