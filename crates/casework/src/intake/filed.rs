//! What the desk says and does about how a case came in.

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::{Arrival, Channel, insert_event};
use crate::case::{self, CaseId, CaseState, Verb, stored_report, unknown_product};
use crate::clocks::EventKind;
use crate::desk::{Desk, catalogue};
use crate::duplicate::Duplicates;
use crate::error::{Error, Refusal};
use crate::lanes::{self, Sending};
use crate::people::{Actor, Secret};
use crate::policy::{Action, check};
use crate::report::Report;

/// A report that was filed by somebody of the desk.
#[derive(Debug, Clone, Serialize)]
pub struct Filed {
    /// The case.
    pub id: CaseId,
    /// What its reporter may call it.
    pub reference: String,
    /// What it may be a duplicate of; nothing where the filer may see no
    /// cases, or where it could not be found out.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Duplicates>,
}

/// How a case came in, as somebody on it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrived {
    /// What the reporter calls it.
    pub reference: String,
    /// `form`, `desk` or `mail`.
    pub channel: String,
    /// When it came in.
    pub at: Timestamp,
    /// The product as the reporter wrote it.
    pub product: String,
    /// Whether the case's product is in the catalogue.
    pub is_catalogued: bool,
    /// Whether it is public already, in the reporter's words; may be empty.
    pub public_status: String,
    /// What the reporter plans to publish; may be empty.
    pub plan: String,
    /// `yes` or `no` to being credited; empty where nobody said.
    pub consent: String,
    /// Whether there is a confidential part.
    pub has_confidential: bool,
    /// When the link that works was made; nothing without one.
    pub link_made: Option<Timestamp>,
    /// Whether the reporter may see the planned date.
    pub date_told: bool,
}

impl Desk {
    /// Files a report, and says what it may be a duplicate of.
    ///
    /// Refuses: a product that is not in the catalogue.
    pub fn file(&self, actor: &Actor, report: &Report) -> Result<Filed, Error> {
        let id = self.receive(actor, report)?;
        self.filed(actor, id)
    }

    /// What is said of a case that was filed just now.
    pub(super) fn filed(&self, actor: &Actor, id: CaseId) -> Result<Filed, Error> {
        let receipt = self.store.read(|reader| reader.receipt(id.number()))?;
        let reference = receipt.map(|receipt| receipt.reference).unwrap_or_default();
        let mut duplicates = None;
        if actor.may(Action::See) {
            // It is filed whether or not they can be found.
            match self.duplicates(actor, id) {
                Ok(found) => duplicates = Some(found),
                Err(error) => tracing::warn!(%error, "looking for duplicates of a new case"),
            }
        }
        Ok(Filed {
            id,
            reference,
            duplicates,
        })
    }

