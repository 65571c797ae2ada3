//! The pool of reserved IDs: how many to keep, when to refill, what the quota
//! leaves.
//!
//! Source: process section 4.

use serde::{Deserialize, Serialize};

/// The pool of one year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pool {
    /// IDs that are reserved and tied to nothing.
    pub free: u32,
    /// IDs that are reserved at CVE Services, free or not.
    pub reserved: u32,
    /// The quota; 1,000 unless given.
    pub quota: Option<u32>,
    /// How many IDs 95 of 100 months use at most.
    pub p95_30_days: u32,
}

/// How the pool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PoolStand {
    /// How many free IDs to keep.
    pub buffer: u32,
    /// At or below how many the alarm goes.
    pub low_water: u32,
    /// Whether it goes.
    pub alarm: bool,
    /// How many to reserve now.
    pub refill: u32,
    /// How many the quota leaves.
    pub quota_left: u32,
}

/// Smallest buffer: an emergency at night must not wait for an API.
const LEAST: u32 = 3;
/// Quota of an organisation nobody set one for.
const QUOTA: u32 = 1000;

/// How a pool stands. Only reserved IDs count against the quota.
pub fn stand(pool: &Pool) -> PoolStand {
    let buffer = pool.p95_30_days.max(LEAST);
    let low_water = buffer / 2;
    let quota_left = pool.quota.unwrap_or(QUOTA).saturating_sub(pool.reserved);
    let alarm = pool.free <= low_water;
    let refill = if alarm {
        buffer - pool.free.min(buffer)
    } else {
        0
    };
    PoolStand {
        buffer,
        low_water,
        alarm,
        refill: refill.min(quota_left),
        quota_left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_goes_at_half_the_buffer_and_the_quota_bounds_the_refill() {
        let stand = |free, reserved, p95_30_days| {
            stand(&Pool {
                free,
                reserved,
                quota: Some(20),
                p95_30_days,
            })
        };
        assert_eq!((stand(2, 2, 0).buffer, stand(2, 2, 0).alarm), (3, false));
        assert_eq!((stand(1, 2, 0).alarm, stand(1, 2, 0).refill), (true, 2));
        assert_eq!(stand(2, 17, 10).refill, 3);
    }
}
