//! The documents beside an advisory, all made from the record as it is on the
//! CVE List, so that they can be made again from nothing and be the same.

use cve::convert::{
    Category, CsafProfile, CsafVersion, CycloneDxVersion, Options, ProductFacts, Publisher, Record,
    Target, convert, convert_all,
};
use cve::time::Timestamp;
use serde_json::Value;
use store::{DocumentRow, Tx};

use crate::desk::{Desk, Organisation, Product};
use crate::error::Error;

/// Kind of the document that holds the record as it was last read.
pub(crate) const RECORD: &str = "cve.json";

/// The other documents: name, media type, what it is made as.
const DERIVED: &[(&str, &str, Target)] = &[
    (
        "csaf.json",
        "application/json",
        Target::Csaf {
            version: CsafVersion::V2_0,
            profile: CsafProfile::SecurityAdvisory,
        },
    ),
    ("osv.json", "application/json", Target::Osv),
    ("openvex.json", "application/json", Target::OpenVex),
    (
        "cyclonedx.json",
        "application/vnd.cyclonedx+json",
        Target::CycloneDx(CycloneDxVersion::V1_6),
    ),
];

/// Makes every document of an advisory.
///
/// Takes: `url`, the advisory's address; `record`, as it was read.
/// Gives: the record first. A document whose format needs what the record
/// does not say is left out.
pub(crate) fn documents(desk: &Desk, url: &str, record: &Value) -> Result<Vec<DocumentRow>, Error> {
    documents_at(desk, url, record, desk.world.now())
}

/// The same, as they were made when the record was read at `now`.
pub(crate) fn documents_at(
    desk: &Desk,
    url: &str,
    record: &Value,
    now: Timestamp,
) -> Result<Vec<DocumentRow>, Error> {
    let mut body = serde_json::to_vec_pretty(record)
        .map_err(|error| Error::Broken(format!("writing a record: {error}")))?;
    body.push(b'\n');
    let mut documents = vec![document(RECORD, "application/json", body, now)];
    let text = record.to_string();
    let Ok(parsed) = Record::parse(text.as_bytes()) else {
        return Ok(documents);
    };
    let publisher = Publisher {
        advisory_url: Some(url.to_owned()),
        ..publisher(desk.organisation()?, &desk.products()?, desk.portal_url())
    };
    for (kind, content_type, target) in DERIVED {
        let publisher = Publisher {
            document_url: Some(format!("{url}/{kind}")),
            ..publisher.clone()
        };
        match convert(&parsed, *target, &Options::new(&publisher, now)) {
            Ok(made) => {
                let body = made.document.into_bytes();
                documents.push(document(kind, content_type, body, now));
            }
            Err(refused) => {
                let first = refused.findings.first();
                let reason = first.map_or("", |finding| &*finding.code);
                tracing::info!(kind, reason, "a document could not be made");
            }
        }
    }
    Ok(documents)
}

fn document(kind: &str, content_type: &str, body: Vec<u8>, modified: Timestamp) -> DocumentRow {
    DocumentRow {
        kind: kind.to_owned(),
        content_type: content_type.to_owned(),
        body,
        modified,
    }
}

/// Keeps the documents beside their advisory, and no others.
pub(crate) fn put(tx: &mut Tx<'_>, advisory: &str, documents: &[DocumentRow]) -> Result<(), Error> {
    tx.clear_documents(advisory)?;
    for document in documents {
        tx.put_document(advisory, document)?;
    }
    Ok(())
}

/// What the organisation says of itself in its documents.
fn publisher(organisation: Option<Organisation>, products: &[Product], portal: &str) -> Publisher {
    let facts = products.iter().map(|product| ProductFacts {
        vendor: Some(product.vendor.clone()),
        product: product.product.clone(),
        repository: Some(product.repository.clone()).filter(|url| !url.is_empty()),
        ..ProductFacts::default()
    });
    Publisher {
        name: organisation.map_or(String::new(), |organisation| organisation.name),
        namespace: portal.to_owned(),
        category: Category::Vendor,
        products: facts.collect(),
        ..Publisher::unnamed()
    }
}

/// A feed of records.
///
/// Takes: `bodies`, records as they are kept, the newest first; `now`, the
/// time the newest of them was changed.
/// Gives: nothing when there is no record yet.
pub(crate) fn feed(
    organisation: Option<Organisation>,
    portal: &str,
    target: Target,
    bodies: &[Vec<u8>],
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let publisher = Publisher {
        advisory_url: Some(format!("{portal}/cve/{{id}}")),
        ..publisher(organisation, &[], portal)
    };
    let options = Options::new(&publisher, now);
    // A record that cannot be in a feed keeps no other out of it.
    let records: Vec<Record> = bodies
        .iter()
        .filter_map(|body| Record::parse(body).ok())
        .filter(|record| convert(record, target, &options).is_ok())
        .collect();
    if records.is_empty() {
        return Ok(None);
    }
    let made = convert_all(&records, target, &options);
    made.map(|made| Some(made.document)).map_err(|refused| {
        let first = refused.findings.first();
        Error::Broken(format!(
            "making a feed: {}",
            first.map_or("", |finding| finding.message.as_str())
        ))
    })
}
