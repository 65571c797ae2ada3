//! A CVE Services, ours or the Program's, call by call.

mod ids;
mod orgs;
mod pages;
mod records;
mod users;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use cve::wire::ErrorBody;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::request::{path_encoded, with_query};
use crate::{Answer, Call, Credentials, Error, Method, Request};

pub use ids::{IdFilter, Reservation};
pub use users::UserChange;

/// One CVE Services as one account sees it.
#[derive(Debug, Clone)]
pub struct Services {
    base_url: String,
    credentials: Credentials,
    request: Arc<Request>,
    is_rehearsing: bool,
}

/// A successful answer: the document as it came, and its shape on demand.
pub struct Reply<T> {
    /// The address that answered.
    pub url: String,
    /// The HTTP status, 200 to 299. 206 is a partial reservation.
    pub status: u16,
    /// The document as it came; pages are joined into one list.
    pub raw: Value,
    is_reading: bool,
    shape: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Reply<T> {
    /// Without the document, which may hold a new key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("url", &self.url)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned> Reply<T> {
    /// The document in its shape.
    ///
    /// Refuses: `Unknown` when it does not have that shape. The server said
    /// it did the work, so whoever asked for work must look what it did.
    pub fn value(&self) -> Result<T, Error> {
        T::deserialize(&self.raw).map_err(|error| Error::Unknown {
            url: self.url.clone(),
            status: Some(self.status),
            what: format!("answered {} in another shape ({error})", self.status),
            is_reading: self.is_reading,
            raw: Vec::new(),
            retry_after_s: None,
        })
    }
}

impl Services {
    /// The services at `base_url`, such as `https://cveawg.mitre.org/api/`.
    ///
    /// A missing slash at the end is added, a query or fragment dropped.
    /// Nothing is checked or sent yet; a wrong address shows at the first
    /// request.
    pub fn new(base_url: &str, credentials: Credentials, request: Arc<Request>) -> Services {
        let base_url = base_url.split(['?', '#']).next().unwrap_or_default();
        let mut base_url = base_url.to_owned();
        // After `https://` alone, the first part of a path would be taken for
        // the host, and get the key.
        if !base_url.ends_with('/') || base_url.ends_with("://") {
            base_url.push('/');
        }
        Services {
            base_url,
            credentials,
            request,
            is_rehearsing: false,
        }
    }

    /// The same services, which read but change nothing.
    ///
    /// Gives: services whose first changing call ends with
    /// [`Error::Rehearsed`], which holds what would have been sent.
    pub fn rehearsing(mut self) -> Services {
        self.is_rehearsing = true;
        self
    }

    /// The address every path is put behind; ends in a slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The account that asks.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Checks that the service answers.
    ///
    /// Source: GET `/health-check`, whose body is empty.
    pub fn health(&self) -> Result<(), Error> {
        let answer = self.send(Method::Get, "health-check", &[], None)?;
        judge(&answer).map_or(Ok(()), Err)
    }

    /// Makes one request and reads its answer as JSON.
    fn ask<T>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Reply<T>, Error> {
        let answer = self.send(method, path, query, body)?;
        if let Some(error) = judge(&answer) {
            return Err(error);
        }
        match serde_json::from_slice(&answer.body) {
            Ok(raw) => Ok(Reply {
                url: answer.url,
                status: answer.status,
                raw,
                is_reading: answer.method == Method::Get,
                shape: PhantomData,
            }),
            Err(_) => {
                let what = format!("answered {} with a body that is not JSON", answer.status);
                Err(unknown(answer, what))
            }
        }
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        let url = with_query(&format!("{}{path}", self.base_url), query);
        if self.is_rehearsing && method != Method::Get {
            return Err(Error::Rehearsed {
                method,
                url,
                json: body.cloned().map(Box::new),
            });
        }
        self.request.send(&Call {
            method,
            url,
            headers: self.credentials.headers(),
            json: body.map(|value| value.to_string().into_bytes()),
        })
    }
}

/// Joins the parts of a path, each kept from leaving its place.
fn path(parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| path_encoded(part)).collect();
    parts.join("/")
}

/// The error an answer means, or `None` for a whole success.
fn judge(answer: &Answer) -> Option<Error> {
    match answer.status {
        200..=299 => {
            let what = if answer.is_cut {
                format!("answered more than {} bytes", answer.body.len())
            } else if let Some(failure) = &answer.body_failure {
                format!("broke off within its answer ({failure})")
            } else {
                return None;
            };
            Some(unknown(answer.clone(), what))
        }
        // Something in between may say "too slow" after passing the request on.
        408 => Some(unknown(answer.clone(), "answered 408".to_owned())),
        300..=499 => Some(refused(answer)),
        status => Some(unknown(answer.clone(), format!("answered {status}"))),
    }
}

fn refused(answer: &Answer) -> Error {
    let body: Option<ErrorBody> = serde_json::from_slice(&answer.body).ok();
    let (code, message, details) = match body {
        Some(body) => (
            Some(body.error),
            Some(body.message),
            body.details.map(Box::new),
        ),
        None => (None, None, None),
    };
    Error::Refused {
        url: answer.url.clone(),
        status: answer.status,
        code,
        message,
        details,
        raw: answer.body.clone(),
        retry_after_s: answer.retry_after_s,
    }
}

fn unknown(answer: Answer, what: String) -> Error {
    Error::Unknown {
        url: answer.url,
        status: Some(answer.status),
        what,
        is_reading: answer.method == Method::Get,
        raw: answer.body,
        retry_after_s: answer.retry_after_s,
    }
}
