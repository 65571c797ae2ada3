//! Changes of a text at places that do not overlap.

use std::ops::Range;

/// Bytes that take the place of others.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) place: Range<usize>,
    pub(super) text: Vec<u8>,
}

/// The text after all edits.
///
/// Gives: `None` when two of them meet, which no caller should let happen.
pub(super) fn apply(bytes: &[u8], mut edits: Vec<Edit>) -> Option<Vec<u8>> {
    edits.sort_by_key(|edit| (edit.place.start, edit.place.end));
    let mut text = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        text.extend_from_slice(bytes.get(at..edit.place.start)?);
        text.extend_from_slice(&edit.text);
        at = edit.place.end;
    }
    text.extend_from_slice(bytes.get(at..)?);
    Some(text)
}

/// The bytes between the quotes of a string without the space at both ends,
/// which may be written as escapes.
pub(super) fn without_space(raw: &str) -> &str {
    let mut text = raw;
    loop {
        let trimmed = text.trim_start();
        let Some(rest) = leading_escape(trimmed) else {
            text = trimmed;
            break;
        };
        text = rest;
    }
    loop {
        let trimmed = text.trim_end();
        let Some(rest) = trailing_escape(trimmed) else {
            return trimmed;
        };
        text = rest;
    }
}

fn leading_escape(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('\\')?;
    if let Some(rest) = rest.strip_prefix(['n', 'r', 't', 'f']) {
        return Some(rest);
    }
    let digits = rest.strip_prefix('u')?.get(..4)?;
    is_space(digits).then(|| &rest[5..])
}

fn trailing_escape(text: &str) -> Option<&str> {
    let cut = |length: usize| {
        let start = text.len().checked_sub(length)?;
        let escape = text.get(start..)?;
        let before = &text[..start];
        // An even number of backslashes before it, so that its own escapes.
        let slashes = before
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        (escape.starts_with('\\') && slashes % 2 == 0).then_some((before, escape))
    };
    if let Some((before, escape)) = cut(2)
        && matches!(escape, "\\n" | "\\r" | "\\t" | "\\f")
    {
        return Some(before);
    }
    let (before, escape) = cut(6)?;
    let digits = escape.strip_prefix("\\u")?;
    is_space(digits).then_some(before)
}

/// Says whether four hexadecimal digits are the code of a space.
fn is_space(digits: &str) -> bool {
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
        .is_some_and(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn space_is_removed_however_it_is_written() {
        for (raw, want) in [
            (r" a ", "a"),
            (r"\n a b\r\n", "a b"),
            (r"\u00a0a\u0020\t", "a"),
            (r"a\\n", r"a\\n"),
            (r"a\\\n", r"a\\"),
            (r"\u0061", r"\u0061"),
            (r" \n ", ""),
        ] {
            assert_eq!(without_space(raw), want, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_trimming_the_text_leaves(text in "[ \\n\\t\\\\nu0a\\u{a0}]{0,12}") {
            let written = serde_json::to_string(&text).unwrap();
            let left = without_space(&written[1..written.len() - 1]);
            let read: String = serde_json::from_str(&format!("\"{left}\"")).unwrap();
            prop_assert_eq!(read, text.trim());
        }

        #[test]
        fn edits_that_meet_give_nothing(start in 0_usize..4, length in 0_usize..4) {
            let edits = vec![
                Edit { place: start..start + length, text: vec![b'x'] },
                Edit { place: 6..8, text: Vec::new() },
            ];
            let text = apply(b"abcdefgh", edits);
            prop_assert_eq!(text.is_some(), start + length <= 6);
        }
    }
}
