//! The year of an ID.
//!
//! Source: CNA Rules 4.2.19; process F1.

use serde::Serialize;

/// On what the year rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum YearGround {
    /// The year it was first Publicly Disclosed.
    FirstDisclosed,
    /// The year its record is first published.
    FirstPublished,
    /// The year it was reserved for this vulnerability.
    Reserved,
}

impl YearGround {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            YearGround::FirstDisclosed => "first_disclosed",
            YearGround::FirstPublished => "first_published",
            YearGround::Reserved => "reserved",
        }
    }

    /// Reads the word.
    pub fn of(word: &str) -> Option<YearGround> {
        let all = [
            YearGround::FirstDisclosed,
            YearGround::FirstPublished,
            YearGround::Reserved,
        ];
        all.into_iter().find(|ground| ground.as_str() == word)
    }
}

/// The years a case knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Years {
    /// When it was first Publicly Disclosed.
    pub disclosed: Option<u16>,
    /// When its record is first published.
    pub published: Option<u16>,
    /// When the ID was, or is to be, reserved for it.
    pub reserved: Option<u16>,
}

impl Years {
    /// The year of a ground, where it is known.
    pub fn of(&self, ground: YearGround) -> Option<u16> {
        match ground {
            YearGround::FirstDisclosed => self.disclosed,
            YearGround::FirstPublished => self.published,
            YearGround::Reserved => self.reserved,
        }
    }

    /// The year an ID gets: by the chosen ground, or by that of the first
    /// disclosure for what is public already and of the reservation for the
    /// rest.
    pub fn choose(&self, chosen: Option<YearGround>, is_public: bool) -> Option<(YearGround, u16)> {
        let usual = match is_public {
            true => [YearGround::FirstDisclosed, YearGround::Reserved],
            false => [YearGround::Reserved, YearGround::FirstDisclosed],
        };
        match chosen {
            Some(ground) => self.of(ground).map(|year| (ground, year)),
            None => usual
                .into_iter()
                .find_map(|ground| self.of(ground).map(|year| (ground, year))),
        }
    }

    /// Whether an ID of this year is allowed.
    pub fn allow(&self, year: u16) -> bool {
        [self.disclosed, self.published, self.reserved].contains(&Some(year))
    }
}

/// Whether IDs of a year can be reserved on a day.
///
/// Takes: the day as year, month, day.
/// Source: process section 4: the next year opens 90 days before it begins;
/// 1999 is the first.
pub fn may_reserve(year: u16, day: (u16, u8, u8)) -> Result<(), &'static str> {
    let (this, month, date) = day;
    if year < 1999 {
        return Err("before_1999");
    }
    if year <= this || (year == this + 1 && (month, date) >= (10, 3)) {
        return Ok(());
    }
    Err("CANNOT_RESERVE_FOR_YEAR")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_year_opens_ninety_days_before_it_begins() {
        assert_eq!(
            may_reserve(2027, (2026, 10, 2)),
            Err("CANNOT_RESERVE_FOR_YEAR")
        );
        assert_eq!(may_reserve(2027, (2026, 10, 3)), Ok(()));
        assert_eq!(may_reserve(1998, (2026, 10, 3)), Err("before_1999"));
    }

    #[test]
    fn what_is_public_gets_the_year_it_became_so() {
        let years = Years {
            disclosed: Some(2016),
            published: None,
            reserved: Some(2024),
        };
        assert_eq!(
            years.choose(None, true),
            Some((YearGround::FirstDisclosed, 2016))
        );
        assert_eq!(
            years.choose(None, false),
            Some((YearGround::Reserved, 2024))
        );
        assert!(years.allow(2024) && !years.allow(2020));
    }
}
