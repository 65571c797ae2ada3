//! The CNA container of a caller that holds it as a parsed value.

use serde_json::Value;

use super::{Checker, Finding, Format, Kind, server};

/// Checks a published CNA container against the schema of version 5.2.0, its
/// texts trimmed as CVE Services trims them.
///
/// Takes: the container itself, without `cnaContainer` around it;
/// `providerMetadata` may be missing, because the server stamps it.
/// Gives: findings in document order; empty when nothing is wrong. They have
/// no position, because a value has no lines.
/// Source: CVE Record Format 5.2.0 `definitions/cnaPublishedContainer`;
/// cve-services section 10.
pub fn published_container(container: &Value) -> Vec<Finding> {
    // A key before the container and nothing else: pointers lose that prefix.
    let body = format!("{{\"cnaContainer\":{container}}}");
    let body = server::trimmed(body.as_bytes());
    let mut findings = Checker::new(Format::V5_2_0).findings(Kind::PublishedBody, &body);
    for finding in &mut findings {
        if let Some(pointer) = finding.pointer.strip_prefix("/cnaContainer") {
            finding.pointer = pointer.to_owned();
        }
        finding.position = None;
    }
    findings
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
    fn a_description_of_spaces_is_empty() {
        let mut container = good();
        container["descriptions"][0]["value"] = json!(" \n ");
        assert_eq!(pointers(&container), ["/descriptions/0/value"]);
    }

    #[test]
    fn a_product_without_a_name_is_refused_where_it_stands() {
        let mut container = good();
        container["affected"] = json!([{"product": "p", "defaultStatus": "affected"}]);
        assert_eq!(pointers(&container), ["/affected/0"]);
    }
}
