//! What a JSON string says: its characters, their number, and a fingerprint.

use std::borrow::Cow;

use super::reader::{Piece, word};

/// Writes the text of an escaped string to `to`, which is emptied first.
///
/// The text is WTF-8: UTF-8 in which a surrogate escape without its partner
/// stands as three bytes, so that two strings are equal in JavaScript
/// exactly when these bytes are equal.
pub(super) fn unescape(raw: &[u8], to: &mut Vec<u8>) {
    to.clear();
    let mut rest = raw;
    while let Some(slash) = memchr::memchr(b'\\', rest) {
        to.extend_from_slice(&rest[..slash]);
        rest = &rest[slash + 1..];
        let Some((&letter, after)) = rest.split_first() else {
            return;
        };
        rest = after;
        match letter {
            b'b' => to.push(8),
            b'f' => to.push(12),
            b'n' => to.push(b'\n'),
            b'r' => to.push(b'\r'),
            b't' => to.push(b'\t'),
            b'u' => {
                let mut code = unit(rest);
                rest = rest.get(4..).unwrap_or_default();
                if (0xd800..0xdc00).contains(&code) && rest.starts_with(b"\\u") {
                    let low = unit(&rest[2..]);
                    if (0xdc00..0xe000).contains(&low) {
                        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                        rest = rest.get(6..).unwrap_or_default();
                    }
                }
                push_code_point(code, to);
            }
            other => to.push(other),
        }
    }
    to.extend_from_slice(rest);
}

/// The number in the first four hexadecimal digits.
fn unit(digits: &[u8]) -> u32 {
    digits.iter().take(4).fold(0, |code, digit| {
        code << 4 | char::from(*digit).to_digit(16).unwrap_or(0)
    })
}

/// Appends a code point, surrogates included, in the manner of UTF-8.
fn push_code_point(code: u32, to: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => to.push(code as u8),
        0x80..0x800 => to.extend([0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x10000 => to.extend([0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => to.extend([0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// The text of a string, whatever its bytes: invalid UTF-8 becomes U+FFFD as
/// a server that decodes the body first would have it.
pub(super) fn decoded<'a>(source: &'a [u8], piece: &Piece) -> Cow<'a, [u8]> {
    let raw = &source[piece.start..piece.end];
    let raw = match String::from_utf8_lossy(raw) {
        Cow::Borrowed(_) => Cow::Borrowed(raw),
        Cow::Owned(mended) => Cow::Owned(mended.into_bytes()),
    };
    if !piece.escaped {
        return raw;
    }
    let mut text = Vec::with_capacity(raw.len());
    unescape(&raw, &mut text);
    Cow::Owned(text)
}

/// Counts code points; a surrogate without its partner counts as one.
///
/// Source: ajv `runtime/ucs2length`.
pub(super) fn code_points(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// Two odd numbers without pattern: fractions of pi and of the golden ratio.
const STIR: u64 = 0x9e37_79b9_7f4a_7c15;
const FOLD: u64 = 0x2437_54a3_1c83_9f0d;

/// Multiplies to 128 bits and folds them.
#[inline(always)]
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ STIR) * u128::from(b ^ FOLD);
    (product as u64) ^ (product >> 64) as u64
}

/// A number that is equal for equal texts, and seldom for different ones.
///
/// Of a text above 128 bytes it looks at the first and last 64 only; who
/// meets two equal fingerprints compares the texts themselves.
#[inline]
pub(super) fn fingerprint(text: &[u8]) -> u64 {
    let length = text.len();
    if length < 8 {
        let mut low = 0;
        for &byte in text {
            low = low << 8 | u64::from(byte);
        }
        return mix(low, length as u64);
    }
    // Both words lie inside: the text has at least eight bytes.
    let first = word(text, 0).unwrap_or(0);
    let last = word(text, length - 8).unwrap_or(0);
    let mut state = mix(first, last.wrapping_add(length as u64));
    if length > 16 {
        let (head, tail) = if length > 128 {
            (64, length - 64)
        } else {
            (length - 8, length)
        };
        let mut at = 8;
        while at < head {
            state = mix(state, word(text, at).unwrap_or(0));
            at += 8;
        }
        let mut at = tail;
        while at + 8 < length {
            state = mix(state, word(text, at).unwrap_or(0));
            at += 8;
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(raw: &str) -> Vec<u8> {
        let mut text = Vec::new();
        unescape(raw.as_bytes(), &mut text);
        text
    }

    #[test]
    fn a_surrogate_pair_is_one_code_point() {
        assert_eq!(text_of(r"\ud83d\ude00"), "😀".as_bytes());
        assert_eq!(code_points(&text_of(r"a\ud83d\ude00")), 2);
    }

    #[test]
    fn a_lone_surrogate_is_one_code_point_and_no_utf_8() {
        for raw in [r"\ud83d", r"\ude00", r"\ude00\ud83d\n", r"\ud83dx"] {
            let text = text_of(raw);
            assert!(std::str::from_utf8(&text).is_err());
            let escapes = raw.matches('\\').count() + raw.matches('x').count();
            assert_eq!(code_points(&text), escapes, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn escapes_are_read_as_serde_json_reads_them(text in ".{0,40}") {
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(text_of(&written[1..written.len() - 1]), text.as_bytes());
        }

        #[test]
        fn a_changed_byte_changes_the_fingerprint_of_a_text_up_to_128_bytes(
            text in prop::collection::vec(any::<u8>(), 1..=128),
            at in any::<prop::sample::Index>(),
        ) {
            let mut other = text.clone();
            other[at.index(text.len())] ^= 1;
            prop_assert_ne!(fingerprint(&text), fingerprint(&other));
        }

        #[test]
        fn code_points_are_counted_as_characters(text in ".{0,40}") {
            prop_assert_eq!(code_points(text.as_bytes()), text.chars().count());
        }
    }
}
