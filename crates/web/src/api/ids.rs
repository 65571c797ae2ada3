//! CVE IDs: the ledger, the pool, and CVE Services compared with them.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::{LedgerLine, PoolOrder, PoolReservation, SheetImport, SheetReport};
use cve::id::Year;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::records::cve_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// Which IDs are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    state: Option<String>,
    year: Option<Year>,
    older_than: Option<i64>,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let mut lines = desk.ledger(actor)?;
        lines.retain(|line| {
            which
                .state
                .as_ref()
                .is_none_or(|state| line.state == *state)
                && which.year.is_none_or(|year| line.cve_id.year() == year)
        });
        if let Some(days) = which.older_than {
            let before = desk.now().plus_ms(-days.clamp(0, 100_000) * DAY_MS);
            let waits = |state: &str| ["ASSIGNED", "RBP"].contains(&state);
            lines.retain(|line| {
                waits(&line.state) && line.assigned_at.is_some_and(|at| at <= before)
            });
        }
        Ok(Json(json!({"ids": lines, "pool": desk.pool(actor)?})))
    })
    .await
}

pub(super) async fn sheet(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"ids": desk.tracking_sheet(actor)?})))
    })
    .await
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LedgerLine>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.ledger_line(actor, cve_id(&id)?)?))
    })
    .await
}

pub(super) async fn reserve(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<PoolReservation>), Stop> {
    door.work(caller, move |desk, actor| {
        let order: PoolOrder = body.read_or_default()?;
        Ok((StatusCode::ACCEPTED, Json(desk.reserve(actor, &order)?)))
    })
    .await
}

/// Which account is compared; all without it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Compared {
    account: Option<String>,
    #[serde(default)]
    records: bool,
}

pub(super) async fn sync(
    State(door): State<Door>,
    caller: Caller,
    Query(compared): Query<Compared>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let accounts = desk.sync_ids(actor, compared.account.as_deref(), compared.records)?;
        Ok(Json(json!({"accounts": accounts})))
    })
    .await
}

pub(super) async fn import(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<SheetReport>, Stop> {
    door.work(caller, move |desk, actor| {
        let sheet: SheetImport = body.read()?;
        Ok(Json(desk.import_ids(actor, sheet)?))
    })
    .await
}
