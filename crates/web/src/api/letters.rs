//! Letters to the reporter of a case.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::Letter;
use serde::Deserialize;

use super::body::JsonBody;
use super::cases::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// A letter to be drafted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLetter {
    template: String,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

pub(super) async fn draft(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Letter>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let new: NewLetter = body.read()?;
        let letter = desk.draft_letter(actor, id, &new.template, &new.values)?;
        Ok((StatusCode::CREATED, Json(letter)))
    })
    .await
}
