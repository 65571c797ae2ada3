//! What a case may be a duplicate of, and what people say of it.

use axum::Json;
use axum::extract::{Path, State};
use casework::{CandidateKey, Duplicates, Judgement, Verdict};
use serde::Deserialize;

use super::body::JsonBody;
use super::cases::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Duplicates>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.duplicates(actor, case_id(&id)?)?))
    })
    .await
}

/// What somebody says of a candidate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewVerdict {
    candidate: String,
    verdict: String,
    reason: String,
}

pub(super) async fn judge(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Verdict>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let new: NewVerdict = body.read()?;
        let candidate: CandidateKey = (new.candidate.parse())
            .map_err(|problem: String| Stop::invalid("candidate", problem))?;
        let verdict: Judgement =
            (new.verdict.parse()).map_err(|problem: String| Stop::invalid("verdict", problem))?;
        Ok(Json(desk.judge_duplicate(
            actor,
            id,
            &candidate,
            verdict,
            &new.reason,
        )?))
    })
    .await
}
