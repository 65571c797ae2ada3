//! How often each rule is broken by the shared records.

use std::collections::BTreeMap;

use cve::check::Kind;
use cve::lint::{Context, Linter, Settings};

use crate::shared;

#[test]
fn survey() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    let mut linter = Linter::new(&Settings::default()).unwrap();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let total = shared::each_line(&path, 1, |line| {
        let findings = linter.lint(Kind::Record, line.as_bytes(), &Context::default());
        let mut seen = std::collections::BTreeSet::new();
        for f in findings {
            let c = counts.entry(f.code.clone()).or_default();
            c.0 += 1;
            if seen.insert(f.code.clone()) {
                c.1 += 1;
            }
        }
    });
    println!("{total}");
    for (code, (n, r)) in counts {
        println!(
            "{code:24} {n:8} {r:8} {:.2}%",
            100.0 * r as f64 / total as f64
        );
    }
}
