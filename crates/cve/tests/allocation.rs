//! The promise that a valid record costs no allocation. In a binary of its
//! own, because counting replaces the allocator.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use cve::check::{Checker, Kind};
use cve::lint::{Context, Linter, Settings, rule};

/// A good fixture. The full one holds two metrics that look alike and must be
/// compared, which takes memory; it loses one of them.
fn record(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/records/good");
    let text = fs::read(folder.join(name)).unwrap();
    let mut record: serde_json::Value = serde_json::from_slice(&text).unwrap();
    if let Some(metrics) = record.pointer_mut("/containers/cna/metrics") {
        metrics.as_array_mut().unwrap().pop();
    }
    serde_json::to_vec_pretty(&record).unwrap()
}

#[test]
fn a_valid_record_costs_no_allocation_once_the_checker_is_warm() {
    let mut checker = Checker::default();
    for name in [
        "published-minimal.json",
        "published-full.json",
        "rejected-minimal.json",
        "rejected-full.json",
    ] {
        let text = record(name);
        assert!(checker.verdict(Kind::Record, &text), "{name}");
        let used = allocation_counter::measure(|| {
            assert!(checker.verdict(Kind::Record, &text));
        });
        assert_eq!(used.count_total, 0, "{name}");
    }
}

#[test]
fn the_content_rules_cost_no_allocation_for_a_usual_record() {
    let mut linter = Linter::new(&Settings::default()).unwrap();
    let context = Context::default();
    // One that keeps every rule, and one with a fault that is only hit.
    let examples = ["REC-012", "REC-030-SPACE"].map(|code| rule(code).unwrap());
    for text in [examples[0].good_record(), examples[1].bad_record().unwrap()] {
        let text = text.as_bytes();
        let hits = linter.judge(Kind::Record, text, &context).hits.len();
        let used = allocation_counter::measure(|| {
            assert_eq!(linter.judge(Kind::Record, text, &context).hits.len(), hits);
        });
        assert_eq!(used.count_total, 0);
    }
}
