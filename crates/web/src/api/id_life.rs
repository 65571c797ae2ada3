//! The life of IDs: proposals and their approval, year's ends, transfers, and
//! where IDs were seen.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::{
    Hit, HitList, HitReport, HitVerdict, IdHistory, MendReport, PoolReservation, Proposal, Refill,
    RejectOrder, Seen, TransferOrder, TransferRequest, YearEnd, YearEndOrder,
};
use cve::id::{CveId, Year};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::records::{cve_id, digest};
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// Whether also what is over is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(default)]
    all: bool,
}

/// Why something is done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

fn number(text: &str, what: &str) -> Result<i64, Stop> {
    let unknown = || {
        let shown: String = text.chars().take(32).collect();
        Stop::not_found(format!("{what} {shown}"))
    };
    text.parse().map_err(|_| unknown())
}

fn year(text: &str) -> Result<Year, Stop> {
    let shown: String = text.chars().take(32).collect();
    text.parse()
        .map_err(|_| Stop::invalid("year", format!("`{shown}`: expected four digits")))
}

pub(super) async fn history(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<IdHistory>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.id_history(actor, cve_id(&id)?)?))
    })
    .await
}

pub(super) async fn archived(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let records = desk.archived_records(actor, cve_id(&id)?)?;
        Ok(Json(json!({"records": records})))
    })
    .await
}

/// Who was told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    with: String,
    #[serde(default)]
    note: String,
}

pub(super) async fn share(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let told: Told = body.read()?;
        desk.share_id(actor, cve_id(&id)?, &told.with, &told.note)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn hand_back(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Proposal>), Stop> {
    door.work(caller, move |desk, actor| {
        let why: Why = body.read()?;
        let made = desk.propose_hand_back(actor, cve_id(&id)?, &why.reason)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

pub(super) async fn reject(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Proposal>), Stop> {
    door.work(caller, move |desk, actor| {
        let order: RejectOrder = body.read()?;
        let made = desk.propose_reject(actor, cve_id(&id)?, &order)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

/// What is published again, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    reason: String,
    container: Option<Value>,
}

pub(super) async fn reinstate(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Proposal>), Stop> {
    door.work(caller, move |desk, actor| {
        let again: Again = body.read()?;
        let id = cve_id(&id)?;
        let made = desk.propose_reinstate(actor, id, &again.reason, again.container)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

pub(super) async fn transfer(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<TransferRequest>), Stop> {
    door.work(caller, move |desk, actor| {
        let order: TransferOrder = body.read()?;
        let made = desk.request_transfer(actor, cve_id(&id)?, &order)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

pub(super) async fn transfers(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"transfers": desk.transfers(actor)?})))
    })
    .await
}

pub(super) async fn proposals(
    State(door): State<Door>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let proposals = desk.proposals(actor, which.all)?;
        Ok(Json(json!({"proposals": proposals})))
    })
    .await
}

pub(super) async fn proposal(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<Proposal>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.proposal(actor, number(&text, "proposal")?)?))
    })
    .await
}

/// What is approved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    digest: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn approve(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
    body: JsonBody,
) -> Result<Json<Proposal>, Stop> {
    door.work(caller, move |desk, actor| {
        let said: Approval = body.read()?;
        let (number, digest) = (number(&text, "proposal")?, digest(&said.digest)?);
        let proposal = desk.approve_proposal(actor, number, digest, &said.comment)?;
        Ok(Json(proposal))
    })
    .await
}

pub(super) async fn withdraw(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
    body: JsonBody,
) -> Result<Json<Proposal>, Stop> {
    door.work(caller, move |desk, actor| {
        let why: Why = body.read()?;
        let number = number(&text, "proposal")?;
        Ok(Json(desk.withdraw_proposal(actor, number, &why.reason)?))
    })
    .await
}

pub(super) async fn proceed(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<Proposal>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.proceed(actor, number(&text, "proposal")?)?))
    })
    .await
}

pub(super) async fn year_end(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<YearEnd>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.year_end(actor, year(&text)?)?))
    })
    .await
}

pub(super) async fn propose_year_end(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Proposal>), Stop> {
    door.work(caller, move |desk, actor| {
        let order: YearEndOrder = body.read()?;
        let made = desk.propose_year_end(actor, year(&text)?, &order)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

pub(super) async fn reopen(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let why: Why = body.read()?;
        desk.reopen_year(actor, year(&text)?, &why.reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn hits(
    State(door): State<Door>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<HitList>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.hits(actor, which.all)?))
    })
    .await
}

/// What was seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sightings {
    seen: Vec<Seen>,
}

pub(super) async fn record_hits(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<HitReport>, Stop> {
    door.work(caller, move |desk, actor| {
        let sightings: Sightings = body.read()?;
        Ok(Json(desk.record_hits(actor, sightings.seen)?))
    })
    .await
}

pub(super) async fn decide_hit(
    State(door): State<Door>,
    caller: Caller,
    Path(text): Path<String>,
    body: JsonBody,
) -> Result<Json<Hit>, Stop> {
    door.work(caller, move |desk, actor| {
        let verdict: HitVerdict = body.read()?;
        Ok(Json(desk.decide_hit(
            actor,
            number(&text, "hit")?,
            &verdict,
        )?))
    })
    .await
}

/// What is mended.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Mend {
    account: Option<String>,
    records: bool,
    ids: Option<Vec<CveId>>,
}

pub(super) async fn mend(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<MendReport>, Stop> {
    door.work(caller, move |desk, actor| {
        let mend: Mend = body.read_or_default()?;
        let (account, ids) = (mend.account.as_deref(), mend.ids.as_deref());
        Ok(Json(desk.mend_ids(actor, account, mend.records, ids)?))
    })
    .await
}

pub(super) async fn refill(
    State(door): State<Door>,
    caller: Caller,
) -> Result<(StatusCode, Json<PoolReservation>), Stop> {
    door.work(caller, |desk, actor| {
        Ok((StatusCode::ACCEPTED, Json(desk.refill(actor)?)))
    })
    .await
}

pub(super) async fn refill_setting(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"refill": desk.refill_setting(actor)?})))
    })
    .await
}

/// Whether a low pool is filled by itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filling {
    refill: Refill,
}

pub(super) async fn set_refill(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let filling: Filling = body.read()?;
        desk.set_refill(actor, filling.refill)?;
        Ok(Json(json!({"refill": filling.refill})))
    })
    .await
}
