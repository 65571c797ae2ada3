//! Rules about the record as a whole.

use crate::check::Severity;
use crate::lint::rule::{Needs, Rule};
use crate::lint::table::Id;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Id::SchemaValid,
        code: "REC-001",
        aliases: &["E015", "E016", "E017"],
        title: "The record is valid against the CVE Record Format",
        severity: Severity::Error,
        source: "CNA Rules 5.1.12; CVE Record Format 5.2.0",
        explanation: "CVE Services refuses anything else. The schema check gives each fault a code of its own, `SCHEMA-…` or `JSON-…`.",
        mend: "mend what the schema check lists",
        good: "{}",
        bad: r#"{"references": []}"#,
        needs: Needs::Schema,
    },
    Rule {
        id: Id::ServerAccepts,
        code: "REC-002",
        aliases: &[],
        title: "CVE Services' checks beyond the schema accept the record",
        severity: Severity::Error,
        source: "cve-services section 10",
        explanation: "An English description that is not blank and stands once, a public date at most 24 hours ahead, offsets a clock can have, a package URL without a version. The server check gives each fault a code of its own, `SERVER-…`.",
        mend: "mend what the server check lists",
        good: r#"{"datePublic": "2020-01-01T00:00:00Z"}"#,
        bad: r#"{"timeline": [{"time": "2020-01-01T00:00:00+25:00", "lang": "en", "value": "A clock without end."}]}"#,
        needs: Needs::Server,
    },
    Rule {
        id: Id::NotOurs,
        code: "REC-003",
        aliases: &[],
        title: "The ID is the CNA's and fits its ledger",
        severity: Severity::Violation,
        source: "CNA Rules 4.2.16.1 and 5.4.2",
        explanation: "A record may only be published for an ID that was reserved for it.",
        mend: "publish under the ID the ledger holds for this case",
        good: "",
        bad: "",
        needs: Needs::Ledger,
    },
    Rule {
        id: Id::WrongYear,
        code: "REC-004",
        aliases: &[],
        title: "The year of the ID is one that its case allows",
        severity: Severity::Warning,
        source: "CNA Rules 4.2.19",
        explanation: "The year is that of the assignment, the disclosure or the discovery. A published ID is never changed for its year.",
        mend: "check the dates of the case before the record is published",
        good: "",
        bad: "",
        needs: Needs::Ledger,
    },
];
