//! What a content rule says that the schema, or the server's check, said
//! already of the same value.

use crate::check::Finding;

/// The codes of checks that leave nothing to say for some rules at the same
/// place. `SCHEMA-TYPE` is not among them: of a value of the wrong kind no
/// rule has anything to add.
const SAID: [(&str, &[&str]); 8] = [
    (
        "SCHEMA-LENGTH",
        &[
            "CPE",
            "CPE-PRODUCT",
            "REC-010-PRODUCT",
            "REC-010-VENDOR",
            "REC-014-FORM",
            "REC-014-PLACEHOLDER",
            "REC-014-TYPE",
            "REC-030",
            "REC-030-SPACE",
            "REC-040",
            "REJ-001-SHORT",
            "TEXT-CONTROL",
        ],
    ),
    ("SCHEMA-PATTERN", &["CPE", "CPE-PRODUCT", "REC-023-VECTOR"]),
    ("SCHEMA-FORMAT", &["REC-040", "REC-040-PRIVATE"]),
    ("SCHEMA-ENUM", &["REC-023-METRIC", "REC-023-SEVERITY"]),
    ("SCHEMA-RANGE", &["REC-023-ENVIRONMENT", "REC-023-SCORE"]),
    ("SCHEMA-EMPTY", &["REC-020", "REC-023"]),
    (
        "SCHEMA-VERSION",
        &["REC-014-ENDS", "REC-014-UNRANGED", "REC-014-UNTYPED"],
    ),
    ("SERVER-LANGUAGE", &["REC-030-TWICE"]),
];

/// The findings of content rules without those that only repeat what a check
/// found, so that one fault is told once.
///
/// Takes: `lint`, findings of content rules; `checked`, findings of the
/// schema's check and of the server's about the same document.
/// Gives: the first without repetitions, in the same order; all of them when
/// nothing was checked.
/// Source: our choice; of two codes for a fault that of the check is told,
/// because the Program refuses the document for it.
pub fn without_echoes(mut lint: Vec<Finding>, checked: &[Finding]) -> Vec<Finding> {
    if !checked.is_empty() {
        lint.retain(|finding| !checked.iter().any(|check| repeats(finding, check)));
    }
    lint
}

fn repeats(rule: &Finding, check: &Finding) -> bool {
    if check.code == "SCHEMA-UNIQUE" && rule.code == "REC-040-DUPLICATE" {
        // The one is about the list, the other about the second address.
        let rest = rule.pointer.strip_prefix(check.pointer.as_str());
        let place = rest.and_then(|rest| rest.strip_suffix("/url"));
        let place = place.and_then(|place| place.strip_prefix('/'));
        return place.is_some_and(|place| check.message.starts_with(&format!("item {place} ")));
    }
    if check.pointer != rule.pointer {
        return false;
    }
    let is_severity = rule.code == "REC-023-SEVERITY";
    match &*check.code {
        "SCHEMA-TYPE" => true,
        "SCHEMA-BAND" | "SCHEMA-UNKNOWN" => is_severity,
        code => SAID
            .iter()
            .any(|(said, rules)| *said == code && rules.contains(&&*rule.code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Checker, Kind};
    use crate::lint::{Context, Linter, Settings, rule};

    /// The codes that are left of what is said of a container.
    fn left(container: &str) -> Vec<String> {
        let bytes = container.as_bytes();
        let checked = Checker::default().findings(Kind::PublishedContainer, bytes);
        let mut linter = Linter::new(&Settings::default()).unwrap();
        let lint = linter.lint(Kind::PublishedContainer, bytes, &Context::default());
        let left = without_echoes(lint, &checked).into_iter();
        left.map(|finding| finding.code.into_owned()).collect()
    }

    #[test]
    fn every_code_is_one_of_a_rule() {
        for (_, rules) in SAID {
            for code in rules {
                assert!(rule(code).is_some(), "{code}");
            }
        }
    }

    #[test]
    fn what_the_schema_said_is_not_said_again() {
        for (container, code) in [
            (r#"{"references": [{"url": "relative"}]}"#, "REC-040"),
            (
                r#"{"metrics": [{"cvssV3_1": {"version": "3.1", "baseScore": 9.8, "baseSeverity": "LOW", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}"#,
                "REC-023-SEVERITY",
            ),
            (
                r#"{"references": [{"url": "https://example.org/a"}, {"url": "https://example.org/a"}]}"#,
                "REC-040-DUPLICATE",
            ),
        ] {
            let alone = Linter::new(&Settings::default()).unwrap().lint(
                Kind::PublishedContainer,
                container.as_bytes(),
                &Context::default(),
            );
            assert!(alone.iter().any(|finding| finding.code == code), "{code}");
            assert!(!left(container).iter().any(|found| found == code), "{code}");
        }
    }

    #[test]
    fn another_fault_of_the_same_value_is_said() {
        let long = "a".repeat(5000);
        let container = format!(r#"{{"descriptions": [{{"lang": "en", "value": "{long}"}}]}}"#);
        assert!(left(&container).iter().any(|code| code == "REC-032"));
    }
}
