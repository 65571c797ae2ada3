//! The age of a record: a number in whose order records lie, by when they were
//! stored first.
//!
//! It is the millisecond, and below it the end of the number of its CVE ID. So a
//! new record is added behind the last, and nodes that store at the same moment
//! hardly ever want the same age. Where one is taken, the record comes after all
//! others of about that moment.

use std::collections::BTreeSet;

use cve::id::CveId;
use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::tx::Tx;

/// How many ages a millisecond has. All milliseconds up to the year 9999 fit
/// into 63 bits with it.
const AGES_PER_MS: i64 = 32_768;

/// How far behind its moment a record may come whose age was taken. It has room
/// for 32 million.
const BEHIND_MS: i64 = 1_000;

/// The first age of a moment.
fn first(at: Timestamp) -> i64 {
    at.unix_ms() * AGES_PER_MS
}

/// An age that comes after those of all records stored up to `at`.
pub(crate) fn after(at: Timestamp) -> i64 {
    (at.unix_ms() + BEHIND_MS) * AGES_PER_MS
}

/// An age that comes before those of all records stored from `at` on.
pub(crate) fn before(at: Timestamp) -> i64 {
    first(at) - 1
}

/// The age that a record of `id` stored at `at` has unless it was taken.
pub(crate) fn wanted(at: Timestamp, id: CveId) -> i64 {
    // Fits: a remainder of a small number.
    first(at) + (id.number() % AGES_PER_MS as u64) as i64
}

/// Ages that differ from each other, none far behind its moment.
fn apart(records: &[(Timestamp, CveId)]) -> Vec<i64> {
    let mut taken = BTreeSet::new();
    let ages = records.iter().map(|(at, id)| {
        let mut age = wanted(*at, *id);
        if !taken.insert(age) {
            // Not empty: the one wanted is in it.
            let last = taken.range(age..after(*at)).next_back();
            age = last.map_or(age, |last| last + 1);
            taken.insert(age);
        }
        age
    });
    ages.collect()
}

impl Tx<'_> {
    /// Ages for the first records of many IDs, no two the same, in their order.
    ///
    /// That none of them was stored before is only looked up for one alone. When
    /// one was, storing many fails, and then each is stored alone.
    pub(crate) fn record_ages(
        &mut self,
        records: &[(Timestamp, CveId)],
    ) -> Result<Vec<i64>, Error> {
        if let [(at, id)] = records {
            return Ok(vec![self.record_age(*at, *id)?]);
        }
        Ok(apart(records))
    }

    /// An age for the first record of an ID that no record has.
    pub(crate) fn record_age(&mut self, at: Timestamp, id: CveId) -> Result<i64, Error> {
        let wanted = wanted(at, id);
        let row = self.first("select 1 from records where age = ?1", params![wanted])?;
        if row.is_none() {
            return Ok(wanted);
        }
        let row = self.first(
            "select max(age) from records where age >= ?1 and age < ?2",
            params![wanted, after(at)],
        )?;
        // There is one, the one that has the age.
        Ok(row.map_or(Ok(wanted), |row| row.int(0))? + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_whose_age_is_taken_comes_behind_its_moment_and_not_behind_a_later_one() {
        let at = |ms| Timestamp::from_unix_ms(ms).unwrap();
        let id = |text: &str| text.parse().unwrap();
        let ages = apart(&[
            (at(1_000), id("CVE-2026-0001")),
            (at(9_000), id("CVE-2026-0002")),
            (at(1_000), id("CVE-2025-0001")),
        ]);
        let first = 1_000 * AGES_PER_MS + 1;
        assert_eq!(ages, [first, 9_000 * AGES_PER_MS + 2, first + 1]);
    }
}
