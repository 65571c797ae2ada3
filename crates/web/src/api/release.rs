//! Releasing: votes, the checklist, plans, leaks, announcements, the public
//! side.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{
    AnnouncementSet, LeakReport, NewPlan, NewReleaseRule, PlanView, Rebuilt, ReleaseRule,
    SecurityTxt, Votes,
};
use cve::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::cases::case_id;
use super::records::{cve_id, digest};
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn rule(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<ReleaseRule>, Stop> {
    door.work(caller, |desk, actor| Ok(Json(desk.release_rule(actor)?)))
        .await
}

pub(super) async fn set_rule(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<ReleaseRule>, Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewReleaseRule = body.read()?;
        Ok(Json(desk.set_release_rule(actor, &new)?))
    })
    .await
}

pub(super) async fn votes(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Votes>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.votes(actor, cve_id(&id)?)?))
    })
    .await
}

/// An approval in an emergency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    digest: String,
    reason: String,
    #[serde(default = "publish", rename = "for")]
    what: String,
}

fn publish() -> String {
    "publish".to_owned()
}

pub(super) async fn override_approval(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let given: Override = body.read()?;
        let digest = digest(&given.digest)?;
        let state = desk.override_approval(actor, id, &given.what, digest, &given.reason)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

/// Words of a person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    comment: String,
}

pub(super) async fn review_override(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let given: Comment = body.read()?;
        desk.review_override(actor, id, &given.comment)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn checklist(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let items = desk.checklist(actor, cve_id(&id)?)?;
        Ok(Json(json!({"checklist": items})))
    })
    .await
}

/// What a person says of an item.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {
    item: String,
    #[serde(default = "done")]
    kind: String,
    note: String,
}

fn done() -> String {
    "done".to_owned()
}

pub(super) async fn tick(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let given: Tick = body.read()?;
        desk.tick(actor, id, &given.item, &given.kind, &given.note)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn plan(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<PlanView>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let new: NewPlan = body.read()?;
        let plan = desk.plan_publication(actor, id, &new)?;
        Ok((StatusCode::CREATED, Json(plan)))
    })
    .await
}

pub(super) async fn plans(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let plans = desk.release_plans(actor, cve_id(&id)?)?;
        Ok(Json(json!({"plans": plans})))
    })
    .await
}

/// Why something is given up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Because {
    reason: String,
}

pub(super) async fn cancel_plan(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let given: Because = body.read()?;
        desk.cancel_plan(actor, id, &given.reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Where and when a leak was seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Leak {
    url: String,
    seen: Option<Timestamp>,
    #[serde(default)]
    ours: bool,
}

pub(super) async fn leak(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<LeakReport>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let given: Leak = body.read()?;
        let report = desk.record_leak(actor, id, &given.url, given.seen, given.ours)?;
        Ok(Json(report))
    })
    .await
}

/// A set of announcements to be made.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewSet {
    templates: Vec<String>,
    values: BTreeMap<String, String>,
}

pub(super) async fn announce(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<AnnouncementSet>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let new: NewSet = body.read_or_default()?;
        let set = desk.announce(actor, id, &new.templates, &new.values)?;
        Ok((StatusCode::CREATED, Json(set)))
    })
    .await
}

pub(super) async fn announcements(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let set = desk.announcements(actor, cve_id(&id)?)?;
        Ok(Json(json!({"set": set})))
    })
    .await
}

/// The digest an approval binds to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    digest: String,
}

pub(super) async fn approve_announcements(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let given: Approval = body.read()?;
        desk.approve_announcements(actor, id, digest(&given.digest)?)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn sent(
    State(door): State<Door>,
    caller: Caller,
    Path((id, announcement)): Path<(String, String)>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.note_sent(actor, cve_id(&id)?, &announcement)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn send(
    State(door): State<Door>,
    caller: Caller,
    Path((id, announcement)): Path<(String, String)>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.send_announcement(actor, cve_id(&id)?, &announcement)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// What a data map needs beside the draft.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Datamap {
    prs: Vec<u64>,
    issue: String,
}

pub(super) async fn datamap(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let wanted: Datamap = body.read()?;
        let yaml = desk.datamap(actor, id, &wanted.prs, &wanted.issue)?;
        Ok(Json(json!({"yaml": yaml})))
    })
    .await
}

pub(super) async fn templates(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"templates": desk.templates(actor)?})))
    })
    .await
}

pub(super) async fn rebuild(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Rebuilt>, Stop> {
    door.work(caller, |desk, actor| Ok(Json(desk.rebuild_public(actor)?)))
        .await
}

pub(super) async fn set_security_txt(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<SecurityTxt>, Stop> {
    door.work(caller, move |desk, actor| {
        let text: SecurityTxt = body.read()?;
        desk.set_security_txt(actor, &text)?;
        Ok(Json(text))
    })
    .await
}
