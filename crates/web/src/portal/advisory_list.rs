//! The list of advisories.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use casework::{PublicAdvisory, Published};
use serde::Deserialize;

use super::validator::kept;
use crate::advisory::severity_class;
use crate::door::Gate;
use crate::moment::{DayElement, Moment};
use crate::page::{Frame, HTML};
use crate::settings::Settings;
use crate::stop::Stop;
use crate::words::capital;

/// Advisories on one page.
const PAGE_SIZE: u32 = 50;

/// The list of advisories.
#[derive(Template)]
#[template(path = "advisory_list.html")]
struct AdvisoryList {
    frame: Frame,
    lines: Vec<AdvisoryLine>,
    page: u32,
    /// Numbers of the pages beside this one; 0 where there is none.
    newer: u32,
    older: u32,
}

struct AdvisoryLine {
    id: String,
    cve_id: String,
    title: String,
    severity: String,
    severity_class: &'static str,
    products: String,
    published: DayElement,
}

/// Which page is asked for, from 1.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    #[serde(default = "first")]
    page: u32,
}

fn first() -> u32 {
    1
}

pub(super) async fn show(
    State(gate): State<Gate>,
    Query(part): Query<Part>,
    headers: HeaderMap,
) -> Response {
    gate.read(move |published, settings| {
        let page = list(published, settings, part.page)?;
        let text = crate::page::text(&page)?;
        Ok(kept(&headers, HTML, text.into_bytes()))
    })
    .await
}

fn list(published: &Published, settings: &Settings, page: u32) -> Result<AdvisoryList, Stop> {
    let page = page.clamp(1, 100_000);
    let offset = (page - 1) * PAGE_SIZE;
    let mut advisories = published.advisories(offset, PAGE_SIZE + 1)?;
    let has_more = advisories.len() > PAGE_SIZE as usize;
    advisories.truncate(PAGE_SIZE as usize);
    Ok(AdvisoryList {
        frame: Frame::new(settings, "Security advisories"),
        lines: advisories.into_iter().map(line).collect(),
        page,
        newer: page - 1,
        older: if has_more { page + 1 } else { 0 },
    })
}

fn line(public: PublicAdvisory) -> AdvisoryLine {
    let advisory = public.advisory;
    let mut products: Vec<_> = advisory
        .affected
        .into_iter()
        .map(|line| line.product)
        .collect();
    products.dedup();
    AdvisoryLine {
        severity: capital(&advisory.severity),
        severity_class: severity_class(&advisory.severity),
        id: advisory.id,
        cve_id: advisory.cve_id.to_string(),
        title: advisory.title,
        products: products.join(", "),
        published: Moment(public.published).day_element(),
    }
}
