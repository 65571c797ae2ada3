//! Any document, as any source: nothing stops a reader, and the schema refuses
//! nothing of the draft but what is missing.
#![no_main]

use cve::check::Severity;
use cve::convert::{Publisher, Source, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let publisher = Publisher::unnamed();
    let sources = Source::ALL.iter().map(|(_, source)| Some(*source));
    for source in sources.chain([None]) {
        let Ok(read) = read::read(bytes, source, &publisher) else {
            continue;
        };
        for finding in &read.findings {
            assert_ne!(finding.severity, Severity::Error);
            let missing = matches!(&*finding.code, "SCHEMA-REQUIRED" | "SCHEMA-CONTAINS");
            assert!(missing || !finding.code.starts_with("SCHEMA-"), "{finding:?}");
        }
    }
});
