//! Signing in with a one-time link, and out.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use casework::Desk;
use serde::Deserialize;

use crate::door::Door;
use crate::page::{Frame, desk_error, desk_page};
use crate::session::{refuse_foreign, session, set_cookie};
use crate::stop::Stop;

/// The page a sign-in link leads to.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    link: String,
}

/// A sign-in link's secret. It has no `Debug`, so that no log can show it.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    link: String,
}

/// Changes nothing: programs that fetch links to preview them use up none.
pub(super) async fn show(State(door): State<Door>, Query(link): Query<Link>) -> Response {
    let page = SignIn {
        frame: Frame::new(door.settings(), "Sign in"),
        link: link.link,
    };
    desk_page(StatusCode::OK, &page)
}

pub(super) async fn open(
    State(door): State<Door>,
    parts: Parts,
    Form(link): Form<Link>,
) -> Response {
    let opened = match refuse_foreign(&parts.headers) {
        Ok(()) => {
            let sign_in = move |desk: &Desk| Ok(desk.sign_in(&link.link)?);
            door.attempt(&parts, sign_in).await
        }
        Err(stop) => Err(stop),
    };
    match opened {
        Ok(secret) => see_other(
            "/desk",
            &set_cookie(secret.reveal(), door.settings().secure_cookies),
        ),
        Err(stop) => desk_error(door.settings(), stop.explain()),
    }
}

pub(super) async fn end(State(door): State<Door>, headers: HeaderMap) -> Response {
    let ended = match (refuse_foreign(&headers), session(&headers)) {
        (Err(stop), _) => Err(stop),
        (Ok(()), None) => Ok(()),
        (Ok(()), Some(secret)) => {
            let secret = secret.to_owned();
            door.unsigned(move |desk| Ok::<_, Stop>(desk.sign_out(&secret)?))
                .await
        }
    };
    match ended {
        Ok(()) => see_other("/", &set_cookie("", door.settings().secure_cookies)),
        Err(stop) => desk_error(door.settings(), stop.explain()),
    }
}

fn see_other(location: &'static str, cookie: &str) -> Response {
    let headers = [(LOCATION, location), (SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers).into_response()
}
