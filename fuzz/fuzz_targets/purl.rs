//! Any text: a package URL whose printed form is canonical and reads as the
//! same, or a refusal.
#![no_main]

use cve::purl::Purl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(purl) = text.parse::<Purl>() {
        let printed = purl.to_string();
        assert_eq!(printed.parse(), Ok(purl));
        assert!(Purl::is_canonical(&printed));
    }
    let _ = Purl::for_record(text);
});
