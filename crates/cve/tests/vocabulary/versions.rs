//! Version orders against the crates `semver` and `pep440_rs`.

use std::cmp::Ordering;

use cve::versions::{compare, is_strict_semver};
use proptest::prelude::*;

fn semver_like() -> impl Strategy<Value = String> {
    "[0-3]{1,2}\\.[0-3]\\.[0-3](-(rc|alpha|[0-2]{1,2}|x-y)(\\.[0-9a-b]{1,2})?)?(\\+[a-b0-1]{1,2})?"
}

fn python_like() -> impl Strategy<Value = String> {
    "v?([0-1]!)?[0-2](\\.[0-2]{1,2}){0,2}([-_.]?(a|b|rc|c|ALPHA|pre|beta|preview)[-_.]?[0-2]?)?(-[0-2]|[-_.]?(post|r|rev)[-_.]?[0-2]?)?([-_.]?dev[-_.]?[0-2]?)?(\\+[ab0-2]{1,2}([-._][AB0-2]{1,2})?)?"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn semantic_versions_are_ordered_as_the_crate_semver_orders_them(
        a in semver_like(),
        b in semver_like(),
    ) {
        let theirs = |text: &str| text.parse::<semver::Version>().ok();
        prop_assert_eq!(is_strict_semver(&a), theirs(&a).is_some(), "{}", a);
        if let (Some(first), Some(second)) = (theirs(&a), theirs(&b)) {
            let order: Ordering = first.cmp_precedence(&second);
            prop_assert_eq!(compare("semver", &a, &b), Some(order));
        }
    }

    #[test]
    fn any_text_is_strict_exactly_when_the_crate_semver_reads_it(text in "[0-9a-b.+-]{1,10}") {
        prop_assert_eq!(is_strict_semver(&text), text.parse::<semver::Version>().is_ok());
    }

    #[test]
    fn python_versions_are_ordered_as_pep440_rs_orders_them(
        a in python_like(),
        b in python_like(),
    ) {
        let theirs = |text: &str| text.parse::<pep440_rs::Version>().ok();
        let order = theirs(&a).zip(theirs(&b)).map(|(first, second)| first.cmp(&second));
        prop_assert_eq!(compare("python", &a, &b), order, "{} {}", a, b);
    }

    #[test]
    fn any_text_is_a_python_version_exactly_when_pep440_rs_reads_it(
        text in "[0-2avrcpostdeb!.+_-]{1,8}",
    ) {
        let reads = compare("python", &text, "1.0").is_some();
        prop_assert_eq!(reads, text.parse::<pep440_rs::Version>().is_ok());
    }
}
