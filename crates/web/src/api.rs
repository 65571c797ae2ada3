//! The desk's REST API under `/desk/v1`: one table, one envelope for errors.

mod accounts;
mod body;
mod cases;
mod catalogue;
mod clocks;
mod duplicates;
mod followups;
mod ids;
mod office;
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
    lines.extend(id_lines());
    lines.extend(office_lines());
    lines.extend(catalogue_lines());
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
        line("GET", "/desk/v1/cases/{id}/duplicates", "", "200 `{duplicates, other_verdicts, cve_list}`", "Lists what a case may be a duplicate of, with reasons", get(duplicates::list)),
        line("POST", "/desk/v1/cases/{id}/duplicates", "`{candidate, verdict, reason}`; a verdict is `same`, `related` or `different`", "200 the verdict", "Keeps what somebody says of a candidate", post(duplicates::judge)),
        line("POST", "/desk/v1/cases/{id}/followups/{followup}/retry", "", "204", "Tries a held or failed follow-up again", post(cases::retry)),
        line("POST", "/desk/v1/cases/{id}/followups/{followup}/reservation", "`{ids}`", "204", "Says which IDs of a reservation whose answer was lost are ours", post(cases::settle_reservation)),
    ]
}

#[rustfmt::skip]
fn record_lines() -> Vec<Line<Door>> {
    vec![
        line("POST", "/desk/v1/records/{cve_id}/drafts", "`{from: \"report\"}` or `{document: {cna, advisory}, base?}`, the number of the revision it was made from", "201 `{cve_id, revision, digest, findings}`", "Saves a revision of the draft", post(records::draft)),
        line("POST", "/desk/v1/records/{cve_id}/fields", "`{pointer, value}`", "201 `{cve_id, revision, digest, findings}`", "Writes one field of the draft as a further revision", post(records::set_field)),
        line("GET", "/desk/v1/records/{cve_id}/drafts", "", "200 `{drafts}`", "Lists the revisions of the draft, oldest first", get(records::drafts)),
        line("GET", "/desk/v1/records/{cve_id}/drafts/{revision}", "`{revision}`: a number, or `newest`", "200 the revision, with its document and findings", "Shows a revision", get(records::revision)),
        line("GET", "/desk/v1/records/{cve_id}/changes", "`?from=&to=`, numbers of revisions", "200 `{from, to, changes}`", "Says what differs between two revisions, field by field", get(records::changes)),
        line("POST", "/desk/v1/records/{cve_id}/merge", "`{take?: \"ours\" or \"live\"}`", "200 `{revision, conflicts}`", "Merges the live record into the draft as a further revision", post(records::merge)),
        line("GET", "/desk/v1/records/{cve_id}/reviews", "", "200 `{reviews}`", "Lists what was said of the draft", get(records::reviews)),
        line("POST", "/desk/v1/records/{cve_id}/comments", "`{pointer?, comment, suggestion?}`", "201 `{number}`", "Says something of a place in the draft, and what should be there", post(records::comment)),
        line("POST", "/desk/v1/records/{cve_id}/comments/{number}/accept", "", "201 `{cve_id, revision, digest, findings}`", "Takes a suggestion into a further revision", post(records::accept)),
        line("POST", "/desk/v1/records/{cve_id}/approve", "`{digest, comment?, acknowledged?: {code: reason}}`", "200 `{state}`", "Approves the revision with this digest, with a reason for each warning", post(records::approve)),
        line("POST", "/desk/v1/records/{cve_id}/return", "`{digest, comment}`", "200 `{state}`", "Returns the revision with this digest to its author", post(records::give_back)),
        line("GET", "/desk/v1/records/{cve_id}/plan", "", "200 `{revision, digest, is_update, obstacles, steps}`", "Says what publishing would do, with the exact requests, and what stands in its way", get(records::preview)),
        line("POST", "/desk/v1/records/{cve_id}/publish", "", "200 `{cve_id, case, advisory, advisory_url, followup}`", "Makes the advisory public and sends the record after it", post(records::publish)),
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

#[rustfmt::skip]
fn id_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/ids", "`?state=&year=`", "200 `{ids, pool}`", "Lists the IDs of the ledger, and how the pool stands", get(ids::list)),
        line("POST", "/desk/v1/ids/reservations", "`{amount?, year?, sequential?, reason?}`", "202 `{year, amount, followups}`", "Reserves IDs for the pool; without an amount, as many as the buffer lacks", post(ids::reserve)),
        line("GET", "/desk/v1/ids/sync", "`?account=`", "200 `{accounts}`, each with its differences", "Compares the ledger with CVE Services, both ways", get(ids::sync)),
        line("POST", "/desk/v1/ids/import", "`{rows, account?, dry_run?}`; a row is `{row, cve_id, state?, title?, reserved_at?, reserved_by?, assigned_at?, advisory?, published_at?, notes?}`", "200 `{dry_run, added, completed, unchanged, unplaced}`", "Takes over a team's own sheet, and says what could not be placed", post(ids::import)),
        line("GET", "/desk/v1/ids/{cve_id}", "", "200 the line of the ledger", "Shows what became of an ID", get(ids::show)),
        line("GET", "/desk/v1/followups", "`?all=`", "200 `{followups}`", "Lists what waits to be said to other servers", get(followups::list)),
        line("GET", "/desk/v1/followups/{followup}", "", "200 the follow-up", "Shows a follow-up, with the last answer", get(followups::show)),
        line("POST", "/desk/v1/followups/{followup}/retry", "", "204", "Tries a held or failed follow-up again", post(followups::retry)),
        line("POST", "/desk/v1/followups/{followup}/cancel", "`{reason}`", "204", "Gives a follow-up up that is held, has failed or was never tried", post(followups::cancel)),
        line("POST", "/desk/v1/accounts/{name}/test", "", "200 `{name, environment, id_quota, total_reserved, available}`", "Asks the service whether it takes an account", post(accounts::test)),
        line("POST", "/desk/v1/accounts/{name}/key", "`{key}`", "200 as for `test`", "Puts another key in the place of an account's, once the service takes it", post(accounts::set_key)),
        line("POST", "/desk/v1/accounts/{name}/remove", "", "204", "Removes an account that nothing needs any more", post(accounts::remove)),
    ]
}

