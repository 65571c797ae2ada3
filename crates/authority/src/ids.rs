//! CVE IDs: list them, show one, change its state or owner, open a year.

use std::sync::Arc;

use axum::http::StatusCode;
use cve::id::{CveId, Year};
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{IdFilter, IdRow, IdState, Reader, Visibility};

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{Caller, CnaCaller, Secretariat};
use crate::error::{Error, Refusal};
use crate::page;
use crate::parameters;
use crate::router::{Authority, Compat};
use crate::routes::Step;
use crate::{admin, orgs};

/// IDs up to which a list of them is short.
const SHORT_LIST: u32 = 50;

/// IDs up to which those of a list are picked from few: looking at as many takes
/// about as long as answering with a short list.
const SHORT_WALK: i64 = 500;

/// GET /cve-id: the IDs the caller may see, page by page.
///
/// Source: cve-services section 6.1.
pub(crate) fn list(
    authority: &Arc<Authority>,
    caller: Caller,
    call: &mut Call,
) -> Result<Step, Error> {
    call.check(&parameters::LIST_IDS)?;
    let sees_all = caller.is_secretariat() || caller.org.has_role("BULK_DOWNLOAD");
    let time = |name| call.text(name).and_then(parameters::moment);
    let filter = IdFilter {
        owner: (!sees_all).then(|| caller.org.uuid.clone()),
        state: call
            .text("state")
            .and_then(|state| state.to_uppercase().parse().ok()),
        year: call.text("cve_id_year").and_then(|year| year.parse().ok()),
        reserved_before: time("time_reserved.lt"),
        reserved_after: time("time_reserved.gt"),
        modified_before: time("time_modified.lt"),
        modified_after: time("time_modified.gt"),
    };
    let page = call.page();
    if page == 1
        && let Some(looking) = authority.store.begin_short_list(&filter, SHORT_LIST)
    {
        let authority = authority.clone();
        return Ok(Step::Later(Box::pin(async move {
            // What could not be found out together is asked again alone.
            let found = looking.await.unwrap_or_default().short_list;
            // It is long, or it changed between its count and its IDs.
            let is_whole =
                |list: &Arc<(i64, Vec<IdRow>)>| Ok(list.0) == i64::try_from(list.1.len());
            if let Some(list) = found.filter(is_whole) {
                return Ok(listed(&authority, &caller, &list.1, list.0, page));
            }
            let shared = authority.clone();
            let list = move || {
                let (total, rows) = shared.store.read(|reader| page_of(reader, &filter, page))?;
                Ok::<_, Error>(listed(&shared, &caller, &rows, total, page))
            };
            authority
                .crossing
                .cross(list)
                .await
                .map_err(Refusal::from)?
        })));
    }
    call.asks(&authority.store)?;
    let (total, rows) = authority.store.read(|reader| {
        // Where asking is a journey, this has a thread to itself already.
        if authority.store.answers_here() && !is_short(reader, &filter)? {
            call.takes_long()?;
        }
        Ok::<_, Error>(page_of(reader, &filter, page)?)
    })?;
    Ok(Step::Done(listed(authority, &caller, &rows, total, page)))
}

/// Whether the list has few IDs, and is picked from few.
fn is_short(reader: &mut Reader<'_>, filter: &IdFilter) -> Result<bool, store::Error> {
    if let Some(walked) = filter.walked()
        && reader.count_cve_ids(&walked)? > SHORT_WALK
    {
        return Ok(false);
    }
    Ok(reader.count_cve_ids(filter)? <= i64::from(SHORT_LIST))
}

fn page_of(
    reader: &mut Reader<'_>,
    filter: &IdFilter,
    page: u32,
) -> Result<(i64, Vec<IdRow>), store::Error> {
    reader.cve_ids(filter, page::offset(page), page::PAGE)
}

/// The answer with a page of a list.
fn listed(authority: &Authority, caller: &Caller, rows: &[IdRow], total: i64, page: u32) -> Answer {
    let compat = authority.settings.compat;
    Answer::of(&List {
        cve_ids: rows
            .iter()
            .map(|row| redacted(Item::of(row), row, caller, compat))
            .collect(),
        paging: page::fields(total, page),
    })
}

