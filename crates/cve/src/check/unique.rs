//! Which values are equal, exactly, as ajv finds it for `uniqueItems`.

use std::collections::BTreeMap;

use super::number::value_of;
use super::tape::{Sort, Tape};

/// What a value consists of, its own parts being known by number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Null,
    Flag(bool),
    /// The bits of the number; 1 and 1.0 are one, 0 and -0 too.
    Number(u64),
    Text(Vec<u8>),
    List(Vec<u32>),
    /// Keys, sorted, and their values.
    Object(Vec<(u32, u32)>),
}

/// Numbers the values of a tape so that two are equal when their numbers are.
///
/// Works from the last value to the first, so that parts come before what
/// they belong to, without recursion.
///
/// Source: `fast-deep-equal`, which ajv uses. Its quirk is kept that an
/// object whose key `constructor` holds an object or a list equals none.
pub(super) fn numbered(tape: &Tape<'_>) -> Vec<u32> {
    let mut known: BTreeMap<Content, u32> = BTreeMap::new();
    let mut numbers = vec![0; tape.spots.len()];
    for (next, index) in (0..).zip((0..tape.spots.len()).rev()) {
        let mut alone = false;
        let content = match tape.spots[index].kind {
            Sort::Null => Content::Null,
            Sort::Flag => Content::Flag(tape.source(index) == b"true"),
            // Adding 0 turns -0 into 0.
            Sort::Number => Content::Number((value_of(tape.source(index)) + 0.0).to_bits()),
            Sort::String => Content::Text(tape.text(index).into_owned()),
            Sort::List => Content::List(tape.items(index).map(|item| numbers[item]).collect()),
            Sort::Object => {
                let (kept, _) = tape.kept_members(index);
                alone = kept.iter().any(|member| {
                    tape.text(member.key) == &b"constructor"[..]
                        && matches!(tape.spots[member.value].kind, Sort::Object | Sort::List)
                });
                let mut parts: Vec<_> = kept
                    .iter()
                    .map(|member| (numbers[member.key], numbers[member.value]))
                    .collect();
                parts.sort_unstable();
                Content::Object(parts)
            }
        };
        numbers[index] = next;
        if !alone {
            numbers[index] = *known.entry(content).or_insert(next);
        }
    }
    numbers
}

/// The first two equal items of a list, in the order of the text.
///
/// Takes: `by_key`, whether ajv tells these items apart by the keys of a
/// JavaScript object, where `__proto__` leaves no trace.
pub(super) fn equal_items(
    tape: &Tape<'_>,
    numbers: &[u32],
    list: usize,
    by_key: bool,
) -> Option<(usize, usize)> {
    let mut seen = BTreeMap::new();
    for (place, item) in tape.items(list).enumerate() {
        if by_key && (tape.spots[item].kind != Sort::String || tape.text(item) == &b"__proto__"[..])
        {
            continue;
        }
        if let Some(earlier) = seen.insert(numbers[item], place) {
            return Some((earlier, place));
        }
    }
    None
}

/// Says whether two items of the list that `text` writes are equal.
pub(super) fn has_equal_items(text: &[u8], by_key: bool) -> bool {
    // The text was just read as a list, so it is one.
    Tape::read(text).is_ok_and(|tape| {
        let numbers = numbered(&tape);
        equal_items(&tape, &numbers, 0, by_key).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn equal(text: &str, want: bool) {
        assert_eq!(has_equal_items(text.as_bytes(), false), want, "{text}");
    }

    #[test]
    fn numbers_are_equal_by_value() {
        for text in [
            "[1,1.0]",
            "[0,-0]",
            "[1e400,1e500]",
            "[9007199254740992,9007199254740993]",
        ] {
            equal(text, true);
        }
        equal("[1,\"1\"]", false);
        equal("[1,true]", false);
    }

    #[test]
    fn texts_are_equal_by_character() {
        equal(r#"["\u0061","a"]"#, true);
        equal(r#"["\ud83d\ude00","😀"]"#, true);
        equal(r#"["\ud83d","\ude00"]"#, false);
        // Both letters are é, in two spellings that JavaScript keeps apart.
        equal(r#"["\u00e9","e\u0301"]"#, false);
    }

    #[test]
    fn objects_are_equal_in_any_order_and_by_their_last_keys() {
        equal(r#"[{"a":1,"b":[2]},{"b":[2],"a":1.0}]"#, true);
        equal(r#"[{"a":0,"a":1},{"a":1}]"#, true);
        equal(r#"[{"a":1},{"a":1,"b":1}]"#, false);
        equal(r#"[[1,2],[2,1]]"#, false);
        equal(r#"[[],{}]"#, false);
    }

    #[test]
    fn an_object_with_an_object_as_constructor_equals_none() {
        equal(r#"[{"constructor":{}},{"constructor":{}}]"#, false);
        equal(r#"[{"constructor":1},{"constructor":1}]"#, true);
    }

    #[test]
    fn two_texts_proto_go_unnoticed_where_ajv_counts_by_key() {
        let text = br#"["__proto__","__proto__"]"#;
        assert!(!has_equal_items(text, true) && has_equal_items(text, false));
        assert!(has_equal_items(br#"["constructor","constructor"]"#, true));
    }
}
