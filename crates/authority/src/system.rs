//! Whether the service is there.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::Anyone;
use crate::error::Error;
use crate::router::Authority;

/// GET /health-check: 200 without a body, and without asking the store.
///
/// Source: cve-services section 12.
pub(crate) fn health(_: &Authority, _: Anyone, _: &mut Call) -> Result<Answer, Error> {
    Ok(Answer::empty(StatusCode::OK))
}

/// GET /healthz: the process is there; whoever watches it need not restart it.
pub(crate) fn alive(_: &Authority, _: Anyone, _: &mut Call) -> Result<Answer, Error> {
    Ok(Answer::ok(&json!({"status": "up"})))
}

/// GET /readyz: the database answers, and the process has not been asked to
/// end; otherwise 503, and requests had better go to another node.
pub(crate) fn ready(authority: &Authority, _: Anyone, _: &mut Call) -> Result<Answer, Error> {
    let status = if authority.is_ending.load(Ordering::Relaxed) {
        "ending"
    } else {
        match authority.store.read(|reader| reader.last_change()) {
            Ok(_) => return Ok(Answer::ok(&json!({"status": "ready"}))),
            Err(failure) => {
                let failure: store::Error = failure;
                tracing::warn!(%failure, "the database does not answer");
                "database unavailable"
            }
        }
    };
    let body = json!({"status": status});
    Ok(Answer::json(StatusCode::SERVICE_UNAVAILABLE, &body))
}
