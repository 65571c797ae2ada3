//! What a server says when something broke.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Something broke on our side; each server puts it in its own envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The work panicked; it was logged, and nothing of it was kept.
    #[error("something broke while the request was worked on")]
    Panic,
    /// The process is ending; ask again.
    #[error("the server is stopping, try again in a moment")]
    Stopping,
    /// The request took longer than a request may; it may still be carried out.
    #[error("the request took too long")]
    TimedOut,
    /// The body is larger than it may be.
    #[error("the request is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit it broke.
        max_bytes: usize,
    },
    /// The connection broke while the body was read.
    #[error("the body of the request did not arrive whole")]
    Broken,
    /// The body took longer to arrive than a body may; send it again.
    #[error("the body of the request did not arrive in time")]
    Slow,
}

impl Failure {
    /// The status that says so.
    ///
    /// Source: RFC 9110 section 15.
    pub fn status(self) -> StatusCode {
        match self {
            Failure::Panic => StatusCode::INTERNAL_SERVER_ERROR,
            Failure::Stopping | Failure::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Failure::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::Broken => StatusCode::BAD_REQUEST,
            Failure::Slow => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

impl IntoResponse for Failure {
    /// A plain sentence; servers with an envelope of their own do not use it.
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}
