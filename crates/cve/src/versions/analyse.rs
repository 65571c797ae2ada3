//! Finding what is wrong with the versions of a product.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::Value;

use super::entry::{Entry, is_in_series, is_lowest, series};
use super::fault::VersionFault;
use super::{Expression, Scheme, overlap};

/// Finds what is wrong with the `versions` of an entry of `affected`.
///
/// Takes: `affected` is one item of a container's `affected`; parts of the
/// wrong shape are skipped, because the schema check reports them.
/// Gives: the faults of each item in the order of the list, then those
/// between items; empty when nothing is wrong. Overlaps are looked for among
/// the first 200 changes of a range and 50,000 pairs, more than any real
/// record has.
/// Source: CVE Record Format `versions`; formats sections 2.1 and 2.3.
pub fn analyse(affected: &Value) -> Vec<VersionFault> {
    let entries: Vec<Entry> = Entry::all(affected).collect();
    let mut faults = Vec::new();
    for entry in &entries {
        analyse_one(entry, &mut faults);
    }
    analyse_together(&entries, &mut faults);
    faults
}

/// Finds what is wrong with one item of `versions`.
pub(crate) fn analyse_one(entry: &Entry, faults: &mut Vec<VersionFault>) {
    check_shape(entry, faults);
    check_type(entry, faults);
    check_texts(entry, faults);
    check_ends(entry, faults);
    check_changes(entry, faults);
}

/// Finds what is wrong between the items. Only items of different status, or
/// with changes, can contradict each other.
pub(crate) fn analyse_together(entries: &[Entry], faults: &mut Vec<VersionFault>) {
    check_named_twice(entries, faults);
    overlap::check(entries, faults);
}

fn check_shape(entry: &Entry, faults: &mut Vec<VersionFault>) {
    let pointer = || format!("/versions/{}", entry.index);
    if entry.less_than.is_some() && entry.less_than_or_equal.is_some() {
        faults.push(VersionFault::BothUpperEnds { pointer: pointer() });
    }
    if entry.is_range() && entry.version_type.is_none() {
        faults.push(VersionFault::MissingVersionType { pointer: pointer() });
    }
    if !entry.is_range() && !entry.changes.is_empty() {
        faults.push(VersionFault::ChangesWithoutRange { pointer: pointer() });
    }
}

fn check_type(entry: &Entry, faults: &mut Vec<VersionFault>) {
    let Some(version_type) = entry.version_type else {
        return;
    };
    if !Scheme::is_registered(version_type) {
        faults.push(VersionFault::UnknownVersionType {
            pointer: format!("/versions/{}/versionType", entry.index),
            found: version_type.to_owned(),
            resembled: Scheme::resembled(version_type),
        });
    }
}

/// Checks every version of the item as a text.
fn check_texts(entry: &Entry, faults: &mut Vec<VersionFault>) {
    let at = |key: &str| format!("/versions/{}/{key}", entry.index);
    let lowest = entry.is_range() && entry.version == "0";
    if !lowest {
        check_text(entry, entry.version, &|| at("version"), faults);
    }
    for (key, end) in [
        ("lessThan", entry.less_than),
        ("lessThanOrEqual", entry.less_than_or_equal),
    ] {
        match end {
            None | Some("*") => {}
            Some(end) => check_text(entry, series(end).unwrap_or(end), &|| at(key), faults),
        }
    }
    for change in &entry.changes {
        let pointer = || at(&format!("changes/{}/at", change.index));
        check_text(entry, change.at, &pointer, faults);
    }
}

fn check_text(
    entry: &Entry,
    text: &str,
    pointer: &dyn Fn() -> String,
    faults: &mut Vec<VersionFault>,
) {
    let found = || text.to_owned();
    let fault = if is_plain(text) {
        if entry.scheme().reads(text) {
            return;
        }
        not_of_its_type(entry, text, pointer)
    } else if is_placeholder(text) {
        VersionFault::Placeholder {
            pointer: pointer(),
            found: found(),
        }
    } else if is_range_as_text(text) {
        VersionFault::RangeAsText {
            pointer: pointer(),
            found: found(),
            meaning: Expression::read(text),
            operators: text.contains(SIGNS),
        }
    } else if is_list(text) {
        VersionFault::ListAsText {
            pointer: pointer(),
            found: found(),
        }
    } else if is_wildcard(text) {
        VersionFault::Wildcard {
            pointer: pointer(),
            found: found(),
        }
    } else if !entry.scheme().reads(text) {
        not_of_its_type(entry, text, pointer)
    } else {
        return;
    };
    faults.push(fault);
}

