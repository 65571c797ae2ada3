//! Findings of cases, confirmed counts, which vulnerability an ID serves, and
//! cases that were closed by hand.

use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A finding of a case: one bug or behaviour its report claims.
///
/// Source: process section 2.3, C0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Number in the case, from 1; never given twice.
    pub number: i64,
    /// Its name, the working title.
    pub name: String,
    /// The products it affects, as JSON; an empty list means the product of
    /// the report.
    pub products: String,
    /// Short name of who supplies them; empty where that is not known.
    pub supplier: String,
    /// The known vulnerable implementations.
    pub implementations: i64,
    /// Id of whoever added it; empty for the one made from the report.
    pub created_by: String,
    /// When.
    pub created: Timestamp,
    /// When it was removed.
    pub removed: Option<Timestamp>,
    /// When it last changed.
    pub modified: Timestamp,
}

/// That somebody confirmed a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationRow {
    /// Number in the case, from 1.
    pub number: i64,
    /// Digest of the determination.
    pub digest: String,
    /// How many IDs.
    pub ids: i64,
    /// How many answers the case had, superseded ones among them.
    pub answers: i64,
    /// Id of whoever confirmed.
    pub person: String,
    /// What was said.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// The vulnerability an ID serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssignmentRow {
    /// The ID.
    pub id: CveId,
    /// Number of the first finding of its group.
    pub finding: i64,
    /// Its place in the group, from 1.
    pub part: i64,
}

/// That a case was closed by hand, or opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingRow {
    /// Number in the case, from 1.
    pub number: i64,
    /// `close` or `reopen`.
    pub verb: String,
    /// Why.
    pub reason: String,
    /// How many answers the case had then.
    pub answers: i64,
    /// Id of whoever did it.
    pub person: String,
    /// When.
    pub at: Timestamp,
}

fn finding(row: &Row) -> Result<FindingRow, Error> {
    Ok(FindingRow {
        number: row.int(0)?,
        name: row.text(1)?,
        products: row.text(2)?,
        supplier: row.text(3)?,
        implementations: row.int(4)?,
        created_by: row.text(5)?,
        created: row.parse(6)?,
        removed: row.opt_parse(7)?,
        modified: row.parse(8)?,
    })
}

fn closing(row: &Row) -> Result<ClosingRow, Error> {
    Ok(ClosingRow {
        number: row.int(0)?,
        verb: row.text(1)?,
        reason: row.text(2)?,
        answers: row.int(3)?,
        person: row.text(4)?,
        at: row.parse(5)?,
    })
}

impl Reader<'_> {
    /// Every finding the case ever had, removed ones among them, by number.
    pub fn all_findings(&mut self, case_id: i64) -> Result<Vec<FindingRow>, Error> {
        self.query(
            "select number, name, products, supplier, implementations, created_by, created, \
             removed, modified from findings where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(finding)
        .collect()
    }

    /// The newest confirmation of the case's count.
    pub fn confirmation(&mut self, case_id: i64) -> Result<Option<ConfirmationRow>, Error> {
        let row = self.first(
            "select number, digest, ids, answers, person, comment, at from confirmations \
             where case_id = ?1 order by number desc limit 1",
            params![case_id],
        )?;
        row.map(|row| {
            Ok(ConfirmationRow {
                number: row.int(0)?,
                digest: row.text(1)?,
                ids: row.int(2)?,
                answers: row.int(3)?,
                person: row.text(4)?,
                comment: row.text(5)?,
                at: row.parse(6)?,
            })
        })
        .transpose()
    }

    /// The vulnerabilities of the case that have their ID.
    pub fn assignments(&mut self, case_id: i64) -> Result<Vec<AssignmentRow>, Error> {
        self.query(
            "select cve_id, finding, part from assignments where case_id = ?1 \
             order by finding, part",
            params![case_id],
        )?
        .iter()
        .map(|row| {
            Ok(AssignmentRow {
                id: row.parse(0)?,
                finding: row.int(1)?,
                part: row.int(2)?,
            })
        })
        .collect()
    }

    /// The newest closing or reopening of the case by hand.
    pub fn closing(&mut self, case_id: i64) -> Result<Option<ClosingRow>, Error> {
        let row = self.first(
            "select number, verb, reason, answers, person, at from closings \
             where case_id = ?1 order by number desc limit 1",
            params![case_id],
        )?;
        row.as_ref().map(closing).transpose()
    }

    /// Every closing and reopening of the case by hand, oldest first.
    pub fn closings(&mut self, case_id: i64) -> Result<Vec<ClosingRow>, Error> {
        self.query(
            "select number, verb, reason, answers, person, at from closings \
             where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(closing)
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a finding to a case this unit of work has taken or made.
    pub fn insert_finding(&mut self, case_id: i64, row: &FindingRow) -> Result<(), Error> {
        self.execute(
            "insert into findings (case_id, number, name, products, supplier, implementations, \
             created_by, created, removed, modified) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9)",
            params![
                case_id,
                row.number,
                &row.name,
                &row.products,
                &row.supplier,
                row.implementations,
                &row.created_by,
                row.created,
                row.modified
            ],
        )?;
        Ok(())
    }

    /// Writes back a finding of a case this unit of work has taken.
    pub fn update_finding(&mut self, case_id: i64, row: &FindingRow) -> Result<(), Error> {
        let removed = row.removed.map(|at| at.to_string()).unwrap_or_default();
        self.execute(
            "update findings set name = ?3, products = ?4, supplier = ?5, implementations = ?6, \
             removed = ?7, modified = ?8 where case_id = ?1 and number = ?2",
            params![
                case_id,
                row.number,
                &row.name,
                &row.products,
                &row.supplier,
                row.implementations,
                removed,
                row.modified
            ],
        )?;
        Ok(())
    }

    /// Adds a confirmation under `row.number`.
    pub fn insert_confirmation(
        &mut self,
        case_id: i64,
        row: &ConfirmationRow,
    ) -> Result<(), Error> {
        self.execute(
            "insert into confirmations (case_id, number, digest, ids, answers, person, comment, \
             at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                case_id,
                row.number,
                &row.digest,
                row.ids,
                row.answers,
                &row.person,
                &row.comment,
                row.at
            ],
        )?;
        Ok(())
    }

    /// Notes which vulnerability of a case an ID serves. No other ID can serve
    /// it, and the ID can serve no other; what an ID served that has left its
    /// case is forgotten.
    pub fn insert_assignment(&mut self, case_id: i64, row: &AssignmentRow) -> Result<(), Error> {
        self.execute(
            "delete from assignments where (cve_id = ?1 or (case_id = ?2 and finding = ?3 and \
             part = ?4)) and not exists (select 1 from ledger l where \
             l.cve_id = assignments.cve_id and l.case_id = assignments.case_id)",
            params![row.id, case_id, row.finding, row.part],
        )?;
        self.execute(
            "insert into assignments (cve_id, case_id, finding, part) values (?1, ?2, ?3, ?4)",
            params![row.id, case_id, row.finding, row.part],
        )?;
        Ok(())
    }

    /// Adds a closing under `row.number`.
    pub fn insert_closing(&mut self, case_id: i64, row: &ClosingRow) -> Result<(), Error> {
        self.execute(
            "insert into closings (case_id, number, verb, reason, answers, person, at) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                case_id,
                row.number,
                &row.verb,
                &row.reason,
                row.answers,
                &row.person,
                row.at
            ],
        )?;
        Ok(())
    }
}
