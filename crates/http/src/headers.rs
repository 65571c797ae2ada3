//! The headers that make browsers careful.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// What browsers are told on every answer of CVE Services.
///
/// Source: cve-services section 1 (security headers).
pub const CAREFUL: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';\
         frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';\
         script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    ("referrer-policy", "no-referrer"),
    (
        "strict-transport-security",
        "max-age=15552000; includeSubDomains",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("x-download-options", "noopen"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-xss-protection", "0"),
];

/// Sets headers that are constants of the program, replacing their like.
///
/// Takes: lower-case names.
pub fn stamp(headers: &mut HeaderMap, constants: &[(&'static str, &'static str)]) {
    for (name, value) in constants {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_careful_header_can_be_sent() {
        let mut headers = HeaderMap::new();
        stamp(&mut headers, CAREFUL);
        assert_eq!(headers.len(), CAREFUL.len());
    }
}
