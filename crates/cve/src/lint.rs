//! The Program's content rules: what a valid record should say, and how.
//!
//! A [`Linter`] checks a document of any [`Kind`](crate::check::Kind) against
//! the rules of [`rules`], in one pass over its bytes that also gives the
//! verdict of the schema. [`fix`] makes the mends that cannot be wrong.
//!
//! ```
//! use cve::check::Kind;
//! use cve::lint::{Context, Linter, Settings};
//!
//! let mut linter = Linter::new(&Settings::default())?;
//! let container = br#"{"references": [
//!     {"url": "https://example.org/a", "tags": ["patch"]},
//!     {"url": "https://example.org/a", "tags": ["vendor-advisory"]}
//! ]}"#;
//! let findings = linter.lint(Kind::PublishedContainer, container, &Context::default());
//! assert!(findings.iter().any(|finding| finding.code == "REC-040-DUPLICATE"));
//! # Ok::<(), cve::lint::UnknownRule>(())
//! ```
//!
//! # Codes
//!
//! A code is `REC-NNN` or `REJ-NNN`, the number of the process
//! specification's list of content rules. Where one number has several
//! conditions the plain number is the chief one, and each other has a word
//! behind it: `REC-014` is a range that holds no version, `REC-014-OVERLAP`
//! two ranges that contradict each other. Rules that list does not have begin
//! with `TEXT`, `CPE` or `PURL`. A prefix of whole parts names them all:
//! `REC-014` selects every rule about versions.
//!
//! # Severities
//!
//! | severity | when |
//! |---|---|
//! | error | CVE Services refuses the document |
//! | violation | the list says *error* and the condition can be decided from the text alone |
//! | warning | the list says *warning*, or *error* of what only a reader can be sure of |
//! | advice | the list says *info* |

mod book;
mod clues;
mod context;
mod echo;
mod linter;
mod mend;
mod rule;
mod settings;
mod sink;
mod table;
mod walk;

pub use book::{book, page};
pub use context::{
    Advisory, Case, Context, LedgerRow, LedgerState, Link, OtherRecord, RegisteredProduct,
    Relation, ReleaseLine,
};
pub use echo::without_echoes;
pub use linter::{Hit, Judgement, Linter};
pub use mend::{Fixed, Mend, fix, mendable};
pub use rule::{Needs, Rule};
pub use settings::{Organisation, Profile, Settings, UnknownRule};
pub use table::{rule, rules, rules_of};
