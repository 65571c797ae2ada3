//! What holds for any text, and language tags.

use super::{Walk, quoted};
use crate::lint::table::Id;

/// The languages of ISO 639-1, one behind the other.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

impl Walk<'_, '_> {
    /// Escapes that were escaped again, and characters that do not show.
    pub(super) fn plain_text(&mut self, at: usize, text: &str) {
        let bytes = text.as_bytes();
        if let Some(place) = escape(bytes) {
            self.sink.hit(Id::TextEscape, at, || {
                let found = text.get(place..place + 6).unwrap_or_default();
                format!("the text holds the letters `{found}`, expected the character")
            });
        }
        let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t');
        let odd = if text.is_ascii() {
            bytes
                .iter()
                .find(|byte| control(byte))
                .map(|byte| char::from(*byte))
        } else {
            text.chars().find(|c| is_hidden(*c))
        };
        if let Some(odd) = odd {
            self.sink.hit(Id::TextControl, at, || {
                format!(
                    "the text holds U+{:04X}, which does not show",
                    u32::from(odd)
                )
            });
        }
    }

    pub(super) fn language(&mut self, at: usize) {
        let Some(tag) = self.document.text(at) else {
            return;
        };
        if matches!(tag, "en" | "en-US") {
            return;
        }
        if !names_language(tag) {
            self.sink.hit(Id::LanguageUnknown, at, || {
                format!(
                    "{} names no language, expected a tag such as `en`",
                    quoted(tag)
                )
            });
        } else if tag.contains('_') {
            self.sink.hit(Id::LanguageForm, at, || {
                format!("the tag is {}, expected a hyphen", quoted(tag))
            });
        }
    }
}

/// Says whether a tag begins with the code of a language; of codes that have
/// not two letters only `eng` is known to be wrong.
pub(in crate::lint) fn names_language(tag: &str) -> bool {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    let is = |code: &str| code.eq_ignore_ascii_case(primary);
    match primary.len() {
        2 => LANGUAGES.split(' ').any(is),
        _ => !is("eng"),
    }
}

/// Where a backslash, a `u` and four hexadecimal digits stand for a character
/// that shows; a text about a control character may well spell it so.
fn escape(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\\', text).find(|at| {
        let behind = &text[at + 1..];
        let digits = behind.strip_prefix(b"u").and_then(|rest| rest.get(..4));
        let code = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| !matches!(code, 0..0x20 | 0x7f..0xa0))
    })
}

/// Control characters, spaces of no width, and marks of writing direction;
/// not the joiners that some scripts need.
fn is_hidden(character: char) -> bool {
    let layout = matches!(character, '\n' | '\r' | '\t');
    (character.is_control() && !layout)
        || matches!(
            character,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'
                | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}'
        )
}
