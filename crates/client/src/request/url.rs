//! Addresses as texts: what may be asked, and how parts are put together.

use ureq::http::Uri;

/// Checks that `text` is an address this door can ask.
pub(super) fn check(text: &str) -> Result<Uri, String> {
    let uri: Uri = text
        .parse()
        .map_err(|_| "it is not an address; write it as `https://host/path`".to_owned())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_web || uri.host().is_none_or(str::is_empty) {
        return Err("it is not an address; write it as `https://host/path`".to_owned());
    }
    if uri.authority().is_some_and(|a| a.as_str().contains('@')) {
        return Err("it holds a user name; leave that out".to_owned());
    }
    Ok(uri)
}

/// Scheme, host and port, in the one form that can be compared.
pub(super) fn origin(uri: &Uri) -> (String, String, u16) {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let default_port = if scheme == "https" { 443 } else { 80 };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    (scheme, host, uri.port_u16().unwrap_or(default_port))
}

/// Resolves the reference `location` against the address `base`.
///
/// Source: RFC 3986 section 5.2, without dots in paths, which servers do not
/// put into a `Location`.
pub(super) fn resolve(base: &Uri, location: &str) -> String {
    let location = location.split('#').next().unwrap_or_default();
    let scheme = base.scheme_str().unwrap_or("https");
    let authority = base.authority().map(|a| a.as_str()).unwrap_or_default();
    if location.contains("://") {
        return location.to_owned();
    }
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    if location.starts_with('/') {
        return format!("{scheme}://{authority}{location}");
    }
    let folder = base
        .path()
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    format!("{scheme}://{authority}{folder}/{location}")
}

/// `text` as one part of a path.
///
/// Source: RFC 3986 section 3.3, `pchar`.
pub(crate) fn path_encoded(text: &str) -> String {
    encoded(text, b"-._~!$&'()*+,;=:@")
}

/// `url` with the pairs of `query` after it, in their order.
///
/// Source: the form encoding of HTML, where a space is a plus sign.
pub(crate) fn with_query(url: &str, query: &[(&str, String)]) -> String {
    let form = |text: &str| encoded(text, b"-._~ ").replace(' ', "+");
    let mut text = url.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(&form(name));
        text.push('=');
        text.push_str(&form(value));
    }
    text
}

/// `text` with everything but letters, digits and `kept` percent-encoded.
fn encoded(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&cve::hash::hex(&[byte]).to_ascii_uppercase());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_web_address_is_refused() {
        for text in [
            "",
            "host",
            "/path",
            "ftp://host/",
            "http://",
            "https://u:p@host/",
        ] {
            assert!(check(text).is_err(), "{text:?} was accepted");
        }
        assert!(check("http://127.0.0.1:80/a?b=c").is_ok());
    }

    #[test]
    fn a_redirect_may_be_relative() {
        let base = check("https://h:8443/api/org/acme").unwrap();
        assert_eq!(resolve(&base, "/x"), "https://h:8443/x");
        assert_eq!(resolve(&base, "x"), "https://h:8443/api/org/x");
        assert_eq!(resolve(&base, "//i/x"), "https://i/x");
        assert_eq!(resolve(&base, "http://i/x#top"), "http://i/x");
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(path_encoded("../ann@x?y#z"), "..%2Fann@x%3Fy%23z");
    }

    #[test]
    fn a_value_cannot_leave_its_place_in_the_query() {
        assert_eq!(
            with_query(
                "http://h/p",
                &[("a.b", "x&y=z ä".into()), ("c", "1".into())]
            ),
            "http://h/p?a.b=x%26y%3Dz+%C3%A4&c=1"
        );
    }
}
