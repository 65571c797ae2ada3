//! Business days, zones and lengths.

use casework::clocks::{Calendar, InvalidCalendar, Length};
use cve::time::Timestamp;
use proptest::prelude::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn business_days(calendar: &Calendar, from: &str, days: u16) -> String {
    Length::BusinessDays(days)
        .after(time(from), calendar)
        .to_string()
}

#[test]
fn a_business_day_ends_in_its_last_second() {
    let calendar = Calendar::utc();
    assert_eq!(
        business_days(&calendar, "2026-11-03T10:00:00Z", 1),
        "2026-11-04T23:59:59.000Z"
    );
}

#[test]
fn a_weekend_is_passed_over() {
    let calendar = Calendar::utc();
    // A Friday, a Saturday and a Sunday have the same first business day.
    for from in [
        "2026-11-13T16:00:00Z",
        "2026-11-14T00:00:00Z",
        "2026-11-15T23:59:59Z",
    ] {
        assert_eq!(
            business_days(&calendar, from, 1),
            "2026-11-16T23:59:59.000Z",
            "{from}"
        );
    }
}

#[test]
fn a_holiday_is_passed_over() {
    let calendar = Calendar::new("UTC", ["2026-12-25", "2027-01-01"]).unwrap();
    assert_eq!(
        business_days(&calendar, "2026-12-24T09:00:00Z", 1),
        "2026-12-28T23:59:59.000Z"
    );
    assert_eq!(
        business_days(&calendar, "2026-12-31T09:00:00Z", 1),
        "2027-01-04T23:59:59.000Z"
    );
}

#[test]
fn the_day_of_the_event_is_the_one_in_the_zone() {
    let tokyo = Calendar::new("Asia/Tokyo", []).unwrap();
    // Already Friday in Tokyo, so the next business day is Monday.
    assert_eq!(
        business_days(&tokyo, "2026-11-05T15:30:00Z", 1),
        "2026-11-09T14:59:59.000Z"
    );
}

#[test]
fn a_day_on_which_the_clocks_change_still_ends_at_midnight() {
    let berlin = Calendar::new("Europe/Berlin", []).unwrap();
    let end = |date| berlin.end_of_date(date).unwrap().to_string();
    assert_eq!(end("2026-03-28"), "2026-03-28T22:59:59.000Z");
    assert_eq!(end("2026-03-29"), "2026-03-29T21:59:59.000Z");
    assert_eq!(end("2026-10-24"), "2026-10-24T21:59:59.000Z");
    assert_eq!(end("2026-10-25"), "2026-10-25T22:59:59.000Z");
}

#[test]
fn a_day_whose_midnight_does_not_exist_or_comes_twice_ends_when_the_next_begins() {
    let beirut = Calendar::new("Asia/Beirut", []).unwrap();
    // Midnight to one o'clock was skipped on 2022-03-27.
    assert_eq!(
        beirut.end_of_date("2022-03-26").unwrap().to_string(),
        "2022-03-26T21:59:59.000Z"
    );
    let havana = Calendar::new("America/Havana", []).unwrap();
    // One o'clock became midnight again on 2022-11-06: the day began at the
    // first of both.
    assert_eq!(
        havana.end_of_date("2022-11-05").unwrap().to_string(),
        "2022-11-06T03:59:59.000Z"
    );
}

#[test]
fn hours_run_through_a_change_of_the_clocks() {
    let berlin = Calendar::new("Europe/Berlin", []).unwrap();
    assert_eq!(
        Length::Hours(24).after(time("2026-10-24T12:00:00Z"), &berlin),
        time("2026-10-25T12:00:00Z")
    );
}

#[test]
fn a_month_ends_on_the_last_day_of_a_shorter_one() {
    let calendar = Calendar::utc();
    let end = |from, months| Length::Months(months).after(time(from), &calendar).date();
    assert_eq!(end("2026-01-31T08:00:00Z", 1), "2026-02-28");
    assert_eq!(end("2028-01-31T08:00:00Z", 1), "2028-02-29");
    assert_eq!(end("2026-11-30T08:00:00Z", 6), "2027-05-30");
}

#[test]
fn a_zone_nobody_has_is_refused_by_name() {
    let refused = Calendar::new("Europe/Atlantis", []).unwrap_err();
    assert_eq!(refused, InvalidCalendar::Zone("Europe/Atlantis".into()));
    assert_eq!(
        refused.to_string(),
        "`Europe/Atlantis` is not a time zone: expected a name of the IANA database such as `Europe/Berlin`, or `UTC`"
    );
}

#[test]
fn a_holiday_that_is_no_date_is_refused() {
    for date in ["2026-02-30", "25.12.2026", "", "2026-12-25T00:00", "12-25"] {
        let refused = Calendar::new("UTC", [date]).unwrap_err();
        assert_eq!(refused, InvalidCalendar::Date(date.into()));
    }
}

#[test]
fn a_calendar_reads_back_from_its_document() {
    let calendar = Calendar::new("europe/berlin", ["2027-01-01", "2026-12-25"]).unwrap();
    let text = serde_json::to_string(&calendar).unwrap();
    assert_eq!(
        text,
        r#"{"zone":"Europe/Berlin","holidays":["2026-12-25","2027-01-01"]}"#
    );
    assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
}

