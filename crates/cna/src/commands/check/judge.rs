//! What is to be said about one document.

use std::sync::Arc;

use cve::check::{
    Checker, Finding, Kind, Position, Severity, excess, head, likely_kind, locate, server,
};
use cve::lint::{Context, Linter, without_echoes};
use cve::time::Timestamp;

use super::official::Official;
use super::options::{Level, Options, Type};
use super::selection::Selection;

/// What was found out about one document.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The CVE ID as it is written there.
    pub(crate) id: Option<String>,
    /// Short name of the organisation.
    pub(crate) org: Option<String>,
    /// The verdict of the schema.
    pub(crate) valid: bool,
    pub(crate) kind: Kind,
    /// Findings with their places in the document.
    pub(crate) findings: Vec<Finding>,
}

/// Judges documents; one for each thread.
pub(crate) struct Judge {
    checker: Checker,
    /// Outlines each document, from level server on.
    linter: Option<Linter>,
    /// Whether the content rules are asked for.
    wants_lint: bool,
    official: Option<Arc<Official>>,
    level: Level,
    kind: Type,
    selection: Selection,
    now: Timestamp,
    /// Only documents of this organisation.
    cna: Option<String>,
}

impl Judge {
    pub(crate) fn new(options: &Options, now: Timestamp, official: Option<Arc<Official>>) -> Judge {
        let wants_lint = options.level == Level::Lint && options.selection.has_lint();
        // `Selection::read` made a linter of every name already.
        let linter = (options.level >= Level::Server)
            .then(|| Linter::for_format(&options.settings, options.format).ok())
            .flatten();
        Judge {
            checker: Checker::new(options.format),
            linter,
            wants_lint,
            official,
            level: options.level,
            kind: options.kind,
            selection: options.selection.clone(),
            now,
            cna: options.cna.clone(),
        }
    }

    /// Judges a document; `None` when it is another organisation's.
    pub(crate) fn judge(&mut self, bytes: &[u8]) -> Option<Judged> {
        if let Some(cna) = &self.cna {
            let is_theirs = |org: &String| org.eq_ignore_ascii_case(cna);
            if !head(bytes).org.as_ref().is_some_and(is_theirs) {
                return None;
            }
        }
        if let Some(finding) = excess(bytes) {
            let head = head(bytes);
            return Some(Judged {
                id: head.id,
                org: head.org,
                valid: false,
                kind: Kind::Record,
                findings: vec![finding],
            });
        }
        let (kind, valid, lint) = self.verdict(bytes);
        let outlined = self.linter.as_ref().filter(|_| valid);
        let head = outlined
            .and_then(|linter| linter.head(kind, bytes))
            .unwrap_or_else(|| head(bytes));
        let may_refuse = outlined.is_none_or(|linter| linter.may_refuse(kind, bytes, self.now));
        let mut findings = match &self.official {
            Some(official) => official.findings(bytes),
            None if !valid || self.may_warn(bytes) => self.checker.findings(kind, bytes),
            None => Vec::new(),
        };
        let valid = match &self.official {
            Some(_) => findings
                .iter()
                .all(|finding| finding.severity != Severity::Error),
            None => valid,
        };
        let is_read = !findings.iter().any(cannot_be_read);
        if self.level >= Level::Server && is_read && may_refuse {
            let more = server::review(&mut self.checker, kind, bytes, self.now, &findings);
            findings.extend(more);
        }
        findings.retain(|finding| self.selection.shows(finding));
        // A rule whose finding repeats what is shown already is not told.
        let lint = without_echoes(lint, &findings);
        findings.extend(lint);
        if !findings.is_empty() {
            place(bytes, &mut findings);
        }
        Some(Judged {
            id: head.id,
            org: head.org,
            valid,
            kind,
            findings,
        })
    }

    /// The verdict on a document that is too large to be read.
    pub(crate) fn too_large(&self, length: usize) -> Judged {
        Judged {
            id: None,
            org: None,
            valid: false,
            kind: Kind::Record,
            findings: vec![cve::check::too_large(length)],
        }
    }

    /// The kind of a document, its verdict, and what the content rules say.
    fn verdict(&mut self, bytes: &[u8]) -> (Kind, bool, Vec<Finding>) {
        let is_body = |kind| {
            matches!(
                kind,
                Kind::PublishedBody | Kind::RejectedBody | Kind::AdpBody
            )
        };
        let (bare, body) = match self.kind {
            Type::Any => return self.found_out(bytes),
            Type::Full => (Kind::Record, None),
            Type::Cna => (Kind::PublishedContainer, Some(Kind::PublishedBody)),
            Type::Rejected => (Kind::RejectedContainer, Some(Kind::RejectedBody)),
            Type::Adp => (Kind::AdpContainer, Some(Kind::AdpBody)),
        };
        let kind = match body {
            Some(body) if is_body(likely_kind(bytes)) => body,
            _ => bare,
        };
        let (valid, lint) = self.of_kind(kind, bytes);
        (kind, valid, lint)
    }

    /// Most documents are records, so that is tried before anything is
    /// looked up in the text.
    fn found_out(&mut self, bytes: &[u8]) -> (Kind, bool, Vec<Finding>) {
        let (valid, lint) = self.of_kind(Kind::Record, bytes);
        if valid {
            return (Kind::Record, true, lint);
        }
        let mut kind = likely_kind(bytes);
        if kind == Kind::Record {
            return (kind, false, lint);
        }
        let (mut valid, mut lint) = self.of_kind(kind, bytes);
        // An ADP may list products and describe nothing.
        let may_be_adp = kind == Kind::PublishedContainer
            && memchr::memmem::find(bytes, b"\"descriptions\"").is_none();
        if !valid && may_be_adp && self.checker.verdict(Kind::AdpContainer, bytes) {
            kind = Kind::AdpContainer;
            (valid, lint) = self.of_kind(kind, bytes);
        }
        (kind, valid, lint)
    }

    /// Says whether the document whose verdict was given last may be worth a
    /// warning.
    fn may_warn(&self, bytes: &[u8]) -> bool {
        match &self.linter {
            Some(linter) => linter.may_warn(bytes),
            None => self.checker.may_warn(bytes),
        }
    }

    fn of_kind(&mut self, kind: Kind, bytes: &[u8]) -> (bool, Vec<Finding>) {
        match &mut self.linter {
            Some(linter) if !self.wants_lint => (linter.verdict(kind, bytes), Vec::new()),
            Some(linter) => {
                let context = Context {
                    now: Some(self.now),
                    ..Context::default()
                };
                linter.findings(kind, bytes, &context)
            }
            None => (self.checker.verdict(kind, bytes), Vec::new()),
        }
    }
}

fn cannot_be_read(finding: &Finding) -> bool {
    matches!(
        &*finding.code,
        "JSON-SYNTAX" | "JSON-ENCODING" | "JSON-SIZE"
    )
}

/// Puts the findings into the order of the text and gives each a place.
fn place(bytes: &[u8], findings: &mut [Finding]) {
    // What is about no place is said last. Stable, so that what the schema
    // says of a value comes before what the content rules say.
    let last = Position {
        line: usize::MAX,
        column: usize::MAX,
    };
    findings.sort_by_key(|finding| finding.position.unwrap_or(last));
    locate(bytes, findings);
}

/// The word for a kind, as `--type` has it.
pub(crate) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Record => "full",
        Kind::PublishedContainer | Kind::PublishedBody => "cna",
        Kind::RejectedContainer | Kind::RejectedBody => "rejected",
        Kind::AdpContainer | Kind::AdpBody => "adp",
    }
}
