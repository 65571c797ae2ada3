//! Where the rules put what they find.

use std::borrow::Cow;

use super::rule::Rule;
use super::table::{Id, of};
use crate::check::{Document, Finding};

/// More hits than this are not listed: nobody reads them, and a text may be
/// made to have millions.
pub(super) const MOST: usize = 500;

/// A rule that a document breaks, and where, in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub(super) id: Id,
    pub(super) offset: u32,
}

impl Hit {
    /// The rule.
    pub fn rule(self) -> &'static Rule {
        of(self.id)
    }

    /// The byte of the text it is about.
    pub fn offset(self) -> usize {
        self.offset as usize
    }
}

/// What a finding says beyond its rule.
#[derive(Debug)]
pub(super) struct Said {
    message: String,
    fix: Option<Cow<'static, str>>,
    /// A pointer, where it is not that of the value.
    pointer: Option<String>,
}

impl Said {
    pub(super) fn fix(self, fix: impl Into<Cow<'static, str>>) -> Said {
        Said {
            fix: Some(fix.into()),
            ..self
        }
    }

    pub(super) fn pointer(self, pointer: impl Into<String>) -> Said {
        Said {
            pointer: Some(pointer.into()),
            ..self
        }
    }
}

impl<T: Into<String>> From<T> for Said {
    fn from(message: T) -> Said {
        Said {
            message: message.into(),
            fix: None,
            pointer: None,
        }
    }
}

/// Collects hits and, when they are asked for, findings.
///
/// A rule says its sentence in a closure, which runs only for a finding, so
/// that the sentence stands beside the condition and costs nothing else.
pub(super) struct Sink<'a> {
    enabled: &'a [bool],
    pub(super) hits: &'a mut Vec<Hit>,
    /// `None` while only hits are asked for.
    findings: Option<&'a mut Vec<Finding>>,
    document: Document<'a>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        enabled: &'a [bool],
        document: Document<'a>,
        hits: &'a mut Vec<Hit>,
        findings: Option<&'a mut Vec<Finding>>,
    ) -> Sink<'a> {
        Sink {
            enabled,
            hits,
            findings,
            document,
        }
    }

    #[inline(always)]
    pub(super) fn wants(&self, id: Id) -> bool {
        self.enabled[id as usize]
    }

    /// Whether no further hit is kept.
    pub(super) fn is_full(&self) -> bool {
        self.hits.len() >= MOST
    }

    /// The value at `index` breaks the rule `id`.
    pub(super) fn hit<S: Into<Said>>(&mut self, id: Id, index: usize, say: impl FnOnce() -> S) {
        if !self.wants(id) || self.is_full() {
            return;
        }
        let offset = self.document.offset(index) as u32;
        self.hits.push(Hit { id, offset });
        let Some(findings) = &mut self.findings else {
            return;
        };
        let rule = of(id);
        let said: Said = say().into();
        let pointer = said.pointer.unwrap_or_else(|| self.document.pointer(index));
        findings.push(Finding {
            code: rule.code.into(),
            severity: rule.severity,
            pointer,
            message: said.message,
            rule: rule.source.into(),
            fix: said.fix.unwrap_or(Cow::Borrowed(rule.mend)),
            position: None,
        });
    }
}
