//! Reserving CVE IDs at CVE Services: once, although it has no way to say so.
//!
//! Before the request, the IDs of the account are listed and stored, and that
//! the request is about to be sent. When its answer is lost, whoever goes on
//! waits until the server can no longer be working on it, lists again, and
//! adopts what has been added by this user, up to the amount asked. When more
//! was added than that, a person has to tell. An answer that came is believed
//! once its IDs are among those of the account; otherwise it counts as lost.
//!
//! Source: docs/architecture.md, decision 3.6.

use std::collections::{BTreeMap, BTreeSet};

use client::{IdFilter, Reservation, Services};
use cve::id::CveId;
use cve::time::Timestamp;
use cve::wire::CveIdObject;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Claimed, LedgerRow};

use super::{Step, Stop, look_again, looked_in_vain, note, order, says_later};
use crate::assign::{RESERVE, ReserveOrder, assign_line, wants_id};
use crate::case::{self, CaseId};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// How far a reservation has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// The account's IDs before the request; nothing before they were listed.
    before: Option<BTreeSet<CveId>>,
    /// When the request was about to be sent, in database time.
    sent_at: Option<Timestamp>,
    /// IDs a person has to tell apart; empty while that is not needed.
    #[serde(default)]
    candidates: BTreeMap<CveId, Option<Timestamp>>,
}

pub(super) fn step(desk: &Desk, claimed: &Claimed) -> Result<Step, Stop> {
    let order: ReserveOrder = order(claimed)?;
    let services = desk.services(&order.account)?;
    let mut progress: Progress = serde_json::from_value(claimed.progress.clone())
        .map_err(|error| Error::Broken(format!("progress of {}: {error}", claimed.id)))?;
    if let Some(sent_at) = progress.sent_at {
        let waited = desk
            .store
            .read(|reader| reader.database_time())?
            .ms_since(sent_at);
        let left = desk.settings.pace.server_limit_ms - waited;
        if left > 0 {
            let answer = "the answer was lost; waiting until the server has surely finished";
            return Ok(Step::Wait {
                answer: answer.into(),
                wait_ms: left,
            });
        }
        if let Some(step) = adopt(desk, claimed, &services, &order, &mut progress)? {
            return Ok(step);
        }
    }
    if progress.before.is_none() {
        match list(&services, &order) {
            Ok(ids) => progress.before = Some(ids.iter().map(|id| id.cve_id).collect()),
            Err(error) => return Ok(looked_in_vain(desk, claimed, &error)),
        }
        note(desk, claimed, &json!(progress))?;
    }
    desk.world.reached("id.reserve.listed");
    progress.sent_at = Some(desk.store.read(|reader| reader.database_time())?);
    note(desk, claimed, &json!(progress))?;
    desk.world.reached("id.reserve.intended");
    send(desk, claimed, &services, &order, progress)
}

/// Sends the request.
fn send(
    desk: &Desk,
    claimed: &Claimed,
    services: &Services,
    order: &ReserveOrder,
    mut progress: Progress,
) -> Result<Step, Stop> {
    let answered = services.reserve(&Reservation {
        year: order.year,
        amount: order.amount,
        short_name: own(&services.credentials().org),
        batch: order.batch,
    });
    desk.world.reached("id.reserve.answered");
    let lost = |error: client::Error| Step::Wait {
        answer: error.to_string(),
        wait_ms: desk.settings.pace.server_limit_ms,
    };
    let reply = match answered {
        Ok(reply) => reply,
        Err(error @ client::Error::NotSent { .. }) => {
            progress.sent_at = None;
            note(desk, claimed, &json!(progress))?;
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) if error.may_have_been_done() => return Ok(lost(error)),
        Err(error) if says_later(&error) || error.is_refusal(403, "RESERVATION_IN_PROGRESS") => {
            progress.sent_at = None;
            note(desk, claimed, &json!(progress))?;
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) => {
            return Ok(Step::Fail {
                answer: error.to_string(),
            });
        }
    };
    match reply.value() {
        Ok(answer) => {
            let ids: Vec<_> = answer
                .cve_ids
                .iter()
                .map(|id| (id.cve_id, id.reserved))
                .collect();
            match stranger(services, order, &progress, &ids) {
                Ok(None) if ids.is_empty() => Ok(Step::Fail {
                    answer: "it answered that it did the work, and named no ID: compare with \
                             `cna id sync`, then try again"
                        .to_owned(),
                }),
                Ok(None) => Ok(record(desk, services, order, ids, "reserved")),
                Ok(Some(id)) => Ok(Step::Wait {
                    answer: format!(
                        "the answer names {id}, which the account did not just reserve: looking \
                         again when the server has surely finished"
                    ),
                    wait_ms: desk.settings.pace.server_limit_ms,
                }),
                Err(error) => Ok(lost(error)),
            }
        }
        // It says it did the work, but not what: the same as no answer.
        Err(error) => Ok(lost(error)),
    }
}

