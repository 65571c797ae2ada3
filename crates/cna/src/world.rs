//! The real world: the clock and randomness of this machine.

use std::io::Write as _;

use anyhow::Context as _;
use cve::time::Timestamp;
use cve::world::World;

/// The real world; with `now`, one whose clock starts there and goes on.
///
/// `CNA_STOP_AT=STEP:FILE` makes the process write FILE and stand still when
/// it reaches the named step, for crash tests to kill it there.
pub(crate) fn real(now: Option<Timestamp>) -> anyhow::Result<World> {
    let started = clock();
    let clock = move || match now {
        Some(now) => now.plus_ms(clock().ms_since(started)),
        None => clock(),
    };
    // Failing early beats failing in the middle of a unit of work.
    getrandom::fill(&mut [0; 8]).context("reading the operating system's randomness")?;
    let world = World::new(clock, fill);
    Ok(match crate::config::variable("CNA_STOP_AT") {
        Some(stop) => world.observed(move |step| stand_still(&stop, step)),
        None => world,
    })
}

#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
fn clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok());
    // A machine whose clock stands before 1970 gets 1970.
    ms.and_then(Timestamp::from_unix_ms).unwrap_or_else(epoch)
}

fn epoch() -> Timestamp {
    // Zero lies inside the range of a `Timestamp`.
    Timestamp::from_unix_ms(0).unwrap_or_else(|| unreachable!("1970 is a year"))
}

#[allow(
    clippy::panic,
    reason = "without randomness no key, link or id can be made"
)]
fn fill(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        panic!("the operating system's randomness failed: {error}");
    }
}

fn stand_still(stop: &str, step: &str) {
    let Some((at, file)) = stop.split_once(':') else {
        return;
    };
    if at != step {
        return;
    }
    // The test waits for this file; a failure shows as its time-out.
    if let Ok(mut file) = std::fs::File::create(file) {
        let _ = file.write_all(step.as_bytes());
    }
    loop {
        std::thread::park();
    }
}
