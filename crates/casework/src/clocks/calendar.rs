//! Business days of one organisation, in its zone.

use std::collections::BTreeSet;
use std::fmt;

use cve::time::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, ToSpan, Zoned};
use serde::{Deserialize, Serialize};

/// Most holidays a calendar holds: a dozen a year for a human life.
const MAX_HOLIDAYS: usize = 1_000;

/// The days an organisation works on: Monday to Friday without its holidays,
/// in its time zone.
///
/// The zone's rules are compiled into the program: the same events give the
/// same deadlines on every machine.
///
/// Source: process section 3.4, conventions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "CalendarText", try_from = "CalendarText")]
pub struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Calendar({}, {:?})", self.zone_name(), self.holidays)
    }
}

/// A calendar as it is written down.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarText {
    zone: String,
    #[serde(default)]
    holidays: Vec<String>,
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    /// No zone of that name is known.
    #[error(
        "`{0}` is not a time zone: expected a name of the IANA database such as `Europe/Berlin`, or `UTC`"
    )]
    Zone(String),
    /// A date cannot be read.
    #[error("`{0}` is not a date: expected year, month and day such as `2026-12-25`")]
    Date(String),
    /// The clocks are put forward over that hour.
    #[error("`{0}` does not happen there: the clocks are put forward over it")]
    NoSuchHour(String),
    /// There are too many holidays.
    #[error("{0} holidays are too many: a calendar holds {MAX_HOLIDAYS}")]
    TooMany(usize),
}

impl Calendar {
    /// Monday to Friday in UTC, without holidays.
    pub fn utc() -> Calendar {
        Calendar {
            zone: TimeZone::UTC,
            holidays: BTreeSet::new(),
        }
    }

