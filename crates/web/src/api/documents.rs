//! Documents of others, filed as reports.

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use casework::{File, MAX_ATTACHMENT_BYTES};
use serde::Deserialize;

use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// What the document is called, and what it is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    #[serde(default)]
    name: String,
    product: Option<String>,
}

/// How large a document may be: it is attached as it is.
const LIMITS: http::Limits = http::Limits {
    max_body_bytes: MAX_ATTACHMENT_BYTES,
    ..crate::LIMITS
};

pub(super) async fn receive(
    State(door): State<Door>,
    caller: Caller,
    Query(named): Query<Named>,
    request: Request,
) -> Result<Response, Stop> {
    let caller = door.known(caller).await?;
    let bytes = LIMITS.read_body(request.into_body()).await?;
    let filed = door
        .work(caller, move |desk, actor| {
            let file = File {
                name: named.name,
                bytes: bytes.into(),
            };
            Ok(desk.file_document(actor, file, named.product.as_deref())?)
        })
        .await?;
    let location = [(LOCATION, format!("/desk/v1/cases/{}", filed.id))];
    Ok((StatusCode::CREATED, location, Json(filed)).into_response())
}
