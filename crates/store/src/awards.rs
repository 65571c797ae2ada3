//! Bounty awards of cases.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An award as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardRow {
    /// Its number in the case, from 1.
    pub number: i64,
    /// How much, as a decimal number.
    pub amount: String,
    /// Of what, by ISO 4217.
    pub currency: String,
    /// What for; may be empty.
    pub note: String,
    /// `proposed`, `approved`, `refused` or `replaced`.
    pub state: String,
    /// Id of whoever proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Id of whoever approved, refused or replaced it; empty before.
    pub decided_by: String,
    /// When; nothing before.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused; empty otherwise.
    pub reason: String,
}

fn award(row: &Row) -> Result<AwardRow, Error> {
    Ok(AwardRow {
        number: row.int(0)?,
        amount: row.text(1)?,
        currency: row.text(2)?,
        note: row.text(3)?,
        state: row.text(4)?,
        proposed_by: row.text(5)?,
        proposed_at: row.parse(6)?,
        decided_by: row.text(7)?,
        decided_at: row.opt_parse(8)?,
        reason: row.text(9)?,
    })
}

impl Reader<'_> {
    /// The awards of a case, oldest first.
    pub fn awards(&mut self, case_id: i64) -> Result<Vec<AwardRow>, Error> {
        self.query(
            "select number, amount, currency, note, state, proposed_by, proposed_at, decided_by, \
             decided_at, reason from awards where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(award)
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a proposed award under the next number of its case, which this unit
    /// of work has taken.
    ///
    /// Gives: the number.
    pub fn insert_award(
        &mut self,
        case_id: i64,
        amount: &str,
        currency: &str,
        note: &str,
        by: &str,
    ) -> Result<i64, Error> {
        let now = self.now();
        let row = self.first(
            "insert into awards (case_id, number, amount, currency, note, state, proposed_by, \
             proposed_at, decided_by, decided_at, reason) values (?1, (select coalesce(max(number), 0) + 1 \
             from awards where case_id = ?1), ?2, ?3, ?4, 'proposed', ?5, ?6, '', '', '') \
             returning number",
            params![case_id, amount, currency, note, by, now],
        )?;
        row.map_or(Ok(1), |row| row.int(0))
    }

    /// Ends an award of a case as `state`, by somebody for a reason.
    pub fn end_award(
        &mut self,
        case_id: i64,
        number: i64,
        state: &str,
        by: &str,
        reason: &str,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update awards set state = ?3, decided_by = ?4, decided_at = ?5, reason = ?6 \
             where case_id = ?1 and number = ?2",
            params![case_id, number, state, by, now, reason],
        )?;
        Ok(())
    }

    /// Notes that a later proposal took the place of an award. Who decided it,
    /// and when, stays where it was decided.
    pub fn replace_award(&mut self, case_id: i64, number: i64, by: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update awards set state = 'replaced', \
             decided_at = case when decided_by = '' then ?4 else decided_at end, \
             decided_by = case when decided_by = '' then ?3 else decided_by end \
             where case_id = ?1 and number = ?2",
            params![case_id, number, by, now],
        )?;
        Ok(())
    }
}
