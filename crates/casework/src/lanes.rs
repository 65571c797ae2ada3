//! Lanes: what is said inside, to the reporter and to vendors.
//!
//! What is said inside is written at once. What leaves the house is drafted,
//! and a person sends it: two steps, so that nothing embargoed leaves by a
//! slip. A message that was sent stands in the case like every other.

use std::fmt;
use std::str::FromStr;

use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{CaseRow, OutgoingRow, Reader, Tx, VendorContactRow};

use crate::case::{self, CaseId, Names, Verb, is_visible, not_found, stored_report};
use crate::desk::Desk;
use crate::dispatch::{self, Dispatch, DispatchState};
use crate::error::{Error, Refusal};
use crate::mail;
use crate::people::Actor;
use crate::policy::{Action, check};

/// Bytes a message has at most.
const LONGEST_BYTES: usize = 256 * 1024;

/// Who reads a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The people on the case.
    Internal,
    /// The reporter too.
    Reporter,
    /// One of the vendors of the case too.
    Vendors,
}

impl Lane {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Lane::Internal => "internal",
            Lane::Reporter => "reporter",
            Lane::Vendors => "vendors",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Lane {
    type Err = String;

    fn from_str(text: &str) -> Result<Lane, String> {
        [Lane::Internal, Lane::Reporter, Lane::Vendors]
            .into_iter()
            .find(|lane| lane.as_str() == text)
            .ok_or_else(|| {
                format!("`{text}` is not a lane: expected internal, reporter or vendors")
            })
    }
}

/// A message that leaves the house, drafted, sent or dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// Its number in the case, from 1.
    pub number: i64,
    /// Who reads it: `reporter` or `vendors`.
    pub lane: String,
    /// Name of the vendor; empty for the reporter.
    pub contact: String,
    /// The text.
    pub body: String,
    /// `draft`, `sent` or `dropped`.
    pub state: String,
    /// Name of whoever wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Name of whoever sent or dropped it; empty before.
    pub ended_by: String,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// How it fares since.
    pub dispatch: Dispatch,
}

/// Somebody the lane `vendors` of a case reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VendorContact {
    /// Its name.
    pub name: String,
    /// Its mail address; may be empty.
    pub address: String,
    /// Name of whoever added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// How a draft ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftEnd {
    /// It is sent: mail takes it where it may.
    Sent,
    /// A person sent it, also one whose mail failed.
    SentByHand,
    /// It is never sent.
    Dropped,
}

/// How a message that was sent goes its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sending {
    /// The follow-up that mails it; empty when nothing is mailed.
    pub followup: String,
    /// Why nothing is mailed; empty when it is.
    pub by_hand: String,
}

