//! What an advisory only repeats of its record.

use cve::cvss::Cvss;
use serde_json::{Map, Value, json};

use crate::advisory::range_in_words;

/// The fields of an advisory that follow from the container, in the order of
/// an advisory.
pub(crate) fn repeated(container: &Value) -> Map<String, Value> {
    let text = |pointer: &str| {
        let found = container.pointer(pointer).and_then(Value::as_str);
        json!(found.unwrap_or_default())
    };
    let vector = vector(container);
    let severity = vector.and_then(|vector| vector.parse::<Cvss>().ok());
    let severity = severity.map(|vector| vector.base_severity().as_str().to_lowercase());
    let mut fields = Map::new();
    fields.insert("title".into(), text("/title"));
    fields.insert("summary".into(), text("/descriptions/0/value"));
    fields.insert("severity".into(), json!(severity.unwrap_or_default()));
    fields.insert("cvss".into(), json!(vector.unwrap_or_default()));
    let weakness = text("/problemTypes/0/descriptions/0/description");
    fields.insert("weakness".into(), weakness);
    fields.insert("affected".into(), affected(container));
    fields.insert("solution".into(), text("/solutions/0/value"));
    fields.insert("workaround".into(), text("/workarounds/0/value"));
    fields.insert(
        "references".into(),
        texts(&container["references"], "url").into(),
    );
    let names: Vec<String> = texts(&container["credits"], "value");
    fields.insert("credit".into(), json!(names.join(", ")));
    fields
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|entry| entry[key].as_str().map(str::to_owned))
        .collect()
}

/// The first CVSS vector of a container.
fn vector(container: &Value) -> Option<&str> {
    let metrics = container["metrics"].as_array()?;
    metrics.iter().find_map(|metric| {
        let metric = metric.as_object()?;
        let mut values = metric.values();
        values.find_map(|value| value.get("vectorString")?.as_str())
    })
}

/// A line for every range that has the flaw; commits are for machines.
fn affected(container: &Value) -> Value {
    let mut lines = Vec::new();
    for entry in container["affected"].as_array().into_iter().flatten() {
        let name = |key: &str| entry[key].as_str().unwrap_or_default();
        let product = format!("{} {}", name("vendor"), name("product"));
        for range in entry["versions"].as_array().into_iter().flatten() {
            let text = |key: &str| range[key].as_str();
            let from = text("version").unwrap_or_default();
            if text("status") != Some("affected") || text("versionType") == Some("git") {
                continue;
            }
            let (versions, fixed) = match (text("lessThan"), text("lessThanOrEqual")) {
                (Some("*"), _) => (range_in_words(from, ""), ""),
                (Some(before), _) => (range_in_words(from, before), before),
                (None, Some(last)) if from == "0" => (format!("{last} and earlier"), ""),
                (None, Some(last)) => (format!("{from} through {last}"), ""),
                (None, None) => (from.to_owned(), ""),
            };
            lines.push(json!({"product": product.trim(), "versions": versions, "fixed": fixed}));
        }
    }
    json!(lines)
}
