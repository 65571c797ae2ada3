//! The door to the content rules.

use super::context::Context;
use super::settings::{Organisation, Profile, Settings, UnknownRule};
pub use super::sink::Hit;
use super::sink::{MOST, Sink};
use super::walk::{Scratch, Walk};
use crate::check::{
    Checker, Document, Finding, Format, Head, Key, Kind, Outline, Severity, positions,
};
use crate::time::Timestamp;

/// Checks documents against the content rules.
///
/// Holds memory that is used again, so that a document costs no allocation
/// once the linter has seen a few, as long as only hits are asked for. Keep
/// one for each thread.
#[derive(Clone, Debug)]
pub struct Linter {
    enabled: Vec<bool>,
    profile: Profile,
    organisation: Option<Organisation>,
    checker: Checker,
    outline: Outline,
    /// Whether the document that was walked through last is UTF-8.
    is_text: bool,
    hits: Vec<Hit>,
    scratch: Scratch,
}

/// What one pass over a document found.
#[derive(Debug, Clone, Copy)]
pub struct Judgement<'a> {
    /// The verdict of the schema.
    pub is_valid: bool,
    /// The rules the document breaks, in the order of the text.
    pub hits: &'a [Hit],
}

impl Linter {
    /// Makes a linter for documents of the version CVE Services runs.
    ///
    /// Refuses: a name in `select` or `ignore` that no rule of the profile has.
    pub fn new(settings: &Settings) -> Result<Linter, UnknownRule> {
        Linter::for_format(settings, Format::default())
    }

    /// Makes a linter for documents of `format`.
    ///
    /// Refuses: as [`Linter::new`].
    pub fn for_format(settings: &Settings, format: Format) -> Result<Linter, UnknownRule> {
        Ok(Linter {
            enabled: settings.enabled()?,
            profile: settings.profile,
            organisation: settings.organisation,
            checker: Checker::new(format),
            outline: Outline::default(),
            is_text: false,
            hits: Vec::new(),
            scratch: Scratch::default(),
        })
    }

    /// Lists what breaks a content rule, in the order of the text.
    ///
    /// Takes: any bytes; a document that is not valid is checked as far as
    /// it can be read, one that is not JSON not at all.
    /// Gives: at most 500 findings and then one that says so.
    pub fn lint(&mut self, kind: Kind, bytes: &[u8], context: &Context<'_>) -> Vec<Finding> {
        self.findings(kind, bytes, context).1
    }

    /// The verdict of the schema and what [`Linter::lint`] lists.
    pub fn findings(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        context: &Context<'_>,
    ) -> (bool, Vec<Finding>) {
        let is_valid = self.checker.outlined(kind, bytes, &mut self.outline);
        let mut findings = Vec::new();
        self.walk(kind, bytes, context, Some(&mut findings));
        (is_valid, self.placed(bytes, findings))
    }

    /// The verdict of the schema alone; the same as [`Checker::verdict`], but
    /// the questions below can be asked afterwards.
    pub fn verdict(&mut self, kind: Kind, bytes: &[u8]) -> bool {
        self.is_text = false;
        self.checker.outlined(kind, bytes, &mut self.outline)
    }

    /// Whose the document is that was checked last; the same as
    /// [`head`](crate::check::head), without looking for it again.
    ///
    /// Takes: the bytes and the kind that were checked last.
    /// Gives: `None` when that has to be looked for.
    pub fn head(&self, kind: Kind, bytes: &[u8]) -> Option<Head> {
        let document = Document::in_parts(bytes, &self.outline);
        if kind != Kind::Record || document.is_empty() {
            return None;
        }
        let metadata = document.get(0, Key::CveMetadata)?;
        let text = |key| document.text_at(metadata, key).map(str::to_owned);
        Some(Head {
            id: text(Key::CveId),
            org: text(Key::AssignerShortName),
        })
    }

    /// Says whether [`server::review`](crate::check::server::review) may find
    /// something in the document that was checked last.
    ///
    /// Takes: the bytes and the kind that were checked last, and found valid.
    /// Gives: false only when there is surely no finding.
    pub fn may_refuse(&self, kind: Kind, bytes: &[u8], now: Timestamp) -> bool {
        self.checker.may_refuse(kind, bytes, &self.outline, now)
    }

    /// Says whether the document that was checked last may hold something a
    /// reader of JSON would change; see [`Checker::may_warn`].
    pub fn may_warn(&self, bytes: &[u8]) -> bool {
        self.checker.may_warn_of(bytes, self.is_text)
    }

