//! Validates every line of a file one way, once, and prints the microseconds
//! of CPU time a record took; run by `bench/peers/run`, many times in turns.
//!
//!     cna-peers WAY RECORDS.jsonl SCHEMA.json
//!
//! A way is `verdict` or `lint` (ours), `runtime` or `compiled` (the crate
//! `jsonschema`), or `parse` (serde_json alone). All begin with the bytes.

use std::hint::black_box;
use std::process::ExitCode;

use cve::check::{Checker, Format, Kind};
use cve::lint::{Context, Linter, Settings};
use serde_json::Value;

/// The official schema, laid beside this crate by the script.
#[jsonschema::validator(path = "schema.json", draft = Draft7, validate_formats = true)]
struct Compiled;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, way, records, schema] = arguments.as_slice() else {
        eprintln!("usage: cna-peers WAY RECORDS.jsonl SCHEMA.json");
        return ExitCode::from(2);
    };
    match measure(way, records, schema) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn measure(way: &str, records: &str, schema: &str) -> Result<String, String> {
    let text = std::fs::read(records).map_err(|error| format!("reading `{records}`: {error}"))?;
    let lines: Vec<&[u8]> = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let mut verdict = verdict_of(way, schema)?;
    // Caches and the memory that is kept are warm before the clock runs.
    for line in lines.iter().take(1000) {
        black_box(verdict(line));
    }
    let start = cpu_ns()?;
    let valid = lines.iter().filter(|line| verdict(black_box(line))).count();
    let used = cpu_ns()? - start;
    let each = used as f64 / 1000.0 / lines.len().max(1) as f64;
    Ok(format!("{each:.3} {valid} {}", lines.len()))
}

type Verdict = Box<dyn FnMut(&[u8]) -> bool>;

fn verdict_of(way: &str, schema: &str) -> Result<Verdict, String> {
    Ok(match way {
        "verdict" => {
            let mut checker = Checker::new(Format::V5_2_0);
            Box::new(move |line| checker.verdict(Kind::Record, line))
        }
        "lint" => {
            let mut linter = Linter::new(&Settings::default()).map_err(|error| error.to_string())?;
            let context = Context::default();
            Box::new(move |line| linter.judge(Kind::Record, line, &context).is_valid)
        }
        "runtime" => {
            let text = std::fs::read(schema).map_err(|error| format!("reading `{schema}`: {error}"))?;
            let schema: Value =
                serde_json::from_slice(&text).map_err(|error| format!("`{schema}`: {error}"))?;
            let validator = jsonschema::draft7::options()
                .should_validate_formats(true)
                .build(&schema)
                .map_err(|error| error.to_string())?;
            Box::new(move |line| {
                serde_json::from_slice(line).is_ok_and(|value: Value| validator.is_valid(&value))
            })
        }
        "compiled" => Box::new(|line| {
            serde_json::from_slice(line).is_ok_and(|value: Value| Compiled::is_valid(&value))
        }),
        "parse" => Box::new(|line| serde_json::from_slice::<Value>(line).is_ok()),
        other => return Err(format!("`{other}` is not a way: see the head of src/main.rs")),
    })
}

/// CPU time of this process's only thread so far, in nanoseconds.
fn cpu_ns() -> Result<u64, String> {
    // The first number is the time spent on the CPU.
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")
        .map_err(|error| format!("reading the CPU time of the thread: {error}"))?;
    let first = text.split_whitespace().next().and_then(|word| word.parse().ok());
    first.ok_or_else(|| format!("`{text}` has no CPU time"))
}
