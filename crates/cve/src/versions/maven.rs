//! Versions of Maven artifacts.

use std::cmp::Ordering;

use super::numbers;

/// The order of two versions of Maven artifacts; every text without white
/// space is one.
///
/// `_` separates as `-` does, which Maven's resolver does and the reference
/// does not say.
///
/// Gives: `None` when one of them is empty or has white space in it.
/// Source: Maven POM reference, version order specification.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let reads = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    if !reads(a) || !reads(b) {
        return None;
    }
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let (a, b) = (tokens(&a), tokens(&b));
    for place in 0..a.len().max(b.len()) {
        let order = match (a.get(place), b.get(place)) {
            (Some(a), Some(b)) => compare_tokens(a, b),
            (Some(a), None) => compare_with_nothing(a),
            (None, Some(b)) => compare_with_nothing(b).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

/// A number or a word, and what stood before it.
struct Token<'a> {
    after_dot: bool,
    text: &'a str,
    is_number: bool,
}

impl Token<'_> {
    /// Says whether a version that ends with it equals one that does not.
    fn is_nothing(&self) -> bool {
        match self.is_number {
            true => numbers::compare(self.text, "").is_eq(),
            false => rank(self.text) == RELEASE,
        }
    }

    /// Words come first, then numbers after a hyphen, then those after a dot.
    fn place(&self) -> u8 {
        match (self.is_number, self.after_dot) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        }
    }
}

/// Splits at dots, hyphens, and between digits and others, which counts as a
/// hyphen; then leaves out what means nothing before a hyphen and at the end.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut after_dot = true;
    loop {
        let (mut part, after) = match numbers::leading(rest, |c| c.is_ascii_digit()) {
            ("", _) => numbers::leading(rest, |c| !is_separator(c) && !c.is_ascii_digit()),
            digits => digits,
        };
        let transition = after.bytes().next().is_some_and(|c| !is_separator(c));
        let is_number = part.is_empty() || numbers::is_number(part);
        if transition && !is_number {
            part = full_word(part);
        }
        // A word after a dot counts as one after a hyphen.
        after_dot &= is_number;
        if !after_dot {
            drop_nothing(&mut found);
        }
        found.push(Token {
            after_dot,
            text: part,
            is_number,
        });
        if after.is_empty() {
            break;
        }
        after_dot = after.starts_with('.');
        rest = if transition { after } else { &after[1..] };
    }
    drop_nothing(&mut found);
    found
}

fn is_separator(character: u8) -> bool {
    matches!(character, b'.' | b'-' | b'_')
}

/// The word that one letter directly before a number stands for.
fn full_word(word: &str) -> &str {
    match word {
        "a" => "alpha",
        "b" => "beta",
        "m" => "milestone",
        other => other,
    }
}

fn drop_nothing(tokens: &mut Vec<Token<'_>>) {
    while tokens.last().is_some_and(Token::is_nothing) {
        tokens.pop();
    }
}

fn compare_tokens(a: &Token, b: &Token) -> Ordering {
    a.place().cmp(&b.place()).then_with(|| match a.is_number {
        true => numbers::compare(a.text, b.text),
        false => compare_words(a.text, b.text),
    })
}

/// The order of a token and the end of the other version.
fn compare_with_nothing(token: &Token) -> Ordering {
    match (token.is_number, token.after_dot) {
        (true, true) => numbers::compare(token.text, "0"),
        (true, false) => Ordering::Greater,
        (false, _) => compare_words(token.text, ""),
    }
}

/// The rank of a plain release.
const RELEASE: u8 = 5;
/// The rank of words that have no rank of their own.
const OTHER: u8 = 7;

fn rank(word: &str) -> u8 {
    match word {
        "alpha" => 0,
        "beta" => 1,
        "milestone" => 2,
        "rc" | "cr" => 3,
        "snapshot" => 4,
        "" | "final" | "ga" | "release" => RELEASE,
        "sp" => 6,
        _ => OTHER,
    }
}

fn compare_words(a: &str, b: &str) -> Ordering {
    let ranks = (rank(a), rank(b));
    match ranks {
        (OTHER, OTHER) => a.cmp(b),
        _ => ranks.0.cmp(&ranks.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ordered_before_and_after_the_release() {
        let rising = [
            "1-alpha2snapshot",
            "1-alpha2",
            "1-alpha-123",
            "1-beta-2",
            "1-beta123",
            "1-m2",
            "1-m11",
            "1-rc",
            "1-cr2",
            "1-snapshot",
            "1",
            "1-sp",
            "1-sp2",
            "1-abc",
            "1-1-snapshot",
            "1-1",
            "1-2",
            "1.1",
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
    fn spellings_of_one_version_are_equal() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("1.ga", "1-FINAL"),
            ("1.0.0-foo.0.0", "1-foo"),
            ("1.0.0-0.0.0", "1"),
            ("1a1", "1-alpha-1"),
            ("1.0.RC1", "1.0-cr1"),
            ("1x", "1.0.0-x"),
            ("2.0.Final", "2.0"),
            ("2.0.RELEASE", "2"),
        ] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} {b}");
        }
    }

    #[test]
    fn texts_with_white_space_are_not_compared() {
        assert_eq!(compare("1.0 beta", "1.0"), None);
        assert_eq!(compare("", "1.0"), None);
    }
}
