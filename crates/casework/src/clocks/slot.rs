//! Whether a moment is a good one to announce something.

use std::fmt;

use cve::time::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::calendar::Calendar;
use super::settings::Settings;

/// Why a moment is a bad one to announce something (D-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotFault {
    /// It is a Friday in UTC: nobody is there to act.
    Friday,
    /// It is a Saturday or Sunday in UTC.
    Weekend,
    /// It is a holiday of the organisation.
    Holiday,
    /// It is another time of the day.
    Time {
        /// Hour and minute it is at, in UTC.
        found: (i8, i8),
        /// Hour it should be at, in UTC.
        expected: i8,
    },
}

impl fmt::Display for SlotFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SlotFault::Friday => f.write_str("it is a Friday: few are there to act until Monday"),
            SlotFault::Weekend => f.write_str("it is a weekend: few are there to act"),
            SlotFault::Holiday => f.write_str("it is a holiday of the organisation"),
            SlotFault::Time { found, expected } => write!(
                f,
                "it is at {:02}:{:02} UTC, not at {expected:02}:00 UTC",
                found.0, found.1
            ),
        }
    }
}

/// What is wrong with announcing at `at`; nothing is when it is empty.
///
/// Source: process section 3.4, D-18.
pub fn announcement_slot(
    at: Timestamp,
    calendar: &Calendar,
    settings: &Settings,
) -> Vec<SlotFault> {
    let Ok(moment) = jiff::Timestamp::from_millisecond(at.unix_ms()) else {
        return Vec::new();
    };
    let utc = moment.to_zoned(TimeZone::UTC);
    let mut faults = Vec::new();
    match utc.weekday() {
        Weekday::Friday => faults.push(SlotFault::Friday),
        Weekday::Saturday | Weekday::Sunday => faults.push(SlotFault::Weekend),
        _ if !calendar.is_business_day(at) => faults.push(SlotFault::Holiday),
        _ => {}
    }
    let (found, expected) = ((utc.hour(), utc.minute()), settings.announcement_hour);
    if found != (expected, 0) {
        faults.push(SlotFault::Time { found, expected });
    }
    faults
}
