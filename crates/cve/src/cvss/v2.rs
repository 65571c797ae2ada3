//! CVSS v2.0: metrics, equations and scores.

use std::fmt;

use super::metric::{Choices, Group, Metric, Value, metric, value};
use super::{InvalidVector, Score};

/// A CVSS v2.0 vector, such as `AV:N/AC:L/Au:N/C:P/I:P/A:P`.
///
/// Always true: every base metric is given, and the metrics stand in the
/// specification's order. Metrics that are left out count as not defined.
///
/// Source: CVSS v2.0 guide, sections 2.4 and 3.2; leaving out instead of
/// writing `ND` is what CVE Record Format `cvss-v2.0.json` allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VectorV2(Choices);

const CIA: &[Value] = &[
    value("N", "NONE", "None"),
    value("P", "PARTIAL", "Partial"),
    value("C", "COMPLETE", "Complete"),
];

const REQUIREMENT: &[Value] = &[
    value("ND", "NOT_DEFINED", "Not Defined"),
    value("L", "LOW", "Low"),
    value("M", "MEDIUM", "Medium"),
    value("H", "HIGH", "High"),
];

/// The metrics of v2.0 in the order of the specification.
#[rustfmt::skip]
pub(super) const METRICS: &[Metric] = &[
    metric(Group::Base, "AV", "Access Vector", "accessVector", &[
        value("L", "LOCAL", "Local"),
        value("A", "ADJACENT_NETWORK", "Adjacent Network"),
        value("N", "NETWORK", "Network"),
    ]),
    metric(Group::Base, "AC", "Access Complexity", "accessComplexity", &[
        value("H", "HIGH", "High"),
        value("M", "MEDIUM", "Medium"),
        value("L", "LOW", "Low"),
    ]),
    metric(Group::Base, "Au", "Authentication", "authentication", &[
        value("M", "MULTIPLE", "Multiple"),
        value("S", "SINGLE", "Single"),
        value("N", "NONE", "None"),
    ]),
    metric(Group::Base, "C", "Confidentiality Impact", "confidentialityImpact", CIA),
    metric(Group::Base, "I", "Integrity Impact", "integrityImpact", CIA),
    metric(Group::Base, "A", "Availability Impact", "availabilityImpact", CIA),
    metric(Group::Temporal, "E", "Exploitability", "exploitability", &[
        value("ND", "NOT_DEFINED", "Not Defined"),
        value("U", "UNPROVEN", "Unproven"),
        value("POC", "PROOF_OF_CONCEPT", "Proof-of-Concept"),
        value("F", "FUNCTIONAL", "Functional"),
        value("H", "HIGH", "High"),
    ]),
    metric(Group::Temporal, "RL", "Remediation Level", "remediationLevel", &[
        value("ND", "NOT_DEFINED", "Not Defined"),
        value("OF", "OFFICIAL_FIX", "Official Fix"),
        value("TF", "TEMPORARY_FIX", "Temporary Fix"),
        value("W", "WORKAROUND", "Workaround"),
        value("U", "UNAVAILABLE", "Unavailable"),
    ]),
    metric(Group::Temporal, "RC", "Report Confidence", "reportConfidence", &[
        value("ND", "NOT_DEFINED", "Not Defined"),
        value("UC", "UNCONFIRMED", "Unconfirmed"),
        value("UR", "UNCORROBORATED", "Uncorroborated"),
        value("C", "CONFIRMED", "Confirmed"),
    ]),
    metric(Group::Environmental, "CDP", "Collateral Damage Potential", "collateralDamagePotential", &[
        value("ND", "NOT_DEFINED", "Not Defined"),
        value("N", "NONE", "None"),
        value("L", "LOW", "Low"),
        value("LM", "LOW_MEDIUM", "Low-Medium"),
        value("MH", "MEDIUM_HIGH", "Medium-High"),
        value("H", "HIGH", "High"),
    ]),
    metric(Group::Environmental, "TD", "Target Distribution", "targetDistribution", &[
        value("ND", "NOT_DEFINED", "Not Defined"),
        value("N", "NONE", "None"),
        value("L", "LOW", "Low"),
        value("M", "MEDIUM", "Medium"),
        value("H", "HIGH", "High"),
    ]),
    metric(Group::Environmental, "CR", "Confidentiality Requirement", "confidentialityRequirement", REQUIREMENT),
    metric(Group::Environmental, "IR", "Integrity Requirement", "integrityRequirement", REQUIREMENT),
    metric(Group::Environmental, "AR", "Availability Requirement", "availabilityRequirement", REQUIREMENT),
];

// Where a metric stands in the table.
const AV: usize = 0;
const AC: usize = 1;
const AU: usize = 2;
const C: usize = 3;
const E: usize = 6;
const RL: usize = 7;
const RC: usize = 8;
const CDP: usize = 9;
const TD: usize = 10;
const CR: usize = 11;

/// Weights in the order of the values above: thousandths for AV, Au and
/// C/I/A, hundredths for the others, tenths for CDP.
const AV_WEIGHT: [i128; 3] = [395, 646, 1000];
const AC_WEIGHT: [i128; 3] = [35, 61, 71];
const AU_WEIGHT: [i128; 3] = [450, 560, 704];
const CIA_WEIGHT: [i128; 3] = [0, 275, 660];
const E_WEIGHT: [i64; 5] = [100, 85, 90, 95, 100];
const RL_WEIGHT: [i64; 5] = [100, 87, 90, 95, 100];
const RC_WEIGHT: [i64; 4] = [100, 90, 95, 100];
const CDP_WEIGHT: [i64; 6] = [0, 0, 1, 3, 4, 5];
const TD_WEIGHT: [i64; 5] = [100, 0, 25, 75, 100];
const REQUIREMENT_WEIGHT: [i128; 4] = [100, 50, 100, 151];

