//! The door to the schema checks.

use super::explain::explain;
use super::finding::{Finding, Position, Severity};
use super::losses::may_lose;
use super::outline::{Document, Outline};
use super::schema::{Kind, Schema};
use super::server::may_refuse;
use super::shape::Format;
use super::tape::Tape;
use super::verdict::{Quick, Scratch, quick_verdict};
use crate::time::Timestamp;

/// The largest text that is looked at, in bytes.
///
/// Source: our choice; CVE Services takes bodies up to 3 984 588 bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// A text with more values than this, keys included, is not looked at, so
/// that what is kept of a text has a bound. Commas, colons and opening
/// brackets are counted, wherever they stand.
///
/// Source: our choice; no record that CVE Services takes has as many.
pub const MAX_VALUES: usize = 600_000;

/// Shorter texts cannot hold too many values; most are not counted.
const COUNTED_BYTES: usize = MAX_VALUES;

/// What is said of a text that is not looked at; `None` for all others.
///
/// Takes: any bytes; only a text of more than 600 000 is gone through.
/// Source: our choice, see [`MAX_DOCUMENT_BYTES`] and [`MAX_VALUES`].
pub fn excess(bytes: &[u8]) -> Option<Finding> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Some(too_large(bytes.len()));
    }
    if bytes.len() <= COUNTED_BYTES {
        return None;
    }
    let separates = |byte: &&u8| matches!(**byte, b',' | b':' | b'[' | b'{');
    let values = bytes.iter().filter(separates).count();
    (values > MAX_VALUES).then(|| Finding {
        message: format!("the text has about {values} values, expected at most {MAX_VALUES}"),
        ..too_large(bytes.len())
    })
}

/// Checks documents against the official schema of one version of the format.
///
/// Holds memory that is used again, so that a valid document costs no
/// allocation once the checker has seen a few, unless two items of a list
/// look so alike that they must be compared. Cheap to make; keep one for
/// each thread.
///
/// Source: CVE Record Format 5.0, 5.1.1 and 5.2.0, as ajv reads them in CVE
/// Services; the differences to the letter are in `docs/record-format.md`.
#[derive(Clone, Debug)]
pub struct Checker {
    format: Format,
    scratch: Scratch,
    /// Of the document that [`Checker::is_taken`] saw last.
    outline: Outline,
}

impl Default for Checker {
    /// A checker for the version that CVE Services runs.
    fn default() -> Checker {
        Checker::new(Format::default())
    }
}

impl Checker {
    /// Makes a checker for `format`.
    ///
    /// Source: CVE Record Format.
    pub fn new(format: Format) -> Checker {
        Checker {
            format,
            scratch: Scratch::default(),
            outline: Outline::default(),
        }
    }

    /// Says whether `bytes` is a valid document of this kind.
    ///
    /// Takes: any bytes; above [`MAX_DOCUMENT_BYTES`] or [`MAX_VALUES`] none is
    /// valid.
    /// Gives: the verdict of the official schema in CVE Services; true exactly
    /// when [`Checker::findings`] has no error.
    /// Source: CVE Record Format; cve-services section 10.
    pub fn verdict(&mut self, kind: Kind, bytes: &[u8]) -> bool {
        if excess(bytes).is_some() {
            return false;
        }
        let quick = quick_verdict(self.schema(kind), bytes, &mut self.scratch, &mut ());
        self.decide(quick, kind, bytes)
    }

    /// Says whether CVE Services surely takes `bytes`, and whether every reader
    /// of JSON reads the same in them: the schema allows them, the service's own
    /// rules too, and there is nothing to warn of. One pass tells, where
    /// [`Checker::verdict`], [`server::findings`](super::server::findings) and
    /// [`Checker::may_warn`] would be three.
    ///
    /// Takes: any bytes; `now` is the server's clock.
    /// Gives: false also where it is not sure.
    /// Source: CVE Record Format; cve-services sections 10 and 13.
    pub fn is_taken(&mut self, kind: Kind, bytes: &[u8], now: Timestamp) -> bool {
        if excess(bytes).is_some() {
            return false;
        }
        let mut outline = std::mem::take(&mut self.outline);
        outline.clear();
        let quick = quick_verdict(self.schema(kind), bytes, &mut self.scratch, &mut outline);
        let is_taken = quick == Quick::Valid && !self.may_warn(bytes) && {
            outline.finish(bytes);
            !self.may_refuse(kind, bytes, &outline, now)
        };
        self.outline = outline;
        is_taken
    }

    /// Says of the text that [`Checker::is_taken`] took last whether whoever
    /// reads it into a tree and writes that out again, without space, has the
    /// same bytes; neither space at the ends of its texts nor dates are in it,
    /// which the service would change.
    ///
    /// Takes: that text.
    /// Gives: false also where it is not sure.
    pub fn is_spare(&self, bytes: &[u8]) -> bool {
        self.scratch.is_spare && self.outline.is_spare(bytes)
    }

