//! What a single word can be: a version, a commit, a qualifier.

use super::token::Token;

/// A word without `version` or `ver.` stuck to it, and whether it was there.
pub(super) fn without_glued_label(word: &str) -> (&str, bool) {
    for label in ["version.", "version", "ver.", "ver"] {
        if let Some(head) = word.get(..label.len())
            && head.eq_ignore_ascii_case(label)
            && word[label.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
            && word[label.len()..].contains(|c: char| c.is_ascii_digit())
        {
            return (&word[label.len()..], true);
        }
    }
    (word, false)
}

/// Says whether a word is a version by itself: it begins with a digit, or
/// with `v`, `V`, `r` or `R` and a digit.
pub(super) fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix(['v', 'V', 'r', 'R']).unwrap_or(word);
    bare.starts_with(|c: char| c.is_ascii_digit()) && has_version_letters(word) && !is_ordinal(word)
}

/// Says whether a word can be a version where a sign or label says it is one.
pub(super) fn is_letter_led_version(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.contains(|c: char| c.is_ascii_digit())
        && has_version_letters(word)
}

pub(super) fn has_version_letters(word: &str) -> bool {
    let open = word.matches('(').count();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-+~()".contains(c);
    let epoch = word
        .split_once(':')
        .filter(|(epoch, _)| !epoch.is_empty() && epoch.bytes().all(|c| c.is_ascii_digit()));
    let rest = epoch.map_or(word, |(_, rest)| rest);
    rest.chars().all(allowed) && open == word.matches(')').count()
}

/// `4th`, `1st`: part of a name.
pub(super) fn is_ordinal(word: &str) -> bool {
    let end = word.trim_start_matches(|c: char| c.is_ascii_digit());
    matches!(end.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th")
}

/// Says whether a word can only be a commit: a full hash.
pub(super) fn is_commit(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && word.bytes().all(|c| c.is_ascii_hexdigit())
}

/// Says whether a word may be a commit cut short: at least seven hexadecimal
/// digits, letters among them.
pub(super) fn is_short_commit(word: &str) -> bool {
    (7..40).contains(&word.len())
        && word
            .bytes()
            .all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
        && word.bytes().any(|c| c.is_ascii_alphabetic())
}

/// Says whether a version has no dot: such a list may be one version too.
pub(super) fn is_bare_number(version: &str) -> bool {
    !version.contains('.')
}

/// Says whether one of several versions looks more like a measure, as `2kW`:
/// it has no dot, and more than a letter behind its digits.
pub(super) fn is_odd_item(version: &str) -> bool {
    let letters = version.trim_start_matches(|c: char| c.is_ascii_digit());
    is_bare_number(version)
        && letters.len() > 1
        && letters.len() < version.len()
        && letters.bytes().all(|c| c.is_ascii_alphabetic())
}

/// Words that belong to the version before them, alone or with a number.
pub(super) const QUALIFIERS: [&str; 22] = [
    "sp", "hf", "uc", "u", "cu", "fp", "if", "rc", "update", "patch", "hotfix", "build", "rev",
    "revision", "alpha", "beta", "lts", "cd", "ga", "pack", "mr", "dev",
];

/// How many of the next words qualify the version before: `SP1`, `Update 13`,
/// `Service Pack 2`.
pub(super) fn qualifier(tokens: &[Token<'_>]) -> Option<usize> {
    let word_at = |place: usize| match tokens.get(place) {
        Some(Token::Word(word)) => word.to_ascii_lowercase(),
        _ => String::new(),
    };
    let service = usize::from(word_at(0) == "service" && word_at(1).starts_with("pack"));
    let word = word_at(service);
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // `U3d` has a letter after its number.
    let letters = letters.trim_end_matches(|c: char| {
        c.is_ascii_lowercase() && letters.contains(|d: char| d.is_ascii_digit())
    });
    let letters = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    if !QUALIFIERS.contains(&letters)
        || !word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'.')
    {
        return None;
    }
    let number = word_at(service + 1);
    let numbered = letters.len() == word.len()
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    let stands_alone = matches!(letters, "lts" | "cd" | "ga" | "alpha" | "beta" | "dev");
    let has_number = letters.len() < word.len();
    (numbered || has_number || stands_alone).then_some(service + 1 + usize::from(numbered))
}
