//! Reading: what every query goes through.

use cve::time::Timestamp;

use crate::engine::{Connection, Param, Row};
use crate::error::Error;

/// Reads the store. The tables' own files add what can be asked.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(crate) connection: &'a mut Connection,
    /// Set when an error made the whole open transaction useless.
    pub(crate) spoiled: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(connection: &'a mut Connection) -> Reader<'a> {
        Reader {
            connection,
            spoiled: false,
        }
    }

    /// The time of the database, which all nodes share; leases are counted in it.
    pub fn database_time(&mut self) -> Result<Timestamp, Error> {
        let result = self.connection.database_time();
        self.noted(result)
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let result = self.connection.query(sql, params);
        self.noted(result)
    }

    /// Asks several questions, none of which needs the answer to another.
    pub(crate) fn query_all(
        &mut self,
        questions: &[(&str, &[Param<'_>])],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let result = self.connection.query_all(questions);
        self.noted(result)
    }

    /// The first row, if there is one.
    pub(crate) fn first(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    pub(crate) fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result {
            self.spoiled |= error.spoils_batch();
        }
        result
    }
}
