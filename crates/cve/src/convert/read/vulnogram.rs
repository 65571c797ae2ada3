//! What Vulnogram saves: a record of either format with the desk's own notes
//! beside it, or with a document of its database around it.
//!
//! Source: Vulnogram, its document model (`body` and what the server adds)
//! and `CNA_private`; it writes records without empty parts.

use serde_json::Value;

use super::draft::Draft;
use super::object::{Object, is_empty};
use super::{cve4, cve5};
use crate::convert::Read;

/// Reads a saved document.
pub(super) fn read(document: &Value) -> Read {
    let mut draft = Draft::default();
    let mut root = Object::new(document, "");
    let body = match root.take("body") {
        Some(body) => {
            // Who saved it when, in which revision.
            root.ignore(&[
                "_id",
                "__v",
                "author",
                "created",
                "createdAt",
                "updatedAt",
                "updated",
            ]);
            for key in ["comments", "files", "history", "q"] {
                if root.peek(key).is_some_and(|value| !is_empty(value)) {
                    draft.unplaced(
                        "private",
                        root.at(key),
                        format!("`{key}` belongs to the desk, not to the record"),
                    );
                }
            }
            root.ignore(&["comments", "files", "history", "q"]);
            root.finish(&mut draft);
            body
        }
        None => document,
    };
    let before = if std::ptr::eq(body, document) {
        ""
    } else {
        "/body"
    };
    let (record, private) = split(body);
    if private {
        draft.unplaced(
            "private",
            format!("{before}/CNA_private"),
            "the notes in `CNA_private` belong to the desk, not to the record",
        );
    }
    let mut inner = Draft::default();
    match record.get("CVE_data_meta") {
        Some(_) => cve4::read_into(&record, &mut inner),
        None => cve5::read_into(&record, &mut inner),
    }
    let mut read = inner.finish();
    let outer = draft.finish_unplaced();
    for loss in &mut read.unplaced {
        loss.pointer.insert_str(0, before);
    }
    // A finding about the record points into it; one about the draft does not.
    for finding in &mut read.findings {
        if finding.code.starts_with("CONV-") {
            finding.pointer.insert_str(0, before);
        }
    }
    read.unplaced.splice(0..0, outer);
    read
}

/// The record without the desk's notes and without empty parts; and whether
/// there were notes.
fn split(body: &Value) -> (Value, bool) {
    let mut record = body.clone();
    let private = record
        .as_object_mut()
        .and_then(|map| map.shift_remove("CNA_private"));
    prune(&mut record);
    (record, private.is_some_and(|value| !is_empty(&value)))
}

/// Takes out what the forms of Vulnogram leave empty. Lists keep their
/// places, so that pointers stay right.
fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, value| !is_empty(value));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(prune);
            while items.last().is_some_and(is_empty) {
                items.pop();
            }
        }
        _ => {}
    }
}
