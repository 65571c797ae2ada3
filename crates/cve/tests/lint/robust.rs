//! Texts of any form: nothing stops the linter, and its answer is in order.

use cve::check::Kind;
use cve::lint::{Context, Linter, Profile, Settings, fix, rules};
use proptest::prelude::*;

const KINDS: [Kind; 7] = [
    Kind::Record,
    Kind::PublishedContainer,
    Kind::RejectedContainer,
    Kind::AdpContainer,
    Kind::PublishedBody,
    Kind::RejectedBody,
    Kind::AdpBody,
];

fn check_all(text: &[u8]) {
    for profile in [Profile::Default, Profile::Cvelint] {
        let settings = Settings {
            profile,
            ..Settings::default()
        };
        let mut linter = Linter::new(&settings).unwrap();
        for kind in KINDS {
            let findings = linter.lint(kind, text, &Context::default());
            let hits = linter.judge(kind, text, &Context::default()).hits.len();
            assert_eq!(findings.len(), hits);
            let places: Vec<_> = findings.iter().map(|finding| finding.position).collect();
            assert!(places.is_sorted());
            assert_eq!(findings, linter.lint(kind, text, &Context::default()));
        }
    }
    let _ = fix(Kind::Record, text, &Settings::default()).unwrap();
}

#[test]
fn a_record_of_thousands_of_faults_ends_in_a_finding_that_says_so() {
    let versions = vec![r#"{"version":"n/a","status":"affected"}"#; 100_000].join(",");
    let text =
        format!(r#"{{"affected":[{{"vendor":"a","product":"b","versions":[{versions}]}}]}}"#);
    let mut linter = Linter::new(&Settings::default()).unwrap();
    let findings = linter.lint(
        Kind::PublishedContainer,
        text.as_bytes(),
        &Context::default(),
    );
    assert_eq!(findings.len(), 501);
    assert_eq!(findings.last().unwrap().code, "CHECK-MORE");
}

#[test]
fn a_name_no_rule_has_is_refused() {
    let settings = Settings {
        select: vec!["REC-040".into(), "E999".into()],
        ..Settings::default()
    };
    let refusal = Linter::new(&settings).unwrap_err();
    assert_eq!(refusal.name, "E999");
    assert!(
        refusal
            .to_string()
            .starts_with("no rule of profile `default` is called `E999`")
    );
    let settings = Settings {
        ignore: vec!["REC-0".into()],
        ..Settings::default()
    };
    assert_eq!(Linter::new(&settings).unwrap_err().name, "REC-0");
}

#[test]
fn selected_rules_alone_are_applied() {
    let bad = cve::lint::rule("REC-012").unwrap().bad_record().unwrap();
    let codes = |select: &[&str], ignore: &[&str]| -> Vec<String> {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let settings = Settings {
            select: list(select),
            ignore: list(ignore),
            ..Settings::default()
        };
        let findings =
            Linter::new(&settings)
                .unwrap()
                .lint(Kind::Record, bad.as_bytes(), &Context::default());
        findings
            .into_iter()
            .map(|finding| finding.code.into_owned())
            .collect()
    };
    assert_eq!(codes(&["E006"], &[]), ["REC-012"]);
    assert_eq!(codes(&["REC"], &[]), ["REC-012"]);
    assert_eq!(codes(&["REC-014"], &[]), [] as [&str; 0]);
    assert_eq!(codes(&[], &["e006"]), [] as [&str; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_checked(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        check_all(&bytes);
    }

    #[test]
    fn a_changed_example_is_checked(
        place in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let rule = place.get(rules());
        let mut text = rule.bad_record().unwrap_or_else(|| rule.good_record()).into_bytes();
        let at = at.index(text.len());
        if cut { text.remove(at); } else { text[at] = byte; }
        check_all(&text);
    }
}
