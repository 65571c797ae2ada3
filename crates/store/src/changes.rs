//! The log of changes, and how far its followers have read it.

use std::str::FromStr;

use cve::time::Timestamp;

use crate::engine::{Connection, Row};
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::{Tx, insert_rows};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone.
    Public,
    /// Only those the object is open to.
    Restricted,
}

impl Visibility {
    fn as_str(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Restricted => "restricted",
        }
    }
}

impl FromStr for Visibility {
    type Err = String;

    fn from_str(text: &str) -> Result<Visibility, String> {
        match text {
            "public" => Ok(Visibility::Public),
            "restricted" => Ok(Visibility::Restricted),
            other => Err(format!("`{other}`, expected `public` or `restricted`")),
        }
    }
}

impl Reader<'_> {
    /// The changes after number `after`, at most `limit`, in order.
    pub fn changes_after(&mut self, after: i64, limit: u32) -> Result<Vec<Change>, Error> {
        self.query(
            "select seq, at, kind, org, object, visibility from changes \
             where seq > ?1 order by seq limit ?2",
            params![after, limit],
        )?
        .iter()
        .map(change)
        .collect()
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

fn change(row: &Row) -> Result<Change, Error> {
    Ok(Change {
        seq: row.int(0)?,
        at: row.parse(1)?,
        kind: row.text(2)?,
        org: row.text(3)?,
        object: row.text(4)?,
        visibility: row.parse(5)?,
    })
}

/// Writes `changes` under the numbers up to and including `last`.
pub(crate) fn write(
    connection: &mut Connection,
    changes: &[Change],
    last: i64,
) -> Result<(), Error> {
    let first = last - changes.len() as i64 + 1;
    let mut values = Vec::with_capacity(changes.len() * 6);
    for (seq, change) in (first..).zip(changes) {
        values.extend_from_slice(params![
            seq,
            change.at,
            &change.kind,
            &change.org,
            &change.object,
            change.visibility.as_str()
        ]);
    }
    insert_rows(
        connection,
        "insert into changes (seq, at, kind, org, object, visibility) values",
        6,
        &values,
    )
}
