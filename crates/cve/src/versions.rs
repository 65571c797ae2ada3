//! Versions: their order, what a record says about one, and what is wrong
//! with the versions of a record.
//!
//! ```
//! use std::cmp::Ordering;
//! use cve::versions::{Status, compare, status};
//! use serde_json::json;
//!
//! assert_eq!(compare("rpm", "1.0~rc1", "1.0"), Some(Ordering::Less));
//! assert_eq!(compare("git", "8f0bfc25c907", "1da177e4c3f4"), None);
//!
//! let affected = json!({
//!     "vendor": "Example", "product": "Widget", "defaultStatus": "unaffected",
//!     "versions": [{
//!         "version": "1.0.0", "lessThan": "2.0.0", "versionType": "semver",
//!         "status": "affected", "changes": [{"at": "1.4.2", "status": "unaffected"}],
//!     }],
//! });
//! assert_eq!(status(&affected, "1.4.1").status, Status::Affected);
//! assert_eq!(status(&affected, "1.4.2").by.pointer(), "/versions/0/changes/0");
//! ```

use std::cmp::Ordering;

mod analyse;
mod commits;
mod deb;
mod entry;
mod expression;
mod fault;
mod gem;
mod maven;
mod numbers;
mod overlap;
mod python;
mod rpm;
mod scheme;
mod semver;
mod status;

pub use analyse::analyse;
pub(crate) use analyse::{analyse_one, analyse_together};
pub use entry::Status;
pub(crate) use entry::{Change, Entry};
pub use expression::{Bound, Expression, Operator};
pub use fault::VersionFault;
pub use scheme::Scheme;
pub use status::{Decider, StatusAnswer, status};

/// The order of two versions under a `versionType`.
///
/// A type that is not known is ordered as `custom` is: dotted numbers, as a
/// guess; [`Scheme::of`] and [`Scheme::guesses`] say when it is one.
///
/// Gives: `None` when the two cannot be compared.
/// Source: CVE Record Format `versionType`; formats section 2.2.
pub fn compare(version_type: &str, a: &str, b: &str) -> Option<Ordering> {
    Scheme::of(version_type)
        .unwrap_or(Scheme::Custom)
        .compare(a, b)
}

/// Says whether `text` is a semantic version by the letter: three numbers
/// without leading zeros, and labels.
///
/// Source: SemVer 2.0.0 sections 2, 9 and 10.
pub fn is_strict_semver(text: &str) -> bool {
    semver::is_strict(text)
}
