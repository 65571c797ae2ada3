//! Something that is said seldom, however often there is a reason to.

use std::sync::atomic::{AtomicI64, Ordering};

use cve::time::Timestamp;

/// Between two times it is said there is at least this much.
const PAUSE_MS: i64 = 60_000;

/// When something was said last.
#[derive(Debug)]
pub(crate) struct Seldom(AtomicI64);

impl Default for Seldom {
    fn default() -> Seldom {
        Seldom(AtomicI64::new(i64::MIN))
    }
}

impl Seldom {
    /// Says whether it is to be said at `now`, and takes it as said then. Of
    /// several who ask at once, one is told to.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let now = now.unix_ms();
        let last = self.0.load(Ordering::Relaxed);
        // A clock that was set back does not silence it for long.
        let is_quiet = last <= now && now.saturating_sub(last) < PAUSE_MS;
        !is_quiet
            && self
                .0
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms).unwrap()
    }

    #[test]
    fn it_is_due_at_first_and_then_once_a_minute() {
        let said = Seldom::default();
        let start = 1_793_700_000_000;
        let due: Vec<bool> = [0, 1, 59_999, 60_000, 60_001, 119_999, 120_000]
            .iter()
            .map(|ms| said.is_due(at(start + ms)))
            .collect();
        assert_eq!(due, [true, false, false, true, false, false, true]);
    }

    #[test]
    fn a_clock_that_was_set_back_silences_nothing() {
        let said = Seldom::default();
        assert!(said.is_due(at(1_793_700_000_000)));
        assert!(said.is_due(at(1_793_600_000_000)));
        assert!(!said.is_due(at(1_793_600_000_001)));
    }
}
