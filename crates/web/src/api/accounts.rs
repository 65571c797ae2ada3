//! CVE Services accounts after they were added: tested, given a key, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{AccountTest, ApiKey};
use serde::Deserialize;

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn test(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<AccountTest>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.test_account(actor, &name)?))
    })
    .await
}

/// A key. It has no `Debug`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    key: String,
}

pub(super) async fn set_key(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<Json<AccountTest>, Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewKey = body.read()?;
        let key = ApiKey::new(new.key);
        Ok(Json(desk.set_account_key(actor, &name, key)?))
    })
    .await
}

pub(super) async fn remove(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.remove_account(actor, &name)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
