//! What this node keeps in memory of what is asked again and again: which
//! version records have, and who callers are.
//!
//! It follows the log of changes with it: what the node itself commits is
//! forgotten before anyone hears of the commit; what other nodes and programs
//! commit is read from the log at least every [`TRUSTED`], or nothing kept is
//! believed.
//!
//! Source: docs/decisions/kept-versions.md.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::callers::Callers;
use crate::changes::Change;
use crate::error::Error;
use crate::reader::Reader;
use crate::versions::Versions;
use crate::writer::lock;

/// How old what this node heard of others may be for an answer.
const TRUSTED: Duration = Duration::from_secs(1);

/// How old it gets while somebody asks before the log is read again.
const READ_AGAIN: Duration = Duration::from_millis(100);

/// Changes that are read at once; behind by more, all that is kept goes.
const AT_ONCE: u32 = 10_000;

/// The change that is said once for all that a loaded instance brings.
const LOADED: &str = "instance.loaded";

#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) versions: Versions,
    pub(crate) callers: Callers,
    /// The last change this node has heard of, once it has heard of any.
    heard: Mutex<Option<i64>>,
    /// When the log was read last, in ms since `begun`; 0 for never.
    read_at: AtomicU64,
    begun: Instant,
    is_asked: AtomicBool,
    is_reading: AtomicBool,
}

impl Kept {
    pub(crate) fn new() -> Kept {
        Kept {
            versions: Versions::default(),
            callers: Callers::default(),
            heard: Mutex::default(),
            read_at: AtomicU64::new(0),
            begun: Instant::now(),
            is_asked: AtomicBool::new(false),
            is_reading: AtomicBool::new(false),
        }
    }

    /// Says whether what is kept may be believed, and notes that somebody
    /// wants to know.
    pub(crate) fn is_believed(&self) -> bool {
        self.is_asked.store(true, Ordering::Relaxed);
        self.age() <= TRUSTED
    }

    /// Forgets what this node commits as the changes up to `last`. To be
    /// called when they are committed and before anyone hears of it.
    pub(crate) fn committed(&self, changes: &[Change], last: i64) {
        self.forget(changes);
        let mut heard = lock(&self.heard);
        // With nothing of another node before it, nothing is left to be read.
        if *heard == Some(last - changes.len() as i64) {
            *heard = Some(last);
        }
    }

    /// Says, once, that the log should be read because somebody asks.
    pub(crate) fn are_behind(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
            && self.age() >= READ_AGAIN
            && !self.is_reading.swap(true, Ordering::SeqCst)
    }

    /// Ends what [`Versions::are_behind`] began, well or not.
    pub(crate) fn has_read(&self) {
        self.is_asked.store(false, Ordering::Relaxed);
        self.is_reading.store(false, Ordering::SeqCst);
    }

    /// Reads what others have committed and forgets what that made old.
    pub(crate) fn read_log(&self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let begun = self.now().max(1);
        let heard = *lock(&self.heard);
        let changes = match heard {
            Some(heard) => reader.changes_after(heard, AT_ONCE)?,
            None => Vec::new(),
        };
        let last = match changes.last() {
            Some(last) if changes.len() < AT_ONCE as usize => {
                self.forget(&changes);
                last.seq
            }
            None if heard.is_some() => heard.unwrap_or_default(),
            // It begins, or there is more than is worth reading.
            _ => {
                let last = reader.last_change()?;
                self.forget_all();
                last
            }
        };
        let mut heard = lock(&self.heard);
        *heard = Some(heard.map_or(last, |heard| heard.max(last)));
        self.read_at.store(begun, Ordering::SeqCst);
        Ok(())
    }

    fn forget(&self, changes: &[Change]) {
        if changes.iter().any(|change| change.kind == LOADED) {
            return self.forget_all();
        }
        self.versions.forget(changes);
        self.callers.forget(changes);
    }

    fn forget_all(&self) {
        self.versions.forget_all();
        self.callers.forget_all();
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How long ago the log was read.
    fn age(&self) -> Duration {
        match self.read_at.load(Ordering::SeqCst) {
            0 => Duration::MAX,
            at => Duration::from_millis(self.now().saturating_sub(at)),
        }
    }
}
