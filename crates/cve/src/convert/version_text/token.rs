//! The words and signs of a text.

use crate::versions::Operator;

/// One word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An operator; the text is as it was written.
    Sign(Operator, &'a str),
    /// An operator that is not read.
    Foreign(&'a str),
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `||`
    Either,
    /// `&` or `&&`
    Both,
    /// A dash with space around it, or a long one.
    Dash,
    /// Anything else up to the next space or sign.
    Word(&'a str),
}

impl<'a> Token<'a> {
    /// The token as it was written.
    pub(super) fn text(&self) -> &'a str {
        match self {
            Token::Sign(_, text) | Token::Foreign(text) | Token::Word(text) => text,
            Token::Comma => ",",
            Token::Semicolon => ";",
            Token::Either => "||",
            Token::Both => "&",
            Token::Dash => "-",
        }
    }

    /// Says whether it is this word, in any letter case.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

/// Signs as they are written, longer ones first. `=<` and `=>` are the same
/// two characters as `<=` and `>=`, and no other reading of them is possible.
const SIGNS: [(&str, Operator); 10] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=<", Operator::LessOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("≤", Operator::LessOrEqual),
    ("≥", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// Operators that are not read, longer ones first.
const FOREIGN: [&str; 6] = ["~>", "~=", "!=", "<>", "^", "~"];

/// Splits a text into its words and signs.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, length) = first(rest);
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    // A full stop ends the sentence, not the last version.
    if let Some(Token::Word(last)) = tokens.last_mut() {
        *last = last.strip_suffix('.').unwrap_or(last);
    }
    tokens.retain(|token| !matches!(token, Token::Word("")));
    tokens
}

/// The first token, and how many bytes it takes.
fn first(text: &str) -> (Token<'_>, usize) {
    for operator in FOREIGN {
        if text.starts_with(operator) {
            return (Token::Foreign(&text[..operator.len()]), operator.len());
        }
    }
    for (sign, operator) in SIGNS {
        if text.starts_with(sign) {
            return (Token::Sign(operator, &text[..sign.len()]), sign.len());
        }
    }
    for (mark, token) in [
        ("||", Token::Either),
        ("&&", Token::Both),
        ("&", Token::Both),
        (",", Token::Comma),
        (";", Token::Semicolon),
        ("–", Token::Dash),
        ("—", Token::Dash),
    ] {
        if text.starts_with(mark) {
            return (token, mark.len());
        }
    }
    let end = word_end(text);
    match &text[..end] {
        "-" => (Token::Dash, end),
        word => (Token::Word(unquoted(word)), end),
    }
}

/// Where the word that `text` begins with ends. Brackets keep what is
/// inside them together with the word, as in `5.21(AAZF.17)C0`.
fn word_end(text: &str) -> usize {
    let mut depth = 0_u32;
    for (place, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if c.is_whitespace() => return place,
            ',' | ';' if depth == 0 => return place,
            '<' | '>' | '=' | '≤' | '≥' | '|' | '&' | '–' | '—' if place > 0 => {
                return place;
            }
            _ => {}
        }
    }
    text.len()
}

/// A word without the quotation marks around it.
fn unquoted(word: &str) -> &str {
    let inner = word
        .strip_prefix('"')
        .and_then(|word| word.strip_suffix('"'));
    inner.filter(|inner| !inner.is_empty()).unwrap_or(word)
}

/// Words that make a text more than the name of one version.
const RANGE_WORDS: [&str; 36] = [
    "above",
    "after",
    "all",
    "before",
    "below",
    "between",
    "commits",
    "earlier",
    "ending",
    "except",
    "excluding",
    "exclusive",
    "from",
    "higher",
    "inclusive",
    "including",
    "later",
    "lower",
    "newer",
    "older",
    "onward",
    "onwards",
    "previous",
    "prior",
    "since",
    "starting",
    "than",
    "through",
    "thru",
    "to",
    "until",
    "up",
    "upwards",
    "versions",
    "releases",
    "anything",
];

/// Says whether the tokens say more than one version or name: a sign, a list
/// or a word of ranges is among them.
pub(super) fn says_more_than_one(tokens: &[Token<'_>]) -> bool {
    // A lone dash is a placeholder.
    if tokens == [Token::Dash] {
        return false;
    }
    tokens.iter().any(|token| match token {
        Token::Word(word) => {
            let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let range = RANGE_WORDS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(bare));
            // `and` joins versions; in a name it says nothing of ranges.
            range
                || bare.eq_ignore_ascii_case("and")
                || bare.eq_ignore_ascii_case("or")
                || is_series_word(word)
        }
        _ => true,
    })
}

/// Says whether a word is a series such as `2.x`.
pub(super) fn is_series_word(word: &str) -> bool {
    series(word).is_some()
}

/// The series that a word such as `2.x`, `2.*` or `16.09.xxxx` stands for.
pub(super) fn series(word: &str) -> Option<&str> {
    let mut rest = word;
    while let Some((head, last)) = rest.rsplit_once('.') {
        let any = last == "*" || (!last.is_empty() && last.bytes().all(|c| c == b'x' || c == b'X'));
        if !any {
            break;
        }
        rest = head;
    }
    let is_version = rest
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'v' | 'V' | 'r' | 'R'))
        && rest.contains(|c: char| c.is_ascii_digit())
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    (rest.len() < word.len() && is_version).then_some(rest)
}
