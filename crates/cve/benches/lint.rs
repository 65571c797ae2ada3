//! CPU time of the content rules per record, beside the schema alone and the
//! crate `jsonschema` in the same run.
//!
//! `cargo bench -p cve --bench lint`. Uses the records of the shared folder
//! when it exists, else our fixtures, which are few and small.

use cve::check::{Checker, Format, Kind};
use cve::lint::{Context, Linter, Profile, Settings};
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
