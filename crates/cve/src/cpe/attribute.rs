//! The value of one attribute.

use super::{Field, InvalidCpe};

/// The value of one attribute of a CPE name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Any value, `*`.
    Any,
    /// There is no such thing for this product, `-`.
    NotApplicable,
    /// A value as a formatted string writes it: punctuation but `.`, `-` and
    /// `_` with a backslash before it, wildcards without.
    Value(Value),
}

/// The text of an attribute, known to be well formed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Value(String);

/// Punctuation that stands in a value only behind a backslash.
const PUNCTUATION: &str = "\\*?!\"#$%&'()+,/:;<=>@[]^`{|}~";

impl Attribute {
    /// The value that means exactly `text`: punctuation is escaped, spaces
    /// become `_`, letters become lower case, as the dictionary writes names.
    ///
    /// Gives: `None` for a text that is empty, a lone `-`, or has a character
    /// no CPE name can hold.
    /// Source: NISTIR 7695 section 5.3.2; the official dictionary's usage.
    pub fn meaning(text: &str) -> Option<Attribute> {
        let mut value = String::with_capacity(text.len());
        for character in text.trim().chars() {
            match character.to_ascii_lowercase() {
                ' ' => value.push('_'),
                c if is_bare(c) => value.push(c),
                c if PUNCTUATION.contains(c) => value.extend(['\\', c]),
                _ => return None,
            }
        }
        let is_value = !value.is_empty() && value != "-";
        is_value.then_some(Attribute::Value(Value(value)))
    }

    /// The value as a formatted string writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Attribute::Any => "*",
            Attribute::NotApplicable => "-",
            Attribute::Value(value) => &value.0,
        }
    }

    /// What the value means, without its backslashes.
    ///
    /// Gives: `None` when it is open or has a wildcard, and so does not mean
    /// one text.
    pub fn plain(&self) -> Option<String> {
        match self {
            Attribute::Value(value) if !self.has_wildcard() => Some(unescaped(&value.0)),
            _ => None,
        }
    }

    /// Says whether the value begins or ends with a wildcard.
    pub fn has_wildcard(&self) -> bool {
        match self {
            Attribute::Value(value) => {
                let (before, _, after) = split_wildcards(&value.0);
                !before.is_empty() || !after.is_empty()
            }
            _ => false,
        }
    }

    /// The value as a well-formed name writes it.
    pub(super) fn wfn(&self) -> String {
        match self {
            Attribute::Any => "ANY".into(),
            Attribute::NotApplicable => "NA".into(),
            Attribute::Value(value) => {
                let quoted = value.0.replace('.', "\\.").replace('-', "\\-");
                format!("\"{quoted}\"")
            }
        }
    }

    /// Reads the value of `field` as a formatted string writes it.
    ///
    /// Takes: `position` is where `text` begins in the name.
    pub(super) fn read(text: &str, field: Field, position: usize) -> Result<Attribute, InvalidCpe> {
        match text {
            "" => return Err(InvalidCpe::Empty { position, field }),
            "*" => return Ok(Attribute::Any),
            "-" => return Ok(Attribute::NotApplicable),
            _ => {}
        }
        let (before, body, _) = split_wildcards(text);
        if body.is_empty() {
            return Err(InvalidCpe::Wildcard { position, field });
        }
        check_body(body, field, position + before.len())?;
        let value = Attribute::Value(Value(text.to_owned()));
        match (fits(field, &value), field) {
            (true, _) => Ok(value),
            (false, Field::Part) => Err(InvalidCpe::Part {
                position,
                found: text.to_owned(),
            }),
            (false, _) => Err(InvalidCpe::Language {
                position,
                found: text.to_owned(),
            }),
        }
    }
}

/// Says whether `field` may have `value`.
pub(super) fn fits(field: Field, value: &Attribute) -> bool {
    let Attribute::Value(Value(text)) = value else {
        return true;
    };
    match field {
        Field::Part => matches!(text.as_str(), "a" | "h" | "o" | "A" | "H" | "O"),
        Field::Language => is_language(text),
        _ => true,
    }
}

/// Two or three letters, then perhaps a region of two letters or three digits.
fn is_language(text: &str) -> bool {
    let (language, region) = match text.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (text, None),
    };
    let letters = |text: &str| text.bytes().all(|c| c.is_ascii_alphabetic());
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    matches!(language.len(), 2 | 3)
        && letters(language)
        && region.is_none_or(|region| {
            (region.len() == 2 && letters(region)) || (region.len() == 3 && digits(region))
        })
}

pub(super) fn is_bare(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_')
}

pub(super) fn is_punctuation(character: char) -> bool {
    PUNCTUATION.contains(character)
}

/// Splits a value into the wildcards it begins with, what is between, and
/// the wildcards it ends with: one `*`, or any number of `?`.
pub(super) fn split_wildcards(text: &str) -> (&str, &str, &str) {
    let begin = match text.strip_prefix('*') {
        Some(_) => 1,
        None => text.len() - text.trim_start_matches('?').len(),
    };
    let (before, rest) = text.split_at(begin);
    let end = match rest.strip_suffix('*') {
        Some(body) if !ends_in_escape(body) => body.len(),
        Some(_) => rest.len(),
        None => {
            let body = rest.trim_end_matches('?');
            // The first of the question marks may be an escaped one.
            body.len() + usize::from(body.len() < rest.len() && ends_in_escape(body))
        }
    };
    let (body, after) = rest.split_at(end);
    (before, body, after)
}

/// Says whether `text` ends in a backslash that escapes what comes next.
fn ends_in_escape(text: &str) -> bool {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

fn check_body(body: &str, field: Field, start: usize) -> Result<(), InvalidCpe> {
    let mut characters = body.char_indices();
    while let Some((at, character)) = characters.next() {
        let position = start + at;
        match character {
            '\\' => match characters.next() {
                Some((_, escaped)) if is_punctuation(escaped) => {}
                _ => return Err(InvalidCpe::Escape { position, field }),
            },
            '*' | '?' => return Err(InvalidCpe::Wildcard { position, field }),
            c if is_bare(c) => {}
            found => {
                return Err(InvalidCpe::Character {
                    position,
                    field,
                    found,
                });
            }
        }
    }
    Ok(())
}

/// `text` with each backslash taken from before the character it escapes.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}
