//! Several IDs, one vulnerability: which one stays.
//!
//! Source: process section 8.3; CNA Rules 4.5.3.8.

use cve::id::CveId;
use serde::{Deserialize, Serialize};

use super::rejection::{Reason, text};

/// Who gave an ID, from the most to the least authoritative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The supplier.
    Vendor,
    /// A coordinator.
    Coordinator,
    /// A researcher.
    Researcher,
}

/// An ID that competes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The ID.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// How authoritative that is.
    pub source: Source,
    /// How often it is referenced.
    #[serde(default)]
    pub hits: Option<u64>,
    /// Since which day it is public, `2026-09-01`.
    #[serde(default)]
    pub public_since: Option<String>,
    /// Since which moment its record is in the CVE List.
    #[serde(default)]
    pub populated: Option<String>,
    /// Whether it was never published.
    #[serde(default)]
    pub reserved_only: bool,
}

/// How sure it is that they are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sameness {
    /// Clearly one vulnerability.
    Same,
    /// Perhaps.
    Perhaps,
    /// They overlap in versions or products.
    Partial,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergePlan {
    /// The outcome: `merge`, `no_merge`, `partial`.
    pub outcome: &'static str,
    /// The ID that stays, or keeps its whole range.
    pub keep: Option<String>,
    /// The criterion that decided, from 1.
    pub criterion: Option<u8>,
    /// The criterion in words.
    pub because: Option<&'static str>,
    /// The IDs that are rejected.
    pub reject: Vec<Rejected>,
    /// The sentence each record gets, by ID.
    pub notes: Vec<(String, String)>,
    /// The steps, in order.
    pub steps: Vec<&'static str>,
}

/// An ID that is rejected in favour of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The ID.
    pub id: String,
    /// Who has to do it.
    pub by: String,
    /// The code of the reason.
    pub reason: Reason,
    /// What `replacedBy` holds.
    #[serde(rename = "replacedBy")]
    pub replaced_by: Vec<String>,
    /// The text.
    pub text: Option<String>,
}

/// Search counts that differ by no more than this share of the larger count
/// as equal.
///
/// Source: process section 8.3, a DEFAULT.
const EQUAL_PERCENT: u64 = 25;

const WORDS: [&str; 5] = [
    "most commonly referenced",
    "used by the more authoritative source",
    "longest public",
    "smallest numeric part",
    "populated in the CVE List earliest",
];

/// Plans what becomes of competing IDs.
///
/// Takes: two candidates or more.
/// Gives: for `Perhaps` no merge, and a sentence for each record.
pub fn plan(candidates: &[Candidate], sameness: Sameness) -> MergePlan {
    let mut plan = MergePlan {
        outcome: "no_merge",
        keep: None,
        criterion: None,
        because: None,
        reject: Vec::new(),
        notes: Vec::new(),
        steps: Vec::new(),
    };
    let others = |id: &str| -> Vec<&Candidate> {
        candidates.iter().filter(|other| other.id != id).collect()
    };
    if sameness == Sameness::Perhaps {
        for candidate in candidates {
            for other in others(&candidate.id) {
                let note = format!("NOTE: this may be the same as {}.", other.id);
                plan.notes.push((candidate.id.clone(), note));
            }
        }
        plan.steps = vec!["add_notes", "ask_lowest_common"];
        return plan;
    }
    let Some((keep, criterion)) = best(candidates, sameness) else {
        return plan;
    };
    plan.keep = Some(keep.id.clone());
    plan.criterion = Some(criterion);
    plan.because = Some(WORDS[usize::from(criterion) - 1]);
    if sameness == Sameness::Partial {
        plan.outcome = "partial";
        for candidate in candidates {
            for other in others(&candidate.id) {
                let note = format!("NOTE: this CVE Record is related to {}.", other.id);
                plan.notes.push((candidate.id.clone(), note));
            }
        }
        plan.steps = vec!["reduce_others", "add_notes", "update_advisory"];
        return plan;
    }
    plan.outcome = "merge";
    plan.reject = others(&keep.id)
        .into_iter()
        .map(|other| {
            let reason = if other.reserved_only {
                Reason::ReservationDuplicate
            } else {
                Reason::Duplicate
            };
            Rejected {
                id: other.id.clone(),
                by: other.owner.clone(),
                reason,
                replaced_by: vec![keep.id.clone()],
                text: text(reason, Some(&keep.id), 0),
            }
        })
        .collect();
    plan.steps = vec![
        "update_kept",
        "reject_others",
        "update_advisory",
        "tell_reporters",
    ];
    plan
}

