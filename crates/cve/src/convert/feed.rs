//! Feeds: many records in one document, the newest first.
//!
//! Entries keep their ids for ever, however a record changes; `updated` moves,
//! so that readers show the entry again.
//!
//! Source: JSON Feed 1.1; RFC 4287 (Atom); RSS 2.0; formats section 7.

mod atom;
mod json;
mod k8s;
mod rss;

use std::collections::HashSet;

use super::finding::finding;
use super::leftover::leftovers;
use super::record::Record;
use super::text::{OF_CNA, View, filled, one_line};
use super::{Converted, Loss, Options, Refused, Target};
use crate::check::{self, Finding, Severity};
use crate::time::Timestamp;

/// A feed as all forms of it need it.
struct Feed<'a> {
    title: String,
    description: String,
    author: String,
    /// The publisher's own address.
    home: String,
    /// Where the feed is found, when the settings say so.
    address: Option<String>,
    updated: Timestamp,
    entries: Vec<Entry<'a>>,
}

/// A record in a feed.
struct Entry<'a> {
    record: &'a Record<'a>,
    view: View,
    published: Timestamp,
    updated: Timestamp,
    /// The record's document as JSON, when the settings say where it is.
    document: Option<String>,
}

/// Makes a feed of records.
///
/// Gives: entries by the moment of their last change, the newest first; the
/// later of two that changed at once by ID. No record at all makes an empty
/// feed.
/// Refuses: a record without any date, because every entry has one, and two
/// records with one ID.
pub(super) fn convert(
    records: &[Record],
    target: Target,
    options: &Options,
) -> Result<Converted, Refused> {
    let (mut losses, mut findings, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let mut entries: Vec<Entry> = Vec::with_capacity(records.len());
    let mut ids: HashSet<String> = HashSet::with_capacity(records.len());
    for record in records {
        match Entry::of(record, options) {
            Ok(entry) => {
                if !ids.insert(entry.view.id.clone()) {
                    refused.push(second(&entry.view.id));
                }
                findings.extend(
                    entry
                        .view
                        .findings()
                        .cloned()
                        .map(|found| of_record(found, &entry, records)),
                );
                losses.extend(
                    leftovers(record, OF_CNA, &[])
                        .into_iter()
                        .chain(entry.view.losses().cloned())
                        .map(|loss| lost(loss, &entry, records)),
                );
                entries.push(entry);
            }
            Err(finding) => refused.push(*finding),
        }
    }
    if !refused.is_empty() {
        return Err(Refused { findings: refused });
    }
    entries.sort_by(|a, b| {
        b.updated
            .cmp(&a.updated)
            .then_with(|| b.view.id.cmp(&a.view.id))
    });
    if target == Target::K8sFeed {
        k8s::leave_out(&mut entries, &mut losses);
    }
    let name = match target {
        Target::K8sFeed => "k8s-feed.json",
        Target::JsonFeed => "feed.json",
        Target::Atom => "feed.atom",
        _ => "feed.rss",
    };
    let feed = Feed::of(entries, name, options, &mut findings);
    let document = match target {
        Target::K8sFeed => k8s::write(&feed),
        Target::JsonFeed => json::write(&feed),
        Target::Atom => atom::write(&feed),
        _ => rss::write(&feed),
    };
    Ok(Converted {
        document,
        name: name.to_owned(),
        losses,
        findings,
    })
}

impl<'a> Entry<'a> {
    fn of(record: &'a Record<'a>, options: &Options) -> Result<Entry<'a>, Box<Finding>> {
        let view = View::of(record, options);
        let Some(updated) = view.updated.or(view.published) else {
            return Err(Box::new(finding(
                Severity::Error,
                "CONV-FEED-DATE",
                "/cveMetadata",
                format!("{} says nowhere when it was published or changed", view.id),
                "RFC 4287 section 4.1.2; JSON Feed 1.1 items",
                "add `cveMetadata.datePublished`, which CVE Services sets when it publishes",
            )));
        };
        let document = options.publisher.document_url.as_ref();
        let document = document.map(|template| {
            filled(
                &template.replace("{name}", &format!("{}.json", view.id.to_ascii_lowercase())),
                &view.id,
            )
        });
        Ok(Entry {
            record,
            published: view.published.unwrap_or(updated).min(updated),
            updated,
            document: document.filter(|url| check::is_uri(url.as_bytes())),
            view,
        })
    }

    /// One line that says what it is.
    fn title(&self) -> String {
        match self.view.is_rejected {
            true => self.view.headline(),
            false => format!("{}: {}", self.view.id, self.view.headline()),
        }
    }

    /// Severity, weaknesses and products, each once.
    fn categories(&self) -> Vec<String> {
        let mut categories: Vec<String> = Vec::new();
        let severity = self
            .view
            .scores
            .first()
            .map(|score| score.word.to_lowercase());
        let weaknesses = self
            .view
            .weaknesses
            .iter()
            .filter_map(|weakness| weakness.split(':').next());
        let weaknesses = weaknesses
            .filter(|id| id.starts_with("CWE-"))
            .map(str::to_owned);
        let products = self
            .view
            .products
            .iter()
            .map(|product| product.name.clone());
        for category in severity.into_iter().chain(weaknesses).chain(products) {
            if !category.is_empty() && !categories.contains(&category) {
                categories.push(category);
            }
        }
        categories
    }
}

