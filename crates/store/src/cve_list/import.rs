//! Filling the CVE List: only what is new or changed is indexed.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use cve::hash::Digest;
use cve::id::CveId;

use super::stamps::Stamps;
use super::{CURRENT, CveList, Error, ListEntry, ListSource, SOURCES, at};
use crate::search::{Index, Known, Writing};

/// What tells one state of a file from every other, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64);

impl Stamp {
    /// The stamp of parts such as a path, a size and a time.
    pub fn of(parts: &[&[u8]]) -> Stamp {
        Stamp(first_bytes(Digest::of_parts(parts)))
    }
}

/// What became of a record that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// Its ID was not in the list.
    New,
    /// It replaced another of its ID.
    Changed,
    /// It is in the list already.
    Unchanged,
    /// The list has a later state of it, which stays.
    Older,
    /// It cannot be read, for this reason.
    Unreadable(String),
}

/// An import that is under way. Nobody sees what it did before it is
/// committed; one that is dropped or killed leaves the list as it was.
#[derive(Debug)]
pub struct ListImport {
    list: CveList,
    /// Name of the folder that is written to.
    name: String,
    writing: Writing,
    known: HashMap<CveId, Known>,
    hashes: HashSet<u64>,
    stamps: Stamps,
    is_changed: bool,
    is_anew: bool,
    _lock: File,
}

impl ListImport {
    pub(super) fn begin(list: CveList, anew: bool) -> Result<ListImport, Error> {
        let folder = list.folder.clone();
        fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
        let lock = lock(&folder)?;
        let current = match list.current() {
            Ok(current) => current,
            // What is to be replaced need not be readable.
            Err(Error::Broken { .. }) if anew => None,
            Err(error) => return Err(error),
        };
        // What earlier imports that did not end left behind.
        let left = remove_others(&folder, current.as_deref())?;
        let (name, index, is_anew) = match current.filter(|_| !anew) {
            Some(name) => {
                let index = Index::open(&folder.join(&name), false)?;
                (name, index, false)
            }
            None => {
                let name = format!("index-{}", left + 1);
                let path = folder.join(&name);
                fs::create_dir(&path).map_err(|error| at(&path, &error))?;
                (name, Index::make(&path)?, true)
            }
        };
        let mut known = HashMap::new();
        let mut hashes = HashSet::new();
        index.known(|id, record| {
            hashes.insert(record.hash);
            known.insert(id, record);
        })?;
        Ok(ListImport {
            stamps: Stamps::read(&folder.join(&name)),
            writing: index.write()?,
            list,
            name,
            known,
            hashes,
            is_changed: false,
            is_anew,
            _lock: lock,
        })
    }

    /// Says whether the file with this stamp holds what is indexed.
    pub fn has(&self, stamp: Stamp) -> bool {
        self.stamps
            .hash(stamp.0)
            .is_some_and(|hash| self.hashes.contains(&hash))
    }

    /// Takes a record, when it is new or has changed.
    ///
    /// Takes: `stamp`, of the file it lies in; nothing where the file cannot be
    /// told from a later state of it.
    pub fn offer(&mut self, stamp: Option<Stamp>, bytes: &[u8]) -> Result<Offered, Error> {
        let bytes = bytes.trim_ascii();
        let hash = first_bytes(Digest::of(bytes));
        if self.hashes.contains(&hash) {
            self.note(stamp, hash);
            return Ok(Offered::Unchanged);
        }
        let entry = match ListEntry::read(bytes) {
            Ok(entry) => entry,
            Err(problem) => return Ok(Offered::Unreadable(problem)),
        };
        let updated_ms = entry.updated_ms();
        let former = self.known.get(&entry.cve_id).copied();
        if former.is_some_and(|former| former.updated_ms > updated_ms && updated_ms != 0) {
            return Ok(Offered::Older);
        }
        self.writing.put(&entry, hash, former.is_some())?;
        self.is_changed = true;
        if let Some(former) = former {
            self.hashes.remove(&former.hash);
        }
        self.hashes.insert(hash);
        self.known.insert(entry.cve_id, Known { hash, updated_ms });
        self.note(stamp, hash);
        Ok(match former {
            Some(_) => Offered::Changed,
            None => Offered::New,
        })
    }

    fn note(&mut self, stamp: Option<Stamp>, hash: u64) {
        if let Some(stamp) = stamp {
            self.stamps.put(stamp.0, hash);
        }
    }

    /// The folder of the list; for what has to lie beside it for a while.
    pub fn folder(&self) -> &Path {
        self.list.folder()
    }

    /// How many records the list holds with what was taken so far.
    pub fn records(&self) -> usize {
        self.known.len()
    }

    /// Makes what was taken part of the list, and remembers where it came from.
    pub fn commit(self, sources: Vec<ListSource>) -> Result<(), Error> {
        let folder = self.list.folder.join(&self.name);
        if self.is_changed || self.is_anew {
            self.writing.commit()?;
        }
        let hashes = self.hashes;
        self.stamps.write(&folder, |hash| hashes.contains(&hash))?;
        if self.is_anew {
            self.list.put_file(CURRENT, self.name.as_bytes())?;
            remove_others(&self.list.folder, Some(&self.name))?;
        }
        let mut all = if self.is_anew {
            Vec::new()
        } else {
            // A list of sources that cannot be read is begun anew.
            self.list.sources().unwrap_or_default()
        };
        all.retain(|old| sources.iter().all(|new| new.path != old.path));
        all.extend(sources);
        let text = serde_json::to_vec_pretty(&all).map_err(|error| Error::Failed {
            doing: "writing the sources".into(),
            problem: error.to_string(),
        })?;
        self.list.put_file(SOURCES, &text)
    }
}

/// Holds the list for one import at a time.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| at(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy),
        Err(TryLockError::Error(error)) => Err(at(&path, &error)),
    }
}

/// Removes every index but the one in use.
///
/// Gives: the highest number an index had.
fn remove_others(folder: &Path, current: Option<&str>) -> Result<u64, Error> {
    let mut highest = 0;
    let listed = fs::read_dir(folder).map_err(|error| at(folder, &error))?;
    let mut others: Vec<PathBuf> = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|error| at(folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix("index-").map(str::parse::<u64>);
        if let Some(Ok(number)) = number {
            highest = highest.max(number);
            if current != Some(name.as_str()) {
                others.push(entry.path());
            }
        }
    }
    // While a broken index is being replaced, it stays until the end.
    for path in others.iter().filter(|_| current.is_some()) {
        fs::remove_dir_all(path).map_err(|error| at(path, &error))?;
    }
    Ok(highest)
}

/// The first eight bytes: enough to tell the records of a list apart.
fn first_bytes(digest: Digest) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(first)
}
