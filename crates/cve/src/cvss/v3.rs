//! CVSS v3.0 and v3.1: metrics, equations and scores.

use std::fmt;

use super::metric::{Choices, Group, Metric, Value, metric, value};
use super::{InvalidVector, Score};

/// A CVSS v3.0 or v3.1 vector.
///
/// Always true: every base metric is given and no metric twice. Metrics may
/// stand in any order and are printed in the order they came in.
///
/// Source: CVSS v3.1 section 6, v3.0 section 6.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VectorV3 {
    minor: Minor,
    choices: Choices,
}

/// Which of the two v3 specifications a vector follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Minor {
    /// v3.0 of 2015.
    Zero,
    /// v3.1 of 2019.
    One,
}

const ATTACK_VECTOR: [Value; 4] = [
    value("N", "NETWORK", "Network"),
    value("A", "ADJACENT_NETWORK", "Adjacent"),
    value("L", "LOCAL", "Local"),
    value("P", "PHYSICAL", "Physical"),
];
const LOW: Value = value("L", "LOW", "Low");
const HIGH: Value = value("H", "HIGH", "High");
const NONE: Value = value("N", "NONE", "None");
const REQUIRED: Value = value("R", "REQUIRED", "Required");
const UNCHANGED: Value = value("U", "UNCHANGED", "Unchanged");
const CHANGED: Value = value("C", "CHANGED", "Changed");
const NOT_DEFINED: Value = value("X", "NOT_DEFINED", "Not Defined");

const IMPACT: &[Value] = &[HIGH, LOW, NONE];
const MODIFIED_IMPACT: &[Value] = &[NOT_DEFINED, HIGH, LOW, NONE];
const REQUIREMENT: &[Value] = &[NOT_DEFINED, HIGH, value("M", "MEDIUM", "Medium"), LOW];

/// The metrics of v3 in the order the specification prefers. A modified
/// metric has the values of its base metric after "not defined".
#[rustfmt::skip]
pub(super) const METRICS: &[Metric] = &[
    metric(Group::Base, "AV", "Attack Vector", "attackVector", &ATTACK_VECTOR),
    metric(Group::Base, "AC", "Attack Complexity", "attackComplexity", &[LOW, HIGH]),
    metric(Group::Base, "PR", "Privileges Required", "privilegesRequired", &[NONE, LOW, HIGH]),
    metric(Group::Base, "UI", "User Interaction", "userInteraction", &[NONE, REQUIRED]),
    metric(Group::Base, "S", "Scope", "scope", &[UNCHANGED, CHANGED]),
    metric(Group::Base, "C", "Confidentiality", "confidentialityImpact", IMPACT),
    metric(Group::Base, "I", "Integrity", "integrityImpact", IMPACT),
    metric(Group::Base, "A", "Availability", "availabilityImpact", IMPACT),
    metric(Group::Temporal, "E", "Exploit Code Maturity", "exploitCodeMaturity", &[
        NOT_DEFINED,
        HIGH,
        value("F", "FUNCTIONAL", "Functional"),
        value("P", "PROOF_OF_CONCEPT", "Proof-of-Concept"),
        value("U", "UNPROVEN", "Unproven"),
    ]),
    metric(Group::Temporal, "RL", "Remediation Level", "remediationLevel", &[
        NOT_DEFINED,
        value("U", "UNAVAILABLE", "Unavailable"),
        value("W", "WORKAROUND", "Workaround"),
        value("T", "TEMPORARY_FIX", "Temporary Fix"),
        value("O", "OFFICIAL_FIX", "Official Fix"),
    ]),
    metric(Group::Temporal, "RC", "Report Confidence", "reportConfidence", &[
        NOT_DEFINED,
        value("C", "CONFIRMED", "Confirmed"),
        value("R", "REASONABLE", "Reasonable"),
        value("U", "UNKNOWN", "Unknown"),
    ]),
    metric(Group::Environmental, "CR", "Confidentiality Requirement", "confidentialityRequirement", REQUIREMENT),
    metric(Group::Environmental, "IR", "Integrity Requirement", "integrityRequirement", REQUIREMENT),
    metric(Group::Environmental, "AR", "Availability Requirement", "availabilityRequirement", REQUIREMENT),
    metric(Group::Environmental, "MAV", "Modified Attack Vector", "modifiedAttackVector", &[
        NOT_DEFINED,
        value("N", "NETWORK", "Network"),
        value("A", "ADJACENT_NETWORK", "Adjacent"),
        value("L", "LOCAL", "Local"),
        value("P", "PHYSICAL", "Physical"),
    ]),
    metric(Group::Environmental, "MAC", "Modified Attack Complexity", "modifiedAttackComplexity", &[NOT_DEFINED, LOW, HIGH]),
    metric(Group::Environmental, "MPR", "Modified Privileges Required", "modifiedPrivilegesRequired", &[NOT_DEFINED, NONE, LOW, HIGH]),
    metric(Group::Environmental, "MUI", "Modified User Interaction", "modifiedUserInteraction", &[NOT_DEFINED, NONE, REQUIRED]),
    metric(Group::Environmental, "MS", "Modified Scope", "modifiedScope", &[NOT_DEFINED, UNCHANGED, CHANGED]),
    metric(Group::Environmental, "MC", "Modified Confidentiality", "modifiedConfidentialityImpact", MODIFIED_IMPACT),
    metric(Group::Environmental, "MI", "Modified Integrity", "modifiedIntegrityImpact", MODIFIED_IMPACT),
    metric(Group::Environmental, "MA", "Modified Availability", "modifiedAvailabilityImpact", MODIFIED_IMPACT),
];

