//! The ledger: every CVE ID of the desk and its fate.

mod import;
mod mend;
mod sync;
mod tracking;

use std::collections::BTreeMap;

use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;

use crate::case::{CaseId, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::links::{Relation, trackers};
use crate::people::Actor;
use crate::policy::{Action, check};

pub use import::{SheetImport, SheetReport, SheetRow, Unplaced};
pub use mend::{MendReport, Mended};
pub use sync::{Mismatch, SyncReport};
pub use tracking::TrackingRow;

/// One line of the ledger.
///
/// Source: process section 13.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerLine {
    /// The ID.
    pub cve_id: CveId,
    /// Its local state.
    pub state: String,
    /// The account it was reserved with.
    pub account: String,
    /// When it was reserved.
    pub reserved_at: Timestamp,
    /// The user it was reserved by.
    pub reserved_by: String,
    /// The case it is assigned in, where the reader may know it.
    pub case: Option<CaseId>,
    /// Working title, where the reader may know it; empty otherwise.
    pub title: String,
    /// When it was assigned.
    pub assigned_at: Option<Timestamp>,
    /// Name of the approver; this and the next two are empty before disclosure
    /// for a reader who may not know the case.
    pub approved_by: String,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Digest of the approved revision.
    pub approved_digest: String,
    /// Address of the advisory; empty before disclosure.
    pub advisory: String,
    /// When the advisory became public.
    pub disclosed_at: Option<Timestamp>,
    /// When the record was read back as published.
    pub published_at: Option<Timestamp>,
    /// Milliseconds from disclosure to the published record.
    pub time_to_publish_ms: Option<i64>,
    /// The private issues its case is tracked in, one a line, where the reader
    /// may know the case; empty otherwise.
    pub tracking_issue: String,
    /// What a team's own sheet said of it besides, by the sheet's names.
    pub notes: BTreeMap<String, String>,
}

impl Desk {
    /// The ledger, by ID. Of a case the reader is not on, only that its IDs
    /// are accounted for is shown.
    pub fn ledger(&self, actor: &Actor) -> Result<Vec<LedgerLine>, Error> {
        check(actor, Action::Audit)?;
        self.store.snapshot(|reader| {
            let mut notes = BTreeMap::new();
            for (id, text) in reader.all_ledger_notes()? {
                notes.insert(id, text);
            }
            let mut issues_of: BTreeMap<i64, Vec<String>> = BTreeMap::new();
            for (case, issue) in reader.linked_addresses(Relation::Tracker.as_str())? {
                issues_of.entry(case).or_default().push(issue);
            }
            let mut lines = Vec::new();
            for row in reader.ledger()? {
                let knows = match row.case_id {
                    Some(case) => is_visible(reader, actor, case)?,
                    None => true,
                };
                let notes = notes.remove(&row.id);
                let case = row.case_id.filter(|_| knows);
                let mut line = line(row, knows, notes.as_deref())?;
                if let Some(issues) = case.and_then(|case| issues_of.get(&case)) {
                    line.tracking_issue = issues.join("\n");
                }
                lines.push(line);
            }
            Ok(lines)
        })
    }

    /// The line of an ID.
    ///
    /// Refuses: an ID the ledger does not have.
    pub fn ledger_line(&self, actor: &Actor, id: CveId) -> Result<LedgerLine, Error> {
        check(actor, Action::Audit)?;
        self.store.snapshot(|reader| {
            let row = reader.ledger_line(id)?;
            let row = row.ok_or_else(|| Refusal::not_found(id.to_string()))?;
            let knows = match row.case_id {
                Some(case) => is_visible(reader, actor, case)?,
                None => true,
            };
            let notes = reader.ledger_notes(id)?;
            let case = row.case_id.filter(|_| knows).map(CaseId::new);
            let mut line = line(row, knows, notes.as_deref())?;
            if let Some(case) = case {
                line.tracking_issue = trackers(reader, case)?.join("\n");
            }
            Ok(line)
        })
    }
}

fn line(row: store::LedgerRow, knows: bool, notes: Option<&str>) -> Result<LedgerLine, Error> {
    let notes = match notes.filter(|_| knows) {
        Some(notes) => serde_json::from_str(notes)
            .map_err(|error| Error::Broken(format!("the notes of {}: {error}", row.id)))?,
        None => BTreeMap::new(),
    };
    let knows_approval = knows || row.disclosed_at.is_some();
    let approved = |text: String| if knows_approval { text } else { String::new() };
    let time_to_publish_ms = match (row.disclosed_at, row.published_at) {
        (Some(disclosed), Some(published)) => Some(published.ms_since(disclosed)),
        _ => None,
    };
    Ok(LedgerLine {
        cve_id: row.id,
        state: row.state,
        account: row.account,
        reserved_at: row.reserved_at,
        reserved_by: row.reserved_by,
        case: row.case_id.filter(|_| knows).map(CaseId::new),
        title: if knows { row.title } else { String::new() },
        assigned_at: row.assigned_at,
        approved_by: approved(row.approved_by),
        approved_at: row.approved_at.filter(|_| knows_approval),
        approved_digest: approved(row.approved_digest),
        advisory: row.advisory,
        disclosed_at: row.disclosed_at,
        published_at: row.published_at,
        time_to_publish_ms,
        tracking_issue: String::new(),
        notes,
    })
}
