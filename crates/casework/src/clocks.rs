//! The deadlines of the process: events in, deadlines out.
//!
//! Nothing here reads a clock or a store. [`deadlines`] is a function of what
//! happened, of the organisation's [`Calendar`] and of what it chose
//! ([`Settings`]); how a deadline stands at a moment, [`Deadline::status`]
//! says.
//!
//! | file | holds |
//! |---|---|
//! | `clocks/table` | the lines D-01 to D-33 |
//! | `clocks/rule` | what a line says |
//! | `clocks/event` | what starts and stops a clock |
//! | `clocks/calendar`, `clocks/length` | business days, zones, how long |
//! | `clocks/deadline` | a clock that started: status, reminders |
//! | `clocks/settings` | what an organisation chooses |
//! | `clocks/slot` | D-18, the slot of an announcement |
//! | `clocks/facts`, `clocks/kept`, `clocks/embargo` | the desk's use of it: events from what is recorded, deadlines kept for lists, breaches |
//!
//! Every subject (a CVE ID, a dispute, a CNA that was asked) has clocks of its
//! own; what happens to no subject in particular stops the clocks of all.

mod calendar;
mod deadline;
mod embargo;
mod event;
mod facts;
mod kept;
mod length;
mod rule;
mod settings;
mod slot;
mod table;

use std::collections::BTreeSet;

use cve::time::Timestamp;

pub use calendar::{Calendar, InvalidCalendar};
pub use deadline::{Deadline, Reminder, Status};
pub use embargo::{Embargo, NewEmbargo};
pub use event::{Event, EventKind, Severity};
pub(crate) use facts::{DESK, disclosures};
pub use kept::{Breach, CaseClock, Happening, Timing, Wanted};
pub(crate) use kept::{is_seen, kept, of_case, of_desk, timing, title};
pub use length::{InvalidLength, Length};
pub use rule::{Audience, DeadlineId, Kind, Party, Rule};
pub use settings::{InvalidSettings, Settings};
pub use slot::{SlotFault, announcement_slot};

use length::hours_ms;
use rule::{Clock, Mode, Runs};

/// Every line of the table, in the order of its id.
pub fn rules() -> &'static [Rule] {
    table::TABLE
}

/// The line of a deadline.
pub fn rule(id: DeadlineId) -> &'static Rule {
    // The table has every id at its place; a test holds it to that.
    &table::TABLE[id as usize]
}

/// Every deadline that follows from `events`, whether it runs, was stopped or
/// was breached, in the order of their ends.
///
/// Takes: events in any order; an empty list gives no deadline.
/// Source: process section 3.4.
pub fn deadlines(events: &[Event], calendar: &Calendar, settings: &Settings) -> Vec<Deadline> {
    let mut all: Vec<_> = DeadlineId::ALL
        .iter()
        .flat_map(|id| deadlines_of(*id, events, calendar, settings))
        .collect();
    all.sort_by(|a, b| (a.due, a.id, &a.subject).cmp(&(b.due, b.id, &b.subject)));
    all
}

/// The deadlines of one line that follow from `events`: one a subject, and
/// several where a clock was stopped and started again.
pub fn deadlines_of(
    id: DeadlineId,
    events: &[Event],
    calendar: &Calendar,
    settings: &Settings,
) -> Vec<Deadline> {
    if settings.without.contains(&id) {
        return Vec::new();
    }
    let rule = rule(id);
    let mut events: Vec<&Event> = events.iter().collect();
    events.sort_by_key(|event| event.at);
    let mut found = Vec::new();
    for clock in rule.clocks {
        let starts = |event: &&&Event| clock.starts.iter().any(|(kind, _)| *kind == event.kind);
        let subjects: BTreeSet<_> = events
            .iter()
            .filter(starts)
            .map(|event| &event.subject)
            .collect();
        for subject in subjects {
            let concerned: Vec<_> = events
                .iter()
                .copied()
                .filter(|event| event.subject == *subject || event.subject.is_empty())
                .collect();
            let run = Run {
                rule,
                clock,
                subject,
                events: &concerned,
                calendar,
                settings,
            };
            found.extend(run.deadlines());
        }
    }
    keep_the_stronger(&mut found);
    found
}

