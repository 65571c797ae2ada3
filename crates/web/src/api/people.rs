//! People, and what they prove themselves with.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{Person, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn me(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |_, actor| {
        Ok(Json(json!({"name": actor.name(), "roles": actor.roles()})))
    })
    .await
}

pub(super) async fn list(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"people": desk.people(actor)?})))
    })
    .await
}

/// A person to be added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    name: String,
    #[serde(default)]
    full_name: String,
    roles: Vec<String>,
}

pub(super) async fn add(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<Person>), Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewPerson = body.read()?;
        let roles: Result<Vec<Role>, String> = new.roles.iter().map(|role| role.parse()).collect();
        let roles = roles.map_err(|problem| Stop::invalid("roles", problem))?;
        let person = desk.add_person(actor, &new.name, &new.full_name, &roles)?;
        Ok((StatusCode::CREATED, Json(person)))
    })
    .await
}

pub(super) async fn invite(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let link = desk.invite(actor, &name)?;
        let url = format!("{}/sign-in?link={}", desk.portal_url(), link.reveal());
        Ok((StatusCode::CREATED, Json(json!({"url": url}))))
    })
    .await
}

/// What a token is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    label: String,
}

pub(super) async fn token(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewToken = body.read()?;
        if new.label.trim().is_empty() {
            return Err(Stop::invalid(
                "label",
                "it is empty: say what the token is for",
            ));
        }
        let token = desk.issue_token(actor, &new.label)?;
        Ok((StatusCode::CREATED, Json(json!({"token": token.reveal()}))))
    })
    .await
}
