//! Strong validators: what has not changed is not sent again.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cve::hash::Digest;

/// How long anybody may keep what is public.
const PUBLIC: &str = "public, max-age=60";

/// An answer that anybody may keep for a minute, or the word that it has not
/// changed.
///
/// Source: RFC 9110 section 8.8 and 15.4.5; RFC 9111.
pub(crate) fn kept(headers: &HeaderMap, content_type: &str, body: Vec<u8>) -> Response {
    let etag = format!("\"{}\"", &Digest::of(&body).to_string()[..32]);
    let kept = [(ETAG, etag.as_str()), (CACHE_CONTROL, PUBLIC)];
    if matches(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(CONTENT_TYPE, content_type)], body).into_response()
}

/// An answer without a body that anybody may keep for a minute.
pub(crate) fn kept_redirect(location: &str) -> Response {
    let headers = [("location", location), ("cache-control", PUBLIC)];
    (StatusCode::FOUND, headers).into_response()
}

/// Says whether the client has what `etag` names.
pub(crate) fn matches(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|given| given == "*" || given.trim_start_matches("W/") == etag)
}
