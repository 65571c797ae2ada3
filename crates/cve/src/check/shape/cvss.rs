//! The CVSS objects. Versions of the format before 5.1 leave them open and
//! do not compare score and severity.

use super::part::closed;
use super::{Also, Form, Format, Key, Object, Role, Rule, Score, Value};
use super::{formed, object, word, word_as};

const ND: &str = "NOT_DEFINED";
const REQUIREMENT: &[&str] = &["LOW", "MEDIUM", "HIGH", ND];
const SEVERITY: &[&str] = &["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// Names the definitions of one CVSS version.
struct Defined(&'static str);

impl Defined {
    fn rule(&self, name: &str, rule: Rule) -> Rule {
        rule.defined(&format!(
            "metrics/items/properties/{}/definitions/{name}",
            self.0
        ))
    }

    fn word(&self, name: &str, words: &'static [&'static str]) -> Rule {
        self.rule(name, word(words))
    }

    fn score(&self, score: Score) -> Rule {
        self.rule("scoreType", Rule::new(Value::Score(score)))
    }
}

/// CVSS 4.0.
///
/// Source: CVE Record Format `definitions/metrics`, `cvssV4_0`.
pub(super) fn cvss_4() -> Rule {
    let d = Defined("cvssV4_0");
    let of = |key, name: &str, words| Key::may(key, d.word(name, words));
    let cia: &'static [&'static str] = &["NONE", "LOW", "HIGH"];
    let modified_cia: &'static [&'static str] = &["NONE", "LOW", "HIGH", ND];
    let modified_sub: &'static [&'static str] = &["NONE", "LOW", "HIGH", "SAFETY", ND];
    let keys = vec![
        Key::must("version", word(&["4.0"])),
        Key::must("vectorString", formed(Form::Vector4)),
        Key::must("baseScore", d.score(Score::Base)),
        Key::must(
            "baseSeverity",
            d.rule("severityType", word_as(Role::BaseSeverity, SEVERITY)),
        ),
        of(
            "attackVector",
            "attackVectorType",
            &["NETWORK", "ADJACENT", "LOCAL", "PHYSICAL"],
        ),
        of("attackComplexity", "attackComplexityType", &["HIGH", "LOW"]),
        of(
            "attackRequirements",
            "attackRequirementsType",
            &["NONE", "PRESENT"],
        ),
        of(
            "privilegesRequired",
            "privilegesRequiredType",
            &["HIGH", "LOW", "NONE"],
        ),
        of(
            "userInteraction",
            "userInteractionType",
            &["NONE", "PASSIVE", "ACTIVE"],
        ),
        of("vulnConfidentialityImpact", "vulnCiaType", cia),
        of("vulnIntegrityImpact", "vulnCiaType", cia),
        of("vulnAvailabilityImpact", "vulnCiaType", cia),
        of("subConfidentialityImpact", "subCiaType", cia),
        of("subIntegrityImpact", "subCiaType", cia),
        of("subAvailabilityImpact", "subCiaType", cia),
        of(
            "exploitMaturity",
            "exploitMaturityType",
            &["UNREPORTED", "PROOF_OF_CONCEPT", "ATTACKED", ND],
        ),
        of(
            "confidentialityRequirement",
            "ciaRequirementType",
            REQUIREMENT,
        ),
        of("integrityRequirement", "ciaRequirementType", REQUIREMENT),
        of("availabilityRequirement", "ciaRequirementType", REQUIREMENT),
        of(
            "modifiedAttackVector",
            "modifiedAttackVectorType",
            &["NETWORK", "ADJACENT", "LOCAL", "PHYSICAL", ND],
        ),
        of(
            "modifiedAttackComplexity",
            "modifiedAttackComplexityType",
            &["HIGH", "LOW", ND],
        ),
        of(
            "modifiedAttackRequirements",
            "modifiedAttackRequirementsType",
            &["NONE", "PRESENT", ND],
        ),
        of(
            "modifiedPrivilegesRequired",
            "modifiedPrivilegesRequiredType",
            &["HIGH", "LOW", "NONE", ND],
        ),
        of(
            "modifiedUserInteraction",
            "modifiedUserInteractionType",
            &["NONE", "PASSIVE", "ACTIVE", ND],
        ),
        of(
            "modifiedVulnConfidentialityImpact",
            "modifiedVulnCiaType",
            modified_cia,
        ),
        of(
            "modifiedVulnIntegrityImpact",
            "modifiedVulnCiaType",
            modified_cia,
        ),
        of(
            "modifiedVulnAvailabilityImpact",
            "modifiedVulnCiaType",
            modified_cia,
        ),
        of(
            "modifiedSubConfidentialityImpact",
            "modifiedSubCType",
            modified_cia,
        ),
        of(
            "modifiedSubIntegrityImpact",
            "modifiedSubIaType",
            modified_sub,
        ),
        of(
            "modifiedSubAvailabilityImpact",
            "modifiedSubIaType",
            modified_sub,
        ),
        of("Safety", "safetyType", &["NEGLIGIBLE", "PRESENT", ND]),
        of("Automatable", "automatableType", &["NO", "YES", ND]),
        of(
            "Recovery",
            "recoveryType",
            &["AUTOMATIC", "USER", "IRRECOVERABLE", ND],
        ),
        of(
            "valueDensity",
            "valueDensityType",
            &["DIFFUSE", "CONCENTRATED", ND],
        ),
        of(
            "vulnerabilityResponseEffort",
            "vulnerabilityResponseEffortType",
            &["LOW", "MODERATE", "HIGH", ND],
        ),
        of(
            "providerUrgency",
            "providerUrgencyType",
            &["CLEAR", "GREEN", "AMBER", "RED", ND],
        ),
    ];
    Object {
        also: Also::Band,
        ..object(closed(Format::V5_2_0), keys)
    }
    .into()
}

