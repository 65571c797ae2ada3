//! What CVE Services checks of a record beyond the schema.
//!
//! The service trims every text, validates, and then applies these rules. So
//! a caller that wants its answer takes [`trimmed`], the schema verdict of
//! that, and [`findings`].

mod purl;
mod review;
mod screen;
mod trim;

pub use review::{MAX_BODY_BYTES, review};
pub(crate) use screen::may_refuse;
pub use trim::trimmed;

use super::finding::{Finding, Position, Severity};
use super::schema::Kind;
use super::tape::{Sort, Tape};
use crate::time::Timestamp;
use trim::without_space;

/// How far `datePublic` may lie ahead: 24 hours.
const AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

/// Lists what CVE Services would refuse beyond the schema.
///
/// Takes: a document the schema accepts, trimmed or not; of any other the
/// answer is of no use, but there is one. `now` is the server's clock.
/// Gives: findings of severity error in the order of the rules, with
/// pointers and without positions; none for what is not JSON.
/// Source: cve-services section 10, "Beyond the schema", and section 13.
pub fn findings(kind: Kind, bytes: &[u8], now: Timestamp) -> Vec<Finding> {
    match Tape::read(bytes) {
        Ok(tape) => findings_in(&tape, kind, now),
        // The schema check says why.
        Err(_) => Vec::new(),
    }
}

/// The same of a text that was read already.
fn findings_in(tape: &Tape<'_>, kind: Kind, now: Timestamp) -> Vec<Finding> {
    let mut check = Check {
        tape,
        findings: Vec::new(),
    };
    check.keys_without_nul();
    let (pointer, container) = match kind {
        Kind::Record => {
            let containers = tape.get(0, "containers");
            (
                "/containers/cna",
                containers.and_then(|all| tape.get(all, "cna")),
            )
        }
        Kind::PublishedBody | Kind::RejectedBody => ("/cnaContainer", tape.get(0, "cnaContainer")),
        Kind::AdpBody => ("/adpContainer", tape.get(0, "adpContainer")),
        _ => ("", Some(0)),
    };
    if let Some(container) = container {
        check.offsets(container, pointer);
        // Neither of these is asked of an ADP.
        if !matches!(kind, Kind::AdpContainer | Kind::AdpBody) {
            check.english_once(container, pointer, "descriptions");
            check.english_once(container, pointer, "rejectedReasons");
            check.date_public(container, pointer, now);
            check.package_urls(container, pointer);
        }
    }
    check.findings
}

/// Says whether a published container has a CVSS score and a CWE ID, which
/// the service asks for under `?erlcheck=true`.
///
/// Takes: the body or container of a CNA, or a record.
/// Gives: false for what is not JSON.
/// Source: cve-services section 13, `erlcheck`.
pub fn is_enriched(kind: Kind, bytes: &[u8]) -> bool {
    let Ok(tape) = Tape::read(bytes) else {
        return false;
    };
    let container = match kind {
        Kind::Record => tape
            .get(0, "containers")
            .and_then(|all| tape.get(all, "cna")),
        Kind::PublishedBody | Kind::RejectedBody => tape.get(0, "cnaContainer"),
        _ => Some(0),
    };
    let items = |holder: Option<usize>, key: &str| -> Vec<usize> {
        let list = holder.and_then(|holder| tape.get(holder, key));
        let list = list.filter(|list| tape.spots[*list].kind == Sort::List);
        list.map(|list| tape.items(list).collect())
            .unwrap_or_default()
    };
    let scores = ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"];
    let scored = items(container, "metrics").iter().any(|metric| {
        scores
            .iter()
            .any(|score| tape.get(*metric, score).is_some())
    });
    let weak = items(container, "problemTypes")
        .iter()
        .flat_map(|problem| items(Some(*problem), "descriptions"))
        .any(|description| tape.get(description, "cweId").is_some());
    scored && weak
}

