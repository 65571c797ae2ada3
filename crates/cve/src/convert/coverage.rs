//! Which versions of a product have which status, as pieces that documents
//! can hold.
//!
//! A record's `versions` overlap, and the first entry that matches decides.
//! Documents have no such rule, so where the versions have an order the pieces
//! are cut apart: no version lies in two of them, and each has the status the
//! record's own rule gives it. Without an order the entries stand as they are.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::record::{Product, VersionEntry};
use crate::versions::{Expression, Operator, Scheme, Status};

/// What a record says about the versions of one product.
#[derive(Debug)]
pub(crate) struct Coverage<'a> {
    /// How the versions are ordered; `None` when nothing needs an order, or
    /// entries disagree about it.
    pub(crate) scheme: Option<Scheme>,
    /// The `versionType` as the record writes it.
    pub(crate) version_type: Option<&'a str>,
    /// Whether the pieces were cut apart, so that none overlaps another.
    pub(crate) is_ordered: bool,
    /// The pieces, in the order of the entries they come from, `defaultStatus`
    /// last.
    pub(crate) pieces: Vec<Piece<'a>>,
    /// The affected versions alone, neighbouring stretches joined; rising
    /// where the versions are ordered.
    pub(crate) affected: Vec<Span<'a>>,
    /// Entries that could not be used, and why.
    pub(crate) unused: Vec<(By, &'static str)>,
    /// Entries whose text was read as a range.
    pub(crate) readings: Vec<(usize, String)>,
}

/// Versions that have one status for one reason.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) status: Status,
    pub(crate) by: By,
    /// Whether it begins where an affected range ends, so that its first
    /// version is a fix.
    pub(crate) is_fix: bool,
    pub(crate) versions: Versions<'a>,
}

/// The versions of a piece.
#[derive(Debug)]
pub(crate) enum Versions<'a> {
    /// Stretches of the order, rising; at least one.
    Spans(Vec<Span<'a>>),
    /// Every version but these; with none, every version.
    AllBut(Vec<&'a str>),
    /// The record names none: it says `n/a` or the like.
    Unstated,
}

/// A stretch of versions; an open end is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span<'a> {
    pub(crate) from: Option<Edge<'a>>,
    pub(crate) to: Option<Edge<'a>>,
}

/// An end of a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge<'a> {
    pub(crate) version: Cow<'a, str>,
    /// Whether the version itself belongs to the stretch.
    pub(crate) included: bool,
}

/// The part of an entry of `affected` that a piece comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum By {
    Entry(usize),
    Change(usize, usize),
    Default,
}

impl By {
    /// The pointer from the entry of `affected`.
    pub(crate) fn pointer(self) -> String {
        match self {
            By::Entry(entry) => format!("/versions/{entry}"),
            By::Change(entry, change) => format!("/versions/{entry}/changes/{change}"),
            By::Default => "/defaultStatus".to_owned(),
        }
    }
}

impl<'a> Span<'a> {
    fn one(version: &'a str) -> Span<'a> {
        let edge = Edge::at(version, true);
        Span {
            from: Some(edge.clone()),
            to: Some(edge),
        }
    }

    /// The version, when the stretch is a single one.
    pub(crate) fn single(&self) -> Option<&str> {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) if from.included && from == to => Some(&from.version),
            _ => None,
        }
    }
}

