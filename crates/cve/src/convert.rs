//! Conversions: every document a record becomes, and records out of what
//! others write.
//!
//! Pure functions. The same record, settings and moment give the same bytes.
//! Nothing is invented: what a target needs and the record lacks is a
//! [`Finding`]. Nothing is dropped silently: what a target cannot hold is a
//! [`Loss`].
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | a record, typed and borrowed from its bytes |
//! | [`publisher`] | settings: what documents say about their publisher |
//! | [`read`] | other formats, as draft containers |
//! | [`version_text`] | ranges written as text, read |
//! | `finding`, `loss` | what a record lacks, what a target cannot hold |

mod content;
mod coverage;
mod csaf;
mod cyclonedx;
mod finding;
mod identifier;
mod json;
mod leftover;
mod loss;
mod openvex;
mod osv;
mod package;
mod product_names;
pub mod publisher;
pub mod record;
mod vers;

mod feed;
mod ghsa;
pub mod read;
mod text;
pub mod version_text;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

pub use crate::check::Finding;
pub use loss::Loss;
pub use publisher::{Category, ProductFacts, Publisher};
pub use record::Record;

use crate::id::CveId;
use crate::time::Timestamp;

/// What a record can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A CSAF document.
    Csaf {
        /// Which version of the standard.
        version: CsafVersion,
        /// Which profile.
        profile: CsafProfile,
    },
    /// An OSV document.
    Osv,
    /// An OpenVEX document.
    OpenVex,
    /// A CycloneDX document with vulnerabilities.
    CycloneDx(CycloneDxVersion),
    /// A feed as the Kubernetes project writes its own.
    K8sFeed,
    /// A JSON Feed.
    JsonFeed,
    /// An Atom feed.
    Atom,
    /// An RSS feed.
    Rss,
    /// A GitHub advisory.
    Ghsa,
    /// Markdown.
    Markdown,
    /// Plain text for a mail.
    Text,
    /// A fragment of HTML.
    Html,
}

/// A version of CSAF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CsafVersion {
    /// 2.0.
    #[default]
    V2_0,
    /// 2.1.
    V2_1,
}

/// A profile of CSAF. A rejected record becomes a withdrawal in either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CsafProfile {
    /// `csaf_security_advisory`.
    #[default]
    SecurityAdvisory,
    /// `csaf_vex`.
    Vex,
}

/// A version of CycloneDX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CycloneDxVersion {
    /// 1.6.
    #[default]
    V1_6,
    /// 1.7.
    V1_7,
}

impl Target {
    /// The word of the command line, such as `csaf-vex`.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Csaf {
                profile: CsafProfile::SecurityAdvisory,
                ..
            } => "csaf",
            Target::Csaf { .. } => "csaf-vex",
            Target::Osv => "osv",
            Target::OpenVex => "openvex",
            Target::CycloneDx(_) => "cyclonedx",
            Target::K8sFeed => "k8s-feed",
            Target::JsonFeed => "jsonfeed",
            Target::Atom => "atom",
            Target::Rss => "rss",
            Target::Ghsa => "ghsa",
            Target::Markdown => "markdown",
            Target::Text => "text",
            Target::Html => "html",
        }
    }

    /// Says whether all records go into one document.
    pub fn is_feed(self) -> bool {
        matches!(
            self,
            Target::K8sFeed | Target::JsonFeed | Target::Atom | Target::Rss
        )
    }
}

/// What a conversion is told beside the record.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Who publishes the document.
    pub publisher: &'a Publisher,
    /// The moment a document is made, where a format asks for it and the
    /// record has no date of its own.
    pub now: Timestamp,
    /// Every release of the record, the first one first, where they are
    /// known. Without them a document's history has what the record says of
    /// itself: when it was published and when it changed last.
    pub history: &'a [Revision],
}

/// One release of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// When it was released.
    pub date: Timestamp,
    /// What changed, in a few words.
    pub summary: String,
}

impl<'a> Options<'a> {
    /// Options for a record whose history is not known.
    pub fn new(publisher: &'a Publisher, now: Timestamp) -> Options<'a> {
        Options {
            publisher,
            now,
            history: &[],
        }
    }
}

/// A document, and what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// The document; text ends with a line break.
    pub document: String,
    /// The name of the file the format expects, such as `cve-1900-0001.json`.
    pub name: String,
    /// What the document does not say although the record does.
    pub losses: Vec<Loss>,
    /// What the record lacks; none is an error.
    pub findings: Vec<Finding>,
}

