//! All content rules, in the order of their codes' numbers.

use std::sync::LazyLock;

use super::rule::{Needs, Rule};
use crate::check::Severity;

/// A rule's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub(super) enum Id {
    ReferenceTwice,
    DescriptionSpace,
}

impl Id {
    pub(super) fn is_of_cvelint(self) -> bool {
        false
    }
}

const RULES: &[Rule] = &[
    Rule {
        id: Id::ReferenceTwice,
        code: "REC-040-DUPLICATE",
        aliases: &["E002"],
        title: "A reference stands once",
        severity: Severity::Violation,
        source: "CNA Rules 5.1.10",
        explanation: "The same address twice says nothing more.",
        mend: "keep one of them, with the tags of both",
        good: r#"{"references": [{"url": "https://example.org/a", "tags": ["patch"]}]}"#,
        bad: r#"{"references": [{"url": "https://example.org/a", "tags": ["patch"]}, {"url": "https://example.org/a", "tags": ["vendor-advisory"]}]}"#,
        needs: Needs::Document,
    },
    Rule {
        id: Id::DescriptionSpace,
        code: "REC-030-SPACE",
        aliases: &["E004"],
        title: "A description has no space around it",
        severity: Severity::Warning,
        source: "our choice",
        explanation: "CVE Services trims every text before it stores it.",
        mend: "remove the space",
        good: r#"{}"#,
        bad: r#"{"descriptions": [{"lang": "en", "value": "A flaw in the lid. "}]}"#,
        needs: Needs::Document,
    },
];

/// Every rule, by its code.
pub fn rules() -> &'static [Rule] {
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let mut all = RULES.to_vec();
        all.sort_by_key(|rule| rule.id);
        all
    });
    &ALL
}

/// The rule with this code or alias; letter case does not count.
pub fn rule(code: &str) -> Option<&'static Rule> {
    let by_code = rules()
        .iter()
        .find(|rule| rule.code.eq_ignore_ascii_case(code));
    by_code.or_else(|| rules_of(code).next())
}

/// The rules that a code, an alias or a prefix names.
pub fn rules_of(name: &str) -> impl Iterator<Item = &'static Rule> {
    rules().iter().filter(move |rule| rule.is_named(name))
}

/// The rule at a place.
pub(super) fn of(id: Id) -> &'static Rule {
    // A test proves that each rule stands at its place.
    &rules()[id as usize]
}
