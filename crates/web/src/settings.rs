//! What the operator set about pages.

use std::net::IpAddr;

use cve::time::Timestamp;

/// What the operator set about pages.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the portal, as its readers know it: `Example Security`.
    pub product: String,
    /// `production`, `test` or `practice`; every page says it in words.
    pub environment: String,
    /// Whether the portal is reached by HTTPS; cookies are then sent by
    /// nothing else, and browsers are told to stay with it.
    pub secure_cookies: bool,
    /// Whom researchers reach; without one there is no `security.txt`.
    pub security_contact: Option<SecurityContact>,
    /// Addresses of proxies in front, whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

/// What `security.txt` says.
///
/// Source: RFC 9116 section 2.5.
#[derive(Debug, Clone)]
pub struct SecurityContact {
    /// An address such as `mailto:security@example.org` or `https://…`.
    pub contact: String,
    /// From when on the file must not be believed any more.
    pub expires: Timestamp,
}

impl Settings {
    /// Says whether what is done here is real.
    pub(crate) fn is_production(&self) -> bool {
        self.environment == "production"
    }
}
