//! The log of changes, and how far its followers have read it.

use std::borrow::Cow;

use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::Connection;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// One committed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Number in commit order, from 1, without gaps.
    pub seq: i64,
    /// When the unit of work ran.
    pub at: Timestamp,
    /// What happened, `noun.verb`.
    pub kind: String,
    /// UUID or short name of the organisation it belongs to; empty for none.
    pub org: String,
    /// What it happened to.
    pub object: String,
    /// Who may ever learn of it.
    pub visibility: Visibility,
}

/// Who may learn of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Anyone.
    Public,
    /// Only those the object is open to.
    Restricted,
}

/// Rows that are read at once; each holds the changes of one commit.
const ROWS: u32 = 64;

impl Reader<'_> {
    /// The changes after number `after`, at most `limit`, in order.
    pub fn changes_after(&mut self, after: i64, limit: u32) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        let mut seen = after;
        loop {
            let rows = self.query(
                "select first, last, changes from changes where last > ?1 order by last limit ?2",
                params![seen, limit.min(ROWS)],
            )?;
            for row in &rows {
                let first = row.int(0)?;
                let told: Vec<Told<'static>> = row.json(2)?;
                changes.extend(
                    (first..)
                        .zip(told)
                        .filter(|(seq, _)| *seq > after)
                        .map(|(seq, told)| told.change(seq)),
                );
                seen = row.int(1)?;
            }
            let enough = usize::try_from(limit).unwrap_or(usize::MAX);
            if rows.is_empty() || changes.len() >= enough {
                changes.truncate(enough);
                return Ok(changes);
            }
        }
    }

    /// How far the shared cursor `name` has read; 0 at first.
    pub fn cursor(&mut self, name: &str) -> Result<i64, Error> {
        match self.first("select seq from cursors where name = ?1", params![name])? {
            Some(row) => row.int(0),
            None => Ok(0),
        }
    }

    /// Number of the last change; 0 when there is none.
    pub fn last_change(&mut self) -> Result<i64, Error> {
        match self.first("select change from spine where id = 1", &[])? {
            Some(row) => row.int(0),
            None => Ok(0),
        }
    }
}

impl Tx<'_> {
    /// Takes the shared cursor `name` for this unit of work: no other node
    /// moves it before this one commits.
    ///
    /// Gives: the number of the last change it has read; 0 at first.
    pub fn take_cursor(&mut self, name: &str) -> Result<i64, Error> {
        self.execute(
            "insert into cursors (name, seq) values (?1, 0) on conflict (name) do nothing",
            params![name],
        )?;
        let sql = format!(
            "select seq from cursors where name = ?1{}",
            self.connection.for_update()
        );
        match self.first(&sql, params![name])? {
            Some(row) => row.int(0),
            None => Ok(0),
        }
    }

    /// Moves the cursor `name`, which this unit of work has taken, to `seq`.
    pub fn move_cursor(&mut self, name: &str, seq: i64) -> Result<(), Error> {
        self.execute(
            "update cursors set seq = ?2 where name = ?1",
            params![name, seq],
        )?;
        Ok(())
    }
}

/// A change as it lies in its row: when, what, of which organisation, to what,
/// who may learn of it.
#[derive(Serialize, Deserialize)]
struct Told<'a>(
    Timestamp,
    Cow<'a, str>,
    Cow<'a, str>,
    Cow<'a, str>,
    Visibility,
);

impl Told<'_> {
    fn of(change: &Change) -> Told<'_> {
        Told(
            change.at,
            Cow::Borrowed(&change.kind),
            Cow::Borrowed(&change.org),
            Cow::Borrowed(&change.object),
            change.visibility,
        )
    }

    fn change(self, seq: i64) -> Change {
        let Told(at, kind, org, object, visibility) = self;
        Change {
            seq,
            at,
            kind: kind.into_owned(),
            org: org.into_owned(),
            object: object.into_owned(),
            visibility,
        }
    }
}

/// Writes the changes of one commit under the numbers up to and including
/// `last`: one row, because a row for each costs more than the change itself.
pub(crate) fn write(
    connection: &mut Connection,
    changes: &[Change],
    last: i64,
) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let first = last - changes.len() as i64 + 1;
    let told: Vec<Told<'_>> = changes.iter().map(Told::of).collect();
    // Texts and times always have a JSON form.
    let told = serde_json::to_string(&told).map_err(|error| Error::Corrupt {
        statement: "insert into changes".into(),
        column: 2,
        problem: error.to_string(),
    })?;
    connection.execute_soon(
        "insert into changes (last, first, changes) values (?1, ?2, ?3)",
        params![last, first, told],
    )
}
