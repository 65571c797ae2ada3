//! Times as pages write them: in UTC, and saying so.

use std::fmt;

use cve::time::Timestamp;

/// A time as pages write it: `3 Nov 2026, 10:00 UTC`, with the exact moment
/// for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Moment {
    /// The day in words: `3 Nov 2026`.
    pub(crate) fn day(self) -> String {
        let date = self.0.date();
        let month = date[5..7].parse::<usize>().unwrap_or(1) - 1;
        let month = MONTHS.get(month).copied().unwrap_or_default();
        format!(
            "{} {month} {}",
            date[8..10].trim_start_matches('0'),
            &date[..4]
        )
    }

    /// The day as an element.
    pub(crate) fn day_element(self) -> DayElement {
        DayElement(self)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let (day, clock) = (self.day(), &text[11..16]);
        write!(f, "<time datetime=\"{text}\">{day}, {clock} UTC</time>")
    }
}

/// A day as an element, without the hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DayElement(Moment);

impl fmt::Display for DayElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (moment, day) = (self.0.0, self.0.day());
        write!(f, "<time datetime=\"{moment}\">{day}</time>")
    }
}

// Digits, a month and fixed markup: nothing in them was written by anybody.
impl askama::filters::HtmlSafe for Moment {}
impl askama::filters::HtmlSafe for DayElement {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_names_its_zone_and_carries_the_exact_time() {
        let at = Moment("2026-11-03T09:05:00.250Z".parse().unwrap());
        assert_eq!(
            at.to_string(),
            "<time datetime=\"2026-11-03T09:05:00.250Z\">3 Nov 2026, 09:05 UTC</time>"
        );
        assert_eq!(at.day(), "3 Nov 2026");
    }
}
