//! Three containers made one: what we last saw, what is live, what we want.
//!
//! A field that one side alone changed takes that side's value. Lists whose
//! items have a name of their own (a reference its URL, a product its names, a
//! description its language) are merged item by item; a list in which the
//! order means something, such as `versions`, is one field. What both sides
//! changed, and not to the same, is a conflict for a person.
//!
//! Source: docs/architecture.md, decision 3.10.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::compare::{STAMPED, below, is_equal};

/// A merge of three containers.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The container; where there is a conflict, our side of it.
    pub container: Value,
    /// What both sides changed differently; nothing when the merge is whole.
    pub conflicts: Vec<Conflict>,
}

/// A field both sides changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// Where, a JSON pointer into our container; a list item is named by its
    /// own name, as in `/references/https:~1~1example.org~1a`.
    pub pointer: String,
    /// What was there when we last looked; nothing when it was not there.
    pub base: Option<Value>,
    /// What is there now; nothing when it was removed.
    pub live: Option<Value>,
    /// What we want; nothing when we removed it.
    pub ours: Option<Value>,
}

/// Merges by field.
///
/// Takes: `base`, the container as we last saw it; `live`, as it is now;
/// `ours`, as we want it.
/// Gives: every change of either side once, and no `providerMetadata`, which
/// CVE Services stamps.
pub fn merge(base: &Value, live: &Value, ours: &Value) -> Merged {
    let mut conflicts = Vec::new();
    let container = merged(Some(base), Some(live), Some(ours), "", &mut conflicts);
    let mut container = container.unwrap_or_else(|| ours.clone());
    if let Some(object) = container.as_object_mut() {
        object.shift_remove(STAMPED);
    }
    conflicts.retain(|conflict| !conflict.pointer.starts_with(&format!("/{STAMPED}")));
    Merged {
        container,
        conflicts,
    }
}

/// One value of the merge; nothing when it is to be absent.
fn merged(
    base: Option<&Value>,
    live: Option<&Value>,
    ours: Option<&Value>,
    pointer: &str,
    conflicts: &mut Vec<Conflict>,
) -> Option<Value> {
    if is_equal_or_absent(live, ours) || is_equal_or_absent(base, live) {
        return ours.cloned();
    }
    if is_equal_or_absent(base, ours) {
        return live.cloned();
    }
    match (base, live, ours) {
        (base, Some(Value::Object(live)), Some(Value::Object(ours))) => {
            let none = Map::new();
            let base = base.and_then(Value::as_object).unwrap_or(&none);
            return Some(Value::Object(objects(base, live, ours, pointer, conflicts)));
        }
        (base, Some(Value::Array(live)), Some(Value::Array(ours))) => {
            let base = base
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            if let Some(list) = lists(base, live, ours, pointer, conflicts) {
                return Some(Value::Array(list));
            }
        }
        _ => {}
    }
    conflicts.push(Conflict {
        pointer: pointer.to_owned(),
        base: base.cloned(),
        live: live.cloned(),
        ours: ours.cloned(),
    });
    ours.cloned()
}

