//! Records as every document: whatever the bytes, no writer stops, each
//! document is the same the second time, and JSON is JSON.
#![no_main]

use cve::convert::{
    CsafProfile, CsafVersion, CycloneDxVersion, Options, Publisher, Record, Target, convert,
};
use cve::time::Timestamp;
use libfuzzer_sys::fuzz_target;

const fn csaf(version: CsafVersion, profile: CsafProfile) -> Target {
    Target::Csaf { version, profile }
}

const TARGETS: [Target; 16] = [
    csaf(CsafVersion::V2_0, CsafProfile::SecurityAdvisory),
    csaf(CsafVersion::V2_0, CsafProfile::Vex),
    csaf(CsafVersion::V2_1, CsafProfile::SecurityAdvisory),
    csaf(CsafVersion::V2_1, CsafProfile::Vex),
    Target::Osv,
    Target::OpenVex,
    Target::CycloneDx(CycloneDxVersion::V1_6),
    Target::CycloneDx(CycloneDxVersion::V1_7),
    Target::K8sFeed,
    Target::JsonFeed,
    Target::Atom,
    Target::Rss,
    Target::Ghsa,
    Target::Markdown,
    Target::Text,
    Target::Html,
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = Record::parse(bytes) else { return };
    let publisher = Publisher::unnamed();
    let Some(now) = Timestamp::from_unix_ms(0) else { return };
    let options = Options::new(&publisher, now);
    for target in TARGETS {
        let first = convert(&record, target, &options);
        assert_eq!(first, convert(&record, target, &options), "{target:?}");
        if let Ok(converted) = first
            && converted.document.starts_with('{')
        {
            let json = serde_json::from_str::<serde_json::Value>(&converted.document);
            assert!(json.is_ok(), "{target:?}: {}", converted.document);
        }
    }
});
