//! Whether the service is there.

use axum::http::StatusCode;

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
