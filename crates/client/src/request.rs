//! The one door for every outgoing request: limits, policy, and an honest
//! account of how far a request came.

mod address;
mod redirect;
mod transport;
mod url;

use std::fmt;
use std::time::Duration;

use ureq::Agent;

use crate::Error;
use redirect::Step;

pub use address::Addresses;
pub(crate) use url::{path_encoded, with_query};

/// How requests are made.
#[derive(Clone)]
pub struct Settings {
    /// Longest wait for a name to be resolved, and again for a connection
    /// with its TLS.
    pub connect_timeout_ms: u64,
    /// Longest silence while sending or receiving.
    pub read_timeout_ms: u64,
    /// Longest time for one request from start to end, redirects apart.
    pub total_timeout_ms: u64,
    /// Longest answer that is read.
    pub max_body_bytes: u64,
    /// How many redirects a reading request follows; 0 for none.
    pub max_redirects: u32,
    /// The proxy for every request, such as `http://user:pass@proxy:3128`.
    /// With one, the names of servers are resolved by the proxy, so its own
    /// rules must keep it from private addresses.
    pub proxy: Option<String>,
    /// Which addresses may be connected to.
    pub addresses: Addresses,
    /// Certificates in PEM to trust beside the public roots.
    pub extra_ca_pem: Option<Vec<u8>>,
}

impl Default for Settings {
    /// Public addresses only, 10 s to connect, 60 s in all, 16 MB answers.
    ///
    /// Source: our choice; 60 s is what the Program's own client waits.
    fn default() -> Settings {
        Settings {
            connect_timeout_ms: 10_000,
            read_timeout_ms: 60_000,
            total_timeout_ms: 60_000,
            max_body_bytes: 16 * 1024 * 1024,
            max_redirects: 5,
            proxy: None,
            addresses: Addresses::Public,
            extra_ca_pem: None,
        }
    }
}

impl fmt::Debug for Settings {
    /// Without the proxy's address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("read_timeout_ms", &self.read_timeout_ms)
            .field("total_timeout_ms", &self.total_timeout_ms)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("max_redirects", &self.max_redirects)
            .field("has_proxy", &self.proxy.is_some())
            .field("addresses", &self.addresses)
            .field("has_extra_ca", &self.extra_ca_pem.is_some())
            .finish()
    }
}

/// Settings that cannot work; found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The proxy is not an address such as `http://proxy.example:3128`.
    #[error("the proxy is not an address; write it as `http://proxy.example:3128`")]
    Proxy,
    /// The CA file holds no certificate in PEM.
    #[error("the CA file holds no certificate; give it in PEM, `-----BEGIN CERTIFICATE-----`")]
    ExtraCa,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads; may be repeated, redirected and use a kept connection.
    Get,
    /// Does something; always on a fresh connection and never redirected.
    Post,
    /// As `Post`.
    Put,
}

impl Method {
    fn as_http(self) -> ureq::http::Method {
        match self {
            Method::Get => ureq::http::Method::GET,
            Method::Post => ureq::http::Method::POST,
            Method::Put => ureq::http::Method::PUT,
        }
    }
}

/// One request to be made.
#[derive(Clone)]
pub struct Call {
    /// What to do.
    pub method: Method,
    /// The whole address, `http` or `https`.
    pub url: String,
    /// Names and values; values may be secret.
    pub headers: Vec<(&'static str, String)>,
    /// The body, sent as JSON.
    pub json: Option<Vec<u8>>,
}

impl fmt::Debug for Call {
    /// Without headers and body, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// A reading request without headers.
    pub fn get(url: impl Into<String>) -> Call {
        Call {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            json: None,
        }
    }
}

/// An answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub method: Method,
    /// The address that answered in the end.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`, when it is text.
    pub content_type: Option<String>,
    /// The body, whole or cut at the limit.
    pub body: Vec<u8>,
    /// The body was longer than the limit and is cut.
    pub is_cut: bool,
    /// Why the body could not be read to its end, if so.
    pub body_failure: Option<String>,
    /// `Retry-After`, when it is a number of seconds.
    pub retry_after_s: Option<u32>,
    location: Option<String>,
    limit: Limit,
}

