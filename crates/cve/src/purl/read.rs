//! Taking a package URL apart.

use super::percent::decode;
use super::{InvalidPurl, Purl};

/// The components of `text`, decoded, the rules of the type not yet applied.
///
/// Source: Package-URL specification, how to parse.
pub(super) fn parts(text: &str) -> Result<Purl, InvalidPurl> {
    let (rest, subpath) = split_last(text, '#');
    let subpath = subpath
        .map(|at| path(text, at, text.len(), true))
        .transpose()?;
    let (rest, qualifiers_at) = split_last(rest, '?');
    let qualifiers_end = text.len().min(text.rfind('#').unwrap_or(text.len()));
    let qualifiers = match qualifiers_at {
        Some(at) => qualifiers(&text[at..qualifiers_end], at)?,
        None => Vec::new(),
    };
    let start = start_of_type(rest)?;
    let kind_end = rest[start..].find('/').map(|at| start + at);
    let kind = kind(&rest[start..kind_end.unwrap_or(rest.len())], start)?;
    let Some(kind_end) = kind_end else {
        return Err(InvalidPurl::Type {
            position: start,
            found: kind,
        });
    };
    let body = kind_end + 1;
    let version_at = version_at(&rest[body..]).map(|at| body + at);
    let version = match version_at {
        Some(at) => Some(decode(&rest[at + 1..], at + 1)?).filter(|version| !version.is_empty()),
        None => None,
    };
    let end = version_at.unwrap_or(rest.len());
    let end = body + rest[body..end].trim_end_matches('/').len();
    let name_at = rest[body..end].rfind('/').map_or(body, |at| body + at + 1);
    let name = decode(&rest[name_at..end], name_at)?;
    if name.is_empty() {
        return Err(InvalidPurl::NoName { position: name_at });
    }
    Ok(Purl {
        kind: kind.to_ascii_lowercase(),
        namespace: path(text, body, name_at, false)?,
        name,
        version,
        qualifiers,
        subpath: subpath.flatten(),
    })
}

/// Where the `@` before the version stands in a package URL that has one.
pub(super) fn version_position(text: &str) -> usize {
    let (rest, _) = split_last(text, '#');
    let (rest, _) = split_last(rest, '?');
    version_at(rest).unwrap_or(text.len())
}

/// The text before the last `separator`, and where that ends.
fn split_last(text: &str, separator: char) -> (&str, Option<usize>) {
    match text.rfind(separator) {
        Some(at) => (&text[..at], Some(at + 1)),
        None => (text, None),
    }
}

/// The last `@` that no slash follows.
fn version_at(text: &str) -> Option<usize> {
    text.rfind('@').filter(|at| !text[*at..].contains('/'))
}

/// Where the type begins: after the scheme and any slashes behind it.
fn start_of_type(text: &str) -> Result<usize, InvalidPurl> {
    let scheme = text.get(..4).ok_or(InvalidPurl::Scheme)?;
    if !scheme.eq_ignore_ascii_case("pkg:") {
        return Err(InvalidPurl::Scheme);
    }
    Ok(text.len() - text[4..].trim_start_matches('/').len())
}

fn kind(text: &str, position: usize) -> Result<String, InvalidPurl> {
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let holds = text
        .bytes()
        .all(|c| c.is_ascii_alphanumeric() || c == b'.' || c == b'-');
    match begins && holds {
        true => Ok(text.to_owned()),
        false => Err(InvalidPurl::Type {
            position,
            found: text.chars().take(32).collect(),
        }),
    }
}

/// The segments between `start` and `end`, without empty ones, joined again;
/// in a subpath without those that mean "here" and "up", too.
fn path(
    text: &str,
    start: usize,
    end: usize,
    is_subpath: bool,
) -> Result<Option<String>, InvalidPurl> {
    let mut joined = String::new();
    let mut position = start;
    for segment in text[start..end].split('/') {
        let decoded = decode(segment, position)?;
        if decoded.contains('/') {
            return Err(InvalidPurl::Slash { position });
        }
        position += segment.len() + 1;
        let left_out = decoded.is_empty() || (is_subpath && matches!(decoded.as_str(), "." | ".."));
        if !left_out {
            if !joined.is_empty() {
                joined.push('/');
            }
            joined.push_str(&decoded);
        }
    }
    Ok(Some(joined).filter(|joined| !joined.is_empty()))
}

/// The pairs between `&`, sorted by key; a pair without a value is left out.
fn qualifiers(text: &str, start: usize) -> Result<Vec<(String, String)>, InvalidPurl> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut position = start;
    for pair in text.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !value.is_empty() {
            if !is_key(key) {
                return Err(InvalidPurl::Key {
                    position,
                    found: key.chars().take(32).collect(),
                });
            }
            let key = key.to_ascii_lowercase();
            let value = decode(value, position + key.len() + 1)?;
            match found.binary_search_by(|(known, _)| known.cmp(&key)) {
                Ok(_) => return Err(InvalidPurl::DuplicateKey { position, key }),
                Err(place) => found.insert(place, (key, value)),
            }
        }
        position += pair.len() + 1;
    }
    Ok(found)
}

fn is_key(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b".-_".contains(&c))
}
