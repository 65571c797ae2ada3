//! Any text: a CPE name that survives both of its bindings, or a refusal
//! that points into the text.
#![no_main]

use cve::cpe::Cpe;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<Cpe>() {
        Ok(cpe) => {
            let formatted = cpe.to_string();
            assert_eq!(formatted.parse(), Ok(cpe.clone()));
            if text.starts_with("cpe:2.3:") {
                assert_eq!(formatted, text);
            }
            let lower: Cpe = formatted
                .to_ascii_lowercase()
                .parse()
                .expect("case is free");
            assert_eq!(lower.uri().parse(), Ok(lower.clone()));
            let _ = (cpe.compare(&lower), cpe.wfn());
        }
        Err(fault) => assert!(fault.position() <= text.len()),
    }
});
