//! Whether a reader of JSON may lose something of a valid document.
//!
//! The quick pass looks into every value that the schema has rules for, and
//! hands over when a key there occurs twice or a text is no UTF-8. What is
//! left are the values without rules, and halves of surrogate pairs.

use super::number::value_of;
use super::tape::{Sort, Tape};

/// Deeper nesting than this is beyond what common readers take.
///
/// Source: our choice; `serde_json` stops at 128 levels.
pub(super) const DEEP: usize = 128;

/// Values without rules stand at most this deep in a record.
const AROUND: usize = 16;

/// Says whether something in a valid document may be worth a warning.
///
/// `is_text`: whether the document is known to be UTF-8.
/// `free`: where the values without rules stand that may hold keys or
/// numbers.
pub(super) fn may_lose(bytes: &[u8], is_text: bool, free: &[(usize, usize)]) -> bool {
    if !is_text && simdutf8::basic::from_utf8(bytes).is_err() {
        return true;
    }
    // Half a surrogate pair may stand in any text; whole ones are rare.
    if may_escape(bytes, |behind| matches!(behind, [b'u', b'd' | b'D', ..])) {
        return true;
    }
    free.iter().any(|(start, end)| {
        let value = bytes.get(*start..*end).unwrap_or_default();
        Tape::read(value).map_or(true, |tape| loses(&tape))
    })
}

/// Says whether behind a backslash stands what `is` asks for. Two backslashes
/// that stand for one are taken for the beginning of an escape, too.
pub(super) fn may_escape(bytes: &[u8], is: impl Fn(&[u8]) -> bool) -> bool {
    memchr::memchr_iter(b'\\', bytes).any(|at| is(&bytes[at + 1..]))
}

fn loses(tape: &Tape<'_>) -> bool {
    let mut ends: Vec<usize> = Vec::with_capacity(16);
    for (index, spot) in tape.spots.iter().enumerate() {
        match spot.kind {
            Sort::Object | Sort::List => {
                while ends.last().is_some_and(|end| *end <= index) {
                    ends.pop();
                }
                ends.push(tape.next(index));
                let repeats = spot.kind == Sort::Object && repeats_a_key(tape, index);
                if ends.len() > DEEP - AROUND || repeats {
                    return true;
                }
            }
            // Nothing shorter reaches beyond a double.
            Sort::Number => {
                let source = tape.source(index);
                if source.len() > 4 && value_of(source).is_infinite() {
                    return true;
                }
            }
            Sort::String | Sort::Flag | Sort::Null => {}
        }
    }
    false
}

/// Compares the keys of a small object as they are written, and of a large
/// one, or one with escapes, as they are meant.
fn repeats_a_key(tape: &Tape<'_>, object: usize) -> bool {
    let mut keys: [&[u8]; 16] = [b""; 16];
    let mut count = 0;
    for member in tape.members(object) {
        if count == keys.len() || tape.spots[member.key].piece().escaped {
            return !tape.kept_members(object).1.is_empty();
        }
        keys[count] = tape.source(member.key);
        count += 1;
    }
    let keys = &keys[..count];
    (1..count).any(|at| keys[..at].contains(&keys[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a document may lose something, all of it being without rules.
    fn warns(text: &str) -> bool {
        may_lose(text.as_bytes(), false, &[(0, text.len())])
    }

    #[test]
    fn a_plain_document_loses_nothing() {
        assert!(!warns(r#"{"a":[1,{"b":"\n"}]}"#));
        assert!(!warns(r#"{"b":1,"c":"é","d":1e300,"e":[]}"#));
    }

    #[test]
    fn a_loss_in_a_value_without_rules_is_seen() {
        for text in [
            r#"{"x_a":{"b":1,"b":2}}"#,
            r#"{"x_a":{"b":1,"\u0062":2}}"#,
            r#"{"source":{"b":1e400}}"#,
            r#"{"a":"\ud83c"}"#,
            r#"{"x_a":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"a":2}}"#,
        ] {
            assert!(warns(text), "{text}");
        }
        let deep = format!("{{\"x_a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(warns(&deep));
        assert!(may_lose(b"{\"a\":\"\xff\"}", false, &[]));
    }
}
