//! Whether a document has the shape of the CVE Record Format, told in the
//! words clients know: objects as the validator `ajv` writes them.
//!
//! What is checked lives in `cve::check`; this file only translates. One
//! error is told, the first, as the reference server does.
//!
//! Source: cve-services sections 1 (error envelope) and 10.

use std::cell::RefCell;

use cve::check::{Checker, Finding, Format, Kind, Severity};
use cve::time::Timestamp;
use serde_json::{Value, json};

use crate::router::Compat;

thread_local! {
    // A checker remembers its memory, and is for one thread.
    static CHECKERS: RefCell<[Checker; 2]> = RefCell::new([
        Checker::new(Format::V5_1_1),
        Checker::new(Format::V5_2_0),
    ]);
}

/// A text that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// It is stored as it stands; where false, perhaps.
    pub(crate) is_spare: bool,
}

/// Says whether a text is a document of this kind in the format the version
/// knows, which this server takes and every reader of JSON reads alike.
///
/// Gives: nothing also where it is not sure.
pub(crate) fn taken(kind: Kind, text: &[u8], compat: Compat, now: Timestamp) -> Option<Taken> {
    with_checker(compat, |checker| {
        checker.is_taken(kind, text, now).then(|| Taken {
            is_spare: checker.is_spare(text),
        })
    })
}

/// Says whether a text is a document of this kind in the format the version
/// knows, which every reader of JSON reads alike, whatever this server asks of
/// it besides.
pub(crate) fn is_clean(kind: Kind, text: &[u8], compat: Compat) -> bool {
    with_checker(compat, |checker| {
        checker.verdict(kind, text) && !checker.may_warn(text)
    })
}

fn with_checker<T>(compat: Compat, ask: impl FnOnce(&mut Checker) -> T) -> T {
    CHECKERS.with_borrow_mut(|[older, newer]| {
        ask(match compat {
            Compat::V2_3 => older,
            Compat::Current => newer,
        })
    })
}

/// Checks a document of this kind against the format the version knows.
///
/// Takes: JSON text, trimmed.
/// Errors: the list for `details.errors`.
/// Source: CVE Record Format 5.1.1 (2.3) and 5.2.0 (current).
pub(crate) fn check(kind: Kind, text: &[u8], compat: Compat) -> Result<(), Value> {
    let findings = with_checker(compat, |checker| {
        if checker.verdict(kind, text) {
            Vec::new()
        } else {
            checker.findings(kind, text)
        }
    });
    let mut errors = findings.iter();
    match errors.find(|finding| finding.severity == Severity::Error) {
        Some(finding) => Err(Value::Array(vec![translated(finding)])),
        None => Ok(()),
    }
}

/// A finding as `ajv` would have written it.
///
/// Gives: `instancePath`, `keyword`, `params` and `message` of ajv where the
/// finding holds them; its own sentence where it does not. `schemaPath` is
/// ajv's for lists, which clients compare, and the official schema's else.
fn translated(finding: &Finding) -> Value {
    let parent = finding
        .pointer
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    let pointer = finding.pointer.as_str();
    let keyword = finding.rule.rsplit('/').next().unwrap_or_default();
    let rule = &*finding.rule;
    let (at, schema_path, params, message) = match &*finding.code {
        "SCHEMA-REQUIRED" if keyword == "required" => {
            let key = first_quoted(&finding.message);
            let message = format!("must have required property '{key}'");
            (
                pointer,
                bundled(rule),
                json!({"missingProperty": key}),
                message,
            )
        }
        "SCHEMA-UNKNOWN" => {
            let params = json!({"additionalProperty": first_quoted(&finding.message)});
            let message = "must NOT have additional properties".to_owned();
            (parent, bundled(rule), params, message)
        }
        "SCHEMA-TYPE" => {
            let kind = expected_type(&finding.message);
            (
                pointer,
                rule.to_owned(),
                json!({"type": kind}),
                format!("must be {kind}"),
            )
        }
        "SCHEMA-UNIQUE" => {
            let (later, earlier) = repeated(&finding.message);
            let message = format!(
                "must NOT have duplicate items (items ## {earlier} and {later} are identical)"
            );
            (
                pointer,
                "#/uniqueItems".into(),
                json!({"i": later, "j": earlier}),
                message,
            )
        }
        "SCHEMA-CONTAINS" => {
            let message = "must contain at least 1 valid item(s)".to_owned();
            (
                pointer,
                "#/contains".into(),
                json!({"minContains": 1}),
                message,
            )
        }
        "SCHEMA-EMPTY" if keyword == "minItems" => {
            let message = "must NOT have fewer than 1 items".to_owned();
            (pointer, bundled(rule), json!({"limit": 1}), message)
        }
        "SCHEMA-LENGTH" if keyword == "minLength" => {
            let message = "must NOT have fewer than 1 characters".to_owned();
            (pointer, bundled(rule), json!({"limit": 1}), message)
        }
        "SCHEMA-FORMAT" => {
            let message = "must match format \"uri\"".to_owned();
            (pointer, bundled(rule), json!({"format": "uri"}), message)
        }
        "SCHEMA-ENUM" => {
            let words: Vec<_> = quoted(&finding.message).skip(1).collect();
            let message = "must be equal to one of the allowed values".to_owned();
            (
                pointer,
                rule.to_owned(),
                json!({"allowedValues": words}),
                message,
            )
        }
        _ => (pointer, bundled(rule), json!({}), finding.message.clone()),
    };
    json!({
        "instancePath": at,
        "schemaPath": schema_path,
        "keyword": keyword,
        "params": params,
        "message": message,
    })
}

