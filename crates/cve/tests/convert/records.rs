//! Every real record becomes every document, or is refused by its own defect.

use std::collections::BTreeMap;

use cve::convert::{Options, Record, Target};
use serde_json::Value;

use crate::{TARGETS, now, osv_schema, publisher, shared};

/// The reasons for which a record may become no document.
const DEFECTS: [&str; 7] = [
    "CONV-CSAF-PRODUCTS",
    "CONV-CSAF-AFFECTED",
    "CONV-CSAF-HISTORY",
    "CONV-CSAF-DATE",
    "CONV-VEX-REJECTED",
    "CONV-VEX-PRODUCTS",
    "CONV-OSV-DATE",
];

#[test]
fn every_record_becomes_every_document_or_names_its_defect() {
    let name = if shared::is_long() {
        "records/corpus.jsonl.zst"
    } else {
        "records/dev-sample.jsonl.zst"
    };
    let Some(path) = shared::file(name) else {
        return;
    };
    let publisher = publisher();
    let options = Options::new(&publisher, now());
    let mut refused: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut made = 0;
    let records = shared::each_line(&path, 4, |line| {
        let record = Record::parse(line.as_bytes()).unwrap();
        for target in TARGETS {
            match cve::convert::convert(&record, target, &options) {
                Ok(converted) => {
                    made += 1;
                    check(&converted.document, target, record.id());
                }
                Err(refusal) => {
                    let finding = &refusal.findings[0];
                    let known = DEFECTS.contains(&&*finding.code);
                    assert!(
                        known && !finding.pointer.is_empty(),
                        "{} {finding:?}",
                        record.id()
                    );
                    let key = (format!("{target:?}"), finding.code.to_string());
                    *refused.entry(key).or_default() += 1;
                }
            }
        }
    });
    println!("{records} records, {made} documents");
    for ((target, code), count) in &refused {
        println!("refused {target}: {code} {count}");
    }
    assert!(records > 500);
    let all: usize = refused.values().sum();
    assert!(all * 50 < made, "more than two in a hundred were refused");
}

fn check(document: &str, target: Target, id: &str) {
    assert!(document.ends_with("}\n"), "{id} {target:?}");
    let document: Value = serde_json::from_str(document).unwrap();
    if target == Target::Osv {
        assert_eq!(osv_schema::faults(&document), [""; 0], "{id}");
    }
}