impl<'a> Edge<'a> {
    fn at(version: &'a str, included: bool) -> Edge<'a> {
        Edge {
            version: Cow::Borrowed(version),
            included,
        }
    }
}

/// An entry of `versions` with its texts read.
struct Item<'a> {
    index: usize,
    status: Status,
    span: Span<'a>,
    /// Whether it has ends that need an order.
    is_range: bool,
    scheme: Option<Scheme>,
    /// Where the status changes: version, status, index.
    changes: Vec<(&'a str, Status, usize)>,
}

/// Texts that stand where a version belongs and name none.
fn is_placeholder(text: &str) -> bool {
    matches!(text, "*" | "-" | "n/a" | "N/A" | "unspecified" | "")
}

impl<'a> Coverage<'a> {
    /// Reads the versions of an entry of `affected`.
    ///
    /// Source: CVE Record Format `versions`; formats section 2.1.
    pub(crate) fn of(product: &'a Product) -> Coverage<'a> {
        let mut coverage = Coverage {
            scheme: None,
            version_type: product
                .versions
                .iter()
                .find_map(|entry| entry.version_type.as_deref()),
            is_ordered: false,
            pieces: Vec::new(),
            affected: Vec::new(),
            unused: Vec::new(),
            readings: Vec::new(),
        };
        let mut items = Vec::with_capacity(product.versions.len());
        for (index, entry) in product.versions.iter().enumerate() {
            coverage.read(index, entry, &mut items);
        }
        let default = product.default_status.as_deref().and_then(Status::of);
        coverage.scheme = common_scheme(&items);
        if items.iter().all(|item| !item.is_range) {
            coverage.name_each(&items, default);
        } else if !coverage.cut(&items, default) {
            coverage.keep(&items, default);
        }
        if !coverage.is_ordered {
            let affected = coverage
                .pieces
                .iter()
                .filter(|piece| piece.status == Status::Affected);
            let spans = affected.filter_map(|piece| match &piece.versions {
                Versions::Spans(spans) => Some(spans.as_slice()),
                _ => None,
            });
            coverage.affected = spans.flatten().cloned().collect();
        }
        coverage
    }

    /// Reads one entry into an item, or says why it cannot be used.
    fn read(&mut self, index: usize, entry: &'a VersionEntry, items: &mut Vec<Item<'a>>) {
        let Some(status) = Status::of(&entry.status) else {
            return self
                .unused
                .push((By::Entry(index), "its status is not one of the three"));
        };
        let scheme = entry
            .version_type
            .as_deref()
            .map(|name| Scheme::of(name).unwrap_or(Scheme::Custom));
        let end = entry
            .less_than
            .as_deref()
            .or(entry.less_than_or_equal.as_deref());
        let Some(end) = end else {
            return self.read_single(index, entry, status, scheme, items);
        };
        let lowest = is_placeholder(&entry.version) || entry.version.as_str() == "0";
        let from = (!lowest).then(|| Edge::at(entry.version.as_str(), true));
        let to = match end {
            "*" => None,
            _ if end.ends_with(".*") => match after_series(end, scheme) {
                Some(version) => Some(Edge {
                    version: Cow::Owned(version),
                    included: false,
                }),
                None => {
                    return self
                        .unused
                        .push((By::Entry(index), "the series it ends with has no next one"));
                }
            },
            _ => Some(Edge::at(end, entry.less_than.is_none())),
        };
        if let (Some(from), Some(to)) = (&from, &to)
            && from.version == to.version
            && !to.included
        {
            return self.unused.push((
                By::Entry(index),
                "the range is empty: its ends are the same version",
            ));
        }
        let changes = entry
            .changes
            .iter()
            .enumerate()
            .filter_map(|(place, change)| {
                Some((change.at.as_str(), Status::of(&change.status)?, place))
            });
        items.push(Item {
            index,
            status,
            is_range: from.is_none() || from.as_ref() != to.as_ref(),
            span: Span { from, to },
            scheme: Some(scheme.unwrap_or(Scheme::Custom)),
            changes: changes.collect(),
        });
    }

    fn read_single(
        &mut self,
        index: usize,
        entry: &'a VersionEntry,
        status: Status,
        scheme: Option<Scheme>,
        items: &mut Vec<Item<'a>>,
    ) {
        let text = entry.version.as_str();
        if is_placeholder(text) {
            return self.pieces.push(Piece {
                status,
                by: By::Entry(index),
                is_fix: false,
                versions: Versions::Unstated,
            });
        }
        let span = match Expression::read(text) {
            None => Span::one(text),
            Some(expression) => match span_of(&expression) {
                Some(span) => {
                    self.readings.push((index, super::vers::in_words(&span)));
                    span
                }
                None => {
                    return self
                        .unused
                        .push((By::Entry(index), "its bounds name no stretch of versions"));
                }
            },
        };
        items.push(Item {
            index,
            status,
            is_range: span.single().is_none(),
            span,
            scheme,
            changes: Vec::new(),
        });
    }

    /// Pieces for a list of single versions, which needs no order.
    fn name_each(&mut self, items: &[Item<'a>], default: Option<Status>) {
        let mut named: Vec<&'a str> = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let Some(Edge {
                version: Cow::Borrowed(version),
                ..
            }) = &item.span.from
            else {
                continue;
            };
            // The first entry that names a version decides.
            let said = match items.len() {
                0..=16 => items[..place].iter().any(|other| other.span == item.span),
                _ => named.contains(version),
            };
            if said {
                continue;
            }
            named.push(version);
            self.pieces.push(Piece {
                status: item.status,
                by: By::Entry(item.index),
                is_fix: false,
                versions: Versions::Spans(vec![item.span.clone()]),
            });
        }
        let says_something = match default {
            None => false,
            // Beside entries it is what holds without it, too.
            Some(Status::Unknown) => self.pieces.is_empty(),
            Some(_) => true,
        };
        if let (true, Some(status)) = (says_something, default) {
            named.sort_unstable();
            self.pieces.push(Piece {
                status,
                by: By::Default,
                is_fix: false,
                versions: Versions::AllBut(named),
            });
        }
    }

