//! Who was trained when, and mailing lists beside the desk.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// The day of a training.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Training {
    #[serde(default)]
    day: Option<String>,
}

pub(super) async fn trained(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let training: Training = body.read()?;
        let day = desk.note_training(actor, &name, training.day.as_deref())?;
        Ok(Json(json!({"name": name, "trained_on": day})))
    })
    .await
}

/// The owners of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    list: String,
}

pub(super) async fn compare(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let listed: Listed = body.read()?;
        let roster = desk.compare_owners(actor, &listed.list)?;
        let mut answer = json!(roster);
        answer["is_same"] = json!(roster.is_same());
        Ok(Json(answer))
    })
    .await
}
