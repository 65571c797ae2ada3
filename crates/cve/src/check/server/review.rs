//! Everything the service would refuse of one document, with its places.

use std::borrow::Cow;

use super::findings_in;
use super::trim::{may_need_trimming, trimmed_text};
use crate::check::checker::Checker;
use crate::check::finding::{Finding, Position, Severity};
use crate::check::locate::locate_in;
use crate::check::schema::Kind;
use crate::check::tape::Tape;
use crate::time::Timestamp;

/// The largest body CVE Services reads, in bytes.
///
/// Source: cve-services section 1.
pub const MAX_BODY_BYTES: usize = 3_984_588;

/// Lists what CVE Services would refuse beyond what the schema says of the
/// text as it is: its size, what trimming breaks, and
/// [`findings`](super::findings).
///
/// Takes: a document within [`MAX_DOCUMENT_BYTES`](crate::check::MAX_DOCUMENT_BYTES);
/// `known` are the schema's findings about it, which are not said again.
/// Gives: findings of severity error with their places in `bytes`.
/// Source: cve-services sections 1, 10 and 13.
pub fn review(
    checker: &mut Checker,
    kind: Kind,
    bytes: &[u8],
    now: Timestamp,
    known: &[Finding],
) -> Vec<Finding> {
    let mut found = Vec::new();
    if bytes.len() > MAX_BODY_BYTES {
        found.push(too_large(bytes.len()));
    }
    let Ok(tape) = Tape::read(bytes) else {
        // The schema check says why.
        return found;
    };
    if may_need_trimming(&tape)
        && let Cow::Owned(short) = trimmed_text(&tape)
        && !checker.verdict(kind, &short)
    {
        let said = |finding: &Finding| {
            known
                .iter()
                .any(|other| other.code == finding.code && other.pointer == finding.pointer)
        };
        let after = checker.findings(kind, &short);
        let errors = after
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error && !said(finding));
        found.extend(errors.map(|finding| Finding {
            message: format!("{} once the server has trimmed it", finding.message),
            position: None,
            ..finding
        }));
    }
    found.extend(findings_in(&tape, kind, now));
    locate_in(&tape, &mut found);
    found
}

fn too_large(length: usize) -> Finding {
    Finding {
        code: "SERVER-SIZE".into(),
        severity: Severity::Error,
        pointer: String::new(),
        message: format!("the text has {length} bytes, expected at most {MAX_BODY_BYTES}"),
        rule: "cve-services section 1".into(),
        fix: "send it without white space between its values, or send less".into(),
        position: Some(Position { line: 1, column: 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reviewed(text: &str) -> Vec<(String, String, usize)> {
        let now = "2026-11-03T10:00:00Z".parse().unwrap();
        let mut checker = Checker::default();
        let kind = Kind::PublishedBody;
        let known = checker.findings(kind, text.as_bytes());
        let found = review(&mut checker, kind, text.as_bytes(), now, &known);
        found
            .into_iter()
            .map(|f| (f.code.into_owned(), f.pointer, f.position.unwrap().column))
            .collect()
    }

    const BODY: &str = r#"{"cnaContainer":{"descriptions":[{"lang":"en","value":"VALUE"}],"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"references":[{"url":"https://example.org/a"}],"datePublic":"DATE"}}"#;

    fn body(value: &str, date: &str) -> String {
        BODY.replace("VALUE", value).replace("DATE", date)
    }

    #[test]
    fn a_text_of_spaces_is_empty_for_the_server() {
        assert_eq!(reviewed(&body("A flaw.", "2026-01-01T00:00:00Z")), []);
        assert_eq!(
            reviewed(&body("  ", "2026-01-01T00:00:00Z")),
            [(
                "SCHEMA-LENGTH".to_owned(),
                "/cnaContainer/descriptions/0/value".to_owned(),
                55
            )]
        );
    }

    #[test]
    fn what_the_schema_said_is_not_said_again() {
        assert_eq!(reviewed(&body("", " 2026-01-01T00:00:00Z")), []);
    }

    #[test]
    fn a_rule_of_the_server_is_found_where_it_is_broken() {
        let found = reviewed(&body("A flaw.", "2027-01-01T00:00:00Z"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "SERVER-DATE");
        assert!(found[0].2 > 100);
    }
}