// Where a metric stands in the table.
const AV: usize = 0;
const AC: usize = 1;
const PR: usize = 2;
const UI: usize = 3;
const S: usize = 4;
const C: usize = 5;
const E: usize = 8;
const RL: usize = 9;
const RC: usize = 10;
const CR: usize = 11;
const MODIFIED: usize = 14;

const AV_WEIGHT: [f64; 4] = [0.85, 0.62, 0.55, 0.2];
const AC_WEIGHT: [f64; 2] = [0.77, 0.44];
const PR_WEIGHT: [f64; 3] = [0.85, 0.62, 0.27];
const PR_WEIGHT_CHANGED: [f64; 3] = [0.85, 0.68, 0.5];
const UI_WEIGHT: [f64; 2] = [0.85, 0.62];
const IMPACT_WEIGHT: [f64; 3] = [0.56, 0.22, 0.0];
const E_WEIGHT: [f64; 5] = [1.0, 1.0, 0.97, 0.94, 0.91];
const RL_WEIGHT: [f64; 5] = [1.0, 1.0, 0.97, 0.96, 0.95];
const RC_WEIGHT: [f64; 4] = [1.0, 1.0, 0.96, 0.92];
const REQUIREMENT_WEIGHT: [f64; 4] = [1.0, 1.5, 1.0, 0.5];

/// What the equations need of the eight base metrics, modified or not.
struct Parts {
    impact: f64,
    exploitability: f64,
    changed: bool,
}

impl VectorV3 {
    pub(super) fn read(text: &str, start: usize, minor: Minor) -> Result<VectorV3, InvalidVector> {
        let choices = Choices::read(text, start, METRICS, false)?;
        Ok(VectorV3 { minor, choices })
    }

    pub(super) fn choices(&self) -> &Choices {
        &self.choices
    }

    /// Which specification it follows.
    pub fn minor(&self) -> Minor {
        self.minor
    }

    /// The score of the base metrics.
    ///
    /// Source: CVSS v3.1 section 7.1; v3.0 section 8.1.
    pub fn base_score(&self) -> Score {
        Score::clamped(self.base_tenths(&self.parts()))
    }

    /// The score of the base and temporal metrics; equals the base score when
    /// no temporal metric is defined.
    ///
    /// Source: CVSS v3.1 section 7.2; v3.0 section 8.2.
    pub fn temporal_score(&self) -> Score {
        Score::clamped(self.with_time(i64::from(self.base_score().tenths())))
    }

    /// The score of all metrics; equals the temporal score when no
    /// environmental metric is defined, but for v3.1 vectors of changed
    /// scope, whose environmental equation differs from the base equation.
    ///
    /// Source: CVSS v3.1 section 7.3; v3.0 section 8.3.
    pub fn environmental_score(&self) -> Score {
        let base = self.base_tenths(&self.modified_parts());
        Score::clamped(self.with_time(base))
    }

    /// The impact subscore of the base metrics, rounded to one decimal.
    pub fn impact_subscore(&self) -> Score {
        Score::clamped((self.parts().impact * 10.0).round() as i64)
    }

    /// The exploitability subscore of the base metrics, rounded to one decimal.
    pub fn exploitability_subscore(&self) -> Score {
        Score::clamped((self.parts().exploitability * 10.0).round() as i64)
    }

    fn parts(&self) -> Parts {
        let value = |index| self.choices.get(index);
        let changed = value(S) == 1;
        let left: f64 = (0..3)
            .map(|place| 1.0 - IMPACT_WEIGHT[value(C + place)])
            .product();
        let sum = 1.0 - left;
        let impact = if changed {
            7.52 * (sum - 0.029) - 3.25 * (sum - 0.02).powi(15)
        } else {
            6.42 * sum
        };
        Parts {
            impact,
            exploitability: exploitability(value, changed),
            changed,
        }
    }

    fn modified_parts(&self) -> Parts {
        let value = |index| match self.choices.get(MODIFIED + index) {
            0 => self.choices.get(index),
            modified => modified - 1,
        };
        let changed = value(S) == 1;
        let left: f64 = (0..3)
            .map(|place| {
                let requirement = REQUIREMENT_WEIGHT[self.choices.get(CR + place)];
                1.0 - requirement * IMPACT_WEIGHT[value(C + place)]
            })
            .product();
        let sum = (1.0 - left).min(0.915);
        let impact = match (changed, self.minor) {
            (false, _) => 6.42 * sum,
            (true, Minor::Zero) => 7.52 * (sum - 0.029) - 3.25 * (sum - 0.02).powi(15),
            (true, Minor::One) => 7.52 * (sum - 0.029) - 3.25 * (sum * 0.9731 - 0.02).powi(13),
        };
        Parts {
            impact,
            exploitability: exploitability(value, changed),
            changed,
        }
    }

