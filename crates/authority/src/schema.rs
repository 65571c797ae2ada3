//! Whether a submission has the shape of the CVE Record Format, told in the
//! words clients know: objects as the validator `ajv` writes them.
//!
//! This file maps; what is checked lives in `cve::check`. Only the first
//! error is told, as the reference server does.
//!
//! Source: cve-services sections 1 (error envelope) and 10.

use cve::check::{self, Finding, Severity};
use serde_json::{Value, json};

/// What a submission is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A record that describes a vulnerability.
    Published,
    /// A record that says why the ID must not be used.
    Rejected,
}

/// Checks `{"cnaContainer":{…}}`, and nothing beside it.
///
/// Errors: the list for `details.errors`.
pub(crate) fn submission(shape: Shape, body: &Value) -> Result<(), Value> {
    let Some(object) = body.as_object() else {
        return Err(one(violation(
            "",
            "#/type",
            "type",
            json!({"type": "object"}),
            "must be object",
        )));
    };
    let Some(container) = object.get("cnaContainer") else {
        return Err(one(required("", "#/required", "cnaContainer")));
    };
    if let Some(key) = object.keys().find(|key| *key != "cnaContainer") {
        return Err(one(additional("", "#/additionalProperties", key)));
    }
    container_at(
        shape,
        container,
        "/cnaContainer",
        "#/properties/cnaContainer",
    )
}

/// Checks a whole record.
///
/// Errors: the list for `details.errors`.
pub(crate) fn record(record: &Value) -> Result<(), Value> {
    let shape = match record["cveMetadata"]["state"].as_str() {
        Some("PUBLISHED") => Shape::Published,
        Some("REJECTED") => Shape::Rejected,
        _ => {
            let allowed = json!({"allowedValues": ["PUBLISHED"]});
            let message = "must be equal to one of the allowed values";
            return Err(one(violation(
                "/cveMetadata/state",
                "#/properties/state/enum",
                "enum",
                allowed,
                message,
            )));
        }
    };
    let Some(container) = record["containers"].get("cna") else {
        return Err(one(required("/containers", "#/required", "cna")));
    };
    container_at(shape, container, "/containers/cna", "#")?;
    let adps = record["containers"]["adp"].as_array();
    for (index, adp) in adps.into_iter().flatten().enumerate() {
        adp_at(adp, &format!("/containers/adp/{index}"))?;
    }
    Ok(())
}

fn container_at(shape: Shape, container: &Value, at: &str, schema_path: &str) -> Result<(), Value> {
    match shape {
        Shape::Published => {
            let findings = check::published_container(container);
            let mut errors = findings.iter();
            if let Some(finding) = errors.find(|finding| finding.severity == Severity::Error) {
                return Err(one(mapped(finding, at, schema_path)));
            }
        }
        Shape::Rejected => rejected_at(container, at, schema_path)?,
    }
    let known = match shape {
        Shape::Published => PUBLISHED_KEYS,
        Shape::Rejected => REJECTED_KEYS,
    };
    keys_at(container, known, at, schema_path)
}

/// Source: CVE Record Format, `definitions/adpContainer`.
fn adp_at(container: &Value, at: &str) -> Result<(), Value> {
    let Some(object) = container.as_object() else {
        return Err(one(violation(
            at,
            "#/type",
            "type",
            json!({"type": "object"}),
            "must be object",
        )));
    };
    if object.len() < 2 {
        let message = "must NOT have fewer than 2 properties";
        return Err(one(violation(
            at,
            "#/minProperties",
            "minProperties",
            json!({"limit": 2}),
            message,
        )));
    }
    keys_at(container, PUBLISHED_KEYS, at, "#")
}

/// Keys of a published CNA container and of an ADP container.
///
/// Source: CVE Record Format 5.1, `definitions/cnaPublishedContainer`.
const PUBLISHED_KEYS: &[&str] = &[
    "providerMetadata",
    "dateAssigned",
    "datePublic",
    "title",
    "descriptions",
    "affected",
    "cpeApplicability",
    "problemTypes",
    "references",
    "impacts",
    "metrics",
    "configurations",
    "workarounds",
    "solutions",
    "exploits",
    "timeline",
    "credits",
    "source",
    "tags",
    "taxonomyMappings",
];

