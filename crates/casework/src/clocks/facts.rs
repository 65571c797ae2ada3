//! The events that follow from what is recorded of a case, and of the desk.

use cve::time::Timestamp;
use store::{
    AccountRow, CaseRow, EmbargoRow, EventRow, HitRow, LedgerRow, MessageRow, PersonRow, Reader,
};

use super::event::{Event, EventKind};
use crate::case::CaseState;
use crate::error::Error;

/// Case number under which the events of the desk itself are kept.
pub(crate) const DESK: i64 = 0;

/// The year whose IDs are examples by rule, and never rejected as unused.
const EXAMPLES: i64 = 1900;

/// Everything that happened in a case, as far as a clock knows it.
pub(super) fn of_case(reader: &mut Reader<'_>, case: &CaseRow) -> Result<Vec<Event>, Error> {
    let mut events = recorded(&reader.case_events(case.id)?)?;
    events.push(Event::new(EventKind::ReportReceived, case.received));
    let lines = reader.ledger_of(case.id)?;
    for line in &lines {
        events.extend(of_line(line));
        events.extend(of_hits(&reader.hits_of(line.id)?));
    }
    events.extend(of_messages(&reader.messages(case.id)?, &lines));
    let answers = reader.answers(case.id)?;
    let intake = answers.iter().rev().find(|answer| answer.node == "A1");
    if intake.is_some_and(|answer| answer.value == "id_request") {
        events.push(Event::new(EventKind::IdRequested, case.received));
    }
    let state: CaseState = case.state.parse().map_err(Error::Broken)?;
    if let (Some(kind), Some(answer)) = (decided(state), answers.last()) {
        events.push(Event::new(kind, answer.answered_at));
    }
    for closing in reader.closings(case.id)? {
        if closing.verb == "close" {
            events.push(Event::new(EventKind::Closed, closing.at));
            continue;
        }
        events.push(Event::new(EventKind::Reopened, closing.at));
        // What was waited for before it was closed is waited for again.
        if state == CaseState::NeedInfo {
            events.push(Event::new(EventKind::ReporterAsked, closing.at));
        }
    }
    if state == CaseState::ClosedWithdrawn {
        let last = lines.iter().map(|line| line.modified).max();
        events.extend(last.map(|at| Event::new(EventKind::Closed, at)));
    }
    let disclosed = lines.iter().any(|line| line.disclosed_at.is_some());
    if let Some(embargo) = reader.embargo(case.id)?.filter(|_| !disclosed) {
        events.push(of_embargo(&embargo));
    }
    Ok(events)
}

/// What is known of the disclosure of a case with these lines of the ledger.
pub(crate) fn disclosures(
    reader: &mut Reader<'_>,
    case: i64,
    lines: &[LedgerRow],
) -> Result<Vec<Event>, Error> {
    let mut events = recorded(&reader.case_events(case)?)?;
    for line in lines {
        events.extend(of_line(line));
        events.extend(of_hits(&reader.hits_of(line.id)?));
    }
    events.retain(|event| event.kind.makes_public());
    Ok(events)
}

/// Everything that happened to the desk itself.
pub(super) fn of_desk(reader: &mut Reader<'_>, now: Timestamp) -> Result<Vec<Event>, Error> {
    let mut events = recorded(&reader.case_events(DESK)?)?;
    if let Some(at) = reader.last_activity()? {
        events.push(Event::new(EventKind::CnaActive, at));
    }
    for (year, _) in reader.pool_by_year()? {
        let began = format!("{:04}-01-01T00:00:00Z", year + 1).parse::<Timestamp>();
        let began = began.ok().filter(|began| *began <= now && year != EXAMPLES);
        events.extend(began.map(|at| Event::new(EventKind::YearBegan, at).of(&year.to_string())));
    }
    for person in reader.people()? {
        events.extend(of_person(&person));
    }
    for account in reader.accounts()? {
        events.push(of_account(&account));
    }
    Ok(events)
}

fn recorded(rows: &[EventRow]) -> Result<Vec<Event>, Error> {
    rows.iter()
        .map(|row| {
            let severity = match row.severity.as_str() {
                "" => None,
                word => Some(word.parse().map_err(Error::Broken)?),
            };
            Ok(Event {
                kind: row.kind.parse().map_err(Error::Broken)?,
                at: row.at,
                subject: row.subject.clone(),
                date: row.date,
                severity,
            })
        })
        .collect()
}

