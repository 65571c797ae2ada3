//! Erasure: what the law asks to be gone is gone, and the audit chain still
//! verifies.
//!
//! Texts and names go from every table; numbers, states, times and the digests
//! of the chain stay. What was published is public and is not erased here: it
//! is changed by a further revision of its record.

use serde_json::json;
use store::AuditEvent;

use crate::case::{self, CaseId, Verb, stored_report};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::tasks::short;

/// What stands where a text was.
const MARK: &str = "[erased]";

impl Desk {
    /// Erases a person who has left: names, contact, texts written into cases,
    /// and the texts of the events it appears in.
    ///
    /// Gives: the name that stands in its place.
    /// Refuses: somebody who is still there; an erasure without a reason.
    pub fn erase_person(&self, actor: &Actor, name: &str, reason: &str) -> Result<String, Error> {
        check(actor, Action::Administer)?;
        let reason = reasoned(reason)?;
        let (by, name) = (actor.name().to_owned(), name.to_owned());
        self.store.write(move |tx| {
            let person = tx.person_by_name(&name)?;
            let person = person.ok_or_else(|| Refusal::not_found(format!("person `{name}`")))?;
            if person.active {
                let problem = format!(
                    "`{name}` is still there: note first that it has left (`cna person leave`)"
                );
                return Err(Refusal::invalid("person", problem).into());
            }
            let number = tx.next_in_series("erased person")?;
            let instead = format!("erased-{number}");
            let contact = tx.person_contact(&person.id)?;
            tx.erase_texts_by(&person.id, MARK)?;
            tx.erase_person(&person.id, &instead)?;
            tx.erase_subject(&name, &instead)?;
            tx.erase_canceller(&name, &instead)?;
            tx.erase_audit_by(&name)?;
            tx.erase_audit_object(&format!("person {name}"), &format!("person {instead}"))?;
            let full_name = Some(person.full_name).filter(|text| !text.is_empty());
            let address = contact.map(|contact| contact.address);
            if let Some(address) = &address {
                tx.erase_followups(address)?;
            }
            for (action, key, word) in [
                ("case.hand-over", "to", name.clone()),
                ("case.accept", "from", name.clone()),
                ("case.member.add", "person", name.clone()),
                ("case.member.remove", "person", name.clone()),
                ("deadline.breach", "subject", format!("person {name}")),
            ] {
                tx.erase_audit_value(action, key, &word)?;
            }
            for word in [full_name, address].into_iter().flatten() {
                tx.erase_audit_naming(&word)?;
            }
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "person.erase".into(),
                object: format!("person {instead}"),
                detail: json!({"reason": reason}),
            });
            Ok(instead)
        })
    }

    /// Erases the reporter of a case: name, contact, credit, the text of the
    /// report, and everything in the lane `reporter`.
    ///
    /// Refuses: a case the actor is not on, as one that is not there; an
    /// erasure without a reason.
    pub fn erase_reporter(&self, actor: &Actor, id: CaseId, reason: &str) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let reason = reasoned(reason)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let row = case::take(tx, &actor, id, Verb::Comment)?;
            let mut report = stored_report(&row)?;
            let reporter = std::mem::replace(
                &mut report.reporter,
                crate::report::Reporter {
                    name: MARK.into(),
                    contact: String::new(),
                    credit: String::new(),
                },
            );
            report.body = MARK.into();
            tx.erase_report(id.number(), &json!(report).to_string(), MARK)?;
            for word in [reporter.name, reporter.contact, reporter.credit] {
                if word.is_empty() {
                    continue;
                }
                tx.erase_followups(&word)?;
                tx.erase_audit_naming(&word)?;
            }
            let detail = json!({"reason": reason});
            case::record(tx, &actor, id, "reporter-erased", "erase", detail);
            Ok(())
        })
    }
}

fn reasoned(reason: &str) -> Result<String, Refusal> {
    let reason = short("reason", reason.trim())?;
    if reason.is_empty() {
        let problem = "it is empty: say who asked for it, and by which law";
        return Err(Refusal::invalid("reason", problem));
    }
    Ok(reason)
}
