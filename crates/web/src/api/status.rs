//! What needs whoever asks.

use axum::Json;
use axum::extract::State;
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