/// CVSS 3.0 or 3.1, which differ in their prefix and a slip of 3.0's pattern.
///
/// Source: CVE Record Format `definitions/metrics`, `cvssV3_1` and `cvssV3_0`.
pub(super) fn cvss_3(format: Format, version: &'static str) -> Rule {
    let (d, form, version): (_, _, &'static [&'static str]) = match version {
        "3.0" => (Defined("cvssV3_0"), Form::Vector30, &["3.0"]),
        _ => (Defined("cvssV3_1"), Form::Vector31, &["3.1"]),
    };
    let of = |key, name: &str, words| Key::may(key, d.word(name, words));
    let cia: &'static [&'static str] = &["NONE", "LOW", "HIGH"];
    let modified_cia: &'static [&'static str] = &["NONE", "LOW", "HIGH", ND];
    let (base, other, also) = match format {
        Format::V5_0 => (Score::Range, Score::Range, Also::Nothing),
        _ => (Score::Base, Score::Tenths, Also::Band),
    };
    let keys = vec![
        Key::must("version", word(version)),
        Key::must("vectorString", formed(form)),
        of(
            "attackVector",
            "attackVectorType",
            &["NETWORK", "ADJACENT_NETWORK", "LOCAL", "PHYSICAL"],
        ),
        of("attackComplexity", "attackComplexityType", &["HIGH", "LOW"]),
        of(
            "privilegesRequired",
            "privilegesRequiredType",
            &["HIGH", "LOW", "NONE"],
        ),
        of(
            "userInteraction",
            "userInteractionType",
            &["NONE", "REQUIRED"],
        ),
        of("scope", "scopeType", &["UNCHANGED", "CHANGED"]),
        of("confidentialityImpact", "ciaType", cia),
        of("integrityImpact", "ciaType", cia),
        of("availabilityImpact", "ciaType", cia),
        Key::must("baseScore", d.score(base)),
        Key::must(
            "baseSeverity",
            d.rule("severityType", word_as(Role::BaseSeverity, SEVERITY)),
        ),
        of(
            "exploitCodeMaturity",
            "exploitCodeMaturityType",
            &["UNPROVEN", "PROOF_OF_CONCEPT", "FUNCTIONAL", "HIGH", ND],
        ),
        of(
            "remediationLevel",
            "remediationLevelType",
            &[
                "OFFICIAL_FIX",
                "TEMPORARY_FIX",
                "WORKAROUND",
                "UNAVAILABLE",
                ND,
            ],
        ),
        of(
            "reportConfidence",
            "confidenceType",
            &["UNKNOWN", "REASONABLE", "CONFIRMED", ND],
        ),
        Key::may("temporalScore", d.score(other)),
        of("temporalSeverity", "severityType", SEVERITY),
        of(
            "confidentialityRequirement",
            "ciaRequirementType",
            REQUIREMENT,
        ),
        of("integrityRequirement", "ciaRequirementType", REQUIREMENT),
        of("availabilityRequirement", "ciaRequirementType", REQUIREMENT),
        of(
            "modifiedAttackVector",
            "modifiedAttackVectorType",
            &["NETWORK", "ADJACENT_NETWORK", "LOCAL", "PHYSICAL", ND],
        ),
        of(
            "modifiedAttackComplexity",
            "modifiedAttackComplexityType",
            &["HIGH", "LOW", ND],
        ),
        of(
            "modifiedPrivilegesRequired",
            "modifiedPrivilegesRequiredType",
            &["HIGH", "LOW", "NONE", ND],
        ),
        of(
            "modifiedUserInteraction",
            "modifiedUserInteractionType",
            &["NONE", "REQUIRED", ND],
        ),
        of(
            "modifiedScope",
            "modifiedScopeType",
            &["UNCHANGED", "CHANGED", ND],
        ),
        of(
            "modifiedConfidentialityImpact",
            "modifiedCiaType",
            modified_cia,
        ),
        of("modifiedIntegrityImpact", "modifiedCiaType", modified_cia),
        of(
            "modifiedAvailabilityImpact",
            "modifiedCiaType",
            modified_cia,
        ),
        Key::may("environmentalScore", d.score(other)),
        of("environmentalSeverity", "severityType", SEVERITY),
    ];
    Object {
        also,
        ..object(closed(format), keys)
    }
    .into()
}

