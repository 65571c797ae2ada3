//! Lists of CVE IDs, page by page.

use std::collections::BTreeMap;

use cve::id::Year;
use cve::time::Timestamp;

use crate::engine::{Param, Row};
use crate::error::Error;
use crate::ids::{IdRow, IdState, OWN, own_row};
use crate::params;
use crate::reader::Reader;
use crate::tallies::{self, Place};
use crate::tx::places;

/// Which IDs a list holds; conditions combine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdFilter {
    /// UUID of the owner; nothing for all.
    pub owner: Option<String>,
    /// State.
    pub state: Option<IdState>,
    /// Year in the ID.
    pub year: Option<Year>,
    /// Reserved before.
    pub reserved_before: Option<Timestamp>,
    /// Reserved after.
    pub reserved_after: Option<Timestamp>,
    /// Changed before.
    pub modified_before: Option<Timestamp>,
    /// Changed after.
    pub modified_after: Option<Timestamp>,
}

impl IdFilter {
    /// The list of the same owner and year.
    fn whole(&self) -> IdFilter {
        IdFilter {
            owner: self.owner.clone(),
            year: self.year,
            ..IdFilter::default()
        }
    }

    /// Whether a page of the list is found without walking over what lies
    /// before it.
    pub(crate) fn is_tallied(&self) -> bool {
        *self == self.whole()
    }

    /// The list that is walked over for this one; nothing when none is.
    pub fn walked(&self) -> Option<IdFilter> {
        (!self.is_tallied()).then(|| self.whole())
    }

    /// The owner of a tallied list of one.
    pub(crate) fn tallied_owner(&self) -> Option<&str> {
        self.owner.as_deref().filter(|_| self.is_tallied())
    }

    /// The owner and the state, where nothing else is asked for: such lists are
    /// counted from what is known of the owner.
    fn counted(&self) -> Option<(&str, IdState)> {
        let rest = IdFilter {
            owner: None,
            state: None,
            ..self.clone()
        };
        let both = self.owner.as_deref().zip(self.state);
        both.filter(|_| rest == IdFilter::default())
    }

    /// The conditions as SQL with places from 1, and their values.
    fn conditions(&self) -> (String, Vec<Param<'_>>) {
        // The pool's have no owner. Owner and year are read from an index alone.
        let mut sql = String::from("i.owner <> ''");
        let mut values = Vec::new();
        let mut add = |column: &str, value: Option<Param<'static>>| {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" and {column} ?{}", values.len()));
            }
        };
        add("i.owner =", self.owner.clone().map(Param::from));
        let [from, to] = tallies::bounds(self.year);
        add("i.cve_id >=", from.map(Param::from));
        add("i.cve_id <", to.map(Param::from));
        add("i.reserved <", self.reserved_before.map(Param::from));
        add("i.reserved >", self.reserved_after.map(Param::from));
        add("i.modified <", self.modified_before.map(Param::from));
        add("i.modified >", self.modified_after.map(Param::from));
        if let Some(state) = self.state {
            // Not as a value: the index of those REJECTED is found by its text.
            sql.push_str(&format!(" and i.state = '{}'", state.as_str()));
        }
        (sql, values)
    }
}