    /// The verdict, and the values of the document in `outline`, which is
    /// empty when the text is not JSON.
    pub(crate) fn outlined(&mut self, kind: Kind, bytes: &[u8], outline: &mut Outline) -> bool {
        outline.clear();
        if excess(bytes).is_some() {
            return false;
        }
        let quick = quick_verdict(self.schema(kind), bytes, &mut self.scratch, outline);
        if quick == Quick::Valid {
            outline.finish(bytes);
            return true;
        }
        match Tape::read(bytes) {
            Ok(tape) => outline.read(&tape),
            Err(_) => outline.clear(),
        }
        self.decide(quick, kind, bytes)
    }

    /// Says whether [`server::review`](super::server::review) may have
    /// something to say of the document that was outlined last.
    pub(crate) fn may_refuse(
        &self,
        kind: Kind,
        bytes: &[u8],
        outline: &Outline,
        now: Timestamp,
    ) -> bool {
        if !self.scratch.is_sure {
            return true;
        }
        let document = Document::in_parts(bytes, outline);
        let listed = &self.scratch.listed;
        may_refuse(&document, kind, bytes, listed, now)
    }

    fn schema(&self, kind: Kind) -> &'static Schema {
        Schema::of(self.format, kind)
    }

    /// Turns what the quick pass found into a verdict.
    fn decide(&self, quick: Quick, kind: Kind, bytes: &[u8]) -> bool {
        match quick {
            Quick::Valid => true,
            Quick::Broken => false,
            Quick::Suspect if !has_repeated_keys(bytes) => false,
            Quick::Suspect | Quick::Unsure => {
                let findings = explain(self.schema(kind), kind, bytes);
                findings
                    .iter()
                    .all(|finding| finding.severity != Severity::Error)
            }
        }
    }

    /// Says whether a valid document may hold something that a reader of JSON
    /// would change or refuse, of which [`Checker::findings`] warns.
    ///
    /// Takes: the bytes that [`Checker::verdict`] was asked about last, and
    /// said are valid; of any other the answer is of no use.
    /// Gives: false only when there is surely no warning.
    /// Source: RFC 8259.
    pub fn may_warn(&self, bytes: &[u8]) -> bool {
        self.may_warn_of(bytes, false)
    }

    /// The same for one who may know already that `bytes` is UTF-8.
    pub(crate) fn may_warn_of(&self, bytes: &[u8], is_text: bool) -> bool {
        // Only a repeated key, or what is no UTF-8, makes a valid text unsure.
        !self.scratch.is_sure || may_lose(bytes, is_text, &self.scratch.free)
    }

    /// Lists what is wrong with `bytes`, in the order of the text.
    ///
    /// Takes: any bytes.
    /// Gives: an error for each thing the schema refuses, at most 200 and then
    /// one that says so; a warning for what the server would silently change
    /// (repeated keys, bytes that are not UTF-8, half surrogate pairs) and for
    /// what common readers refuse (deep nesting, huge numbers). Empty when all
    /// is well. Slower than [`Checker::verdict`].
    /// Source: CVE Record Format; RFC 8259.
    pub fn findings(&mut self, kind: Kind, bytes: &[u8]) -> Vec<Finding> {
        if let Some(finding) = excess(bytes) {
            return vec![finding];
        }
        explain(self.schema(kind), kind, bytes)
    }
}

/// Says whether `bytes` is JSON in which an object has a key twice.
fn has_repeated_keys(bytes: &[u8]) -> bool {
    Tape::read(bytes).is_ok_and(|tape| tape.has_repeated_keys())
}

