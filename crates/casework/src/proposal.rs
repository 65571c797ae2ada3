//! Proposals: what one person wants done to CVE IDs, and a second approves.
//!
//! An approval binds to the digest of the document that says exactly what will
//! be done. What leaves for another server is begun by a publisher after it;
//! the rest is done with the approval.
//!
//! Source: process section 3.3, rules 1 to 4.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{AuditEvent, Followup, ProposalRow, Reader, Tx};

use crate::case::{self, CaseId, Names, Verb, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::followups::{REINSTATE, REJECT};
use crate::hand_back;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::reject::FateOrder;
use crate::year_end;

/// Kind of a proposal to give an assigned ID back to the pool.
pub(crate) const HAND_BACK: &str = "hand_back";
/// Kind of a proposal to reject an ID.
pub(crate) const REJECTION: &str = "reject";
/// Kind of a proposal to undo a rejection.
pub(crate) const REINSTATEMENT: &str = "reinstate";
/// Kind of a proposal to reject what a year left unused.
pub(crate) const YEAR_END: &str = "year_end";

/// A proposal as somebody who may know of it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Its number, from 1.
    pub number: i64,
    /// `hand_back`, `reject`, `reinstate` or `year_end`.
    pub kind: String,
    /// A CVE ID, or `year-end 2025`.
    pub subject: String,
    /// The case, where the ID has one.
    pub case: Option<CaseId>,
    /// What will be done, exactly.
    pub document: Value,
    /// What an approval binds to.
    pub digest: Digest,
    /// Why.
    pub reason: String,
    /// Name of whoever proposed it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// `open`, `approved`, `begun`, `done` or `withdrawn`.
    pub state: String,
    /// What has to happen next, in words.
    pub next: &'static str,
    /// Name of whoever approved or withdrew it; empty before.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What was said with it.
    pub comment: String,
}

/// A proposal to be made.
pub(crate) struct NewProposal {
    pub(crate) kind: &'static str,
    pub(crate) subject: String,
    pub(crate) cve_id: Option<CveId>,
    pub(crate) case: Option<CaseId>,
    pub(crate) account: String,
    pub(crate) document: Value,
    pub(crate) reason: String,
}

impl Desk {
    /// The proposals the actor may know of, newest first.
    ///
    /// Takes: `all`, also those that are done or withdrawn.
    pub fn proposals(&self, actor: &Actor, all: bool) -> Result<Vec<Proposal>, Error> {
        check(actor, Action::Audit)?;
        self.store.snapshot(|reader| {
            let names = Names::load(reader)?;
            let mut known = Vec::new();
            for row in reader.proposals(all)? {
                if may_know(reader, actor, &row)? {
                    known.push(shown(row, &names)?);
                }
            }
            Ok(known)
        })
    }

    /// A proposal, with its whole document.
    ///
    /// Refuses: one the actor may not know of, as one that is not there.
    pub fn proposal(&self, actor: &Actor, number: i64) -> Result<Proposal, Error> {
        check(actor, Action::Audit)?;
        let (proposal, embargoed) = self.store.snapshot(|reader| {
            let row = find(reader, actor, number)?;
            let case = row.case_id.map(|case| reader.case(case)).transpose()?;
            let embargoed = case.flatten().filter(|case| case.embargoed);
            Ok::<_, Error>((shown(row, &Names::load(reader)?)?, embargoed))
        })?;
        if let Some(case) = embargoed {
            self.note_view(actor, CaseId::new(case.id))?;
        }
        Ok(proposal)
    }

    /// Approves the document that has this digest.
    ///
    /// Gives: the proposal; a hand-back is done with it.
    /// Refuses: another digest, whoever proposed it, one that is not open.
    pub fn approve_proposal(
        &self,
        actor: &Actor,
        number: i64,
        digest: Digest,
        comment: &str,
    ) -> Result<Proposal, Error> {
        check(actor, Action::Review)?;
        let (actor, comment) = (actor.clone(), comment.trim().to_owned());
        self.store.write(move |tx| {
            let mut row = take(tx, &actor, number)?;
            needs_state(&row, &["open"], "expected one that waits for its approval")?;
            if row.digest != digest {
                let problem = format!("it is now {}: read the proposal again", row.digest);
                return Err(Refusal::invalid("digest", problem).into());
            }
            document_of(&row)?;
            if row.author == actor.id() {
                let reviewer = actor.name().to_owned();
                return Err(Refusal::OwnProposal { reviewer }.into());
            }
            row.state = "approved".into();
            row.decided_by = actor.id().to_owned();
            row.decided_at = Some(tx.now());
            row.comment = comment.clone();
            if row.kind == HAND_BACK {
                hand_back::carry_out(tx, &actor, &row)?;
                row.state = "done".into();
            }
            tx.update_proposal(&row)?;
            note(tx, &actor, &row, "approve");
            let names = Names::load(tx)?;
            shown(row, &names)
        })
    }

