//! Which versions records have, kept in memory for whoever asks again whether
//! a record is still the one they know.
//!
//! This node follows the log of changes with it: what the node itself commits
//! is forgotten before anyone hears of the commit; what other nodes and
//! programs commit is read from the log at least every [`TRUSTED`], or nothing
//! kept is believed.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cve::id::CveId;

use crate::changes::Change;
use crate::error::Error;
use crate::reader::Reader;
use crate::records::RecordVersion;
use crate::writer::lock;

/// How old what this node heard of others may be for an answer.
const TRUSTED: Duration = Duration::from_secs(1);

/// How old it gets while somebody asks before the log is read again.
const READ_AGAIN: Duration = Duration::from_millis(100);

/// Changes that are read at once; behind by more, all that is kept goes.
const AT_ONCE: u32 = 10_000;

/// Maps that are locked apart, and the most each holds before it is emptied.
const SHARDS: usize = 16;
const SHARD: usize = 4096;

#[derive(Debug)]
pub(crate) struct Versions {
    shards: [Mutex<HashMap<CveId, RecordVersion>>; SHARDS],
    /// Counts what was forgotten, so that nothing is kept that was read before.
    forgotten: AtomicU64,
    /// The last change this node has heard of, once it has heard of any.
    heard: Mutex<Option<i64>>,
    /// When the log was read last, in ms since `begun`; 0 for never.
    read_at: AtomicU64,
    begun: Instant,
    is_asked: AtomicBool,
    is_reading: AtomicBool,
}

/// Says since when nothing was forgotten; see [`crate::Store::version_mark`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VersionMark(u64);

impl Versions {
    pub(crate) fn new() -> Versions {
        Versions {
            shards: Default::default(),
            forgotten: AtomicU64::new(0),
            heard: Mutex::default(),
            read_at: AtomicU64::new(0),
            begun: Instant::now(),
            is_asked: AtomicBool::new(false),
            is_reading: AtomicBool::new(false),
        }
    }

    pub(crate) fn mark(&self) -> VersionMark {
        VersionMark(self.forgotten.load(Ordering::SeqCst))
    }

    /// The version of the record of `id`, if it is kept and may be believed.
    pub(crate) fn get(&self, id: CveId) -> Option<RecordVersion> {
        self.is_asked.store(true, Ordering::Relaxed);
        if self.age() > TRUSTED {
            return None;
        }
        lock(self.shard(id)).get(&id).cloned()
    }

    /// Keeps what was read after `mark` was taken.
    pub(crate) fn keep(&self, id: CveId, version: RecordVersion, mark: VersionMark) {
        let mut shard = lock(self.shard(id));
        // With the lock held: who forgets counts first and takes the lock then.
        if self.mark() != mark {
            return;
        }
        if shard.len() >= SHARD {
            shard.clear();
        }
        shard.insert(id, version);
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
        let records = changes
            .iter()
            .filter(|change| change.kind.starts_with(RECORD));
        let ids: Vec<CveId> = records
            .filter_map(|change| change.object.parse().ok())
            .collect();
        if ids.is_empty() {
            return;
        }
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        for id in ids {
            lock(self.shard(id)).remove(&id);
        }
    }

    fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        for shard in &self.shards {
            lock(shard).clear();
        }
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

    fn shard(&self, id: CveId) -> &Mutex<HashMap<CveId, RecordVersion>> {
        let hash = std::hash::BuildHasher::hash_one(&Fixed::default(), id);
        &self.shards[hash as usize % SHARDS]
    }
}

/// Spreads IDs over the shards; which is nobody's choice worth hiding.
type Fixed = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;

/// What every change to a record is called, from its beginning.
///
/// Whoever writes a record says so with such a change in the same unit.
const RECORD: &str = "record.";

/// The change that is said once for all records of a loaded instance.
const LOADED: &str = "instance.loaded";
