//! What happens to CVE IDs beside their records: who was told, rejections,
//! archived records, frozen years, transfers.

use cve::hash::Digest;
use cve::id::{CveId, Year};
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// That somebody outside was told of an ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedRow {
    /// Number of the ID's, from 1.
    pub number: i64,
    /// Who was told.
    pub told: String,
    /// In words; may be empty.
    pub note: String,
    /// Id of whoever recorded it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A rejection that was read back, or that one was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectionRow {
    /// The ID.
    pub id: CveId,
    /// Number of the ID's, from 1.
    pub number: i64,
    /// Our code of the reason.
    pub reason: String,
    /// The text of the record; empty without one.
    pub body: String,
    /// The IDs that replace it, separated by spaces.
    pub replaced_by: String,
    /// Whether it has a record.
    pub has_record: bool,
    /// Whether this says that the rejection was undone.
    pub undone: bool,
    /// Number of the proposal; 0 where it was found at the service.
    pub proposal: i64,
    /// When.
    pub at: Timestamp,
}

/// A request that an ID become another organisation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// The ID.
    pub id: CveId,
    /// Number of the ID's, from 1.
    pub number: i64,
    /// Whose it shall be.
    pub receiver: String,
    /// `scope` or `delay`.
    pub ground: String,
    /// Why.
    pub reason: String,
    /// The letter that asks for it.
    pub letter: String,
    /// Id of whoever asked.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// When the service showed the other owner.
    pub seen_at: Option<Timestamp>,
}

fn rejection(row: &Row) -> Result<RejectionRow, Error> {
    Ok(RejectionRow {
        id: row.parse(0)?,
        number: row.int(1)?,
        reason: row.text(2)?,
        body: row.text(3)?,
        replaced_by: row.text(4)?,
        has_record: row.truth(5)?,
        undone: row.truth(6)?,
        proposal: row.int(7)?,
        at: row.parse(8)?,
    })
}

fn transfer(row: &Row) -> Result<TransferRow, Error> {
    Ok(TransferRow {
        id: row.parse(0)?,
        number: row.int(1)?,
        receiver: row.text(2)?,
        ground: row.text(3)?,
        reason: row.text(4)?,
        letter: row.text(5)?,
        author: row.text(6)?,
        at: row.parse(7)?,
        seen_at: row.opt_parse(8)?,
    })
}

const REJECTION: &str =
    "cve_id, number, reason, body, replaced_by, has_record, undone, proposal, at";

const TRANSFER: &str = "cve_id, number, receiver, ground, reason, letter, author, at, seen_at";

impl Reader<'_> {
    /// Who was told of an ID, oldest first.
    pub fn shared_with(&mut self, id: CveId) -> Result<Vec<SharedRow>, Error> {
        self.query(
            "select number, told, note, author, at from shared_ids where cve_id = ?1 \
             order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(SharedRow {
                number: row.int(0)?,
                told: row.text(1)?,
                note: row.text(2)?,
                author: row.text(3)?,
                at: row.parse(4)?,
            })
        })
        .collect()
    }

    /// The rejections of an ID, oldest first.
    pub fn rejections(&mut self, id: CveId) -> Result<Vec<RejectionRow>, Error> {
        let sql = format!("select {REJECTION} from rejections where cve_id = ?1 order by number");
        self.query(&sql, params![id])?
            .iter()
            .map(rejection)
            .collect()
    }

    /// The records of an ID as they were before they were replaced, oldest
    /// first.
    pub fn archived_records(&mut self, id: CveId) -> Result<Vec<Vec<u8>>, Error> {
        self.query(
            "select body from archived_records where cve_id = ?1 order by at, digest",
            params![id],
        )?
        .iter()
        .map(|row| row.bytes(0))
        .collect()
    }

    /// Whether the pool of an account and year gives nothing any more.
    pub fn is_frozen(&mut self, account: &str, year: Year) -> Result<bool, Error> {
        let found = self.first(
            "select year from frozen_years where account = ?1 and year = ?2",
            params![account, year],
        )?;
        Ok(found.is_some())
    }

    /// How many cases that came in a year are in one of these states.
    pub fn undecided_of_year(&mut self, states: &[&str], year: &str) -> Result<usize, Error> {
        let mut count = 0;
        for state in states {
            let row = self.first(
                "select count(*) from cases where state = ?1 and substr(received, 1, 4) = ?2",
                params![*state, year],
            )?;
            count += row.map_or(Ok(0), |row| row.int(0))?;
        }
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// How many follow-ups of a lane are held or failed.
    pub fn stuck_in_lane(&mut self, lane: &str) -> Result<i64, Error> {
        self.first(
            "select count(*) from followups where lane = ?1 and state in ('held', 'failed')",
            params![lane],
        )?
        .map_or(Ok(0), |row| row.int(0))
    }

    /// How many IDs of an account were assigned each day since a moment, as
    /// day and count.
    pub fn assigned_by_day(
        &mut self,
        account: &str,
        since: Timestamp,
    ) -> Result<Vec<(String, i64)>, Error> {
        self.query(
            "select substr(assigned_at, 1, 10), count(*) from ledger where account = ?1 \
             and assigned_at > ?2 group by substr(assigned_at, 1, 10)",
            params![account, since],
        )?
        .iter()
        .map(|row| Ok((row.text(0)?, row.int(1)?)))
        .collect()
    }

    /// The transfers that were asked for, oldest first.
    pub fn transfers(&mut self) -> Result<Vec<TransferRow>, Error> {
        let sql = format!("select {TRANSFER} from transfers order by at, cve_id, number");
        self.query(&sql, &[])?.iter().map(transfer).collect()
    }
}

