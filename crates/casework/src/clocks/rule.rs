//! What one line of the table of deadlines says.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::event::EventKind;
use super::length::Length;

/// Declares the ids with their words.
macro_rules! deadline_ids {
    ($($variant:ident = $word:literal,)+) => {
        /// The stable id of a deadline, such as `D-07`.
        ///
        /// Source: process section 3.4.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[allow(missing_docs)] // What each one is, the table says.
        pub enum DeadlineId {
            $(#[serde(rename = $word)] $variant,)+
        }

        impl DeadlineId {
            /// Every id, in order.
            pub const ALL: &'static [DeadlineId] = &[$(DeadlineId::$variant),+];

            /// The id as it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(DeadlineId::$variant => $word,)+ }
            }
        }
    };
}

deadline_ids! {
    D01 = "D-01", D02 = "D-02", D03 = "D-03", D04 = "D-04", D05 = "D-05", D06 = "D-06",
    D07 = "D-07", D08 = "D-08", D09 = "D-09", D10 = "D-10", D11 = "D-11", D12 = "D-12",
    D13 = "D-13", D14 = "D-14", D15 = "D-15", D16 = "D-16", D17 = "D-17", D18 = "D-18",
    D19 = "D-19", D20 = "D-20", D21 = "D-21", D22 = "D-22", D23 = "D-23", D24 = "D-24",
    D25 = "D-25", D26 = "D-26", D27 = "D-27", D27b = "D-27b", D28 = "D-28", D29 = "D-29",
    D30 = "D-30", D31 = "D-31", D32 = "D-32", D33 = "D-33",
}

impl fmt::Display for DeadlineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeadlineId {
    type Err = String;

    fn from_str(text: &str) -> Result<DeadlineId, String> {
        let found = DeadlineId::ALL.iter().find(|id| id.as_str() == text);
        found
            .copied()
            .ok_or_else(|| format!("`{text}` is not a deadline: expected one of D-01 to D-33"))
    }
}

/// How binding a deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// A breach is recorded and escalates.
    Must,
    /// A breach warns.
    Should,
    /// The organisation's own goal.
    Target,
    /// What somebody else may do from then on; nobody can be late.
    May,
}

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Must => "MUST",
            Kind::Should => "SHOULD",
            Kind::Target => "TARGET",
            Kind::May => "MAY",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who has to act, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The CNA whose desk this is.
    Us,
    /// Another CNA.
    OtherCna,
    /// The Root.
    Root,
    /// The Secretariat.
    Secretariat,
}

/// Who hears a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whoever owns the case, or the team while nobody does.
    Owner,
    /// Everybody of the team.
    Team,
    /// The organisation's administrators.
    Oa,
}

/// One line of the table of deadlines.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its id.
    pub id: DeadlineId,
    /// What has to be done.
    pub what: &'static str,
    /// When the clock starts, in words.
    pub begins: &'static str,
    /// How binding it is.
    pub kind: Kind,
    /// The rule or policy it comes from; numbers are those of ruleset 4.2.0.
    pub source: &'static str,
    /// Who has to act.
    pub party: Party,
    /// How long it runs, in words, where `length` does not say all.
    pub note: &'static str,
    /// How long it runs. Nothing where the event names the date, where the
    /// severity decides, or where there is a fixed day.
    pub length: Option<Length>,
    /// Whether no source gives the length, so that an organisation chooses
    /// its own. A fixed one can only be made stricter.
    pub free: bool,
    /// What follows a breach.
    pub breach: &'static str,
    /// Whether closing the case ends it, where nothing else has: what is left
    /// to do is no longer asked for.
    pub ends_with_case: bool,
    pub(crate) clocks: &'static [Clock],
    pub(crate) waived_by: &'static [EventKind],
    pub(crate) reminders: &'static [Reminding],
}

/// What starts and stops a deadline. One line can have several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// What starts it, and after how many hours.
    pub(crate) starts: &'static [(EventKind, u16)],
    pub(crate) stops: &'static [EventKind],
    pub(crate) mode: Mode,
    pub(crate) runs: Runs,
    /// When it is not that of the line.
    pub(crate) kind: Option<Kind>,
}

/// What another start means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing: the earliest counts, and what stopped it once stopped it.
    Once,
    /// A clock of its own, when the one before was stopped.
    Again,
    /// The clock starts anew.
    Latest,
}

/// How the end follows from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// As long as the line says.
    Length,
    /// As long as said here; not the organisation's to choose.
    Fixed(Length),
    /// Until that long before the date the event names, from `opens` hours
    /// before it on.
    Before { opens_hours: Option<u16> },
    /// Until the date the event names.
    Named,
    /// From the end of another deadline on.
    After(DeadlineId),
    /// As long as the severity says.
    BySeverity,
    /// Until a day of the year the event lies in.
    DayOfYear { month: i8, day: i8 },
    /// As long as the line says, and after each `rung` as long as `then`.
    Ladder { rung: EventKind, then: Length },
    /// As long as the line says in the first year after the earliest `since`,
    /// as long as `then` later.
    Yearly { since: EventKind, then: Length },
    /// As long as the line says, and not before the next day.
    NextDay,
}

/// When somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reminding {
    /// At a share of the time, four hours or a business day before the end,
    /// and at the end, as the organisation set it.
    Usual,
    /// So many hours after the start.
    AfterHours(u16, Audience, bool),
    /// So many days after the start, at the same hour.
    AfterDays(u16, Audience),
    /// At the end.
    AtEnd(Audience, bool),
}
