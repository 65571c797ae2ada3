//! Mending what `sync` finds, where it is sure what is right: the service is
//! the truth for the state of an ID, and the ledger for what it names.
//!
//! Source: process section 4, point 1.

use client::Services;
use cve::compare::is_same;
use cve::id::CveId;
use cve::time::Timestamp;
use cve::wire::{CveIdObject, IdState as ServiceState};
use serde::Serialize;
use serde_json::{Value, json};
use store::{AuditEvent, LedgerRow, RejectionRow, Tx, Visibility};

use super::sync::{Mismatch, SyncReport};
use crate::case::{self, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lifecycle::ledger::IdState;
use crate::lifecycle::rejection::{Reason, read};
use crate::people::Actor;
use crate::policy::{Action, check};

/// What became of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// The ID.
    pub cve_id: CveId,
    /// The kind of the difference.
    pub kind: &'static str,
    /// Whether it is mended.
    pub is_done: bool,
    /// What was done, or why not.
    pub what: String,
}

/// What a mend made of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MendReport {
    /// What was tried, by ID.
    pub mended: Vec<Mended>,
    /// What differs now.
    pub accounts: Vec<SyncReport>,
}

/// What the service has of an ID.
struct Found {
    state: ServiceState,
    owner: String,
    reserved: Option<Timestamp>,
    requested_by: String,
    record: Option<Value>,
}

impl Desk {
    /// Applies the mends that are proposed and sure, and compares again.
    ///
    /// Takes: `ids`, only these; all without. `records`, whether the records
    /// are compared, too.
    /// Refuses: what [`Desk::sync_ids`] refuses.
    pub fn mend_ids(
        &self,
        actor: &Actor,
        account: Option<&str>,
        records: bool,
        ids: Option<&[CveId]>,
    ) -> Result<MendReport, Error> {
        check(actor, Action::Reserve)?;
        let mut mended = Vec::new();
        for report in self.sync_ids(actor, account, records)? {
            let wanted = |found: &&Mismatch| ids.is_none_or(|ids| ids.contains(&found.cve_id));
            for difference in report.differences.iter().filter(wanted) {
                mended.push(self.mend(actor, &report, difference)?);
            }
        }
        let accounts = self.sync_ids(actor, account, records)?;
        Ok(MendReport { mended, accounts })
    }

    fn mend(
        &self,
        actor: &Actor,
        report: &SyncReport,
        difference: &Mismatch,
    ) -> Result<Mended, Error> {
        let made = |is_done, what: String| Mended {
            cve_id: difference.cve_id,
            kind: difference.kind,
            is_done,
            what,
        };
        if !difference.can_apply {
            return Ok(made(false, difference.mend.clone()));
        }
        let id = difference.cve_id;
        if difference.kind == "record" {
            return Ok(match self.merge_live(actor, id, None) {
                Ok(update) if update.conflicts.is_empty() => {
                    made(true, "merged the live record into the draft".into())
                }
                Ok(_) => {
                    let how = format!("both changed the same: use `cna draft merge {id} --take`");
                    made(false, how)
                }
                Err(Error::Refused(refusal)) => made(false, refusal.to_string()),
                Err(error) => return Err(error),
            });
        }
        let found = match look(&self.services(&report.account)?, id) {
            Ok(found) => found,
            Err(error) => return Ok(made(false, error.to_string())),
        };
        let (actor, account, org) = (actor.clone(), report.account.clone(), report.org.clone());
        let result = self
            .store
            .write(move |tx| apply(tx, &actor, &account, &org, id, &found));
        match result {
            Ok(what) => Ok(made(true, what)),
            Err(Error::Refused(refusal)) => Ok(made(false, refusal.to_string())),
            Err(error) => Err(error),
        }
    }

