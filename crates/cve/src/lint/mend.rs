//! Mends that cannot be wrong, as edits of the author's own text.

use super::settings::{Settings, UnknownRule};
use crate::check::Kind;

/// A document after its safe mends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text, byte for byte the author's but for the mends.
    pub bytes: Vec<u8>,
    /// What was mended, in the order of the text.
    pub mends: Vec<Mend>,
}

/// One safe mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The code of the rule that was broken.
    pub code: &'static str,
    /// JSON pointer to the value, in the text before the mends.
    pub pointer: String,
    /// What was done, one sentence without a full stop.
    pub message: String,
}

/// Makes the mends that cannot be wrong.
///
/// Takes: any bytes; a text that is not JSON is given back as it is.
/// Gives: a document without what was mended; mending it again changes
/// nothing, and it has no finding that it did not have before.
/// Refuses: a name in `select` or `ignore` that no rule of the profile has.
pub fn fix(kind: Kind, bytes: &[u8], settings: &Settings) -> Result<Fixed, UnknownRule> {
    let _ = (kind, settings.enabled()?);
    Ok(Fixed {
        bytes: bytes.to_vec(),
        mends: Vec::new(),
    })
}
