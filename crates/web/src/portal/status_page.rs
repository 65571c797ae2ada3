//! The page of a reporter's link. Its address is a secret, so nothing on it
//! leads away with a referrer, nobody keeps it, and no index lists it.

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{LOCATION, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use casework::{Error, Refusal, ReporterStatus, Standing};
use serde::Deserialize;

use super::reception::{Form, Inbox, busy};
use crate::moment::Moment;
use crate::page::{Frame, html, portal_error, sentence};
use crate::stop::Stop;

/// Where a report stands.
#[derive(Template)]
#[template(path = "status_page.html")]
struct StatusPage {
    frame: Frame,
    secret: String,
    reference: String,
    received: Moment,
    stations: Vec<Station>,
    words: &'static str,
    question: String,
    cve_ids: Vec<String>,
    planned: Option<Moment>,
    advisories: Vec<String>,
    consents: bool,
    credit: String,
    is_anonymous: bool,
    files: Vec<String>,
    notice: &'static str,
    problem: String,
    /// What was typed into a form that was refused.
    typed_answer: String,
}

struct Station {
    name: &'static str,
    is_now: bool,
}

/// What the request before this page did, as a word of a closed list.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(
    State(inbox): State<Inbox>,
    Path(secret): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    page(&inbox, secret, &done.done, None).await
}

async fn page(
    inbox: &Inbox,
    secret: String,
    done: &str,
    refused: Option<(String, String)>,
) -> Response {
    let asked = secret.clone();
    let found = inbox
        .cross(move |inbox| Ok(inbox.link.status(&asked)?))
        .await;
    let mut response = match found {
        Ok(status) => {
            let code = match refused {
                Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
                None => StatusCode::OK,
            };
            html(code, &of_status(inbox, secret, status, done, refused))
        }
        Err(stop) => portal_error(&inbox.settings, stop.explain()),
    };
    keep_secret(response.headers_mut());
    response
}

/// What keeps the address to those who have it.
fn keep_secret(headers: &mut HeaderMap) {
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let robots = HeaderName::from_static("x-robots-tag");
    headers.insert(robots, HeaderValue::from_static("noindex, nofollow"));
}

fn of_status(
    inbox: &Inbox,
    secret: String,
    status: ReporterStatus,
    done: &str,
    refused: Option<(String, String)>,
) -> StatusPage {
    let (problem, typed_answer) = refused.unwrap_or_default();
    let stations = [
        ("Received", Standing::Received),
        ("Being looked at", Standing::LookedAt),
        ("Waiting for you", Standing::WaitsForYou),
        ("Decided", Standing::Decided),
        ("Published", Standing::Published),
    ];
    // Nothing waits for most reporters.
    let shown = stations
        .into_iter()
        .filter(|(_, at)| *at != Standing::WaitsForYou || status.standing == *at);
    StatusPage {
        frame: Frame::new(&inbox.settings, "Your report"),
        secret,
        reference: status.reference,
        received: Moment(status.received),
        stations: shown
            .map(|(name, at)| Station {
                name,
                is_now: at == status.standing,
            })
            .collect(),
        words: words(status.standing),
        question: status.question,
        cve_ids: status.cve_ids.iter().map(ToString::to_string).collect(),
        planned: status.planned.map(Moment),
        advisories: status.advisories,
        consents: status.consent == "yes",
        credit: status.credit,
        is_anonymous: status.is_anonymous,
        files: status.files,
        notice: notice(done),
        problem: if problem.is_empty() {
            problem
        } else {
            sentence(&problem)
        },
        typed_answer,
    }
}

fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Received => "Your report came in. Somebody will look at it.",
        Standing::LookedAt => "Somebody is looking at your report.",
        Standing::WaitsForYou => {
            "There is a question for you. Your report goes on with your answer."
        }
        Standing::Decided => "It was decided what becomes of your report.",
        Standing::Published => "What you reported is public.",
    }
}

fn notice(done: &str) -> &'static str {
    match done {
        "answer" => "Thank you. Your message came in.",
        "file" => "Thank you. Your file came in.",
        "credit" => "Thank you. What you said about credit is noted.",
        "contact" => "Thank you. How to reach you is noted.",
        _ => "",
    }
}

pub(super) async fn change(
    State(inbox): State<Inbox>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(wait) = inbox.admit(&parts) {
        return busy(&inbox.settings, wait);
    }
    // Who knows the address may post to it, and nobody else can: the page
    // names no origin, so only what a browser says by itself is asked.
    let foreign = parts
        .headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin");
    if foreign {
        return portal_error(&inbox.settings, crate::page::bare(StatusCode::FORBIDDEN));
    }
    let form = match inbox.form(&parts, body).await {
        Ok(form) => form,
        Err(stop) => return portal_error(&inbox.settings, stop.explain()),
    };
    let (typed, asked) = (form.text("answer"), secret.clone());
    let done = inbox.cross(move |inbox| set(inbox, &asked, form)).await;
    let mut response = match done {
        Ok(done) => {
            let location = format!("/status/{secret}?done={done}");
            (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
        }
        Err(Stop::Desk(Error::Refused(Refusal::Invalid { problem, .. }))) => {
            return page(&inbox, secret, "", Some((problem, typed))).await;
        }
        Err(stop) => portal_error(&inbox.settings, stop.explain()),
    };
    keep_secret(response.headers_mut());
    response
}

/// Does what a form of the page asks; gives a word for it.
fn set(inbox: &Inbox, secret: &str, form: Form) -> Result<&'static str, Stop> {
    let link = &inbox.link;
    match form.text("what").as_str() {
        "answer" => {
            link.answer(secret, &form.text("answer"))?;
            Ok("answer")
        }
        "file" => {
            let mut files = form.files;
            let file = files
                .pop()
                .ok_or_else(|| Stop::invalid("file", "choose a file first"))?;
            link.attach(secret, file)?;
            Ok("file")
        }
        "credit" => {
            let consents = !form.text("consents").is_empty();
            link.set_credit(secret, consents, &form.text("credit"))?;
            Ok("credit")
        }
        "contact" => {
            link.set_contact(secret, &form.text("name"), &form.text("contact"))?;
            Ok("contact")
        }
        _ => Err(Stop::request(
            StatusCode::BAD_REQUEST,
            "invalid_body",
            "the form cannot be read: send it from its page",
        )),
    }
}
