//! Reserving CVE IDs, many requests in a few statements.

use std::collections::BTreeMap;

use cve::id::{CveId, Year};
use cve::time::Timestamp;
use serde_json::json;

use crate::audit::AuditEvent;
use crate::changes::Visibility;
use crate::engine::{Param, Row};
use crate::error::Error;
use crate::id_key;
use crate::ids::IdState;
use crate::params;
use crate::tx::{RowUpdate, Tx, places};

/// A request to reserve CVE IDs.
///
/// Source: cve-services section 7.
#[derive(Debug, Clone)]
pub struct Reserve {
    /// UUID of the organisation that will own the IDs.
    pub owner: String,
    /// UUID of the organisation that asks.
    pub requester_org: String,
    /// UUID of the user who asks.
    pub requester_user: String,
    /// The user's name, for the audit chain.
    pub actor: String,
    /// Year the IDs carry.
    pub year: Year,
    /// How many, from 1.
    pub amount: u32,
    /// From which block of numbers.
    pub sequence: Sequence,
}

/// The block of numbers IDs are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// The low block, one ID at a time; the general block when it is full.
    Priority,
    /// The general block, consecutive numbers, all or none.
    Sequential,
}

/// IDs that were reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// The IDs, rising.
    pub ids: Vec<CveId>,
    /// The moment of reservation, the same for all.
    pub at: Timestamp,
    /// What the owner may still reserve.
    pub remaining: i64,
}

/// Why nothing was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReserveRefusal {
    /// The owner does not exist (any more).
    #[error("the organisation does not exist")]
    UnknownOrg,
    /// The owner would hold more reserved IDs than its quota.
    #[error("{reserved} of {quota} IDs are reserved already")]
    OverQuota {
        /// IDs the owner may hold in state RESERVED.
        quota: i64,
        /// IDs it holds.
        reserved: i64,
    },
    /// No numbers are set aside for the year.
    #[error("no range exists for the year")]
    NoRange {
        /// What the owner may still reserve.
        remaining: i64,
    },
    /// The year's numbers are used up.
    #[error("the range of the year is full")]
    RangeFull {
        /// What the owner may still reserve.
        remaining: i64,
    },
}

/// What is left of an owner's quota while a batch runs.
struct Quota {
    limit: i64,
    reserved: i64,
}

/// The numbers of a year while a batch runs.
struct Range {
    priority_top: i64,
    priority_end: i64,
    general_top: i64,
    general_end: i64,
}

type Quotas = BTreeMap<String, Quota>;
type Ranges = BTreeMap<Year, Range>;

impl Range {
    /// Takes `amount` numbers; the first of them, or nothing when full.
    fn take(&mut self, amount: i64, sequence: Sequence) -> Option<i64> {
        if sequence == Sequence::Priority && amount == 1 && self.priority_top < self.priority_end {
            self.priority_top += 1;
            return Some(self.priority_top);
        }
        if self.general_top + amount > self.general_end {
            return None;
        }
        let first = self.general_top + 1;
        self.general_top += amount;
        Some(first)
    }
}

/// Runs the commands in order, as if each came alone.
pub(crate) fn run(
    tx: &mut Tx<'_>,
    commands: &[&Reserve],
) -> Result<Vec<Result<Reserved, ReserveRefusal>>, Error> {
    let (mut quotas, mut ranges) = load(tx, commands)?;
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        answers.push(decide(command, &mut quotas, &mut ranges, tx.now()));
    }
    insert_ids(tx, commands, &answers)?;
    store_quotas(tx, &quotas)?;
    store_ranges(tx, &ranges)?;
    for (command, answer) in commands.iter().zip(&answers) {
        if let Ok(reserved) = answer {
            tell(tx, command, reserved);
        }
    }
    Ok(answers)
}

fn decide(
    command: &Reserve,
    quotas: &mut Quotas,
    ranges: &mut Ranges,
    now: Timestamp,
) -> Result<Reserved, ReserveRefusal> {
    let amount = i64::from(command.amount);
    let quota = quotas
        .get_mut(&command.owner)
        .ok_or(ReserveRefusal::UnknownOrg)?;
    if quota.reserved + amount > quota.limit {
        return Err(ReserveRefusal::OverQuota {
            quota: quota.limit,
            reserved: quota.reserved,
        });
    }
    let remaining = quota.limit - quota.reserved;
    let range = ranges
        .get_mut(&command.year)
        .ok_or(ReserveRefusal::NoRange { remaining })?;
    let first = range
        .take(amount, command.sequence)
        .ok_or(ReserveRefusal::RangeFull { remaining })?;
    quota.reserved += amount;
    let ids = (first..first + amount)
        .filter_map(|number| CveId::new(command.year, u64::try_from(number).ok()?))
        .collect();
    Ok(Reserved {
        ids,
        at: now,
        remaining: quota.limit - quota.reserved,
    })
}