    fn base_tenths(&self, parts: &Parts) -> i64 {
        if parts.impact <= 0.0 {
            return 0;
        }
        let sum = parts.impact + parts.exploitability;
        let scaled = if parts.changed { 1.08 * sum } else { sum };
        self.round_up(scaled.min(10.0))
    }

    fn with_time(&self, tenths: i64) -> i64 {
        let value = |index| self.choices.get(index);
        let score = tenths as f64 / 10.0;
        self.round_up(score * E_WEIGHT[value(E)] * RL_WEIGHT[value(RL)] * RC_WEIGHT[value(RC)])
    }

    /// The smallest number of tenths that is not below `score`.
    ///
    /// v3.1 defines the rounding on hundred-thousandths, so that binary
    /// fractions do no harm. v3.0 says only "round up"; what is closer to a
    /// tenth than 10⁻⁹ is that tenth, which gives the result of exact
    /// arithmetic: no vector comes closer to a tenth without being it, as a
    /// test below proves.
    ///
    /// Source: CVSS v3.1 appendix A; v3.0 section 8.
    fn round_up(&self, score: f64) -> i64 {
        match self.minor {
            Minor::Zero => (score * 10.0 - 1e-8).ceil() as i64,
            Minor::One => {
                let fine = (score * 100_000.0).round() as i64;
                (fine + 9_999) / 10_000
            }
        }
    }
}

fn exploitability(value: impl Fn(usize) -> usize, changed: bool) -> f64 {
    let privileges = if changed {
        PR_WEIGHT_CHANGED
    } else {
        PR_WEIGHT
    };
    8.22 * AV_WEIGHT[value(AV)]
        * AC_WEIGHT[value(AC)]
        * privileges[value(PR)]
        * UI_WEIGHT[value(UI)]
}

impl fmt::Display for VectorV3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.minor {
            Minor::Zero => "CVSS:3.0/",
            Minor::One => "CVSS:3.1/",
        })?;
        self.choices.write(METRICS, f)
    }
}

impl fmt::Debug for VectorV3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N";

    /// Every combination of values of the metrics from `first` on, set in
    /// `vector`, as far as `sizes` counts them.
    fn each(vector: VectorV3, first: usize, sizes: &[u8], mut visit: impl FnMut(&VectorV3)) {
        let count: usize = sizes.iter().map(|&size| usize::from(size)).product();
        for number in 0..count {
            let mut left = number;
            let mut other = vector;
            for (place, &size) in sizes.iter().enumerate() {
                other
                    .choices
                    .set(first + place, (left % usize::from(size)) as u8);
                left /= usize::from(size);
            }
            visit(&other);
        }
    }

    fn assert_clear_of_tenths(score: f64, vector: &VectorV3) {
        let tenths = score * 10.0;
        let distance = (tenths - tenths.round()).abs();
        assert!(
            !(1e-9..9e-7).contains(&distance),
            "{vector} comes to {score}, too close to a tenth"
        );
    }

    #[test]
    fn no_score_lies_within_a_millionth_of_a_tenth_without_being_it() {
        let vector = VectorV3::read(BASE, 9, Minor::Zero).unwrap();
        each(vector, AV, &[4, 2, 3, 2, 2, 3, 3, 3], |base| {
            each(*base, CR, &[4, 4, 4], |required| {
                for parts in [required.parts(), required.modified_parts()] {
                    let sum = parts.impact + parts.exploitability;
                    assert_clear_of_tenths(sum, required);
                    assert_clear_of_tenths(1.08 * sum, required);
                }
            });
        });
        each(vector, E, &[5, 5, 4], |timed| {
            for tenths in 0..=100 {
                let value = |index| timed.choices.get(index);
                let weight = E_WEIGHT[value(E)] * RL_WEIGHT[value(RL)] * RC_WEIGHT[value(RC)];
                assert_clear_of_tenths(f64::from(tenths) / 10.0 * weight, timed);
            }
        });
    }

    #[test]
    fn v3_0_does_not_round_up_what_is_a_tenth_already() {
        // 7.5 × 0.96 is 7.2 and not a hair more.
        let text = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/RL:T";
        let vector = VectorV3::read(text, 9, Minor::Zero).unwrap();
        assert_eq!(vector.base_score().to_string(), "7.5");
        assert_eq!(vector.temporal_score().to_string(), "7.2");
    }

    #[test]
    fn v3_1_rescales_the_modified_impact_of_changed_scope() {
        let metrics = "AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H/CR:H/MAC:H";
        let scores = [Minor::Zero, Minor::One].map(|minor| {
            let vector = VectorV3::read(metrics, 0, minor).unwrap();
            vector.modified_parts().impact
        });
        assert!(scores[0] < scores[1]);
    }
}