/// Source: CVE Record Format 5.1, `definitions/cnaRejectedContainer`.
const REJECTED_KEYS: &[&str] = &["providerMetadata", "rejectedReasons", "replacedBy"];

/// Looks for a key that is neither known nor `x_…` without a dot.
fn keys_at(container: &Value, known: &[&str], at: &str, schema_path: &str) -> Result<(), Value> {
    let keys = container
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys());
    let allowed = |key: &str| known.contains(&key) || (key.starts_with("x_") && !key.contains('.'));
    match keys.map(String::as_str).find(|key| !allowed(key)) {
        Some(key) => {
            let schema_path = format!("{schema_path}/additionalProperties");
            Err(one(additional(at, &schema_path, key)))
        }
        None => Ok(()),
    }
}

/// The least a rejected container must hold.
///
/// Source: CVE Record Format 5.1, `definitions/cnaRejectedContainer`.
fn rejected_at(container: &Value, at: &str, schema_path: &str) -> Result<(), Value> {
    let reasons_at = format!("{at}/rejectedReasons");
    let Some(reasons) = container.get("rejectedReasons") else {
        let schema_path = format!("{schema_path}/required");
        return Err(one(required(at, &schema_path, "rejectedReasons")));
    };
    let reasons = filled_list(reasons, &reasons_at, "#")?;
    for (index, reason) in reasons.iter().enumerate() {
        let length = reason["value"]
            .as_str()
            .map_or(0, |text| text.chars().count());
        let (keyword, limit, word) = match length {
            0 => ("minLength", 1, "fewer"),
            1..=4096 => continue,
            _ => ("maxLength", 4096, "more"),
        };
        return Err(one(violation(
            &format!("{reasons_at}/{index}/value"),
            &format!("#/properties/value/{keyword}"),
            keyword,
            json!({"limit": limit}),
            &format!("must NOT have {word} than {limit} characters"),
        )));
    }
    if !reasons.iter().any(is_english) {
        let params = json!({"minContains": 1});
        let message = "must contain at least 1 valid item(s)";
        return Err(one(violation(
            &reasons_at,
            "#/contains",
            "contains",
            params,
            message,
        )));
    }
    if let Some((i, j)) = twice(reasons) {
        let message = format!("must NOT have duplicate items (items ## {j} and {i} are identical)");
        let params = json!({"i": i, "j": j});
        return Err(one(violation(
            &reasons_at,
            "#/uniqueItems",
            "uniqueItems",
            params,
            &message,
        )));
    }
    if let Some(ids) = container.get("replacedBy") {
        let path = format!("{schema_path}/properties/replacedBy");
        filled_list(ids, &format!("{at}/replacedBy"), &path)?;
    }
    Ok(())
}

/// The items of a list that must be one and not be empty.
fn filled_list<'a>(value: &'a Value, at: &str, schema_path: &str) -> Result<&'a [Value], Value> {
    let Some(items) = value.as_array() else {
        return Err(one(violation(
            at,
            &format!("{schema_path}/type"),
            "type",
            json!({"type": "array"}),
            "must be array",
        )));
    };
    if items.is_empty() {
        return Err(one(violation(
            at,
            &format!("{schema_path}/minItems"),
            "minItems",
            json!({"limit": 1}),
            "must NOT have fewer than 1 items",
        )));
    }
    Ok(items)
}

/// Places of two items that are the same, the later first.
fn twice(items: &[Value]) -> Option<(usize, usize)> {
    (1..items.len()).find_map(|i| {
        let j = items[..i].iter().position(|item| *item == items[i])?;
        Some((i, j))
    })
}

fn is_english(text: &Value) -> bool {
    let lang = text["lang"].as_str().unwrap_or_default();
    lang == "en" || lang.starts_with("en-") || lang.starts_with("en_")
}