    /// The verdict of the schema and the hits, without a word about them.
    pub fn judge(&mut self, kind: Kind, bytes: &[u8], context: &Context<'_>) -> Judgement<'_> {
        let is_valid = self.checker.outlined(kind, bytes, &mut self.outline);
        self.walk(kind, bytes, context, None);
        self.hits.sort_by_key(|hit| hit.offset);
        Judgement {
            is_valid,
            hits: &self.hits,
        }
    }

    fn walk(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        context: &Context<'_>,
        findings: Option<&mut Vec<Finding>>,
    ) {
        self.hits.clear();
        let document = Document::new(bytes, &self.outline);
        self.is_text = document.is_text();
        if document.is_empty() {
            return;
        }
        let sink = Sink::new(&self.enabled, document, &mut self.hits, findings);
        Walk {
            document,
            sink,
            context,
            organisation: self.organisation,
            scratch: &mut self.scratch,
        }
        .run(kind, self.profile);
    }

    /// Findings in the order of the text, each with its position.
    fn placed(&self, bytes: &[u8], findings: Vec<Finding>) -> Vec<Finding> {
        let offsets = self.hits.iter().map(|hit| hit.offset());
        let mut found: Vec<(usize, Finding)> = offsets.zip(findings).collect();
        // Stable: findings about one value keep the order of the rules.
        found.sort_by_key(|(offset, _)| *offset);
        let places = positions(bytes, found.iter().map(|(offset, _)| *offset));
        let mut placed: Vec<Finding> = found
            .into_iter()
            .zip(places)
            .map(|((_, finding), position)| Finding {
                position: Some(position),
                ..finding
            })
            .collect();
        if placed.len() >= MOST {
            placed.push(Finding {
                code: "CHECK-MORE".into(),
                severity: Severity::Warning,
                pointer: String::new(),
                message: format!("more than {MOST} things are amiss; the rest is not listed"),
                rule: "our choice".into(),
                fix: "mend these and check again".into(),
                position: None,
            });
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::server;

    fn lint(container: &str) -> Vec<(String, String)> {
        let mut linter = Linter::new(&Settings::default()).unwrap();
        let context = Context::default();
        let findings = linter.lint(Kind::PublishedContainer, container.as_bytes(), &context);
        findings
            .into_iter()
            .map(|finding| (finding.code.into_owned(), finding.pointer))
            .collect()
    }

    #[test]
    fn what_is_not_json_has_no_finding() {
        assert_eq!(lint("{"), []);
        assert_eq!(lint(""), []);
    }

    #[test]
    fn what_the_service_refuses_is_never_screened_out() {
        const BODY: &str = r#"{"cnaContainer":{"descriptions":[{"lang":"en","value":"A flaw."}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}]}}"#;
        let now = "2026-11-03T10:00:00Z".parse().unwrap();
        let mut linter = Linter::new(&Settings::default()).unwrap();
        let mut checker = Checker::default();
        let mut refused = 0;
        for (from, to) in [
            ("", ""),
            ("A flaw.", "  "),
            (
                r#"[{"lang":"en""#,
                r#"[{"lang":"en","value":"B"},{"lang":"EN""#,
            ),
            (
                r#"{"descr"#,
                r#"{"datePublic":"2026-11-05T00:00:00Z","descr"#,
            ),
            (
                r#"{"descr"#,
                r#"{"dateAssigned":"2026-01-01T00:00:00+25:00","descr"#,
            ),
            (
                r#"{"descr"#,
                r#"{"timeline":[{"lang":"en","value":"x","time":"2026-01-01T00:00:00+25:00"}],"descr"#,
            ),
            (r#"{"descr"#, r#"{"x_\u0000":1,"descr"#),
            (
                r#""product":"p""#,
                r#""product":"p","packageURL":"pkg:npm/a@1""#,
            ),
            (
                "/a\"}]",
                "/a\"},{\"url\":\"https://example.org/a\",\"name\":\"n\"},{\"url\":\"https://example.org/a\",\"name\":\"n \"}]",
            ),
        ] {
            let text = BODY.replacen(from, to, 1);
            let bytes = text.as_bytes();
            assert!(linter.verdict(Kind::PublishedBody, bytes), "{text}");
            let may = linter.may_refuse(Kind::PublishedBody, bytes, now);
            let found = server::review(&mut checker, Kind::PublishedBody, bytes, now, &[]);
            assert_eq!(may, !found.is_empty(), "{text}");
            refused += usize::from(may);
        }
        assert_eq!(refused, 8);
    }

    #[test]
    fn of_a_repeated_key_the_last_value_is_checked() {
        let text = r#"{"descriptions":[{"lang":"en","value":" a flaw in the lid","value":"a"}]}"#;
        assert!(!lint(text).iter().any(|(code, _)| code == "REC-030-SPACE"));
    }
}
