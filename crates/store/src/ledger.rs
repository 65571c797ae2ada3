//! The ledger: every CVE ID of the desk and its fate.

use cve::id::{CveId, Year};
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// One line of the ledger. Texts and times that are not known yet are empty.
///
/// Source: process section 13.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The ID.
    pub id: CveId,
    /// Its local state, by word (process section 3.2).
    pub state: String,
    /// The account it was reserved with.
    pub account: String,
    /// The case it is assigned in.
    pub case_id: Option<i64>,
    /// Working title of the vulnerability.
    pub title: String,
    /// When it was reserved.
    pub reserved_at: Timestamp,
    /// The user of the account, or the follow-up that reserved it.
    pub reserved_by: String,
    /// When it was assigned.
    pub assigned_at: Option<Timestamp>,
    /// Digest of the approved revision.
    pub approved_digest: String,
    /// Name of the approver.
    pub approved_by: String,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Address of the advisory.
    pub advisory: String,
    /// When the advisory became public.
    pub disclosed_at: Option<Timestamp>,
    /// When the record was read back as published.
    pub published_at: Option<Timestamp>,
    /// When this line last changed.
    pub modified: Timestamp,
}

const COLUMNS: &str = "cve_id, state, account, case_id, title, reserved_at, reserved_by, \
                       assigned_at, approved_digest, approved_by, approved_at, advisory, \
                       disclosed_at, published_at, modified";

fn line(row: &Row) -> Result<LedgerRow, Error> {
    Ok(LedgerRow {
        id: row.parse(0)?,
        state: row.text(1)?,
        account: row.text(2)?,
        case_id: row.opt_int(3)?,
        title: row.text(4)?,
        reserved_at: row.parse(5)?,
        reserved_by: row.text(6)?,
        assigned_at: row.opt_parse(7)?,
        approved_digest: row.text(8)?,
        approved_by: row.text(9)?,
        approved_at: row.opt_parse(10)?,
        advisory: row.text(11)?,
        disclosed_at: row.opt_parse(12)?,
        published_at: row.opt_parse(13)?,
        modified: row.parse(14)?,
    })
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

impl Reader<'_> {
    /// The line of `id`.
    pub fn ledger_line(&mut self, id: CveId) -> Result<Option<LedgerRow>, Error> {
        let sql = format!("select {COLUMNS} from ledger where cve_id = ?1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(line)
            .transpose()
    }

    /// The lines of a case, by ID.
    pub fn ledger_of(&mut self, case_id: i64) -> Result<Vec<LedgerRow>, Error> {
        let sql = format!("select {COLUMNS} from ledger where case_id = ?1 order by cve_id");
        self.query(&sql, params![case_id])?
            .iter()
            .map(line)
            .collect()
    }

    /// What a team's own sheet said of `id` besides, as JSON text.
    pub fn ledger_notes(&mut self, id: CveId) -> Result<Option<String>, Error> {
        self.first(
            "select notes from ledger_notes where cve_id = ?1",
            params![id],
        )?
        .map(|row| row.text(0))
        .transpose()
    }

    /// All notes, by ID.
    pub fn all_ledger_notes(&mut self) -> Result<Vec<(CveId, String)>, Error> {
        self.query(
            "select cve_id, notes from ledger_notes order by cve_id",
            &[],
        )?
        .iter()
        .map(|row| Ok((row.parse(0)?, row.text(1)?)))
        .collect()
    }

    /// The lines of an account and year, by ID.
    pub fn ledger_of_year(&mut self, account: &str, year: Year) -> Result<Vec<LedgerRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from ledger where account = ?1 and year = ?2 order by cve_id"
        );
        self.query(&sql, params![account, year])?
            .iter()
            .map(line)
            .collect()
    }

    /// All lines, by ID.
    pub fn ledger(&mut self) -> Result<Vec<LedgerRow>, Error> {
        let sql = format!("select {COLUMNS} from ledger order by cve_id");
        self.query(&sql, &[])?.iter().map(line).collect()
    }
}

impl Tx<'_> {
    /// Adds a line.
    ///
    /// Gives: `false` when the ID has a line already.
    pub fn insert_ledger_line(&mut self, row: &LedgerRow) -> Result<bool, Error> {
        let rows = self.execute(
            "insert into ledger (cve_id, year, state, account, case_id, title, reserved_at, \
             reserved_by, assigned_at, approved_digest, approved_by, approved_at, advisory, \
             disclosed_at, published_at, modified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
             ?10, ?11, ?12, ?13, ?14, ?15, ?16) on conflict (cve_id) do nothing",
            params![
                row.id,
                row.id.year(),
                &row.state,
                &row.account,
                row.case_id,
                &row.title,
                row.reserved_at,
                &row.reserved_by,
                time(row.assigned_at),
                &row.approved_digest,
                &row.approved_by,
                time(row.approved_at),
                &row.advisory,
                time(row.disclosed_at),
                time(row.published_at),
                row.modified
            ],
        )?;
        Ok(rows > 0)
    }

    /// Sets what a team's own sheet said of `id` besides.
    pub fn put_ledger_notes(&mut self, id: CveId, notes: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into ledger_notes (cve_id, notes, modified) values (?1, ?2, ?3) \
             on conflict (cve_id) do update set notes = excluded.notes, \
             modified = excluded.modified",
            params![id, notes, now],
        )?;
        Ok(())
    }

    /// Takes the line of `id` for this unit of work: no other node changes it
    /// before this one commits.
    pub fn take_ledger_line(&mut self, id: CveId) -> Result<Option<LedgerRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from ledger where cve_id = ?1{}",
            self.connection.for_update()
        );
        self.first(&sql, params![id])?
            .as_ref()
            .map(line)
            .transpose()
    }

    /// Takes a line of the pool: the ID of `account` and `year` that was
    /// reserved first and is assigned to nothing. One that was seen in public
    /// is not given, because it may name something already.
    pub fn take_from_pool(
        &mut self,
        account: &str,
        year: Year,
    ) -> Result<Option<LedgerRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from ledger where account = ?1 and state = 'POOL' and year = ?2 \
             and cve_id not in (select h.cve_id from hits h where h.state <> 'dismissed') \
             order by reserved_at, cve_id limit 1{}",
            self.connection.skip_locked()
        );
        self.first(&sql, params![account, year])?
            .as_ref()
            .map(line)
            .transpose()
    }

    /// Writes back a line this unit of work has taken.
    pub fn update_ledger_line(&mut self, row: &LedgerRow) -> Result<(), Error> {
        self.execute(
            "update ledger set state = ?2, case_id = ?3, title = ?4, assigned_at = ?5, \
             approved_digest = ?6, approved_by = ?7, approved_at = ?8, advisory = ?9, \
             disclosed_at = ?10, published_at = ?11, modified = ?12 where cve_id = ?1",
            params![
                row.id,
                &row.state,
                row.case_id,
                &row.title,
                time(row.assigned_at),
                &row.approved_digest,
                &row.approved_by,
                time(row.approved_at),
                &row.advisory,
                time(row.disclosed_at),
                time(row.published_at),
                row.modified
            ],
        )?;
        Ok(())
    }
}
