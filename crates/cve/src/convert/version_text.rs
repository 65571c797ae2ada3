//! Ranges written as text where a single version belongs, read into ranges.
//!
//! ```
//! use cve::convert::version_text::{VersionText, read};
//!
//! let VersionText::Read(reading) = read(">= 1.3.0, < 1.3.19", &[]) else { panic!() };
//! assert_eq!(reading.sentence(), "versions from `1.3.0` up to, not including, `1.3.19`");
//!
//! // What is not certain is not read, and the reason is given.
//! let VersionText::Unread(reason) = read("< 11.1.0.6, < 12.1.1", &[]) else { panic!() };
//! assert_eq!(reason.code(), "several-ends");
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `token` | words and signs of a text |
//! | `words`, `phrases` | what a word can be, and the phrases that are known |
//! | `grammar` | how phrases, versions and lists make ranges |
//! | `notation` | intervals `[1.0, 2.0)` and `vers:` specifiers |
//! | `sentence` | the reading, as people read it |
//! | `unread` | why a text was not read |

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::versions::{Scheme, Status};

mod grammar;
mod notation;
mod phrases;
mod sentence;
mod token;
mod unread;
mod words;

pub use notation::vers;
pub use sentence::entry_in_words;
pub(super) use sentence::stretch;
pub use unread::Unread;

/// What a text in the place of a version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionText {
    /// A single version or name, to be taken by the letter.
    Single,
    /// A range, or several, of which every part was understood.
    Read(Reading),
    /// More than a single version, and not certain.
    Unread(Unread),
}

/// The ranges a text was read into.
///
/// Always true: at least one range; no range is empty as far as its ends can
/// be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The ranges; a version is meant when one of them has it.
    pub ranges: Vec<VersionRange>,
    /// How words with more than one use were read; empty when there were none.
    pub assumptions: Vec<&'static str>,
    /// Whether the versions are commits.
    pub commits: bool,
}

/// One range of a [`Reading`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionRange {
    /// This version alone.
    Single(String),
    /// Everything between two ends; an end that is missing is open.
    Between {
        /// The lower end.
        lower: Option<End>,
        /// The upper end. An included `2.*` is the whole series 2.
        upper: Option<End>,
    },
}

/// An end of a [`VersionRange`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The version at the end.
    pub version: String,
    /// Whether it belongs to the range.
    pub included: bool,
}

/// The longest text that is looked at, in bytes.
///
/// Source: CVE Record Format `version`, at most 1024 code points.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Reads the text of a `version`.
///
/// Takes: `names`, what the product is called; a text may begin with one of
/// them. Letter case does not count.
/// Gives: [`VersionText::Single`] for a text that says nothing of a range or
/// a list, whatever it is.
/// Source: formats section 2.3, after what records hold.
pub fn read(text: &str, names: &[&str]) -> VersionText {
    if text.len() > MAX_TEXT_BYTES {
        return VersionText::Unread(Unread::TooLong);
    }
    let text = text.trim();
    let result = match notation::read(text) {
        Some(result) => result,
        None => {
            let tokens = token::tokens(text);
            if !token::says_more_than_one(&tokens) {
                return VersionText::Single;
            }
            grammar::read(&tokens, has_tight_comma(text), names)
        }
    };
    match result.and_then(Reading::checked) {
        Ok(reading) => VersionText::Read(reading),
        Err(reason) => VersionText::Unread(reason),
    }
}

impl Reading {
    /// Refuses what no writer can have meant.
    fn checked(self) -> Result<Reading, Unread> {
        // CVE Services cuts space off, and another version or none would stay.
        let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
        if let Some(version) = self.versions().find(|version| {
            version.is_empty() || version.starts_with(is_space) || version.ends_with(is_space)
        }) {
            return Err(Unread::Word {
                word: version.to_owned(),
            });
        }
        // Only the graph knows the order of commits.
        let ranges = if self.commits { &[][..] } else { &self.ranges };
        for range in ranges {
            let VersionRange::Between {
                lower: Some(lower),
                upper: Some(upper),
            } = range
            else {
                continue;
            };
            let turned = || Unread::Turned {
                lower: lower.version.clone(),
                upper: upper.version.clone(),
            };
            // A series ends after every version that belongs to it.
            let end = upper.version.strip_suffix(".*").unwrap_or(&upper.version);
            match certain_order(&lower.version, end) {
                Some(Ordering::Greater) if !upper.version.ends_with(".*") => return Err(turned()),
                Some(Ordering::Greater) if !is_in_series(&lower.version, end) => {
                    return Err(turned());
                }
                Some(Ordering::Equal) if !(lower.included && upper.included) => {
                    return Err(turned());
                }
                _ => {}
            }
        }
        Ok(self)
    }

