//! What is done to a submission and asked of it besides its schema, in the
//! words clients know. What is asked lives in `cve::check::server`; this file
//! reads the body once, and translates.
//!
//! Source: cve-services sections 10 and 13.

use std::borrow::Cow;

use axum::body::Bytes;
use cve::check::{Finding, Kind, server};
use cve::time::Timestamp;
use serde_json::Value;

use crate::error::{BadParameter, Error, Refusal};
use crate::router::{Authority, Compat};
use crate::schema;

/// A submission whose texts were trimmed.
pub(crate) struct Submission {
    kind: Kind,
    text: Bytes,
    document: Value,
    /// Whether its shape was checked and is right.
    has_shape: bool,
}

impl Submission {
    /// Takes a body as it was sent.
    ///
    /// Most are sent as they will be stored: nothing to trim, no key twice,
    /// the right shape. They are not written out anew to find that out.
    ///
    /// Takes: `sent`, the bytes `body` was read from.
    /// Refuses: a list, of which no record is made.
    pub(crate) fn sent(
        kind: Kind,
        body: Value,
        sent: &Bytes,
        compat: Compat,
    ) -> Result<Submission, Refusal> {
        if body.is_object()
            && matches!(server::trimmed(sent), Cow::Borrowed(_))
            && schema::is_clean(kind, sent, compat)
        {
            return Ok(Submission {
                kind,
                text: sent.clone(),
                document: body,
                has_shape: true,
            });
        }
        Submission::of(kind, body)
    }

    /// Trims every text of a body; keys stay as they are.
    ///
    /// Refuses: a list, of which no record is made.
    pub(crate) fn of(kind: Kind, body: Value) -> Result<Submission, Refusal> {
        if body.is_array() {
            // The reference server answers 500.
            return Err(Refusal::BadInput(vec![BadParameter {
                msg: "Invalid value".into(),
                param: String::new(),
                location: "body",
            }]));
        }
        let text = Bytes::from(body.to_string());
        let trimmed = match server::trimmed(&text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(trimmed) => Some(trimmed),
        };
        Ok(match trimmed {
            None => Submission {
                kind,
                text,
                document: body,
                has_shape: false,
            },
            Some(trimmed) => Submission {
                kind,
                // What was JSON before is JSON after.
                document: serde_json::from_slice(&trimmed).unwrap_or_default(),
                text: trimmed.into(),
                has_shape: false,
            },
        })
    }

    /// Checks the shape.
    ///
    /// Errors: the list for `details.errors`.
    pub(crate) fn check_schema(&self, compat: Compat) -> Result<(), Value> {
        if self.has_shape {
            return Ok(());
        }
        schema::check(self.kind, &self.text, compat)
    }

    /// What the server asks beyond the shape, which it satisfies.
    pub(crate) fn demands(&self, authority: &Authority) -> Demands {
        let now = authority.world.now();
        Demands::of(
            &server::findings(self.kind, &self.text, now),
            self.kind,
            authority.settings.compat,
        )
    }

    /// Says whether it has a CVSS score and a CWE.
    pub(crate) fn is_enriched(&self) -> bool {
        server::is_enriched(self.kind, &self.text)
    }

    /// The document.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// The document, to be changed; what was checked was checked.
    pub(crate) fn into_document(self) -> Value {
        self.document
    }
}

/// What the server has against a submission of the right shape.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Demands {
    /// Parameters that are wrong, in the order the reference server has them.
    pub(crate) bad: Vec<BadParameter>,
    /// Whether a key holds what no database keeps, which is told later.
    pub(crate) cannot_be_stored: bool,
}

impl Demands {
    fn of(findings: &[Finding], kind: Kind, compat: Compat) -> Demands {
        let container = match kind {
            Kind::Record => "containers.cna",
            Kind::AdpBody => "adpContainer",
            _ => "cnaContainer",
        };
        let mut demands = Demands::default();
        let mut told = Vec::new();
        for finding in findings {
            let is_newer = matches!(&*finding.code, "SERVER-OFFSET" | "SERVER-PURL");
            if is_newer && compat == Compat::V2_3 {
                continue;
            }
            if finding.code == "SERVER-KEY" {
                demands.cannot_be_stored = true;
                continue;
            }
            let (rank, bad) = translated(finding, container);
            // Of each list and of the package URLs, only the first is told.
            if !told.contains(&(rank, bad.param.clone())) {
                told.push((rank, bad.param.clone()));
                demands.bad.push(bad);
            }
        }
        let rank = |bad: &BadParameter| {
            let place = told.iter().find(|(_, param)| *param == bad.param);
            place.map_or(u8::MAX, |(rank, _)| *rank)
        };
        demands.bad.sort_by_key(rank);
        demands
    }

