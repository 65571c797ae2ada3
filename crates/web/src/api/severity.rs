//! The questions about severity of a case, beside its score.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::decision::SeverityAnswers;
use casework::{SeverityRound, SeverityView};
use serde::Deserialize;

use super::body::JsonBody;
use super::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// A round of answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    answers: SeverityAnswers,
    #[serde(default)]
    note: String,
}

pub(super) async fn questions(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SeverityView>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.severity_questions(actor, case_id(&id)?)?))
    })
    .await
}

pub(super) async fn answer(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<SeverityRound>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let new: Answers = body.read()?;
        let kept = desk.answer_severity(actor, id, &new.answers, &new.note)?;
        Ok((StatusCode::CREATED, Json(kept)))
    })
    .await
}
