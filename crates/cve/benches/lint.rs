//! CPU time of the content rules per record, beside the schema alone and the
//! crate `jsonschema` in the same run.
//!
//! `cargo bench -p cve --bench lint`. Uses the records of the shared folder
//! when it exists, else our fixtures, which are few and small.

use std::fs;
use std::hint::black_box;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cve::check::{Checker, Format, Kind};
use cve::lint::{Context, Linter, Profile, Settings};
use serde_json::Value;

/// Each side is measured at least this long, in CPU time.
const MEASURED_MS: u64 = 3_000;
const ROUNDS: usize = 3;

fn main() {
    let records = records();
    let bytes: usize = records.iter().map(Vec::len).sum();
    println!(
        "{} records, {} bytes on average",
        records.len(),
        bytes / records.len().max(1)
    );
    let context = Context::default();
    let mut checker = Checker::new(Format::V5_2_0);
    let schema = measure(&records, |record| checker.verdict(Kind::Record, record));
    print_row("schema alone", schema, bytes, &records);

    let linter = |profile| {
        Linter::new(&Settings {
            profile,
            ..Settings::default()
        })
    };
    let Ok(mut linter_of_ours) = linter(Profile::Default) else {
        return;
    };
    let hits = measure(&records, |record| {
        linter_of_ours
            .judge(Kind::Record, record, &context)
            .is_valid
    });
    print_row("schema and every rule, hits", hits, bytes, &records);
    let findings = measure(&records, |record| {
        linter_of_ours
            .findings(Kind::Record, record, &context)
            .1
            .is_empty()
    });
    print_row("schema and every rule, in words", findings, bytes, &records);
    let Ok(mut theirs) = linter(Profile::Cvelint) else {
        return;
    };
    let cvelint = measure(&records, |record| {
        theirs.judge(Kind::Record, record, &context).is_valid
    });
    print_row("schema and cvelint's rules, hits", cvelint, bytes, &records);

    let parse = measure(&records, |record| {
        serde_json::from_slice::<Value>(record).is_ok()
    });
    print_row("serde_json: parse only", parse, bytes, &records);
    println!(
        "limit: 16 µs a record; ratio to it: {:.2}",
        hits / records.len() as f64 * 1e6 / 16.0
    );

    let Some(schema_text) = official_schema() else {
        println!("crate jsonschema is not measured: the official schema is not at ../shared");
        return;
    };
    let Ok(validator) = jsonschema::draft7::options()
        .should_validate_formats(true)
        .build(&schema_text)
    else {
        println!("crate jsonschema cannot read the official schema");
        return;
    };
    let whole = measure(&records, |record| {
        serde_json::from_slice(record).is_ok_and(|value| validator.is_valid(&value))
    });
    print_row("jsonschema: parse and verdict", whole, bytes, &records);
    println!(
        "ratio of its verdict to schema and every rule: {:.2}",
        whole / hits
    );
}

/// CPU seconds of one pass over all records: the best of some rounds.
fn measure<T>(records: &[T], mut work: impl FnMut(&T) -> bool) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = cpu_ms();
        let mut passes = 0;
        while passes == 0 || cpu_ms() - start < MEASURED_MS / ROUNDS as u64 {
            for record in records {
                black_box(work(black_box(record)));
            }
            passes += 1;
        }
        best = best.min((cpu_ms() - start) as f64 / 1000.0 / f64::from(passes));
    }
    best
}

fn print_row(what: &str, seconds: f64, bytes: usize, records: &[Vec<u8>]) {
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

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark finds its data through the environment"
)]
fn shared() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var("CNA_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data")
}

fn official_schema() -> Option<Value> {
    let text = fs::read(shared().join("schema/CVE_Record_Format_bundled.json")).ok()?;
    serde_json::from_slice(&text).ok()
}

fn records() -> Vec<Vec<u8>> {
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
