//! The least a published CNA container must hold.

use serde_json::Value;

use super::{Finding, Severity};

/// Checks the required parts of a published CNA container.
///
/// Takes: the container itself, without `cnaContainer` around it;
/// `providerMetadata` may be missing, because the server stamps it.
/// Gives: findings in document order; empty when nothing required is missing.
/// Source: CVE Record Format 5.2.0 `definitions/cnaPublishedContainer`.
pub fn published_container(container: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !container.is_object() {
        findings.push(error(
            "SCHEMA-TYPE",
            "",
            "the CNA container is not an object",
            "#/definitions/cnaPublishedContainer",
            "write the container as a JSON object `{…}`",
        ));
        return findings;
    }
    check_descriptions(container, &mut findings);
    check_affected(container, &mut findings);
    check_references(container, &mut findings);
    check_title(container, &mut findings);
    findings
}

fn error(code: &str, pointer: &str, message: &str, rule: &str, fix: &str) -> Finding {
    Finding {
        code: code.into(),
        severity: Severity::Error,
        pointer: pointer.into(),
        message: message.into(),
        rule: rule.into(),
        fix: fix.into(),
    }
}

/// The items of the required list `key`, or a finding that it is missing.
fn required_list<'a>(
    container: &'a Value,
    key: &str,
    fix: &str,
    findings: &mut Vec<Finding>,
) -> &'a [Value] {
    match container.get(key).and_then(Value::as_array) {
        Some(items) if !items.is_empty() => items,
        Some(_) => {
            findings.push(error(
                "SCHEMA-EMPTY",
                &format!("/{key}"),
                &format!("`{key}` is empty, expected at least one item"),
                &format!("#/definitions/{key}/minItems"),
                fix,
            ));
            &[]
        }
        None => {
            findings.push(error(
                "SCHEMA-REQUIRED",
                "",
                &format!("`{key}` is missing"),
                "#/definitions/cnaPublishedContainer/required",
                fix,
            ));
            &[]
        }
    }
}

fn check_descriptions(container: &Value, findings: &mut Vec<Finding>) {
    let fix = "describe the vulnerability in English: product, versions, cause, impact";
    let items = required_list(container, "descriptions", fix, findings);
    for (index, item) in items.iter().enumerate() {
        let length = item["value"]
            .as_str()
            .map_or(0, |text| text.trim().chars().count());
        if !(1..=4096).contains(&length) {
            findings.push(error(
                "SCHEMA-LENGTH",
                &format!("/descriptions/{index}/value"),
                &format!("the description has {length} characters, expected 1 to 4096"),
                "#/definitions/description/value",
                fix,
            ));
        }
    }
    let english = items
        .iter()
        .any(|item| item["lang"].as_str().is_some_and(is_english));
    if !items.is_empty() && !english {
        findings.push(error(
            "SCHEMA-CONTAINS",
            "/descriptions",
            "no description is in English",
            "#/definitions/descriptions/contains",
            "add a description with `\"lang\": \"en\"`",
        ));
    }
}

fn is_english(lang: &str) -> bool {
    lang == "en" || lang.starts_with("en-") || lang.starts_with("en_")
}

fn check_affected(container: &Value, findings: &mut Vec<Finding>) {
    let fix = "name at least one affected product with its versions";
    for (index, item) in required_list(container, "affected", fix, findings)
        .iter()
        .enumerate()
    {
        let has = |key: &str| item.get(key).is_some();
        let named =
            (has("vendor") && has("product")) || (has("collectionURL") && has("packageName"));
        if !named {
            findings.push(error(
                "SCHEMA-REQUIRED",
                &format!("/affected/{index}"),
                "the product has neither `vendor` and `product` nor `collectionURL` and `packageName`",
                "#/definitions/product/anyOf",
                "name the vendor and the product",
            ));
        }
        if !has("versions") && !has("defaultStatus") {
            findings.push(error(
                "SCHEMA-REQUIRED",
                &format!("/affected/{index}"),
                "the product has neither `versions` nor `defaultStatus`",
                "#/definitions/product/anyOf",
                "say which versions are affected",
            ));
        }
    }
}

fn check_references(container: &Value, findings: &mut Vec<Finding>) {
    let fix = "add the address of the advisory";
    for (index, item) in required_list(container, "references", fix, findings)
        .iter()
        .enumerate()
    {
        let url = item["url"].as_str().unwrap_or_default();
        if !(url.contains("://") && url.len() <= 2048) {
            findings.push(error(
                "SCHEMA-FORMAT",
                &format!("/references/{index}/url"),
                &format!(
                    "`{url}` is not an address, expected one such as `https://example.org/advisory`"
                ),
                "#/definitions/uriType",
                fix,
            ));
        }
    }
}

fn check_title(container: &Value, findings: &mut Vec<Finding>) {
    let Some(title) = container.get("title") else {
        return;
    };
    let length = title.as_str().map_or(0, |text| text.chars().count());
    if !(1..=256).contains(&length) {
        findings.push(error(
            "SCHEMA-LENGTH",
            "/title",
            &format!("the title has {length} characters, expected 1 to 256"),
            "#/definitions/cnaPublishedContainer/title",
            "shorten the title",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "descriptions": [{"lang": "en", "value": "A flaw in x."}],
            "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}],
            "references": [{"url": "https://example.org/a"}],
        })
    }

    fn pointers(container: &Value) -> Vec<String> {
        published_container(container)
            .into_iter()
            .map(|f| f.pointer)
            .collect()
    }

    #[test]
    fn a_container_with_the_required_parts_has_no_finding() {
        assert_eq!(published_container(&good()), []);
    }

    #[test]
    fn an_empty_container_gets_one_finding_for_each_required_part() {
        let messages: Vec<_> = published_container(&json!({}))
            .into_iter()
            .map(|f| f.message)
            .collect();
        assert_eq!(
            messages,
            [
                "`descriptions` is missing",
                "`affected` is missing",
                "`references` is missing"
            ]
        );
    }

    #[test]
    fn a_container_without_english_is_refused() {
        let mut container = good();
        container["descriptions"][0]["lang"] = json!("de");
        assert_eq!(pointers(&container), ["/descriptions"]);
    }

    #[test]
    fn a_product_without_a_name_is_refused_where_it_stands() {
        let mut container = good();
        container["affected"] = json!([{"product": "p", "defaultStatus": "affected"}]);
        assert_eq!(pointers(&container), ["/affected/0"]);
    }
}
