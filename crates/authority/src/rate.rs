//! How often a client may ask: an address without a key, a key, and an address
//! whose keys are wrong.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use cve::time::Timestamp;
use cve::world::World;

use crate::error::Refusal;

/// A limit per client.
///
/// Source: cve-services section 12; per client instead of one bucket for the
/// whole process, as section 16 suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Length of a window in seconds, from 1.
    pub window_seconds: u32,
    /// Requests one client may make in a window.
    pub max_requests: u32,
}

/// All limits; nothing for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests of one address to the endpoints that need no key and ask the
    /// store.
    pub address: Option<RateLimit>,
    /// Requests with one user's key.
    pub key: Option<RateLimit>,
    /// Requests of one address whose key was wrong. Over it no key of that
    /// address is looked at, so that keys cannot be guessed and nobody can
    /// have the server compute without end.
    ///
    /// Source: cve-services section 12, issue 1885.
    pub wrong_keys: Option<RateLimit>,
}

/// Requests counted per client and window.
#[derive(Debug)]
pub(crate) struct Buckets<K>(Mutex<HashMap<K, (i64, u32)>>);

impl<K> Default for Buckets<K> {
    fn default() -> Buckets<K> {
        Buckets(Mutex::default())
    }
}

/// Clients remembered at most; windows that ended are forgotten first, and
/// when all are of this window, all are.
const MAX_CLIENTS: usize = 100_000;

/// Where a client stands in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests left in this window.
    pub(crate) remaining: u32,
    /// Seconds until the window ends, rounded up.
    pub(crate) reset_seconds: i64,
    /// Whether this request is one too many.
    pub(crate) over: bool,
}

impl<K: Hash + Eq> Buckets<K> {
    /// Counts one request of `client`.
    pub(crate) fn count<Q>(&self, limit: RateLimit, client: &Q, now: Timestamp) -> Standing
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let (window, reset_seconds) = window(limit, now);
        // Counting wrongly once after a panic harms nobody.
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = match buckets.get_mut(client) {
            Some(bucket) => {
                if bucket.0 != window {
                    *bucket = (window, 0);
                }
                bucket.1 = bucket.1.saturating_add(1);
                bucket.1
            }
            None => {
                if buckets.len() >= MAX_CLIENTS {
                    buckets.retain(|_, (counted, _)| *counted == window);
                }
                if buckets.len() >= MAX_CLIENTS {
                    buckets.clear();
                }
                buckets.insert(client.to_owned(), (window, 1));
                1
            }
        };
        Standing {
            remaining: limit.max_requests.saturating_sub(counted),
            reset_seconds,
            over: counted > limit.max_requests,
        }
    }

    /// Says whether `client` has used up its window, without counting.
    pub(crate) fn is_used_up<Q>(&self, limit: RateLimit, client: &Q, now: Timestamp) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (window, _) = window(limit, now);
        let buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get(client);
        bucket.is_some_and(|(at, counted)| *at == window && *counted >= limit.max_requests)
    }
}

/// The number of the window `now` lies in, and the seconds it goes on.
fn window(limit: RateLimit, now: Timestamp) -> (i64, i64) {
    let length_ms = i64::from(limit.window_seconds.max(1)) * 1000;
    let window = now.unix_ms().div_euclid(length_ms);
    let left_ms = (window + 1) * length_ms - now.unix_ms();
    (window, (left_ms + 999).div_euclid(1000))
}

/// All buckets of a server.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    limits: RateLimits,
    addresses: Buckets<IpAddr>,
    keys: Buckets<String>,
    wrong_keys: Buckets<IpAddr>,
}

impl Gates {
    pub(crate) fn new(limits: RateLimits) -> Gates {
        Gates {
            limits,
            ..Gates::default()
        }
    }

    /// Counts a request to an endpoint that needs no key.
    ///
    /// Gives: the limit and where the address stands; nothing without a limit.
    pub(crate) fn address(&self, client: IpAddr, now: Timestamp) -> Option<(RateLimit, Standing)> {
        let limit = self.limits.address?;
        Some((limit, self.addresses.count(limit, &network(client), now)))
    }

