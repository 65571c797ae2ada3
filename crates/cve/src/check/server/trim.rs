//! The trimming of all texts that CVE Services does before it looks at them.

use std::borrow::Cow;

use crate::check::tape::{Sort, Tape};

/// The document with every text trimmed at both ends, as CVE Services
/// validates and stores it. Keys stay as they are.
///
/// Takes: any bytes.
/// Gives: the same bytes when there is nothing to trim, and when they are not
/// JSON, which the schema check then says.
/// Source: cve-services section 10, trim.
pub fn trimmed(bytes: &[u8]) -> Cow<'_, [u8]> {
    match Tape::read(bytes) {
        Ok(tape) => trimmed_text(&tape),
        Err(_) => Cow::Borrowed(bytes),
    }
}

/// The same of a text that was read already.
pub(super) fn trimmed_text<'a>(tape: &Tape<'a>) -> Cow<'a, [u8]> {
    let bytes = tape.bytes;
    let mut is_key = vec![false; tape.spots.len()];
    for index in 0..tape.spots.len() {
        if tape.spots[index].kind == Sort::Object {
            for member in tape.members(index) {
                is_key[member.key] = true;
            }
        }
    }
    let mut written = Vec::new();
    let mut done = 0;
    for (index, spot) in tape.spots.iter().enumerate() {
        if spot.kind != Sort::String || is_key[index] {
            continue;
        }
        let text = tape.text(index);
        let short = without_space(&text);
        if short.len() < text.len() {
            let piece = spot.piece();
            written.extend_from_slice(&bytes[done..piece.start]);
            write_escaped(short, &mut written);
            done = piece.end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(bytes);
    }
    written.extend_from_slice(&bytes[done..]);
    Cow::Owned(written)
}