impl Desk {
    /// Drafts a message to the reporter or to a vendor of the case. Nothing is
    /// sent.
    ///
    /// Takes: `contact`, the name of the vendor, for that lane.
    /// Gives: its number.
    /// Refuses: an empty text, a vendor the case does not know.
    pub fn draft_message(
        &self,
        actor: &Actor,
        id: CaseId,
        lane: Lane,
        contact: Option<&str>,
        body: &str,
    ) -> Result<i64, Error> {
        check(actor, Action::Comment)?;
        written(body)?;
        if lane == Lane::Internal {
            let problem = "`internal` has no drafts: expected reporter or vendors";
            return Err(Refusal::invalid("lane", problem).into());
        }
        let contact = contact.unwrap_or_default().trim().to_owned();
        if contact.is_empty() == (lane == Lane::Vendors) {
            let problem = match lane {
                Lane::Vendors => "it is empty: name the vendor it goes to",
                _ => "the lane `reporter` has one reader: leave it out",
            };
            return Err(Refusal::invalid("contact", problem).into());
        }
        let (actor, body) = (actor.clone(), body.to_owned());
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            if lane == Lane::Vendors {
                vendor(tx, id, &contact)?;
            }
            let number = insert_draft(tx, &actor, id, lane, &contact, &body)?;
            let detail = json!({"draft": number, "lane": lane});
            case::record(tx, &actor, id, "message-drafted", "message.draft", detail);
            Ok(number)
        })
    }

    /// Sends a draft, or drops it. What is sent stands in the case from then
    /// on, and clocks count it as said; mail takes it where a server is set,
    /// an address is known, and texts may go by mail. One whose mail failed, or
    /// was given up, is mailed once more, to the address known by now.
    ///
    /// Refuses: a draft that is not there or has ended.
    pub fn end_message(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        end: DraftEnd,
    ) -> Result<Sending, Error> {
        check(actor, Action::Send)?;
        let (actor, mail_id) = (actor.clone(), self.world.uuid());
        self.store.write(move |tx| {
            let row = case::take(tx, &actor, id, Verb::Comment)?;
            let rows = tx.outgoing(id.number())?;
            let draft = rows.into_iter().find(|draft| draft.number == number);
            let draft =
                draft.ok_or_else(|| Refusal::not_found(format!("draft {number} of case {id}")))?;
            if end == DraftEnd::Sent && draft.state == "sent" {
                return mail_again(tx, &actor, &row, &mail_id, &draft);
            }
            if end == DraftEnd::SentByHand && draft.state == "sent" {
                return settled_by_hand(tx, &actor, id, &draft);
            }
            let state = match end {
                DraftEnd::Sent | DraftEnd::SentByHand => "sent",
                DraftEnd::Dropped => "dropped",
            };
            if !tx.end_outgoing(id.number(), number, state, actor.id())? {
                let problem = format!("draft {number} is {} already", draft.state);
                return Err(Refusal::invalid("draft", problem).into());
            }
            let detail = json!({"draft": number, "lane": draft.lane});
            let action = format!("message.{state}");
            case::record(tx, &actor, id, "message-ended", &action, detail);
            if end == DraftEnd::Dropped {
                return Ok(Sending {
                    followup: String::new(),
                    by_hand: "it was dropped".into(),
                });
            }
            crate::routing::contacted(tx, &actor, id, &draft)?;
            if end == DraftEnd::SentByHand {
                tx.insert_message(id.number(), &draft.lane, &draft.author, &draft.body)?;
                return Ok(sent_by_hand(&actor));
            }
            let sending = if draft.lane == Lane::Reporter.as_str() {
                say_to_reporter(tx, &row, &mail_id, &draft.author, &draft.body)?
            } else {
                tx.insert_message(id.number(), &draft.lane, &draft.author, &draft.body)?;
                let address = vendor(tx, id, &draft.contact)?.address;
                mail::message(tx, &mail_id, id, row.embargoed, &address, &draft.body)?
            };
            tx.note_outgoing_followup(id.number(), number, &sending.followup)?;
            Ok(sending)
        })
    }

    /// What leaves the house, or left it, oldest first.
    pub fn outgoing(&self, actor: &Actor, id: CaseId) -> Result<Vec<Outgoing>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(not_found(id).into());
            }
            let names = Names::load(reader)?;
            let rows = reader.outgoing(id.number())?;
            let mut outgoing = Vec::with_capacity(rows.len());
            for row in rows {
                let (number, is_sent) = (row.number, row.state == "sent");
                let dispatch = dispatch::of(reader, &row.followup, is_sent)?;
                outgoing.push(Outgoing {
                    number,
                    lane: row.lane,
                    contact: row.contact,
                    body: row.body,
                    state: row.state,
                    author: names.of(&row.author),
                    at: row.at,
                    ended_by: names.of(&row.ended_by),
                    ended_at: row.ended_at,
                    dispatch: dispatch.with_todo(|| again(id, number)),
                });
            }
            Ok(outgoing)
        })
    }

    /// Sets whom the lane `vendors` of a case reaches, or replaces the one of
    /// that name.
    ///
    /// Takes: `address`, a mail address; may be empty.
    pub fn put_vendor_contact(
        &self,
        actor: &Actor,
        id: CaseId,
        name: &str,
        address: &str,
    ) -> Result<(), Error> {
        check(actor, Action::Share)?;
        let name = crate::tasks::short("name", name.trim())?;
        if name.is_empty() {
            return Err(Refusal::invalid("name", "it is empty: name the vendor").into());
        }
        let address = address.trim().to_owned();
        if !address.is_empty() {
            mail::address("address", &address)?;
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let contact = VendorContactRow {
                name: name.clone(),
                address: address.clone(),
                added_by: actor.id().to_owned(),
                added_at: tx.now(),
            };
            tx.put_vendor_contact(id.number(), &contact)?;
            let detail = json!({"vendor": name});
            case::record(tx, &actor, id, "vendor-set", "vendor.set", detail);
            Ok(())
        })
    }

    /// Whom the lane `vendors` of a case reaches, by name.
    pub fn vendor_contacts(&self, actor: &Actor, id: CaseId) -> Result<Vec<VendorContact>, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(not_found(id).into());
            }
            let names = Names::load(reader)?;
            let rows = reader.vendor_contacts(id.number())?;
            Ok(rows
                .into_iter()
                .map(|row| VendorContact {
                    name: row.name,
                    address: row.address,
                    added_by: names.of(&row.added_by),
                    added_at: row.added_at,
                })
                .collect())
        })
    }
}

/// Says something to the reporter of a case: it stands in the case, where the
/// checklist (PC-08), the clocks and the page of the reporter's link find it,
/// and mail takes it where it may. Whoever writes to a reporter ends here.
pub(crate) fn say_to_reporter(
    tx: &mut Tx<'_>,
    row: &CaseRow,
    mail_id: &str,
    author: &str,
    body: &str,
) -> Result<Sending, Error> {
    let id = CaseId::new(row.id);
    tx.insert_message(row.id, Lane::Reporter.as_str(), author, body)?;
    let address = stored_report(row)?.reporter.contact;
    mail::message(tx, mail_id, id, row.embargoed, &address, body)
}

