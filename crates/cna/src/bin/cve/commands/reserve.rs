//! `cve reserve`: take CVE IDs.

use std::collections::HashSet;

use clap::Arg;
use client::{IdFilter, Reservation};
use cve::id::Year;
use cve::wire::{BatchType, IdState};
use serde_json::{Value, json};

use super::{Entry, publish};
use crate::arguments::{self, flag, option};
use crate::blocks::{self, at};
use crate::console::Console;
use crate::json::{self, python_text};
use crate::session::{Looking, Session};
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "reserve",
    about: "Reserve CVE IDs for the org",
    takes: "[OPTIONS] [COUNT]",
    options: |command| {
        let command = command
            .arg(Arg::new("COUNT").help("How many, 1 by default"))
            .arg(flag(
                "random",
                Some('r'),
                "Random numbers, at most 10 at a time",
            ))
            .arg(option(
                "year",
                Some('y'),
                "YYYY",
                "Year of the IDs, this year by default",
            ))
            .arg(arguments::raw())
            .arg(flag(
                "json-lines",
                None,
                "Print a line of JSON for each ID, and nothing else",
            ));
        arguments::changing(command)
    },
    run,
    children: &[],
};

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let reservation = reservation(session)?;
    confirm(session, console, &reservation)?;
    let answer = reserve(session, console, &reservation)?;
    if session.flag("json-lines") {
        return tell_lines(console, &answer);
    }
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

fn tell_lines(console: &mut Console, answer: &Value) -> Result<(), Stop> {
    for id in at(answer, "/cve_ids")?.as_array().into_iter().flatten() {
        console.say(&id.to_string());
    }
    // Fewer than asked for came; the lines stay lines.
    if let Some(Value::String(message)) = answer.get("message") {
        console.complain(&format!("warning: {message}"));
    }
    Ok(())
}

/// Reserves; after a lost answer, takes what is new in the list of IDs.
fn reserve(
    session: &Session<'_>,
    console: &mut Console,
    reservation: &Reservation,
) -> Result<Value, Stop> {
    let service = session.service()?;
    let filter = IdFilter {
        year: Some(reservation.year),
        state: Some(IdState::Reserved),
        ..IdFilter::default()
    };
    // Only a list from before tells what is new.
    let before = match service.is_waiting() && !session.is_dry_run() {
        true => ids_of(
            &service
                .read(console, |services| services.list_ids(&filter))?
                .raw,
        ),
        false => HashSet::new(),
    };
    let outcome = service.change(
        console,
        |services| services.reserve(reservation).map(publish::raw),
        |looking, console| {
            let after = looking.read(console, |services| services.list_ids(&filter))?;
            let new = new_ids(session, &before, after.raw)?;
            adopted(looking, console, reservation, new)
        },
    )?;
    Ok(publish::answer_of(outcome))
}

fn ids_of(list: &Value) -> HashSet<String> {
    let ids = list.as_array().into_iter().flatten();
    ids.filter_map(|id| id.get("cve_id").map(python_text))
        .collect()
}

/// The IDs that were not there before and that this user asked for.
fn new_ids(
    session: &Session<'_>,
    before: &HashSet<String>,
    after: Value,
) -> Result<Vec<Value>, Stop> {
    let Value::Array(mut after) = after else {
        return Ok(Vec::new());
    };
    let user = session.user()?;
    after.retain(|id| {
        let name = id.get("cve_id").map(python_text).unwrap_or_default();
        let requester = id.pointer("/requested_by/user").and_then(Value::as_str);
        !before.contains(&name) && requester == Some(user)
    });
    Ok(after)
}

/// The answer that was lost, when the new IDs are exactly as many as were
/// asked for. Any other number may be someone else's with this account.
fn adopted(
    looking: &Looking<'_>,
    console: &mut Console,
    reservation: &Reservation,
    new: Vec<Value>,
) -> Result<Option<Value>, Stop> {
    let amount = usize::try_from(reservation.amount).unwrap_or(usize::MAX);
    if new.is_empty() {
        return Ok(None);
    }
    if new.len() != amount {
        let names: Vec<_> = new
            .iter()
            .filter_map(|id| id.get("cve_id").map(python_text))
            .collect();
        return Err(Stop::failed(format!(
            "the answer to this reservation of {amount} was lost, and {} IDs are new since: {}; \
             find out which are yours before you reserve again",
            names.len(),
            names.join(", ")
        )));
    }
    let quota = looking.read(console, |services| services.quota(&reservation.short_name))?;
    let available = quota.raw.get("available").cloned().unwrap_or_default();
    Ok(Some(
        json!({"cve_ids": new, "meta": {"remaining_quota": available}}),
    ))
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
        "You are about to reserve {} {kind} for year {} that will be owned by the {} CNA org.\n",
        console.bold(&reservation.amount.to_string()),
        console.bold(&reservation.year.to_string()),
        console.bold(&reservation.short_name),
    );
    let question = "This operation cannot be reversed; do you want to continue?";
    session.confirm(console, &about, question)
}
