//! Where units of work wait until a batch takes them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Units one batch carries at most.
const BATCH: usize = 64;

/// How long a batch waits for more units at most.
const LONGEST_GATHERING: Duration = Duration::from_millis(1);

/// A queue with many who put and one who takes.
///
/// The taker sleeps until as many units wait as it hopes for, and is woken
/// once, by whoever puts the last of them: a wake for each unit would cost
/// both sides more than the unit's own work.
pub(crate) struct Queue<T>(Mutex<Waiting<T>>);

struct Waiting<T> {
    units: VecDeque<T>,
    closed: bool,
    /// The taker, and how many units it sleeps for.
    taker: Option<(Thread, usize)>,
}

/// The one who takes; when it is gone, nothing waits for ever.
pub(crate) struct Taker<'a, T>(&'a Queue<T>);

/// How the last batch went; the next one is expected to be like it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastBatch {
    /// Units it carried.
    pub(crate) units: usize,
    /// From its begin to its last answer.
    pub(crate) took: Duration,
}

/// Of what waits, nothing is shown: it may be under embargo.
impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue(Mutex::new(Waiting {
            units: VecDeque::new(),
            closed: false,
            taker: None,
        }))
    }
}

impl<T> Queue<T> {
    /// Adds a unit; drops it when the queue is closed.
    pub(crate) fn put(&self, unit: T) {
        let mut waiting = self.lock();
        if waiting.closed {
            return;
        }
        waiting.units.push_back(unit);
        let count = waiting.units.len();
        let awake = waiting.taker.take_if(|(_, hoped)| count >= *hoped);
        drop(waiting);
        if let Some((taker, _)) = awake {
            taker.unpark();
        }
    }

    /// Takes no more units; those that wait are still taken.
    pub(crate) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        let taker = waiting.taker.take();
        drop(waiting);
        if let Some((taker, _)) = taker {
            taker.unpark();
        }
    }

    /// The one who takes.
    pub(crate) fn taker(&self) -> Taker<'_, T> {
        Taker(self)
    }

    /// Sleeps until `hoped` units wait, the deadline passes or the queue is
    /// closed. Nothing when it is closed and empty.
    fn sleep_until(
        &self,
        hoped: usize,
        deadline: Option<Instant>,
    ) -> Option<MutexGuard<'_, Waiting<T>>> {
        loop {
            let mut waiting = self.lock();
            if waiting.closed && waiting.units.is_empty() {
                return None;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if waiting.units.len() >= hoped || waiting.closed || left == Some(Duration::ZERO) {
                waiting.taker = None;
                return Some(waiting);
            }
            waiting.taker = Some((std::thread::current(), hoped));
            drop(waiting);
            // A wake that came before the sleep ends it at once.
            match left {
                Some(left) => std::thread::park_timeout(left),
                None => std::thread::park(),
            }
        }
    }

    /// Closes the queue and drops what waits, when nobody will take it.
    fn abandon(&self) {
        self.close();
        let units = std::mem::take(&mut self.lock().units);
        drop(units);
    }

    /// A panic while the lock was held leaves nothing half-done in the queue.
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Taker<'_, T> {
    /// Waits for a unit and takes what is there.
    ///
    /// Whoever was just acknowledged is about to ask again, so a batch smaller
    /// than the last one waits a moment for them, a fraction of what a commit
    /// of its own would cost each; a lone caller never waits.
    ///
    /// Gives: 1 to 64 units in the order they came; none when the queue is
    /// closed and empty.
    pub(crate) fn take_batch(&self, last: LastBatch) -> Vec<T> {
        let Some(mut waiting) = self.0.sleep_until(1, None) else {
            return Vec::new();
        };
        let hoped = last.units.min(BATCH);
        if waiting.units.len() < hoped {
            drop(waiting);
            let deadline = Instant::now() + (last.took / 4).min(LONGEST_GATHERING);
            match self.0.sleep_until(hoped, Some(deadline)) {
                Some(more) => waiting = more,
                None => return Vec::new(),
            }
        }
        let count = waiting.units.len().min(BATCH);
        waiting.units.drain(..count).collect()
    }
}

impl<T> Drop for Taker<'_, T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const ALONE: LastBatch = LastBatch {
        units: 1,
        took: Duration::ZERO,
    };

    #[test]
    fn units_are_taken_in_the_order_they_came() {
        let queue = Queue::default();
        (0..3).for_each(|unit| queue.put(unit));
        assert_eq!(queue.taker().take_batch(ALONE), [0, 1, 2]);
    }

    #[test]
    fn a_batch_carries_64_units_at_most() {
        let queue = Queue::default();
        (0..100).for_each(|unit| queue.put(unit));
        let taker = queue.taker();
        assert_eq!(taker.take_batch(ALONE).len(), 64);
        assert_eq!(taker.take_batch(ALONE).len(), 36);
    }

    #[test]
    fn what_waits_when_the_queue_closes_is_still_taken() {
        let queue = Queue::default();
        queue.put(1);
        queue.close();
        let taker = queue.taker();
        assert_eq!(taker.take_batch(ALONE), [1]);
        assert!(taker.take_batch(ALONE).is_empty());
    }

    #[test]
    fn a_closed_queue_drops_what_is_put() {
        let queue = Queue::default();
        let unit = Arc::new(());
        queue.close();
        queue.put(unit.clone());
        assert_eq!(Arc::strong_count(&unit), 1);
    }

    #[test]
    fn what_waits_is_dropped_when_the_taker_is_gone() {
        let queue = Queue::default();
        let unit = Arc::new(());
        queue.put(unit.clone());
        drop(queue.taker());
        assert_eq!(Arc::strong_count(&unit), 1);
    }

    #[test]
    fn a_sleeping_taker_is_woken_by_the_first_unit() {
        let queue = Arc::new(Queue::default());
        let taken = queue.clone();
        let taker = std::thread::spawn(move || taken.taker().take_batch(ALONE));
        queue.put(7);
        assert_eq!(taker.join().unwrap(), [7]);
    }

    #[test]
    fn a_batch_smaller_than_the_last_goes_when_its_moment_has_passed() {
        let queue = Queue::default();
        queue.put(1);
        let last = LastBatch {
            units: 32,
            took: Duration::from_millis(4),
        };
        assert_eq!(queue.taker().take_batch(last), [1]);
    }
}