impl<'a> Feed<'a> {
    fn of(
        entries: Vec<Entry<'a>>,
        name: &str,
        options: &Options,
        findings: &mut Vec<Finding>,
    ) -> Feed<'a> {
        let publisher = options.publisher;
        let from_entry = || entries.first().map(|entry| entry.view.publisher.clone());
        let author = match one_line(&publisher.name) {
            named if named.is_empty() => from_entry()
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "unknown CNA".to_owned()),
            named => named,
        };
        if publisher.name.trim().is_empty() {
            findings.push(finding(
                Severity::Warning,
                "CONV-PUBLISHER",
                "",
                "nobody said who publishes the feed, so the CNA's short name stands in, with the namespace of the CVE Program",
                "RFC 4287 section 4.2.1: author",
                "describe the publisher in a file and name it with --publisher",
            ));
        }
        // A template that needs the ID of one record is no address of a feed.
        let template = publisher
            .document_url
            .as_ref()
            .filter(|template| template.contains("{name}"));
        let address = template
            .map(|template| template.replace("{name}", name))
            .filter(|url| !url.contains('{') && check::is_uri(url.as_bytes()));
        Feed {
            title: format!("{author}: vulnerabilities"),
            description: format!("CVE Records published by {author}"),
            author,
            home: publisher.namespace.trim().to_owned(),
            address,
            // What the entries say, so that the same records give the same bytes.
            updated: entries.first().map_or(options.now, |entry| entry.updated),
            entries,
        }
    }

    /// The constant id of an entry, and with no entry that of the feed.
    ///
    /// Source: RFC 4151: the authority is the publisher's host, the date the
    /// year of the ID, so that it never changes.
    fn id_of(&self, entry: Option<&Entry>) -> String {
        let host = self
            .home
            .split_once("://")
            .map(|(_, rest)| rest.split(['/', ':', '?', '#']).next().unwrap_or_default());
        let host = host.filter(|host| !host.is_empty() && host.is_ascii());
        match (host, entry) {
            (Some(host), Some(entry)) => {
                let year = entry
                    .view
                    .id
                    .split('-')
                    .nth(1)
                    .filter(|year| year.len() == 4)
                    .unwrap_or("1999");
                format!("tag:{host},{year}:{}", entry.view.id)
            }
            (Some(host), None) => format!("tag:{host},1999:cve-records"),
            (None, Some(entry)) => format!("{}#{}", self.home, entry.view.id),
            (None, None) => format!("{}#cve-records", self.home),
        }
    }
}

/// A finding about one of several records names it.
fn of_record(mut found: Finding, entry: &Entry, records: &[Record]) -> Finding {
    if records.len() > 1 {
        found.message = format!("{}: {}", entry.view.id, found.message);
    }
    found
}

/// A loss of one of several records names it.
fn lost(mut loss: Loss, entry: &Entry, records: &[Record]) -> Loss {
    if records.len() > 1 {
        loss.message = format!("{}: {}", entry.view.id, loss.message);
    }
    loss
}

fn second(id: &str) -> Finding {
    finding(
        Severity::Error,
        "CONV-FEED-ID",
        "/cveMetadata/cveId",
        format!("{id} is given twice, and every entry of a feed has an id of its own"),
        "RFC 4287 section 4.1.1; JSON Feed 1.1 items.id",
        "give each record once",
    )
}
