//! Ranges of versions as texts: `vers:` specifiers, and words.

use std::borrow::Cow;

use super::coverage::{Edge, Span, Versions};
use crate::versions::{Scheme, is_strict_semver};

/// The type of a `vers` specifier for a version scheme.
///
/// Source: vers specification; formats section 3.2.
pub(crate) fn kind(scheme: Option<Scheme>, version_type: Option<&str>) -> &'static str {
    match (scheme, version_type) {
        (Some(Scheme::Semver), Some(name)) => match name.to_ascii_lowercase().as_str() {
            "npm" => "npm",
            "go" | "golang" => "golang",
            "cargo" => "cargo",
            "hex" => "hex",
            _ => "semver",
        },
        (Some(Scheme::Semver), None) => "semver",
        (Some(Scheme::Python), _) => "pypi",
        (Some(Scheme::Maven), _) => "maven",
        (Some(Scheme::Rpm), _) => "rpm",
        (Some(Scheme::Deb), _) => "deb",
        (Some(Scheme::Gem), _) => "gem",
        (Some(Scheme::Nuget), _) => "nuget",
        _ => "generic",
    }
}

/// The specifier for some versions of a product.
///
/// Gives: `None` when the record states none.
/// Source: vers specification, "constraints".
pub(crate) fn specifier(kind: &str, versions: &Versions) -> Option<String> {
    let is_semantic = matches!(kind, "semver" | "npm" | "golang" | "cargo" | "hex");
    // A type that the versions do not follow would make the specifier wrong.
    let kind = match is_semantic && !all(versions, |version| semantic(version).is_some()) {
        true => "generic",
        false => kind,
    };
    let mut text = format!("vers:{kind}/");
    let head = text.len();
    let is_semantic = is_semantic && kind != "generic";
    let mut put = |sign: &str, version: &str| {
        if text.len() > head {
            text.push('|');
        }
        text.push_str(sign);
        match semantic(version).filter(|_| is_semantic) {
            Some(version) => encode(&version, &mut text),
            None => encode(version, &mut text),
        }
    };
    match versions {
        Versions::Unstated => return None,
        Versions::AllBut(named) => {
            for version in named {
                put("!=", version);
            }
        }
        Versions::Spans(spans) => {
            // An edge that one span leaves out and the next begins after.
            let mut gap: Option<&Edge> = None;
            for (place, span) in spans.iter().enumerate() {
                if let Some(version) = span.single() {
                    put("", version);
                    continue;
                }
                if let Some(from) = span.from.as_ref().filter(|_| gap.is_none()) {
                    put(if from.included { ">=" } else { ">" }, &from.version);
                }
                gap = None;
                let Some(to) = &span.to else { continue };
                let next = spans.get(place + 1).and_then(|next| next.from.as_ref());
                let is_gap = !to.included
                    && next.is_some_and(|next| !next.included && next.version == to.version);
                if is_gap {
                    gap = Some(to);
                    put("!=", &to.version);
                } else {
                    put(if to.included { "<=" } else { "<" }, &to.version);
                }
            }
        }
    }
    if text.len() == head {
        // Test 6.1.50 of CSAF 2.1 refuses `*` in a type that has an order.
        return Some("vers:generic/*".to_owned());
    }
    Some(text)
}

/// Percent-encodes what a specifier may not hold as it is.
fn encode(version: &str, text: &mut String) {
    for byte in version.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'~' | b'+' | b'-' => {
                text.push(char::from(byte));
            }
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                text.push('%');
                text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                text.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

/// A stretch in words, such as `from 1.0, before 2.0`.
pub(crate) fn in_words(span: &Span) -> String {
    if let Some(version) = span.single() {
        return version.to_owned();
    }
    let from = span.from.as_ref().map(|edge| match edge.included {
        true => format!("from {}", edge.version),
        false => format!("after {}", edge.version),
    });
    let to = span.to.as_ref().map(|edge| match edge.included {
        true => format!("through {}", edge.version),
        false => format!("before {}", edge.version),
    });
    match (from, to) {
        (Some(from), Some(to)) => format!("{from}, {to}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "every version".to_owned(),
    }
}

/// The specifier for a text that is no version, kept as it is.
pub(crate) fn of_text(text: &str) -> String {
    let mut specifier = "vers:generic/".to_owned();
    encode(text, &mut specifier);
    specifier
}

/// Says whether something holds for every version that is named.
fn all(versions: &Versions, holds: impl Fn(&str) -> bool) -> bool {
    match versions {
        Versions::Unstated => true,
        Versions::AllBut(named) => named.iter().all(|version| holds(version)),
        Versions::Spans(spans) => {
            let ends = spans.iter().flat_map(|span| [&span.from, &span.to]);
            ends.flatten().all(|edge| holds(&edge.version))
        }
    }
}

/// A version as Semantic Versioning writes it: without `v`, with three
/// numbers. Such spellings order the same.
pub(crate) fn semantic(text: &str) -> Option<Cow<'_, str>> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if is_strict_semver(text) {
        return Some(Cow::Borrowed(text));
    }
    let at = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, labels) = text.split_at(at);
    let missing = 3usize.checked_sub(numbers.split('.').count())?;
    let padded = format!("{numbers}{}{labels}", ".0".repeat(missing));
    is_strict_semver(&padded).then_some(Cow::Owned(padded))
}
