//! The page of one advisory.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use casework::PublicAdvisory;

use super::validator::kept;
use crate::advisory::AdvisoryView;
use crate::door::Gate;
use crate::moment::Moment;
use crate::page::{Frame, HTML};
use crate::settings::Settings;
use crate::stop::Stop;

/// The page of one advisory.
#[derive(Template)]
#[template(path = "advisory_page.html")]
struct AdvisoryPage {
    frame: Frame,
    advisory: AdvisoryView,
    permalink: String,
    published: Moment,
    modified: Moment,
    is_modified: bool,
    has_record: bool,
    /// Names of the documents beside the record, and what they are.
    documents: Vec<(String, &'static str)>,
}

pub(super) async fn show(
    State(gate): State<Gate>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    gate.read(move |published, settings| {
        let public = published.advisory(&id)?;
        let public = public.ok_or_else(|| Stop::not_found("the page"))?;
        let page = page(public, published.portal_url(), settings);
        let text = crate::page::text(&page)?;
        Ok(kept(&headers, HTML, text.into_bytes()))
    })
    .await
}

fn page(public: PublicAdvisory, portal_url: &str, settings: &Settings) -> AdvisoryPage {
    let advisory = AdvisoryView::new(&public.advisory);
    let title = format!("{}: {}", advisory.cve_id, advisory.title);
    AdvisoryPage {
        frame: Frame::new(settings, title),
        permalink: format!("{portal_url}/advisories/{}", advisory.id),
        advisory,
        published: Moment(public.published),
        modified: Moment(public.modified),
        is_modified: public.modified != public.published,
        has_record: public.documents.iter().any(|name| name == "cve.json"),
        documents: others(&public.documents),
    }
}

/// The documents beside the record, with the names of their formats.
fn others(documents: &[String]) -> Vec<(String, &'static str)> {
    let format = |name: &str| match name {
        "csaf.json" => Some("CSAF"),
        "osv.json" => Some("OSV"),
        "openvex.json" => Some("OpenVEX"),
        "cyclonedx.json" => Some("CycloneDX VEX"),
        _ => None,
    };
    let known = documents.iter();
    known
        .filter_map(|name| Some((name.clone(), format(name)?)))
        .collect()
}
