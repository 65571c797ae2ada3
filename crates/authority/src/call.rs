//! A request as handlers see it.

use std::cell::RefCell;
use std::net::IpAddr;

use axum::body::Bytes;
use axum::http::HeaderValue;
use cve::id::CveId;
use serde_json::{Map, Value};
use store::{Found, RecordVersion, Store, VersionMark};

use crate::answer;
use crate::caller::Credentials;
use crate::error::{BadParameter, Refusal};
use crate::parameters::{self, Checks};
use crate::plain::Plain;
use crate::rate::Standing;

/// A request as handlers see it: everything is read, nothing is checked.
pub(crate) struct Call {
    /// The address it comes from.
    pub(crate) client: IpAddr,
    /// Whether somebody sends it who owns the data anyway.
    pub(crate) is_operator: bool,
    /// Whether its path ends in a slash.
    pub(crate) ends_in_slash: bool,
    pub(crate) credentials: Credentials,
    pub(crate) query: Map<String, Value>,
    pub(crate) body: Value,
    /// The bytes it was read from.
    pub(crate) sent: Bytes,
    /// The container in it, when that can be stored as it was sent; the body
    /// is empty then.
    pub(crate) plain: Option<Plain>,
    /// The parts of the path the table leaves open, by their names there.
    pub(crate) path: Vec<(&'static str, String)>,
    /// The validators of bodies the client has, when it reads.
    pub(crate) known: Option<HeaderValue>,
    /// What was found out before it began.
    pub(crate) found: Found,
    /// The version of the record it shows, when this node keeps it.
    pub(crate) kept: Option<RecordVersion>,
    /// Since when what is read for it counts as read.
    pub(crate) mark: VersionMark,
    /// How long a handler may take where it runs.
    pub(crate) pace: Pace,
    /// What is learned of it on the way and told beside its answer.
    pub(crate) noted: RefCell<Noted>,
}

/// How long a handler may take where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It runs beside other requests and must not hold them up.
    Short,
    /// It has a thread to itself.
    Long,
    /// The same, and it was begun before: nothing is counted twice.
    Again {
        /// Whether its key was recognised and counted.
        key_counted: bool,
    },
}

/// What is learned of a request on the way.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Short name of the organisation whose key it carries.
    pub(crate) org: Option<String>,
    /// Where its address stands in the window of its rate limit.
    pub(crate) standing: Option<Standing>,
    /// Whether it has to be begun again with a thread to itself; what was
    /// answered is not sent.
    pub(crate) takes_long: bool,
}

impl Call {
    /// A part of the path, by its name in the table.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path
            .iter()
            .find(|(own, _)| *own == name)
            .map_or("", |(_, value)| value)
    }

    /// The CVE ID in the path; nothing when no such ID can exist.
    pub(crate) fn id(&self) -> Option<CveId> {
        self.path("id").parse().ok()
    }

    /// One value of the query, trimmed.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str).map(str::trim)
    }

    /// The words of a list in the query, upper case; one word is a list.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        upper_words(self.query.get(name))
    }

    /// A value of the body by its path, such as `name.first`.
    pub(crate) fn in_body(&self, path: &str) -> Option<&Value> {
        path.split('.')
            .try_fold(&self.body, |value, key| value.get(key))
    }

    /// A text of the body, trimmed.
    pub(crate) fn body_text(&self, path: &str) -> Option<&str> {
        self.in_body(path).and_then(Value::as_str).map(str::trim)
    }

    /// The page asked for, from 1.
    pub(crate) fn page(&self) -> u32 {
        let page = self.text("page").map_or(1, parameters::integer);
        u32::try_from(page).unwrap_or(u32::MAX)
    }

    /// Says whether the client has some body of this path.
    pub(crate) fn knows_something(&self) -> bool {
        self.known.is_some()
    }

    /// Says whether the client has the body with this validator.
    pub(crate) fn knows(&self, tag: &str) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| answer::matches(known, tag))
    }

    /// Says that what follows takes long: with a thread to itself the request
    /// goes on, otherwise it ends here and is begun again with one.
    ///
    /// Nothing may have been written before.
    pub(crate) fn takes_long(&self) -> Result<(), Refusal> {
        match self.pace {
            Pace::Long | Pace::Again { .. } => Ok(()),
            Pace::Short => {
                self.noted.borrow_mut().takes_long = true;
                Err(Refusal::Unavailable)
            }
        }
    }

    /// Says that what follows asks the store: where that is a journey, the
    /// request goes on with a thread to itself, as above.
    pub(crate) fn asks(&self, store: &Store) -> Result<(), Refusal> {
        match store.answers_here() {
            true => Ok(()),
            false => self.takes_long(),
        }
    }

    /// Runs the checks of an endpoint.
    pub(crate) fn check(&self, checks: &Checks) -> Result<(), Refusal> {
        parameters::check(self, checks, Vec::new())
    }

    /// Runs the checks of an endpoint after those of its body.
    pub(crate) fn check_after(
        &self,
        checks: &Checks,
        bad: Vec<BadParameter>,
    ) -> Result<(), Refusal> {
        parameters::check(self, checks, bad)
    }
}

/// The words of a list, or of one word, upper case and trimmed.
pub(crate) fn upper_words(value: Option<&Value>) -> Vec<String> {
    let word = |text: &str| text.trim().to_uppercase();
    match value {
        Some(Value::String(text)) => vec![word(text)],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(word).collect(),
        _ => Vec::new(),
    }
}