struct Check<'a> {
    tape: &'a Tape<'a>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn add(
        &mut self,
        code: &'static str,
        pointer: String,
        message: String,
        rule: &'static str,
        fix: &'static str,
    ) {
        self.findings.push(Finding {
            code: code.into(),
            severity: Severity::Error,
            pointer,
            message,
            rule: rule.into(),
            fix: fix.into(),
            position: None::<Position>,
        });
    }

    /// The text of a value, when it is one.
    fn text(&self, index: usize) -> Option<String> {
        let string = self.tape.spots[index].kind == Sort::String;
        string.then(|| String::from_utf8_lossy(without_space(&self.tape.text(index))).into_owned())
    }

    /// The items of the list `key` of an object.
    fn items(&self, object: usize, key: &str) -> Vec<usize> {
        let list = self.tape.get(object, key);
        let list = list.filter(|list| self.tape.spots[*list].kind == Sort::List);
        list.map(|list| self.tape.items(list).collect())
            .unwrap_or_default()
    }

    /// Source: cve-services section 10, storage rule.
    fn keys_without_nul(&mut self) {
        for index in 0..self.tape.spots.len() {
            if self.tape.spots[index].kind != Sort::Object {
                continue;
            }
            let has_nul = |key| self.tape.text(key).contains(&0);
            if self.tape.members(index).any(|member| has_nul(member.key)) {
                self.add(
                    "SERVER-KEY",
                    String::new(),
                    "a key holds the character NUL, expected a name that can be stored".to_owned(),
                    "cve-services section 10, storage rule",
                    "remove `\\u0000` from the key",
                );
                return;
            }
        }
    }

    /// Source: cve-services section 10, unique English.
    fn english_once(&mut self, container: usize, pointer: &str, key: &str) {
        let mut seen: Vec<String> = Vec::new();
        for (place, entry) in self.items(container, key).into_iter().enumerate() {
            let lang = self
                .tape
                .get(entry, "lang")
                .and_then(|lang| self.text(lang));
            let Some(lang) = lang.map(|lang| lang.to_lowercase()) else {
                continue;
            };
            if !lang.starts_with("en") {
                continue;
            }
            if seen.contains(&lang) {
                self.add(
                    "SERVER-LANGUAGE",
                    format!("{pointer}/{key}/{place}/lang"),
                    format!(
                        "the language `{lang}` occurs twice, expected one entry for each English"
                    ),
                    "cve-services section 10, unique English",
                    "join the two entries, or mark one as another English such as `en-GB`",
                );
            }
            seen.push(lang);
        }
    }

    /// Source: cve-services section 10, `datePublic`.
    fn date_public(&mut self, container: usize, pointer: &str, now: Timestamp) {
        let date = self
            .tape
            .get(container, "datePublic")
            .and_then(|date| self.text(date));
        let Some(date) = date else {
            return;
        };
        let Ok(moment) = date.parse::<Timestamp>() else {
            // A text of another form is the schema's to refuse, an offset
            // that no clock has is refused by `offsets`.
            return;
        };
        if moment.ms_since(now) > AHEAD_MS {
            self.add(
                "SERVER-DATE",
                format!("{pointer}/datePublic"),
                format!("`{date}` is more than 24 hours ahead, expected a date that has come"),
                "cve-services section 10, datePublic",
                "give the day the vulnerability became public, or leave the key out",
            );
        }
    }

    /// Source: cve-services section 13, offsets.
    fn offsets(&mut self, container: usize, pointer: &str) {
        let mut times = Vec::new();
        for key in ["dateAssigned", "datePublic"] {
            let value = self.tape.get(container, key);
            times.extend(value.map(|value| (value, format!("{pointer}/{key}"))));
        }
        for (place, entry) in self.items(container, "timeline").into_iter().enumerate() {
            let value = self.tape.get(entry, "time");
            times.extend(value.map(|value| (value, format!("{pointer}/timeline/{place}/time"))));
        }
        for (value, pointer) in times {
            if let Some(time) = self.text(value).filter(|time| has_impossible_offset(time)) {
                self.add(
                    "SERVER-OFFSET",
                    pointer,
                    format!("`{time}` has an offset that no clock has, expected at most 23:59"),
                    "cve-services section 13, offsets",
                    "write the time in UTC, with `Z`",
                );
            }
        }
    }

    /// Source: cve-services section 13, package URLs.
    fn package_urls(&mut self, container: usize, pointer: &str) {
        for (place, product) in self.items(container, "affected").into_iter().enumerate() {
            let url = self
                .tape
                .get(product, "packageURL")
                .and_then(|url| self.text(url));
            if let Some(problem) = url.as_deref().and_then(purl::problem) {
                let message = format!("`{}` {problem}", url.unwrap_or_default());
                self.add(
                    "SERVER-PURL",
                    format!("{pointer}/affected/{place}/packageURL"),
                    message,
                    "cve-services section 13, Package-URL rules",
                    "write `pkg:type/namespace/name` without a version; versions go to `versions`",
                );
            }
        }
    }
}

