//! Looks at the public issue of an ID.

use cve::id::CveId;
use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A look at an issue, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueLookRow {
    /// Number among those of the ID, from 1.
    pub number: i64,
    /// Address of the issue, for people.
    pub url: String,
    /// The newest revision of the draft then.
    pub revision: i64,
    /// Whether the advisory was public then.
    pub is_public: bool,
    /// Its title.
    pub title: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// `open` or `closed`.
    pub state: String,
    /// Why it was closed or opened again; empty for nothing said.
    pub reason: String,
    /// What was amiss: the item of the checklist, and the words.
    pub faults: Vec<(String, String)>,
    /// Why there is no such issue; empty where there is.
    pub problem: String,
    /// Id of the person.
    pub seen_by: String,
    /// When.
    pub at: Timestamp,
}

const LOOK: &str = "number, url, revision, is_public, title, labels, state, reason, faults, \
                    problem, seen_by, at";

impl Reader<'_> {
    /// The looks at the issue of `id`, oldest first.
    pub fn issue_looks(&mut self, id: CveId) -> Result<Vec<IssueLookRow>, Error> {
        let sql = format!("select {LOOK} from issue_looks where cve_id = ?1 order by number");
        self.query(&sql, params![id])?
            .iter()
            .map(|row| {
                Ok(IssueLookRow {
                    number: row.int(0)?,
                    url: row.text(1)?,
                    revision: row.int(2)?,
                    is_public: row.int(3)? != 0,
                    title: row.text(4)?,
                    labels: row.json(5)?,
                    state: row.text(6)?,
                    reason: row.text(7)?,
                    faults: row.json(8)?,
                    problem: row.text(9)?,
                    seen_by: row.text(10)?,
                    at: row.parse(11)?,
                })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// Adds a look; its case has been taken by this unit of work.
    pub fn insert_issue_look(&mut self, id: CveId, row: &IssueLookRow) -> Result<(), Error> {
        let sql = format!(
            "insert into issue_looks (cve_id, {LOOK}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
             ?10, ?11, ?12, ?13)"
        );
        self.execute(
            &sql,
            params![
                id,
                row.number,
                &row.url,
                row.revision,
                i64::from(row.is_public),
                &row.title,
                serde_json::json!(row.labels).to_string(),
                &row.state,
                &row.reason,
                serde_json::json!(row.faults).to_string(),
                &row.problem,
                &row.seen_by,
                row.at
            ],
        )?;
        Ok(())
    }
}