/// What the headers of an answer say of the server's limit of requests.
///
/// Source: the headers `X-RateLimit-Remaining` and `X-RateLimit-Reset` of the
/// GitHub REST API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// How many requests are left.
    pub(crate) left: Option<u32>,
    /// From when on there are more, in seconds since 1970.
    pub(crate) reset_s: Option<i64>,
}

impl fmt::Debug for Answer {
    /// Without the body, which may hold a new key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("url", &self.url)
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// The address a redirect points to.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// What the server says of its limit of requests.
    pub(crate) fn limit(&self) -> Limit {
        self.limit
    }
}

/// Makes requests. Cheap to make; TLS is set up at the first `https` request.
pub struct Request {
    reading: Agent,
    writing: Agent,
    settings: Settings,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Builds the door with its settings.
    ///
    /// Refuses: a proxy that is no address, a CA file without a certificate.
    pub fn new(settings: Settings) -> Result<Request, InvalidSettings> {
        Ok(Request {
            // A kept connection that the server just closed fails in a way
            // that looks as if the request might have arrived. Reading does
            // not mind; writing would leave a question open, so it never
            // uses one.
            reading: transport::agent(&settings, 4)?,
            writing: transport::agent(&settings, 0)?,
            settings,
        })
    }

    /// The settings it was built with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends `call` and reads the answer, of any status.
    ///
    /// A reading request follows redirects; its headers go along only within
    /// the same scheme, host and port. Anything else, and one redirect too
    /// many, gives the redirect back.
    ///
    /// Refuses: `NotSent` and `Unknown`; never `Refused`, which is the
    /// judgement of who knows what the status means.
    pub fn send(&self, call: &Call) -> Result<Answer, Error> {
        let mut call = call.clone();
        let mut redirects_left = self.settings.max_redirects;
        loop {
            let answer = self.send_once(&call)?;
            match redirect::next(&call, &answer) {
                Step::Follow(next) if redirects_left > 0 => call = next,
                Step::Follow(_) | Step::Done => return Ok(answer),
            }
            redirects_left -= 1;
        }
    }

    /// Sends `call` and reads the answer, also where it points elsewhere: for
    /// whoever has to know that something moved.
    ///
    /// Refuses: as [`send`](Request::send).
    pub(crate) fn send_once(&self, call: &Call) -> Result<Answer, Error> {
        let uri = url::check(&call.url).map_err(|what| not_sent(call, what))?;
        if !self
            .settings
            .addresses
            .allows_host(uri.host().unwrap_or_default())
        {
            return Err(not_sent(call, address::FORBIDDEN.to_owned()));
        }
        let mut request = ureq::http::Request::builder()
            .method(call.method.as_http())
            .uri(&call.url);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if call.json.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let response = match &call.json {
            Some(body) => request
                .body(body.as_slice())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent(call.method).run(request)),
            None => request
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent(call.method).run(request)),
        };
        match response {
            Ok(response) => Ok(self.read(call, response)),
            Err(error) => Err(transport::classify(call, &self.settings, error)),
        }
    }

    fn agent(&self, method: Method) -> &Agent {
        match method {
            Method::Get => &self.reading,
            Method::Post | Method::Put => &self.writing,
        }
    }

    fn read(&self, call: &Call, mut response: ureq::http::Response<ureq::Body>) -> Answer {
        let text = |name: &str| {
            let value = response.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let (content_type, location) = (text("content-type"), text("location"));
        let retry_after_s = text("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        let limit = Limit {
            left: text("x-ratelimit-remaining").and_then(|left| left.trim().parse().ok()),
            reset_s: text("x-ratelimit-reset").and_then(|at| at.trim().parse().ok()),
        };
        let status = response.status().as_u16();
        let max_bytes = self.settings.max_body_bytes;
        let (body, is_cut, body_failure) = transport::read_body(response.body_mut(), max_bytes);
        Answer {
            method: call.method,
            url: call.url.clone(),
            status,
            content_type,
            body,
            is_cut,
            body_failure,
            retry_after_s,
            location,
            limit,
        }
    }
}

fn not_sent(call: &Call, what: String) -> Error {
    Error::NotSent {
        url: call.url.clone(),
        what,
        is_lasting: true,
    }
}

/// How long a setting of milliseconds is.
fn duration(ms: u64) -> Option<Duration> {
    Some(Duration::from_millis(ms))
}
