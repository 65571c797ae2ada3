//! How often one client may ask the two endpoints that need no key.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use cve::time::Timestamp;

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

/// Requests counted per client and window.
#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<HashMap<IpAddr, (i64, u32)>>);

/// Clients remembered at most; windows that ended are forgotten first.
const MAX_CLIENTS: usize = 100_000;

/// Where a client stands in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests left in this window.
    pub(crate) remaining: u32,
    /// Seconds until the window ends.
    pub(crate) reset_seconds: i64,
    /// Whether this request is one too many.
    pub(crate) over: bool,
}

impl Buckets {
    /// Counts one request of `client`.
    pub(crate) fn count(&self, limit: RateLimit, client: IpAddr, now: Timestamp) -> Standing {
        let window_ms = i64::from(limit.window_seconds.max(1)) * 1000;
        let window = now.unix_ms().div_euclid(window_ms);
        // Counting wrongly once after a panic harms nobody.
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_CLIENTS {
            buckets.retain(|_, (counted, _)| *counted == window);
        }
        let bucket = buckets.entry(client).or_insert((window, 0));
        if bucket.0 != window {
            *bucket = (window, 0);
        }
        bucket.1 = bucket.1.saturating_add(1);
        let left_ms = (window + 1) * window_ms - now.unix_ms();
        Standing {
            remaining: limit.max_requests.saturating_sub(bucket.1),
            reset_seconds: left_ms.div_euclid(1000) + 1,
            over: bucket.1 > limit.max_requests,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit {
        window_seconds: 60,
        max_requests: 2,
    };

    #[test]
    fn a_client_is_stopped_after_its_limit_and_free_in_the_next_window() {
        let buckets = Buckets::default();
        let client = IpAddr::from([192, 0, 2, 1]);
        let now: Timestamp = "2099-01-01T00:00:10Z".parse().unwrap();
        let over: Vec<_> = (0..3)
            .map(|_| buckets.count(LIMIT, client, now).over)
            .collect();
        assert_eq!(over, [false, false, true]);
        assert!(!buckets.count(LIMIT, client, now.plus_ms(60_000)).over);
    }

    #[test]
    fn one_client_does_not_use_up_the_limit_of_another() {
        let buckets = Buckets::default();
        let now: Timestamp = "2099-01-01T00:00:10Z".parse().unwrap();
        for last in 1..=5 {
            assert!(
                !buckets
                    .count(LIMIT, IpAddr::from([192, 0, 2, last]), now)
                    .over
            );
        }
    }
}
