//! The key of a CVE ID: a number in whose order IDs lie beside each other.
//!
//! Numbers are given in rising order, so a new ID is added behind the last of
//! its year. In the order of its text it would stand between others, and the
//! tree around it would be evened out again and again.

use cve::id::CveId;

use crate::engine::Param;

/// Numbers below this, all that were ever given, stand in the key as they are.
const NUMBERS: i64 = 100_000_000_000_000;

/// What is kept of a longer one, beside its year.
const LAST_DIGITS: i64 = 10_000_000_000_000;

/// The key of an ID.
///
/// Up to fourteen digits, every ID has its own. Two longer ones of one year
/// have the same when their last thirteen digits are equal; the second of them
/// is then refused as one that exists. Whoever looks for one by its key compares
/// the text too.
pub(crate) fn of(id: CveId) -> Param<'static> {
    Param::Int(key(id))
}

fn key(id: CveId) -> i64 {
    let year = i64::from(id.year().number());
    // As `number` is kept, in a column of 64 bits with a sign.
    let number = id.number() as i64;
    if (0..NUMBERS).contains(&number) {
        year * NUMBERS + number
    } else {
        -((number % LAST_DIGITS).abs() * 10_000 + year) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key_of(id: &str) -> i64 {
        key(id.parse().unwrap())
    }

    #[test]
    fn keys_follow_the_year_and_the_number() {
        assert_eq!(key_of("CVE-2026-0042"), 202_600_000_000_000_042);
        assert_eq!(key_of("CVE-9999-99999999999999"), 999_999_999_999_999_999);
    }

    #[test]
    fn a_number_of_nineteen_digits_has_a_key_below_all_others() {
        assert_eq!(
            key_of("CVE-2026-1234567890123456789"),
            -78_901_234_567_892_027
        );
        assert!(key_of("CVE-9999-9999999999999999999") < 0);
    }

    proptest! {
        #[test]
        fn ids_of_up_to_fourteen_digits_stand_in_the_order_of_their_keys(
            one in (0u16..=9999, 0u64..100_000_000_000_000),
            other in (0u16..=9999, 0u64..100_000_000_000_000),
        ) {
            let [one, other] = [one, other].map(|(year, number)| {
                format!("CVE-{year:04}-{number:04}").parse::<CveId>().unwrap()
            });
            prop_assert_eq!(key(one).cmp(&key(other)), one.cmp(&other));
        }
    }
}
