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
