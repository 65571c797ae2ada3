//! Numbers as JavaScript has them, and the few the schema asks for.

/// The number that `text` writes, infinite when it is too large.
///
/// Takes: a number as JSON writes it.
pub(super) fn value_of(text: &[u8]) -> f64 {
    // JSON's numbers are ASCII, and Rust reads all of them as JavaScript does.
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}

/// The number in tenths when it is one of 0, 0.1, …, 10; `4.40` and `44e-1`
/// are.
///
/// Source: CVE Record Format, `scoreType` of CVSS 3 and 4.
#[inline]
pub(super) fn tenths(text: &[u8]) -> Option<u8> {
    match *text {
        [ones @ b'0'..=b'9'] => Some((ones - b'0') * 10),
        [ones @ b'0'..=b'9', b'.', tenths @ b'0'..=b'9'] => {
            Some((ones - b'0') * 10 + tenths - b'0')
        }
        [b'1', b'0'] => Some(100),
        _ => {
            let number = value_of(text);
            (0..=100_u8).find(|tenths| number == f64::from(*tenths) / 10.0)
        }
    }
}

/// Says whether `text` writes a finite whole number from 1.
///
/// Source: CVE Record Format `definitions/cveMetadataPublished`, `serial`.
pub(super) fn is_serial(text: &[u8]) -> bool {
    let number = value_of(text);
    number.is_finite() && number >= 1.0 && number.fract() == 0.0
}

/// Says whether a number is surely written as one who has read it writes it: a
/// whole one of at most nine digits, or a fraction of at most three that does
/// not end in a zero it could do without.
///
/// Takes: a number as JSON writes it.
pub fn is_spare_number(number: &[u8]) -> bool {
    let mut parts = number.split(|byte| *byte == b'.');
    let whole = parts.next().unwrap_or_default();
    let is_whole = whole.len() <= 9 && whole.iter().all(u8::is_ascii_digit);
    is_whole
        && parts.next().is_none_or(|fraction| {
            fraction.len() <= 3
                && fraction.iter().all(u8::is_ascii_digit)
                && (fraction == b"0" || fraction.last() != Some(&b'0'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_judged_by_its_number_and_not_by_its_spelling() {
        for (text, want) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("-0.0", Some(0)),
            ("9.8", Some(98)),
            ("9.80", Some(98)),
            ("98e-1", Some(98)),
            ("1E1", Some(100)),
            ("10", Some(100)),
            ("10.0", Some(100)),
            ("0.3", Some(3)),
            ("9.79999999999999999999", Some(98)),
            ("9.85", None),
            ("10.1", None),
            ("-0.1", None),
            ("1e400", None),
        ] {
            assert_eq!(tenths(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn a_serial_is_whole_and_finite() {
        for text in [
            "1",
            "1.0",
            "1e0",
            "10e-1",
            "1e300",
            "123456789012345678901234567890",
        ] {
            assert!(is_serial(text.as_bytes()), "{text} was refused");
        }
        for text in ["0", "-0", "-1", "0.5", "1.5", "1e400"] {
            assert!(!is_serial(text.as_bytes()), "{text} was accepted");
        }
    }
}
