//! How much may come from outside: an address, and everybody together.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use cve::time::Timestamp;

use crate::desk::Desk;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Too much came; try again after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// Seconds to wait, at least 1.
    pub retry_after_s: i64,
}

/// What came within the last hour. Each process counts for itself.
#[derive(Debug)]
pub struct Throttle {
    per_address: usize,
    per_instance: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    addresses: HashMap<IpAddr, Vec<Timestamp>>,
    reports: Vec<Timestamp>,
}

/// Addresses remembered at most; beyond it, everybody new waits.
const ADDRESSES: usize = 10_000;

impl Desk {
    /// Counts an attempt to sign in with something that does not work, or says
    /// how long whoever is at this address has to wait.
    ///
    /// Only what failed is counted: whoever holds something valid is never
    /// refused, whatever others at the same address try. A secret has 256
    /// random bits, so this is against load and noise and not against guessing.
    /// Source: our choice.
    pub fn admit_attempt(&self, throttle: &Throttle, address: IpAddr) -> Result<(), Busy> {
        throttle.admit(address, self.world.now())
    }
}

impl Default for Throttle {
    /// Source: our choice: a person corrects a form a few times, a team is not
    /// flooded, and nobody from one address keeps the others out.
    fn default() -> Throttle {
        Throttle::new(20, 200)
    }
}

impl Throttle {
    /// A throttle that lets through so many requests an hour from an address,
    /// and so many reports an hour from all together.
    pub fn new(per_address: usize, per_instance: usize) -> Throttle {
        Throttle {
            per_address: per_address.max(1),
            per_instance: per_instance.max(1),
            seen: Mutex::default(),
        }
    }

    /// Counts a request of an address, or says how long to wait.
    pub(super) fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Busy> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = network(address);
        if !seen.addresses.contains_key(&key) && seen.addresses.len() >= ADDRESSES {
            seen.addresses
                .retain(|_, times| times.last().is_some_and(|at| is_recent(*at, now)));
            if seen.addresses.len() >= ADDRESSES {
                return Err(Busy { retry_after_s: 60 });
            }
        }
        count(
            seen.addresses.entry(key).or_default(),
            self.per_address,
            now,
        )
    }

    /// Counts a report, or says how long to wait.
    pub(super) fn admit_report(&self, now: Timestamp) -> Result<(), Busy> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut seen.reports, self.per_instance, now)
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.ms_since(at) < HOUR_MS
}

fn count(times: &mut Vec<Timestamp>, most: usize, now: Timestamp) -> Result<(), Busy> {
    times.retain(|at| is_recent(*at, now));
    match times.first() {
        Some(first) if times.len() >= most => {
            let wait_ms = HOUR_MS - now.ms_since(*first);
            Err(Busy {
                retry_after_s: (wait_ms / 1000).clamp(1, 3600),
            })
        }
        _ => {
            times.push(now);
            Ok(())
        }
    }
}

/// Whoever has an IPv6 address has its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let mut segments = address.segments();
            segments[4..].fill(0);
            IpAddr::V6(segments.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_its_share_and_others_do_not() {
        let throttle = Throttle::new(2, 100);
        let start: Timestamp = "2026-11-03T10:00:00Z".parse().unwrap();
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let same: IpAddr = "2001:db8::2".parse().unwrap();
        let other: IpAddr = "192.0.2.1".parse().unwrap();
        assert_eq!(throttle.admit(one, start), Ok(()));
        assert_eq!(throttle.admit(same, start.plus_ms(1000)), Ok(()));
        let busy = throttle.admit(one, start.plus_ms(2000));
        assert_eq!(
            busy,
            Err(Busy {
                retry_after_s: 3598
            })
        );
        assert_eq!(throttle.admit(other, start.plus_ms(2000)), Ok(()));
        assert_eq!(throttle.admit(one, start.plus_ms(HOUR_MS)), Ok(()));
    }

    #[test]
    fn all_together_wait_after_the_share_of_the_instance() {
        let throttle = Throttle::new(100, 1);
        let now: Timestamp = "2026-11-03T10:00:00Z".parse().unwrap();
        assert_eq!(throttle.admit_report(now), Ok(()));
        assert_eq!(
            throttle.admit_report(now),
            Err(Busy {
                retry_after_s: 3600
            })
        );
    }
}
