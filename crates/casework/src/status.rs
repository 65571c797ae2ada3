//! What needs somebody, in the order in which to look at it.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{CaseRow, FollowupRow, FollowupState, ListedDeadline, OpenDraft, Reader};

use crate::announce;
use crate::case::{CaseId, CaseState, Names};
use crate::clocks::{self, DeadlineId, Status, Timing};
use crate::desk::Desk;
use crate::error::Error;
use crate::lanes;
use crate::mail::MAIL;
use crate::package;
use crate::people::{Actor, training};
use crate::policy::{Action, check, sees};
use crate::pool;

/// Lines of one kind at most.
const LINES: u32 = 100;

/// How far ahead deadlines are looked at.
const AHEAD_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// The day the last digests were written for.
const DIGESTS: &str = "digests.day";

/// Why something needs somebody; the order is the one to look at it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// A MUST was not met.
    Overdue,
    /// A MUST ends soon.
    DueSoon,
    /// A SHOULD or TARGET was not met, or ends soon.
    Late,
    /// A case is offered to the person.
    Offer,
    /// A task is the person's.
    Task,
    /// A case waits for a role of the person.
    Case,
    /// A private distributor has not answered.
    Silent,
    /// A follow-up failed, or waits for somebody to look.
    Followup,
    /// A monitor found a disclosure that nobody has read.
    Disclosure,
    /// Few IDs are left.
    Pool,
    /// No training of somebody is noted whose roles need it.
    Training,
}

/// Something that needs somebody.
#[derive(Debug, Clone, Serialize)]
pub struct Need {
    /// Why.
    pub kind: NeedKind,
    /// What has to be done, in words.
    pub what: String,
    /// The case; nothing for what is no case's.
    pub case: Option<CaseId>,
    /// Its title; may be empty.
    pub title: String,
    /// The deadline, the follow-up or the ID it is about; may be empty.
    pub subject: String,
    /// By when; nothing where there is no deadline.
    pub due: Option<Timestamp>,
    /// The same in local time, with offset and zone; empty without one.
    pub due_local: String,
}

impl Desk {
    /// What needs the actor, in the order in which to look at it. Of each
    /// kind, at most 100 lines.
    pub fn status(&self, actor: &Actor) -> Result<Vec<Need>, Error> {
        check(actor, Action::See)?;
        self.follow_clocks()?;
        let mut needs = self.needs(actor)?;
        // Not in digests: nobody has to be told each day.
        if actor.may(Action::Administer) {
            needs.extend(self.store.snapshot(untrained)?);
        }
        Ok(needs)
    }

    fn needs(&self, actor: &Actor) -> Result<Vec<Need>, Error> {
        let now = self.world.now();
        let organisation = self.organisation()?;
        self.store.snapshot(|reader| {
            let timing = clocks::timing(reader)?;
            let mut needs = pressing(reader, actor, &timing, now)?;
            needs.extend(offers(reader, actor)?);
            needs.extend(tasks(reader, actor, &timing)?);
            needs.extend(waiting_cases(reader, actor)?);
            if actor.may(Action::Record) {
                needs.extend(silent_distributors(reader, actor)?);
            }
            if actor.may(Action::Retry) {
                needs.extend(stuck_followups(reader, actor)?);
            }
            if actor.may(Action::Send) {
                needs.extend(given_up_announcements(reader, actor)?);
                needs.extend(given_up_messages(reader, actor)?);
            }
            needs.extend(unread_disclosures(reader, actor)?);
            if actor.may(Action::Record) {
                needs.extend(unread_hits(reader, actor)?);
            }
            if let Some(organisation) = &organisation
                && actor.may(Action::Reserve)
            {
                needs.extend(low_pool(reader, &organisation.account, now)?);
            }
            // Kinds in order; within a kind the order they were found in.
            needs.sort_by_key(|need| need.kind);
            Ok(needs)
        })
    }

    /// The digest of a day, as it was written for the actor; nothing when
    /// nothing needed it that day.
    ///
    /// Takes: `day` such as `2026-11-03`, in the zone of the CNA; today's
    /// without one.
    pub fn digest(&self, actor: &Actor, day: Option<&str>) -> Result<Option<Value>, Error> {
        check(actor, Action::See)?;
        self.write_digests()?;
        let today = self.timing()?.calendar.date(self.world.now());
        let day = day.unwrap_or(&today);
        let text = self.store.read(|reader| reader.digest(actor.id(), day))?;
        text.map(|text| {
            serde_json::from_str(&text)
                .map_err(|error| Error::Broken(format!("the digest of {day}: {error}")))
        })
        .transpose()
    }

