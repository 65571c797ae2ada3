//! What follows a publication: looks at copies, and the retrospective.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::Retrospective;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::cases::case_id;
use super::records::cve_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn retrospectives(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let texts = desk.retrospectives(actor, case_id(&id)?)?;
        Ok(Json(json!({"retrospectives": texts})))
    })
    .await
}

/// A text to be kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    body: String,
}

pub(super) async fn keep_retrospective(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Retrospective>), Stop> {
    door.work(caller, move |desk, actor| {
        let Text { body } = body.read()?;
        let kept = desk.keep_retrospective(actor, case_id(&id)?, &body)?;
        Ok((StatusCode::CREATED, Json(kept)))
    })
    .await
}

pub(super) async fn copies(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(json!({"copies": desk.copies(actor, cve_id(&id)?)?})))
    })
    .await
}

pub(super) async fn look(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let copies = desk.look_at_copies(actor, cve_id(&id)?)?;
        Ok(Json(json!({"copies": copies})))
    })
    .await
}
