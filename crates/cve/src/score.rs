//! How complete a record is, and what would raise that most.
//!
//! Three measures of the same facts:
//!
//! * **completeness**, ours, from 0 to 100: the sum of the points of the
//!   criteria that are met;
//! * the **scorecard** of cnascorecard.org, from 0 to 100 in five categories,
//!   unofficial, as information;
//! * **enriched**: the CNA itself gave a CVSS score and a CWE ID, which the
//!   Program's enrichment recognition asks of nearly all records.
//!
//! ```
//! use cve::score::score;
//!
//! let record = serde_json::json!({"containers": {"cna": {
//!     "descriptions": [{"lang": "en", "value": "A flaw."}],
//!     "references": [{"url": "https://example.org/a"}],
//! }}});
//! let score = score(&record);
//! assert!(!score.is_enriched());
//! assert_eq!(score.missing().next().map(|criterion| criterion.key), Some("cvss"));
//! ```

mod facts;

use serde::Serialize;
use serde_json::Value;

use facts::Facts;

/// Something a complete record has.
///
/// Source: process section on measures ("enrichment", "scorecard"); the
/// weights are our choice: half for what tells a reader whether and how much
/// it concerns him, the rest for what the record must have anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// Its name in tables and JSON.
    pub key: &'static str,
    /// What is there when it is met, a few words.
    pub title: &'static str,
    /// Points of the completeness.
    pub points: u8,
    /// What to do to meet it.
    pub advice: &'static str,
}

/// All criteria; their points sum to 100.
pub const CRITERIA: [Criterion; 14] = [
    criterion(
        "description",
        "A description in English of 50 characters or more",
        10,
        "say in English what is wrong, where, who can use it and to what end",
    ),
    criterion(
        "title",
        "A title",
        3,
        "add `title`, one line that names the product and the flaw",
    ),
    criterion(
        "product",
        "Every product has a vendor and a name",
        10,
        "name vendor and product in each entry of `affected`; `n/a` tells nobody anything",
    ),
    criterion(
        "versions",
        "Every product lists versions or a default status",
        7,
        "add `versions` with a status to each entry of `affected`",
    ),
    criterion(
        "ranges",
        "A range of versions that ends where the fix is, with a type that has an order",
        10,
        "give `version`, `lessThan` and a `versionType` such as `semver`, so that programs can compare",
    ),
    criterion(
        "cwe",
        "A weakness by CWE ID",
        15,
        "add the CWE ID of the root cause to `problemTypes`",
    ),
    criterion(
        "cvss",
        "A CVSS score of the CNA",
        15,
        "add `metrics` with a CVSS v4.0 or v3.1 vector; `cna cvss VECTOR` explains one",
    ),
    criterion(
        "identifier",
        "A product is named by CPE or package URL",
        10,
        "add `packageURL` or `cpes` to `affected`, or `cpeApplicability`",
    ),
    criterion(
        "references",
        "A public reference",
        5,
        "add the address of the advisory to `references`",
    ),
    criterion(
        "patch",
        "A reference to the patch, tagged `patch`",
        6,
        "add the address of the commit or update with the tag `patch`",
    ),
    criterion(
        "solution",
        "A solution or workaround",
        3,
        "say in `solutions` which version to install, or in `workarounds` what helps until then",
    ),
    criterion(
        "credits",
        "Credits",
        2,
        "name in `credits` who found it, if they agree",
    ),
    criterion(
        "impact",
        "An attack pattern or impact",
        2,
        "add `impacts` with a CAPEC ID",
    ),
    criterion(
        "dates",
        "The day it became public, or a timeline",
        2,
        "add `datePublic` or `timeline`",
    ),
];

const fn criterion(
    key: &'static str,
    title: &'static str,
    points: u8,
    advice: &'static str,
) -> Criterion {
    Criterion {
        key,
        title,
        points,
        advice,
    }
}

/// The categories of the scorecard, all or nothing each.
///
/// Always true: their points sum to 100.
///
/// Source: cnascorecard.org, scoring page of 2025: 50, 15, 15, 10, 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Scorecard {
    /// Description, products and references are there: 50 points.
    pub foundational: u8,
    /// A CWE ID: 15 points.
    pub root_cause: u8,
    /// A CVSS score: 15 points.
    pub severity: u8,
    /// A CPE name or package URL: 10 points.
    pub software_identification: u8,
    /// A reference tagged `patch`: 10 points.
    pub patch: u8,
}

impl Scorecard {
    /// The sum, 0 to 100.
    pub fn total(self) -> u8 {
        self.foundational
            + self.root_cause
            + self.severity
            + self.software_identification
            + self.patch
    }
}

/// How complete one record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    met: [bool; CRITERIA.len()],
}

/// Looks at what the CNA says in a record.
///
/// Takes: a record, a CNA container, or `{"cnaContainer": …}`; what is of the
/// wrong shape counts as missing. What ADPs add does not count, because the
/// measures are about the CNA.
/// Gives: for a rejected record a score like any other; leave it out with
/// [`is_rejected`].
/// Source: process, "enrichment" and "scorecard".
pub fn score(document: &Value) -> Score {
    Score {
        met: Facts::of(container(document)).met(),
    }
}

