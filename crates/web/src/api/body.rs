//! Bodies of requests: read whole, in the media type the route takes.
//!
//! Reading JSON is left to the moment after the caller is known, so that
//! whoever is not signed in learns nothing about what a body should hold.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::LIMITS;
use crate::stop::Stop;

/// A body of `application/json` that is not read yet.
pub(crate) struct JsonBody(Bytes);

impl JsonBody {
    /// Reads it.
    ///
    /// Refuses: `invalid_body`, with the place in the text.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Stop> {
        serde_json::from_slice(&self.0).map_err(|error| {
            let message = format!("the body cannot be read: {error}");
            Stop::request(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", message)
        })
    }

    /// Reads it, or takes what an empty body means.
    pub(crate) fn read_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Stop> {
        if self.0.is_empty() {
            return Ok(T::default());
        }
        self.read()
    }
}

impl<S: Sync> FromRequest<S> for JsonBody {
    type Rejection = Stop;

    async fn from_request(request: Request, _: &S) -> Result<JsonBody, Stop> {
        Ok(JsonBody(read(request, "application/json").await?))
    }
}

/// A report: a body of `text/markdown`, or the same text as `report` in a
/// JSON object, for clients that send nothing else.
pub(crate) enum ReportBody {
    /// The text itself.
    Markdown(Bytes),
    /// An object around the text.
    Json(JsonBody),
}

/// The object around a report.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    report: String,
}

impl ReportBody {
    /// The text.
    ///
    /// Refuses: `invalid_body` where it is not UTF-8, or not the object.
    pub(crate) fn text(&self) -> Result<Cow<'_, str>, Stop> {
        match self {
            ReportBody::Markdown(bytes) => {
                std::str::from_utf8(bytes)
                    .map(Cow::Borrowed)
                    .map_err(|error| {
                        let message = format!("the body is not UTF-8: {error}");
                        Stop::request(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", message)
                    })
            }
            ReportBody::Json(body) => Ok(Cow::Owned(body.read::<Wrapped>()?.report)),
        }
    }
}

impl<S: Sync> FromRequest<S> for ReportBody {
    type Rejection = Stop;

    async fn from_request(request: Request, _: &S) -> Result<ReportBody, Stop> {
        let found = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if found.is_some_and(|found| found.starts_with("application/json")) {
            return Ok(ReportBody::Json(JsonBody(
                read(request, "application/json").await?,
            )));
        }
        Ok(ReportBody::Markdown(read(request, "text/markdown").await?))
    }
}

async fn read(request: Request, expected: &'static str) -> Result<Bytes, Stop> {
    let found = request
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or_default().to_owned());
    let body = LIMITS.read_body(request.into_body()).await?;
    let essence = found.as_deref().unwrap_or_default().split(';').next();
    let fits = essence.is_some_and(|found| found.trim().eq_ignore_ascii_case(expected));
    // Nothing to read has no media type.
    if fits || (found.is_none() && body.is_empty()) {
        return Ok(body);
    }
    Err(Stop::request(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "wrong_content_type",
        format!("the body is not `{expected}`: say so in `Content-Type`"),
    ))
}
