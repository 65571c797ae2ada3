//! The desk's REST API under `/desk/v1`: one table, one envelope for errors.

mod body;
mod cases;
mod clocks;
mod people;
mod records;
mod setup;
mod status;

pub(crate) use cases::case_id;
pub(crate) use records::{cve_id, digest};

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Router, middleware::Next};

use crate::door::Door;
use crate::headers;
use crate::route::{Audience, Line, Route, mounted, only_routes};
use crate::stop::Stop;

const PREFIX: &str = "/desk/v1";

/// The router of the API, to be nested under its prefix.
pub(crate) fn router(door: Door) -> Router {
    mounted(lines(), PREFIX)
        .fallback(unknown)
        .layer(middleware::from_fn(headers::in_time))
        .layer(middleware::from_fn(enveloped))
        .with_state(door)
}

/// Every route of the API with its handler.
pub(crate) fn lines() -> Vec<Line<Door>> {
    let mut lines = case_lines();
    lines.extend(record_lines());
    lines.extend(clock_lines());
    lines.extend(people_lines());
    lines.extend(setup_lines());
    lines
}

#[rustfmt::skip]
fn case_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/me", "", "200 `{name, roles}`", "Says who is asking", get(people::me)),
        line("POST", "/desk/v1/cases", "`text/markdown`: a report; or `{report}`, its text", "201 `{id}`, `Location`", "Files a report as a case", post(cases::receive)),
        line("GET", "/desk/v1/cases", "`?offset=&limit=`, at most 500", "200 `{cases}`", "Lists the cases the person is on, newest first", get(cases::list)),
        line("GET", "/desk/v1/cases/{id}", "", "200 the case", "Shows a case", get(cases::show)),
        line("POST", "/desk/v1/cases/{id}/take", "", "200 `{state}`", "Takes a case", post(cases::take)),
        line("POST", "/desk/v1/cases/{id}/answers", "`{node, value, reason?}`", "200 `{path, next, outcome}`", "Answers a question of the decision tree", post(cases::answer)),
        line("POST", "/desk/v1/cases/{id}/assign", "`{year?}`", "200 `{assignment, cve_id}` or `{assignment, followup}`", "Assigns a CVE ID, reserving one where needed", post(cases::assign)),
        line("POST", "/desk/v1/cases/{id}/messages", "`{body}`", "204", "Writes an internal message", post(cases::comment)),
        line("POST", "/desk/v1/cases/{id}/followups/{followup}/retry", "", "204", "Tries a held or failed follow-up again", post(cases::retry)),
        line("POST", "/desk/v1/cases/{id}/followups/{followup}/reservation", "`{ids}`", "204", "Says which IDs of a reservation whose answer was lost are ours", post(cases::settle_reservation)),
    ]
}

#[rustfmt::skip]
fn record_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/records/{cve_id}/drafts", "`{from: \"report\"}` or `{document: {cna, advisory}}`", "201 `{cve_id, revision, digest, findings}`", "Saves a revision of the draft", post(records::draft)),
        line("POST", "/desk/v1/records/{cve_id}/approve", "`{digest, comment?}`", "200 `{state}`", "Approves the revision with this digest", post(records::approve)),
        line("POST", "/desk/v1/records/{cve_id}/return", "`{digest, comment}`", "200 `{state}`", "Returns the revision with this digest to its author", post(records::give_back)),
        line("POST", "/desk/v1/records/{cve_id}/publish", "", "200 `{cve_id, advisory, advisory_url, followup}`", "Makes the advisory public and sends the record after it", post(records::publish)),
        line("GET", "/desk/v1/ledger", "", "200 `{ledger}`", "Lists every CVE ID and its fate", get(records::ledger)),
    ]
}

#[rustfmt::skip]
fn clock_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/status", "", "200 `{person, zone, needs}`", "Says what needs the person, in the order in which to look at it", get(status::show)),
        line("GET", "/desk/v1/digest", "`?day=`", "200 `{day, person, needs}`", "Shows the digest of a day, as it was written once that day", get(status::digest)),
        line("GET", "/desk/v1/clocks", "`?until=&offset=&limit=`, at most 500", "200 `{zone, clocks}`", "Lists the deadlines nothing has stopped, soonest first", get(clocks::list)),
        line("GET", "/desk/v1/clocks/settings", "", "200 `{calendar, clocks}`", "Shows zone, holidays and what the organisation chose about its clocks", get(clocks::settings)),
        line("PUT", "/desk/v1/clocks/settings", "`{calendar: {zone, holidays?}, clocks?}`", "200 the same", "Sets them", put(clocks::set)),
        line("GET", "/desk/v1/breaches", "`?limit=`, at most 500", "200 `{breaches}`", "Lists the deadlines that were not met, newest first", get(clocks::breaches)),
        line("POST", "/desk/v1/events", "`{kind, at?, subject?, date?, note?}`", "204", "Records what happened to the desk itself", post(clocks::record_of_desk)),
        line("GET", "/desk/v1/cases/{id}/clocks", "", "200 `{zone, clocks}`", "Lists every deadline of a case, also those that were met", get(clocks::of_case)),
        line("POST", "/desk/v1/cases/{id}/events", "`{kind, at?, subject?, date?, severity?, note?}`", "204", "Records what happened in a case, so that clocks start and stop", post(clocks::record)),
        line("GET", "/desk/v1/cases/{id}/embargo", "", "200 `{lifts_at, local, zone, …}`, or `null` where no hour is agreed", "Shows until when a case is under embargo", get(clocks::embargo)),
        line("PUT", "/desk/v1/cases/{id}/embargo", "`{until, zone?, conditions?}`", "200 the embargo, with warnings", "Puts a case under embargo until a local date and hour", put(clocks::set_embargo)),
        line("POST", "/desk/v1/cases/{id}/embargo/lift", "`{reason}`", "204", "Ends the embargo of a case", post(clocks::lift_embargo)),
    ]
}

