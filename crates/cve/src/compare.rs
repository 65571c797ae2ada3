//! What differs between two containers, and whether anything does.
//!
//! ```
//! use cve::compare::changes;
//! use serde_json::json;
//!
//! let live = json!({"title": "A flaw", "providerMetadata": {"orgId": "x"}});
//! let ours = json!({"title": "Another flaw"});
//! let said: Vec<String> = changes(&live, &ours).iter().map(ToString::to_string).collect();
//! assert_eq!(said, ["~ /title: \"A flaw\" → \"Another flaw\""]);
//! ```

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::time::Timestamp;

/// What CVE Services stamps and no author writes.
pub(crate) const STAMPED: &str = "providerMetadata";

/// One difference between a document and a later one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Where: a JSON pointer, into the later document for what was added and
    /// changed, into the earlier one for what was removed.
    pub pointer: String,
    /// What is in the earlier document; nothing when it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is in the later document; nothing when it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl fmt::Display for Change {
    /// `+` added, `-` removed, `~` changed, then where and what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = &self.pointer;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "~ {pointer}: {before} → {after}"),
            (Some(before), None) => write!(f, "- {pointer}: {before}"),
            (None, Some(after)) => write!(f, "+ {pointer}: {after}"),
            (None, None) => write!(f, "  {pointer}"),
        }
    }
}

/// Lists what `after` changes in `before`.
///
/// Gives: nothing when CVE Services would store the same again.
/// Source: CVE Services stamps `providerMetadata`, trims texts and, since
/// 2.5.1, writes times in UTC.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(
        &without_stamp(before),
        &without_stamp(after),
        "",
        &mut changes,
    );
    changes
}

/// Says whether CVE Services would take two containers for the same.
pub fn is_same(before: &Value, after: &Value) -> bool {
    changes(before, after).is_empty()
}

/// Says whether two texts name the same moment.
pub fn is_same_moment(a: &str, b: &str) -> bool {
    match (a.parse::<Timestamp>(), b.parse::<Timestamp>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// A pointer to `key` beneath `pointer`.
///
/// Source: RFC 6901 section 3.
pub(crate) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn without_stamp(container: &Value) -> Value {
    let mut container = container.clone();
    if let Some(object) = container.as_object_mut() {
        object.shift_remove(STAMPED);
    }
    container
}

fn compare(before: &Value, after: &Value, pointer: &str, changes: &mut Vec<Change>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => objects(before, after, pointer, changes),
        (Value::Array(before), Value::Array(after)) => lists(before, after, pointer, changes),
        _ if is_same_scalar(before, after) => {}
        _ => changes.push(Change {
            pointer: pointer.to_owned(),
            before: Some(before.clone()),
            after: Some(after.clone()),
        }),
    }
}

fn objects(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    pointer: &str,
    changes: &mut Vec<Change>,
) {
    for (key, value) in before {
        match after.get(key) {
            Some(other) => compare(value, other, &below(pointer, key), changes),
            None => changes.push(removed(below(pointer, key), value)),
        }
    }
    for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        changes.push(added(below(pointer, key), value));
    }
}

/// Items that are equal at both ends are passed over, so that one item put in
/// or taken out is one change.
fn lists(before: &[Value], after: &[Value], pointer: &str, changes: &mut Vec<Change>) {
    let equal = |(a, b): &(&Value, &Value)| is_equal(a, b);
    let start = before.iter().zip(after).take_while(equal).count();
    let (before, after) = (&before[start..], &after[start..]);
    let end = before.iter().rev().zip(after.iter().rev());
    let end = end.take_while(equal).count();
    let before = &before[..before.len() - end];
    let after = &after[..after.len() - end];
    let shared = before.len().min(after.len());
    let at = |index: usize| format!("{pointer}/{}", start + index);
    for (index, (before, after)) in before.iter().zip(after).enumerate() {
        compare(before, after, &at(index), changes);
    }
    for (index, item) in before.iter().enumerate().skip(shared) {
        changes.push(removed(at(index), item));
    }
    for (index, item) in after.iter().enumerate().skip(shared) {
        changes.push(added(at(index), item));
    }
}

fn removed(pointer: String, before: &Value) -> Change {
    Change {
        pointer,
        before: Some(before.clone()),
        after: None,
    }
}

fn added(pointer: String, after: &Value) -> Change {
    Change {
        pointer,
        before: None,
        after: Some(after.clone()),
    }
}

/// Equality as CVE Services has it, of any two values.
pub(crate) fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| is_equal(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        _ => is_same_scalar(a, b),
    }
}

fn is_same_scalar(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.trim() == b.trim() || is_same_moment(a, b),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(before: &Value, after: &Value) -> Vec<String> {
        changes(before, after)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_the_service_does_by_itself_is_no_change() {
        let live = json!({"providerMetadata": {"orgId": "a", "dateUpdated": "x"},
                          "title": "A", "datePublic": "2026-01-01T00:00:00.000Z"});
        let ours = json!({"title": " A ", "datePublic": "2026-01-01T01:00:00+01:00"});
        assert_eq!(changes(&live, &ours), []);
    }

    #[test]
    fn an_item_put_in_front_is_one_change() {
        let short = json!({"references": [{"url": "a"}, {"url": "b"}]});
        let long = json!({"references": [{"url": "n"}, {"url": "a"}, {"url": "b"}]});
        assert_eq!(said(&short, &long), ["+ /references/0: {\"url\":\"n\"}"]);
        assert_eq!(said(&long, &short), ["- /references/0: {\"url\":\"n\"}"]);
    }

    #[test]
    fn a_changed_text_is_shown_before_and_after() {
        let before = json!({"a/b": [{"c": "old"}], "gone": 1});
        let after = json!({"a/b": [{"c": "new"}], "more": true});
        assert_eq!(
            said(&before, &after),
            [
                "~ /a~1b/0/c: \"old\" → \"new\"",
                "- /gone: 1",
                "+ /more: true"
            ]
        );
    }

    #[test]
    fn any_change_is_a_difference() {
        let ours = json!({"title": "A flaw", "references": [{"url": "https://example.org/a"}]});
        for live in [
            json!({"title": "A flaw", "references": []}),
            json!({"title": "A flaw", "references": [{"url": "https://example.org/a"}], "x_y": 1}),
            json!({"title": "Another", "references": [{"url": "https://example.org/a"}]}),
            json!(null),
        ] {
            assert!(!is_same(&ours, &live), "{live}");
        }
    }
}
