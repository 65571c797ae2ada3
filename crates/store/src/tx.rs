//! One unit of work: its statements, and what it tells the log and the chain.

use std::ops::{Deref, DerefMut};

use cve::time::Timestamp;
use cve::world::World;

use crate::audit::AuditEvent;
use crate::changes::{Change, Visibility};
use crate::engine::Param;
use crate::error::Error;
use crate::reader::Reader;

/// A unit of work inside a batch. Everything it does commits together, and
/// only then is it acknowledged; nothing slow runs inside.
#[derive(Debug)]
pub struct Tx<'a> {
    reader: Reader<'a>,
    pub(crate) pending: &'a mut Pending,
    now: Timestamp,
}

/// What the units of one batch have to say, numbered just before the commit.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) changes: Vec<Change>,
    pub(crate) audit: Vec<(Timestamp, AuditEvent)>,
}

impl Pending {
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.changes.len(), self.audit.len())
    }

    pub(crate) fn truncate(&mut self, mark: (usize, usize)) {
        self.changes.truncate(mark.0);
        self.audit.truncate(mark.1);
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(reader: Reader<'a>, pending: &'a mut Pending, world: &'a World) -> Tx<'a> {
        let now = world.now();
        Tx {
            reader,
            pending,
            now,
        }
    }

    /// The moment of this unit of work; the same at every call.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Writes a change to the log, under the next number.
    ///
    /// Takes: `kind` as `noun.verb`; `object` is what changed; `visibility`
    /// says who may ever learn of it.
    pub fn change(&mut self, kind: &str, org: &str, object: &str, visibility: Visibility) {
        self.pending.changes.push(Change {
            seq: 0,
            at: self.now,
            kind: kind.to_owned(),
            org: org.to_owned(),
            object: object.to_owned(),
            visibility,
        });
    }

    /// Adds an event to the audit chain.
    pub fn audit(&mut self, event: AuditEvent) {
        self.pending.audit.push((self.now, event));
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        let result = self.reader.connection.execute(sql, params);
        self.reader.noted(result)
    }

    /// Inserts rows with one statement for each 500 values.
    ///
    /// Takes: `head`, up to and including `values`; `values`, row after row of
    /// `width` each.
    pub(crate) fn insert_rows(
        &mut self,
        head: &str,
        width: usize,
        values: &[Param<'_>],
    ) -> Result<(), Error> {
        let result = insert_rows(self.reader.connection, head, width, values);
        self.reader.noted(result)
    }

    pub(crate) fn spoiled(&self) -> bool {
        self.reader.spoiled
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl<'a> DerefMut for Tx<'a> {
    fn deref_mut(&mut self) -> &mut Reader<'a> {
        &mut self.reader
    }
}

/// Values one statement carries at most; far below PostgreSQL's limit, and few
/// enough shapes for its prepared statements.
const VALUES_PER_STATEMENT: usize = 500;

/// Inserts rows: where every statement is a journey, many with one statement;
/// where none is, one by one with the same statement.
pub(crate) fn insert_rows(
    connection: &mut crate::engine::Connection,
    head: &str,
    width: usize,
    values: &[Param<'_>],
) -> Result<(), Error> {
    let width = width.max(1);
    let rows_at_once = match connection.statements_travel() {
        true => (VALUES_PER_STATEMENT / width).max(1),
        false => 1,
    };
    let mut sql = String::new();
    let mut rows_in_sql = 0;
    for chunk in values.chunks(rows_at_once * width) {
        let rows = chunk.len() / width;
        if rows != rows_in_sql {
            sql = format!("{head} {}", values_list(rows, width, &[]));
            rows_in_sql = rows;
        }
        connection.execute(&sql, chunk)?;
    }
    Ok(())
}

/// `(?1, ?2), (?3, ?4)`: `rows` rows of `width` placeholders; the columns in
/// `numbers` are cast, for places where the engine cannot infer their type.
pub(crate) fn values_list(rows: usize, width: usize, numbers: &[usize]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(rows * width * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            if column > 0 {
                text.push_str(", ");
            }
            let place = row * width + column + 1;
            // Writing to a String cannot fail.
            let _ = if numbers.contains(&column) {
                write!(text, "cast(?{place} as bigint)")
            } else {
                write!(text, "?{place}")
            };
        }
        text.push(')');
    }
    text
}

/// `?1, ?2, ?3`: `count` placeholders.
pub(crate) fn places(count: usize) -> String {
    (1..=count)
        .map(|place| format!("?{place}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_values_numbers_its_places_row_by_row() {
        assert_eq!(
            values_list(2, 2, &[1]),
            "(?1, cast(?2 as bigint)), (?3, cast(?4 as bigint))"
        );
    }
}
