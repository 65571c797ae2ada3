//! JSON as documents are written: keys in their struct's order, two spaces of
//! indentation, a line break at the end.

use serde::Serialize;

/// The text of a document.
pub(crate) fn pretty<T: Serialize>(document: &T) -> String {
    let mut text = Vec::with_capacity(8 * 1024);
    // Writing to memory cannot fail, and the documents' keys are texts.
    let written = serde_json::to_writer_pretty(&mut text, document);
    debug_assert!(written.is_ok());
    text.push(b'\n');
    // The writer gives UTF-8.
    String::from_utf8(text).unwrap_or_default()
}
