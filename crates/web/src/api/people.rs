//! People, and what they prove themselves with.

use std::str::FromStr;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::{NewToken, Person, Role};
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
        let roles: Vec<Role> = parsed("roles", &new.roles)?;
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

/// The roles of a person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoles {
    roles: Vec<String>,
}

pub(super) async fn set_roles(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<Json<Person>, Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewRoles = body.read()?;
        let roles = parsed("roles", &new.roles)?;
        Ok(Json(desk.set_roles(actor, &name, &roles)?))
    })
    .await
}

pub(super) async fn leave(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<Person>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.leave(actor, &name)?))
    })
    .await
}

fn parsed<T: FromStr<Err = String>>(field: &'static str, words: &[String]) -> Result<Vec<T>, Stop> {
    let parsed: Result<Vec<T>, String> = words.iter().map(|word| word.parse()).collect();
    parsed.map_err(|problem| Stop::invalid(field, problem))
}

/// Whose tokens are meant.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    person: Option<String>,
}

pub(super) async fn tokens(
    State(door): State<Door>,
    caller: Caller,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let tokens = desk.tokens(actor, whose.person.as_deref())?;
        Ok(Json(json!({"tokens": tokens})))
    })
    .await
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    label: String,
    scopes: Option<Vec<String>>,
    #[serde(default = "year")]
    days: u16,
}

fn year() -> u16 {
    365
}

pub(super) async fn token(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let body: TokenBody = body.read()?;
        let scopes = body.scopes.as_deref();
        let new = NewToken {
            scopes: scopes.map(|words| parsed("scopes", words)).transpose()?,
            label: body.label,
            days: body.days,
        };
        let (token, secret) = desk.new_token(actor, &new)?;
        let mut answer = json!({"token": secret.reveal()});
        if let (Some(answer), Some(token)) = (answer.as_object_mut(), json!(token).as_object()) {
            answer.extend(token.clone());
        }
        Ok((StatusCode::CREATED, Json(answer)))
    })
    .await
}

pub(super) async fn revoke(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let whose: Whose = body.read_or_default()?;
        desk.revoke_token(actor, whose.person.as_deref(), &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
