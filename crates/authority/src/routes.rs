//! The table of all endpoints: what answers, who is let in, what is checked,
//! and what the documentation says of it.
//!
//! Source: cve-services section 6; `/authority/v1` is ours.

mod site;
mod table;

use std::pin::Pin;
use std::sync::Arc;

use axum::http::Method;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{Guard, Key};
use crate::error::Error;
use crate::parameters::Checks;
use crate::router::Authority;

pub(crate) use table::routes;

pub(crate) type Handler =
    Box<dyn Fn(&Arc<Authority>, &mut Call) -> Result<Step, Error> + Send + Sync>;

/// How far a handler came.
pub(crate) enum Step {
    /// To the answer.
    Done(Answer),
    /// To where it waits for the store; no thread waits with it.
    Later(Later),
}

/// What comes after a commit or an answer of the store.
pub(crate) type Later = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// What an endpoint asks the store first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Something of its own.
    Own,
    /// Who calls.
    Caller,
    /// The record of the ID in its path.
    Record,
}

/// Under which path endpoints lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// What CVE Services has, under the base path of the settings.
    Api,
    /// Administration.
    Administration,
    /// Documentation and health, under no path.
    Site,
}

/// Path of the administration.
pub(crate) const ADMINISTRATION: &str = "/authority/v1";

/// One endpoint.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) place: Place,
    /// Segments below the place's path; `:name` stands for any one.
    pub(crate) pattern: &'static [&'static str],
    /// Whether it counts against the limit of its address.
    pub(crate) is_limited: bool,
    /// Whether its handler is short and waits for nothing but one look into
    /// the store, unless it notes that this request takes long.
    pub(crate) is_short: bool,
    /// Whether its body holds a CNA container that may be stored as it was sent.
    pub(crate) publishes: bool,
    /// What it asks the store first, when that is the same for all requests.
    pub(crate) begins_with: Beginning,
    pub(crate) handler: Handler,
    /// Name in the documentation, such as `cveIdReserve`.
    pub(crate) id: &'static str,
    /// What it does, in a sentence.
    pub(crate) does: &'static str,
    /// Whom its guard lets in.
    pub(crate) admits: &'static str,
    /// What its guard does with a key.
    pub(crate) key: Key,
    /// What is checked of its parameters.
    pub(crate) checks: &'static Checks,
    /// The schema of its body, such as `org/create-org-request`.
    pub(crate) takes: Option<&'static str>,
    /// The schema of its answer; nothing for an empty one.
    pub(crate) gives: Option<&'static str>,
}

/// An endpoint whose handler runs when its guard admits the caller.
fn route<G: Guard + 'static>(
    id: &'static str,
    method: Method,
    pattern: &'static [&'static str],
    handler: fn(&Authority, G, &mut Call) -> Result<Answer, Error>,
    does: &'static str,
) -> Route {
    let handler: Handler = Box::new(move |authority, call| {
        let caller = G::admit(authority, call)?;
        handler(authority, caller, call).map(Step::Done)
    });
    stepwise::<G>(id, method, pattern, handler, does)
}

/// An endpoint whose handler waits for a commit, or for an answer of the store
/// that others wait for too.
fn waiting<G: Guard + 'static>(
    id: &'static str,
    method: Method,
    pattern: &'static [&'static str],
    handler: fn(&Arc<Authority>, G, &mut Call) -> Result<Step, Error>,
    does: &'static str,
) -> Route {
    let handler: Handler = Box::new(move |authority, call| {
        let caller = G::admit(authority, call)?;
        handler(authority, caller, call)
    });
    stepwise::<G>(id, method, pattern, handler, does).short()
}

fn stepwise<G: Guard + 'static>(
    id: &'static str,
    method: Method,
    pattern: &'static [&'static str],
    handler: Handler,
    does: &'static str,
) -> Route {
    Route {
        method,
        place: Place::Api,
        pattern,
        is_limited: false,
        is_short: false,
        publishes: false,
        begins_with: Beginning::Own,
        handler,
        id,
        does,
        admits: G::ADMITS,
        key: G::KEY,
        checks: &crate::parameters::NOTHING,
        takes: None,
        gives: None,
    }
}

impl Route {
    fn limited(self) -> Route {
        Route {
            is_limited: true,
            ..self
        }
    }

    fn short(self) -> Route {
        Route {
            is_short: true,
            ..self
        }
    }

    fn publishing(self) -> Route {
        Route {
            publishes: true,
            ..self
        }
    }

    fn begins_with(self, begins_with: Beginning) -> Route {
        Route {
            begins_with,
            ..self
        }
    }

    fn checks(self, checks: &'static Checks) -> Route {
        Route { checks, ..self }
    }

    fn takes(self, schema: &'static str) -> Route {
        Route {
            takes: Some(schema),
            ..self
        }
    }

