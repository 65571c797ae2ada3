//! Reports: Markdown with front matter, as people and programs hand them in.
//!
//! ```text
//! ---
//! title: Node agent follows symlinks when it rotates logs
//! product: node-agent
//! reporter: {name: Alex, contact: alex@example.org}
//! ---
//! What the reporter wrote.
//! ```
//!
//! The form is described field by field at [`Report`].

use std::collections::BTreeMap;

use cve::cvss::Cvss;
use cve::cwe::{self, Cwe};
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A report of a vulnerability.
///
/// Source: process section 2.3, node A2 (what a report must hold).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What it is about, in a line.
    pub title: String,
    /// Name of the product in the catalogue.
    pub product: String,
    /// Who reported it.
    pub reporter: Reporter,
    /// When it came in; the moment of filing when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Timestamp>,
    /// Whether it must stay secret for now; it must, unless it says `false`.
    #[serde(default = "yes")]
    pub embargoed: bool,
    /// Severity in words: `low`, `medium`, `high`, `critical`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub severity: String,
    /// The weakness, as a CWE id such as `CWE-61`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub weakness: String,
    /// A CVSS vector.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cvss: String,
    /// Affected versions, one range each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<AffectedRange>,
    /// Public addresses about it, besides the advisory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// What will be said in public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<PublicText>,
    /// Answers to the decision tree, by node, where the sender knows them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, GivenAnswer>,
    /// What the reporter wrote, Markdown; confidential.
    #[serde(default, skip_deserializing)]
    pub body: String,
}

/// Who reported a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporter {
    /// Name; confidential.
    pub name: String,
    /// How to reach them; confidential.
    #[serde(default)]
    pub contact: String,
    /// The name to credit, where the reporter agreed to be named; empty otherwise.
    #[serde(default)]
    pub credit: String,
}

/// A range of affected versions, from the first to before the fixed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AffectedRange {
    /// First affected version; `0` for all before `before`.
    pub from: String,
    /// First version that is not affected any more; empty where no fix exists.
    #[serde(default)]
    pub before: String,
}

/// What will be said in public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicText {
    /// The description of the record, one paragraph.
    pub description: String,
    /// What readers should do, Markdown.
    #[serde(default)]
    pub solution: String,
    /// What they can do until then, Markdown.
    #[serde(default)]
    pub workaround: String,
}

/// An answer to a question of the decision tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenAnswer {
    /// One of the answers the question allows.
    pub value: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

fn yes() -> bool {
    true
}

/// Why a text is not a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReport {
    /// The front matter is missing or not closed.
    #[error(
        "line {line}: {problem}; a report is front matter between two lines `---`, then the text"
    )]
    FrontMatter {
        /// Line in the report, from 1.
        line: usize,
        /// What was found.
        problem: &'static str,
    },
    /// The front matter is not what a report needs.
    #[error("the front matter cannot be read: {0}")]
    Yaml(String),
    /// A field holds what it cannot hold.
    #[error("field `{field}`: {problem}")]
    Field {
        /// The field.
        field: String,
        /// What was found and expected.
        problem: String,
    },
}

/// Bytes a report may have; a longer one is refused before it is read.
pub const MAX_REPORT_BYTES: usize = 1024 * 1024;

