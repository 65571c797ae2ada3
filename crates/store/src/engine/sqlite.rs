//! SQLite: one file, one writing process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, ToSql};

use super::{Param, Row, Value};
use crate::error::{EngineClass, Error};

/// How long a statement waits for a lock another process holds (a backup).
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Statements kept prepared per connection.
const PREPARED: usize = 256;

/// A connection to one SQLite file.
#[derive(Debug)]
pub(crate) struct SqliteConnection(rusqlite::Connection);

impl SqliteConnection {
    /// Opens the file, creating it when it is missing, for writing.
    pub(crate) fn open(path: &Path) -> Result<SqliteConnection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = open_file(path, flags)?;
        // WAL lets reads go on beside the one writer; `full` makes every
        // commit wait until the log is on the disk.
        // The log is folded back less often than by default: pages written by
        // many commits are then copied once. Not rarer, because everybody who
        // writes waits meanwhile.
        connection.run(
            "pragma journal_mode = wal; pragma synchronous = full; \
             pragma wal_autocheckpoint = 2000; pragma cache_size = -8000;",
        )?;
        Ok(connection)
    }

    /// Opens the file for reading only.
    pub(crate) fn open_read(path: &Path) -> Result<SqliteConnection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = open_file(path, flags)?;
        // The inner pages of a table of 320,000 records and of its index fit. More
        // would help no read of one record, and leave the processor's cache.
        connection.run("pragma query_only = on; pragma cache_size = -2000;")?;
        Ok(connection)
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        let columns = statement.column_count();
        let mut rows = statement
            .query(rusqlite::params_from_iter(params.iter()))
            .map_err(failed)?;
        let mut answer = Vec::new();
        let text: Arc<str> = sql.into();
        while let Some(row) = rows.next().map_err(failed)? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(read(row.get_ref(column).map_err(failed)?));
            }
            answer.push(Row {
                statement: text.clone(),
                values,
            });
        }
        Ok(answer)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        let rows = statement
            .execute(rusqlite::params_from_iter(params.iter()))
            .map_err(failed)?;
        Ok(rows as u64)
    }

    /// Runs one statement once for each row of `width` values.
    pub(crate) fn execute_rows(
        &mut self,
        sql: &str,
        width: usize,
        values: &[Param<'_>],
    ) -> Result<(), Error> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        for row in values.chunks(width) {
            statement
                .execute(rusqlite::params_from_iter(row))
                .map_err(failed)?;
        }
        Ok(())
    }

    pub(crate) fn run(&self, sql: &str) -> Result<(), Error> {
        self.0.execute_batch(sql).map_err(failed)
    }

    pub(crate) fn in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }
}

fn open_file(path: &Path, flags: OpenFlags) -> Result<SqliteConnection, Error> {
    let connection =
        rusqlite::Connection::open_with_flags(path, flags).map_err(|error| Error::Open {
            database: format!("sqlite:{}", path.display()),
            problem: format!("{error}; check that the folder exists and may be written"),
        })?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // Without this promise SQLite plans a prepared statement anew whenever its
    // values change, which costs a read more than everything else it does.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(failed)?;
    let connection = SqliteConnection(connection);
    connection.run("pragma foreign_keys = on;")?;
    Ok(connection)
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        // No statement of ours yields a fraction; shown as text if one did.
        ValueRef::Real(number) => Value::Text(number.to_string()),
        ValueRef::Text(text) => Value::Text(match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            // Only another program could have written it.
            Err(_) => String::from_utf8_lossy(text).into_owned(),
        }),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn failed(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode;
    let class = match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => EngineClass::Duplicate,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EngineClass::Retry,
        _ => EngineClass::Statement,
    };
    Error::Engine {
        message: error.to_string(),
        class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_planned_once_whatever_its_values() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = SqliteConnection::open(&folder.path().join("test.sqlite")).unwrap();
        connection
            .run("create table t (a text primary key, b text)")
            .unwrap();
        let sql = "select b from t where a = ?1 order by b limit ?2";
        for limit in 1..4 {
            let params = [Param::from("a"), Param::Int(limit)];
            connection.query(sql, &params).unwrap();
        }
        let statement = connection.0.prepare_cached(sql).unwrap();
        assert_eq!(
            statement.get_status(rusqlite::StatementStatus::RePrepare),
            0
        );
    }
}
