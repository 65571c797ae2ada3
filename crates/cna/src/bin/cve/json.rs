//! JSON as Python writes it, because scripts compare the bytes.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// The document indented by two, keys sorted, everything beyond ASCII
/// escaped.
///
/// Source: Python's `json.dumps(indent=2, sort_keys=True)`.
pub(crate) fn dumps(value: &Value) -> String {
    let mut text = String::new();
    write_document(value, 0, &mut text);
    text
}

fn write_document(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&python_number(number)),
        Value::String(string) => write_escaped(string, text),
        Value::Array(items) if items.is_empty() => text.push_str("[]"),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                new_line(index, depth + 1, text);
                write_document(item, depth + 1, text);
            }
            new_line(0, depth, text);
            text.push(']');
        }
        Value::Object(object) if object.is_empty() => text.push_str("{}"),
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                new_line(index, depth + 1, text);
                write_escaped(key, text);
                text.push_str(": ");
                write_document(item, depth + 1, text);
            }
            new_line(0, depth, text);
            text.push('}');
        }
    }
}

/// Starts the line of the item `index`, after the comma of the one before.
fn new_line(index: usize, depth: usize, text: &mut String) {
    if index > 0 {
        text.push(',');
    }
    text.push('\n');
    for _ in 0..depth {
        text.push_str("  ");
    }
}

fn write_escaped(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

/// A value as Python prints it: a text as it is, anything else as its `repr`.
pub(crate) fn python_text(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        other => python_repr(other),
    }
}

/// A value as Python's `repr` shows it.
pub(crate) fn python_repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => python_number(number),
        Value::String(string) => repr_of_text(string),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(python_repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let entry = |(key, value): (&String, &Value)| {
                format!("{}: {}", repr_of_text(key), python_repr(value))
            };
            let entries: Vec<_> = object.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

fn repr_of_text(string: &str) -> String {
    let quote = if string.contains('\'') && !string.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut text = String::from(quote);
    for character in string.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c == quote => {
                text.push('\\');
                text.push(c);
            }
            c if is_printable(c) => text.push(c),
            c => {
                let code = u32::from(c);
                // Writing to a String cannot fail.
                let _ = match code {
                    0..=0xff => write!(text, "\\x{code:02x}"),
                    0x100..=0xffff => write!(text, "\\u{code:04x}"),
                    _ => write!(text, "\\U{code:08x}"),
                };
            }
        }
    }
    text.push(quote);
    text
}

/// Whether Python shows a character as it is. Characters Unicode has not
/// assigned are taken for printable, which Python does not.
fn is_printable(character: char) -> bool {
    let is_hidden = match u32::from(character) {
        0x20 => false,
        _ if character.is_control() || character.is_whitespace() => true,
        // Format characters (category Cf).
        0xad
        | 0x600..=0x605
        | 0x61c
        | 0x6dd
        | 0x70f
        | 0x890..=0x891
        | 0x8e2
        | 0x180e
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x206f
        | 0xfeff
        | 0xfff9..=0xfffb
        | 0x110bd
        | 0x110cd
        | 0x1bca0..=0x1bca3
        | 0x1d173..=0x1d17a
        | 0xe0001..=0xe007f => true,
        // Private use.
        0xe000..=0xf8ff | 0xf_0000.. => true,
        _ => false,
    };
    !is_hidden
}

fn python_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => python_float(float),
        _ => number.to_string(),
    }
}

/// A float as Python's `repr` writes it: the shortest digits that read back,
/// with an exponent below 1e-4 and from 1e16 on.
fn python_float(float: f64) -> String {
    let shortest = format!("{float:e}");
    // `{:e}` always writes an exponent.
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{float}");
        return if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_sorted_indented_and_ascii() {
        let value = json!({"b": [1, {}], "a": "Zoë \u{1f600}\u{7f}\"\\\n", "c": [], "d": null});
        assert_eq!(
            dumps(&value),
            "{\n  \"a\": \"Zo\\u00eb \\ud83d\\ude00\\u007f\\\"\\\\\\n\",\n  \"b\": [\n    1,\n    \
             {}\n  ],\n  \"c\": [],\n  \"d\": null\n}"
        );
    }

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (float, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (9.8, "9.8"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1.5e-10, "1.5e-10"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e22, "1.25e+22"),
            (1e100, "1e+100"),
        ] {
            assert_eq!(python_float(float), text);
        }
    }

    #[test]
    fn a_repr_chooses_its_quotes_and_hides_what_is_not_printable() {
        let value = json!({"a": ["it's", "say \"it's\"", "é\u{200b}\u{0}\t"], "b": [true, null]});
        assert_eq!(
            python_repr(&value),
            r#"{'a': ["it's", 'say "it\'s"', 'é\u200b\x00\t'], 'b': [True, None]}"#
        );
    }
}
