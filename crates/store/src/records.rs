//! CVE Records of the authority, byte for byte.

use std::str::FromStr;

use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::{Param, Row};
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::record_age;
use crate::tallies;
use crate::tx::Tx;

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
    /// How often it was stored, from 1.
    pub revision: i64,
    /// The record, byte for byte as it is answered.
    pub body: Vec<u8>,
    /// When it was stored first.
    pub created: Timestamp,
    /// When it was stored last.
    pub modified: Timestamp,
}

/// What is stored of a record: its bytes, and what filters ask of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordBody {
    /// Its ID.
    pub id: CveId,
    /// Its state.
    pub state: RecordState,
    /// `cveMetadata.assignerOrgId`; empty for none.
    pub assigner_org: String,
    /// `cveMetadata.assignerShortName`; empty for none.
    pub assigner_name: String,
    /// `containers.cna.providerMetadata.dateUpdated`, when it is a time.
    pub cna_modified: Option<Timestamp>,
    /// Short names of the ADPs with a container, each once.
    pub adps: Vec<String>,
    /// The record, byte for byte as it is answered.
    pub bytes: Vec<u8>,
}

/// Which records a list or a count takes; conditions combine.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// State.
    pub state: Option<RecordState>,
    /// UUID of the assigner.
    pub assigner_org: Option<String>,
    /// Short name of the assigner, as the record says.
    pub assigner_name: Option<String>,
    /// Short name of an ADP with a container.
    pub adp: Option<String>,
    /// Whether the times below mean the CNA container and not the whole.
    pub by_cna_container: bool,
    /// Changed before.
    pub modified_before: Option<Timestamp>,
    /// Changed after.
    pub modified_after: Option<Timestamp>,
}

impl RecordFilter {
    /// The lists whose entries it takes, all of them; nothing when it takes a
    /// part of one.
    fn tallied(&self) -> Option<Vec<String>> {
        let RecordFilter {
            state,
            assigner_org: None,
            assigner_name: None,
            adp: None,
            by_cna_container: _,
            modified_before: None,
            modified_after: None,
        } = self
        else {
            return None;
        };
        let states = [RecordState::Published, RecordState::Rejected];
        let taken = states
            .into_iter()
            .filter(|own| state.is_none_or(|state| state == *own));
        Some(taken.map(tallies::records_in).collect())
    }

    /// The conditions as SQL with places from 1, and their values.
    fn conditions(&self) -> (String, Vec<Param<'static>>) {
        let mut sql = String::from("1 = 1");
        let mut values = Vec::new();
        let mut add = |condition: &str, value: Option<Param<'static>>| {
            if let Some(value) = value {
                values.push(value);
                let place = format!("?{}", values.len());
                sql.push_str(" and ");
                sql.push_str(&condition.replace('?', &place));
            }
        };
        let state = self.state.map(|state| Param::from(state.as_str()));
        add("state = ?", state);
        add(
            "assigner_org = ?",
            self.assigner_org.clone().map(Param::from),
        );
        add(
            "assigner_name = ?",
            self.assigner_name.clone().map(Param::from),
        );
        add(
            "cve_id in (select cve_id from record_adps where short_name = ?)",
            self.adp.clone().map(Param::from),
        );
        let [before, after] = [self.modified_before, self.modified_after];
        if self.by_cna_container {
            let before = before.map(Param::from);
            add("cna_modified <> '' and cna_modified < ?", before);
            add("cna_modified > ?", after.map(Param::from));
        } else {
            add_modified(&mut sql, &mut values, before, after);
        }
        (sql, values)
    }
}

/// Adds the condition that a record was changed before and after some times.
///
/// Said in two halves, because records that never changed are many and are
/// looked up by their age.
fn add_modified(
    sql: &mut String,
    values: &mut Vec<Param<'static>>,
    before: Option<Timestamp>,
    after: Option<Timestamp>,
) {
    let (mut created, mut modified) = (String::new(), String::new());
    for (comparison, bound, age) in [
        ("<", before, record_age::after as fn(Timestamp) -> i64),
        (">", after, record_age::before),
    ] {
        if let Some(bound) = bound {
            values.push(Param::from(bound));
            let place = values.len();
            values.push(Param::Int(age(bound)));
            created.push_str(&format!(
                " and created {comparison} ?{place} and age {comparison} ?{}",
                place + 1
            ));
            modified.push_str(&format!(" and modified {comparison} ?{place}"));
        }
    }
    if !modified.is_empty() {
        sql.push_str(&format!(
            " and ((modified = created{created}) or (modified <> created{modified}))"
        ));
    }
}