/// The end of a deadline that starts at `from`, for lines whose length the
/// table or the settings give.
///
/// Gives: nothing for the others. Counted back from `from` for D-16 and D-17.
pub fn due(
    id: DeadlineId,
    from: Timestamp,
    calendar: &Calendar,
    settings: &Settings,
) -> Option<Timestamp> {
    let length = length_of(rule(id), settings)?;
    if let (true, Length::Hours(hours)) = (rule(id).is_backwards(), length) {
        return Some(from.plus_ms(-hours_ms(hours)));
    }
    Some(length.after(from, calendar))
}

/// Whether events made it public; nothing where they say nothing of it.
///
/// The bare ID alone discloses nothing.
pub(crate) fn is_public<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<bool> {
    let mut kinds = events.into_iter().map(|event| event.kind);
    kinds.any(EventKind::makes_public).then_some(true)
}

/// Milliseconds from our first disclosure of `subject` to its publication;
/// negative when the record was first.
///
/// Gives: nothing unless both happened.
/// Source: process section 15, `time_to_publish`.
pub fn time_to_publish_ms(events: &[Event], subject: &str) -> Option<i64> {
    let first = |kinds: &[EventKind]| {
        let mine = events
            .iter()
            .filter(|event| event.subject == subject && kinds.contains(&event.kind));
        mine.map(|event| event.at).min()
    };
    let disclosed = first(&[EventKind::Disclosed, EventKind::DetailsPublic])?;
    Some(first(&[EventKind::RecordPublished])?.ms_since(disclosed))
}

/// The table as Markdown, for the documentation.
pub fn markdown() -> String {
    let mut text = String::from(
        "| id | what | starts with | length | kind | source | at a breach |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for rule in rules() {
        let length = rule.length.map(|length| length.to_string());
        let default = if rule.free { "default " } else { "" };
        let mut words: Vec<String> = length
            .map(|l| format!("{default}{l}"))
            .into_iter()
            .collect();
        words.extend(Some(rule.note.to_owned()).filter(|note| !note.is_empty()));
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            rule.id,
            rule.what,
            rule.begins,
            words.join("; "),
            rule.kind,
            rule.source,
            rule.breach
        ));
    }
    let ends = rules().iter().filter(|rule| rule.ends_with_case);
    let ends: Vec<_> = ends.map(|rule| rule.id.to_string()).collect();
    text.push_str(&format!(
        "\nClosing a case ends what it no longer needs: {}. The others run on; an ended one runs \
         again when the case is opened again, where nothing else stopped it.\n",
        ends.join(", ")
    ));
    text
}

impl Rule {
    /// Whether it is counted back from a date that was planned.
    pub(crate) fn is_backwards(&self) -> bool {
        let back = |clock: &Clock| matches!(clock.runs, Runs::Before { .. });
        self.clocks.iter().any(back)
    }
}

fn length_of(rule: &Rule, settings: &Settings) -> Option<Length> {
    settings.lengths.get(&rule.id).copied().or(rule.length)
}

/// Of the deadlines of one subject, leaves out a weaker one that ends no
/// sooner than a stronger one: the bare ID of D-08 once details are known.
fn keep_the_stronger(found: &mut Vec<Deadline>) {
    let all = found.clone();
    found.retain(|weaker| {
        !all.iter().any(|stronger| {
            stronger.subject == weaker.subject
                && stronger.kind < weaker.kind
                && stronger.due <= weaker.due
        })
    });
}

/// One clock for one subject, with the events that concern it in order.
struct Run<'a> {
    rule: &'static Rule,
    clock: &'static Clock,
    subject: &'a str,
    events: &'a [&'a Event],
    calendar: &'a Calendar,
    settings: &'a Settings,
}

