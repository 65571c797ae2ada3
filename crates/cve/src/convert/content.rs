//! What documents of several formats take from a record in the same way.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use super::record::{Container, Prose, Record, Reference, Score, english};
use crate::cvss::{Cvss, Version};
use crate::time::Timestamp;

/// The moment a text of the record names; no offset means UTC.
pub(crate) fn moment(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// When the record was published first.
pub(crate) fn published(record: &Record) -> Option<Timestamp> {
    moment(record.cve_metadata.date_published.as_deref())
}

/// When the record changed last: by its metadata, or by the containers where
/// the metadata say nothing.
pub(crate) fn updated(record: &Record) -> Option<Timestamp> {
    let metadata = &record.cve_metadata;
    let containers = std::iter::once(&record.containers.cna).chain(&record.containers.adp);
    let of_containers = || {
        containers
            .filter_map(|container| moment(container.provider_metadata.date_updated.as_deref()))
            .max()
    };
    moment(metadata.date_updated.as_deref())
        .or_else(of_containers)
        .or_else(|| moment(metadata.date_rejected.as_deref()))
        .or_else(|| published(record))
}

/// The title: the record's, else the ID and the first words of the text.
pub(crate) fn title<'b>(record: &'b Record) -> Cow<'b, str> {
    let cna = record.cna();
    if let Some(title) = cna
        .title
        .as_deref()
        .map(str::trim)
        .filter(|title| !title.is_empty())
    {
        return Cow::Borrowed(title);
    }
    let prose = english(&cna.descriptions).or_else(|| english(&cna.rejected_reasons));
    match prose {
        Some(prose) => Cow::Owned(format!("{}: {}", record.id(), first_words(&prose.value))),
        None => Cow::Borrowed(record.id()),
    }
}

/// The first sentence of a text, or its first words, on one line.
fn first_words(text: &str) -> String {
    const MOST: usize = 100;
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() >= MOST {
            line.push('…');
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if word.ends_with('.') && line.chars().count() > 30 {
            line.pop();
            return line;
        }
    }
    line.trim_end_matches('.').to_owned()
}

/// The text in the language of the documents.
pub(crate) fn prose<'b, 'a>(texts: &'b [Prose<'a>]) -> Option<&'b Prose<'a>> {
    english(texts).filter(|prose| !prose.value.trim().is_empty())
}

/// The CNA's container and the others, each with its pointer.
pub(crate) fn containers<'b, 'a>(
    record: &'b Record<'a>,
) -> impl Iterator<Item = (String, &'b Container<'a>)> {
    let adp = record.containers.adp.iter().enumerate();
    let adp = adp.map(|(place, container)| (format!("/containers/adp/{place}"), container));
    std::iter::once(("/containers/cna".to_owned(), &record.containers.cna)).chain(adp)
}

/// The references of all containers, the first of each address.
pub(crate) fn references<'b, 'a>(record: &'b Record<'a>) -> Vec<&'b Reference<'a>> {
    let containers = std::iter::once(&record.containers.cna).chain(&record.containers.adp);
    let mut seen: HashSet<&str> = HashSet::new();
    containers
        .flat_map(|container| &container.references)
        .filter(|reference| seen.insert(&reference.url))
        .collect()
}

/// What a reference is called: its name, else its tags, else its address.
pub(crate) fn summary_of(reference: &Reference) -> String {
    let name = reference
        .name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    if let Some(name) = name {
        return name.to_owned();
    }
    let tags: Vec<&str> = reference
        .tags
        .iter()
        .map(|tag| tag.as_str())
        .filter(|tag| !tag.starts_with("x_"))
        .collect();
    match tags.is_empty() {
        true => reference.url.to_string(),
        false => tags.join(", "),
    }
}

