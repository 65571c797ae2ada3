//! `timestamp`: a date that exists, and a time of day.

/// Says whether `text` matches the schema's pattern, with its misplaced
/// bracket: 29 February of 19xx years is refused, and accepted is a year of
/// the two digits `19` on that day.
///
/// Source: CVE Record Format `definitions/timestamp`.
pub(super) fn matches_pattern(text: &[u8]) -> bool {
    if let Some(time) = text.strip_prefix(b"19-02-29T") {
        return is_time(time);
    }
    let Some((date, rest)) = text.split_first_chunk::<11>() else {
        return false;
    };
    is_date(date) && is_time(rest)
}

/// Two digits as a number; `None` when they are none.
#[inline(always)]
fn two(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    // Multiplied only when small: other bytes would overflow.
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

/// `YYYY-MM-DDT`.
#[inline(always)]
fn is_date(date: &[u8; 11]) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T'] = date else {
        return false;
    };
    let (Some(century), Some(year), Some(month), Some(day)) =
        (two(y1, y2), two(y3, y4), two(m1, m2), two(d1, d2))
    else {
        return false;
    };
    if !(19..30).contains(&century) || day == 0 {
        return false;
    }
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => day <= 31,
        4 | 6 | 9 | 11 => day <= 30,
        2 => day <= 28 || (day == 29 && is_leap_here(century, year)),
        _ => false,
    }
}

/// Leap years as the pattern spells them: none of the 20th century.
fn is_leap_here(century: u8, year: u8) -> bool {
    match year {
        0 => matches!(century, 20 | 24 | 28),
        _ => century != 19 && year.is_multiple_of(4),
    }
}

/// `hh:mm:ss`, perhaps a fraction, perhaps `Z` or an offset of any digits.
#[inline(always)]
fn is_time(text: &[u8]) -> bool {
    let Some((&[h1, h2, b':', m1, m2, b':', s1, s2], mut rest)) = text.split_first_chunk::<8>()
    else {
        return false;
    };
    let in_range = two(h1, h2).is_some_and(|hour| hour < 24)
        && two(m1, m2).is_some_and(|minute| minute < 60)
        && two(s1, s2).is_some_and(|second| second < 60);
    if !in_range {
        return false;
    }
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    match rest {
        [] | [b'Z'] => true,
        &[b'+' | b'-', h1, h2, b':', m1, m2] => two(h1, h2).is_some() && two(m1, m2).is_some(),
        _ => false,
    }
}

/// Says whether a text that matches the pattern is a `date-time` for
/// ajv-formats 2.1.1, which CVE Services runs: all are but the one with a
/// year of two digits. An offset may be missing there.
pub(super) fn is_date_time(text: &[u8]) -> bool {
    !text.starts_with(b"19-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_exists_is_accepted() {
        for text in [
            "2026-11-03T10:00:00.000Z",
            "2026-11-03T10:00:00",
            "2026-11-03T23:59:59.1+99:99",
            "1900-01-31T00:00:00Z",
            "2999-12-31T00:00:00-05:30",
            "2000-02-29T00:00:00",
            "2024-02-29T00:00:00",
            "2996-02-29T00:00:00",
        ] {
            assert!(matches_pattern(text.as_bytes()), "{text} was refused");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        for text in [
            "",
            "2026-11-03",
            "2026-11-03 10:00:00Z",
            "2026-11-31T10:00:00Z",
            "2023-02-29T00:00:00",
            "2100-02-29T00:00:00",
            "2026-00-01T00:00:00",
            "2026-01-00T00:00:00",
            "2026-13-01T00:00:00",
            "1899-01-01T00:00:00",
            "3000-01-01T00:00:00",
            "2026-11-03T24:00:00Z",
            "2026-11-03T10:00:60Z",
            "2026-11-03T10:00:00.Z",
            "2026-11-03T10:00:00z",
            "2026-11-03T10:00:00+0500",
            "2026-11-03T10:00:00Z\n",
            "2026-11-03T+0:00:00Z",
            "2026-11-\u{7f}3T10:00:00Z",
        ] {
            assert!(!matches_pattern(text.as_bytes()), "{text} was accepted");
        }
    }

    #[test]
    fn the_pattern_has_no_29_february_in_the_20th_century_but_in_a_year_19() {
        assert!(!matches_pattern(b"1996-02-29T00:00:00Z"));
        assert!(matches_pattern(b"19-02-29T00:00:00Z"));
        assert!(!matches_pattern(b"19-02-28T00:00:00Z"));
        assert!(!is_date_time(b"19-02-29T00:00:00Z"));
    }
}
