//! The draft container that a reader fills.

use serde_json::{Map, Value, json};
use std::borrow::Cow;

use super::object::{Found, shortened};
use crate::check::{Checker, Finding, Kind, Severity};
use crate::convert::finding::finding;
use crate::convert::{Loss, Read};
use crate::cvss::{Cvss, Version};
use crate::id::CveId;

/// The parts of a container, in the order they are written.
const ORDER: [&str; 21] = [
    "title",
    "descriptions",
    "rejectedReasons",
    "replacedBy",
    "datePublic",
    "affected",
    "cpeApplicability",
    "problemTypes",
    "impacts",
    "metrics",
    "configurations",
    "workarounds",
    "solutions",
    "exploits",
    "references",
    "timeline",
    "credits",
    "tags",
    "source",
    "taxonomyMappings",
    "providerMetadata",
];

/// The most entries of one list that are read, but for references, of which
/// the format allows 512.
///
/// Source: our choice; no record known has as many.
const MOST_ITEMS: usize = 4096;

/// A draft container, with the place each part comes from.
#[derive(Default)]
pub(super) struct Draft {
    id: Option<CveId>,
    lists: Vec<(&'static str, Vec<Item>)>,
    parts: Vec<(String, Value, String)>,
    unplaced: Vec<Loss>,
    findings: Vec<Finding>,
}

/// An item of a list, and the pointer of its source.
struct Item {
    value: Value,
    origin: String,
}

impl Draft {
    /// Lists something of the source that the container does not hold.
    pub(super) fn unplaced(
        &mut self,
        kind: &'static str,
        pointer: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.unplaced.push(Loss::new(kind, pointer, why));
    }

