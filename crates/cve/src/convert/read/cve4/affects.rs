//! Products and versions of CVE JSON 4.0.

use serde_json::{Map, Value, json};

use crate::convert::read::draft::Draft;
use crate::convert::read::object::Object;
use crate::convert::read::product::{Product, versions_of_text};
use crate::versions::Status;

/// What stands where a text is missing.
///
/// Source: the Program's converter.
const MISSING: &str = "unspecified";

/// Reads the products.
pub(super) fn read(record: &mut Object, draft: &mut Draft) {
    let mut affects = record.object("affects", draft);
    let mut vendor = affects.object("vendor", draft);
    for mut item in vendor.objects("vendor_data", draft) {
        let name = item
            .text("vendor_name", draft)
            .map_or(MISSING, |found| found.text)
            .to_owned();
        let mut products = item.object("product", draft);
        for product in products.objects("product_data", draft) {
            one(product, &name, draft);
        }
        products.finish(draft);
        item.finish(draft);
    }
    vendor.finish(draft);
    affects.finish(draft);
}

/// A product: an entry of `affected` for each platform its versions name.
fn one(mut item: Object, vendor: &str, draft: &mut Draft) {
    let origin = item.pointer().to_owned();
    let name = item
        .text("product_name", draft)
        .map_or(MISSING, |found| found.text)
        .to_owned();
    let mut by_platform: Vec<(Option<String>, Product)> = Vec::new();
    let mut version = item.object("version", draft);
    for statement in version.objects("version_data", draft) {
        let (platform, entries) = statement_of(statement, &[name.as_str()], draft);
        let place = by_platform.iter().position(|(known, _)| *known == platform);
        let place = place.unwrap_or_else(|| {
            by_platform.push((platform, Product::default()));
            by_platform.len() - 1
        });
        for entry in entries {
            by_platform[place].1.version(entry);
        }
    }
    version.finish(draft);
    item.finish(draft);
    if by_platform.is_empty() {
        by_platform.push((None, Product::default()));
    }
    for (platform, mut product) in by_platform {
        product.set("vendor", json!(vendor));
        product.set("product", json!(name));
        if let Some(platform) = platform {
            product.set("platforms", json!([platform]));
        }
        product.merge_changes();
        product.push(draft, &origin);
    }
}

/// A statement about versions, and the platform it is about.
fn statement_of(
    mut item: Object,
    names: &[&str],
    draft: &mut Draft,
) -> (Option<String>, Vec<Value>) {
    let platform = item
        .text("platform", draft)
        .map(|found| found.text.to_owned());
    let sign = item
        .text("version_affected", draft)
        .or_else(|| item.text("affected", draft));
    let series = item
        .text("version_name", draft)
        .map(|found| found.text.to_owned());
    let value = item.text("version_value", draft);
    let origin = value
        .as_ref()
        .map_or_else(|| item.pointer().to_owned(), |value| value.pointer.clone());
    item.finish(draft);
    let sign = sign.map(|found| found.text.to_owned()).unwrap_or_default();
    let (status, operator) = match sign.chars().next() {
        Some('!') => (Status::Unaffected, &sign[1..]),
        Some('?') => (Status::Unknown, &sign[1..]),
        _ => (Status::Affected, sign.as_str()),
    };
    let Some(value) = value else {
        let entry =
            json!({"version": series.as_deref().unwrap_or(MISSING), "status": status.as_str()});
        return (platform, vec![entry]);
    };
    let entries = match operator {
        "" | "=" => match &series {
            // `name` and `value` make one version unless one is in the other.
            Some(series) if !value.text.starts_with(series.as_str()) => {
                vec![
                    json!({"version": format!("{series} {}", value.text), "status": status.as_str()}),
                ]
            }
            _ => versions_of_text(
                value.text,
                names,
                None,
                (status, Status::Unknown),
                &origin,
                draft,
            ),
        },
        "<" | "<=" => {
            let from = series.as_deref().unwrap_or(MISSING);
            vec![range(
                from,
                status,
                if operator == "<" {
                    "lessThan"
                } else {
                    "lessThanOrEqual"
                },
                value.text,
            )]
        }
        ">=" | ">" => {
            let to = series
                .as_deref()
                .map_or(MISSING.to_owned(), |series| format!("{series}*"));
            let from = match operator {
                ">" => format!("next of {}", value.text),
                _ => value.text.to_owned(),
            };
            vec![range(&from, status, "lessThan", &to)]
        }
        other => {
            draft.warn(
                "CONV-UNREAD",
                &origin,
                format!("`{other}` is no comparison of CVE JSON 4.0; the version is kept alone"),
                "say with `lessThan` which versions are meant",
            );
            vec![json!({"version": value.text, "status": status.as_str()})]
        }
    };
    (platform, entries)
}

fn range(from: &str, status: Status, end: &str, to: &str) -> Value {
    let mut entry = Map::new();
    entry.insert("version".to_owned(), json!(from));
    entry.insert("status".to_owned(), json!(status.as_str()));
    entry.insert(end.to_owned(), json!(to));
    entry.insert("versionType".to_owned(), json!("custom"));
    Value::Object(entry)
}
