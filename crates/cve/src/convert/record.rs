//! A record as the conversions read it: typed, borrowed from its bytes, and
//! parsed once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, Serialize};

use crate::check::{Finding, Position, Severity};

/// A text of a record: borrowed from the record's bytes unless it holds
/// escapes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Text<'a> {
        Text(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text(Cow::Owned(text))
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'a>, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reading)
    }
}

/// Keys the model does not read: extensions and what newer formats added.
/// Conversions report them as losses.
pub type OtherKeys<'a> = BTreeMap<Text<'a>, IgnoredAny>;

macro_rules! model {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Default, Deserialize)]
            #[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
            pub struct $name<'a> { $($(#[$field_meta])* pub $field: $kind,)* }
        )*
    };
}

model! {
    /// A CVE Record, published or rejected.
    ///
    /// Always true: it was JSON of the record's shape. Rules of the schema
    /// beyond shape (lengths, patterns, required keys) may be broken; the
    /// check for them is [`crate::check::Checker`].
    ///
    /// Source: CVE Record Format 5.0 to 5.2.0.
    pub struct Record {
        /// The version of the format it was written in.
        pub data_version: Text<'a>,
        /// Who assigned which ID, and when it was published.
        pub cve_metadata: Metadata<'a>,
        /// What the CNA and others say.
        pub containers: Containers<'a>,
    }

    /// Who assigned which ID, and when.
    pub struct Metadata {
        /// The CVE ID as written.
        pub cve_id: Text<'a>,
        /// UUID of the CNA.
        pub assigner_org_id: Text<'a>,
        /// Short name of the CNA.
        pub assigner_short_name: Option<Text<'a>>,
        /// `PUBLISHED` or `REJECTED`.
        pub state: Text<'a>,
        /// How often the record changed.
        #[serde(deserialize_with = "whole")]
        pub serial: Option<u64>,
        /// When the ID was reserved.
        pub date_reserved: Option<Text<'a>>,
        /// When the record was first published.
        pub date_published: Option<Text<'a>>,
        /// When the record last changed.
        pub date_updated: Option<Text<'a>>,
        /// When it was rejected.
        pub date_rejected: Option<Text<'a>>,
    }

    /// The containers.
    pub struct Containers {
        /// The CNA's own.
        pub cna: Container<'a>,
        /// Those of authorized data publishers.
        pub adp: Vec<Container<'a>>,
    }

    /// A CNA or ADP container, published or rejected.
    pub struct Container {
        /// Who provides it.
        pub provider_metadata: Provider<'a>,
        /// Its title.
        pub title: Option<Text<'a>>,
        /// When the ID was assigned.
        pub date_assigned: Option<Text<'a>>,
        /// When the vulnerability became public.
        pub date_public: Option<Text<'a>>,
        /// Why the record was rejected.
        pub rejected_reasons: Vec<Prose<'a>>,
        /// IDs to use instead of a rejected one.
        pub replaced_by: Vec<Text<'a>>,
        /// What the vulnerability is.
        pub descriptions: Vec<Prose<'a>>,
        /// Which products have it.
        pub affected: Vec<Product<'a>>,
        /// Configurations in terms of CPE.
        pub cpe_applicability: Vec<IgnoredAny>,
        /// Weaknesses.
        pub problem_types: Vec<ProblemType<'a>>,
        /// References.
        pub references: Vec<Reference<'a>>,
        /// Impacts, some with an attack pattern.
        pub impacts: Vec<Impact<'a>>,
        /// Scores.
        pub metrics: Vec<Metric<'a>>,
        /// Configurations that are needed to be vulnerable.
        pub configurations: Vec<Prose<'a>>,
        /// Workarounds.
        pub workarounds: Vec<Prose<'a>>,
        /// Solutions.
        pub solutions: Vec<Prose<'a>>,
        /// What is known about exploitation.
        pub exploits: Vec<Prose<'a>>,
        /// What happened when.
        pub timeline: Vec<Event<'a>>,
        /// Who is thanked.
        pub credits: Vec<Credit<'a>>,
        /// Where the CNA has it from; free content.
        pub source: Option<Source<'a>>,
        /// Tags such as `disputed`.
        pub tags: Vec<Text<'a>>,
        /// Other taxonomies.
        pub taxonomy_mappings: Vec<IgnoredAny>,
        /// Extensions and whatever the model does not read.
        #[serde(flatten)]
        pub other: OtherKeys<'a>,
    }

    /// Who provides a container.
    pub struct Provider {
        /// UUID of the organisation.
        pub org_id: Text<'a>,
        /// Its short name.
        pub short_name: Option<Text<'a>>,
        /// When it last changed the container.
        pub date_updated: Option<Text<'a>>,
    }

    /// A text in one language, with the same in other media.
    pub struct Prose {
        /// Language tag.
        pub lang: Text<'a>,
        /// Plain text.
        pub value: Text<'a>,
        /// The same in other media types.
        pub supporting_media: Vec<Media<'a>>,
    }

    /// A text in another media type.
    pub struct Media {
        /// Media type, such as `text/html`.
        #[serde(rename = "type")]
        pub kind: Text<'a>,
        /// The content.
        pub value: Text<'a>,
        /// Whether the content is base64.
        pub base64: bool,
    }

    /// One entry of `affected`.
    pub struct Product {
        /// Who makes it.
        pub vendor: Option<Text<'a>>,
        /// What it is called.
        pub product: Option<Text<'a>>,
        /// The collection its package is in.
        #[serde(rename = "collectionURL")]
        pub collection_url: Option<Text<'a>>,
        /// The name of its package there.
        pub package_name: Option<Text<'a>>,
        /// Its package URL.
        #[serde(rename = "packageURL")]
        pub package_url: Option<Text<'a>>,
        /// Its CPE names.
        pub cpes: Vec<Text<'a>>,
        /// The modules concerned.
        pub modules: Vec<Text<'a>>,
        /// The source files concerned.
        pub program_files: Vec<Text<'a>>,
        /// The routines concerned.
        pub program_routines: Vec<Routine<'a>>,
        /// The platforms concerned.
        pub platforms: Vec<Text<'a>>,
        /// Its source repository.
        pub repo: Option<Text<'a>>,
        /// What holds for versions that no entry names.
        pub default_status: Option<Text<'a>>,
        /// What holds for which versions.
        pub versions: Vec<VersionEntry<'a>>,
        /// Keys the format does not know.
        #[serde(flatten)]
        pub other: OtherKeys<'a>,
    }

    /// A routine of a program.
    pub struct Routine {
        /// Its name.
        pub name: Text<'a>,
    }

    /// One entry of `versions`.
    pub struct VersionEntry {
        /// A single version, or the lower end of a range.
        pub version: Text<'a>,
        /// What holds for it.
        pub status: Text<'a>,
        /// How versions are ordered.
        pub version_type: Option<Text<'a>>,
        /// Upper end, not included.
        pub less_than: Option<Text<'a>>,
        /// Upper end, included.
        pub less_than_or_equal: Option<Text<'a>>,
        /// Where the status changes inside the range.
        pub changes: Vec<Change<'a>>,
    }

    /// One entry of `changes`.
    pub struct Change {
        /// The version from which it holds.
        pub at: Text<'a>,
        /// What holds from there.
        pub status: Text<'a>,
    }

    /// One entry of `problemTypes`.
    pub struct ProblemType {
        /// The weakness, by language or by kind.
        pub descriptions: Vec<Weakness<'a>>,
    }

    /// One description of a problem type.
    pub struct Weakness {
        /// Language tag.
        pub lang: Text<'a>,
        /// The text.
        pub description: Text<'a>,
        /// The CWE ID.
        pub cwe_id: Option<Text<'a>>,
        /// The kind of text, such as `CWE`.
        #[serde(rename = "type")]
        pub kind: Option<Text<'a>>,
    }

    /// One reference.
    pub struct Reference {
        /// The address.
        pub url: Text<'a>,
        /// What it is called.
        pub name: Option<Text<'a>>,
        /// What it is.
        pub tags: Vec<Text<'a>>,
    }

    /// One impact.
    pub struct Impact {
        /// The attack pattern's ID.
        pub capec_id: Option<Text<'a>>,
        /// The impact in words.
        pub descriptions: Vec<Prose<'a>>,
    }

    /// One entry of `metrics`.
    pub struct Metric {
        /// The kind of metric.
        pub format: Option<Text<'a>>,
        /// Where it holds.
        pub scenarios: Vec<Scenario<'a>>,
        /// CVSS 4.0.
        #[serde(rename = "cvssV4_0")]
        pub cvss_v4_0: Option<Score<'a>>,
        /// CVSS 3.1.
        #[serde(rename = "cvssV3_1")]
        pub cvss_v3_1: Option<Score<'a>>,
        /// CVSS 3.0.
        #[serde(rename = "cvssV3_0")]
        pub cvss_v3_0: Option<Score<'a>>,
        /// CVSS 2.0.
        #[serde(rename = "cvssV2_0")]
        pub cvss_v2_0: Option<Score<'a>>,
        /// Any other metric.
        pub other: Option<OtherMetric<'a>>,
    }

    /// Where a metric holds.
    pub struct Scenario {
        /// Language tag.
        pub lang: Text<'a>,
        /// In words; `GENERAL` where nothing is said.
        pub value: Text<'a>,
    }

    /// A CVSS object. Its long-form keys repeat the vector and are not read.
    pub struct Score {
        /// The vector.
        pub vector_string: Text<'a>,
        /// The score.
        pub base_score: Option<f64>,
        /// The severity.
        pub base_severity: Option<Text<'a>>,
    }

    /// A metric that is no CVSS.
    pub struct OtherMetric {
        /// What it is.
        #[serde(rename = "type")]
        pub kind: Text<'a>,
        /// Its content.
        pub content: serde_json::Value,
    }

    /// One event of the timeline.
    pub struct Event {
        /// When.
        pub time: Text<'a>,
        /// Language tag.
        pub lang: Text<'a>,
        /// What happened.
        pub value: Text<'a>,
    }

    /// One credit.
    pub struct Credit {
        /// Language tag.
        pub lang: Text<'a>,
        /// Who.
        pub value: Text<'a>,
        /// In which role; finder when nothing is said.
        #[serde(rename = "type")]
        pub kind: Option<Text<'a>>,
    }

    /// Where the CNA has it from.
    pub struct Source {
        /// The CNA's own advisory.
        pub advisory: Option<serde_json::Value>,
        /// The CNA's own defects.
        pub defect: Option<serde_json::Value>,
        /// `INTERNAL`, `EXTERNAL`, `UPSTREAM`, `USER` or `UNKNOWN`.
        pub discovery: Option<serde_json::Value>,
        /// Anything else.
        #[serde(flatten)]
        pub other: OtherKeys<'a>,
    }
}

