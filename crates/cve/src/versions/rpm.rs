//! Versions of RPM packages.

use std::cmp::Ordering;

use super::numbers;

/// The order of two `epoch:version-release` texts; a missing epoch is zero,
/// and a missing release comes before any release.
///
/// Gives: `None` when one of them is empty or has a character no RPM version
/// has.
/// Source: rpm-version(7); `rpmverCmp` and `rpmvercmp` of librpm.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let order = numbers::compare(a.epoch, b.epoch)
        .then_with(|| compare_part(a.version, b.version))
        .then_with(|| match (a.release, b.release) {
            (Some(a), Some(b)) => compare_part(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
    Some(order)
}

struct Parsed<'a> {
    epoch: &'a str,
    version: &'a str,
    release: Option<&'a str>,
}

fn parse(text: &str) -> Option<Parsed<'_>> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if numbers::is_number(epoch) => (epoch, rest),
        Some(_) => return None,
        None => ("0", text),
    };
    let (version, release) = match rest.split_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._+~^%{}-".contains(&c);
    (!version.is_empty() && rest.bytes().all(allowed)).then_some(Parsed {
        epoch,
        version,
        release,
    })
}

/// Compares segment by segment: `~` comes before everything, even the end;
/// `^` after the end and before everything else; a number after a word.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    loop {
        a = skip_separators(a);
        b = skip_separators(b);
        match (a.strip_prefix('~'), b.strip_prefix('~')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        match (a.strip_prefix('^'), b.strip_prefix('^')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) if b.is_empty() => return Ordering::Greater,
            (None, Some(_)) if a.is_empty() => return Ordering::Less,
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        if a.is_empty() || b.is_empty() {
            return (!a.is_empty()).cmp(&!b.is_empty());
        }
        let (part_a, rest_a) = segment(a);
        let (part_b, rest_b) = segment(b);
        let order = match (numbers::is_number(part_a), numbers::is_number(part_b)) {
            (true, true) => numbers::compare(part_a, part_b),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => part_a.cmp(part_b),
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

fn skip_separators(text: &str) -> &str {
    numbers::leading(text, |c| {
        !c.is_ascii_alphanumeric() && c != b'~' && c != b'^'
    })
    .1
}

/// The run of digits or of letters that `text` begins with, and the rest.
fn segment(text: &str) -> (&str, &str) {
    match numbers::leading(text, |c| c.is_ascii_digit()) {
        ("", _) => numbers::leading(text, |c| c.is_ascii_alphabetic()),
        digits => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[test]
    fn versions_are_ordered_as_rpm_orders_them() {
        for (a, b, order) in [
            ("1.0", "1.0", Equal),
            ("1.0", "2.0", Less),
            ("2.0.1", "2.0", Greater),
            ("2.0.1a", "2.0.1", Greater),
            ("5.5p1", "5.5p10", Less),
            ("10xyz", "10.1xyz", Less),
            ("xyz10", "xyz10.1", Less),
            ("xyz.4", "8", Less),
            ("5.5p2", "5.6p1", Less),
            ("6.0.rc1", "6.0", Greater),
            ("10b2", "10a1", Greater),
            ("1.0aa", "1.0aa", Equal),
            ("10.0001", "10.1", Equal),
            ("10.0001", "10.0039", Less),
            ("4.999.9", "5.0", Less),
            ("20101121", "20101122", Less),
            ("2_0", "2.0", Equal),
            ("a", "a+", Equal),
            ("+a", "_a", Equal),
            ("1.0~rc1", "1.0", Less),
            ("1.0~rc1", "1.0~rc2", Less),
            ("1.0~rc1~git123", "1.0~rc1", Less),
            ("1.0^", "1.0", Greater),
            ("1.0^git1", "1.0^git2", Less),
            ("1.0^git1", "1.01", Less),
            ("1.0^20160101", "1.0.1", Less),
            ("1.0^20160102", "1.0^20160101^git1", Greater),
            ("1.0~rc1^git1", "1.0~rc1", Greater),
            ("1.0^git1~pre", "1.0^git1", Less),
            ("1:1.0", "2.0", Greater),
            ("1.0-1", "1.0-2", Less),
            ("1.0", "1.0-1", Less),
            ("0:1.0-1.el8", "1.0-1.el8", Equal),
        ] {
            assert_eq!(compare(a, b), Some(order), "{a} {b}");
            assert_eq!(compare(b, a), Some(order.reverse()), "{b} {a}");
        }
    }

    #[test]
    fn texts_no_rpm_version_can_be_are_not_compared() {
        for text in ["", "a b", "x:1.0", "1:", "<2.0", "-1"] {
            assert_eq!(compare(text, "1.0"), None, "{text}");
        }
    }
}