/// Looks for what a request whose answer was lost may have reserved.
///
/// Gives: nothing when it reserved nothing, and may be sent again.
fn adopt(
    desk: &Desk,
    claimed: &Claimed,
    services: &Services,
    order: &ReserveOrder,
    progress: &mut Progress,
) -> Result<Option<Step>, Stop> {
    let ids = match list(services, order) {
        Ok(ids) => ids,
        Err(error) => return Ok(Some(looked_in_vain(desk, claimed, &error))),
    };
    let before = progress.before.take().unwrap_or_default();
    let user = own(&services.credentials().user);
    let new: Vec<_> = ids
        .iter()
        .filter(|id| !before.contains(&id.cve_id))
        .filter(|id| {
            id.requested_by
                .as_ref()
                .is_some_and(|by| by.user.as_ref() == Some(&user))
        })
        .map(|id| (id.cve_id, id.reserved))
        .collect();
    if new.is_empty() {
        *progress = Progress {
            before: Some(ids.iter().map(|id| id.cve_id).collect()),
            ..Progress::default()
        };
        note(desk, claimed, &json!(progress))?;
        return Ok(None);
    }
    if new.len() > order.amount as usize {
        let ids: Vec<_> = new.iter().map(|(id, _)| id.to_string()).collect();
        progress.before = Some(before);
        progress.candidates = new.into_iter().collect();
        note(desk, claimed, &json!(progress))?;
        let answer = format!(
            "the answer was lost, and `{user}` reserved more than the {} asked for meanwhile: {}; \
             say which of them are ours",
            order.amount,
            ids.join(", ")
        );
        return Ok(Some(Step::Hold { answer }));
    }
    Ok(Some(record(
        desk,
        services,
        order,
        new,
        "adopted after a lost answer:",
    )))
}

/// An ID of the answer that the account does not own, or owned before; nothing
/// where all of them are new at the service. A proxy's old answer, or another's, would put IDs
/// into the ledger that are not ours.
fn stranger(
    services: &Services,
    order: &ReserveOrder,
    progress: &Progress,
    answered: &[(CveId, Option<Timestamp>)],
) -> Result<Option<CveId>, client::Error> {
    let owned: BTreeSet<_> = list(services, order)?.iter().map(|id| id.cve_id).collect();
    let was_there = |id| progress.before.as_ref().is_some_and(|ids| ids.contains(id));
    let mut answered = answered.iter().map(|(id, _)| id);
    let found = answered.find(|id| !owned.contains(id) || was_there(id));
    Ok(found.copied())
}

fn list(services: &Services, order: &ReserveOrder) -> Result<Vec<CveIdObject>, client::Error> {
    let filter = IdFilter {
        year: Some(order.year),
        ..IdFilter::default()
    };
    services.list_ids(&filter)?.value()
}

impl Desk {
    /// Says which of the candidates of a held reservation are its own: they
    /// enter the ledger, and the case gets what it lacks.
    ///
    /// Takes: `ids`, at least one, and at most as many as were asked for. Where
    /// none is ours, [`Desk::assign`] reserves anew.
    /// Refuses: a follow-up that holds no reservation of the case, an ID that
    /// is no candidate.
    pub fn settle_reservation(
        &self,
        actor: &Actor,
        case: CaseId,
        followup: &str,
        ids: &[CveId],
    ) -> Result<(), Error> {
        check(actor, Action::Retry)?;
        let (actor, followup, ids) = (actor.clone(), followup.to_owned(), ids.to_vec());
        self.store.write(move |tx| {
            let unknown =
                || Refusal::not_found(format!("held reservation `{followup}` of case {case}"));
            if !case::is_visible(tx, &actor, case.number())? {
                return Err(unknown().into());
            }
            let held = tx
                .take_held(&followup)?
                .filter(|held| held.subject == case.object());
            let held = held
                .filter(|held| held.kind == RESERVE)
                .ok_or_else(unknown)?;
            let broken =
                |error: serde_json::Error| Error::Broken(format!("follow-up {followup}: {error}"));
            let order: ReserveOrder =
                serde_json::from_value(held.payload.clone()).map_err(broken)?;
            let progress: Progress =
                serde_json::from_value(held.progress.clone()).map_err(broken)?;
            let user = tx.account(&order.account)?.map(|account| account.username);
            let ours = chosen(&progress, &order, &ids)?;
            enter(tx, &order, &user.unwrap_or_default(), &ours)?;
            let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let answer = format!("{} said that {} are ours", actor.name(), names.join(", "));
            tx.settle_held(&followup, &answer)?;
            let detail = json!({"followup": followup, "ids": ids});
            case::record(tx, &actor, case, "settled", "settle-reservation", detail);
            Ok(())
        })
    }
}

