//! JSON Feed 1.1 as the Kubernetes project writes its official CVE feed, with
//! `status` at the item, where its consumers read it.
//!
//! Source: formats section 7.2. `status` has no underscore there, against
//! JSON Feed's rule for extensions; the feed is read as it is.

use serde::Serialize;

use super::json::{Author, VERSION};
use super::{Entry, Feed};
use crate::convert::Loss;
use crate::convert::text;
use crate::time::Timestamp;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<&'a str>,
    description: &'a str,
    authors: [Author<'a>; 1],
    #[serde(rename = "_kubernetes_io")]
    refresh: Refresh,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Refresh {
    /// Nothing refreshes it by itself.
    feed_refresh_job: &'static str,
    /// To the second.
    updated_at: String,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    external_url: String,
    summary: String,
    content_text: String,
    date_published: String,
    status: &'static str,
    #[serde(rename = "_kubernetes_io")]
    issue: Issue<'a>,
}

#[derive(Serialize)]
struct Issue<'a> {
    google_group_url: Option<&'a str>,
    issue_number: Option<u64>,
}

/// Leaves out what the feed does not have: rejected records.
pub(super) fn leave_out(entries: &mut Vec<Entry>, losses: &mut Vec<Loss>) {
    entries.retain(|entry| {
        if entry.view.is_rejected {
            losses.push(Loss::new(
                "rejected",
                "/cveMetadata/state",
                format!("{}: the feed has no rejected IDs", entry.view.id),
            ));
        }
        !entry.view.is_rejected
    });
}

/// Writes the feed.
pub(super) fn write(feed: &Feed) -> String {
    let items = feed.entries.iter().map(|entry| {
        let issue =
            entry.view.references.iter().find_map(|reference| {
                Some((reference.url.as_str(), issue_number(&reference.url)?))
            });
        let group = entry
            .view
            .references
            .iter()
            .find(|reference| is_group(&reference.url));
        Item {
            id: &entry.view.id,
            url: issue.map_or(entry.view.address.as_str(), |(url, _)| url),
            external_url: format!("https://www.cve.org/cverecord?id={}", entry.view.id),
            summary: entry.view.headline(),
            content_text: text::clean(&entry.view.summary),
            date_published: seconds(entry.published),
            status: status(entry),
            issue: Issue {
                google_group_url: group.map(|reference| reference.url.as_str()),
                issue_number: issue.map(|(_, number)| number),
            },
        }
    });
    crate::convert::json::pretty(&Document {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address.as_deref(),
        description: &feed.description,
        authors: [Author { name: &feed.author }],
        refresh: Refresh {
            feed_refresh_job: "",
            updated_at: seconds(feed.updated),
        },
        items: items.collect(),
    })
}

/// Whether there is a fix: there is one for every product that is affected,
/// there will be none, or neither is said.
fn status(entry: &Entry) -> &'static str {
    let cna = entry.record.cna();
    if cna
        .tags
        .iter()
        .any(|tag| tag.as_str() == "unsupported-when-assigned")
    {
        return "unfixed";
    }
    let mut affected = entry
        .view
        .products
        .iter()
        .filter(|product| !product.affected.is_empty())
        .peekable();
    if affected.peek().is_none() {
        return "unknown";
    }
    match affected.all(|product| !product.fixed.is_empty()) {
        true => "fixed",
        false => "open",
    }
}

/// The number of an issue of the project's tracker.
fn issue_number(url: &str) -> Option<u64> {
    let rest = url.split_once("/issues/")?.1;
    let digits = rest.split(['?', '#', '/']).next()?;
    digits.parse().ok()
}

fn is_group(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/')
        .next()
        .is_some_and(|host| host.eq_ignore_ascii_case("groups.google.com"))
}

/// A moment to the second, as the feed writes it.
fn seconds(moment: Timestamp) -> String {
    format!("{}Z", &moment.to_string()[..19])
}
