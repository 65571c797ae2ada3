//! How many entries lists have, by the beginning of their CVE IDs.
//!
//! A list of 320,000 IDs is counted, and its last page found, without walking
//! over what lies before: the entries of each list are tallied by year and by
//! the first digits of their number, in the transaction that changes them.
//! IDs that begin alike stand together in the order of their text, so a page's
//! place is found by adding up whole blocks.
//!
//! | list | entries |
//! |---|---|
//! | `id:UUID` | IDs of the owner with this UUID, without the pool's |
//! | `record:STATE` | records in this state |

use std::collections::BTreeMap;

use cve::id::{CveId, Year};

use crate::engine::{Connection, Param};
use crate::error::Error;
use crate::ids::IdState;
use crate::reader::Reader;
use crate::records::RecordState;
use crate::tx::{Tx, insert_or, places};

/// How many characters of an ID name its block, level by level: none, the
/// year, and the year with two and with three digits. Every ID has 13.
const LEVELS: [usize; 4] = [0, 9, 11, 12];

/// The level under which the blocks of a level are kept: those of three digits
/// stand behind that of two in which they lie, because both change together.
fn kept_under(level: usize) -> i64 {
    level.min(2) as i64
}

/// Sorts behind every character of an ID.
const BEHIND: char = '~';

/// One entry more or less in a list.
#[derive(Debug)]
pub(crate) struct Tally {
    list: String,
    id: CveId,
    by: i64,
}

/// Where a page begins: at the `skip`th entry from `block` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    /// The list it lies in; one of those that were asked for.
    pub(crate) list: String,
    pub(crate) block: String,
    pub(crate) skip: i64,
}

/// How long some lists are together, and where a page begins; nothing past
/// their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) total: i64,
    pub(crate) start: Option<Start>,
}

/// The list of an owner's IDs.
pub(crate) fn ids_of(owner: &str) -> String {
    format!("id:{owner}")
}

/// The owner whose IDs a list holds.
pub(crate) fn owner_of(list: &str) -> &str {
    list.strip_prefix("id:").unwrap_or(list)
}

/// The list of the records in a state.
pub(crate) fn records_in(state: RecordState) -> String {
    format!("record:{}", state.as_str())
}

impl Tx<'_> {
    /// Notes that an ID came to (1) or left (-1) an owner.
    pub(crate) fn tally_id(&mut self, id: CveId, state: IdState, owner: &str, by: i64) {
        if state != IdState::Available {
            let list = ids_of(owner);
            self.pending.tallies.push(Tally { list, id, by });
        }
    }

    /// Notes that a record came to (1) or left (-1) a state.
    pub(crate) fn tally_record(&mut self, id: CveId, state: RecordState, by: i64) {
        let list = records_in(state);
        self.pending.tallies.push(Tally { list, id, by });
    }
}

/// Writes what the units of a batch noted, in one order on all nodes.
pub(crate) fn write(connection: &mut Connection, tallies: &[Tally]) -> Result<(), Error> {
    let ids: Vec<String> = tallies.iter().map(|tally| tally.id.to_string()).collect();
    let mut sums: BTreeMap<(i64, &str, &str), i64> = BTreeMap::new();
    for (Tally { list, by, .. }, id) in tallies.iter().zip(&ids) {
        for (level, length) in LEVELS.into_iter().enumerate() {
            let block = id.get(..length).unwrap_or(id);
            let level = kept_under(level);
            *sums.entry((level, list, block)).or_default() += by;
        }
    }
    sums.retain(|_, by| *by != 0);
    let mut values = Vec::with_capacity(sums.len() * 4);
    for ((level, list, block), by) in sums {
        values.extend([
            Param::from(level),
            Param::from(list),
            Param::from(block),
            Param::from(by),
        ]);
    }
    insert_or(
        connection,
        "insert into tallies (level, list, block, entries) values",
        4,
        " on conflict (level, list, block) do update set \
         entries = tallies.entries + excluded.entries",
        &values,
    )
}

/// The statement for the entries of some lists in a block, with its values.
fn sum_of<'a>(lists: &'a [String], level: usize, block: &str) -> (String, Vec<Param<'a>>) {
    let mut params: Vec<Param<'a>> = lists.iter().map(Param::from).collect();
    let count = params.len();
    params.push(Param::from(kept_under(level)));
    params.push(Param::from(block.to_owned()));
    let sql = format!(
        "select cast(coalesce(sum(entries), 0) as bigint) from tallies where list in ({}) \
         and level = ?{} and block = ?{}",
        places(count),
        count + 1,
        count + 2,
    );
    (sql, params)
}

/// The same for all entries of some lists, or those of a year.
pub(crate) fn first_sum(lists: &[String], year: Option<Year>) -> (String, Vec<Param<'_>>) {
    sum_of(lists, usize::from(year.is_some()), &first_block(year))
}

/// The block a list begins with, or that of a year in it.
pub(crate) fn first_block(year: Option<Year>) -> String {
    year.map(|year| format!("CVE-{year}-")).unwrap_or_default()
}

/// The bounds of a year's IDs in the order of their text: from the first, and
/// before the second; nothing without a year.
pub(crate) fn bounds(year: Option<Year>) -> [Option<String>; 2] {
    let block = year.map(|year| first_block(Some(year)));
    [block.clone(), block.map(|block| format!("{block}{BEHIND}"))]
}