#[derive(Serialize)]
struct List<'a> {
    cve_ids: Vec<Item<'a>>,
    #[serde(flatten)]
    paging: serde_json::Map<String, Value>,
}

/// An ID with everything about it, under today's names.
#[derive(Serialize)]
struct Item<'a> {
    requested_by: RequestedBy<'a>,
    time: Times,
    cve_id: CveId,
    cve_year: Year,
    state: &'static str,
    owning_cna: Option<&'a str>,
    reserved: Timestamp,
}

/// Names that are gone are left out.
#[derive(Serialize)]
struct RequestedBy<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cna: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
}

#[derive(Serialize)]
struct Times {
    created: Timestamp,
    modified: Timestamp,
}

impl Item<'_> {
    fn of(row: &IdRow) -> Item<'_> {
        Item {
            requested_by: RequestedBy {
                cna: row.requester_org_name.as_deref(),
                user: row.requester_user_name.as_deref(),
            },
            time: Times {
                created: row.created,
                modified: row.modified,
            },
            cve_id: row.id,
            cve_year: row.id.year(),
            state: row.state.as_str(),
            owning_cna: row.owner_name.as_deref(),
            reserved: row.reserved,
        }
    }
}

/// The same, without what the caller may not learn from a list.
///
/// Source: cve-services section 6.1 (redaction) and 13 (since 2.5.2).
fn redacted<'a>(mut item: Item<'a>, row: &IdRow, caller: &Caller, compat: Compat) -> Item<'a> {
    if caller.is_secretariat() {
        return item;
    }
    let moved = row.requester_user_org.as_ref() != Some(&row.requester_org);
    let transferred = row.requester_org != row.owner;
    if moved || transferred {
        item.requested_by.user = Some("REDACTED");
    }
    let foreign = row.owner != caller.org.uuid;
    if compat == Compat::Current && foreign && row.state == IdState::Reserved {
        item.owning_cna = Some("[REDACTED]");
        item.requested_by = RequestedBy {
            cna: Some("[REDACTED]"),
            user: Some("[REDACTED]"),
        };
    }
    item
}

/// What anyone may know of an ID.
fn partial(row: &IdRow) -> Value {
    let mut item = json!({
        "cve_id": row.id,
        "cve_year": row.id.year(),
        "state": row.state.as_str(),
        "owning_cna": "[REDACTED]",
    });
    if row.state != IdState::Reserved {
        item["owning_cna"] = json!(row.owner_name);
        item["dateUpdated"] = json!(row.modified);
    }
    item
}

/// GET /cve-id/:id.
///
/// Source: cve-services section 6.1.
pub(crate) fn show(
    authority: &Authority,
    caller: Option<Caller>,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::ONE_ID)?;
    let not_found = || Refusal::IdNotFound(call.path("id").to_owned());
    let id = call.id().ok_or_else(not_found)?;
    let row = authority
        .store
        .read(|reader| reader.cve_id(id))?
        .filter(|row| row.state != IdState::Available)
        .ok_or_else(not_found)?;
    let sees_all =
        caller.is_some_and(|caller| caller.is_secretariat() || caller.org.uuid == row.owner);
    Ok(if sees_all {
        Answer::of(&Item::of(&row))
    } else {
        Answer::ok(&partial(&row))
    })
}

/// The ID in the path, when it exists and the caller may write it.
///
/// Refuses: [`Refusal::NotOwner`], also for an ID that does not exist, also
/// towards the Secretariat.
/// Source: cve-services section 3, cnaMustOwnID.
pub(crate) fn owned(authority: &Authority, caller: &Caller, id: &str) -> Result<IdRow, Error> {
    let cve_id: CveId = id.parse().map_err(|_| not_owner(caller, id))?;
    let row = authority.store.read(|reader| reader.cve_id(cve_id))?;
    let row = row.filter(|row| owns(caller, row));
    Ok(row.ok_or_else(|| not_owner(caller, id))?)
}

pub(crate) fn owns(caller: &Caller, row: &IdRow) -> bool {
    may_write(caller, &row.owner)
}

/// The same of the ID of an owner with this UUID.
pub(crate) fn may_write(caller: &Caller, owner: &str) -> bool {
    caller.is_secretariat() || caller.org.uuid == owner
}

