//! The clock and the randomness a caller passes in.

use std::fmt;
use std::sync::Arc;

use crate::time::Timestamp;

/// The outside world as the libraries see it: what time it is, and random
/// bytes. Only the executables make one from the real clock.
///
/// Source: docs/architecture.md, decision 3.2.
#[derive(Clone)]
pub struct World {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    random: Arc<FillRandom>,
    reached: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Fills a slice with random bytes.
type FillRandom = dyn Fn(&mut [u8]) + Send + Sync;

impl World {
    /// Builds a world from a clock and a source of random bytes.
    ///
    /// Takes: `random` fills the whole slice with bytes no other caller can
    /// guess; keys and links are made from them.
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> World {
        World {
            now: Arc::new(now),
            random: Arc::new(random),
            reached: Arc::new(|_| {}),
        }
    }

    /// The same world, telling `reached` each named step that is passed.
    ///
    /// Crash tests stop the process there; nothing else uses it.
    #[must_use]
    pub fn observed(self, reached: impl Fn(&str) + Send + Sync + 'static) -> World {
        World {
            reached: Arc::new(reached),
            ..self
        }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }

    /// `bytes` random bytes in lower-case hexadecimal, twice as long.
    pub fn random_hex<const N: usize>(&self) -> String {
        crate::hash::hex(&self.random::<N>())
    }

    /// A random UUID, version 4, lower case.
    ///
    /// Source: RFC 9562 section 5.4.
    pub fn uuid(&self) -> String {
        World::uuid_of(self.random())
    }

    /// The UUID, version 4, lower case, of random bytes drawn already.
    ///
    /// Source: RFC 9562 section 5.4.
    pub fn uuid_of(mut random: [u8; 16]) -> String {
        random[6] = (random[6] & 0x0f) | 0x40;
        random[8] = (random[8] & 0x3f) | 0x80;
        let mut text = crate::hash::hex(&random);
        text.reserve_exact(4);
        for place in [8, 13, 18, 23] {
            text.insert(place, '-');
        }
        text
    }

    /// Marks that the step `name` is reached. Does nothing outside crash tests.
    pub fn reached(&self, name: &str) {
        (self.reached)(name);
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed() -> World {
        let at = "2026-11-03T10:00:00Z".parse().unwrap();
        World::new(move || at, |bytes| bytes.fill(0xff))
    }

    #[test]
    fn a_uuid_carries_version_and_variant() {
        assert_eq!(fixed().uuid(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn random_hex_is_twice_as_long_as_its_bytes() {
        assert_eq!(fixed().random_hex::<18>().len(), 36);
    }
}