/// A finding as `ajv` would have written it.
fn mapped(finding: &Finding, at: &str, schema_path: &str) -> Value {
    let instance_path = format!("{at}{}", finding.pointer);
    let named = finding.message.split('`').nth(1).unwrap_or_default();
    match finding.code.as_str() {
        "SCHEMA-REQUIRED" if finding.pointer.is_empty() => {
            required(at, &format!("{schema_path}/required"), named)
        }
        "SCHEMA-CONTAINS" => violation(
            &instance_path,
            "#/contains",
            "contains",
            json!({"minContains": 1}),
            "must contain at least 1 valid item(s)",
        ),
        "SCHEMA-UNIQUE" => violation(
            &instance_path,
            "#/uniqueItems",
            "uniqueItems",
            json!({}),
            "must NOT have duplicate items",
        ),
        "SCHEMA-EMPTY" => violation(
            &instance_path,
            &finding.rule,
            "minItems",
            json!({"limit": 1}),
            "must NOT have fewer than 1 items",
        ),
        "SCHEMA-TYPE" => {
            let expected = if finding.message.contains("array") {
                "array"
            } else {
                "object"
            };
            let message = format!("must be {expected}");
            let params = json!({"type": expected});
            violation(&instance_path, &finding.rule, "type", params, &message)
        }
        code => {
            let keyword = code.strip_prefix("SCHEMA-").unwrap_or(code).to_lowercase();
            violation(
                &instance_path,
                &finding.rule,
                &keyword,
                json!({}),
                &finding.message,
            )
        }
    }
}

fn one(error: Value) -> Value {
    Value::Array(vec![error])
}

fn violation(
    instance_path: &str,
    schema_path: &str,
    keyword: &str,
    params: Value,
    message: &str,
) -> Value {
    json!({
        "instancePath": instance_path,
        "schemaPath": schema_path,
        "keyword": keyword,
        "params": params,
        "message": message,
    })
}

fn required(instance_path: &str, schema_path: &str, key: &str) -> Value {
    let message = format!("must have required property '{key}'");
    let params = json!({"missingProperty": key});
    violation(instance_path, schema_path, "required", params, &message)
}

fn additional(instance_path: &str, schema_path: &str, key: &str) -> Value {
    violation(
        instance_path,
        schema_path,
        "additionalProperties",
        json!({"additionalProperty": key}),
        "must NOT have additional properties",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_part_is_told_as_ajv_tells_it() {
        let errors = submission(Shape::Published, &json!({"cnaContainer": {}})).unwrap_err();
        assert_eq!(
            errors,
            json!([{
                "instancePath": "/cnaContainer",
                "schemaPath": "#/properties/cnaContainer/required",
                "keyword": "required",
                "params": {"missingProperty": "descriptions"},
                "message": "must have required property 'descriptions'",
            }])
        );
    }

    #[test]
    fn an_array_is_told_that_it_is_no_object() {
        let errors = submission(Shape::Published, &json!([])).unwrap_err();
        assert_eq!(errors[0]["message"], "must be object");
    }

    #[test]
    fn a_rejection_needs_an_english_reason_and_lists_of_ids() {
        for (container, path) in [
            (json!({}), "/cnaContainer"),
            (
                json!({"rejectedReasons": []}),
                "/cnaContainer/rejectedReasons",
            ),
            (
                json!({"rejectedReasons": [{"lang": "fr", "value": "x"}]}),
                "/cnaContainer/rejectedReasons",
            ),
            (
                json!({"rejectedReasons": [{"lang": "en", "value": ""}]}),
                "/cnaContainer/rejectedReasons/0/value",
            ),
            (
                json!({"rejectedReasons": [{"lang": "en", "value": "x"}], "replacedBy": "y"}),
                "/cnaContainer/replacedBy",
            ),
            (
                json!({"rejectedReasons": [{"lang": "en", "value": "x"}], "title": "y"}),
                "/cnaContainer",
            ),
        ] {
            let body = json!({"cnaContainer": container});
            let errors = submission(Shape::Rejected, &body).unwrap_err();
            assert_eq!(errors[0]["instancePath"], path, "{body}");
        }
    }
}
