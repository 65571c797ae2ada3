//! Versions of Ruby gems.

use std::cmp::Ordering;

use super::numbers;

/// The order of two versions of Ruby gems: numbers and words by turns, a
/// word before any number, and zeros before a word or the end left out.
///
/// Gives: `None` when one of them is not such a version.
/// Source: RubyGems, `Gem::Version`.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (segments(a)?, segments(b)?);
    for place in 0..a.len().max(b.len()) {
        let (a, b) = (a.get(place).unwrap_or(&"0"), b.get(place).unwrap_or(&"0"));
        let order = match (numbers::is_number(a), numbers::is_number(b)) {
            (true, true) => numbers::compare(a, b),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => a.cmp(b),
        };
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

/// The numbers and words of `text`, without the zeros that end the leading
/// numbers and the whole.
fn segments(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let (release, labels) = match text.split_once('-') {
        Some((release, labels)) => (release, Some(labels)),
        None => (text, None),
    };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_alphanumeric());
    let begins = release.starts_with(|first: char| first.is_ascii_digit());
    let first_is_number = release.split('.').next().is_some_and(numbers::is_number);
    let labels_hold = labels.is_none_or(|labels| {
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || c == b'-')
        };
        labels.split('.').all(is_label)
    });
    if !(begins && first_is_number && release.split('.').all(is_word) && labels_hold) {
        return None;
    }
    let mut found = Vec::new();
    let mut leading_numbers = true;
    let mut push = |segment| {
        if leading_numbers && !numbers::is_number(segment) {
            drop_zeros(&mut found);
            leading_numbers = false;
        }
        found.push(segment);
    };
    split_runs(release, &mut push);
    // A hyphen stands for `.pre.`, wherever it is.
    for label in labels.into_iter().flat_map(|labels| labels.split('-')) {
        push("pre");
        split_runs(label, &mut push);
    }
    drop_zeros(&mut found);
    Some(found)
}

fn drop_zeros(segments: &mut Vec<&str>) {
    while segments
        .last()
        .is_some_and(|last| last.bytes().all(|c| c == b'0'))
    {
        segments.pop();
    }
}

/// Gives `push` each run of digits and each run of letters.
fn split_runs<'a>(mut text: &'a str, mut push: impl FnMut(&'a str)) {
    while !text.is_empty() {
        let (digits, rest) = numbers::leading(text, |c| c.is_ascii_digit());
        let (letters, rest) = numbers::leading(rest, |c| c.is_ascii_alphabetic());
        let (_, rest) = numbers::leading(rest, |c| !c.is_ascii_alphanumeric());
        for run in [digits, letters] {
            if !run.is_empty() {
                push(run);
            }
        }
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[test]
    fn versions_are_ordered_as_rubygems_orders_them() {
        for (a, b, order) in [
            ("1.0", "1", Equal),
            ("1.0.0.b1", "1.b1", Equal),
            ("1.8.2", "0.0.0", Greater),
            ("1.8.2", "1.8.2.a", Greater),
            ("1.8.2.b", "1.8.2.a", Greater),
            ("1.8.2.a", "1.8.2.a10", Less),
            ("1.8.2.a9", "1.8.2.a10", Less),
            ("1.0.0-rc1", "1.0.0.pre.rc1", Equal),
            ("1.0.0-rc1", "1.0.0", Less),
            ("2.0.0.rc2", "2.0.0.rc10", Less),
            ("5.2.4.3", "5.2.4", Greater),
            ("1.A", "1.a", Less),
        ] {
            assert_eq!(compare(a, b), Some(order), "{a} {b}");
            assert_eq!(compare(b, a), Some(order.reverse()), "{b} {a}");
        }
    }

    #[test]
    fn texts_no_gem_version_can_be_are_not_compared() {
        for text in ["", "a", "1..2", "v1.0", "1.0 beta", "1.0-", "1.0_1"] {
            assert_eq!(compare(text, "1.0"), None, "{text}");
        }
    }
}