fn not_of_its_type(entry: &Entry, text: &str, pointer: &dyn Fn() -> String) -> VersionFault {
    VersionFault::NotOfItsType {
        pointer: pointer(),
        found: text.to_owned(),
        version_type: entry.version_type.unwrap_or_default().to_owned(),
    }
}

/// Says quickly of most versions that they are no word, range, list or
/// wildcard: they begin with a digit, or are longer than any word that stands
/// for nothing, and have nothing but letters, digits and the usual signs.
fn is_plain(text: &str) -> bool {
    let usual = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'~' | b':')
    };
    let is_number = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    (is_number || text.len() > LONGEST_PLACEHOLDER)
        && text.as_bytes().iter().all(usual)
        && !text.ends_with(['x', 'X'])
}

/// Bytes of the longest text that names no version.
const LONGEST_PLACEHOLDER: usize = 13;

const SIGNS: [char; 5] = ['<', '>', '=', '≤', '≥'];

fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "",
        "*",
        "-",
        "n/a",
        "na",
        "none",
        "null",
        "tbd",
        "unknown",
        "unspecified",
        "undefined",
        "not specified",
        "any",
        "?",
    ];
    let text = text.trim();
    text.len() <= LONGEST_PLACEHOLDER && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Says whether a text has an operator, reads as a range, or has white space
/// and a word that only ranges have.
fn is_range_as_text(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "before", "prior", "earlier", "later", "below", "above", "older", "newer", "lower",
        "higher", "through", "until", "between", "versions", "all", "onwards",
    ];
    if text.contains(SIGNS) {
        return true;
    }
    if !text.contains(char::is_whitespace) {
        return text.eq_ignore_ascii_case("all");
    }
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
        || Expression::read(text).is_some()
}

/// Says whether a text is several versions: parts between commas or
/// semicolons that each have a digit.
fn is_list(text: &str) -> bool {
    let separators = [',', ';', '\n'];
    let has_digit = |part: &str| part.contains(|c: char| c.is_ascii_digit());
    text.contains(separators)
        && text
            .split(separators)
            .filter(|part| has_digit(part))
            .count()
            > 1
}

fn is_wildcard(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('*') || (text.contains('.') && matches!(last, "x" | "X"))
}

fn check_ends(entry: &Entry, faults: &mut Vec<VersionFault>) {
    let ends = [
        ("lessThan", entry.less_than),
        ("lessThanOrEqual", entry.less_than_or_equal),
    ];
    for (key, end) in ends {
        let Some(end) = end.filter(|end| *end != "*") else {
            continue;
        };
        let order = order_of_ends(entry, end);
        let is_empty = order == Some(Ordering::Equal) && key == "lessThan";
        if !is_empty && order != Some(Ordering::Greater) {
            continue;
        }
        let (pointer, lower, upper) = (
            format!("/versions/{}/{key}", entry.index),
            entry.version.to_owned(),
            end.to_owned(),
        );
        let guessed = entry.scheme().guesses() && lower != upper;
        faults.push(match is_empty {
            true => VersionFault::EmptyRange {
                pointer,
                lower,
                upper,
                guessed,
            },
            false => VersionFault::ReversedRange {
                pointer,
                lower,
                upper,
                guessed,
            },
        });
    }
}

/// The order of the lower end and `end`; a series ends after all it holds.
fn order_of_ends(entry: &Entry, end: &str) -> Option<Ordering> {
    if entry.version == end {
        return Some(Ordering::Equal);
    }
    if is_lowest(entry.version) {
        return Some(Ordering::Less);
    }
    match series(end) {
        Some(series) if is_in_series(entry.version, series) => Some(Ordering::Less),
        Some(series) => entry.scheme().compare(entry.version, series),
        None => entry.scheme().compare(entry.version, end),
    }
}

fn check_changes(entry: &Entry, faults: &mut Vec<VersionFault>) {
    let scheme = entry.scheme();
    if !entry.is_range() {
        return;
    }
    for (place, change) in entry.changes.iter().enumerate() {
        let pointer = |index: usize| format!("/versions/{}/changes/{index}", entry.index);
        if overlap::holds(entry, change.at) == Some(false) {
            let ends = [entry.less_than, entry.less_than_or_equal];
            let at_end = ends.into_iter().flatten().any(|end| {
                let order = scheme.compare(change.at, series(end).unwrap_or(end));
                order.is_some_and(Ordering::is_ge)
            });
            faults.push(VersionFault::ChangeOutsideRange {
                pointer: format!("{}/at", pointer(change.index)),
                at: change.at.to_owned(),
                range: entry.range_in_words(),
                at_end,
                guessed: scheme.guesses() && entry.less_than != Some(change.at),
            });
        }
        let nearby = &entry.changes[place.saturating_sub(overlap::MOST_CHANGES)..place];
        let earlier = nearby.iter().find(|earlier| {
            earlier.status != change.status
                && scheme.compare(earlier.at, change.at) == Some(Ordering::Equal)
        });
        if let Some(earlier) = earlier {
            faults.push(VersionFault::Contradiction {
                pointer: pointer(change.index),
                other: pointer(earlier.index),
                version: change.at.to_owned(),
                status: change.status,
                other_status: earlier.status,
                guessed: scheme.guesses() && earlier.at != change.at,
            });
        }
    }
}

