//! The headers of every answer, errors included.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::headers::stamp;

use crate::LIMITS;

/// What browsers are told on every answer.
///
/// Source: OWASP Secure Headers; docs/architecture.md, decision 3.17 (nothing
/// from another host, no script).
const CAREFUL: &[(&str, &str)] = &[
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

const POLICY: &str = "default-src 'self'; script-src 'none'; object-src 'none'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HTTPS_ONLY: &[(&str, &str)] = &[("strict-transport-security", "max-age=15552000")];

/// The router with the headers, the time limit and the default of not being
/// stored on every answer.
pub(crate) fn stamped(router: Router, is_secure: bool) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        async move {
            let mut response = next.run(request).await;
            let headers = response.headers_mut();
            stamp(headers, CAREFUL);
            if is_secure {
                stamp(headers, HTTPS_ONLY);
            }
            default(headers, CONTENT_SECURITY_POLICY, POLICY);
            default(headers, REFERRER_POLICY, "no-referrer");
            // What may be kept says so; everything else may not.
            default(headers, CACHE_CONTROL, "no-store");
            response
        }
    }))
}

/// Gives up on an answer that takes too long; inside the layers that put
/// errors into the envelope of their door.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    match LIMITS.in_time(next.run(request)).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

/// Lets the forms of a page say which site they come from.
///
/// Under `no-referrer` browsers send `Origin: null` with every form, and a
/// desk on plain HTTP could not tell its own from a foreign one. This policy
/// names the origin and never a path or a query, so no secret of a link
/// leaves the page.
/// Source: Fetch section 3.1 (append a request `Origin` header).
pub(crate) fn name_origin(headers: &mut HeaderMap) {
    stamp(headers, &[("referrer-policy", "strict-origin")]);
}

fn default(headers: &mut HeaderMap, name: axum::http::HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
