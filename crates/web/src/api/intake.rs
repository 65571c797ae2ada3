//! How a case came in, its attachments, and the link of its reporter.

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use casework::{Arrived, Attachment, File};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::cases::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn arrived(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Option<Arrived>>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.arrived(actor, case_id(&id)?)?))
    })
    .await
}

pub(super) async fn confidential(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let text = desk.confidential(actor, case_id(&id)?)?;
        Ok(Json(json!({"confidential": text})))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewProduct {
    product: String,
}

pub(super) async fn set_product(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let NewProduct { product } = body.read()?;
        desk.set_product(actor, case_id(&id)?, &product)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewQuestion {
    body: String,
}

pub(super) async fn ask(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<casework::Sending>, Stop> {
    door.work(caller, move |desk, actor| {
        let NewQuestion { body } = body.read()?;
        Ok(Json(desk.ask_reporter(actor, case_id(&id)?, &body)?))
    })
    .await
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Renewal {
    #[serde(default)]
    only_revoke: bool,
}

pub(super) async fn renew_link(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let Renewal { only_revoke } = body.read_or_default()?;
        let secret = desk.renew_link(actor, id, only_revoke)?;
        let arrived = desk.arrived(actor, id)?;
        let mut answer = json!({"reference": arrived.map(|arrived| arrived.reference)});
        if let Some(secret) = secret {
            let url = format!("{}/status/{}", desk.portal_url(), secret.reveal());
            answer["url"] = json!(url);
        }
        Ok(Json(answer))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DateTold {
    told: bool,
}

pub(super) async fn tell_date(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let DateTold { told } = body.read()?;
        desk.tell_date(actor, case_id(&id)?, told)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn attachments(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    let attachments: Vec<Attachment> = door
        .work(caller, move |desk, actor| {
            Ok(desk.attachments(actor, case_id(&id)?)?)
        })
        .await?;
    Ok(Json(json!({"attachments": attachments})))
}

/// What the file is called.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    name: String,
}

/// How large an attachment may be as a body.
const LIMITS: http::Limits = http::Limits {
    max_body_bytes: casework::MAX_ATTACHMENT_BYTES,
    ..crate::LIMITS
};

pub(super) async fn attach(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    Query(named): Query<Named>,
    request: Request,
) -> Result<Response, Stop> {
    let caller = door.known(caller).await?;
    let bytes = LIMITS.read_body(request.into_body()).await?;
    let attachment = door
        .work(caller, move |desk, actor| {
            let file = File {
                name: named.name,
                bytes: bytes.into(),
            };
            Ok(desk.attach(actor, case_id(&id)?, file)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(attachment)).into_response())
}

/// Bytes that no browser shows or runs: the name says nothing about the type,
/// and neither does the answer.
pub(super) async fn attachment(
    State(door): State<Door>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, Stop> {
    door.work(caller, move |desk, actor| {
        let id = case_id(&id)?;
        let number = number
            .parse()
            .map_err(|_| Stop::not_found(format!("this attachment of case {id}")))?;
        let (attachment, bytes) = desk.attachment(actor, id, number)?;
        let headers = [
            (CONTENT_TYPE, "application/octet-stream".to_owned()),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (CONTENT_DISPOSITION, disposition(&attachment.name)),
        ];
        Ok((headers, bytes).into_response())
    })
    .await
}

/// The header that says: save it, under this name.
///
/// Source: RFC 6266 section 4, RFC 8187 section 3.2.
fn disposition(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_header_is_encoded_to_plain_letters() {
        assert_eq!(
            disposition("a \"ä\".png"),
            "attachment; filename*=UTF-8''a%20%22%C3%A4%22.png"
        );
    }
}