    /// Writes the digest of the day for everybody who has none yet: one a
    /// person a day, in the zone of the CNA, however many nodes run this.
    pub fn write_digests(&self) -> Result<(), Error> {
        let today = self.timing()?.calendar.date(self.world.now());
        let written = self.store.read(|reader| reader.setting(DIGESTS))?;
        if written.as_deref() == Some(&today) {
            return Ok(());
        }
        self.follow_clocks()?;
        for actor in self.everybody_active()? {
            if !actor.may(Action::See) {
                continue;
            }
            let needs = self.needs(&actor)?;
            if needs.is_empty() {
                continue;
            }
            let (person, day) = (actor.id().to_owned(), today.clone());
            let body = json!({"day": today, "person": actor.name(), "needs": needs}).to_string();
            self.store
                .write(move |tx| tx.insert_digest(&person, &day, &body).map_err(Error::from))?;
        }
        self.store
            .write(move |tx| tx.set(DIGESTS, &today).map_err(Error::from))
    }
}

/// Deadlines that were not met, or end soon.
fn pressing(
    reader: &mut Reader<'_>,
    actor: &Actor,
    timing: &Timing,
    now: Timestamp,
) -> Result<Vec<Need>, Error> {
    let until = now.plus_ms(AHEAD_MS);
    let mut rows = reader.pressing_deadlines(actor.id(), "MUST", until, LINES)?;
    let mut others = reader.pressing_deadlines(actor.id(), "SHOULD", until, LINES)?;
    others.extend(reader.pressing_deadlines(actor.id(), "TARGET", until, LINES)?);
    others.sort_by_key(|listed| listed.row.due);
    others.truncate(LINES as usize);
    rows.extend(others);
    if actor.may(Action::Audit) {
        rows.extend(clocks::of_desk(reader)?);
    }
    let mut needs = Vec::new();
    for ListedDeadline { row, title, state } in rows {
        let deadline = clocks::kept(&row)?;
        let must = deadline.kind == clocks::Kind::Must;
        let kind = match (deadline.status(now), must) {
            (Status::Breached { .. }, true) => NeedKind::Overdue,
            (Status::DueSoon { .. }, true) => NeedKind::DueSoon,
            (Status::Breached { .. } | Status::DueSoon { .. }, false) => NeedKind::Late,
            // Nobody waits for the last hour with it.
            _ if deadline.id == DeadlineId::D33 => NeedKind::DueSoon,
            _ => continue,
        };
        if !clocks::is_seen(actor, &state)? {
            continue;
        }
        let line = deadline.rule();
        let about = match deadline.subject.as_str() {
            "" => String::new(),
            subject => format!(", {subject}"),
        };
        needs.push(Need {
            kind,
            what: format!("{}{about} ({} {})", line.what, deadline.kind, deadline.id),
            case: (row.case_id != clocks::DESK).then(|| CaseId::new(row.case_id)),
            title,
            subject: row.id,
            due: Some(deadline.due),
            due_local: timing.calendar.show(deadline.due),
        });
    }
    Ok(needs)
}

/// Cases that are offered to the actor.
fn offers(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let names = Names::load(reader)?;
    let mut needs = Vec::new();
    for (number, title, state, by) in reader.hand_overs_to(actor.id())? {
        if clocks::is_seen(actor, &state)? {
            needs.push(Need {
                kind: NeedKind::Offer,
                what: format!("accept it from {}", names.of(&by)),
                case: Some(CaseId::new(number)),
                title,
                subject: String::new(),
                due: None,
                due_local: String::new(),
            });
        }
    }
    Ok(needs)
}

/// The actor's own open tasks.
fn tasks(reader: &mut Reader<'_>, actor: &Actor, timing: &Timing) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    for (task, title, state) in reader.open_tasks_of(actor.id(), LINES)? {
        if clocks::is_seen(actor, &state)? {
            let due_local = task.due.map(|due| timing.calendar.show(due));
            needs.push(Need {
                kind: NeedKind::Task,
                what: format!("{} (task {})", task.title, task.number),
                case: Some(CaseId::new(task.case_id)),
                title,
                subject: task.number.to_string(),
                due: task.due,
                due_local: due_local.unwrap_or_default(),
            });
        }
    }
    Ok(needs)
}

/// What a role does next in a state.
const NEXT: [(CaseState, Action); 8] = [
    (CaseState::Disclosed, Action::Publish),
    (CaseState::Ready, Action::Publish),
    (CaseState::Determined, Action::Assign),
    (CaseState::Triage, Action::Prefill),
    (CaseState::NeedInfo, Action::Prefill),
    (CaseState::Consulting, Action::Prefill),
    (CaseState::Coordinating, Action::Prefill),
    (CaseState::Received, Action::Take),
];

