//! How long a clock runs.

use std::fmt;
use std::str::FromStr;

use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;

/// How long a clock runs.
///
/// Written `72 h`, `5 business days`, `30 days`, `1 month`.
///
/// Source: process section 3.4, conventions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Length {
    /// Hours by the clock, through nights, weekends and changes of the clock.
    Hours(u16),
    /// Until 23:59:59 of the Nth day the organisation works on, where the day
    /// of the event is day 0.
    BusinessDays(u16),
    /// Until 23:59:59 of the Nth day after that of the event.
    Days(u16),
    /// Until 23:59:59 of the same day of the Nth month.
    Months(u16),
}

impl Length {
    /// The moment a clock of this length ends that starts at `from`.
    pub fn after(self, from: Timestamp, calendar: &Calendar) -> Timestamp {
        match self {
            Length::Hours(hours) => from.plus_ms(hours_ms(hours)),
            Length::BusinessDays(days) => calendar.after_business_days(from, days),
            Length::Days(days) => calendar.after_days(from, days),
            Length::Months(months) => calendar.after_months(from, months),
        }
    }

    /// Says whether it is certainly not longer than `other`.
    ///
    /// Takes: two lengths of one unit, or one in hours; days of unlike kinds
    /// cannot be compared.
    pub(crate) fn is_within(self, other: Length) -> bool {
        use Length::{BusinessDays, Days, Hours, Months};
        match (self, other) {
            (Hours(a), Hours(b))
            | (BusinessDays(a), BusinessDays(b))
            | (Days(a), Days(b))
            | (Months(a), Months(b)) => a <= b,
            // The day of the event is day 0, so N days hold N times 24 hours.
            (Hours(a), BusinessDays(b) | Days(b)) => a <= b.saturating_mul(24),
            _ => false,
        }
    }
}

pub(crate) fn hours_ms(hours: u16) -> i64 {
    i64::from(hours) * 3_600_000
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Length::Hours(hours) => return write!(f, "{hours} h"),
            Length::BusinessDays(days) => (days, "business day"),
            Length::Days(days) => (days, "day"),
            Length::Months(months) => (months, "month"),
        };
        let plural = if *number == 1 { "" } else { "s" };
        write!(f, "{number} {unit}{plural}")
    }
}

/// A text is not the length of a clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` is not a length: expected a number from 1 to 9999 and `h`, `business days`, `days` or `months`, such as `5 business days`"
)]
pub struct InvalidLength {
    /// The text as it was given, cut to 64 characters.
    pub found: String,
}

impl FromStr for Length {
    type Err = InvalidLength;

    fn from_str(text: &str) -> Result<Length, InvalidLength> {
        let invalid = || InvalidLength {
            found: text.chars().take(64).collect(),
        };
        let (number, unit) = text.trim().split_once(' ').ok_or_else(invalid)?;
        let number: u16 = number.parse().map_err(|_| invalid())?;
        if !(1..=9_999).contains(&number) {
            return Err(invalid());
        }
        match unit.trim() {
            "h" | "hour" | "hours" => Ok(Length::Hours(number)),
            "business day" | "business days" => Ok(Length::BusinessDays(number)),
            "day" | "days" => Ok(Length::Days(number)),
            "month" | "months" => Ok(Length::Months(number)),
            _ => Err(invalid()),
        }
    }
}

impl From<Length> for String {
    fn from(length: Length) -> String {
        length.to_string()
    }
}

impl TryFrom<String> for Length {
    type Error = InvalidLength;

    fn try_from(text: String) -> Result<Length, InvalidLength> {
        text.parse()
    }
}
