//! The rules of the program cvelint, condition for condition.
//!
//! Pointers have the steps of its paths. Where it names no index, as in
//! `containers.cna.affected.#.vendor`, neither does the pointer.
//!
//! Source: cvelint at commit feb355a; the places where it is wrong are kept.

use std::str::FromStr;

use super::{Place, Walk};
use crate::check::{Document, Key, Kind};
use crate::lint::sink::Said;
use crate::lint::table::Id;
use crate::purl::Purl;
use crate::versions::is_strict_semver;

/// Where the container lies in the paths of cvelint.
const CNA: &str = "/containers/cna";

impl<'a> Walk<'a, '_> {
    pub(super) fn cvelint(&mut self, kind: Kind, place: &Place<'a>) {
        let doc = self.document;
        let (metadata, container) = (place.metadata, place.container);
        let mut state = place.state;
        let mut id = None;
        match kind {
            Kind::Record => {
                let named = metadata.and_then(|at| doc.text_at(at, Key::AssignerShortName));
                if named.unwrap_or_default().is_empty() {
                    // It passes over such records without a word.
                    return;
                }
                id = metadata.and_then(|at| doc.text_at(at, Key::CveId));
                self.basic(metadata, id, state);
            }
            // It knows no bare containers; their state is that of their kind.
            Kind::RejectedContainer | Kind::RejectedBody => state = Some("REJECTED"),
            _ => state = Some("PUBLISHED"),
        }
        let published = state == Some("PUBLISHED");
        let rejected = state == Some("REJECTED");
        let Some(cna) = container else {
            if published {
                self.sink.hit(Id::E016, 0, english_missing);
                self.sink.hit(Id::E017, 0, references_missing);
                self.sink.hit(Id::E006, 0, nothing_affected);
                self.sink.hit(Id::E010, 0, no_reference);
            }
            return;
        };
        self.cvelint_references(cna, id, published);
        self.cvelint_metrics(cna, published);
        self.cvelint_texts(cna, published, rejected);
        if published {
            self.cvelint_affected(cna);
            self.components(cna);
            self.timeline(cna);
        }
    }

    fn basic(&mut self, metadata: Option<usize>, id: Option<&str>, state: Option<&str>) {
        let doc = self.document;
        let at = |key| metadata.and_then(|at| doc.get(at, key)).unwrap_or(0);
        let said =
            |message: String, key: &str| Said::from(message).pointer(format!("/cveMetadata/{key}"));
        match id.unwrap_or_default() {
            "" => self.sink.hit(Id::E015, at(Key::CveId), || {
                said("CVE ID must be present".into(), "cveId")
            }),
            id if !id.starts_with("CVE-") => self.sink.hit(Id::E015, at(Key::CveId), || {
                let message = format!("Invalid CVE ID format: {id} (must start with CVE-)");
                said(message, "cveId")
            }),
            _ => {}
        }
        match state.unwrap_or_default() {
            "" => self.sink.hit(Id::E015, at(Key::State), || {
                said("CVE state must be present".into(), "state")
            }),
            "PUBLISHED" | "REJECTED" => {}
            state => self.sink.hit(Id::E015, at(Key::State), || {
                let message = format!("Invalid CVE state: {state} (must be PUBLISHED or REJECTED)");
                said(message, "state")
            }),
        }
    }

    fn cvelint_references(&mut self, cna: usize, id: Option<&str>, published: bool) {
        let doc = self.document;
        let list = doc.get(cna, Key::References);
        let items = || list.into_iter().flat_map(|list| doc.items(list));
        let urls: Vec<(usize, &str)> = items()
            .filter_map(|item| doc.get(item, Key::Url))
            .filter_map(|at| Some((at, doc.text(at)?)))
            .collect();
        for (at, url) in &urls {
            let known = ["ftp://", "ftps://", "http://", "https://"];
            if !known.iter().any(|start| url.starts_with(start)) {
                self.sink
                    .hit(Id::E001, *at, || format!("Invalid reference URL: {url}"));
            }
        }
        let mut sorted = urls.clone();
        // By address, then by place: the last of each is where it points.
        sorted.sort_by(|a, b| a.1.cmp(b.1).then(a.0.cmp(&b.0)));
        for (place, (at, url)) in sorted.iter().enumerate() {
            let again = place > 0 && sorted[place - 1].1 == *url;
            let last = sorted.get(place + 1).is_none_or(|next| next.1 != *url);
            if again && last {
                self.sink
                    .hit(Id::E002, *at, || format!("Duplicate reference URL: {url}"));
            }
        }
        if !published {
            return;
        }
        if items().next().is_none() {
            self.sink
                .hit(Id::E017, list.unwrap_or(cna), references_missing);
        }
        let own = format!(
            "https://www.cve.org/CVERecord?id={}",
            id.unwrap_or_default()
        );
        let mut others = 0;
        for (at, url) in &urls {
            if *url == own {
                self.sink.hit(Id::E010, *at, || {
                    format!("Unnecessary self-reference URL: {url}")
                });
            } else {
                others += 1;
            }
        }
        if others == 0 {
            self.sink.hit(Id::E010, list.unwrap_or(cna), no_reference);
        }
    }

    fn cvelint_metrics(&mut self, cna: usize, published: bool) {
        let doc = self.document;
        let list = doc.get(cna, Key::Metrics);
        for metric in list.into_iter().flat_map(|list| doc.items(list)) {
            if !doc.is_object(metric) {
                continue;
            }
            let mut inside = doc.inside(metric);
            let v3 = inside.find(|at| matches!(doc.key(*at), Key::CvssV30 | Key::CvssV31));
            if let Some(at) = v3 {
                let score = number(&doc, at);
                let severity = doc
                    .text_at(at, Key::BaseSeverity)
                    .unwrap_or_default()
                    .to_lowercase();
                let right = match score {
                    0.0 => "none",
                    score if score <= 3.9 => "low",
                    score if score <= 6.9 => "medium",
                    score if score <= 8.9 => "high",
                    _ => "critical",
                };
                if severity != right {
                    self.sink.hit(Id::E005, at, || {
                        format!("Incorrect CVSS v3 severity: \"{severity}\"; should be \"{right}\"")
                    });
                }
            }
            let Some(at) = doc.get(metric, Key::CvssV31).filter(|_| published) else {
                continue;
            };
            let score = number(&doc, at);
            if !(0.0..=10.0).contains(&score) {
                let value = doc.get(at, Key::BaseScore).unwrap_or(at);
                self.sink.hit(Id::E018, value, || {
                    format!(
                        "Invalid CVSS v3.1 base score: {score:.1} (must be between 0.0 and 10.0)"
                    )
                });
            }
            let severity = doc.text_at(at, Key::BaseSeverity).unwrap_or_default();
            if !matches!(
                severity,
                "" | "NONE" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL"
            ) {
                let value = doc.get(at, Key::BaseSeverity).unwrap_or(at);
                self.sink.hit(Id::E018, value, || {
                    format!("Invalid CVSS v3.1 severity: {severity}")
                });
            }
        }
    }

    fn cvelint_texts(&mut self, cna: usize, published: bool, rejected: bool) {
        let doc = self.document;
        let descriptions = doc.get(cna, Key::Descriptions);
        let reasons = doc.get(cna, Key::RejectedReasons);
        let list = match (published, rejected) {
            (true, _) => descriptions,
            (_, true) => reasons,
            _ => None,
        };
        let mut english = 0;
        for item in list.into_iter().flat_map(|list| doc.items(list)) {
            if doc.text_at(item, Key::Lang) != Some("en") {
                continue;
            }
            english += 1;
            let text = doc.text_at(item, Key::Value).unwrap_or_default();
            if text.chars().count() < 10 {
                self.sink
                    .hit(Id::E003, item, || format!("Description too short: {text}"));
            }
        }
        if english > 1 {
            let at = list.unwrap_or(cna);
            self.sink.hit(Id::E003, at, || {
                Said::from("More than one en-US description present").pointer("")
            });
        }
        if published && english == 0 {
            self.sink
                .hit(Id::E016, descriptions.unwrap_or(cna), english_missing);
        }
        let values = |list: Option<usize>| {
            list.into_iter()
                .flat_map(move |list| doc.items(list))
                .filter_map(move |item| doc.get(item, Key::Value))
                .filter_map(move |at| Some((at, doc.text(at)?)))
        };
        if published {
            for (at, text) in
                values(descriptions).filter(|(_, text)| text.trim().len() != text.len())
            {
                let _ = text;
                self.sink.hit(
                    Id::E004,
                    at,
                    || "Trailing or leading whitespace in description",
                );
            }
        }
        if published || rejected {
            for (at, _) in values(descriptions).filter(|(_, text)| has_escape(text)) {
                self.sink.hit(Id::E020, at, || {
                    "Unicode escape sequences found in description; UTF-8 characters should be used instead"
                });
            }
        }
        if rejected {
            for (at, _) in values(reasons).filter(|(_, text)| has_escape(text)) {
                self.sink.hit(Id::E020, at, || {
                    "Unicode escape sequences found in rejection reason; UTF-8 characters should be used instead"
                });
            }
        }
    }

    fn cvelint_affected(&mut self, cna: usize) {
        let doc = self.document;
        let list = doc.get(cna, Key::Affected);
        let mut says_affected = false;
        for item in list.into_iter().flat_map(|list| doc.items(list)) {
            let word = doc.text_at(item, Key::DefaultStatus);
            says_affected |= matches!(word, Some("affected" | "unknown"));
            for (key, id, what) in [
                (Key::Vendor, Id::E008, "vendor"),
                (Key::Product, Id::E009, "product"),
            ] {
                let Some(at) = doc.get(item, key) else {
                    continue;
                };
                let name = doc.text(at).unwrap_or_default();
                let address = name.starts_with("http://") || name.starts_with("https://");
                if matches!(name, "-" | "/" | "n/a") || address {
                    self.sink.hit(id, at, || {
                        Said::from(format!("Invalid {what} string: \"{name}\""))
                            .pointer(format!("{CNA}/affected/#/{what}"))
                    });
                }
            }
            let versions = doc.get(item, Key::Versions);
            for entry in versions.into_iter().flat_map(|list| doc.items(list)) {
                let word = doc.text_at(entry, Key::Status);
                says_affected |= matches!(word, Some("affected" | "unknown"));
                self.cvelint_version(entry);
            }
        }
        if !says_affected {
            self.sink
                .hit(Id::E006, list.unwrap_or(cna), nothing_affected);
        }
    }

    fn cvelint_version(&mut self, entry: usize) {
        let doc = self.document;
        let version_type = doc.text_at(entry, Key::VersionType).unwrap_or_default();
        if version_type == "custom" {
            let at = doc.get(entry, Key::VersionType).unwrap_or(entry);
            self.sink.hit(
                Id::E011,
                at,
                || "Custom versionType should be avoided per CVE schema documentation",
            );
        }
        let fields = [
            (Key::Version, Field::Version),
            (Key::LessThan, Field::LessThan),
            (Key::LessThanOrEqual, Field::LessThanOrEqual),
        ];
        for (key, field) in fields {
            if let Some(at) = doc.get(entry, key) {
                self.cvelint_version_text(at, field, version_type);
            }
        }
        let changes = doc.get(entry, Key::Changes);
        for change in changes.into_iter().flat_map(|list| doc.items(list)) {
            if let Some(at) = doc.get(change, Key::At) {
                self.cvelint_version_text(at, Field::Change, version_type);
            }
        }
    }

    fn cvelint_version_text(&mut self, at: usize, field: Field, version_type: &str) {
        let text = self.document.text(at).unwrap_or_default();
        if text.is_empty() || (field == Field::LessThan && text == "*") {
            return;
        }
        if field == Field::LessThanOrEqual && text == "*" {
            self.sink.hit(
                Id::E007,
                at,
                || "\"*\" is only allowed in lessThan, not lessThanOrEqual",
            );
            return;
        }
        if text.starts_with("pkg:") && field != Field::Change {
            if let Err(fault) = Purl::from_str(text) {
                let place = match field {
                    Field::Version => "package version string",
                    Field::LessThan => "lessThan version",
                    _ => "lessThanOrEqual version",
                };
                self.sink.hit(Id::E007, at, || {
                    format!("Invalid purl in {place}: \"{text}\" (error: {fault})")
                });
            }
            return;
        }
        if !is_generic(text) {
            self.sink.hit(Id::E007, at, || match field {
                Field::Version => format!("Invalid version string: \"{text}\""),
                Field::LessThan => format!("Invalid lessThan version string: \"{text}\""),
                Field::LessThanOrEqual => {
                    format!("Invalid lessThanOrEqual version string: \"{text}\"")
                }
                Field::Change => format!("Invalid version in changes.at: \"{text}\""),
            });
            return;
        }
        if !version_type.is_empty() && !is_of_type(text, version_type) {
            let what = match field {
                Field::Version => "Version",
                Field::LessThan => "lessThan version",
                Field::LessThanOrEqual => "lessThanOrEqual version",
                Field::Change => "changes.at version",
            };
            self.sink.hit(Id::E007, at, || {
                format!(
                    "{what} \"{text}\" does not match expected format for type \"{version_type}\""
                )
            });
        }
    }

    fn components(&mut self, cna: usize) {
        let doc = self.document;
        let list = doc.get(cna, Key::Components);
        for item in list.into_iter().flat_map(|list| doc.items(list)) {
            let Some(at) = doc.get(item, Key::Purl) else {
                continue;
            };
            let Some(purl) = self.cvelint_purl(at, "") else {
                continue;
            };
            let namespace = doc.text_at(item, Key::Namespace).unwrap_or_default();
            let own = purl.namespace().unwrap_or_default();
            if !namespace.is_empty() && own != namespace {
                self.sink.hit(Id::E014, at, || {
                    format!(
                        "PURL namespace '{own}' does not match component namespace '{namespace}'"
                    )
                });
            }
            let name = doc.text_at(item, Key::Name).unwrap_or_default();
            if !name.is_empty() && purl.name() != name {
                self.sink.hit(Id::E014, at, || {
                    format!(
                        "PURL name '{}' does not match component name '{name}'",
                        purl.name()
                    )
                });
            }
        }
        let affected = doc.get(cna, Key::Affected);
        for item in affected.into_iter().flat_map(|list| doc.items(list)) {
            if let Some(at) = doc.get(item, Key::Purl) {
                self.cvelint_purl(at, " in affected");
            }
        }
    }

    fn cvelint_purl(&mut self, at: usize, place: &str) -> Option<Purl> {
        let text = self.document.text(at).unwrap_or_default();
        if text.is_empty() {
            return None;
        }
        if !text.starts_with("pkg:") {
            self.sink.hit(Id::E013, at, || {
                format!("Invalid PURL format{place}: missing 'pkg:' prefix: {text}")
            });
            return None;
        }
        match Purl::from_str(text) {
            Ok(purl) => Some(purl),
            Err(fault) => {
                self.sink.hit(Id::E013, at, || {
                    format!("Invalid PURL format{place}: {text} (error: {fault})")
                });
                None
            }
        }
    }

    fn timeline(&mut self, cna: usize) {
        let doc = self.document;
        let list = doc.get(cna, Key::Timeline);
        for item in list.into_iter().flat_map(|list| doc.items(list)) {
            for (key, name) in [(Key::Event, "event"), (Key::EventDate, "eventDate")] {
                if doc.text_at(item, key).unwrap_or_default().is_empty() {
                    self.sink.hit(Id::E019, item, || {
                        Said::from(format!("Timeline entry must have an '{name}' field"))
                            .pointer(format!("{}/{name}", doc.pointer(item)))
                    });
                }
            }
        }
    }
}

