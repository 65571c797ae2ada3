//! CVSS v4.0: metrics, macrovectors and the score.

use std::fmt;

use super::metric::{Choices, Group, Metric, Value, metric, value};
use super::{InvalidVector, Score};

mod macrovector;

/// A CVSS v4.0 vector.
///
/// Always true: every base metric is given, and the metrics stand in the
/// specification's order.
///
/// Source: CVSS v4.0 section 7.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VectorV4(Choices);

const LOW: Value = value("L", "LOW", "Low");
const HIGH: Value = value("H", "HIGH", "High");
const NONE: Value = value("N", "NONE", "None");
const NETWORK: Value = value("N", "NETWORK", "Network");
const ADJACENT: Value = value("A", "ADJACENT", "Adjacent");
const LOCAL: Value = value("L", "LOCAL", "Local");
const PHYSICAL: Value = value("P", "PHYSICAL", "Physical");
const PRESENT: Value = value("P", "PRESENT", "Present");
const PASSIVE: Value = value("P", "PASSIVE", "Passive");
const ACTIVE: Value = value("A", "ACTIVE", "Active");
const SAFETY: Value = value("S", "SAFETY", "Safety");
const NOT_DEFINED: Value = value("X", "NOT_DEFINED", "Not Defined");

const IMPACT: &[Value] = &[HIGH, LOW, NONE];
const MODIFIED_IMPACT: &[Value] = &[NOT_DEFINED, HIGH, LOW, NONE];
const MODIFIED_SAFETY: &[Value] = &[NOT_DEFINED, HIGH, LOW, NONE, SAFETY];
const REQUIREMENT: &[Value] = &[NOT_DEFINED, HIGH, value("M", "MEDIUM", "Medium"), LOW];

