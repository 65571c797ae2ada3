//! Finds out what format a document has.

use serde_json::Value;

use super::object::{kind_of, shortened};
use crate::check::{Finding, Severity};
use crate::convert::finding::finding;
use crate::convert::{Refused, Source};

/// Finds out the format of a document by the keys it must have.
///
/// Refuses: a finding that says what was looked for and what is there.
pub fn source_of(document: &Value) -> Result<Source, Box<Finding>> {
    let has = |key: &str| document.get(key).is_some_and(|value| !value.is_null());
    let body = document.get("body");
    let in_body = |key: &str| body.and_then(|body| body.get(key)).is_some();
    if !document.is_object() {
        return Err(Box::new(not_an_object(document)));
    }
    if has("CNA_private")
        || in_body("CVE_data_meta")
        || in_body("cveMetadata")
        || in_body("CNA_private")
    {
        return Ok(Source::Vulnogram);
    }
    if has("CVE_data_meta") {
        return Ok(Source::Cve4);
    }
    let container =
        has("cnaContainer") || has("containers") || has("cveMetadata") || has("rejectedReasons");
    let bare =
        has("descriptions") && (has("affected") || has("providerMetadata") || has("references"));
    if container || bare {
        return Ok(Source::Cve5);
    }
    if document.pointer("/document/csaf_version").is_some() {
        return Ok(Source::Csaf);
    }
    let advisory = has("vulnerabilities") && (has("summary") || has("html_url"));
    if has("ghsa_id") || advisory {
        return Ok(Source::Ghsa);
    }
    if has("id") && (has("affected") || has("modified") || has("schema_version")) {
        return Ok(Source::Osv);
    }
    Err(Box::new(unknown(document)))
}

/// Makes sure that a document has the keys of the format it is said to have.
pub(super) fn expect(document: &Value, source: Source) -> Result<Source, Refused> {
    if !document.is_object() {
        return Err(Refused::because(not_an_object(document)));
    }
    let (fits, needs) = match source {
        Source::Ghsa => (
            document.get("ghsa_id").is_some() || document.get("vulnerabilities").is_some(),
            "`ghsa_id` or `vulnerabilities`",
        ),
        Source::Osv => (document.get("id").is_some(), "`id`"),
        Source::Csaf => (
            document.pointer("/document/csaf_version").is_some(),
            "`document.csaf_version`",
        ),
        Source::Cve4 => (document.get("CVE_data_meta").is_some(), "`CVE_data_meta`"),
        Source::Cve5 => (
            source_of(document) == Ok(Source::Cve5),
            "`cveMetadata`, `containers`, `cnaContainer` or the parts of a CNA container",
        ),
        Source::Vulnogram => (
            document.get("body").is_some()
                || matches!(
                    source_of(document),
                    Ok(Source::Vulnogram | Source::Cve4 | Source::Cve5)
                ),
            "`body`, `CNA_private`, or a CVE record",
        ),
    };
    if fits {
        return Ok(source);
    }
    let found = source_of(document);
    let looks = match &found {
        Ok(found) => format!("it looks like `{found}`"),
        Err(_) => format!("its keys are {}", keys(document)),
    };
    Err(Refused::because(finding(
        Severity::Error,
        "CONV-SOURCE",
        "",
        format!("a `{source}` document has {needs}; {looks}"),
        "docs/convert.md, what is read",
        "leave --from out, or name the document's own format",
    )))
}

fn unknown(document: &Value) -> Finding {
    finding(
        Severity::Error,
        "CONV-SOURCE",
        "",
        format!(
            "the document has no known format: its keys are {}; looked for `ghsa_id` (ghsa), `id` with `affected` \
             or `modified` (osv), `document.csaf_version` (csaf), `CVE_data_meta` (cve4), `cveMetadata`, \
             `containers` or `cnaContainer` (cve5), `CNA_private` or `body` (vulnogram)",
            keys(document)
        ),
        "docs/convert.md, what is read",
        "name its format with --from",
    )
}

fn not_an_object(document: &Value) -> Finding {
    finding(
        Severity::Error,
        "CONV-SOURCE",
        "",
        format!(
            "the document is {}, expected one object of a known format",
            kind_of(document)
        ),
        "docs/convert.md, what is read",
        "give each document by itself, or one a line",
    )
}

/// The first keys of a document, quoted.
fn keys(document: &Value) -> String {
    let keys = document.as_object().into_iter().flat_map(|map| map.keys());
    let mut quoted: Vec<_> = keys
        .take(9)
        .map(|key| format!("`{}`", shortened(key)))
        .collect();
    if quoted.is_empty() {
        return "none".to_owned();
    }
    if quoted.len() == 9 {
        quoted[8] = "…".to_owned();
    }
    quoted.join(", ")
}
