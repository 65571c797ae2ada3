//! What differs between two containers, and whether anything does.

use cve::time::Timestamp;
use serde_json::{Map, Value};

/// What the service stamps and the author does not write.
const STAMPED: &str = "providerMetadata";

/// Lists what `ours` would change in `live`, a line each: `+` added, `-`
/// removed, `~` changed.
///
/// Gives: nothing when the service would store the same again.
/// Source: CVE Services stamps `providerMetadata`, trims texts and, since
/// 2.5.1, writes times in UTC.
pub(crate) fn between(live: &Value, ours: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare(&without_stamp(live), &without_stamp(ours), "", &mut lines);
    lines
}

fn without_stamp(container: &Value) -> Value {
    let mut container = container.clone();
    if let Some(object) = container.as_object_mut() {
        object.shift_remove(STAMPED);
    }
    container
}

fn compare(live: &Value, ours: &Value, pointer: &str, lines: &mut Vec<String>) {
    match (live, ours) {
        (Value::Object(live), Value::Object(ours)) => objects(live, ours, pointer, lines),
        (Value::Array(live), Value::Array(ours)) => lists(live, ours, pointer, lines),
        _ if same(live, ours) => {}
        _ => lines.push(format!("~ {pointer}: {live} → {ours}")),
    }
}

fn objects(
    live: &Map<String, Value>,
    ours: &Map<String, Value>,
    pointer: &str,
    lines: &mut Vec<String>,
) {
    // RFC 6901 section 3.
    let below = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    for (key, value) in live {
        match ours.get(key) {
            Some(other) => compare(value, other, &below(key), lines),
            None => lines.push(format!("- {}: {value}", below(key))),
        }
    }
    for (key, value) in ours.iter().filter(|(key, _)| !live.contains_key(*key)) {
        lines.push(format!("+ {}: {value}", below(key)));
    }
}

/// Items that are equal at both ends are passed over, so that one item put in
/// or taken out is one line.
fn lists(live: &[Value], ours: &[Value], pointer: &str, lines: &mut Vec<String>) {
    let equal = |(a, b): &(&Value, &Value)| equal(a, b);
    let start = live.iter().zip(ours).take_while(equal).count();
    let (live, ours) = (&live[start..], &ours[start..]);
    let end = live.iter().rev().zip(ours.iter().rev());
    let end = end.take_while(equal).count();
    let (live, ours) = (&live[..live.len() - end], &ours[..ours.len() - end]);
    let shared = live.len().min(ours.len());
    for (index, (live, ours)) in live.iter().zip(ours).enumerate() {
        compare(live, ours, &format!("{pointer}/{}", start + index), lines);
    }
    for (index, item) in live.iter().enumerate().skip(shared) {
        lines.push(format!("- {pointer}/{}: {item}", start + index));
    }
    for (index, item) in ours.iter().enumerate().skip(shared) {
        lines.push(format!("+ {pointer}/{}: {item}", start + index));
    }
}

fn equal(live: &Value, ours: &Value) -> bool {
    let mut lines = Vec::new();
    compare(live, ours, "", &mut lines);
    lines.is_empty()
}

fn same(live: &Value, ours: &Value) -> bool {
    match (live, ours) {
        (Value::String(live), Value::String(ours)) => {
            live == ours || live == ours.trim() || same_moment(live, ours)
        }
        _ => live == ours,
    }
}

pub(crate) fn same_moment(live: &str, ours: &str) -> bool {
    match (live.parse::<Timestamp>(), ours.parse::<Timestamp>()) {
        (Ok(live), Ok(ours)) => live == ours,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_service_does_by_itself_is_no_change() {
        let live = json!({"providerMetadata": {"orgId": "a", "dateUpdated": "x"},
                          "title": "A", "datePublic": "2026-01-01T00:00:00.000Z"});
        let ours = json!({"title": " A ", "datePublic": "2026-01-01T01:00:00+01:00"});
        assert_eq!(between(&live, &ours), Vec::<String>::new());
    }

    #[test]
    fn an_item_put_in_front_is_one_line() {
        let live = json!({"references": [{"url": "a"}, {"url": "b"}]});
        let ours = json!({"references": [{"url": "n"}, {"url": "a"}, {"url": "b"}]});
        assert_eq!(between(&live, &ours), ["+ /references/0: {\"url\":\"n\"}"]);
        assert_eq!(between(&ours, &live), ["- /references/0: {\"url\":\"n\"}"]);
    }

    #[test]
    fn a_changed_text_is_shown_before_and_after() {
        let live = json!({"a/b": [{"c": "old"}], "gone": 1});
        let ours = json!({"a/b": [{"c": "new"}], "more": true});
        assert_eq!(
            between(&live, &ours),
            [
                "~ /a~1b/0/c: \"old\" → \"new\"",
                "- /gone: 1",
                "+ /more: true"
            ]
        );
    }
}
