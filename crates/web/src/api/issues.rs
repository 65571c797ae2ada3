//! The public issue of a record, and where public issues are.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{IssueCheck, IssueFiling, NewTracker, Tracker};
use serde::Deserialize;

use super::body::JsonBody;
use super::records::cve_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// Which issue to look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    url: Option<String>,
}

pub(super) async fn look(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<IssueCheck>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let which: Which = body.read_or_default()?;
        Ok(Json(desk.look_at_issue(actor, id, which.url.as_deref())?))
    })
    .await
}

pub(super) async fn file(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<IssueFiling>), Stop> {
    door.work(caller, move |desk, actor| {
        let filing = desk.file_issue(actor, cve_id(&id)?)?;
        Ok((StatusCode::ACCEPTED, Json(filing)))
    })
    .await
}

pub(super) async fn seen(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Option<IssueCheck>>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.issue_check(actor, cve_id(&id)?)?))
    })
    .await
}

pub(super) async fn tracker(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Option<Tracker>>, Stop> {
    door.work(caller, |desk, actor| Ok(Json(desk.tracker(actor)?)))
        .await
}

pub(super) async fn set_tracker(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Tracker>, Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewTracker = body.read()?;
        Ok(Json(desk.set_tracker(actor, &new)?))
    })
    .await
}
