//! One thing that is wrong with a document.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// One thing that is wrong with a document. A value, collected, never an
/// error: a wrong document is an ordinary result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code of the rule, such as `REC-040`; never reused.
    pub code: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) into the document; empty for the whole of it.
    pub pointer: String,
    /// What is there and what is expected, one sentence without a full stop.
    pub message: String,
    /// Where the rule comes from: a schema path or a rule number.
    pub rule: Cow<'static, str>,
    /// What to do about it, one sentence without a full stop.
    pub fix: Cow<'static, str>,
    /// Where in the text it is, when the check saw the text itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl Finding {
    /// The keyword of JSON Schema that the document breaks, such as
    /// `maxLength`; empty when the rule is none of a schema.
    ///
    /// Source: the last step of `rule`, a pointer into the official schema.
    pub fn keyword(&self) -> &str {
        let pointer = self.rule.strip_prefix("#/").unwrap_or_default();
        pointer.rsplit('/').next().unwrap_or_default()
    }
}

/// A place in a text, as an editor shows it.
///
/// Source: our choice; both count from 1, columns count code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, the first being 1.
    pub line: usize,
    /// Column, the first being 1.
    pub column: usize,
}

/// How much a finding matters, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The Program refuses the document.
    Error,
    /// The document breaks a numbered rule.
    Violation,
    /// Probably a mistake; needs an acknowledgement.
    Warning,
    /// Could be better.
    Advice,
}

impl Severity {
    /// Says whether a document with such a finding may not be approved.
    ///
    /// Source: process section 3.3, rule 6.
    pub fn blocks(self) -> bool {
        matches!(self, Severity::Error | Severity::Violation)
    }

    /// The word for it, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Violation => "violation",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        }
    }
}
