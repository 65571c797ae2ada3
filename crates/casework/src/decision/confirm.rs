//! D8: a second trained person confirms how many vulnerabilities there are.

use cve::hash::Digest;
use serde_json::json;
use store::ConfirmationRow;

use super::docket::{CaseDecision, Docket};
use crate::case::{self, CaseId, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

impl Desk {
    /// Confirms the number of vulnerabilities of a case, as one has read it.
    ///
    /// Takes: `digest`, that of the decision that was read.
    /// Refuses: a decision that changed since; somebody who gave an answer of
    /// stage D that stands; a count nobody has to confirm.
    /// Source: process section 2.3, D8.
    pub fn confirm_count(
        &self,
        actor: &Actor,
        id: CaseId,
        digest: Digest,
        comment: &str,
    ) -> Result<CaseDecision, Error> {
        check(actor, Action::Confirm)?;
        let (actor, comment) = (actor.clone(), comment.to_owned());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::ConfirmCount)?;
            let docket = Docket::load(tx, &row)?;
            let decision = docket.decide();
            if docket.digest(&decision) != digest {
                return Err(Refusal::DecisionChanged {
                    ruling: decision
                        .ruling
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                }
                .into());
            }
            if !decision.needs_confirmation {
                let problem = "nobody has to confirm it: there is one vulnerability, and no \
                               answer of stage D is `unsure`";
                return Err(Refusal::invalid("count", problem).into());
            }
            let own = docket
                .sheet
                .current()
                .into_iter()
                .any(|row| row.reply.node.starts_with('D') && row.reply.by == actor.id());
            if own {
                let reviewer = actor.name().to_owned();
                return Err(Refusal::OwnCount { reviewer }.into());
            }
            let newest = tx.confirmation(id.number())?;
            let confirmation = ConfirmationRow {
                number: newest.map_or(0, |row| row.number) + 1,
                digest: digest.to_string(),
                ids: i64::from(decision.ids()),
                answers: docket.answers.len() as i64,
                person: actor.id().to_owned(),
                comment: comment.clone(),
                at: tx.now(),
            };
            tx.insert_confirmation(id.number(), &confirmation)?;
            case::settle(tx, &mut row)?;
            let detail = json!({"count": confirmation.ids, "digest": digest});
            case::record(tx, &actor, id, "confirmed", "confirm-count", detail);
            case::decision_view(tx, &row)
        })
    }
}
