//! Who leads a case and who is on it: offers, acceptance, members, severity.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::HandOverRow;

use crate::case::{self, CaseId, CaseState, Names, Verb, is_visible, not_found};
use crate::clocks::Severity;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::tasks::{member, short};

/// An offer to lead a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandOver {
    /// Name of whoever shall lead it.
    pub to: String,
    /// Name of whoever offered it.
    pub by: String,
    /// What was said with it.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

impl Desk {
    /// Offers a case to somebody on it. Whoever leads it goes on leading it
    /// until the other accepts.
    ///
    /// Refuses: somebody who does not lead the case; an offer without a word;
    /// whoever leads it already.
    /// Source: process section 2.4, hand-off of the incident commander.
    pub fn hand_over(
        &self,
        actor: &Actor,
        id: CaseId,
        to: &str,
        comment: &str,
    ) -> Result<(), Error> {
        check(actor, Action::Take)?;
        let comment = short("comment", comment.trim())?;
        if comment.is_empty() {
            let problem = "it is empty: say where the case stands and what comes next";
            return Err(Refusal::invalid("comment", problem).into());
        }
        let (actor, to) = (actor.clone(), to.to_owned());
        self.store.write(move |tx| {
            let row = case::take(tx, &actor, id, Verb::Comment)?;
            if row.owner != actor.id() {
                let owner = match row.owner.as_str() {
                    "" => "nobody".to_owned(),
                    owner => format!("`{}`", Names::load(tx)?.of(owner)),
                };
                let problem = format!(
                    "{owner} leads case {id}, not `{}`: only its owner hands it over",
                    actor.name()
                );
                return Err(Refusal::invalid("case", problem).into());
            }
            let person = member(tx, id, &to)?;
            if person == actor.id() {
                let problem = format!("`{to}` leads case {id} already: name somebody else");
                return Err(Refusal::invalid("to", problem).into());
            }
            tx.put_hand_over(&HandOverRow {
                case_id: id.number(),
                person,
                offered_by: actor.id().to_owned(),
                comment: comment.clone(),
                offered_at: tx.now(),
            })?;
            case::record(tx, &actor, id, "offered", "hand-over", json!({"to": to}));
            Ok(())
        })
    }

    /// Accepts a case that was offered: from now on the actor leads it.
    ///
    /// Refuses: whoever it was not offered to.
    pub fn accept_case(&self, actor: &Actor, id: CaseId) -> Result<CaseState, Error> {
        check(actor, Action::Take)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let offer = tx.hand_over(id.number())?;
            let offer = offer
                .filter(|offer| offer.person == actor.id() && offer.offered_by == row.owner)
                .ok_or_else(|| {
                    let problem = format!(
                        "it was not offered to `{}`: ask its owner for `cna case hand-over {id}`",
                        actor.name()
                    );
                    Refusal::invalid("case", problem)
                })?;
            tx.delete_hand_over(id.number())?;
            row.owner = actor.id().to_owned();
            let state = case::settle(tx, &mut row)?;
            let from = Names::load(tx)?.of(&offer.offered_by);
            let detail = json!({"from": from, "state": state});
            case::record(tx, &actor, id, "accepted", "accept", detail);
            Ok(state)
        })
    }

    /// The offer of a case that waits to be accepted; nothing when none does.
    pub fn offer(&self, actor: &Actor, id: CaseId) -> Result<Option<HandOver>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(not_found(id).into());
            }
            let names = Names::load(reader)?;
            let offer = reader.hand_over(id.number())?;
            Ok(offer.map(|offer| HandOver {
                to: names.of(&offer.person),
                by: names.of(&offer.offered_by),
                comment: offer.comment,
                at: offer.offered_at,
            }))
        })
    }

    /// Puts somebody on a case: from then on that person may see it, as its
    /// roles allow.
    ///
    /// Refuses: somebody who is not there, has left, or is on it already.
    /// Source: process section 3.5, need to know; changes are logged.
    pub fn add_member(&self, actor: &Actor, id: CaseId, name: &str) -> Result<(), Error> {
        check(actor, Action::Share)?;
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let person = tx.person_by_name(&name)?.filter(|person| person.active);
            let person = person.ok_or_else(|| Refusal::not_found(format!("person `{name}`")))?;
            if tx.is_member(id.number(), &person.id)? {
                let problem = format!("`{name}` is on case {id} already");
                return Err(Refusal::invalid("person", problem).into());
            }
            tx.add_member(id.number(), &person.id)?;
            let detail = json!({"person": name});
            case::record(tx, &actor, id, "member-added", "member.add", detail);
            Ok(())
        })
    }

    /// Takes somebody off a case: from then on it is not there for that
    /// person.
    ///
    /// Refuses: its owner, who hands it over first; somebody not on it.
    pub fn remove_member(&self, actor: &Actor, id: CaseId, name: &str) -> Result<(), Error> {
        check(actor, Action::Share)?;
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store.write(move |tx| {
            let row = case::take(tx, &actor, id, Verb::Comment)?;
            let person = tx.person_by_name(&name)?;
            let unknown = || Refusal::not_found(format!("person `{name}` on case {id}"));
            let person = person.ok_or_else(unknown)?;
            if row.owner == person.id {
                let problem = format!(
                    "`{name}` leads case {id}: it is handed over first (`cna case hand-over`)"
                );
                return Err(Refusal::invalid("person", problem).into());
            }
            if !tx.remove_member(id.number(), &person.id)? {
                return Err(unknown().into());
            }
            if tx
                .hand_over(id.number())?
                .is_some_and(|o| o.person == person.id)
            {
                tx.delete_hand_over(id.number())?;
            }
            let detail = json!({"person": name});
            case::record(tx, &actor, id, "member-removed", "member.remove", detail);
            Ok(())
        })
    }

    /// Says how severe a case is, from now on.
    pub fn set_severity(
        &self,
        actor: &Actor,
        id: CaseId,
        severity: Severity,
        reason: &str,
    ) -> Result<(), Error> {
        check(actor, Action::Record)?;
        let reason = short("reason", reason.trim())?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let before = std::mem::replace(&mut row.severity, severity.as_str().to_owned());
            case::settle(tx, &mut row)?;
            let mut note = format!("Severity is `{}` from now on", severity.as_str());
            match before.as_str() {
                "" => note.push('.'),
                before => note.push_str(&format!("; it was `{before}`.")),
            }
            if !reason.is_empty() {
                note.push_str(&format!(" {reason}"));
            }
            tx.insert_message(id.number(), "internal", actor.id(), &note)?;
            let detail = json!({"severity": severity, "before": before});
            case::record(tx, &actor, id, "severity-set", "severity", detail);
            Ok(())
        })
    }
}
