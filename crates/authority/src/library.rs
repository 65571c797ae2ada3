//! All records: page by page, from cursor to cursor, or only how many.

use cve::id::CveId;
use cve::time::Timestamp;
use serde_json::{Map, Value, json};
use store::{RecordCursor, RecordFilter, RecordRow};

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{Anyone, BulkReader};
use crate::error::{BadParameter, Error, Refusal};
use crate::page;
use crate::parameters;
use crate::router::Authority;

/// Records a walk gives at once when it is not told how many.
///
/// Source: cve-services section 6.3.2.
const WALK: i64 = 300;

/// Records a walk gives at once at most.
const WALK_MAX: i64 = 500;

/// GET /cve.
///
/// Source: cve-services section 6.3.1; both bounds count with `cna_modified`,
/// as section 16 suggests.
pub(crate) fn list(authority: &Authority, _: BulkReader, call: &mut Call) -> Result<Answer, Error> {
    call.check(&parameters::LIST_RECORDS)?;
    let filter = filter(call)?;
    if counts_only(call) {
        return counted(authority, filter);
    }
    let page = call.page();
    let (total, records) = authority.store.read(|reader| {
        Ok::<_, Error>(reader.records(&filter, page::offset(page), page::PAGE)?)
    })?;
    Ok(spliced(&records, &page::fields(total, page)))
}

/// GET /cve_cursor: newest first by when a record was stored first, so that a
/// walk is not disturbed by records that change.
///
/// Source: cve-services section 6.3.2.
pub(crate) fn walk(authority: &Authority, _: BulkReader, call: &mut Call) -> Result<Answer, Error> {
    call.check(&parameters::WALK_RECORDS)?;
    let filter = filter(call)?;
    if counts_only(call) {
        return counted(authority, filter);
    }
    let limit = call.text("limit").map_or(WALK, parameters::integer);
    let limit = u32::try_from(limit.clamp(1, WALK_MAX)).unwrap_or(1);
    let cursor = cursor(call)?;
    let mut records = authority.store.read(|reader| {
        // One more than asked for tells whether the walk goes on.
        reader.records_by_age(&filter, cursor, limit + 1)
    })?;
    let more = records.len() > limit as usize;
    let back = matches!(cursor, RecordCursor::Before(..));
    if more && back {
        records.remove(0);
    }
    records.truncate(limit as usize);
    let mut rest = Map::new();
    rest.insert("hasNext".into(), json!(more || back));
    let started = matches!(cursor, RecordCursor::Start);
    rest.insert(
        "hasPrevious".into(),
        json!(if back { more } else { !started }),
    );
    for (key, record) in [("next", records.last()), ("previous", records.first())] {
        if let Some(record) = record {
            rest.insert(key.into(), json!(token(record)));
        }
    }
    Ok(spliced(&records, &rest))
}

/// GET /cve_count.
///
/// Source: cve-services section 13.
pub(crate) fn count(authority: &Authority, _: Anyone, call: &mut Call) -> Result<Answer, Error> {
    call.check(&parameters::COUNT_RECORDS)?;
    counted(authority, filter(call)?)
}

fn counts_only(call: &Call) -> bool {
    call.text("count_only").and_then(parameters::truth) == Some(true)
}

fn counted(authority: &Authority, filter: RecordFilter) -> Result<Answer, Error> {
    let total = authority
        .store
        .read(|reader| reader.count_records(&filter))?;
    Ok(Answer::ok(&json!({"totalCount": total})))
}

fn filter(call: &Call) -> Result<RecordFilter, Refusal> {
    let text = |name: &str| call.text(name).map(str::to_owned);
    let time = |name: &str| call.text(name).and_then(parameters::moment);
    let (before, after) = (time("time_modified.lt"), time("time_modified.gt"));
    // At cve-services any value counts as true, also `false`.
    let by_cna_container = call.text("cna_modified").and_then(parameters::truth) == Some(true);
    if by_cna_container && before.is_none() && after.is_none() {
        return Err(Refusal::CnaModifiedAlone);
    }
    Ok(RecordFilter {
        state: call
            .text("state")
            .and_then(|state| state.to_uppercase().parse().ok()),
        assigner_org: text("assigner"),
        assigner_name: text("assigner_short_name"),
        adp: text("adp_short_name"),
        by_cna_container,
        modified_before: before,
        modified_after: after,
    })
}

/// `{"cveRecords":[…],…}` with the records byte for byte.
fn spliced(records: &[RecordRow], rest: &Map<String, Value>) -> Answer {
    let size: usize = records.iter().map(|record| record.body.len() + 1).sum();
    let mut body = Vec::with_capacity(size + 256);
    body.extend_from_slice(b"{\"cveRecords\":[");
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&record.body);
    }
    body.push(b']');
    for (key, value) in rest {
        body.extend_from_slice(format!(",\"{key}\":{value}").as_bytes());
    }
    body.push(b'}');
    Answer::text(body)
}

/// The place of a record in the walk, opaque to clients.
fn token(record: &RecordRow) -> String {
    format!("{}.{}", record.created.unix_ms(), record.id)
}

fn cursor(call: &Call) -> Result<RecordCursor, Refusal> {
    let place = |name: &str| {
        let Some(token) = call.text(name) else {
            return Ok(None);
        };
        parse_token(token).map(Some).ok_or_else(|| {
            Refusal::BadInput(vec![BadParameter {
                msg: "Invalid value".into(),
                param: name.into(),
                location: "query",
            }])
        })
    };
    let (next, previous) = (place("next_page")?, place("previous_page")?);
    Ok(match (next, previous) {
        (Some((at, id)), _) => RecordCursor::After(at, id),
        (None, Some((at, id))) => RecordCursor::Before(at, id),
        (None, None) => RecordCursor::Start,
    })
}

fn parse_token(token: &str) -> Option<(Timestamp, CveId)> {
    let (at, id) = token.split_once('.')?;
    Some((Timestamp::from_unix_ms(at.parse().ok()?)?, id.parse().ok()?))
}