/// Where a version stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Version,
    LessThan,
    LessThanOrEqual,
    Change,
}

fn at_cna(message: &str, key: &str) -> Said {
    Said::from(message).pointer(format!("{CNA}/{key}"))
}

fn english_missing() -> Said {
    at_cna(
        "CNA Rules v4.0 MUST: At least one English (en) description must be present for PUBLISHED records",
        "descriptions",
    )
}

fn references_missing() -> Said {
    at_cna(
        "CNA Rules v4.0 MUST: At least one reference must be provided for PUBLISHED records",
        "references",
    )
}

fn no_reference() -> Said {
    at_cna("No valid reference found", "references")
}

fn nothing_affected() -> Said {
    at_cna("No affected product found", "affected")
}

fn number(doc: &Document<'_>, object: usize) -> f64 {
    let at = doc.get(object, Key::BaseScore);
    let source = at.map(|at| doc.source(at)).unwrap_or_default();
    let text = std::str::from_utf8(source).unwrap_or_default();
    text.parse().unwrap_or(0.0)
}

/// Its pattern for any version.
fn is_generic(text: &str) -> bool {
    let mut bytes = text.bytes();
    text == "*"
        || (bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
            && bytes.all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*' | b'_' | b':' | b'.')
            }))
}

/// Its patterns for the types it knows.
fn is_of_type(text: &str, version_type: &str) -> bool {
    let all = |allowed: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || allowed.contains(&byte))
    };
    match version_type {
        "semver" => is_strict_semver(text),
        "git" => {
            matches!(text.len(), 40 | 64)
                && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        }
        "rpm" => all(b"._~-"),
        "maven" => all(b"._-"),
        "python" => is_python(text),
        _ => is_generic(text),
    }
}

/// PEP 440 without a local part and without a `v`, any spelling of the words.
fn is_python(text: &str) -> bool {
    let plain = !text.starts_with(['v', 'V']) && !text.contains('+');
    plain && crate::versions::Scheme::Python.reads(text) && text.trim() == text
}

/// A backslash, a `u` and four hexadecimal digits.
fn has_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, b"\\u").any(|at| {
        bytes
            .get(at + 2..at + 6)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
