//! What follows a publication: retrospectives, and looks at copies of a record.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A text of a retrospective.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrospectiveRow {
    /// Number in its case, from 1.
    pub number: i64,
    /// The text.
    pub body: String,
    /// Id of whoever wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A look at a copy of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyLookRow {
    /// Number among those of the ID, from 1.
    pub number: i64,
    /// Where the copy is: `services`, or `list` for an imported CVE List.
    pub source: String,
    /// `same`, `differs` or `missing`.
    pub state: String,
    /// What was seen, in words.
    pub words: String,
    /// The revision it was compared with.
    pub digest: Digest,
    /// When the copy says that it was changed last; empty where it does not.
    pub updated: String,
    /// Id of the person.
    pub seen_by: String,
    /// When.
    pub at: Timestamp,
}

impl Reader<'_> {
    /// The texts of the retrospective of a case, oldest first.
    pub fn retrospectives(&mut self, case_id: i64) -> Result<Vec<RetrospectiveRow>, Error> {
        self.query(
            "select number, body, author, at from retrospectives where case_id = ?1 \
             order by number",
            params![case_id],
        )?
        .iter()
        .map(|row| {
            Ok(RetrospectiveRow {
                number: row.int(0)?,
                body: row.text(1)?,
                author: row.text(2)?,
                at: row.parse(3)?,
            })
        })
        .collect()
    }

    /// The looks at copies of the record of `id`, oldest first.
    pub fn copy_looks(&mut self, id: CveId) -> Result<Vec<CopyLookRow>, Error> {
        self.query(
            "select number, source, state, words, digest, updated, seen_by, at from copy_looks \
             where cve_id = ?1 order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(CopyLookRow {
                number: row.int(0)?,
                source: row.text(1)?,
                state: row.text(2)?,
                words: row.text(3)?,
                digest: row.parse(4)?,
                updated: row.text(5)?,
                seen_by: row.text(6)?,
                at: row.parse(7)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a text; its case has been taken by this unit of work.
    pub fn insert_retrospective(
        &mut self,
        case_id: i64,
        row: &RetrospectiveRow,
    ) -> Result<(), Error> {
        self.execute(
            "insert into retrospectives (case_id, number, body, author, at) \
             values (?1, ?2, ?3, ?4, ?5)",
            params![case_id, row.number, &row.body, &row.author, row.at],
        )?;
        Ok(())
    }

    /// Adds a look; its case has been taken by this unit of work.
    pub fn insert_copy_look(&mut self, id: CveId, row: &CopyLookRow) -> Result<(), Error> {
        self.execute(
            "insert into copy_looks (cve_id, number, source, state, words, digest, updated, \
             seen_by, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                id,
                row.number,
                &row.source,
                &row.state,
                &row.words,
                row.digest,
                &row.updated,
                &row.seen_by,
                row.at
            ],
        )?;
        Ok(())
    }
}
