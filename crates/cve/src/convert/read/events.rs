//! The events of an OSV range, as entries of `versions`.

use serde_json::{Value, json};

use super::draft::Draft;
use super::object::Object;
use crate::versions::compare;

/// One event, and where it stands.
struct Event<'v> {
    kind: &'static str,
    version: &'v str,
    pointer: String,
}

/// Reads the events of a range.
///
/// Gives: an entry for each stretch from `introduced` to `fixed` or
/// `last_affected`, or to no end. Events that do not alternate are sorted by
/// their versions first; when these cannot be compared, the range is unplaced.
/// Source: OSV schema, `affected[].ranges[].events` and "evaluation".
pub(super) fn entries(range: &mut Object, kind: &str, draft: &mut Draft) -> Vec<Value> {
    let mut events = Vec::new();
    for mut object in range.objects("events", draft) {
        for key in ["introduced", "fixed", "last_affected", "limit"] {
            if let Some(found) = object.text(key, draft) {
                events.push(Event {
                    kind: key,
                    version: found.text,
                    pointer: found.pointer,
                });
            }
        }
        object.finish(draft);
    }
    events.retain(|event| {
        let is_limit = event.kind == "limit";
        if is_limit && event.version != "*" {
            draft.unplaced(
                "limit",
                &event.pointer,
                format!(
                    "a range of a record has no limit such as `{}`",
                    event.version
                ),
            );
        }
        !is_limit
    });
    if !alternates(&events) && !sort(&mut events, kind) {
        draft.unplaced(
            "range",
            range.pointer(),
            "the events have no order, and their versions cannot be compared",
        );
        return Vec::new();
    }
    stretches(&events, kind, draft)
}

/// Says whether every end follows a beginning, and only the last has none.
fn alternates(events: &[Event]) -> bool {
    let mut open = false;
    for event in events {
        let begins = event.kind == "introduced";
        if begins == open {
            return false;
        }
        open = begins;
    }
    // `introduced: 0` twice, or ends in falling order, needs sorting too.
    true
}

/// Sorts the events by version; gives whether all could be compared.
fn sort(events: &mut [Event], kind: &str) -> bool {
    let order = |a: &Event, b: &Event| match (a.version, b.version) {
        ("0", "0") => Some(std::cmp::Ordering::Equal),
        ("0", _) => Some(std::cmp::Ordering::Less),
        (_, "0") => Some(std::cmp::Ordering::Greater),
        (a, b) => compare(kind, a, b),
    };
    let comparable = events
        .windows(2)
        .all(|two| order(&two[0], &two[1]).is_some())
        && events
            .first()
            .is_none_or(|first| events.iter().all(|event| order(first, event).is_some()));
    if comparable {
        // At one version the end comes before the beginning.
        let begins = |event: &Event| event.kind == "introduced";
        events.sort_by(|a, b| {
            order(a, b)
                .unwrap_or(std::cmp::Ordering::Equal)
                .then(begins(a).cmp(&begins(b)))
        });
    }
    comparable
}

fn stretches(events: &[Event], kind: &str, draft: &mut Draft) -> Vec<Value> {
    let (mut entries, mut open): (Vec<Value>, Option<&Event>) = (Vec::new(), None);
    for event in events {
        match (event.kind, open) {
            // Already affected: nothing new begins.
            ("introduced", Some(_)) => {}
            ("introduced", None) => open = Some(event),
            (end, Some(from)) => {
                entries.push(entry(from.version, end, event.version, kind));
                open = None;
            }
            (_, None) => draft.unplaced(
                "range",
                &event.pointer,
                format!("nothing was affected before `{}`", event.version),
            ),
        }
    }
    if let Some(from) = open {
        entries.push(json!({"version": from.version, "status": "affected", "lessThan": "*", "versionType": kind}));
    }
    entries
}

fn entry(from: &str, end: &str, to: &str, kind: &str) -> Value {
    match end {
        "last_affected" if from == to && from != "0" => {
            json!({"version": from, "status": "affected"})
        }
        "last_affected" => {
            json!({"version": from, "status": "affected", "lessThanOrEqual": to, "versionType": kind})
        }
        _ => json!({"version": from, "status": "affected", "lessThan": to, "versionType": kind}),
    }
}
