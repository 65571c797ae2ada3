//! CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0: read strictly, printed
//! back byte for byte, scored and put into words.
//!
//! Reading is stricter than the patterns of the Record Format, which let
//! duplicate and missing metrics of v3 and any order of v2 pass: what the
//! specification of the version forbids is an [`InvalidVector`]. Scores are
//! computed without binary rounding errors.
//!
//! ```
//! use cve::cvss::{Cvss, Severity};
//!
//! let text = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U";
//! let vector: Cvss = text.parse()?;
//! assert_eq!(vector.to_string(), text);
//! assert_eq!(vector.score().to_string(), "8.1");
//! assert_eq!(vector.base_score().to_string(), "9.3");
//! assert_eq!(vector.severity(), Severity::High);
//! assert_eq!(vector.explain().title, "CVSS-BT");
//! # Ok::<(), cve::cvss::InvalidVector>(())
//! ```

use std::fmt;
use std::str::FromStr;

mod explain;
mod invalid;
mod metric;
mod score;
mod v2;
mod v3;
mod v4;

pub use explain::{Explanation, MetricInWords, NamedScore};
pub use invalid::InvalidVector;
pub use metric::{Group, Metric, Value};
pub use score::{Score, Severity};
pub use v2::VectorV2;
pub use v3::{Minor, VectorV3};
pub use v4::{Macrovector, Nomenclature, VectorV4};

use metric::{Choices, shortened};

/// A CVSS vector of any version.
///
/// Always true: its version's specification allows it, and printing it gives
/// the text it was read from.
///
/// Source: CVSS v2.0 guide section 2.4; v3.0 and v3.1 section 6; v4.0 section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cvss {
    /// A vector without a prefix.
    V2(VectorV2),
    /// A vector that begins with `CVSS:3.0/` or `CVSS:3.1/`.
    V3(VectorV3),
    /// A vector that begins with `CVSS:4.0/`.
    V4(VectorV4),
}

/// The versions of CVSS a CVE Record may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// v2.0 of 2007.
    V2_0,
    /// v3.0 of 2015.
    V3_0,
    /// v3.1 of 2019.
    V3_1,
    /// v4.0 of 2023.
    V4_0,
}

impl Version {
    /// The number as `version` in a CVE Record spells it, such as `3.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2_0 => "2.0",
            Version::V3_0 => "3.0",
            Version::V3_1 => "3.1",
            Version::V4_0 => "4.0",
        }
    }

    /// The key of `metrics` in a CVE Record, such as `cvssV3_1`.
    pub fn key(self) -> &'static str {
        match self {
            Version::V2_0 => "cvssV2_0",
            Version::V3_0 => "cvssV3_0",
            Version::V3_1 => "cvssV3_1",
            Version::V4_0 => "cvssV4_0",
        }
    }

    /// The metrics of the version, in its specification's order.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Version::V2_0 => v2::METRICS,
            Version::V3_0 | Version::V3_1 => v3::METRICS,
            Version::V4_0 => v4::METRICS,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Cvss {
    /// The version the vector follows.
    pub fn version(&self) -> Version {
        match self {
            Cvss::V2(_) => Version::V2_0,
            Cvss::V3(vector) => match vector.minor() {
                Minor::Zero => Version::V3_0,
                Minor::One => Version::V3_1,
            },
            Cvss::V4(_) => Version::V4_0,
        }
    }

    /// The score of the base metrics alone.
    pub fn base_score(&self) -> Score {
        match self {
            Cvss::V2(vector) => vector.base_score(),
            Cvss::V3(vector) => vector.base_score(),
            Cvss::V4(vector) => vector.base_score(),
        }
    }

    /// The score of all metrics: environmental in v2 and v3 if the vector
    /// defines an environmental metric, else temporal; the one score of v4.
    pub fn score(&self) -> Score {
        match self {
            Cvss::V2(vector) if self.defines(Group::Environmental) => vector.environmental_score(),
            Cvss::V2(vector) => vector.temporal_score(),
            Cvss::V3(vector) if self.defines(Group::Environmental) => vector.environmental_score(),
            Cvss::V3(vector) => vector.temporal_score(),
            Cvss::V4(vector) => vector.score(),
        }
    }

    /// The word for [`Cvss::score`]; for v2 the NVD's.
    pub fn severity(&self) -> Severity {
        self.word_for(self.score())
    }

    /// The word for [`Cvss::base_score`]; for v2 the NVD's.
    pub fn base_severity(&self) -> Severity {
        self.word_for(self.base_score())
    }

    /// Says whether a metric of `group` has a value other than "not defined".
    pub fn defines(&self, group: Group) -> bool {
        let metrics = self.version().metrics().iter().enumerate();
        let mut of_group = metrics.filter(|(_, metric)| metric.group == group);
        match group {
            Group::Base => true,
            _ => of_group.any(|(index, _)| self.choices().get(index) != 0),
        }
    }

    /// The value of the metric with the given abbreviation, such as `AV`.
    ///
    /// Gives: "not defined" for an optional metric the vector leaves out;
    /// `None` when the version has no such metric.
    pub fn value(&self, code: &str) -> Option<&'static Value> {
        let metrics = self.version().metrics();
        let index = metrics.iter().position(|metric| metric.code == code)?;
        Some(&metrics[index].values[self.choices().get(index)])
    }

    /// Puts the vector into words: each metric, and the partial scores.
    pub fn explain(&self) -> Explanation {
        explain::explain(self)
    }

    fn word_for(&self, score: Score) -> Severity {
        match self {
            Cvss::V2(_) => Severity::of_v2(score),
            _ => Severity::of(score),
        }
    }

    fn choices(&self) -> &Choices {
        match self {
            Cvss::V2(vector) => vector.choices(),
            Cvss::V3(vector) => vector.choices(),
            Cvss::V4(vector) => vector.choices(),
        }
    }
}

