//! The records the benchmarks read: those of the shared folder when it exists,
//! else our fixtures, which are few and small.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The folder of shared data.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark finds its data through the environment"
)]
pub(crate) fn shared() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var("CNA_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data")
}

/// All records, each a text.
pub(crate) fn records() -> Vec<Vec<u8>> {
    let packed = shared().join("records/corpus.jsonl.zst");
    if let Ok(file) = fs::File::open(packed) {
        let mut text = String::new();
        let read =
            zstd::Decoder::new(file).and_then(|mut decoder| decoder.read_to_string(&mut text));
        if read.is_ok() {
            return text.lines().map(|line| line.as_bytes().to_vec()).collect();
        }
    }
    println!("the shared folder is missing: measuring our few fixtures instead");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/records/good");
    let mut records = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        records.extend(fs::read(entry.path()));
    }
    records
}
