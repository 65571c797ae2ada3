//! Records: drafts, reviews, publishing, and the ledger.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{Plan, Revision};
use cve::hash::Digest;
use cve::id::CveId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// The CVE ID a path names; a text that is none is an ID that is not there.
pub(crate) fn cve_id(text: &str) -> Result<CveId, Stop> {
    text.parse()
        .map_err(|_| Stop::not_found(text.chars().take(64).collect::<String>()))
}

/// The digest an approval binds to.
pub(crate) fn digest(text: &str) -> Result<Digest, Stop> {
    text.parse()
        .map_err(|error: cve::hash::InvalidDigest| Stop::invalid("digest", error.to_string()))
}

/// What a revision is made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRevision {
    from: Option<String>,
    document: Option<Value>,
}

pub(super) async fn draft(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let wanted: NewRevision = body.read()?;
        let revision = match (wanted.from.as_deref(), wanted.document) {
            (Some("report"), None) => desk.draft_from_report(actor, id)?,
            (None, Some(document)) => desk.save_draft(actor, id, &document)?,
            _ => {
                let problem = "expected either `from`, which is `report`, or `document`";
                return Err(Stop::invalid("from", problem));
            }
        };
        Ok((StatusCode::CREATED, Json(revision)))
    })
    .await
}

/// What a reviewer says about a revision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReview {
    digest: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn approve(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let review: NewReview = body.read()?;
        let state = desk.approve(actor, id, digest(&review.digest)?, &review.comment)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

pub(super) async fn give_back(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let review: NewReview = body.read()?;
        let state = desk.return_draft(actor, id, digest(&review.digest)?, &review.comment)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

pub(super) async fn publish(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Plan>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.publish(actor, cve_id(&id)?)?))
    })
    .await
}

pub(super) async fn ledger(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"ledger": desk.ledger(actor)?})))
    })
    .await
}