/// The path as the reference server's bundle of schemas has it: containers
/// stand inside the body's own schema, and a description is a schema by itself.
fn bundled(rule: &str) -> String {
    let definition = |name: &str| rule.strip_prefix("#/definitions/")?.strip_prefix(name);
    let container =
        definition("cnaPublishedContainer/").or_else(|| definition("cnaRejectedContainer/"));
    match (container, definition("description/")) {
        (Some(rest), _) => format!("#/properties/cnaContainer/{rest}"),
        (_, Some(rest)) => format!("#/{rest}"),
        _ => rule.to_owned(),
    }
}

/// The texts between back-quotes.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

fn first_quoted(message: &str) -> &str {
    quoted(message).next().unwrap_or_default()
}

/// The type a sentence such as `a number stands here, expected a text` asks for.
fn expected_type(message: &str) -> &'static str {
    let expected = message.rsplit("expected ").next().unwrap_or_default();
    [
        ("text", "string"),
        ("list", "array"),
        ("object", "object"),
        ("whole number", "integer"),
        ("number", "number"),
    ]
    .into_iter()
    .find(|(word, _)| expected.contains(word))
    .map_or("boolean", |(_, kind)| kind)
}

/// The two places in `item 1 equals item 0, …`.
fn repeated(message: &str) -> (u64, u64) {
    let mut numbers = message
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok());
    (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(container: Value) -> Value {
        json!({"cnaContainer": container})
    }

    fn published() -> Value {
        json!({
            "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}],
            "descriptions": [{"lang": "en", "value": "text"}],
            "references": [{"url": "https://example.com/1"}],
        })
    }

    fn told(kind: Kind, document: &Value) -> Value {
        let text = document.to_string();
        check(kind, text.as_bytes(), Compat::V2_3).unwrap_err()[0].clone()
    }

    /// What the reference server answered to the same documents.
    #[test]
    fn findings_are_told_as_ajv_tells_them() {
        let required = |path: &str, schema_path: &str, key: &str| {
            json!({
                "instancePath": path,
                "schemaPath": schema_path,
                "keyword": "required",
                "params": {"missingProperty": key},
                "message": format!("must have required property '{key}'"),
            })
        };
        let with = |key: &str, value: Value| {
            let mut container = published();
            container[key] = value;
            body(container)
        };
        let reference = json!({"url": "https://example.com/1"});
        for (document, expected) in [
            (json!({}), required("", "#/required", "cnaContainer")),
            (
                body(json!({})),
                required(
                    "/cnaContainer",
                    "#/properties/cnaContainer/required",
                    "descriptions",
                ),
            ),
            (
                with("foo", json!(1)),
                json!({
                    "instancePath": "/cnaContainer",
                    "schemaPath": "#/properties/cnaContainer/additionalProperties",
                    "keyword": "additionalProperties",
                    "params": {"additionalProperty": "foo"},
                    "message": "must NOT have additional properties",
                }),
            ),
            (
                with("descriptions", json!([{"lang": "fr", "value": "x"}])),
                json!({
                    "instancePath": "/cnaContainer/descriptions",
                    "schemaPath": "#/contains",
                    "keyword": "contains",
                    "params": {"minContains": 1},
                    "message": "must contain at least 1 valid item(s)",
                }),
            ),
            (
                with("datePublic", json!(5)),
                json!({
                    "instancePath": "/cnaContainer/datePublic",
                    "schemaPath": "#/definitions/timestamp/type",
                    "keyword": "type",
                    "params": {"type": "string"},
                    "message": "must be string",
                }),
            ),
            (
                with("references", json!([reference, reference])),
                json!({
                    "instancePath": "/cnaContainer/references",
                    "schemaPath": "#/uniqueItems",
                    "keyword": "uniqueItems",
                    "params": {"i": 1, "j": 0},
                    "message": "must NOT have duplicate items (items ## 0 and 1 are identical)",
                }),
            ),
            (
                with("references", json!([{"url": "nope"}])),
                json!({
                    "instancePath": "/cnaContainer/references/0/url",
                    "schemaPath": "#/definitions/uriType/format",
                    "keyword": "format",
                    "params": {"format": "uri"},
                    "message": "must match format \"uri\"",
                }),
            ),
        ] {
            assert_eq!(told(Kind::PublishedBody, &document), expected, "{document}");
        }
    }

    #[test]
    fn a_rejection_is_told_where_it_is_wrong() {
        let reason = json!([{"lang": "en", "value": "x"}]);
        for (container, path, message) in [
            (
                json!({}),
                "",
                "must have required property 'rejectedReasons'",
            ),
            (
                json!({"rejectedReasons": [{"lang": "en", "value": ""}]}),
                "/rejectedReasons/0/value",
                "must NOT have fewer than 1 characters",
            ),
            (
                json!({"rejectedReasons": reason, "replacedBy": "y"}),
                "/replacedBy",
                "must be array",
            ),
        ] {
            let found = told(Kind::RejectedBody, &body(container));
            assert_eq!(found["instancePath"], format!("/cnaContainer{path}"));
            assert_eq!(found["message"], message);
        }
    }
}