    /// Withdraws a proposal that was not begun.
    pub fn withdraw_proposal(
        &self,
        actor: &Actor,
        number: i64,
        comment: &str,
    ) -> Result<Proposal, Error> {
        check(actor, Action::Reserve)?;
        let comment = comment.trim().to_owned();
        if comment.is_empty() {
            return Err(Refusal::invalid("comment", "it is empty: say why").into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = take(tx, &actor, number)?;
            let needs = "what was begun is ended by its follow-ups (`cna followup list`)";
            needs_state(&row, &["open", "approved"], needs)?;
            row.state = "withdrawn".into();
            row.decided_by = actor.id().to_owned();
            row.decided_at = Some(tx.now());
            row.comment = comment.clone();
            tx.update_proposal(&row)?;
            note(tx, &actor, &row, "withdraw");
            let names = Names::load(tx)?;
            shown(row, &names)
        })
    }

    /// Begins what was approved, or goes on with it: follow-ups say it to CVE
    /// Services.
    ///
    /// Refuses: what is not approved; an ID whose record is on its way
    /// otherwise.
    pub fn proceed(&self, actor: &Actor, number: i64) -> Result<Proposal, Error> {
        check(actor, Action::Publish)?;
        let row = self.store.read(|reader| find(reader, actor, number))?;
        if row.kind == YEAR_END {
            year_end::proceed(self, actor, number)?;
            return self.store.snapshot(|reader| {
                let row = find(reader, actor, number)?;
                shown(row, &Names::load(reader)?)
            });
        }
        let (actor, followup) = (actor.clone(), self.world.uuid());
        self.store.write(move |tx| {
            let verb = match row.kind.as_str() {
                REJECTION => Verb::Reject,
                _ => Verb::Reinstate,
            };
            if let Some(case) = row.case_id {
                case::take(tx, &actor, CaseId::new(case), verb)?;
            }
            let mut row = take(tx, &actor, number)?;
            needs_state(&row, &["approved"], "expected one that is approved")?;
            let Some(id) = row.cve_id else {
                return Err(Error::Broken(format!("proposal {number} names no ID")));
            };
            begin(tx, &row, id, &followup, None)?;
            row.state = "begun".into();
            tx.update_proposal(&row)?;
            note(tx, &actor, &row, "proceed");
            let names = Names::load(tx)?;
            shown(row, &names)
        })
    }
}

/// Leaves the follow-up that gives an ID its fate.
///
/// Takes: `subject`, the follow-up's; without one, the case or the ID.
/// Refuses: an ID about whose record a follow-up waits or runs.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    row: &ProposalRow,
    id: CveId,
    followup: &str,
    subject: Option<&str>,
) -> Result<(), Error> {
    let line = tx.take_ledger_line(id)?;
    let case = line.and_then(|line| line.case_id).map(CaseId::new);
    let lane = format!("record {id}");
    if !tx.unfinished_in_lane(&lane)?.is_empty() {
        let problem = format!(
            "a follow-up about the record of {id} is not finished: retry or cancel it first \
             (`cna followup list`)"
        );
        return Err(Refusal::invalid("cve_id", problem).into());
    }
    let order = FateOrder {
        cve_id: id,
        account: row.account.clone(),
        proposal: row.number,
        digest: row.digest,
    };
    let own = match (case, subject) {
        // Whoever may know of the case may know of the follow-up.
        (Some(case), _) => case.object(),
        (None, Some(subject)) => subject.to_owned(),
        (None, None) => format!("id {id}"),
    };
    let kind = match row.kind.as_str() {
        REINSTATEMENT => REINSTATE,
        _ => REJECT,
    };
    tx.insert_followup(&Followup {
        id: followup.to_owned(),
        kind: kind.into(),
        subject: own,
        lane,
        payload: json!(order),
    })?;
    Ok(())
}

