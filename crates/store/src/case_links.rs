//! What a case has to do with other cases, and with addresses.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The case it was made in.
    pub case_id: i64,
    /// Its number in that case, from 1.
    pub number: i64,
    /// How they are related, by word.
    pub kind: String,
    /// The other case; 0 for an address.
    pub target_case: i64,
    /// The address; empty for a case.
    pub target: String,
    /// In words; may be empty.
    pub note: String,
    /// Id of whoever made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

fn link(row: &Row) -> Result<LinkRow, Error> {
    Ok(LinkRow {
        case_id: row.int(0)?,
        number: row.int(1)?,
        kind: row.text(2)?,
        target_case: row.int(3)?,
        target: row.text(4)?,
        note: row.text(5)?,
        author: row.text(6)?,
        at: row.parse(7)?,
    })
}

impl Reader<'_> {
    /// The links from a case and those to it, oldest first.
    pub fn links_of(&mut self, case_id: i64) -> Result<Vec<LinkRow>, Error> {
        self.query(
            "select case_id, number, kind, target_case, target, note, author, at from case_links \
             where case_id = ?1 or target_case = ?1 order by at, case_id, number",
            params![case_id],
        )?
        .iter()
        .map(link)
        .collect()
    }
}

impl Reader<'_> {
    /// Every case with the address of a link of this kind, in the order in
    /// which they were made.
    pub fn linked_addresses(&mut self, kind: &str) -> Result<Vec<(i64, String)>, Error> {
        self.query(
            "select case_id, target from case_links where kind = ?1 and target_case = 0 \
             order by case_id, number",
            params![kind],
        )?
        .iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?)))
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a link under the next number of its case, which this unit of work
    /// has taken.
    pub fn insert_link(&mut self, link: &LinkRow) -> Result<i64, Error> {
        let row = self.first(
            "insert into case_links (case_id, number, kind, target_case, target, note, author, at) \
             values (?1, (select coalesce(max(number), 0) + 1 from case_links \
             where case_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7) returning number",
            params![
                link.case_id,
                &link.kind,
                link.target_case,
                &link.target,
                &link.note,
                &link.author,
                link.at
            ],
        )?;
        row.map_or(Ok(1), |row| row.int(0))
    }

    /// Removes a link that was made in a case.
    ///
    /// Gives: whether there was one.
    pub fn delete_link(&mut self, case_id: i64, number: i64) -> Result<bool, Error> {
        let rows = self.execute(
            "delete from case_links where case_id = ?1 and number = ?2",
            params![case_id, number],
        )?;
        Ok(rows > 0)
    }
}
