//! Versions of Debian packages.

use std::cmp::Ordering;

use super::numbers;

/// The order of two `epoch:upstream-revision` texts; a missing epoch is
/// zero, a missing revision equals `0`.
///
/// Gives: `None` when one of them is empty or has a character no Debian
/// version has.
/// Source: Debian Policy 5.6.12; deb-version(7).
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let order = numbers::compare(a.epoch, b.epoch)
        .then_with(|| compare_part(a.upstream, b.upstream))
        .then_with(|| compare_part(a.revision, b.revision));
    Some(order)
}

struct Parsed<'a> {
    epoch: &'a str,
    upstream: &'a str,
    revision: &'a str,
}

fn parse(text: &str) -> Option<Parsed<'_>> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if numbers::is_number(epoch) => (epoch, rest),
        Some(_) => return None,
        None => ("0", text),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let common = |c: u8| c.is_ascii_alphanumeric() || b".+~".contains(&c);
    let holds = !upstream.is_empty()
        && (!rest.contains('-') || !revision.is_empty())
        && upstream
            .bytes()
            .all(|c| common(c) || c == b'-' || c == b':')
        && revision.bytes().all(common);
    holds.then_some(Parsed {
        epoch,
        upstream,
        revision,
    })
}

/// Compares runs of other characters and runs of digits by turns.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (other_a, rest_a) = numbers::leading(a, |c| !c.is_ascii_digit());
        let (other_b, rest_b) = numbers::leading(b, |c| !c.is_ascii_digit());
        let (digits_a, rest_a) = numbers::leading(rest_a, |c| c.is_ascii_digit());
        let (digits_b, rest_b) = numbers::leading(rest_b, |c| c.is_ascii_digit());
        let order =
            compare_other(other_a, other_b).then_with(|| numbers::compare(digits_a, digits_b));
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

/// The order of two runs without digits, character by character: `~` before
/// the end, the end before letters, letters before everything else.
fn compare_other(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.bytes(), b.bytes());
    loop {
        let (next_a, next_b) = (a.next(), b.next());
        if next_a.is_none() && next_b.is_none() {
            return Ordering::Equal;
        }
        let order = rank(next_a).cmp(&rank(next_b));
        if order.is_ne() {
            return order;
        }
    }
}

fn rank(character: Option<u8>) -> i16 {
    match character {
        Some(b'~') => -1,
        None => 0,
        Some(c) if c.is_ascii_alphabetic() => i16::from(c),
        Some(c) => i16::from(c) + 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[test]
    fn versions_are_ordered_as_dpkg_orders_them() {
        for (a, b, order) in [
            ("1.0", "1.0-0", Equal),
            ("0:1.0", "1.0", Equal),
            ("1:0.1", "2.0", Greater),
            ("1.0~rc1", "1.0", Less),
            ("1.0~~", "1.0~", Less),
            ("1.0~~a", "1.0~", Less),
            ("1.0a", "1.0", Greater),
            ("1.0a", "1.0+", Less),
            ("1.0.1", "1.0a", Greater),
            ("1.2.3-1ubuntu1", "1.2.3-1", Greater),
            ("1.2.3-1~bpo10", "1.2.3-1", Less),
            ("1.2-3-4", "1.2-3-5", Less),
            ("007", "7", Equal),
            ("2.4.7-1+deb9u1", "2.4.7-1", Greater),
        ] {
            assert_eq!(compare(a, b), Some(order), "{a} {b}");
            assert_eq!(compare(b, a), Some(order.reverse()), "{b} {a}");
        }
    }

    #[test]
    fn texts_no_debian_version_can_be_are_not_compared() {
        for text in ["", "1.0 ", "a:1", "1:", "1_0", "1.0-", "ä"] {
            assert_eq!(compare(text, "1.0"), None, "{text}");
        }
    }
}
