//! What programs read: records, the feed, redirects, health.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use casework::SecurityTxt;
use cve::convert::Target;
use cve::id::CveId;

use super::validator::{kept, kept_redirect};
use crate::door::Gate;
use crate::stop::Stop;

/// A document beside an advisory; the record, byte for byte as it was read
/// back.
pub(super) async fn document(
    State(gate): State<Gate>,
    Path((id, document)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    gate.read(move |published, _| {
        let document = published.document(&id, &document)?;
        let document = document.ok_or_else(|| Stop::not_found("the document"))?;
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

pub(super) async fn atom(state: State<Gate>, headers: HeaderMap) -> Response {
    record_feed(state, headers, Target::Atom, "application/atom+xml").await
}

pub(super) async fn rss(state: State<Gate>, headers: HeaderMap) -> Response {
    record_feed(state, headers, Target::Rss, "application/rss+xml").await
}

pub(super) async fn k8s_feed(state: State<Gate>, headers: HeaderMap) -> Response {
    record_feed(state, headers, Target::K8sFeed, "application/feed+json").await
}

/// A feed of the records themselves; there is none before the first.
async fn record_feed(
    State(gate): State<Gate>,
    headers: HeaderMap,
    target: Target,
    content_type: &'static str,
) -> Response {
    gate.read(move |published, _| {
        let feed = published.record_feed(target)?;
        let feed = feed.ok_or_else(|| Stop::not_found("the feed"))?;
        Ok(kept(&headers, content_type, feed.into_bytes()))
    })
    .await
}

/// Source: RFC 9116; there is none without a contact, which it must have.
pub(super) async fn security_txt(State(gate): State<Gate>, headers: HeaderMap) -> Response {
    gate.read(move |published, settings| {
        // What the organisation set goes before what the operator did.
        let text = match (published.security_txt()?, &settings.security_contact) {
            (Some(text), _) => text,
            (None, Some(contact)) => SecurityTxt {
                contact: vec![contact.contact.clone()],
                expires: contact.expires,
                policy: String::new(),
                preferred_languages: String::new(),
            },
            (None, None) => return Err(Stop::not_found("the page")),
        };
        let text = security_lines(&text, published.portal_url());
        Ok(kept(
            &headers,
            "text/plain; charset=utf-8",
            text.into_bytes(),
        ))
    })
    .await
}

fn security_lines(text: &SecurityTxt, portal: &str) -> String {
    let mut lines: Vec<String> = text
        .contact
        .iter()
        .map(|contact| format!("Contact: {contact}"))
        .collect();
    lines.push(format!("Expires: {}", text.expires));
    if !text.policy.is_empty() {
        lines.push(format!("Policy: {}", text.policy));
    }
    if !text.preferred_languages.is_empty() {
        lines.push(format!("Preferred-Languages: {}", text.preferred_languages));
    }
    lines.push(format!("Canonical: {portal}/.well-known/security.txt"));
    format!("{}\n", lines.join("\n"))
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