#[rustfmt::skip]
fn people_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/people", "", "200 `{people}`", "Lists everybody, also who has left", get(people::list)),
        line("POST", "/desk/v1/people", "`{name, full_name?, roles}`", "201 the person", "Adds a person", post(people::add)),
        line("PUT", "/desk/v1/people/{name}/roles", "`{roles}`", "200 the person", "Gives a person these roles, in place of the ones before", put(people::set_roles)),
        line("POST", "/desk/v1/people/{name}/leave", "", "200 the person", "Notes that a person has left: nothing it holds works any more", post(people::leave)),
        line("POST", "/desk/v1/people/{name}/invitation", "", "201 `{url}`", "Makes a one-time sign-in link", post(people::invite)),
        line("GET", "/desk/v1/tokens", "`?person=`", "200 `{tokens}`, without secrets", "Lists tokens, one's own without a name", get(people::tokens)),
        line("POST", "/desk/v1/tokens", "`{label, scopes?, days?}`", "201 `{token, id, scopes, expires, …}`", "Makes a token for a program that acts as the person", post(people::token)),
        line("POST", "/desk/v1/tokens/{id}/revoke", "`{person?}`", "204", "Ends a token", post(people::revoke)),
    ]
}

#[rustfmt::skip]
fn setup_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/organisation", "", "200 the organisation", "Shows whose desk it is", get(setup::organisation)),
        line("PUT", "/desk/v1/organisation", "`{short_name, name, account}`", "200 the organisation", "Sets whose desk it is", put(setup::set_organisation)),
        line("GET", "/desk/v1/products", "", "200 `{products}`", "Lists the catalogue", get(setup::products)),
        line("PUT", "/desk/v1/products", "`{name, vendor, product, repository?, version_type}`", "200 the product", "Adds a product, or replaces the one of its name", put(setup::put_product)),
        line("GET", "/desk/v1/accounts", "", "200 `{accounts}`, without keys", "Lists the CVE Services accounts", get(setup::accounts)),
        line("POST", "/desk/v1/accounts", "`{name, environment, base_url, org, username, key}`", "201 the account, without its key", "Adds a CVE Services account", post(setup::add_account)),
    ]
}

fn line(
    method: &'static str,
    path: &'static str,
    takes: &'static str,
    gives: &'static str,
    does: &'static str,
    handler: axum::routing::MethodRouter<Door>,
) -> Line<Door> {
    let audience = Audience::Api;
    let route = Route {
        audience,
        method,
        path,
        takes,
        gives,
        does,
    };
    Line::new(route, handler)
}

/// The routes of the API as a Markdown table, for the documentation.
pub fn api_table() -> String {
    let mut text = String::from("| request | takes | gives | does |\n|---|---|---|---|\n");
    for route in only_routes(lines()) {
        let Route {
            method,
            path,
            takes,
            gives,
            does,
            ..
        } = route;
        text.push_str(&format!(
            "| `{method} {path}` | {takes} | {gives} | {does} |\n"
        ));
    }
    text
}

async fn unknown() -> Stop {
    let message = "there is no such request: see the table in docs/api.md";
    Stop::request(StatusCode::NOT_FOUND, "not_found", message)
}

/// Puts errors the router beneath answers in plain text into the envelope:
/// a method that is not allowed, a path or query that cannot be decoded.
async fn enveloped(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let json = HeaderValue::from_static("application/json");
    let is_json = response.headers().get(CONTENT_TYPE) == Some(&json);
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (code, message) = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "this path does not take that method")
        }
        StatusCode::SERVICE_UNAVAILABLE => ("timed_out", "the request took too long"),
        status if status.is_server_error() => ("broken", "something broke on this server"),
        _ => ("invalid_request", "path or query cannot be read"),
    };
    let mut answer = Stop::request(status, code, message).into_response();
    if let Some(allow) = response.headers().get("allow") {
        answer.headers_mut().insert("allow", allow.clone());
    }
    answer
}