impl fmt::Display for Cvss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cvss::V2(vector) => vector.fmt(f),
            Cvss::V3(vector) => vector.fmt(f),
            Cvss::V4(vector) => vector.fmt(f),
        }
    }
}

impl FromStr for Cvss {
    type Err = InvalidVector;

    fn from_str(text: &str) -> Result<Cvss, InvalidVector> {
        let Some(rest) = text.strip_prefix("CVSS:") else {
            if text.starts_with('(')
                || text
                    .get(..5)
                    .is_some_and(|p| p.eq_ignore_ascii_case("cvss:"))
            {
                return Err(invalid_prefix(text));
            }
            return VectorV2::read(text).map(Cvss::V2);
        };
        let start = "CVSS:4.0/".len();
        match rest.get(..4) {
            Some("3.0/") => VectorV3::read(text, start, Minor::Zero).map(Cvss::V3),
            Some("3.1/") => VectorV3::read(text, start, Minor::One).map(Cvss::V3),
            Some("4.0/") => VectorV4::read(text, start).map(Cvss::V4),
            _ => Err(invalid_prefix(text)),
        }
    }
}

fn invalid_prefix(text: &str) -> InvalidVector {
    let end = text.find('/').unwrap_or(text.len());
    InvalidVector::Prefix {
        found: shortened(&text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> (String, usize) {
        let error = text.parse::<Cvss>().unwrap_err();
        (error.to_string(), error.position())
    }

    #[test]
    fn a_fault_names_the_metric_the_place_and_what_was_expected() {
        for (text, message, position) in [
            (
                "CVSS:3.1/AV:N/AC:L/PR:U/UI:N/S:U/C:H/I:H/A:H",
                "metric `PR` has no value `U`, at position 22; expected one of N, L, H",
                22,
            ),
            (
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
                "base metric `A` is missing; add it",
                40,
            ),
            (
                "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "metric `AV` is given a second time at position 14; give it once",
                14,
            ),
            (
                "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                "metric `AV` at position 14 stands after `AC`; put it before",
                14,
            ),
            (
                "AV:N/AC:L/Au:N/C:P/I:P/A:P/",
                "`` at position 27 is not a metric; write `metric:value`",
                27,
            ),
            (
                "AV:N/AC:L/AU:N/C:P/I:P/A:P",
                "unknown metric `AU` at position 10; expected one of AV, AC, Au, C, I, A, E, RL, \
                 RC, CDP, TD, CR, IR, AR",
                10,
            ),
            (
                "(AV:N/AC:L/Au:N/C:P/I:P/A:P)",
                "vector begins with `(AV:N`; begin with `CVSS:3.0/`, `CVSS:3.1/`, `CVSS:4.0/`, or \
                 for v2.0 with `AV:`, without parentheses",
                0,
            ),
        ] {
            assert_eq!(fault(text), (message.to_owned(), position), "{text}");
        }
    }

    #[test]
    fn texts_the_specifications_forbid_are_refused() {
        for text in [
            "",
            "CVSS:3.1",
            "CVSS:3.1/",
            "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "cvss:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H ",
            " CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1//AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:N:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MPR:U",
            "AC:L/AV:N/Au:N/C:P/I:P/A:P",
            "AV:N/AC:L/Au:N/C:P/I:P/A:P/RL:OF/E:U",
            "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:S/SA:N",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/MSC:S",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:red",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/CR:H/E:A",
            "ÄÖ",
            "CVSSé",
        ] {
            assert!(text.parse::<Cvss>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_v3_vector_keeps_its_own_order() {
        let text = "CVSS:3.1/S:U/AV:N/AC:L/A:H/PR:H/UI:R/RC:X/I:L/C:N";
        let vector: Cvss = text.parse().unwrap();
        assert_eq!(vector.to_string(), text);
        let usual: Cvss = "CVSS:3.1/AV:N/AC:L/PR:H/UI:R/S:U/C:N/I:L/A:H"
            .parse()
            .unwrap();
        assert_eq!(vector.score(), usual.score());
    }

    #[test]
    fn a_value_is_found_by_its_metric() {
        let vector: Cvss = "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
            .parse()
            .unwrap();
        assert_eq!(vector.value("AV").unwrap().word, "ADJACENT_NETWORK");
        assert_eq!(vector.value("E").unwrap().word, "NOT_DEFINED");
        assert_eq!(vector.value("Au"), None);
    }

    #[test]
    fn every_optional_metric_begins_with_not_defined_and_no_other_does() {
        for version in [Version::V2_0, Version::V3_1, Version::V4_0] {
            for metric in version.metrics() {
                let first = metric.values[0].word == "NOT_DEFINED";
                assert_eq!(first, metric.group != Group::Base, "{}", metric.code);
            }
        }
    }

    /// A valid vector: the base metrics, and any of the others, by chance.
    fn vectors() -> impl Strategy<Value = String> {
        let any_choice = proptest::collection::vec((any::<u8>(), any::<bool>()), 32);
        (0usize..4, any_choice).prop_map(|(version, choices)| {
            let (prefix, version) = [
                ("", Version::V2_0),
                ("CVSS:3.0/", Version::V3_0),
                ("CVSS:3.1/", Version::V3_1),
                ("CVSS:4.0/", Version::V4_0),
            ][version];
            let mut parts = Vec::new();
            for (metric, (value, given)) in version.metrics().iter().zip(choices) {
                if given || metric.group == Group::Base {
                    let value = &metric.values[usize::from(value) % metric.values.len()];
                    parts.push(format!("{}:{}", metric.code, value.code));
                }
            }
            format!("{prefix}{}", parts.join("/"))
        })
    }

    proptest! {
        #[test]
        fn a_valid_vector_prints_as_it_was_read(text in vectors()) {
            let vector: Cvss = text.parse().unwrap();
            prop_assert_eq!(vector.to_string(), text);
        }

        #[test]
        fn any_text_either_prints_as_it_was_read_or_is_refused(text in "(CVSS:[34]\\.[01]/)?([A-Z]{1,3}:[A-Z]/?|\\PC){0,12}") {
            if let Ok(vector) = text.parse::<Cvss>() {
                prop_assert_eq!(vector.to_string(), text);
            }
        }

        #[test]
        fn supplemental_metrics_never_change_the_score(text in vectors()) {
            if let Ok(Cvss::V4(vector)) = text.parse::<Cvss>() {
                let printed = vector.to_string();
                let cut = ["/S:", "/AU:", "/R:", "/V:", "/RE:", "/U:"]
                    .iter()
                    .filter_map(|metric| printed.find(metric))
                    .min()
                    .unwrap_or(printed.len());
                let without: Cvss = printed[..cut].parse().unwrap();
                prop_assert_eq!(without.score(), vector.score());
            }
        }

        #[test]
        fn a_vector_without_optional_metrics_has_one_score(text in vectors()) {
            let vector: Cvss = text.parse().unwrap();
            if !vector.defines(Group::Temporal)
                && !vector.defines(Group::Threat)
                && !vector.defines(Group::Environmental)
            {
                prop_assert_eq!(vector.score(), vector.base_score());
            }
        }
    }
}
