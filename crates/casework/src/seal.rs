//! Sealing what must not be readable in a stolen database.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use cve::world::World;

/// The key that seals the API keys of accounts. It lives outside the
/// database: whoever has one without the other can read nothing.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Bytes of the nonce that stands before the sealed text.
const NONCE_BYTES: usize = 12;

/// A sealed text cannot be opened with this key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sealed key cannot be opened: is this the master key it was sealed with?")]
pub struct CannotOpen;

impl MasterKey {
    /// Takes the 32 bytes of a key.
    pub fn new(bytes: [u8; 32]) -> MasterKey {
        MasterKey(bytes)
    }

    /// Seals `text` for the place called `label`; it opens nowhere else.
    ///
    /// Source: RFC 8439; the nonce is random, and one key seals few texts.
    pub(crate) fn seal(
        &self,
        world: &World,
        label: &str,
        text: &str,
    ) -> Result<Vec<u8>, CannotOpen> {
        let nonce = world.random::<NONCE_BYTES>();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: label.as_bytes(),
        };
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| CannotOpen)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`MasterKey::seal`] sealed under the same label.
    pub(crate) fn open(&self, label: &str, sealed: &[u8]) -> Result<String, CannotOpen> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(CannotOpen)?;
        let payload = Payload {
            msg: sealed,
            aad: label.as_bytes(),
        };
        let text = self
            .cipher()
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| CannotOpen)?;
        String::from_utf8(text).map_err(|_| CannotOpen)
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_with_its_key_and_label_only() {
        let world = store::testing::world();
        let key = MasterKey::new([7; 32]);
        let sealed = key.seal(&world, "account a", "s3cret").unwrap();
        assert_eq!(key.open("account a", &sealed).unwrap(), "s3cret");
        assert_eq!(key.open("account b", &sealed), Err(CannotOpen));
        assert_eq!(
            MasterKey::new([8; 32]).open("account a", &sealed),
            Err(CannotOpen)
        );
        assert_eq!(key.open("account a", b"short"), Err(CannotOpen));
    }

    #[test]
    fn the_sealed_bytes_do_not_hold_the_text() {
        let world = store::testing::world();
        let sealed = MasterKey::new([7; 32])
            .seal(&world, "a", "s3cret-s3cret")
            .unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
    }
}
