//! Attachments of cases: what they are called, and their bytes, each kept once.

use cve::hash::Digest;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An attachment of a case, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Number in the case, from 1.
    pub number: i64,
    /// sha-256 of its bytes.
    pub digest: Digest,
    /// Name of the file.
    pub name: String,
    /// What its bytes are, by a word such as `png`.
    pub kind: String,
    /// Its length in bytes.
    pub size: i64,
    /// Id of the person who attached it, or `reporter`.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// Bytes by what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Their sha-256.
    pub digest: Digest,
    /// The bytes.
    pub body: Vec<u8>,
}

const ATTACHMENT: &str = "a.number, a.digest, a.name, a.kind, b.size, a.author, a.at";

fn attachment(row: &Row) -> Result<AttachmentRow, Error> {
    Ok(AttachmentRow {
        number: row.int(0)?,
        digest: row.parse(1)?,
        name: row.text(2)?,
        kind: row.text(3)?,
        size: row.int(4)?,
        author: row.text(5)?,
        at: row.parse(6)?,
    })
}

impl Reader<'_> {
    /// The attachments of a case, in the order they came.
    pub fn attachments(&mut self, case_id: i64) -> Result<Vec<AttachmentRow>, Error> {
        let sql = format!(
            "select {ATTACHMENT} from attachments a join blobs b on b.digest = a.digest \
             where a.case_id = ?1 order by a.number"
        );
        self.query(&sql, params![case_id])?
            .iter()
            .map(attachment)
            .collect()
    }

    /// An attachment of a case, with its bytes.
    pub fn attachment(
        &mut self,
        case_id: i64,
        number: i64,
    ) -> Result<Option<(AttachmentRow, Vec<u8>)>, Error> {
        let sql = format!(
            "select {ATTACHMENT}, b.body from attachments a join blobs b on b.digest = a.digest \
             where a.case_id = ?1 and a.number = ?2"
        );
        let Some(mut row) = self.first(&sql, params![case_id, number])? else {
            return Ok(None);
        };
        let found = attachment(&row)?;
        Ok(Some((found, row.take_bytes(7)?)))
    }
}

impl Tx<'_> {
    /// Adds an attachment under the next number of its case, which this unit
    /// of work has taken or made.
    ///
    /// Gives: the number.
    pub fn insert_attachment(
        &mut self,
        case_id: i64,
        name: &str,
        kind: &str,
        author: &str,
        blob: &Blob,
    ) -> Result<i64, Error> {
        let size = i64::try_from(blob.body.len()).unwrap_or(i64::MAX);
        self.execute(
            "insert into blobs (digest, size, body) values (?1, ?2, ?3) \
             on conflict (digest) do nothing",
            params![blob.digest, size, &blob.body],
        )?;
        let last = self.first(
            "select coalesce(max(number), 0) from attachments where case_id = ?1",
            params![case_id],
        )?;
        let number = last.map_or(Ok(0), |row| row.int(0))? + 1;
        let now = self.now();
        self.execute(
            "insert into attachments (case_id, number, digest, name, kind, author, at) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![case_id, number, blob.digest, name, kind, author, now],
        )?;
        Ok(number)
    }
}
