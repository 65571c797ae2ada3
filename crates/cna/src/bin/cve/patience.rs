//! `--wait`: trying again, and never doing a thing twice.
//!
//! Without `--wait` everything is tried once, as the Program's client does.
//! With it, a request that certainly did nothing is repeated until the time is
//! up. One whose answer was lost may have done its work: whoever made it looks
//! first, see [`Patience::lost`].

use std::time::{Duration, Instant};

use client::Error;

use crate::console::Console;
use crate::stop::Stop;

/// The pauses between tries; the last is kept to.
const PAUSES_MS: [u64; 6] = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/// How long to go on trying, and how often it was tried.
pub(crate) struct Patience {
    until: Option<Instant>,
    /// How long a request whose answer was lost may still be at work.
    settling: Duration,
    tries: usize,
}

/// What became of a request that changes something.
pub(crate) enum Outcome<T> {
    /// It was answered.
    Answered(T),
    /// The answer was lost, and a look showed that it was carried out.
    Found(T),
}

impl Patience {
    /// Tries once without `wait`, or else until it is over.
    ///
    /// Takes: `timeout`, which bounds how long the service can still be at
    /// work on a request it did not answer.
    pub(crate) fn new(wait: Option<Duration>, timeout: Duration) -> Patience {
        Patience {
            until: wait.and_then(|wait| Instant::now().checked_add(wait)),
            settling: timeout,
            tries: 0,
        }
    }

    /// Asks, and asks again while that may help; for requests that only read.
    pub(crate) fn read<T>(
        &mut self,
        console: &mut Console,
        ask: impl Fn() -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            match ask() {
                Err(error) if error.may_pass() && self.pause(console, &error) => {}
                other => return other,
            }
        }
    }

    /// Sends what changes something, and sends it again only when it certainly
    /// was not carried out.
    ///
    /// Takes: `look`, which says whether it was carried out and then gives the
    /// answer, read from what is there now. `None` when it was not. A refusal
    /// to say is a `Stop`.
    pub(crate) fn change<T>(
        &mut self,
        console: &mut Console,
        send: impl Fn() -> Result<T, Error>,
        look: impl Fn(&mut Patience, &mut Console) -> Result<Option<T>, Stop>,
    ) -> Result<Outcome<T>, Stop> {
        loop {
            match send() {
                Ok(answer) => return Ok(Outcome::Answered(answer)),
                Err(error) if error.may_have_been_done() && self.is_waiting() => {
                    if let Some(found) = self.lost(console, &error, &look)? {
                        return Ok(Outcome::Found(found));
                    }
                    if !self.pause(console, &error) {
                        return Err(error.into());
                    }
                }
                Err(error) if error.may_pass() && !error.may_have_been_done() => {
                    if !self.pause(console, &error) {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Looks whether a request whose answer was lost was carried out, again
    /// and again until the service cannot be at work on it any more.
    fn lost<T>(
        &mut self,
        console: &mut Console,
        error: &Error,
        look: impl Fn(&mut Patience, &mut Console) -> Result<Option<T>, Stop>,
    ) -> Result<Option<T>, Stop> {
        console.complain(&format!(
            "waiting: {error}; looking whether it was carried out"
        ));
        let settled = Instant::now() + self.settling;
        for attempt in 0.. {
            if let Some(found) = look(self, console)? {
                return Ok(Some(found));
            }
            let now = Instant::now();
            if now >= settled {
                return Ok(None);
            }
            // Whoever may not wait so long does not repeat it either.
            if self.until.is_none_or(|until| now >= until) {
                return Err(Stop::failed(format!(
                    "{error}; it was not carried out until now, but may still be, \
                     so it was not repeated; wait longer with `--wait`"
                )));
            }
            std::thread::sleep(pause_of(attempt).min(settled - now));
        }
        Ok(None)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.until.is_some()
    }

    /// Pauses before the next try; says whether there is time for one.
    fn pause(&mut self, console: &mut Console, error: &Error) -> bool {
        let Some(until) = self.until else {
            return false;
        };
        let wanted = error
            .retry_after_s()
            .map(|seconds| Duration::from_secs(seconds.into()));
        let pause = wanted.unwrap_or_else(|| pause_of(self.tries));
        self.tries += 1;
        let now = Instant::now();
        if now.checked_add(pause).is_none_or(|then| then > until) {
            return false;
        }
        console.complain(&format!(
            "waiting: {error}; trying again in {:.1} s",
            pause.as_secs_f64()
        ));
        std::thread::sleep(pause);
        true
    }
}

fn pause_of(attempt: usize) -> Duration {
    let last = PAUSES_MS.len() - 1;
    Duration::from_millis(PAUSES_MS.get(attempt.min(last)).copied().unwrap_or(500))
}
