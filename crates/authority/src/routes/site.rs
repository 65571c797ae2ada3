//! Documentation for people and programs.
//!
//! Source: cve-services section 1 (base path).

use axum::http::StatusCode;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::Anyone;
use crate::error::{Error, Refusal};
use crate::router::Authority;
use crate::schemas;

/// GET /api-docs/; without the slash, the way to it.
pub(crate) fn documentation(
    authority: &Authority,
    _: Anyone,
    call: &mut Call,
) -> Result<Answer, Error> {
    if !call.ends_in_slash {
        let moved = Answer::empty(StatusCode::MOVED_PERMANENTLY);
        return Ok(moved.header("location", "/api-docs/"));
    }
    Ok(Answer::page(authority.documents.page.clone()))
}

/// GET /api-docs/openapi.json.
pub(crate) fn openapi(authority: &Authority, _: Anyone, _: &mut Call) -> Result<Answer, Error> {
    Ok(Answer::text(authority.documents.openapi.clone()))
}

/// GET /schemas/:folder/:file.
pub(crate) fn schema(_: &Authority, _: Anyone, call: &mut Call) -> Result<Answer, Error> {
    let name = call.path("file").strip_suffix(".json");
    let found = name.and_then(|name| schemas::schema(&format!("{}/{name}", call.path("folder"))));
    Ok(Answer::ok(&found.ok_or(Refusal::NotFound)?))
}
