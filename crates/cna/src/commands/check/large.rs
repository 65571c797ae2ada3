//! Large documents are looked at one at a time, so that memory has a bound.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Gives permits, one at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Large {
    state: Arc<(Mutex<bool>, Condvar)>,
}

/// The right to hold a large document; given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    large: Large,
}

impl Large {
    /// Waits until nobody else holds a large document.
    pub(crate) fn wait(&self) -> Permit {
        let (taken, turn) = &*self.state;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken {
            taken = turn.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken = true;
        Permit {
            large: self.clone(),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (taken, turn) = &*self.large.state;
        *taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        turn.notify_one();
    }
}
