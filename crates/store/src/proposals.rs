//! Proposals: what one person wants done to CVE IDs and another approves.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A proposal as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// Its number, from 1.
    pub number: i64,
    /// `hand_back`, `reject`, `reinstate` or `year_end`.
    pub kind: String,
    /// What it is about: a CVE ID, or `year-end 2025`.
    pub subject: String,
    /// The ID, for a proposal about one.
    pub cve_id: Option<CveId>,
    /// The case the ID is assigned in.
    pub case_id: Option<i64>,
    /// The account of the IDs.
    pub account: String,
    /// What is approved, as JSON text.
    pub document: String,
    /// What an approval binds to: the digest of the document.
    pub digest: Digest,
    /// Why.
    pub reason: String,
    /// Id of whoever proposed it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// `open`, `approved`, `begun`, `done` or `withdrawn`.
    pub state: String,
    /// Id of whoever approved or withdrew it; empty before.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What was said with it.
    pub comment: String,
}

const COLUMNS: &str = "number, kind, subject, cve_id, case_id, account, document, digest, reason, \
                       author, at, state, decided_by, decided_at, comment";

fn proposal(row: &Row) -> Result<ProposalRow, Error> {
    Ok(ProposalRow {
        number: row.int(0)?,
        kind: row.text(1)?,
        subject: row.text(2)?,
        cve_id: row.opt_parse(3)?,
        case_id: row.opt_int(4)?,
        account: row.text(5)?,
        document: row.text(6)?,
        digest: row.parse(7)?,
        reason: row.text(8)?,
        author: row.text(9)?,
        at: row.parse(10)?,
        state: row.text(11)?,
        decided_by: row.text(12)?,
        decided_at: row.opt_parse(13)?,
        comment: row.text(14)?,
    })
}

impl Reader<'_> {
    /// The proposal with this number.
    pub fn proposal(&mut self, number: i64) -> Result<Option<ProposalRow>, Error> {
        let sql = format!("select {COLUMNS} from proposals where number = ?1");
        self.first(&sql, params![number])?
            .as_ref()
            .map(proposal)
            .transpose()
    }

    /// All proposals, newest first; without `all`, those that are not over.
    pub fn proposals(&mut self, all: bool) -> Result<Vec<ProposalRow>, Error> {
        let which = match all {
            true => "",
            false => "where state in ('open', 'approved', 'begun') ",
        };
        let sql = format!("select {COLUMNS} from proposals {which}order by number desc");
        self.query(&sql, &[])?.iter().map(proposal).collect()
    }

    /// The proposals of a subject that are not over, oldest first.
    pub fn open_proposals_of(&mut self, subject: &str) -> Result<Vec<ProposalRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from proposals where subject = ?1 \
             and state in ('open', 'approved', 'begun') order by number"
        );
        self.query(&sql, params![subject])?
            .iter()
            .map(proposal)
            .collect()
    }

    /// What the follow-ups of a kind need to know that are neither done nor
    /// cancelled.
    pub fn unfinished_payloads(&mut self, kind: &str) -> Result<Vec<serde_json::Value>, Error> {
        self.query(
            "select payload from followups where kind = ?1 \
             and state not in ('done', 'cancelled') order by created, id",
            params![kind],
        )?
        .iter()
        .map(|row| row.json(0))
        .collect()
    }
}

impl Tx<'_> {
    /// Takes a proposal for this unit of work.
    pub fn take_proposal(&mut self, number: i64) -> Result<Option<ProposalRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from proposals where number = ?1{}",
            self.connection.for_update()
        );
        self.first(&sql, params![number])?
            .as_ref()
            .map(proposal)
            .transpose()
    }

    /// Keeps a proposal, under the number it has.
    pub fn insert_proposal(&mut self, row: &ProposalRow) -> Result<(), Error> {
        let id = row.cve_id.map(|id| id.to_string()).unwrap_or_default();
        let decided = row.decided_at.map(|at| at.to_string()).unwrap_or_default();
        self.execute(
            "insert into proposals (number, kind, subject, cve_id, case_id, account, document, \
             digest, reason, author, at, state, decided_by, decided_at, comment) values (?1, ?2, \
             ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                row.number,
                &row.kind,
                &row.subject,
                id,
                row.case_id,
                &row.account,
                &row.document,
                row.digest,
                &row.reason,
                &row.author,
                row.at,
                &row.state,
                &row.decided_by,
                decided,
                &row.comment
            ],
        )?;
        Ok(())
    }

    /// Writes where a proposal stands that this unit of work has taken.
    pub fn update_proposal(&mut self, row: &ProposalRow) -> Result<(), Error> {
        let decided = row.decided_at.map(|at| at.to_string()).unwrap_or_default();
        self.execute(
            "update proposals set state = ?2, decided_by = ?3, decided_at = ?4, comment = ?5 \
             where number = ?1",
            params![
                row.number,
                &row.state,
                &row.decided_by,
                decided,
                &row.comment
            ],
        )?;
        Ok(())
    }
}
