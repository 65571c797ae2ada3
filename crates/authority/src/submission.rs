//! What is done to and asked of a submission besides its schema.
//!
//! Source: cve-services sections 10 and 13.

use cve::time::Timestamp;
use serde_json::Value;

use crate::error::BadParameter;

/// How far ahead a date of publication may lie.
///
/// Source: cve-services section 10, datePublic.
const FUTURE_MS: i64 = 24 * 60 * 60 * 1000;

/// Trims every text of a document; keys stay as they are.
pub(crate) fn trim(value: &mut Value) {
    match value {
        Value::String(text) => {
            let trimmed = text.trim_matches(is_space);
            if trimmed.len() != text.len() {
                *text = trimmed.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(trim),
        Value::Object(object) => object.values_mut().for_each(trim),
        _ => {}
    }
}

/// Space as JavaScript trims it, which is Unicode's but for two characters.
fn is_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// Says whether a key holds a NUL, which no database keeps.
///
/// Source: cve-services section 10, storage rule.
pub(crate) fn has_nul_key(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_nul_key),
        Value::Object(object) => object
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul_key(value)),
        _ => false,
    }
}

/// Checks a container beyond its schema: English texts come once in each of
/// their languages, and it was not made public in the future.
///
/// Takes: `at`, the name of the container in messages, such as `cnaContainer`.
pub(crate) fn problems(container: &Value, at: &str, now: Timestamp) -> Vec<BadParameter> {
    let mut bad = Vec::new();
    for list in ["descriptions", "rejectedReasons"] {
        let name = format!("{at}.{list}");
        if has_english_twice(&container[list]) {
            bad.push(BadParameter {
                msg: format!("Cannot have more than one English language entry in '{name}'"),
                param: name,
                location: "body",
            });
        }
    }
    let public = container["datePublic"].as_str();
    let public: Option<Timestamp> = public.and_then(|text| text.parse().ok());
    if public.is_some_and(|public| public.ms_since(now) > FUTURE_MS) {
        bad.push(BadParameter {
            msg: "datePublic cannot be a future date".into(),
            param: format!("{at}.datePublic"),
            location: "body",
        });
    }
    bad
}

fn has_english_twice(texts: &Value) -> bool {
    let mut seen = Vec::new();
    let langs = texts.as_array().into_iter().flatten();
    for lang in langs.filter_map(|text| text["lang"].as_str()) {
        let lang = lang.to_lowercase();
        if lang.starts_with("en") {
            if seen.contains(&lang) {
                return true;
            }
            seen.push(lang);
        }
    }
    false
}

/// Writes the dates of a container in UTC with milliseconds.
///
/// Source: cve-services section 13, since 2.5.1.
pub(crate) fn in_utc(container: &mut Value) {
    for key in ["datePublic", "dateAssigned"] {
        if let Some(date) = container.get_mut(key) {
            date_in_utc(date);
        }
    }
    let timeline = container.get_mut("timeline").and_then(Value::as_array_mut);
    for event in timeline.into_iter().flatten() {
        if let Some(time) = event.get_mut("time") {
            date_in_utc(time);
        }
    }
}

fn date_in_utc(date: &mut Value) {
    let moment = date
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    if let Some(moment) = moment {
        *date = Value::String(moment.to_string());
    }
}

/// Says whether a container has a CVSS score and a CWE.
///
/// Source: cve-services section 13, erlcheck.
pub(crate) fn is_enriched(container: &Value) -> bool {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let scored = items(&container["metrics"]).iter().any(|metric| {
        ["cvssV2_0", "cvssV3_0", "cvssV3_1", "cvssV4_0"]
            .iter()
            .any(|version| metric.get(version).is_some())
    });
    let classified = items(&container["problemTypes"])
        .iter()
        .flat_map(|problem| items(&problem["descriptions"]))
        .any(|description| description["cweId"].is_string());
    scored && classified
}

