//! JSON Feed 1.1.
//!
//! Source: JSON Feed version 1.1.

use serde::Serialize;

use super::Feed;
use crate::convert::text;
use crate::time::Timestamp;

/// The address that names the version.
pub(super) const VERSION: &str = "https://jsonfeed.org/version/1.1";

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<&'a str>,
    description: &'a str,
    authors: [Author<'a>; 1],
    language: &'static str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
pub(super) struct Author<'a> {
    pub(super) name: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    url: &'a str,
    external_url: String,
    title: String,
    content_html: String,
    summary: String,
    date_published: Timestamp,
    date_modified: Timestamp,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    _cve: Facts<'a>,
}

/// What JSON Feed has no key for.
#[derive(Serialize)]
struct Facts<'a> {
    id: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vectors: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a str>,
}

/// Writes the feed.
pub(super) fn write(feed: &Feed) -> String {
    let items = feed.entries.iter().map(|entry| Item {
        id: feed.id_of(Some(entry)),
        url: &entry.view.address,
        external_url: format!("https://www.cve.org/CVERecord?id={}", entry.view.id),
        title: entry.title(),
        content_html: text::fragment(&entry.view),
        summary: text::one_line(&entry.view.summary),
        date_published: entry.published,
        date_modified: entry.updated,
        tags: entry.categories(),
        _cve: Facts {
            id: &entry.view.id,
            state: if entry.view.is_rejected {
                "REJECTED"
            } else {
                "PUBLISHED"
            },
            vectors: entry
                .view
                .scores
                .iter()
                .map(|score| score.vector.as_str())
                .collect(),
            document: entry.document.as_deref(),
        },
    });
    crate::convert::json::pretty(&Document {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address.as_deref(),
        description: &feed.description,
        authors: [Author { name: &feed.author }],
        language: "en",
        items: items.collect(),
    })
}
