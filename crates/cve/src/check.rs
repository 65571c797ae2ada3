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
//! | `losses` | whether a valid document may be worth a warning |
//! | `verdict`, `outline` | the quick pass over the bytes, and what content rules get from it |
//! | `tape`, `unique`, `explain/` | the slow way, which says what is wrong |
//! | `head`, `locate` | what a document is about, and where a value stands |
//! | `server/` | rules of the service |
//! | `code` | what the codes mean |

mod checker;
mod code;
mod explain;
mod finding;
mod form;
mod head;
mod locate;
mod losses;
mod number;
mod outline;
mod published;
mod reader;
mod schema;
pub mod server;
mod shape;
mod tape;
mod text;
mod unique;
mod verdict;

pub use checker::{Checker, MAX_DOCUMENT_BYTES, MAX_VALUES, excess, too_large};
pub use code::{Code, codes};
pub(crate) use explain::{positions, quoted};
pub use finding::{Finding, Position, Severity};
pub use form::is_uri;
pub use head::{Head, head, likely_kind};
pub use locate::locate;
pub use number::is_spare_number;
pub(crate) use outline::{Document, Key, Outline};
pub use published::published_container;
pub use schema::Kind;
pub use shape::Format;
pub(crate) use shape::part::{CREDIT_TYPES, REFERENCE_TAGS};
pub(crate) use tape::Tape;
