//! Verdicts of people on what a case may be a duplicate of.

use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A verdict as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRow {
    /// Number in the case, from 1; a later one replaces an earlier of the same
    /// candidate.
    pub number: i64,
    /// A CVE ID, or `case N`.
    pub candidate: String,
    /// `same`, `related` or `different`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// The score the person saw, 0 to 100; 0 where it was no candidate.
    pub score: i64,
    /// The reasons the person saw, as JSON text.
    pub reasons: String,
    /// Id of the person.
    pub person: String,
    /// When.
    pub at: Timestamp,
}

impl Reader<'_> {
    /// The verdicts of a case, replaced ones among them, oldest first.
    pub fn duplicate_verdicts(&mut self, case_id: i64) -> Result<Vec<VerdictRow>, Error> {
        self.query(
            "select number, candidate, verdict, reason, score, reasons, person, at \
             from duplicate_verdicts where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(|row| {
            Ok(VerdictRow {
                number: row.int(0)?,
                candidate: row.text(1)?,
                verdict: row.text(2)?,
                reason: row.text(3)?,
                score: row.int(4)?,
                reasons: row.text(5)?,
                person: row.text(6)?,
                at: row.parse(7)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a verdict under the next number of its case, which this unit of
    /// work has taken.
    ///
    /// Gives: the number.
    pub fn insert_duplicate_verdict(
        &mut self,
        case_id: i64,
        verdict: &VerdictRow,
    ) -> Result<i64, Error> {
        let last = self
            .first(
                "select coalesce(max(number), 0) from duplicate_verdicts where case_id = ?1",
                params![case_id],
            )?
            .map_or(Ok(0), |row| row.int(0))?;
        let number = last + 1;
        self.execute(
            "insert into duplicate_verdicts (case_id, number, candidate, verdict, reason, score, \
             reasons, person, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                case_id,
                number,
                &verdict.candidate,
                &verdict.verdict,
                &verdict.reason,
                verdict.score,
                &verdict.reasons,
                &verdict.person,
                verdict.at
            ],
        )?;
        Ok(number)
    }
}
