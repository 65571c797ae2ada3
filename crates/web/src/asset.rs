//! The style sheet, inside the binary.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cve::hash::Digest;

use crate::portal::validator;

const STYLE: &str = include_str!("../static/cna.css");

/// Digest of the style sheet: part of its address, so that it can be kept
/// for a year and is asked for anew when it changed.
static STYLE_DIGEST: LazyLock<String> =
    LazyLock::new(|| Digest::of(STYLE.as_bytes()).to_string()[..16].to_owned());

/// Address of the style sheet.
pub(crate) fn style_url() -> String {
    format!("/static/{}/cna.css", *STYLE_DIGEST)
}

/// Answers with the style sheet when its digest is asked for.
pub(crate) async fn style(Path(digest): Path<String>, headers: HeaderMap) -> Response {
    if digest != *STYLE_DIGEST {
        return StatusCode::NOT_FOUND.into_response();
    }
    let etag = format!("\"{}\"", *STYLE_DIGEST);
    let kept = [
        (ETAG, etag.as_str()),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    if validator::matches(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}
