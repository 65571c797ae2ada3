//! The shape of an OSV document; keys in the order OSV's own tools write.

use serde::Serialize;
use serde_json::Value;

use crate::time::Timestamp;

fn none<T>(list: &[T]) -> bool {
    list.is_empty()
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) schema_version: &'static str,
    pub(super) id: String,
    pub(super) modified: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) published: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) severity: Vec<Severity<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) affected: Vec<Affected<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) credits: Vec<Credit<'a>>,
    #[serde(skip_serializing_if = "DocumentFacts::is_empty")]
    pub(super) database_specific: DocumentFacts<'a>,
}

#[derive(Serialize)]
pub(super) struct Severity<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) score: &'a str,
}

#[derive(Serialize)]
pub(super) struct Affected<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<Package>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ranges: Vec<Range>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) versions: Vec<String>,
    pub(super) database_specific: ProductFacts<'a>,
}

#[derive(Serialize)]
pub(super) struct Package {
    pub(super) ecosystem: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Range {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repo: Option<String>,
    pub(super) events: Vec<Event>,
}

/// One change inside a range; exactly one key, by the schema.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Event {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
}

/// What the record says about a product and OSV has no key for.
#[derive(Serialize)]
pub(super) struct ProductFacts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vendor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collection_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repo: Option<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) cpes: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) platforms: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) modules: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) program_files: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) program_routines: Vec<&'a str>,
    /// Ranges that no kind of range holds, as `vers` specifiers.
    #[serde(skip_serializing_if = "none")]
    pub(super) unmapped_ranges: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Reference<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) url: &'a str,
}

#[derive(Serialize)]
pub(super) struct Credit<'a> {
    pub(super) name: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
}

/// What the record says as a whole and OSV has no key for.
#[derive(Serialize)]
pub(super) struct DocumentFacts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cna_assigner: Option<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) cwe_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) problem_types: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) capec_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "none")]
    pub(super) impacts: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<SourceFacts<'a>>,
    #[serde(skip_serializing_if = "none")]
    pub(super) tags: Vec<&'a str>,
}

impl DocumentFacts<'_> {
    fn is_empty(&self) -> bool {
        self.cna_assigner.is_none()
            && self.cwe_ids.is_empty()
            && self.problem_types.is_empty()
            && self.capec_ids.is_empty()
            && self.impacts.is_empty()
            && self.source.is_none()
            && self.tags.is_empty()
    }
}

#[derive(Serialize)]
pub(super) struct SourceFacts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advisory: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) defect: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discovery: Option<&'a Value>,
}
