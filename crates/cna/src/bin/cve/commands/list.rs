//! `cve list`: the IDs the org owns.

use client::IdFilter;
use cve::wire::IdState;
use serde_json::Value;

use super::{Entry, reserve};
use crate::arguments::{self, flag, option};
use crate::blocks::{text_at, time_at};
use crate::console::Console;
use crate::json::{self, python_text};
use crate::session::Session;
use crate::stop::Stop;
use crate::table;
use crate::when;

pub(super) const ENTRY: Entry = Entry {
    name: "list",
    about: "List the CVE IDs the org owns",
    takes: "[OPTIONS]",
    options: |command| {
        command
            .arg(arguments::raw())
            .arg(flag(
                "no-header",
                Some('N'),
                "Leave out the line with the names of the columns",
            ))
            .arg(option(
                "sort-by",
                None,
                "cve_id|state|user|reserved_ts",
                "Order of the table",
            ))
            .arg(option("year", None, "YYYY", "Only IDs of this year"))
            .arg(option(
                "state",
                None,
                "reserved|published|rejected",
                "Only IDs in this state",
            ))
            .arg(option(
                "reserved-lt",
                None,
                "TIME",
                "Only IDs reserved before this time, UTC",
            ))
            .arg(option(
                "reserved-gt",
                None,
                "TIME",
                "Only IDs reserved after this time, UTC",
            ))
    },
    run,
    children: &[],
};

/// What the table is ordered by.
#[derive(Clone, Copy)]
enum Order {
    Id,
    State,
    User,
    Reserved,
}

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let order = order(session)?;
    let filter = filter(session)?;
    let ids = session
        .service()?
        .read(console, |services| services.list_ids(&filter))?
        .raw;
    if session.flag("raw") {
        console.say(&json::dumps(&ids));
        return Ok(());
    }
    let mut ids = match ids {
        Value::Array(ids) if !ids.is_empty() => ids,
        _ => {
            console.say("No CVEs found...");
            return Ok(());
        }
    };
    sort(&mut ids, order);
    let has_header = !session.flag("no-header");
    let mut rows = Vec::new();
    if has_header {
        let header = [
            "CVE ID",
            "STATE",
            "OWNING CNA",
            "RESERVED BY",
            "RESERVED ON",
        ];
        rows.push(header.map(str::to_owned).to_vec());
    }
    for id in &ids {
        rows.push(vec![
            text_at(id, "/cve_id")?,
            text_at(id, "/state")?,
            text_at(id, "/owning_cna")?,
            requested_by(id)?,
            time_at(id, "/reserved")?,
        ]);
    }
    table::print(console, &rows, has_header);
    Ok(())
}

/// The requester, whose name may be empty here.
fn requested_by(id: &Value) -> Result<String, Stop> {
    let user = id.pointer("/requested_by/user").and_then(Value::as_str);
    let user = user.filter(|user| !user.is_empty()).unwrap_or("n/a");
    Ok(format!("{user} ({})", text_at(id, "/requested_by/cna")?))
}

fn order(session: &Session<'_>) -> Result<Order, Stop> {
    match session
        .value("sort-by")
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        None | Some("cve_id") => Ok(Order::Id),
        Some("state") => Ok(Order::State),
        Some("user") => Ok(Order::User),
        Some("reserved_ts") => Ok(Order::Reserved),
        Some(other) => Err(session.usage(format!(
            "Invalid value for '--sort-by': '{other}' is not one of 'cve_id', 'state', 'user', \
             'reserved_ts'."
        ))),
    }
}

fn filter(session: &Session<'_>) -> Result<IdFilter, Stop> {
    let year = session.value("year").map(|text| {
        reserve::parse_year(text)
            .ok_or_else(|| session.usage("Invalid value for '--year': invalid year."))
    });
    let state = session.value("state").map(|text| {
        let state: Result<IdState, _> = text.to_ascii_uppercase().parse();
        state.map_err(|_| {
            session.usage(format!(
                "Invalid value for '--state': '{text}' is not one of 'reserved', 'published', \
                 'rejected'."
            ))
        })
    });
    let time = |name: &str| {
        let typed = session.value(name).map(|text| {
            when::typed(text).ok_or_else(|| {
                session.usage(format!(
                    "Invalid value for '--{name}': '{text}' is not a time such as '2021-01-02', \
                     '2021-01-02T03:04:05' or '2021-01-02 03:04:05'."
                ))
            })
        });
        typed.transpose()
    };
    Ok(IdFilter {
        year: year.transpose()?,
        state: state.transpose()?,
        reserved_before: time("reserved-lt")?,
        reserved_after: time("reserved-gt")?,
        ..IdFilter::default()
    })
}

fn sort(ids: &mut [Value], order: Order) {
    let text = |id: &Value, pointer: &str| id.pointer(pointer).map(python_text);
    match order {
        Order::Id => ids.sort_by_cached_key(|id| {
            // By number; what is no number comes first.
            let id = text(id, "/cve_id").unwrap_or_default();
            let parts = id.split('-').skip(1).map(|part| part.parse::<u64>().ok());
            parts.collect::<Vec<_>>()
        }),
        Order::State => ids.sort_by_cached_key(|id| text(id, "/state")),
        Order::User => ids.sort_by_cached_key(|id| text(id, "/requested_by/user")),
        Order::Reserved => ids.sort_by_cached_key(|id| text(id, "/reserved")),
    }
}
