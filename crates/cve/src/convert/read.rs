//! Documents of other formats, read into draft CNA containers.
//!
//! Nothing is invented, and nothing is dropped silently: every part of the
//! document that the container does not hold is listed as unplaced, with its
//! place in the document and the reason. A text that had to be interpreted,
//! such as a range of versions, is shown beside its reading.
//!
//! ```
//! use cve::convert::{Publisher, read};
//!
//! let advisory = br#"{
//!     "ghsa_id": "GHSA-2222-3333-4444", "summary": "Widget runs any command",
//!     "vulnerabilities": [{
//!         "package": {"ecosystem": "npm", "name": "widget"},
//!         "vulnerable_version_range": ">= 1.3.0, < 1.3.19"
//!     }]
//! }"#;
//! let read = read::read(advisory, None, &Publisher::unnamed()).unwrap();
//! let range = &read.container["affected"][0]["versions"][0];
//! assert_eq!(range["version"], "1.3.0");
//! assert_eq!(range["lessThan"], "1.3.19");
//! ```
//!
//! | file | reads |
//! |---|---|
//! | `ghsa` | GitHub advisories, of repositories and of the global database |
//! | `osv` | OSV documents |
//! | `csaf` | CSAF 2.0, and what 2.1 has in common with it |
//! | `cve4`, `cve5` | CVE JSON |
//! | `vulnogram` | what Vulnogram saves |
//! | `source` | finds out which of these a document is |
//! | `draft`, `object` | the container being filled, the source being emptied |

use serde_json::Value;

use super::finding::finding;
use super::{Publisher, Read, Refused, Source};
use crate::check::{MAX_DOCUMENT_BYTES, Position, Severity};

mod csaf;
mod cve4;
mod cve5;
mod draft;
mod events;
pub(in crate::convert) mod ghsa;
pub(in crate::convert) mod markdown;
mod object;
mod osv;
mod product;
mod source;
mod vulnogram;

pub use source::source_of;

/// Reads a document into a draft container.
///
/// Takes: UTF-8 JSON of at most [`MAX_DOCUMENT_BYTES`]; `source`, or none to
/// find it out; `publisher`, whose settings know addresses of collections.
/// Gives: a container that the schema refuses nothing of; what it still lacks
/// is among the findings, as warnings.
/// Refuses: what is not JSON, has no known format, or not the format named.
/// Source: formats sections 3, 4, 8 and 9.
pub fn read(bytes: &[u8], source: Option<Source>, publisher: &Publisher) -> Result<Read, Refused> {
    let document = parse(bytes)?;
    let source = match source {
        Some(source) => source::expect(&document, source)?,
        None => source_of(&document).map_err(|finding| Refused::because(*finding))?,
    };
    Ok(match source {
        Source::Ghsa => ghsa::read(&document, publisher),
        Source::Osv => osv::read(&document, publisher),
        Source::Csaf => csaf::read(&document),
        Source::Cve4 => cve4::read(&document),
        Source::Cve5 => cve5::read(&document),
        Source::Vulnogram => vulnogram::read(&document),
    })
}

fn parse(bytes: &[u8]) -> Result<Value, Refused> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let message = format!(
            "the text has {} bytes, expected at most {MAX_DOCUMENT_BYTES}",
            bytes.len()
        );
        return Err(Refused::because(finding(
            Severity::Error,
            "CONV-SIZE",
            "",
            message,
            "docs/convert.md, what is read",
            "convert its documents one by one",
        )));
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| {
        let mut finding = finding(
            Severity::Error,
            "CONV-JSON",
            "",
            format!("this is not JSON: {error}"),
            "RFC 8259",
            "give one JSON document in UTF-8",
        );
        finding.position = (error.line() > 0).then(|| Position {
            line: error.line(),
            column: error.column().max(1),
        });
        Refused::because(finding)
    })
}
