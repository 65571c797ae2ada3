//! Cases: filing, listing, showing, and the steps up to an ID.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use casework::{Assignment, CaseId, CaseSummary, CaseView, Refusal, Report};
use cve::id::{CveId, Year};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{JsonBody, ReportBody};
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// The case a path names; a text that names none is a case that is not there.
pub(crate) fn case_id(text: &str) -> Result<CaseId, Stop> {
    text.parse().map_err(|_| {
        Stop::not_found(format!(
            "case {}",
            text.chars().take(64).collect::<String>()
        ))
    })
}

/// Reads a report before anything else looks at it.
pub(super) async fn receive(
    State(door): State<Door>,
    caller: Caller,
    body: ReportBody,
) -> Result<Response, Stop> {
    let filed = door
        .work(caller, move |desk, actor| {
            let report = Report::parse(&body.text()?).map_err(Refusal::from)?;
            Ok(desk.file(actor, &report)?)
        })
        .await?;
    let location = [(LOCATION, format!("/desk/v1/cases/{}", filed.id))];
    Ok((StatusCode::CREATED, location, Json(filed)).into_response())
}

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    #[serde(default)]
    offset: u32,
    #[serde(default = "hundred")]
    limit: u32,
}

fn hundred() -> u32 {
    100
}

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<Json<Value>, Stop> {
    let cases: Vec<CaseSummary> = door
        .work(caller, move |desk, actor| {
            if !(1..=500).contains(&part.limit) {
                let problem = format!("it is {}: expected 1 to 500", part.limit);
                return Err(Stop::invalid("limit", problem));
            }
            Ok(desk.cases(actor, part.offset, part.limit)?)
        })
        .await?;
    Ok(Json(json!({"cases": cases})))
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CaseView>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.case(actor, case_id(&id)?)?))
    })
    .await
}

pub(super) async fn take(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let state = desk.take(actor, case_id(&id)?)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

/// Which ID is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAssignment {
    year: Option<Year>,
}

pub(super) async fn assign(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Assignment>, Stop> {
    door.work(caller, move |desk, actor| {
        let wanted: NewAssignment = body.read_or_default()?;
        Ok(Json(desk.assign(actor, case_id(&id)?, wanted.year)?))
    })
    .await
}

/// A message for the people on the case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    body: String,
}

pub(super) async fn comment(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let message: NewMessage = body.read()?;
        desk.comment(actor, case_id(&id)?, &message.body)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn retry(
    State(door): State<Door>,
    caller: Caller,
    Path((id, followup)): Path<(String, String)>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.retry(actor, case_id(&id)?, &followup)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// The IDs a person knows to be ours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OurIds {
    ids: Vec<CveId>,
}

pub(super) async fn settle_reservation(
    State(door): State<Door>,
    caller: Caller,
    Path((id, followup)): Path<(String, String)>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let ours: OurIds = body.read()?;
        desk.settle_reservation(actor, case_id(&id)?, &followup, &ours.ids)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
