//! What programs read: records, the feed, redirects, health.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cve::id::CveId;

use super::validator::{kept, kept_redirect};
use crate::door::Gate;
use crate::stop::Stop;

/// The record, byte for byte as it was read back.
pub(super) async fn record(
    State(gate): State<Gate>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    gate.read(move |published, _| {
        let document = published.document(&id, "cve.json")?;
        let document = document.ok_or_else(|| Stop::not_found("the record"))?;
        Ok(kept(&headers, &document.content_type, document.body))
    })
    .await
}

/// Asks only what is published, so an ID under embargo, an ID of somebody
/// else and no ID at all get the same answer.
pub(super) async fn by_cve_id(State(gate): State<Gate>, Path(id): Path<String>) -> Response {
    gate.read(move |published, _| {
        let id: Option<CveId> = id.parse().ok();
        let advisory = match id {
            Some(id) => published.advisory_of(id)?,
            None => None,
        };
        let advisory = advisory.ok_or_else(|| Stop::not_found("the page"))?;
        Ok(kept_redirect(&format!("/advisories/{advisory}")))
    })
    .await
}

/// For readers who cut the address of an advisory short.
pub(super) async fn to_list() -> Response {
    kept_redirect("/")
}

pub(super) async fn feed(State(gate): State<Gate>, headers: HeaderMap) -> Response {
    gate.read(move |published, settings| {
        let mut feed = published.json_feed()?;
        feed["title"] = format!("{} security advisories", settings.product).into();
        let body = feed.to_string().into_bytes();
        Ok(kept(&headers, "application/feed+json", body))
    })
    .await
}

/// Source: RFC 9116; there is none without a contact, which it must have.
pub(super) async fn security_txt(State(gate): State<Gate>, headers: HeaderMap) -> Response {
    gate.read(move |published, settings| {
        let contact = settings.security_contact.as_ref();
        let contact = contact.ok_or_else(|| Stop::not_found("the page"))?;
        let text = format!(
            "Contact: {}\nExpires: {}\nCanonical: {}/.well-known/security.txt\n",
            contact.contact,
            contact.expires,
            published.portal_url()
        );
        Ok(kept(
            &headers,
            "text/plain; charset=utf-8",
            text.into_bytes(),
        ))
    })
    .await
}

/// Reads the smallest thing there is, so that a server whose store does not
/// answer is taken out of service.
pub(super) async fn health(State(gate): State<Gate>) -> Response {
    gate.read(|published, _| {
        published.advisories(0, 1)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}
