//! What is known beside the document, as plain values a caller fills in.

use crate::id::Year;
use crate::time::Timestamp;

/// Facts beside the document. A rule that needs one runs only when it is
/// there, so an empty context is always right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The time the check is made at.
    pub now: Option<Timestamp>,
    /// Whether a rejected record was published before.
    pub was_published: Option<bool>,
    /// The CNA's line about this ID.
    pub ledger: Option<&'a LedgerRow>,
    /// The CNA's products.
    pub products: Option<&'a [RegisteredProduct]>,
    /// What the pages behind the references answered.
    pub links: Option<&'a [Link]>,
    /// The CNA's advisory about the vulnerability.
    pub advisory: Option<&'a Advisory>,
    /// What the case holds.
    pub case: Option<&'a Case>,
    /// The CNA's other records.
    pub others: Option<&'a [OtherRecord]>,
}

/// The CNA's line about one ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The ID.
    pub id: String,
    /// Whether the CNA owns it.
    pub is_ours: bool,
    /// What became of it.
    pub state: LedgerState,
    /// The years the ID may have by the dates of its case; empty when they
    /// are not known.
    pub years: Vec<Year>,
}

/// What became of an ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerState {
    /// It is reserved and has no record.
    Reserved,
    /// It has a published record.
    Published,
    /// It has a rejected record.
    Rejected,
}

/// A product of the CNA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredProduct {
    /// The vendor, as records spell it.
    pub vendor: String,
    /// The product, as records spell it.
    pub product: String,
    /// Whether customers only ever use it on somebody else's machines.
    pub is_hosted: bool,
    /// Its lines of releases, such as `1.29`.
    pub lines: Vec<ReleaseLine>,
}

/// A line of releases that is supported as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLine {
    /// The beginning of its versions, such as `1.29`.
    pub name: String,
    /// Whether it was supported on the day the ID was assigned.
    pub is_supported: bool,
}

/// What the page behind a reference answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The address, as the record has it.
    pub url: String,
    /// The status of HTTP; `None` when nobody answered.
    pub status: Option<u16>,
    /// Whether it asks who is there.
    pub needs_login: bool,
    /// Whether its text holds the CVE ID.
    pub names_id: bool,
    /// Whether its text holds the product's name.
    pub names_product: bool,
    /// Whether a copy lies in an archive.
    pub is_archived: bool,
    /// Whether it is the CNA's own advisory.
    pub is_own_advisory: bool,
}

/// What the CNA's advisory says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advisory {
    /// Its title.
    pub title: Option<String>,
    /// Its word for the severity, in any letter case.
    pub severity: Option<String>,
    /// The names it thanks.
    pub credits: Vec<String>,
    /// The versions it names as the first without the vulnerability.
    pub fixed_versions: Vec<String>,
}

/// What the case about the vulnerability holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Whether a task is open to supply the type of the vulnerability.
    pub has_type_task: bool,
    /// The address that costs least to read, when the case knows one.
    pub freest_url: Option<String>,
    /// How the vulnerability relates to others, with their IDs.
    pub relations: Vec<(Relation, String)>,
    /// The code of the reason for a rejection.
    pub reject_reason: Option<String>,
    /// Whether the record named by `replacedBy` has been brought up to date.
    pub is_target_updated: Option<bool>,
    /// Whether what a rejection removes has been kept.
    pub is_archived: Option<bool>,
    /// Whether advisory and announcement still use a rejected ID.
    pub is_still_announced: Option<bool>,
}

/// How a vulnerability relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// It is left by an incomplete fix of the other.
    IncompleteFix,
    /// It came back after the other was fixed.
    Regression,
    /// It was one record with the other.
    Split,
    /// It may be partly the same as the other.
    Overlap,
    /// They have to do with each other.
    Related,
}

/// Another record of the CNA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherRecord {
    /// Its ID.
    pub id: String,
    /// Whether it is rejected; else it is published.
    pub is_rejected: bool,
    /// The IDs it names in `replacedBy`.
    pub replaced_by: Vec<String>,
    /// Its first product.
    pub product: String,
    /// Its first CWE ID.
    pub cwe: Option<String>,
    /// Its English description.
    pub description: String,
}