    /// The published records of an account that are not as we last saw them.
    pub(super) fn changed_records(
        &self,
        services: &Services,
        lines: &[&LedgerRow],
    ) -> Result<Vec<Mismatch>, Error> {
        let mut changed = Vec::new();
        for line in lines.iter().filter(|line| line.state == "PUBLISHED") {
            let id = line.id;
            let advisory = self.store.published(|reader| reader.advisory_of(id))?;
            let Some(advisory) = advisory else { continue };
            let Some(seen) = self.record_beside(&advisory.id)? else {
                continue;
            };
            let live = services
                .record(id)
                .map_err(|error| Refusal::invalid("cve_id", error.to_string()))?;
            // One that is gone or rejected is told by its state.
            let Some(live) = live.map(|reply| reply.raw) else {
                continue;
            };
            let (ours, theirs) = (&seen["containers"]["cna"], &live["containers"]["cna"]);
            if live["cveMetadata"]["state"] == "PUBLISHED" && !is_same(ours, theirs) {
                changed.push(Mismatch {
                    cve_id: id,
                    kind: "record",
                    ledger: "as last seen".into(),
                    service: "changed since".into(),
                    mend: format!("merge the live record into the draft: `cna draft merge {id}`"),
                    can_apply: true,
                });
            }
        }
        Ok(changed)
    }
}

/// Looks at an ID once more, so that the mend rests on what is there now.
fn look(services: &Services, id: CveId) -> Result<Found, client::Error> {
    let object: CveIdObject = services.id(id)?.value()?;
    let by = object.requested_by.and_then(|by| by.user);
    Ok(Found {
        state: object.state,
        owner: object.owning_cna,
        reserved: object.reserved,
        requested_by: by.unwrap_or_default(),
        record: services.record(id)?.map(|reply| reply.raw),
    })
}

/// Writes what the service says into the ledger, and gives it in words.
fn apply(
    tx: &mut Tx<'_>,
    actor: &Actor,
    account: &str,
    org: &str,
    id: CveId,
    found: &Found,
) -> Result<String, Error> {
    let case = tx.ledger_line(id)?.and_then(|line| line.case_id);
    let mut head = None;
    if let Some(case) = case {
        if !is_visible(tx, actor, case)? {
            let problem = "it is assigned in a case: somebody who is on it mends this";
            return Err(Refusal::invalid("cve_id", problem).into());
        }
        head = tx.take_case(case)?;
    }
    if !tx.unfinished_in_lane(&format!("record {id}"))?.is_empty() {
        let problem = "a follow-up about its record is not finished (`cna followup list`)";
        return Err(Refusal::invalid("cve_id", problem).into());
    }
    let Some(mut line) = tx.take_ledger_line(id)? else {
        let line = new_line(tx, account, id, found);
        tx.insert_ledger_line(&line)?;
        if found.state == ServiceState::Rejected {
            note_rejection(tx, id, found, false)?;
        }
        audit(tx, actor, account, id, &line.state);
        return Ok(format!("took it into the ledger as {}", line.state));
    };
    let was = line.state.clone();
    if found.owner != org {
        let asked = tx.transfers()?;
        let is_asked = |row: &store::TransferRow| {
            row.id == id
                && row.seen_at.is_none()
                && (row.receiver == found.owner || found.owner == "[REDACTED]")
        };
        if !asked.iter().any(is_asked) {
            let problem = "nobody asked for its transfer: ask the Root";
            return Err(Refusal::invalid("cve_id", problem).into());
        }
        tx.note_transferred(id)?;
        line.state = IdState::Transferred.to_string();
    } else {
        line.state = state(&line, found).to_string();
        let is_rejected = line.state.starts_with("REJECTED");
        if is_rejected && !was.starts_with("REJECTED") {
            note_rejection(tx, id, found, false)?;
        }
        if was.starts_with("REJECTED") && !is_rejected {
            note_rejection(tx, id, found, true)?;
        }
        if line.state == "PUBLISHED" && line.published_at.is_none() {
            line.published_at = published_at(found).or_else(|| Some(tx.now()));
        }
    }
    line.modified = tx.now();
    tx.update_ledger_line(&line)?;
    if let Some(reserved) = found.reserved.filter(|at| *at != line.reserved_at) {
        tx.set_reserved_at(id, reserved)?;
    }
    if let Some(head) = &mut head {
        case::settle(tx, head)?;
    }
    let object = id.to_string();
    tx.change("record.mended", "", &object, Visibility::Restricted);
    audit(tx, actor, account, id, &line.state);
    Ok(match was == line.state {
        true => "took the service's time".to_owned(),
        false => format!("the ledger said {was}, and says {} now", line.state),
    })
}

