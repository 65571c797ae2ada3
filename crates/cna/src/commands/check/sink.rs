//! Prints what the threads rendered, in the order of the inputs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;

use super::baseline;
use crate::progress::Progress;

/// What a thread made of one job.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// For standard output.
    pub(crate) out: Vec<u8>,
    /// For the new baseline file.
    pub(crate) baseline: Vec<u8>,
    /// For standard error: diffs, where the output is for programs.
    pub(crate) beside: Vec<u8>,
    /// Inputs that could not be read.
    pub(crate) troubles: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) records: u64,
}

/// Takes what was rendered, and prints it when its turn has come.
pub(crate) struct Sink {
    state: Mutex<State>,
    turn: Condvar,
    /// How far a thread may be ahead of what is printed, in jobs.
    ahead: u64,
    /// Nobody reads any more, or nothing can be written.
    is_over: AtomicBool,
}

struct State {
    next: u64,
    waiting: BTreeMap<u64, Rendered>,
    out: BufWriter<io::Stdout>,
    separator: &'static str,
    is_first: bool,
    baseline: Option<NewBaseline>,
    progress: Progress,
    failed: Option<io::Error>,
}

/// A baseline file while it is written beside its name.
pub(crate) struct NewBaseline {
    path: PathBuf,
    beside: PathBuf,
    file: BufWriter<File>,
}

impl NewBaseline {
    pub(crate) fn create(path: &Path) -> anyhow::Result<NewBaseline> {
        let beside = super::mend::beside(path);
        let file = File::create(&beside)
            .with_context(|| format!("writing the baseline `{}`", path.display()))?;
        let mut file = BufWriter::new(file);
        file.write_all(baseline::head().as_bytes())
            .with_context(|| format!("writing the baseline `{}`", path.display()))?;
        Ok(NewBaseline {
            path: path.to_owned(),
            beside,
            file,
        })
    }

    fn finish(mut self) -> anyhow::Result<()> {
        let written = self
            .file
            .flush()
            .and_then(|()| std::fs::rename(&self.beside, &self.path));
        if written.is_err() {
            // The first failure is the one to tell.
            let _ = std::fs::remove_file(&self.beside);
        }
        written.with_context(|| format!("writing the baseline `{}`", self.path.display()))
    }

    fn abandon(self) {
        let _ = std::fs::remove_file(&self.beside);
    }
}

impl Sink {
    pub(crate) fn new(
        separator: &'static str,
        baseline: Option<NewBaseline>,
        progress: Progress,
        jobs: usize,
    ) -> Sink {
        Sink {
            state: Mutex::new(State {
                next: 0,
                waiting: BTreeMap::new(),
                out: BufWriter::with_capacity(64 * 1024, io::stdout()),
                separator,
                is_first: true,
                baseline,
                progress,
                failed: None,
            }),
            turn: Condvar::new(),
            ahead: 4 * jobs as u64,
            is_over: AtomicBool::new(false),
        }
    }

    /// Prints a text of the frame around the documents.
    pub(crate) fn print(&self, text: &str) {
        let mut state = self.lock();
        let written = state.out.write_all(text.as_bytes());
        self.heed(&mut state, written);
    }

    /// Says whether there is no use in going on.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Takes what was made of the job with this number; waits while too much
    /// is waiting before it.
    pub(crate) fn put(&self, number: u64, rendered: Rendered) {
        let mut state = self.lock();
        while number >= state.next + self.ahead && !self.is_over() {
            state = self
                .turn
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.insert(number, rendered);
        let mut has_printed = false;
        while let Some(rendered) = {
            let next = state.next;
            state.waiting.remove(&next)
        } {
            let written = state.write(&rendered);
            self.heed(&mut state, written);
            state.next += 1;
            has_printed = true;
        }
        drop(state);
        if has_printed {
            self.turn.notify_all();
        }
    }

    /// Ends the output.
    pub(crate) fn finish(&self, end: &str, keep_baseline: bool) -> anyhow::Result<()> {
        let mut state = self.lock();
        state.progress.finish();
        if !self.is_over() {
            let written = state
                .out
                .write_all(end.as_bytes())
                .and_then(|()| state.out.flush());
            self.heed(&mut state, written);
        }
        if let Some(baseline) = state.baseline.take() {
            match keep_baseline && state.failed.is_none() {
                true => baseline.finish()?,
                false => baseline.abandon(),
            }
        }
        match state.failed.take() {
            Some(error) => Err(error).context("writing the output"),
            None => Ok(()),
        }
    }

    /// Stops at an error; a reader that went away is none.
    fn heed(&self, state: &mut State, written: io::Result<()>) {
        let Err(error) = written else {
            return;
        };
        self.is_over.store(true, Ordering::Relaxed);
        self.turn.notify_all();
        if error.kind() != io::ErrorKind::BrokenPipe && state.failed.is_none() {
            state.failed = Some(error);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, rendered: &Rendered) -> io::Result<()> {
        self.progress.advance(rendered.records);
        let quiet = rendered.out.is_empty()
            && rendered.beside.is_empty()
            && rendered.troubles.is_empty()
            && rendered.notes.is_empty();
        if let Some(baseline) = &mut self.baseline {
            baseline.file.write_all(&rendered.baseline)?;
        }
        if quiet {
            return Ok(());
        }
        // Each document begins with what stands between two.
        let lead = match self.is_first {
            true => self.separator.len(),
            false => 0,
        };
        let out = rendered.out.get(lead..).unwrap_or_default();
        self.is_first = self.is_first && rendered.out.is_empty();
        let State {
            out: to, progress, ..
        } = self;
        progress.aside(|is_shared| {
            to.write_all(out)?;
            // What stands on the same terminal must come out in order.
            let is_beside = !rendered.beside.is_empty()
                || !rendered.troubles.is_empty()
                || !rendered.notes.is_empty();
            if is_shared || is_beside {
                to.flush()?;
            }
            if is_beside {
                // A closed stream leaves nobody to tell.
                let _ = io::stderr().write_all(&rendered.beside);
                for note in &rendered.notes {
                    crate::output::note(note);
                }
                for trouble in &rendered.troubles {
                    crate::output::failure(&anyhow::anyhow!("{trouble}"));
                }
            }
            Ok(())
        })
    }
}