/// Says whether a document is a rejected record or container, which is not
/// measured.
pub fn is_rejected(document: &Value) -> bool {
    let cna = container(document);
    document["cveMetadata"]["state"] == "REJECTED"
        || (cna.get("rejectedReasons").is_some() && cna.get("descriptions").is_none())
}

fn container(document: &Value) -> &Value {
    document
        .pointer("/containers/cna")
        .or_else(|| document.get("cnaContainer"))
        .unwrap_or(document)
}

impl Score {
    /// Each criterion, and whether it is met.
    pub fn criteria(&self) -> impl Iterator<Item = (&'static Criterion, bool)> + '_ {
        CRITERIA.iter().zip(self.met)
    }

    /// The points of all criteria that are met, 0 to 100.
    pub fn completeness(&self) -> u8 {
        let met = self.criteria().filter(|(_, met)| *met);
        met.map(|(criterion, _)| criterion.points).sum()
    }

    /// The criteria that are not met, those with the most points first.
    pub fn missing(&self) -> impl Iterator<Item = &'static Criterion> + use<> {
        let mut missing: Vec<_> = self
            .criteria()
            .filter(|(_, met)| !met)
            .map(|(criterion, _)| criterion)
            .collect();
        // Of two with as many points the one that makes a record enriched,
        // and there the score, which more records lack.
        missing.sort_by_key(|criterion| {
            (
                std::cmp::Reverse(criterion.points),
                criterion.key != "cvss",
                criterion.key != "cwe",
            )
        });
        missing.into_iter()
    }

    /// Says whether the CNA gave both a CVSS score and a CWE ID.
    ///
    /// Source: process, "enrichment": what the Program's recognition counts.
    pub fn is_enriched(&self) -> bool {
        self.has("cvss") && self.has("cwe")
    }

    /// The points in the categories of the scorecard.
    pub fn scorecard(&self) -> Scorecard {
        let points = |met: bool, points: u8| if met { points } else { 0 };
        let base = self.has("description") && self.has("product") && self.has("references");
        Scorecard {
            foundational: points(base, 50),
            root_cause: points(self.has("cwe"), 15),
            severity: points(self.has("cvss"), 15),
            software_identification: points(self.has("identifier"), 10),
            patch: points(self.has("patch"), 10),
        }
    }

    /// Says whether the criterion with this key is met; false for none.
    pub fn has(&self, key: &str) -> bool {
        self.criteria()
            .any(|(criterion, met)| met && criterion.key == key)
    }
}

/// Scores of many records, of one CNA or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// How many records.
    pub records: u64,
    /// How many of them have a CVSS score and a CWE ID.
    pub enriched: u64,
    completeness: u64,
    scorecard: u64,
    met: [u64; CRITERIA.len()],
}

/// The share of enriched records the Program's recognition asks for.
///
/// Source: process, "enrichment": 98 % of the records of two weeks.
pub const RECOGNISED_PERCENT: u64 = 98;

impl Total {
    /// Adds a record.
    pub fn add(&mut self, score: &Score) {
        self.records += 1;
        self.enriched += u64::from(score.is_enriched());
        self.completeness += u64::from(score.completeness());
        self.scorecard += u64::from(score.scorecard().total());
        for (count, met) in self.met.iter_mut().zip(score.met) {
            *count += u64::from(met);
        }
    }

    /// Adds the records of another total.
    pub fn add_all(&mut self, other: &Total) {
        self.records += other.records;
        self.enriched += other.enriched;
        self.completeness += other.completeness;
        self.scorecard += other.scorecard;
        for (count, more) in self.met.iter_mut().zip(other.met) {
            *count += more;
        }
    }

    /// The mean completeness, 0 to 100; 0 for no record.
    pub fn completeness(&self) -> f64 {
        mean(self.completeness, self.records)
    }

    /// The mean of the scorecards, 0 to 100; 0 for no record.
    pub fn scorecard(&self) -> f64 {
        mean(self.scorecard, self.records)
    }