impl<'a> Record<'a> {
    /// Reads a record's shape. What the schema says beyond it is not checked.
    ///
    /// Takes: UTF-8 JSON.
    /// Refuses: a finding that says where the text is not JSON or not of the
    /// record's shape.
    /// Source: CVE Record Format.
    pub fn parse(bytes: &'a [u8]) -> Result<Record<'a>, Box<Finding>> {
        let record: Record =
            serde_json::from_slice(bytes).map_err(|error| Box::new(unreadable(&error)))?;
        if record.cve_metadata.cve_id.is_empty() {
            return Err(Box::new(no_id()));
        }
        Ok(record)
    }

    /// Says whether the record was rejected.
    pub fn is_rejected(&self) -> bool {
        self.cve_metadata.state.as_str() == "REJECTED"
    }

    /// The CVE ID as written.
    pub fn id(&self) -> &str {
        &self.cve_metadata.cve_id
    }

    /// The CNA's container.
    pub fn cna(&self) -> &Container<'a> {
        &self.containers.cna
    }
}

impl Product<'_> {
    /// What the product is called: product, else package.
    pub fn name(&self) -> Option<&str> {
        let named = self.product.as_deref().filter(|name| !name.is_empty());
        named.or(self.package_name.as_deref())
    }
}

/// A whole number, also one written as `1.0`, which JSON Schema allows.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?;
    // Conversion keeps within the bounds; a serial is far below 2^53.
    Ok(number
        .filter(|number| *number >= 0.0)
        .map(|number| number as u64))
}

