//! What the public may read.

use cve::convert::Target;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{AdvisoryRow, DocumentRow};

use crate::advisory::Advisory;
use crate::desk::Desk;
use crate::documents::{self, RECORD};
use crate::error::Error;
use crate::feed;

/// What the public may read. No function of it can return an embargoed thing:
/// it asks only the tables that hold nothing else.
#[derive(Clone, Debug)]
pub struct Published {
    store: store::Store,
    portal_url: String,
}

/// A public advisory.
#[derive(Debug, Clone, Serialize)]
pub struct PublicAdvisory {
    /// The advisory.
    #[serde(flatten)]
    pub advisory: Advisory,
    /// When it became public.
    pub published: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Names of the documents beside it, such as `cve.json`; none before the
    /// record is on the CVE List.
    pub documents: Vec<String>,
}

/// A document of an advisory, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicDocument {
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl Desk {
    /// The public side of this desk.
    pub fn published(&self) -> Published {
        Published {
            store: self.store.clone(),
            portal_url: self.settings.portal_url.clone(),
        }
    }
}

impl Published {
    /// Address of the portal, without a slash at the end.
    pub fn portal_url(&self) -> &str {
        &self.portal_url
    }

    /// The advisory with this id.
    pub fn advisory(&self, id: &str) -> Result<Option<PublicAdvisory>, Error> {
        self.store.published(|reader| {
            let Some(row) = reader.advisory(id)? else {
                return Ok(None);
            };
            let documents = reader.document_kinds(id)?;
            public(row, documents).map(Some)
        })
    }

    /// Id of the advisory of a CVE ID.
    pub fn advisory_of(&self, id: CveId) -> Result<Option<String>, Error> {
        let row = self.store.published(|reader| reader.advisory_of(id))?;
        Ok(row.map(|row| row.id))
    }

    /// Advisories, newest first, after the first `offset`, at most `limit`.
    pub fn advisories(&self, offset: u32, limit: u32) -> Result<Vec<PublicAdvisory>, Error> {
        let rows = self
            .store
            .published(|reader| reader.advisories(offset, limit.min(500)))?;
        rows.into_iter()
            .map(|row| public(row, Vec::new()))
            .collect()
    }

    /// A document of an advisory, such as `cve.json`.
    pub fn document(&self, id: &str, kind: &str) -> Result<Option<PublicDocument>, Error> {
        let row: Option<DocumentRow> = self.store.published(|reader| reader.document(id, kind))?;
        Ok(row.map(|row| PublicDocument {
            content_type: row.content_type,
            body: row.body,
        }))
    }

    /// The newest hundred records as a feed of another form.
    ///
    /// Gives: nothing when no record is public yet.
    pub fn record_feed(&self, target: Target) -> Result<Option<String>, Error> {
        let (bodies, organisation) = self.store.published(|reader| {
            Ok::<_, Error>((reader.feed_documents(RECORD, 100)?, reader.organisation()?))
        })?;
        let Some(newest) = bodies.iter().map(|(_, modified)| *modified).max() else {
            return Ok(None);
        };
        let organisation = organisation.and_then(|text| serde_json::from_str(&text).ok());
        let bodies: Vec<Vec<u8>> = bodies.into_iter().map(|(body, _)| body).collect();
        documents::feed(organisation, &self.portal_url, target, &bodies, newest)
    }

    /// The feed of advisories as a JSON Feed 1.1, the newest hundred.
    pub fn json_feed(&self) -> Result<Value, Error> {
        let entries = self.store.published(|reader| reader.feed(100))?;
        Ok(feed::json_feed(
            "Security advisories",
            &self.portal_url,
            &entries,
        ))
    }
}

fn public(row: AdvisoryRow, documents: Vec<String>) -> Result<PublicAdvisory, Error> {
    let advisory = serde_json::from_str(&row.document)
        .map_err(|error| Error::Broken(format!("advisory {} cannot be read: {error}", row.id)))?;
    Ok(PublicAdvisory {
        advisory,
        published: row.published,
        modified: row.modified,
        documents,
    })
}
