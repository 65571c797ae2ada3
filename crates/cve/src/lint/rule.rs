//! One content rule, as a page of the book.

use super::table::Id;
use crate::check::Severity;

/// One content rule.
///
/// Always true: the code is never reused for another rule.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(super) id: Id,
    /// Stable code, such as `REC-014-OVERLAP`.
    pub code: &'static str,
    /// Codes of cvelint that mean the same or nearly so, such as `E007`.
    pub aliases: &'static [&'static str],
    /// What the rule asks for, a few words.
    pub title: &'static str,
    /// How much a finding of it matters.
    pub severity: Severity,
    /// Where it comes from: a number of the CNA Operational Rules, a place in
    /// the schema, or our choice.
    pub source: &'static str,
    /// Why it is asked for.
    pub explanation: &'static str,
    /// What to do about a finding.
    pub mend: &'static str,
    /// Keys that make the example record keep the rule: a JSON object that is
    /// merged into its container (RFC 7386).
    pub good: &'static str,
    /// Keys that make the example record break this rule and no other; empty
    /// when the rule is not decided from a document.
    pub bad: &'static str,
    /// What must be known to decide it.
    pub needs: Needs,
}

/// What must be known to decide a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// The document alone.
    Document,
    /// The document; the schema check decides, under codes `SCHEMA-…`.
    Schema,
    /// The document and the time; the check of CVE Services' own rules
    /// decides, under codes `SERVER-…`.
    Server,
    /// The CNA's list of its IDs.
    Ledger,
    /// The CNA's products, their releases and how they are delivered.
    Registry,
    /// What the case about the vulnerability holds, its advisory, or the
    /// CNA's other records.
    Case,
    /// What the pages behind the references answer.
    Network,
    /// Somebody's word; no program decides it.
    Person,
}

impl Needs {
    /// The word for it, lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Needs::Document => "document",
            Needs::Schema => "schema",
            Needs::Server => "server",
            Needs::Ledger => "ledger",
            Needs::Registry => "registry",
            Needs::Case => "case",
            Needs::Network => "network",
            Needs::Person => "person",
        }
    }
}

impl Rule {
    /// Says whether the rule rejects things of rejected records.
    pub fn is_about_rejection(&self) -> bool {
        self.code.starts_with("REJ")
    }

    /// Says whether `name` names the rule: its code, an alias, or the first
    /// parts of its code, such as `REC` or `REC-014`. Letter case does not
    /// count.
    pub fn is_named(&self, name: &str) -> bool {
        let begins = self
            .code
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name));
        let whole = matches!(self.code.as_bytes().get(name.len()), None | Some(b'-'));
        let alias = |alias: &&str| alias.eq_ignore_ascii_case(name);
        (begins && whole && !name.is_empty()) || self.aliases.iter().any(|known| alias(&known))
    }
}
