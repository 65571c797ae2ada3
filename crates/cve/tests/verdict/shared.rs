//! The shared folder with real records and the official schemas, which is no
//! part of the repository.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;

/// A file of the shared folder; `None`, and a printed word, without the folder.
///
/// Panics when `CNA_REQUIRE` names `shared` and the folder is missing.
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let found = folder().map(|folder| folder.join("data").join(name));
    if found.is_none() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        assert!(
            !required(),
            "{test} needs the shared folder: set CNA_SHARED or put it at ../shared"
        );
        println!("skipped {test}: neither CNA_SHARED nor ../shared exists");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its data through the environment"
)]
fn folder() -> Option<PathBuf> {
    let named = std::env::var("CNA_SHARED").ok().map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    named
        .or(Some(beside))
        .filter(|folder| folder.join("data").is_dir())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its data through the environment"
)]
fn required() -> bool {
    std::env::var("CNA_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name == "shared"))
}

/// Whether `CNA_LONG` asks for the full counts, as `.ci/long` does; else a
/// test looks at a slice.
#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its size through the environment"
)]
pub(crate) fn is_long() -> bool {
    std::env::var("CNA_LONG").is_ok()
}

/// Calls `each` with every line of a packed file, or with one of `slice`
/// lines when the run is a short one. Gives how many that were.
pub(crate) fn each_line(path: &PathBuf, slice: usize, mut each: impl FnMut(&str)) -> usize {
    let packed = File::open(path).unwrap();
    let mut text = BufReader::new(zstd::Decoder::new(packed).unwrap());
    let slice = if is_long() { 1 } else { slice };
    let (mut line, mut at, mut count) = (String::new(), 0, 0);
    while text.read_line(&mut line).unwrap() > 0 {
        if at % slice == 0 {
            each(line.trim_end());
            count += 1;
        }
        at += 1;
        line.clear();
    }
    count
}

/// An official schema.
pub(crate) fn schema(name: &str) -> Option<serde_json::Value> {
    let path = file(&format!("schema/{name}"))?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}
