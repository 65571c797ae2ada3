//! CWE, the catalogue of weaknesses: what each entry is called, whether a
//! record may name it, and what to name instead.
//!
//! The table holds catalogue 4.20 and the names of the few entries newer
//! than it. Looking an entry up allocates nothing.
//!
//! ```
//! use cve::cwe::{self, Usage};
//!
//! let xss = cwe::entry(79).ok_or("not in the catalogue")?;
//! assert!(xss.is_called("cross-site scripting"));
//! assert_eq!(xss.usage, Some(Usage::Allowed));
//!
//! // "Improper Input Validation" says too little; its children say more.
//! let input_validation = cwe::entry(20).ok_or("not in the catalogue")?;
//! assert_eq!(input_validation.usage, Some(Usage::Discouraged));
//! assert!(cwe::better_children(20).any(|child| child.id == 1284));
//! # Ok::<(), &str>(())
//! ```

mod capec_table;
mod history;
mod table;

/// One entry of the catalogue.
///
/// Source: CWE list, attributes `ID`, `Name`, `Abstraction` and `Status`,
/// and element `Mapping_Notes/Usage`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cwe {
    /// The number after `CWE-`.
    pub id: u32,
    /// The official name.
    pub name: &'static str,
    /// How general it is; `None` for an entry newer than the table.
    pub abstraction: Option<Abstraction>,
    /// How finished it is; `None` for an entry newer than the table.
    pub status: Option<Status>,
    /// Whether a record may name it; `None` for an entry newer than the table.
    pub usage: Option<Usage>,
}

/// What kind of entry it is, from the most general weakness to the most
/// particular, then the entries that are no weakness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Abstraction {
    /// The most general kind of weakness.
    Pillar,
    /// A weakness without regard to language or technology.
    Class,
    /// A weakness with enough detail to find or prevent it.
    Base,
    /// A weakness of one language or technology.
    Variant,
    /// Several weaknesses that matter together.
    Compound,
    /// A collection of weaknesses, not a weakness.
    Category,
    /// A way of looking at the catalogue, not a weakness.
    View,
}

/// How finished an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Reviewed and not expected to change.
    Stable,
    /// All important parts are there.
    Draft,
    /// Important parts are missing.
    Incomplete,
    /// No longer of use.
    Obsolete,
    /// Withdrawn, usually for another entry.
    Deprecated,
}

/// Whether a record may name the entry as its root cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// It may be named.
    Allowed,
    /// It may be named when no child fits better.
    AllowedWithReview,
    /// It should not be named, because it says too little or is often misused.
    Discouraged,
    /// It must not be named: it is withdrawn, a category or a view.
    Prohibited,
}

impl Usage {
    /// The word the catalogue uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Usage::Allowed => "Allowed",
            Usage::AllowedWithReview => "Allowed-with-Review",
            Usage::Discouraged => "Discouraged",
            Usage::Prohibited => "Prohibited",
        }
    }
}

impl Cwe {
    /// Says whether `text` is this entry's name, or a part of it that people
    /// call it by: the name without what stands in parentheses, or that
    /// alone. Letter case, spaces and punctuation do not count.
    pub fn is_called(&self, text: &str) -> bool {
        let same = |name: &str| letters(name).eq(letters(text));
        if letters(text).next().is_none() {
            return false;
        }
        // Asked for each weakness of each record: `split_once` would prepare a
        // search for these two bytes every time.
        let opens = |at: &usize| self.name[..*at].ends_with(' ');
        let Some(open) = memchr::memchr_iter(b'(', self.name.as_bytes()).find(opens) else {
            return same(self.name);
        };
        let (before, rest) = (&self.name[..open - 1], &self.name[open + 1..]);
        let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
        let outside = before.chars().chain(after.chars());
        same(self.name) || same(inside) || letters(text).eq(outside.filter_map(letter))
    }

    /// Says whether it is a weakness, which alone a record can have.
    pub fn is_weakness(&self) -> bool {
        !matches!(
            self.abstraction,
            Some(Abstraction::Category | Abstraction::View)
        )
    }
}

/// The letters and digits of `text`, lower case, which names are compared by.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(letter)
}

fn letter(character: char) -> Option<char> {
    character
        .is_alphanumeric()
        .then(|| character.to_ascii_lowercase())
}

/// The entry with the number `id`.
///
/// Gives: `None` when the catalogue has no such entry.
pub fn entry(id: u32) -> Option<&'static Cwe> {
    let place = table::ENTRIES
        .binary_search_by_key(&id, |cwe| cwe.id)
        .ok()?;
    table::ENTRIES.get(place)
}

/// Every entry, by rising number.
pub fn entries() -> &'static [Cwe] {
    table::ENTRIES
}

/// The number in a CWE ID such as `CWE-79`.
///
/// Gives: `None` when `text` is not one; the entry need not exist.
/// Source: CVE Record Format `cweId`.
pub fn number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("CWE-")?;
    let fits = (1..=5).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// The weakness that `text` names, in the manner of [`Cwe::is_called`].
