//! The deadlines of the desk's cases: kept for lists, and breaches for ever.
//!
//! A deadline follows from events alone, so it is computed when its case
//! changes and not when somebody asks. The kept rows follow the change log
//! with a cursor that all nodes share; whoever asks first takes them to its
//! end, so that nobody reads an old one.

use std::collections::BTreeSet;

use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, BreachRow, DeadlineRow, EventRow, ListedDeadline, Reader, Tx};

use super::facts::{self, DESK};
use super::{
    Calendar, Deadline, DeadlineId, Event, EventKind, Kind, Party, Settings, Severity, Status,
    deadlines, rule,
};
use crate::case::{self, CaseId, CaseState, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check, sees};

/// Name of the cursor all nodes share.
const CURSOR: &str = "clocks";

/// Changes one step reads at most.
const STEP: u32 = 100;

/// Breaches one unit of work records at most.
const BREACHES: u32 = 200;

const SETTING: &str = "clocks";

/// The last case that was computed anew since the calendar or a length
/// changed; empty when all were.
const REDO: &str = "clocks.redo";

/// The day, in the CNA's zone, the desk's own deadlines were computed on.
const DAY: &str = "clocks.day";

/// When the organisation works, and what it chose about its clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Its zone and holidays.
    pub calendar: Calendar,
    /// Lengths, reminders, what it leaves out.
    #[serde(default)]
    pub clocks: Settings,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            calendar: Calendar::utc(),
            clocks: Settings::default(),
        }
    }
}

/// Something that happened, to be recorded.
#[derive(Debug, Clone)]
pub struct Happening {
    /// What.
    pub kind: EventKind,
    /// When; now without one.
    pub at: Option<Timestamp>,
    /// To what, where there can be several; may be empty.
    pub subject: String,
    /// The date it names.
    pub date: Option<Timestamp>,
    /// How severe the case is from then on.
    pub severity: Option<Severity>,
    /// In words; may be empty.
    pub note: String,
}

/// A deadline with its case, as somebody on it sees it.
#[derive(Debug, Clone, Serialize)]
pub struct CaseClock {
    /// Its line of the table of deadlines.
    pub id: DeadlineId,
    /// What has to be done.
    pub what: &'static str,
    /// Who has to do it.
    pub party: Party,
    /// How binding it is.
    pub kind: Kind,
    /// The rule it comes from.
    pub source: &'static str,
    /// The case; nothing for a deadline of the desk itself.
    pub case: Option<CaseId>,
    /// Title of the case; empty for the desk.
    pub title: String,
    /// What it is about, where there are several; may be empty.
    pub subject: String,
    /// When it started.
    pub starts: Timestamp,
    /// Before when it would be too early.
    pub opens: Option<Timestamp>,
    /// When it ends.
    pub due: Timestamp,
    /// The same in local time, with offset and zone.
    pub due_local: String,
    /// How it stands, in a word: `running`, `due soon`, `breached`, `reached`,
    /// `kept`, `late` or `waived`.
    pub status: &'static str,
    /// Milliseconds that are left, or were; negative when it is late.
    pub left_ms: i64,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
    /// When somebody is reminded next.
    pub next_reminder: Option<Timestamp>,
    /// What follows a breach.
    pub at_breach: &'static str,
}

/// Which deadlines are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Only those that end before it.
    pub until: Option<Timestamp>,
    /// How many to pass over.
    pub offset: u32,
    /// How many, 1 to 500.
    pub limit: u32,
}

/// A deadline that was not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// Its line of the table of deadlines.
    pub id: String,
    /// The case; nothing for a deadline of the desk itself.
    pub case: Option<CaseId>,
    /// What it is about, where there are several; may be empty.
    pub subject: String,
    /// How binding it is.
    pub kind: String,
    /// When it started.
    pub starts: Timestamp,
    /// When it ended.
    pub due: Timestamp,
    /// When the breach was recorded.
    pub recorded: Timestamp,
}

impl Desk {
    /// When the organisation works, and what it chose about its clocks.
    pub fn timing(&self) -> Result<Timing, Error> {
        self.store.read(timing)
    }