impl Tx<'_> {
    /// Records that somebody was told of an ID.
    pub fn insert_shared(&mut self, id: CveId, row: &SharedRow) -> Result<(), Error> {
        self.execute(
            "insert into shared_ids (cve_id, number, told, note, author, at) values (?1, \
             (select coalesce(max(number), 0) + 1 from shared_ids where cve_id = ?1), ?2, ?3, ?4, \
             ?5)",
            params![id, &row.told, &row.note, &row.author, row.at],
        )?;
        Ok(())
    }

    /// Records a rejection, or that one was undone, under the next number of
    /// its ID.
    pub fn insert_rejection(&mut self, row: &RejectionRow) -> Result<(), Error> {
        self.execute(
            "insert into rejections (cve_id, number, reason, body, replaced_by, has_record, \
             undone, proposal, at) values (?1, (select coalesce(max(number), 0) + 1 \
             from rejections where cve_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.id,
                &row.reason,
                &row.body,
                &row.replaced_by,
                row.has_record,
                row.undone,
                row.proposal,
                row.at
            ],
        )?;
        Ok(())
    }

    /// Keeps a record as it was; the same bytes once.
    pub fn archive_record(&mut self, id: CveId, body: &[u8]) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into archived_records (cve_id, digest, body, at) values (?1, ?2, ?3, ?4) \
             on conflict (cve_id, digest) do nothing",
            params![id, Digest::of(body), body, now],
        )?;
        Ok(())
    }

    /// Freezes the pool of an account and year.
    pub fn freeze_year(&mut self, account: &str, year: Year, author: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into frozen_years (account, year, author, at) values (?1, ?2, ?3, ?4) \
             on conflict (account, year) do nothing",
            params![account, year, author, now],
        )?;
        Ok(())
    }

    /// Opens it again.
    ///
    /// Gives: `false` when it was not frozen.
    pub fn reopen_year(&mut self, account: &str, year: Year) -> Result<bool, Error> {
        let rows = self.execute(
            "delete from frozen_years where account = ?1 and year = ?2",
            params![account, year],
        )?;
        Ok(rows > 0)
    }

    /// Records a request for a transfer under the next number of its ID.
    pub fn insert_transfer(&mut self, row: &TransferRow) -> Result<(), Error> {
        self.execute(
            "insert into transfers (cve_id, number, receiver, ground, reason, letter, author, at, \
             seen_at) values (?1, (select coalesce(max(number), 0) + 1 from transfers \
             where cve_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, '')",
            params![
                row.id,
                &row.receiver,
                &row.ground,
                &row.reason,
                &row.letter,
                &row.author,
                row.at
            ],
        )?;
        Ok(())
    }

    /// Notes that the service shows another owner of an ID.
    pub fn note_transferred(&mut self, id: CveId) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update transfers set seen_at = ?2 where cve_id = ?1 and seen_at = ''",
            params![id, now],
        )?;
        Ok(())
    }

    /// Takes the service's time of reservation for a line.
    pub fn set_reserved_at(&mut self, id: CveId, at: Timestamp) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update ledger set reserved_at = ?2, modified = ?3 where cve_id = ?1",
            params![id, at, now],
        )?;
        Ok(())
    }

    /// Holds what decides over the pool until this unit of work ends, so that
    /// two nodes do not order at once.
    pub fn take_pool(&mut self) -> Result<(), Error> {
        let sql = format!(
            "select name from locks where name = 'claim'{}",
            self.connection.for_update()
        );
        self.query(&sql, &[])?;
        Ok(())
    }
}