/// Cases that wait for a role of the actor.
fn waiting_cases(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let need = |number, title, what: String, subject: String| Need {
        kind: NeedKind::Case,
        what,
        case: Some(CaseId::new(number)),
        title,
        subject,
        due: None,
        due_local: String::new(),
    };
    let mut needs = Vec::new();
    for (state, action) in NEXT {
        if !actor.may(action) || !sees(actor, state) {
            continue;
        }
        for (number, title) in reader.cases_in_state(actor.id(), state.as_str(), LINES)? {
            let what = state.next_step().to_owned();
            needs.push(need(number, title, what, state.to_string()));
        }
    }
    if actor.may(Action::Draft) || actor.may(Action::Review) {
        for draft in reader.open_drafts(actor.id(), LINES)? {
            if let Some(verb) = step(actor, &draft) {
                let what = format!("{verb} the draft of {}", draft.cve_id);
                needs.push(need(draft.case_id, draft.title, what, draft.cve_id));
            }
        }
    }
    needs.truncate(LINES as usize);
    Ok(needs)
}

/// What the actor does with a draft: reviews what somebody else wrote, or
/// writes what nobody has.
fn step(actor: &Actor, draft: &OpenDraft) -> Option<&'static str> {
    let missing = draft.author.is_empty();
    if missing {
        return actor.may(Action::Draft).then_some("write");
    }
    let reviews = actor.may(Action::Review) && draft.author != actor.id() && !draft.approved;
    reviews.then_some("review")
}

/// Follow-ups that failed or wait for somebody: those of the actor's cases, and
/// those of no case for whoever may know of them.
fn stuck_followups(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    for row in reader.stuck_followups(LINES)? {
        let Some(number) = row.subject.strip_prefix("case ") else {
            if actor.may(Action::Audit) {
                needs.push(stuck_of_no_case(row));
            }
            continue;
        };
        let Ok(number) = number.parse::<i64>() else {
            continue;
        };
        let case: Option<CaseRow> = match reader.is_member(number, actor.id())? {
            true => reader.case(number)?,
            false => None,
        };
        let Some(case) = case else { continue };
        let word = match row.state {
            FollowupState::Held => "waits for you to look",
            _ => "failed",
        };
        let mut what = format!("`{}` {word}: {}", row.kind, row.last_answer);
        if let Some(text) = reader.announcement(&row.id)? {
            let act = match row.kind.as_str() {
                MAIL => format!("the mail with `{}`", text.template),
                _ => format!("filing the `{}`", text.template),
            };
            what = format!(
                "{act} of {} to {} {word}: {}; {}",
                text.cve_id,
                text.recipient,
                row.last_answer,
                announce::again(text.cve_id, &text.id, &text.template)
            );
        } else if let Some(message) = reader.outgoing_of_followup(number, &row.id)? {
            what = format!(
                "the mail with message {} to {} {word}: {}; {}",
                message.number,
                reader_of(&message.lane, &message.contact),
                row.last_answer,
                lanes::again(CaseId::new(number), message.number)
            );
        } else if let Some((package, to)) = reader.package_of_followup(number, &row.id)? {
            what = format!(
                "the mail with package {package} to {to} {word}: {}; {}",
                row.last_answer,
                package::again(CaseId::new(number), package)
            );
        } else if row.kind == MAIL {
            what.push_str(&format!(
                "; mend it and try again with `cna followup retry {}`, or see `cna case outgoing \
                 {number}`",
                row.id
            ));
        }
        needs.push(Need {
            kind: NeedKind::Followup,
            what,
            case: Some(CaseId::new(number)),
            title: case.title,
            subject: row.id,
            due: None,
            due_local: String::new(),
        });
    }
    Ok(needs)
}

/// A follow-up of the pool, or a mail of the desk itself, that failed or came
/// back. Whom a mail was for is not said: its answer is codes.
fn stuck_of_no_case(row: FollowupRow) -> Need {
    let word = match row.state {
        FollowupState::Held => "waits for somebody to look",
        _ => "failed",
    };
    let about = match row.kind.as_str() {
        MAIL => "a mail of no case",
        _ => row.kind.as_str(),
    };
    Need {
        kind: NeedKind::Followup,
        what: format!(
            "`{about}` {word}: {}; try it again with `cna followup retry {}`, or end it with `cna \
             followup cancel`",
            row.last_answer, row.id
        ),
        case: None,
        title: String::new(),
        subject: row.id,
        due: None,
        due_local: String::new(),
    }
}

