//! Mails that are handed in, one by one.

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use casework::{IncomingMail, MAX_MAIL_BYTES, MailFate};
use serde::Deserialize;

use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// How a mail is to be taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    product: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

/// How large and slow a mail may be as a body.
const LIMITS: http::Limits = http::Limits {
    max_body_bytes: MAX_MAIL_BYTES,
    ..crate::LIMITS
};

pub(super) async fn take(
    State(door): State<Door>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
    request: Request,
) -> Result<Response, Stop> {
    let caller = door.known(caller).await?;
    let bytes = LIMITS.read_body(request.into_body()).await?;
    let taken = door
        .work(caller, move |desk, actor| {
            let mail = IncomingMail::parse(&bytes)?;
            // Taken apart, it needs no second copy.
            drop(bytes);
            let product = wanted.product.as_deref();
            Ok(desk.take_mail(actor, &mail, product, wanted.dry_run)?)
        })
        .await?;
    let is_new = taken.fate == MailFate::Case && taken.case.is_some();
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(taken)).into_response())
}
