//! What a document says about its publisher, which no record holds.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The facts about a publisher, as its settings file gives them.
///
/// The file is described in `docs/convert.md`, with an example in
/// `fixtures/convert/publisher.toml`. Unknown keys are refused, so that a
/// misspelt one is noticed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Publisher {
    /// The name of the organisation that publishes the documents.
    pub name: String,
    /// A URI the organisation owns; documents are told apart by it.
    pub namespace: String,
    /// What the organisation is to the products.
    #[serde(default)]
    pub category: Category,
    /// How to reach it.
    #[serde(default)]
    pub contact: Option<String>,
    /// Why it may speak about the products.
    #[serde(default)]
    pub authority: Option<String>,
    /// The languages of its documents, the preferred one first.
    #[serde(default = "english_only")]
    pub languages: Vec<String>,
    /// Where a document will be found; `{name}` stands for the file name,
    /// `{year}` for the year of the ID, `{id}` for the document's ID.
    #[serde(default)]
    pub document_url: Option<String>,
    /// Where the advisory for people is found; `{id}` stands for the CVE ID.
    #[serde(default)]
    pub advisory_url: Option<String>,
    /// The ID of a document of its own, such as `EX-SA-{year}-{number}`;
    /// `{year}` and `{number}` are those of the CVE ID, `{id}` is the whole.
    #[serde(default)]
    pub id: Option<String>,
    /// The prefix of IDs in an OSV database of its own, such as `x_EX`;
    /// without it documents carry the CVE ID.
    #[serde(default)]
    pub osv_prefix: Option<String>,
    /// The product's facts that records leave out.
    #[serde(default)]
    pub products: Vec<ProductFacts>,
    /// Names of ecosystems for collections that records name by address: the
    /// host, and the ecosystem its packages are in.
    #[serde(default)]
    pub collections: BTreeMap<String, String>,
}

/// What a publisher is to the products it writes about.
///
/// Source: CSAF 2.0 and 2.1 section 3.2.1.8.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// It makes them.
    Vendor,
    /// It brings finders and makers together.
    Coordinator,
    /// It finds vulnerabilities in them.
    Discoverer,
    /// None of these.
    #[default]
    Other,
}

impl Category {
    /// The word as CSAF writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Vendor => "vendor",
            Category::Coordinator => "coordinator",
            Category::Discoverer => "discoverer",
            Category::Other => "other",
        }
    }
}

/// What is true of a product whatever the record.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProductFacts {
    /// The vendor as records write it; any vendor when it is left out.
    #[serde(default)]
    pub vendor: Option<String>,
    /// The product, or package, as records write it.
    pub product: String,
    /// Its ecosystem by the name OSV gives it, such as `crates.io`.
    #[serde(default)]
    pub ecosystem: Option<String>,
    /// The name of its package there; the product's name without it.
    #[serde(default)]
    pub package: Option<String>,
    /// Its package URL, without a version.
    #[serde(default)]
    pub purl: Option<String>,
    /// Its source repository.
    #[serde(default)]
    pub repository: Option<String>,
}

fn english_only() -> Vec<String> {
    vec!["en".to_owned()]
}

impl Publisher {
    /// The publisher that stands in when nobody gave settings: the CNA that
    /// assigned the ID, as the record names it.
    ///
    /// Gives: category `other`, and the CVE Program's address of the record
    /// format as namespace, because a record names no address of its CNA.
    pub fn unnamed() -> Publisher {
        Publisher {
            name: String::new(),
            namespace: "https://www.cve.org".to_owned(),
            category: Category::Other,
            contact: None,
            authority: None,
            languages: english_only(),
            document_url: None,
            advisory_url: None,
            id: None,
            osv_prefix: None,
            products: Vec::new(),
            collections: BTreeMap::new(),
        }
    }

    /// What is wrong with the settings, in sentences; empty when nothing is.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() {
            faults.push("`name` is empty: write the name of the organisation".to_owned());
        }
        if !crate::check::is_uri(self.namespace.as_bytes()) {
            faults.push(format!(
                "`namespace` is `{}`, expected a URI such as `https://example.com`",
                self.namespace
            ));
        }
        for (key, template) in [
            ("document-url", &self.document_url),
            ("advisory-url", &self.advisory_url),
        ] {
            let filled = template.as_ref().map(|text| text.replace(['{', '}'], ""));
            if filled.is_some_and(|url| !crate::check::is_uri(url.as_bytes())) {
                faults.push(format!("`{key}` is not the form of a URI"));
            }
        }
        let is_own = |prefix: &str| {
            prefix.strip_prefix("x_").is_some_and(|rest| {
                !rest.is_empty()
                    && rest
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
        };
        if let Some(prefix) = self.osv_prefix.as_deref().filter(|prefix| !is_own(prefix)) {
            faults.push(format!(
                "`osv-prefix` is `{prefix}`, expected `x_` and a name, as the OSV schema asks of databases it does not list"
            ));
        }
        let ecosystems = self
            .products
            .iter()
            .filter_map(|facts| facts.ecosystem.as_deref());
        for name in ecosystems.chain(self.collections.values().map(String::as_str)) {
            if !super::package::is_ecosystem(name) {
                faults.push(format!(
                    "`{name}` is no ecosystem of OSV's list: its letter case counts"
                ));
            }
        }
        faults
    }

    /// The facts about a product, as the settings give them.
    ///
    /// Letter case does not count.
    pub fn facts(&self, vendor: Option<&str>, product: &str) -> Option<&ProductFacts> {
        self.products.iter().find(|facts| {
            let of_vendor = match (&facts.vendor, vendor) {
                (None, _) => true,
                (Some(known), Some(vendor)) => known.eq_ignore_ascii_case(vendor),
                (Some(_), None) => false,
            };
            of_vendor && facts.product.eq_ignore_ascii_case(product)
        })
    }
}