/// Announcements of the actor's cases whose mail was given up and that nobody
/// sent since.
fn given_up_announcements(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    for row in reader.given_up_announcements(actor.id(), LINES)? {
        let Some(title) = clocks::title(reader, actor, row.case_id)? else {
            continue;
        };
        needs.push(Need {
            kind: NeedKind::Followup,
            what: format!(
                "the mail with `{}` of {} to {} was given up ({}); {}",
                row.template,
                row.cve_id,
                row.recipient,
                row.answer,
                announce::again(row.cve_id, &row.id, &row.template)
            ),
            case: Some(CaseId::new(row.case_id)),
            title,
            subject: row.id,
            due: None,
            due_local: String::new(),
        });
    }
    Ok(needs)
}

/// Messages of the actor's cases whose mail was given up and that nobody sent
/// since.
fn given_up_messages(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    for row in reader.given_up_messages(actor.id(), LINES)? {
        let Some(title) = clocks::title(reader, actor, row.case_id)? else {
            continue;
        };
        let case = CaseId::new(row.case_id);
        needs.push(Need {
            kind: NeedKind::Followup,
            what: format!(
                "the mail with message {} to {} was given up ({}); {}",
                row.number,
                reader_of(&row.lane, &row.contact),
                row.answer,
                lanes::again(case, row.number)
            ),
            case: Some(case),
            title,
            subject: row.number.to_string(),
            due: None,
            due_local: String::new(),
        });
    }
    Ok(needs)
}

/// Private distributors that have not answered, a line for each package.
fn silent_distributors(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    let rows = reader.silent_members(actor.id(), LINES)?;
    for (case, package, what) in package::silent_in_words(&rows) {
        let Some(title) = clocks::title(reader, actor, case)? else {
            continue;
        };
        needs.push(Need {
            kind: NeedKind::Silent,
            what,
            case: Some(CaseId::new(case)),
            title,
            subject: package.to_string(),
            due: None,
            due_local: String::new(),
        });
    }
    Ok(needs)
}

/// Who reads a message, in words.
fn reader_of(lane: &str, contact: &str) -> String {
    match lane {
        "vendors" => contact.to_owned(),
        _ => "the reporter".to_owned(),
    }
}

fn unread_disclosures(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    for (number, event) in reader.unread_hits(actor.id(), LINES)? {
        let Some(title) = clocks::title(reader, actor, number)? else {
            continue;
        };
        let about = match event.note.as_str() {
            "" => event.subject.clone(),
            note => format!("{} ({note})", event.subject),
        };
        needs.push(Need {
            kind: NeedKind::Disclosure,
            what: format!("read what a monitor found on {}: {about}", event.at.date()),
            case: Some(CaseId::new(number)),
            title,
            subject: event.subject,
            due: None,
            due_local: String::new(),
        });
    }
    Ok(needs)
}

/// Places where our IDs were seen and that nobody has read.
fn unread_hits(reader: &mut Reader<'_>, actor: &Actor) -> Result<Vec<Need>, Error> {
    let mut needs = Vec::new();
    for hit in reader.hits(false)? {
        let case = reader.ledger_line(hit.id)?.and_then(|line| line.case_id);
        let title = match case {
            Some(case) => match clocks::title(reader, actor, case)? {
                Some(title) if reader.is_member(case, actor.id())? => title,
                _ => continue,
            },
            None => String::new(),
        };
        needs.push(Need {
            kind: NeedKind::Disclosure,
            what: format!(
                "read hit {}: {} is named at {}, line {} (`cna id hits`)",
                hit.number, hit.id, hit.source, hit.line
            ),
            case: case.map(CaseId::new),
            title,
            subject: hit.id.to_string(),
            due: None,
            due_local: String::new(),
        });
        if needs.len() == LINES as usize {
            break;
        }
    }
    Ok(needs)
}

/// Those of whom no training is noted, in one line.
fn untrained(reader: &mut Reader<'_>) -> Result<Option<Need>, Error> {
    let names = training::untrained(reader)?;
    if names.is_empty() {
        return Ok(None);
    }
    Ok(Some(Need {
        kind: NeedKind::Training,
        what: format!(
            "note when these were trained (`cna person trained NAME`): {}",
            names.join(", ")
        ),
        case: None,
        title: String::new(),
        subject: String::new(),
        due: None,
        due_local: String::new(),
    }))
}

fn low_pool(reader: &mut Reader<'_>, account: &str, now: Timestamp) -> Result<Option<Need>, Error> {
    let year = now.year();
    let Some((left, buffer)) = pool::low(reader, account, now)? else {
        return Ok(None);
    };
    Ok(Some(Need {
        kind: NeedKind::Pool,
        what: format!("reserve IDs of {year}: {left} in the pool, {buffer} should be"),
        case: None,
        title: String::new(),
        subject: year.to_string(),
        due: None,
        due_local: String::new(),
    }))
}
