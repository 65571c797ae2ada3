//! What one secret address may read or set: a reporter's own report.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde_json::json;
use store::{CaseRow, LedgerRow, MessageRow, Reader, Store, Tx};

use crate::attachments::{self, File};
use crate::case::{self, CaseId, CaseState, stored_report};
use crate::desk::Desk;
use crate::draft::advisory_url;
use crate::error::{Error, Refusal};

/// Where a report stands, in the words of its reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It came in; nobody looked at it yet.
    Received,
    /// Somebody looks at it.
    LookedAt,
    /// A question waits for the reporter.
    WaitsForYou,
    /// It was decided what becomes of it.
    Decided,
    /// It is public.
    Published,
}

/// What a reporter sees of a report, and nothing else: no names of people, no
/// severity, no words of the desk.
#[derive(Debug, Clone)]
pub struct ReporterStatus {
    /// What to call the report.
    pub reference: String,
    /// When it came in.
    pub received: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// The question that waits; empty without one.
    pub question: String,
    /// Its CVE IDs, once the reporter was told them.
    pub cve_ids: Vec<CveId>,
    /// When the disclosure is planned, if the reporter may know.
    pub planned: Option<Timestamp>,
    /// Addresses of its public advisories.
    pub advisories: Vec<String>,
    /// `yes` or `no` to being credited; empty where nobody said.
    pub consent: String,
    /// The name to credit; may be empty.
    pub credit: String,
    /// Whether the reporter gave neither name nor contact.
    pub is_anonymous: bool,
    /// Names of the files the reporter sent.
    pub files: Vec<String>,
}

/// What one secret address may read or set. An unknown secret and a revoked
/// one are answered alike, after one and the same question to the store.
#[derive(Clone, Debug)]
pub struct Link {
    store: Store,
    portal_url: String,
}

/// Characters an answer may have.
const ANSWER: usize = 50_000;

/// Messages a reporter may write by link.
const ANSWERS: usize = 200;

impl Desk {
    /// The side of this desk that reporters' links open.
    pub fn link(&self) -> Link {
        Link {
            store: self.store.clone(),
            portal_url: self.settings.portal_url.clone(),
        }
    }
}

impl Link {
    /// What the link shows.
    ///
    /// Refuses: a link that does not work (any more).
    pub fn status(&self, secret: &str) -> Result<ReporterStatus, Error> {
        let digest = Digest::of(secret.as_bytes());
        self.store
            .snapshot(|reader| status(reader, digest, &self.portal_url))
    }

    /// Answers a question, or adds to the report.
    pub fn answer(&self, secret: &str, text: &str) -> Result<(), Error> {
        let text = text.trim().to_owned();
        let length = text.chars().count();
        if !(1..=ANSWER).contains(&length) {
            let problem = format!("it has {length} characters, expected 1 to {ANSWER}");
            return Err(Refusal::invalid("answer", problem).into());
        }
        self.change(secret, "answered", move |tx, row| {
            let said = tx.messages(row.id)?;
            if said.iter().filter(|m| m.author == "reporter").count() > ANSWERS {
                let problem = format!("{ANSWERS} were sent by this link, which is the most");
                return Err(Refusal::invalid("answer", problem).into());
            }
            Ok(tx.insert_message(row.id, "reporter", "reporter", &text)?)
        })
    }

    /// Adds a file to the report.
    pub fn attach(&self, secret: &str, file: File) -> Result<(), Error> {
        let checked = attachments::checked(file)?;
        self.change(secret, "attached", move |tx, row| {
            attachments::keep(tx, CaseId::new(row.id), "reporter", &checked).map(drop)
        })
    }

    /// Says whether, and as whom, the reporter wants to be credited.
    pub fn set_credit(&self, secret: &str, consents: bool, name: &str) -> Result<(), Error> {
        let name = line(name, "credit")?;
        if consents && name.is_empty() {
            return Err(Refusal::invalid("credit", "say which name to credit").into());
        }
        self.change(secret, "credit", move |tx, row| {
            let mut report = stored_report(row)?;
            report.reporter.credit = match consents {
                true => name.clone(),
                false => String::new(),
            };
            write_report(tx, row, &report)?;
            tx.set_consent(row.id, if consents { "yes" } else { "no" })?;
            let note = match consents {
                true => format!("The reporter wants to be credited as: {name}"),
                false => "The reporter does not want to be credited.".to_owned(),
            };
            Ok(tx.insert_message(row.id, "internal", "reporter", &note)?)
        })
    }

    /// Gives up anonymity: says who reported, and how to reach them.
    pub fn set_contact(&self, secret: &str, name: &str, contact: &str) -> Result<(), Error> {
        let (name, contact) = (line(name, "name")?, line(contact, "contact")?);
        if name.is_empty() && contact.is_empty() {
            return Err(Refusal::invalid("name", "say a name or how to reach you").into());
        }
        self.change(secret, "contact", move |tx, row| {
            let mut report = stored_report(row)?;
            if !name.is_empty() {
                report.reporter.name.clone_from(&name);
            }
            if !contact.is_empty() {
                report.reporter.contact.clone_from(&contact);
            }
            write_report(tx, row, &report)?;
            let note = "The reporter said who they are; see the report.";
            Ok(tx.insert_message(row.id, "internal", "reporter", note)?)
        })
    }

