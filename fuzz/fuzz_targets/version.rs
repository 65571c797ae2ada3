//! Any type and any two versions: the order turns round when its sides do,
//! every version equals itself, and a record that holds them is answered.
#![no_main]

use std::cmp::Ordering;

use cve::versions::{Expression, analyse, compare, status};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const TYPES: [&str; 11] = [
    "semver", "python", "maven", "rpm", "deb", "gem", "nuget", "date", "git", "custom", "other",
];

fuzz_target!(|input: (u8, &str, &str, &str)| {
    let (kind, a, b, c) = input;
    let version_type = TYPES[usize::from(kind) % TYPES.len()];
    let order = compare(version_type, a, b);
    assert_eq!(compare(version_type, b, a).map(Ordering::reverse), order);
    assert_eq!(compare(version_type, a, a), Some(Ordering::Equal));
    if order == Some(Ordering::Less) && compare(version_type, b, c) == Some(Ordering::Less) {
        let across = compare(version_type, a, c);
        assert!(across.is_none() || across == Some(Ordering::Less));
    }
    let affected = json!({
        "defaultStatus": "unaffected",
        "versions": [
            {"version": a, "lessThan": b, "versionType": version_type, "status": "affected",
             "changes": [{"at": c, "status": "unaffected"}]},
            {"version": c, "status": "unknown"},
        ],
    });
    for version in [a, b, c] {
        assert!(!status(&affected, version).why.is_empty());
    }
    for fault in analyse(&affected) {
        assert!(affected.pointer(fault.pointer()).is_some());
    }
    let _ = Expression::read(a);
});
