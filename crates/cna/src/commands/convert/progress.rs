//! How far a long conversion is, on a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// A line on the terminal that counts records; nothing elsewhere.
pub(super) struct Progress {
    shown: bool,
    is_terminal: bool,
    count: usize,
    next: Instant,
}

/// How long a conversion runs before it counts, and between two lines.
const PAUSE: Duration = Duration::from_millis(300);

impl Progress {
    pub(super) fn start() -> Progress {
        Progress {
            shown: false,
            is_terminal: std::io::stderr().is_terminal(),
            count: 0,
            next: Instant::now() + PAUSE,
        }
    }

    /// Counts one record.
    pub(super) fn step(&mut self) {
        self.count += 1;
        if self.is_terminal && self.count.is_multiple_of(64) && Instant::now() >= self.next {
            self.next = Instant::now() + PAUSE;
            self.shown = true;
            // A closed stream leaves nobody to tell.
            let _ = write!(std::io::stderr(), "\r{} records", self.count);
        }
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if self.shown {
            self.shown = false;
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
