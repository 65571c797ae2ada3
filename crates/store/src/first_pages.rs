//! The first pages of the lists of several owners, asked together.
//!
//! Only where questions travel, on PostgreSQL: one statement with a subquery for
//! each owner costs the server less than a statement for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use cve::id::Year;

use crate::engine::{Param, Row};
use crate::error::Error;
use crate::ids::{self, IdFilter, IdRow};
use crate::reader::Reader;
use crate::tallies;

/// The first page of the IDs of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstPage {
    owner: String,
    alike: Alike,
}

/// What lists that are asked for together have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    year: Option<Year>,
    limit: u32,
}

/// How many IDs a list has, and those of its first page.
pub(crate) type Page = (i64, Vec<IdRow>);

/// What a statement is, with its values.
type Asked = (String, Vec<Param<'static>>);

impl FirstPage {
    /// The first `limit` IDs of a list; nothing where more than owner and year
    /// is asked for.
    pub(crate) fn of(filter: &IdFilter, limit: u32) -> Option<FirstPage> {
        let owner = filter.tallied_owner()?.to_owned();
        let year = filter.year;
        let alike = Alike { year, limit };
        Some(FirstPage { owner, alike })
    }
}

/// First pages that are asked for at once: who asks for the same is given the
/// same.
#[derive(Debug, Default)]
pub(crate) struct FirstPages(BTreeMap<Alike, BTreeMap<String, Arc<Page>>>);

impl FirstPages {
    pub(crate) fn of<'a>(pages: impl Iterator<Item = &'a FirstPage>) -> FirstPages {
        let mut all = FirstPages::default();
        for page in pages {
            let owners = all.0.entry(page.alike).or_default();
            owners.entry(page.owner.clone()).or_default();
        }
        all
    }

    /// The statements: for all lists alike their counts, and their pages.
    pub(crate) fn questions(&self) -> Vec<Asked> {
        let alike = |(alike, owners): (&Alike, &BTreeMap<String, _>)| {
            let owners: Vec<&str> = owners.keys().map(String::as_str).collect();
            [alike.counts(&owners), alike.pages(&owners)]
        };
        self.0.iter().flat_map(alike).collect()
    }

    /// Takes the answers to the questions and names their IDs.
    pub(crate) fn take(
        &mut self,
        reader: &mut Reader<'_>,
        mut answers: impl Iterator<Item = Vec<Row>>,
    ) -> Result<(), Error> {
        for owners in self.0.values_mut() {
            let mut totals = BTreeMap::new();
            for row in answers.next().unwrap_or_default() {
                totals.insert(row.text(0)?, row.int(1)?);
            }
            let rows = answers.next().unwrap_or_default();
            let mut ids: Vec<IdRow> = rows.iter().map(ids::own_row).collect::<Result<_, _>>()?;
            reader.name(&mut ids)?;
            let mut pages: BTreeMap<String, Vec<IdRow>> = BTreeMap::new();
            for id in ids {
                pages.entry(id.owner.clone()).or_default().push(id);
            }
            for (owner, page) in owners {
                let total = totals.get(&tallies::ids_of(owner)).copied();
                let mut ids = pages.remove(owner).unwrap_or_default();
                // The server sorts for the limit and promises nothing for the whole.
                ids.sort_by_cached_key(|row| row.id.to_string());
                *page = Arc::new((total.unwrap_or_default(), ids));
            }
        }
        Ok(())
    }

    /// The page that was asked for.
    pub(crate) fn get(&self, page: &FirstPage) -> Option<Arc<Page>> {
        self.0.get(&page.alike)?.get(&page.owner).cloned()
    }
}

impl Alike {
    /// How many IDs each owner has.
    fn counts(self, owners: &[&str]) -> Asked {
        let level = i64::from(self.year.is_some());
        let block = tallies::first_block(self.year);
        let mut values = vec![Param::from(level), Param::from(block)];
        values.extend(padded(owners).map(|owner| Param::from(tallies::ids_of(owner))));
        let lists: Vec<String> = (3..=values.len())
            .map(|place| format!("?{place}"))
            .collect();
        let sql = format!(
            "select list, entries from tallies where level = ?1 and block = ?2 and list in ({})",
            lists.join(", ")
        );
        (sql, values)
    }

    /// The first IDs of each owner.
    fn pages(self, owners: &[&str]) -> Asked {
        let begin = tallies::first_block(self.year);
        let mut values = vec![Param::from(begin), Param::from(self.limit)];
        let year = self.year.map(|year| {
            values.push(Param::from(year));
            " and i.year = ?3"
        });
        let first = values.len() + 1;
        values.extend(padded(owners).map(|owner| Param::from(owner.to_owned())));
        let owners: Vec<String> = (first..=values.len())
            .map(|place| format!("(cast(?{place} as text))"))
            .collect();
        let sql = format!(
            "select {own} from (values {owners}) w (owner) \
             cross join lateral (select {own} from cve_ids i where i.owner = w.owner \
             and i.cve_id >= ?1 and i.state <> 'AVAILABLE'{year} order by i.cve_id limit ?2) i",
            own = ids::OWN,
            owners = owners.join(", "),
            year = year.unwrap_or_default(),
        );
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

    fn page(owner: &str, limit: u32) -> FirstPage {
        let filter = IdFilter {
            owner: Some(owner.into()),
            ..IdFilter::default()
        };
        FirstPage::of(&filter, limit).unwrap()
    }

    #[test]
    fn lists_alike_are_asked_for_together_and_each_once() {
        let asked = [page("a", 50), page("b", 50), page("a", 50), page("a", 10)];
        let questions = FirstPages::of(asked.iter()).questions();
        let values: Vec<usize> = questions.iter().map(|(_, values)| values.len()).collect();
        // Beside the owners: level and block, beginning and limit.
        assert_eq!(values, [1 + 2, 1 + 2, 2 + 2, 2 + 2]);
    }

    #[test]
    fn a_list_with_a_condition_no_tally_knows_is_not_asked_for_together() {
        let filter = IdFilter {
            owner: Some("a".into()),
            state: Some(ids::IdState::Reserved),
            ..IdFilter::default()
        };
        assert_eq!(FirstPage::of(&filter, 50), None);
        assert_eq!(FirstPage::of(&IdFilter::default(), 50), None);
    }
}
