//! One item of `versions`, read as far as it can be.

use serde_json::Value;

use super::{Scheme, numbers};

/// What a record says about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The vulnerability is in it.
    Affected,
    /// The vulnerability is not in it.
    Unaffected,
    /// Nobody said, or it cannot be told.
    Unknown,
}

impl Status {
    /// The word as a record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Affected => "affected",
            Status::Unaffected => "unaffected",
            Status::Unknown => "unknown",
        }
    }

    /// The status a record's word names.
    ///
    /// Gives: `None` for any other word.
    pub fn of(word: &str) -> Option<Status> {
        match word {
            "affected" => Some(Status::Affected),
            "unaffected" => Some(Status::Unaffected),
            "unknown" => Some(Status::Unknown),
            _ => None,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One item of `versions`.
pub(crate) struct Entry<'a> {
    /// Its place in the list.
    pub(crate) index: usize,
    pub(crate) version: &'a str,
    pub(crate) status: Status,
    pub(crate) version_type: Option<&'a str>,
    pub(crate) less_than: Option<&'a str>,
    pub(crate) less_than_or_equal: Option<&'a str>,
    pub(crate) changes: Vec<Change<'a>>,
}

/// One item of `changes`.
pub(crate) struct Change<'a> {
    /// Its place in the list.
    pub(crate) index: usize,
    pub(crate) at: &'a str,
    pub(crate) status: Status,
}

impl<'a> Entry<'a> {
    /// The items of an entry of `affected`, without those that have no
    /// version or no status; the schema check reports them.
    pub(super) fn all(affected: &'a Value) -> impl Iterator<Item = Entry<'a>> {
        let items = affected["versions"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let read = |(index, item)| Entry::read(index, item);
        items.iter().enumerate().filter_map(read)
    }

    fn read(index: usize, item: &'a Value) -> Option<Entry<'a>> {
        let changes = item["changes"].as_array().map_or(&[][..], Vec::as_slice);
        Some(Entry {
            index,
            version: item["version"].as_str()?,
            status: Status::of(item["status"].as_str()?)?,
            version_type: item["versionType"].as_str(),
            less_than: item["lessThan"].as_str(),
            less_than_or_equal: item["lessThanOrEqual"].as_str(),
            changes: changes
                .iter()
                .enumerate()
                .filter_map(|(index, change)| {
                    Some(Change {
                        index,
                        at: change["at"].as_str()?,
                        status: Status::of(change["status"].as_str()?)?,
                    })
                })
                .collect(),
        })
    }

    /// Says whether it has an upper end, and so is a range.
    pub(crate) fn is_range(&self) -> bool {
        self.less_than.is_some() || self.less_than_or_equal.is_some()
    }

    /// Says whether it is a range that no version lies outside of.
    pub(super) fn holds_all(&self) -> bool {
        is_lowest(self.version)
            && (self.less_than == Some("*") || self.less_than_or_equal == Some("*"))
    }

    /// How its versions are ordered.
    pub(super) fn scheme(&self) -> Scheme {
        self.version_type
            .and_then(Scheme::of)
            .unwrap_or(Scheme::Custom)
    }

    /// The range in words, such as ``from `1.0` up to, not including, `2.0` ``.
    pub(super) fn range_in_words(&self) -> String {
        let from = match is_lowest(self.version) {
            true => "from the first version".to_owned(),
            false => format!("from `{}`", self.version),
        };
        match (self.less_than, self.less_than_or_equal) {
            (Some("*"), _) | (_, Some("*")) => format!("{from} on"),
            (Some(end), _) => format!("{from} up to, not including, `{end}`"),
            (None, Some(end)) => format!("{from} up to `{end}`"),
            (None, None) => format!("`{}`", self.version),
        }
    }
}

/// Says whether the lower end of a range means "no lower end": `0` by the
/// schema's convention, the others by that of records made from CVE JSON 4.0.
///
/// Source: CVE Record Format `version`; formats section 2.3.
pub(super) fn is_lowest(text: &str) -> bool {
    matches!(text, "0" | "*" | "-" | "n/a" | "N/A" | "unspecified")
}

/// The series an upper end such as `2.*` names: `2`.
///
/// Gives: `None` for any other text; `*` alone names no series.
pub(super) fn series(text: &str) -> Option<&str> {
    text.strip_suffix(".*").filter(|series| !series.is_empty())
}

/// Says whether `version` belongs to a series: it is the series, or begins
/// with it and goes on with another part.
pub(super) fn is_in_series(version: &str, series: &str) -> bool {
    let (version, series) = (numbers::without_v(version), numbers::without_v(series));
    version.strip_prefix(series).is_some_and(|rest| {
        rest.bytes()
            .next()
            .is_none_or(|next| !next.is_ascii_alphanumeric())
    })
}
