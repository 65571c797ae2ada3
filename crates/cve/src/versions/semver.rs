//! Semantic Versioning, and the small twist NuGet adds to it.

use std::cmp::Ordering;

use super::numbers;

/// The parts of a version that order it; build metadata is not among them.
struct Parsed<'a> {
    release: &'a str,
    pre_release: Option<&'a str>,
}

/// The order of two semantic versions.
///
/// Kinder than the specification on reading: one leading `v` is skipped, and
/// minor and patch may be missing, which counts as zero.
///
/// Gives: `None` when one of them is not such a version.
/// Source: SemVer 2.0.0 section 11; the leniency is our choice, because
/// records write `v1.2` and mean it.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a, 3)?, parse(b, 3)?);
    Some(order(&a, &b, |a, b| a.cmp(b)))
}

/// Says whether [`compare`] knows `text` as a version.
pub(super) fn reads(text: &str) -> bool {
    parse(text, 3).is_some()
}

/// The order of two NuGet versions: up to four numbers, and labels in which
/// letter case does not count.
///
/// Source: NuGet documentation, package versioning.
pub(super) fn compare_nuget(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a, 4)?, parse(b, 4)?);
    Some(order(&a, &b, |a, b| {
        let lower =
            |text: &str| -> Vec<u8> { text.bytes().map(|c| c.to_ascii_lowercase()).collect() };
        lower(a).cmp(&lower(b))
    }))
}

/// Says whether `text` is a version by the letter of the specification.
pub(super) fn is_strict(text: &str) -> bool {
    let Some(parsed) = parse(text, 3) else {
        return false;
    };
    let no_leading_zero = |part: &str| part == "0" || !part.starts_with('0');
    let labels_hold = parsed.pre_release.is_none_or(|labels| {
        labels
            .split('.')
            .all(|label| !numbers::is_number(label) || no_leading_zero(label))
    });
    text.starts_with(|first: char| first.is_ascii_digit())
        && parsed.release.split('.').count() == 3
        && parsed.release.split('.').all(no_leading_zero)
        && labels_hold
}

fn parse(text: &str, most_numbers: usize) -> Option<Parsed<'_>> {
    let text = numbers::without_v(text);
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (release, pre_release) = match text.split_once('-') {
        Some((release, labels)) => (release, Some(labels)),
        None => (text, None),
    };
    let fits = numbers::is_dotted(release) && release.split('.').count() <= most_numbers;
    let labels_fit = [pre_release, build]
        .into_iter()
        .flatten()
        .all(|labels| labels.split('.').all(is_label));
    (fits && labels_fit).then_some(Parsed {
        release,
        pre_release,
    })
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

fn order(a: &Parsed, b: &Parsed, words: impl Fn(&str, &str) -> Ordering) -> Ordering {
    numbers::compare_dotted(a.release, b.release).then_with(|| {
        match (a.pre_release, b.pre_release) {
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => order_labels(a, b, words),
        }
    })
}

fn order_labels(a: &str, b: &str, words: impl Fn(&str, &str) -> Ordering) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (numbers::is_number(a), numbers::is_number(b)) {
                (true, true) => numbers::compare(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => words(a, b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_specification_holds() {
        let rising = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "2.0.0",
            "2.1.0",
            "2.1.1",
        ];
        for pair in rising.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
            assert_eq!(
                compare(pair[1], pair[0]),
                Some(Ordering::Greater),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn what_records_write_and_mean_is_read() {
        for (a, b) in [
            ("v1.2.3", "1.2.3"),
            ("1.2", "1.2.0"),
            ("1", "1.0.0+build.7"),
        ] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} {b}");
        }
        for text in [
            "1.2.3.4", "1.2.x", "vv1", "1.2.3-", "1..2", "", "1.0-a_b", "1.0+",
        ] {
            assert_eq!(compare(text, "1.0.0"), None, "{text}");
        }
    }

    #[test]
    fn numbers_longer_than_a_machine_word_are_ordered() {
        let (a, b) = (
            "99999999999999999999999.0.0",
            "100000000000000000000000.0.0",
        );
        assert_eq!(compare(a, b), Some(Ordering::Less));
    }

    #[test]
    fn nuget_has_four_numbers_and_ignores_case_in_labels() {
        assert_eq!(compare_nuget("1.0.0.1", "1.0.0"), Some(Ordering::Greater));
        assert_eq!(compare_nuget("1.0.0-RC", "1.0.0-rc"), Some(Ordering::Equal));
        assert_eq!(
            compare_nuget("1.0.0-Beta", "1.0.0-alpha"),
            Some(Ordering::Greater)
        );
    }

    #[test]
    fn only_full_versions_without_leading_zeros_are_strict() {
        for text in ["1.2.3", "0.0.0-a.1+01", "1.0.0--"] {
            assert!(is_strict(text), "{text}");
        }
        for text in ["v1.2.3", "1.2", "1.02.3", "1.2.3-01", "1.2.3.4", "1.2.3-"] {
            assert!(!is_strict(text), "{text}");
        }
    }
}
