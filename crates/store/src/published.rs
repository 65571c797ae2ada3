//! What the public may read: advisories, their documents, the feed.
//!
//! [`PublishedReader`] can ask these tables and no others, so that nothing
//! built on it can show what is under embargo.

use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::{Connection, Row};
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A public advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisoryRow {
    /// Its own id, such as `ACME-2026-001`.
    pub id: String,
    /// The CVE ID it describes.
    pub cve_id: CveId,
    /// Its title.
    pub title: String,
    /// What it is about in a sentence or two.
    pub summary: String,
    /// Severity in words; may be empty.
    pub severity: String,
    /// The advisory as JSON text.
    pub document: String,
    /// When it became public.
    pub published: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// A document of an advisory, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Which: `cve.json`, …
    pub kind: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// Reads what is public, and cannot read anything else.
#[derive(Debug)]
pub struct PublishedReader<'a>(Reader<'a>);

pub(crate) const ADVISORY: &str = "a.id, a.cve_id, a.title, a.summary, a.severity, a.document, \
                        a.published, a.modified";

pub(crate) fn advisory(row: &Row) -> Result<AdvisoryRow, Error> {
    Ok(AdvisoryRow {
        id: row.text(0)?,
        cve_id: row.parse(1)?,
        title: row.text(2)?,
        summary: row.text(3)?,
        severity: row.text(4)?,
        document: row.text(5)?,
        published: row.parse(6)?,
        modified: row.parse(7)?,
    })
}

impl<'a> PublishedReader<'a> {
    pub(crate) fn new(connection: &'a mut Connection) -> PublishedReader<'a> {
        PublishedReader(Reader::new(connection))
    }

    /// For the statements of another file of this crate.
    pub(crate) fn inner(&mut self) -> &mut Reader<'a> {
        &mut self.0
    }

    /// The advisory with this id.
    pub fn advisory(&mut self, id: &str) -> Result<Option<AdvisoryRow>, Error> {
        let sql = format!("select {ADVISORY} from advisories a where a.id = ?1");
        self.0
            .first(&sql, params![id])?
            .as_ref()
            .map(advisory)
            .transpose()
    }

    /// The advisory of a CVE ID.
    pub fn advisory_of(&mut self, id: CveId) -> Result<Option<AdvisoryRow>, Error> {
        self.0.public_advisory_of(id)
    }

    /// Advisories, newest first, after the first `offset`, at most `limit`.
    pub fn advisories(&mut self, offset: u32, limit: u32) -> Result<Vec<AdvisoryRow>, Error> {
        let sql = format!(
            "select {ADVISORY} from advisories a order by a.published desc, a.id desc \
             limit ?1 offset ?2"
        );
        self.0
            .query(&sql, params![limit, offset])?
            .iter()
            .map(advisory)
            .collect()
    }

    /// A document of an advisory.
    pub fn document(&mut self, advisory: &str, kind: &str) -> Result<Option<DocumentRow>, Error> {
        self.0
            .first(
                "select kind, content_type, body, modified from documents \
                 where advisory = ?1 and kind = ?2",
                params![advisory, kind],
            )?
            .map(|row| {
                Ok(DocumentRow {
                    kind: row.text(0)?,
                    content_type: row.text(1)?,
                    body: row.bytes(2)?,
                    modified: row.parse(3)?,
                })
            })
            .transpose()
    }

    /// The kinds of the documents of an advisory, in alphabetical order.
    pub fn document_kinds(&mut self, advisory: &str) -> Result<Vec<String>, Error> {
        self.0
            .query(
                "select kind from documents where advisory = ?1 order by kind",
                params![advisory],
            )?
            .iter()
            .map(|row| row.text(0))
            .collect()
    }

    /// One document of each of the newest entries of the feed that have it,
    /// newest first, with when it was last changed.
    pub fn feed_documents(
        &mut self,
        kind: &str,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, Timestamp)>, Error> {
        self.0
            .query(
                "select d.body, d.modified from feed_items f join documents d \
                 on d.advisory = f.advisory and d.kind = ?1 order by f.seq desc limit ?2",
                params![kind, limit],
            )?
            .iter()
            .map(|row| Ok((row.bytes(0)?, row.parse(1)?)))
            .collect()
    }

    /// A setting the public may know: who publishes.
    pub fn organisation(&mut self) -> Result<Option<String>, Error> {
        self.0.setting("organisation")
    }

    /// The newest entries of the feed, newest first, at most `limit`.
    pub fn feed(&mut self, limit: u32) -> Result<Vec<AdvisoryRow>, Error> {
        let sql = format!(
            "select {ADVISORY} from feed_items f join advisories a on a.id = f.advisory \
             order by f.seq desc limit ?1"
        );
        self.0
            .query(&sql, params![limit])?
            .iter()
            .map(advisory)
            .collect()
    }
}

impl Reader<'_> {
    /// The public advisory of a CVE ID.
    pub fn public_advisory_of(&mut self, id: CveId) -> Result<Option<AdvisoryRow>, Error> {
        let sql = format!("select {ADVISORY} from advisories a where a.cve_id = ?1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(advisory)
            .transpose()
    }
}

impl Tx<'_> {
    /// Makes an advisory public. What is written here is public from the
    /// commit on.
    pub fn insert_advisory(&mut self, advisory: &AdvisoryRow) -> Result<(), Error> {
        self.execute(
            "insert into advisories (id, cve_id, title, summary, severity, document, published, \
             modified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                &advisory.id,
                advisory.cve_id,
                &advisory.title,
                &advisory.summary,
                &advisory.severity,
                &advisory.document,
                advisory.published,
                advisory.modified
            ],
        )?;
        Ok(())
    }

    /// Writes a further revision of an advisory that is public already; its
    /// id, its CVE ID and when it became public stay.
    pub fn update_advisory(&mut self, advisory: &AdvisoryRow) -> Result<(), Error> {
        self.execute(
            "update advisories set title = ?2, summary = ?3, severity = ?4, document = ?5, \
             modified = ?6 where id = ?1",
            params![
                &advisory.id,
                &advisory.title,
                &advisory.summary,
                &advisory.severity,
                &advisory.document,
                advisory.modified
            ],
        )?;
        Ok(())
    }

    /// Takes the documents of a public advisory away, before others are put.
    pub fn clear_documents(&mut self, advisory: &str) -> Result<(), Error> {
        self.execute(
            "delete from documents where advisory = ?1",
            params![advisory],
        )?;
        Ok(())
    }

    /// Stores or replaces a document of a public advisory.
    pub fn put_document(&mut self, advisory: &str, document: &DocumentRow) -> Result<(), Error> {
        self.execute(
            "insert into documents (advisory, kind, content_type, body, modified) \
             values (?1, ?2, ?3, ?4, ?5) on conflict (advisory, kind) do update set \
             content_type = excluded.content_type, body = excluded.body, \
             modified = excluded.modified",
            params![
                advisory,
                &document.kind,
                &document.content_type,
                &document.body,
                document.modified
            ],
        )?;
        Ok(())
    }

    /// Adds a public advisory to the feed, under the number of the change
    /// that made it public.
    pub fn insert_feed_item(&mut self, seq: i64, advisory: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into feed_items (seq, advisory, at) values (?1, ?2, ?3) \
             on conflict (seq) do nothing",
            params![seq, advisory, now],
        )?;
        Ok(())
    }
}
