//! Private distributors, and the packages they are sent.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{CaseId, Distributors, NewPackage, Package};
use cve::hash::Digest;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::body::JsonBody;
use super::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// A distributor to be added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDistributor {
    name: String,
    address: String,
    product: String,
}

/// A distributor to be removed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

/// The address of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListAddress {
    address: String,
}

/// The packages of a case.
#[derive(Debug, Serialize)]
pub(super) struct Packages {
    packages: Vec<Package>,
}

/// What is approved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    digest: Digest,
}

/// How a package is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sending {
    by_hand: bool,
}

/// What a member answered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    member: String,
    words: String,
    #[serde(default)]
    at: Option<Timestamp>,
}

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Distributors>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.distributors(actor)?))
    })
    .await
}

pub(super) async fn put(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewDistributor = body.read()?;
        desk.put_distributor(actor, &new.name, &new.address, &new.product)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn remove(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let Named { name } = body.read()?;
        desk.remove_distributor(actor, &name)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn set_list(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let ListAddress { address } = body.read()?;
        desk.set_distributors_list(actor, &address)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn packages(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Packages>, Stop> {
    door.work(caller, move |desk, actor| {
        let packages = desk.packages(actor, case_id(&id)?)?;
        Ok(Json(Packages { packages }))
    })
    .await
}

pub(super) async fn write(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Package>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let new: NewPackage = body.read()?;
        let made = desk.write_package(actor, id, &new)?;
        Ok((StatusCode::CREATED, Json(made)))
    })
    .await
}

pub(super) async fn approve(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
    body: JsonBody,
) -> Result<Json<Package>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let number = numbered(id, &number)?;
        let Approval { digest } = body.read()?;
        Ok(Json(desk.approve_package(actor, id, number, digest)?))
    })
    .await
}

pub(super) async fn send(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
    body: JsonBody,
) -> Result<Json<Package>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let number = numbered(id, &number)?;
        let Sending { by_hand } = body.read()?;
        Ok(Json(desk.send_package(actor, id, number, by_hand)?))
    })
    .await
}

pub(super) async fn answer(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Package>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let number = numbered(id, &number)?;
        let new: Answer = body.read()?;
        let noted = desk.note_package_answer(actor, id, number, &new.member, &new.words, new.at)?;
        Ok((StatusCode::CREATED, Json(noted)))
    })
    .await
}

fn numbered(id: CaseId, number: &str) -> Result<i64, Stop> {
    let shown: String = number.chars().take(32).collect();
    let unknown = |_| Stop::not_found(format!("package {shown} of case {id}"));
    number.parse().map_err(unknown)
}