///
/// Gives: the one with the lowest number when several are called so; never a
/// category, a view or a withdrawn entry.
pub fn called(text: &str) -> Option<&'static Cwe> {
    table::ENTRIES.iter().find(|cwe| {
        cwe.is_weakness() && cwe.status != Some(Status::Deprecated) && cwe.is_called(text)
    })
}

/// What the catalogue of a day called a weakness, and which release that was.
///
/// Takes: `day` as `2026-01-31`; a longer text counts by its first ten bytes.
/// A day before 2020-02-24 is taken as that day, the first of release 4.0.
/// Gives: `None` for what is no weakness, or was not yet in the catalogue.
/// Source: CWE releases 4.0 to 4.20; formats section 3.4.
pub fn named_on(id: u32, day: &str) -> Option<(&'static str, &'static str)> {
    let day = day.get(..10).unwrap_or(day);
    let weakness = entry(id).filter(|cwe| cwe.abstraction.is_some() && cwe.is_weakness())?;
    let since = history::NEW_SINCE.binary_search_by_key(&id, |(id, _)| *id);
    if since.is_ok_and(|place| history::NEW_SINCE[place].1 > day) {
        return None;
    }
    let first = history::EARLIER_NAMES.partition_point(|(known, _, _)| *known < id);
    let earlier = history::EARLIER_NAMES[first..]
        .iter()
        .take_while(|(known, _, _)| *known == id)
        .find(|(_, until, _)| day < *until);
    let release = history::RELEASES
        .iter()
        .rev()
        .find(|(begins, _)| *begins <= day)
        .unwrap_or(&history::RELEASES[0]);
    Some((
        earlier.map_or(weakness.name, |(_, _, name)| *name),
        release.1,
    ))
}

/// The parents of a weakness in the research view, the primary one first.
///
/// Gives: nothing for a pillar, a category, a view or an unknown number.
pub fn parents(id: u32) -> impl Iterator<Item = &'static Cwe> {
    let start = table::PARENTS.partition_point(|(child, _)| *child < id);
    table::PARENTS[start..]
        .iter()
        .take_while(move |(child, _)| *child == id)
        .filter_map(|(_, parent)| entry(*parent))
}

/// The children of a weakness in the research view, by rising number.
pub fn children(id: u32) -> impl Iterator<Item = &'static Cwe> {
    table::PARENTS
        .iter()
        .filter(move |(_, parent)| *parent == id)
        .filter_map(|(child, _)| entry(*child))
}

/// The children to name instead of an entry whose own use is not simply
/// allowed, by rising number: those whose use is.
///
/// Gives: nothing when the entry itself is allowed, unknown, or has no such
/// child.
/// Source: CWE mapping guidance, "consider a child of this weakness".
pub fn better_children(id: u32) -> impl Iterator<Item = &'static Cwe> {
    let usage = entry(id).and_then(|cwe| cwe.usage);
    let may_be_better = usage.is_some_and(|usage| usage != Usage::Allowed);
    children(id).filter(move |child| may_be_better && child.usage == Some(Usage::Allowed))
}

/// The one child to name instead of an entry, where there is only one.
///
/// Gives: `None` when there is no better child or a choice between several,
/// which only somebody who knows the weakness can make.
pub fn better_child(id: u32) -> Option<&'static Cwe> {
    let mut children = better_children(id);
    children.next().filter(|_| children.next().is_none())
}

/// One attack pattern of CAPEC.
///
/// Source: CAPEC list, attributes `ID` and `Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackPattern {
    /// The number after `CAPEC-`.
    pub id: u32,
    /// The official name.
    pub name: &'static str,
}

/// The attack pattern with the number `id`.
///
/// Gives: `None` when the list has no such pattern.
pub fn attack_pattern(id: u32) -> Option<&'static AttackPattern> {
    let patterns = capec_table::PATTERNS;
    let place = patterns
        .binary_search_by_key(&id, |pattern| pattern.id)
        .ok()?;
    patterns.get(place)
}

/// The number in a CAPEC ID such as `CAPEC-63`.
///
/// Gives: `None` when `text` is not one; the pattern need not exist.
/// Source: CVE Record Format `capecId`.
pub fn attack_pattern_number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("CAPEC-")?;
    let fits = (1..=5).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// The weaknesses an attack pattern makes use of, by rising number.
