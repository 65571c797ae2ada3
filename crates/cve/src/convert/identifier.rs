//! Identifiers that are computed, so that the same thing always has the same.

use crate::hash::Digest;

/// A URN of a UUID that stands for several texts together.
///
/// Source: RFC 9562 section 5.8, version 8, of the texts' sha-256.
pub(crate) fn uuid_urn(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let mut bytes = *Digest::of_parts(&parts).as_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = Digest::from_bytes(bytes).to_string();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_texts_have_the_same_uuid_and_others_another() {
        let one = uuid_urn(&["a", "b"]);
        assert_eq!(one, uuid_urn(&["a", "b"]));
        assert_ne!(one, uuid_urn(&["ab", ""]));
        assert_eq!(one.len(), "urn:uuid:".len() + 36);
        assert_eq!(&one[23..24], "8", "the version");
    }
}