/// One whole point in the unit impacts are computed in.
const IMPACT_POINT: i128 = 100_000_000_000_000_000;
/// One whole point in the unit exploitability is computed in.
const EXPLOITABILITY_POINT: i128 = 100_000_000;

impl VectorV2 {
    pub(super) fn read(text: &str) -> Result<VectorV2, InvalidVector> {
        Choices::read(text, 0, METRICS, true).map(VectorV2)
    }

    pub(super) fn choices(&self) -> &Choices {
        &self.0
    }

    /// The score of the base metrics.
    ///
    /// Source: CVSS v2.0 guide, section 3.2.1, in exact arithmetic.
    pub fn base_score(&self) -> Score {
        Score::clamped(base_tenths(self.impact(false), self.exploitability()))
    }

    /// The score of the base and temporal metrics; equals the base score when
    /// no temporal metric is defined.
    ///
    /// Source: CVSS v2.0 guide, section 3.2.2.
    pub fn temporal_score(&self) -> Score {
        Score::clamped(self.with_time(i64::from(self.base_score().tenths())))
    }

    /// The score of all metrics.
    ///
    /// The adjusted base score may fall below zero; it is carried on as the
    /// equations say, and only the result is held within 0 to 10.
    ///
    /// Source: CVSS v2.0 guide, section 3.2.3.
    pub fn environmental_score(&self) -> Score {
        let impact = self.impact(true).min(10 * IMPACT_POINT);
        let base = base_tenths(impact, self.exploitability());
        let temporal = self.with_time(base);
        let damage = CDP_WEIGHT[self.0.get(CDP)];
        let hundredths = temporal * 10 + (100 - temporal) * damage;
        Score::clamped((hundredths * TD_WEIGHT[self.0.get(TD)] + 500).div_euclid(1000))
    }

    /// The impact subscore, rounded to one decimal.
    pub fn impact_subscore(&self) -> Score {
        rounded(self.impact(false), IMPACT_POINT)
    }

    /// The exploitability subscore, rounded to one decimal.
    pub fn exploitability_subscore(&self) -> Score {
        rounded(self.exploitability(), EXPLOITABILITY_POINT)
    }

    /// Impact in units of 10⁻¹⁷, with the security requirements if asked.
    fn impact(&self, adjusted: bool) -> i128 {
        let left: i128 = (0..3)
            .map(|place| {
                let requirement = if adjusted { self.0.get(CR + place) } else { 0 };
                let weight = CIA_WEIGHT[self.0.get(C + place)];
                100_000 - weight * REQUIREMENT_WEIGHT[requirement]
            })
            .product();
        1041 * (1_000_000_000_000_000 - left)
    }

    /// Exploitability in units of 10⁻⁸.
    fn exploitability(&self) -> i128 {
        20 * AV_WEIGHT[self.0.get(AV)] * AC_WEIGHT[self.0.get(AC)] * AU_WEIGHT[self.0.get(AU)]
    }

    fn with_time(&self, tenths: i64) -> i64 {
        let weight =
            E_WEIGHT[self.0.get(E)] * RL_WEIGHT[self.0.get(RL)] * RC_WEIGHT[self.0.get(RC)];
        (tenths * weight + 500_000).div_euclid(1_000_000)
    }
}

/// The base equation, rounded half up to tenths.
fn base_tenths(impact: i128, exploitability: i128) -> i64 {
    if impact == 0 {
        return 0;
    }
    let sum = 6 * impact + 4_000_000_000 * exploitability - 1_500_000_000_000_000_000;
    let tenth = 100_000_000_000_000_000_000;
    ((sum * 1176 + tenth / 2).div_euclid(tenth)) as i64
}

fn rounded(amount: i128, point: i128) -> Score {
    Score::clamped(((amount * 10 + point / 2) / point) as i64)
}

impl fmt::Display for VectorV2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(METRICS, f)
    }
}

impl fmt::Debug for VectorV2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_have_their_published_scores() {
        // Vector, base, temporal, environmental: CVSS v2.0 guide, section 3.3.
        for (vector, base, temporal, environmental) in [
            (
                "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H",
                "7.8",
                "6.4",
                "9.2",
            ),
            (
                "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L",
                "10.0",
                "8.3",
                "9.0",
            ),
            (
                "AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M",
                "6.2",
                "4.9",
                "7.5",
            ),
        ] {
            let vector = VectorV2::read(vector).unwrap();
            assert_eq!(vector.base_score().to_string(), base, "{vector}");
            assert_eq!(vector.temporal_score().to_string(), temporal, "{vector}");
            assert_eq!(
                vector.environmental_score().to_string(),
                environmental,
                "{vector}"
            );
        }
    }

    #[test]
    fn a_vector_without_impact_scores_zero() {
        let vector = VectorV2::read("AV:N/AC:L/Au:N/C:N/I:N/A:N").unwrap();
        assert_eq!(vector.base_score(), Score::ZERO);
    }

    #[test]
    fn requirements_that_push_the_equation_below_zero_give_zero() {
        let vector = VectorV2::read("AV:L/AC:H/Au:M/C:P/I:N/A:N/CR:L").unwrap();
        assert_eq!(vector.environmental_score(), Score::ZERO);
    }

    #[test]
    fn no_target_in_reach_means_an_environmental_score_of_zero() {
        let vector = VectorV2::read("AV:N/AC:L/Au:N/C:C/I:C/A:C/TD:N").unwrap();
        assert_eq!(vector.environmental_score(), Score::ZERO);
    }
}
