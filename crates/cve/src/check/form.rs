//! The patterns and formats of the record's texts, matched by hand.
//!
//! Each matcher takes the whole text as bytes and accepts exactly what the
//! schema's regular expression accepts in ECMAScript with the `u` flag, as
//! ajv compiles it: `$` is the end of the text and not of a line, and `.`
//! stands for no line end. `docs/record-format.md` lists the surprises.

mod cpe;
mod timestamp;
mod uri;
mod vector;

use std::fmt;

/// What a text must look like, beside its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Anything.
    Plain,
    /// `uriType`, format `uri` of ajv-formats in mode "full".
    Uri,
    /// `uuidType`.
    Uuid,
    /// `cveId`.
    CveId,
    /// `timestamp`, by its pattern alone.
    Timestamp,
    /// `timestamp` of 5.0, which has `format: date-time` beside the pattern.
    DateTime,
    /// `language`.
    Language,
    /// `cweId`.
    Cwe,
    /// `capecId`.
    Capec,
    /// `cpe22and23`.
    Cpe,
    /// `cpe23`.
    Cpe23,
    /// `dataVersion`.
    Version,
    /// `vectorString` of CVSS 2.0.
    Vector2,
    /// `vectorString` of CVSS 3.0.
    Vector30,
    /// `vectorString` of CVSS 3.1.
    Vector31,
    /// `vectorString` of CVSS 4.0.
    Vector4,
}

impl Form {
    /// Says whether `text` has this form.
    #[inline]
    pub(super) fn accepts(self, text: &[u8]) -> bool {
        match self {
            Form::Plain => true,
            Form::Uri => uri::is_uri(text),
            Form::Uuid => is_uuid(text),
            Form::CveId => is_cve_id(text),
            Form::Timestamp => timestamp::matches_pattern(text),
            Form::DateTime => timestamp::matches_pattern(text) && timestamp::is_date_time(text),
            Form::Language => is_language(text),
            Form::Cwe => text.strip_prefix(b"CWE-").is_some_and(is_count),
            Form::Capec => text
                .strip_prefix(b"CAPEC-")
                .is_some_and(|digits| digits.len() <= 5 && is_count(digits)),
            Form::Cpe => cpe::has_cpe(text),
            Form::Cpe23 => cpe::has_cpe_23(text),
            Form::Version => is_data_version(text),
            Form::Vector2 => vector::is_vector_2(text),
            Form::Vector30 => vector::is_vector_30(text),
            Form::Vector31 => vector::is_vector_31(text),
            Form::Vector4 => vector::is_vector_4(text),
        }
    }

    /// Whether ajv calls it a `format` rather than a `pattern`.
    pub(super) fn is_format(self) -> bool {
        self == Form::Uri
    }
}

/// The form in words, as the object of "expected".
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Plain => "a text",
            Form::Uri => "an address such as `https://example.org/advisory`",
            Form::Uuid => {
                "a random UUID (version 4) such as `9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5f`"
            }
            Form::CveId => "a CVE ID such as `CVE-2026-0042`",
            Form::Timestamp | Form::DateTime => "a time such as `2026-11-03T10:00:00.000Z`",
            Form::Language => "a language such as `en` or `pt-BR`",
            Form::Cwe => "a CWE ID such as `CWE-79`",
            Form::Capec => "a CAPEC ID such as `CAPEC-63`",
            Form::Cpe => "a CPE name such as `cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*`",
            Form::Cpe23 => "a CPE 2.3 name such as `cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*`",
            Form::Version => "a version of the record format such as `5.2` or `5.2.0`",
            Form::Vector2 => "a CVSS 2.0 vector such as `AV:N/AC:L/Au:N/C:P/I:P/A:P`",
            Form::Vector30 => {
                "a CVSS 3.0 vector such as `CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`"
            }
            Form::Vector31 => {
                "a CVSS 3.1 vector such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`"
            }
            Form::Vector4 => {
                "a CVSS 4.0 vector, metrics in the order of its specification, such as \
                 `CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N`"
            }
        })
    }
}

/// Digits without a leading zero, at least one.
fn is_count(digits: &[u8]) -> bool {
    digits.first().is_some_and(|first| *first != b'0') && digits.iter().all(u8::is_ascii_digit)
}

fn is_uuid(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else {
        return false;
    };
    let mut good = true;
    for (at, byte) in text.iter().enumerate() {
        good &= match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => byte.is_ascii_hexdigit(),
        };
    }
    good
}

fn is_cve_id(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"CVE-") else {
        return false;
    };
    let Some((year, rest)) = rest.split_first_chunk::<4>() else {
        return false;
    };
    let Some((b'-', number)) = rest.split_first() else {
        return false;
    };
    year.iter().all(u8::is_ascii_digit)
        && (4..=19).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
}

fn is_data_version(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"5.") else {
        return false;
    };
    let mut parts = rest.split(|byte| *byte == b'.');
    let all = parts
        .by_ref()
        .take(2)
        .all(|part| part == b"0" || is_count(part));
    all && parts.next().is_none()
}

/// Two to four letters, then perhaps a script of four letters, then perhaps
/// a region of two letters or three digits.
fn is_language(text: &[u8]) -> bool {
    if text == b"en" {
        return true;
    }
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if !(2..=4).contains(&letters) {
        return false;
    }
    let rest = &text[letters..];
    is_region(rest) || script(rest).is_some_and(is_region)
}

