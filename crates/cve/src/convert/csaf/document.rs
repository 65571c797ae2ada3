//! The shape of a CSAF document, versions 2.0 and 2.1; keys in alphabetical
//! order, as test 6.2.13 asks.

use std::borrow::Cow;

use serde::Serialize;

use crate::time::Timestamp;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    /// Only in 2.1.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<&'static str>,
    pub(super) document: Head<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_tree: Option<ProductTree>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Serialize)]
pub(super) struct Head<'a> {
    pub(super) category: &'static str,
    pub(super) csaf_version: &'static str,
    pub(super) distribution: Distribution,
    pub(super) lang: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<Note<'a>>,
    pub(super) publisher: Publisher<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference<'a>>,
    pub(super) title: Cow<'a, str>,
    pub(super) tracking: Tracking<'a>,
}

#[derive(Serialize)]
pub(super) struct Distribution {
    pub(super) tlp: Tlp,
}

#[derive(Serialize)]
pub(super) struct Tlp {
    pub(super) label: &'static str,
    pub(super) url: &'static str,
}

#[derive(Serialize)]
pub(super) struct Publisher<'a> {
    pub(super) category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contact_details: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuing_authority: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
}

#[derive(Serialize)]
pub(super) struct Tracking<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    pub(super) current_release_date: Timestamp,
    pub(super) generator: Generator,
    pub(super) id: String,
    pub(super) initial_release_date: Timestamp,
    pub(super) revision_history: Vec<Revision<'a>>,
    pub(super) status: &'static str,
    pub(super) version: String,
}

#[derive(Serialize)]
pub(super) struct Generator {
    pub(super) engine: Engine,
}

#[derive(Serialize)]
pub(super) struct Engine {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Revision<'a> {
    pub(super) date: Timestamp,
    pub(super) number: String,
    pub(super) summary: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct Note<'a> {
    pub(super) category: &'static str,
    pub(super) text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
pub(super) struct Reference<'a> {
    pub(super) category: &'static str,
    pub(super) summary: Cow<'a, str>,
    pub(super) url: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct ProductTree {
    pub(super) branches: Vec<Branch>,
}

#[derive(Serialize)]
pub(super) struct Branch {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) branches: Vec<Branch>,
    pub(super) category: &'static str,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<FullProductName>,
}

#[derive(Serialize)]
pub(super) struct FullProductName {
    pub(super) name: String,
    pub(super) product_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_identification_helper: Option<IdentificationHelper>,
}

#[derive(Serialize)]
pub(super) struct IdentificationHelper {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpe: Option<String>,
    /// Only in 2.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    /// Only in 2.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) purls: Vec<String>,
}

#[derive(Serialize, Default)]
pub(super) struct Vulnerability<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) acknowledgments: Vec<Acknowledgment<'a>>,
    pub(super) cve: &'a str,
    /// Only in 2.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cwe: Option<Weakness<'a>>,
    /// Only in 2.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cwes: Vec<Weakness<'a>>,
    /// Only in 2.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disclosure_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ids: Vec<OtherId<'a>>,
    /// Only in 2.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) metrics: Vec<Metric>,
    pub(super) notes: Vec<Note<'a>>,
    pub(super) product_status: ProductStatus,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference<'a>>,
    /// Only in 2.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) release_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) remediations: Vec<Remediation<'a>>,
    /// Only in 2.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) scores: Vec<Scores>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) threats: Vec<Threat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
pub(super) struct Acknowledgment<'a> {
    pub(super) names: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Weakness<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'static str,
    /// Only in 2.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'static str>,
}

#[derive(Serialize, PartialEq)]
pub(super) struct OtherId<'a> {
    pub(super) system_name: &'static str,
    pub(super) text: Cow<'a, str>,
}

/// Products by status. No product is in two lists.
#[derive(Serialize, Default)]
pub(super) struct ProductStatus {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fixed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) known_affected: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) known_not_affected: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) under_investigation: Vec<String>,
    /// Only in 2.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown: Vec<String>,
}

impl ProductStatus {
    pub(super) fn is_empty(&self) -> bool {
        self.fixed.is_empty()
            && self.known_affected.is_empty()
            && self.known_not_affected.is_empty()
            && self.under_investigation.is_empty()
            && self.unknown.is_empty()
    }
}

#[derive(Serialize)]
pub(super) struct Remediation<'a> {
    pub(super) category: &'static str,
    pub(super) details: Cow<'a, str>,
    pub(super) product_ids: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Threat<'a> {
    pub(super) category: &'static str,
    pub(super) details: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) product_ids: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Scores {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cvss_v2: Option<Cvss>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cvss_v3: Option<Cvss>,
    pub(super) products: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Metric {
    pub(super) content: MetricContent,
    pub(super) products: Vec<String>,
}

#[derive(Serialize, Default)]
pub(super) struct MetricContent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cvss_v2: Option<Cvss>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cvss_v3: Option<Cvss>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cvss_v4: Option<Cvss>,
}

#[derive(Serialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cvss {
    pub(super) base_score: f64,
    /// Version 2.0 has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base_severity: Option<&'static str>,
    pub(super) vector_string: String,
    pub(super) version: &'static str,
}
