//! The list of advisories.

use askama::Template;
use axum::extract::{Path, Query, State};
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
    title: String,
    /// Address of the list, without its page.
    path: String,
    lines: Vec<AdvisoryLine>,
    page: u32,
    /// Numbers of the pages beside this one; 0 where there is none.
    newer: u32,
    older: u32,
    /// Lists of a part of the advisories: address, words, how many.
    parts: Vec<(String, String, i64)>,
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
        let asked = Asked::new(part.page);
        let advisories = published.advisories(asked.offset(), PAGE_SIZE + 1)?;
        let title = "Security advisories".to_owned();
        let page = list(
            settings,
            title,
            "/".to_owned(),
            asked,
            advisories,
            parts(published)?,
        );
        let text = crate::page::text(&page)?;
        Ok(kept(&headers, HTML, text.into_bytes()))
    })
    .await
}

/// The advisories of a product, at an address that stays.
pub(super) async fn of_product(
    State(gate): State<Gate>,
    Path(slug): Path<String>,
    Query(part): Query<Part>,
    headers: HeaderMap,
) -> Response {
    gate.read(move |published, settings| {
        let asked = Asked::new(part.page);
        let found = published.of_product(&slug, asked.offset(), PAGE_SIZE + 1)?;
        if found.name.is_empty() {
            return Err(Stop::not_found("the page"));
        }
        let title = format!("Security advisories for {}", found.name);
        let path = format!("/products/{slug}");
        let page = list(settings, title, path, asked, found.advisories, Vec::new());
        let text = crate::page::text(&page)?;
        Ok(kept(&headers, HTML, text.into_bytes()))
    })
    .await
}

/// The advisories that became public in a year (UTC).
pub(super) async fn of_year(
    State(gate): State<Gate>,
    Path(year): Path<String>,
    Query(part): Query<Part>,
    headers: HeaderMap,
) -> Response {
    gate.read(move |published, settings| {
        let asked = Asked::new(part.page);
        let found = published.of_year(&year, asked.offset(), PAGE_SIZE + 1)?;
        if found.advisories.is_empty() {
            return Err(Stop::not_found("the page"));
        }
        let title = format!("Security advisories of {year}");
        let path = format!("/years/{year}");
        let page = list(settings, title, path, asked, found.advisories, Vec::new());
        let text = crate::page::text(&page)?;
        Ok(kept(&headers, HTML, text.into_bytes()))
    })
    .await
}

/// The page that is asked for.
#[derive(Clone, Copy)]
struct Asked(u32);

impl Asked {
    fn new(page: u32) -> Asked {
        Asked(page.clamp(1, 100_000))
    }

    fn offset(self) -> u32 {
        (self.0 - 1) * PAGE_SIZE
    }
}

fn parts(published: &Published) -> Result<Vec<(String, String, i64)>, Stop> {
    let mut parts = Vec::new();
    for (slug, name, count) in published.products()? {
        parts.push((format!("/products/{slug}"), name, count));
    }
    for (year, count) in published.years()? {
        parts.push((format!("/years/{year}"), year, count));
    }
    Ok(parts)
}

fn list(
    settings: &Settings,
    title: String,
    path: String,
    Asked(page): Asked,
    mut advisories: Vec<PublicAdvisory>,
    parts: Vec<(String, String, i64)>,
) -> AdvisoryList {
    let has_more = advisories.len() > PAGE_SIZE as usize;
    advisories.truncate(PAGE_SIZE as usize);
    AdvisoryList {
        frame: Frame::new(settings, title.clone()),
        title,
        path,
        lines: advisories.into_iter().map(line).collect(),
        page,
        newer: page - 1,
        older: if has_more { page + 1 } else { 0 },
        parts,
    }
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
