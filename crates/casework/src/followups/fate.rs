//! Giving an ID its fate at CVE Services, once: rejected, or reinstated.
//!
//! Whoever has the claim looks first. What is there and equal needs nothing;
//! the record that was there when it was proposed is archived and replaced;
//! any other is a person's business. A first record that is sent twice is
//! refused by the server, and the same replacement twice leaves the same.
//!
//! Source: docs/architecture.md, decision 3.6; process section 8.2.

use client::Services;
use cve::compare::is_same;
use cve::wire::IdState as ServiceState;
use serde_json::{Value, json};
use store::{AuditEvent, Claimed, DocumentRow, RejectionRow, Tx, Visibility};

use super::{Step, Stop, look_again, looked_in_vain, order};
use crate::case;
use crate::desk::Desk;
use crate::documents::{self, documents};
use crate::error::Error;
use crate::lifecycle::ledger::IdState;
use crate::proposal::{YEAR_END, document_of};
use crate::reject::{Fate, FateOrder, digest_of};

/// Kind of the follow-up that rejects.
pub(crate) const REJECT: &str = "id.reject";
/// Kind of the follow-up that undoes a rejection.
pub(crate) const REINSTATE: &str = "id.reinstate";

pub(super) fn step(desk: &Desk, claimed: &Claimed) -> Result<Step, Stop> {
    let order: FateOrder = order(claimed)?;
    let fate = approved(desk, &order)?;
    let services = desk.services(&order.account)?;
    let live = match services.record(fate.cve_id) {
        Ok(live) => live.map(|reply| reply.raw),
        Err(error) => return Ok(looked_in_vain(desk, claimed, &error)),
    };
    let Some(container) = &fate.container else {
        return by_state(desk, claimed, &services, order, &fate, live);
    };
    reached(desk, claimed, "looked");
    let is_done = |live: &Value| is_fate(&fate, container, live);
    match live {
        Some(live) if is_done(&live) => compared(desk, claimed, order, &fate, Some(&live)),
        Some(live) if fate.replaces == Some(digest_of(&live)) => {
            let body = serde_json::to_vec(&live)
                .map_err(|error| Error::Broken(format!("writing a record: {error}")))?;
            let id = fate.cve_id;
            desk.store
                .write(move |tx| tx.archive_record(id, &body).map_err(Error::from))?;
            reached(desk, claimed, "archived");
            send(desk, claimed, &services, order, &fate, true)
        }
        None if fate.replaces.is_none() && fate.action == "reject" => {
            // There is nothing to archive.
            reached(desk, claimed, "archived");
            send(desk, claimed, &services, order, &fate, false)
        }
        other => Ok(Step::Hold {
            answer: changed(&fate, other.as_ref()),
        }),
    }
}

fn reached(desk: &Desk, claimed: &Claimed, step: &str) {
    desk.world.reached(&format!("{}.{step}", claimed.kind));
}

/// What was approved for the ID, and nothing else.
fn approved(desk: &Desk, order: &FateOrder) -> Result<Fate, Stop> {
    let broken = |what: &str| Error::Broken(format!("proposal {}: {what}", order.proposal));
    let row = desk
        .store
        .read(|reader| reader.proposal(order.proposal))?
        .ok_or_else(|| broken("it is gone"))?;
    let document = document_of(&row)?;
    let is_approved = row.digest == order.digest && row.decided_at.is_some();
    if !is_approved || !["approved", "begun"].contains(&row.state.as_str()) {
        return Err(broken("it is not approved").into());
    }
    let id = json!(order.cve_id);
    let item = match document["items"].as_array() {
        Some(items) => items.iter().find(|item| item["cve_id"] == id),
        None => Some(&document).filter(|document| document["cve_id"] == id),
    };
    let item = item
        .cloned()
        .ok_or_else(|| broken("it does not name the ID"))?;
    Ok(serde_json::from_value(item).map_err(|error| broken(&error.to_string()))?)
}

/// Says whether the live record is the one that was approved.
fn is_fate(fate: &Fate, container: &Value, live: &Value) -> bool {
    let state = match fate.action.as_str() {
        "reject" => "REJECTED",
        _ => "PUBLISHED",
    };
    live["cveMetadata"]["state"] == state && is_same(container, &live["containers"]["cna"])
}

