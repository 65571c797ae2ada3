//! PostgreSQL, or an engine that speaks its protocol: many nodes, one database.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use postgres::error::SqlState;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};

use super::{Param, Row, Value};
use crate::error::{EngineClass, Error};

/// A client that is closed on a thread of its own: closing waits for the
/// server, and a thread that drives async tasks (where the last handle of a
/// store may be dropped) aborts the process when it is made to wait.
struct Held(Option<Client>);

impl Deref for Held {
    type Target = Client;

    fn deref(&self) -> &Client {
        // Emptied only by `drop`.
        self.0.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Client {
        self.0.as_mut().unwrap_or_else(|| unreachable!())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let client = self.0.take();
        std::thread::spawn(move || drop(client));
    }
}

/// A connection with its prepared statements.
pub(crate) struct PostgresConnection {
    client: Held,
    prepared: HashMap<String, Statement>,
}

impl fmt::Debug for PostgresConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresConnection")
    }
}

impl PostgresConnection {
    /// Connects, and refuses a server that acknowledges before it is durable.
    pub(crate) fn open(config: &Config, shown: &str) -> Result<PostgresConnection, Error> {
        let open = |problem: String| Error::Open {
            database: shown.to_owned(),
            problem,
        };
        let client = config
            .connect(NoTls)
            .map_err(|error| open(format!("{}; is the server running?", words(&error))))?;
        let mut connection = PostgresConnection {
            client: Held(Some(client)),
            prepared: HashMap::new(),
        };
        connection.run("set synchronous_commit = on; set client_min_messages = warning;")?;
        for setting in ["fsync", "synchronous_commit"] {
            let rows = connection.query(&format!("show {setting}"), &[])?;
            let value = rows
                .first()
                .map(|row| row.text(0))
                .transpose()?
                .unwrap_or_default();
            if value != "on" {
                return Err(open(format!(
                    "`{setting}` is `{value}` on the server, expected `on`: a commit would be \
                     acknowledged before it is durable"
                )));
            }
        }
        Ok(connection)
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params
            .iter()
            .map(|param| param as &(dyn ToSql + Sync))
            .collect();
        let rows = self.client.query(&statement, &params).map_err(failed)?;
        let text: Arc<str> = sql.into();
        rows.iter().map(|row| read(&text, row)).collect()
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params
            .iter()
            .map(|param| param as &(dyn ToSql + Sync))
            .collect();
        self.client.execute(&statement, &params).map_err(failed)
    }

    pub(crate) fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).map_err(failed)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&numbered(sql)).map_err(failed)?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Turns `?1` into `$1`. Our statements hold no question mark in a literal.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn read(sql: &Arc<str>, row: &postgres::Row) -> Result<Row, Error> {
    let mut values = Vec::with_capacity(row.len());
    for (index, column) in row.columns().iter().enumerate() {
        let value = match *column.type_() {
            Type::INT8 => row
                .try_get::<_, Option<i64>>(index)
                .map(|v| v.map(Value::Int)),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(index)
                .map(|v| v.map(|n| Value::Int(n.into()))),
            Type::BYTEA => row
                .try_get::<_, Option<Vec<u8>>>(index)
                .map(|v| v.map(Value::Bytes)),
            _ => row
                .try_get::<_, Option<String>>(index)
                .map(|v| v.map(Value::Text)),
        };
        values.push(value.map_err(failed)?.unwrap_or(Value::Null));
    }
    Ok(Row {
        statement: sql.clone(),
        values,
    })
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Param::Int(number) => number.to_sql(ty, out),
            Param::Text(text) => text.as_ref().to_sql(ty, out),
            Param::Bytes(bytes) => bytes.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn failed(error: postgres::Error) -> Error {
    let class = match error.code() {
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => EngineClass::Duplicate,
        Some(code)
            if *code == SqlState::T_R_SERIALIZATION_FAILURE
                || *code == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            EngineClass::Retry
        }
        Some(code) if code.code().starts_with("57P") || code.code().starts_with("08") => {
            EngineClass::Connection
        }
        Some(_) => EngineClass::Statement,
        None if error.is_closed() || has_io_cause(&error) => EngineClass::Connection,
        None => EngineClass::Statement,
    };
    Error::Engine {
        message: words(&error),
        class,
    }
}

fn has_io_cause(error: &postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|cause| cause.is::<std::io::Error>())
}

/// The server's own sentence, without the wrapper's "db error".
fn words(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(answer) => answer.message().to_owned(),
        None => match error.source() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_renumbered_for_the_server() {
        assert_eq!(
            numbered("select ?1, ?12 where a = ?2"),
            "select $1, $12 where a = $2"
        );
    }
}
