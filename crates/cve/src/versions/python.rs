//! Versions of Python packages.

use std::cmp::Ordering;

use super::numbers;

/// A version taken apart; numbers are kept as digits, so none is too long.
struct Parsed<'a> {
    epoch: &'a str,
    release: &'a str,
    pre: Option<(u8, &'a str)>,
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Option<&'a str>,
}

/// The order of two versions of Python packages.
///
/// Gives: `None` when one of them is not such a version.
/// Source: PEP 440, as the Python packaging guide keeps it.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let order = numbers::compare(a.epoch, b.epoch)
        .then_with(|| numbers::compare_dotted(a.release, b.release))
        .then_with(|| compare_pre(&a, &b))
        .then_with(|| compare_optional(a.post, b.post, Ordering::Less))
        .then_with(|| compare_optional(a.dev, b.dev, Ordering::Greater))
        .then_with(|| compare_local(a.local, b.local));
    Some(order)
}

/// A development release without a pre-release part comes before every
/// pre-release, any other version without one after them.
fn compare_pre(a: &Parsed, b: &Parsed) -> Ordering {
    let rank = |version: &Parsed| match (version.pre, version.post, version.dev) {
        (Some(_), _, _) => 1,
        (None, None, Some(_)) => 0,
        (None, _, _) => 2,
    };
    let both = a.pre.zip(b.pre);
    rank(a).cmp(&rank(b)).then_with(|| match both {
        Some((a, b)) => a.0.cmp(&b.0).then_with(|| numbers::compare(a.1, b.1)),
        None => Ordering::Equal,
    })
}

/// `absent` is how a version without the part compares with one that has it.
fn compare_optional(a: Option<&str>, b: Option<&str>, absent: Ordering) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => absent,
        (Some(_), None) => absent.reverse(),
        (Some(a), Some(b)) => numbers::compare(a, b),
    }
}

fn compare_local(a: Option<&str>, b: Option<&str>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    let separators = ['.', '-', '_'];
    let (mut a, mut b) = (a.split(separators), b.split(separators));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) if a.is_none() || b.is_none() => a.is_some().cmp(&b.is_some()),
            (a, b) => compare_local_part(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_local_part(a: &str, b: &str) -> Ordering {
    match (numbers::is_number(a), numbers::is_number(b)) {
        (true, true) => numbers::compare(a, b),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let lower = |text: &str| text.to_ascii_lowercase();
            lower(a).cmp(&lower(b))
        }
    }
}

/// Words for pre-releases, longer ones before those they begin with, and
/// their rank.
const PRE_WORDS: [(&str, u8); 8] = [
    ("alpha", 0),
    ("a", 0),
    ("beta", 1),
    ("b", 1),
    ("preview", 2),
    ("pre", 2),
    ("rc", 2),
    ("c", 2),
];
const POST_WORDS: [(&str, u8); 3] = [("post", 0), ("rev", 0), ("r", 0)];
const DEV_WORDS: [(&str, u8); 1] = [("dev", 0)];

fn parse(text: &str) -> Option<Parsed<'_>> {
    let text = numbers::without_v(text.trim());
    let (text, local) = match text.split_once('+') {
        Some((text, local)) => (text, Some(local)),
        None => (text, None),
    };
    let (epoch, text) = text.split_once('!').unwrap_or(("0", text));
    let (release, rest) = leading_release(text);
    let (pre, rest) = worded(rest, &PRE_WORDS);
    let (post, rest) = match bare_post(rest) {
        Some(found) => found,
        None => {
            let (post, rest) = worded(rest, &POST_WORDS);
            (post.map(|(_, number)| number), rest)
        }
    };
    let (dev, rest) = worded(rest, &DEV_WORDS);
    let local_holds = local.is_none_or(|local| {
        let mut parts = local.split(['.', '-', '_']);
        parts.all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric()))
    });
    let holds =
        numbers::is_number(epoch) && numbers::is_dotted(release) && rest.is_empty() && local_holds;
    holds.then_some(Parsed {
        epoch,
        release,
        pre,
        post,
        dev: dev.map(|(_, number)| number),
        local,
    })
}

/// The dotted numbers `text` begins with, and the rest; a dot that no digit
/// follows belongs to the rest.
fn leading_release(text: &str) -> (&str, &str) {
    let (release, _) = numbers::leading(text, |c| c.is_ascii_digit() || c == b'.');
    let release = release.strip_suffix('.').unwrap_or(release);
    text.split_at(release.len())
}

/// Reads `[-_.]word[-_.]number`, everything but the word optional.
fn worded<'a>(text: &'a str, words: &[(&str, u8)]) -> (Option<(u8, &'a str)>, &'a str) {
    let body = text.strip_prefix(['-', '_', '.']).unwrap_or(text);
    for (word, rank) in words {
        let begins = body
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word));
        if begins {
            let (number, rest) = number_after(&body[word.len()..]);
            return (Some((*rank, number)), rest);
        }
    }
    (None, text)
}

/// The number `text` begins with, after one optional separator; zero when
/// there is none, even after a separator.
fn number_after(text: &str) -> (&str, &str) {
    let body = text.strip_prefix(['-', '_', '.']).unwrap_or(text);
    match numbers::leading(body, |c| c.is_ascii_digit()) {
        ("", rest) => ("0", rest),
        found => found,
    }
}

/// Reads `-number`, the short form of a post-release.
fn bare_post(text: &str) -> Option<(Option<&str>, &str)> {
    let (number, rest) = numbers::leading(text.strip_prefix('-')?, |c| c.is_ascii_digit());
    (!number.is_empty()).then_some((Some(number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_standard_holds() {
        let rising = [
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.1",
        ];
        for (place, a) in rising.iter().enumerate() {
            for b in &rising[place + 1..] {
                assert_eq!(compare(a, b), Some(Ordering::Less), "{a} {b}");
                assert_eq!(compare(b, a), Some(Ordering::Greater), "{a} {b}");
            }
        }
    }

    #[test]
    fn spellings_of_one_version_are_equal() {
        for (a, b) in [
            ("1.0", "1"),
            ("v1.0", "1.0.0"),
            ("1.0-1", "1.0.post1"),
            ("1.0ALPHA1", "1.0-a.1"),
            ("1.0c1", "1.0_preview_1"),
            ("1.0rev", "1.0.post0"),
            ("1.0+UBUNTU-1", "1.0+ubuntu.1"),
            ("01.02", "1.2"),
        ] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} {b}");
        }
    }

    #[test]
    fn other_texts_are_not_compared() {
        for text in [
            "",
            "1.",
            "1..2",
            "french toast",
            "1.0+a+",
            "1.0+_foobar",
            "1.0x",
            "a1",
            "1.0--1",
        ] {
            assert_eq!(compare(text, "1.0"), None, "{text}");
        }
    }
}
