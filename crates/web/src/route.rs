//! One table of every route, from which the routers are built.

use axum::Router;
use axum::routing::MethodRouter;

/// A route as the documentation shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// For whom it is.
    pub audience: Audience,
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Its path; `{…}` stands for one segment.
    pub path: &'static str,
    /// What it takes: a media type with its fields; empty for nothing.
    pub takes: &'static str,
    /// What it gives when all went well.
    pub gives: &'static str,
    /// What it does, in words.
    pub does: &'static str,
}

/// For whom a route is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody; it can only reach what is published.
    Public,
    /// People at a browser.
    Workbench,
    /// Programs.
    Api,
}

/// Every route, the public ones first.
pub fn routes() -> Vec<Route> {
    let mut routes = only_routes(crate::portal::lines());
    routes.extend(only_routes(crate::portal::reception::lines()));
    routes.extend(only_routes(crate::workbench::lines()));
    routes.extend(only_routes(crate::api::lines()));
    routes
}

/// A route with its handler.
pub(crate) struct Line<S> {
    pub(crate) route: Route,
    handler: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Line<S> {
    pub(crate) fn new(route: Route, handler: MethodRouter<S>) -> Line<S> {
        Line { route, handler }
    }
}

pub(crate) fn only_routes<S>(lines: Vec<Line<S>>) -> Vec<Route> {
    lines.into_iter().map(|line| line.route).collect()
}

/// A router of all lines, with `prefix` taken off their paths.
pub(crate) fn mounted<S: Clone + Send + Sync + 'static>(
    lines: Vec<Line<S>>,
    prefix: &str,
) -> Router<S> {
    lines.into_iter().fold(Router::new(), |router, line| {
        let path = line.route.path;
        router.route(path.strip_prefix(prefix).unwrap_or(path), line.handler)
    })
}