fn changed(fate: &Fate, live: Option<&Value>) -> String {
    let found = match live {
        Some(live) => {
            let state = live["cveMetadata"]["state"].as_str().unwrap_or_default();
            format!("a record in state `{state}` that is not the one it was proposed for")
        }
        None => "no record, expected the one it was proposed for".to_owned(),
    };
    format!(
        "{} has {found}: cancel this, look at it with `cna id sync`, and propose it again",
        fate.cve_id
    )
}

fn send(
    desk: &Desk,
    claimed: &Claimed,
    services: &Services,
    order: FateOrder,
    fate: &Fate,
    replaces: bool,
) -> Result<Step, Stop> {
    let container = fate.container.clone().unwrap_or_default();
    let id = fate.cve_id;
    let answered = match (fate.action.as_str(), replaces) {
        ("reject", false) => services.reject(id, &container),
        ("reject", true) => services.update_reject(id, &container),
        _ => services.update_cna(id, &container),
    };
    reached(desk, claimed, "sent");
    match answered {
        Ok(_) => {}
        // Somebody was first, perhaps our own lost request: look what is there.
        Err(error) if error.is_refusal(400, "CVE_RECORD_EXISTS") => {}
        Err(error @ client::Error::NotSent { .. }) => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) if error.may_have_been_done() => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) => {
            let answer = error.to_string();
            return Ok(Step::Fail { answer });
        }
    }
    match services.record(id) {
        Ok(Some(reply)) if is_fate(fate, &container, &reply.raw) => {
            compared(desk, claimed, order, fate, Some(&reply.raw))
        }
        Ok(Some(reply)) => Ok(Step::Hold {
            answer: changed(fate, Some(&reply.raw)),
        }),
        Ok(None) => Ok(Step::Wait {
            answer: "the record was accepted and cannot be read yet".into(),
            wait_ms: desk.settings.pace.wait_ms(claimed.attempts),
        }),
        Err(error) => Ok(looked_in_vain(desk, claimed, &error)),
    }
}

/// Changes the state alone, of an ID without a record.
fn by_state(
    desk: &Desk,
    claimed: &Claimed,
    services: &Services,
    order: FateOrder,
    fate: &Fate,
    live: Option<Value>,
) -> Result<Step, Stop> {
    if live.is_some() {
        let answer = changed(fate, live.as_ref());
        return Ok(Step::Hold { answer });
    }
    let wanted = match fate.action.as_str() {
        "reject" => ServiceState::Rejected,
        _ => ServiceState::Reserved,
    };
    let found = match services.id(fate.cve_id).and_then(|reply| reply.value()) {
        Ok(found) => found.state,
        Err(error) => return Ok(looked_in_vain(desk, claimed, &error)),
    };
    reached(desk, claimed, "looked");
    if found == wanted {
        return compared(desk, claimed, order, fate, None);
    }
    reached(desk, claimed, "archived");
    let answered = services.change_id(fate.cve_id, Some(wanted), None);
    reached(desk, claimed, "sent");
    match answered {
        Ok(_) => {}
        Err(error @ client::Error::NotSent { .. }) => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) if error.may_have_been_done() => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) => {
            let answer = error.to_string();
            return Ok(Step::Fail { answer });
        }
    }
    match services.id(fate.cve_id).and_then(|reply| reply.value()) {
        Ok(found) if found.state == wanted => compared(desk, claimed, order, fate, None),
        Ok(found) => Ok(Step::Hold {
            answer: format!(
                "{} is {} after it was made {wanted}",
                fate.cve_id, found.state
            ),
        }),
        Err(error) => Ok(looked_in_vain(desk, claimed, &error)),
    }
}

