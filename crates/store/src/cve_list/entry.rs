//! What is kept of a record of the CVE List: enough to find and to rank it.

use std::borrow::Cow;

use cve::id::CveId;
use cve::reference;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest description that is kept, in bytes.
///
/// Source: our choice; descriptions of kernel patches run to 60 KB, and what
/// a flaw is stands in the first lines.
const DESCRIPTION_BYTES: usize = 2_000;

/// The most references that are kept of a record.
const REFERENCES: usize = 100;

/// The most products that are kept of a record.
const PRODUCTS: usize = 100;

/// A record of the CVE List as the search knows it. Texts that the record does
/// not have are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// The ID.
    pub cve_id: CveId,
    /// `PUBLISHED` or `REJECTED`.
    pub state: String,
    /// Short name of the CNA that assigned the ID.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub assigner: String,
    /// The title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The English description, or the reason of the rejection; its first
    /// 2,000 bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What is affected; each product once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ListProduct>,
    /// Addresses, the first of each spelling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Commits the addresses name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<String>,
    /// Weaknesses, such as `CWE-79`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<String>,
    /// When the ID was reserved, as the record writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reserved: String,
    /// When the record was published, as the record writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub published: String,
    /// When it was last changed, as the record writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub updated: String,
    /// The references in their one spelling, while the record is being read.
    #[serde(skip)]
    pub(crate) spellings: Vec<String>,
}

/// A product of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListProduct {
    /// Its vendor.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub vendor: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub product: String,
    /// Name of its package.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Its package URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purl: String,
    /// Address of its source repository.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub repository: String,
}

/// A text of the record, borrowed where it holds no escapes.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    fn trimmed(&self) -> &str {
        self.0.trim()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    cve_metadata: Metadata<'a>,
    #[serde(borrow)]
    containers: Containers<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    cve_id: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow, default)]
    assigner_short_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    date_reserved: Option<Text<'a>>,
    #[serde(borrow, default)]
    date_published: Option<Text<'a>>,
    #[serde(borrow, default)]
    date_updated: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Containers<'a> {
    #[serde(borrow)]
    cna: Container<'a>,
    #[serde(borrow, default)]
    adp: Vec<Container<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow, default)]
    title: Option<Text<'a>>,
    #[serde(borrow, default)]
    descriptions: Vec<Said<'a>>,
    #[serde(borrow, default)]
    rejected_reasons: Vec<Said<'a>>,
    #[serde(borrow, default)]
    affected: Vec<Affected<'a>>,
    #[serde(borrow, default)]
    references: Vec<Reference<'a>>,
    #[serde(borrow, default)]
    problem_types: Vec<ProblemType<'a>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    lang: Text<'a>,
    #[serde(borrow, default)]
    value: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Affected<'a> {
    #[serde(borrow, default)]
    vendor: Option<Text<'a>>,
    #[serde(borrow, default)]
    product: Option<Text<'a>>,
    #[serde(borrow, default)]
    package_name: Option<Text<'a>>,
    #[serde(borrow, default, rename = "packageURL")]
    package_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    repo: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    url: Text<'a>,
}

#[derive(Deserialize)]
struct ProblemType<'a> {
    #[serde(borrow, default)]
    descriptions: Vec<Weakness<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Weakness<'a> {
    #[serde(borrow, default)]
    cwe_id: Option<Text<'a>>,
}

