//! Times as people read them, and as they type them.

use jiff::civil::{Date, DateTime, Time};

/// A time such as `2021-01-14T18:35:17.469Z` as `Thu Jan 14 18:35:17 2021
/// +0000`: its own offset kept, none meaning UTC. Anything else is given back
/// as it is.
///
/// Source: C's `%c %z` in the C locale, as the Program's client prints it.
pub(crate) fn readable(text: &str) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let Some((at, offset)) = parse(text) else {
        return text.to_owned();
    };
    let name = |names: &[&'static str], from_one: i8| {
        let index = usize::try_from(from_one - 1).unwrap_or_default();
        names.get(index).copied().unwrap_or_default()
    };
    format!(
        "{} {} {:2} {:02}:{:02}:{:02} {:04} {offset}",
        name(&DAYS, at.weekday().to_monday_one_offset()),
        name(&MONTHS, at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.year(),
    )
}

/// A typed time as the service takes it: `2021-01-01T00:00:00`, without zone.
///
/// Takes: a date, or a date and a time with `T` or a space between.
pub(crate) fn typed(text: &str) -> Option<String> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time),
        None => (text, "0:0:0"),
    };
    let at = civil(date, time)?;
    let (date, time) = (at.date(), at.time());
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    ))
}

/// The local part of a time, and its offset as `+hhmm`.
fn parse(text: &str) -> Option<(DateTime, String)> {
    let (date, rest) = text.split_once('T')?;
    let zone_at = rest.find(['Z', '+', '-']);
    let (time, zone) = rest.split_at(zone_at.unwrap_or(rest.len()));
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (time, None),
    };
    if let Some(fraction) = fraction {
        let is_fraction =
            (1..=6).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
        // With a fraction a zone is required.
        if !is_fraction || zone.is_empty() {
            return None;
        }
    }
    Some((civil(date, time)?, offset(zone)?))
}

fn offset(zone: &str) -> Option<String> {
    if zone.is_empty() || zone == "Z" {
        return Some("+0000".to_owned());
    }
    let (sign, digits) = zone.split_at(1);
    let digits = digits.replacen(':', "", 1);
    let is_offset = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let is_possible = is_offset && digits[..2] <= *"23" && digits[2..] <= *"59";
    is_possible.then(|| format!("{sign}{digits}"))
}

fn civil(date: &str, time: &str) -> Option<DateTime> {
    let mut date = date.split('-');
    let year = date.next()?;
    let (year, month, day) = (number(year, 4, 4)?, part(date.next())?, part(date.next())?);
    let mut clock = time.split(':');
    let (hour, minute, second) = (
        part(clock.next())?,
        part(clock.next())?,
        part(clock.next())?,
    );
    if date.next().is_some() || clock.next().is_some() {
        return None;
    }
    let date = Date::new(year, month, day).ok()?;
    Some(date.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}

fn part(digits: Option<&str>) -> Option<i8> {
    i8::try_from(number(digits?, 1, 2)?).ok()
}

fn number(digits: &str, least: usize, most: usize) -> Option<i16> {
    let is_number = (least..=most).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_readable_with_its_own_offset() {
        for (text, expected) in [
            ("2021-01-14T18:35:17.469Z", "Thu Jan 14 18:35:17 2021 +0000"),
            ("2000-02-08T17:22:07", "Tue Feb  8 17:22:07 2000 +0000"),
            (
                "2021-11-18T00:00:00+05:30",
                "Thu Nov 18 00:00:00 2021 +0530",
            ),
            (
                "2021-11-18T00:00:00.5-0100",
                "Thu Nov 18 00:00:00 2021 -0100",
            ),
            ("N/A", "N/A"),
            ("2021-02-30T00:00:00Z", "2021-02-30T00:00:00Z"),
            ("2021-01-14T18:35:17.469", "2021-01-14T18:35:17.469"),
            ("2021-01-14", "2021-01-14"),
            ("", ""),
        ] {
            assert_eq!(readable(text), expected);
        }
    }

    #[test]
    fn a_typed_time_is_sent_without_zone() {
        for (text, expected) in [
            ("2021-01-01", Some("2021-01-01T00:00:00")),
            ("2021-01-01 10:11:12", Some("2021-01-01T10:11:12")),
            ("2021-1-1T1:2:3", Some("2021-01-01T01:02:03")),
            ("2021-13-01", None),
            ("2021-01-01T10:11", None),
            ("2021-01-01T10:11:12Z", None),
            ("yesterday", None),
        ] {
            assert_eq!(typed(text).as_deref(), expected, "{text}");
        }
    }
}
