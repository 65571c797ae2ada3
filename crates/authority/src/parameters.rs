//! What is checked of parameters: the rules, and how they are told.
//!
//! The tables, one for each endpoint, are in `endpoints`.
//!
//! All checks of an endpoint run and every failed one is reported, in the
//! order of its table. A message never repeats a value.
//!
//! Source: cve-services section 4.

mod documented;
mod endpoints;

use cve::time::Timestamp;
use serde_json::Value;

pub(crate) use endpoints::*;

use crate::call::Call;
use crate::error::{BadParameter, Refusal};

/// What is checked of one endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checks {
    /// The only names a query may use; nothing when others are ignored.
    pub(crate) known: Option<&'static [&'static str]>,
    /// The checks, in the order they are reported.
    pub(crate) checks: &'static [Check],
}

/// What is checked of one parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    name: &'static str,
    place: Place,
    /// Whether it must be there; an optional one is checked when it is.
    needed: bool,
    rules: &'static [Rule],
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Body,
}

impl Place {
    fn as_str(self) -> &'static str {
        match self {
            Place::Path => "params",
            Place::Query => "query",
            Place::Body => "body",
        }
    }
}

/// One rule; a parameter is reported once for each rule it breaks.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Is a string.
    Text,
    /// Has a character.
    NotEmpty,
    /// Has this many characters after trimming.
    Length(usize, usize),
    /// Has at most 100 characters; says which part of a name it is.
    NamePart(&'static str),
    /// Is a whole number, at least the given one.
    Integer(i64),
    /// Is a number.
    Numeric,
    /// Is four digits.
    FourDigits,
    /// Is a number of IDs, 0 to 100000.
    Quota,
    /// Is one of these words, in any case.
    OneOf(&'static [&'static str], &'static str),
    /// Is a moment.
    Moment,
    /// Is yes or no; with a message of its own or none.
    Truth(Option<&'static str>),
    /// Has the form of a CVE ID.
    CveId,
    /// Has the form of a user name.
    Username,
    /// Is a flat list of known roles; a single word counts as one in a query.
    Roles(&'static [&'static str], &'static str),
}

const INVALID: &str = "Invalid value";
const FLAT: &str = "Parameter must be a one-dimensional array of strings";
const QUOTA: &str = "The id_quota does not comply with CVE id quota limitations";
const USERNAME: &str =
    "Username should be 3-128 characters. Allowed characters are alphanumeric and -_@.";
const MOMENT: &str = "Bad date, or invalid timestamp format: valid format is yyyy-MM-ddTHH:mm:ss \
                      or yyyy-MM-ddTHH:mm:ssZZ:ZZ (to use '+' in timezone offset, encode as '%2B). \
                      ZZ:ZZ (if used) must be between 00:00 and 23:59.";

/// Roles an organisation may have.
///
/// Source: cve-services section 3.
pub(crate) const ORG_ROLES: &[&str] = &["SECRETARIAT", "CNA", "BULK_DOWNLOAD", "ROOT_CNA", "ADP"];

/// Roles a user may have.
pub(crate) const USER_ROLES: &[&str] = &["ADMIN"];

/// Runs all checks on a request.
///
/// Takes: `also`, what the caller found wrong with the body by itself; it is
/// reported first.
/// Refuses: [`Refusal::BadInput`] with an entry for each failed check.
pub(crate) fn check(call: &Call, checks: &Checks, also: Vec<BadParameter>) -> Result<(), Refusal> {
    let mut bad = also;
    if let Some(known) = checks.known {
        check_names(call, known, &mut bad);
    }
    for check in checks.checks {
        check_one(call, check, &mut bad);
    }
    if bad.is_empty() {
        Ok(())
    } else {
        Err(Refusal::BadInput(bad))
    }
}

/// Looks for a name that is not known, and for `<`, `>` and `"` in the values
/// of those that are.
fn check_names(call: &Call, known: &[&str], bad: &mut Vec<BadParameter>) {
    let unknown = call
        .query
        .keys()
        .find(|name| !known.contains(&name.as_str()));
    if let Some(name) = unknown {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '-');
        let shown: String = name
            .chars()
            .take(100)
            .map(|c| if allowed(c) { c } else { ' ' })
            .collect();
        bad.push(BadParameter {
            msg: format!("'{}' is not a valid parameter name.", shown.trim()),
            param: String::new(),
            location: "query",
        });
    }
    for name in known {
        let text = match call.query.get(*name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => texts_in(other).concat(),
            None => continue,
        };
        if let Some(found) = ['<', '>', '"'].into_iter().find(|c| text.contains(*c)) {
            bad.push(BadParameter {
                msg: format!("contains invalid character: {found}"),
                param: (*name).to_owned(),
                location: "query",
            });
        }
    }
}

