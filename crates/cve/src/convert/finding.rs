//! What a target needs and a record lacks.

use std::borrow::Cow;

use crate::check::{Finding, Severity};

/// A finding of a conversion.
///
/// An error keeps the document from being made; a warning says that the
/// document says less than its readers expect; advice shows how something
/// was read.
pub(crate) fn finding(
    severity: Severity,
    code: &'static str,
    pointer: impl Into<String>,
    message: impl Into<String>,
    rule: &'static str,
    fix: impl Into<Cow<'static, str>>,
) -> Finding {
    Finding {
        code: code.into(),
        severity,
        pointer: pointer.into(),
        message: message.into(),
        rule: rule.into(),
        fix: fix.into(),
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

/// Says that the record gives a vector another score than the vector has.
///
/// Gives: `None` when the two agree, or no score is given. For versions before
/// 4.0 records give the base score; for 4.0 that of the whole vector.
pub(crate) fn other_score(pointer: &str, score: &super::content::Scored) -> Option<Finding> {
    let stated = score.stated?;
    let base = score.vector.base_score();
    let whole = score.vector.score();
    let agrees = [base, whole]
        .iter()
        .any(|known| (known.number() - stated).abs() < 0.05);
    (!agrees).then(|| {
        finding(
            Severity::Warning,
            "CONV-SCORE",
            format!("{pointer}/baseScore"),
            format!("the record says {stated}, and the vector has {base}, which the document says"),
            "CSAF 6.1.9: the score is computed from the vector",
            "correct the score or the vector",
        )
    })
}
