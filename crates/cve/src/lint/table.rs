//! All content rules, in the order of the record's parts.

use std::sync::LazyLock;

use super::rule::Rule;

mod affected;
mod cvelint;
mod description;
mod identity;
mod metrics;
mod reference;
mod rejected;
mod relation;
mod text;
mod versions;
mod weakness;

/// A rule's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub(super) enum Id {
    SchemaValid,
    ServerAccepts,
    NotOurs,
    WrongYear,
    NoProduct,
    VendorPlaceholder,
    ProductPlaceholder,
    NoneSaidAffected,
    OnlyUnaffected,
    NoFixedVersion,
    LineMissing,
    NoComponent,
    CpeSyntax,
    CpeProduct,
    PurlSyntax,
    PurlVersion,
    PurlProduct,
    RangeEmpty,
    RangeReversed,
    RangeGuess,
    RangeEnds,
    RangeUntyped,
    ChangesUnranged,
    RangeOverlap,
    VersionContradiction,
    ChangeOutside,
    ChangeAtEnd,
    TypeUnknown,
    TypeCustom,
    VersionForm,
    VersionProse,
    VersionList,
    VersionPlaceholder,
    VersionWildcard,
    AllVersions,
    TypeMissing,
    CweMissing,
    CweField,
    CweUnknown,
    CweProhibited,
    CweDiscouraged,
    CweOther,
    CweName,
    TypeTask,
    MetricMissing,
    VectorBroken,
    ScoreWrong,
    ScoreOther,
    SeverityWrong,
    MetricOther,
    DescriptionShort,
    DescriptionSpace,
    DescriptionTwice,
    NamesNoProduct,
    NamesNoVersion,
    NamesNoType,
    NothingInProse,
    VersionsDiffer,
    CreditInText,
    CreditPhrase,
    Advertising,
    OnlyDifferent,
    ForeignName,
    NoTemplate,
    LegacyPrefix,
    SaysRejected,
    SaysDuplicate,
    TextPlaceholder,
    TextHtml,
    TextEscape,
    TextControl,
    LanguageUnknown,
    LanguageForm,
    ReferenceProtocol,
    ReferenceTwice,
    ReferenceSame,
    ReferencePrivate,
    OnlySelf,
    SelfReference,
    NoneAnswers,
    FreestMissing,
    Terms,
    AdvisorySilent,
    ReferenceSilent,
    NotArchived,
    NoTags,
    TagsContrary,
    NotDistinguishable,
    TagUnknown,
    HostedTag,
    UnsupportedTag,
    UnsupportedText,
    DisputeUnexplained,
    DisputeUntagged,
    CreditConsent,
    KubernetesIssue,
    KubernetesList,
    KubernetesDiscovery,
    KubernetesPhrase,
    AdvisoryVersions,
    AdvisorySeverity,
    AdvisoryCredit,
    AdvisoryTitle,
    RelationNote,
    ReasonPresent,
    ReasonShort,
    ReasonStock,
    ReasonStockPublished,
    ReasonCode,
    ReplacementMissing,
    ReplacementDiffers,
    ReplacementSelf,
    ReplacementVoid,
    TargetUpdated,
    ContentKept,
    StillAnnounced,
    E001,
    E002,
    E003,
    E004,
    E005,
    E006,
    E007,
    E008,
    E009,
    E010,
    E011,
    E013,
    E014,
    E015,
    E016,
    E017,
    E018,
    E019,
    E020,
}

impl Id {
    pub(super) fn is_of_cvelint(self) -> bool {
        self >= Id::E001
    }
}

const PARTS: &[&[Rule]] = &[
    identity::RULES,
    affected::RULES,
    versions::RULES,
    weakness::RULES,
    metrics::RULES,
    description::RULES,
    text::RULES,
    reference::RULES,
    relation::RULES,
    rejected::RULES,
    cvelint::RULES,
];

/// Every rule of every profile, by the part of the record it is about.
pub fn rules() -> &'static [Rule] {
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| PARTS.concat());
    &ALL
}

/// The rule with this code or alias; letter case does not count.
pub fn rule(code: &str) -> Option<&'static Rule> {
    let by_code = rules()
        .iter()
        .find(|rule| rule.code.eq_ignore_ascii_case(code));
    by_code.or_else(|| rules_of(code).next())
}

/// The rules that a code, an alias or a prefix of whole parts names.
pub fn rules_of(name: &str) -> impl Iterator<Item = &'static Rule> {
    rules().iter().filter(move |rule| rule.is_named(name))
}

/// The rule at a place.
pub(super) fn of(id: Id) -> &'static Rule {
    // A test proves that each rule stands at its place.
    &rules()[id as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_stands_at_its_place() {
        for (place, rule) in rules().iter().enumerate() {
            assert_eq!(rule.id as usize, place, "{}", rule.code);
        }
    }

    #[test]
    fn no_code_is_used_twice() {
        let mut codes: Vec<_> = rules().iter().map(|rule| rule.code).collect();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|two| two[0] != two[1]));
    }

    #[test]
    fn a_name_is_a_code_an_alias_or_a_prefix_of_whole_parts() {
        let codes = |name: &str| -> Vec<_> { rules_of(name).map(|rule| rule.code).collect() };
        assert_eq!(codes("rec-040-same"), ["REC-040-SAME"]);
        assert_eq!(codes("REC-012"), ["REC-012"]);
        assert!(codes("REC-014").contains(&"REC-014-OVERLAP"));
        assert_eq!(codes("REC-01"), [] as [&str; 0]);
        assert_eq!(codes("E004"), ["REC-030-SPACE", "E004"]);
        assert_eq!(rule("e004").unwrap().code, "E004");
        assert!(rule("E012").is_none() && rule("").is_none());
    }
}