/// What follows the script at the start of `rest`, when there is one.
fn script(rest: &[u8]) -> Option<&[u8]> {
    let [b'_' | b'-', rest @ ..] = rest else {
        return None;
    };
    let (letters, rest) = rest.split_first_chunk::<4>()?;
    letters.iter().all(u8::is_ascii_alphabetic).then_some(rest)
}

/// Nothing, or a separator and a region.
fn is_region(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [b'_' | b'-', region @ ..] => match region.len() {
            2 => region.iter().all(u8::is_ascii_alphabetic),
            3 => region.iter().all(u8::is_ascii_digit),
            _ => false,
        },
        _ => false,
    }
}

/// Says whether a text that is a `language` is an `englishLanguage` too.
pub(super) fn is_english(language: &[u8]) -> bool {
    match language {
        [b'e', b'n', rest @ ..] => matches!(rest, [] | [b'_' | b'-', ..]),
        _ => false,
    }
}

/// Says whether `text` is a `tagExtension` but for its length: `^x_.*$`.
pub(super) fn is_extension_tag(text: &[u8]) -> bool {
    // Line ends of ECMAScript: LF, CR, U+2028 and U+2029.
    text.starts_with(b"x_")
        && !text.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
        && !text
            .windows(3)
            .any(|three| matches!(three, [0xe2, 0x80, 0xa8 | 0xa9]))
}

/// Says whether `key` is an extension key: `^x_[^.]*$`.
pub(super) fn is_extension_key(key: &[u8]) -> bool {
    key.starts_with(b"x_") && !key.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: Form, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(form.accepts(text.as_bytes()), "{form:?} refuses {text:?}");
        }
        for text in bad {
            assert!(!form.accepts(text.as_bytes()), "{form:?} accepts {text:?}");
        }
    }

    #[test]
    fn a_language_may_have_a_script_and_a_region() {
        check(
            Form::Language,
            &[
                "en",
                "eng",
                "abcd",
                "en-US",
                "en_Latn",
                "en-Latn-US",
                "es-419",
                "EN",
                "zh_Hans_CN",
            ],
            &[
                "",
                "e",
                "abcde",
                "en-",
                "en-U",
                "en-Lat",
                "en-US-Latn",
                "en-4199",
                "en\n",
                "én",
            ],
        );
    }

    #[test]
    fn english_is_written_in_lower_case() {
        assert!(
            ["en", "en-US", "en_Latn-GB"]
                .iter()
                .all(|text| is_english(text.as_bytes()))
        );
        assert!(
            !["eng", "EN", "En", "de", "ena"]
                .iter()
                .any(|text| is_english(text.as_bytes()))
        );
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        check(
            Form::Uuid,
            &[
                "9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5f",
                "9F2C7A10-5D1E-4B6A-BC3F-0A1B2C3D4E5F",
            ],
            &[
                "",
                "9f2c7a10-5d1e-1b6a-8c3f-0a1b2c3d4e5f",
                "9f2c7a10-5d1e-4b6a-cc3f-0a1b2c3d4e5f",
                "9f2c7a105d1e4b6a8c3f0a1b2c3d4e5f",
                "9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5f\n",
                "9f2c7a10-5d1e-4b6a-8c3f-0a1b2c3d4e5g",
            ],
        );
    }

    #[test]
    fn the_pattern_of_a_cve_id_lets_leading_zeros_through() {
        check(
            Form::CveId,
            &[
                "CVE-1900-0001",
                "CVE-2024-00001",
                "CVE-0000-1234567890123456789",
            ],
            &[
                "CVE-2024-123",
                "cve-2024-1234",
                "CVE-2024-12345678901234567890",
                "CVE-20240-1234",
            ],
        );
    }

    #[test]
    fn a_data_version_has_two_or_three_parts() {
        check(
            Form::Version,
            &["5.0", "5.1", "5.1.1", "5.99.100"],
            &[
                "5", "5.", "5.01", "5.1.", "5.1.1.1", "4.0", "5.1.01", "5.1\n",
            ],
        );
    }

    #[test]
    fn weakness_and_attack_ids_have_no_leading_zero() {
        check(
            Form::Cwe,
            &["CWE-1", "CWE-79"],
            &["CWE-", "CWE-0", "CWE-079", "cwe-79", "79"],
        );
        check(
            Form::Capec,
            &["CAPEC-1", "CAPEC-12345"],
            &["CAPEC-0", "CAPEC-123456", "CAPEC-"],
        );
    }

    #[test]
    fn an_extension_tag_ends_at_no_line_end() {
        assert!(is_extension_tag(b"x_") && is_extension_tag("x_ä.b".as_bytes()));
        for text in ["x", "y_a", "x_a\nb", "x_a\r", "x_\u{2028}", "x_\u{2029}"] {
            assert!(!is_extension_tag(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn an_extension_key_has_no_dot_and_may_have_line_ends() {
        assert!(is_extension_key(b"x_") && is_extension_key(b"x_a\nb"));
        assert!(!is_extension_key(b"x_a.b") && !is_extension_key(b"X_a"));
    }
}