/// What is said of a text of `length` bytes that is too large to be looked at.
///
/// Takes: more than [`MAX_DOCUMENT_BYTES`].
/// Source: our choice; CVE Services takes bodies up to 3 984 588 bytes.
pub fn too_large(length: usize) -> Finding {
    Finding {
        code: "JSON-SIZE".into(),
        severity: Severity::Error,
        pointer: String::new(),
        message: format!("the text has {length} bytes, expected at most {MAX_DOCUMENT_BYTES}"),
        rule: "cve-services section 1".into(),
        fix: "send less; CVE Services takes at most 3984588 bytes".into(),
        position: Some(Position { line: 1, column: 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_record_gets_at_most_ten_lines() {
        let findings = Checker::default().findings(Kind::Record, b"{}");
        let messages: Vec<_> = findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "`dataType` is missing",
                "`dataVersion` is missing",
                "`cveMetadata` is missing",
                "`containers` is missing"
            ]
        );
    }

    #[test]
    fn of_an_empty_text_it_is_said_that_it_is_empty() {
        for text in [&b""[..], b" \n"] {
            let findings = Checker::default().findings(Kind::Record, text);
            assert_eq!(
                findings[0].message,
                "the text is empty, expected a JSON document"
            );
            assert_eq!(findings.len(), 1);
        }
    }

    #[test]
    fn what_is_surely_taken_is_valid_and_neither_refused_nor_warned_of() {
        let now = "2026-11-03T10:00:00Z".parse().unwrap();
        let body = |value: &str, extra: &str| {
            format!(
                r#"{{"cnaContainer":{{"descriptions":[{{"lang":"en","value":"{value}"}}],
                "affected":[{{"vendor":"v","product":"p","defaultStatus":"affected"}}],
                "references":[{{"url":"https://example.org/a"}}]{extra}}}}}"#
            )
        };
        for (text, is_taken) in [
            (body("A flaw.", ""), true),
            (
                body("A flaw.", r#","datePublic":"2026-01-01T00:00:00Z""#),
                true,
            ),
            // Refused by the schema, by the service, and warned of.
            (body("", ""), false),
            (
                body("A flaw.", r#","datePublic":"2027-01-01T00:00:00Z""#),
                false,
            ),
            (body("A flaw.", r#","x_a":1,"x_a":2"#), false),
            (body("A \\ud83c flaw.", "").replace("\\\\", "\\"), false),
            (body("A flaw.", "") + "x", false),
        ] {
            let found = Checker::default().is_taken(Kind::PublishedBody, text.as_bytes(), now);
            assert_eq!(found, is_taken, "{text}");
        }
    }

    #[test]
    fn a_text_that_could_be_written_in_another_way_is_not_spare() {
        let now = "2026-11-03T10:00:00Z".parse().unwrap();
        let is_spare = |value: &str, extra: &str| {
            let body = format!(
                r#"{{"cnaContainer":{{"descriptions":[{{"lang":"en","value":"{value}"}}],"affected":[{{"vendor":"v","product":"p","defaultStatus":"affected"}}],"references":[{{"url":"https://example.org/a"}}]{extra}}}}}"#
            );
            let mut checker = Checker::default();
            let is_taken = checker.is_taken(Kind::PublishedBody, body.as_bytes(), now);
            assert!(is_taken, "{body}");
            checker.is_spare(body.as_bytes())
        };
        let score = |score: &str| {
            format!(
                r#","metrics":[{{"cvssV3_1":{{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":{score},"baseSeverity":"CRITICAL"}}}}]"#
            )
        };
        for (value, extra, expected) in [
            ("A flaw.", "", true),
            ("Ein Fehler für alle.", "", true),
            ("A flaw.", score("9.8").as_str(), true),
            ("A flaw.", score("9.80").as_str(), false),
            ("A \\\"flaw\\\".", "", false),
            (" A flaw.", "", false),
            ("A flaw. ", "", false),
            ("Une faille\u{a0}", "", false),
            ("A flaw.", " ", false),
            ("A flaw.", r#", "title":"t""#, false),
            ("A flaw.", r#","datePublic":"2026-01-01T00:00:00Z""#, false),
            (
                "A flaw.",
                r#","dateAssigned":"2026-01-01T00:00:00Z""#,
                false,
            ),
            (
                "A flaw.",
                r#","timeline":[{"time":"2026-01-01T00:00:00Z","lang":"en","value":"v"}]"#,
                false,
            ),
            ("A flaw.", r#","x_a":" b""#, false),
        ] {
            assert_eq!(is_spare(value, extra), expected, "{value} {extra}");
        }
    }

    #[test]
    fn a_hundred_megabytes_are_one_finding() {
        let large = vec![b'['; 100 * 1024 * 1024];
        let mut checker = Checker::default();
        assert!(!checker.verdict(Kind::Record, &large));
        let findings = checker.findings(Kind::Record, &large);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code, "JSON-SIZE");
    }

    #[test]
    fn a_text_with_too_many_values_is_one_finding() {
        let mut checker = Checker::default();
        let dense = b"[0,".repeat(700_000);
        assert!(!checker.verdict(Kind::Record, &dense));
        let findings = checker.findings(Kind::Record, &dense);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("1400000 values"));
    }

    #[test]
    fn the_position_is_that_of_the_value() {
        let text = b"{\n  \"cveMetadata\": 5\n}";
        let findings = Checker::default().findings(Kind::Record, text);
        let found = findings
            .iter()
            .find(|finding| finding.pointer == "/cveMetadata");
        assert_eq!(
            found.unwrap().position,
            Some(Position {
                line: 2,
                column: 18
            })
        );
    }
}