impl Reader<'_> {
    /// IDs by owner's UUID, then by text, and how many there are on all pages;
    /// the pool's are never listed.
    ///
    /// Source: cve-services section 5 (paging).
    pub fn cve_ids(
        &mut self,
        filter: &IdFilter,
        offset: u32,
        limit: u32,
    ) -> Result<(i64, Vec<IdRow>), Error> {
        let (mut conditions, mut values) = filter.conditions();
        if offset == 0
            && let Some(owner) = filter.tallied_owner()
        {
            // Both in one journey: the first page begins where the list does.
            let list = [tallies::ids_of(owner)];
            let (count, of_list) = tallies::first_sum(&list, filter.year);
            let block = tallies::first_block(filter.year);
            begin_at(&mut conditions, &mut values, owner, block);
            let page = page_sql(&conditions, values.len());
            values.extend([Param::from(limit), Param::Int(0)]);
            let mut found = self
                .query_all(&[(&count, &of_list), (&page, &values)])?
                .into_iter();
            let total = found.next().unwrap_or_default();
            let total = total.first().map_or(Ok(0), |row| row.int(0))?;
            return Ok((total, self.named(&found.next().unwrap_or_default())?));
        }
        let (total, skip) = match self.place_of(filter, offset)? {
            Some(place) => {
                let Some(start) = place.start else {
                    return Ok((place.total, Vec::new()));
                };
                let owner = tallies::owner_of(&start.list);
                begin_at(&mut conditions, &mut values, owner, start.block.clone());
                (place.total, start.skip)
            }
            None => (self.count_cve_ids(filter)?, i64::from(offset)),
        };
        // What is known to be the last is not searched for another behind it.
        let left = total.saturating_sub(i64::from(offset));
        if left <= 0 {
            return Ok((total, Vec::new()));
        }
        let sql = page_sql(&conditions, values.len());
        values.push(Param::Int(left.min(i64::from(limit))));
        values.push(Param::Int(skip));
        let rows = self.query(&sql, &values)?;
        Ok((total, self.named(&rows)?))
    }

    /// The IDs in rows, with today's names.
    fn named(&mut self, rows: &[Row]) -> Result<Vec<IdRow>, Error> {
        let mut ids = rows.iter().map(own_row).collect::<Result<Vec<_>, _>>()?;
        self.name(&mut ids)?;
        Ok(ids)
    }

    /// How many IDs [`Reader::cve_ids`] would list over all pages.
    pub fn count_cve_ids(&mut self, filter: &IdFilter) -> Result<i64, Error> {
        if let Some(place) = self.place_of(filter, 0)? {
            return Ok(place.total);
        }
        if let Some((owner, state)) = filter.counted()
            && let Some(count) = self.count_in_state(owner, state)?
        {
            return Ok(count);
        }
        let (conditions, values) = filter.conditions();
        let sql = format!("select count(*) from cve_ids i where {conditions}");
        self.first(&sql, &values)?.map_or(Ok(0), |row| row.int(0))
    }

    /// How many IDs of an owner are in a state, with one statement and without
    /// walking over the others; nothing when no organisation has this UUID.
    fn count_in_state(&mut self, owner: &str, state: IdState) -> Result<Option<i64>, Error> {
        const REJECTED: &str = "(select count(*) from cve_ids i where i.owner = o.uuid \
                                and i.state = 'REJECTED')";
        let mut values = params![owner].to_vec();
        let count = match state {
            // Whoever owns an ID has taken it from the pool.
            IdState::Available => "0".to_owned(),
            IdState::Reserved => "o.reserved".to_owned(),
            IdState::Rejected => REJECTED.to_owned(),
            IdState::Published => {
                values.push(Param::from(tallies::ids_of(owner)));
                format!(
                    "coalesce((select entries from tallies where level = 0 and list = ?2 \
                     and block = ''), 0) - o.reserved - {REJECTED}"
                )
            }
        };
        let sql = format!("select {count} from orgs o where o.uuid = ?1");
        self.first(&sql, &values)?.map(|row| row.int(0)).transpose()
    }

    /// Where a page of the list begins; nothing when the list is not tallied.
    fn place_of(&mut self, filter: &IdFilter, offset: u32) -> Result<Option<Place>, Error> {
        if !filter.is_tallied() {
            return Ok(None);
        }
        let place = match &filter.owner {
            Some(owner) => self.place(&[tallies::ids_of(owner)], filter.year, offset)?,
            None => self.place_among_owners(filter.year, offset)?,
        };
        Ok(Some(place))
    }

    /// Puts today's names beside the UUIDs: each is looked up once, because a
    /// list has many IDs of few organisations and users.
    pub(crate) fn name(&mut self, ids: &mut [IdRow]) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let (mut orgs, mut users) = (BTreeMap::new(), BTreeMap::new());
        for id in &*ids {
            orgs.insert(id.owner.clone(), None);
            orgs.insert(id.requester_org.clone(), None);
            users.insert(id.requester_user.clone(), None);
        }
        self.look_up([
            ("select uuid, short_name, '' from orgs", &mut orgs),
            ("select uuid, username, org from users", &mut users),
        ])?;
        let name = |uuid: &str| Some(orgs.get(uuid)?.as_ref()?.0.clone());
        for id in ids {
            id.owner_name = name(&id.owner);
            id.requester_org_name = name(&id.requester_org);
            if let Some(Some((username, org))) = users.get(&id.requester_user) {
                id.requester_user_name = Some(username.clone());
                id.requester_user_org = Some(org.clone());
            }
        }
        Ok(())
    }

    fn look_up(&mut self, lists: [(&str, &mut Names); 2]) -> Result<(), Error> {
        let mut asked = Vec::new();
        for (index, (select, found)) in lists.iter().enumerate() {
            let uuids: Vec<&String> = found.keys().collect();
            for chunk in uuids.chunks(LOOKED_UP) {
                // Few lengths, so that few statements are kept prepared.
                let length = chunk.len().next_power_of_two();
                let last = chunk.last().into_iter().cycle();
                let params: Vec<Param<'_>> = chunk
                    .iter()
                    .chain(last)
                    .take(length)
                    .map(|uuid| Param::from((*uuid).clone()))
                    .collect();
                let sql = format!("{select} where uuid in ({})", places(length));
                asked.push((index, sql, params));
            }
        }
        let questions: Vec<(&str, &[Param<'_>])> = asked
            .iter()
            .map(|(_, sql, params)| (sql.as_str(), params.as_slice()))
            .collect();
        let answers = self.query_all(&questions)?;
        for ((index, ..), rows) in asked.iter().zip(answers) {
            for row in rows {
                let names = Some((row.text(1)?, row.text(2)?));
                lists[*index].1.insert(row.text(0)?, names);
            }
        }
        Ok(())
    }
}

/// Names by UUID, and what they belong to; nothing where the UUID is of none.
type Names = BTreeMap<String, Option<(String, String)>>;

/// Adds the condition that a page begins with what the owner has from `block`.
fn begin_at(conditions: &mut String, values: &mut Vec<Param<'_>>, owner: &str, block: String) {
    values.push(Param::from(owner.to_owned()));
    values.push(Param::from(block));
    let count = values.len();
    let from = format!(" and (i.owner, i.cve_id) >= (?{}, ?{count})", count - 1);
    conditions.push_str(&from);
}

/// The statement for a page of IDs; its length and what it skips are the two
/// values after the `count` of the conditions.
fn page_sql(conditions: &str, count: usize) -> String {
    // What lies before the page is passed over in an index alone, where owner and
    // year decide what the list holds.
    format!(
        "select {OWN} from (select i.key from cve_ids i where {conditions} \
         order by i.owner, i.cve_id limit ?{} offset ?{}) p \
         join cve_ids i on i.key = p.key order by i.owner, i.cve_id",
        count + 1,
        count + 2
    )
}

/// Names looked up with one statement; a power of two.
const LOOKED_UP: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sqlite;

    /// What SQLite looks at to find a page of the list.
    fn plan(filter: &IdFilter) -> Vec<String> {
        let (conditions, mut values) = filter.conditions();
        let page = page_sql(&conditions, values.len());
        let sql = format!("explain query plan {page}");
        values.extend([Param::Int(10), Param::Int(0)]);
        let steps: Vec<String> = sqlite()
            .store
            .read(|reader| {
                let rows = reader.query(&sql, &values)?;
                rows.iter().map(|row| row.text(3)).collect()
            })
            .unwrap();
        let is_search = |step: &String| step.starts_with("SEARCH i ");
        steps.into_iter().filter(is_search).collect()
    }

    fn of_owner() -> IdFilter {
        IdFilter {
            owner: Some("o".into()),
            ..IdFilter::default()
        }
    }

    #[test]
    fn the_rejected_ids_of_an_owner_are_found_without_looking_at_the_others() {
        let filter = IdFilter {
            state: Some(IdState::Rejected),
            ..of_owner()
        };
        assert_eq!(
            plan(&filter)[0],
            "SEARCH i USING COVERING INDEX cve_ids_rejected (owner=?)"
        );
    }

    #[test]
    fn the_ids_of_a_year_are_found_in_the_index_by_owner_alone() {
        let filter = IdFilter {
            year: "2026".parse().ok(),
            ..of_owner()
        };
        assert_eq!(
            plan(&filter)[0],
            "SEARCH i USING COVERING INDEX cve_ids_owner (owner=? AND cve_id>? AND cve_id<?)"
        );
    }
}
