//! Who is asking: the executable itself, a token, or a session cookie.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use casework::{Actor, Desk, Refusal};

use crate::client_address::client_address;
use crate::door::Door;
use crate::stop::Stop;

/// Name of the session cookie.
pub(crate) const COOKIE_NAME: &str = "cna_session";

/// How long a browser keeps the cookie; the desk ends the session by itself.
const COOKIE_SECONDS: u32 = 12 * 60 * 60;

/// How somebody says who they are. Nothing is proven before [`Caller::actor`].
pub(crate) enum Caller {
    /// Whoever the executable put among the extensions of the request.
    Known(Actor),
    /// Whoever holds this session or token, and from where it came.
    Holder(String, IpAddr),
}

impl Caller {
    /// The person, read from the desk at every request.
    ///
    /// Refuses: a secret that does not work (any more); after a while of that,
    /// with how long to wait.
    pub(crate) fn actor(self, door: &Door, desk: &Desk) -> Result<Actor, Stop> {
        match self {
            Caller::Known(actor) => Ok(actor),
            Caller::Holder(secret, address) => {
                door.limited(desk, address, desk.actor(&secret).map_err(Stop::from))
            }
        }
    }
}

impl FromRequestParts<Door> for Caller {
    type Rejection = Stop;

    /// The executable's word first, then a token, then the cookie. A cookie
    /// travels by itself, so it counts only on requests of our own pages.
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Caller, Stop> {
        if let Some(actor) = parts.extensions.get::<Actor>() {
            return Ok(Caller::Known(actor.clone()));
        }
        let address = client_address(parts, &door.settings().proxies);
        if let Some(token) = bearer(&parts.headers) {
            return Ok(Caller::Holder(token.to_owned(), address));
        }
        let Some(session) = session(&parts.headers) else {
            return Err(Refusal::NotSignedIn("sign in first".into()).into());
        };
        if !parts.method.is_safe() {
            refuse_foreign(&parts.headers)?;
        }
        Ok(Caller::Holder(session.to_owned(), address))
    }
}

/// The token of an `Authorization` header.
///
/// Source: RFC 6750 section 2.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The secret of the session cookie.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE_NAME && !value.is_empty())
        .map(|(_, value)| value)
}

/// The `Set-Cookie` that keeps a session, or ends it when `secret` is empty.
///
/// Source: RFC 6265bis section 4.1.2; `Strict` because nobody follows a link
/// from elsewhere into the middle of a case.
pub(crate) fn set_cookie(secret: &str, is_secure: bool) -> String {
    let seconds = if secret.is_empty() { 0 } else { COOKIE_SECONDS };
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Refuses a request another site made a browser send.
///
/// `Sec-Fetch-Site` decides where the browser sends it; it does so on HTTPS
/// and loopback. Elsewhere `Origin` must name the host that was asked. With
/// neither, no browser is asking.
/// Source: OWASP CSRF Prevention, Fetch Metadata and standard headers.
pub(crate) fn refuse_foreign(headers: &HeaderMap) -> Result<(), Stop> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let own = match (text(&SEC_FETCH_SITE), text(&ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(&HOST)
        }
        (None, None) => true,
    };
    if own {
        return Ok(());
    }
    Err(Stop::request(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "this was sent from another site: open the page of this desk and send it from there",
    ))
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        for (cookie, expected) in [
            ("cna_session=abc", Some("abc")),
            ("a=1; cna_session=abc; b=2", Some("abc")),
            ("xcna_session=abc", None),
            ("cna_session=", None),
        ] {
            assert_eq!(
                session(&headers(&[("cookie", cookie)])),
                expected,
                "{cookie}"
            );
        }
    }

    #[test]
    fn only_our_own_pages_may_send_a_form() {
        for (pairs, is_own) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://a"),
                    ("host", "a"),
                ],
                false,
            ),
            (
                &[("origin", "https://desk.example"), ("host", "desk.example")],
                true,
            ),
            (
                &[("origin", "https://evil.example"), ("host", "desk.example")],
                false,
            ),
            (&[("origin", "null"), ("host", "null")], false),
            (&[("host", "desk.example")], true),
        ] {
            assert_eq!(refuse_foreign(&headers(pairs)).is_ok(), is_own, "{pairs:?}");
        }
    }
}
