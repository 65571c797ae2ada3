//! The catalogue with everything that is known of a product, and mail.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use casework::{CatalogueEntry, CatalogueImport, MailServer, MailTls};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn list(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"products": desk.catalogue(actor)?})))
    })
    .await
}

/// Products to be taken over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportBody {
    products: Vec<CatalogueEntry>,
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn import(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<CatalogueImport>, Stop> {
    door.work(caller, move |desk, actor| {
        let body: ImportBody = body.read()?;
        Ok(Json(desk.import_catalogue(
            actor,
            &body.products,
            body.dry_run,
        )?))
    })
    .await
}

/// A product, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

pub(super) async fn remove(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let Named { name } = body.read()?;
        desk.remove_product(actor, &name)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn mail(State(door): State<Door>, caller: Caller) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!(desk.mail_server(actor)?)))
    })
    .await
}

/// A mail server. It has no `Debug`: it holds a password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailBody {
    host: String,
    port: u16,
    tls: MailTls,
    #[serde(default)]
    user: String,
    password: Option<String>,
    from: String,
    #[serde(default)]
    may_carry_texts: bool,
}

pub(super) async fn set_mail(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<MailServer>, Stop> {
    door.work(caller, move |desk, actor| {
        let body: MailBody = body.read()?;
        let server = MailServer {
            host: body.host,
            port: body.port,
            tls: body.tls,
            user: body.user,
            from: body.from,
            may_carry_texts: body.may_carry_texts,
        };
        desk.set_mail_server(actor, &server, body.password.as_deref())?;
        Ok(Json(server))
    })
    .await
}

/// Where a test goes to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestBody {
    to: String,
}

pub(super) async fn test_mail(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let TestBody { to } = body.read()?;
        let followup = desk.test_mail(actor, &to)?;
        Ok((StatusCode::ACCEPTED, Json(json!({"followup": followup}))))
    })
    .await
}