    /// Adds a finding about the source.
    pub(super) fn found(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Says what is doubtful about the source.
    pub(super) fn warn(
        &mut self,
        code: &'static str,
        pointer: &str,
        message: impl Into<String>,
        fix: impl Into<Cow<'static, str>>,
    ) {
        let rule = "docs/convert.md, what is read";
        self.found(finding(
            Severity::Warning,
            code,
            pointer,
            message,
            rule,
            fix,
        ));
    }

    /// Says whether the ID is known.
    pub(super) fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// Takes the CVE ID; a text that is none, or a second ID, is unplaced.
    pub(super) fn id(&mut self, found: &Found) {
        match found.text.parse::<CveId>() {
            Ok(id) if self.id.is_none_or(|known| known == id) => self.id = Some(id),
            Ok(_) => self.unplaced(
                "second-id",
                &found.pointer,
                format!("a record has one CVE ID, and `{}` is another", found.text),
            ),
            Err(_) => self.unplaced(
                "id",
                &found.pointer,
                format!("`{}` is no CVE ID", shortened(found.text)),
            ),
        }
    }

    /// Says whether the ID of an advisory stands in `source` or in an address.
    pub(super) fn mentions(&self, id: &str) -> bool {
        let own = self.id.is_some_and(|known| known.to_string() == id);
        let sources = self.parts.iter().filter(|(key, ..)| key == "source");
        let lists = self.lists.iter().filter(|(key, _)| *key == "references");
        own || sources
            .into_iter()
            .any(|(_, value, _)| value["advisory"] == id)
            || lists.flat_map(|(_, items)| items).any(|item| {
                item.value["url"]
                    .as_str()
                    .is_some_and(|url| url.contains(id))
            })
    }

    /// Says whether an address is that of the record itself.
    pub(super) fn is_own_record(&self, url: &str) -> bool {
        let lower = url.to_ascii_lowercase();
        lower.contains("cve.org/cverecord?id=")
            && self
                .id
                .is_some_and(|id| lower.ends_with(&id.to_string().to_ascii_lowercase()))
    }

    /// Sets a part that is not a list.
    pub(super) fn set(&mut self, key: &str, value: Value, origin: impl Into<String>) {
        self.parts.retain(|(known, ..)| known != key);
        self.parts.push((key.to_owned(), value, origin.into()));
    }

    /// Says whether a part is set.
    pub(super) fn has(&self, key: &str) -> bool {
        self.parts.iter().any(|(known, ..)| known == key)
            || self
                .lists
                .iter()
                .any(|(known, items)| *known == key && !items.is_empty())
    }

    /// Adds an item to a list; one that equals another is already said.
    pub(super) fn push(&mut self, key: &'static str, value: Value, origin: impl Into<String>) {
        let item = Item {
            value,
            origin: origin.into(),
        };
        let most = if key == "references" { 512 } else { MOST_ITEMS };
        let known = self.lists.iter().find(|(known, _)| *known == key);
        if known.is_some_and(|(_, items)| items.len() >= most) {
            return self.unplaced(
                "too-many",
                item.origin,
                format!("`{key}` holds {most} entries here"),
            );
        }
        match self.lists.iter_mut().find(|(known, _)| *known == key) {
            // Only products may stand twice.
            Some((_, items)) => {
                if key == "affected" || items.iter().all(|known| known.value != item.value) {
                    items.push(item);
                }
            }
            None => self.lists.push((key, vec![item])),
        }
    }

    /// Sets the title, cut at 256 characters.
    ///
    /// Source: CVE Record Format `title`.
    pub(super) fn title(&mut self, found: &Found) {
        let line = found.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = self.cut(&line, 256, "title", &found.pointer);
        self.set("title", json!(text), &found.pointer);
    }

    /// Adds a text in a language to a list of them.
    ///
    /// Takes: `media`, the same in another media type.
    pub(super) fn prose(
        &mut self,
        key: &'static str,
        lang: &str,
        text: &str,
        origin: &str,
        media: Option<(&str, &str)>,
    ) {
        let mut entry = Map::new();
        entry.insert("lang".to_owned(), json!(lang));
        let value = self.cut(text, 4096, key, origin);
        entry.insert("value".to_owned(), json!(value));
        if let Some((kind, content)) = media {
            if content.chars().count() <= 16_384 {
                let media = json!([{"type": kind, "base64": false, "value": content}]);
                entry.insert("supportingMedia".to_owned(), media);
            } else {
                self.unplaced(
                    "media-length",
                    origin,
                    "the text is longer than the 16384 characters a record holds",
                );
            }
        }
        self.push(key, Value::Object(entry), origin);
    }

    /// Cuts a text where the format ends it, at the end of a word, and says so.
    fn cut(&mut self, text: &str, most: usize, part: &str, origin: &str) -> String {
        if text.chars().count() <= most {
            return text.to_owned();
        }
        let end = text
            .char_indices()
            .nth(most - 1)
            .map_or(text.len(), |(end, _)| end);
        let head = &text[..end];
        let word = head
            .rfind(char::is_whitespace)
            .filter(|place| *place > end / 2);
        let kept = head[..word.unwrap_or(end)].trim_end();
        self.unplaced(
            "length",
            origin,
            format!("`{part}` holds {most} characters; what follows them is left out"),
        );
        format!("{kept}…")
    }

    /// Adds a reference; the tags and names of one address are joined.
    pub(super) fn reference(&mut self, url: &str, name: Option<&str>, tags: &[&str], origin: &str) {
        if !crate::check::is_uri(url.as_bytes()) {
            self.unplaced(
                "reference",
                origin,
                format!("`{}` is no URI", shortened(url)),
            );
            return;
        }
        let name = name
            .map(str::trim)
            .filter(|name| !name.is_empty() && *name != url);
        let known = self.lists.iter_mut().find(|(key, _)| *key == "references");
        let known =
            known.and_then(|(_, items)| items.iter_mut().find(|item| item.value["url"] == url));
        if let Some(item) = known {
            let mut tags: Vec<_> = tags.iter().map(|tag| json!(tag)).collect();
            let mut all = item.value["tags"].as_array().cloned().unwrap_or_default();
            tags.retain(|tag| !all.contains(tag));
            all.append(&mut tags);
            if !all.is_empty() {
                item.value["tags"] = Value::Array(all);
            }
            match (name, item.value.get("name")) {
                (Some(name), None) => item.value["name"] = json!(name),
                (Some(name), Some(other)) if other != name => {
                    self.unplaced(
                        "reference-name",
                        origin,
                        format!(
                            "the address is named already, and `{}` is a second name",
                            shortened(name)
                        ),
                    );
                }
                _ => {}
            }
            return;
        }
        let mut entry = Map::new();
        entry.insert("url".to_owned(), json!(url));
        if let Some(name) = name {
            let name = self.cut(name, 512, "name", origin);
            entry.insert("name".to_owned(), json!(name));
        }
        if !tags.is_empty() {
            entry.insert("tags".to_owned(), json!(tags));
        }
        self.push("references", Value::Object(entry), origin);
    }

    /// Adds a weakness by its number and name, or as text.
    pub(super) fn weakness(&mut self, cwe: Option<u32>, text: &str, origin: &str) {
        self.weakness_in("en", cwe, text, origin);
    }

    /// Adds a weakness in a language.
    pub(super) fn weakness_in(&mut self, lang: &str, cwe: Option<u32>, text: &str, origin: &str) {
        let named = cwe.and_then(crate::cwe::entry).map(|entry| entry.name);
        let mut description = Map::new();
        if let Some(cwe) = cwe {
            description.insert("type".to_owned(), json!("CWE"));
            description.insert("cweId".to_owned(), json!(format!("CWE-{cwe}")));
        }
        description.insert("lang".to_owned(), json!(lang));
        let text = match (cwe, named, text.trim()) {
            (Some(cwe), Some(name), "") => format!("CWE-{cwe} {name}"),
            (Some(cwe), None, "") => format!("CWE-{cwe}"),
            (_, _, text) => text.to_owned(),
        };
        let text = self.cut(&text, 4096, "problemTypes", origin);
        description.insert("description".to_owned(), json!(text));
        self.push(
            "problemTypes",
            json!({"descriptions": [description]}),
            origin,
        );
    }

    /// Says whether a weakness is among the problem types.
    pub(super) fn has_weakness(&self, cwe: u32) -> bool {
        let id = format!("CWE-{cwe}");
        let lists = self.lists.iter().filter(|(key, _)| *key == "problemTypes");
        lists
            .flat_map(|(_, items)| items)
            .any(|item| item.value["descriptions"][0]["cweId"] == id)
    }

    /// Adds a CVSS vector with the score it has; a text that is none is
    /// unplaced, and a `stated` score that is another is doubted.
    pub(super) fn metric(&mut self, vector: &str, stated: Option<f64>, origin: &str) {
        let parsed = vector
            .trim()
            .trim_start_matches('(')
            .trim_end_matches(')')
            .parse::<Cvss>();
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                let why = format!("`{}` is no CVSS vector: {error}", shortened(vector));
                return self.unplaced("cvss", origin, why);
            }
        };
        let value = cvss_object(&parsed);
        if let (Some(stated), Some(score)) = (stated, value["baseScore"].as_f64())
            && stated > 0.0
            && (stated - score).abs() > 0.05
        {
            self.warn(
                "CONV-SCORE",
                origin,
                format!("the source says {stated}, and the vector scores {score}; the vector is followed"),
                "correct the vector or the score",
            );
        }
        let mut metric = Map::new();
        metric.insert("format".to_owned(), json!("CVSS"));
        metric.insert(parsed.version().key().to_owned(), value);
        self.push("metrics", Value::Object(metric), origin);
    }

