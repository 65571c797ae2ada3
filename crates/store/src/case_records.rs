//! Records of the imported CVE List that the correction of a case may be about.

use cve::id::CveId;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A record as the CVE List had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRecordRow {
    /// Its ID.
    pub id: CveId,
    /// The day it was published, as `2026-01-02`; empty where the List does
    /// not say.
    pub published: String,
}

fn record(row: &Row) -> Result<CaseRecordRow, Error> {
    Ok(CaseRecordRow {
        id: row.parse(0)?,
        published: row.text(1)?,
    })
}

impl Reader<'_> {
    /// The records of the List that are known of a case.
    pub fn case_records(&mut self, case_id: i64) -> Result<Vec<CaseRecordRow>, Error> {
        self.query(
            "select cve_id, published from case_records where case_id = ?1 order by cve_id",
            params![case_id],
        )?
        .iter()
        .map(record)
        .collect()
    }
}

impl Tx<'_> {
    /// Keeps a record of the List for a case this unit of work has taken; what
    /// the List says later takes the place of what it said before.
    pub fn put_case_record(&mut self, case_id: i64, row: &CaseRecordRow) -> Result<(), Error> {
        self.execute(
            "insert into case_records (case_id, cve_id, published) values (?1, ?2, ?3) \
             on conflict (case_id, cve_id) do update set published = excluded.published",
            params![case_id, row.id, &row.published],
        )?;
        Ok(())
    }
}
