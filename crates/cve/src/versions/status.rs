//! What an entry of `affected` says about one version.

use std::cmp::Ordering;

use serde_json::Value;

use super::entry::{Change, Entry, Status, is_in_series, is_lowest, series};
use super::{Expression, Scheme, commits};

/// The status of one version, what decided it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusAnswer {
    /// The status. `Unknown` also when it cannot be told.
    pub status: Status,
    /// What decided it.
    pub by: Decider,
    /// The reason, one sentence without a full stop.
    pub why: String,
    /// Whether the answer follows from the record alone. It does not when an
    /// order had to be guessed, words had to be read, or nothing can be told.
    pub certain: bool,
}

/// The part of an entry of `affected` that decided a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decider {
    /// The item of `versions` with this index.
    Entry(usize),
    /// An item of the `changes` of an item of `versions`.
    Change {
        /// Index in `versions`.
        entry: usize,
        /// Index in `changes`.
        change: usize,
    },
    /// `defaultStatus`, because no item matched.
    DefaultStatus,
    /// No item matched, and there is no `defaultStatus`.
    Nothing,
}

impl Decider {
    /// The JSON pointer from the entry of `affected`; empty for
    /// [`Decider::Nothing`].
    pub fn pointer(self) -> String {
        match self {
            Decider::Entry(entry) => format!("/versions/{entry}"),
            Decider::Change { entry, change } => format!("/versions/{entry}/changes/{change}"),
            Decider::DefaultStatus => "/defaultStatus".into(),
            Decider::Nothing => String::new(),
        }
    }
}

/// What an entry of `affected` says about `version`.
///
/// The first item of `versions` that matches decides; inside a range the
/// last change at or below `version` does; with no match `defaultStatus`
/// does, and without it the status is unknown. Where the record leaves room:
///
/// * a single version matches by its text, or by being equal under its
///   `versionType`;
/// * `*` and `2.*` as upper ends have no end, the latter inside its series;
/// * an item that cannot be compared never decides, but makes the answer
///   unknown when nothing else matches, because `defaultStatus` would be a
///   guess;
/// * a range written as text into `version` (`< 2.0`) is read, and the
///   answer is marked as not certain.
///
/// Takes: `affected` is one item of a container's `affected`; parts of the
/// wrong shape are skipped.
/// Source: CVE Record Format `versions`; formats section 2.1.
pub fn status(affected: &Value, version: &str) -> StatusAnswer {
    let mut undecided = None;
    for entry in Entry::all(affected) {
        match matches(&entry, version) {
            Match::Yes { certain } => return decided(&entry, version, certain),
            Match::No => {}
            Match::CannotTell => undecided = undecided.or(Some(entry)),
        }
    }
    if let Some(entry) = undecided {
        return cannot_tell(&entry, version);
    }
    match affected["defaultStatus"].as_str().and_then(Status::of) {
        Some(status) => StatusAnswer {
            status,
            by: Decider::DefaultStatus,
            why: format!("no entry names `{version}`, and the default is {status}"),
            certain: true,
        },
        None => StatusAnswer {
            status: Status::Unknown,
            by: Decider::Nothing,
            why: format!("no entry names `{version}`, and there is no default"),
            certain: true,
        },
    }
}

/// Whether an entry speaks of a version.
enum Match {
    Yes { certain: bool },
    No,
    CannotTell,
}

impl Match {
    fn of(truth: Option<bool>, certain: bool) -> Match {
        match truth {
            Some(true) => Match::Yes { certain },
            Some(false) => Match::No,
            None => Match::CannotTell,
        }
    }
}

fn matches(entry: &Entry, version: &str) -> Match {
    if !entry.is_range() {
        return matches_single(entry, version);
    }
    let scheme = entry.scheme();
    let truth = match scheme {
        Scheme::Git => commits::holds(entry, version),
        _ => is_in_range(entry, version),
    };
    // Ends that are named, or that leave nothing out, need no order.
    let needs_no_order = entry.changes.is_empty()
        && (version == entry.version
            || entry.less_than_or_equal == Some(version)
            || entry.holds_all());
    Match::of(truth, !scheme.guesses() || needs_no_order)
}

fn matches_single(entry: &Entry, version: &str) -> Match {
    if entry.version == version {
        return Match::Yes { certain: true };
    }
    if let Some(expression) = Expression::read(entry.version) {
        let truth = expression.contains(entry.scheme(), version);
        return Match::of(truth, false);
    }
    let scheme = entry.version_type.and_then(Scheme::of);
    let equal = scheme.is_some_and(|scheme| {
        !scheme.guesses() && scheme.compare(entry.version, version) == Some(Ordering::Equal)
    });
    Match::of(Some(equal), true)
}