impl ListEntry {
    /// Reads what is kept out of a record of format 5.
    ///
    /// Gives: what is wrong and where, when the bytes are no such record. That
    /// a record breaks rules of the format is no reason to leave it out.
    pub fn read(bytes: &[u8]) -> Result<ListEntry, String> {
        let record: Record<'_> =
            serde_json::from_slice(bytes).map_err(|error| format!("not a CVE Record: {error}"))?;
        let metadata = &record.cve_metadata;
        let cve_id: CveId =
            (metadata.cve_id.0.parse()).map_err(|error| format!("/cveMetadata/cveId: {error}"))?;
        let state = metadata.state.trimmed();
        if !matches!(state, "PUBLISHED" | "REJECTED") {
            let found: String = state.chars().take(64).collect();
            return Err(format!(
                "/cveMetadata/state: `{found}`, expected `PUBLISHED` or `REJECTED`"
            ));
        }
        let containers = &record.containers;
        let cna = &containers.cna;
        let mut entry = ListEntry {
            cve_id,
            state: state.to_owned(),
            assigner: owned(&metadata.assigner_short_name),
            title: owned(&cna.title),
            description: described(cna),
            products: Vec::new(),
            references: Vec::new(),
            commits: Vec::new(),
            weaknesses: Vec::new(),
            reserved: owned(&metadata.date_reserved),
            published: owned(&metadata.date_published),
            updated: owned(&metadata.date_updated),
            spellings: Vec::new(),
        };
        for container in std::iter::once(cna).chain(&containers.adp) {
            entry.add_products(&container.affected);
            entry.add_references(&container.references);
            entry.add_weaknesses(&container.problem_types);
        }
        Ok(entry)
    }

    /// When the record was last changed, in milliseconds since 1970; 0 when it
    /// does not say.
    pub(crate) fn updated_ms(&self) -> i64 {
        moment_ms(&self.updated)
    }

    /// When it was published, or else reserved, in milliseconds since 1970.
    pub(crate) fn published_ms(&self) -> i64 {
        match moment_ms(&self.published) {
            0 => moment_ms(&self.reserved),
            ms => ms,
        }
    }

