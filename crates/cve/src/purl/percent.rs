//! Percent codes, as package URLs use them.

use super::InvalidPurl;

/// Appends `text`, with a percent code for each byte but ASCII letters,
/// digits and `.`, `-`, `_`, `~`, `:`.
///
/// Source: Package-URL specification, character encoding.
pub(super) fn encode(text: &str, to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            to.push(char::from(byte));
        } else {
            to.push('%');
            to.push(char::from(DIGITS[usize::from(byte >> 4)]));
            to.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The text that `encoded` stands for.
///
/// Takes: `position` is where `encoded` begins in the package URL.
pub(super) fn decode(encoded: &str, position: usize) -> Result<String, InvalidPurl> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let percent = position + encoded.len() - after.len() - 1;
        let invalid = InvalidPurl::Percent { position: percent };
        let [high, low, after @ ..] = after else {
            return Err(invalid);
        };
        let (Some(high), Some(low)) = (nibble(*high), nibble(*low)) else {
            return Err(invalid);
        };
        bytes.push(high << 4 | low);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| InvalidPurl::Utf8 { position })
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