/// What is wrong with the first bad package URL among the affected products.
///
/// Source: cve-services section 13, Package-URL rules.
pub(crate) fn package_url_problem(container: &Value) -> Option<BadParameter> {
    let affected = container["affected"].as_array().into_iter().flatten();
    let mut purls = affected.filter_map(|product| product["packageURL"].as_str());
    let msg = purls.find_map(package_url_fault)?;
    Some(BadParameter {
        msg,
        param: "cnaContainer.affected".into(),
        location: "body",
    })
}

fn package_url_fault(purl: &str) -> Option<String> {
    let Some(rest) = purl.strip_prefix("pkg:") else {
        return Some(format!(
            "Invalid purl: missing required \"pkg\" scheme component: \"{purl}\""
        ));
    };
    if purl.to_ascii_lowercase().contains("%3a") {
        return Some(format!(
            "Percent-encoded colons are not allowed in a PURL: {purl}"
        ));
    }
    let (rest, subpath) = rest
        .split_once('#')
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    if subpath == Some("") {
        return Some(format!("A PURL must not end in an empty subpath: {purl}"));
    }
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let versioned = |pair: &str| {
        let key = pair.split('=').next().unwrap_or_default();
        key.eq_ignore_ascii_case("version") || key.eq_ignore_ascii_case("vers")
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.contains('@') || qualifiers.split('&').any(versioned) {
        return Some(format!("A PURL must not have a version component: {purl}"));
    }
    let kind = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    let known_kind = kind.starts_with(|c: char| c.is_ascii_alphabetic())
        && kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !known_kind {
        return Some(format!(
            "Invalid purl: missing required \"type\" component: \"{purl}\""
        ));
    }
    if name.is_empty() || !path.trim_start_matches('/').contains('/') {
        return Some(format!(
            "Invalid purl: missing required \"name\" component: \"{purl}\""
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_trimmed_at_every_depth_and_keys_are_not() {
        let mut value = json!({" a ": [" x ", {"b": "\n y\t\u{feff}"}], "c": 1});
        trim(&mut value);
        assert_eq!(value, json!({" a ": ["x", {"b": "y"}], "c": 1}));
    }

    #[test]
    fn english_may_come_once_in_each_of_its_languages() {
        let texts = |langs: &[&str]| {
            let list: Vec<_> = langs.iter().map(|lang| json!({"lang": lang})).collect();
            problems(
                &json!({"descriptions": list}),
                "cnaContainer",
                "2099-01-01T00:00:00Z".parse().unwrap(),
            )
        };
        assert_eq!(texts(&["en", "en-US", "fr", "fr"]), []);
        assert_eq!(texts(&["en", "EN"])[0].param, "cnaContainer.descriptions");
    }

    #[test]
    fn a_date_of_publication_may_lie_one_day_ahead() {
        let now = "2099-01-01T00:00:00Z".parse().unwrap();
        let with = |date: &str| problems(&json!({"datePublic": date}), "cnaContainer", now).len();
        assert_eq!(with("2099-01-02T00:00:00Z"), 0);
        assert_eq!(with("2099-01-02T00:00:00.001Z"), 1);
    }

    #[test]
    fn dates_are_written_in_utc_and_what_is_no_date_stays() {
        let mut container = json!({
            "datePublic": "2025-01-02T01:23:45.000-05:00",
            "dateAssigned": "soon",
            "timeline": [{"time": "2025-01-02T00:00:00"}],
        });
        in_utc(&mut container);
        assert_eq!(
            container,
            json!({
                "datePublic": "2025-01-02T06:23:45.000Z",
                "dateAssigned": "soon",
                "timeline": [{"time": "2025-01-02T00:00:00.000Z"}],
            })
        );
    }

    #[test]
    fn a_package_url_names_a_package_and_no_version() {
        for (purl, good) in [
            ("pkg:npm/foobar", true),
            ("pkg:npm/%40scope/foobar?arch=x64#lib", true),
            ("https://a.example", false),
            ("pkg:npm/foobar@1.0", false),
            ("pkg:npm/foobar?vers=1", false),
            ("pkg:npm/foo%3Abar", false),
            ("pkg:npm/foobar#", false),
            ("pkg:npm", false),
            ("pkg:/foobar", false),
        ] {
            assert_eq!(package_url_fault(purl).is_none(), good, "{purl}");
        }
    }
}
