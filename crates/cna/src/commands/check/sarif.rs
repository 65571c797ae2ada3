//! SARIF 2.1.0, which code scanning services read.
//!
//! Results come first and the rules behind them, so that neither must be kept
//! in memory until the end; the order of keys has no meaning in JSON.

use cve::check::{Severity, codes};
use serde::Serialize;
use serde_json::{Value, json};

use super::printer::{View, text_of};
use super::tally::Tally;

pub(crate) fn begin() -> String {
    "{\"version\": \"2.1.0\",\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\
     \"runs\": [{\"columnKind\": \"unicodeCodePoints\",\n\"results\": [\n"
        .to_owned()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    rule_id: &'a str,
    level: &'static str,
    message: Value,
    locations: [Value; 1],
    partial_fingerprints: Value,
    properties: Value,
}

/// A result for each finding of a document.
pub(crate) fn record(view: &View<'_>, separator: &str, out: &mut Vec<u8>) {
    for finding in &view.judged.findings {
        let (line, column) = view.place(finding);
        let mut text = format!("{} ({})", finding.message, finding.rule);
        if !finding.fix.is_empty() {
            text.push_str("; ");
            text.push_str(&finding.fix);
        }
        let mut location = json!({
            "physicalLocation": {
                "artifactLocation": {"uri": uri(view.source)},
                "region": {"startLine": line, "startColumn": column},
            },
        });
        if !finding.pointer.is_empty() {
            location["logicalLocations"] =
                json!([{"fullyQualifiedName": finding.pointer, "kind": "member"}]);
        }
        let who = view.judged.id.as_deref().unwrap_or(view.source);
        let found = Found {
            rule_id: &finding.code,
            level: level(finding.severity),
            message: json!({ "text": text }),
            locations: [location],
            // Stays the same when lines move.
            partial_fingerprints: json!({
                "recordPointer/v1": format!("{who} {} {}", finding.code, finding.pointer),
            }),
            properties: json!({"severity": finding.severity.as_str(), "cveId": view.judged.id}),
        };
        out.extend_from_slice(separator.as_bytes());
        out.extend_from_slice(text_of(&found).as_bytes());
    }
}

/// The end: the tool and the rules whose findings came before.
pub(crate) fn end(tally: &Tally) -> String {
    let rules: Vec<Value> = tally
        .by_code
        .iter()
        .map(|(code, (severity, _))| rule(code, *severity))
        .collect();
    let driver = json!({
        "name": "cna",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    format!(
        "\n],\n\"tool\": {{\"driver\": {}}}}}]}}\n",
        text_of(&driver)
    )
}

fn rule(code: &str, severity: Severity) -> Value {
    let (title, why, mend) = match codes().iter().find(|known| known.code == code) {
        Some(known) => (known.title, known.explanation, known.mend),
        None => match cve::lint::rule(code) {
            Some(rule) => (rule.title, rule.explanation, rule.mend),
            None => (code, "", ""),
        },
    };
    let mut page = json!({
        "id": code,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": level(severity)},
        "properties": {"severity": severity.as_str()},
    });
    if !why.is_empty() {
        page["fullDescription"] = json!({ "text": why });
    }
    if !mend.is_empty() {
        page["help"] = json!({ "text": mend });
    }
    page
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Violation => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

/// A path as a relative URI reference (RFC 3986).
fn uri(path: &str) -> String {
    if path == "<stdin>" {
        return "stdin".to_owned();
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("./a b/ä:1.json"), "a%20b/%C3%A4%3A1.json");
        assert_eq!(uri("/tmp/x.json"), "file:///tmp/x.json");
        assert_eq!(uri("<stdin>"), "stdin");
    }
}
