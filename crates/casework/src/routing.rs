//! Handing a report over to the CNA whose scope comes first: the list of
//! partners the desk keeps, who of them may cover a case, the letter, and the
//! clock on their answer.
//!
//! Source: process B3, D-03; CNA Rules 4.2.1, 4.3.1.

use serde::Serialize;
use serde_json::json;
use store::{EventRow, OutgoingRow, Tx, VendorContactRow};

use crate::case::{self, CaseId, Verb, is_visible, not_found};
use crate::clocks::EventKind;
use crate::decision::{Partner, Route, letter, partners, routes};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lanes;
use crate::people::Actor;
use crate::policy::{Action, check};

/// The list of partners, as it was read last.
const PARTNERS: &str = "partners";

/// Most partners that are shown of a case.
const MOST: usize = 20;

/// Who may cover a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Routing {
    /// What was looked for.
    pub product: String,
    /// How many partners the desk knows.
    pub partners: usize,
    /// Who may cover it, the best first, at most 20.
    pub routes: Vec<Route>,
    /// The letter to the partner that was asked for, with what a person has to
    /// fill in between brackets; nothing without one.
    pub letter: Option<String>,
}

impl Desk {
    /// Keeps a list of partners in place of the one before.
    ///
    /// Takes: the Program's list, as JSON.
    /// Gives: how many partners it has.
    /// Refuses: another document.
    pub fn set_partners(&self, actor: &Actor, list: &str) -> Result<usize, Error> {
        check(actor, Action::Administer)?;
        let known =
            partners(list).map_err(|error| Refusal::invalid("partners", error.to_string()))?;
        let count = known.len();
        let text = json!(known).to_string();
        let actor = actor.clone();
        self.store.write(move |tx| {
            tx.set(PARTNERS, &text)?;
            tx.audit(store::AuditEvent {
                actor: actor.name().to_owned(),
                org: String::new(),
                action: "partners.set".into(),
                object: "desk".into(),
                detail: json!({"partners": count}),
            });
            Ok::<_, Error>(())
        })?;
        Ok(count)
    }

    /// Who of the partners may cover a case, and the letter to one of them.
    ///
    /// Takes: `product`, what to look for; the case's product with its vendor
    /// without one. `to`, the short name of a partner. `is_public`, whether the
    /// vulnerability is public, so that the 72 hours of D-03 are named.
    /// Refuses: a case the actor is not on; a partner that is not in the list.
    pub fn routing(
        &self,
        actor: &Actor,
        id: CaseId,
        product: Option<&str>,
        to: Option<&str>,
        is_public: bool,
    ) -> Result<Routing, Error> {
        check(actor, Action::See)?;
        let known = self.known_partners()?;
        let (row, catalogue, is_seen) = self.store.snapshot(|reader| {
            let row = reader.case(id.number())?;
            let is_seen = is_visible(reader, actor, id.number())?;
            Ok::<_, Error>((row, crate::desk::catalogue(reader)?, is_seen))
        })?;
        let row = row.filter(|_| is_seen).ok_or_else(|| not_found(id))?;
        if row.embargoed {
            self.note_view(actor, id)?;
        }
        let entry = catalogue.iter().find(|entry| entry.name == row.product);
        let own = entry.map_or(row.product, |entry| {
            format!("{} {}", entry.vendor, entry.product)
        });
        let product = product.map_or(own, str::to_owned);
        let mut found = routes(&known, &product);
        found.truncate(MOST);
        let letter = match to {
            Some(to) => {
                let us = self.set_up_organisation()?.name;
                Some(letter(&us, partner(&known, to)?, &product, is_public))
            }
            None => None,
        };
        Ok(Routing {
            product,
            partners: known.len(),
            routes: found,
            letter,
        })
    }

    /// Drafts the letter that hands a case over, in the lane of vendors. Once
    /// it is sent, the clock on the partner's answer runs (D-03).
    ///
    /// Gives: the number of the draft.
    /// Refuses: a partner that is not in the list; a text in which something
    /// between brackets was not filled in.
    pub fn draft_routing(
        &self,
        actor: &Actor,
        id: CaseId,
        to: &str,
        body: &str,
    ) -> Result<i64, Error> {
        check(actor, Action::Share)?;
        let known = self.known_partners()?;
        let found = partner(&known, to);
        let (actor, body, to) = (actor.clone(), body.to_owned(), found.cloned());
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let to = to.clone()?;
            filled_in(&body, &to)?;
            let contacts = tx.vendor_contacts(id.number())?;
            if !contacts.iter().any(|one| one.name == to.short_name) {
                let contact = VendorContactRow {
                    name: to.short_name.clone(),
                    address: to.mails.first().cloned().unwrap_or_default(),
                    added_by: actor.id().to_owned(),
                    added_at: tx.now(),
                };
                tx.put_vendor_contact(id.number(), &contact)?;
            }
            let number = lanes::insert_routing(tx, &actor, id, &to.short_name, &body)?;
            let detail = json!({"draft": number, "to": to.short_name});
            case::record(tx, &actor, id, "message-drafted", "route.draft", detail);
            Ok(number)
        })
    }

    fn known_partners(&self) -> Result<Vec<Partner>, Error> {
        let text = self.store.read(|reader| reader.setting(PARTNERS))?;
        text.map_or(Ok(Vec::new()), |text| {
            serde_json::from_str(&text)
                .map_err(|error| Error::Broken(format!("the setting `{PARTNERS}`: {error}")))
        })
    }
}

fn partner<'p>(known: &'p [Partner], to: &str) -> Result<&'p Partner, Refusal> {
    let named = |partner: &&Partner| partner.short_name.eq_ignore_ascii_case(to);
    known.iter().find(named).ok_or_else(|| {
        let shown: String = to.chars().take(64).collect();
        let problem = match known.is_empty() {
            true => "no list of partners is kept: `cna decision partners FILE` reads one".into(),
            false => format!(
                "`{shown}` is not among the {} partners: expected a short name of the list",
                known.len()
            ),
        };
        Refusal::invalid("to", problem)
    })
}

/// Refuses a text in which what a person has to say is not said yet.
fn filled_in(body: &str, to: &Partner) -> Result<(), Refusal> {
    if body.trim().is_empty() {
        return Err(Refusal::invalid("body", "it is empty: write the letter"));
    }
    let template = letter("", to, "", true);
    let open = template.split('[').skip(1).filter_map(|rest| {
        let (words, _) = rest.split_once(']')?;
        Some(format!("[{words}]"))
    });
    match open.into_iter().find(|words| body.contains(words)) {
        Some(words) => {
            let problem = format!("`{words}` is still to be filled in: say it, or take it out");
            Err(Refusal::invalid("body", problem))
        }
        None => Ok(()),
    }
}

/// Starts the clock on the answer of whom a letter was sent to that hands a
/// report over.
pub(crate) fn contacted(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    draft: &OutgoingRow,
) -> Result<(), Error> {
    if draft.clock.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let event = EventRow {
        number: 0,
        kind: EventKind::CnaContacted.to_string(),
        at: now,
        subject: draft.clock.clone(),
        date: None,
        severity: String::new(),
        note: format!("letter {}", draft.number),
        author: actor.id().to_owned(),
        recorded: now,
    };
    tx.insert_case_event(id.number(), &event)?;
    let detail = json!({"kind": event.kind, "at": event.at, "subject": event.subject});
    case::record(tx, actor, id, "recorded", "record", detail);
    Ok(())
}