/// The candidates a person named, when they can be what was asked for.
fn chosen(
    progress: &Progress,
    order: &ReserveOrder,
    ids: &[CveId],
) -> Result<Vec<(CveId, Option<Timestamp>)>, Refusal> {
    if ids.is_empty() || ids.len() > order.amount as usize {
        let problem = format!(
            "it names {} IDs, expected 1 to {}, as many as were asked for",
            ids.len(),
            order.amount
        );
        return Err(Refusal::invalid("ids", problem));
    }
    ids.iter()
        .map(|id| match progress.candidates.get(id) {
            Some(reserved) => Ok((*id, *reserved)),
            None => {
                let known: Vec<_> = progress
                    .candidates
                    .keys()
                    .map(|id| format!("`{id}`"))
                    .collect();
                let problem = format!(
                    "`{id}` is no candidate, expected one of {}",
                    known.join(", ")
                );
                Err(Refusal::invalid("ids", problem))
            }
        })
        .collect()
}

/// Writes the IDs into the ledger, and gives the case what it lacks. What an
/// order for the pool did not get is asked for again, as an order of its own: a
/// service that has none left refuses that one, and it stays until somebody has
/// seen to it. A case that lacks an ID says so by its state.
///
/// Takes: `ids`, at least one, so that what is asked again is always less.
fn record(
    desk: &Desk,
    services: &Services,
    order: &ReserveOrder,
    ids: Vec<(CveId, Option<Timestamp>)>,
    how: &str,
) -> Step {
    let names: Vec<_> = ids.iter().map(|(id, _)| id.to_string()).collect();
    let mut answer = format!("{how} {}", names.join(", "));
    // A part of what was asked for is what the service had left (206).
    let rest = (order.amount as usize).saturating_sub(ids.len());
    if rest > 0 {
        let then = match order.case {
            Some(_) => "what is lacking has to be assigned again",
            None => "the rest is asked for again",
        };
        let (given, asked) = (ids.len(), order.amount);
        answer.push_str(&format!(", {given} of the {asked} asked for; {then}"));
    }
    let again = rest_of(order, rest).map(|payload| store::Followup {
        id: desk.world.uuid(),
        kind: RESERVE.into(),
        subject: format!("pool {}", order.account),
        lane: format!("reserve {}", order.account),
        payload: json!(payload),
    });
    let (order, user) = (order.clone(), own(&services.credentials().user));
    let effect = move |tx: &mut store::Tx<'_>| {
        enter(tx, &order, &user, &ids)?;
        if let Some(again) = &again {
            tx.insert_followup(again)?;
        }
        tx.audit(store::AuditEvent {
            actor: "runner".into(),
            org: order.account.clone(),
            action: "id.reserve".into(),
            object: match order.case {
                Some(case) => case.object(),
                None => format!("pool {}", order.account),
            },
            detail: json!({"ids": ids.iter().map(|(id, _)| id).collect::<Vec<_>>()}),
        });
        Ok(())
    };
    Step::Done {
        answer,
        effect: Box::new(effect),
    }
}

/// The order for what an order for the pool did not get; nothing where it got
/// all, or is for a case.
fn rest_of(order: &ReserveOrder, rest: usize) -> Option<ReserveOrder> {
    let amount = u32::try_from(rest).ok().filter(|rest| *rest > 0)?;
    if order.case.is_some() {
        return None;
    }
    Some(ReserveOrder {
        amount,
        // One ID is asked for without saying how it is picked.
        batch: order.batch.filter(|_| amount > 1),
        ..order.clone()
    })
}

/// Enters IDs into the ledger; each goes to a vulnerability of the case while
/// one lacks an ID, and to the pool otherwise.
fn enter(
    tx: &mut store::Tx<'_>,
    order: &ReserveOrder,
    user: &str,
    ids: &[(CveId, Option<Timestamp>)],
) -> Result<(), Error> {
    for (id, reserved) in ids {
        let mut line = pool_line(tx, order, user, *id, *reserved);
        if !tx.insert_ledger_line(&line)? {
            continue;
        }
        let Some(case) = order.case else {
            continue;
        };
        if let Some((mut row, slot)) = wants_id(tx, case)? {
            assign_line(tx, &mut line, case, &slot)?;
            case::settle(tx, &mut row)?;
        }
    }
    Ok(())
}

/// A part of the account's name; every account of the desk has both.
fn own(part: &Option<String>) -> String {
    part.clone().unwrap_or_default()
}

fn pool_line(
    tx: &store::Tx<'_>,
    order: &ReserveOrder,
    user: &str,
    id: CveId,
    reserved: Option<Timestamp>,
) -> LedgerRow {
    LedgerRow {
        id,
        state: "POOL".into(),
        account: order.account.clone(),
        case_id: None,
        title: String::new(),
        reserved_at: reserved.unwrap_or_else(|| tx.now()),
        reserved_by: user.to_owned(),
        assigned_at: None,
        approved_digest: String::new(),
        approved_by: String::new(),
        approved_at: None,
        advisory: String::new(),
        disclosed_at: None,
        published_at: None,
        modified: tx.now(),
    }
}