    fn gives(self, schema: &'static str) -> Route {
        Route {
            gives: Some(schema),
            ..self
        }
    }

    fn at(self, place: Place) -> Route {
        Route { place, ..self }
    }

    /// Its path with names in place of what is open, such as `/api/cve/:id`.
    pub(crate) fn template(&self, base_path: &str) -> String {
        let base = match self.place {
            Place::Api => base_path,
            Place::Administration => ADMINISTRATION,
            Place::Site => "",
        };
        format!("{base}/{}", self.pattern.join("/"))
    }
}

/// More segments than any pattern has.
const SEGMENTS: usize = 8;

/// The segments of a path; of one with more than [`SEGMENTS`], which leads
/// nowhere, the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segments<'a> {
    segments: [&'a str; SEGMENTS],
    len: usize,
}

impl<'a> Segments<'a> {
    fn of(path: &'a str) -> Segments<'a> {
        let mut segments = [""; SEGMENTS];
        let mut len = 0;
        for (place, segment) in segments.iter_mut().zip(path.split('/')) {
            *place = segment;
            len += 1;
        }
        Segments { segments, len }
    }
}

impl<'a> std::ops::Deref for Segments<'a> {
    type Target = [&'a str];

    fn deref(&self) -> &[&'a str] {
        &self.segments[..self.len]
    }
}

/// The place of a path and its segments below it, whatever its case, with or
/// without one slash at the end.
pub(crate) fn segments<'a>(path: &'a str, base_path: &str) -> Option<(Place, Segments<'a>)> {
    let below = |base: &str| {
        let (own, rest) = path.split_at_checked(base.len())?;
        if !own.eq_ignore_ascii_case(base) {
            return None;
        }
        let rest = rest.strip_prefix('/')?;
        Some(Segments::of(rest.strip_suffix('/').unwrap_or(rest)))
    };
    [
        (Place::Api, base_path),
        (Place::Administration, ADMINISTRATION),
        (Place::Site, ""),
    ]
    .into_iter()
    .find_map(|(place, base)| Some((place, below(base)?)))
}

/// The place in the table of the endpoint for a method and a path.
pub(crate) fn find(
    routes: &[Route],
    method: &Method,
    place: Place,
    segments: &[&str],
) -> Option<usize> {
    routes.iter().position(|route| {
        route.method == method && route.place == place && fits(route.pattern, segments)
    })
}

fn fits(pattern: &[&'static str], segments: &[&str]) -> bool {
    pattern.len() == segments.len()
        && pattern.iter().zip(segments).all(|(part, segment)| {
            if part.starts_with(':') {
                !segment.is_empty()
            } else {
                part.eq_ignore_ascii_case(segment)
            }
        })
}

/// The parts of a path that a pattern, which fits it, leaves open.
pub(crate) fn captured<'p>(
    pattern: &'static [&'static str],
    segments: &[&'p str],
) -> impl Iterator<Item = (&'static str, &'p str)> {
    pattern
        .iter()
        .zip(segments)
        .filter_map(|(part, segment)| Some((part.strip_prefix(':')?, *segment)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::Compat;

    #[test]
    fn a_path_is_found_in_any_case_with_one_slash_at_its_end() {
        for (path, expected) in [
            ("/api/cve-id", Some((Place::Api, vec!["cve-id"]))),
            ("/API/Cve-Id/", Some((Place::Api, vec!["Cve-Id"]))),
            (
                "/api/org/a/users",
                Some((Place::Api, vec!["org", "a", "users"])),
            ),
            ("/api/cve-id//", Some((Place::Api, vec!["cve-id", ""]))),
            ("/apix/cve-id", Some((Place::Site, vec!["apix", "cve-id"]))),
            (
                "/Authority/v1/me",
                Some((Place::Administration, vec!["me"])),
            ),
            ("/api", Some((Place::Site, vec!["api"]))),
            ("/", Some((Place::Site, vec![""]))),
            ("*", None),
        ] {
            let found = segments(path, "/api");
            let found = found.map(|(place, segments)| (place, segments.to_vec()));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn the_case_of_what_a_pattern_leaves_open_is_kept() {
        let captured: Vec<_> = captured(&["org", ":shortname"], &["ORG", "MiTrE"]).collect();
        assert_eq!(captured, [("shortname", "MiTrE")]);
    }

    #[test]
    fn no_two_endpoints_answer_the_same_request_or_have_the_same_name() {
        let routes = routes(Compat::Current);
        for (index, route) in routes.iter().enumerate() {
            let found = find(&routes, &route.method, route.place, route.pattern);
            assert_eq!(found, Some(index), "{:?}", route.pattern);
            assert!(route.pattern.len() < SEGMENTS, "{:?}", route.pattern);
            let namesakes = routes.iter().filter(|other| other.id == route.id).count();
            assert_eq!(namesakes, 1, "{}", route.id);
        }
    }
}
