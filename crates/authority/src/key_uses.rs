//! When keys were last used, remembered here and written now and then.
//!
//! A request with a key costs a look at a map; a write happens for many users
//! at once, and for one user at most once in [`GRAIN_MS`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cve::time::Timestamp;
use store::Store;

/// A use that follows another sooner than this is not noted.
const GRAIN_MS: i64 = 60_000;

/// How long uses may lie here before they are written.
const WAIT_MS: i64 = 10_000;

/// Users remembered at most; then all are forgotten and noted again.
const MAX_USERS: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct KeyUses(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When a use of each user was noted last.
    noted: HashMap<String, Timestamp>,
    /// What is to be written.
    waiting: Vec<(String, Timestamp)>,
    /// Since when something waits.
    since: Option<Timestamp>,
}

impl KeyUses {
    /// Notes that the user with UUID `user` used its key at `now`.
    pub(crate) fn note(&self, user: &str, now: Timestamp) {
        let mut state = self.lock();
        if let Some(noted) = state.noted.get_mut(user) {
            if now.ms_since(*noted) < GRAIN_MS {
                return;
            }
            *noted = now;
        } else {
            if state.noted.len() >= MAX_USERS {
                state.noted.clear();
            }
            state.noted.insert(user.to_owned(), now);
        }
        state.waiting.push((user.to_owned(), now));
        state.since.get_or_insert(now);
    }

    /// Says whether something has waited long enough to be written.
    pub(crate) fn are_due(&self, now: Timestamp) -> bool {
        self.lock()
            .since
            .is_some_and(|since| now.ms_since(since) >= WAIT_MS)
    }

    /// Writes what waits. What cannot be written is lost: a date of use is
    /// not worth a request.
    pub(crate) fn write(&self, store: &Store) {
        let mut waiting = {
            let mut state = self.lock();
            state.since = None;
            std::mem::take(&mut state.waiting)
        };
        if waiting.is_empty() {
            return;
        }
        // In one order on all nodes, so that none waits for another in a ring.
        waiting.sort();
        let written = store.write(move |tx| {
            for (user, at) in &waiting {
                tx.note_key_use(user, *at)?;
            }
            Ok::<_, store::Error>(())
        });
        if let Err(failure) = written {
            tracing::warn!(%failure, "the dates when keys were used could not be written");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic between two lines above loses a date at most.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_noted_once_a_minute_and_written_after_a_wait() {
        let uses = KeyUses::default();
        let now: Timestamp = "2099-01-01T00:00:00Z".parse().unwrap();
        for seconds in [0, 1, 59, 60, 61] {
            uses.note("a", now.plus_ms(seconds * 1000));
        }
        assert_eq!(uses.lock().waiting.len(), 2);
        assert!(!uses.are_due(now.plus_ms(WAIT_MS - 1)));
        assert!(uses.are_due(now.plus_ms(WAIT_MS)));
    }

    #[test]
    fn nothing_is_written_when_nothing_waits() {
        let test = store::testing::sqlite();
        let uses = KeyUses::default();
        assert!(!uses.are_due(store::testing::world().now()));
        uses.write(&test.store);
    }
}