    /// Each criterion, and how many records meet it.
    pub fn criteria(&self) -> impl Iterator<Item = (&'static Criterion, u64)> + '_ {
        CRITERIA.iter().zip(self.met)
    }

    /// The criterion that would raise the mean most if all records met it,
    /// and by how many points; `None` when nothing is missing.
    pub fn best_raise(&self) -> Option<(&'static Criterion, f64)> {
        let raise = |(criterion, met): (&'static Criterion, u64)| {
            let missing = (self.records - met) * u64::from(criterion.points);
            (criterion, mean(missing, self.records))
        };
        let raises = self.criteria().map(raise).filter(|(_, by)| *by > 0.0);
        // Of equals the first.
        raises.fold(None, |best, next| match best {
            Some((_, by)) if by >= next.1 => best,
            _ => Some(next),
        })
    }

    /// Says whether the Program's recognition would count these records: no
    /// fewer than 98 of 100 are enriched.
    pub fn is_recognised(&self) -> bool {
        self.records > 0 && self.enriched * 100 >= self.records * RECOGNISED_PERCENT
    }
}

fn mean(sum: u64, count: u64) -> f64 {
    if count == 0 {
        0.0
    } else {
        sum as f64 / count as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn full() -> Value {
        json!({"descriptions": [{"lang": "en", "value":
                "The lid of the example box opens when somebody knocks on it three times."}],
            "title": "Lid opens",
            "affected": [{"vendor": "Example", "product": "Box", "packageURL": "pkg:npm/box",
                "versions": [{"version": "1.0.0", "lessThan": "1.0.3", "status": "affected",
                    "versionType": "semver"}]}],
            "problemTypes": [{"descriptions": [{"lang": "en", "description": "x", "cweId": "CWE-1"}]}],
            "metrics": [{"cvssV3_1": {"baseScore": 5.0}}],
            "references": [{"url": "https://example.org/a", "tags": ["patch"]}],
            "solutions": [{"lang": "en", "value": "Install 1.0.3."}],
            "credits": [{"lang": "en", "value": "Ada"}],
            "impacts": [{"capecId": "CAPEC-1"}],
            "datePublic": "2026-01-01T00:00:00Z"})
    }

    fn without(pointer: &str) -> Vec<&'static str> {
        let mut container = full();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = container.pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(key);
        score(&container).missing().map(|c| c.key).collect()
    }

    #[test]
    fn points_sum_to_a_hundred() {
        let sum: u32 = CRITERIA.iter().map(|c| u32::from(c.points)).sum();
        assert_eq!(sum, 100);
        let score = score(&full());
        assert_eq!(score.completeness(), 100);
        assert_eq!(score.scorecard().total(), 100);
        assert!(score.is_enriched());
    }

    #[test]
    fn nothing_is_worth_nothing() {
        for nothing in [json!({}), json!(7), json!({"containers": {"cna": []}})] {
            assert_eq!(score(&nothing).completeness(), 0, "{nothing}");
            assert_eq!(score(&nothing).scorecard().total(), 0);
        }
    }

    #[test]
    fn each_key_meets_its_own_criterion() {
        for (pointer, keys) in [
            ("/descriptions", &["description"][..]),
            ("/title", &["title"]),
            ("/affected/0/vendor", &["product"]),
            ("/affected/0/packageURL", &["identifier"]),
            ("/affected/0/versions/0/lessThan", &["ranges"]),
            ("/affected/0/versions", &["ranges", "versions"]),
            ("/problemTypes", &["cwe"]),
            ("/metrics", &["cvss"]),
            ("/references", &["patch", "references"]),
            ("/solutions", &["solution"]),
            ("/credits", &["credits"]),
            ("/impacts", &["impact"]),
            ("/datePublic", &["dates"]),
        ] {
            assert_eq!(without(pointer), keys, "{pointer}");
        }
    }

    #[test]
    fn what_raises_most_comes_first() {
        let keys: Vec<_> = score(&json!({})).missing().map(|c| c.key).collect();
        assert_eq!(keys[..3], ["cvss", "cwe", "description"]);
    }

    #[test]
    fn a_placeholder_is_no_product() {
        let mut container = full();
        container["affected"][0]["product"] = json!("n/a");
        assert!(!score(&container).has("product"));
    }

    #[test]
    fn a_range_of_a_type_without_an_order_does_not_count() {
        let mut container = full();
        container["affected"][0]["versions"][0]["versionType"] = json!("custom");
        assert!(!score(&container).has("ranges"));
        container["affected"][0]["versions"][0]["versionType"] = json!("rpm");
        assert!(score(&container).has("ranges"));
    }

    #[test]
    fn what_an_adp_adds_is_not_the_cnas() {
        let record = json!({"containers": {"cna": {}, "adp": [full()]}});
        assert_eq!(score(&record).completeness(), 0);
        let record = json!({"containers": {"cna": full()}});
        assert_eq!(score(&record).completeness(), 100);
    }

    #[test]
    fn a_total_says_what_would_raise_it_most() {
        let mut total = Total::default();
        total.add(&score(&full()));
        assert!(total.is_recognised());
        assert_eq!(total.best_raise(), None);
        total.add(&score(&json!({})));
        assert_eq!(total.completeness(), 50.0);
        assert!(!total.is_recognised());
        let (criterion, by) = total.best_raise().unwrap();
        assert_eq!((criterion.key, by), ("cwe", 7.5));
        assert_eq!(Total::default().completeness(), 0.0);
    }

    #[test]
    fn a_rejected_record_is_told() {
        assert!(is_rejected(&json!({"cveMetadata": {"state": "REJECTED"}})));
        assert!(is_rejected(&json!({"rejectedReasons": []})));
        assert!(!is_rejected(&full()));
    }
}