    /// Says whether a request of this address is going to be refused, counting
    /// nothing.
    pub(crate) fn is_refused(&self, client: IpAddr, now: Timestamp) -> bool {
        let client = network(client);
        let over = |buckets: &Buckets<IpAddr>, limit: Option<RateLimit>| {
            limit.is_some_and(|limit| buckets.is_used_up(limit, &client, now))
        };
        over(&self.addresses, self.limits.address) || over(&self.wrong_keys, self.limits.wrong_keys)
    }

    /// Refuses to look at a key from an address that had too many wrong ones.
    pub(crate) fn before_key(&self, client: IpAddr, world: &World) -> Result<(), Refusal> {
        let Some(limit) = self.limits.wrong_keys else {
            return Ok(());
        };
        let now = world.now();
        if self.wrong_keys.is_used_up(limit, &network(client), now) {
            return Err(too_many(window(limit, now).1));
        }
        Ok(())
    }

    /// Counts a wrong key.
    pub(crate) fn after_wrong_key(&self, client: IpAddr, world: &World) {
        if let Some(limit) = self.limits.wrong_keys {
            self.wrong_keys.count(limit, &network(client), world.now());
        }
    }

    /// Counts a request with the right key of the user with UUID `user`.
    pub(crate) fn after_key(&self, user: &str, world: &World) -> Result<(), Refusal> {
        let Some(limit) = self.limits.key else {
            return Ok(());
        };
        let standing = self.keys.count(limit, user, world.now());
        match standing.over {
            true => Err(too_many(standing.reset_seconds)),
            false => Ok(()),
        }
    }
}

fn too_many(seconds: i64) -> Refusal {
    Refusal::TooManyRequests {
        retry_after_seconds: u32::try_from(seconds).unwrap_or(1).max(1),
    }
}

/// The client an address stands for: of version 6 the network of 64 bits,
/// because a client has all of its addresses.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        version_4 => version_4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit {
        window_seconds: 60,
        max_requests: 2,
    };

    fn now() -> Timestamp {
        "2099-01-01T00:00:10Z".parse().unwrap()
    }

    #[test]
    fn a_client_is_stopped_after_its_limit_and_free_in_the_next_window() {
        let buckets = Buckets::<IpAddr>::default();
        let client = IpAddr::from([192, 0, 2, 1]);
        let stands: Vec<_> = (0..3)
            .map(|_| buckets.count(LIMIT, &client, now()))
            .collect();
        let over: Vec<_> = stands.iter().map(|standing| standing.over).collect();
        assert_eq!(over, [false, false, true]);
        assert_eq!(stands[0].reset_seconds, 50);
        assert!(!buckets.count(LIMIT, &client, now().plus_ms(60_000)).over);
    }

    #[test]
    fn one_client_does_not_use_up_the_limit_of_another() {
        let buckets = Buckets::<IpAddr>::default();
        for last in 1..=5 {
            let client = IpAddr::from([192, 0, 2, last]);
            assert!(!buckets.count(LIMIT, &client, now()).over);
        }
    }

    #[test]
    fn looking_does_not_count() {
        let buckets = Buckets::<String>::default();
        for (count, used_up) in [(1, false), (2, true)] {
            buckets.count(LIMIT, "user", now());
            for _ in 0..3 {
                assert_eq!(buckets.is_used_up(LIMIT, "user", now()), used_up, "{count}");
            }
        }
        assert!(!buckets.is_used_up(LIMIT, "user", now().plus_ms(60_000)));
    }

    #[test]
    fn a_network_of_version_6_is_one_client() {
        for (a, b, same) in [
            ("2001:db8::1", "2001:db8::ffff", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            let (a, b) = (a.parse().unwrap(), b.parse().unwrap());
            assert_eq!(network(a) == network(b), same, "{a} {b}");
        }
    }

    #[test]
    fn more_clients_than_fit_do_not_grow_the_memory() {
        let buckets = Buckets::<String>::default();
        for client in 0..MAX_CLIENTS + 10 {
            buckets.count(LIMIT, client.to_string().as_str(), now());
        }
        assert!(buckets.0.lock().unwrap().len() <= MAX_CLIENTS);
    }
}
