//! Assigning CVE IDs: from the pool, or by a reservation that follows.

use cve::id::{CveId, Year};
use cve::wire::BatchType;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Followup, Tx};

use crate::case::{self, CaseId, CaseState, Verb};
use crate::desk::Desk;
use crate::error::Error;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::pool::{allow_year, refuse_frozen};

/// What a reservation needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReserveOrder {
    /// The account to reserve with.
    pub(crate) account: String,
    /// The year of the ID.
    pub(crate) year: Year,
    /// How many.
    pub(crate) amount: u32,
    /// The case the first ID is for; nothing when all are for the pool.
    #[serde(default)]
    pub(crate) case: Option<CaseId>,
    /// How they are picked.
    #[serde(default)]
    pub(crate) batch: Option<BatchType>,
}

/// How an assignment came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "assignment")]
pub enum Assignment {
    /// An ID of the pool was taken.
    Assigned {
        /// The ID.
        cve_id: CveId,
    },
    /// The pool is empty; a follow-up reserves an ID and assigns it.
    Reserving {
        /// Id of the follow-up.
        followup: String,
    },
}

/// Kind of the follow-up that reserves.
pub(crate) const RESERVE: &str = "id.reserve";

impl Desk {
    /// Assigns a CVE ID of `year` to a case, from the pool where one is left.
    ///
    /// Takes: `year`, the present one when the caller has no other ground.
    /// Refuses: a case whose determination is not to assign.
    /// Source: process section 2.3 stage F; CNA Rules 4.2.19.
    pub fn assign(
        &self,
        actor: &Actor,
        id: CaseId,
        year: Option<Year>,
    ) -> Result<Assignment, Error> {
        check(actor, Action::Assign)?;
        let organisation = self.set_up_organisation()?;
        let environment = self.environment(&organisation)?;
        let followup = self.world.uuid();
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Assign)?;
            let year = year.unwrap_or_else(|| tx.now().year());
            allow_year(year, tx.now(), &environment)?;
            refuse_frozen(tx, &organisation.account, year)?;
            if let Some(mut line) = tx.take_from_pool(&organisation.account, year)? {
                assign_line(tx, &mut line, id, &row.title)?;
                case::settle(tx, &mut row)?;
                let detail = json!({"cve_id": line.id, "from": "pool"});
                case::record(tx, &actor, id, "assigned", "assign", detail);
                return Ok(Assignment::Assigned { cve_id: line.id });
            }
            if let Some(waiting) = waiting_reservation(tx, id)? {
                return Ok(Assignment::Reserving { followup: waiting });
            }
            let order = ReserveOrder {
                account: organisation.account.clone(),
                year,
                amount: 1,
                case: Some(id),
                batch: None,
            };
            tx.insert_followup(&Followup {
                id: followup.clone(),
                kind: RESERVE.into(),
                subject: id.object(),
                // One reservation at a time for each account: only then can
                // a lost answer be told from somebody else's reservation.
                lane: format!("reserve {}", order.account),
                payload: json!(order),
            })?;
            let detail = json!({"followup": followup, "year": year});
            case::record(tx, &actor, id, "reserving", "assign", detail);
            Ok(Assignment::Reserving {
                followup: followup.clone(),
            })
        })
    }
}

/// The reservation that is under way for the case, if there is one.
fn waiting_reservation(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<String>, Error> {
    use store::FollowupState::{Cancelled, Done, Failed};
    let rows = tx.followups_of(&id.object())?;
    let open = |row: &store::FollowupRow| {
        row.kind == RESERVE && !matches!(row.state, Done | Failed | Cancelled)
    };
    Ok(rows.into_iter().find(open).map(|row| row.id))
}

/// Ties a line of the ledger to a case.
pub(crate) fn assign_line(
    tx: &mut Tx<'_>,
    line: &mut store::LedgerRow,
    id: CaseId,
    title: &str,
) -> Result<(), Error> {
    line.state = "ASSIGNED".into();
    line.case_id = Some(id.number());
    line.title = title.to_owned();
    line.assigned_at = Some(tx.now());
    line.modified = tx.now();
    Ok(tx.update_ledger_line(line)?)
}

/// Says whether the case still waits for an ID.
pub(crate) fn wants_id(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<store::CaseRow>, Error> {
    let row = tx.take_case(id.number())?;
    Ok(row.filter(|row| row.state == CaseState::Determined.as_str()))
}
