//! One line for each request, without anything that could be a secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cve::time::Timestamp;
use cve::world::World;

/// What the log says of a request. There is no field for a path, a query, a
/// header or a body, because each can hold what is nobody else's business.
#[derive(Debug, Clone)]
pub struct RequestLine {
    /// When it was answered.
    pub at: Timestamp,
    /// Random bytes of its own; [`RequestLine::request_id`] is their UUID.
    pub random: [u8; 16],
    /// Its method; `-` for one HTTP does not know.
    pub method: &'static str,
    /// The pattern of its path, such as `/api/cve/:id`; `-` for a path that
    /// leads nowhere.
    pub route: Arc<str>,
    /// The status of its answer.
    pub status: u16,
    /// From its head to its answer.
    pub took: Duration,
    /// Short name of the organisation whose key it carried.
    pub org: Option<String>,
}

impl RequestLine {
    /// A UUID for this request and no other. Written out where the line is,
    /// and not while somebody waits for an answer.
    ///
    /// Source: RFC 9562 section 5.4.
    pub fn request_id(&self) -> String {
        World::uuid_of(self.random)
    }

    /// How long it took, in milliseconds to three places.
    pub fn took_ms(&self) -> f64 {
        let us = (self.took.as_secs_f64() * 1_000_000.0).round();
        us / 1000.0
    }

    /// Adds the line as a JSON document, with its end.
    pub fn add_json(&self, text: &mut Vec<u8>) {
        let document = Document {
            time: self.at,
            request_id: self.request_id(),
            method: self.method,
            route: &self.route,
            status: self.status,
            duration_ms: self.took_ms(),
            org: self.org.as_deref(),
        };
        // Memory takes everything that is written to it.
        let _ = serde_json::to_writer(&mut *text, &document);
        text.push(b'\n');
    }
}

/// A line as it is written.
#[derive(serde::Serialize)]
struct Document<'a> {
    time: Timestamp,
    request_id: String,
    method: &'a str,
    route: &'a str,
    status: u16,
    duration_ms: f64,
    org: Option<&'a str>,
}

/// Where lines of the log go.
#[derive(Clone)]
pub struct RequestLog(Arc<dyn Fn(RequestLine) + Send + Sync>);

impl RequestLog {
    /// A log that gives each line to `write`, which must not wait.
    pub fn new(write: impl Fn(RequestLine) + Send + Sync + 'static) -> RequestLog {
        RequestLog(Arc::new(write))
    }

    pub(crate) fn write(&self, line: RequestLine) {
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
