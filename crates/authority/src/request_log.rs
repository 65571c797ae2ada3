//! One line for each request, without anything that could be a secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cve::time::Timestamp;

/// What the log says of a request. There is no field for a path, a query, a
/// header or a body, because each can hold what is nobody else's business.
#[derive(Debug, Clone)]
pub struct RequestLine {
    /// When it was answered.
    pub at: Timestamp,
    /// A random UUID of its own.
    pub request_id: String,
    /// Its method; `-` for one HTTP does not know.
    pub method: &'static str,
    /// The pattern of its path, such as `/api/cve/:id`; `-` for a path that
    /// leads nowhere.
    pub route: String,
    /// The status of its answer.
    pub status: u16,
    /// From its head to its answer.
    pub took: Duration,
    /// Short name of the organisation whose key it carried.
    pub org: Option<String>,
}

/// Where lines of the log go.
#[derive(Clone)]
pub struct RequestLog(Arc<dyn Fn(&RequestLine) + Send + Sync>);

impl RequestLog {
    /// A log that gives each line to `write`, which must not wait.
    pub fn new(write: impl Fn(&RequestLine) + Send + Sync + 'static) -> RequestLog {
        RequestLog(Arc::new(write))
    }

    pub(crate) fn write(&self, line: &RequestLine) {
        (self.0)(line);
    }
}

impl fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestLog")
    }
}

/// A method as the log names it.
pub(crate) fn method(method: &axum::http::Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| method.as_str() == *known)
        .unwrap_or("-")
}