    /// The versions its ranges name, in their order.
    fn versions(&self) -> impl Iterator<Item = &str> {
        self.ranges.iter().flat_map(|range| {
            let (single, lower, upper) = match range {
                VersionRange::Single(version) => (Some(version), None, None),
                VersionRange::Between { lower, upper } => (None, lower.as_ref(), upper.as_ref()),
            };
            let ends = lower.into_iter().chain(upper).map(|end| &end.version);
            single.into_iter().chain(ends).map(String::as_str)
        })
    }

    /// The entries of `versions` that say the same.
    ///
    /// Takes: the status of the versions in the ranges; `version_type`, which
    /// becomes `custom`, or `git` for commits, when it is not known; the
    /// status `outside` of a version that a lower end excludes.
    /// Gives: entries to be put in this order: the first that has a version
    /// decides, and so an excluded lower end becomes an entry before its range.
    /// No two of them are equal.
    /// Source: CVE Record Format `versions`; formats section 2.1.
    pub fn entries(
        &self,
        status: Status,
        version_type: Option<&str>,
        outside: Status,
    ) -> Vec<Value> {
        let kind = match (version_type, self.commits) {
            (_, true) => "git",
            (Some(kind), false) => kind,
            (None, false) => "custom",
        };
        let mut entries = Vec::new();
        // A list may name a version or an end twice; `versions` holds distinct
        // entries, and the first decides anyway.
        let mut add = |entry: Value| {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        };
        for range in &self.ranges {
            match range {
                VersionRange::Single(version) => {
                    let mut entry = Map::new();
                    entry.insert("version".to_owned(), json!(version));
                    entry.insert("status".to_owned(), json!(status.as_str()));
                    if version_type.is_some() || self.commits {
                        entry.insert("versionType".to_owned(), json!(kind));
                    }
                    add(Value::Object(entry));
                }
                VersionRange::Between { lower, upper } => {
                    if let Some(end) = lower.as_ref().filter(|end| !end.included) {
                        add(json!({
                            "version": end.version, "status": outside.as_str(), "versionType": kind,
                        }));
                    }
                    let from = lower.as_ref().map_or("0", |end| end.version.as_str());
                    let (key, to) = match upper {
                        None => ("lessThan", "*"),
                        Some(end) if end.included => ("lessThanOrEqual", end.version.as_str()),
                        Some(end) => ("lessThan", end.version.as_str()),
                    };
                    add(json!({
                        "version": from, "status": status.as_str(), key: to, "versionType": kind,
                    }));
                }
            }
        }
        entries
    }
}

impl VersionRange {
    /// Every version there is.
    pub fn everything() -> VersionRange {
        VersionRange::Between {
            lower: None,
            upper: None,
        }
    }

    /// The versions of a series such as `2.x`, given as `2`.
    fn series(series: &str) -> VersionRange {
        VersionRange::Between {
            lower: Some(End::included(series.to_owned())),
            upper: Some(End::included(format!("{series}.*"))),
        }
    }

    /// Says whether both ends are there.
    fn is_closed(&self) -> bool {
        match self {
            VersionRange::Single(_) => true,
            VersionRange::Between { lower, upper } => lower.is_some() && upper.is_some(),
        }
    }
}

impl End {
    fn included(version: String) -> End {
        End {
            version,
            included: true,
        }
    }

    fn excluded(version: String) -> End {
        End {
            version,
            included: false,
        }
    }
}

/// The order of two versions whose type nobody named, where every way of
/// numbering agrees: their leading numbers decide.
fn certain_order(a: &str, b: &str) -> Option<Ordering> {
    if a == b {
        return Some(Ordering::Equal);
    }
    let (first, second) = (leading_numbers(a), leading_numbers(b));
    let order = Scheme::Custom.compare(first, second)?;
    let numbers_only = first == a && second == b;
    (numbers_only || order.is_ne()).then_some(order)
}

/// `4.1` of `v4.1-rc1`, with the `v`.
fn leading_numbers(version: &str) -> &str {
    let start = usize::from(version.starts_with(['v', 'V']));
    let inside = |c: char| c.is_ascii_digit() || c == '.';
    let end = version[start..]
        .find(|c| !inside(c))
        .map_or(version.len(), |end| start + end);
    version[..end].trim_end_matches('.')
}

/// Says whether two digits have only a comma between them.
fn has_tight_comma(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(3)
        .any(|three| three[1] == b',' && three[0].is_ascii_digit() && three[2].is_ascii_digit())
}

fn is_in_series(version: &str, series: &str) -> bool {
    let rest = version.strip_prefix(series);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