/// The GHSA IDs the CNA's container names, each once, in order.
pub(crate) fn ghsa_ids(record: &Record) -> Vec<String> {
    let cna = record.cna();
    let mut found: Vec<String> = Vec::new();
    let mut look = |text: &str| {
        let mut rest = text;
        while let Some(at) = rest.find("GHSA-") {
            rest = &rest[at..];
            let id = rest.get(..19).filter(|id| is_ghsa_id(id));
            if let Some(id) = id
                && !found.iter().any(|known| known == id)
            {
                found.push(id.to_owned());
            }
            rest = &rest["GHSA-".len()..];
        }
    };
    let advisory = cna
        .source
        .as_ref()
        .and_then(|source| source.advisory.as_ref());
    if let Some(advisory) = advisory.and_then(|advisory| advisory.as_str()) {
        look(advisory);
    }
    for reference in &cna.references {
        look(&reference.url);
    }
    found
}

fn is_ghsa_id(text: &str) -> bool {
    let groups = text.split('-').skip(1);
    text.is_ascii()
        && groups.clone().count() == 3
        && groups.into_iter().all(|group| {
            group.len() == 4 && group.bytes().all(|b| b"23456789cfghjmpqrvwx".contains(&b))
        })
}

/// A CVSS vector of a container that can be trusted.
pub(crate) struct Scored<'b> {
    /// The vector as written.
    pub(crate) text: &'b str,
    pub(crate) vector: Cvss,
    /// The score the record gives.
    pub(crate) stated: Option<f64>,
    /// The pointer from the container.
    pub(crate) pointer: String,
    /// Where it holds, when that is not everywhere.
    pub(crate) scenario: Option<&'b str>,
}

/// A CVSS object whose vector is none.
pub(crate) struct Unscored<'b> {
    pub(crate) text: &'b str,
    pub(crate) why: String,
    pub(crate) pointer: String,
}

/// The CVSS objects of a container, newest version first within a metric.
pub(crate) fn scores<'b>(container: &'b Container) -> (Vec<Scored<'b>>, Vec<Unscored<'b>>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (place, metric) in container.metrics.iter().enumerate() {
        let scenario = metric
            .scenarios
            .first()
            .map(|scenario| scenario.value.as_str());
        let scenario = scenario.filter(|scenario| *scenario != "GENERAL");
        let objects: [(Version, &Option<Score>); 4] = [
            (Version::V4_0, &metric.cvss_v4_0),
            (Version::V3_1, &metric.cvss_v3_1),
            (Version::V3_0, &metric.cvss_v3_0),
            (Version::V2_0, &metric.cvss_v2_0),
        ];
        for (version, object) in objects {
            let Some(object) = object else { continue };
            let text = object.vector_string.as_str();
            let pointer = format!("/metrics/{place}/{}", version.key());
            match text.parse::<Cvss>() {
                Ok(vector) if vector.version() == version => good.push(Scored {
                    text,
                    vector,
                    stated: object.base_score,
                    pointer,
                    scenario,
                }),
                Ok(vector) => bad.push(Unscored {
                    text,
                    why: format!("it is a vector of version {}", vector.version()),
                    pointer,
                }),
                Err(error) => bad.push(Unscored {
                    text,
                    why: error.to_string(),
                    pointer,
                }),
            }
        }
    }
    (good, bad)
}

/// A small JSON value in one line of words.
pub(crate) fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join(", "),
        Value::Object(keys) => {
            let pairs = keys
                .iter()
                .map(|(key, value)| format!("{key}: {}", flat(value)));
            pairs.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_made_of_the_first_words() {
        assert_eq!(
            first_words("A  flaw\nin the parser of Widget lets anyone in. It was found late."),
            "A flaw in the parser of Widget lets anyone in"
        );
        assert!(first_words(&"word ".repeat(60)).ends_with("word…"));
    }

    #[test]
    fn ghsa_ids_are_found_in_addresses() {
        let record = Record::parse(
            br#"{"cveMetadata": {"cveId": "CVE-1900-0001"}, "containers": {"cna": {
                "source": {"advisory": "GHSA-2222-3333-4444"},
                "references": [{"url": "https://example.com/GHSA-cfgh-jmpq-rvwx#GHSA-2222-3333-4444"},
                    {"url": "https://example.com/GHSA-aaaa-bbbb-cccc"}]}}}"#,
        );
        assert_eq!(
            ghsa_ids(&record.unwrap()),
            ["GHSA-2222-3333-4444", "GHSA-cfgh-jmpq-rvwx"]
        );
    }
}
