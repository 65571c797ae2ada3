//! Advisories: what readers are told, in words.

use cve::id::CveId;
use serde::{Deserialize, Serialize};

/// An advisory, the part of a draft that people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Its own id, such as `EXAMPLE-2026-001`.
    pub id: String,
    /// The CVE ID it is about.
    pub cve_id: CveId,
    /// What it is about, in a line.
    pub title: String,
    /// What it is about, in a paragraph.
    pub summary: String,
    /// Severity in words; may be empty.
    #[serde(default)]
    pub severity: String,
    /// A CVSS vector; may be empty.
    #[serde(default)]
    pub cvss: String,
    /// The weakness; may be empty.
    #[serde(default)]
    pub weakness: String,
    /// Affected products and versions, one line each.
    pub affected: Vec<AffectedLine>,
    /// What readers should do, Markdown; may be empty.
    #[serde(default)]
    pub solution: String,
    /// What they can do until then, Markdown; may be empty.
    #[serde(default)]
    pub workaround: String,
    /// Public addresses about it.
    #[serde(default)]
    pub references: Vec<String>,
    /// Who found it and agreed to be named; may be empty.
    #[serde(default)]
    pub credit: String,
}

/// Affected versions of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AffectedLine {
    /// Vendor and product.
    pub product: String,
    /// The versions in words, such as `from 1.2.0 before 1.4.3`.
    pub versions: String,
    /// The first fixed version; empty where there is none.
    #[serde(default)]
    pub fixed: String,
}

/// The versions of a range in words.
///
/// Source: process section 5.3 (version wording).
pub(crate) fn range_in_words(from: &str, before: &str) -> String {
    match (from, before) {
        ("0", "") => "all versions".into(),
        ("0", before) => format!("before {before}"),
        (from, "") => format!("{from} and later"),
        (from, before) => format!("from {from} before {before}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_the_field_writes_them() {
        for (from, before, words) in [
            ("0", "", "all versions"),
            ("0", "1.4.3", "before 1.4.3"),
            ("1.2.0", "", "1.2.0 and later"),
            ("1.2.0", "1.4.3", "from 1.2.0 before 1.4.3"),
        ] {
            assert_eq!(range_in_words(from, before), words);
        }
    }
}