impl Run<'_> {
    fn deadlines(&self) -> Vec<Deadline> {
        let mut starts = self.starts();
        starts.sort_by_key(|(at, _)| *at);
        match self.clock.mode {
            Mode::Once => {
                let first = starts.first();
                let made = first.and_then(|(at, event)| self.deadline(*at, event, self.stop(None)));
                made.into_iter().collect()
            }
            Mode::Latest => {
                // What was done before a plan was changed counts for the new.
                let since = |at| (!self.rule.is_backwards()).then_some(at);
                let last = starts.last();
                let made = last
                    .and_then(|(at, event)| self.deadline(*at, event, self.stop(since(event.at))));
                made.into_iter().collect()
            }
            Mode::Again => self.rounds(&starts),
        }
    }

    /// A deadline for each start that found no clock running.
    fn rounds(&self, starts: &[(Timestamp, &Event)]) -> Vec<Deadline> {
        let mut made = Vec::new();
        let mut free_from: Option<Timestamp> = None;
        for (at, event) in starts {
            if free_from.is_some_and(|free| *at < free) {
                continue;
            }
            let stopped = self.stop(Some(*at));
            made.extend(self.deadline(*at, event, stopped));
            match stopped {
                Some(stopped) => free_from = Some(stopped),
                None => break,
            }
        }
        made
    }

    /// What starts the clock, with the moment it starts at.
    fn starts(&self) -> Vec<(Timestamp, &Event)> {
        let mut starts = Vec::new();
        for event in self.events.iter().filter(|e| e.subject == self.subject) {
            for (kind, hours) in self.clock.starts {
                if *kind == event.kind {
                    starts.push((event.at.plus_ms(hours_ms(*hours)), *event));
                }
            }
        }
        starts
    }

    /// The first stop, from a moment on.
    fn stop(&self, from: Option<Timestamp>) -> Option<Timestamp> {
        self.happened(self.clock.stops, from)
    }

    fn happened(&self, kinds: &[EventKind], from: Option<Timestamp>) -> Option<Timestamp> {
        self.events
            .iter()
            .filter(|event| kinds.contains(&event.kind))
            .map(|event| event.at)
            .find(|at| from.is_none_or(|from| *at >= from))
    }

    /// The deadline that starts at `starts` with `event`; nothing when the
    /// event lacks the date or severity that decides.
    fn deadline(
        &self,
        starts: Timestamp,
        event: &Event,
        stopped: Option<Timestamp>,
    ) -> Option<Deadline> {
        let length = length_of(self.rule, self.settings);
        let calendar = self.calendar;
        let (mut opens, mut step, mut unit) = (None, 0, length);
        let mut begins = starts;
        let due = match self.clock.runs {
            Runs::Length => length?.after(starts, calendar),
            Runs::Fixed(length) => {
                unit = Some(length);
                length.after(starts, calendar)
            }
            Runs::Before { opens_hours } => {
                let planned = event.date?;
                opens = opens_hours.map(|hours| planned.plus_ms(-hours_ms(hours)));
                due(self.rule.id, planned, calendar, self.settings)?
            }
            Runs::Named => event.date?,
            Runs::After(id) => {
                begins = self.end_of(id, starts)?;
                length?.after(begins, calendar)
            }
            Runs::BySeverity => {
                let severity = self.severity()?;
                unit = self.settings.stale.get(&severity).copied();
                unit?.after(starts, calendar)
            }
            // A year that begins in UTC may still be the old one in the zone.
            Runs::DayOfYear { month, day } => {
                calendar.in_year_of(starts.plus_ms(hours_ms(24)), month, day)
            }
            Runs::Ladder { rung, then } => {
                let rungs = self
                    .events
                    .iter()
                    .filter(|event| event.kind == rung && event.at >= starts);
                let last = rungs.clone().next_back();
                step = u8::try_from(rungs.count()).unwrap_or(u8::MAX);
                match last {
                    Some(rung) => then.after(rung.at, calendar),
                    None => length?.after(starts, calendar),
                }
            }
            Runs::Yearly { since, then } => {
                let year = Length::Months(12);
                let first = self.happened(&[since], None);
                let later = first.is_some_and(|first| starts > year.after(first, calendar));
                unit = if later { Some(then) } else { length };
                unit?.after(starts, calendar)
            }
            Runs::NextDay => {
                opens = Some(calendar.next_midnight(starts));
                length?.after(starts, calendar)
            }
        };
        let mut deadline = Deadline {
            id: self.rule.id,
            subject: self.subject.to_owned(),
            kind: self.clock.kind.unwrap_or(self.rule.kind),
            starts: begins,
            opens,
            due,
            stopped,
            waived: self.happened(self.rule.waived_by, None).is_some(),
            step,
            reminders: Vec::new(),
        };
        deadline.remind(unit, calendar, self.settings);
        Some(deadline)
    }

    /// The end of the deadline that another one starts with.
    fn end_of(&self, id: DeadlineId, starts: Timestamp) -> Option<Timestamp> {
        let line = rule(id);
        let from = match line.clocks.first()?.runs {
            Runs::After(earlier) => self.end_of(earlier, starts)?,
            _ => starts,
        };
        due(id, from, self.calendar, self.settings)
    }

    /// The severity that was said last.
    fn severity(&self) -> Option<Severity> {
        self.events.iter().rev().find_map(|event| event.severity)
    }
}