/// The local state that agrees with the service.
fn state(line: &LedgerRow, found: &Found) -> String {
    let is_rejected = line.state.starts_with("REJECTED");
    match found.state {
        ServiceState::Reserved if is_rejected || line.state == "PUBLISHED" => match line.case_id {
            Some(_) => "ASSIGNED".to_owned(),
            None => "POOL".to_owned(),
        },
        ServiceState::Reserved => line.state.clone(),
        ServiceState::Published => "PUBLISHED".to_owned(),
        ServiceState::Rejected if is_rejected => line.state.clone(),
        ServiceState::Rejected => rejected_as(line.id, found).0,
    }
}

/// The local state of a rejection somebody else made, and its reason.
fn rejected_as(id: CveId, found: &Found) -> (String, Option<Reason>) {
    let Some(record) = &found.record else {
        return (IdState::RejectedUnused.to_string(), Some(Reason::Unused));
    };
    let text = rejected_text(record);
    let reason = read(&id.to_string(), text).reason;
    let state = reason.map_or(IdState::RejectedWithdrawn, Reason::state);
    (state.to_string(), reason)
}

fn rejected_text(record: &Value) -> &str {
    let reasons = &record["containers"]["cna"]["rejectedReasons"];
    reasons[0]["value"].as_str().unwrap_or_default()
}

fn note_rejection(tx: &mut Tx<'_>, id: CveId, found: &Found, undone: bool) -> Result<(), Error> {
    let text = found.record.as_ref().map(rejected_text).unwrap_or_default();
    let replaced = found.record.as_ref().map(|record| {
        let ids = record["containers"]["cna"]["replacedBy"].as_array();
        let ids = ids.into_iter().flatten().filter_map(Value::as_str);
        ids.collect::<Vec<_>>().join(" ")
    });
    let (_, reason) = rejected_as(id, found);
    let row = RejectionRow {
        id,
        number: 0,
        reason: reason.map(|reason| reason.to_string()).unwrap_or_default(),
        body: text.to_owned(),
        replaced_by: replaced.unwrap_or_default(),
        has_record: found.record.is_some(),
        undone,
        proposal: 0,
        at: tx.now(),
    };
    Ok(tx.insert_rejection(&row)?)
}

fn published_at(found: &Found) -> Option<Timestamp> {
    let text = found.record.as_ref()?["cveMetadata"]["datePublished"].as_str()?;
    text.parse().ok()
}

fn new_line(tx: &Tx<'_>, account: &str, id: CveId, found: &Found) -> LedgerRow {
    let state = match found.state {
        ServiceState::Reserved => "POOL".to_owned(),
        ServiceState::Published => "PUBLISHED".to_owned(),
        ServiceState::Rejected => rejected_as(id, found).0,
    };
    LedgerRow {
        id,
        published_at: published_at(found).filter(|_| state == "PUBLISHED"),
        state,
        account: account.to_owned(),
        case_id: None,
        title: String::new(),
        reserved_at: found.reserved.unwrap_or_else(|| tx.now()),
        reserved_by: found.requested_by.clone(),
        assigned_at: None,
        approved_digest: String::new(),
        approved_by: String::new(),
        approved_at: None,
        advisory: String::new(),
        disclosed_at: None,
        modified: tx.now(),
    }
}

fn audit(tx: &mut Tx<'_>, actor: &Actor, account: &str, id: CveId, state: &str) {
    tx.audit(AuditEvent {
        actor: actor.name().to_owned(),
        org: account.to_owned(),
        action: "ledger.mend".into(),
        object: format!("id {id}"),
        detail: json!({"cve_id": id, "state": state}),
    });
}
