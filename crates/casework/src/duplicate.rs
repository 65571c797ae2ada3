//! Whether two descriptions are of one vulnerability: a ranking, with reasons.
//!
//! Pure: what is compared is handed in. A score says how much there is to look
//! at and never decides; a person does, and their verdict is kept.
//!
//! | reason | points | when |
//! |---|---|---|
//! | `id` | 60 | one names the other's CVE ID |
//! | `commit` | 60 | both name one commit |
//! | `reference` | 45, 10 for each more, at most 65 | both cite one page |
//! | `product` | 20; 25 with the vendor; 10 where one name is part of the other | both are about one product |
//! | `wording` | up to 40 | titles and texts share words that tell something |
//!
//! Source: process section 2.3, nodes A4 and E4 (search by product, component,
//! reference URL and commit); the weights are our choice.

mod gather;

use std::collections::BTreeSet;

use cve::id::CveId;
use cve::reference;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

pub use gather::{Duplicates, ListStanding};

/// The lowest score that is worth a look.
///
/// Source: our choice; the product alone is not enough, or a CNA with one
/// product would see every case of it.
const LEAST: u8 = 30;

/// What is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// CVE IDs it has or names.
    pub ids: BTreeSet<CveId>,
    /// Title in a line.
    pub title: String,
    /// What is said about it.
    pub text: String,
    /// What is affected.
    pub products: Vec<ProductNames>,
    /// Addresses in their one spelling.
    pub references: BTreeSet<String>,
    /// Commits in lower case.
    pub commits: BTreeSet<String>,
}

/// The names of a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductNames {
    /// Its vendor; may be empty.
    pub vendor: String,
    /// Its name, or its package's.
    pub names: Vec<String>,
}

/// Why two descriptions may be of one vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `id`, `commit`, `reference`, `product` or `wording`.
    pub by: String,
    /// What they share.
    pub shared: String,
    /// Points it adds.
    pub points: u8,
}

/// How alike two descriptions are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Likeness {
    /// 0 to 100.
    pub score: u8,
    /// `likely` from 60, `possible` from 40, `weak` below.
    pub likelihood: &'static str,
    /// Why; the weightiest first.
    pub reasons: Vec<Reason>,
}

/// What a candidate is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CandidateKey {
    /// A case of this desk.
    Case(crate::case::CaseId),
    /// A CVE ID, ours or another's.
    Cve(CveId),
}

impl std::fmt::Display for CandidateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CandidateKey::Case(case) => write!(f, "case {case}"),
            CandidateKey::Cve(id) => write!(f, "{id}"),
        }
    }
}

impl std::str::FromStr for CandidateKey {
    type Err = String;

    /// Reads `CVE-2026-0042`, `case 42` or `42`.
    fn from_str(text: &str) -> Result<CandidateKey, String> {
        let text = text.trim();
        if let Ok(id) = text.to_ascii_uppercase().parse() {
            return Ok(CandidateKey::Cve(id));
        }
        let number = text.strip_prefix("case ").unwrap_or(text);
        number.parse().map(CandidateKey::Case).map_err(|_| {
            let found: String = text.chars().take(64).collect();
            format!("`{found}` is no candidate: expected a CVE ID or the number of a case")
        })
    }
}

impl Serialize for CandidateKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a person says a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// The same vulnerability.
    Same,
    /// Another vulnerability that has to do with it.
    Related,
    /// Something else.
    Different,
}

impl Judgement {
    /// Every judgement.
    pub const ALL: [Judgement; 3] = [Judgement::Same, Judgement::Related, Judgement::Different];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Judgement::Same => "same",
            Judgement::Related => "related",
            Judgement::Different => "different",
        }
    }
}

impl std::str::FromStr for Judgement {
    type Err = String;

    fn from_str(text: &str) -> Result<Judgement, String> {
        Judgement::ALL
            .into_iter()
            .find(|judgement| judgement.as_str() == text)
            .ok_or_else(|| {
                let found: String = text.chars().take(64).collect();
                format!("`{found}`, expected one of same, related, different")
            })
    }
}