    /// How a case came in.
    ///
    /// Gives: nothing for a case from before receipts were written.
    /// Refuses: a case the actor is not on.
    pub fn arrived(&self, actor: &Actor, id: CaseId) -> Result<Option<Arrived>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            if !case::is_visible(reader, actor, id.number())? {
                return Err(case::not_found(id).into());
            }
            arrival_of(reader, id)
        })
    }

    /// The confidential part of a report; may be empty. Every look is written
    /// to the audit chain.
    ///
    /// Refuses: whoever is neither commander, analyst, reviewer nor publisher;
    /// a case the actor is not on.
    pub fn confidential(&self, actor: &Actor, id: CaseId) -> Result<String, Error> {
        check(actor, Action::Confide)?;
        let text = self.store.snapshot(|reader| {
            if !case::is_visible(reader, actor, id.number())? {
                return Err(Error::from(case::not_found(id)));
            }
            let receipt = reader.receipt(id.number())?;
            Ok(receipt.map(|row| row.confidential).unwrap_or_default())
        })?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            case::note(tx, actor.name(), id, "read-confidential", json!({}));
            Ok::<_, Error>(())
        })?;
        Ok(text)
    }

    /// Says which product of the catalogue a case is about. What the reporter
    /// wrote stays in the receipt.
    ///
    /// Refuses: a product that is not in the catalogue.
    pub fn set_product(&self, actor: &Actor, id: CaseId, name: &str) -> Result<(), Error> {
        check(actor, Action::Prefill)?;
        let (actor, name) = (actor.clone(), name.trim().to_owned());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let known = catalogue(tx)?;
            if !known.iter().any(|product| product.name == name) {
                return Err(unknown_product(&name, &known).into());
            }
            row.product.clone_from(&name);
            case::settle(tx, &mut row)?;
            let detail = json!({"product": name});
            case::record(tx, &actor, id, "product", "set-product", detail);
            Ok(())
        })
    }

    /// Asks the reporter something: it is shown under the reporter's link,
    /// stops the clock of the first answer, and goes by mail where it may.
    ///
    /// Gives: how its mail goes its way; it stands in [`Desk::outgoing`].
    pub fn ask_reporter(&self, actor: &Actor, id: CaseId, body: &str) -> Result<Sending, Error> {
        check(actor, Action::Correspond)?;
        if body.trim().is_empty() {
            return Err(Refusal::invalid("body", "it is empty: write the question").into());
        }
        let (actor, body) = (actor.clone(), body.trim().to_owned());
        let mail_id = self.world.uuid();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let sending = lanes::say_to_reporter(tx, &row, &mail_id, actor.id(), &body)?;
            lanes::keep_sent(tx, &actor, id, &body, &sending)?;
            insert_event(tx, id, EventKind::ReporterAsked, actor.id())?;
            case::settle(tx, &mut row)?;
            case::record(tx, &actor, id, "asked", "ask-reporter", json!({}));
            Ok(sending)
        })
    }

    /// Ends the reporter's links of a case and, unless `only_revoke`, makes a
    /// new one.
    ///
    /// Gives: the new link's secret, which is shown once and kept nowhere.
    pub fn renew_link(
        &self,
        actor: &Actor,
        id: CaseId,
        only_revoke: bool,
    ) -> Result<Option<Secret>, Error> {
        check(actor, Action::Correspond)?;
        let secret = (!only_revoke).then(|| self.new_secret());
        let digest = secret
            .as_ref()
            .map(|secret| Digest::of(secret.reveal().as_bytes()));
        let actor = actor.clone();
        self.store.write(move |tx| {
            let row = case::take(tx, &actor, id, Verb::Comment)?;
            if tx.receipt(id.number())?.is_none() {
                // A case from before receipts were written.
                Arrival::new(Channel::Desk, &stored_report(&row)?).write(tx, id)?;
            }
            let revoked = tx.revoke_status_links(id.number())?;
            if let Some(digest) = digest {
                tx.insert_status_link(digest, id.number(), actor.id())?;
            }
            let detail = json!({"revoked": revoked, "made": digest.is_some()});
            case::record(tx, &actor, id, "linked", "renew-link", detail);
            Ok::<_, Error>(())
        })?;
        Ok(secret)
    }

    /// Says whether the reporter may see for when the disclosure is planned.
    pub fn tell_date(&self, actor: &Actor, id: CaseId, told: bool) -> Result<CaseState, Error> {
        check(actor, Action::Correspond)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            tx.set_date_told(id.number(), told)?;
            let state = case::settle(tx, &mut row)?;
            let detail = json!({"told": told});
            case::record(tx, &actor, id, "date", "tell-date", detail);
            Ok(state)
        })
    }
}

/// How a case came in, for whoever may see it.
pub(crate) fn arrival_of(
    reader: &mut store::Reader<'_>,
    id: CaseId,
) -> Result<Option<Arrived>, Error> {
    let row = reader.case(id.number())?;
    let product = row.map(|row| row.product).unwrap_or_default();
    let link_made = reader.working_link(id.number())?;
    let known = catalogue(reader)?;
    let Some(receipt) = reader.receipt(id.number())? else {
        return Ok(None);
    };
    Ok(Some(Arrived {
        reference: receipt.reference,
        channel: receipt.channel,
        at: receipt.at,
        product: receipt.product,
        is_catalogued: known.iter().any(|known| known.name == product),
        public_status: receipt.public_status,
        plan: receipt.plan,
        consent: receipt.consent,
        has_confidential: !receipt.confidential.is_empty(),
        link_made,
        date_told: receipt.date_told,
    }))
}