fn texts_in(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts_in).collect(),
        Value::Object(object) => object.values().flat_map(texts_in).collect(),
        _ => Vec::new(),
    }
}

fn check_one(call: &Call, check: &Check, bad: &mut Vec<BadParameter>) {
    let from_path;
    let value = match check.place {
        Place::Path => {
            from_path = Value::from(call.path(check.name));
            Some(&from_path)
        }
        Place::Query => call.query.get(check.name),
        Place::Body => call.in_body(check.name),
    };
    if value.is_none() && !check.needed {
        return;
    }
    let mut fail = |msg: &str| {
        bad.push(BadParameter {
            msg: msg.to_owned(),
            param: check.name.to_owned(),
            location: check.place.as_str(),
        });
    };
    if let [Rule::Roles(known, unknown)] = check.rules {
        for msg in wrong_roles(value, check.place, known, unknown) {
            fail(msg);
        }
        return;
    }
    // A list where one value belongs is one thing wrong, whatever the rules;
    // the reference server answers some of them with 500.
    if value.is_some_and(|value| value.is_array() || value.is_object()) {
        return fail(INVALID);
    }
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    // No text of ours holds a NUL, and PostgreSQL could not keep one.
    if text.contains('\0') {
        return fail(INVALID);
    }
    for rule in check.rules {
        let is_text = matches!(value, Some(Value::String(_)));
        if let Some(msg) = broken(*rule, &text, is_text) {
            fail(&msg);
        }
    }
}

/// What is wrong with `text` under `rule`.
fn broken(rule: Rule, text: &str, is_text: bool) -> Option<String> {
    let length = || text.trim().chars().count();
    let (fits, msg) = match rule {
        Rule::Text => (is_text, INVALID.to_owned()),
        Rule::NotEmpty => (length() > 0, INVALID.to_owned()),
        Rule::Length(least, most) => ((least..=most).contains(&length()), INVALID.to_owned()),
        Rule::NamePart(part) => (
            is_text && length() <= 100,
            format!("Invalid name.{part}. Name must be between 1 and 100 characters in length."),
        ),
        Rule::Integer(least) => (is_integer(text, least), INVALID.to_owned()),
        Rule::Numeric => (is_numeric(text), INVALID.to_owned()),
        Rule::FourDigits => (
            text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()),
            INVALID.to_owned(),
        ),
        Rule::Quota => (quota(text).is_some(), QUOTA.to_owned()),
        Rule::OneOf(words, msg) => {
            let word = text.trim().to_uppercase();
            (words.contains(&word.as_str()), msg.to_owned())
        }
        Rule::Moment => (moment(text).is_some(), MOMENT.to_owned()),
        Rule::Truth(msg) => (truth(text).is_some(), msg.unwrap_or(INVALID).to_owned()),
        Rule::CveId => (has_id_form(text), INVALID.to_owned()),
        Rule::Username => (has_username_form(text), USERNAME.to_owned()),
        // Handled where lists are.
        Rule::Roles(..) => (true, String::new()),
    };
    (!fits).then_some(msg)
}

fn wrong_roles(
    value: Option<&Value>,
    place: Place,
    known: &[&str],
    unknown: &'static str,
) -> Vec<&'static str> {
    let Some(value) = value else {
        return Vec::new();
    };
    let words = match value {
        Value::String(word) if place == Place::Query => vec![word.as_str()],
        Value::Array(items) => match items.iter().map(Value::as_str).collect() {
            Some(words) => words,
            // The reference server goes on checking a nested list of an
            // organisation's roles.
            None if place == Place::Body && known == ORG_ROLES => return vec![FLAT, unknown],
            None => return vec![FLAT],
        },
        // The words of the reference server's engine; its answer has them.
        _ if place == Place::Body && known == ORG_ROLES => {
            return vec![FLAT, "val.forEach is not a function"];
        }
        _ => return vec![FLAT],
    };
    let all_known = words
        .iter()
        .all(|word| known.contains(&word.trim().to_uppercase().as_str()));
    if all_known { Vec::new() } else { vec![unknown] }
}

