//! A public issue, as the REST API of GitHub shows it.
//!
//! Reading names repository and number, and nothing else of a case; what is
//! filed was approved. Redirects are not followed: an issue that moved has another
//! address, and whoever gave the old one has to know.
//!
//! Source: GitHub REST API, version 2022-11-28, "Get an issue".

mod filing;

use serde::Deserialize;

use crate::request::{Call, Method, Request, path_encoded};
use crate::{Answer, ApiKey, Error};

pub use filing::{Filing, NewIssue};

/// The version of the API that is asked for.
const API_VERSION: &str = "2022-11-28";

/// Address of the public API.
pub const PUBLIC_API: &str = "https://api.github.com";

/// An issue as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueSeen {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// `open` or `closed`.
    pub state: String,
    /// `completed`, `not_planned`, `duplicate`, `reopened`; empty for none.
    pub reason: String,
    /// The names of its labels, in the order of the answer.
    pub labels: Vec<String>,
    /// Its address for people.
    pub html_url: String,
    /// Its text, Markdown; empty for none.
    pub body: String,
}

/// Why an issue was not seen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IssueFailure {
    /// 404: there is none, or the token may not see it.
    #[error(
        "`{what}` is not there (404): check the number, or whether the token may read the \
         repository"
    )]
    Missing {
        /// Repository and number.
        what: String,
    },
    /// 410: it was deleted.
    #[error("`{what}` was deleted (410): file it again, and give the address of the new one")]
    Deleted {
        /// Repository and number.
        what: String,
    },
    /// 301: issue or repository have another address now.
    #[error("`{what}` moved ({status}) to `{to}`: give the address it has now")]
    Moved {
        /// Repository and number.
        what: String,
        /// The status.
        status: u16,
        /// Where it says it is.
        to: String,
    },
    /// It is a pull request, which the API shows as an issue too.
    #[error("`{what}` is a pull request: give the address of the issue")]
    PullRequest {
        /// Repository and number.
        what: String,
    },
    /// 401: the token is not taken.
    #[error("the tracker does not take the token (401): set another, or none")]
    Token,
    /// 403 or 429: too many requests.
    #[error("the tracker answers no more requests now ({status}): {}", later(*.reset_s, *.wait_s))]
    Limited {
        /// The status.
        status: u16,
        /// From when on it answers again, in seconds since 1970, as far as it
        /// said so.
        reset_s: Option<i64>,
        /// After how many seconds it wants to be asked again, as far as it
        /// said so.
        wait_s: Option<u32>,
    },
    /// 403: the token may not read it.
    #[error("`{what}` may not be read (403): give a token that may read the repository's issues")]
    Forbidden {
        /// Repository and number.
        what: String,
    },
    /// 5xx: the tracker is in trouble.
    #[error("the tracker failed ({status}): try again later")]
    Broken {
        /// The status.
        status: u16,
    },
    /// Another status, or a body of another shape.
    #[error("the tracker answered {status} {problem}: is `{url}` the address of its API?")]
    Strange {
        /// The status.
        status: u16,
        /// What is odd, to follow the status.
        problem: String,
        /// What was asked.
        url: String,
    },
    /// There was no answer.
    #[error(transparent)]
    Unheard(#[from] Error),
}

impl IssueFailure {
    /// Says whether the tracker was clear that there is no such issue, so
    /// that what was seen of it before holds no more.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            IssueFailure::Missing { .. }
                | IssueFailure::Deleted { .. }
                | IssueFailure::Moved { .. }
                | IssueFailure::PullRequest { .. }
        )
    }
}

/// When to ask again, in words.
fn later(reset_s: Option<i64>, wait_s: Option<u32>) -> String {
    let at = reset_s
        .and_then(|seconds| seconds.checked_mul(1_000))
        .and_then(cve::time::Timestamp::from_unix_ms);
    match (wait_s, at) {
        (Some(seconds), _) => format!("try again in {seconds} s"),
        (None, Some(at)) => format!("try again at {at}, or set a token, which may ask more"),
        (None, None) => "try again later".to_owned(),
    }
}

/// Reads and files issues of one tracker.
#[derive(Debug)]
pub struct Issues<'a> {
    request: &'a Request,
    api: &'a str,
    token: Option<&'a ApiKey>,
}

