//! CPU time of the schema verdict per record, beside the crate `jsonschema`
//! in the same run.
//!
//! `cargo bench -p cve --bench verdict`. Uses the records of the shared folder
//! when it exists, else our fixtures, which are few and small.

use cve::check::{Checker, Format, Kind};
use serde_json::Value;

#[path = "measured/corpus.rs"]
mod corpus;
#[path = "measured/cpu.rs"]
mod cpu;

use corpus::records;
use cpu::{measure, official_schema, print_row};

fn main() {
    let records = records();
    let bytes: usize = records.iter().map(Vec::len).sum();
    println!(
        "{} records, {} bytes on average",
        records.len(),
        bytes / records.len().max(1)
    );

    let mut checker = Checker::new(Format::V5_2_0);
    let ours = measure(&records, |record| checker.verdict(Kind::Record, record));
    print_row("cve: verdict from bytes", ours, bytes, &records);

    let parse = measure(&records, |record| {
        serde_json::from_slice::<Value>(record).is_ok()
    });
    print_row("serde_json: parse only", parse, bytes, &records);

    let Some(schema) = official_schema() else {
        println!("crate jsonschema is not measured: the official schema is not at ../shared");
        return;
    };
    let Ok(validator) = jsonschema::draft7::options()
        .should_validate_formats(true)
        .build(&schema)
    else {
        println!("crate jsonschema cannot read the official schema");
        return;
    };
    let values: Vec<Value> = records
        .iter()
        .filter_map(|record| serde_json::from_slice(record).ok())
        .collect();
    let bare = measure(&values, |record| validator.is_valid(record));
    print_row("jsonschema: verdict from a value", bare, bytes, &records);
    drop(values);
    let whole = measure(&records, |record| {
        serde_json::from_slice(record).is_ok_and(|value| validator.is_valid(&value))
    });
    print_row("jsonschema: parse and verdict", whole, bytes, &records);
    println!("ratio to jsonschema's verdict alone: {:.2}", bare / ours);
    println!("ratio to parse and verdict:          {:.2}", whole / ours);
}