    /// Pieces as the entries stand, because their order is not known.
    fn keep(&mut self, items: &[Item<'a>], default: Option<Status>) {
        for item in items {
            let mut from = item.span.from.clone();
            let (mut status, mut by, mut is_fix) = (item.status, By::Entry(item.index), false);
            for (at, next, place) in &item.changes {
                if from.as_ref().is_none_or(|from| from.version != *at) {
                    self.push_span(
                        status,
                        by,
                        is_fix,
                        Span {
                            from: from.take(),
                            to: Some(Edge::at(at, false)),
                        },
                    );
                }
                is_fix = status == Status::Affected && *next == Status::Unaffected;
                (status, by) = (*next, By::Change(item.index, *place));
                from = Some(Edge::at(at, true));
            }
            self.push_span(
                status,
                by,
                is_fix,
                Span {
                    from,
                    to: item.span.to.clone(),
                },
            );
        }
        if default.is_some_and(|default| default != Status::Unknown) {
            self.unused.push((
                By::Default,
                "its versions have no order here, so what lies outside the ranges cannot be named",
            ));
        }
    }

    fn push_span(&mut self, status: Status, by: By, is_fix: bool, span: Span<'a>) {
        self.pieces.push(Piece {
            status,
            by,
            is_fix,
            versions: Versions::Spans(vec![span]),
        });
    }

    /// Cuts the entries apart along their order.
    ///
    /// Gives: false, and nothing done, when there is none.
    fn cut(&mut self, items: &[Item<'a>], default: Option<Status>) -> bool {
        let Some(scheme) = self.scheme.filter(|scheme| *scheme != Scheme::Git) else {
            return false;
        };
        let Some(edges) = sorted_edges(items, scheme) else {
            return false;
        };
        let cells = Cells::paint(items, &edges, scheme);
        self.is_ordered = true;
        let wrong = "the range is empty: its ends are in the wrong order";
        self.unused
            .extend(cells.empty.iter().map(|index| (By::Entry(*index), wrong)));
        self.gather(&cells, &edges, default);
        // Texts outside the order are matched by their text alone.
        for item in items.iter().filter(|item| is_outside(item, scheme)) {
            if item.status == Status::Affected {
                self.affected.push(item.span.clone());
            }
            self.push_span(item.status, By::Entry(item.index), false, item.span.clone());
        }
        true
    }

    /// Gathers neighbouring cells of one origin into spans, and spans of one
    /// origin into pieces.
    fn gather(&mut self, cells: &Cells, edges: &[Cow<'a, str>], default: Option<Status>) {
        let default = default.filter(|status| *status != Status::Unknown);
        let said = |cell: usize| match cells.of[cell] {
            Some((status, by)) => Some((status, by)),
            None => default.map(|status| (status, By::Default)),
        };
        self.affected = stretches(cells.of.len(), |cell| {
            said(cell).is_some_and(|(status, _)| status == Status::Affected)
        })
        .map(|(start, end)| span_of_cells(start, end, edges))
        .collect();
        let first_new = self.pieces.len();
        let mut start = 0;
        let mut before: Option<Status> = None;
        while start < cells.of.len() {
            let mut end = start;
            while end + 1 < cells.of.len() && said(end + 1) == said(start) {
                end += 1;
            }
            if let Some((status, by)) = said(start) {
                let span = span_of_cells(start, end, edges);
                let begins = span.from.as_ref().is_some_and(|edge| edge.included);
                // A single version that is safe amid affected ones ends nothing.
                let goes_on = span.single().is_some()
                    && end + 1 < cells.of.len()
                    && said(end + 1).is_some_and(|(status, _)| status == Status::Affected);
                let is_fix = begins
                    && !goes_on
                    && status == Status::Unaffected
                    && before == Some(Status::Affected);
                let known = self.pieces[first_new..].iter_mut().find(|piece| {
                    piece.by == by && piece.status == status && piece.is_fix == is_fix
                });
                match known {
                    Some(Piece {
                        versions: Versions::Spans(spans),
                        ..
                    }) => spans.push(span),
                    _ => self.push_span(status, by, is_fix, Span { ..span }),
                }
            }
            before = said(start).map(|(status, _)| status);
            start = end + 1;
        }
        self.pieces[first_new..].sort_by_key(|piece| piece.by);
    }
}

/// The version after every version of a series such as `2.*`.
///
/// Gives: for semantic versions the lowest of the next series, labels
/// included; `None` when the last part is no number.
fn after_series(end: &str, scheme: Option<Scheme>) -> Option<String> {
    let series = end.strip_suffix(".*")?;
    let (head, last) = match series.rsplit_once('.') {
        Some((head, last)) => (Some(head), last),
        None => (None, series),
    };
    let (sign, digits) = match last.strip_prefix(['v', 'V']) {
        Some(rest) if head.is_none() => (&last[..1], rest),
        _ => ("", last),
    };
    let next = digits.parse::<u64>().ok()?.checked_add(1)?;
    let mut text = match head {
        Some(head) => format!("{head}.{next}"),
        None => format!("{sign}{next}"),
    };
    if scheme == Some(Scheme::Semver) {
        let parts = text.split('.').count();
        for _ in parts..3 {
            text.push_str(".0");
        }
        text.push_str("-0");
    }
    Some(text)
}

/// The stretch that bounds name.
///
/// Gives: `None` when two bounds limit the same side.
fn span_of<'a>(expression: &Expression) -> Option<Span<'a>> {
    let mut span = Span {
        from: None,
        to: None,
    };
    for bound in &expression.bounds {
        let edge = |included| {
            Some(Edge {
                version: Cow::Owned(bound.version.clone()),
                included,
            })
        };
        let (from, to) = match bound.operator {
            Operator::Less => (None, edge(false)),
            Operator::LessOrEqual => (None, edge(true)),
            Operator::Equal => (edge(true), edge(true)),
            Operator::GreaterOrEqual => (edge(true), None),
            Operator::Greater => (edge(false), None),
        };
        for (side, new) in [(&mut span.from, from), (&mut span.to, to)] {
            match (&side, new) {
                (_, None) => {}
                (None, Some(new)) => *side = Some(new),
                (Some(_), Some(_)) => return None,
            }
        }
    }
    let lowest = span
        .from
        .as_ref()
        .is_some_and(|edge| edge.included && edge.version == "0");
    if lowest {
        span.from = None;
    }
    Some(span)
}

/// The order all ranges follow.
///
/// Gives: `None` when there are none, or they follow several. Dotted numbers
/// without a type have the order of semantic versions, so the two go together;
/// ranges written as text have no type and follow the others.
fn common_scheme(items: &[Item]) -> Option<Scheme> {
    let mut common = None;
    let mut untyped = false;
    for item in items.iter().filter(|item| item.is_range) {
        match (common, item.scheme) {
            (_, None) => untyped = true,
            (None, scheme) => common = scheme,
            (Some(known), Some(scheme)) if known == scheme => {}
            (Some(Scheme::Custom), Some(Scheme::Semver)) => common = Some(Scheme::Semver),
            (Some(Scheme::Semver), Some(Scheme::Custom)) => {}
            _ => return None,
        }
    }
    // The writers of such texts number semantically; `versions::status` reads
    // them so, too.
    common.or(untyped.then_some(Scheme::Custom))
}

/// The order of two versions; types without one are tried as semantic.
fn order(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    let known = scheme.compare(a, b);
    known.or_else(|| {
        scheme
            .guesses()
            .then(|| Scheme::Semver.compare(a, b))
            .flatten()
    })
}

/// Says whether a single version has no place in the order.
fn is_outside(item: &Item, scheme: Scheme) -> bool {
    let single = item.span.single();
    single.is_some_and(|version| order(scheme, version, "1").is_none() && version != "1")
}

/// Every version at an end, rising, each once.
///
/// Gives: `None` when two cannot be compared.
fn sorted_edges<'a>(items: &[Item<'a>], scheme: Scheme) -> Option<Vec<Cow<'a, str>>> {
    let mut edges: Vec<Cow<'a, str>> = Vec::new();
    for item in items.iter().filter(|item| !is_outside(item, scheme)) {
        let ends = [&item.span.from, &item.span.to];
        edges.extend(ends.into_iter().flatten().map(|edge| edge.version.clone()));
        edges.extend(item.changes.iter().map(|(at, _, _)| Cow::Borrowed(*at)));
    }
    let mut comparable = true;
    edges.sort_by(|a, b| {
        order(scheme, a, b).unwrap_or_else(|| {
            comparable = false;
            a.cmp(b)
        })
    });
    edges.dedup_by(|b, a| order(scheme, a, b) == Some(Ordering::Equal));
    // A list of one is never compared.
    let alone = edges.len() == 1 && order(scheme, &edges[0], "1").is_none();
    (comparable && !alone).then_some(edges)
}