#[test]
fn a_moment_is_shown_in_local_time_with_offset_and_zone() {
    let at = time("2026-12-01T16:00:00Z");
    let show = |zone| Calendar::new(zone, []).unwrap().show(at);
    assert_eq!(
        show("Europe/Berlin"),
        "2026-12-01 17:00 +01:00 (Europe/Berlin)"
    );
    assert_eq!(
        show("America/Los_Angeles"),
        "2026-12-01 08:00 -08:00 (America/Los_Angeles)"
    );
    assert_eq!(
        show("Asia/Kolkata"),
        "2026-12-01 21:30 +05:30 (Asia/Kolkata)"
    );
    assert_eq!(show("utc"), "2026-12-01 16:00 +00:00 (UTC)");
}

#[test]
fn a_local_hour_becomes_the_moment_it_is_in_its_zone() {
    let moment = |local| Calendar::moment_in("America/Los_Angeles", local).unwrap();
    assert_eq!(moment("2026-12-04T09:00"), time("2026-12-04T17:00:00Z"));
    assert_eq!(moment("2026-07-03T09:00"), time("2026-07-03T16:00:00Z"));
    assert!(Calendar::moment_in("America/Los_Angeles", "tomorrow").is_err());
}

#[test]
fn an_hour_the_clocks_are_put_forward_over_is_refused() {
    let refused = Calendar::moment_in("Europe/Berlin", "2027-03-28T02:30").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`2027-03-28T02:30` does not happen there: the clocks are put forward over it"
    );
    // One that happens twice is the earlier of both.
    assert_eq!(
        Calendar::moment_in("Europe/Berlin", "2026-10-25T02:30").unwrap(),
        time("2026-10-25T00:30:00Z")
    );
}

#[test]
fn lengths_read_back_and_others_are_refused() {
    for text in [
        "72 h",
        "1 business day",
        "5 business days",
        "30 days",
        "1 month",
    ] {
        assert_eq!(text.parse::<Length>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "72",
        "0 h",
        "-1 h",
        "1.5 h",
        "10000 h",
        "3 weeks",
        "h 72",
        "five days",
    ] {
        assert!(text.parse::<Length>().is_err(), "{text:?} was accepted");
    }
}

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
];

#[test]
fn a_date_that_a_zone_left_out_is_no_business_day() {
    let samoa = Calendar::new("Pacific/Apia", []).unwrap();
    // Thursday there; the Friday that followed never came.
    let from: Timestamp = "2011-12-29T20:00:00Z".parse().unwrap();
    let due = Length::BusinessDays(1).after(from, &samoa);
    assert_eq!(samoa.date(due), "2012-01-02");
}

const DAY_MS: i64 = 86_400_000;

prop_compose! {
    fn moments()(ms in 0_i64..4_102_444_800_000) -> Timestamp {
        Timestamp::from_unix_ms(ms).unwrap()
    }
}

proptest! {
    #[test]
    fn a_deadline_in_business_days_ends_on_one(from in moments(), days in 1_u16..40, zone in 0..ZONES.len()) {
        let calendar = Calendar::new(ZONES[zone], ["2026-12-25"]).unwrap();
        let due = Length::BusinessDays(days).after(from, &calendar);
        prop_assert!(calendar.is_business_day(due));
        // And in its last second: the next one is another day.
        prop_assert_ne!(calendar.date(due), calendar.date(due.plus_ms(1_000)));
        prop_assert!(due > from);
    }

    #[test]
    fn as_many_business_days_lie_between_as_were_asked_for(from in moments(), days in 1_u16..40, zone in 0..ZONES.len()) {
        let calendar = Calendar::new(ZONES[zone], []).unwrap();
        let due = Length::BusinessDays(days).after(from, &calendar);
        let last = calendar.date(due);
        // Counted the slow way: hour by hour, each date once.
        let mut dates = std::collections::BTreeSet::new();
        let mut at = from;
        while at <= due {
            if calendar.is_business_day(at) && calendar.date(at) != calendar.date(from) {
                dates.insert(calendar.date(at));
            }
            at = at.plus_ms(DAY_MS / 24);
        }
        prop_assert!(dates.contains(&last));
        prop_assert_eq!(dates.len(), usize::from(days));
    }

    #[test]
    fn a_business_day_more_never_ends_sooner(from in moments(), days in 1_u16..40, zone in 0..ZONES.len()) {
        let calendar = Calendar::new(ZONES[zone], []).unwrap();
        let due = |days| Length::BusinessDays(days).after(from, &calendar);
        prop_assert!(due(days) < due(days + 1));
    }

    #[test]
    fn a_later_event_never_ends_sooner(from in moments(), later in 0_i64..(10 * DAY_MS), days in 1_u16..40, zone in 0..ZONES.len()) {
        let calendar = Calendar::new(ZONES[zone], []).unwrap();
        for length in [Length::BusinessDays(days), Length::Days(days), Length::Hours(days), Length::Months(days)] {
            prop_assert!(length.after(from, &calendar) <= length.after(from.plus_ms(later), &calendar));
        }
    }

    #[test]
    fn the_whole_business_day_has_one_end(from in moments(), zone in 0..ZONES.len()) {
        // Every moment of a day gives the same end, over year ends too.
        let calendar = Calendar::new(ZONES[zone], []).unwrap();
        let due = Length::BusinessDays(1).after(from, &calendar);
        let last_second = calendar.end_of_date(&calendar.date(from)).unwrap();
        prop_assert_eq!(Length::BusinessDays(1).after(last_second, &calendar), due);
        prop_assert!(Length::BusinessDays(1).after(last_second.plus_ms(1_000), &calendar) >= due);
    }
}
