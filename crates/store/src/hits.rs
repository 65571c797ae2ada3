//! Where CVE IDs without a record were seen in public.

use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An ID that was seen at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The ID.
    pub id: CveId,
    /// The place: an address, a file.
    pub source: String,
    /// The line, from 1.
    pub line: i64,
}

/// A place an ID was seen at, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitRow {
    /// Its number, from 1.
    pub number: i64,
    /// The ID.
    pub id: CveId,
    /// The place.
    pub source: String,
    /// The line it was first seen in.
    pub line: i64,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// `new`, `confirmed` or `dismissed`.
    pub state: String,
    /// Whether details stand there with the ID, as a person says.
    pub has_details: bool,
    /// Whether the place is ours.
    pub is_ours: bool,
    /// What was said of it.
    pub note: String,
    /// Id of whoever said it; empty before.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
}

const COLUMNS: &str = "number, cve_id, source, line, first_seen, last_seen, state, has_details, \
                       is_ours, note, decided_by, decided_at";

fn hit(row: &Row) -> Result<HitRow, Error> {
    Ok(HitRow {
        number: row.int(0)?,
        id: row.parse(1)?,
        source: row.text(2)?,
        line: row.int(3)?,
        first_seen: row.parse(4)?,
        last_seen: row.parse(5)?,
        state: row.text(6)?,
        has_details: row.truth(7)?,
        is_ours: row.truth(8)?,
        note: row.text(9)?,
        decided_by: row.text(10)?,
        decided_at: row.opt_parse(11)?,
    })
}

impl Reader<'_> {
    /// Every place IDs were seen at, newest first; without `all`, those nobody
    /// has read.
    pub fn hits(&mut self, all: bool) -> Result<Vec<HitRow>, Error> {
        let which = if all { "" } else { "where state = 'new' " };
        let sql = format!("select {COLUMNS} from hits {which}order by number desc");
        self.query(&sql, &[])?.iter().map(hit).collect()
    }

    /// How many IDs are public without a record, and how many have one.
    pub fn public_ids(&mut self) -> Result<(u64, u64), Error> {
        let mut counts = [0_u64; 2];
        for (count, state) in counts.iter_mut().zip(["RBP", "PUBLISHED"]) {
            let sql = "select count(*) from ledger where state = ?1";
            let row = self.first(sql, params![state])?;
            let found = row.map_or(Ok(0), |row| row.int(0))?;
            *count = u64::try_from(found).unwrap_or(0);
        }
        Ok((counts[0], counts[1]))
    }

    /// The places an ID was seen at, oldest first.
    pub fn hits_of(&mut self, id: CveId) -> Result<Vec<HitRow>, Error> {
        let sql = format!("select {COLUMNS} from hits where cve_id = ?1 order by number");
        self.query(&sql, params![id])?.iter().map(hit).collect()
    }
}

impl Tx<'_> {
    /// Keeps a sighting.
    ///
    /// Gives: whether the place is new for the ID.
    pub fn put_hit(&mut self, seen: &Sighting) -> Result<bool, Error> {
        let now = self.now();
        let known = self.execute(
            "update hits set last_seen = ?3 where cve_id = ?1 and source = ?2",
            params![seen.id, &seen.source, now],
        )?;
        if known > 0 {
            return Ok(false);
        }
        let number = self.next_in_series("hit")?;
        self.execute(
            "insert into hits (number, cve_id, source, line, first_seen, last_seen, state, \
             has_details, is_ours, note, decided_by, decided_at) values (?1, ?2, ?3, ?4, ?5, ?5, \
             'new', 0, 0, '', '', '')",
            params![number, seen.id, &seen.source, seen.line, now],
        )?;
        Ok(true)
    }

    /// Takes a hit for this unit of work.
    pub fn take_hit(&mut self, number: i64) -> Result<Option<HitRow>, Error> {
        let sql = format!(
            "select {COLUMNS} from hits where number = ?1{}",
            self.connection.for_update()
        );
        self.first(&sql, params![number])?
            .as_ref()
            .map(hit)
            .transpose()
    }

    /// Writes what a person said of a hit this unit of work has taken.
    pub fn update_hit(&mut self, row: &HitRow) -> Result<(), Error> {
        let decided = row.decided_at.map(|at| at.to_string()).unwrap_or_default();
        self.execute(
            "update hits set state = ?2, has_details = ?3, is_ours = ?4, note = ?5, \
             decided_by = ?6, decided_at = ?7 where number = ?1",
            params![
                row.number,
                &row.state,
                row.has_details,
                row.is_ours,
                &row.note,
                &row.decided_by,
                decided
            ],
        )?;
        Ok(())
    }
}
