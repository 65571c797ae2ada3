//! Containers and bodies, trimmed as the service trims them.
#![no_main]

use cve::check::{Checker, Kind, Severity, server};
use cve::time::Timestamp;
use libfuzzer_sys::fuzz_target;

const KINDS: [Kind; 6] = [
    Kind::PublishedContainer,
    Kind::RejectedContainer,
    Kind::AdpContainer,
    Kind::PublishedBody,
    Kind::RejectedBody,
    Kind::AdpBody,
];

fuzz_target!(|bytes: &[u8]| {
    let Some(now) = Timestamp::from_unix_ms(0) else {
        return;
    };
    let trimmed = server::trimmed(bytes);
    assert_eq!(server::trimmed(&trimmed), trimmed, "trimming twice changes more");
    let mut checker = Checker::default();
    for kind in KINDS {
        for text in [bytes, &trimmed] {
            let valid = checker.verdict(kind, text);
            let findings = checker.findings(kind, text);
            let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
            assert_eq!(valid, !errors, "{findings:?}");
            let rules = server::findings(kind, text, now);
            assert!(rules.iter().all(|finding| finding.severity == Severity::Error));
            server::is_enriched(kind, text);
        }
    }
});
