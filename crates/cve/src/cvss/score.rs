//! Scores in tenths, and the words for them.

use std::fmt;

/// A score from 0.0 to 10.0 in steps of 0.1, held as tenths, so that it is
/// compared and printed without rounding.
///
/// Source: CVSS v3.1 section 5; CVE Record Format `baseScore`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u8);

impl Score {
    /// The score of nothing at all.
    pub const ZERO: Score = Score(0);

    /// The score of `tenths` tenths.
    ///
    /// Gives: `None` above 100.
    pub fn from_tenths(tenths: u8) -> Option<Score> {
        (tenths <= 100).then_some(Score(tenths))
    }

    /// The score a number in a record stands for.
    ///
    /// Gives: `None` when `number` is not one of 0.0, 0.1, … 10.0.
    pub fn from_number(number: f64) -> Option<Score> {
        let tenths = (number * 10.0).round();
        let exact = (0.0..=100.0).contains(&tenths) && (tenths / 10.0 - number).abs() < 1e-9;
        exact.then_some(Score(tenths as u8))
    }

    /// Holds any whole number of tenths within 0.0 to 10.0.
    pub(super) fn clamped(tenths: i64) -> Score {
        Score(tenths.clamp(0, 100) as u8)
    }

    /// The score in tenths, 0 to 100.
    pub fn tenths(self) -> u8 {
        self.0
    }

    /// The score as a number, the nearest to its decimal text.
    pub fn number(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl fmt::Debug for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The word for a range of scores, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 0.0, in v3 and v4.
    None,
    /// 0.1 to 3.9; in v2 from 0.0.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9; in v2 up to 10.0.
    High,
    /// 9.0 to 10.0, in v3 and v4.
    Critical,
}

impl Severity {
    /// The word a v3 or v4 score has.
    ///
    /// Source: CVSS v3.1 section 5, v4.0 section 6.
    pub fn of(score: Score) -> Severity {
        match score.0 {
            0 => Severity::None,
            1..=39 => Severity::Low,
            40..=69 => Severity::Medium,
            70..=89 => Severity::High,
            _ => Severity::Critical,
        }
    }

    /// The word the NVD gives a v2 score; v2 itself defines none.
    ///
    /// Source: NVD, vulnerability metrics.
    pub fn of_v2(score: Score) -> Severity {
        match score.0 {
            0..=39 => Severity::Low,
            40..=69 => Severity::Medium,
            _ => Severity::High,
        }
    }

    /// The word as a CVE Record spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::None => "NONE",
            Severity::Low => "LOW",
            Severity::Medium => "MEDIUM",
            Severity::High => "HIGH",
            Severity::Critical => "CRITICAL",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_prints_with_one_decimal() {
        for (tenths, text) in [(0, "0.0"), (4, "0.4"), (98, "9.8"), (100, "10.0")] {
            assert_eq!(Score::from_tenths(tenths).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_number_with_two_decimals_is_no_score() {
        assert_eq!(Score::from_number(9.8).unwrap().tenths(), 98);
        for number in [9.85, -0.1, 10.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Score::from_number(number), None, "{number}");
        }
    }

    #[test]
    fn every_band_begins_where_the_specification_says() {
        for (tenths, word, word_v2) in [
            (0, "NONE", "LOW"),
            (1, "LOW", "LOW"),
            (39, "LOW", "LOW"),
            (40, "MEDIUM", "MEDIUM"),
            (69, "MEDIUM", "MEDIUM"),
            (70, "HIGH", "HIGH"),
            (89, "HIGH", "HIGH"),
            (90, "CRITICAL", "HIGH"),
            (100, "CRITICAL", "HIGH"),
        ] {
            let score = Score::from_tenths(tenths).unwrap();
            assert_eq!(Severity::of(score).as_str(), word, "{score}");
            assert_eq!(Severity::of_v2(score).as_str(), word_v2, "{score}");
        }
    }
}