    /// Adds a metric that is no CVSS.
    pub(super) fn other_metric(&mut self, kind: &str, content: Value, origin: &str) {
        self.push(
            "metrics",
            json!({"other": {"type": kind, "content": content}}),
            origin,
        );
    }

    /// Adds a credit.
    pub(super) fn credit(&mut self, name: &str, kind: Option<&str>, origin: &str) {
        self.credit_in("en", name, kind, origin);
    }

    /// Adds a credit in a language.
    pub(super) fn credit_in(&mut self, lang: &str, name: &str, kind: Option<&str>, origin: &str) {
        let name = self.cut(name, 4096, "credits", origin);
        let mut entry = Map::new();
        entry.insert("lang".to_owned(), json!(lang));
        entry.insert("value".to_owned(), json!(name));
        if let Some(kind) = kind {
            entry.insert("type".to_owned(), json!(kind));
        }
        self.push("credits", Value::Object(entry), origin);
    }

    /// Sets one key of `source`.
    pub(super) fn source(&mut self, key: &str, value: Value, origin: &str) {
        match self.parts.iter_mut().find(|(known, ..)| known == "source") {
            Some((_, known, _)) => known[key] = value,
            None => self.set("source", json!({key: value}), origin),
        }
    }

    /// What is unplaced so far, of a draft that was filled with nothing else.
    pub(super) fn finish_unplaced(self) -> Vec<Loss> {
        self.unplaced
    }

