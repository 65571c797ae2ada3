//! `cve reserve`: take CVE IDs.

use clap::Arg;
use client::Reservation;
use cve::id::Year;
use cve::wire::BatchType;
use serde_json::Value;

use super::Entry;
use crate::arguments::{self, flag, option};
use crate::blocks::{self, at};
use crate::console::Console;
use crate::json::{self, python_text};
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "reserve",
    about: "Reserve CVE IDs for the org",
    takes: "[OPTIONS] [COUNT]",
    options: |command| {
        command
            .arg(Arg::new("COUNT").help("How many, 1 unless told otherwise"))
            .arg(flag(
                "random",
                Some('r'),
                "Random numbers, at most 10 at a time",
            ))
            .arg(option(
                "year",
                Some('y'),
                "YYYY",
                "Year of the IDs, this year unless told",
            ))
            .arg(arguments::raw())
    },
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let reservation = reservation(session)?;
    confirm(session, console, &reservation)?;
    let answer = session.services()?.reserve(&reservation)?.raw;
    if session.flag("raw") {
        console.say(&json::dumps(&answer));
        return Ok(());
    }
    console.say("Reserved the following CVE ID(s):\n");
    for id in at(&answer, "/cve_ids")?.as_array().into_iter().flatten() {
        blocks::id(console, id)?;
    }
    // A partial answer does not tell the quota.
    if let Some(quota) = answer.pointer("/meta/remaining_quota") {
        console.say(&format!("\nRemaining quota: {}", python_text(quota)));
    }
    if let Some(Value::String(message)) = answer.get("message") {
        console.say(&format!("\n{message}"));
    }
    Ok(())
}

fn reservation(session: &Session<'_>) -> Result<Reservation, Stop> {
    let amount = amount(session)?;
    let year = year(session)?;
    let batch = match (amount, session.flag("random")) {
        (1, _) => None,
        (11.., true) => {
            return Err(session.usage(
                "Invalid value: requesting non-sequential CVE IDs is limited to 10 per request.",
            ));
        }
        (_, true) => Some(BatchType::Nonsequential),
        (_, false) => Some(BatchType::Sequential),
    };
    Ok(Reservation {
        year,
        amount,
        short_name: session.org()?.to_owned(),
        batch,
    })
}

fn amount(session: &Session<'_>) -> Result<u32, Stop> {
    let Some(text) = session.value("COUNT") else {
        return Ok(1);
    };
    match text.trim().parse() {
        Ok(amount @ 1..) => Ok(amount),
        _ => Err(session.usage(format!(
            "Invalid value for '[COUNT]': '{text}' is not a whole number from 1 on."
        ))),
    }
}

fn year(session: &Session<'_>) -> Result<Year, Stop> {
    let Some(text) = session.value("year") else {
        // The local year, as a person means it; a clock outside the years
        // with four digits cannot be used.
        let year = jiff::Zoned::now().year();
        let year = u16::try_from(year).ok().and_then(Year::new);
        return year.ok_or_else(|| Stop::failed("the clock shows no usable year; give `--year`"));
    };
    parse_year(text)
        .ok_or_else(|| session.usage("Invalid value for '-y' / '--year': invalid year."))
}

/// A year as the Program's client takes it: 1000 to 9999.
pub(super) fn parse_year(text: &str) -> Option<Year> {
    let year: Year = text.parse().ok()?;
    (year.number() >= 1000).then_some(year)
}

fn confirm(
    session: &Session<'_>,
    console: &mut Console,
    reservation: &Reservation,
) -> Result<(), Stop> {
    let kind = match reservation.batch {
        None => "CVE ID",
        Some(BatchType::Sequential) => "sequential CVE IDs",
        Some(BatchType::Nonsequential) => "non-sequential CVE IDs",
    };
    let about = format!(
        "You are about to reserve {} {kind} for year {} that will be owned by the {} CNA org.",
        console.bold(&reservation.amount.to_string()),
        console.bold(&reservation.year.to_string()),
        console.bold(&reservation.short_name),
    );
    let question = "This operation cannot be reversed; do you want to continue?";
    session.confirm(console, &about, question)
}