pub(crate) fn not_owner(caller: &Caller, id: &str) -> Refusal {
    Refusal::NotOwner {
        org: caller.org.short_name.to_string(),
        id: id.to_owned(),
    }
}

/// PUT /cve-id/:id: another state, another owner, or both.
///
/// Source: cve-services sections 6.1 and 8.
pub(crate) fn change(
    authority: &Authority,
    CnaCaller(caller): CnaCaller,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::CHANGE_ID)?;
    let id = owned(authority, &caller, call.path("id"))?.id;
    let state = call
        .text("state")
        .and_then(|state| state.to_uppercase().parse::<IdState>().ok());
    let new_owner = call.text("org").filter(|org| !org.is_empty());
    let new_owner = new_owner.map(|org| {
        let unknown = || Refusal::UnknownOrg {
            org: org.to_owned(),
            named_by: "org query",
            status: 404,
        };
        Ok::<_, Error>(orgs::named(authority, org)?.ok_or_else(unknown))
    });
    let wanted = Wanted {
        id,
        state,
        // An unknown owner is reported after what is wrong with the state.
        owner: new_owner
            .transpose()?
            .map(|found| found.map(|org| org.uuid)),
    };
    let row = authority
        .store
        .write(move |tx| carry_out(tx, &caller, &wanted))?;
    Ok(Answer::ok(&json!({
        "message": format!("{id} was successfully updated."),
        "updated": Item::of(&row),
    })))
}

/// What a change of an ID asks for.
struct Wanted {
    id: CveId,
    state: Option<IdState>,
    owner: Option<Result<String, Refusal>>,
}

fn carry_out(tx: &mut store::Tx<'_>, caller: &Caller, wanted: &Wanted) -> Result<IdRow, Error> {
    let object = wanted.id.to_string();
    let before = tx
        .take_cve_id(wanted.id)?
        .filter(|row| owns(caller, row))
        .ok_or_else(|| not_owner(caller, &object))?;
    if wanted.state.is_some() && tx.has_record(wanted.id)? {
        return Err(Refusal::IdHasRecord(object).into());
    }
    // cve-services looks at the quota of the requester; the sentence it
    // answers with, and this, mean the owner's.
    if wanted.state == Some(IdState::Reserved)
        && let Some(owner) = tx.take_org(&before.owner)?
        && owner.reserved >= owner.id_quota
    {
        return Err(Refusal::NoQuotaToReserve.into());
    }
    let owner = match &wanted.owner {
        Some(owner) => owner.clone()?,
        None => before.owner.clone(),
    };
    let state = wanted.state.unwrap_or(before.state);
    let now = tx.now();
    tx.change_cve_id(&before, state, &owner, now)?;
    tell(tx, caller, &before, state, &owner);
    let after = tx.cve_id(wanted.id)?;
    Ok(after.ok_or_else(|| not_owner(caller, &object))?)
}

fn tell(tx: &mut store::Tx<'_>, caller: &Caller, before: &IdRow, state: IdState, owner: &str) {
    let object = before.id.to_string();
    let kind = if owner == before.owner {
        "id.changed"
    } else {
        "id.transferred"
    };
    // An ID without a published record is nobody else's business.
    tx.change(kind, owner, &object, Visibility::Restricted);
    tx.audit(caller.did(
        "id.change",
        &object,
        json!({
            "from": {"state": before.state.as_str(), "owner": before.owner},
            "to": {"state": state.as_str(), "owner": owner},
        }),
    ));
}

/// POST /cve-id-range/:year.
///
/// Source: cve-services section 6.1.
pub(crate) fn open_year(
    authority: &Authority,
    Secretariat(caller): Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::OPEN_YEAR)?;
    let text = call.path("year").to_owned();
    let year: Year = text.parse().map_err(|_| Refusal::Unavailable)?;
    let event = caller.did("year.open", &text, json!({}));
    let opened = authority
        .store
        .write(move |tx| admin::open_year_in(tx, year, event.clone()))?;
    if opened {
        Ok(Answer::empty(StatusCode::OK))
    } else {
        Err(Refusal::RangeExists(text).into())
    }
}
