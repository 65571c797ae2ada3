//! Findings about a record: what is wrong, where, why, and how to mend it.
//!
//! [`Checker`] gives the verdict of the official schema, quickly, and the
//! findings behind it. [`server`] has what CVE Services checks beyond the
//! schema.
//!
//! | file | holds |
//! |---|---|
//! | `shape/` | what the schema says, in our own terms |
//! | `schema/` | the same as tables |
//! | `reader`, `text`, `number`, `form/` | JSON and the forms of its texts |
//! | `verdict` | the quick pass over the bytes |
//! | `tape`, `unique`, `explain/` | the slow way, which says what is wrong |
//! | `server/` | rules of the service |

mod checker;
mod explain;
mod finding;
mod form;
mod number;
mod published;
mod reader;
mod schema;
pub mod server;
mod shape;
mod tape;
mod text;
mod unique;
mod verdict;

pub use checker::{Checker, MAX_DOCUMENT_BYTES};
pub use finding::{Finding, Position, Severity};
pub use published::published_container;
pub use schema::Kind;
pub use shape::Format;

/// Says whether `text` is a URI as CVE Services checks the format.
pub(crate) fn is_uri(text: &str) -> bool {
    form::Form::Uri.accepts(text.as_bytes())
}
