//! Assigning CVE IDs: from the pool, or by a reservation that follows.

use cve::id::{CveId, Year};
use cve::wire::BatchType;
use cve::world::World;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AssignmentRow, CaseRow, Followup, Tx};

use crate::case::{self, CaseId, CaseState, Verb};
use crate::decision::{Docket, Slot};
use crate::desk::Desk;
use crate::error::Error;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::pool::{allow_year, parts, refuse_frozen};

/// What a reservation needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReserveOrder {
    /// The account to reserve with.
    pub(crate) account: String,
    /// The year of the ID.
    pub(crate) year: Year,
    /// How many.
    pub(crate) amount: u32,
    /// The case the IDs are for, one for each vulnerability; nothing when all
    /// are for the pool.
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
    /// IDs of the pool were taken.
    Assigned {
        /// The first of them.
        cve_id: CveId,
        /// All of them, in the order of the vulnerabilities.
        cve_ids: Vec<CveId>,
        /// The follow-up that reserves the rest; nothing when none is lacking.
        #[serde(skip_serializing_if = "Option::is_none")]
        followup: Option<String>,
    },
    /// The pool is empty; a follow-up reserves IDs and assigns them.
    Reserving {
        /// Id of the follow-up.
        followup: String,
    },
}

/// Kind of the follow-up that reserves.
pub(crate) const RESERVE: &str = "id.reserve";

impl Desk {
    /// Assigns a CVE ID of `year` to each vulnerability of a case that has
    /// none, from the pool where IDs are left.
    ///
    /// Takes: `year`, the present one when the caller has no other ground.
    /// Gives: the IDs of the pool that were taken, and the follow-up that
    /// reserves what is still lacking.
    /// Refuses: a case whose determination is not to assign; a count that a
    /// second person has to confirm and did not (PC-01).
    /// Source: process section 2.3 stage F; CNA Rules 4.2.11, 4.2.19.
    pub fn assign(
        &self,
        actor: &Actor,
        id: CaseId,
        year: Option<Year>,
    ) -> Result<Assignment, Error> {
        check(actor, Action::Assign)?;
        let organisation = self.set_up_organisation()?;
        let environment = self.environment(&organisation)?;
        let (actor, world) = (actor.clone(), self.world.clone());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Assign)?;
            let year = year.unwrap_or_else(|| tx.now().year());
            allow_year(year, tx.now(), &environment)?;
            refuse_frozen(tx, &organisation.account, year)?;
            let mut lacking = confirmed_lacking(tx, &row)?.into_iter().peekable();
            let mut ids = Vec::new();
            while let Some(slot) = lacking.peek() {
                let Some(mut line) = tx.take_from_pool(&organisation.account, year)? else {
                    break;
                };
                assign_line(tx, &mut line, id, slot)?;
                let detail = json!({
                    "cve_id": line.id, "from": "pool", "finding": slot.finding, "part": slot.part,
                });
                case::record(tx, &actor, id, "assigned", "assign", detail);
                ids.push(line.id);
                lacking.next();
            }
            if !ids.is_empty() {
                case::settle(tx, &mut row)?;
            }
            let rest = u32::try_from(lacking.count()).unwrap_or(u32::MAX);
            let followup = if rest == 0 {
                None
            } else {
                let order = ReserveOrder {
                    account: organisation.account.clone(),
                    year,
                    amount: rest,
                    case: Some(id),
                    batch: None,
                };
                reserve(tx, &actor, id, &order, &world)?
            };
            match (ids.first(), followup) {
                (Some(first), followup) => Ok(Assignment::Assigned {
                    cve_id: *first,
                    cve_ids: ids.clone(),
                    followup,
                }),
                (None, Some(followup)) => Ok(Assignment::Reserving { followup }),
                // A case that waits for an ID lacks one, or its state is wrong.
                (None, None) => Err(Error::Broken(format!("case {id} lacks no ID"))),
            }
        })
    }
}

/// Orders what is lacking and not on order already.
///
/// Gives: the follow-up that reserves, the first where there are several.
fn reserve(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    order: &ReserveOrder,
    world: &World,
) -> Result<Option<String>, Error> {
    let (waiting, on_order) = waiting_reservation(tx, id)?;
    let mut first = waiting;
    // At most ten that are not neighbours, which would tell that several
    // embargoed flaws belong together.
    for (amount, batch) in parts(order.amount.saturating_sub(on_order), false) {
        let followup = world.uuid();
        let order = ReserveOrder {
            amount,
            batch,
            ..order.clone()
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
        let detail = json!({"followup": followup, "year": order.year, "amount": amount});
        case::record(tx, actor, id, "reserving", "assign", detail);
        first = first.or(Some(followup));
    }
    Ok(first)
}

/// The reservation that is under way for the case, if there is one, and how
/// many IDs are on order.
fn waiting_reservation(tx: &mut Tx<'_>, id: CaseId) -> Result<(Option<String>, u32), Error> {
    use store::FollowupState::{Cancelled, Done, Failed};
    let rows = tx.followups_of(&id.object())?;
    let open = |row: &&store::FollowupRow| {
        row.kind == RESERVE && !matches!(row.state, Done | Failed | Cancelled)
    };
    let first = rows.iter().find(open).map(|row| row.id.clone());
    let mut amount = 0_u32;
    for payload in tx.open_followup_payloads(RESERVE)? {
        let order: ReserveOrder = serde_json::from_value(payload)
            .map_err(|error| Error::Broken(format!("payload of a reservation: {error}")))?;
        if order.case == Some(id) {
            amount = amount.saturating_add(order.amount);
        }
    }
    Ok((first, amount))
}

/// Ties a line of the ledger to a vulnerability of a case.
pub(crate) fn assign_line(
    tx: &mut Tx<'_>,
    line: &mut store::LedgerRow,
    id: CaseId,
    slot: &Slot,
) -> Result<(), Error> {
    line.state = "ASSIGNED".into();
    line.case_id = Some(id.number());
    line.title = slot.title.clone();
    line.assigned_at = Some(tx.now());
    line.modified = tx.now();
    tx.update_ledger_line(line)?;
    let row = AssignmentRow {
        id: line.id,
        finding: slot.finding,
        part: slot.part,
    };
    Ok(tx.insert_assignment(id.number(), &row)?)
}

/// The vulnerabilities of a determined case that have no ID.
///
/// Refuses: a count that a second person has to confirm and did not.
fn confirmed_lacking(tx: &mut Tx<'_>, row: &CaseRow) -> Result<Vec<Slot>, Error> {
    let docket = Docket::load(tx, row)?;
    let decision = docket.decide();
    docket.check_confirmed(&decision, tx.confirmation(row.id)?)?;
    let lines = tx.ledger_of(row.id)?;
    let assignments = tx.assignments(row.id)?;
    Ok(docket.lacking(&decision, &assignments, &lines))
}

/// The case with the vulnerability that waits for an ID first; nothing when
/// none does (any more), or when the count has to be confirmed anew.
pub(crate) fn wants_id(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<(CaseRow, Slot)>, Error> {
    let row = tx.take_case(id.number())?;
    let Some(row) = row.filter(|row| row.state == CaseState::Determined.as_str()) else {
        return Ok(None);
    };
    match confirmed_lacking(tx, &row) {
        Ok(lacking) => Ok(lacking.into_iter().next().map(|slot| (row, slot))),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
