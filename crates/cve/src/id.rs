//! CVE IDs and the years they carry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A CVE ID in its one canonical spelling, such as `CVE-2026-0042`.
///
/// Always true: the year has four digits, the number at least four and at
/// most nineteen, padded with zeros to four and never beyond. Order is by
/// year, then by number.
///
/// Source: CVE Record Format `definitions/cveId`; cve-services section 7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CveId {
    year: Year,
    number: u64,
}

/// The largest number that fits in nineteen digits.
const MAX_NUMBER: u64 = 9_999_999_999_999_999_999;

impl CveId {
    /// Builds the ID of `number` in `year`.
    ///
    /// Gives: `None` when `number` has more than nineteen digits.
    pub fn new(year: Year, number: u64) -> Option<CveId> {
        (number <= MAX_NUMBER).then_some(CveId { year, number })
    }

    /// The year in the ID: year of reservation, publication or disclosure.
    ///
    /// Source: CNA Rules 4.2.19.
    pub fn year(self) -> Year {
        self.year
    }

    /// The number after the year, without padding.
    pub fn number(self) -> u64 {
        self.number
    }

    /// Says whether the ID is one of the invented ones, `CVE-1900-*`, which
    /// never go to the production service.
    ///
    /// Source: CNA Rules 5.4.
    pub fn is_example(self) -> bool {
        self.year.0 == 1900
    }
}

impl CveId {
    /// Its characters, and from where on they stand. A server writes an ID many
    /// times for each request, so they are made without a formatter.
    fn text(self) -> ([u8; LONGEST], usize) {
        let mut text = [b'0'; LONGEST];
        let mut start = LONGEST;
        let mut put = |byte| {
            start -= 1;
            text[start] = byte;
        };
        digits(self.number, &mut put);
        put(b'-');
        digits(u64::from(self.year.0), &mut put);
        b"-EVC".iter().copied().for_each(&mut put);
        (text, start)
    }
}

/// Characters of an ID whose number has nineteen digits.
const LONGEST: usize = 4 + 4 + 1 + 19;

/// Gives the digits of `number`, at least four, from the last to the first.
fn digits(mut number: u64, mut put: impl FnMut(u8)) {
    let mut places = 0;
    while places < 4 || number > 0 {
        // A remainder of ten is a digit.
        put(b'0' + (number % 10) as u8);
        number /= 10;
        places += 1;
    }
}

impl fmt::Display for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, start) = self.text();
        // Its letters, digits and hyphens are ASCII.
        f.write_str(std::str::from_utf8(&text[start..]).unwrap_or_default())
    }
}

impl fmt::Debug for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a CVE ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` is not a CVE ID: expected `CVE-YYYY-NNNN`, four digits of year and 4 to 19 of number"
)]
pub struct InvalidCveId {
    /// The text as it was given, cut to 64 characters.
    pub found: String,
}

impl FromStr for CveId {
    type Err = InvalidCveId;

    fn from_str(text: &str) -> Result<CveId, InvalidCveId> {
        parse_id(text).ok_or_else(|| InvalidCveId {
            found: text.chars().take(64).collect(),
        })
    }
}

fn parse_id(text: &str) -> Option<CveId> {
    let (year, number) = text.strip_prefix("CVE-")?.split_once('-')?;
    let year: Year = year.parse().ok()?;
    let digits = number.len();
    let canonical = digits == 4 || (digits > 4 && digits <= 19 && !number.starts_with('0'));
    if !canonical || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    CveId::new(year, number.parse().ok()?)
}

impl From<CveId> for String {
    fn from(id: CveId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for CveId {
    type Error = InvalidCveId;

    fn try_from(text: String) -> Result<CveId, InvalidCveId> {
        text.parse()
    }
}

/// A year as a CVE ID writes it: four digits, `0000` to `9999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Year(u16);

impl Year {
    /// Builds a year.
    ///
    /// Gives: `None` above 9999.
    pub fn new(year: u16) -> Option<Year> {
        (year <= 9999).then_some(Year(year))
    }

    /// The year as a number, 0 to 9999.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// Why a text is not a year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a year: expected four digits")]
pub struct InvalidYear {
    /// The text as it was given, cut to 64 characters.
    pub found: String,
}

impl FromStr for Year {
    type Err = InvalidYear;

    fn from_str(text: &str) -> Result<Year, InvalidYear> {
        let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        digits
            .then(|| text.parse().ok().map(Year))
            .flatten()
            .ok_or_else(|| InvalidYear {
                found: text.chars().take(64).collect(),
            })
    }
}

impl From<Year> for String {
    fn from(year: Year) -> String {
        year.to_string()
    }
}

impl TryFrom<String> for Year {
    type Error = InvalidYear;

    fn try_from(text: String) -> Result<Year, InvalidYear> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_below_one_thousand_is_padded_to_four_digits() {
        let id = CveId::new(Year::new(2026).unwrap(), 42).unwrap();
        assert_eq!(id.to_string(), "CVE-2026-0042");
    }

    #[test]
    fn the_longest_number_is_written_whole() {
        let id = CveId::new(Year::new(9999).unwrap(), MAX_NUMBER).unwrap();
        assert_eq!(id.to_string(), "CVE-9999-9999999999999999999");
    }

    #[test]
    fn the_first_year_and_number_fill_their_places() {
        let id = CveId::new(Year::new(0).unwrap(), 0).unwrap();
        assert_eq!(id.to_string(), "CVE-0000-0000");
    }

    #[test]
    fn ids_are_ordered_by_number_and_not_by_text() {
        let small: CveId = "CVE-2024-3000".parse().unwrap();
        let large: CveId = "CVE-2024-20000".parse().unwrap();
        assert!(small < large);
    }

    #[test]
    fn texts_that_are_not_canonical_are_refused() {
        for text in [
            "",
            "CVE-2024-123",
            "cve-2024-1234",
            "CVE-2024-00001",
            "CVE-24-1234",
            "CVE-2024-1234x",
            "CVE-2024-12345678901234567890",
            " CVE-2024-1234",
            "CVE-2024-１２３４",
            "CVE-+024-1234",
        ] {
            assert!(text.parse::<CveId>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn an_example_id_is_known_by_its_year() {
        assert!("CVE-1900-0001".parse::<CveId>().unwrap().is_example());
        assert!(!"CVE-2026-0001".parse::<CveId>().unwrap().is_example());
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_gives_the_same_id(year in 0u16..=9999, number in 0..=MAX_NUMBER) {
            let id = CveId::new(Year::new(year).unwrap(), number).unwrap();
            prop_assert_eq!(id.to_string().parse::<CveId>().unwrap(), id);
        }

        #[test]
        fn any_text_either_parses_to_itself_or_is_refused(text in "\\PC{0,40}") {
            if let Ok(id) = text.parse::<CveId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
