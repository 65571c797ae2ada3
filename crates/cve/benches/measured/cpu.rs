//! CPU time over records, and the official schema to hold it against.

use std::fs;
use std::hint::black_box;

use serde_json::Value;

use crate::corpus::shared;

/// Each side is measured at least this long, in CPU time.
const MEASURED_MS: u64 = 3_000;
const ROUNDS: usize = 3;

/// CPU seconds of one pass over all records: the best of some rounds.
pub(crate) fn measure<T>(records: &[T], mut verdict: impl FnMut(&T) -> bool) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = cpu_ms();
        let mut passes = 0;
        while passes == 0 || cpu_ms() - start < MEASURED_MS / ROUNDS as u64 {
            for record in records {
                black_box(verdict(black_box(record)));
            }
            passes += 1;
        }
        best = best.min((cpu_ms() - start) as f64 / 1000.0 / f64::from(passes));
    }
    best
}

/// A line of the answer: time a record, and what that makes in a second.
pub(crate) fn print_row(what: &str, seconds: f64, bytes: usize, records: &[Vec<u8>]) {
    let count = records.len() as f64;
    println!(
        "{what:34} {:8.2} µs a record {:9.0} records/s {:7.0} MB/s",
        seconds / count * 1e6,
        count / seconds,
        bytes as f64 / seconds / 1e6,
    );
}

/// CPU time of this process in milliseconds, user and system.
fn cpu_ms() -> u64 {
    // The fields count hundredths of a second; the command name before them,
    // in brackets, may hold spaces.
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks * 10
}

/// The official schema of records, when the shared folder has it.
pub(crate) fn official_schema() -> Option<Value> {
    let text = fs::read(shared().join("schema/CVE_Record_Format_bundled.json")).ok()?;
    serde_json::from_slice(&text).ok()
}