fn is_integer(text: &str, least: i64) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    least == i64::MIN || integer(text) >= least
}

/// A whole number that was checked to be one; the largest when it is larger.
pub(crate) fn integer(text: &str) -> i64 {
    let bound = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    text.parse().unwrap_or(bound)
}

fn is_numeric(text: &str) -> bool {
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = number.rsplit_once('.').unwrap_or(("", number));
    !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && whole.bytes().all(|b| b.is_ascii_digit())
}

/// A number of IDs an organisation may hold.
///
/// Source: cve-services section 4, id_quota.
pub(crate) fn quota(text: &str) -> Option<i64> {
    let text = text.trim();
    let number: i64 = text.parse().ok()?;
    (0..=100_000).contains(&number).then_some(number)
}

/// Yes or no, as clients write it.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

fn has_id_form(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(year, number)| {
            year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
        })
}

/// Source: cve-services section 4, user name.
pub(crate) fn has_username_form(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'@' | b'.');
    (3..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// A moment of a filter: a date and a time, with or without offset; a bare
/// date means its midnight.
///
/// Source: cve-services section 4; bare dates and all offsets after section 16.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim().to_ascii_uppercase();
    let shaped = |text: &str, form: &str| {
        text.len() == form.len()
            && text
                .bytes()
                .zip(form.bytes())
                .all(|(found, form)| match form {
                    b'0' => found.is_ascii_digit(),
                    fixed => found == fixed,
                })
    };
    if shaped(&text, "0000-00-00") {
        return format!("{text}T00:00:00Z").parse().ok();
    }
    let (clock, mut rest) = text.split_at_checked("0000-00-00T00:00:00".len())?;
    if !shaped(clock, "0000-00-00T00:00:00") || clock.ends_with("60") {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&end) {
            return None;
        }
        rest = &fraction[end..];
    }
    let hour_fits = || rest.get(1..3).is_some_and(|hour| hour <= "23");
    match rest {
        "" | "Z" => {}
        _ if (shaped(rest, "+00:00") || shaped(rest, "-00:00")) && hour_fits() => {}
        _ => return None,
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_strictly_and_all_offsets_are_accepted() {
        for (text, expected) in [
            ("2021-01-01", Some("2021-01-01T00:00:00.000Z")),
            ("2021-01-01t00:00:00z", Some("2021-01-01T00:00:00.000Z")),
            (
                "2021-01-01T00:00:00.123456Z",
                Some("2021-01-01T00:00:00.123Z"),
            ),
            (
                "2021-01-01T00:00:00+05:30",
                Some("2020-12-31T18:30:00.000Z"),
            ),
            ("2021-01-01T00:00:00 00:00", None),
            ("2021-01-01T00:00:00+24:00", None),
            ("2021-13-01T00:00:00", None),
            ("2021-02-30T00:00:00", None),
            ("2021-01-01T24:00:00", None),
            ("2021-01-01T5:00:00", None),
            ("2021-01-01T00:00:00Z[UTC]", None),
            ("yesterday", None),
            ("", None),
        ] {
            let found = moment(text).map(|at| at.to_string());
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_still_a_number() {
        assert!(is_integer("99999999999999999999", 1));
        assert_eq!(integer("99999999999999999999"), i64::MAX);
        for text in ["", "+", "1.5", "abc", " 1", "１"] {
            assert!(!is_integer(text, i64::MIN), "{text:?}");
        }
    }

    #[test]
    fn an_id_has_four_to_nineteen_digits_after_its_year() {
        for (text, fits) in [
            ("CVE-1900-0001", true),
            ("CVE-0000-0000", true),
            ("CVE-1900-00001", true),
            ("cve-1900-0001", false),
            ("CVE-1900-0001 ", false),
            ("CVE-1900-12345678901234567890", false),
            ("foo", false),
        ] {
            assert_eq!(has_id_form(text), fits, "{text:?}");
        }
    }
}
