//! What every page has around it, and the pages that say what went wrong.

use askama::Template;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::asset;
use crate::headers::name_origin;
use crate::settings::Settings;
use crate::stop::{Explanation, Stop};

/// What every page has around it.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The page's own title, without the product's.
    pub(crate) title: String,
    pub(crate) product: String,
    /// The environment in words: `Practice`.
    pub(crate) environment: String,
    pub(crate) is_production: bool,
    pub(crate) style_url: String,
    /// Name of whoever is signed in; empty for nobody.
    pub(crate) person: String,
    /// The same as a command; empty where there is none.
    pub(crate) command: String,
    /// The same as a request to the API; empty where there is none.
    pub(crate) request: String,
}

impl Frame {
    pub(crate) fn new(settings: &Settings, title: impl Into<String>) -> Frame {
        let mut environment = settings.environment.clone();
        if let Some(first) = environment.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Frame {
            title: title.into(),
            product: settings.product.clone(),
            environment,
            is_production: settings.is_production(),
            style_url: asset::style_url(),
            person: String::new(),
            command: String::new(),
            request: String::new(),
        }
    }

    pub(crate) fn of(mut self, person: &str) -> Frame {
        person.clone_into(&mut self.person);
        self
    }

    pub(crate) fn also(mut self, command: String, request: String) -> Frame {
        self.command = command;
        self.request = request;
        self
    }
}

/// A page of the desk, whose forms may say which site they come from.
pub(crate) fn desk_page(status: StatusCode, page: &impl Template) -> Response {
    let mut response = html(status, page);
    name_origin(response.headers_mut());
    response
}

/// A page as a response.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Response {
    match text(page) {
        Ok(text) => (status, [(CONTENT_TYPE, HTML)], text).into_response(),
        Err(stop) => stop.into_response(),
    }
}

/// A page as text.
pub(crate) fn text(page: &impl Template) -> Result<String, Stop> {
    let broken = |error| casework::Error::Broken(format!("printing a page: {error}"));
    Ok(page.render().map_err(broken)?)
}

/// The media type of pages.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// A page of the desk that says what went wrong.
#[derive(Template)]
#[template(path = "desk_error.html")]
struct DeskError {
    frame: Frame,
    title: &'static str,
    message: String,
    hint: &'static str,
}

/// Answers with a page of the desk that says what went wrong.
pub(crate) fn desk_error(settings: &Settings, why: Explanation) -> Response {
    let title = title_of(why.status);
    let hint = match why.status {
        StatusCode::UNAUTHORIZED => {
            "Open your sign-in link. Each works once, for an hour; \
             an administrator of this desk can make you a new one."
        }
        StatusCode::NOT_FOUND => "It does not exist, or you are not on it.",
        _ => "",
    };
    let page = DeskError {
        frame: Frame::new(settings, title),
        title,
        message: sentence(&why.message),
        hint,
    };
    let mut response = desk_page(why.status, &page);
    if let Some(seconds) = why.retry_after_s {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// A page of the portal that says what went wrong.
#[derive(Template)]
#[template(path = "portal_error.html")]
struct PortalError {
    frame: Frame,
    title: &'static str,
    message: &'static str,
}

/// Answers with a page of the portal that says what went wrong.
///
/// Its words depend on nothing but the status: what is missing and what is
/// not public yet are told apart by nobody.
pub(crate) fn portal_error(settings: &Settings, why: Explanation) -> Response {
    let title = title_of(why.status);
    let message = match why.status {
        StatusCode::NOT_FOUND => "There is no such page, or it is not public.",
        status if status.is_server_error() => "Please try again in a moment.",
        _ => "Please check the address.",
    };
    let frame = Frame::new(settings, title);
    let page = PortalError {
        frame,
        title,
        message,
    };
    html(why.status, &page)
}

fn title_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "Not signed in",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::CONFLICT => "Not now",
        StatusCode::METHOD_NOT_ALLOWED => "Not possible here",
        StatusCode::PAYLOAD_TOO_LARGE => "Too large",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        status if status.is_server_error() => "Something broke",
        _ => "Not understood",
    }
}

/// A message as a sentence: upper case first, full stop last, and without
/// the backticks that mark values in a terminal.
pub(crate) fn sentence(message: &str) -> String {
    let mut text = message.replace('`', "");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !text.ends_with(['.', '!', '?', ':']) {
        text.push('.');
    }
    text
}

/// Says whether an answer is an error that is no page yet.
pub(crate) fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE);
    (status.is_client_error() || status.is_server_error())
        && content_type.is_none_or(|value| value != HTML)
}

/// What is told about an error that came with a status and nothing to show.
pub(crate) fn bare(status: StatusCode) -> Explanation {
    Explanation {
        status,
        code: "",
        message: match status {
            StatusCode::METHOD_NOT_ALLOWED => "this address takes no such request",
            StatusCode::PAYLOAD_TOO_LARGE => "what was sent is too large",
            status if status.is_server_error() => "try again in a moment",
            _ => "what was sent cannot be read",
        }
        .to_owned(),
        findings: Vec::new(),
        retry_after_s: None,
    }
}
