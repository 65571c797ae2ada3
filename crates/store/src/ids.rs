//! CVE IDs of the authority and the ranges they are taken from.

use std::collections::BTreeMap;
use std::str::FromStr;

use cve::id::{CveId, Year};
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::id_key;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// State of a CVE ID.
///
/// Source: cve-services section 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdState {
    /// In the pool for non-sequential reservations; nobody sees it.
    Available,
    /// Reserved; left by publishing or rejecting.
    Reserved,
    /// Has a published record.
    Published,
    /// Rejected, with or without a record.
    Rejected,
}

impl IdState {
    /// The Program's word.
    pub fn as_str(self) -> &'static str {
        match self {
            IdState::Available => "AVAILABLE",
            IdState::Reserved => "RESERVED",
            IdState::Published => "PUBLISHED",
            IdState::Rejected => "REJECTED",
        }
    }
}

impl FromStr for IdState {
    type Err = String;

    fn from_str(text: &str) -> Result<IdState, String> {
        [
            IdState::Available,
            IdState::Reserved,
            IdState::Published,
            IdState::Rejected,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| format!("`{text}`, expected the state of a CVE ID"))
    }
}

/// A CVE ID as it is kept, with the names of today beside the UUIDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRow {
    /// The ID.
    pub id: CveId,
    /// Its state.
    pub state: IdState,
    /// UUID of the owner.
    pub owner: String,
    /// Short name of the owner today; nothing when it is gone.
    pub owner_name: Option<String>,
    /// UUID of the organisation that reserved it.
    pub requester_org: String,
    /// Short name of that organisation today.
    pub requester_org_name: Option<String>,
    /// UUID of the user who reserved it.
    pub requester_user: String,
    /// Name of that user today.
    pub requester_user_name: Option<String>,
    /// UUID of that user's organisation today.
    pub requester_user_org: Option<String>,
    /// When it was reserved.
    pub reserved: Timestamp,
    /// When it was created.
    pub created: Timestamp,
    /// When the ID was last changed.
    pub modified: Timestamp,
}

const SELECT: &str = "select i.cve_id, i.state, i.owner, o.short_name, i.requester_org, \
                      r.short_name, i.requester_user, u.username, u.org, i.reserved, i.created, \
                      i.modified from cve_ids i left join orgs o on o.uuid = i.owner \
                      left join orgs r on r.uuid = i.requester_org \
                      left join users u on u.uuid = i.requester_user";

fn id_row(row: &Row) -> Result<IdRow, Error> {
    Ok(IdRow {
        id: row.parse(0)?,
        state: row.parse(1)?,
        owner: row.text(2)?,
        owner_name: row.opt_text(3)?,
        requester_org: row.text(4)?,
        requester_org_name: row.opt_text(5)?,
        requester_user: row.text(6)?,
        requester_user_name: row.opt_text(7)?,
        requester_user_org: row.opt_text(8)?,
        reserved: row.parse(9)?,
        created: row.parse(10)?,
        modified: row.parse(11)?,
    })
}

/// What an ID's own row holds.
pub(crate) const OWN: &str = "i.cve_id, i.state, i.owner, i.requester_org, i.requester_user, i.reserved, \
                   i.created, i.modified";

pub(crate) fn own_row(row: &Row) -> Result<IdRow, Error> {
    Ok(IdRow {
        id: row.parse(0)?,
        state: row.parse(1)?,
        owner: row.text(2)?,
        owner_name: None,
        requester_org: row.text(3)?,
        requester_org_name: None,
        requester_user: row.text(4)?,
        requester_user_name: None,
        requester_user_org: None,
        reserved: row.parse(5)?,
        created: row.parse(6)?,
        modified: row.parse(7)?,
    })
}

impl Reader<'_> {
    /// One ID, in whatever state.
    pub fn cve_id(&mut self, id: CveId) -> Result<Option<IdRow>, Error> {
        // The text too, because two very long IDs may have one key.
        self.first(
            &format!("{SELECT} where i.key = ?1 and i.cve_id = ?2"),
            params![id_key::of(id), id],
        )?
        .as_ref()
        .map(id_row)
        .transpose()
    }
}

