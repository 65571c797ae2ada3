//! Moments, in UTC to the millisecond.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::id::Year;

/// A moment in UTC, to the millisecond, between the years 0001 and 9999.
///
/// Written `2026-11-03T10:00:00.000Z`, always 24 characters, so that the
/// order of the texts is the order of the moments.
///
/// Source: cve-services section 5.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

/// First and last moment with a four-digit year, in milliseconds.
const FIRST_MS: i64 = -62_135_596_800_000;
const LAST_MS: i64 = 253_402_207_200_000;

impl Timestamp {
    /// Builds a moment from milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// Gives: `None` outside the years 0001 to 9999.
    pub fn from_unix_ms(ms: i64) -> Option<Timestamp> {
        (FIRST_MS..=LAST_MS).contains(&ms).then_some(Timestamp(ms))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn unix_ms(self) -> i64 {
        self.0
    }

    /// The moment `ms` milliseconds later, held at the ends of the range.
    pub fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms).clamp(FIRST_MS, LAST_MS))
    }

    /// Milliseconds from `earlier` to this moment; negative when it is later.
    pub fn ms_since(self, earlier: Timestamp) -> i64 {
        self.0 - earlier.0
    }

    /// The calendar year in UTC.
    #[allow(clippy::expect_used)]
    pub fn year(self) -> Year {
        // A moment lies in the years 1 to 9999, and each of them is a `Year`.
        Year::new(self.civil().year().unsigned_abs()).expect("a year of four digits")
    }

    /// The date part, `2026-11-03`.
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }

    fn civil(self) -> jiff::civil::DateTime {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.to_zoned(TimeZone::UTC).datetime(),
            // FIRST_MS and LAST_MS lie inside what jiff can hold.
            Err(_) => jiff::civil::DateTime::default(),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.text();
        // Every byte was made from an ASCII character.
        f.write_str(std::str::from_utf8(&bytes).unwrap_or_default())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.text();
        // Every byte was made from an ASCII character.
        serializer.serialize_str(std::str::from_utf8(&bytes).unwrap_or_default())
    }
}

impl Timestamp {
    /// The 24 characters. Every row a server stores carries several of them,
    /// so they are made by arithmetic and not by a formatter.
    fn text(self) -> [u8; 24] {
        let (days, ms) = (self.0.div_euclid(MS_PER_DAY), self.0.rem_euclid(MS_PER_DAY));
        let (year, month, day) = civil_date(days);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        put(&mut text[0..4], year);
        put(&mut text[5..7], month);
        put(&mut text[8..10], day);
        put(&mut text[11..13], ms / 3_600_000);
        put(&mut text[14..16], ms / 60_000 % 60);
        put(&mut text[17..19], ms / 1000 % 60);
        put(&mut text[20..23], ms % 1000);
        text
    }
}

const MS_PER_DAY: i64 = 86_400_000;

