//! Reserving CVE IDs at random from the year's pool.

use cve::id::{CveId, Year};
use serde_json::json;

use crate::audit::AuditEvent;
use crate::changes::Visibility;
use crate::error::Error;
use crate::id_key;
use crate::ids::IdState;
use crate::params;
use crate::reserve::ReserveRefusal;
use crate::tx::Tx;

/// A request to reserve IDs whose numbers do not follow each other.
///
/// Source: cve-services section 7, nonsequential.
#[derive(Debug, Clone)]
pub struct FromPool {
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
    /// One random number for each ID wanted.
    pub picks: Vec<u64>,
}

/// IDs taken from the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pooled {
    /// The IDs, in random order; fewer than asked for when the last numbers of
    /// the year are used up.
    pub ids: Vec<CveId>,
    /// What the owner may still reserve.
    pub remaining: i64,
}

/// IDs the pool is filled up to, and of which the picks are made, at least.
const POOL: usize = 100;

impl Tx<'_> {
    /// Reserves IDs at random from the pool of the year, filling it first.
    ///
    /// Refuses: as [`ReserveRefusal`] says.
    /// Source: cve-services section 7, nonsequential.
    pub fn reserve_from_pool(
        &mut self,
        request: &FromPool,
    ) -> Result<Result<Pooled, ReserveRefusal>, Error> {
        let wanted = request.picks.len();
        let Some(owner) = self.take_org(&request.owner)? else {
            return Ok(Err(ReserveRefusal::UnknownOrg));
        };
        if owner.reserved + wanted as i64 > owner.id_quota {
            return Ok(Err(ReserveRefusal::OverQuota {
                quota: owner.id_quota,
                reserved: owner.reserved,
            }));
        }
        let remaining = owner.id_quota - owner.reserved;
        let Some((top, end)) = self.take_general_block(request.year)? else {
            return Ok(Err(ReserveRefusal::NoRange { remaining }));
        };
        let size = POOL.max(3 * wanted);
        let mut pool = self.pool(request.year, size)?;
        if pool.len() < size {
            let missing = (size - pool.len() + wanted) as i64;
            let last = end.min(top + missing);
            if last == top && pool.len() < wanted {
                return Ok(Err(ReserveRefusal::RangeFull { remaining }));
            }
            pool.extend(self.fill_pool(request.year, top, last)?);
            pool.truncate(size);
        }
        let ids = pick(pool, &request.picks);
        self.reserve_picked(request, &ids)?;
        let remaining = owner.id_quota - owner.reserved - ids.len() as i64;
        self.tell_pooled(request, &ids, remaining);
        Ok(Ok(Pooled { ids, remaining }))
    }

    /// Last number given and last number of the general block, held until the
    /// commit so that no two units fill or empty the pool at once.
    fn take_general_block(&mut self, year: Year) -> Result<Option<(i64, i64)>, Error> {
        let lock = self.connection.for_update();
        let sql = format!("select general_top, general_end from id_ranges where year = ?1{lock}");
        self.first(&sql, params![year])?
            .map(|row| Ok((row.int(0)?, row.int(1)?)))
            .transpose()
    }

    fn pool(&mut self, year: Year, size: usize) -> Result<Vec<CveId>, Error> {
        self.query(
            "select cve_id from cve_ids where year = ?1 and state = 'AVAILABLE' \
             order by number limit ?2",
            params![year, size as i64],
        )?
        .iter()
        .map(|row| row.parse(0))
        .collect()
    }

    /// Moves the numbers after `top` up to `last` from the block to the pool.
    fn fill_pool(&mut self, year: Year, top: i64, last: i64) -> Result<Vec<CveId>, Error> {
        let ids: Vec<CveId> = (top + 1..=last)
            .filter_map(|number| CveId::new(year, u64::try_from(number).ok()?))
            .collect();
        let now = self.now();
        let now = now.to_string();
        let mut values = Vec::with_capacity(ids.len() * 11);
        for id in &ids {
            let number = id.number() as i64;
            values.extend_from_slice(params![
                id_key::of(*id),
                *id,
                year,
                number,
                "AVAILABLE",
                "",
                "",
                "",
                &now,
                &now,
                &now
            ]);
        }
        self.insert_rows(
            "insert into cve_ids (key, cve_id, year, number, state, owner, requester_org, \
             requester_user, reserved, created, modified) values",
            11,
            &values,
        )?;
        self.execute(
            "update id_ranges set general_top = ?2 where year = ?1",
            params![year, last],
        )?;
        Ok(ids)
    }

    fn reserve_picked(&mut self, request: &FromPool, ids: &[CveId]) -> Result<(), Error> {
        let now = self.now();
        for id in ids {
            self.tally_id(*id, IdState::Reserved, &request.owner, 1);
            self.execute(
                "update cve_ids set state = 'RESERVED', owner = ?2, requester_org = ?3, \
                 requester_user = ?4, reserved = ?5, modified = ?5 where key = ?1",
                params![
                    id_key::of(*id),
                    &request.owner,
                    &request.requester_org,
                    &request.requester_user,
                    now
                ],
            )?;
        }
        self.add_reserved(&request.owner, ids.len() as i64)
    }

    fn tell_pooled(&mut self, request: &FromPool, ids: &[CveId], remaining: i64) {
        for id in ids {
            let object = id.to_string();
            self.change(
                "id.reserved",
                &request.owner,
                &object,
                Visibility::Restricted,
            );
        }
        let object = ids.first().map(CveId::to_string).unwrap_or_default();
        self.audit(AuditEvent {
            actor: request.actor.clone(),
            org: request.owner.clone(),
            action: "id.reserve".into(),
            object,
            detail: json!({"ids": ids, "remaining": remaining}),
        });
    }
}

/// Takes one ID for each pick out of `pool`, while there are any.
fn pick(mut pool: Vec<CveId>, picks: &[u64]) -> Vec<CveId> {
    let mut ids = Vec::with_capacity(picks.len());
    for random in picks {
        if pool.is_empty() {
            break;
        }
        let place = random % pool.len() as u64;
        ids.push(pool.swap_remove(place as usize));
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn picks_are_distinct_and_from_the_pool(
            size in 0u64..40,
            picks in proptest::collection::vec(any::<u64>(), 0..12),
        ) {
            let year = Year::new(2099).unwrap();
            let pool: Vec<_> = (0..size).filter_map(|number| CveId::new(year, number)).collect();
            let picked = pick(pool.clone(), &picks);
            let distinct: std::collections::BTreeSet<_> = picked.iter().collect();
            prop_assert_eq!(distinct.len(), picked.len());
            prop_assert_eq!(picked.len(), picks.len().min(pool.len()));
            prop_assert!(picked.iter().all(|id| pool.contains(id)));
        }
    }
}
