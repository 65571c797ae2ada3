//! Queries and forms as clients of CVE Services write them.
//!
//! Source: cve-services section 4 (the extended syntax of Node's `qs`).

use serde_json::{Map, Value};

/// Pairs read at most; the rest is ignored, as `qs` does.
const MAX_PAIRS: usize = 1000;

/// Brackets read at most; what is deeper is ignored.
const MAX_DEPTH: usize = 5;

/// Reads `a=1&b[]=2&c[d]=3` into `{"a":"1","b":["2"],"c":{"d":"3"}}`.
///
/// Takes: an empty text is an empty object.
/// Gives: strings, and lists and objects of them; a repeated name is a list.
pub(crate) fn parse(text: &str) -> Map<String, Value> {
    let mut form = Map::new();
    for pair in text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .take(MAX_PAIRS)
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name);
        let (root, segments) = segments(&name);
        if !root.is_empty() {
            let place = form.entry(root).or_insert(Value::Null);
            insert(place, &segments, decode(value));
        }
    }
    form
}

/// Splits `a[b][]` into `a` and `["b", ""]`.
fn segments(name: &str) -> (String, Vec<String>) {
    let Some((root, mut rest)) = name
        .split_once('[')
        .map(|(root, _)| (root, &name[root.len()..]))
    else {
        return (name.to_owned(), Vec::new());
    };
    let mut segments = Vec::new();
    while let Some((segment, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        if segments.len() == MAX_DEPTH {
            break;
        }
        segments.push(segment.to_owned());
        rest = after;
    }
    if segments.is_empty() {
        return (name.to_owned(), segments);
    }
    (root.to_owned(), segments)
}

fn insert(place: &mut Value, segments: &[String], text: String) {
    let Some((segment, rest)) = segments.split_first() else {
        add(place, Value::String(text));
        return;
    };
    let listed = segment.is_empty() || segment.parse::<u8>().is_ok_and(|index| index <= 20);
    if listed && !place.is_object() {
        let mut item = Value::Null;
        insert(&mut item, rest, text);
        if place.is_null() {
            *place = Value::Array(Vec::new());
        }
        add(place, item);
        return;
    }
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    if let Value::Object(object) = place {
        insert(
            object.entry(segment.clone()).or_insert(Value::Null),
            rest,
            text,
        );
    }
}

/// Puts a value where there may be one already.
fn add(place: &mut Value, value: Value) {
    match place {
        Value::Null => *place = value,
        Value::Array(items) => items.push(value),
        _ => {
            let first = std::mem::take(place);
            *place = Value::Array(vec![first, value]);
        }
    }
}

/// Undoes `+` and percent escapes; a text that is not UTF-8 stays as it came.
fn decode(text: &str) -> String {
    if memchr::memchr2(b'+', b'%', text.as_bytes()).is_none() {
        return text.to_owned();
    }
    let spaced = text.replace('+', " ");
    unescape(&spaced).unwrap_or(spaced)
}

/// Undoes percent escapes.
///
/// Gives: nothing when an escape is broken or the bytes are not UTF-8.
/// Source: RFC 3986 section 2.1.
pub(crate) fn unescape(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (pair, after) = rest.split_at_checked(2)?;
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push(u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_and_values_are_read_as_qs_reads_them() {
        for (text, expected) in [
            ("", json!({})),
            ("a=1&b", json!({"a": "1", "b": ""})),
            ("a=+1&b=%2B1", json!({"a": " 1", "b": "+1"})),
            ("a=1&a=2&a=3", json!({"a": ["1", "2", "3"]})),
            ("a[]=1", json!({"a": ["1"]})),
            (
                "a[b]=1&a[c][d]=2",
                json!({"a": {"b": "1", "c": {"d": "2"}}}),
            ),
            ("a.b[][c]=X", json!({"a.b": [{"c": "X"}]})),
            ("a%5B0%5D=x&a%5B1%5D=y", json!({"a": ["x", "y"]})),
            ("time.gt=2021%3A", json!({"time.gt": "2021:"})),
            ("a=%E0%A4%A", json!({"a": "%E0%A4%A"})),
            ("=x&[]=y", json!({})),
            ("a[=1", json!({"a[": "1"})),
        ] {
            let expected = expected.as_object().unwrap().clone();
            let mut found = parse(text);
            found.remove("[]");
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_broken_escape_is_not_a_text() {
        assert_eq!(unescape("%E0%A4%A"), None);
        assert_eq!(unescape("%zz"), None);
        assert_eq!(unescape("%C3%A9").as_deref(), Some("é"));
    }

    #[test]
    fn deep_brackets_end_and_never_overflow() {
        let text = format!("a{}=1", "[b]".repeat(10_000));
        assert!(parse(&text).contains_key("a"));
    }
}
