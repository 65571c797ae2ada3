//! Ranges of commits, as far as they can be told without the graph.

use super::entry::{Change, Entry};

/// Whether a commit lies in a range of commits, as far as that can be told
/// without the graph: its ends and the places of its changes are known.
pub(super) fn holds(entry: &Entry, version: &str) -> Option<bool> {
    let is = |commit: &str| commit.eq_ignore_ascii_case(version);
    if entry.less_than.is_some_and(is) {
        return Some(false);
    }
    let ends = [Some(entry.version), entry.less_than_or_equal];
    let known = ends.into_iter().flatten().any(is) || entry.changes.iter().any(|c| is(c.at));
    (known || entry.holds_all()).then_some(true)
}

/// Among commits a change is known to have come at its own commit and, the
/// list being in order, at the end of the range; and not yet at its start.
pub(super) fn last_change<'a, 'b>(
    entry: &'b Entry<'a>,
    version: &str,
) -> Result<Option<&'b Change<'a>>, &'b Change<'a>> {
    let is = |commit: &str| commit.eq_ignore_ascii_case(version);
    if let Some(change) = entry.changes.iter().rev().find(|change| is(change.at)) {
        return Ok(Some(change));
    }
    if is(entry.version) {
        return Ok(None);
    }
    if entry.less_than_or_equal.is_some_and(is) {
        return Ok(entry.changes.last());
    }
    entry.changes.first().map_or(Ok(None), Err)
}
