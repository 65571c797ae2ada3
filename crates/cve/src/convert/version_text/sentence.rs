//! Readings and entries of `versions`, as people read them.

use serde_json::Value;

use super::{Reading, VersionRange};

impl Reading {
    /// The reading in words, such as ``versions before `2.4` ``.
    pub fn sentence(&self) -> String {
        let parts: Vec<_> = self.ranges.iter().map(VersionRange::in_words).collect();
        let mut text = parts.join("; ");
        if self.commits {
            text = text
                .replace("versions", "commits")
                .replace("version", "commit");
        }
        for assumption in &self.assumptions {
            text.push_str(" (");
            text.push_str(assumption);
            text.push(')');
        }
        text
    }
}

impl VersionRange {
    /// The range in words, versions between grave accents.
    pub fn in_words(&self) -> String {
        match self {
            VersionRange::Single(version) => format!("version {}", quoted(version)),
            VersionRange::Between { lower, upper } => between(
                lower
                    .as_ref()
                    .map(|end| (end.version.as_str(), end.included)),
                upper
                    .as_ref()
                    .map(|end| (end.version.as_str(), end.included)),
            ),
        }
    }
}

/// An entry of `versions` in words, such as ``versions before `2.4` ``;
/// changes of the status inside a range are not part of it.
///
/// Gives: `None` without a `version`.
pub fn entry_in_words(entry: &Value) -> Option<String> {
    let version = entry["version"].as_str()?;
    let upper = match (
        entry["lessThan"].as_str(),
        entry["lessThanOrEqual"].as_str(),
    ) {
        (Some("*"), _) | (None, Some("*")) => None,
        (Some(end), _) => Some((end, false)),
        (None, Some(end)) => Some((end, true)),
        (None, None) if is_lowest(version) => return Some("all versions".to_owned()),
        (None, None) => return Some(format!("version {}", quoted(version))),
    };
    let lower = (!is_lowest(version)).then_some((version, true));
    Some(between(lower, upper))
}

/// Says whether a lower end means that there is none.
///
/// Source: formats section 2.3.
fn is_lowest(version: &str) -> bool {
    matches!(version, "0" | "*" | "-" | "n/a" | "N/A" | "unspecified")
}

/// A stretch of versions in words, each version written by `quoted`.
pub(in crate::convert) fn stretch(
    lower: Option<(&str, bool)>,
    upper: Option<(&str, bool)>,
    quoted: &dyn Fn(&str) -> String,
) -> String {
    let from = |(version, included): (&str, bool)| match included {
        true => format!("from {}", quoted(version)),
        false => format!("after {}", quoted(version)),
    };
    match (lower, upper) {
        (None, None) => "all versions".to_owned(),
        (Some((version, false)), None) => format!("versions after {}", quoted(version)),
        (Some((version, true)), None) => format!("versions from {} on", quoted(version)),
        (None, Some((version, included))) => match (version.strip_suffix(".*"), included) {
            (Some(series), _) => format!("versions up to the end of the {} series", quoted(series)),
            (None, false) => format!("versions before {}", quoted(version)),
            (None, true) => format!("versions up to and including {}", quoted(version)),
        },
        (Some(lower), Some((version, included))) => {
            if lower == (version, true) && included {
                return format!("version {}", quoted(version));
            }
            if let Some(series) = version.strip_suffix(".*") {
                return match lower == (series, true) {
                    true => format!("all versions of the {} series", quoted(series)),
                    false => format!(
                        "versions {} up to the end of the {} series",
                        from(lower),
                        quoted(series)
                    ),
                };
            }
            let to = match included {
                true => "up to and including",
                false => "up to, not including,",
            };
            format!("versions {} {to} {}", from(lower), quoted(version))
        }
    }
}

fn between(lower: Option<(&str, bool)>, upper: Option<(&str, bool)>) -> String {
    stretch(lower, upper, &quoted)
}

fn quoted(version: &str) -> String {
    format!("`{version}`")
}
