//! Documents of other formats, read into drafts; feeds, texts and GitHub
//! advisories, written; and what comes back when one follows the other.

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used)]

mod corpus;
mod feeds;
mod readers;
mod round_trip;
#[path = "../verdict/shared.rs"]
#[allow(dead_code)]
mod shared;
mod snapshots;
mod texts;

use cve::convert::{Converted, Options, Publisher, Record, Refused, Target, convert};

/// A moment for documents that need one.
const NOW: &str = "1900-02-01T00:00:00.000Z";

/// A record as a document.
fn written(record: &str, target: Target, publisher: &Publisher) -> Result<Converted, Refused> {
    let record = Record::parse(record.as_bytes()).unwrap();
    convert(
        &record,
        target,
        &Options::new(publisher, NOW.parse().unwrap()),
    )
}

/// A publisher with an address of everything.
fn publisher() -> Publisher {
    let mut publisher = Publisher::unnamed();
    publisher.name = "Example Kettles".to_owned();
    publisher.namespace = "https://kettles.example".to_owned();
    publisher.contact = Some("security@kettles.example".to_owned());
    publisher.advisory_url = Some("https://kettles.example/advisories/{id}".to_owned());
    publisher.document_url = Some("https://kettles.example/feeds/{name}".to_owned());
    publisher
        .collections
        .insert("packages.npm.example".to_owned(), "npm".to_owned());
    publisher
}