/// A place in the list of all records, newest first.
///
/// Source: cve-services section 6.3, GET /cve_cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordCursor {
    /// The first page.
    Start,
    /// The page after the record stored first at this time.
    After(Timestamp, CveId),
    /// The page before it.
    Before(Timestamp, CveId),
}

/// Tells two versions of one record apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    /// How often it was stored, from 1.
    pub revision: i64,
    /// When it was stored last, as it is kept.
    pub modified: String,
}

fn version(row: &Row) -> Result<RecordVersion, Error> {
    Ok(RecordVersion {
        revision: row.int(0)?,
        modified: row.text(1)?,
    })
}

/// The statement that finds the text of a record.
pub(crate) const TEXT: &str = "select revision, modified, body from records where cve_id = ?1";

pub(crate) fn text_of(mut row: Row) -> Result<(RecordVersion, Vec<u8>), Error> {
    Ok((version(&row)?, row.take_bytes(2)?))
}

const COLUMNS: &str = "cve_id, state, revision, body, created, modified";

fn record(mut row: Row) -> Result<RecordRow, Error> {
    Ok(RecordRow {
        id: row.parse(0)?,
        state: row.parse(1)?,
        revision: row.int(2)?,
        body: row.take_bytes(3)?,
        created: row.parse(4)?,
        modified: row.parse(5)?,
    })
}

impl Reader<'_> {
    /// The record of `id`.
    pub fn record(&mut self, id: CveId) -> Result<Option<RecordRow>, Error> {
        let sql = format!("select {COLUMNS} from records where cve_id = ?1");
        self.first(&sql, params![id])?.map(record).transpose()
    }

    /// Which version of a record `id` has.
    pub fn record_version(&mut self, id: CveId) -> Result<Option<RecordVersion>, Error> {
        let sql = "select revision, modified from records where cve_id = ?1";
        self.first(sql, params![id])?
            .as_ref()
            .map(version)
            .transpose()
    }

    /// The text of the record of `id`, byte for byte, and its version.
    pub fn record_text(&mut self, id: CveId) -> Result<Option<(RecordVersion, Vec<u8>)>, Error> {
        self.first(TEXT, params![id])?.map(text_of).transpose()
    }

    /// Says whether `id` has a record.
    pub fn has_record(&mut self, id: CveId) -> Result<bool, Error> {
        let row = self.first("select 1 from records where cve_id = ?1", params![id])?;
        Ok(row.is_some())
    }

    /// Records by the text of their ID, and how many there are on all pages.
    ///
    /// Source: cve-services section 5 (paging).
    pub fn records(
        &mut self,
        filter: &RecordFilter,
        offset: u32,
        limit: u32,
    ) -> Result<(i64, Vec<RecordRow>), Error> {
        let (mut conditions, mut values) = filter.conditions();
        let (total, skip) = match filter.tallied() {
            Some(lists) => {
                let place = self.place(&lists, None, offset)?;
                let Some(start) = place.start else {
                    return Ok((place.total, Vec::new()));
                };
                values.push(Param::from(start.block));
                conditions.push_str(&format!(" and cve_id >= ?{}", values.len()));
                (place.total, start.skip)
            }
            None => (self.count_records(filter)?, i64::from(offset)),
        };
        let place = values.len();
        // What lies before the page is passed over in an index alone.
        let sql = format!(
            "select {COLUMNS} from records where cve_id in (select cve_id from records \
             where {conditions} order by cve_id limit ?{} offset ?{}) order by cve_id",
            place + 1,
            place + 2
        );
        values.push(Param::from(limit));
        values.push(Param::from(skip));
        let rows = self.query(&sql, &values)?;
        let records = rows.into_iter().map(record).collect::<Result<_, _>>()?;
        Ok((total, records))
    }

    /// Records by when they were stored first, newest first; a record that
    /// changes keeps its place.
    ///
    /// Source: cve-services section 6.3, GET /cve_cursor.
    pub fn records_by_age(
        &mut self,
        filter: &RecordFilter,
        cursor: RecordCursor,
        limit: u32,
    ) -> Result<Vec<RecordRow>, Error> {
        let (mut conditions, mut values) = filter.conditions();
        let (comparison, order) = match cursor {
            RecordCursor::Start | RecordCursor::After(..) => ("<", "desc"),
            RecordCursor::Before(..) => (">", "asc"),
        };
        if let RecordCursor::After(at, id) | RecordCursor::Before(at, id) = cursor {
            let place = values.len();
            conditions.push_str(&format!(
                " and age {comparison} coalesce((select own.age from records own \
                 where own.cve_id = ?{}), ?{})",
                place + 1,
                place + 2
            ));
            values.push(Param::from(id));
            values.push(Param::Int(record_age::wanted(at, id)));
        }
        values.push(Param::from(limit));
        let sql = format!(
            "select {COLUMNS} from records where {conditions} \
             order by age {order} limit ?{}",
            values.len()
        );
        let rows = self.query(&sql, &values)?;
        let mut records: Vec<_> = rows.into_iter().map(record).collect::<Result<_, _>>()?;
        if order == "asc" {
            records.reverse();
        }
        Ok(records)
    }

    /// How many records there are.
    pub fn count_records(&mut self, filter: &RecordFilter) -> Result<i64, Error> {
        if let Some(lists) = filter.tallied() {
            return Ok(self.place(&lists, None, 0)?.total);
        }
        let (conditions, values) = filter.conditions();
        let sql = format!("select count(*) from records where {conditions}");
        self.first(&sql, &values)?.map_or(Ok(0), |row| row.int(0))
    }
}