/// Leaves another mail with a message whose mail failed or was given up, to
/// the address that is known by now.
fn mail_again(
    tx: &mut Tx<'_>,
    actor: &Actor,
    row: &CaseRow,
    mail_id: &str,
    draft: &OutgoingRow,
) -> Result<Sending, Error> {
    let (id, number) = (CaseId::new(row.id), draft.number);
    let failed = dispatch::of(tx, &draft.followup, true)?;
    if failed.state != DispatchState::Failed {
        let problem = format!("draft {number} is sent already");
        return Err(Refusal::invalid("draft", problem).into());
    }
    let address = match draft.lane.as_str() {
        "vendors" => vendor(tx, id, &draft.contact)?.address,
        _ => stored_report(row)?.reporter.contact,
    };
    let sending = mail::message(tx, mail_id, id, row.embargoed, &address, &draft.body)?;
    if !sending.followup.is_empty() {
        // The old one is given up, so that it is never tried beside the new.
        tx.cancel_followup(&draft.followup, "mailed once more")?;
        tx.note_outgoing_followup(row.id, number, &sending.followup)?;
    }
    let detail = json!({"draft": number, "lane": draft.lane});
    case::record(tx, actor, id, "message-ended", "message.resent", detail);
    Ok(sending)
}

/// What to do about a message whose mail failed or was given up.
pub(crate) fn again(id: CaseId, number: i64) -> String {
    format!(
        "mail it once more with `cna case send {id} {number}`, or send its text yourself and say \
         so with `cna case send {id} {number} --by-hand`"
    )
}

fn sent_by_hand(actor: &Actor) -> Sending {
    Sending {
        followup: String::new(),
        by_hand: format!("sent by hand by {}", actor.name()),
    }
}

/// Keeps that a person sent a message whose mail failed or was given up.
fn settled_by_hand(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    draft: &OutgoingRow,
) -> Result<Sending, Error> {
    let sending = sent_by_hand(actor);
    if !tx.settle_by_hand(&draft.followup, &sending.by_hand)? {
        let problem = format!("draft {} is sent already", draft.number);
        return Err(Refusal::invalid("draft", problem).into());
    }
    let detail = json!({"draft": draft.number, "lane": draft.lane});
    case::record(tx, actor, id, "message-ended", "message.by-hand", detail);
    Ok(sending)
}

/// Keeps a message as a draft; its number in the case.
pub(crate) fn insert_draft(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    lane: Lane,
    contact: &str,
    body: &str,
) -> Result<i64, Error> {
    let row = drafted(actor, id, lane, contact, body, tx.now());
    Ok(tx.insert_outgoing(&row)?)
}

/// Keeps a letter that hands the report over to `contact`, whose time to answer
/// begins when it is sent.
pub(crate) fn insert_routing(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    contact: &str,
    body: &str,
) -> Result<i64, Error> {
    let mut row = drafted(actor, id, Lane::Vendors, contact, body, tx.now());
    row.clock = contact.to_owned();
    Ok(tx.insert_outgoing(&row)?)
}

fn drafted(
    actor: &Actor,
    id: CaseId,
    lane: Lane,
    contact: &str,
    body: &str,
    at: Timestamp,
) -> OutgoingRow {
    OutgoingRow {
        case_id: id.number(),
        number: 0,
        lane: lane.to_string(),
        contact: contact.to_owned(),
        body: body.to_owned(),
        state: "draft".into(),
        author: actor.id().to_owned(),
        at,
        ended_by: String::new(),
        ended_at: None,
        followup: String::new(),
        clock: String::new(),
    }
}

/// Keeps what was said to the reporter at once, such as a question, beside
/// what is drafted first, so that it can be seen how its mail fares.
pub(crate) fn keep_sent(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    body: &str,
    sending: &Sending,
) -> Result<(), Error> {
    let number = insert_draft(tx, actor, id, Lane::Reporter, "", body)?;
    tx.end_outgoing(id.number(), number, "sent", actor.id())?;
    Ok(tx.note_outgoing_followup(id.number(), number, &sending.followup)?)
}

fn written(body: &str) -> Result<(), Refusal> {
    if body.trim().is_empty() {
        return Err(Refusal::invalid("body", "it is empty: write something"));
    }
    if body.len() > LONGEST_BYTES {
        let problem = format!(
            "it has {} bytes: expected at most {LONGEST_BYTES}",
            body.len()
        );
        return Err(Refusal::invalid("body", problem));
    }
    Ok(())
}

fn vendor(reader: &mut Reader<'_>, id: CaseId, name: &str) -> Result<VendorContactRow, Error> {
    let contacts = reader.vendor_contacts(id.number())?;
    let known: Vec<_> = contacts.iter().map(|c| format!("`{}`", c.name)).collect();
    let known = if known.is_empty() {
        "none yet".to_owned()
    } else {
        known.join(", ")
    };
    let found = contacts.into_iter().find(|contact| contact.name == name);
    Ok(found.ok_or_else(|| {
        let problem = format!(
            "case {id} has no vendor `{name}`, it has {known}: add it with `cna case vendor`"
        );
        Refusal::invalid("contact", problem)
    })?)
}