/// Keeps a proposal.
///
/// Refuses: a second one about the same.
pub(crate) fn insert(tx: &mut Tx<'_>, actor: &Actor, new: NewProposal) -> Result<Proposal, Error> {
    if let Some(open) = tx.open_proposals_of(&new.subject)?.first() {
        return Err(Refusal::ProposalState {
            number: open.number,
            state: format!("{}, and about {} too", open.state, new.subject),
            needs: "have it approved, or withdraw it first".into(),
        }
        .into());
    }
    let row = ProposalRow {
        number: tx.next_in_series("proposal")?,
        kind: new.kind.into(),
        subject: new.subject,
        cve_id: new.cve_id,
        case_id: new.case.map(CaseId::number),
        account: new.account,
        digest: Digest::of_json(&new.document),
        document: new.document.to_string(),
        reason: new.reason,
        author: actor.id().to_owned(),
        at: tx.now(),
        state: "open".into(),
        decided_by: String::new(),
        decided_at: None,
        comment: String::new(),
    };
    tx.insert_proposal(&row)?;
    note(tx, actor, &row, "propose");
    let names = Names::load(tx)?;
    shown(row, &names)
}

/// The document of a proposal, when it is the one that its digest names.
pub(crate) fn document_of(row: &ProposalRow) -> Result<Value, Error> {
    let broken = |problem: &str| Error::Broken(format!("proposal {}: {problem}", row.number));
    let document: Value =
        serde_json::from_str(&row.document).map_err(|error| broken(&error.to_string()))?;
    if Digest::of_json(&document) != row.digest {
        return Err(broken("its document was changed in the database"));
    }
    Ok(document)
}

/// Writes change and audit event of something done to a proposal.
pub(crate) fn note(tx: &mut Tx<'_>, actor: &Actor, row: &ProposalRow, verb: &str) {
    let detail = json!({
        "proposal": row.number, "kind": row.kind, "subject": row.subject, "digest": row.digest,
        "reason": row.reason, "comment": row.comment,
    });
    if let Some(case) = row.case_id {
        let action = format!("{verb}-{}", row.kind.replace('_', "-"));
        case::record(tx, actor, CaseId::new(case), "proposal", &action, detail);
        return;
    }
    tx.change(
        "proposal.changed",
        "",
        &row.number.to_string(),
        store::Visibility::Restricted,
    );
    tx.audit(AuditEvent {
        actor: actor.name().to_owned(),
        org: row.account.clone(),
        action: format!("proposal.{verb}"),
        object: row.subject.clone(),
        detail,
    });
}

/// Refuses a proposal that stands elsewhere.
pub(crate) fn needs_state(row: &ProposalRow, states: &[&str], needs: &str) -> Result<(), Refusal> {
    if states.contains(&row.state.as_str()) {
        return Ok(());
    }
    Err(Refusal::ProposalState {
        number: row.number,
        state: row.state.clone(),
        needs: needs.to_owned(),
    })
}

pub(crate) fn take(tx: &mut Tx<'_>, actor: &Actor, number: i64) -> Result<ProposalRow, Error> {
    find(tx, actor, number)?;
    Ok(tx.take_proposal(number)?.ok_or_else(|| not_found(number))?)
}

fn find(reader: &mut Reader<'_>, actor: &Actor, number: i64) -> Result<ProposalRow, Error> {
    match reader.proposal(number)? {
        Some(row) if may_know(reader, actor, &row)? => Ok(row),
        _ => Err(not_found(number).into()),
    }
}

fn not_found(number: i64) -> Refusal {
    Refusal::not_found(format!("proposal {number}"))
}

fn may_know(reader: &mut Reader<'_>, actor: &Actor, row: &ProposalRow) -> Result<bool, Error> {
    match row.case_id {
        Some(case) => is_visible(reader, actor, case),
        None => Ok(true),
    }
}

pub(crate) fn shown(row: ProposalRow, names: &Names) -> Result<Proposal, Error> {
    let document: Value = serde_json::from_str(&row.document)
        .map_err(|error| Error::Broken(format!("proposal {}: {error}", row.number)))?;
    let next = match row.state.as_str() {
        "open" => "somebody else reads and approves it",
        "approved" => "a publisher begins it",
        "begun" => "its follow-ups end it",
        _ => "nothing",
    };
    Ok(Proposal {
        number: row.number,
        kind: row.kind,
        subject: row.subject,
        case: row.case_id.map(CaseId::new),
        document,
        digest: row.digest,
        reason: row.reason,
        author: names.of(&row.author),
        at: row.at,
        state: row.state,
        next,
        decided_by: names.of(&row.decided_by),
        decided_at: row.decided_at,
        comment: row.comment,
    })
}