    /// Takes out what the schema refuses, and gives the draft.
    pub(super) fn finish(mut self) -> Read {
        let mut container = self.settle();
        // Findings that are left speak of parts the source does not have.
        let missing = schema_findings(&container);
        for mut finding in missing {
            finding.severity = Severity::Warning;
            self.findings.push(finding);
        }
        if let Value::Object(map) = &mut container {
            let mut parts: Vec<_> = std::mem::take(map).into_iter().collect();
            parts.sort_by_key(|(key, _)| place(key));
            map.extend(parts);
        }
        Read {
            id: self.id,
            container,
            unplaced: self.unplaced,
            findings: self.findings,
        }
    }

    /// Builds the container, and takes out item after item until the schema
    /// refuses nothing that is there.
    fn settle(&mut self) -> Value {
        // Each round takes something out, so there are no more than items.
        loop {
            let container = self.container();
            let findings = schema_findings(&container);
            let mut bad: Vec<_> = findings
                .into_iter()
                .filter_map(|finding| self.locate(&finding).map(|at| (at, finding)))
                .collect();
            if bad.is_empty() {
                return container;
            }
            // From behind, so that places stay right; once for each item.
            bad.sort_by(|(a, _), (b, _)| b.cmp(a));
            bad.dedup_by(|(a, _), (b, _)| a.is_in_same(b));
            for (at, finding) in bad {
                self.take_out(at, &finding);
            }
        }
    }

    fn container(&self) -> Value {
        let mut container = Map::new();
        for (key, value, _) in &self.parts {
            container.insert(key.clone(), value.clone());
        }
        for (key, items) in &self.lists {
            if !items.is_empty() {
                let values = items.iter().map(|item| item.value.clone()).collect();
                container.insert((*key).to_owned(), Value::Array(values));
            }
        }
        Value::Object(container)
    }

    /// The part that a finding points into.
    ///
    /// Gives: `None` for a finding about something that is not there.
    fn locate(&self, finding: &Finding) -> Option<At> {
        let missing = matches!(&*finding.code, "SCHEMA-REQUIRED" | "SCHEMA-CONTAINS");
        let mut steps = finding.pointer.split('/').skip(1);
        // The document itself has no step; a key may be an empty text.
        let key = steps.next()?;
        if let Some(list) = self.lists.iter().position(|(known, _)| *known == key) {
            let item: usize = match steps.next() {
                Some(step) => step.parse().ok()?,
                // The list as a whole: too long, or without English.
                None if missing => return None,
                None => self.lists[list].1.len().checked_sub(1)?,
            };
            let inner: Vec<String> = steps.map(str::to_owned).collect();
            return (item < self.lists[list].1.len()).then_some(At::Item { list, item, inner });
        }
        let key = key.replace("~1", "/").replace("~0", "~");
        let part = self.parts.iter().position(|(known, ..)| *known == key)?;
        Some(At::Part(part))
    }

