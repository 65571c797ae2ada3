//! Bounty awards of cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{Award, CaseId};
use serde::Deserialize;

use super::body::JsonBody;
use super::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// An award to be proposed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAward {
    amount: String,
    currency: String,
    #[serde(default)]
    note: String,
}

/// Why an award is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

pub(super) async fn propose(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Award>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let new: NewAward = body.read()?;
        let made = desk.propose_award(actor, id, &new.amount, &new.currency, &new.note)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

pub(super) async fn approve(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<Award>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let number = numbered(id, &number)?;
        Ok(Json(desk.approve_award(actor, id, number)?))
    })
    .await
}

pub(super) async fn refuse(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
    body: JsonBody,
) -> Result<Json<Award>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let number = numbered(id, &number)?;
        let Reason { reason } = body.read()?;
        Ok(Json(desk.refuse_award(actor, id, number, &reason)?))
    })
    .await
}

fn numbered(id: CaseId, number: &str) -> Result<i64, Stop> {
    let shown: String = number.chars().take(32).collect();
    let unknown = |_| Stop::not_found(format!("award {shown} of case {id}"));
    number.parse().map_err(unknown)
}
