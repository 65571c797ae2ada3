//! Answers about records. A record itself stays a JSON document: the service
//! returns it as it was given, and no shape of ours may lose a part of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer to publishing, updating or rejecting a record.
///
/// Exactly one of `created` and `updated` is there.
///
/// Source: POST and PUT `/cve/:id/cna`, `/cve/:id/reject`, PUT `/cve/:id/adp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAnswer {
    /// A sentence for people.
    #[serde(default)]
    pub message: String,
    /// The whole record, when it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Value>,
    /// The whole record, when there was one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Value>,
}

impl RecordAnswer {
    /// The record as the service now holds it.
    pub fn record(&self) -> Option<&Value> {
        self.created.as_ref().or(self.updated.as_ref())
    }
}

/// How many records there are.
///
/// Source: GET `/cve_count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCount {
    /// The number of records, of one state when one was asked for.
    #[serde(rename = "totalCount")]
    pub total_count: u64,
}
