//! One unit of work: its statements, and what it tells the log and the chain.

use std::ops::{Deref, DerefMut};

use cve::time::Timestamp;
use cve::world::World;

use crate::audit::AuditEvent;
use crate::changes::{Change, Visibility};
use crate::engine::{Connection, Param};
use crate::error::Error;
use crate::reader::Reader;
use crate::tallies::Tally;

/// A unit of work inside a batch. Everything it does commits together, and
/// only then is it acknowledged; nothing slow runs inside.
#[derive(Debug)]
pub struct Tx<'a> {
    reader: Reader<'a>,
    pub(crate) pending: &'a mut Pending,
    now: Timestamp,
    /// Whether an error undoes the whole batch anyway, so that statements may
    /// travel together.
    together: bool,
}

/// What the units of one batch have to say, numbered just before the commit.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) changes: Vec<Change>,
    pub(crate) audit: Vec<(Timestamp, AuditEvent)>,
    pub(crate) tallies: Vec<Tally>,
}

impl Pending {
    pub(crate) fn mark(&self) -> [usize; 3] {
        [self.changes.len(), self.audit.len(), self.tallies.len()]
    }

    pub(crate) fn truncate(&mut self, mark: [usize; 3]) {
        self.changes.truncate(mark[0]);
        self.audit.truncate(mark[1]);
        self.tallies.truncate(mark[2]);
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(reader: Reader<'a>, pending: &'a mut Pending, world: &'a World) -> Tx<'a> {
        let now = world.now();
        Tx {
            reader,
            pending,
            now,
            together: false,
        }
    }

    /// The same for commands, which succeed or fail with their batch.
    pub(crate) fn together(self) -> Tx<'a> {
        Tx {
            together: true,
            ..self
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
        let result = match self.together {
            true => insert_rows(self.reader.connection, head, width, values),
            false => insert_now(self.reader.connection, head, width, values),
        };
        self.reader.noted(result)
    }

    /// Updates rows by their key, each with values of its own.
    ///
    /// Takes: `rows`, the key and the values of each row, row after row.
    pub(crate) fn update_rows(
        &mut self,
        update: &RowUpdate,
        rows: &[Param<'_>],
    ) -> Result<(), Error> {
        let width = update.columns.len() + 1;
        if rows.is_empty() {
            return Ok(());
        }
        let result = match self.reader.connection {
            // Many at once would be gathered in a table of their own first,
            // which costs more than the statements it saves.
            Connection::Sqlite(connection) => {
                connection.execute_rows(&update.of_one(), width, rows)
            }
            Connection::Postgres(connection) => {
                let sql = update.of_many(rows.len() / width);
                match self.together {
                    true => connection.execute_soon(&sql, rows),
                    false => connection.execute(&sql, rows).map(|_| ()),
                }
            }
        };
        self.reader.noted(result)
    }

    pub(crate) fn spoiled(&self) -> bool {
        self.reader.spoiled
    }
}

/// An update of rows by their key.
#[derive(Debug)]
pub(crate) struct RowUpdate {
    /// The table.
    pub(crate) table: &'static str,
    /// Its key, and whether that is a whole number.
    pub(crate) key: (&'static str, bool),
    /// The columns that are set, and whether they are whole numbers.
    pub(crate) columns: &'static [(&'static str, bool)],
    /// Whether the values are taken from the columns instead of put there.
    pub(crate) subtract: bool,
}

impl RowUpdate {
    /// The statement for one row: its key is `?1`, the values follow.
    fn of_one(&self) -> String {
        let set: Vec<String> = (2..)
            .zip(self.columns)
            .map(|(place, (column, _))| {
                let old = if self.subtract {
                    format!("{column} - ")
                } else {
                    String::new()
                };
                format!("{column} = {old}?{place}")
            })
            .collect();
        format!(
            "update {} set {} where {} = ?1",
            self.table,
            set.join(", "),
            self.key.0
        )
    }

    /// The statement for many rows, each its key and its values.
    fn of_many(&self, rows: usize) -> String {
        let set: Vec<String> = (2..)
            .zip(self.columns)
            .map(|(place, (column, _))| {
                let old = match self.subtract {
                    true => format!("{}.{column} - ", self.table),
                    false => String::new(),
                };
                format!("{column} = {old}new.column{place}")
            })
            .collect();
        let numbers: Vec<usize> = std::iter::once(&self.key)
            .chain(self.columns)
            .enumerate()
            .filter(|(_, (_, number))| *number)
            .map(|(column, _)| column)
            .collect();
        format!(
            "update {table} set {} from (values {}) as new where {table}.{} = new.column1",
            set.join(", "),
            values_list(rows, self.columns.len() + 1, &numbers),
            self.key.0,
            table = self.table,
        )
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

/// Inserts rows: where every statement is a journey, many with one statement,
/// which travels with the next one; where none is, one by one with the same
/// statement.
pub(crate) fn insert_rows(
    connection: &mut Connection,
    head: &str,
    width: usize,
    values: &[Param<'_>],
) -> Result<(), Error> {
    insert_or(connection, head, width, "", values)
}

/// The same, waiting for the outcome.
fn insert_now(
    connection: &mut Connection,
    head: &str,
    width: usize,
    values: &[Param<'_>],
) -> Result<(), Error> {
    insert_rows(connection, head, width, values)?;
    connection.settle()
}

/// The same with `tail` behind the values, such as what is done on a conflict.
pub(crate) fn insert_or(
    connection: &mut Connection,
    head: &str,
    width: usize,
    tail: &str,
    values: &[Param<'_>],
) -> Result<(), Error> {
    let width = width.max(1);
    let connection = match connection {
        Connection::Sqlite(connection) => {
            let sql = format!("{head} {}{tail}", values_list(1, width, &[]));
            return connection.execute_rows(&sql, width, values);
        }
        Connection::Postgres(connection) => connection,
    };
    let rows_at_once = (VALUES_PER_STATEMENT / width).max(1);
    let mut sql = String::new();
    let mut rows_in_sql = 0;
    for chunk in values.chunks(rows_at_once * width) {
        let rows = chunk.len() / width;
        if rows != rows_in_sql {
            sql = format!("{head} {}{tail}", values_list(rows, width, &[]));
            rows_in_sql = rows;
        }
        connection.execute_soon(&sql, chunk)?;
    }
    Ok(())
}

/// `(?1, ?2), (?3, ?4)`: `rows` rows of `width` placeholders; the columns in
/// `numbers` are cast, for places where the engine cannot infer their type.
fn values_list(rows: usize, width: usize, numbers: &[usize]) -> String {
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

    const QUOTA: RowUpdate = RowUpdate {
        table: "orgs",
        key: ("uuid", false),
        columns: &[("reserved", true)],
        subtract: true,
    };

    #[test]
    fn an_update_of_one_row_names_its_key_first() {
        assert_eq!(
            QUOTA.of_one(),
            "update orgs set reserved = reserved - ?2 where uuid = ?1"
        );
    }

    #[test]
    fn an_update_of_many_rows_is_one_statement() {
        assert_eq!(
            QUOTA.of_many(2),
            "update orgs set reserved = orgs.reserved - new.column2 from \
             (values (?1, cast(?2 as bigint)), (?3, cast(?4 as bigint))) as new \
             where orgs.uuid = new.column1"
        );
    }
}
