//! Whole records: the two engines agree, and JSON is what others think it is.
#![no_main]

use cve::check::{Checker, Format, Kind, Severity};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|bytes: &[u8]| {
    for format in [Format::V5_0, Format::V5_1_1, Format::V5_2_0] {
        let mut checker = Checker::new(format);
        let valid = checker.verdict(Kind::Record, bytes);
        let findings = checker.findings(Kind::Record, bytes);
        let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(valid, !errors, "{findings:?}");
        // The scratch of one text must not change the verdict of the next.
        assert_eq!(checker.verdict(Kind::Record, bytes), valid);
        let broken = findings.iter().any(|finding| finding.code == "JSON-SYNTAX");
        if serde_json::from_slice::<&RawValue>(bytes).is_ok() {
            assert!(!broken, "serde_json reads it: {findings:?}");
        }
    }
});