    /// Changes the case of a link in one unit of work.
    fn change(
        &self,
        secret: &str,
        what: &'static str,
        mut work: impl FnMut(&mut Tx<'_>, &CaseRow) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let digest = Digest::of(secret.as_bytes());
        self.store.write(move |tx| {
            let number = tx.status_link(digest)?.ok_or_else(unknown)?;
            let mut row = tx.take_case(number)?.ok_or_else(unknown)?;
            work(tx, &row)?;
            case::settle(tx, &mut row)?;
            let id = CaseId::new(number);
            case::record_by(tx, "reporter", id, what, "by-link", json!({"what": what}));
            Ok(())
        })
    }
}

fn unknown() -> Refusal {
    Refusal::not_found("this link")
}

fn line(text: &str, field: &str) -> Result<String, Refusal> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = line.chars().count();
    if length > 256 || line.chars().any(char::is_control) {
        let problem = format!("it has {length} characters, expected a line of at most 256");
        return Err(Refusal::invalid(field, problem));
    }
    Ok(line)
}

/// Writes the report back; its product stays as the reporter wrote it.
fn write_report(
    tx: &mut Tx<'_>,
    row: &CaseRow,
    report: &crate::report::Report,
) -> Result<(), Error> {
    let broken = |error: serde_json::Error| Error::Broken(format!("writing a report: {error}"));
    let mut stored: serde_json::Value = serde_json::from_str(&row.report).map_err(broken)?;
    stored["reporter"] = serde_json::to_value(&report.reporter).map_err(broken)?;
    Ok(tx.update_report(row.id, &stored.to_string())?)
}

fn status(
    reader: &mut Reader<'_>,
    digest: Digest,
    portal_url: &str,
) -> Result<ReporterStatus, Error> {
    let number = reader.status_link(digest)?.ok_or_else(unknown)?;
    let row = reader.case(number)?.ok_or_else(unknown)?;
    let receipt = reader.receipt(number)?.ok_or_else(unknown)?;
    let messages = reader.messages(number)?;
    let lines = reader.ledger_of(number)?;
    let events = reader.case_events(number)?;
    let state: CaseState = row.state.parse().map_err(Error::Broken)?;
    let was_asked = |at: Timestamp| {
        let asked = |event: &store::EventRow| event.kind == "reporter_asked" && event.at >= at;
        state == CaseState::NeedInfo || events.iter().any(asked)
    };
    let question = open_question(&messages, was_asked);
    let given = |id: &str| {
        let by_event = |e: &store::EventRow| e.kind == "id_given" && e.subject == id;
        events.iter().any(by_event)
    };
    let is_told = |line: &&LedgerRow| {
        let id = line.id.to_string();
        let said = |m: &MessageRow| is_to_reporter(m) && m.body.contains(&id);
        line.disclosed_at.is_some()
            || (line.assigned_at.is_some() && (given(&id) || messages.iter().any(said)))
    };
    let cve_ids: Vec<CveId> = lines.iter().filter(is_told).map(|line| line.id).collect();
    let mut advisories = Vec::new();
    for line in lines.iter().filter(|line| line.disclosed_at.is_some()) {
        let public = reader.public_advisory_of(line.id)?;
        advisories.extend(public.map(|advisory| advisory_url(portal_url, &advisory.id)));
    }
    let embargo = reader.embargo(number)?.filter(|_| receipt.date_told);
    let report = stored_report(&row)?;
    let files = reader.attachments(number)?;
    Ok(ReporterStatus {
        standing: standing(shown_as(state, &lines), !question.is_empty()),
        reference: receipt.reference,
        received: row.received,
        question,
        cve_ids,
        planned: embargo.map(|embargo| embargo.lifts_at),
        advisories,
        consent: receipt.consent,
        is_anonymous: report.reporter.name == "anonymous" && report.reporter.contact.is_empty(),
        credit: report.reporter.credit,
        files: files
            .into_iter()
            .filter(|file| file.author == "reporter")
            .map(|file| file.name)
            .collect(),
    })
}

fn is_to_reporter(message: &MessageRow) -> bool {
    message.lane == "reporter" && message.author != "reporter"
}

/// What was asked since the reporter wrote last.
fn open_question(messages: &[MessageRow], was_asked: impl Fn(Timestamp) -> bool) -> String {
    let is_answer = |m: &&MessageRow| m.lane == "reporter" && m.author == "reporter";
    let answered = messages.iter().rfind(is_answer).map_or(0, |m| m.number);
    let open = messages
        .iter()
        .filter(|m| m.number > answered && is_to_reporter(m) && was_asked(m.at));
    let texts: Vec<&str> = open.map(|message| message.body.as_str()).collect();
    texts.join("\n\n")
}

/// What leaked is not published by us yet.
fn shown_as(state: CaseState, lines: &[LedgerRow]) -> CaseState {
    match state {
        CaseState::Disclosed if lines.iter().all(|line| line.disclosed_at.is_none()) => {
            CaseState::Assigned
        }
        state => state,
    }
}

fn standing(state: CaseState, has_question: bool) -> Standing {
    use CaseState::{Consulting, Coordinating, NeedInfo, Received, Triage};
    match state {
        _ if state.is_public() => Standing::Published,
        _ if has_question => Standing::WaitsForYou,
        Received => Standing::Received,
        Triage | NeedInfo | Consulting | Coordinating => Standing::LookedAt,
        _ => Standing::Decided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_stays_so_for_its_reporter_when_the_case_is_closed() {
        for state in CaseState::ALL {
            let shown = standing(state, false) == Standing::Published;
            assert_eq!(shown, state.is_public(), "{state}");
        }
        assert_eq!(standing(CaseState::Closed, true), Standing::Published);
        assert_eq!(standing(CaseState::ClosedNotVuln, false), Standing::Decided);
    }
}