/// Reads and locks the owners and the ranges of a batch.
fn load(tx: &mut Tx<'_>, commands: &[&Reserve]) -> Result<(Quotas, Ranges), Error> {
    let mut owners: Vec<&str> = commands
        .iter()
        .map(|command| command.owner.as_str())
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let mut years: Vec<Year> = commands.iter().map(|command| command.year).collect();
    years.sort_unstable();
    years.dedup();
    // Rows are locked in the order of their keys, so that two nodes with the
    // same owners in their batches wait for each other and never deadlock.
    let lock = tx.connection.for_update();
    let of_owners = format!(
        "select uuid, id_quota, reserved from orgs where uuid in ({}) order by uuid{lock}",
        places(owners.len()),
    );
    let of_years = format!(
        "select year, priority_top, priority_end, general_top, general_end from id_ranges \
         where year in ({}) order by year{lock}",
        places(years.len()),
    );
    let owners: Vec<Param<'_>> = owners.into_iter().map(Param::from).collect();
    let numbers: Vec<Param<'_>> = years.iter().copied().map(Param::from).collect();
    let mut found = tx
        .query_all(&[(&of_owners, &owners), (&of_years, &numbers)])?
        .into_iter();
    let quotas = found.next().unwrap_or_default();
    let ranges = found.next().unwrap_or_default();
    Ok((
        quotas.iter().map(quota).collect::<Result<_, _>>()?,
        ranges
            .iter()
            .map(|row| range(row, &years))
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?,
    ))
}

fn quota(row: &Row) -> Result<(String, Quota), Error> {
    Ok((
        row.text(0)?,
        Quota {
            limit: row.int(1)?,
            reserved: row.int(2)?,
        },
    ))
}

/// The range in a row, under its year as it was asked for.
fn range(row: &Row, years: &[Year]) -> Result<Option<(Year, Range)>, Error> {
    let found = row.int(0)?;
    let range = Range {
        priority_top: row.int(1)?,
        priority_end: row.int(2)?,
        general_top: row.int(3)?,
        general_end: row.int(4)?,
    };
    let year = years.iter().find(|year| i64::from(year.number()) == found);
    Ok(year.map(|year| (*year, range)))
}

fn insert_ids(
    tx: &mut Tx<'_>,
    commands: &[&Reserve],
    answers: &[Result<Reserved, ReserveRefusal>],
) -> Result<(), Error> {
    let at = tx.now().to_string();
    let mut values = Vec::new();
    for (command, answer) in commands.iter().zip(answers) {
        let Ok(reserved) = answer else { continue };
        for id in &reserved.ids {
            values.extend_from_slice(params![
                id_key::of(*id),
                *id,
                command.year,
                id.number() as i64,
                "RESERVED",
                &command.owner,
                &command.requester_org,
                &command.requester_user,
                at.as_str(),
                at.as_str(),
                at.as_str()
            ]);
        }
    }
    tx.insert_rows(
        "insert into cve_ids (key, cve_id, year, number, state, owner, requester_org, \
         requester_user, reserved, created, modified) values",
        11,
        &values,
    )
}

const STORE_QUOTA: RowUpdate = RowUpdate {
    table: "orgs",
    key: ("uuid", false),
    columns: &[("reserved", true)],
    subtract: false,
};

fn store_quotas(tx: &mut Tx<'_>, quotas: &Quotas) -> Result<(), Error> {
    let rows: Vec<Param<'_>> = quotas
        .iter()
        .flat_map(|(owner, quota)| [Param::from(owner), Param::from(quota.reserved)])
        .collect();
    tx.update_rows(&STORE_QUOTA, &rows)
}

const STORE_RANGE: RowUpdate = RowUpdate {
    table: "id_ranges",
    key: ("year", true),
    columns: &[("priority_top", true), ("general_top", true)],
    subtract: false,
};

fn store_ranges(tx: &mut Tx<'_>, ranges: &Ranges) -> Result<(), Error> {
    let rows: Vec<Param<'_>> = ranges
        .iter()
        .flat_map(|(year, range)| {
            [
                Param::from(*year),
                Param::from(range.priority_top),
                Param::from(range.general_top),
            ]
        })
        .collect();
    tx.update_rows(&STORE_RANGE, &rows)
}

fn tell(tx: &mut Tx<'_>, command: &Reserve, reserved: &Reserved) {
    for id in &reserved.ids {
        tx.tally_id(*id, IdState::Reserved, &command.owner, 1);
        tx.change(
            "id.reserved",
            &command.owner,
            &id.to_string(),
            Visibility::Restricted,
        );
    }
    let object = reserved
        .ids
        .first()
        .map(CveId::to_string)
        .unwrap_or_default();
    tx.audit(AuditEvent {
        actor: command.actor.clone(),
        org: command.owner.clone(),
        action: "id.reserve".into(),
        object,
        detail: json!({"ids": reserved.ids, "remaining": reserved.remaining}),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_taken_from_a_range_never_overlap_and_never_leave_it(
            requests in proptest::collection::vec((1i64..=7, any::<bool>()), 0..60),
        ) {
            let mut range = Range {
                priority_top: 0,
                priority_end: 5,
                general_top: 5,
                general_end: 60,
            };
            let mut taken = std::collections::BTreeSet::new();
            for (amount, priority) in requests {
                let sequence = if priority { Sequence::Priority } else { Sequence::Sequential };
                if let Some(first) = range.take(amount, sequence) {
                    for number in first..first + amount {
                        prop_assert!((1..=60).contains(&number));
                        prop_assert!(taken.insert(number), "{number} was given twice");
                    }
                }
            }
        }
    }
}