    /// A calendar in a zone of the IANA database, with its holidays.
    ///
    /// Takes: `zone` as `Europe/Berlin`, in any case; `holidays` as
    /// `2026-12-25`, in any order, at most 1,000.
    pub fn new<'a>(
        zone: &str,
        holidays: impl IntoIterator<Item = &'a str>,
    ) -> Result<Calendar, InvalidCalendar> {
        let holidays = holidays
            .into_iter()
            .map(parse_date)
            .collect::<Result<BTreeSet<_>, _>>()?;
        if holidays.len() > MAX_HOLIDAYS {
            return Err(InvalidCalendar::TooMany(holidays.len()));
        }
        Ok(Calendar {
            zone: parse_zone(zone)?,
            holidays,
        })
    }

    /// The name of the zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The holidays as `2026-12-25`, in order.
    pub fn holidays(&self) -> Vec<String> {
        self.holidays.iter().map(Date::to_string).collect()
    }

    /// The date of a moment in the zone: `2026-11-03`.
    pub fn date(&self, at: Timestamp) -> String {
        self.local(at).date().to_string()
    }

    /// A moment in local time with its offset and zone, to the minute:
    /// `2026-12-01 17:00 +01:00 (Europe/Berlin)`.
    pub fn show(&self, at: Timestamp) -> String {
        let local = self.local(at);
        let offset = local.offset().seconds();
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.abs() / 60;
        format!(
            "{} {:02}:{:02} {sign}{:02}:{:02} ({})",
            local.date(),
            local.hour(),
            local.minute(),
            minutes / 60,
            minutes % 60,
            self.zone_name()
        )
    }

    /// Says whether the organisation works on the day of a moment.
    pub fn is_business_day(&self, at: Timestamp) -> bool {
        self.works_on(self.local(at).date())
    }

    /// 23:59:59 of a date such as `2026-11-27`, in the zone.
    pub fn end_of_date(&self, date: &str) -> Result<Timestamp, InvalidCalendar> {
        Ok(self.end_of(parse_date(date)?))
    }

    /// A local date and hour such as `2026-12-04T09:00` in a zone by name.
    ///
    /// Gives: the earlier moment of an hour that happens twice.
    /// Refuses: an hour that does not happen, because the clocks are put
    /// forward over it.
    pub fn moment_in(zone: &str, local: &str) -> Result<Timestamp, InvalidCalendar> {
        let zone = parse_zone(zone)?;
        let wrong = || InvalidCalendar::Date(local.chars().take(64).collect());
        let civil: jiff::civil::DateTime = local.parse().map_err(|_| wrong())?;
        let zoned = civil.to_zoned(zone).map_err(|_| wrong())?;
        if zoned.datetime() != civil {
            return Err(InvalidCalendar::NoSuchHour(local.to_owned()));
        }
        Timestamp::from_unix_ms(zoned.timestamp().as_millisecond()).ok_or_else(wrong)
    }

    /// 23:59:59 of the `days`-th business day after the day of `from`, which
    /// is day 0.
    pub(crate) fn after_business_days(&self, from: Timestamp, days: u16) -> Timestamp {
        let mut date = self.local(from).date();
        let mut left = days;
        while left > 0 {
            // The calendar ends in the year 9999.
            let Ok(next) = date.tomorrow() else { break };
            date = next;
            if self.works_on(date) {
                left -= 1;
            }
        }
        self.end_of(date)
    }

    /// The end of the business day before the day of `at`.
    pub(crate) fn business_day_before(&self, at: Timestamp) -> Timestamp {
        let mut date = self.local(at).date();
        while let Ok(earlier) = date.yesterday() {
            date = earlier;
            if self.works_on(date) {
                break;
            }
        }
        self.end_of(date)
    }

    /// 23:59:59 of the `days`-th day after the day of `from`.
    pub(crate) fn after_days(&self, from: Timestamp, days: u16) -> Timestamp {
        let date = self.local(from).date();
        self.end_of(date.saturating_add(i32::from(days).days()))
    }

    /// 23:59:59 of the same day `months` later, or of the last day of a month
    /// that is shorter.
    pub(crate) fn after_months(&self, from: Timestamp, months: u16) -> Timestamp {
        let date = self.local(from).date();
        self.end_of(date.saturating_add(i32::from(months).months()))
    }

    /// 23:59:59 of a day of the year that `from` lies in.
    pub(crate) fn in_year_of(&self, from: Timestamp, month: i8, day: i8) -> Timestamp {
        let year = self.local(from).date().year();
        let date = Date::new(year, month, day);
        self.end_of(date.unwrap_or_else(|_| self.local(from).date()))
    }

    /// 00:00 of the first day after the day of `from`.
    pub(crate) fn next_midnight(&self, from: Timestamp) -> Timestamp {
        self.end_of(self.local(from).date()).plus_ms(1_000)
    }

    pub(crate) fn local(&self, at: Timestamp) -> Zoned {
        match jiff::Timestamp::from_millisecond(at.unix_ms()) {
            Ok(moment) => moment.to_zoned(self.zone.clone()),
            // Every `Timestamp` lies inside what jiff can hold.
            Err(_) => jiff::Timestamp::UNIX_EPOCH.to_zoned(self.zone.clone()),
        }
    }

    pub(crate) fn works_on(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.holidays.contains(&date)
            && self.happens(date)
    }

    /// Whether a date happens in the zone: Samoa went from 29 to 31 December
    /// 2011, and nobody worked on the Friday between them.
    fn happens(&self, date: Date) -> bool {
        let noon = date.at(12, 0, 0, 0).to_zoned(self.zone.clone());
        noon.is_ok_and(|noon| noon.date() == date)
    }

    /// The last second of a day: one before the next day begins. Not 23:59:59
    /// by the clock, which some zones skip or have twice when they change at
    /// midnight.
    fn end_of(&self, date: Date) -> Timestamp {
        let end = date
            .tomorrow()
            .and_then(|next| next.to_zoned(self.zone.clone()))
            .and_then(|start| start.start_of_day())
            .map(|start| start.timestamp() - SignedDuration::from_secs(1));
        let last = Timestamp::from_unix_ms(0).map(|zero| zero.plus_ms(i64::MAX));
        end.ok()
            .and_then(|end| Timestamp::from_unix_ms(end.as_millisecond()))
            .or(last)
            // Both ends of the range are moments.
            .unwrap_or_else(|| unreachable!("a moment at the end of the calendar"))
    }
}

impl From<Calendar> for CalendarText {
    fn from(calendar: Calendar) -> CalendarText {
        CalendarText {
            zone: calendar.zone_name().to_owned(),
            holidays: calendar.holidays(),
        }
    }
}

impl TryFrom<CalendarText> for Calendar {
    type Error = InvalidCalendar;

    fn try_from(text: CalendarText) -> Result<Calendar, InvalidCalendar> {
        Calendar::new(&text.zone, text.holidays.iter().map(String::as_str))
    }
}

fn parse_date(text: &str) -> Result<Date, InvalidCalendar> {
    let shaped = text.len() == 10 && text.as_bytes()[4] == b'-';
    text.parse()
        .ok()
        .filter(|_| shaped)
        .ok_or_else(|| InvalidCalendar::Date(text.chars().take(64).collect()))
}

fn parse_zone(name: &str) -> Result<TimeZone, InvalidCalendar> {
    if name.eq_ignore_ascii_case("utc") {
        return Ok(TimeZone::UTC);
    }
    TimeZoneDatabase::bundled()
        .get(name)
        .map_err(|_| InvalidCalendar::Zone(name.chars().take(64).collect()))
}
