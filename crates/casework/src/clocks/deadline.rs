//! A deadline: a clock that started, and how it stands.

use cve::time::Timestamp;
use serde::Serialize;

use super::calendar::Calendar;
use super::length::{Length, hours_ms};
use super::rule::{Audience, DeadlineId, Kind, Reminding, Rule};
use super::settings::Settings;

/// A clock that started. It follows from events alone; only how it stands
/// depends on the time it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// Its line of the table.
    pub id: DeadlineId,
    /// What it is about, where there are several: a CVE ID, a dispute, …
    pub subject: String,
    /// How binding it is.
    pub kind: Kind,
    /// When it started.
    pub starts: Timestamp,
    /// Before when it would be too early; nothing where there is no such time.
    pub opens: Option<Timestamp>,
    /// The last second in which it is kept.
    pub due: Timestamp,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
    /// Whether it does not apply, for a stated reason.
    pub waived: bool,
    /// How many rungs of a ladder were climbed; 0 elsewhere.
    pub step: u8,
    /// Who is reminded, when; in order.
    pub reminders: Vec<Reminder>,
}

/// Somebody has to be reminded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reminder {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub audience: Audience,
    /// Whether it goes out alone and at once, instead of in the day's digest.
    pub page: bool,
    /// Whether it is the one at the end, for the breach.
    pub breach: bool,
}

/// How a deadline stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Status {
    /// It runs.
    Running {
        /// Milliseconds that are left.
        left_ms: i64,
    },
    /// It runs, and three quarters of the time are over.
    DueSoon {
        /// Milliseconds that are left.
        left_ms: i64,
    },
    /// It is over and nothing stopped it.
    Breached {
        /// Milliseconds since its end.
        late_ms: i64,
    },
    /// It is over; somebody else may do what it says.
    Reached {
        /// Milliseconds since its end.
        since_ms: i64,
    },
    /// It was stopped.
    Stopped {
        /// Whether in time.
        kept: bool,
        /// Milliseconds from its start to its stop; negative when what it
        /// waits for came first.
        took_ms: i64,
        /// Milliseconds that were left; negative when it was late.
        spare_ms: i64,
    },
    /// It does not apply, for a stated reason.
    Waived,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Running { .. } => "running",
            Status::DueSoon { .. } => "due soon",
            Status::Breached { .. } => "breached",
            Status::Reached { .. } => "reached",
            Status::Stopped { kept: true, .. } => "kept",
            Status::Stopped { kept: false, .. } => "late",
            Status::Waived => "waived",
        }
    }

    /// Says whether it still waits for somebody: running, or breached and not
    /// stopped.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Status::Running { .. } | Status::DueSoon { .. } | Status::Breached { .. }
        )
    }
}

impl Deadline {
    /// Its line of the table.
    pub fn rule(&self) -> &'static Rule {
        super::rule(self.id)
    }

    /// How it stands at `now`.
    pub fn status(&self, now: Timestamp) -> Status {
        if self.waived {
            return Status::Waived;
        }
        if let Some(stopped) = self.stopped {
            return Status::Stopped {
                kept: self.is_in_time(stopped),
                took_ms: stopped.ms_since(self.starts),
                spare_ms: self.due.ms_since(stopped),
            };
        }
        let left_ms = self.due.ms_since(now);
        match (self.is_in_time(now), self.kind) {
            (false, Kind::May) => Status::Reached { since_ms: -left_ms },
            (false, _) => Status::Breached { late_ms: -left_ms },
            (true, _) if self.is_soon(now) => Status::DueSoon { left_ms },
            (true, _) => Status::Running { left_ms },
        }
    }

    /// When it was breached: its end, when nothing had stopped it by then.
    ///
    /// Gives: nothing for one that runs, was kept, was waived or that nobody
    /// can breach.
    pub fn breached_at(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.stopped.unwrap_or(now);
        let late = !self.waived && self.kind != Kind::May && !self.is_in_time(end);
        late.then_some(self.due)
    }

    /// Deadlines are to the second, and the last one still counts.
    fn is_in_time(&self, at: Timestamp) -> bool {
        at.unix_ms().div_euclid(1_000) <= self.due.unix_ms().div_euclid(1_000)
    }

    fn is_soon(&self, now: Timestamp) -> bool {
        let whole = self.due.ms_since(self.starts);
        now.ms_since(self.starts).saturating_mul(4) >= whole.saturating_mul(3)
    }

    /// Fills in who is reminded when.
    pub(crate) fn remind(
        &mut self,
        length: Option<Length>,
        calendar: &Calendar,
        settings: &Settings,
    ) {
        let mut reminders = Vec::new();
        for reminding in self.rule().reminders {
            let (at, audience, page) = match *reminding {
                Reminding::AfterHours(hours, audience, page) => {
                    (self.starts.plus_ms(hours_ms(hours)), audience, page)
                }
                Reminding::AfterDays(days, audience) => {
                    let at = self.starts.plus_ms(hours_ms(days.saturating_mul(24)));
                    (at, audience, false)
                }
                Reminding::AtEnd(audience, page) => (self.due, audience, page),
                Reminding::Usual => {
                    let mut usual = self.usual(length, calendar, settings);
                    usual.retain(|at| *at > self.starts && *at <= self.due);
                    reminders.extend(usual.into_iter().map(|at| (at, Audience::Owner, false)));
                    continue;
                }
            };
            reminders.push((at, audience, page));
        }
        let due = self.due;
        let must = self.kind == Kind::Must;
        let mut reminders: Vec<_> = reminders
            .into_iter()
            // An end that had passed when the clock started is told at once.
            .map(|(at, audience, page)| Reminder {
                at: at.max(self.starts),
                audience,
                // A MUST that ends within a day does not wait for a digest.
                page: page || (must && due.ms_since(at) <= hours_ms(24)),
                breach: at >= due,
            })
            .collect();
        reminders.sort();
        reminders.dedup();
        self.reminders = reminders;
    }

    fn usual(
        &self,
        length: Option<Length>,
        calendar: &Calendar,
        settings: &Settings,
    ) -> Vec<Timestamp> {
        let whole = self.due.ms_since(self.starts);
        let share = |percent: &u8| self.starts.plus_ms(whole / 100 * i64::from(*percent));
        let mut moments: Vec<_> = settings.percents.iter().map(share).collect();
        moments.push(match length {
            Some(Length::Hours(_)) => self.due.plus_ms(-hours_ms(settings.last_hours)),
            _ => calendar.business_day_before(self.due),
        });
        moments.push(self.due);
        moments
    }
}
