//! Ranges in notations with rules of their own: intervals and `vers:`.

use super::{End, Reading, Unread, VersionRange};

/// Reads a text in one of the notations.
///
/// Gives: `None` for a text in neither.
pub(super) fn read(text: &str) -> Option<Result<Reading, Unread>> {
    if let Some(rest) = text.strip_prefix("vers:") {
        return Some(specifier(rest));
    }
    let interval = (text.starts_with('[') || text.starts_with('('))
        && text.contains(',')
        && (text.ends_with(']') || text.ends_with(')'));
    let single = text.starts_with('[') && text.ends_with(']') && text.len() > 2;
    (interval || single).then(|| intervals(text)).flatten()
}

/// Reads a version range specifier such as `vers:semver/>=1.0|<2.0`.
///
/// Gives: the ranges, and the type before the slash; `None` for a text that
/// does not begin with `vers:`.
/// Source: the VERS specification (package-url), grammar and normalisation.
pub fn vers(text: &str) -> Option<Result<(String, Reading), Unread>> {
    let rest = text.strip_prefix("vers:")?;
    let kind = rest.split('/').next().unwrap_or_default().to_owned();
    Some(
        specifier(rest)
            .and_then(Reading::checked)
            .map(|reading| (kind, reading)),
    )
}

/// Reads what follows `vers:`.
fn specifier(text: &str) -> Result<Reading, Unread> {
    let word = || Unread::Word {
        word: text.to_owned(),
    };
    let (kind, constraints) = text.split_once('/').ok_or_else(word)?;
    if kind.is_empty() || constraints.is_empty() {
        return Err(word());
    }
    let (mut ranges, mut open) = (Vec::new(), None);
    for part in constraints.split('|').map(str::trim) {
        if part == "*" {
            ranges.push(VersionRange::everything());
            continue;
        }
        let sign = ["<=", ">=", "!=", "<", ">", "="]
            .into_iter()
            .find(|sign| part.starts_with(sign));
        let version = decoded(&part[sign.map_or(0, str::len)..]).ok_or_else(word)?;
        if version.is_empty() {
            return Err(Unread::NoVersion {
                after: part.to_owned(),
            });
        }
        match sign {
            Some(">=" | ">") => {
                let end = End {
                    version,
                    included: sign == Some(">="),
                };
                if let Some(lower) = open.replace(end) {
                    let _: End = lower;
                    return Err(Unread::SeveralEnds);
                }
            }
            Some("<=" | "<") => {
                let upper = End {
                    version,
                    included: sign == Some("<="),
                };
                let lower = open.take();
                if lower.is_none() && !ranges.is_empty() {
                    return Err(Unread::SeveralEnds);
                }
                ranges.push(VersionRange::Between {
                    lower,
                    upper: Some(upper),
                });
            }
            // One version less: up to it, and on after it.
            Some("!=") => {
                let lower = open.take();
                if lower.is_none() && !ranges.is_empty() {
                    return Err(Unread::SeveralEnds);
                }
                let upper = Some(End {
                    version: version.clone(),
                    included: false,
                });
                ranges.push(VersionRange::Between { lower, upper });
                open = Some(End {
                    version,
                    included: false,
                });
            }
            _ if open.is_some() => return Err(Unread::SeveralEnds),
            _ => ranges.push(VersionRange::Single(version)),
        }
    }
    if let Some(lower) = open {
        ranges.push(VersionRange::Between {
            lower: Some(lower),
            upper: None,
        });
    }
    Ok(Reading {
        ranges,
        assumptions: Vec::new(),
        commits: kind == "git",
    })
}

/// A text without its percent codes; `None` when they are not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(
            u8::from_str_radix(digits, 16)
                .ok()
                .filter(|_| hexadecimal)?,
        );
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// Reads `[1.0, 2.0)`, several of them joined by commas, and `[1.0]`.
///
/// Gives: `None` when a bracket holds something else, as in `(2.0, final)`.
/// Source: Maven's and NuGet's version ranges, which agree on these.
fn intervals(text: &str) -> Option<Result<Reading, Unread>> {
    let (mut ranges, mut rest) = (Vec::new(), text);
    loop {
        let open = rest.chars().next().filter(|c| matches!(c, '[' | '('))?;
        let close = rest.find([']', ')'])?;
        let included = (open == '[', rest[close..].starts_with(']'));
        ranges.push(interval(&rest[1..close], included)?);
        rest = rest[close + 1..].trim_start();
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
    Some(Ok(Reading {
        ranges,
        assumptions: Vec::new(),
        commits: false,
    }))
}

fn interval(inside: &str, included: (bool, bool)) -> Option<VersionRange> {
    let is_version = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
            && text.contains(|c: char| c.is_ascii_digit())
    };
    let end = |text: &str, included| match text {
        "" => Some(None),
        text => is_version(text).then(|| {
            Some(End {
                version: text.to_owned(),
                included,
            })
        }),
    };
    let Some((lower, upper)) = inside.split_once(',') else {
        let single = included == (true, true) && is_version(inside.trim());
        return single.then(|| VersionRange::Single(inside.trim().to_owned()));
    };
    let (lower, upper) = (
        end(lower.trim(), included.0)?,
        end(upper.trim(), included.1)?,
    );
    (lower.is_some() || upper.is_some()).then_some(VersionRange::Between { lower, upper })
}
