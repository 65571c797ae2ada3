//! The body of an answer that refuses.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why the service did not do what was asked.
///
/// `details` is a list of `{msg, param, location}` for wrong parameters, an
/// object `{errors: […]}` for a document against the schema, and the three
/// numbers of the quota when it is used up.
///
/// Source: every answer from 400 on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A stable code such as `CVE_RECORD_EXISTS`.
    pub error: String,
    /// A sentence for people; not stable.
    #[serde(default)]
    pub message: String,
    /// What exactly is wrong, where the code has more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}
