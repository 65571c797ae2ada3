//! CPE names, looked for anywhere in a text because the patterns have no
//! anchors.

/// Says whether a CPE 2.2 URI or a CPE 2.3 formatted string stands anywhere
/// in `text`. Of the URI only `cpe:/` is mandatory, in any case but for the
/// first letter, which has the class `[c]`.
///
/// Source: CVE Record Format `definitions/cpe22and23`.
pub(super) fn has_cpe(text: &[u8]) -> bool {
    has_cpe_23(text)
        || text
            .windows(5)
            .any(|five| matches!(five, [b'c', b'p' | b'P', b'e' | b'E', b':', b'/']))
}

/// Says whether a CPE 2.3 formatted string stands anywhere in `text`.
///
/// Source: CVE Record Format `definitions/cpe23`.
pub(super) fn has_cpe_23(text: &[u8]) -> bool {
    const PREFIX: &[u8] = b"cpe:2.3:";
    if let Some(rest) = text.strip_prefix(PREFIX)
        && is_name(rest)
    {
        return true;
    }
    memchr::memmem::find_iter(text, PREFIX).any(|at| is_name(&text[at + PREFIX.len()..]))
}

/// The part, five components, the language and four components, whatever
/// follows the last.
fn is_name(rest: &[u8]) -> bool {
    let [b'a' | b'h' | b'o' | b'*' | b'-', rest @ ..] = rest else {
        return false;
    };
    let mut rest = Some(rest);
    for _ in 0..5 {
        rest = rest.and_then(component);
    }
    rest = rest.and_then(language);
    for _ in 0..3 {
        rest = rest.and_then(component);
    }
    rest.is_some_and(starts_component)
}

/// What follows the component at the start of `rest`, which must be a colon.
///
/// A component is `*`, `-`, or at least one plain or escaped character with
/// question marks or one asterisk before and after it. Nothing here needs a
/// second try: the characters, `?`, `*` and `:` exclude each other.
fn component(rest: &[u8]) -> Option<&[u8]> {
    let [b':', body @ ..] = rest else {
        return None;
    };
    if let [b'*', after @ ..] = body
        && after.first() == Some(&b':')
    {
        return Some(after);
    }
    let after = wildcard(body);
    let after = characters(after)?;
    let after = wildcard(after);
    (after.first() == Some(&b':')).then_some(after)
}

/// Whether `rest` begins with the shortest last component.
fn starts_component(rest: &[u8]) -> bool {
    let [b':', body @ ..] = rest else {
        return false;
    };
    matches!(body, [b'*' | b'-', ..]) || characters(wildcard(body)).is_some()
}

/// What follows `?…?` or `*`.
fn wildcard(text: &[u8]) -> &[u8] {
    match text {
        [b'*', rest @ ..] => rest,
        _ => {
            let marks = text.iter().take_while(|byte| **byte == b'?').count();
            &text[marks..]
        }
    }
}

/// What follows a run of plain and escaped characters; `None` without one.
fn characters(text: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        at += match text[at..] {
            [
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_',
                ..,
            ] => 1,
            [b'\\', special, ..] if is_escapable(special) => 2,
            _ => break,
        };
    }
    (at > 0).then(|| &text[at..])
}

/// Punctuation that a backslash may precede: all of ASCII but `-`, `.`, `_`.
fn is_escapable(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'-' | b'.' | b'_')
}

/// What follows `:*`, `:-`, or a language of two or three letters with
/// perhaps a region.
fn language(rest: &[u8]) -> Option<&[u8]> {
    let [b':', body @ ..] = rest else {
        return None;
    };
    if let [b'*' | b'-', after @ ..] = body {
        return Some(after);
    }
    let letters = body
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if !(2..=3).contains(&letters) {
        return None;
    }
    let after = &body[letters..];
    match after {
        [b'-', a, b, rest @ ..] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Some(rest),
        [b'-', a, b, c, rest @ ..] if [a, b, c].iter().all(|byte| byte.is_ascii_digit()) => {
            Some(rest)
        }
        _ => Some(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formatted_string_is_found_anywhere() {
        for text in [
            "cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*",
            "see cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:* there",
            "cpe:2.3:cpe:2.3:o:v:p:-:*:*:en-US:*:*:*:x",
            r"cpe:2.3:-:ven\!dor\\:p?:*1.0*:??a:*:es-419:*:*:*:?a",
            "cpe:2.3:*:v:p:1:*:*:abc:*:*:*:a\u{e4}",
        ] {
            assert!(has_cpe_23(text.as_bytes()), "{text} was refused");
        }
    }

    #[test]
    fn a_formatted_string_has_eleven_components() {
        for text in [
            "",
            "cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*",
            "cpe:2.3:x:vendor:product:1.0:*:*:*:*:*:*:*",
            "CPE:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*",
            "cpe:2.3:a:ven dor:product:1.0:*:*:*:*:*:*:*",
            "cpe:2.3:a:vendor:product:**:*:*:*:*:*:*:*",
            "cpe:2.3:a:vendor:product:?:*:*:*:*:*:*:*",
            "cpe:2.3:a::product:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:v:p:1:*:*:english:*:*:*:*",
            "cpe:2.3:a:v:p:1:*:*:*:*:*:*:",
            r"cpe:2.3:a:v\-:p:1:*:*:*:*:*:*:*",
            "cpe:2.3:a:v:p:?*a:*:*:*:*:*:*:*",
        ] {
            assert!(!has_cpe_23(text.as_bytes()), "{text} was accepted");
        }
    }

    #[test]
    fn of_a_cpe_uri_only_the_scheme_is_needed() {
        assert!(has_cpe(b"cpe:/") && has_cpe(b"xcPE:/!!") && !has_cpe(b"Cpe:/a:b"));
        assert!(!has_cpe(b"cpe:2.2:a") && !has_cpe_23(b"cpe:/a:vendor:product"));
    }
}