/// No document could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why: at least one error, naming the record's own defect.
    pub findings: Vec<Finding>,
}

impl Refused {
    /// A refusal for one reason.
    pub fn because(finding: Finding) -> Refused {
        Refused {
            findings: vec![finding],
        }
    }
}

/// What was read from another format.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Read {
    /// The CVE ID, where the document names one.
    pub id: Option<CveId>,
    /// A draft CNA container.
    pub container: serde_json::Value,
    /// What the container could not take.
    pub unplaced: Vec<Loss>,
    /// What the document lacks, and how its texts were read.
    pub findings: Vec<Finding>,
}

/// What a record can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A GitHub advisory, of a repository or of the global database.
    Ghsa,
    /// An OSV document.
    Osv,
    /// A CSAF 2.0 document.
    Csaf,
    /// CVE JSON 4.0.
    Cve4,
    /// CVE JSON 5.x: a record or a container.
    Cve5,
    /// What Vulnogram saves.
    Vulnogram,
}

impl Source {
    /// Every source with its word on the command line.
    pub const ALL: [(&'static str, Source); 6] = [
        ("ghsa", Source::Ghsa),
        ("osv", Source::Osv),
        ("csaf", Source::Csaf),
        ("cve4", Source::Cve4),
        ("cve5", Source::Cve5),
        ("vulnogram", Source::Vulnogram),
    ];

    /// The word of the command line.
    pub fn as_str(self) -> &'static str {
        let known = Source::ALL.iter().find(|(_, source)| *source == self);
        known.map_or("", |(word, _)| word)
    }
}

/// A word that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no format to read: expected one of ghsa, osv, csaf, cve4, cve5, vulnogram")]
pub struct InvalidSource {
    /// The word.
    pub found: String,
}

impl FromStr for Source {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Source, InvalidSource> {
        let known = Source::ALL.iter().find(|(word, _)| *word == text);
        known
            .map(|(_, source)| *source)
            .ok_or_else(|| InvalidSource {
                found: text.to_owned(),
            })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes the document `target` out of one record.
///
/// Gives: the same bytes for the same arguments.
/// Refuses: when the target needs something the record lacks; the findings
/// name it.
/// Source: formats sections 3 to 8.
pub fn convert(record: &Record, target: Target, options: &Options) -> Result<Converted, Refused> {
    convert_all(std::slice::from_ref(record), target, options)
}

/// Makes one document out of several records, which only feeds can; any other
/// target takes exactly one.
///
/// Refuses: as [`convert`], and several records where the target takes one.
pub fn convert_all(
    records: &[Record],
    target: Target,
    options: &Options,
) -> Result<Converted, Refused> {
    match target {
        Target::K8sFeed | Target::JsonFeed | Target::Atom | Target::Rss => {
            feed::convert(records, target, options)
        }
        _ => match records {
            [record] => convert_one(record, target, options),
            _ => Err(one_record_only(target, records.len())),
        },
    }
}

fn convert_one(record: &Record, target: Target, options: &Options) -> Result<Converted, Refused> {
    match target {
        Target::Csaf { version, profile } => csaf::convert(record, version, profile, options),
        Target::Osv => osv::convert(record, options),
        Target::OpenVex => openvex::convert(record, options),
        Target::CycloneDx(version) => cyclonedx::convert(record, version, options),
        Target::Ghsa => ghsa::convert(record, options),
        Target::Markdown | Target::Text | Target::Html => text::convert(record, target, options),
        // `convert_all` has taken them.
        Target::K8sFeed | Target::JsonFeed | Target::Atom | Target::Rss => {
            feed::convert(std::slice::from_ref(record), target, options)
        }
    }
}

fn one_record_only(target: Target, found: usize) -> Refused {
    Refused::because(finding::finding(
        crate::check::Severity::Error,
        "CONV-TARGET",
        "",
        format!(
            "a `{}` document is made of one record, not of {found}",
            target.as_str()
        ),
        "docs/convert.md",
        "convert each record by itself",
    ))
}
