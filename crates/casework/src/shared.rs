//! Who outside knows of an ID.
//!
//! It follows from what is recorded: that somebody said so, messages, the
//! advisory, places where it was seen. An ID anybody was told of never serves
//! another vulnerability.
//!
//! Source: process section 4, point 5.

use cve::id::CveId;
use serde::Serialize;
use serde_json::json;
use store::{AuditEvent, HitRow, LedgerRow, Reader, RejectionRow, SharedRow};

use crate::case::{self, CaseId, Names, is_visible};
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::ledger::LedgerLine;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::proposal::{Proposal, shown};

/// Everything that is known of an ID.
#[derive(Debug, Clone, Serialize)]
pub struct IdHistory {
    /// Its line of the ledger.
    pub line: LedgerLine,
    /// Who outside knows of it, and how that is known; empty for nobody.
    pub shared: Vec<String>,
    /// Its rejections, and when they were undone, oldest first.
    pub rejections: Vec<Rejection>,
    /// What was proposed, newest first.
    pub proposals: Vec<Proposal>,
    /// How many records of it were archived before they were replaced.
    pub archived: usize,
}

/// A rejection, or that one was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// Our code of the reason.
    pub reason: String,
    /// The text of the record; empty without one.
    pub text: String,
    /// The IDs that replace it.
    pub replaced_by: Vec<String>,
    /// Whether it has a record.
    pub has_record: bool,
    /// Whether this says that the rejection was undone.
    pub undone: bool,
    /// When.
    pub at: cve::time::Timestamp,
}

impl From<RejectionRow> for Rejection {
    fn from(row: RejectionRow) -> Rejection {
        Rejection {
            reason: row.reason,
            text: row.body,
            replaced_by: row.replaced_by.split_whitespace().map(Into::into).collect(),
            has_record: row.has_record,
            undone: row.undone,
            at: row.at,
        }
    }
}

impl Desk {
    /// Records that somebody outside was told of an ID.
    ///
    /// Refuses: an ID of a case the actor is not on, as one that is not there.
    pub fn share_id(&self, actor: &Actor, id: CveId, told: &str, note: &str) -> Result<(), Error> {
        check(actor, Action::Record)?;
        let (told, note) = (told.trim().to_owned(), note.trim().to_owned());
        if told.is_empty() || told.chars().count() > 200 || note.chars().count() > 2_000 {
            let problem = "expected whom you told, in 1 to 200 characters, and a note of at most \
                           2,000";
            return Err(Refusal::invalid("with", problem).into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let line = known_line(tx, &actor, id)?;
            let row = SharedRow {
                number: 0,
                told: told.clone(),
                note: note.clone(),
                author: actor.id().to_owned(),
                at: tx.now(),
            };
            tx.insert_shared(id, &row)?;
            let detail = json!({"cve_id": id, "with": told});
            match line.case_id {
                Some(case) => {
                    case::record(
                        tx,
                        &actor,
                        CaseId::new(case),
                        "recorded",
                        "share-id",
                        detail,
                    );
                }
                None => tx.audit(AuditEvent {
                    actor: actor.name().to_owned(),
                    org: line.account,
                    action: "id.share".into(),
                    object: format!("id {id}"),
                    detail,
                }),
            }
            Ok(())
        })
    }

    /// Everything that is known of an ID.
    ///
    /// Refuses: an ID of a case the actor is not on, as one that is not there.
    pub fn id_history(&self, actor: &Actor, id: CveId) -> Result<IdHistory, Error> {
        let line = self.ledger_line(actor, id)?;
        let (history, embargoed) = self.store.snapshot(|reader| {
            let row = known_line(reader, actor, id)?;
            let names = Names::load(reader)?;
            let mut proposals = Vec::new();
            for row in reader.proposals(true)? {
                if row.cve_id == Some(id) {
                    proposals.push(shown(row, &names)?);
                }
            }
            let history = IdHistory {
                line: line.clone(),
                shared: known_outside(reader, &row)?,
                rejections: reader.rejections(id)?.into_iter().map(Into::into).collect(),
                proposals,
                archived: reader.archived_records(id)?.len(),
            };
            let case = row.case_id.map(|case| reader.case(case)).transpose()?;
            let embargoed = case.flatten().filter(|case| case.embargoed);
            Ok::<_, Error>((history, embargoed))
        })?;
        if let Some(case) = embargoed {
            self.note_view(actor, CaseId::new(case.id))?;
        }
        Ok(history)
    }
}

/// The line of an ID the actor may know everything of.
pub(crate) fn known_line(
    reader: &mut Reader<'_>,
    actor: &Actor,
    id: CveId,
) -> Result<LedgerRow, Error> {
    let not_found = || Refusal::not_found(id.to_string());
    let line = reader.ledger_line(id)?.ok_or_else(not_found)?;
    if let Some(case) = line.case_id
        && !is_visible(reader, actor, case)?
    {
        return Err(not_found().into());
    }
    Ok(line)
}

/// Who outside knows of an ID, in words; empty for nobody.
pub(crate) fn known_outside(
    reader: &mut Reader<'_>,
    line: &LedgerRow,
) -> Result<Vec<String>, Error> {
    let mut known = Vec::new();
    for row in reader.shared_with(line.id)? {
        known.push(format!("{} was told on {}", row.told, row.at.date()));
    }
    if !line.advisory.is_empty() || line.disclosed_at.is_some() {
        known.push("an advisory names it".into());
    }
    let read = |hit: &HitRow| hit.state != "dismissed";
    for hit in reader.hits_of(line.id)?.into_iter().filter(read) {
        known.push(format!("it was seen at {}", hit.source));
    }
    let Some(case) = line.case_id else {
        return Ok(known);
    };
    let id = line.id.to_string();
    for message in reader.messages(case)? {
        let outside = message.lane != "internal";
        if outside && message.body.to_ascii_uppercase().contains(&id) {
            let day = message.at.date();
            known.push(format!(
                "a message to the lane `{}` of {day} names it",
                message.lane
            ));
        }
    }
    for event in reader.case_events(case)? {
        let told = [
            EventKind::IdGiven,
            EventKind::Disclosed,
            EventKind::ThirdPartyDisclosed,
            EventKind::IdSeen,
            EventKind::DistributorsTold,
            EventKind::DistributorsFinalNotice,
            EventKind::ListPosted,
        ];
        let is_told = told.iter().any(|kind| kind.as_str() == event.kind);
        if is_told && (event.subject.is_empty() || event.subject == id) {
            known.push(format!(
                "`{}` is recorded of {}",
                event.kind,
                event.at.date()
            ));
        }
    }
    Ok(known)
}
