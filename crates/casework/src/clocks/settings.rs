//! What an organisation chooses about its clocks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Severity;
use super::length::Length;
use super::rule::DeadlineId;

/// What an organisation chooses about its clocks. What is left out of a
/// document has the value of [`Settings::default`].
///
/// Source: process section 3.4; every value here is a DEFAULT there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Lengths that differ from the table's, by id.
    pub lengths: BTreeMap<DeadlineId, Length>,
    /// Shares of the time after which somebody is reminded, in percent.
    pub percents: Vec<u8>,
    /// How many hours before the end a clock by hours is reminded of for the
    /// last time. One by days is on the business day before.
    pub last_hours: u16,
    /// Hour of announcements, in UTC.
    pub announcement_hour: i8,
    /// After how long an incident is stale, by severity.
    pub stale: BTreeMap<Severity, Length>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            lengths: BTreeMap::new(),
            percents: vec![50, 75],
            last_hours: 4,
            announcement_hour: 16,
            stale: BTreeMap::from([
                (Severity::Critical, Length::Hours(48)),
                (Severity::High, Length::Hours(168)),
                (Severity::Medium, Length::Months(1)),
            ]),
        }
    }
}

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The rules give the length, and this one is longer or cannot be compared.
    #[error(
        "{id} cannot be `{found}`: the rules give `{fixed}` ({source_rule}), and an organisation may only be stricter"
    )]
    Fixed {
        /// The deadline.
        id: DeadlineId,
        /// What was wanted.
        found: Length,
        /// What the rules give.
        fixed: Length,
        /// Where.
        source_rule: &'static str,
    },
    /// The deadline has no length of its own.
    #[error("{id} has no length to set: {note}")]
    NoLength {
        /// The deadline.
        id: DeadlineId,
        /// What it follows from.
        note: &'static str,
    },
    /// The deadline is counted backwards, which is done in hours.
    #[error("{id} is counted back from the disclosure: give it in hours, such as `168 h`")]
    Backwards {
        /// The deadline.
        id: DeadlineId,
    },
    /// A number lies outside its range.
    #[error("{field} is {found}: expected {range}")]
    Range {
        /// The field.
        field: &'static str,
        /// The number.
        found: i64,
        /// What is possible.
        range: &'static str,
    },
}

impl Settings {
    /// The settings, when an organisation may choose them so.
    ///
    /// Refuses: a length longer than the rules allow, one for a deadline that
    /// has none, and numbers outside their range.
    pub fn checked(self) -> Result<Settings, InvalidSettings> {
        for (id, length) in &self.lengths {
            let rule = super::rule(*id);
            let Some(fixed) = rule.length else {
                let (id, note) = (*id, rule.note);
                return Err(InvalidSettings::NoLength { id, note });
            };
            if rule.is_backwards() && !matches!(length, Length::Hours(_)) {
                return Err(InvalidSettings::Backwards { id: *id });
            }
            if !rule.free && !length.is_within(fixed) {
                return Err(InvalidSettings::Fixed {
                    id: *id,
                    found: *length,
                    fixed,
                    source_rule: rule.source,
                });
            }
        }
        let range = |field, found: i64, range| {
            Err(InvalidSettings::Range {
                field,
                found,
                range,
            })
        };
        if let Some(percent) = self.percents.iter().find(|p| !(1..=99).contains(*p)) {
            return range("percents", i64::from(*percent), "1 to 99");
        }
        if !(0..=23).contains(&self.announcement_hour) {
            let found = i64::from(self.announcement_hour);
            return range("announcement_hour", found, "0 to 23");
        }
        Ok(self)
    }
}
