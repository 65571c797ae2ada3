//! Which versions records have, kept in memory for whoever asks again whether
//! a record is still the one they know.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use cve::id::CveId;

use crate::changes::Change;
use crate::records::RecordVersion;
use crate::writer::lock;

/// Maps that are locked apart, and the most each holds before it is emptied.
const SHARDS: usize = 16;
const SHARD: usize = 4096;

/// What every change to a record is called, from its beginning.
///
/// Whoever writes a record says so with such a change in the same unit.
const RECORD: &str = "record.";

#[derive(Debug, Default)]
pub(crate) struct Versions {
    shards: [Mutex<HashMap<CveId, RecordVersion>>; SHARDS],
    /// Counts what was forgotten, so that nothing is kept that was read before.
    forgotten: AtomicU64,
}

/// Says since when nothing was forgotten; see [`crate::Store::version_mark`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VersionMark(u64);

impl Versions {
    pub(crate) fn mark(&self) -> VersionMark {
        VersionMark(self.forgotten.load(Ordering::SeqCst))
    }

    pub(crate) fn get(&self, id: CveId) -> Option<RecordVersion> {
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

    pub(crate) fn forget(&self, changes: &[Change]) {
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

    pub(crate) fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        for shard in &self.shards {
            lock(shard).clear();
        }
    }

    fn shard(&self, id: CveId) -> &Mutex<HashMap<CveId, RecordVersion>> {
        let hash = std::hash::BuildHasher::hash_one(&Fixed::default(), id);
        &self.shards[hash as usize % SHARDS]
    }
}

/// Spreads IDs over the shards; which is nobody's choice worth hiding.
type Fixed = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
