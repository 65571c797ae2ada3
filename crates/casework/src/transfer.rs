//! Asking that an ID become another organisation's.
//!
//! Only the Root decides and only the Secretariat acts; the desk records the
//! request, drafts the letter, and notes when the service shows the new owner.
//!
//! Source: process section 8.5; CNA Rules 4.5.4.1.

use cve::id::CveId;
use cve::org::ShortName;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, TransferRow};

use crate::case::{self, CaseId, Names, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lifecycle::ledger::{Circumstances, IdState, step};
use crate::lifecycle::transfer::Transfer;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::reject::state_of;
use crate::shared::known_line;

/// A transfer to be asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferOrder {
    /// Short name of whose it shall be.
    pub to: ShortName,
    /// `scope` or `delay`, the only grounds there are.
    pub ground: String,
    /// Why, for whoever decides; nothing of an embargo.
    pub reason: String,
}

/// A transfer that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransferRequest {
    /// The ID.
    pub cve_id: CveId,
    /// Whose it shall be.
    pub to: String,
    /// `scope` or `delay`.
    pub ground: String,
    /// Why.
    pub reason: String,
    /// The letter to the Root, ready to be sent.
    pub letter: String,
    /// Name of whoever asked.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// When the service showed the other owner; nothing before.
    pub seen_at: Option<Timestamp>,
}

impl Desk {
    /// Records the request, and drafts its letter.
    ///
    /// Refuses: another ground than scope or delay; IDs of 2016 and before;
    /// an ID that is transferred or rejected.
    pub fn request_transfer(
        &self,
        actor: &Actor,
        id: CveId,
        order: &TransferOrder,
    ) -> Result<TransferRequest, Error> {
        check(actor, Action::Request)?;
        let organisation = self.set_up_organisation()?;
        let us = organisation.short_name.to_string();
        let (to, reason) = (order.to.to_string(), order.reason.trim().to_owned());
        if reason.is_empty() || to == us {
            let problem = "expected another organisation, and a reason";
            return Err(Refusal::invalid("to", problem).into());
        }
        Transfer::request(&id.to_string(), &us, &to, &order.ground).map_err(|refused| {
            let problem = format!("{refused} (process 8.5; CNA Rules 4.5.4.1)");
            Refusal::invalid("ground", problem)
        })?;
        let (actor, ground) = (actor.clone(), order.ground.clone());
        self.store.write(move |tx| {
            let line = known_line(tx, &actor, id)?;
            step(
                state_of(&line)?,
                IdState::Transferred,
                Circumstances::default(),
            )
            .map_err(|refused| Refusal::invalid("cve_id", refused.to_string()))?;
            let open = tx.transfers()?;
            if open.iter().any(|row| row.id == id && row.seen_at.is_none()) {
                let problem = format!("a transfer of {id} is asked for already");
                return Err(Refusal::invalid("cve_id", problem).into());
            }
            let row = TransferRow {
                id,
                number: 0,
                receiver: to.clone(),
                ground: ground.clone(),
                letter: letter(id, &us, &to, &ground, &reason),
                reason: reason.clone(),
                author: actor.id().to_owned(),
                at: tx.now(),
                seen_at: None,
            };
            tx.insert_transfer(&row)?;
            let detail = json!({"cve_id": id, "to": to, "ground": ground, "reason": reason});
            match line.case_id {
                Some(case) => {
                    let case = CaseId::new(case);
                    case::record(tx, &actor, case, "recorded", "request-transfer", detail);
                }
                None => tx.audit(AuditEvent {
                    actor: actor.name().to_owned(),
                    org: line.account,
                    action: "id.request-transfer".into(),
                    object: format!("id {id}"),
                    detail,
                }),
            }
            let names = Names::load(tx)?;
            Ok(shown(row, &names))
        })
    }

    /// The transfers that were asked for, oldest first; of cases the actor is
    /// not on, none.
    pub fn transfers(&self, actor: &Actor) -> Result<Vec<TransferRequest>, Error> {
        check(actor, Action::Audit)?;
        self.store.snapshot(|reader| {
            let names = Names::load(reader)?;
            let mut known = Vec::new();
            for row in reader.transfers()? {
                let case = reader.ledger_line(row.id)?.and_then(|line| line.case_id);
                let knows = match case {
                    Some(case) => is_visible(reader, actor, case)?,
                    None => true,
                };
                if knows {
                    known.push(shown(row, &names));
                }
            }
            Ok(known)
        })
    }
}

fn shown(row: TransferRow, names: &Names) -> TransferRequest {
    TransferRequest {
        cve_id: row.id,
        to: row.receiver,
        ground: row.ground,
        reason: row.reason,
        letter: row.letter,
        author: names.of(&row.author),
        at: row.at,
        seen_at: row.seen_at,
    }
}

/// The letter to the Root, and through it to the Secretariat.
fn letter(id: CveId, us: &str, to: &str, ground: &str, reason: &str) -> String {
    let because = match ground {
        "scope" => "it lies in the scope of the receiving organisation",
        _ => "its record is late and the receiving organisation can publish it",
    };
    format!(
        "Subject: Request to transfer {id} from {us} to {to}\n\n\
         To our Root, for the Secretariat\n\n\
         We, {us}, ask that {id} become {to}'s, because {because}.\n\n\
         {reason}\n\n\
         Please decide under CNA Rules 4.5.4.1, ask {to} to accept, and let the Secretariat \
         change the owner. The ID and its text stay as they are. Until then we keep it and \
         publish nothing of it elsewhere.\n"
    )
}
