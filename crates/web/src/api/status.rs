//! What needs whoever asks.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn show(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        let zone = desk.timing()?.calendar.zone_name().to_owned();
        let needs = desk.status(actor)?;
        let name = actor.name();
        Ok(Json(json!({"person": name, "zone": zone, "needs": needs})))
    })
    .await
}

/// Which day is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Day {
    day: Option<String>,
}

pub(super) async fn digest(
    State(door): State<Door>,
    caller: Caller,
    Query(asked): Query<Day>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let digest = desk.digest(actor, asked.day.as_deref())?;
        digest
            .map(Json)
            .ok_or_else(|| Stop::not_found("a digest of that day"))
    })
    .await
}