/// Says whether a time ends in `±hh:mm` beyond 23:59, which the schema's
/// pattern lets through.
fn has_impossible_offset(time: &str) -> bool {
    let Some(offset) = time.len().checked_sub(6).and_then(|at| time.get(at..)) else {
        return false;
    };
    let Some((hours, minutes)) = offset.get(1..).and_then(|text| text.split_once(':')) else {
        return false;
    };
    let signed = offset.starts_with(['+', '-']);
    signed && (hours > "23" || minutes > "59")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(kind: Kind, text: &str) -> Vec<(String, String)> {
        let now = "2026-11-03T10:00:00Z".parse().unwrap();
        let found = findings(kind, text.as_bytes(), now);
        found
            .into_iter()
            .map(|finding| (finding.code.into_owned(), finding.pointer))
            .collect()
    }

    #[track_caller]
    fn finds(container: &str, want: &[(&str, &str)]) {
        let body = format!(r#"{{"cnaContainer":{container}}}"#);
        let found = codes(Kind::PublishedBody, &body);
        let found: Vec<_> = found
            .iter()
            .map(|(code, pointer)| (code.as_str(), pointer.as_str()))
            .collect();
        assert_eq!(found, want, "{container}");
    }

    #[test]
    fn english_may_occur_once_for_each_region_whatever_its_case() {
        let list = |langs: &[&str]| {
            let items: Vec<_> = langs
                .iter()
                .map(|lang| format!(r#"{{"lang":"{lang}"}}"#))
                .collect();
            format!(r#"{{"descriptions":[{}]}}"#, items.join(","))
        };
        finds(&list(&["en", "en-US", "fr", "fr"]), &[]);
        let twice = [("SERVER-LANGUAGE", "/cnaContainer/descriptions/1/lang")];
        finds(&list(&["en-us", "en-US"]), &twice);
        finds(&list(&["en", " en "]), &twice);
    }

    #[test]
    fn the_public_date_may_lie_24_hours_ahead() {
        finds(r#"{"datePublic":"2026-11-04T10:00:00Z"}"#, &[]);
        let late = [("SERVER-DATE", "/cnaContainer/datePublic")];
        finds(r#"{"datePublic":"2026-11-04T10:00:00.001Z"}"#, &late);
        finds(r#"{"datePublic":"2026-11-04T09:00:00.001-01:00"}"#, &late);
    }

    #[test]
    fn an_adp_may_date_ahead() {
        let body = r#"{"adpContainer":{"datePublic":"2027-01-01T00:00:00Z"}}"#;
        assert_eq!(codes(Kind::AdpBody, body), []);
    }

    #[test]
    fn an_offset_must_be_one_a_clock_can_have() {
        finds(
            r#"{"timeline":[{"time":"2026-01-01T00:00:00+23:59"}]}"#,
            &[],
        );
        let odd = [("SERVER-OFFSET", "/cnaContainer/timeline/1/time")];
        finds(
            r#"{"timeline":[{"time":"2026-01-01T00:00:00"},{"time":"2026-01-01T00:00:00+25:00"}]}"#,
            &odd,
        );
    }

    #[test]
    fn a_key_with_nul_cannot_be_stored() {
        finds(r#"{"x_\u0000":1}"#, &[("SERVER-KEY", "")]);
        finds(r#"{"x_":"\u0000","x_a":{"$b":1}}"#, &[]);
    }

    #[test]
    fn a_package_url_has_no_version() {
        finds(r#"{"affected":[{"packageURL":"pkg:npm/a"}]}"#, &[]);
        let bad = [("SERVER-PURL", "/cnaContainer/affected/0/packageURL")];
        finds(r#"{"affected":[{"packageURL":"pkg:npm/a@1"}]}"#, &bad);
    }

    #[test]
    fn enriched_means_a_cvss_score_and_a_weakness() {
        let metrics = r#""metrics":[{"cvssV3_1":{}}]"#;
        let problems = r#""problemTypes":[{"descriptions":[{"cweId":"CWE-1"}]}]"#;
        let is = |text: String| is_enriched(Kind::PublishedBody, text.as_bytes());
        assert!(is(format!(
            r#"{{"cnaContainer":{{{metrics},{problems}}}}}"#
        )));
        assert!(!is(format!(r#"{{"cnaContainer":{{{metrics}}}}}"#)));
        assert!(!is(format!(r#"{{"cnaContainer":{{{problems}}}}}"#)));
    }
}
