//! API keys: how they are made, kept and recognised.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use cve::hash::Digest;
use cve::world::World;
use subtle::ConstantTimeEq as _;

/// A key as its user holds it: 36 lower-case hexadecimal characters.
///
/// It is shown once, when it is made; only its digest is kept.
///
/// Source: cve-services section 2 (key format).
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Makes a key from 18 random bytes.
    pub fn new(world: &World) -> ApiKey {
        ApiKey(world.random_hex::<18>())
    }

    /// The key itself, to be given to its user and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn stored(&self) -> String {
        stored(&self.0)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// What is kept of a key: its digest. A key is as random as the digest is
/// long, so no slow hash protects it better.
///
/// Source: docs/architecture.md, decision 3.16.
pub(crate) fn stored(key: &str) -> String {
    format!("sha256:{}", Digest::of(key.as_bytes()))
}

/// Imported keys that were recognised, so that argon2id is paid once and not
/// at every request.
///
/// An entry holds only for the stored hash it was made from: a reset key has
/// another, and the old entry is never asked again.
#[derive(Default)]
pub(crate) struct Recognised(Mutex<HashMap<String, Digest>>);

/// Entries kept at most; then all are forgotten and earned again.
const MAX_ENTRIES: usize = 10_000;

impl Recognised {
    /// Says whether recognising a key by `stored` takes milliseconds: by an
    /// imported hash that was not recognised before.
    pub(crate) fn takes_long(&self, stored: &str) -> bool {
        !stored.starts_with("sha256:") && !self.lock().contains_key(stored)
    }

    /// Says whether `key` is the one `stored` was made from, comparing
    /// digests in constant time.
    ///
    /// Takes: `stored`, `sha256:HEX` or a PHC string, whose own parameters count.
    /// Source: cve-services section 2.
    pub(crate) fn is_key(&self, stored: &str, key: &str) -> bool {
        let digest = Digest::of(key.as_bytes());
        if let Some(own) = stored.strip_prefix("sha256:") {
            return own.parse().is_ok_and(|own: Digest| same(own, digest));
        }
        if let Some(known) = self.lock().get(stored) {
            return same(*known, digest);
        }
        let recognised = PasswordHash::new(stored).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(key.as_bytes(), &hash)
                .is_ok()
        });
        if recognised {
            let mut entries = self.lock();
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
            entries.insert(stored.to_owned(), digest);
        }
        recognised
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Digest>> {
        // A panic between two lines above leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares digests in constant time.
pub(crate) fn same(a: Digest, b: Digest) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key `TCF25YM` under the parameters CVE Services uses.
    fn phc(key: &str) -> String {
        use argon2::password_hash::CustomizedPasswordHasher;
        let params = argon2::Params::new(4096, 3, 1, Some(32)).unwrap();
        Argon2::default()
            .hash_password_customized(key.as_bytes(), b"0123456789abcdef", None, None, params)
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_new_key_is_recognised_by_its_digest() {
        let world = store::testing::world();
        let key = ApiKey::new(&world);
        assert_eq!(key.reveal().len(), 36);
        let recognised = Recognised::default();
        assert!(recognised.is_key(&key.stored(), key.reveal()));
        assert!(!recognised.is_key(&key.stored(), "x"));
        assert!(!recognised.is_key(&key.stored(), &key.stored()));
    }

    #[test]
    fn an_imported_key_is_recognised_under_its_own_parameters() {
        let hash = phc("TCF25YM");
        assert!(hash.starts_with("$argon2id$v=19$m=4096,t=3,p=1$"), "{hash}");
        let recognised = Recognised::default();
        for _ in 0..2 {
            assert!(recognised.is_key(&hash, "TCF25YM"));
            assert!(!recognised.is_key(&hash, "tcf25ym"));
        }
    }

    #[test]
    fn what_was_recognised_does_not_open_another_hash() {
        let recognised = Recognised::default();
        assert!(recognised.is_key(&phc("old"), "old"));
        assert!(!recognised.is_key(&phc("new"), "old"));
    }

    #[test]
    fn a_key_is_not_shown_by_accident() {
        let key = ApiKey::new(&store::testing::world());
        assert!(!format!("{key:?}").contains(key.reveal()));
    }

    #[test]
    fn a_hash_of_an_unknown_kind_opens_nothing() {
        let recognised = Recognised::default();
        for stored in ["", "x", "sha256:", "sha256:zz", "$argon2id$broken"] {
            assert!(!recognised.is_key(stored, ""), "{stored:?}");
        }
    }
}
