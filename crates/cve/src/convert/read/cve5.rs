//! CVE JSON 5.x: a record, a request body, or a container alone.
//!
//! Source: CVE Record Format 5.0 to 5.2.0; formats section 1.8.

use serde_json::Value;

use super::draft::Draft;
use super::object::{Object, is_empty};
use super::product::versions_of_text;
use crate::convert::Read;
use crate::convert::version_text::{VersionText, read as read_version};
use crate::versions::Status;

/// The parts of a container that are lists.
const LISTS: [&str; 18] = [
    "descriptions",
    "rejectedReasons",
    "replacedBy",
    "affected",
    "cpeApplicability",
    "problemTypes",
    "impacts",
    "metrics",
    "configurations",
    "workarounds",
    "solutions",
    "exploits",
    "references",
    "timeline",
    "credits",
    "tags",
    "taxonomyMappings",
    "adp",
];

/// Reads a document.
pub(super) fn read(document: &Value) -> Read {
    let mut draft = Draft::default();
    read_into(document, &mut draft);
    draft.finish()
}

/// Reads a document into a draft that somebody else finishes.
pub(super) fn read_into(document: &Value, draft: &mut Draft) {
    let mut root = Object::new(document, "");
    let mut metadata = root.object("cveMetadata", draft);
    if let Some(id) = metadata.text("cveId", draft) {
        draft.id(&id);
    }
    // What CVE Services stamps, and stamps again.
    metadata.ignore(&[
        "assignerOrgId",
        "assignerShortName",
        "requesterUserId",
        "dateUpdated",
        "serial",
        "dateReserved",
        "datePublished",
        "dateRejected",
        "state",
    ]);
    metadata.finish(draft);
    root.ignore(&["dataType", "dataVersion"]);
    if root.peek("containers").is_some() {
        let mut containers = root.object("containers", draft);
        let pointer = containers.at("cna");
        if let Some(cna) = containers.take("cna") {
            container(cna, &pointer, draft);
        }
        for (value, pointer) in containers.items("adp", draft) {
            let provider = value["providerMetadata"]["shortName"]
                .as_str()
                .unwrap_or("another organisation");
            draft.unplaced(
                "adp",
                pointer,
                format!("the container of {provider} is not the CNA's to write"),
            );
        }
        containers.finish(draft);
        root.finish(draft);
    } else if let Some(cna) = root.take("cnaContainer") {
        container(cna, "/cnaContainer", draft);
        root.finish(draft);
    } else if root.peek("cveMetadata").is_some() {
        root.finish(draft);
    } else {
        container(document, "", draft);
    }
}

fn container(value: &Value, pointer: &str, draft: &mut Draft) {
    let mut object = Object::new(value, pointer);
    for key in LISTS {
        for (item, origin) in object.items(key, draft) {
            let item = match key {
                "affected" => product(item, &origin, draft),
                _ => item.clone(),
            };
            draft.push(key, item, origin);
        }
    }
    // Everything else as it is; the schema has the last word at the end.
    for (key, value) in value.as_object().into_iter().flatten() {
        if !LISTS.contains(&key.as_str())
            && !value.is_null()
            && (key == "source" || !is_empty(value))
        {
            draft.set(key, value.clone(), object.at(key));
        }
    }
}

/// A product, the ranges written into its `version` texts read.
fn product(item: &Value, origin: &str, draft: &mut Draft) -> Value {
    let mut product = item.clone();
    let Some(versions) = item["versions"].as_array() else {
        return product;
    };
    let names: Vec<&str> = ["product", "packageName"]
        .iter()
        .filter_map(|key| item[*key].as_str())
        .collect();
    let outside = item["defaultStatus"]
        .as_str()
        .and_then(Status::of)
        .unwrap_or(Status::Unknown);
    let mut entries = Vec::with_capacity(versions.len());
    for (place, entry) in versions.iter().enumerate() {
        let read = as_text(
            entry,
            &names,
            outside,
            &format!("{origin}/versions/{place}/version"),
            draft,
        );
        match read {
            Some(read) => {
                for entry in read {
                    if !entries.contains(&entry) {
                        entries.push(entry);
                    }
                }
            }
            None => entries.push(entry.clone()),
        }
    }
    product["versions"] = Value::Array(entries);
    product
}

/// The entries of a single version whose text says more.
fn as_text(
    entry: &Value,
    names: &[&str],
    outside: Status,
    origin: &str,
    draft: &mut Draft,
) -> Option<Vec<Value>> {
    let is_range = entry.get("lessThan").is_some() || entry.get("lessThanOrEqual").is_some();
    let text = entry["version"].as_str().filter(|_| !is_range)?;
    let status = Status::of(entry["status"].as_str()?)?;
    match read_version(text, names) {
        VersionText::Single => None,
        // Kept with whatever else the entry says.
        VersionText::Unread(_) => {
            versions_of_text(text, names, None, (status, outside), origin, draft);
            None
        }
        VersionText::Read(_) => {
            let kind = entry["versionType"].as_str();
            Some(versions_of_text(
                text,
                names,
                kind,
                (status, outside),
                origin,
                draft,
            ))
        }
    }
}
