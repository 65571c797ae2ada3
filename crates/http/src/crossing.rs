//! The one way from an async handler to synchronous work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::Failure;

/// Threads that work at once at most, unless told otherwise.
///
/// Source: our choice: two full batches of the store's writer, so that one
/// can gather while the other commits.
pub const CROSSINGS: usize = 128;

/// A bounded way to blocking threads. Cheap to clone; clones share the bound.
///
/// Source: docs/architecture.md, decision 3.1.
#[derive(Debug, Clone)]
pub struct Crossing {
    permits: Arc<Semaphore>,
}

impl Crossing {
    /// Builds a crossing that lets `limit` pieces of work run at once; more wait.
    pub fn new(limit: usize) -> Crossing {
        Crossing {
            permits: Arc::new(Semaphore::new(limit.max(1))),
        }
    }

    /// Runs `work` on a blocking thread and gives its answer.
    ///
    /// Work that has begun ends even when nobody waits for it any more: a
    /// client that hangs up never leaves a write half done.
    ///
    /// Errors: [`Failure::Panic`] when it panicked, logged here once;
    /// [`Failure::Stopping`] when the process is ending.
    pub async fn cross<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Failure::Stopping)?;
        let crossed = tokio::task::spawn_blocking(move || {
            let result = catch_unwind(AssertUnwindSafe(work));
            drop(permit);
            result
        });
        match crossed.await {
            Ok(result) => result.map_err(panicked),
            Err(_) => Err(Failure::Stopping),
        }
    }

    /// Runs `work` on this thread: for work so short that handing it to
    /// another thread and back costs more, such as looking up one row in a
    /// file of this machine.
    ///
    /// Takes: `work` that waits for nothing and ends within about a
    /// millisecond.
    /// Errors: [`Failure::Panic`] when it panicked, logged here once.
    pub fn here<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
        catch_unwind(AssertUnwindSafe(work)).map_err(panicked)
    }

    /// Runs `work` on a blocking thread beside everything else; nobody waits
    /// for it. Must be called inside the runtime.
    pub fn send(&self, work: impl FnOnce() + Send + 'static) {
        let crossing = self.clone();
        tokio::spawn(async move {
            // A panic was logged; there is nobody to tell.
            let _ = crossing.cross(work).await;
        });
    }
}

impl Default for Crossing {
    fn default() -> Crossing {
        Crossing::new(CROSSINGS)
    }
}

/// Logs a panic.
#[allow(clippy::needless_pass_by_value, reason = "a function for `map_err`")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Failure {
    let problem = words(panic.as_ref());
    tracing::error!(problem, "a request panicked");
    Failure::Panic
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(owned).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_failure_and_frees_its_place() {
        let crossing = Crossing::new(1);
        for _ in 0..3 {
            let failed = crossing.cross(|| -> u8 { panic!("by the test") }).await;
            assert!(matches!(failed, Err(Failure::Panic)));
        }
        assert_eq!(crossing.cross(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn no_more_than_the_limit_runs_at_once() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let crossing = Crossing::new(2);
        let running = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (crossing, running) = (crossing.clone(), running.clone());
            tasks.push(tokio::spawn(async move {
                let work = move || {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    now
                };
                crossing.cross(work).await.unwrap()
            }));
        }
        for task in tasks {
            assert!(task.await.unwrap() <= 2);
        }
    }
}
