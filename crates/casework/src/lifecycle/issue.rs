//! The public issue of a vulnerability, and who reads it.
//!
//! Source: process section 6, K-01 to K-05, and section 12.5.

use serde::{Deserialize, Serialize};

/// A public issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Issue {
    /// Its title.
    pub title: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// `open`, `reopened` or `closed`.
    pub state: String,
    /// Why it was closed: `completed`, `not_planned`, `duplicate`.
    pub reason: Option<String>,
}

/// What the readers of an issue make of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueReading {
    /// Whether the handbook's query lists it: a label and `CVE` in the title.
    pub handbook_query: bool,
    /// Whether the feed has it.
    pub feed: bool,
    /// The IDs the feed takes from the title.
    pub ids: Vec<String>,
    /// Its status in the feed; nothing where the feed has none.
    pub status: Option<&'static str>,
    /// What is missing, with the code of the check.
    pub lint: Vec<IssueFault>,
}

/// Something missing at an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueFault {
    /// Code of the check.
    pub code: &'static str,
    /// What is missing.
    pub why: String,
}

/// Labels an issue gets at disclosure.
pub const LABELS: [&str; 4] = [
    "area/security",
    "kind/bug",
    "committee/security-response",
    "official-cve-feed",
];

/// Title of an issue before disclosure.
pub const PLACEHOLDER: &str = "PLACEHOLDER ISSUE";

/// The title of an issue at disclosure.
pub fn title(ids: &[&str], summary: &str) -> String {
    format!("{}: {summary}", ids.join(", "))
}

/// The order of work on the track without private disclosure.
///
/// Source: process K-10.
pub const LOW_TRACK: &[&str] = &[
    "reserve_and_assign",
    "public_fix_without_cve",
    "data_map_to_release_team",
    "release",
    "public_issue_and_announcements",
    "record",
];

/// Reads an issue as its readers do.
pub fn read(issue: &Issue) -> IssueReading {
    let has = |label: &str| issue.labels.iter().any(|known| known == label);
    let ids = leading_ids(&issue.title);
    let in_feed = has("official-cve-feed") && !ids.is_empty();
    let mut lint = Vec::new();
    if issue.title != PLACEHOLDER {
        for label in LABELS.iter().filter(|label| !has(label)) {
            lint.push(IssueFault {
                code: "K-02",
                why: format!("label {label} missing"),
            });
        }
        if ids.is_empty() {
            lint.push(IssueFault {
                code: "K-03",
                why: "the title does not start with the ID".to_owned(),
            });
        }
    }
    IssueReading {
        handbook_query: has("area/security") && issue.title.contains("CVE"),
        feed: in_feed,
        status: if in_feed { status(issue) } else { None },
        ids,
        lint,
    }
}

fn status(issue: &Issue) -> Option<&'static str> {
    match (issue.state.as_str(), issue.reason.as_deref()) {
        ("open" | "", _) => Some("open"),
        ("reopened", _) => Some("unknown"),
        ("closed", Some("completed")) => Some("fixed"),
        ("closed", Some("not_planned")) => Some("unfixed"),
        // Closed for no reason, or as a duplicate: the feed says nothing.
        _ => None,
    }
}

/// The IDs in the block at the beginning of a title.
fn leading_ids(title: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = title;
    while let Some(after) = rest.strip_prefix("CVE-") {
        let year = after.bytes().take_while(u8::is_ascii_digit).count();
        let number = after
            .get(year + 1..)
            .map(|tail| tail.bytes().take_while(u8::is_ascii_digit).count());
        let (true, true, Some(number)) = (year == 4, after[year..].starts_with('-'), number) else {
            break;
        };
        if number < 4 {
            break;
        }
        let end = 4 + year + 1 + number;
        ids.push(rest[..end].to_owned());
        rest = rest[end..].trim_start_matches([' ', '\t', ',', ':', '-']);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(title: &str, labels: &[&str]) -> Issue {
        Issue {
            title: title.into(),
            labels: labels.iter().map(ToString::to_string).collect(),
            state: "open".into(),
            reason: None,
        }
    }

    #[test]
    fn several_ids_at_the_beginning_are_all_taken_and_later_ones_are_not() {
        let title = "CVE-1900-1000, CVE-1900-1001: two flaws like CVE-1900-1002";
        assert_eq!(leading_ids(title), ["CVE-1900-1000", "CVE-1900-1001"]);
        assert_eq!(leading_ids("kubectl: CVE-1900-1000"), [] as [String; 0]);
        assert_eq!(leading_ids("CVE-19-1"), [] as [String; 0]);
        assert_eq!(leading_ids("CVE-1900"), [] as [String; 0]);
    }

    #[test]
    fn the_reason_of_closing_is_the_status_of_the_feed() {
        let mut issue = issue("CVE-1900-1000: a flaw", &LABELS);
        for (state, reason, expected) in [
            ("open", None, Some("open")),
            ("reopened", None, Some("unknown")),
            ("closed", Some("completed"), Some("fixed")),
            ("closed", Some("not_planned"), Some("unfixed")),
            ("closed", Some("duplicate"), None),
            ("closed", None, None),
        ] {
            issue.state = state.into();
            issue.reason = reason.map(Into::into);
            assert_eq!(read(&issue).status, expected, "{state} {reason:?}");
        }
    }
}
