//! Any text: a CVSS vector that prints as it was read and scores within
//! bounds, or a refusal that points into the text.
#![no_main]

use cve::cvss::Cvss;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<Cvss>() {
        Ok(vector) => {
            assert_eq!(vector.to_string(), text);
            assert!(vector.score().tenths() <= 100);
            assert!(vector.base_score().tenths() <= 100);
            assert!(!vector.explain().metrics.is_empty());
        }
        Err(fault) => assert!(fault.position() <= text.len()),
    }
});