/// A verdict of a person on a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The candidate.
    pub candidate: CandidateKey,
    /// What it is.
    pub verdict: Judgement,
    /// Why.
    pub reason: String,
    /// Name of the person.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Something a case may be a duplicate of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// What to call it in a verdict.
    pub candidate: CandidateKey,
    /// Where it was found: `case`, `ledger`, `advisory`, `cve_list`; more than
    /// one where they are of one CVE ID.
    pub found_in: Vec<&'static str>,
    /// Its title, or the beginning of its description.
    pub title: String,
    /// Its state: of a case, of an ID, or of a record.
    pub state: String,
    /// How alike it is, and why.
    #[serde(flatten)]
    pub likeness: Likeness,
    /// What a person said last; nothing before that.
    pub verdict: Option<Verdict>,
}

/// Compares two descriptions.
///
/// Gives: nothing when there is too little to look at.
pub fn compare(one: &Description, other: &Description) -> Option<Likeness> {
    let mut reasons: Vec<Reason> = [
        same_id(one, other),
        same_commit(one, other),
        same_reference(one, other),
        same_product(one, other),
        wording(one, other),
    ]
    .into_iter()
    .flatten()
    .collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.points));
    let sum: u32 = reasons.iter().map(|reason| u32::from(reason.points)).sum();
    let score = u8::try_from(sum.min(100)).unwrap_or(100);
    let likelihood = match score {
        60.. => "likely",
        40.. => "possible",
        _ => "weak",
    };
    (score >= LEAST).then_some(Likeness {
        score,
        likelihood,
        reasons,
    })
}

fn reason(by: &str, shared: String, points: u8) -> Option<Reason> {
    Some(Reason {
        by: by.to_owned(),
        shared,
        points,
    })
}

fn same_id(one: &Description, other: &Description) -> Option<Reason> {
    let id = one.ids.intersection(&other.ids).next()?;
    reason("id", id.to_string(), 60)
}

fn same_commit(one: &Description, other: &Description) -> Option<Reason> {
    let commit = one.commits.iter().find(|commit| {
        let same = |other: &String| reference::is_same_commit(commit, other);
        other.commits.iter().any(same)
    })?;
    reason("commit", commit.clone(), 60)
}

fn same_reference(one: &Description, other: &Description) -> Option<Reason> {
    let shared: Vec<&String> = one
        .references
        .intersection(&other.references)
        .filter(|url| is_telling(url))
        .collect();
    let first = shared.first()?;
    let more = u8::try_from(shared.len() - 1).unwrap_or(u8::MAX).min(2);
    reason("reference", (*first).clone(), 45 + more * 10)
}

/// Says whether an address is of a page about something, and not the front
/// page of a site or of a repository.
fn is_telling(url: &str) -> bool {
    let mut parts = url
        .split(['/', '?'])
        .filter(|part| !part.is_empty())
        .skip(1);
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    match (first, second, third) {
        (None, _, _) => false,
        (_, _, Some(_)) => true,
        // `/owner/repository` is no page about a flaw; `/advisories/EX-1` is.
        (Some(first), second, None) => second
            .unwrap_or(first)
            .bytes()
            .any(|byte| byte.is_ascii_digit()),
    }
}

fn same_product(one: &Description, other: &Description) -> Option<Reason> {
    let mut best: Option<Reason> = None;
    for ours in &one.products {
        for theirs in &other.products {
            let found = alike(ours, theirs);
            let points = found.as_ref().map_or(0, |reason| reason.points);
            if points > best.as_ref().map_or(0, |reason| reason.points) {
                best = found;
            }
        }
    }
    best
}