/// Writes `number` in decimal, filling all places.
fn put(places: &mut [u8], mut number: i64) {
    for place in places.iter_mut().rev() {
        // A remainder of ten is a digit.
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// The moment whose text is exactly this one. Most texts that are read were
/// printed here; they are read by arithmetic, and whatever does not print as it
/// came is left to the parser.
fn printed(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 24] = text.try_into().ok()?;
    let number = |places: std::ops::Range<usize>| {
        let digits = text[places].iter();
        // What is no digit shows when it is printed again.
        digits.fold(0_i64, |number, digit| number * 10 + i64::from(digit & 15))
    };
    let days = day_of(number(0..4), number(5..7), number(8..10));
    let minutes = number(11..13) * 60 + number(14..16);
    let ms = (minutes * 60 + number(17..19)) * 1000 + number(20..23);
    let found = Timestamp::from_unix_ms(days * MS_PER_DAY + ms)?;
    (found.text() == *text).then_some(found)
}

/// The day of a date, counted from 1970-01-01; the inverse of [`civil_date`].
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let (year, month_from_march) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    let (cycle, year_of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let first_day = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100;
    cycle * 146_097 + first_day + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian
/// calendar. Years are counted from March here, so that the leap day is last.
fn civil_date(days: i64) -> (i64, i64, i64) {
    // Days since 0000-03-01, in whole cycles of 400 years.
    let since = days + 719_468;
    let (cycle, day_of_cycle) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let leap_days = day_of_cycle / 1_460 - day_of_cycle / 36_524 + day_of_cycle / 146_096;
    let year_of_cycle = (day_of_cycle - leap_days) / 365;
    let first_day = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100;
    let day_of_year = day_of_cycle - first_day;
    // Months from March have 31 and 30 days in a pattern of 153 for five.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (
        cycle * 400 + year_of_cycle + i64::from(month <= 2),
        month,
        day,
    )
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a time: expected RFC 3339 such as `2026-11-03T10:00:00Z`")]
pub struct InvalidTimestamp {
    /// The text as it was given, cut to 64 characters.
    pub found: String,
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads RFC 3339 with an offset, or the same without one, which means
    /// UTC (as the CVE Record Format does). Fractions finer than a
    /// millisecond are dropped.
    fn from_str(text: &str) -> Result<Timestamp, InvalidTimestamp> {
        parse_time(text).ok_or_else(|| InvalidTimestamp {
            found: text.chars().take(64).collect(),
        })
    }
}

fn parse_time(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if let Some(moment) = printed(bytes) {
        return Some(moment);
    }
    let shaped = bytes.len() >= 19
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && (bytes[10] == b'T' || bytes[10] == b't');
    if !shaped {
        return None;
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Timestamp::from_unix_ms(floor_ms(moment));
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    let moment = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Timestamp::from_unix_ms(floor_ms(moment))
}

fn floor_ms(moment: jiff::Timestamp) -> i64 {
    let ms = moment.as_nanosecond().div_euclid(1_000_000);
    i64::try_from(ms).unwrap_or(i64::MAX)
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> String {
        at.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Timestamp, InvalidTimestamp> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_offset_is_turned_into_utc() {
        assert_eq!(
            time("2025-01-02T01:23:45.000-05:00").to_string(),
            "2025-01-02T06:23:45.000Z"
        );
    }

    #[test]
    fn a_time_without_offset_means_utc() {
        assert_eq!(
            time("2021-01-01T00:00:00").to_string(),
            "2021-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn a_finer_fraction_is_dropped_and_not_rounded() {
        assert_eq!(
            time("2021-01-01T00:00:00.9999Z").to_string(),
            "2021-01-01T00:00:00.999Z"
        );
    }

    #[test]
    fn the_year_is_the_one_in_utc() {
        assert_eq!(time("2025-12-31T23:30:00-02:00").year().number(), 2026);
    }

    #[test]
    fn texts_that_are_no_moment_are_refused() {
        for text in [
            "",
            "now",
            "2021-01-01",
            "2021-02-30T00:00:00Z",
            "21-01-01T00:00:00Z",
            "2021-01-01 00:00",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn text_order_is_time_order(a in FIRST_MS..=LAST_MS, b in FIRST_MS..=LAST_MS) {
            let (a, b) = (Timestamp::from_unix_ms(a).unwrap(), Timestamp::from_unix_ms(b).unwrap());
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn parsing_what_was_printed_gives_the_same_moment(ms in FIRST_MS..=LAST_MS) {
            let at = Timestamp::from_unix_ms(ms).unwrap();
            prop_assert_eq!(at.to_string().len(), 24);
            prop_assert_eq!(time(&at.to_string()), at);
        }

        #[test]
        fn what_was_printed_is_read_by_arithmetic(ms in FIRST_MS..=LAST_MS) {
            let at = Timestamp::from_unix_ms(ms).unwrap();
            prop_assert_eq!(printed(&at.text()), Some(at));
        }

        #[test]
        fn what_is_read_by_arithmetic_is_what_the_parser_reads(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\\.[0-9]{3}[Zz:]",
        ) {
            if let Some(at) = printed(text.as_bytes()) {
                prop_assert_eq!(floor_ms(text.parse::<jiff::Timestamp>().unwrap()), at.unix_ms());
            }
        }

        #[test]
        fn the_text_is_the_one_the_calendar_gives(ms in FIRST_MS..=LAST_MS) {
            let at = Timestamp::from_unix_ms(ms).unwrap();
            let civil = at.civil();
            let expected = format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                civil.year(), civil.month(), civil.day(), civil.hour(), civil.minute(),
                civil.second(), civil.subsec_nanosecond() / 1_000_000
            );
            prop_assert_eq!(at.to_string(), expected);
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