impl Report {
    /// Reads a report.
    ///
    /// Refuses: a text without front matter, an unknown or missing field, a
    /// value of the wrong form; each with its line or field.
    pub fn parse(text: &str) -> Result<Report, InvalidReport> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_REPORT_BYTES {
            return Err(field(
                "report",
                format!(
                    "it has {} bytes, expected at most {MAX_REPORT_BYTES}",
                    text.len()
                ),
            ));
        }
        let (front, body) = split(text)?;
        if front.trim().is_empty() {
            let problem =
                "the front matter is empty, expected at least title, product and reporter";
            return Err(InvalidReport::FrontMatter { line: 2, problem });
        }
        let mut report: Report = serde_saphyr::from_str(front)
            .map_err(|error| InvalidReport::Yaml(one_line(&error.to_string())))?;
        report.body = body.trim().to_owned();
        report.check()?;
        Ok(report)
    }

    /// The weakness, when it is named and known.
    pub(crate) fn cwe(&self) -> Option<&'static Cwe> {
        cwe::number(&self.weakness)
            .and_then(cwe::entry)
            .filter(|entry| entry.is_weakness())
    }

    /// Refuses what a field cannot hold.
    pub(crate) fn check(&self) -> Result<(), InvalidReport> {
        let length = self.title.chars().count();
        if !(1..=256).contains(&length) || self.title.trim() != self.title {
            return Err(field(
                "title",
                format!("it has {length} characters, expected 1 to 256 without blanks around them"),
            ));
        }
        if self.product.is_empty() {
            return Err(field(
                "product",
                "it is empty: name a product of the catalogue".into(),
            ));
        }
        if self.body.is_empty() {
            return Err(field(
                "body",
                "there is no text after the front matter".into(),
            ));
        }
        let severities = ["", "low", "medium", "high", "critical"];
        if !severities.contains(&self.severity.as_str()) {
            let problem = format!(
                "`{}`, expected low, medium, high or critical",
                self.severity
            );
            return Err(field("severity", problem));
        }
        if !self.cvss.is_empty()
            && let Err(error) = self.cvss.parse::<Cvss>()
        {
            return Err(field("cvss", error.to_string()));
        }
        if !self.weakness.is_empty() && self.cwe().is_none() {
            let problem = format!(
                "`{}`, expected the id of a weakness such as `CWE-79`",
                self.weakness
            );
            return Err(field("weakness", problem));
        }
        for (index, range) in self.affected.iter().enumerate() {
            if range.from.trim().is_empty() {
                let problem = "it is empty, expected a version; `0` means from the beginning";
                return Err(field(format!("affected[{index}].from"), problem.into()));
            }
        }
        Ok(())
    }
}

fn field(field: impl Into<String>, problem: String) -> InvalidReport {
    InvalidReport::Field {
        field: field.into(),
        problem,
    }
}

/// The front matter without its fences, and what follows.
fn split(text: &str) -> Result<(&str, &str), InvalidReport> {
    let opening = text.split_inclusive('\n').next().unwrap_or_default();
    if opening.trim_end() != "---" {
        return Err(InvalidReport::FrontMatter {
            line: 1,
            problem: "no `---` in the first line",
        });
    }
    let rest = &text[opening.len()..];
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    Err(InvalidReport::FrontMatter {
        line: text.lines().count(),
        problem: "the front matter has no closing `---`",
    })
}

/// The first line of the parser's message; it goes on with an excerpt.
fn one_line(message: &str) -> String {
    message
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "---\ntitle: A flaw\nproduct: agent\nreporter: {name: Alex}\n---\nText.\n";

    #[test]
    fn the_least_report_is_embargoed_and_credits_nobody() {
        let report = Report::parse(GOOD).unwrap();
        assert!(report.embargoed);
        assert_eq!(
            (report.body.as_str(), report.reporter.credit.as_str()),
            ("Text.", "")
        );
    }

    #[test]
    fn a_malformed_report_is_refused_with_its_place() {
        let cases = [
            ("", "line 1: no `---` in the first line"),
            (
                "---\ntitle: x\n",
                "line 2: the front matter has no closing `---`",
            ),
            ("---\n---\nText", "line 2: the front matter is empty"),
            ("---\ntitle: x\n---\nText", "missing field"),
            (
                "---\ntitle: x\nproduct: p\nreporter: {name: a}\ncolour: red\n---\nText",
                "unknown field `colour`",
            ),
            (
                "---\ntitle: x\nproduct: p\nreporter: {name: a}\nseverity: huge\n---\nText",
                "field `severity`: `huge`, expected low, medium, high or critical",
            ),
            (
                "---\ntitle: x\nproduct: p\nreporter: {name: a}\n---\n",
                "field `body`",
            ),
            (
                "---\ntitle: x\nproduct: p\nreporter: {name: a}\nreceived: soon\n---\nText",
                "`soon` is not a time",
            ),
            (
                "---\ntitle: x\nproduct: p\nreporter: {name: a}\ncvss: high\n---\nText",
                "field `cvss`",
            ),
            (
                "---\ntitle: x\nproduct: p\nreporter: {name: a}\nweakness: CWE-2\n---\nText",
                "field `weakness`: `CWE-2`, expected the id of a weakness",
            ),
        ];
        for (text, expected) in cases {
            let message = Report::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?}: {message}");
            assert!(!message.contains('\n'), "{message:?}");
        }
    }

    #[test]
    fn a_report_keeps_its_meaning_through_json() {
        let report = Report::parse(GOOD).unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["title"], "A flaw");
        assert_eq!(json["body"], "Text.");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "(---\n)?\\PC{0,80}(\n---\n)?\\PC{0,20}") {
            let _ = Report::parse(&text);
        }
    }
}
