//! The organisation, its products and its CVE Services accounts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use casework::{Account, ApiKey, NewAccount, Organisation, Product};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn organisation(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Organisation>, Stop> {
    door.work(caller, |desk, _| {
        let organisation = desk.organisation()?;
        organisation
            .map(Json)
            .ok_or_else(|| Stop::not_found("the organisation"))
    })
    .await
}

pub(super) async fn set_organisation(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Organisation>, Stop> {
    door.work(caller, move |desk, actor| {
        let organisation: Organisation = body.read()?;
        desk.set_organisation(actor, &organisation)?;
        Ok(Json(organisation))
    })
    .await
}

pub(super) async fn products(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, _| {
        Ok(Json(json!({"products": desk.products()?})))
    })
    .await
}

pub(super) async fn put_product(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Product>, Stop> {
    door.work(caller, move |desk, actor| {
        let product: Product = body.read()?;
        desk.put_product(actor, &product)?;
        Ok(Json(product))
    })
    .await
}

pub(super) async fn accounts(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"accounts": desk.accounts(actor)?})))
    })
    .await
}

/// An account to be added. It has no `Debug`: it holds a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    name: String,
    environment: String,
    base_url: String,
    org: String,
    username: String,
    key: String,
}

pub(super) async fn add_account(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<Account>), Stop> {
    door.work(caller, move |desk, actor| {
        let body: AccountBody = body.read()?;
        let account = Account {
            name: body.name,
            environment: body.environment,
            base_url: body.base_url,
            org: body.org,
            username: body.username,
            key_age_days: 0,
        };
        let new = NewAccount {
            name: account.name.clone(),
            environment: account.environment.clone(),
            base_url: account.base_url.clone(),
            org: account.org.clone(),
            username: account.username.clone(),
            key: ApiKey::new(body.key),
        };
        desk.add_account(actor, new)?;
        Ok((StatusCode::CREATED, Json(account)))
    })
    .await
}
