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
use crate::rebuild::SecurityTxt;

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

/// Advisories that have something in common.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// Name of the product, or the year; empty where there is none such.
    pub name: String,
    /// Its advisories, newest first.
    pub advisories: Vec<PublicAdvisory>,
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

    /// Advisories of a product, newest first; see [`Listing`].
    pub fn of_product(&self, slug: &str, offset: u32, limit: u32) -> Result<Listing, Error> {
        let (rows, products) = self.store.published(|reader| {
            let rows = reader.advisories_of_product(slug, offset, limit.min(500))?;
            Ok::<_, Error>((rows, reader.products()?))
        })?;
        let name = products.into_iter().find(|(known, ..)| known == slug);
        listing(name.map_or(String::new(), |(_, name, _)| name), rows)
    }

    /// Advisories that became public in a year (UTC), newest first.
    ///
    /// Takes: `year`, four digits.
    pub fn of_year(&self, year: &str, offset: u32, limit: u32) -> Result<Listing, Error> {
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        if !is_year {
            return listing(String::new(), Vec::new());
        }
        let rows = self
            .store
            .published(|reader| reader.advisories_of_year(year, offset, limit.min(500)))?;
        listing(year.to_owned(), rows)
    }

    /// The products with an advisory, as slug, name and how many.
    pub fn products(&self) -> Result<Vec<(String, String, i64)>, Error> {
        Ok(self.store.published(|reader| reader.products())?)
    }

    /// The years with an advisory, newest first, and how many.
    pub fn years(&self) -> Result<Vec<(String, i64)>, Error> {
        Ok(self.store.published(|reader| reader.years())?)
    }

    /// Whom researchers reach; nothing before it is set.
    pub fn security_txt(&self) -> Result<Option<SecurityTxt>, Error> {
        let text = self.store.published(|reader| reader.security_txt())?;
        text.map(|text| {
            serde_json::from_str(&text)
                .map_err(|error| Error::Broken(format!("the setting `security-txt`: {error}")))
        })
        .transpose()
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

fn listing(name: String, rows: Vec<AdvisoryRow>) -> Result<Listing, Error> {
    let advisories = rows.into_iter().map(|row| public(row, Vec::new()));
    Ok(Listing {
        name,
        advisories: advisories.collect::<Result<_, Error>>()?,
    })
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