/// Counts everything anew where nothing was ever tallied, as in a database
/// that was copied from another without its tallies.
pub(crate) fn rebuild_missing(connection: &mut Connection) -> Result<(), Error> {
    let mut any = |table: &str| {
        let rows = connection.query(&format!("select 1 from {table} limit 1"), &[])?;
        Ok::<_, Error>(!rows.is_empty())
    };
    if any("tallies")? || !(any("cve_ids")? || any("records")?) {
        return Ok(());
    }
    for (level, length) in LEVELS.into_iter().enumerate() {
        let level = kept_under(level);
        for (list, from) in [
            ("'id:' || owner", "cve_ids where state <> 'AVAILABLE'"),
            ("'record:' || state", "records where 1 = 1"),
        ] {
            connection.run(&format!(
                "insert into tallies (level, list, block, entries) \
                 select {level}, {list}, substr(cve_id, 1, {length}), count(*) from {from} \
                 group by 2, 3"
            ))?;
        }
    }
    Ok(())
}

impl Reader<'_> {
    /// How many entries `lists` have together, only of `year` where one is
    /// given, and where the entry after `offset` others stands, with all lists
    /// in one order.
    ///
    /// Takes: at most a few lists.
    pub(crate) fn place(
        &mut self,
        lists: &[String],
        year: Option<Year>,
        offset: u32,
    ) -> Result<Place, Error> {
        let prefix = first_block(year);
        let list = lists.first().cloned().unwrap_or_default();
        if offset == 0 {
            // The first page, and a count, ask for no more than one sum.
            let level = usize::from(year.is_some());
            let total = self.sum(lists, level, &prefix)?;
            let start = (total > 0).then_some(Start {
                list,
                block: prefix,
                skip: 0,
            });
            return Ok(Place { total, start });
        }
        let mut found: Option<(String, i64)> = None;
        let mut total = 0;
        for level in 1..LEVELS.len() {
            let (prefix, offset) = match &found {
                _ if level == 1 => (prefix.as_str(), i64::from(offset)),
                Some((block, skip)) => (block.as_str(), *skip),
                None => break,
            };
            let blocks = self.blocks(lists, level, prefix)?;
            if level == 1 {
                total = blocks.iter().map(|(_, entries)| entries).sum();
            }
            found = at(blocks, offset);
        }
        let start = found.map(|(block, skip)| Start { list, block, skip });
        Ok(Place { total, start })
    }

    /// The same over the IDs of all owners, one list after the other in the
    /// order of their names.
    pub(crate) fn place_among_owners(
        &mut self,
        year: Option<Year>,
        offset: u32,
    ) -> Result<Place, Error> {
        let (level, block) = match year {
            None => (0_i64, String::new()),
            Some(year) => (1, format!("CVE-{year}-")),
        };
        let owners = self.query(
            "select list, entries from tallies where level = ?1 and list >= 'id:' and \
             list < 'id;' and block = ?2 order by list",
            &[Param::from(level), Param::from(block)],
        )?;
        let mut lists = Vec::with_capacity(owners.len());
        for row in &owners {
            lists.push((row.text(0)?, row.int(1)?));
        }
        let total = lists.iter().map(|(_, entries)| entries).sum();
        let Some((list, rest)) = at(lists, i64::from(offset)) else {
            return Ok(Place { total, start: None });
        };
        let rest = u32::try_from(rest).unwrap_or(u32::MAX);
        let inner = self.place(&[list], year, rest)?;
        Ok(Place {
            total,
            start: inner.start,
        })
    }

    /// The entries of one block in all of `lists`.
    fn sum(&mut self, lists: &[String], level: usize, block: &str) -> Result<i64, Error> {
        let (sql, params) = sum_of(lists, level, block);
        self.first(&sql, &params)?.map_or(Ok(0), |row| row.int(0))
    }

    /// The blocks of a level below `prefix`, in order.
    fn blocks(
        &mut self,
        lists: &[String],
        level: usize,
        prefix: &str,
    ) -> Result<Vec<(String, i64)>, Error> {
        let mut params: Vec<Param<'_>> = lists.iter().map(Param::from).collect();
        let count = params.len();
        params.push(Param::from(kept_under(level)));
        params.push(Param::from(prefix));
        params.push(Param::from(format!("{prefix}{BEHIND}")));
        let sql = format!(
            "select block, cast(sum(entries) as bigint) from tallies where list in ({}) \
             and level = ?{} and block >= ?{} and block < ?{} and length(block) = {} \
             group by block order by block",
            places(count),
            count + 1,
            count + 2,
            count + 3,
            LEVELS[level],
        );
        let rows = self.query(&sql, &params)?;
        rows.iter()
            .map(|row| Ok((row.text(0)?, row.int(1)?)))
            .collect()
    }
}

/// The part in which the entry after `offset` others stands, and how many of
/// these lie in it.
fn at(parts: Vec<(String, i64)>, offset: i64) -> Option<(String, i64)> {
    let mut left = offset;
    for (name, entries) in parts {
        if left < entries {
            return Some((name, left));
        }
        left -= entries;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_by_adding_up_parts() {
        let parts = || {
            vec![
                ("a".to_owned(), 2),
                ("b".to_owned(), 0),
                ("c".to_owned(), 3),
            ]
        };
        for (offset, expected) in [
            (0, Some(("a", 0))),
            (1, Some(("a", 1))),
            (2, Some(("c", 0))),
            (4, Some(("c", 2))),
            (5, None),
        ] {
            let expected = expected.map(|(name, left)| (name.to_owned(), left));
            assert_eq!(at(parts(), offset), expected, "{offset}");
        }
    }
}