/// The prose whose language is English, else the first.
pub fn english<'b, 'a>(texts: &'b [Prose<'a>]) -> Option<&'b Prose<'a>> {
    texts
        .iter()
        .find(|text| is_english(&text.lang))
        .or(texts.first())
}

/// Says whether a language tag is one of English; no tag counts as English.
pub fn is_english(lang: &str) -> bool {
    lang.is_empty()
        || lang
            .get(..2)
            .is_some_and(|head| head.eq_ignore_ascii_case("en"))
}

fn unreadable(error: &serde_json::Error) -> Finding {
    Finding {
        code: "CONV-RECORD".into(),
        severity: Severity::Error,
        pointer: String::new(),
        message: format!("this cannot be read as a CVE Record: {error}"),
        rule: "CVE Record Format".into(),
        fix: "check the file with `cve validate`, or name its format with --from".into(),
        position: (error.line() > 0).then(|| Position {
            line: error.line(),
            column: error.column().max(1),
        }),
    }
}

fn no_id() -> Finding {
    Finding {
        code: "CONV-RECORD".into(),
        severity: Severity::Error,
        pointer: "/cveMetadata/cveId".to_owned(),
        message: "the record has no CVE ID".to_owned(),
        rule: "CVE Record Format: cveMetadata.cveId".into(),
        fix: "write the ID into `cveMetadata.cveId`".into(),
        position: None,
    }
}
