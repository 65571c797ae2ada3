//! Where reports come in, and where their reporters look after them. Handlers
//! hold an [`Inbox`]: it can file a report and open a link, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use casework::{Busy, Desk, File, Intake, Link, Throttle};
use http::Crossing;
use tokio::sync::Semaphore;

use super::{report_form, status_page};
use crate::client_address::client_address;
use crate::page::{Frame, bare, html, is_bare_error, portal_error};
use crate::route::{Audience, Line, Route, mounted};
use crate::settings::Settings;
use crate::stop::Stop;

/// How large and slow a form with files may be.
///
/// Source: our choice; three of the largest files at once.
pub(crate) const LIMITS: http::Limits = http::Limits {
    max_body_bytes: 32 * 1024 * 1024,
    body_timeout_ms: 120_000,
    request_timeout_ms: 180_000,
    ..crate::LIMITS
};

/// Forms that are read into memory at once; more wait.
const FORMS: usize = 4;

/// What the pages for reporters hold.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    pub(super) intake: Intake,
    pub(super) link: Link,
    pub(super) settings: Arc<Settings>,
    crossing: Crossing,
    throttle: Arc<Throttle>,
    forms: Arc<Semaphore>,
    pub(super) portal_url: String,
}

impl Inbox {
    pub(crate) fn new(desk: &Desk, crossing: Crossing, settings: Arc<Settings>) -> Inbox {
        Inbox {
            intake: desk.intake(),
            link: desk.link(),
            settings,
            crossing,
            throttle: Arc::new(Throttle::default()),
            forms: Arc::new(Semaphore::new(FORMS)),
            portal_url: desk.portal_url().to_owned(),
        }
    }

    /// Crosses once.
    pub(super) async fn cross<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inbox) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let inbox = self.clone();
        self.crossing.cross(move || work(&inbox)).await?
    }

    /// Counts a request of whoever sent it.
    pub(super) fn admit(&self, parts: &Parts) -> Result<(), Busy> {
        let address = client_address(parts, &self.settings.proxies);
        self.intake.admit(&self.throttle, address)
    }

    /// Counts a report.
    pub(super) fn admit_report(&self) -> Result<(), Busy> {
        self.intake.admit_report(&self.throttle)
    }

    /// Reads a form, with files or without.
    pub(super) async fn form(&self, parts: &Parts, body: Body) -> Result<Form, Stop> {
        // The semaphore is never closed.
        let _permit = self.forms.acquire().await.ok();
        let bytes = LIMITS.read_body(body).await?;
        Form::read(parts, bytes).await
    }
}

/// The router of the pages for reporters.
pub(crate) fn router(inbox: Inbox) -> Router {
    mounted(lines(), "")
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(inbox.clone(), paged))
        .with_state(inbox)
}

/// Every route for reporters with its handler.
#[rustfmt::skip]
pub(crate) fn lines() -> Vec<Line<Inbox>> {
    vec![
        line("GET", "/report", "", "HTML", "The form with which anybody reports a vulnerability", get(report_form::show)),
        line("POST", "/report", "the form", "HTML", "Files a report", post(report_form::file)),
        line("GET", "/status/{secret}", "", "HTML", "Says to a reporter where the report stands", get(status_page::show)),
        line("POST", "/status/{secret}", "the form", "303", "Answers, adds files, sets credit and contact", post(status_page::change)),
    ]
}

fn line(
    method: &'static str,
    path: &'static str,
    takes: &'static str,
    gives: &'static str,
    does: &'static str,
    handler: axum::routing::MethodRouter<Inbox>,
) -> Line<Inbox> {
    let route = Route {
        audience: Audience::Public,
        method,
        path,
        takes,
        gives,
        does,
    };
    Line::new(route, handler)
}

async fn in_time(request: Request, next: Next) -> Response {
    match LIMITS.in_time(next.run(request)).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

/// Puts errors without a page on one.
async fn paged(State(inbox): State<Inbox>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if is_bare_error(&response) {
        return portal_error(&inbox.settings, bare(response.status()));
    }
    response
}

/// A page that says to come back later.
#[derive(askama::Template)]
#[template(path = "portal_busy.html")]
struct PortalBusy {
    frame: Frame,
    minutes: i64,
}

/// Says to come back later, in plain words and to programs.
pub(super) fn busy(settings: &Settings, busy: Busy) -> Response {
    let page = PortalBusy {
        frame: Frame::new(settings, "Please try again later"),
        minutes: (busy.retry_after_s + 59) / 60,
    };
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, &page);
    let seconds = HeaderValue::from(busy.retry_after_s);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

/// What a form held.
#[derive(Default)]
pub(super) struct Form {
    fields: HashMap<String, String>,
    pub(super) files: Vec<File>,
}

/// Fields a form has at most, files among them.
const FIELDS: usize = 64;

impl Form {
    /// The text of a field; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    async fn read(parts: &Parts, bytes: Bytes) -> Result<Form, Stop> {
        let media_type = parts.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default();
        let mut form = Form::default();
        let Ok(boundary) = multer::parse_boundary(media_type) else {
            let request = Request::new(Body::from(bytes));
            let (mut head, body) = request.into_parts();
            head.headers.clone_from(&parts.headers);
            head.method.clone_from(&parts.method);
            let request = Request::from_parts(head, body);
            let read = <axum::Form<Vec<(String, String)>> as axum::extract::FromRequest<()>>::from_request(request, &()).await;
            let axum::Form(fields) = read.map_err(|_| unreadable())?;
            form.fields = fields.into_iter().take(FIELDS).collect();
            return Ok(form);
        };
        let stream = Body::from(bytes).into_data_stream();
        let mut multipart = multer::Multipart::new(stream, boundary);
        for _ in 0..FIELDS {
            let field = multipart.next_field().await.map_err(|_| unreadable())?;
            let Some(field) = field else { break };
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|_| unreadable())?;
            match file_name {
                // What a browser sends where no file was chosen.
                Some(file_name) if file_name.is_empty() && bytes.is_empty() => {}
                Some(name) => form.files.push(File {
                    name,
                    bytes: bytes.into(),
                }),
                None => {
                    let text = String::from_utf8(bytes.into()).map_err(|_| unreadable())?;
                    form.fields.insert(name, text);
                }
            }
        }
        Ok(form)
    }
}

fn unreadable() -> Stop {
    let message = "the form cannot be read: send it from its page";
    Stop::request(StatusCode::BAD_REQUEST, "invalid_body", message)
}
