//! Organisations as the Program names them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The short name of an organisation, such as `kubernetes`.
///
/// Always true: 2 to 32 characters, no white space at the ends, no control
/// characters. Compared case-sensitively, as CVE Services does.
///
/// Source: CVE Record Format `definitions/shortName`; cve-services section 4.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ShortName(String);

impl ShortName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ShortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a text is not a short name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a short name: expected 2 to 32 characters")]
pub struct InvalidShortName {
    /// The text as it was given, cut to 64 characters.
    pub found: String,
}

impl FromStr for ShortName {
    type Err = InvalidShortName;

    fn from_str(text: &str) -> Result<ShortName, InvalidShortName> {
        let length = text.chars().count();
        let fits = (2..=32).contains(&length)
            && text.trim() == text
            && !text.chars().any(char::is_control);
        if fits {
            Ok(ShortName(text.to_owned()))
        } else {
            Err(InvalidShortName {
                found: text.chars().take(64).collect(),
            })
        }
    }
}

impl From<ShortName> for String {
    fn from(name: ShortName) -> String {
        name.0
    }
}

impl TryFrom<String> for ShortName {
    type Error = InvalidShortName;

    fn try_from(text: String) -> Result<ShortName, InvalidShortName> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_has_2_to_32_characters() {
        for (text, accepted) in [
            ("a", false),
            ("ab", true),
            (&"x".repeat(32), true),
            (&"x".repeat(33), false),
            (" ab", false),
            ("a\nb", false),
        ] {
            assert_eq!(text.parse::<ShortName>().is_ok(), accepted, "{text:?}");
        }
    }

    #[test]
    fn case_distinguishes_short_names() {
        let upper: ShortName = "MITRE".parse().unwrap();
        let lower: ShortName = "mitre".parse().unwrap();
        assert_ne!(upper, lower);
    }
}