    /// Sets it. Every deadline that is not over is computed anew.
    ///
    /// Refuses: what the rules do not leave to an organisation.
    pub fn set_timing(&self, actor: &Actor, timing: &Timing) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let clocks = timing.clocks.clone().checked();
        clocks.map_err(|error| Refusal::invalid("clocks", error.to_string()))?;
        let (text, by) = (json!(timing).to_string(), actor.name().to_owned());
        self.store.write(move |tx| {
            tx.set(SETTING, &text)?;
            tx.change("clocks.set", "", "clocks", store::Visibility::Restricted);
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "clocks.set".into(),
                object: "clocks".into(),
                detail: serde_json::from_str(&text).unwrap_or_default(),
            });
            Ok(())
        })
    }

    /// Records what happened in a case, or to the desk itself without one.
    ///
    /// Refuses: a moment that has not come; to whoever is no administrator,
    /// what happened to the desk.
    pub fn record_event(
        &self,
        actor: &Actor,
        case: Option<CaseId>,
        happening: &Happening,
    ) -> Result<(), Error> {
        let action = case.map_or(Action::Administer, |_| Action::Record);
        check(actor, action)?;
        let at = happening.at.unwrap_or_else(|| self.world.now());
        if at > self.world.now() {
            let problem = format!("`{at}` has not come yet: a plan names its date beside it");
            return Err(Refusal::invalid("at", problem).into());
        }
        if [&happening.subject, &happening.note]
            .iter()
            .any(|t| t.chars().count() > 2_000)
        {
            let problem = "it is longer than 2,000 characters";
            return Err(Refusal::invalid("note", problem).into());
        }
        if matches!(
            happening.kind,
            EventKind::ApprovalOverridden | EventKind::OverrideReviewed
        ) {
            let problem = "it is recorded by `cna review override` and `cna review after` alone";
            return Err(Refusal::invalid("kind", problem).into());
        }
        about_an_id(happening)?;
        let row = EventRow {
            number: 0,
            kind: happening.kind.to_string(),
            at,
            subject: happening.subject.trim().to_owned(),
            date: happening.date,
            severity: happening.severity.map_or("", Severity::as_str).to_owned(),
            note: happening.note.trim().to_owned(),
            author: actor.id().to_owned(),
            recorded: at,
        };
        let (actor, kind) = (actor.clone(), happening.kind);
        self.store.write(move |tx| {
            let number = case.map_or(DESK, CaseId::number);
            let mut head = match case {
                Some(id) if kind.makes_public() => Some(case::take(tx, &actor, id, Verb::Leak)?),
                Some(id) => Some(case::take(tx, &actor, id, Verb::Comment)?),
                None => None,
            };
            let row = EventRow {
                recorded: tx.now(),
                ..row.clone()
            };
            tx.insert_case_event(number, &row)?;
            if let (Some(head), true) = (&mut head, kind.makes_public()) {
                case::settle(tx, head)?;
            }
            let detail = json!({"kind": row.kind, "at": row.at, "subject": row.subject});
            match case {
                Some(id) => case::record(tx, &actor, id, "recorded", "record", detail),
                None => {
                    tx.change("desk.recorded", "", "desk", store::Visibility::Restricted);
                    tx.audit(AuditEvent {
                        actor: actor.name().to_owned(),
                        org: String::new(),
                        action: "desk.record".into(),
                        object: "desk".into(),
                        detail,
                    });
                }
            }
            Ok(())
        })
    }

    /// The deadlines nothing has stopped, of the cases the actor is on and,
    /// for whoever may know, of the desk itself; soonest first.
    pub fn clocks(&self, actor: &Actor, wanted: Wanted) -> Result<Vec<CaseClock>, Error> {
        check(actor, Action::See)?;
        self.follow_clocks()?;
        let now = self.world.now();
        let until = wanted.until.unwrap_or_else(|| now.plus_ms(i64::MAX));
        let (offset, limit) = (wanted.offset, wanted.limit.clamp(1, 500));
        self.store.snapshot(|reader| {
            let timing = timing(reader)?;
            let wanted = offset.saturating_add(limit);
            let mut rows = reader.deadlines_for(actor.id(), until, 0, wanted)?;
            if actor.may(Action::Audit) {
                rows.extend(of_desk(reader)?);
                rows.retain(|listed| listed.row.due < until);
                rows.sort_by_key(|listed| (listed.row.due, listed.row.case_id));
            }
            let part = rows.into_iter().skip(offset as usize).take(limit as usize);
            let mut clocks = Vec::new();
            for ListedDeadline { row, title, state } in part {
                if is_seen(actor, &state)? {
                    clocks.push(clock(&kept(&row)?, row.case_id, title, &timing, now));
                }
            }
            Ok(clocks)
        })
    }

    /// Every deadline of a case, also those that were met, in the order of
    /// their ends.
    ///
    /// Refuses: a case the actor is not on, exactly as one that is not there.
    pub fn clocks_of(&self, actor: &Actor, id: CaseId) -> Result<Vec<CaseClock>, Error> {
        check(actor, Action::See)?;
        let now = self.world.now();
        self.store.snapshot(|reader| {
            let number = id.number();
            let title = match reader.is_member(number, actor.id())? {
                true => title(reader, actor, number)?,
                false => None,
            };
            let title = title.ok_or_else(|| case::not_found(id))?;
            let timing = timing(reader)?;
            let found = of_case(reader, number, &timing)?;
            Ok(found
                .iter()
                .map(|deadline| clock(deadline, number, title.clone(), &timing, now))
                .collect())
        })
    }

    /// The breaches in the cases the actor is on, and of the desk itself,
    /// newest first.
    ///
    /// Takes: `limit`, 1 to 500.
    pub fn breaches(&self, actor: &Actor, limit: u32) -> Result<Vec<Breach>, Error> {
        check(actor, Action::See)?;
        self.follow_clocks()?;
        let rows = self
            .store
            .snapshot(|reader| reader.breaches_for(actor.id(), limit.clamp(1, 500)))?;
        let knows = |row: &BreachRow| row.case_id != DESK || actor.may(Action::Audit);
        Ok(rows.into_iter().filter(knows).map(breach).collect())
    }

    /// Takes the kept deadlines up to the end of the change log, and records
    /// the breaches that have come.
    ///
    /// The cursor moves in the transaction that writes the rows, so every
    /// breach is recorded once, however many nodes run this.
    pub fn follow_clocks(&self) -> Result<(), Error> {
        while self.clocks_are_behind()? {
            let more = self.store.write(|tx| {
                let seen = tx.take_cursor(CURSOR)?;
                let changes = tx.changes_after(seen, STEP)?;
                let timing = timing(tx)?;
                let touched = touched(tx, &changes)?;
                for case in touched {
                    keep(tx, case, &timing)?;
                }
                if let Some(last) = changes.last() {
                    tx.move_cursor(CURSOR, last.seq)?;
                }
                let more = changes.len() == STEP as usize || redo(tx, &timing)?;
                if !more {
                    keep_desk(tx, &timing)?;
                }
                Ok::<_, Error>(more)
            })?;
            if !more {
                break;
            }
        }
        let now = self.world.now();
        while !self
            .store
            .read(|r| r.unrecorded_breaches(now, 1))?
            .is_empty()
        {
            self.store.write(move |tx| {
                // Taken, so that two nodes do not record at once.
                tx.take_cursor(CURSOR)?;
                for row in tx.unrecorded_breaches(now, BREACHES)? {
                    note_breach(tx, &row)?;
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(())
    }

    /// Whether changes or a new day wait to be followed.
    fn clocks_are_behind(&self) -> Result<bool, Error> {
        let now = self.world.now();
        self.store.snapshot(|reader| {
            let day = timing(reader)?.calendar.date(now);
            let redo = reader.setting(REDO)?.unwrap_or_default();
            Ok(!redo.is_empty()
                || reader.cursor(CURSOR)? < reader.last_change()?
                || reader.setting(DAY)?.as_deref() != Some(&day))
        })
    }

    /// The cases whose kept deadlines are not the ones their facts give; for
    /// tests, and empty.
    #[doc(hidden)]
    pub fn check_clocks(&self) -> Result<Vec<CaseId>, Error> {
        self.follow_clocks()?;
        self.store.snapshot(|reader| {
            let timing = timing(reader)?;
            let mut wrong = Vec::new();
            for case in reader.all_cases()? {
                let mut expected = rows(case.id, &of_case(reader, case.id, &timing)?);
                let mut found = reader.deadlines_of_case(case.id)?;
                let key = |row: &DeadlineRow| (row.id.clone(), row.subject.clone(), row.starts);
                expected.sort_by_key(key);
                found.sort_by_key(key);
                if expected != found {
                    wrong.push(CaseId::new(case.id));
                }
            }
            Ok(wrong)
        })
    }
}

pub(crate) fn timing(reader: &mut Reader<'_>) -> Result<Timing, Error> {
    let Some(text) = reader.setting(SETTING)? else {
        return Ok(Timing::default());
    };
    serde_json::from_str(&text)
        .map_err(|error| Error::Broken(format!("the setting `{SETTING}` cannot be read: {error}")))
}

/// The cases that changes are about.
fn touched(tx: &mut Tx<'_>, changes: &[store::Change]) -> Result<BTreeSet<i64>, Error> {
    let mut touched = BTreeSet::new();
    for change in changes {
        let noun = change.kind.split('.').next().unwrap_or_default();
        match noun {
            "case" => touched.extend(change.object.parse::<i64>().ok()),
            // The calendar or a length changed, and with it every deadline.
            "clocks" => tx.set(REDO, "0")?,
            "record" => {
                let Ok(id) = change.object.parse::<CveId>() else {
                    continue;
                };
                touched.extend(tx.ledger_line(id)?.and_then(|line| line.case_id));
            }
            _ => {}
        }
    }
    Ok(touched)
}

/// Computes the next cases anew, where all have to be.
///
/// Gives: whether there are more. A unit of work takes few, so that others do
/// not wait for all of them.
fn redo(tx: &mut Tx<'_>, timing: &Timing) -> Result<bool, Error> {
    let from = tx.setting(REDO)?.unwrap_or_default();
    let Ok(from) = from.parse::<i64>() else {
        return Ok(false);
    };
    let next = tx.case_numbers_after(from, STEP)?;
    for number in &next {
        keep(tx, *number, timing)?;
    }
    let more = next.len() == STEP as usize;
    let last = next.last().filter(|_| more);
    tx.set(REDO, &last.map(i64::to_string).unwrap_or_default())?;
    Ok(more)
}

/// Computes the deadlines of a case anew and keeps those that are open. One
/// that was met late leaves its breach.
fn keep(tx: &mut Tx<'_>, number: i64, timing: &Timing) -> Result<(), Error> {
    let found = of_case(tx, number, timing)?;
    tx.put_deadlines(number, &rows(number, &found))?;
    for deadline in found.iter().filter(|deadline| is_late(deadline)) {
        note_breach(tx, &row(number, deadline))?;
    }
    Ok(())
}

fn keep_desk(tx: &mut Tx<'_>, timing: &Timing) -> Result<(), Error> {
    let now = tx.now();
    let events = facts::of_desk(tx, now)?;
    let found = deadlines(&events, &timing.calendar, &timing.clocks);
    tx.put_deadlines(DESK, &rows(DESK, &found))?;
    tx.set(DAY, &timing.calendar.date(now))?;
    Ok(())
}

pub(crate) fn of_case(
    reader: &mut Reader<'_>,
    number: i64,
    timing: &Timing,
) -> Result<Vec<Deadline>, Error> {
    // A change may name a case that is not there, of an older program.
    let Some(case) = reader.case(number)? else {
        return Ok(Vec::new());
    };
    let events = facts::of_case(reader, &case)?;
    let mut found = deadlines(&events, &timing.calendar, &timing.clocks);
    // As long as nobody looks at references, nobody is late with it.
    let looked = |event: &Event| event.kind == EventKind::ReferencesChecked;
    if !events.iter().any(looked) {
        found.retain(|deadline| deadline.id != DeadlineId::D28);
    }
    let state: CaseState = case.state.parse().map_err(Error::Broken)?;
    if state.is_closed() {
        end_with_case(&mut found, &events);
    }
    Ok(found)
}

/// Stops what a closed case no longer needs, where nothing else has: it runs
/// again when the case is opened again.
///
/// What began after the closing was begun by somebody who wants it.
fn end_with_case(found: &mut [Deadline], events: &[Event]) {
    let closings = events
        .iter()
        .filter(|event| event.kind == EventKind::Closed);
    let Some(closed) = closings.map(|event| event.at).max() else {
        return;
    };
    for deadline in found {
        let ends = rule(deadline.id).ends_with_case && deadline.starts <= closed;
        if ends && deadline.stopped.is_none() {
            deadline.stopped = Some(closed);
        }
    }
}

/// Whether a deadline was stopped after its end.
fn is_late(deadline: &Deadline) -> bool {
    let at = deadline.stopped;
    at.is_some_and(|at| deadline.breached_at(at).is_some())
}

/// The rows kept for the deadlines that are open.
fn rows(number: i64, deadlines: &[Deadline]) -> Vec<DeadlineRow> {
    let open = |deadline: &&Deadline| deadline.stopped.is_none() && !deadline.waived;
    deadlines
        .iter()
        .filter(open)
        .map(|deadline| row(number, deadline))
        .collect()
}

fn row(number: i64, deadline: &Deadline) -> DeadlineRow {
    DeadlineRow {
        case_id: number,
        id: deadline.id.to_string(),
        subject: deadline.subject.clone(),
        kind: deadline.kind.to_string(),
        starts: deadline.starts,
        due: deadline.due,
        body: json!(deadline).to_string(),
    }
}

pub(crate) fn kept(row: &DeadlineRow) -> Result<Deadline, Error> {
    serde_json::from_str(&row.body).map_err(|error| {
        Error::Broken(format!(
            "the deadline {} of case {} cannot be read: {error}",
            row.id, row.case_id
        ))
    })
}

/// Records a breach, once, with an event in the audit chain.
fn note_breach(tx: &mut Tx<'_>, row: &DeadlineRow) -> Result<(), Error> {
    let breach = BreachRow {
        case_id: row.case_id,
        id: row.id.clone(),
        subject: row.subject.clone(),
        kind: row.kind.clone(),
        starts: row.starts,
        due: row.due,
        recorded: tx.now(),
    };
    if !tx.insert_breach(&breach)? {
        return Ok(());
    }
    let object = match row.case_id {
        DESK => "desk".to_owned(),
        number => CaseId::new(number).object(),
    };
    tx.audit(AuditEvent {
        actor: "clock".into(),
        org: String::new(),
        action: "deadline.breach".into(),
        object,
        detail: json!({"id": row.id, "kind": row.kind, "subject": row.subject, "due": row.due}),
    });
    Ok(())
}

fn breach(row: BreachRow) -> Breach {
    Breach {
        id: row.id,
        case: (row.case_id != DESK).then(|| CaseId::new(row.case_id)),
        subject: row.subject,
        kind: row.kind,
        starts: row.starts,
        due: row.due,
        recorded: row.recorded,
    }
}

/// The deadlines of the desk itself, listed as if it were a case.
pub(crate) fn of_desk(reader: &mut Reader<'_>) -> Result<Vec<ListedDeadline>, Error> {
    let listed = |row| ListedDeadline {
        row,
        title: String::new(),
        state: String::new(),
    };
    let rows = reader.deadlines_of_case(DESK)?;
    Ok(rows.into_iter().map(listed).collect())
}

/// Whether the actor sees a case it is on in this state; the desk has none.
pub(crate) fn is_seen(actor: &Actor, state: &str) -> Result<bool, Error> {
    if state.is_empty() {
        return Ok(true);
    }
    let state: CaseState = state.parse().map_err(Error::Broken)?;
    Ok(sees(actor, state))
}

/// The title of a case, when the actor sees it in its state; empty for the
/// desk.
pub(crate) fn title(
    reader: &mut Reader<'_>,
    actor: &Actor,
    number: i64,
) -> Result<Option<String>, Error> {
    if number == DESK {
        return Ok(Some(String::new()));
    }
    let Some(case) = reader.case(number)? else {
        return Ok(None);
    };
    Ok(is_seen(actor, &case.state)?.then_some(case.title))
}

fn clock(
    deadline: &Deadline,
    number: i64,
    title: String,
    timing: &Timing,
    now: Timestamp,
) -> CaseClock {
    let (line, status) = (rule(deadline.id), deadline.status(now));
    let left_ms = match status {
        Status::Running { left_ms } | Status::DueSoon { left_ms } => left_ms,
        Status::Breached { late_ms } => -late_ms,
        Status::Reached { since_ms } => -since_ms,
        Status::Stopped { spare_ms, .. } => spare_ms,
        Status::Waived => 0,
    };
    let mut reminders = deadline.reminders.iter().map(|reminder| reminder.at);
    CaseClock {
        id: deadline.id,
        what: line.what,
        party: line.party,
        kind: deadline.kind,
        source: line.source,
        case: (number != DESK).then(|| CaseId::new(number)),
        title,
        subject: deadline.subject.clone(),
        starts: deadline.starts,
        opens: deadline.opens,
        due: deadline.due,
        due_local: timing.calendar.show(deadline.due),
        status: status.as_str(),
        left_ms,
        stopped: deadline.stopped,
        next_reminder: reminders.find(|at| *at > now && status.is_open()),
        at_breach: line.breach,
    }
}

/// Refuses what happened to an ID and names something else: the clock of the
/// ID would run on, and nobody would know why.
fn about_an_id(happening: &Happening) -> Result<(), Refusal> {
    let subject = happening.subject.trim();
    let of_id = matches!(
        happening.kind,
        EventKind::IdAssigned
            | EventKind::IdGiven
            | EventKind::IdSeen
            | EventKind::IdRejected
            | EventKind::RecordSubmitted
            | EventKind::RecordPublished
            | EventKind::ReadBack
    );
    if of_id && !subject.is_empty() && subject.parse::<cve::id::CveId>().is_err() {
        let shown: String = subject.chars().take(64).collect();
        let problem = format!(
            "`{shown}` is not a CVE ID: expected `CVE-YYYY-NNNN`, or nothing for all of the case"
        );
        return Err(Refusal::invalid("subject", problem));
    }
    Ok(())
}
