//! Sending a record to CVE Services after its advisory answers: once.
//!
//! Whoever has the claim looks first. A record that is there and equal needs
//! nothing; one that is there and differs is a person's business; only where
//! none is, it is sent. A second first record is refused by the server, so a
//! request that was lost and arrives late can do no harm either.
//!
//! Source: docs/architecture.md, decisions 3.6 and 3.9.

use client::{Link, Services};
use cve::hash::Digest;
use cve::time::Timestamp;
use serde_json::Value;
use store::{Claimed, EventRow, Visibility};

use super::{Step, Stop, look_again, looked_in_vain, order};
use crate::clocks::EventKind;
use crate::desk::Desk;
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
    if let Some(live) = live {
        return Ok(compared(desk, order, &container, live));
    }
    send(desk, claimed, &services, order, &container)
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
) -> Result<Step, Stop> {
    let answered = services.publish_cna(order.cve_id, container);
    desk.world.reached("record.publish.sent");
    match answered {
        Ok(_) => {}
        // Somebody was first, perhaps our own lost request: look what is there.
        Err(error) if error.is_refusal(403, "CVE_RECORD_EXISTS") => {}
        Err(error @ client::Error::NotSent { .. }) => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) if error.may_have_been_done() => {
            return Ok(look_again(desk, claimed, &error));
        }
        Err(error) => {
            return Ok(Step::Fail {
                answer: error.to_string(),
            });
        }
    }
    match services.record(order.cve_id) {
        Ok(Some(reply)) => Ok(compared(desk, order, container, reply.raw)),
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
fn compared(desk: &Desk, order: PublishOrder, container: &Value, live: Value) -> Step {
    let state = live["cveMetadata"]["state"].as_str().unwrap_or_default();
    let same = state == "PUBLISHED" && same_container(container, &live["containers"]["cna"]);
    if !same {
        let answer = format!(
            "{} has a record in state `{state}` that is not the approved one: compare them, then \
             reject it or draft an update",
            order.cve_id
        );
        return Step::Hold { answer };
    }
    desk.world.reached("record.publish.compared");
    let answer = format!(
        "{} is published and equal to what was approved",
        order.cve_id
    );
    let effect = move |tx: &mut store::Tx<'_>| confirm(tx, &order, &live);
    Step::Done {
        answer,
        effect: Box::new(effect),
    }
}

/// Says whether two containers hold the same, whatever the server stamped.
fn same_container(ours: &Value, live: &Value) -> bool {
    let (Some(ours), Some(live)) = (ours.as_object(), live.as_object()) else {
        return false;
    };
    let stamped = |key: &&String| key.as_str() != "providerMetadata";
    let keys = |object: &serde_json::Map<String, Value>| object.keys().filter(stamped).count();
    keys(ours) == keys(live)
        && ours
            .iter()
            .filter(|(key, _)| stamped(key))
            .all(|(key, value)| live.get(key).is_some_and(|other| same(value, other)))
}

/// Equality, with the two freedoms the server takes: it trims texts, and since
/// 2.5.1 it writes dates in UTC with milliseconds.
fn same(ours: &Value, live: &Value) -> bool {
    match (ours, live) {
        (Value::String(ours), Value::String(live)) => {
            ours.trim() == live || same_moment(ours, live)
        }
        (Value::Array(ours), Value::Array(live)) => {
            ours.len() == live.len() && ours.iter().zip(live).all(|(a, b)| same(a, b))
        }
        (Value::Object(ours), Value::Object(live)) => {
            ours.len() == live.len()
                && ours
                    .iter()
                    .all(|(key, a)| live.get(key).is_some_and(|b| same(a, b)))
        }
        _ => ours == live,
    }
}

fn same_moment(ours: &str, live: &str) -> bool {
    match (ours.parse::<Timestamp>(), live.parse::<Timestamp>()) {
        (Ok(ours), Ok(live)) => ours == live,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_server_stamps_and_normalises_is_no_difference() {
        let ours = json!({
            "title": " A flaw",
            "datePublic": "2026-11-03T10:00:00+01:00",
            "descriptions": [{"lang": "en", "value": "x"}],
        });
        let live = json!({
            "providerMetadata": {"orgId": "…"},
            "descriptions": [{"value": "x", "lang": "en"}],
            "title": "A flaw",
            "datePublic": "2026-11-03T09:00:00.000Z",
        });
        assert!(same_container(&ours, &live));
    }

    #[test]
    fn any_other_change_is_a_difference() {
        let ours = json!({"title": "A flaw", "references": [{"url": "https://example.org/a"}]});
        for live in [
            json!({"title": "A flaw", "references": []}),
            json!({"title": "A flaw", "references": [{"url": "https://example.org/a"}], "x_y": 1}),
            json!({"title": "Another", "references": [{"url": "https://example.org/a"}]}),
            json!(null),
        ] {
            assert!(!same_container(&ours, &live), "{live}");
        }
    }
}