/// The metrics of v4.0 in the order of the specification. The values of a
/// metric go from the worst to the mildest; a modified metric has those of
/// its base metric after "not defined". The odd capitals of some keys are
/// the Record Format's.
#[rustfmt::skip]
pub(super) const METRICS: &[Metric] = &[
    metric(Group::Base, "AV", "Attack Vector", "attackVector", &[NETWORK, ADJACENT, LOCAL, PHYSICAL]),
    metric(Group::Base, "AC", "Attack Complexity", "attackComplexity", &[LOW, HIGH]),
    metric(Group::Base, "AT", "Attack Requirements", "attackRequirements", &[NONE, PRESENT]),
    metric(Group::Base, "PR", "Privileges Required", "privilegesRequired", &[NONE, LOW, HIGH]),
    metric(Group::Base, "UI", "User Interaction", "userInteraction", &[NONE, PASSIVE, ACTIVE]),
    metric(Group::Base, "VC", "Vulnerable System Confidentiality", "vulnConfidentialityImpact", IMPACT),
    metric(Group::Base, "VI", "Vulnerable System Integrity", "vulnIntegrityImpact", IMPACT),
    metric(Group::Base, "VA", "Vulnerable System Availability", "vulnAvailabilityImpact", IMPACT),
    metric(Group::Base, "SC", "Subsequent System Confidentiality", "subConfidentialityImpact", IMPACT),
    metric(Group::Base, "SI", "Subsequent System Integrity", "subIntegrityImpact", IMPACT),
    metric(Group::Base, "SA", "Subsequent System Availability", "subAvailabilityImpact", IMPACT),
    metric(Group::Threat, "E", "Exploit Maturity", "exploitMaturity", &[
        NOT_DEFINED,
        value("A", "ATTACKED", "Attacked"),
        value("P", "PROOF_OF_CONCEPT", "Proof-of-Concept"),
        value("U", "UNREPORTED", "Unreported"),
    ]),
    metric(Group::Environmental, "CR", "Confidentiality Requirement", "confidentialityRequirement", REQUIREMENT),
    metric(Group::Environmental, "IR", "Integrity Requirement", "integrityRequirement", REQUIREMENT),
    metric(Group::Environmental, "AR", "Availability Requirement", "availabilityRequirement", REQUIREMENT),
    metric(Group::Environmental, "MAV", "Modified Attack Vector", "modifiedAttackVector", &[NOT_DEFINED, NETWORK, ADJACENT, LOCAL, PHYSICAL]),
    metric(Group::Environmental, "MAC", "Modified Attack Complexity", "modifiedAttackComplexity", &[NOT_DEFINED, LOW, HIGH]),
    metric(Group::Environmental, "MAT", "Modified Attack Requirements", "modifiedAttackRequirements", &[NOT_DEFINED, NONE, PRESENT]),
    metric(Group::Environmental, "MPR", "Modified Privileges Required", "modifiedPrivilegesRequired", &[NOT_DEFINED, NONE, LOW, HIGH]),
    metric(Group::Environmental, "MUI", "Modified User Interaction", "modifiedUserInteraction", &[NOT_DEFINED, NONE, PASSIVE, ACTIVE]),
    metric(Group::Environmental, "MVC", "Modified Vulnerable System Confidentiality", "modifiedVulnConfidentialityImpact", MODIFIED_IMPACT),
    metric(Group::Environmental, "MVI", "Modified Vulnerable System Integrity", "modifiedVulnIntegrityImpact", MODIFIED_IMPACT),
    metric(Group::Environmental, "MVA", "Modified Vulnerable System Availability", "modifiedVulnAvailabilityImpact", MODIFIED_IMPACT),
    metric(Group::Environmental, "MSC", "Modified Subsequent System Confidentiality", "modifiedSubConfidentialityImpact", MODIFIED_IMPACT),
    metric(Group::Environmental, "MSI", "Modified Subsequent System Integrity", "modifiedSubIntegrityImpact", MODIFIED_SAFETY),
    metric(Group::Environmental, "MSA", "Modified Subsequent System Availability", "modifiedSubAvailabilityImpact", MODIFIED_SAFETY),
    metric(Group::Supplemental, "S", "Safety", "Safety", &[
        NOT_DEFINED,
        value("N", "NEGLIGIBLE", "Negligible"),
        PRESENT,
    ]),
    metric(Group::Supplemental, "AU", "Automatable", "Automatable", &[
        NOT_DEFINED,
        value("N", "NO", "No"),
        value("Y", "YES", "Yes"),
    ]),
    metric(Group::Supplemental, "R", "Recovery", "Recovery", &[
        NOT_DEFINED,
        value("A", "AUTOMATIC", "Automatic"),
        value("U", "USER", "User"),
        value("I", "IRRECOVERABLE", "Irrecoverable"),
    ]),
    metric(Group::Supplemental, "V", "Value Density", "valueDensity", &[
        NOT_DEFINED,
        value("D", "DIFFUSE", "Diffuse"),
        value("C", "CONCENTRATED", "Concentrated"),
    ]),
    metric(Group::Supplemental, "RE", "Vulnerability Response Effort", "vulnerabilityResponseEffort", &[
        NOT_DEFINED,
        LOW,
        value("M", "MODERATE", "Moderate"),
        HIGH,
    ]),
    metric(Group::Supplemental, "U", "Provider Urgency", "providerUrgency", &[
        NOT_DEFINED,
        value("Clear", "CLEAR", "Clear"),
        value("Green", "GREEN", "Green"),
        value("Amber", "AMBER", "Amber"),
        value("Red", "RED", "Red"),
    ]),
];

// Where a metric stands in the table.
const AV: usize = 0;
const AC: usize = 1;
const AT: usize = 2;
const PR: usize = 3;
const UI: usize = 4;
const VC: usize = 5;
const SC: usize = 8;
const E: usize = 11;
const CR: usize = 12;
const MODIFIED: usize = 15;
const SUPPLEMENTAL: usize = 26;
const BASE_METRICS: usize = 11;
/// Where `S` (safety) stands among the values of `MSI` and `MSA`.
const SAFETY_PLACE: usize = 4;

/// Which groups of metrics a v4.0 score rests on.
///
/// Source: CVSS v4.0 section 1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nomenclature {
    /// Base metrics only.
    B,
    /// Base and threat.
    BT,
    /// Base and environmental.
    BE,
    /// Base, threat and environmental.
    BTE,
}

impl Nomenclature {
    /// The name, such as `CVSS-BT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Nomenclature::B => "CVSS-B",
            Nomenclature::BT => "CVSS-BT",
            Nomenclature::BE => "CVSS-BE",
            Nomenclature::BTE => "CVSS-BTE",
        }
    }
}