#[rustfmt::skip]
fn office_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/cases/{id}/tasks", "`?all=true` for those that have ended too", "200 `{tasks}`", "Lists the tasks of a case", get(office::tasks)),
        line("POST", "/desk/v1/cases/{id}/tasks", "`{title?, owner?, due?, clock?, origin?}`", "201 the task", "Makes a task", post(office::add_task)),
        line("POST", "/desk/v1/cases/{id}/tasks/{number}/done", "`{note?}`", "204", "Notes that a task is done", post(office::task_done)),
        line("POST", "/desk/v1/cases/{id}/tasks/{number}/drop", "`{reason}`", "204", "Notes that a task need not be done", post(office::task_dropped)),
        line("GET", "/desk/v1/cases/{id}/links", "", "200 `{links}`", "Lists what a case has to do with other cases and pages", get(office::links)),
        line("POST", "/desk/v1/cases/{id}/links", "`{relation, target, note?}`; a target is a case or an address", "201 `{number}`", "Links a case", post(office::relate)),
        line("POST", "/desk/v1/cases/{id}/links/{number}/remove", "", "204", "Removes a link", post(office::unrelate)),
        line("GET", "/desk/v1/cases/{id}/hand-over", "", "200 `{to, by, comment, at}`, or `null`", "Shows the offer of a case that waits", get(office::offer)),
        line("POST", "/desk/v1/cases/{id}/hand-over", "`{to, comment}`", "204", "Offers a case to somebody on it", post(office::hand_over)),
        line("POST", "/desk/v1/cases/{id}/accept", "", "200 `{state}`", "Accepts a case that was offered", post(office::accept)),
        line("POST", "/desk/v1/cases/{id}/members", "`{person}`", "204", "Puts somebody on a case", post(office::add_member)),
        line("POST", "/desk/v1/cases/{id}/members/{person}/remove", "", "204", "Takes somebody off a case", post(office::remove_member)),
        line("POST", "/desk/v1/cases/{id}/severity", "`{severity, reason?}`", "204", "Says how severe a case is", post(office::severity)),
        line("GET", "/desk/v1/cases/{id}/outgoing", "", "200 `{outgoing}`", "Lists what was drafted for reporter and vendors, sent or not", get(office::outgoing)),
        line("POST", "/desk/v1/cases/{id}/outgoing", "`{lane, contact?, body}`; a lane is `reporter` or `vendors`", "201 `{number}`", "Drafts a message; nothing is sent", post(office::draft_message)),
        line("POST", "/desk/v1/cases/{id}/outgoing/{number}/send", "", "200 `{followup, by_hand}`", "Sends a drafted message", post(office::send_message)),
        line("POST", "/desk/v1/cases/{id}/outgoing/{number}/drop", "", "204", "Drops a drafted message", post(office::drop_message)),
        line("GET", "/desk/v1/cases/{id}/vendors", "", "200 `{vendors}`", "Lists whom the lane of vendors reaches", get(office::vendors)),
        line("PUT", "/desk/v1/cases/{id}/vendors", "`{name, address?}`", "204", "Sets whom the lane of vendors reaches", put(office::put_vendor)),
        line("POST", "/desk/v1/cases/{id}/erase", "`{reason}`", "204", "Erases the reporter of a case and what it wrote", post(office::erase_reporter)),
        line("POST", "/desk/v1/people/{name}/erase", "`{reason}`", "200 `{name}`", "Erases somebody who has left", post(office::erase_person)),
        line("PUT", "/desk/v1/people/{name}/contact", "`{mail, zone?, hour?}`", "200 the same", "Sets where mail reaches somebody, and when its digest goes out", put(office::contact)),
        line("GET", "/desk/v1/clocks/reminders", "", "200 `{reminders}`", "Lists the reminders that are due, and why those that wait do", get(office::reminders)),
        line("POST", "/desk/v1/clocks/reminders", "", "200 `{mails}`", "Gives the reminders that are due now", post(office::give_reminders)),
    ]
}

#[rustfmt::skip]
fn catalogue_lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/desk/v1/catalogue", "", "200 `{products}`", "Lists the catalogue with everything that is known", get(catalogue::list)),
        line("POST", "/desk/v1/catalogue", "`{products, dry_run?}`; a product is `{name, vendor, product, repository?, version_type, purl?, cpe?, delivery?, lines?, contacts?}`", "200 `{dry_run, added, changed, unchanged}`", "Adds products, or replaces those of their names; all or none", post(catalogue::import)),
        line("POST", "/desk/v1/catalogue/remove", "`{name}`", "204", "Takes a product out of the catalogue", post(catalogue::remove)),
        line("GET", "/desk/v1/mail", "", "200 the mail server without its password, or `null`", "Shows the mail server", get(catalogue::mail)),
        line("PUT", "/desk/v1/mail", "`{host, port, tls, user?, password?, from, may_carry_texts?}`; tls is `tls`, `starttls` or `none`", "200 the same without the password", "Sets the mail server", put(catalogue::set_mail)),
        line("POST", "/desk/v1/mail/test", "`{to}`", "202 `{followup}`", "Leaves a test mail", post(catalogue::test_mail)),
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
