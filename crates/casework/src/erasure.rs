//! Erasure: what the law asks to be gone is gone, and the audit chain still
//! verifies.
//!
//! Texts and names go from every table; numbers, states, times and the digests
//! of the chain stay. What was published is public and is not erased here: it
//! is changed by a further revision of its record.

use serde_json::json;
use store::{AuditEvent, Tx};

use crate::case::{self, CaseId, Verb, stored_report};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::intake::Channel;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::{PublicText, Report};
use crate::tasks::short;

/// What stands where a text was.
const MARK: &str = "[erased]";

/// Characters of a name that is looked for inside a file.
const SHORTEST: usize = 4;

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
    /// report, everything in the lane `reporter`, what the form held, the files
    /// the reporter sent, the title where it is the reporter's own, and the
    /// product where it is none of the catalogue.
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
            let words = [reporter.name, reporter.contact, reporter.credit];
            let title = own_words(tx, id, &report, &words)?;
            report.body = MARK.into();
            let known = crate::desk::catalogue(tx)?;
            if !known.iter().any(|known| known.name == row.product) {
                tx.erase_audit_naming(&row.product)?;
                tx.erase_product(id.number(), MARK)?;
            }
            if !known.iter().any(|known| known.name == report.product) {
                report.product = MARK.into();
            }
            if let Some(title) = &title {
                report.title = MARK.into();
                report.answers.clear();
                report.public = report.public.map(|_| PublicText {
                    description: MARK.into(),
                    solution: String::new(),
                    workaround: String::new(),
                });
                tx.erase_title(id.number(), title, MARK)?;
                tx.erase_audit_naming(title)?;
            }
            tx.erase_report(id.number(), &json!(report).to_string(), MARK)?;
            for word in words {
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

/// Erases the files of a case that the reporter sent, or that hold the
/// reporter's words: a document that came as the report does.
///
/// Gives: the title, where it is the reporter's own: of what came from outside,
/// of a document, or one that names the reporter.
fn own_words(
    tx: &mut Tx<'_>,
    id: CaseId,
    report: &Report,
    words: &[String],
) -> Result<Option<String>, Error> {
    let title = report.title.as_str();
    // A short word stands in any file.
    let telling = |word: &&str| word.chars().count() >= SHORTEST && *word != MARK;
    let named: Vec<&str> = words.iter().map(String::as_str).filter(telling).collect();
    let receipt = tx.receipt(id.number())?;
    let mut is_own = receipt.is_some_and(|receipt| receipt.channel != Channel::Desk.as_str())
        || named.iter().any(|word| title.contains(word));
    for row in tx.attachments(id.number())? {
        let Some((_, bytes)) = tx.attachment(id.number(), row.number)? else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let has = |word: &&str| text.contains(*word) || row.name.contains(*word);
        let has_title = Some(title).filter(telling).is_some_and(|title| has(&title));
        if row.author == "reporter" || has_title || named.iter().any(has) {
            tx.erase_attachment(id.number(), row.number, MARK)?;
            is_own |= has_title;
        }
    }
    let is_left = |title: &&str| is_own && !title.is_empty() && *title != MARK;
    Ok(Some(title).filter(is_left).map(str::to_owned))
}

fn reasoned(reason: &str) -> Result<String, Refusal> {
    let reason = short("reason", reason.trim())?;
    if reason.is_empty() {
        let problem = "it is empty: say who asked for it, and by which law";
        return Err(Refusal::invalid("reason", problem));
    }
    Ok(reason)
}
