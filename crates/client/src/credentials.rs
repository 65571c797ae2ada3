//! Who asks: an account of a CVE Services.

use std::fmt;

/// The key of an account. Never shown by `Debug`, and has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Wraps a key, whatever its form: the services make 36 hexadecimal
    /// characters, but older keys look different.
    pub fn new(key: impl Into<String>) -> ApiKey {
        ApiKey(key.into())
    }

    /// The key itself, to be put into a header and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(hidden)")
    }
}

/// An account: each part is sent as a header when it is there.
///
/// Texts, not checked names: the service compares them as they are, and an
/// account may be older than the present rules for names.
///
/// Source: headers `CVE-API-ORG`, `CVE-API-USER`, `CVE-API-KEY`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// Short name of the org.
    pub org: Option<String>,
    /// User name within the org.
    pub user: Option<String>,
    /// The user's key.
    pub key: Option<ApiKey>,
}

impl Credentials {
    /// A complete account.
    pub fn new(org: impl Into<String>, user: impl Into<String>, key: ApiKey) -> Credentials {
        Credentials {
            org: Some(org.into()),
            user: Some(user.into()),
            key: Some(key),
        }
    }

    /// Nobody: what may be read without an account.
    pub fn anonymous() -> Credentials {
        Credentials::default()
    }

    /// The headers of this account.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let key = self.key.as_ref().map(ApiKey::reveal);
        [
            ("CVE-API-KEY", key),
            ("CVE-API-ORG", self.org.as_deref()),
            ("CVE-API-USER", self.user.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.to_owned())))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_by_debug() {
        let shown = format!(
            "{:?}",
            Credentials::new("acme", "ann", ApiKey::new("s3cr3t"))
        );
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }

    #[test]
    fn an_absent_part_sends_no_header() {
        assert_eq!(Credentials::anonymous().headers(), []);
    }
}