/// The numbers of one year: the last given of each block, and its bounds.
///
/// Source: cve-services sections 5 and 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// Year the numbers belong to.
    pub year: Year,
    /// Last number given, first number minus one, and last number of the
    /// priority block.
    pub priority: [i64; 3],
    /// The same of the general block.
    pub general: [i64; 3],
}

impl IdRange {
    /// The range the Program opens a year with.
    ///
    /// Source: cve-services section 6.1, POST /cve-id-range.
    pub fn of_year(year: Year) -> IdRange {
        IdRange {
            year,
            priority: [0, 0, 20_000],
            general: [20_000, 20_000, 50_000_000],
        }
    }
}

impl Tx<'_> {
    /// One ID, which nobody else changes before this unit of work commits.
    pub fn take_cve_id(&mut self, id: CveId) -> Result<Option<IdRow>, Error> {
        // The row is locked by itself: PostgreSQL cannot lock through the
        // outer joins that add the names.
        let lock = self.connection.for_update();
        if !lock.is_empty() {
            let sql = format!("select cve_id from cve_ids where key = ?1{lock}");
            self.first(&sql, params![id_key::of(id)])?;
        }
        self.cve_id(id)
    }

    /// Gives an ID, taken in this unit of work, its state and owner, and moves
    /// it between the owners' counts of reserved IDs.
    ///
    /// Takes: `before` as [`Tx::take_cve_id`] gave it.
    pub fn change_cve_id(
        &mut self,
        before: &IdRow,
        state: IdState,
        owner: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.execute(
            "update cve_ids set state = ?2, owner = ?3, modified = ?4 where key = ?1",
            params![id_key::of(before.id), state.as_str(), owner, at],
        )?;
        if before.state == IdState::Available || before.owner != owner {
            self.tally_id(before.id, before.state, &before.owner, -1);
            self.tally_id(before.id, state, owner, 1);
        }
        let mut counts = BTreeMap::new();
        if before.state == IdState::Reserved {
            *counts.entry(before.owner.as_str()).or_insert(0) -= 1;
        }
        if state == IdState::Reserved {
            *counts.entry(owner).or_insert(0) += 1;
        }
        for (org, count) in counts {
            if count != 0 {
                self.add_reserved(org, count)?;
            }
        }
        Ok(())
    }

    /// Adds an ID as it is given; one that is RESERVED counts for its owner, and
    /// one that is AVAILABLE has none.
    ///
    /// Takes: the UUIDs of `row`; its names are not stored.
    pub fn insert_cve_id(&mut self, row: &IdRow) -> Result<(), Error> {
        let owner = match row.state {
            IdState::Available => "",
            _ => &row.owner,
        };
        self.execute(
            "insert into cve_ids (key, cve_id, year, number, state, owner, requester_org, \
             requester_user, reserved, created, modified) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                id_key::of(row.id),
                row.id,
                row.id.year(),
                row.id.number() as i64,
                row.state.as_str(),
                owner,
                &row.requester_org,
                &row.requester_user,
                row.reserved,
                row.created,
                row.modified
            ],
        )?;
        self.tally_id(row.id, row.state, &row.owner, 1);
        if row.state == IdState::Reserved {
            self.add_reserved(&row.owner, 1)?;
        }
        Ok(())
    }

    /// Opens a year with the given numbers.
    ///
    /// Gives: `false` when the year is open already.
    pub fn insert_range(&mut self, range: &IdRange) -> Result<bool, Error> {
        let [priority_top, priority_start, priority_end] = range.priority;
        let [general_top, general_start, general_end] = range.general;
        let rows = self.execute(
            "insert into id_ranges (year, priority_top, priority_start, priority_end, \
             general_top, general_start, general_end) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (year) do nothing",
            params![
                range.year,
                priority_top,
                priority_start,
                priority_end,
                general_top,
                general_start,
                general_end
            ],
        )?;
        Ok(rows > 0)
    }

    /// Opens a year with the Program's default ranges.
    ///
    /// Gives: `false` when the year is open already.
    /// Source: cve-services section 6.1, POST /cve-id-range.
    pub fn open_year(&mut self, year: Year) -> Result<bool, Error> {
        self.insert_range(&IdRange::of_year(year))
    }
}