/// CVSS 2.0, which has no severity.
///
/// Source: CVE Record Format `definitions/metrics`, `cvssV2_0`.
pub(super) fn cvss_2(format: Format) -> Rule {
    let d = Defined("cvssV2_0");
    let of = |key, name: &str, words| Key::may(key, d.word(name, words));
    let cia: &'static [&'static str] = &["NONE", "PARTIAL", "COMPLETE"];
    let keys = vec![
        Key::must("version", word(&["2.0"])),
        Key::must("vectorString", formed(Form::Vector2)),
        of(
            "accessVector",
            "accessVectorType",
            &["NETWORK", "ADJACENT_NETWORK", "LOCAL"],
        ),
        of(
            "accessComplexity",
            "accessComplexityType",
            &["HIGH", "MEDIUM", "LOW"],
        ),
        of(
            "authentication",
            "authenticationType",
            &["MULTIPLE", "SINGLE", "NONE"],
        ),
        of("confidentialityImpact", "ciaType", cia),
        of("integrityImpact", "ciaType", cia),
        of("availabilityImpact", "ciaType", cia),
        Key::must("baseScore", d.score(Score::Range)),
        of(
            "exploitability",
            "exploitabilityType",
            &["UNPROVEN", "PROOF_OF_CONCEPT", "FUNCTIONAL", "HIGH", ND],
        ),
        of(
            "remediationLevel",
            "remediationLevelType",
            &[
                "OFFICIAL_FIX",
                "TEMPORARY_FIX",
                "WORKAROUND",
                "UNAVAILABLE",
                ND,
            ],
        ),
        of(
            "reportConfidence",
            "reportConfidenceType",
            &["UNCONFIRMED", "UNCORROBORATED", "CONFIRMED", ND],
        ),
        Key::may("temporalScore", d.score(Score::Range)),
        of(
            "collateralDamagePotential",
            "collateralDamagePotentialType",
            &["NONE", "LOW", "LOW_MEDIUM", "MEDIUM_HIGH", "HIGH", ND],
        ),
        of(
            "targetDistribution",
            "targetDistributionType",
            &["NONE", "LOW", "MEDIUM", "HIGH", ND],
        ),
        of(
            "confidentialityRequirement",
            "ciaRequirementType",
            REQUIREMENT,
        ),
        of("integrityRequirement", "ciaRequirementType", REQUIREMENT),
        of("availabilityRequirement", "ciaRequirementType", REQUIREMENT),
        Key::may("environmentalScore", d.score(Score::Range)),
    ];
    object(closed(format), keys).into()
}
