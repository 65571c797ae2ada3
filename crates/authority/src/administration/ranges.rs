//! The years IDs are taken from.

use axum::http::StatusCode;
use cve::id::Year;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{IdRange, Visibility};

use super::{Administrator, Denied, bad, body};
use crate::admin;
use crate::answer::Answer;
use crate::call::Call;
use crate::error::{Error, Refusal};
use crate::router::Authority;

/// The largest number a CVE ID of ours carries.
///
/// Source: our choice: nine digits, far above any year of the Program.
const MAX_NUMBER: i64 = 999_999_999;

fn shown(range: &IdRange) -> Value {
    let block = |[top, start, end]: [i64; 3]| {
        json!({
            "first": start + 1,
            "last_given": (top > start).then_some(top),
            "last": end,
            "left": end - top.max(start),
        })
    };
    json!({
        "year": range.year,
        "priority": block(range.priority),
        "general": block(range.general),
    })
}

/// GET /ranges: by year.
pub(crate) fn list(authority: &Authority, _: Administrator, _: &mut Call) -> Result<Answer, Error> {
    let ranges = authority.store.read(|reader| reader.id_ranges())?;
    let ranges: Vec<_> = ranges.iter().map(shown).collect();
    Ok(Answer::ok(&json!({"ranges": ranges})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    year: Year,
}

/// POST /ranges: a year with the Program's own blocks.
///
/// Source: cve-services section 6.1, POST /cve-id-range.
pub(crate) fn open(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    who.is_beyond_roots("open a year")?;
    let New { year } = body(call)?;
    let event = who.did("year.open", &year.to_string(), json!({}));
    let opened = authority
        .store
        .write(move |tx| admin::open_year_in(tx, year, event.clone()))?;
    if !opened {
        return Err(Refusal::RangeExists(year.to_string()).into());
    }
    let range = shown(&IdRange::of_year(year));
    Ok(Answer::json(StatusCode::CREATED, &range))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    last: i64,
}

/// PUT /ranges/:year: the last number of the general block.
pub(crate) fn extend(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    who.is_beyond_roots("extend a year")?;
    let text = call.path("year").to_owned();
    let closed = || Denied::YearNotOpen(text.clone());
    let year: Year = text.parse().map_err(|_| closed())?;
    let Change { last } = body(call)?;
    if !(1..=MAX_NUMBER).contains(&last) {
        let msg = format!("`{last}` is out of range, expected 1 to {MAX_NUMBER}");
        return Err(bad("last", msg).into());
    }
    let range = authority.store.write(move |tx| {
        let find = |ranges: Vec<IdRange>| ranges.into_iter().find(|range| range.year == year);
        let closed = || Denied::YearNotOpen(year.to_string());
        let before = find(tx.id_ranges()?).ok_or_else(closed)?;
        if !tx.extend_range(year, last)? {
            return Err(Denied::RangeTooShort(year.to_string()).into());
        }
        tx.change(
            "year.extended",
            "",
            &year.to_string(),
            Visibility::Restricted,
        );
        let detail = json!({"last": {"from": before.general[2], "to": last}});
        tx.audit(who.did("year.extend", &year.to_string(), detail));
        Ok::<_, Error>(find(tx.id_ranges()?).ok_or_else(closed)?)
    })?;
    Ok(Answer::ok(&shown(&range)))
}
