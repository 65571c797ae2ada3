//! CVE Records of the authority, byte for byte.

use std::str::FromStr;

use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::{Param, Row};
use crate::error::Error;
use crate::params;
use crate::reader::Reader;

/// State of a record; RESERVED is never one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    /// Describes a vulnerability.
    Published,
    /// Says why the ID must not be used.
    Rejected,
}

impl RecordState {
    /// The Program's word.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordState::Published => "PUBLISHED",
            RecordState::Rejected => "REJECTED",
        }
    }
}

impl FromStr for RecordState {
    type Err = String;

    fn from_str(text: &str) -> Result<RecordState, String> {
        match text {
            "PUBLISHED" => Ok(RecordState::Published),
            "REJECTED" => Ok(RecordState::Rejected),
            other => Err(format!("`{other}`, expected the state of a record")),
        }
    }
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its ID.
    pub id: CveId,
    /// Its state.
    pub state: RecordState,
    /// The record, byte for byte as it is answered.
    pub body: Vec<u8>,
    /// When it was stored first.
    pub created: Timestamp,
    /// When it was stored last.
    pub modified: Timestamp,
}

/// Which records a count takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordFilter {
    /// State.
    pub state: Option<RecordState>,
}

fn record(row: &Row) -> Result<RecordRow, Error> {
    Ok(RecordRow {
        id: row.parse(0)?,
        state: row.parse(1)?,
        body: row.bytes(2)?,
        created: row.parse(3)?,
        modified: row.parse(4)?,
    })
}

impl Reader<'_> {
    /// The record of `id`.
    pub fn record(&mut self, id: CveId) -> Result<Option<RecordRow>, Error> {
        self.first(
            "select cve_id, state, body, created, modified from records where cve_id = ?1",
            params![id],
        )?
        .as_ref()
        .map(record)
        .transpose()
    }

    /// How many records there are.
    pub fn count_records(&mut self, filter: RecordFilter) -> Result<i64, Error> {
        let (condition, values) = match filter.state {
            Some(state) => (" where state = ?1", vec![Param::from(state.as_str())]),
            None => ("", Vec::new()),
        };
        let sql = format!("select count(*) from records{condition}");
        self.first(&sql, &values)?.map_or(Ok(0), |row| row.int(0))
    }
}