fn alike(ours: &ProductNames, theirs: &ProductNames) -> Option<Reason> {
    let same_vendor = !ours.vendor.is_empty() && key(&ours.vendor) == key(&theirs.vendor);
    let mut partial = None;
    for our_name in &ours.names {
        for their_name in &theirs.names {
            let (our_key, their_key) = (key(our_name), key(their_name));
            if our_key.is_empty() || their_key.is_empty() {
                continue;
            }
            if our_key == their_key {
                let points = if same_vendor { 25 } else { 20 };
                return reason("product", their_name.clone(), points);
            }
            let is_part =
                |long: &[String], short: &[String]| short.iter().all(|word| long.contains(word));
            if is_part(&our_key, &their_key) || is_part(&their_key, &our_key) {
                partial = reason("product", their_name.clone(), 10);
            }
        }
    }
    partial
}

/// A name as the words it is compared by.
fn key(name: &str) -> Vec<String> {
    words(name).collect()
}

/// Points the wording of two texts makes: the titles count for half.
fn wording(one: &Description, other: &Description) -> Option<Reason> {
    let (our_title, their_title) = (telling(&one.title), telling(&other.title));
    let our_words: BTreeSet<String> = our_title.union(&telling(&one.text)).cloned().collect();
    let their_words: BTreeSet<String> = their_title.union(&telling(&other.text)).cloned().collect();
    let shared: Vec<&String> = our_words.intersection(&their_words).collect();
    // Two words are shared by chance.
    if shared.len() < 3 {
        return None;
    }
    // A short text that lies within a long one is as near as can be, so the
    // shorter is what is measured.
    let smaller = our_words.len().min(their_words.len());
    let titles = our_title.intersection(&their_title).count();
    let longer_title = our_title.len().max(their_title.len());
    let points = share(titles, longer_title, 20) + share(shared.len(), smaller, 20);
    let mut named: Vec<&str> = shared.iter().map(|word| word.as_str()).collect();
    named.sort_by_key(|word| std::cmp::Reverse(word.len()));
    named.truncate(6);
    (points > 0).then_some(())?;
    reason("wording", named.join(" "), points)
}

/// `part` of `whole`, as points up to `most`.
fn share(part: usize, whole: usize, most: usize) -> u8 {
    if whole == 0 {
        return 0;
    }
    u8::try_from(part * most / whole).unwrap_or(u8::MAX)
}

/// Words that stand in so many descriptions of flaws that they tell nothing.
const UNTELLING: [&str; 60] = [
    "a",
    "all",
    "allow",
    "allows",
    "an",
    "and",
    "are",
    "as",
    "at",
    "attacker",
    "attackers",
    "be",
    "before",
    "by",
    "can",
    "could",
    "due",
    "exists",
    "for",
    "from",
    "has",
    "have",
    "how",
    "if",
    "in",
    "into",
    "is",
    "issue",
    "it",
    "its",
    "may",
    "not",
    "of",
    "on",
    "or",
    "prior",
    "remote",
    "security",
    "that",
    "the",
    "their",
    "then",
    "there",
    "this",
    "through",
    "to",
    "up",
    "user",
    "users",
    "using",
    "version",
    "versions",
    "via",
    "vulnerability",
    "vulnerable",
    "was",
    "when",
    "which",
    "who",
    "with",
];

