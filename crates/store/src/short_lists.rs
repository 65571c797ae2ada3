//! Short lists of CVE IDs, of several owners, asked for together.
//!
//! Only where questions travel, on PostgreSQL: one statement with a subquery for
//! each owner costs the server less than a statement for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use cve::id::Year;

use crate::engine::{Param, Row};
use crate::error::Error;
use crate::id_list::IdFilter;
use crate::ids::{self, IdRow};
use crate::reader::Reader;
use crate::tallies;

/// The IDs of one owner, where they are few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShortList {
    owner: String,
    alike: Alike,
}

/// What lists that are asked for together have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    year: Option<Year>,
    /// How many IDs a short list has at most.
    limit: u32,
}

/// How many IDs a list has, and all of them where it is short.
pub(crate) type Listed = (i64, Vec<IdRow>);

/// What a statement is, with its values.
type Asked = (String, Vec<Param<'static>>);

impl ShortList {
    /// A list of at most `limit` IDs; nothing where more than owner and year is
    /// asked for.
    pub(crate) fn of(filter: &IdFilter, limit: u32) -> Option<ShortList> {
        let owner = filter.tallied_owner()?.to_owned();
        let year = filter.year;
        let alike = Alike { year, limit };
        Some(ShortList { owner, alike })
    }
}

/// Lists that are asked for at once: who asks for the same is given the same.
#[derive(Debug, Default)]
pub(crate) struct ShortLists(BTreeMap<Alike, BTreeMap<String, Arc<Listed>>>);

impl ShortLists {
    pub(crate) fn of<'a>(lists: impl Iterator<Item = &'a ShortList>) -> ShortLists {
        let mut all = ShortLists::default();
        for list in lists {
            let owners = all.0.entry(list.alike).or_default();
            owners.entry(list.owner.clone()).or_default();
        }
        all
    }

    /// The statements: for all lists alike their counts, and the IDs of the
    /// short ones.
    pub(crate) fn questions(&self) -> Vec<Asked> {
        let alike = |(alike, owners): (&Alike, &BTreeMap<String, _>)| {
            let owners: Vec<&str> = owners.keys().map(String::as_str).collect();
            [alike.counts(&owners), alike.ids(&owners)]
        };
        self.0.iter().flat_map(alike).collect()
    }

    /// Takes the answers to the questions and names their IDs.
    pub(crate) fn take(
        &mut self,
        reader: &mut Reader<'_>,
        mut answers: impl Iterator<Item = Vec<Row>>,
    ) -> Result<(), Error> {
        for (alike, owners) in &mut self.0 {
            let mut totals = BTreeMap::new();
            for row in answers.next().unwrap_or_default() {
                totals.insert(row.text(0)?, row.int(1)?);
            }
            let rows = answers.next().unwrap_or_default();
            let mut all: Vec<IdRow> = rows.iter().map(ids::own_row).collect::<Result<_, _>>()?;
            reader.name(&mut all)?;
            let mut by_owner: BTreeMap<String, Vec<IdRow>> = BTreeMap::new();
            for id in all {
                by_owner.entry(id.owner.clone()).or_default().push(id);
            }
            for (owner, list) in owners {
                let total = totals.get(&tallies::ids_of(owner)).copied();
                let total = total.unwrap_or_default();
                let mut ids = by_owner.remove(owner).unwrap_or_default();
                // One that grew between the two statements is long.
                if total > i64::from(alike.limit) {
                    ids.clear();
                }
                // The server promises no order of the whole.
                ids.sort_by_cached_key(|row| row.id.to_string());
                *list = Arc::new((total, ids));
            }
        }
        Ok(())
    }

    /// The list that was asked for.
    pub(crate) fn get(&self, list: &ShortList) -> Option<Arc<Listed>> {
        self.0.get(&list.alike)?.get(&list.owner).cloned()
    }
}

impl Alike {
    /// How many IDs each owner has.
    fn counts(self, owners: &[&str]) -> Asked {
        let (condition, values) = self.tallied(owners);
        let sql = format!("select list, entries from tallies t where {condition}");
        (sql, values)
    }

    /// The IDs of each owner who has few.
    fn ids(self, owners: &[&str]) -> Asked {
        let (condition, mut values) = self.tallied(owners);
        values.push(Param::from(self.limit));
        let limit = values.len();
        // Not beyond the year, where other IDs of the owner may be many.
        let [_, end] = tallies::bounds(self.year);
        let year = end.map(|end| {
            values.push(Param::from(end));
            format!(" and i.cve_id < ?{}", values.len())
        });
        let sql = format!(
            "select {own} from tallies t cross join lateral (select {own} from cve_ids i \
             where i.owner = substr(t.list, {after}) and i.cve_id >= ?2{year} \
             order by i.cve_id limit ?{limit}) i \
             where {condition} and t.entries <= ?{limit}",
            own = ids::OWN,
            after = tallies::ids_of("").len() + 1,
            year = year.unwrap_or_default(),
        );
        (sql, values)
    }

    /// The condition on the tallies of the owners' lists, with its values: the
    /// level, the block, the lists.
    fn tallied(self, owners: &[&str]) -> Asked {
        let level = i64::from(self.year.is_some());
        let block = tallies::first_block(self.year);
        let mut values = vec![Param::from(level), Param::from(block)];
        values.extend(padded(owners).map(|owner| Param::from(tallies::ids_of(owner))));
        let lists: Vec<String> = (3..=values.len())
            .map(|place| format!("?{place}"))
            .collect();
        let lists = lists.join(", ");
        let sql = format!("t.level = ?1 and t.block = ?2 and t.list in ({lists})");
        (sql, values)
    }
}

/// The owners, and behind them some that own nothing: few lengths, so that few
/// statements are kept prepared.
fn padded<'a>(owners: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let length = owners.len().next_power_of_two();
    owners
        .iter()
        .copied()
        .chain(std::iter::repeat(""))
        .take(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(owner: &str, limit: u32) -> ShortList {
        let filter = IdFilter {
            owner: Some(owner.into()),
            ..IdFilter::default()
        };
        ShortList::of(&filter, limit).unwrap()
    }

    #[test]
    fn lists_alike_are_asked_for_together_and_each_once() {
        let asked = [list("a", 50), list("b", 50), list("a", 50), list("a", 10)];
        let questions = ShortLists::of(asked.iter()).questions();
        let values: Vec<usize> = questions.iter().map(|(_, values)| values.len()).collect();
        // Beside the owners: level and block, and the limit of a list of IDs.
        assert_eq!(values, [2 + 1, 2 + 1 + 1, 2 + 2, 2 + 2 + 1]);
    }

    #[test]
    fn a_list_with_a_condition_no_tally_knows_is_not_asked_for_together() {
        let filter = IdFilter {
            owner: Some("a".into()),
            state: Some(ids::IdState::Reserved),
            ..IdFilter::default()
        };
        assert_eq!(ShortList::of(&filter, 50), None);
        assert_eq!(ShortList::of(&IdFilter::default(), 50), None);
    }
}
