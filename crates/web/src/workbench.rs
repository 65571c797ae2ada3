//! The desk's pages under `/desk`, and signing in.

mod actions;
mod case_list;
mod case_page;
mod case_record;
mod next_step;
mod progress;
mod sign_in;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use casework::{Actor, Desk};

use crate::door::Door;
use crate::page::{bare, desk_error, is_bare_error};
use crate::route::{Audience, Line, Route, mounted};
use crate::session::Caller;
use crate::settings::Settings;
use crate::stop::Stop;
use crate::{LIMITS, headers};

/// The router of the workbench.
pub(crate) fn router(door: Door) -> Router {
    mounted(lines(), "")
        .layer(DefaultBodyLimit::max(LIMITS.max_body_bytes))
        .layer(middleware::from_fn(headers::in_time))
        .layer(middleware::from_fn_with_state(door.clone(), paged))
        .with_state(door)
}

/// Every route of the workbench with its handler.
#[rustfmt::skip]
pub(crate) fn lines() -> Vec<Line<Door>> {
    vec![
        line("GET", "/sign-in", "`?link=`", "Asks for a click, so that a preview of the link does not use it up", get(sign_in::show)),
        line("POST", "/sign-in", "`link`", "Uses up a sign-in link and opens a session", post(sign_in::open)),
        line("POST", "/sign-out", "", "Ends the session", post(sign_in::end)),
        line("GET", "/desk", "`?page=`", "Lists the cases of the person", get(case_list::show)),
        line("GET", "/desk/cases/{id}", "", "Shows a case and its next step", get(case_page::show)),
        line("POST", "/desk/cases/{id}/take", "", "Takes a case", post(actions::take)),
        line("POST", "/desk/cases/{id}/answers", "`node`, `value`, `reason`, `finding`, `other`, `names`, `evidence`, `overriding`, `exception`", "Answers a question of the decision tree", post(actions::answer)),
        line("POST", "/desk/cases/{id}/findings", "`name`", "Adds a finding", post(actions::add_finding)),
        line("POST", "/desk/cases/{id}/confirm", "`digest`, `comment`", "Confirms the number of vulnerabilities", post(actions::confirm)),
        line("POST", "/desk/cases/{id}/assign", "", "Assigns a CVE ID", post(actions::assign)),
        line("POST", "/desk/cases/{id}/messages", "`body`", "Writes an internal message", post(actions::comment)),
        line("POST", "/desk/cases/{id}/followups/{followup}/retry", "", "Tries a follow-up again", post(actions::retry)),
        line("POST", "/desk/cases/{id}/records/{cve_id}/drafts", "`document`; the report without it", "Saves a revision of the draft", post(actions::draft)),
        line("POST", "/desk/cases/{id}/records/{cve_id}/approve", "`digest`, `comment`", "Approves a revision", post(actions::approve)),
        line("POST", "/desk/cases/{id}/records/{cve_id}/return", "`digest`, `comment`", "Returns a revision to its author", post(actions::give_back)),
        line("POST", "/desk/cases/{id}/records/{cve_id}/publish", "`confirm`: the CVE ID", "Makes the advisory public and sends the record", post(actions::publish)),
    ]
}

fn line(
    method: &'static str,
    path: &'static str,
    takes: &'static str,
    does: &'static str,
    handler: axum::routing::MethodRouter<Door>,
) -> Line<Door> {
    let route = Route {
        audience: Audience::Workbench,
        method,
        path,
        takes,
        gives: if method == "GET" { "HTML" } else { "303" },
        does,
    };
    Line::new(route, handler)
}

/// Crosses once and answers with a page, or with one that says why not.
async fn answer(
    door: &Door,
    caller: Result<Caller, Stop>,
    work: impl FnOnce(&Desk, &Actor, &Settings) -> Result<Response, Stop> + Send + 'static,
) -> Response {
    let settings = door.settings().clone();
    let crossed = match caller {
        Ok(caller) => {
            door.work(caller, move |desk, actor| work(desk, actor, &settings))
                .await
        }
        Err(stop) => Err(stop),
    };
    crossed.unwrap_or_else(|stop| desk_error(door.settings(), stop.explain()))
}

/// Puts errors without a page on one.
async fn paged(State(door): State<Door>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if is_bare_error(&response) {
        return desk_error(door.settings(), bare(response.status()));
    }
    response
}
