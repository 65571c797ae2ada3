//! Who callers are, kept in memory, because every request with a key begins
//! with that question.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::changes::Change;
use crate::writer::lock;
use crate::{OrgRow, UserRow};

/// Callers kept at most; one more, and all go.
const MOST: usize = 4096;

/// What every change to who may do what is called, from its beginning.
///
/// Whoever writes an organisation, its standing or a user says so with such a
/// change in the same unit. Only what an organisation holds in state RESERVED
/// changes without.
const CALLERS: [&str; 2] = ["org.", "user."];

/// A user of an organisation that is not disabled, and the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRow {
    /// The organisation. What it holds in state RESERVED may be of an earlier
    /// moment: what depends on it asks for [`OrgRow`] itself.
    pub org: OrgRow,
    /// The user, active or not.
    pub user: UserRow,
}

#[derive(Debug, Default)]
pub(crate) struct Callers {
    /// By short name and user name, as they were sent.
    kept: Mutex<HashMap<(String, String), Arc<CallerRow>>>,
    /// Counts what was forgotten, so that nothing is kept that was read before.
    forgotten: AtomicU64,
}

/// Says since when no caller was forgotten; see [`crate::Store::caller_mark`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallerMark(u64);

impl Callers {
    pub(crate) fn mark(&self) -> CallerMark {
        CallerMark(self.forgotten.load(Ordering::SeqCst))
    }

    pub(crate) fn get(&self, names: &(String, String)) -> Option<Arc<CallerRow>> {
        lock(&self.kept).get(names).cloned()
    }

    /// Keeps what was read after `mark` was taken.
    pub(crate) fn keep(&self, names: (String, String), caller: Arc<CallerRow>, mark: CallerMark) {
        let mut kept = lock(&self.kept);
        // With the lock held: who forgets counts first and takes the lock then.
        if self.mark() != mark {
            return;
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(names, caller);
    }

    /// Forgets all when any of the changes is to one of them: they are rare.
    pub(crate) fn forget(&self, changes: &[Change]) {
        let concerns = |change: &Change| CALLERS.iter().any(|kind| change.kind.starts_with(kind));
        if changes.iter().any(concerns) {
            self.forget_all();
        }
    }

    pub(crate) fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        lock(&self.kept).clear();
    }
}