/// Finds single versions that are named twice with different statuses.
fn check_named_twice(entries: &[Entry], faults: &mut Vec<VersionFault>) {
    let singles = || entries.iter().filter(|entry| !entry.is_range());
    if singles().nth(1).is_none() {
        return;
    }
    let mut named: HashMap<&str, &Entry> = HashMap::new();
    for entry in singles() {
        let first = *named.entry(entry.version).or_insert(entry);
        if first.status != entry.status {
            faults.push(VersionFault::Contradiction {
                pointer: format!("/versions/{}", entry.index),
                other: format!("/versions/{}", first.index),
                version: entry.version.to_owned(),
                status: entry.status,
                other_status: first.status,
                guessed: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The faults of `versions`, each as its pointer and its message.
    fn faults(versions: Value) -> Vec<String> {
        let affected = json!({"versions": versions});
        let lines = analyse(&affected).into_iter();
        lines
            .map(|fault| format!("{}: {fault}", fault.pointer()))
            .collect()
    }

    #[test]
    fn versions_as_the_format_means_them_have_no_fault() {
        assert_eq!(
            faults(json!([
                {"version": "0", "lessThan": "1.0.0", "status": "unaffected", "versionType": "semver"},
                {"version": "1.0.0", "lessThan": "2.*", "status": "affected", "versionType": "semver",
                 "changes": [{"at": "1.5.0", "status": "unaffected"}, {"at": "2.0.0", "status": "affected"}]},
                {"version": "3.0.0", "lessThanOrEqual": "*", "status": "affected", "versionType": "semver"},
                {"version": "Windows 10 Version 1809", "status": "affected"},
                {"version": "8f0bfc25c907", "lessThan": "1da177e4c3f4", "status": "affected", "versionType": "git"},
                {"version": "8f0bfc25c907", "lessThan": "2da177e4c3f4", "status": "affected", "versionType": "git"},
            ])),
            [] as [&str; 0]
        );
    }

    #[test]
    fn each_fault_is_found_alone_where_it_stands() {
        for (versions, expected) in [
            (
                json!([{"version": "1.0", "lessThan": "1.0.0", "status": "affected", "versionType": "semver"}]),
                "/versions/0/lessThan: the range from `1.0` to `1.0.0` holds no version",
            ),
            (
                json!([{"version": "2.0.0", "lessThanOrEqual": "1.9.0", "status": "affected", "versionType": "semver"}]),
                "/versions/0/lessThanOrEqual: the range begins at `2.0.0` and ends before it, at `1.9.0`",
            ),
            (
                json!([{"version": "3.0", "lessThan": "2.*", "status": "affected", "versionType": "python"}]),
                "/versions/0/lessThan: the range begins at `3.0` and ends before it, at `2.*`",
            ),
            (
                json!([
                    {"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver"},
                    {"version": "1.9.0", "lessThan": "3.0.0", "status": "unaffected", "versionType": "semver"},
                ]),
                "/versions/1: the range is unaffected and overlaps one that is affected, at `/versions/0`",
            ),
            (
                json!([
                    {"version": "1.0.0", "lessThan": "4.0.0", "status": "affected", "versionType": "semver",
                     "changes": [{"at": "2.0.0", "status": "unaffected"}]},
                    {"version": "3.0.0", "lessThan": "4.0.0", "status": "affected", "versionType": "semver"},
                ]),
                "/versions/1: the range is affected and overlaps one that is unaffected, at `/versions/0/changes/0`",
            ),
            (
                json!([
                    {"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver"},
                    {"version": "1.5.0", "status": "unaffected"},
                ]),
                "/versions/1: `1.5.0` is unaffected, and affected at `/versions/0`",
            ),
            (
                json!([
                    {"version": "1.5", "status": "unaffected"},
                    {"version": "1.5", "status": "affected"},
                ]),
                "/versions/1: `1.5` is affected, and unaffected at `/versions/0`",
            ),
            (
                json!([{"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver",
                        "changes": [{"at": "2.0.0", "status": "unaffected"}]}]),
                "/versions/0/changes/0/at: the change at `2.0.0` lies outside its range, from `1.0.0` up to, \
                 not including, `2.0.0`",
            ),
            (
                json!([{"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "semver",
                        "changes": [{"at": "1.1", "status": "unaffected"}, {"at": "1.1.0", "status": "affected"}]}]),
                "/versions/0/changes/1: `1.1.0` is affected, and unaffected at `/versions/0/changes/0`",
            ),
            (
                json!([{"version": "1.0.0", "lessThan": "2.0.0", "lessThanOrEqual": "2.0.0", "status": "affected", "versionType": "semver"}]),
                "/versions/0: `lessThan` and `lessThanOrEqual` stand together; keep one",
            ),
            (
                json!([{"version": "1.0", "status": "affected", "changes": [{"at": "1.1", "status": "unaffected"}]}]),
                "/versions/0: `changes` needs a range; give `lessThan` or `lessThanOrEqual`",
            ),
            (
                json!([{"version": "1.0", "lessThan": "2.0", "status": "affected"}]),
                "/versions/0: the range has no `versionType`, so its versions have no order",
            ),
            (
                json!([{"version": "1.0.0", "lessThan": "2.0.0", "status": "affected", "versionType": "SemVer"}]),
                "/versions/0/versionType: the version type `SemVer` is not known",
            ),
            (
                json!([{"version": "1.0.0", "lessThan": "2.0.0.1", "status": "affected", "versionType": "semver"}]),
                "/versions/0/lessThan: `2.0.0.1` is not a version of type `semver`",
            ),
            (
                json!([{"version": "< 2.3.1", "status": "affected"}]),
                "/versions/0/version: `< 2.3.1` is a range written as text; use `lessThan` or `lessThanOrEqual`",
            ),
            (
                json!([{"version": "2.0 and earlier", "status": "affected"}]),
                "/versions/0/version: `2.0 and earlier` is a range written as text; use `lessThan` or `lessThanOrEqual`",
            ),
            (
                json!([{"version": "1.0, 1.1", "status": "affected"}]),
                "/versions/0/version: `1.0, 1.1` is a list; give each version an item of its own",
            ),
            (
                json!([{"version": "n/a", "status": "affected"}]),
                "/versions/0/version: `n/a` names no version",
            ),
            (
                json!([{"version": "unspecified", "lessThan": "2.0", "status": "affected", "versionType": "custom"}]),
                "/versions/0/version: `unspecified` names no version",
            ),
            (
                json!([{"version": "3.x", "status": "affected"}]),
                "/versions/0/version: the wildcard in `3.x` has no meaning here; only an upper end may end in `.*`",
            ),
        ] {
            assert_eq!(faults(versions.clone()), [expected], "{versions}");
        }
    }

    #[test]
    fn a_range_as_text_comes_with_its_meaning() {
        let affected = json!({"versions": [{"version": ">= 1, < 2", "status": "affected"}]});
        let [
            VersionFault::RangeAsText {
                meaning, operators, ..
            },
        ] = &analyse(&affected)[..]
        else {
            panic!("expected one range written as text");
        };
        assert!(operators);
        assert_eq!(meaning.as_ref().unwrap().bounds.len(), 2);
    }

    #[test]
    fn an_overlap_that_rests_on_a_guess_says_so() {
        let affected = json!({"versions": [
            {"version": "1", "lessThan": "3", "status": "affected", "versionType": "custom"},
            {"version": "2", "lessThan": "4", "status": "unaffected", "versionType": "custom"},
        ]});
        let faults = analyse(&affected);
        assert!(matches!(
            faults[..],
            [VersionFault::Overlap { guessed: true, .. }]
        ));
    }

    #[test]
    fn a_record_of_thousands_of_ranges_does_not_hold_up_the_check() {
        let range = |place: usize| {
            let changes: Vec<Value> = (0..50)
                .map(|at| json!({"at": format!("{place}.{}", at + 1), "status": "unaffected"}))
                .collect();
            json!({"version": format!("{place}"), "lessThan": "*", "versionType": "semver",
                   "status": "affected", "changes": changes})
        };
        let affected = json!({"versions": (0..400).map(range).collect::<Vec<_>>()});
        assert!(!analyse(&affected).is_empty());
    }

    #[test]
    fn ranges_that_touch_do_not_overlap() {
        assert_eq!(
            faults(json!([
                {"version": "1.0", "lessThan": "2.0", "status": "affected", "versionType": "rpm"},
                {"version": "2.0", "lessThanOrEqual": "3.0", "status": "unaffected", "versionType": "rpm"},
                {"version": "3.0.1", "status": "affected"},
            ])),
            [] as [&str; 0]
        );
    }
}
