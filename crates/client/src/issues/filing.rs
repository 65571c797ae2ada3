//! Filing an issue, and finding one that was filed.
//!
//! The API has no key against filing twice. Whoever files puts a mark into the
//! text, and looks for it before filing again.
//!
//! Source: GitHub REST API, version 2022-11-28, "Create an issue", "List
//! repository issues" and "Get the authenticated user".

use cve::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, IssueFailure, IssueSeen, Issues, Shape, refused};
use crate::Error;
use crate::request::{Method, path_encoded, with_query};

/// Issues on a page, the most there are.
const PAGE: usize = 100;

/// Pages that are looked at.
///
/// Source: our choice: nobody files two thousand issues between two tries.
const MOST_PAGES: usize = 20;

/// Characters of the tracker's own words that are shown.
const LONGEST: usize = 200;

/// An issue to be filed. It has no text in its `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct NewIssue {
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// The names of its labels; a tracker leaves those out that the token may
    /// not set.
    pub labels: Vec<String>,
}

impl std::fmt::Debug for NewIssue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewIssue({} bytes)", self.body.len())
    }
}

/// What came of filing an issue.
#[derive(Debug, Clone, PartialEq)]
pub enum Filing {
    /// It was filed, and is this.
    Filed(IssueSeen),
    /// It was not, and will not be as it is: mend what the words say.
    Refused(String),
    /// It was not, because the tracker wants to be asked later; or it was not
    /// reached.
    Later(String),
    /// It may have been: look for it before filing again.
    Unknown(String),
}

/// The parts of the answer that says who the token is of.
#[derive(Deserialize)]
struct User {
    #[serde(default)]
    login: String,
}

/// The parts of a refusal that are shown.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Issues<'_> {
    /// The name of whoever the token is of; nothing where the tracker does not
    /// say, as for the token of a program.
    ///
    /// Refuses: a token that is not taken, and a tracker in trouble.
    pub fn login(&self) -> Result<Option<String>, IssueFailure> {
        let url = format!("{}/user", self.api.trim_end_matches('/'));
        let answer = self.ask(Method::Get, url, None)?;
        match answer.status {
            200 => {
                let user: Option<User> = serde_json::from_slice(&answer.body).ok();
                Ok(user
                    .map(|user| user.login)
                    .filter(|login| !login.is_empty()))
            }
            403 | 404 if answer.limit().left != Some(0) && answer.retry_after_s.is_none() => {
                Ok(None)
            }
            _ => Err(refused(&answer, "the owner of the token".to_owned())),
        }
    }

    /// Files an issue in `repository`, once: nothing is repeated.
    pub fn file(&self, repository: &str, new: &NewIssue) -> Filing {
        let body = json!({"title": new.title, "body": new.body, "labels": new.labels});
        let url = self.issues_of(repository);
        let answer = match self.ask(Method::Post, url, Some(body.to_string().into_bytes())) {
            Ok(answer) => answer,
            Err(error @ Error::NotSent { .. }) => return Filing::Later(error.to_string()),
            Err(error) => return Filing::Unknown(error.to_string()),
        };
        let status = answer.status;
        let is_limited = answer.limit().left == Some(0) || answer.retry_after_s.is_some();
        match status {
            201 => filed(&answer),
            429 => Filing::Later(refused(&answer, repository.to_owned()).to_string()),
            403 if is_limited => Filing::Later(refused(&answer, repository.to_owned()).to_string()),
            300..=499 => Filing::Refused(said(&answer, repository)),
            _ => Filing::Unknown(format!("the tracker answered {status}")),
        }
    }

    /// The issue of `repository` whose text holds `mark`; nothing where there is
    /// none.
    ///
    /// Takes: `since`, from when on it was changed; `creator`, who filed it, as
    /// far as that is known.
    /// Refuses: a list that cannot be read to its end, which says nothing.
    pub fn find(
        &self,
        repository: &str,
        since: Timestamp,
        creator: Option<&str>,
        mark: &str,
    ) -> Result<Option<IssueSeen>, IssueFailure> {
        let since = since.to_string();
        // In whole seconds, as the API writes times.
        let since = format!("{}Z", since.get(..19).unwrap_or(&since));
        for page in 1..=MOST_PAGES {
            let mut query = vec![
                ("state", "all".to_owned()),
                ("sort", "created".to_owned()),
                ("direction", "desc".to_owned()),
                ("since", since.clone()),
                ("per_page", PAGE.to_string()),
                ("page", page.to_string()),
            ];
            if let Some(creator) = creator {
                query.push(("creator", creator.to_owned()));
            }
            let url = with_query(&self.issues_of(repository), &query);
            let answer = self.ask(Method::Get, url, None)?;
            if answer.status != 200 {
                return Err(refused(&answer, format!("{repository}/issues")));
            }
            let strange = |problem: String| IssueFailure::Strange {
                status: 200,
                problem,
                url: answer.url.clone(),
            };
            if let Some(failure) = &answer.body_failure {
                return Err(strange(format!("and broke off ({failure})")));
            }
            let shapes: Vec<Shape> = serde_json::from_slice(&answer.body)
                .map_err(|error| strange(format!("in another shape ({error})")))?;
            let is_last = shapes.len() < PAGE;
            let found = shapes.into_iter().find(|shape| {
                let body = shape.body.as_deref().unwrap_or_default();
                shape.pull_request.is_none() && body.contains(mark)
            });
            match found {
                Some(shape) => return Ok(Some(shape.seen())),
                None if is_last => return Ok(None),
                None => {}
            }
        }
        Err(IssueFailure::Strange {
            status: 200,
            problem: format!("with more than {} issues since", MOST_PAGES * PAGE),
            url: self.issues_of(repository),
        })
    }

    fn issues_of(&self, repository: &str) -> String {
        let parts: Vec<_> = repository.split('/').map(path_encoded).collect();
        let api = self.api.trim_end_matches('/');
        format!("{api}/repos/{}/issues", parts.join("/"))
    }
}

fn filed(answer: &Answer) -> Filing {
    if let Some(failure) = &answer.body_failure {
        return Filing::Unknown(format!("the tracker took it and broke off ({failure})"));
    }
    match serde_json::from_slice::<Shape>(&answer.body) {
        Ok(shape) => Filing::Filed(shape.seen()),
        Err(error) => Filing::Unknown(format!("the tracker took it and said so oddly ({error})")),
    }
}

/// Why it was refused, with the tracker's own words.
fn said(answer: &Answer, repository: &str) -> String {
    let words = serde_json::from_slice::<Refusal>(&answer.body);
    let words = words.map(|refusal| refusal.message).unwrap_or_default();
    let words: String = words
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect();
    let mend = match answer.status {
        401 => "give a token that it takes",
        403 => "give a token that may write issues there",
        404 => "check the repository, or give a token that may write issues there",
        410 => "issues are switched off there",
        _ => "mend it and try again",
    };
    let words = match words.as_str() {
        "" => String::new(),
        words => format!(": {words}"),
    };
    format!(
        "the tracker files no issue in `{repository}` ({}){words}; {mend}",
        answer.status
    )
}
