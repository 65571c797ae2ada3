//! Records: drafts, reviews, publishing, and the ledger.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::{
    Acknowledged, Difference, DraftView, Plan, Preview, ReviewLine, Revision, RevisionLine, Side,
    Update,
};
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
    base: Option<i64>,
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
            (None, Some(document)) => desk.save_draft(actor, id, &document, wanted.base)?,
            _ => {
                let problem = "expected either `from`, which is `report`, or `document`";
                return Err(Stop::invalid("from", problem));
            }
        };
        Ok((StatusCode::CREATED, Json(revision)))
    })
    .await
}

/// One field of a draft.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    pointer: String,
    value: Value,
}

pub(super) async fn set_field(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let field: Field = body.read()?;
        let revision = desk.set_field(actor, id, &field.pointer, &field.value)?;
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
    #[serde(default)]
    acknowledged: Acknowledged,
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
        let state = desk.approve(
            actor,
            id,
            digest(&review.digest)?,
            &review.comment,
            &review.acknowledged,
        )?;
        Ok(Json(
            json!({"state": state, "votes": desk.votes(actor, id)?}),
        ))
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

/// Numbers of revisions in a query.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Between {
    from: Option<i64>,
    to: Option<i64>,
}

/// The revision a path names: a number, or `newest`.
fn revision_number(text: &str) -> Result<Option<i64>, Stop> {
    if text == "newest" {
        return Ok(None);
    }
    let shown: String = text.chars().take(64).collect();
    text.parse()
        .map(Some)
        .map_err(|_| Stop::not_found(format!("revision `{shown}`")))
}

pub(super) async fn drafts(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let drafts: Vec<RevisionLine> = desk.revisions(actor, cve_id(&id)?)?;
        Ok(Json(json!({"drafts": drafts})))
    })
    .await
}

pub(super) async fn revision(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<DraftView>, Stop> {
    door.work(caller, move |desk, actor| {
        let number = revision_number(&number)?;
        Ok(Json(desk.revision(actor, cve_id(&id)?, number)?))
    })
    .await
}

pub(super) async fn changes(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    Query(between): Query<Between>,
) -> Result<Json<Difference>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        Ok(Json(desk.revision_changes(
            actor,
            id,
            between.from,
            between.to,
        )?))
    })
    .await
}

pub(super) async fn reviews(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let reviews: Vec<ReviewLine> = desk.reviews(actor, cve_id(&id)?)?;
        Ok(Json(json!({"reviews": reviews})))
    })
    .await
}

/// A comment on a place in a draft.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewComment {
    #[serde(default)]
    pointer: String,
    #[serde(default)]
    comment: String,
    suggestion: Option<Value>,
}

pub(super) async fn comment(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let said: NewComment = body.read()?;
        let suggestion = said.suggestion.as_ref();
        let number = desk.comment_on_draft(actor, id, &said.pointer, &said.comment, suggestion)?;
        Ok((StatusCode::CREATED, Json(json!({"number": number}))))
    })
    .await
}

pub(super) async fn accept(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let shown: String = number.chars().take(64).collect();
        let number: i64 = number
            .parse()
            .map_err(|_| Stop::not_found(format!("comment `{shown}`")))?;
        let revision = desk.accept_suggestion(actor, cve_id(&id)?, number)?;
        Ok((StatusCode::CREATED, Json(revision)))
    })
    .await
}

/// Whose value is kept where both sides changed a field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    take: Option<String>,
}

pub(super) async fn merge(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Update>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let wanted: Merge = body.read_or_default()?;
        let side = match wanted.take.as_deref() {
            None => None,
            Some("ours") => Some(Side::Ours),
            Some("live") => Some(Side::Live),
            Some(other) => {
                let shown: String = other.chars().take(64).collect();
                let problem = format!("`{shown}`, expected `ours` or `live`");
                return Err(Stop::invalid("take", problem));
            }
        };
        Ok(Json(desk.merge_live(actor, id, side)?))
    })
    .await
}

pub(super) async fn preview(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Preview>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.publish_preview(actor, cve_id(&id)?)?))
    })
    .await
}

pub(super) async fn ledger(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"ledger": desk.ledger(actor)?})))
    })
    .await
}