/// The parts of the answer that are read.
#[derive(Deserialize)]
struct Shape {
    number: u64,
    title: String,
    state: String,
    #[serde(default)]
    state_reason: Option<String>,
    #[serde(default)]
    labels: Vec<LabelShape>,
    html_url: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    pull_request: Option<serde_json::Value>,
}

/// A label, which is an object, or its name alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum LabelShape {
    Whole {
        #[serde(default)]
        name: Option<String>,
    },
    Name(String),
}

impl<'a> Issues<'a> {
    /// The tracker whose API is at `api`, such as [`PUBLIC_API`].
    ///
    /// Takes: `token`, sent as a bearer token and never shown.
    pub fn new(request: &'a Request, api: &'a str, token: Option<&'a ApiKey>) -> Issues<'a> {
        Issues {
            request,
            api,
            token,
        }
    }

    /// Reads issue `number` of `repository`, as in `owner/name`.
    ///
    /// Refuses: everything but an issue; nothing is repeated.
    pub fn read(&self, repository: &str, number: u64) -> Result<IssueSeen, IssueFailure> {
        let what = format!("{repository}#{number}");
        let parts: Vec<_> = repository.split('/').map(path_encoded).collect();
        let api = self.api.trim_end_matches('/');
        let url = format!("{api}/repos/{}/issues/{number}", parts.join("/"));
        let answer = self.ask(Method::Get, url, None)?;
        if answer.status != 200 {
            return Err(refused(&answer, what));
        }
        let strange = |problem: String| IssueFailure::Strange {
            status: 200,
            problem,
            url: answer.url.clone(),
        };
        if let Some(failure) = &answer.body_failure {
            return Err(strange(format!("and broke off ({failure})")));
        }
        let shape: Shape = serde_json::from_slice(&answer.body)
            .map_err(|error| strange(format!("in another shape ({error})")))?;
        if shape.pull_request.is_some() {
            return Err(IssueFailure::PullRequest { what });
        }
        if shape.number != number {
            return Err(strange(format!(
                "with issue {} instead of {number}",
                shape.number
            )));
        }
        Ok(shape.seen())
    }

    fn ask(&self, method: Method, url: String, json: Option<Vec<u8>>) -> Result<Answer, Error> {
        let mut headers = vec![
            ("Accept", "application/vnd.github+json".to_owned()),
            ("X-GitHub-Api-Version", API_VERSION.to_owned()),
        ];
        if let Some(token) = self.token {
            headers.push(("Authorization", format!("Bearer {}", token.reveal())));
        }
        self.request.send_once(&Call {
            method,
            url,
            headers,
            json,
        })
    }
}

impl Shape {
    fn seen(self) -> IssueSeen {
        IssueSeen {
            number: self.number,
            title: self.title,
            state: self.state,
            reason: self.state_reason.unwrap_or_default(),
            labels: self.labels.into_iter().filter_map(name).collect(),
            html_url: self.html_url,
            body: self.body.unwrap_or_default(),
        }
    }
}

fn name(label: LabelShape) -> Option<String> {
    match label {
        LabelShape::Whole { name } => name,
        LabelShape::Name(name) => Some(name),
    }
}

/// What an answer without an issue means.
fn refused(answer: &Answer, what: String) -> IssueFailure {
    let limit = answer.limit();
    let status = answer.status;
    // The second limit, of bursts, says when to come back and not how many are
    // left.
    let is_limited = limit.left == Some(0) || answer.retry_after_s.is_some();
    match status {
        301 | 302 | 307 | 308 => IssueFailure::Moved {
            what,
            status,
            to: answer
                .location()
                .unwrap_or("an address it did not say")
                .into(),
        },
        401 => IssueFailure::Token,
        403 if is_limited => limited(answer),
        429 => limited(answer),
        403 => IssueFailure::Forbidden { what },
        404 => IssueFailure::Missing { what },
        410 => IssueFailure::Deleted { what },
        500.. => IssueFailure::Broken { status },
        _ => IssueFailure::Strange {
            status,
            problem: "and no issue".to_owned(),
            url: answer.url.clone(),
        },
    }
}

fn limited(answer: &Answer) -> IssueFailure {
    IssueFailure::Limited {
        status: answer.status,
        reset_s: answer.limit().reset_s,
        wait_s: answer.retry_after_s,
    }
}
