//! A bar on a terminal that shows how far long work has come.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar, or nothing where nobody would see it.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    records: u64,
    /// Bytes of streams read so far; where their sum is known the bar shows
    /// how much is left.
    read: Arc<AtomicU64>,
    has_length: bool,
    /// Findings go to the same terminal.
    is_shared: bool,
}

impl Progress {
    /// Nothing is drawn unless standard error is a terminal and there is more
    /// than a single file to read. `bytes` is the size of all streams, where
    /// that is known.
    pub(crate) fn new(is_long: bool, bytes: Option<u64>, read: Arc<AtomicU64>) -> Progress {
        let is_seen = is_long && std::io::stderr().is_terminal();
        let bar = is_seen.then(|| bar(bytes));
        Progress {
            bar,
            records: 0,
            read,
            has_length: bytes.is_some(),
            is_shared: std::io::stdout().is_terminal(),
        }
    }

    pub(crate) fn advance(&mut self, records: u64) {
        self.records += records;
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} records", self.records));
            if self.has_length {
                bar.set_position(self.read.load(Ordering::Relaxed));
            } else {
                bar.set_position(self.records);
            }
        }
    }

    /// Runs what prints, with the bar out of its way; tells it whether it
    /// prints to the terminal the bar is on.
    pub(crate) fn aside<T>(&self, print: impl FnOnce(bool) -> T) -> T {
        match &self.bar {
            Some(bar) if self.is_shared => bar.suspend(|| print(true)),
            _ => print(false),
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(bytes: Option<u64>) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(10);
    let bar = ProgressBar::with_draw_target(bytes, target);
    let template = match bytes {
        Some(_) => "{bar:30} {percent:>3} %  {msg}  {elapsed}, {eta} left",
        None => "{spinner} {msg}  {per_sec}  {elapsed}",
    };
    // The templates are ours and well formed; the default one would do too.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