fn of_line(line: &LedgerRow) -> Vec<Event> {
    let subject = line.id.to_string();
    let rejected = line.state.starts_with("REJECTED").then_some(line.modified);
    [
        (EventKind::IdAssigned, line.assigned_at),
        (EventKind::Disclosed, line.disclosed_at),
        (EventKind::RecordPublished, line.published_at),
        (EventKind::ReadBack, line.published_at),
        (EventKind::IdRejected, rejected),
    ]
    .into_iter()
    .filter_map(|(kind, at)| Some(Event::new(kind, at?).of(&subject)))
    .collect()
}

/// What it means that an ID was seen in public.
///
/// A hit nobody has read counts as known a day after it was found, which is
/// what D-08 makes of it. One without details starts the TARGET alone.
/// Source: process sections 3.4 and 9.
fn of_hits(hits: &[HitRow]) -> Vec<Event> {
    let mut events = Vec::new();
    for hit in hits {
        let subject = hit.id.to_string();
        let mut add = |kind, at| events.push(Event::new(kind, at).of(&subject));
        match (hit.state.as_str(), hit.has_details, hit.is_ours) {
            ("new", ..) => add(EventKind::MonitorHit, hit.first_seen),
            ("confirmed", true, true) => add(EventKind::Disclosed, hit.first_seen),
            ("confirmed", true, false) => {
                add(EventKind::ThirdPartyDisclosed, hit.first_seen);
                add(EventKind::MonitorHit, hit.first_seen);
                add(EventKind::HitRead, hit.decided_at.unwrap_or(hit.first_seen));
            }
            ("confirmed", false, _) => add(EventKind::IdSeen, hit.first_seen),
            // A person said that it means nothing.
            _ => {}
        }
    }
    events
}

/// What messages in the reporter's lane mean: an answer of a person, an ID
/// that was given, an answer of the reporter.
fn of_messages(messages: &[MessageRow], lines: &[LedgerRow]) -> Vec<Event> {
    let mut events = Vec::new();
    for message in messages.iter().filter(|message| message.lane == "reporter") {
        if message.author == "reporter" {
            // The first is the report itself.
            if message.number > 1 {
                events.push(Event::new(EventKind::ReporterAnswered, message.at));
            }
            continue;
        }
        events.push(Event::new(EventKind::HumanAnswered, message.at));
        for line in lines {
            let id = line.id.to_string();
            if message.body.contains(&id) {
                events.push(Event::new(EventKind::IdGiven, message.at).of(&id));
                events.push(Event::new(EventKind::RequestAnswered, message.at));
            }
        }
    }
    events
}

/// What the last answer to the decision tree did, where it stops or starts a
/// clock.
fn decided(state: CaseState) -> Option<EventKind> {
    use CaseState::{ClosedDuplicate, ClosedNoAssign, ClosedNotVuln, NeedInfo};
    match state {
        ClosedDuplicate | ClosedNoAssign | ClosedNotVuln => Some(EventKind::Closed),
        NeedInfo => Some(EventKind::ReporterAsked),
        _ => None,
    }
}

fn of_embargo(embargo: &EmbargoRow) -> Event {
    Event::new(EventKind::DisclosurePlanned, embargo.set_at).naming(embargo.lifts_at)
}

fn of_person(person: &PersonRow) -> Vec<Event> {
    let subject = format!("person {}", person.name);
    let mut events = Vec::new();
    if let Some(seen) = person.seen_at {
        events.push(Event::new(EventKind::AccountUsed, seen).of(&subject));
    }
    if let Some(left) = person.left_at {
        events.push(Event::new(EventKind::AccountDisabled, left).of(&subject));
        // Contacts, policy and scope may name whoever left.
        events.push(Event::new(EventKind::StaffChanged, left));
    }
    events
}

fn of_account(account: &AccountRow) -> Event {
    let subject = format!("key of account {}", account.name);
    Event::new(EventKind::KeyRotated, account.created).of(&subject)
}