impl fmt::Display for Nomenclature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The levels of the six equivalence classes a vector falls into, EQ1 first,
/// 0 the worst. Prints as six digits, such as `000200`.
///
/// Source: CVSS v4.0 section 8.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Macrovector(pub [u8; 6]);

impl fmt::Display for Macrovector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|level| write!(f, "{level}"))
    }
}

/// How bad each metric is in effect, in steps of the specification's order,
/// 0 the worst any metric of its class can be.
struct Steps {
    reach: [u8; 3],        // AV, PR, UI
    ease: [u8; 2],         // AC, AT
    vulnerable: [u8; 3],   // VC, VI, VA
    subsequent: [u8; 3],   // SC, SI, SA; 0 is safety, 1 is high
    exploited: u8,         // E
    requirements: [u8; 3], // CR, IR, AR
}

impl VectorV4 {
    pub(super) fn read(text: &str, start: usize) -> Result<VectorV4, InvalidVector> {
        Choices::read(text, start, METRICS, true).map(VectorV4)
    }

    pub(super) fn choices(&self) -> &Choices {
        &self.0
    }

    /// The score of all metrics; supplemental ones never change it.
    ///
    /// Source: CVSS v4.0 section 8.
    pub fn score(&self) -> Score {
        score(&self.steps())
    }

    /// The score of the base metrics alone.
    pub fn base_score(&self) -> Score {
        VectorV4(self.0.base_only(BASE_METRICS)).score()
    }

    /// The macrovector the metrics fall into.
    pub fn macrovector(&self) -> Macrovector {
        Macrovector(levels(&self.steps()))
    }

    /// Which groups of metrics the score rests on; a metric written as `X`
    /// counts as absent.
    pub fn nomenclature(&self) -> Nomenclature {
        let threat = self.0.get(E) != 0;
        let environmental = (CR..SUPPLEMENTAL).any(|index| self.0.get(index) != 0);
        match (threat, environmental) {
            (false, false) => Nomenclature::B,
            (true, false) => Nomenclature::BT,
            (false, true) => Nomenclature::BE,
            (true, true) => Nomenclature::BTE,
        }
    }

    fn steps(&self) -> Steps {
        let effective = |index: usize| match self.0.get(MODIFIED + index) {
            0 => self.0.get(index) as u8,
            modified => modified as u8 - 1,
        };
        let subsequent = |index: usize| match self.0.get(MODIFIED + index) {
            SAFETY_PLACE => 0,
            _ => effective(index) + 1,
        };
        // Not defined counts as the worst, which is the first value after it.
        let or_worst = |index: usize| (self.0.get(index) as u8).saturating_sub(1);
        Steps {
            reach: [effective(AV), effective(PR), effective(UI)],
            ease: [effective(AC), effective(AT)],
            vulnerable: [effective(VC), effective(VC + 1), effective(VC + 2)],
            subsequent: [subsequent(SC), subsequent(SC + 1), subsequent(SC + 2)],
            exploited: or_worst(E),
            requirements: [or_worst(CR), or_worst(CR + 1), or_worst(CR + 2)],
        }
    }
}

/// The levels EQ1 to EQ6.
///
/// Source: CVSS v4.0 section 8.2, tables 24 to 29.
fn levels(steps: &Steps) -> [u8; 6] {
    let av = steps.reach[0];
    let eq1 = match steps.reach.iter().filter(|&&step| step == 0).count() {
        3 => 0,
        1 | 2 if av != 3 => 1,
        _ => 2,
    };
    let eq2 = u8::from(steps.ease != [0, 0]);
    let [vc, vi, va] = steps.vulnerable;
    let eq3 = match (vc, vi, va) {
        (0, 0, _) => 0,
        (0, _, _) | (_, 0, _) | (_, _, 0) => 1,
        _ => 2,
    };
    let eq4 = match steps.subsequent.iter().min() {
        Some(0) => 0,
        Some(1) => 1,
        _ => 2,
    };
    let eq6 = (0..3).all(|place| steps.vulnerable[place] != 0 || steps.requirements[place] != 0);
    [eq1, eq2, eq3, eq4, steps.exploited, u8::from(eq6)]
}

/// The least number every depth divides, so that the mean is exact.
const FINE: i64 = 840;