/// The words of a text that tell something.
fn telling(text: &str) -> BTreeSet<String> {
    words(text)
        .filter(|word| {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            word.len() > 1 && !is_number && !UNTELLING.contains(&word.as_str())
        })
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

impl Description {
    /// Adds what a text names: CVE IDs, addresses and commits.
    pub fn read_names(&mut self, text: &str) {
        self.commits.extend(reference::commits(text));
        for word in text.split(|letter: char| {
            letter.is_whitespace()
                || matches!(letter, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '`')
        }) {
            let word = word.trim_matches(|letter: char| ".,;:!?'*".contains(letter));
            if let Some(url) = reference::normal(word) {
                self.references.insert(url);
            } else if let Ok(id) = word.to_ascii_uppercase().parse() {
                self.ids.insert(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn report() -> Description {
        let mut description = Description {
            title: "Node agent follows symbolic links when it rotates logs".into(),
            text: "A pod can put a symbolic link in place of the rotated file.".into(),
            products: vec![product("Example", "node-agent")],
            ..Description::default()
        };
        description.read_names("see https://git.example.org/x/node-agent/pull/4711.");
        description
    }

    fn product(vendor: &str, name: &str) -> ProductNames {
        ProductNames {
            vendor: vendor.into(),
            names: vec![name.into()],
        }
    }

    fn reasons(one: &Description, other: &Description) -> Vec<(String, u8)> {
        let likeness = compare(one, other);
        let reasons = likeness
            .map(|likeness| likeness.reasons)
            .unwrap_or_default();
        reasons
            .into_iter()
            .map(|reason| (reason.by, reason.points))
            .collect()
    }

    #[test]
    fn the_same_report_again_is_likely() {
        let likeness = compare(&report(), &report()).unwrap();
        assert_eq!((likeness.score, likeness.likelihood), (100, "likely"));
    }

    #[test]
    fn the_product_alone_is_not_enough() {
        let mut other = report();
        other.title = "Password in a log".into();
        other.text = String::new();
        other.references.clear();
        assert_eq!(compare(&report(), &other), None);
    }

    #[test]
    fn one_commit_is_enough_also_in_its_short_form() {
        let mut one = Description::default();
        one.read_names("fixed in commit 0123456789ab");
        let mut other = Description::default();
        other.read_names("0123456789abcdef0123456789abcdef01234567");
        assert_eq!(reasons(&one, &other), [("commit".into(), 60)]);
    }

    #[test]
    fn a_page_that_both_cite_counts_and_a_front_page_does_not() {
        for (url, expected) in [
            ("https://example.org/advisories/EX-1", 45),
            ("https://example.org/x/node-agent/pull/4711", 45),
            ("https://example.org/", 0),
            ("https://example.org/x/node-agent", 0),
        ] {
            let mut one = Description::default();
            one.read_names(url);
            let points = reasons(&one, &one.clone())
                .first()
                .map_or(0, |(_, points)| *points);
            assert_eq!(points, expected, "{url}");
        }
    }

    #[test]
    fn an_id_that_is_named_counts() {
        let mut one = report();
        one.read_names("Is this cve-1900-1001?");
        let other = Description {
            ids: ["CVE-1900-1001".parse().unwrap()].into(),
            ..Description::default()
        };
        assert_eq!(reasons(&one, &other), [("id".into(), 60)]);
    }

    #[test]
    fn spellings_of_a_product_are_one_and_parts_of_a_name_count_less() {
        for (name, expected) in [
            ("Node Agent", 25),
            ("node_agent", 25),
            ("Example node agent", 10),
            ("agent of nodes", 0),
        ] {
            let one = ProductNames {
                vendor: "Example".into(),
                names: vec!["node-agent".into()],
            };
            let found = alike(&one, &product("example", name));
            assert_eq!(found.map_or(0, |reason| reason.points), expected, "{name}");
        }
    }

    #[test]
    fn words_that_every_description_has_are_no_reason() {
        let one = Description {
            title: "A vulnerability allows remote attackers".into(),
            ..Description::default()
        };
        assert_eq!(wording(&one, &one.clone()), None);
    }

    proptest! {
        #[test]
        fn likeness_is_the_same_from_both_sides(
            one in "[a-d ]{0,30}", other in "[a-d ]{0,30}", url in "[a-c1/]{0,8}",
        ) {
            let describe = |title: &str| {
                let mut description = Description { title: title.into(), ..Default::default() };
                description.read_names(&format!("https://example.org/{url}"));
                description
            };
            let (one, other) = (describe(&one), describe(&other));
            let score = |likeness: Option<Likeness>| likeness.map(|likeness| likeness.score);
            prop_assert_eq!(score(compare(&one, &other)), score(compare(&other, &one)));
        }
    }
}