    fn add_products(&mut self, affected: &[Affected<'_>]) {
        for product in affected {
            if self.products.len() == PRODUCTS {
                return;
            }
            let product = ListProduct {
                vendor: named(&product.vendor),
                product: named(&product.product),
                package: named(&product.package_name),
                purl: owned(&product.package_url),
                repository: owned(&product.repo),
            };
            if product != ListProduct::default() && !self.products.contains(&product) {
                self.products.push(product);
            }
        }
    }

    fn add_references(&mut self, references: &[Reference<'_>]) {
        for url in references.iter().map(|reference| reference.url.trimmed()) {
            if self.references.len() == REFERENCES {
                return;
            }
            let Some(spelling) = reference::normal(url) else {
                continue;
            };
            if self.spellings.contains(&spelling) {
                continue;
            }
            self.spellings.push(spelling);
            for commit in reference::commits(url) {
                if !self.commits.contains(&commit) {
                    self.commits.push(commit);
                }
            }
            self.references.push(url.to_owned());
        }
    }

    fn add_weaknesses(&mut self, types: &[ProblemType<'_>]) {
        for weakness in types.iter().flat_map(|kind| &kind.descriptions) {
            let weakness = owned(&weakness.cwe_id);
            if !weakness.is_empty() && !self.weaknesses.contains(&weakness) {
                self.weaknesses.push(weakness);
            }
        }
    }
}

fn owned(text: &Option<Text<'_>>) -> String {
    text.as_ref()
        .map(|text| text.trimmed().to_owned())
        .unwrap_or_default()
}

/// A name, or nothing where the record only says that it has none.
fn named(text: &Option<Text<'_>>) -> String {
    let name = text.as_ref().map_or("", Text::trimmed);
    if matches!(name, "n/a" | "N/A" | "-") {
        return String::new();
    }
    name.to_owned()
}

/// The first English description, else the first; of a rejected record, its
/// reason.
fn described(container: &Container<'_>) -> String {
    let all = match container.descriptions.is_empty() {
        true => &container.rejected_reasons,
        false => &container.descriptions,
    };
    let english = |said: &&Said<'_>| said.lang.0.get(..2).is_some_and(|lang| lang == "en");
    let said = all.iter().find(english).or_else(|| all.first());
    let text = said.map_or("", |said| said.value.trimmed());
    let mut end = text.len().min(DESCRIPTION_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// Old records leave the zone out; a `Timestamp` reads that as UTC.
fn moment_ms(text: &str) -> i64 {
    text.parse::<Timestamp>().map_or(0, Timestamp::unix_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> serde_json::Value {
        json!({
            "dataType": "CVE_RECORD",
            "cveMetadata": {
                "cveId": "CVE-1900-1001",
                "state": "PUBLISHED",
                "assignerShortName": "example",
                "datePublished": "2026-01-02T03:04:05.678Z",
                "dateUpdated": "2026-02-02T00:00:00.000Z",
            },
            "containers": {
                "cna": {
                    "title": "A \"flaw\"",
                    "descriptions": [
                        {"lang": "de", "value": "Ein Fehler"},
                        {"lang": "en-US", "value": " A flaw in X "},
                    ],
                    "affected": [
                        {"vendor": "n/a", "product": "X", "versions": [{"version": "1"}]},
                        {"vendor": "n/a", "product": "X"},
                    ],
                    "references": [
                        {"url": "https://example.org/x/commit/0a1b2c3"},
                        {"url": "http://www.example.org/x/commit/0a1b2c3/"},
                    ],
                    "problemTypes": [{"descriptions": [{"cweId": "CWE-79"}]}],
                },
                "adp": [{
                    "affected": [{"vendor": "x", "product": "x", "packageURL": "pkg:npm/x"}],
                    "references": [{"url": "https://example.org/other"}],
                }],
            },
        })
    }

    fn read(record: &serde_json::Value) -> Result<ListEntry, String> {
        ListEntry::read(record.to_string().as_bytes())
    }

    #[test]
    fn all_containers_give_products_and_references_each_once() {
        let entry = read(&record()).unwrap();
        let products: Vec<_> = entry
            .products
            .iter()
            .map(|product| (product.vendor.as_str(), product.product.as_str()))
            .collect();
        assert_eq!(products, [("", "X"), ("x", "x")]);
        assert_eq!(entry.products[1].purl, "pkg:npm/x");
        assert_eq!(
            entry.references,
            [
                "https://example.org/x/commit/0a1b2c3",
                "https://example.org/other"
            ]
        );
        assert_eq!(entry.commits, ["0a1b2c3"]);
        assert_eq!(entry.weaknesses, ["CWE-79"]);
    }

    #[test]
    fn texts_are_read_with_their_escapes_in_english() {
        let entry = read(&record()).unwrap();
        assert_eq!(entry.title, "A \"flaw\"");
        assert_eq!(entry.description, "A flaw in X");
    }

    #[test]
    fn a_rejected_record_says_why() {
        let mut record = record();
        record["cveMetadata"]["state"] = json!("REJECTED");
        record["containers"] =
            json!({"cna": {"rejectedReasons": [{"lang": "en", "value": "Not used"}]}});
        let entry = read(&record).unwrap();
        assert_eq!(
            (entry.state.as_str(), entry.description.as_str()),
            ("REJECTED", "Not used")
        );
    }

    #[test]
    fn a_time_without_a_zone_is_in_utc() {
        let mut record = record();
        record["cveMetadata"]["dateUpdated"] = json!("1999-06-07T00:00:00");
        assert_eq!(read(&record).unwrap().updated_ms(), 928_713_600_000);
        record["cveMetadata"]["dateUpdated"] = json!("yesterday");
        assert_eq!(read(&record).unwrap().updated_ms(), 0);
    }

    #[test]
    fn a_long_description_is_cut_between_characters() {
        let mut record = record();
        record["containers"]["cna"]["descriptions"] =
            json!([{"lang": "en", "value": "ä".repeat(1_500)}]);
        assert_eq!(read(&record).unwrap().description, "ä".repeat(1_000));
    }

    #[test]
    fn what_is_no_record_is_said_with_its_place() {
        let mut record = record();
        record["cveMetadata"]["cveId"] = json!("CVE-1");
        assert_eq!(
            read(&record).unwrap_err(),
            "/cveMetadata/cveId: `CVE-1` is not a CVE ID: expected `CVE-YYYY-NNNN`, four digits \
             of year and 4 to 19 of number"
        );
        let problem = ListEntry::read(b"{\"cve\": 1}").unwrap_err();
        assert!(
            problem.starts_with("not a CVE Record: missing field"),
            "{problem}"
        );
    }
}
