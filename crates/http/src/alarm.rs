//! The alarm of a connection: wakes it when the head of a request is late.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// One alarm for all waits of one connection, one after the other.
///
/// Each request begins a wait that nearly always ends long before its time.
/// An alarm that is set once and looked at again when it rings costs less than
/// one set and put off with each request; it may ring once for nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alarm(Arc<Mutex<Option<Pin<Box<tokio::time::Sleep>>>>>);

/// A wait until a moment, by the alarm of its connection.
struct Wait {
    alarm: Alarm,
    until: tokio::time::Instant,
}

impl Timer for Alarm {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Wait {
            alarm: self.clone(),
            until: until.into(),
        })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.alarm.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(self.until)));
        if alarm.deadline() > self.until {
            alarm.as_mut().reset(self.until);
        }
        while alarm.as_mut().poll(cx).is_ready() {
            // It was set for this wait, or for an earlier one that ended well.
            if alarm.deadline() >= self.until {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(self.until);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wait(alarm: &Alarm, ms: u64) -> u128 {
        let begun = tokio::time::Instant::now();
        alarm.sleep(Duration::from_millis(ms)).await;
        begun.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn each_wait_lasts_as_long_as_it_was_asked_to() {
        let alarm = Alarm::default();
        for ms in [100, 30, 200, 200] {
            // One that ends before its time, as that of a request does.
            let cut_short = alarm.sleep(Duration::from_millis(ms + 50));
            let cut = tokio::time::timeout(Duration::from_millis(10), cut_short).await;
            assert!(cut.is_err());
            assert_eq!(wait(&alarm, ms).await, u128::from(ms));
        }
    }
}
