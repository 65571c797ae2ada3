//! What a target cannot hold.

use serde::Serialize;

/// A part of a record that a document cannot hold.
///
/// Nothing is dropped without one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// What kind of part it is: a stable word, such as `cvss-4.0`, by which a
    /// table of losses counts.
    pub kind: &'static str,
    /// JSON pointer into the record.
    pub pointer: String,
    /// What is lost and why, one sentence without a full stop.
    pub message: String,
}

impl Loss {
    /// Builds a loss.
    pub fn new(kind: &'static str, pointer: impl Into<String>, message: impl Into<String>) -> Loss {
        Loss {
            kind,
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}
