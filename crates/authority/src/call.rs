//! A request as handlers see it.

use std::cell::RefCell;
use std::net::IpAddr;

use cve::id::CveId;
use serde_json::{Map, Value};

use crate::caller::Credentials;
use crate::error::{BadParameter, Refusal};
use crate::parameters::{self, Checks};
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
    /// The parts of the path the table leaves open, by their names there.
    pub(crate) path: Vec<(&'static str, String)>,
    /// What is learned of it on the way and told beside its answer.
    pub(crate) noted: RefCell<Noted>,
}

/// What is learned of a request on the way.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Short name of the organisation whose key it carries.
    pub(crate) org: Option<String>,
    /// Where its address stands in the window of its rate limit.
    pub(crate) standing: Option<Standing>,
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