impl Tx<'_> {
    /// Stores the first record of an ID that was taken in this unit of work.
    pub fn insert_record(
        &mut self,
        body: &RecordBody,
        created: Timestamp,
        modified: Timestamp,
    ) -> Result<(), Error> {
        let age = self.record_age(created, body.id)?;
        self.execute(
            "insert into records (cve_id, state, assigner_org, assigner_name, cna_modified, \
             revision, body, created, modified, age) \
             values (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9)",
            params![
                body.id,
                body.state.as_str(),
                &body.assigner_org,
                &body.assigner_name,
                moment(body.cna_modified),
                &body.bytes,
                created,
                modified,
                age
            ],
        )?;
        self.tally_record(body.id, body.state, 1);
        self.insert_adps(body)
    }

    /// Replaces the record of an ID that was taken in this unit of work.
    ///
    /// Takes: `revision`, the one the new body was made from.
    /// Gives: `false` when the record has another revision or is missing.
    pub fn replace_record(
        &mut self,
        body: &RecordBody,
        revision: i64,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let Some(before) = self.first(
            "select state from records where cve_id = ?1 and revision = ?2",
            params![body.id, revision],
        )?
        else {
            return Ok(false);
        };
        let before: RecordState = before.parse(0)?;
        let rows = self.execute(
            "update records set state = ?3, assigner_org = ?4, assigner_name = ?5, \
             cna_modified = ?6, revision = revision + 1, body = ?7, modified = ?8 \
             where cve_id = ?1 and revision = ?2",
            params![
                body.id,
                revision,
                body.state.as_str(),
                &body.assigner_org,
                &body.assigner_name,
                moment(body.cna_modified),
                &body.bytes,
                at
            ],
        )?;
        if rows == 0 {
            return Ok(false);
        }
        if before != body.state {
            self.tally_record(body.id, before, -1);
            self.tally_record(body.id, body.state, 1);
        }
        self.execute(
            "delete from record_adps where cve_id = ?1",
            params![body.id],
        )?;
        self.insert_adps(body)?;
        Ok(true)
    }

    fn insert_adps(&mut self, body: &RecordBody) -> Result<(), Error> {
        for adp in &body.adps {
            self.execute(
                "insert into record_adps (cve_id, short_name) values (?1, ?2) \
                 on conflict (cve_id, short_name) do nothing",
                params![body.id, adp],
            )?;
        }
        Ok(())
    }
}

/// A time as a column that may be empty.
fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sqlite;

    #[test]
    fn records_of_a_span_of_time_are_looked_up_and_not_gone_through() {
        let test = sqlite();
        let filter = RecordFilter {
            modified_after: Some(Timestamp::from_unix_ms(1).unwrap()),
            modified_before: Some(Timestamp::from_unix_ms(2).unwrap()),
            ..RecordFilter::default()
        };
        let (conditions, values) = filter.conditions();
        let sql = format!("explain query plan select count(*) from records where {conditions}");
        let plan: Vec<String> = test
            .store
            .read(|reader| {
                let rows = reader.query(&sql, &values)?;
                rows.iter().map(|row| row.text(3)).collect()
            })
            .unwrap();
        assert_eq!(
            plan,
            [
                "MULTI-INDEX OR",
                "INDEX 1",
                "SEARCH records USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
                "INDEX 2",
                "SEARCH records USING INDEX records_changed (modified>? AND modified<?)",
            ]
        );
    }
}
