//! Closing a case by hand where no answer can, and opening one again because
//! of new information.
//!
//! Source: process section 3.1.

use serde_json::json;
use store::ClosingRow;

use crate::case::{self, CaseId, CaseState, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::retrospective;

/// What somebody did with a case by hand, as far as its state follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByHand {
    /// It is closed.
    Closed,
    /// It was opened again, and no question was answered since.
    Reopened,
}

impl ByHand {
    /// What follows from the newest closing.
    pub(crate) fn of(newest: Option<&ClosingRow>, answers: usize) -> Option<ByHand> {
        let newest = newest?;
        if newest.verb == "close" {
            return Some(ByHand::Closed);
        }
        (newest.answers == answers as i64).then_some(ByHand::Reopened)
    }
}

impl Desk {
    /// Closes a case: one that was handed on and is assigned elsewhere, one
    /// whose reporter does not answer, one whose record is published.
    ///
    /// Refuses: a published one without the text of its retrospective, where
    /// the profile asks for one.
    pub fn close_case(&self, actor: &Actor, id: CaseId, reason: &str) -> Result<CaseState, Error> {
        self.by_hand(actor, id, reason, Verb::Close)
    }

    /// Opens a case again because of new information: a closed one, or one
    /// that is determined and has no ID. It is decided by the next answer.
    pub fn reopen_case(&self, actor: &Actor, id: CaseId, reason: &str) -> Result<CaseState, Error> {
        self.by_hand(actor, id, reason, Verb::Reopen)
    }

    fn by_hand(
        &self,
        actor: &Actor,
        id: CaseId,
        reason: &str,
        verb: Verb,
    ) -> Result<CaseState, Error> {
        check(actor, Action::Close)?;
        if reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let (actor, reason) = (actor.clone(), reason.to_owned());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, verb)?;
            if verb == Verb::Close {
                retrospective::refuse_without(tx, &row)?;
            }
            if row.state == CaseState::Determined.as_str() {
                case::without_ids(tx, &row, "opened again")?;
            }
            let newest = tx.closing(id.number())?;
            let closing = ClosingRow {
                number: newest.map_or(0, |row| row.number) + 1,
                verb: verb.word().to_owned(),
                reason: reason.clone(),
                answers: tx.answers(id.number())?.len() as i64,
                person: actor.id().to_owned(),
                at: tx.now(),
            };
            tx.insert_closing(id.number(), &closing)?;
            let state = case::settle(tx, &mut row)?;
            let (change, action) = match verb {
                Verb::Close => ("closed", "close"),
                _ => ("reopened", "reopen"),
            };
            let detail = json!({"state": state, "reason": reason});
            case::record(tx, &actor, id, change, action, detail);
            Ok(state)
        })
    }
}