/// The line of versions, cut at every edge: below the first edge, the first
/// edge, between the first and the second, and so on.
struct Cells {
    of: Vec<Option<(Status, By)>>,
    /// Items whose ends are in the wrong order, so that they cover nothing.
    empty: Vec<usize>,
}

impl Cells {
    /// Lets each item decide the cells it covers and no item before decided.
    fn paint(items: &[Item], edges: &[Cow<str>], scheme: Scheme) -> Cells {
        let count = 2 * edges.len() + 1;
        let mut cells = Cells {
            of: vec![None; count],
            empty: Vec::new(),
        };
        // The next cell nobody decided, for each cell; paths are halved.
        let mut free: Vec<usize> = (0..=count).collect();
        for item in items.iter().filter(|item| !is_outside(item, scheme)) {
            let place = |version: &str| {
                let found = edges.binary_search_by(|edge| {
                    order(scheme, edge, version).unwrap_or(Ordering::Less)
                });
                2 * found.unwrap_or_else(|place| place.min(edges.len().saturating_sub(1))) + 1
            };
            let first = item
                .span
                .from
                .as_ref()
                .map_or(0, |edge| place(&edge.version) + usize::from(!edge.included));
            let last = item.span.to.as_ref().map_or(count - 1, |edge| {
                place(&edge.version) - usize::from(!edge.included)
            });
            if first > last {
                cells.empty.push(item.index);
                continue;
            }
            let mut changes: Vec<_> = item
                .changes
                .iter()
                .map(|(at, status, index)| (place(at), *status, *index))
                .collect();
            // Of two at one place the later item holds.
            changes.sort_by_key(|(place, _, _)| *place);
            let mut cell = next_free(&mut free, first);
            while cell <= last {
                let change = changes.iter().rev().find(|(place, _, _)| *place <= cell);
                cells.of[cell] = Some(match change {
                    Some((_, status, index)) => (*status, By::Change(item.index, *index)),
                    None => (item.status, By::Entry(item.index)),
                });
                free[cell] = cell + 1;
                cell = next_free(&mut free, cell);
            }
        }
        cells
    }
}

fn next_free(free: &mut [usize], mut cell: usize) -> usize {
    while free[cell] != cell {
        free[cell] = free[free[cell]];
        cell = free[cell];
    }
    cell
}

/// The stretches of neighbouring places for which something holds: first and
/// last place of each.
fn stretches(count: usize, holds: impl Fn(usize) -> bool) -> impl Iterator<Item = (usize, usize)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = (next..count).find(|place| holds(*place))?;
        let end = (start..count).find(|place| !holds(*place)).unwrap_or(count);
        next = end;
        Some((start, end - 1))
    })
}

/// The stretch from one cell to another, both included.
fn span_of_cells<'a>(start: usize, end: usize, edges: &[Cow<'a, str>]) -> Span<'a> {
    // Odd cells are edges; an even one lies after the edge before it.
    let edge = |place: usize, included| Edge {
        version: edges[place].clone(),
        included,
    };
    Span {
        from: match start {
            0 => None,
            _ => Some(edge((start - 1) / 2, start % 2 == 1)),
        },
        to: match end {
            _ if end == 2 * edges.len() => None,
            _ => Some(edge(end / 2, end % 2 == 1)),
        },
    }
}
