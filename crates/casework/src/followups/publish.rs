//! Sending a record to CVE Services after its advisory answers: once.
//!
//! Whoever has the claim looks first. A record that is there and equal needs
//! nothing; one that is still as we last saw it is replaced; one that differs
//! otherwise is a person's business; where none is, it is sent. A second first record is refused by the server, so a
//! request that was lost and arrives late can do no harm either.
//!
//! Source: docs/architecture.md, decisions 3.6 and 3.9.

use client::{Link, Services};
use cve::compare::is_same;
use cve::hash::Digest;
use serde_json::Value;
use store::{Claimed, EventRow, Visibility};

use super::{Step, Stop, look_again, looked_in_vain, order, says_later};
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::documents::documents;
use crate::error::Error;
use crate::publish::{PublishOrder, confirm};

pub(super) fn step(desk: &Desk, claimed: &Claimed) -> Result<Step, Stop> {
    let order: PublishOrder = order(claimed)?;
    if let Some(step) = advisory_silent(desk, claimed, &order) {
        return Ok(step);
    }
    desk.world.reached("record.publish.advisory-answers");
    let container = approved_container(desk, &order)?;
    let services = desk.services(&order.account)?;
    let live = match services.record(order.cve_id) {
        Ok(live) => live.map(|reply| reply.raw),
        Err(error) => return Ok(looked_in_vain(desk, claimed, &error)),
    };
    desk.world.reached("record.publish.looked");
    match live {
        None => send(desk, claimed, &services, order, &container, Sending::First),
        // Nobody changed it since we last looked, so nothing is lost.
        Some(live) if !is_approved(&container, &live) && is_last_seen(desk, &order, &live)? => {
            send(desk, claimed, &services, order, &container, Sending::Update)
        }
        Some(live) => compared(desk, claimed, order, &container, &live),
    }
}

/// How a record is sent.
#[derive(Debug, Clone, Copy)]
enum Sending {
    /// As the first of its ID.
    First,
    /// In the place of the one that is there.
    Update,
}

/// Says whether the live record is the one we last saw.
fn is_last_seen(desk: &Desk, order: &PublishOrder, live: &Value) -> Result<bool, Error> {
    let state = |record: &Value| record["cveMetadata"]["state"].clone();
    let base = desk.record_beside(&order.advisory)?;
    Ok(base.is_some_and(|base| {
        state(&base) == state(live)
            && is_same(&base["containers"]["cna"], &live["containers"]["cna"])
    }))
}

/// Says whether the live record holds what was approved.
fn is_approved(container: &Value, live: &Value) -> bool {
    live["cveMetadata"]["state"] == "PUBLISHED" && is_same(container, &live["containers"]["cna"])
}

/// What to do when the advisory does not answer with the ID yet; nothing when
/// it does.
fn advisory_silent(desk: &Desk, claimed: &Claimed, order: &PublishOrder) -> Option<Step> {
    let wait_ms = desk.settings.pace.wait_ms(claimed.attempts);
    let link = Link::new(&desk.settings.request);
    let answer = match link.look(&order.advisory_url) {
        Ok(look) if look.is_success() && look.contains(&order.cve_id.to_string()) => return None,
        Ok(look) if look.is_success() => {
            format!("{} answers without {}", order.advisory_url, order.cve_id)
        }
        Ok(look) => format!("{} answers {}", order.advisory_url, look.status),
        Err(error) => error.to_string(),
    };
    Some(Step::Wait { answer, wait_ms })
}

/// The container of the revision that was approved, and of no other.
fn approved_container(desk: &Desk, order: &PublishOrder) -> Result<Value, Stop> {
    let revisions = desk.store.read(|reader| reader.revisions(order.cve_id))?;
    let broken = |problem: &str| Error::Broken(format!("draft of {}: {problem}", order.cve_id));
    let approved = revisions
        .into_iter()
        .find(|revision| revision.digest == order.digest)
        .ok_or_else(|| broken("the approved revision is gone"))?;
    let document: Value =
        serde_json::from_str(&approved.document).map_err(|error| broken(&error.to_string()))?;
    if Digest::of_json(&document) != order.digest {
        return Err(broken("the approved revision was changed in the database").into());
    }
    Ok(document["cna"].clone())
}

fn send(
    desk: &Desk,
    claimed: &Claimed,
    services: &Services,
    order: PublishOrder,
    container: &Value,
    sending: Sending,
) -> Result<Step, Stop> {
    let answered = match sending {
        Sending::First => services.publish_cna(order.cve_id, container),
        Sending::Update => services.update_cna(order.cve_id, container),
    };
    desk.world.reached("record.publish.sent");
    match answered {
        Ok(_) => {}
        // Somebody was first, perhaps our own lost request: look what is there.
        Err(error) if error.is_refusal(403, "CVE_RECORD_EXISTS") => {}
        Err(error @ client::Error::NotSent { .. }) => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) if error.may_have_been_done() || says_later(&error) => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) => {
            return Ok(Step::Fail {
                answer: error.to_string(),
            });
        }
    }
    match services.record(order.cve_id) {
        Ok(Some(reply)) => compared(desk, claimed, order, container, &reply.raw),
        Ok(None) => {
            note_submitted(desk, &order)?;
            let answer = "the record was accepted and cannot be read yet".to_owned();
            let wait_ms = desk.settings.pace.wait_ms(claimed.attempts);
            Ok(Step::Wait { answer, wait_ms })
        }
        Err(error) => Ok(looked_in_vain(desk, claimed, &error)),
    }
}

/// Records, once, that the record was accepted: from now on it has to be read
/// back within the hours of D-31.
fn note_submitted(desk: &Desk, order: &PublishOrder) -> Result<(), Stop> {
    let (case, id) = (order.case, order.cve_id.to_string());
    let kind = EventKind::RecordSubmitted.to_string();
    desk.store.write(move |tx| {
        let known = tx.case_events(case.number())?;
        if known
            .iter()
            .any(|event| event.kind == kind && event.subject == id)
        {
            return Ok(());
        }
        let event = EventRow {
            number: 0,
            kind: kind.clone(),
            at: tx.now(),
            subject: id.clone(),
            date: None,
            severity: String::new(),
            note: String::new(),
            author: "runner".into(),
            recorded: tx.now(),
        };
        tx.insert_case_event(case.number(), &event)?;
        let visibility = Visibility::Restricted;
        tx.change("case.submitted", "", &case.to_string(), visibility);
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Ends the plan when the live record holds what was approved.
fn compared(
    desk: &Desk,
    claimed: &Claimed,
    order: PublishOrder,
    container: &Value,
    live: &Value,
) -> Result<Step, Stop> {
    let Some(state) = live["cveMetadata"]["state"].as_str() else {
        // Something in between answered; what is live is not known.
        let answer = format!("what was answered is no record of {}", order.cve_id);
        let wait_ms = desk.settings.pace.wait_ms(claimed.attempts);
        return Ok(Step::Wait { answer, wait_ms });
    };
    if !is_approved(container, live) {
        let answer = format!(
            "{0} has a record in state `{state}` that is neither the approved one nor the one \
             last seen: merge it with `cna draft merge {0}`, have that approved, and publish again",
            order.cve_id
        );
        return Ok(Step::Hold { answer });
    }
    desk.world.reached("record.publish.compared");
    let answer = format!(
        "{} is published and equal to what was approved",
        order.cve_id
    );
    let made = documents(desk, &order.advisory_url, live)?;
    let effect = move |tx: &mut store::Tx<'_>| confirm(tx, &order, &made);
    Ok(Step::Done {
        answer,
        effect: Box::new(effect),
    })
}
