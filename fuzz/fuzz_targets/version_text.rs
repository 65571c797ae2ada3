//! Any text where a version belongs: nothing stops the reader, no version of a
//! reading was not in the text, and the entries are what the schema allows.
#![no_main]

use cve::convert::version_text::{VersionRange, VersionText, read, vers};
use cve::versions::Status;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|input: (&str, &str)| {
    let (text, name) = input;
    if let VersionText::Read(reading) = read(text, &[name]) {
        assert!(!reading.sentence().is_empty());
        for range in &reading.ranges {
            if let VersionRange::Between { lower, upper } = range {
                for end in lower.iter().chain(upper) {
                    assert!(!end.version.is_empty());
                }
            }
        }
        let versions = reading.entries(Status::Affected, None, Status::Unknown);
        if text.chars().count() <= 1024 {
            let container = json!({
                "descriptions": [{"lang": "en", "value": "x"}],
                "affected": [{"vendor": "v", "product": "p", "versions": versions}],
                "references": [{"url": "https://example.org/"}],
            });
            assert_eq!(cve::check::published_container(&container), [], "{text:?}");
        }
    }
    let _ = vers(text);
});