/// Ends it when what is there is what was approved.
fn compared(
    desk: &Desk,
    claimed: &Claimed,
    order: FateOrder,
    fate: &Fate,
    live: Option<&Value>,
) -> Result<Step, Stop> {
    reached(desk, claimed, "compared");
    let answer = match fate.container {
        Some(_) => format!(
            "{} is {}: its record is the approved one",
            fate.cve_id, fate.to
        ),
        None => format!("{} is {}", fate.cve_id, fate.to),
    };
    let made = match live {
        Some(live) => beside_advisory(desk, fate, live)?,
        None => None,
    };
    let fate = fate.clone();
    let effect = move |tx: &mut Tx<'_>| confirm(tx, &order, &fate, made.as_ref());
    Ok(Step::Done {
        answer,
        effect: Box::new(effect),
    })
}

/// The documents of the public advisory of the ID, where there is one.
fn beside_advisory(
    desk: &Desk,
    fate: &Fate,
    live: &Value,
) -> Result<Option<(String, Vec<DocumentRow>)>, Error> {
    let advisory = desk
        .store
        .published(|reader| reader.advisory_of(fate.cve_id))?;
    let Some(advisory) = advisory else {
        return Ok(None);
    };
    let url = crate::draft::advisory_url(desk.portal_url(), &advisory.id);
    let mut made = documents(desk, &url, live)?;
    if fate.action == "reject" {
        // What else is made of a record says that there is a vulnerability.
        made.retain(|document| document.kind == documents::RECORD);
    }
    Ok(Some((advisory.id, made)))
}

/// Writes what follows from what was read back.
fn confirm(
    tx: &mut Tx<'_>,
    order: &FateOrder,
    fate: &Fate,
    made: Option<&(String, Vec<DocumentRow>)>,
) -> Result<(), Error> {
    let id = fate.cve_id;
    let gone = || Error::Broken(format!("the ledger line of {id} is gone"));
    let case = tx.ledger_line(id)?.ok_or_else(gone)?.case_id;
    // The case first, then the line: everybody takes them in this order.
    let mut head = match case {
        Some(case) => tx.take_case(case)?,
        None => None,
    };
    let mut line = tx.take_ledger_line(id)?.ok_or_else(gone)?;
    line.state = fate.to.to_string();
    if fate.to == IdState::Published {
        line.published_at = line.published_at.or_else(|| Some(tx.now()));
    }
    line.modified = tx.now();
    tx.update_ledger_line(&line)?;
    let text = |container: &Value| {
        let text = container["rejectedReasons"][0]["value"].as_str();
        text.unwrap_or_default().to_owned()
    };
    let replaced: Vec<_> = fate.replaced_by.iter().map(ToString::to_string).collect();
    tx.insert_rejection(&RejectionRow {
        id,
        number: 0,
        reason: fate.reason.clone(),
        body: fate.container.as_ref().map(text).unwrap_or_default(),
        replaced_by: replaced.join(" "),
        has_record: fate.container.is_some(),
        undone: fate.action != "reject",
        proposal: order.proposal,
        at: tx.now(),
    })?;
    if let Some((advisory, made)) = made {
        documents::put(tx, advisory, made)?;
    }
    let (kind, action) = match fate.action.as_str() {
        "reject" => ("record.rejected", "id.reject"),
        _ => ("record.reinstated", "id.reinstate"),
    };
    let visibility = match made {
        Some(_) => Visibility::Public,
        None => Visibility::Restricted,
    };
    tx.change(kind, "", &id.to_string(), visibility);
    if let Some(head) = &mut head {
        case::settle(tx, head)?;
    }
    tx.audit(AuditEvent {
        actor: "runner".into(),
        org: order.account.clone(),
        action: action.into(),
        object: format!("id {id}"),
        detail: json!({
            "cve_id": id, "proposal": order.proposal, "digest": order.digest, "to": fate.to,
            "reason": fate.reason,
        }),
    });
    finish(tx, order)
}

/// Ends the proposal when nothing of it waits any more.
fn finish(tx: &mut Tx<'_>, order: &FateOrder) -> Result<(), Error> {
    let Some(mut row) = tx.take_proposal(order.proposal)? else {
        return Ok(());
    };
    if row.kind == YEAR_END {
        let document = document_of(&row)?;
        let waits = crate::year_end::left(tx, &document)?;
        if waits > 0 {
            return Ok(());
        }
        crate::year_end::end(tx, &document)?;
    }
    row.state = "done".into();
    Ok(tx.update_proposal(&row)?)
}
