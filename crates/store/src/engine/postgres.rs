//! PostgreSQL, or an engine that speaks its protocol: many nodes, one database.

mod wire;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, Statement};

use self::wire::Wire;
use super::{Param, Row, Value};
use crate::error::{EngineClass, Error};

/// A connection with its prepared statements.
pub(crate) struct PostgresConnection {
    wire: Wire,
    prepared: HashMap<String, Statement>,
    /// What is to be said with the next question, in order.
    soon: Vec<Soon>,
}

/// A statement whose answer nobody waits for by itself.
enum Soon {
    Text(String),
    Prepared(Statement, Vec<Param<'static>>),
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
        let wire = Wire::connect(config)
            .map_err(|problem| open(format!("{problem}; is the server running?")))?;
        let mut connection = PostgresConnection {
            wire,
            prepared: HashMap::new(),
            soon: Vec::new(),
        };
        connection.run("set synchronous_commit = on; set client_min_messages = warning;")?;
        // Texts of a few kilobytes are pressed ten times faster than by
        // default; a server that cannot do it goes on as it did.
        let _ = connection.run("set default_toast_compression = lz4");
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
        let mut answers = self.query_all(&[(sql, params)])?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Asks several questions in one journey, none of which needs the answer
    /// to another.
    pub(crate) fn query_all(
        &mut self,
        questions: &[(&str, &[Param<'_>])],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let mut statements = Vec::with_capacity(questions.len());
        for (sql, _) in questions {
            statements.push(self.prepare(sql)?);
        }
        let soon = std::mem::take(&mut self.soon);
        let rows = self.wire.journey(|client| {
            let mut said: Vec<wire::Said<'_, _>> = Vec::with_capacity(soon.len() + 1);
            said.extend(soon.iter().map(|soon| say(client, soon)));
            for (statement, (_, params)) in statements.iter().zip(questions) {
                let params = borrowed(params);
                said.push(Box::pin(async move {
                    Ok((client.query(statement, &params).await?, 0))
                }));
            }
            said
        });
        let answers = rows.map_err(failed)?.into_iter().skip(soon.len());
        let mut all = Vec::with_capacity(questions.len());
        for ((sql, _), (rows, _)) in questions.iter().zip(answers) {
            let text: Arc<str> = (*sql).into();
            let rows: Result<_, Error> = rows.iter().map(|row| read(&text, row)).collect();
            all.push(rows?);
        }
        Ok(all)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Error> {
        let statement = &self.prepare(sql)?;
        let soon = std::mem::take(&mut self.soon);
        let counts = self.wire.journey(|client| {
            let mut said: Vec<wire::Said<'_, _>> = Vec::with_capacity(soon.len() + 1);
            said.extend(soon.iter().map(|soon| say(client, soon)));
            let params = borrowed(params);
            said.push(Box::pin(async move {
                Ok((Vec::new(), client.execute(statement, &params).await?))
            }));
            said
        });
        let last = counts.map_err(failed)?.pop();
        Ok(last.map_or(0, |(_, count)| count))
    }

    /// Says a statement with the next question, in the same journey. When it
    /// fails, that question fails.
    pub(crate) fn execute_soon(&mut self, sql: &str, params: &[Param<'_>]) -> Result<(), Error> {
        let statement = self.prepare(sql)?;
        let params = params.iter().map(Param::owned).collect();
        self.soon.push(Soon::Prepared(statement, params));
        Ok(())
    }

    pub(crate) fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.run_soon(sql);
        self.settle()
    }

    /// Says statements without parameters with the next question.
    pub(crate) fn run_soon(&mut self, sql: &str) {
        self.soon.push(Soon::Text(sql.to_owned()));
    }

    /// Says what was to be said soon, and waits for it.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        let soon = std::mem::take(&mut self.soon);
        if soon.is_empty() {
            return Ok(());
        }
        let said = |client| soon.iter().map(|soon| say(client, soon)).collect();
        self.wire.journey(said).map_err(failed)?;
        Ok(())
    }

    /// Says nothing of what was to be said soon.
    pub(crate) fn forget_soon(&mut self) {
        self.soon.clear();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.wire.is_closed()
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let text = numbered(sql);
        let statement = self
            .wire
            .ask(async |client| client.prepare(&text).await)
            .map_err(failed)?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// The rows of a question, or how many rows a statement touched.
type Answer = (Vec<tokio_postgres::Row>, u64);

fn say<'a>(client: &'a tokio_postgres::Client, soon: &'a Soon) -> wire::Said<'a, Answer> {
    match soon {
        Soon::Text(sql) => Box::pin(async move {
            client.batch_execute(sql).await?;
            Ok((Vec::new(), 0))
        }),
        Soon::Prepared(statement, params) => {
            let params = borrowed(params);
            Box::pin(async move { Ok((Vec::new(), client.execute(statement, &params).await?)) })
        }
    }
}

fn borrowed<'a>(params: &'a [Param<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params
        .iter()
        .map(|param| param as &(dyn ToSql + Sync))
        .collect()
}

/// Turns `?1` into `$1`. Our statements hold no question mark in a literal.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn read(sql: &Arc<str>, row: &tokio_postgres::Row) -> Result<Row, Error> {
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

fn failed(error: tokio_postgres::Error) -> Error {
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

fn has_io_cause(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|cause| cause.is::<std::io::Error>())
}

/// The server's own sentence, without the wrapper's "db error".
fn words(error: &tokio_postgres::Error) -> String {
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