    fn take_out(&mut self, at: At, finding: &Finding) {
        let why = format!("{}; {}", finding.message, finding.fix);
        match at {
            At::Part(part) => {
                let (_, _, origin) = self.parts.remove(part);
                self.unplaced("invalid", origin, why);
            }
            At::Item { list, item, inner } => {
                let (key, items) = &mut self.lists[list];
                let origin = items[item].origin.clone();
                // Of a product, only the part that is wrong.
                let kept =
                    *key == "affected" && take_out_of_product(&mut items[item].value, &inner);
                if !kept {
                    items.remove(item);
                }
                self.unplaced("invalid", origin, why);
            }
        }
    }
}

/// A part of the draft.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Part(usize),
    Item {
        list: usize,
        item: usize,
        inner: Vec<String>,
    },
}

impl At {
    fn is_in_same(&self, other: &At) -> bool {
        match (self, other) {
            (At::Part(a), At::Part(b)) => a == b,
            (
                At::Item {
                    list: a, item: b, ..
                },
                At::Item {
                    list: c, item: d, ..
                },
            ) => (a, b) == (c, d),
            _ => false,
        }
    }
}

/// Takes one key, or one entry of a list, out of a product.
///
/// Gives: whether the product can stay.
fn take_out_of_product(product: &mut Value, inner: &[String]) -> bool {
    let Some(map) = product.as_object_mut() else {
        return false;
    };
    let Some(key) = inner.first() else {
        return false;
    };
    let place = inner.get(1).and_then(|step| step.parse::<usize>().ok());
    match (map.get_mut(key), place) {
        (Some(Value::Array(items)), Some(place)) if place < items.len() => {
            items.remove(place);
            if items.is_empty() {
                map.remove(key);
            }
        }
        (Some(_), _) => {
            map.remove(key);
        }
        (None, _) => return false,
    }
    if !map.contains_key("versions") && !map.contains_key("defaultStatus") {
        map.insert("defaultStatus".to_owned(), json!("unknown"));
    }
    true
}

/// What the schema says about the container of a request body, where the
/// service adds `providerMetadata`.
fn schema_findings(container: &Value) -> Vec<Finding> {
    let kind = match container.get("rejectedReasons") {
        Some(_) => Kind::RejectedBody,
        None => Kind::PublishedBody,
    };
    let body = json!({"cnaContainer": container}).to_string();
    let mut findings = Checker::default().findings(kind, body.as_bytes());
    findings.retain(|finding| finding.severity == Severity::Error);
    for finding in &mut findings {
        let pointer = finding.pointer.strip_prefix("/cnaContainer");
        finding.pointer = pointer.unwrap_or_default().to_owned();
        // It would be a place in a text nobody has seen.
        finding.position = None;
    }
    findings
}

/// Where a part stands; extensions come last.
fn place(key: &str) -> usize {
    ORDER
        .iter()
        .position(|known| *known == key)
        .unwrap_or(ORDER.len())
}

/// A CVSS object as a record holds it.
///
/// Source: CVE Record Format, `cvssV4_0` and so on; formats section 1.7: the
/// base score is that of the whole vector in v4.0, of the base metrics before.
pub(super) fn cvss_object(vector: &Cvss) -> Value {
    let (score, severity) = match vector.version() {
        Version::V4_0 => (vector.score(), vector.severity()),
        _ => (vector.base_score(), vector.base_severity()),
    };
    let number = score.to_string().parse::<f64>().unwrap_or_default();
    let mut object = json!({
        "version": vector.version().as_str(),
        "vectorString": vector.to_string(),
        "baseScore": number,
    });
    if vector.version() != Version::V2_0 {
        object["baseSeverity"] = json!(severity.to_string().to_uppercase());
    }
    object
}