fn is_equal_or_absent(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => is_equal(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn objects(
    base: &Map<String, Value>,
    live: &Map<String, Value>,
    ours: &Map<String, Value>,
    pointer: &str,
    conflicts: &mut Vec<Conflict>,
) -> Map<String, Value> {
    let new = live.keys().filter(|key| !ours.contains_key(*key));
    let mut all = Map::new();
    for key in ours.keys().chain(new) {
        let (base, live, ours) = (base.get(key), live.get(key), ours.get(key));
        if let Some(value) = merged(base, live, ours, &below(pointer, key), conflicts) {
            all.insert(key.clone(), value);
        }
    }
    all
}

/// Merges lists whose items have names; nothing when these have not.
fn lists(
    base: &[Value],
    live: &[Value],
    ours: &[Value],
    pointer: &str,
    conflicts: &mut Vec<Conflict>,
) -> Option<Vec<Value>> {
    let list = pointer.rsplit('/').next().unwrap_or_default();
    let (base, live, ours) = (named(list, base)?, named(list, live)?, named(list, ours)?);
    let of = |items: &[(String, Value)], name: &str| {
        let item = items.iter().find(|(other, _)| other == name);
        item.map(|(_, item)| item.clone())
    };
    let new = live.iter().filter(|(name, _)| of(&ours, name).is_none());
    let mut all = Vec::new();
    for (name, _) in ours.iter().chain(new) {
        let (base, live, ours) = (of(&base, name), of(&live, name), of(&ours, name));
        all.extend(merged(
            base.as_ref(),
            live.as_ref(),
            ours.as_ref(),
            &below(pointer, name),
            conflicts,
        ));
    }
    Some(all)
}

/// The items of a list with their names; nothing when one has none, or two
/// have the same.
fn named(list: &str, items: &[Value]) -> Option<Vec<(String, Value)>> {
    let mut all: Vec<(String, Value)> = Vec::with_capacity(items.len());
    for item in items {
        let name = name(list, item)?;
        if all.iter().any(|(other, _)| *other == name) {
            return None;
        }
        all.push((name, item.clone()));
    }
    Some(all)
}

/// What an item is known by in its list.
fn name(list: &str, item: &Value) -> Option<String> {
    let text = |key: &str| item[key].as_str().map(str::to_owned);
    match list {
        "references" => text("url"),
        "descriptions" if item.get("cweId").is_some() => text("cweId"),
        "descriptions" | "solutions" | "workarounds" | "configurations" | "exploits" => {
            text("lang")
        }
        "affected" => {
            let names = ["vendor", "product", "collectionURL", "packageName"];
            let names: Vec<String> = names.into_iter().filter_map(text).collect();
            (!names.is_empty()).then(|| names.join(" "))
        }
        "credits" | "timeline" => Some(
            format!("{} {}", text("value")?, text("time").unwrap_or_default())
                .trim()
                .to_owned(),
        ),
        // These are sets of whole items.
        "tags" | "problemTypes" | "impacts" | "metrics" | "cpes" | "modules" | "platforms"
        | "programFiles" => Some(item.to_string()),
        // In `versions` and `changes` the order decides, so they are one field.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn base() -> Value {
        json!({
            "title": "A flaw",
            "descriptions": [{"lang": "en", "value": "Text."}],
            "affected": [{"vendor": "a", "product": "p", "versions": [{"version": "1", "status": "affected"}]}],
            "references": [{"url": "https://example.org/a"}],
        })
    }

    #[test]
    fn a_reference_somebody_added_stays_beside_our_change() {
        let (mut live, mut ours) = (base(), base());
        live["references"] =
            json!([{"url": "https://example.org/a"}, {"url": "https://example.org/b"}]);
        live["providerMetadata"] = json!({"orgId": "x"});
        ours["title"] = json!("A worse flaw");
        ours["references"][0]["tags"] = json!(["patch"]);
        let merged = merge(&base(), &live, &ours);
        assert_eq!(merged.conflicts, []);
        assert_eq!(
            merged.container["references"],
            json!([{"url": "https://example.org/a", "tags": ["patch"]}, {"url": "https://example.org/b"}])
        );
        assert_eq!(merged.container["title"], "A worse flaw");
        assert!(merged.container.get("providerMetadata").is_none());
    }

    #[test]
    fn what_one_side_removed_is_gone_and_the_other_change_is_kept() {
        let (mut live, mut ours) = (base(), base());
        live["x_note"] = json!(1);
        ours.as_object_mut().unwrap().shift_remove("title");
        let merged = merge(&base(), &live, &ours);
        assert_eq!(merged.conflicts, []);
        assert_eq!(
            (merged.container.get("title"), &merged.container["x_note"]),
            (None, &json!(1))
        );
    }

    #[test]
    fn what_both_changed_is_a_conflict_with_all_three_sides() {
        let (mut live, mut ours) = (base(), base());
        live["descriptions"][0]["value"] = json!("Live text.");
        ours["descriptions"][0]["value"] = json!("Our text.");
        let merged = merge(&base(), &live, &ours);
        assert_eq!(
            merged.conflicts,
            [Conflict {
                pointer: "/descriptions/en/value".into(),
                base: Some(json!("Text.")),
                live: Some(json!("Live text.")),
                ours: Some(json!("Our text.")),
            }]
        );
    }

    #[test]
    fn versions_are_one_field_because_their_order_decides() {
        let (mut live, mut ours) = (base(), base());
        live["affected"][0]["versions"] = json!([{"version": "2", "status": "affected"}]);
        ours["affected"][0]["versions"] = json!([{"version": "3", "status": "affected"}]);
        let conflicts = merge(&base(), &live, &ours).conflicts;
        let pointers: Vec<_> = conflicts.iter().map(|c| c.pointer.as_str()).collect();
        assert_eq!(pointers, ["/affected/a p/versions"]);
    }

    #[test]
    fn removing_what_the_other_side_changed_is_a_conflict() {
        let (mut live, mut ours) = (base(), base());
        live["references"][0]["name"] = json!("Advisory");
        ours["references"] = json!([]);
        assert_eq!(merge(&base(), &live, &ours).conflicts.len(), 1);
    }

    /// Containers with a few fields that may be there or not.
    fn container() -> impl Strategy<Value = Value> {
        let text = prop_oneof![Just("one"), Just("two"), Just("three")];
        let urls = proptest::sample::subsequence(vec!["a", "b", "c"], 0..=3);
        let field = proptest::option::of(text);
        (field.clone(), field, urls).prop_map(|(title, note, urls)| {
            let mut container = json!({
                "references": urls.iter().map(|url| json!({"url": url})).collect::<Vec<_>>(),
            });
            for (key, value) in [("title", title), ("x_note", note)] {
                if let Some(value) = value {
                    container[key] = json!(value);
                }
            }
            container
        })
    }

    proptest! {
        #[test]
        fn a_side_that_changed_nothing_changes_nothing(base in container(), other in container()) {
            for (live, ours) in [(&base, &other), (&other, &base), (&other, &other)] {
                let merged = merge(&base, live, ours);
                prop_assert_eq!(&merged.conflicts, &[]);
                prop_assert!(is_equal(&merged.container, &other));
            }
        }

        #[test]
        fn no_reference_of_either_side_is_lost(base in container(), live in container(), ours in container()) {
            let merged = merge(&base, &live, &ours);
            let urls = |container: &Value| -> Vec<String> {
                let list = container["references"].as_array().unwrap();
                list.iter().map(|item| item["url"].to_string()).collect()
            };
            let (base, live, ours, merged) = (urls(&base), urls(&live), urls(&ours), urls(&merged.container));
            for url in ["\"a\"", "\"b\"", "\"c\""].map(str::to_owned) {
                let added = !base.contains(&url) && (live.contains(&url) || ours.contains(&url));
                let kept = base.contains(&url) && live.contains(&url) && ours.contains(&url);
                prop_assert_eq!(merged.contains(&url), added || kept);
            }
        }
    }
}
