//! Revisions of drafts, and what reviewers said of them.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// One revision of record and advisory together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// The ID it describes.
    pub id: CveId,
    /// Its number, from 1.
    pub revision: i64,
    /// Digest of the canonical JSON of `document`.
    pub digest: Digest,
    /// The document as JSON text.
    pub document: String,
    /// The findings about it as JSON text.
    pub findings: String,
    /// Id of the person who wrote it.
    pub author: String,
    /// Id of the person whose suggestion it took; empty for none.
    pub suggested_by: String,
    /// When.
    pub at: Timestamp,
}

/// What a reviewer said of one digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    /// Number among the reviews of the ID, from 1.
    pub number: i64,
    /// Digest of the revision it is about.
    pub digest: Digest,
    /// Id of the reviewer.
    pub reviewer: String,
    /// `approve`, `return`, or `comment`, which decides nothing.
    pub verdict: String,
    /// In words.
    pub comment: String,
    /// JSON pointer to what a comment is about; empty for the whole.
    pub pointer: String,
    /// The value a comment suggests there, as JSON text; empty for none.
    pub suggestion: String,
    /// Warnings an approval takes, with the reason for each, as JSON text.
    pub acknowledged: String,
    /// Number of the revision it was said of; 0 where that was not kept yet.
    pub revision: i64,
    /// How many people had to approve when it was said.
    pub needed: i64,
    /// `solo`, `emergency`, or empty for what is usual.
    pub mode: String,
    /// When.
    pub at: Timestamp,
}

fn draft(row: &Row) -> Result<DraftRow, Error> {
    Ok(DraftRow {
        id: row.parse(0)?,
        revision: row.int(1)?,
        digest: row.parse(2)?,
        document: row.text(3)?,
        findings: row.text(4)?,
        author: row.text(5)?,
        suggested_by: row.text(6)?,
        at: row.parse(7)?,
    })
}

const DRAFT: &str = "cve_id, revision, digest, document, findings, author, suggested_by, at";

impl Reader<'_> {
    /// The newest revision of the draft of `id`.
    pub fn draft(&mut self, id: CveId) -> Result<Option<DraftRow>, Error> {
        let sql =
            format!("select {DRAFT} from drafts where cve_id = ?1 order by revision desc limit 1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(draft)
            .transpose()
    }

    /// All revisions of the draft of `id`, oldest first.
    pub fn revisions(&mut self, id: CveId) -> Result<Vec<DraftRow>, Error> {
        let sql = format!("select {DRAFT} from drafts where cve_id = ?1 order by revision");
        self.query(&sql, params![id])?.iter().map(draft).collect()
    }

    /// The reviews of `id`, oldest first.
    pub fn reviews(&mut self, id: CveId) -> Result<Vec<ReviewRow>, Error> {
        self.query(
            "select number, digest, reviewer, verdict, comment, pointer, suggestion, \
             acknowledged, at, revision, needed, mode from reviews where cve_id = ?1 order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(ReviewRow {
                number: row.int(0)?,
                digest: row.parse(1)?,
                reviewer: row.text(2)?,
                verdict: row.text(3)?,
                comment: row.text(4)?,
                pointer: row.text(5)?,
                suggestion: row.text(6)?,
                acknowledged: row.text(7)?,
                at: row.parse(8)?,
                revision: row.int(9)?,
                needed: row.int(10)?,
                mode: row.text(11)?,
            })
        })
        .collect()
    }
}

/// That a record was read back equal to an approved revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationRow {
    /// Number among the publications of the ID, from 1.
    pub number: i64,
    /// Digest of the revision.
    pub digest: Digest,
    /// When it was read back.
    pub at: Timestamp,
}

impl Reader<'_> {
    /// The publications of `id`, oldest first.
    pub fn publications(&mut self, id: CveId) -> Result<Vec<PublicationRow>, Error> {
        self.query(
            "select number, digest, at from publications where cve_id = ?1 order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(PublicationRow {
                number: row.int(0)?,
                digest: row.parse(1)?,
                at: row.parse(2)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a publication; its ledger line has been taken by this unit of work.
    pub fn insert_publication(&mut self, id: CveId, row: &PublicationRow) -> Result<(), Error> {
        self.execute(
            "insert into publications (cve_id, number, digest, at) values (?1, ?2, ?3, ?4)",
            params![id, row.number, row.digest, row.at],
        )?;
        Ok(())
    }

    /// Adds a revision; its ledger line has been taken by this unit of work.
    pub fn insert_draft(&mut self, draft: &DraftRow) -> Result<(), Error> {
        self.execute(
            "insert into drafts (cve_id, revision, digest, document, findings, author, \
             suggested_by, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                draft.id,
                draft.revision,
                draft.digest,
                &draft.document,
                &draft.findings,
                &draft.author,
                &draft.suggested_by,
                draft.at
            ],
        )?;
        Ok(())
    }

    /// Adds a review under `review.number`.
    pub fn insert_review(&mut self, id: CveId, review: &ReviewRow) -> Result<(), Error> {
        self.execute(
            "insert into reviews (cve_id, number, digest, reviewer, verdict, comment, pointer, \
             suggestion, acknowledged, at, revision, needed, mode) values (?1, ?2, ?3, ?4, ?5, \
             ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                id,
                review.number,
                review.digest,
                &review.reviewer,
                &review.verdict,
                &review.comment,
                &review.pointer,
                &review.suggestion,
                &review.acknowledged,
                review.at,
                review.revision,
                review.needed,
                &review.mode
            ],
        )?;
        Ok(())
    }
}
