//! Handing back: an ID that was assigned by mistake and that nobody was told
//! of returns to the pool.
//!
//! Source: process section 4, point 5, and section 3.2.

use cve::id::CveId;
use cve::time::Timestamp;
use serde_json::json;
use store::{LedgerRow, ProposalRow, Reader, Tx};

use crate::case::{self, CaseId, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lifecycle::ledger::{Circumstances, IdState, step};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::proposal::{self, HAND_BACK, NewProposal, Proposal};
use crate::shared::{known_line, known_outside};

impl Desk {
    /// Proposes that an assigned ID go back to the pool.
    ///
    /// Refuses: an ID that anybody outside was told of, one of another year,
    /// one with a draft: these have to be rejected.
    pub fn propose_hand_back(
        &self,
        actor: &Actor,
        id: CveId,
        reason: &str,
    ) -> Result<Proposal, Error> {
        check(actor, Action::Assign)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let line = known_line(tx, &actor, id)?;
            let Some(case) = line.case_id.map(CaseId::new) else {
                let problem = format!("{id} is assigned in no case: there is nothing to hand back");
                return Err(Refusal::invalid("cve_id", problem).into());
            };
            case::take(tx, &actor, case, Verb::HandBack)?;
            let now = tx.now();
            refuse_known(tx, &line, now)?;
            let new = NewProposal {
                kind: HAND_BACK,
                subject: id.to_string(),
                cve_id: Some(id),
                case: Some(case),
                account: line.account.clone(),
                document: json!({"cve_id": id, "action": "hand_back", "case": case}),
                reason: reason.clone(),
            };
            proposal::insert(tx, &actor, new)
        })
    }
}

/// Gives the ID back, now that a second person approved.
pub(crate) fn carry_out(tx: &mut Tx<'_>, actor: &Actor, row: &ProposalRow) -> Result<(), Error> {
    let gone = || Error::Broken(format!("the ID of proposal {} is gone", row.number));
    let (id, case) = (row.cve_id.ok_or_else(gone)?, row.case_id.ok_or_else(gone)?);
    let mut head = case::take(tx, actor, CaseId::new(case), Verb::HandBack)?;
    let mut line = tx.take_ledger_line(id)?.ok_or_else(gone)?;
    if line.case_id != Some(case) {
        let problem = format!("{id} is not assigned in case {case} any more");
        return Err(Refusal::invalid("cve_id", problem).into());
    }
    // Somebody may have been told since it was proposed.
    let now = tx.now();
    refuse_known(tx, &line, now)?;
    line.state = IdState::Pool.to_string();
    line.case_id = None;
    line.title = String::new();
    line.assigned_at = None;
    line.modified = now;
    tx.update_ledger_line(&line)?;
    case::settle(tx, &mut head)?;
    Ok(())
}

/// Refuses an ID that may not serve another vulnerability.
fn refuse_known(reader: &mut Reader<'_>, line: &LedgerRow, now: Timestamp) -> Result<(), Error> {
    let must = |reason: String| Refusal::MustReject {
        id: line.id,
        reason,
    };
    let from: IdState = line.state.parse().map_err(|_| {
        let problem = format!("it is {}, expected ASSIGNED", line.state);
        Refusal::invalid("cve_id", problem)
    })?;
    let outside = known_outside(reader, line)?;
    let given = Circumstances {
        is_shared: !outside.is_empty(),
        // The proposal is what the second person approves.
        four_eyes: true,
        ..Circumstances::default()
    };
    if let Err(refused) = step(from, IdState::Pool, given) {
        let reason = match outside.first() {
            Some(first) if given.is_shared => first.clone(),
            _ => refused.to_string(),
        };
        return Err(must(reason).into());
    }
    if line.id.year() != now.year() && !line.id.is_example() {
        return Err(must(format!("it is of {}, and the year is over", line.id.year())).into());
    }
    // Its revisions are kept for ever, and whoever gets the ID next would see
    // them.
    if reader.draft(line.id)?.is_some() {
        return Err(must("a draft of it says what it names".into()).into());
    }
    Ok(())
}
