//! One content rule, as a page of the book.

use serde_json::Value;

use super::settings::{Organisation, Profile, Settings};
use super::table::Id;
use crate::check::{Kind, Severity};

/// The container that the examples of published records are made from: it
/// keeps every rule.
pub(super) const PUBLISHED: &str = r#"{
  "providerMetadata": {"orgId": "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f", "shortName": "kettles"},
  "title": "Kettle pours past its lid when it is tilted",
  "descriptions": [{"lang": "en", "value": "Out-of-bounds write in the pouring component of Example Kettles Kettle 3.0.0 before 3.2.1 allows local attackers to cause a denial of service via a crafted tilt."}],
  "affected": [{"vendor": "Example Kettles", "product": "Kettle", "modules": ["pouring"], "defaultStatus": "unaffected", "versions": [{"version": "3.0.0", "lessThan": "3.2.1", "status": "affected", "versionType": "semver"}]}],
  "problemTypes": [{"descriptions": [{"lang": "en", "type": "CWE", "cweId": "CWE-787", "description": "CWE-787 Out-of-bounds Write"}]}],
  "metrics": [{"format": "CVSS", "cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H", "baseScore": 5.5, "baseSeverity": "MEDIUM"}}],
  "references": [{"url": "https://kettles.example.org/KETTLE-1", "tags": ["vendor-advisory"]}]
}"#;

/// The same for rejected records.
pub(super) const REJECTED: &str = r#"{
  "providerMetadata": {"orgId": "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f", "shortName": "kettles"},
  "rejectedReasons": [{"lang": "en", "value": "The report turned out to describe how the lid is meant to work, so there is no vulnerability."}]
}"#;

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
    /// Keys that make the example record keep the rule: a JSON object whose
    /// keys replace those of its container, or with `null` remove them.
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
    /// Says whether the rule is about rejected records.
    pub fn is_about_rejection(&self) -> bool {
        self.code.starts_with("REJ")
    }

    /// The profile the rule belongs to.
    pub fn profile(&self) -> Profile {
        match self.id.is_of_cvelint() {
            true => Profile::Cvelint,
            false => Profile::Default,
        }
    }

    /// Settings under which the rule is applied, with all others of its
    /// profile.
    pub fn settings(&self) -> Settings {
        Settings {
            profile: self.profile(),
            organisation: self
                .code
                .starts_with("REC-066")
                .then_some(Organisation::Kubernetes),
            ..Settings::default()
        }
    }

    /// A record that keeps the rule, and every other of its profile.
    pub fn good_record(&self) -> String {
        self.example(self.good)
    }

    /// A record that breaks the rule and no other of its profile.
    ///
    /// Gives: `None` for a rule that is not decided from a document.
    pub fn bad_record(&self) -> Option<String> {
        (!self.bad.is_empty()).then(|| self.example(self.bad))
    }

    /// What the examples are.
    pub const EXAMPLE_KIND: Kind = Kind::Record;

    fn example(&self, change: &str) -> String {
        let (state, container) = match self.is_about_rejection() {
            true => ("REJECTED", REJECTED),
            false => ("PUBLISHED", PUBLISHED),
        };
        // Both are constants that a test reads.
        let read = |text: &str| -> Value { serde_json::from_str(text).unwrap_or_default() };
        let mut container = read(container);
        merge(&mut container, read(change));
        let record = serde_json::json!({
            "dataType": "CVE_RECORD",
            "dataVersion": "5.2.0",
            "cveMetadata": {
                "cveId": "CVE-1900-10001",
                "assignerOrgId": "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f",
                "assignerShortName": "kettles",
                "state": state,
            },
            "containers": {"cna": container},
        });
        format!("{record:#}")
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
        let alias = |alias: &str| alias.eq_ignore_ascii_case(name);
        (begins && whole && !name.is_empty()) || self.aliases.iter().any(|known| alias(known))
    }
}

/// Sets the keys of an object; `null` removes one.
fn merge(target: &mut Value, change: Value) {
    let (Some(target), Value::Object(change)) = (target.as_object_mut(), change) else {
        return;
    };
    for (key, value) in change {
        match value {
            Value::Null => {
                target.remove(&key);
            }
            value => {
                target.insert(key, value);
            }
        }
    }
}
