//! What the public reads. Handlers hold a [`Gate`], never a desk.

mod advisory_list;
mod advisory_page;
mod documents;
pub(crate) mod reception;
mod report_form;
mod status_page;
pub(crate) mod validator;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;

use crate::asset;
use crate::door::Gate;
use crate::headers;
use crate::page::{bare, is_bare_error, portal_error};
use crate::route::{Audience, Line, Route, mounted};

/// The router of the portal. Its fallback answers whatever no other router
/// of the program knows.
pub(crate) fn router(gate: Gate) -> Router {
    mounted(lines(), "")
        .fallback(nothing)
        .layer(middleware::from_fn(headers::in_time))
        .layer(middleware::from_fn_with_state(gate.clone(), paged))
        .with_state(gate)
}

/// Every public route with its handler.
#[rustfmt::skip]
pub(crate) fn lines() -> Vec<Line<Gate>> {
    vec![
        line("/", "HTML", "Lists the advisories, newest first", get(advisory_list::show)),
        line("/advisories", "302", "Leads to the list", get(documents::to_list)),
        line("/advisories/{id}", "HTML", "Shows an advisory", get(advisory_page::show)),
        line("/advisories/{id}/{document}", "JSON", "A document of an advisory: `cve.json`, `csaf.json`, `osv.json`, `openvex.json`, `cyclonedx.json`", get(documents::document)),
        line("/products/{product}", "HTML", "Lists the advisories of a product, newest first", get(advisory_list::of_product)),
        line("/years/{year}", "HTML", "Lists the advisories of a year, newest first", get(advisory_list::of_year)),
        line("/cve/{cve_id}", "302", "Leads from a CVE ID to its advisory", get(documents::by_cve_id)),
        line("/feed.json", "JSON Feed", "The newest advisories as a feed", get(documents::feed)),
        line("/feed.atom", "Atom", "The newest records as an Atom feed", get(documents::atom)),
        line("/feed.rss", "RSS", "The newest records as an RSS feed", get(documents::rss)),
        line("/official-cve-feed.json", "JSON Feed", "The newest records in the form of the Kubernetes CVE feed", get(documents::k8s_feed)),
        line("/.well-known/security.txt", "text", "Whom researchers reach", get(documents::security_txt)),
        line("/health", "204", "Says whether this server answers", get(documents::health)),
        line("/static/{digest}/cna.css", "CSS", "The style sheet", get(asset::style)),
    ]
}

fn line(
    path: &'static str,
    gives: &'static str,
    does: &'static str,
    handler: axum::routing::MethodRouter<Gate>,
) -> Line<Gate> {
    let route = Route {
        audience: Audience::Public,
        method: "GET",
        path,
        takes: "",
        gives,
        does,
    };
    Line::new(route, handler)
}

async fn nothing() -> axum::http::StatusCode {
    axum::http::StatusCode::NOT_FOUND
}

/// Puts errors without a page on one.
async fn paged(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if is_bare_error(&response) {
        return portal_error(gate.settings(), bare(response.status()));
    }
    response
}
