//! Why a request got no answer, in words and in a status.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use casework::{Busy, Error, Refusal};
use cve::check::Finding;
use http::Failure;
use serde_json::json;

/// Why a request got no answer.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The desk did not do it.
    Desk(Error),
    /// Something between the client and the desk failed.
    Failed(Failure),
    /// Too much came from there; come back later.
    Busy(Busy),
    /// The request itself cannot be read.
    Request {
        status: StatusCode,
        code: &'static str,
        message: String,
    },
}

/// What is told about it.
#[derive(Debug, Clone)]
pub(crate) struct Explanation {
    pub(crate) status: StatusCode,
    /// A stable word for the situation.
    pub(crate) code: &'static str,
    /// Safe to show.
    pub(crate) message: String,
    /// What is wrong with a draft, where that is the reason.
    pub(crate) findings: Vec<Finding>,
    /// Seconds after which to come back; nothing where waiting does not help.
    pub(crate) retry_after_s: Option<i64>,
}

/// What is said when the fault is ours; the cause is in the log.
const BROKEN: &str = "something broke on this server; its log says what";

impl Stop {
    pub(crate) fn request(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Stop {
        let message = message.into();
        Stop::Request {
            status,
            code,
            message,
        }
    }

    /// `what` was not found; the same words whether it is missing or hidden.
    pub(crate) fn not_found(what: impl Into<String>) -> Stop {
        Stop::Desk(Refusal::NotFound { what: what.into() }.into())
    }

    /// A value of the request cannot be used.
    pub(crate) fn invalid(field: &str, problem: impl Into<String>) -> Stop {
        let (field, problem) = (field.to_owned(), problem.into());
        Stop::Desk(Refusal::Invalid { field, problem }.into())
    }

    /// Says whether it is that nobody valid was asking.
    pub(crate) fn is_not_signed_in(&self) -> bool {
        matches!(self, Stop::Desk(Error::Refused(Refusal::NotSignedIn(_))))
    }

    /// Says what is told, and logs what is not.
    pub(crate) fn explain(self) -> Explanation {
        let retry_after_s = match &self {
            Stop::Busy(busy) => Some(busy.retry_after_s),
            _ => None,
        };
        let (status, code, message, findings) = match self {
            Stop::Desk(Error::Refused(refusal)) => {
                let (status, code) = (status_of(&refusal), refusal.code());
                let message = refusal.to_string();
                let findings = match refusal {
                    Refusal::Findings(findings) | Refusal::Unacknowledged(findings) => findings,
                    _ => Vec::new(),
                };
                (status, code, message, findings)
            }
            Stop::Desk(error) => {
                tracing::error!(%error, "a request failed");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                (status, "broken", BROKEN.to_owned(), Vec::new())
            }
            Stop::Failed(failure) => {
                let code = failure_code(failure);
                (failure.status(), code, failure.to_string(), Vec::new())
            }
            Stop::Busy(busy) => {
                let message = format!(
                    "too much that does not work was tried from this address: wait {} seconds, \
                     then sign in with a link or token that works",
                    busy.retry_after_s
                );
                let status = StatusCode::TOO_MANY_REQUESTS;
                (status, "too_many_attempts", message, Vec::new())
            }
            Stop::Request {
                status,
                code,
                message,
            } => (status, code, message, Vec::new()),
        };
        Explanation {
            status,
            code,
            message,
            findings,
            retry_after_s,
        }
    }
}

/// The status that goes with a refusal.
///
/// Source: RFC 9110 section 15.5; 409 wherever the same request could succeed
/// once the case has moved on.
fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        Refusal::NotSignedIn(_) => StatusCode::UNAUTHORIZED,
        Refusal::NotAllowed { .. }
        | Refusal::OwnDraft { .. }
        | Refusal::OwnProposal { .. }
        | Refusal::OwnCount { .. } => StatusCode::FORBIDDEN,
        Refusal::WrongState { .. }
        | Refusal::Stale { .. }
        | Refusal::Conflict { .. }
        | Refusal::NotApproved { .. }
        | Refusal::LastAdministrator { .. }
        | Refusal::Findings(_)
        | Refusal::Unacknowledged(_)
        | Refusal::NothingNew { .. }
        | Refusal::ProposalState { .. }
        | Refusal::Frozen { .. }
        | Refusal::MustReject { .. }
        | Refusal::NotConfirmed { .. }
        | Refusal::DecisionChanged { .. }
        | Refusal::Checklist(_)
        | Refusal::Planned { .. }
        | Refusal::OnItsWay { .. } => StatusCode::CONFLICT,
        Refusal::Report(_)
        | Refusal::UnknownProduct { .. }
        | Refusal::Answer(_)
        | Refusal::RefusedAnswer(_)
        | Refusal::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn failure_code(failure: Failure) -> &'static str {
    match failure {
        Failure::Panic => "broken",
        Failure::Stopping => "stopping",
        Failure::TimedOut => "timed_out",
        Failure::TooLarge { .. } => "too_large",
        Failure::Broken => "incomplete",
        Failure::Slow => "slow",
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Desk(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Desk(refusal.into())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

impl IntoResponse for Stop {
    /// The envelope of the API; pages are made from [`Stop::explain`].
    fn into_response(self) -> Response {
        self.explain().into_response()
    }
}

impl IntoResponse for Explanation {
    fn into_response(self) -> Response {
        let mut body = json!({"error": self.code, "message": self.message});
        if !self.findings.is_empty() {
            body["findings"] = json!(self.findings);
        }
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 11.6.1: a 401 names the way in.
            http::headers::stamp(
                response.headers_mut(),
                &[("www-authenticate", "Bearer realm=\"desk\"")],
            );
        }
        response
    }
}
