//! Any bytes: the content rules and the safe mends stop at nothing, mending
//! twice changes nothing more, and a valid document stays valid.

#![no_main]

use cve::check::{Checker, Kind};
use cve::lint::{Context, Linter, Profile, Settings, fix};
use libfuzzer_sys::fuzz_target;

const KINDS: [Kind; 4] = [
    Kind::Record,
    Kind::PublishedContainer,
    Kind::RejectedContainer,
    Kind::AdpContainer,
];

fuzz_target!(|bytes: &[u8]| {
    // The first byte chooses the kind.
    let Some((choice, text)) = bytes.split_first() else {
        return;
    };
    let kind = KINDS[usize::from(*choice) % KINDS.len()];
    for profile in [Profile::Default, Profile::Cvelint] {
        let settings = Settings {
            profile,
            ..Settings::default()
        };
        let Ok(mut linter) = Linter::new(&settings) else {
            panic!("a profile has no name that is not known");
        };
        let (is_valid, findings) = linter.findings(kind, text, &Context::default());
        assert_eq!(is_valid, Checker::default().verdict(kind, text));
        assert!(findings.len() <= 501);
    }
    let settings = Settings::default();
    let (Ok(once), was_valid) = (
        fix(kind, text, &settings),
        Checker::default().verdict(kind, text),
    ) else {
        panic!("no name is asked for");
    };
    if was_valid {
        assert!(Checker::default().verdict(kind, &once.bytes));
    }
    let Ok(twice) = fix(kind, &once.bytes, &settings) else {
        panic!("no name is asked for");
    };
    assert_eq!(once.bytes, twice.bytes);
});
