//! The two engines behind one connection, and everything they do differently.
//!
//! | difference | SQLite | PostgreSQL |
//! |---|---|---|
//! | placeholders | `?1` | rewritten to `$1` |
//! | begin of a write | `begin immediate` | `begin` (read committed) |
//! | lock of the rows read | none needed, one writer | `for update` |
//! | skipping leased rows | none needed | `for update skip locked` |
//! | many rows | one insert each | one insert for all |
//! | statements of a batch | one after the other | several in one journey |
//! | byte columns | `blob` | `bytea` |
//! | `bigint primary key` | `integer primary key` | itself |
//! | `clustered` tables | `without rowid` | nothing |
//! | order of text | binary | `collate "C"` |
//! | database time | `strftime` | `clock_timestamp()` |
//! | migration lock | `begin immediate` | advisory lock |
//! | lost COMMIT answer | cannot happen | looked up by batch id |
//! | durability | WAL, `synchronous=full` | `fsync` and `synchronous_commit` checked |
//! | wake of other processes | one process per file | followers look every second |

mod postgres;
mod sqlite;
mod value;

pub(crate) use value::{Param, Row, Value};

pub(crate) use self::postgres::PostgresConnection;
pub(crate) use self::sqlite::SqliteConnection;

use cve::time::Timestamp;

use crate::error::Error;

/// One connection to one of the engines.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(Box<PostgresConnection>),
}

impl Connection {
    /// Runs a statement and gives all rows.
    pub(crate) fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        match self {
            Connection::Sqlite(connection) => connection.query(sql, params),
            Connection::Postgres(connection) => connection.query(sql, params),
        }
    }

    /// Runs a statement and gives the number of rows it touched.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        match self {
            Connection::Sqlite(connection) => connection.execute(sql, params),
            Connection::Postgres(connection) => connection.execute(sql, params),
        }
    }

    /// Runs statements without parameters, separated by semicolons.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), Error> {
        match self {
            Connection::Sqlite(connection) => connection.run(sql),
            Connection::Postgres(connection) => connection.run(sql),
        }
    }

    /// Asks several questions, none of which needs the answer to another.
    pub(crate) fn query_all(
        &mut self,
        questions: &[(&str, &[Param<'_>])],
    ) -> Result<Vec<Vec<Row>>, Error> {
        match self {
            Connection::Sqlite(connection) => questions
                .iter()
                .map(|(sql, params)| connection.query(sql, params))
                .collect(),
            Connection::Postgres(connection) => connection.query_all(questions),
        }
    }

    /// Runs a statement whose outcome is known at the latest with that of the
    /// next one: where statements travel, it travels with that one, and an
    /// error of either is an error of both.
    pub(crate) fn execute_soon(&mut self, sql: &str, params: &[Param<'_>]) -> Result<(), Error> {
        match self {
            Connection::Sqlite(connection) => connection.execute(sql, params).map(|_| ()),
            Connection::Postgres(connection) => connection.execute_soon(sql, params),
        }
    }

    /// Waits for the outcome of what was to travel with the next statement.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        match self {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(connection) => connection.settle(),
        }
    }

    /// Says nothing of what was to travel with the next statement.
    pub(crate) fn forget_soon(&mut self) {
        if let Connection::Postgres(connection) = self {
            connection.forget_soon();
        }
    }

    /// Begins a transaction that will write, at the latest with the next
    /// statement.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        match self {
            Connection::Sqlite(connection) => connection.run("begin immediate"),
            Connection::Postgres(connection) => {
                connection.run_soon("begin");
                Ok(())
            }
        }
    }

    /// Begins a transaction whose reads all see one state.
    pub(crate) fn begin_read(&mut self) -> Result<(), Error> {
        match self {
            Connection::Sqlite(connection) => connection.run("begin"),
            Connection::Postgres(connection) => {
                connection.run("begin isolation level repeatable read read only")
            }
        }
    }

    /// The clause that locks the rows a decision rests on.
    pub(crate) fn for_update(&self) -> &'static str {
        match self {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " for update",
        }
    }

    /// The clause that locks rows and passes over those another node holds.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " for update skip locked",
        }
    }

    /// The time of the database, which all nodes share.
    pub(crate) fn database_time(&mut self) -> Result<Timestamp, Error> {
        let sql = match self {
            Connection::Sqlite(_) => "select strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
            Connection::Postgres(_) => {
                "select to_char(clock_timestamp() at time zone 'utc', \
                 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
            }
        };
        let rows = self.query(sql, &[])?;
        match rows.first() {
            Some(row) => row.parse(0),
            None => Err(Error::Corrupt {
                statement: sql.into(),
                column: 0,
                problem: "no row, expected the time".into(),
            }),
        }
    }

    /// Turns the words of a migration into the engine's own types.
    pub(crate) fn translate_types(&self, sql: &str) -> String {
        match self {
            Connection::Sqlite(_) => {
                // Only by this name is the key the row's own number; by any other
                // it is a second tree beside the table.
                replace_word(sql, "bytes", "blob")
                    .replace("bigint primary key", "integer primary key")
                    .replace(") clustered;", ") without rowid;")
            }
            Connection::Postgres(_) => {
                let sql = replace_word(sql, "bytes", "bytea").replace(") clustered;", ");");
                replace_word(&sql, "text", "text collate \"C\"")
            }
        }
    }

    /// Says whether a statement costs a journey to another process.
    pub(crate) fn statements_travel(&self) -> bool {
        match self {
            Connection::Sqlite(_) => false,
            Connection::Postgres(_) => true,
        }
    }

    /// Says whether the connection can be used again.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Connection::Sqlite(_) => false,
            Connection::Postgres(connection) => connection.is_closed(),
        }
    }

    /// Says whether a transaction is open.
    pub(crate) fn in_transaction(&self) -> bool {
        match self {
            Connection::Sqlite(connection) => connection.in_transaction(),
            Connection::Postgres(connection) => !connection.is_closed(),
        }
    }
}

/// Replaces `word` where it stands alone, outside `--` comments.
fn replace_word(sql: &str, word: &str, with: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    for line in sql.lines() {
        let code = line.split("--").next().unwrap_or_default();
        for (index, part) in code.split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            match part.strip_prefix(word) {
                Some(rest) if rest.is_empty() || rest == "," => {
                    out.push_str(with);
                    out.push_str(rest);
                }
                _ => out.push_str(part),
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_word_is_replaced_only_where_it_stands_alone() {
        assert_eq!(
            replace_word(
                "create table t ( -- text\n  context text not null,\n  b text,",
                "text",
                "T"
            ),
            "create table t ( \n  context T not null,\n  b T,\n"
        );
    }
}