const fn narrow(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// The same as [`may_need_trimming`], of the source of a valid value.
pub(super) fn may_need_trimming_in(value: &[u8]) -> bool {
    if let Some(plain) = plain_strings_need_trimming(value) {
        return plain;
    }
    Tape::read(value).map_or(true, |tape| may_need_trimming(&tape))
}

/// Gives: `None` when a string has an escape or an end that is not ASCII,
/// before one was found that needs trimming.
fn plain_strings_need_trimming(value: &[u8]) -> Option<bool> {
    let mut rest = value;
    while let Some(open) = memchr::memchr(b'"', rest) {
        rest = &rest[open + 1..];
        let close = memchr::memchr2(b'"', b'\\', rest)?;
        let (text, behind) = rest.split_at(close);
        rest = behind.strip_prefix(b"\"")?;
        let (Some(&first), Some(&last)) = (text.first(), text.last()) else {
            continue;
        };
        if first >= 0x80 || last >= 0x80 {
            return None;
        }
        if narrow(first) || narrow(last) {
            return Some(true);
        }
    }
    Some(false)
}

/// Says whether some text may have space at an end; quick, and false only
/// when none has.
pub(super) fn may_need_trimming(tape: &Tape<'_>) -> bool {
    tape.spots.iter().enumerate().any(|(index, spot)| {
        if spot.kind != Sort::String {
            return false;
        }
        let raw = tape.source(index);
        let (Some(&first), Some(&last)) = (raw.first(), raw.last()) else {
            return false;
        };
        // An escape at an end, or what is not ASCII, may be a space.
        if first < 0x80 && last < 0x80 && !spot.piece().escaped {
            return narrow(first) || narrow(last);
        }
        let text = tape.text(index);
        without_space(&text).len() < text.len()
    })
}

/// Says of one text whether it may have space at an end.
pub(super) fn may_have_space(bytes: &[u8]) -> bool {
    let may = |byte: u8| byte >= 0x80 || matches!(byte, b'\t'..=b'\r' | b' ');
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    (may(first) || may(last)) && without_space(bytes).len() < bytes.len()
}

/// White space and line ends of ECMAScript, in UTF-8, beyond ASCII.
const WIDE_SPACES: [&[u8]; 19] = [
    b"\xc2\xa0",
    b"\xe1\x9a\x80",
    b"\xe2\x80\x80",
    b"\xe2\x80\x81",
    b"\xe2\x80\x82",
    b"\xe2\x80\x83",
    b"\xe2\x80\x84",
    b"\xe2\x80\x85",
    b"\xe2\x80\x86",
    b"\xe2\x80\x87",
    b"\xe2\x80\x88",
    b"\xe2\x80\x89",
    b"\xe2\x80\x8a",
    b"\xe2\x80\xa8",
    b"\xe2\x80\xa9",
    b"\xe2\x80\xaf",
    b"\xe2\x81\x9f",
    b"\xe3\x80\x80",
    b"\xef\xbb\xbf",
];

/// A text without the space at its ends, as `String.prototype.trim` has it.
///
/// Takes: WTF-8.
pub(super) fn without_space(mut text: &[u8]) -> &[u8] {
    loop {
        let narrow = matches!(text.first(), Some(b'\t'..=b'\r' | b' '));
        let wide = WIDE_SPACES.iter().find(|space| text.starts_with(space));
        text = match wide {
            _ if narrow => &text[1..],
            Some(space) => &text[space.len()..],
            None => break,
        };
    }
    loop {
        let narrow = matches!(text.last(), Some(b'\t'..=b'\r' | b' '));
        let wide = WIDE_SPACES.iter().find(|space| text.ends_with(space));
        text = match wide {
            _ if narrow => &text[..text.len() - 1],
            Some(space) => &text[..text.len() - space.len()],
            None => return text,
        };
    }
}

/// Writes WTF-8 as the inside of a JSON string.
fn write_escaped(text: &[u8], to: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        match rest {
            [b'"' | b'\\', ..] => to.extend([b'\\', byte]),
            [0..0x20, ..] => to.extend(format!("\\u{byte:04x}").into_bytes()),
            // A surrogate without its partner, which UTF-8 cannot hold.
            [0xed, second @ 0xa0..=0xbf, third, ..] => {
                let unit = 0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
                to.extend(format!("\\u{unit:04x}").into_bytes());
                rest = &rest[3..];
                continue;
            }
            _ => to.push(byte),
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(before: &str, after: &str) {
        assert_eq!(String::from_utf8_lossy(&trimmed(before.as_bytes())), after);
    }

    #[test]
    fn values_are_trimmed_and_keys_are_not() {
        becomes(
            r#"{" a ": [" b ", "\n\tc\u00a0", {"d":"e "}], "f": 1}"#,
            r#"{" a ": ["b", "c", {"d":"e"}], "f": 1}"#,
        );
    }

    #[test]
    fn only_a_string_with_space_at_an_end_needs_trimming() {
        for (value, needs) in [
            (r#"{"a": ["b c", "", 1, null]}"#, false),
            (r#"{"a": [" b"]}"#, true),
            (r#"{"a": "b\t", "c": 1}"#, true),
            (r#"{"a": "b\tc\"", "d": " "}"#, true),
            (r#"["\"", "b\\", "c"]"#, false),
            ("[\"a\u{a0}\", \"b\"]", true),
            ("[\"\u{e4}\", \"b\"]", false),
        ] {
            assert_eq!(may_need_trimming_in(value.as_bytes()), needs, "{value}");
            let tape = Tape::read(value.as_bytes()).unwrap();
            assert_eq!(may_need_trimming(&tape), needs, "{value}");
        }
    }

    #[test]
    fn the_space_of_ecmascript_is_trimmed_and_no_other() {
        becomes("[\"\u{feff}\u{2003}a\u{3000}\u{2029}\"]", "[\"a\"]");
        becomes("[\"\u{200b}a\u{85}\"]", "[\"\u{200b}a\u{85}\"]");
    }

    #[test]
    fn what_is_inside_a_text_survives() {
        becomes(
            r#"[" \"\\\u0001\ud83c\udf75\udc00\ud800x "]"#,
            r#"["\"\\\u0001🍵\udc00\ud800x"]"#,
        );
    }

    #[test]
    fn what_needs_no_trimming_is_not_copied() {
        assert!(matches!(trimmed(b"[\"a b\"]"), Cow::Borrowed(_)));
        assert!(matches!(trimmed(b"[\" a"), Cow::Borrowed(_)));
    }
}