    /// Refuses a submission that cannot be stored.
    pub(crate) fn storable(&self) -> Result<(), Error> {
        match self.cannot_be_stored {
            true => Err(Refusal::CannotStore.into()),
            false => Ok(()),
        }
    }
}

/// A finding in the words of the reference server, and its place among them.
fn translated(finding: &Finding, container: &str) -> (u8, BadParameter) {
    let key = finding
        .pointer
        .split('/')
        .find(|part| {
            [
                "descriptions",
                "rejectedReasons",
                "datePublic",
                "dateAssigned",
                "timeline",
                "affected",
            ]
            .contains(part)
        })
        .unwrap_or_default();
    let param = format!("{container}.{key}");
    let (rank, msg) = match &*finding.code {
        "SERVER-LANGUAGE" => (
            0,
            format!("Cannot have more than one English language entry in '{param}'"),
        ),
        "SERVER-DATE" => (1, "datePublic cannot be a future date".to_owned()),
        "SERVER-PURL" => (2, package_url(&finding.message)),
        // Texts unknown; cve-services section 13.
        _ => (3, "Invalid timezone offset".to_owned()),
    };
    let location = "body";
    (
        rank,
        BadParameter {
            msg,
            param,
            location,
        },
    )
}

/// What is wrong with a package URL.
///
/// Takes: the finding's sentence, `` `URL` lacks the scheme, … ``.
/// Source: cve-services section 13 for the first two; the others are ours.
fn package_url(message: &str) -> String {
    let (url, problem) = message
        .strip_prefix('`')
        .and_then(|rest| rest.split_once("` "))
        .unwrap_or(("", message));
    if problem.starts_with("lacks the scheme") {
        return format!("Invalid purl: missing required \"pkg\" scheme component: \"{url}\"");
    }
    if problem.starts_with("has a percent-encoded colon") {
        return format!("Percent-encoded colons are not allowed in a PURL: {url}");
    }
    if problem.starts_with("names a version") {
        return format!("The PURL version component is not allowed: {url}");
    }
    if problem.starts_with("ends in an empty") {
        return format!("A PURL cannot have an empty subpath: {url}");
    }
    let part = match problem.starts_with("has no package type") {
        true => "type",
        false => "name",
    };
    format!("Invalid purl: missing required \"{part}\" component: \"{url}\"")
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

/// Writes all dates of a whole record in UTC with milliseconds; the reference
/// server forgets `dateRejected` (its issue 1329).
pub(crate) fn record_in_utc(record: &mut Value) {
    for key in [
        "dateReserved",
        "datePublished",
        "dateUpdated",
        "dateRejected",
    ] {
        if let Some(date) = record["cveMetadata"].get_mut(key) {
            date_in_utc(date);
        }
    }
    in_utc(&mut record["containers"]["cna"]);
    let adps = record["containers"].get_mut("adp");
    for adp in adps.and_then(Value::as_array_mut).into_iter().flatten() {
        in_utc(adp);
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn demands(kind: Kind, document: &Value, compat: Compat) -> Demands {
        let now = "2099-01-01T00:00:00Z".parse().unwrap();
        let text = document.to_string();
        Demands::of(&server::findings(kind, text.as_bytes(), now), kind, compat)
    }

    fn told(container: Value, compat: Compat) -> Vec<(String, String)> {
        let body = json!({"cnaContainer": container});
        demands(Kind::PublishedBody, &body, compat)
            .bad
            .into_iter()
            .map(|bad| (bad.param, bad.msg))
            .collect()
    }

    #[test]
    fn texts_are_trimmed_at_every_depth_and_keys_are_not() {
        let value = json!({" a ": [" x ", {"b": "\n y\t\u{feff}"}], "c": 1.50});
        let trimmed = Submission::of(Kind::PublishedBody, value).unwrap();
        let expected = json!({" a ": ["x", {"b": "y"}], "c": 1.50});
        assert_eq!(trimmed.document(), &expected);
        assert_eq!(trimmed.text, expected.to_string().into_bytes());
    }

    #[test]
    fn a_list_is_no_submission() {
        let refused = Submission::of(Kind::PublishedBody, json!([]))
            .err()
            .unwrap();
        assert_eq!((refused.wire().0, refused.wire().1), (400, "BAD_INPUT"));
    }

    #[test]
    fn english_twice_is_told_once_for_each_list_and_before_the_date() {
        let container = json!({
            "descriptions": [{"lang": "en"}, {"lang": "EN"}, {"lang": "en"}],
            "datePublic": "2099-01-02T00:00:00.001Z",
        });
        let list = "cnaContainer.descriptions";
        let msg = format!("Cannot have more than one English language entry in '{list}'");
        assert_eq!(
            told(container, Compat::V2_3),
            [
                (list.to_owned(), msg),
                (
                    "cnaContainer.datePublic".to_owned(),
                    "datePublic cannot be a future date".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_whole_record_names_its_container() {
        let texts = json!([{"lang": "en"}, {"lang": "en"}]);
        let record = json!({"containers": {"cna": {"rejectedReasons": texts}}});
        let found = demands(Kind::Record, &record, Compat::V2_3).bad;
        assert_eq!(found[0].param, "containers.cna.rejectedReasons");
    }

    #[test]
    fn the_first_bad_package_url_is_told_in_the_words_of_the_reference() {
        for (purl, msg) in [
            (
                "https://a.us",
                "Invalid purl: missing required \"pkg\" scheme component: \"https://a.us\"",
            ),
            (
                "pkg:npm/foo%3Abar",
                "Percent-encoded colons are not allowed in a PURL: pkg:npm/foo%3Abar",
            ),
            (
                "pkg:npm/foo@1",
                "The PURL version component is not allowed: pkg:npm/foo@1",
            ),
            (
                "pkg:npm/foo?vers=1",
                "The PURL version component is not allowed: pkg:npm/foo?vers=1",
            ),
            (
                "pkg:npm/foo#",
                "A PURL cannot have an empty subpath: pkg:npm/foo#",
            ),
            (
                "pkg:npm",
                "Invalid purl: missing required \"name\" component: \"pkg:npm\"",
            ),
            (
                "pkg:1npm/foo",
                "Invalid purl: missing required \"type\" component: \"pkg:1npm/foo\"",
            ),
        ] {
            let affected = json!([
                {"packageURL": "pkg:npm/good"},
                {"packageURL": purl},
                {"packageURL": "bad too"},
            ]);
            let container = json!({"affected": affected});
            let expected = [("cnaContainer.affected".to_owned(), msg.to_owned())];
            assert_eq!(told(container.clone(), Compat::Current), expected, "{purl}");
            assert_eq!(told(container, Compat::V2_3), [], "{purl}");
        }
    }

    #[test]
    fn an_offset_no_clock_has_is_refused_since_the_newer_version() {
        let container = json!({"timeline": [{"time": "2026-01-01T00:00:00+25:00"}]});
        assert_eq!(
            told(container.clone(), Compat::Current)[0].0,
            "cnaContainer.timeline"
        );
        assert_eq!(told(container, Compat::V2_3), []);
    }

    #[test]
    fn a_key_with_nul_is_told_apart() {
        let body = json!({"cnaContainer": {"x_\u{0}": 1}});
        let found = demands(Kind::PublishedBody, &body, Compat::V2_3);
        assert_eq!((found.cannot_be_stored, found.bad.len()), (true, 0));
    }

    #[test]
    fn dates_are_written_in_utc_and_what_is_no_date_stays() {
        let mut record = json!({
            "cveMetadata": {"dateRejected": "2025-01-02T01:23:45-05:00"},
            "containers": {"cna": {
                "datePublic": "2025-01-02T01:23:45.000-05:00",
                "dateAssigned": "soon",
                "timeline": [{"time": "2025-01-02T00:00:00"}],
            }, "adp": [{"datePublic": "2025-01-02T00:00:00Z"}]},
        });
        record_in_utc(&mut record);
        assert_eq!(
            record,
            json!({
                "cveMetadata": {"dateRejected": "2025-01-02T06:23:45.000Z"},
                "containers": {"cna": {
                    "datePublic": "2025-01-02T06:23:45.000Z",
                    "dateAssigned": "soon",
                    "timeline": [{"time": "2025-01-02T00:00:00.000Z"}],
                }, "adp": [{"datePublic": "2025-01-02T00:00:00.000Z"}]},
            })
        );
    }
}
