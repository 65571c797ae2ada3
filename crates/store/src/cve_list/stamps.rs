//! Which files hold what is indexed already, so that they need not be read.
//!
//! Only a shortcut: a stamp that is missing or wrong in size means that its
//! file is read and its bytes compared.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use cve::hash::Digest;

use super::{Error, at};
use crate::search::write_whole;

const FILE: &str = "stamps";

/// Stamps of files, each with the hash of the record the file held.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    hashes: HashMap<u64, u64>,
    is_changed: bool,
}

impl Stamps {
    /// Reads the stamps of an index; none when they are missing or damaged.
    pub(super) fn read(folder: &Path) -> Stamps {
        let bytes = fs::read(folder.join(FILE)).unwrap_or_default();
        Stamps {
            hashes: parse(&bytes).unwrap_or_default(),
            is_changed: false,
        }
    }

    /// The hash of the record in the file with this stamp.
    pub(super) fn hash(&self, stamp: u64) -> Option<u64> {
        self.hashes.get(&stamp).copied()
    }

    pub(super) fn put(&mut self, stamp: u64, hash: u64) {
        self.is_changed |= self.hashes.insert(stamp, hash) != Some(hash);
    }

    /// Writes the stamps of records that are still indexed.
    pub(super) fn write(
        mut self,
        folder: &Path,
        is_indexed: impl Fn(u64) -> bool,
    ) -> Result<(), Error> {
        if !self.is_changed {
            return Ok(());
        }
        self.hashes.retain(|_, hash| is_indexed(*hash));
        let mut body = Vec::with_capacity(self.hashes.len() * 16);
        for (stamp, hash) in &self.hashes {
            body.extend_from_slice(&stamp.to_le_bytes());
            body.extend_from_slice(&hash.to_le_bytes());
        }
        let mut bytes = Digest::of(&body).as_bytes().to_vec();
        bytes.append(&mut body);
        let path = folder.join(FILE);
        write_whole(&path, &bytes).map_err(|error| at(&path, &error))
    }
}

fn parse(bytes: &[u8]) -> Option<HashMap<u64, u64>> {
    let (digest, body) = bytes.split_at_checked(32)?;
    if Digest::of(body).as_bytes() != digest {
        return None;
    }
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_le_bytes);
    body.chunks_exact(16)
        .map(|pair| Some((number(&pair[..8])?, number(&pair[8..])?)))
        .collect()
}
