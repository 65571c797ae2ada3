//! Follow-ups as people see them: listed, shown, tried again, cancelled.

use serde_json::json;
use store::{AuditEvent, FollowupRow, FollowupState, Reader};

use crate::case::{CaseId, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

impl Desk {
    /// The follow-ups the actor may know of, newest first: those of cases the
    /// actor is on, and those of the pool.
    ///
    /// Takes: `all`, also those that are done or cancelled.
    pub fn followups(&self, actor: &Actor, all: bool) -> Result<Vec<FollowupRow>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            let mut known = Vec::new();
            for row in reader.all_followups()? {
                use FollowupState::{Cancelled, Done};
                if (all || !matches!(row.state, Done | Cancelled)) && may_know(reader, actor, &row)?
                {
                    known.push(row);
                }
            }
            Ok(known)
        })
    }

    /// A follow-up.
    ///
    /// Refuses: one the actor may not know of, as one that is not there.
    pub fn followup(&self, actor: &Actor, id: &str) -> Result<FollowupRow, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| find(reader, actor, id))
    }

    /// Makes a held or failed follow-up due again.
    pub fn retry_followup(&self, actor: &Actor, id: &str) -> Result<(), Error> {
        check(actor, Action::Retry)?;
        let (actor, id) = (actor.clone(), id.to_owned());
        self.store.write(move |tx| {
            let row = find(tx, &actor, &id)?;
            if !tx.retry_followup(&id)? {
                let problem = "it neither waits for a person nor has failed";
                return Err(Refusal::invalid("followup", problem).into());
            }
            tx.audit(event(
                &actor,
                &row,
                "followup.retry",
                json!({"followup": id}),
            ));
            Ok(())
        })
    }

    /// Gives a follow-up up: one that is held or failed, or was never tried.
    ///
    /// Refuses: one that was tried and waits to look again, because what it
    /// said may have been done.
    pub fn cancel_followup(&self, actor: &Actor, id: &str, reason: &str) -> Result<(), Error> {
        check(actor, Action::Retry)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let (actor, id) = (actor.clone(), id.to_owned());
        self.store.write(move |tx| {
            let row = find(tx, &actor, &id)?;
            let answer = format!("cancelled by {}: {reason}", actor.name());
            if !tx.cancel_followup(&id, &answer)? {
                let problem = "it is done, or under way and may have been heard: expected one that \
                               is held, has failed or was never tried";
                return Err(Refusal::invalid("followup", problem).into());
            }
            let detail = json!({"followup": id, "reason": reason});
            tx.audit(event(&actor, &row, "followup.cancel", detail));
            Ok(())
        })
    }
}

fn find(reader: &mut Reader<'_>, actor: &Actor, id: &str) -> Result<FollowupRow, Error> {
    let row = match reader.followup(id)? {
        Some(row) if may_know(reader, actor, &row)? => Some(row),
        _ => None,
    };
    let shown: String = id.chars().take(64).collect();
    Ok(row.ok_or_else(|| Refusal::not_found(format!("follow-up `{shown}`")))?)
}

fn may_know(reader: &mut Reader<'_>, actor: &Actor, row: &FollowupRow) -> Result<bool, Error> {
    let case = row.subject.strip_prefix("case ").map(str::parse::<CaseId>);
    match case {
        Some(Ok(case)) => is_visible(reader, actor, case.number()),
        Some(Err(_)) => Ok(false),
        None => Ok(check(actor, Action::Audit).is_ok()),
    }
}

fn event(actor: &Actor, row: &FollowupRow, action: &str, detail: serde_json::Value) -> AuditEvent {
    AuditEvent {
        actor: actor.name().to_owned(),
        org: String::new(),
        action: action.to_owned(),
        object: row.subject.clone(),
        detail,
    }
}
