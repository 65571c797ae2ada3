//! What a target needs and a record lacks.

use crate::check::{Finding, Severity};

/// A finding of a conversion.
///
/// An error keeps the document from being made; a warning says that the
/// document says less than its readers expect; advice shows how something
/// was read.
pub(crate) fn finding(
    severity: Severity,
    code: &str,
    pointer: impl Into<String>,
    message: impl Into<String>,
    rule: &str,
    fix: &str,
) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        pointer: pointer.into(),
        message: message.into(),
        rule: rule.to_owned(),
        fix: fix.to_owned(),
        position: None,
    }
}

/// Shows how a version written as text was read.
pub(crate) fn reading(pointer: &str, text: &str, read: &str) -> Finding {
    finding(
        Severity::Advice,
        "CONV-READING",
        pointer,
        format!("`{text}` is read as {read}"),
        "CVE Record Format: version is one version, ranges have lessThan",
        "write the range into `version`, `lessThan` or `lessThanOrEqual`",
    )
}

/// Says that a vector is left out because it is none.
pub(crate) fn invalid_vector(container: &str, bad: &super::content::Unscored) -> Finding {
    finding(
        Severity::Warning,
        "CONV-CVSS",
        format!("{container}{}/vectorString", bad.pointer),
        format!(
            "the score is left out, because `{}` is no vector: {}",
            bad.text, bad.why
        ),
        "CVSS specification of the vector's version",
        "correct the vector",
    )
}
