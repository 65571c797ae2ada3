//! Handing a report over to another CNA.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::Routing;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::cases::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn set_partners(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let list: Value = body.read()?;
        let partners = desk.set_partners(actor, &list.to_string())?;
        Ok(Json(json!({"partners": partners})))
    })
    .await
}

/// What is looked for, and to whom a letter goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    product: Option<String>,
    to: Option<String>,
    #[serde(default)]
    public: bool,
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Routing>, Stop> {
    door.work(caller, move |desk, actor| {
        let (product, to) = (wanted.product.as_deref(), wanted.to.as_deref());
        let id = case_id(&id)?;
        Ok(Json(desk.routing(actor, id, product, to, wanted.public)?))
    })
    .await
}

/// A letter to a partner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRouting {
    to: String,
    body: String,
}

pub(super) async fn draft(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewRouting = body.read()?;
        let number = desk.draft_routing(actor, case_id(&id)?, &new.to, &new.body)?;
        Ok((StatusCode::CREATED, Json(json!({"number": number}))))
    })
    .await
}
