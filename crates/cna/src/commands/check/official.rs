//! `--schema FILE`: a schema somebody else wrote, run by a JSON Schema crate.

use std::path::Path;

use anyhow::{Context as _, bail};
use cve::check::{Finding, MAX_DOCUMENT_BYTES, Severity, is_uri, locate, too_large};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

/// More findings than this are not listed.
const MOST: usize = 200;

/// A schema that was read from a file.
pub(crate) struct Official {
    validator: Validator,
}

impl Official {
    /// Reads and compiles the schema; formats are asserted, and addresses
    /// checked as CVE Services checks them.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Official> {
        let name = path.display();
        let text = std::fs::read(path).with_context(|| format!("reading the schema `{name}`"))?;
        let schema: Value = serde_json::from_slice(&text)
            .with_context(|| format!("reading the schema `{name}` as JSON"))?;
        if !schema.is_object() {
            bail!("`{name}` is no JSON Schema, expected an object with its rules");
        }
        let validator = jsonschema::options()
            .with_draft(draft_of(&schema))
            .should_validate_formats(true)
            .with_format("uri", |text: &str| is_uri(text.as_bytes()))
            .build(&schema)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("compiling the schema `{name}`"))?;
        Ok(Official { validator })
    }

    /// What the schema refuses of a document; empty when it is valid.
    pub(crate) fn findings(&self, bytes: &[u8]) -> Vec<Finding> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return vec![too_large(bytes.len())];
        }
        let value: Value = match serde_json::from_slice(bytes) {
            Ok(value) => value,
            Err(error) => return vec![unreadable(&error)],
        };
        if self.validator.is_valid(&value) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for error in self.validator.iter_errors(&value).take(MOST) {
            explain(&error, &mut findings);
        }
        findings.truncate(MOST);
        locate(bytes, &mut findings);
        findings
    }
}

/// The draft a schema names, else draft 7, which the Program writes.
fn draft_of(schema: &Value) -> jsonschema::Draft {
    match schema.get("$schema") {
        Some(_) => jsonschema::Draft::default().detect(schema),
        None => jsonschema::Draft::Draft7,
    }
}

/// Of a rule with alternatives, what is wrong by the one that fits best.
fn explain(error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
    let branches = match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            context
        }
        _ => return findings.push(finding(error)),
    };
    // A branch that only another state would make right was not meant; of the
    // others the one with the fewest errors.
    let other_state = |error: &ValidationError<'_>| {
        error.kind().keyword() == "enum" && error.instance_path().as_str().ends_with("/state")
    };
    let unlikely = |errors: &[ValidationError<'_>]| (errors.iter().any(other_state), errors.len());
    match branches.iter().min_by_key(|errors| unlikely(errors)) {
        Some(errors) if !errors.is_empty() => {
            for error in errors {
                explain(error, findings);
            }
        }
        _ => findings.push(finding(error)),
    }
}

fn finding(error: &ValidationError<'_>) -> Finding {
    let keyword = error.kind().keyword();
    let (code, fix) = code_of(keyword);
    Finding {
        code: code.into(),
        severity: Severity::Error,
        pointer: error.instance_path().as_str().to_owned(),
        message: shortened(&error.masked_with("the value").to_string(), error),
        rule: format!("#{}", error.schema_path().as_str()).into(),
        fix: fix.into(),
        position: None,
    }
}

/// The crate's sentence; with the value in it where that is short.
fn shortened(masked: &str, error: &ValidationError<'_>) -> String {
    let whole = error.to_string();
    if whole.chars().count() <= 160 {
        return whole;
    }
    masked.chars().take(400).collect()
}

fn code_of(keyword: &str) -> (&'static str, &'static str) {
    match keyword {
        "type" => ("SCHEMA-TYPE", "write a value of that kind"),
        "required" => ("SCHEMA-REQUIRED", "add the key"),
        "additionalProperties" | "unevaluatedProperties" | "propertyNames" => (
            "SCHEMA-UNKNOWN",
            "correct the key's name, remove it, or begin it with `x_`",
        ),
        "minItems" | "minProperties" => ("SCHEMA-EMPTY", "add what is missing"),
        "maxItems" | "maxProperties" => ("SCHEMA-ITEMS", "drop some of them"),
        "uniqueItems" => ("SCHEMA-UNIQUE", "remove one of the two"),
        "contains" => ("SCHEMA-CONTAINS", "add an entry the rule asks for"),
        "minLength" | "maxLength" => ("SCHEMA-LENGTH", "write a text of that length"),
        "pattern" => ("SCHEMA-PATTERN", "write it in that form"),
        "format" => ("SCHEMA-FORMAT", "write it in that format"),
        "enum" | "const" => ("SCHEMA-ENUM", "write one of those values"),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            ("SCHEMA-RANGE", "write a number within those bounds")
        }
        _ => ("SCHEMA-OTHER", "see the rule in the schema file"),
    }
}

fn unreadable(error: &serde_json::Error) -> Finding {
    let mut message = error.to_string();
    // The place is said beside it.
    if let Some(at) = message.rfind(" at line ") {
        message.truncate(at);
    }
    Finding {
        code: "JSON-SYNTAX".into(),
        severity: Severity::Error,
        pointer: String::new(),
        message: format!("the text cannot be read as JSON: {message}"),
        rule: "RFC 8259".into(),
        fix: "correct the text at this place".into(),
        position: Some(cve::check::Position {
            line: error.line().max(1),
            column: error.column().max(1),
        }),
    }
}
