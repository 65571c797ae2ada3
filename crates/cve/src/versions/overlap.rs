//! Where the items of `versions` speak of the same versions.

use std::cmp::Ordering;

use super::Scheme;
use super::entry::{Change, Entry, Status, is_in_series, is_lowest, series};
use super::fault::VersionFault;

/// How many pairs of pieces are compared at most, so that a record made of
/// thousands of ranges cannot hold up the check; 44,130 real records all
/// need fewer.
const MOST_PAIRS: usize = 50_000;

/// How many changes of one range are looked at, for the same reason.
pub(super) const MOST_CHANGES: usize = 200;

/// A piece of an item within which the status does not change.
struct Span<'a> {
    entry: usize,
    change: Option<usize>,
    status: Status,
    scheme: Scheme,
    /// `None` when it has no lower end.
    lower: Option<&'a str>,
    upper: Upper<'a>,
}

#[derive(Clone, Copy)]
enum Upper<'a> {
    /// No end at all.
    None,
    /// After everything in a series such as `2`.
    Series(&'a str),
    Before(&'a str),
    Through(&'a str),
}

/// Finds ranges that overlap with different statuses, and single versions
/// that a range of another status holds. Each pair of items is named once.
pub(super) fn check(entries: &[Entry], faults: &mut Vec<VersionFault>) {
    let ranges: Vec<Vec<Span>> = entries
        .iter()
        .filter(|entry| entry.is_range() && entry.scheme() != Scheme::Git)
        .map(spans)
        .collect();
    let mut pairs_left = MOST_PAIRS;
    let mut may_compare = || {
        pairs_left = pairs_left.saturating_sub(1);
        pairs_left > 0
    };
    for (place, later) in ranges.iter().enumerate() {
        for earlier in &ranges[..place] {
            let mut pairs = later
                .iter()
                .flat_map(|a| earlier.iter().map(move |b| (a, b)))
                .take_while(|_| may_compare());
            let conflict = pairs.find(|(a, b)| a.status != b.status && overlap(a, b));
            faults.extend(conflict.map(|(later, earlier)| overlapping(later, earlier)));
        }
    }
    for entry in entries.iter().filter(|entry| !entry.is_range()) {
        let mut spans = ranges.iter().flatten().take_while(|_| may_compare());
        let conflict = spans.find(|span| span.status != entry.status && holds_single(span, entry));
        faults.extend(conflict.map(|span| contradiction(span, entry)));
    }
}

fn overlapping(later: &Span, earlier: &Span) -> VersionFault {
    VersionFault::Overlap {
        pointer: pointer(later),
        other: pointer(earlier),
        status: later.status,
        other_status: earlier.status,
        guessed: later.scheme.guesses(),
    }
}

fn pointer(span: &Span) -> String {
    match span.change {
        None => format!("/versions/{}", span.entry),
        Some(change) => format!("/versions/{}/changes/{change}", span.entry),
    }
}

fn contradiction(span: &Span, entry: &Entry) -> VersionFault {
    let single = format!("/versions/{}", entry.index);
    let (pointer, other, status, other_status) = match entry.index > span.entry {
        true => (single, pointer(span), entry.status, span.status),
        false => (pointer(span), single, span.status, entry.status),
    };
    VersionFault::Contradiction {
        pointer,
        other,
        version: entry.version.to_owned(),
        status,
        other_status,
        guessed: span.scheme.guesses() || entry.version_type.is_none(),
    }
}

/// The pieces of a range; changes that cannot be placed are left out.
fn spans<'a>(entry: &Entry<'a>) -> Vec<Span<'a>> {
    let scheme = entry.scheme();
    let whole = Span {
        entry: entry.index,
        change: None,
        status: entry.status,
        scheme,
        lower: Some(entry.version).filter(|version| !is_lowest(version)),
        upper: upper(entry),
    };
    let mut pieces = vec![whole];
    for change in in_order(entry) {
        // There is always a last piece: the whole range at first.
        let Some(last) = pieces.last_mut() else {
            break;
        };
        let end = std::mem::replace(&mut last.upper, Upper::Before(change.at));
        pieces.push(Span {
            entry: entry.index,
            change: Some(change.index),
            status: change.status,
            scheme,
            lower: Some(change.at),
            upper: end,
        });
    }
    pieces
}

/// The changes a range holds, lowest first. Sorted by hand, because the
/// orders of some types leave pairs uncompared, which `sort_by` may not meet.
fn in_order<'a, 'b>(entry: &'b Entry<'a>) -> Vec<&'b Change<'a>> {
    let scheme = entry.scheme();
    let mut sorted: Vec<&Change> = Vec::new();
    for change in entry.changes.iter().take(MOST_CHANGES) {
        if holds(entry, change.at) == Some(true) {
            let after =
                |other: &&Change| scheme.compare(other.at, change.at) == Some(Ordering::Greater);
            let place = sorted.iter().position(after).unwrap_or(sorted.len());
            sorted.insert(place, change);
        }
    }
    sorted
}

fn upper<'a>(entry: &Entry<'a>) -> Upper<'a> {
    match (entry.less_than, entry.less_than_or_equal) {
        (Some("*"), _) | (_, Some("*")) | (None, None) => Upper::None,
        (Some(end), _) => series(end).map_or(Upper::Before(end), Upper::Series),
        (None, Some(end)) => series(end).map_or(Upper::Through(end), Upper::Series),
    }
}

/// Whether a range holds `version`; `None` when that cannot be told.
pub(super) fn holds(entry: &Entry, version: &str) -> Option<bool> {
    let scheme = entry.scheme();
    if scheme == Scheme::Git {
        return None;
    }
    let above = match is_lowest(entry.version) {
        true => true,
        false => scheme.compare(entry.version, version)?.is_le(),
    };
    Some(above && is_below(scheme, version, upper(entry))?)
}

fn is_below(scheme: Scheme, version: &str, upper: Upper) -> Option<bool> {
    match upper {
        Upper::None => Some(true),
        Upper::Series(series) if is_in_series(version, series) => Some(true),
        Upper::Series(end) | Upper::Before(end) => {
            scheme.compare(version, end).map(Ordering::is_lt)
        }
        Upper::Through(end) => scheme.compare(version, end).map(Ordering::is_le),
    }
}

/// Whether two pieces of the same scheme surely share a version.
fn overlap(a: &Span, b: &Span) -> bool {
    let begins_before_end = |a: &Span, b: &Span| match a.lower {
        None => true,
        Some(lower) => is_below(a.scheme, lower, b.upper) == Some(true),
    };
    a.scheme == b.scheme
        && is_not_empty(a)
        && is_not_empty(b)
        && begins_before_end(a, b)
        && begins_before_end(b, a)
}

fn is_not_empty(span: &Span) -> bool {
    span.lower
        .is_none_or(|lower| is_below(span.scheme, lower, span.upper) == Some(true))
}

fn holds_single(span: &Span, entry: &Entry) -> bool {
    let same_scheme = entry.version_type.is_none() || entry.scheme() == span.scheme;
    let above = || match span.lower {
        None => span.scheme.reads(entry.version) && entry.version != "0",
        Some(lower) => span
            .scheme
            .compare(lower, entry.version)
            .is_some_and(Ordering::is_le),
    };
    let below = || match span.upper {
        // Without an upper end only the lower one says that it compares.
        Upper::None => span.lower.is_some(),
        upper => is_below(span.scheme, entry.version, upper) == Some(true),
    };
    same_scheme && above() && below()
}