/// Whether `version` lies between the ends; `None` when that cannot be told.
fn is_in_range(entry: &Entry, version: &str) -> Option<bool> {
    let scheme = entry.scheme();
    let above = match is_lowest(entry.version) {
        true => Some(true),
        false => scheme.compare(entry.version, version).map(Ordering::is_le),
    };
    let below = |end: Option<&str>, allowed: fn(Ordering) -> bool| {
        end.map_or(Some(false), |end| is_below(scheme, version, end, allowed))
    };
    let below_either = or(
        below(entry.less_than, Ordering::is_lt),
        below(entry.less_than_or_equal, Ordering::is_le),
    );
    // An end that belongs to the range lies in it, comparable or not.
    let is_end = version == entry.version || entry.less_than_or_equal == Some(version);
    and(above, below_either).or(is_end.then_some(true))
}

fn is_below(
    scheme: Scheme,
    version: &str,
    end: &str,
    allowed: fn(Ordering) -> bool,
) -> Option<bool> {
    if end == "*" {
        return Some(true);
    }
    match series(end) {
        Some(series) if is_in_series(version, series) => Some(true),
        Some(series) => scheme.compare(version, series).map(Ordering::is_lt),
        None => scheme.compare(version, end).map(allowed),
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    and(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

/// The answer of an entry that matches.
fn decided(entry: &Entry, version: &str, certain: bool) -> StatusAnswer {
    let change = match last_change(entry, version) {
        Ok(change) => change,
        Err(change) => return cannot_place(entry, change, version),
    };
    let status = change.map_or(entry.status, |change| change.status);
    let by = change.map_or(Decider::Entry(entry.index), |change| Decider::Change {
        entry: entry.index,
        change: change.index,
    });
    let mut why = match (entry.is_range(), change) {
        (true, None) => format!("`{version}` lies in the range {}", entry.range_in_words()),
        (true, Some(change)) => format!(
            "`{version}` lies in the range {}, which changes at `{}`",
            entry.range_in_words(),
            change.at
        ),
        (false, _) if entry.version == version => format!("`{version}` is named"),
        (false, _) if certain => format!("`{version}` equals `{}`", entry.version),
        (false, _) => format!(
            "the text `{}` reads as if it includes `{version}`",
            entry.version
        ),
    };
    if entry.is_range() && !certain {
        why.push_str("; its order is a guess, because its type defines none");
    }
    StatusAnswer {
        status,
        by,
        why,
        certain,
    }
}

/// The last change at or below `version`, or the one that cannot be placed.
fn last_change<'a, 'b>(
    entry: &'b Entry<'a>,
    version: &str,
) -> Result<Option<&'b Change<'a>>, &'b Change<'a>> {
    if !entry.is_range() {
        return Ok(None);
    }
    let scheme = entry.scheme();
    if scheme == Scheme::Git {
        return commits::last_change(entry, version);
    }
    let mut last: Option<&Change> = None;
    for change in &entry.changes {
        match scheme.compare(change.at, version) {
            None => return Err(change),
            Some(Ordering::Greater) => {}
            Some(_) => {
                // Sorted by place; of two at one place the later item holds.
                let later = last.is_none_or(|last| {
                    scheme
                        .compare(last.at, change.at)
                        .is_none_or(Ordering::is_le)
                });
                if later {
                    last = Some(change);
                }
            }
        }
    }
    Ok(last)
}

fn cannot_place(entry: &Entry, change: &Change, version: &str) -> StatusAnswer {
    StatusAnswer {
        status: Status::Unknown,
        by: Decider::Change {
            entry: entry.index,
            change: change.index,
        },
        why: format!(
            "`{version}` lies in the range {}, but whether it comes before the change at `{}` \
             cannot be told",
            entry.range_in_words(),
            change.at
        ),
        certain: false,
    }
}

fn cannot_tell(entry: &Entry, version: &str) -> StatusAnswer {
    let range = entry.range_in_words();
    let reason = match entry.version_type {
        Some(_) if entry.scheme() == Scheme::Git => "without the repository".to_owned(),
        Some(name) => format!("by the order of `{name}`"),
        None => "without a version type".to_owned(),
    };
    StatusAnswer {
        status: Status::Unknown,
        by: Decider::Entry(entry.index),
        why: format!("whether `{version}` lies in the range {range} cannot be told {reason}"),
        certain: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn said(affected: &Value, version: &str) -> String {
        let answer = status(affected, version);
        let doubt = if answer.certain { "" } else { "?" };
        format!("{}{doubt} {}", answer.status, answer.by.pointer())
    }

    /// Asserts what `versions`, with `defaultStatus: unaffected`, says.
    fn assert_says(versions: Value, expected: &[(&str, &str)]) {
        let affected = json!({"versions": versions, "defaultStatus": "unaffected"});
        for (version, answer) in expected {
            assert_eq!(said(&affected, version), *answer, "{version} in {versions}");
        }
    }

    #[test]
    fn the_lower_end_belongs_to_a_range_and_the_upper_by_its_name() {
        assert_says(
            json!([{"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver"}]),
            &[
                ("0.9.9", "unaffected /defaultStatus"),
                ("1.0.0", "affected /versions/0"),
                ("1.99.0", "affected /versions/0"),
                ("2.0.0-rc.1", "affected /versions/0"),
                ("2.0.0", "unaffected /defaultStatus"),
            ],
        );
        assert_says(
            json!([{"version": "1.0", "lessThanOrEqual": "2.0", "status": "affected", "versionType": "python"}]),
            &[
                ("2.0.0", "affected /versions/0"),
                ("2.0.post1", "unaffected /defaultStatus"),
            ],
        );
    }

    #[test]
    fn the_last_change_at_or_below_a_version_holds_in_any_order_of_the_list() {
        assert_says(
            json!([{
                "version": "1.0.0", "lessThan": "*", "status": "affected", "versionType": "semver",
                "changes": [
                    {"at": "3.0.0", "status": "affected"},
                    {"at": "1.2.0", "status": "unaffected"},
                    {"at": "3.1.0", "status": "unaffected"},
                ],
            }]),
            &[
                ("1.1.9", "affected /versions/0"),
                ("1.2.0", "unaffected /versions/0/changes/1"),
                ("2.9.0", "unaffected /versions/0/changes/1"),
                ("3.0.5", "affected /versions/0/changes/0"),
                ("9.0.0", "unaffected /versions/0/changes/2"),
            ],
        );
    }

    #[test]
    fn the_first_entry_that_matches_decides() {
        assert_says(
            json!([
                {"version": "1.5.0", "status": "unknown", "versionType": "semver"},
                {"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver"},
                {"version": "1.7.0", "status": "unaffected"},
            ]),
            &[
                ("1.5.0", "unknown /versions/0"),
                ("1.6.0", "affected /versions/1"),
                ("1.7.0", "affected /versions/1"),
            ],
        );
    }

    #[test]
    fn zero_is_no_lower_end_and_a_star_no_upper_end() {
        assert_says(
            json!([{"version": "0", "lessThanOrEqual": "*", "status": "affected", "versionType": "semver"}]),
            &[
                ("0.0.0-alpha", "affected /versions/0"),
                ("99.0.0", "affected /versions/0"),
            ],
        );
    }

    #[test]
    fn a_series_ends_after_all_its_versions_and_holds_what_comes_before() {
        assert_says(
            json!([{"version": "1.0", "lessThan": "2.*", "status": "affected", "versionType": "maven"}]),
            &[
                ("0.9", "unaffected /defaultStatus"),
                ("1.4", "affected /versions/0"),
                ("2.99", "affected /versions/0"),
                ("20.1", "unaffected /defaultStatus"),
                ("3", "unaffected /defaultStatus"),
            ],
        );
    }

    #[test]
    fn a_kernel_record_is_read_as_its_writers_mean_it() {
        assert_says(
            json!([
                {"version": "4.9", "status": "affected"},
                {"version": "0", "lessThan": "4.9", "status": "unaffected", "versionType": "semver"},
                {"version": "5.10.20", "lessThanOrEqual": "5.10.*", "status": "unaffected", "versionType": "semver"},
                {"version": "5.12", "lessThanOrEqual": "*", "status": "unaffected", "versionType": "original_commit_for_fix"},
            ]),
            &[
                ("4.9", "affected /versions/0"),
                ("4.8", "unaffected /versions/1"),
                ("5.10.20", "unaffected /versions/2"),
                ("5.10.200", "unaffected /versions/2"),
                ("6.1", "unaffected? /versions/3"),
            ],
        );
    }

    #[test]
    fn a_commit_is_placed_only_where_the_record_names_it() {
        let versions = json!([{
            "version": "aaaa000000", "lessThan": "bbbb000000", "status": "affected", "versionType": "git",
            "changes": [{"at": "cccc000000", "status": "unaffected"}],
        }]);
        assert_says(
            versions,
            &[
                ("AAAA000000", "affected /versions/0"),
                ("cccc000000", "unaffected /versions/0/changes/0"),
                ("bbbb000000", "unaffected /defaultStatus"),
                ("dddd000000", "unknown? /versions/0"),
            ],
        );
    }

    #[test]
    fn versions_without_an_order_are_guessed_as_numbers_or_not_told() {
        assert_says(
            json!([{"version": "7.0", "lessThan": "7.0 Update 3", "status": "affected", "versionType": "custom"}]),
            &[
                ("7.0", "affected /versions/0"),
                ("7.0 Update 1", "unknown? /versions/0"),
                ("7.0 Update 3", "unaffected /defaultStatus"),
                ("6.5", "unaffected /defaultStatus"),
            ],
        );
        assert_says(
            json!([{"version": "7.0", "lessThan": "7.4", "status": "affected", "versionType": "custom"}]),
            &[
                ("7.3.9", "affected? /versions/0"),
                ("7.4", "unaffected /defaultStatus"),
            ],
        );
    }

    #[test]
    fn a_range_without_ends_holds_everything_in_any_order() {
        assert_says(
            json!([{"version": "unspecified", "lessThanOrEqual": "*", "status": "affected", "versionType": "custom"}]),
            &[("7.0 Update 3", "affected /versions/0")],
        );
    }

    #[test]
    fn a_match_elsewhere_overrules_an_entry_that_cannot_be_compared() {
        assert_says(
            json!([
                {"version": "x", "lessThan": "y", "status": "affected", "versionType": "semver"},
                {"version": "z", "status": "unaffected"},
            ]),
            &[
                ("z", "unaffected /versions/1"),
                ("w", "unknown? /versions/0"),
            ],
        );
    }

    #[test]
    fn a_change_that_cannot_be_placed_makes_the_answer_unknown() {
        assert_says(
            json!([{
                "version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver",
                "changes": [{"at": "hotfix", "status": "unaffected"}],
            }]),
            &[("1.1.0", "unknown? /versions/0/changes/0")],
        );
    }

    #[test]
    fn a_range_written_as_text_is_read_and_not_certain() {
        assert_says(
            json!([{"version": ">= 1.3.0, < 1.3.19", "status": "affected"}]),
            &[
                ("1.3.18", "affected? /versions/0"),
                ("1.3.19", "unaffected /defaultStatus"),
                ("main", "unknown? /versions/0"),
            ],
        );
    }

    #[test]
    fn with_both_upper_ends_either_suffices_as_in_the_official_algorithm() {
        assert_says(
            json!([{"version": "1.0.0", "lessThan": "1.5.0", "lessThanOrEqual": "2.0.0", "status": "affected", "versionType": "semver"}]),
            &[("2.0.0", "affected /versions/0")],
        );
    }

    #[test]
    fn without_a_default_the_status_is_unknown() {
        assert_eq!(said(&json!({}), "1.0"), "unknown ");
        assert_eq!(said(&json!([1]), "1.0"), "unknown ");
        assert_eq!(
            said(&json!({"versions": {"a": 1}, "defaultStatus": 7}), "1.0"),
            "unknown "
        );
    }

    #[test]
    fn the_reason_names_the_range_and_the_change() {
        let affected = json!({"versions": [{
            "version": "0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver",
            "changes": [{"at": "1.5.0", "status": "unaffected"}],
        }]});
        assert_eq!(
            status(&affected, "1.6.0").why,
            "`1.6.0` lies in the range from the first version up to, not including, `2.0.0`, \
             which changes at `1.5.0`"
        );
    }

    proptest! {
        #[test]
        fn no_version_and_no_entry_stop_the_answer(
            version in "[0-2.*<= a-]{0,6}",
            lower in "[0-2.*<= a-]{0,6}",
            upper in "[0-2.*<= a-]{0,6}",
            version_type in "(semver|git|rpm|maven|x)",
        ) {
            let affected = json!({"versions": [{
                "version": lower, "lessThan": upper, "status": "affected", "versionType": version_type,
                "changes": [{"at": version, "status": "unaffected"}],
            }]});
            let answer = status(&affected, &version);
            prop_assert!(answer.certain || !answer.why.is_empty());
            let _ = crate::versions::analyse(&affected);
        }
    }
}
