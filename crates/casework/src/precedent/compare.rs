//! What is expected against what the engine says.

use serde_json::{Map, Value};

use super::format::{Moment, scalar};

/// How a list is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// The same members, in any order.
    Same,
    /// The same members in the same order.
    Ordered,
    /// Every expected member is there; more may be.
    Contains,
}

/// Where expectation and engine part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The key, such as `expect.deadlines[1].due`.
    pub(crate) at: String,
    /// What was expected.
    pub(crate) expected: String,
    /// What the engine says.
    pub(crate) found: String,
}

/// Compares; nothing when they agree.
pub(crate) fn difference(
    at: &str,
    expected: &Value,
    found: Option<&Value>,
    lists: Lists,
) -> Option<Difference> {
    let differs = |found: &str| {
        Some(Difference {
            at: at.to_owned(),
            expected: shown(expected),
            found: found.to_owned(),
        })
    };
    let Some(found) = found.filter(|found| !found.is_null() || expected.is_null()) else {
        return differs("nothing: nothing given or done concerns it");
    };
    match (expected, found) {
        (Value::Object(wanted), Value::Object(there)) => wanted.iter().find_map(|(key, value)| {
            let place = format!("{at}.{key}");
            difference(&place, value, there.get(key), lists)
        }),
        (Value::Array(wanted), Value::Array(there)) => list(at, wanted, there, lists),
        // One where a list stands is a list of one.
        (wanted, Value::Array(there)) if !wanted.is_object() && !wanted.is_null() => {
            list(at, std::slice::from_ref(wanted), there, lists)
        }
        (wanted, there) if same(wanted, there) => None,
        (_, there) => differs(&shown(there)),
    }
}

fn list(at: &str, wanted: &[Value], there: &[Value], lists: Lists) -> Option<Difference> {
    if lists == Lists::Ordered {
        for (place, value) in wanted.iter().enumerate() {
            let at = format!("{at}[{place}]");
            let missing = difference(&at, value, there.get(place), lists);
            if missing.is_some() {
                return missing;
            }
        }
    } else {
        let mut free: Vec<&Value> = there.iter().collect();
        for (place, value) in wanted.iter().enumerate() {
            let fits = |other: &&Value| difference(at, value, Some(other), lists).is_none();
            if let Some(found) = free.iter().position(fits) {
                free.remove(found);
                continue;
            }
            // The nearest that is there says most: one with the same name.
            let named = |other: &&&Value| {
                ["id", "text", "key"].iter().any(|key| {
                    let wanted = value.get(key);
                    wanted.is_some() && wanted == other.get(key)
                })
            };
            let place = format!("{at}[{place}]");
            if let Some(near) = free.iter().find(named)
                && let Some(nearer) = difference(&place, value, Some(near), lists)
            {
                return Some(nearer);
            }
            return Some(Difference {
                at: place,
                expected: shown(value),
                found: match there.is_empty() {
                    true => "an empty list".to_owned(),
                    false => format!("not among {}", shown(&Value::Array(there.to_vec()))),
                },
            });
        }
    }
    // Lists of maps name what they speak of; the others are complete.
    let is_open = lists == Lists::Contains || wanted.iter().any(Value::is_object);
    if is_open || wanted.len() == there.len() {
        return None;
    }
    Some(Difference {
        at: at.to_owned(),
        expected: shown(&Value::Array(wanted.to_vec())),
        found: shown(&Value::Array(there.to_vec())),
    })
}

/// Whether two scalars say the same: a day and a moment on it, the same moment
/// written in two ways, a number rounded as the expected one is.
fn same(wanted: &Value, there: &Value) -> bool {
    if wanted == there {
        return true;
    }
    let (Some(wanted_text), Some(there_text)) = (scalar(wanted), scalar(there)) else {
        // An empty list and nothing are the same list.
        return false;
    };
    if wanted_text == there_text {
        return true;
    }
    if let (Value::Number(_), Some(found)) = (wanted, there.as_f64()) {
        let decimals = wanted_text
            .split_once('.')
            .map_or(0, |(_, rest)| rest.len());
        let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
        let wanted = wanted.as_f64().unwrap_or(f64::NAN);
        return ((found * scale).round() / scale - wanted).abs() < 1e-9;
    }
    let day = wanted_text.len() == 10 && wanted_text.as_bytes()[4] == b'-';
    if day && there_text.len() > 10 {
        return there_text.starts_with(&format!("{wanted_text}T"));
    }
    let moment = |text: &str| (text.len() > 10).then(|| Moment::read(text)).flatten();
    let wanted = moment(&wanted_text);
    wanted.is_some() && wanted == moment(&there_text)
}

/// A value as it is said in a line.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Null => "nothing".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let items: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", shown(value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        other => format!("`{other}`"),
    }
}

/// Merges `over` into `base`: maps key by key, everything else replaced,
/// `null` taking away.
pub(crate) fn merge(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (_, Value::Null) => {
                base.remove(key);
            }
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn agree(expected: Value, found: Value, lists: Lists) -> bool {
        difference("expect", &expected, Some(&found), lists).is_none()
    }

    #[test]
    fn a_day_agrees_with_a_moment_on_it_and_with_no_other() {
        assert!(agree(
            json!("2026-11-04"),
            json!("2026-11-04T23:59:59.000Z"),
            Lists::Same
        ));
        assert!(!agree(
            json!("2026-11-05"),
            json!("2026-11-04T23:59:59.000Z"),
            Lists::Same
        ));
        assert!(agree(
            json!("2026-12-01T16:00Z"),
            json!("2026-12-01T16:00:00.000Z"),
            Lists::Same
        ));
        assert!(!agree(
            json!("2026-12-01T16:01Z"),
            json!("2026-12-01T16:00:00.000Z"),
            Lists::Same
        ));
    }

    #[test]
    fn a_number_agrees_to_the_places_it_is_written_with() {
        assert!(agree(json!(7.8), json!(7.816), Lists::Same));
        assert!(!agree(json!(7.8), json!(7.9), Lists::Same));
        assert!(!agree(json!(1), json!(2), Lists::Same));
    }

    #[test]
    fn a_list_of_words_is_complete_unless_the_key_only_contains() {
        assert!(agree(json!(["a", "b"]), json!(["b", "a"]), Lists::Same));
        assert!(!agree(json!(["a"]), json!(["b", "a"]), Lists::Same));
        assert!(!agree(json!([]), json!(["b"]), Lists::Same));
        assert!(agree(json!(["a"]), json!(["b", "a"]), Lists::Contains));
        assert!(!agree(json!(["a", "b"]), json!(["b", "a"]), Lists::Ordered));
    }

    #[test]
    fn what_the_engine_says_nothing_of_is_a_difference() {
        assert!(difference("expect.x", &json!("a"), None, Lists::Same).is_some());
        assert!(difference("expect.x", &json!("a"), Some(&Value::Null), Lists::Same).is_some());
    }

    #[test]
    fn the_first_difference_names_its_place() {
        let expected = json!({"deadlines": [{"id": "D-06", "due": "2026-11-15"}]});
        let found = json!({"deadlines": [{"id": "D-06", "due": "2026-11-14T16:00:00.000Z"}]});
        let difference = difference("expect", &expected, Some(&found), Lists::Same).unwrap();
        assert_eq!(difference.at, "expect.deadlines[0].due");
        assert_eq!(difference.found, "`2026-11-14T16:00:00.000Z`");
    }
}