/// The score: that of the macrovector, less the mean over its classes of how
/// far the vector lies below the highest vectors of the class.
///
/// Source: CVSS v4.0 section 8.2, in exact arithmetic.
fn score(steps: &Steps) -> Score {
    if steps.vulnerable == [2; 3] && steps.subsequent == [3; 3] {
        return Score::ZERO;
    }
    let eq = levels(steps);
    let Some(highest) = macrovector::tenths(eq) else {
        // Levels come from a vector, and every vector's macrovector is in the
        // table; the sweep over all of them in `tests/vocabulary` proves it.
        return Score::ZERO;
    };
    let mut classes = 0;
    let mut below = 0;
    for (lower, (distance, depth)) in lower_scores(eq).into_iter().zip(distances(steps, eq)) {
        if let Some(lower) = lower {
            classes += 1;
            below += (i64::from(highest) - i64::from(lower)) * distance * (FINE / depth);
        }
    }
    if classes == 0 {
        return Score::clamped(i64::from(highest));
    }
    let unit = FINE * classes;
    let fine = i64::from(highest) * unit - below;
    Score::clamped((2 * fine + unit).div_euclid(2 * unit))
}

/// For EQ1, EQ2, EQ3 with EQ6, EQ4 and EQ5: the score one level down.
fn lower_scores(eq: [u8; 6]) -> [Option<u8>; 5] {
    let down = |place: usize| {
        let mut lower = eq;
        lower[place] += 1;
        macrovector::tenths(lower)
    };
    let joint = match (eq[2], eq[5]) {
        (0, 0) => down(2).max(down(5)),
        (1, 0) => down(5),
        _ => down(2),
    };
    [down(0), down(1), joint, down(3), down(4)]
}

/// For the same classes: how many steps the vector lies below the highest
/// vector of its level, and how many steps the level is deep.
fn distances(steps: &Steps, eq: [u8; 6]) -> [(i64, i64); 5] {
    let reach = match eq[0] {
        0 => below(steps.reach, &[[0, 0, 0]]),
        1 => below(steps.reach, &[[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        _ => below(steps.reach, &[[3, 0, 0], [1, 2, 1]]),
    };
    let ease = match eq[1] {
        0 => below(steps.ease, &[[0, 0]]),
        _ => below(steps.ease, &[[1, 0], [0, 1]]),
    };
    let [vc, vi, va] = steps.vulnerable;
    let [cr, ir, ar] = steps.requirements;
    let impact = [vc, vi, va, cr, ir, ar];
    let (impact, impact_depth) = match (eq[2], eq[5]) {
        (0, 0) => (below(impact, &[[0; 6]]), 7),
        (0, _) => (below(impact, &[[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]]), 6),
        (1, 0) => (below(impact, &[[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]), 8),
        (1, _) => (
            below(
                impact,
                &[
                    [1, 0, 1, 0, 1, 0],
                    [1, 0, 0, 0, 1, 1],
                    [0, 1, 0, 1, 0, 1],
                    [0, 1, 1, 1, 0, 0],
                    [1, 1, 0, 0, 0, 1],
                ],
            ),
            8,
        ),
        _ => (below(impact, &[[1, 1, 1, 0, 0, 0]]), 10),
    };
    let subsequent = match eq[3] {
        0 => below(steps.subsequent, &[[1, 0, 0]]),
        1 => below(steps.subsequent, &[[1, 1, 1]]),
        _ => below(steps.subsequent, &[[2, 2, 2]]),
    };
    [
        (reach, [1, 4, 5][usize::from(eq[0])]),
        (ease, [1, 2][usize::from(eq[1])]),
        (impact, impact_depth),
        (subsequent, [6, 5, 4][usize::from(eq[3])]),
        (0, 1),
    ]
}

/// The steps from the first of `highest` that is nowhere milder than `steps`.
fn below<const N: usize>(steps: [u8; N], highest: &[[u8; N]]) -> i64 {
    highest
        .iter()
        .find(|high| steps.iter().zip(*high).all(|(step, high)| step >= high))
        .map_or(0, |high| {
            let steps: i64 = steps.iter().map(|&step| i64::from(step)).sum();
            let high: i64 = high.iter().map(|&step| i64::from(step)).sum();
            steps - high
        })
}

impl fmt::Display for VectorV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CVSS:4.0/")?;
        self.0.write(METRICS, f)
    }
}

impl fmt::Debug for VectorV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
