//! Findings about a record: what is wrong, where, why, and how to mend it.

mod finding;
mod published;

pub use finding::{Finding, Severity};
pub use published::published_container;
