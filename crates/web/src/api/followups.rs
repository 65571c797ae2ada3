//! Follow-ups: what waits to be said to other servers.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// Which follow-ups are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(default)]
    all: bool,
}

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(
            json!({"followups": desk.followups(actor, which.all)?}),
        ))
    })
    .await
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(json!(desk.followup(actor, &id)?)))
    })
    .await
}

pub(super) async fn retry(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.retry_followup(actor, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Why something is given up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

pub(super) async fn cancel(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let why: Why = body.read()?;
        desk.cancel_followup(actor, &id, &why.reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