/// The candidate to keep and the first criterion that decides.
fn best(candidates: &[Candidate], sameness: Sameness) -> Option<(&Candidate, u8)> {
    let mut left: Vec<&Candidate> = candidates.iter().collect();
    if left.len() == 1 {
        return Some((left[0], 1));
    }
    let last = if sameness == Sameness::Partial { 5 } else { 4 };
    for criterion in 1..=last {
        left = narrowed(left, criterion);
        if let [one] = left.as_slice() {
            return Some((one, criterion));
        }
    }
    left.first().map(|one| (*one, last))
}

/// Those that are best by a criterion; all of them where it says nothing.
fn narrowed(left: Vec<&Candidate>, criterion: u8) -> Vec<&Candidate> {
    let keep_smallest = |left: Vec<&'_ Candidate>, key: &dyn Fn(&Candidate) -> Option<String>| {
        let best = left.iter().filter_map(|candidate| key(candidate)).min();
        let Some(best) = best else {
            return left.iter().map(|candidate| candidate.id.clone()).collect();
        };
        let kept = left
            .iter()
            .filter(|candidate| key(candidate).as_ref() == Some(&best));
        kept.map(|candidate| candidate.id.clone())
            .collect::<Vec<String>>()
    };
    let ids: Vec<String> = match criterion {
        1 => {
            let most = left.iter().filter_map(|candidate| candidate.hits).max();
            let near = |hits: u64| {
                let most = most.unwrap_or(0);
                (most - hits) * 100 <= most * EQUAL_PERCENT
            };
            let known = left.iter().all(|candidate| candidate.hits.is_some());
            let kept = left.iter().filter(|c| !known || c.hits.is_some_and(near));
            kept.map(|candidate| candidate.id.clone()).collect()
        }
        2 => keep_smallest(left.clone(), &|c| Some(format!("{}", c.source as u8))),
        3 => keep_smallest(left.clone(), &|c| c.public_since.clone()),
        4 => keep_smallest(left.clone(), &|c| number(&c.id)),
        _ => keep_smallest(left.clone(), &|c| c.populated.clone()),
    };
    left.into_iter()
        .filter(|candidate| ids.contains(&candidate.id))
        .collect()
}

/// Year and number, so that the order of texts is their order.
fn number(id: &str) -> Option<String> {
    let id: CveId = id.parse().ok()?;
    Some(format!("{:04} {:020}", id.year().number(), id.number()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: &str, source: Source, hits: u64, since: &str) -> Candidate {
        Candidate {
            id: id.into(),
            owner: format!("owner-of-{id}"),
            source,
            hits: Some(hits),
            public_since: Some(since.into()),
            populated: None,
            reserved_only: false,
        }
    }

    fn kept(candidates: &[Candidate]) -> (String, u8) {
        let plan = plan(candidates, Sameness::Same);
        (plan.keep.unwrap(), plan.criterion.unwrap())
    }

    #[test]
    fn each_criterion_decides_when_those_before_do_not() {
        use Source::{Researcher, Vendor};
        let (a, b) = ("CVE-1900-20030", "CVE-1900-20044");
        for (one, other, expected) in [
            (
                (Researcher, 400, "2026-09-03"),
                (Vendor, 100, "2026-09-01"),
                (a, 1),
            ),
            (
                (Researcher, 120, "2026-09-01"),
                (Vendor, 100, "2026-09-03"),
                (b, 2),
            ),
            (
                (Vendor, 120, "2026-09-04"),
                (Vendor, 100, "2026-09-03"),
                (b, 3),
            ),
            (
                (Vendor, 100, "2026-09-03"),
                (Vendor, 100, "2026-09-03"),
                (a, 4),
            ),
        ] {
            let candidates = [
                candidate(a, one.0, one.1, one.2),
                candidate(b, other.0, other.1, other.2),
            ];
            assert_eq!(kept(&candidates), (expected.0.to_owned(), expected.1));
        }
    }

    #[test]
    fn the_number_is_compared_as_a_number() {
        let candidates = [
            candidate("CVE-1900-100000", Source::Vendor, 1, "2026-01-01"),
            candidate("CVE-1900-20000", Source::Vendor, 1, "2026-01-01"),
        ];
        assert_eq!(kept(&candidates).0, "CVE-1900-20000");
    }

    #[test]
    fn what_is_not_certain_is_not_merged() {
        let candidates = [
            candidate("CVE-1900-20031", Source::Vendor, 1, "2026-01-01"),
            candidate("CVE-1900-20052", Source::Vendor, 1, "2026-01-01"),
        ];
        let plan = plan(&candidates, Sameness::Perhaps);
        assert_eq!((plan.outcome, plan.reject.len()), ("no_merge", 0));
        assert_eq!(
            plan.notes[0].1,
            "NOTE: this may be the same as CVE-1900-20052."
        );
    }
}