pub fn weaknesses_of(attack_pattern: u32) -> impl Iterator<Item = &'static Cwe> {
    let start = capec_table::WEAKNESSES.partition_point(|(pattern, _)| *pattern < attack_pattern);
    capec_table::WEAKNESSES[start..]
        .iter()
        .take_while(move |(pattern, _)| *pattern == attack_pattern)
        .filter_map(|(_, weakness)| entry(*weakness))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_is_named_as_on_the_day() {
        let old = "Permissive Cross-domain Policy with Untrusted Domains";
        let new = "Permissive Cross-domain Security Policy with Untrusted Domains";
        assert_eq!(named_on(942, "2025-09-08T23:59:59Z"), Some((old, "4.17")));
        assert_eq!(named_on(942, "2025-09-09"), Some((new, "4.18")));
        assert_eq!(
            named_on(79, "1999-01-01").map(|(_, release)| release),
            Some("4.0")
        );
        assert_eq!(named_on(1427, "2024-01-01"), None, "it came with 4.16");
        assert_eq!(named_on(16, "2025-01-01"), None, "it is a category");
    }
    use proptest::prelude::*;

    #[test]
    fn the_tables_are_sorted_so_that_they_can_be_searched() {
        assert!(table::ENTRIES.is_sorted_by(|a, b| a.id < b.id));
        assert!(table::PARENTS.is_sorted_by_key(|(child, _)| child));
        assert!(capec_table::PATTERNS.is_sorted_by(|a, b| a.id < b.id));
        assert!(capec_table::WEAKNESSES.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn every_parent_and_every_weakness_of_a_pattern_is_an_entry() {
        for (child, parent) in table::PARENTS {
            assert!(entry(*child).is_some() && entry(*parent).is_some());
        }
        for (pattern, weakness) in capec_table::WEAKNESSES {
            assert!(attack_pattern(*pattern).is_some() && entry(*weakness).is_some());
        }
    }

    #[test]
    fn the_catalogue_has_as_many_of_each_usage_as_published() {
        let count = |usage| entries().iter().filter(|cwe| cwe.usage == usage).count();
        assert_eq!(count(Some(Usage::Allowed)), 749);
        assert_eq!(count(Some(Usage::AllowedWithReview)), 93);
        assert_eq!(count(Some(Usage::Discouraged)), 44);
        assert_eq!(count(Some(Usage::Prohibited)), 546);
        assert_eq!(count(None), 15);
    }

    #[test]
    fn a_category_and_a_withdrawn_entry_are_prohibited() {
        for id in [16, 1000, 1] {
            assert_eq!(entry(id).unwrap().usage, Some(Usage::Prohibited), "{id}");
        }
        assert!(!entry(16).unwrap().is_weakness());
    }

    #[test]
    fn a_name_is_recognised_in_the_ways_people_write_it() {
        let xss = entry(79).unwrap();
        for text in [
            "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
            "improper neutralization of input during web page generation",
            "Cross-Site Scripting",
            "cross site scripting.",
        ] {
            assert!(xss.is_called(text), "{text}");
        }
        for text in [
            "",
            "()",
            "Cross-site",
            "Improper Neutralization",
            "SQL Injection",
        ] {
            assert!(!xss.is_called(text), "{text}");
        }
        assert_eq!(called("SQL injection").unwrap().id, 89);
        assert_eq!(called("Configuration"), None);
    }

    #[test]
    fn an_id_is_read_by_the_letter_of_the_format() {
        assert_eq!(number("CWE-79"), Some(79));
        for text in [
            "CWE-079",
            "cwe-79",
            "CWE-",
            "CWE-123456",
            "CWE-7 9",
            "79",
            "CWE-0",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(attack_pattern_number("CAPEC-63"), Some(63));
        assert_eq!(
            attack_pattern(63).unwrap().name,
            "Cross-Site Scripting (XSS)"
        );
    }

    #[test]
    fn parents_and_children_are_each_others() {
        for cwe in entries() {
            for parent in parents(cwe.id) {
                assert!(children(parent.id).any(|child| child.id == cwe.id));
            }
        }
        assert_eq!(parents(79).next().unwrap().id, 74);
    }

    #[test]
    fn a_better_child_is_a_child_whose_use_is_allowed() {
        for cwe in entries() {
            for child in better_children(cwe.id) {
                assert_eq!(child.usage, Some(Usage::Allowed));
                assert!(parents(child.id).any(|parent| parent.id == cwe.id));
            }
        }
        assert_eq!(better_children(79).count(), 0);
        assert_eq!(better_children(999_999).count(), 0);
    }

    #[test]
    fn where_there_is_a_choice_no_child_is_the_one() {
        assert!(better_children(20).count() > 1);
        assert_eq!(better_child(20), None);
        assert_eq!(better_child(75).map(|child| child.id), Some(76));
    }

    #[test]
    fn a_pattern_leads_to_its_weaknesses() {
        assert!(weaknesses_of(63).any(|cwe| cwe.id == 79));
        assert_eq!(weaknesses_of(999_999).count(), 0);
    }

    proptest! {
        #[test]
        fn any_number_and_any_text_are_answered(id in any::<u32>(), text in "\\PC{0,30}") {
            let _ = (entry(id), better_child(id), parents(id).count(), called(&text));
            let _ = (number(&text), attack_pattern_number(&text));
        }
    }
}
