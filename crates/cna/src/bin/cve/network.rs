//! How requests leave: proxies, certificates, and how long to wait.
//!
//! The variables are those the Program's client heeds, through the library it
//! asks with.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use client::{Addresses, Settings};

use crate::globals::set_variable;
use crate::stop::Stop;

/// The longest wait for a connection; a longer silence is only patience with
/// an answer.
const CONNECT: Duration = Duration::from_secs(10);

/// A whole answer may take this many times the longest silence.
const WHOLE: u32 = 10;

/// Any address, as the person named it.
pub(crate) fn settings(
    url: &str,
    timeout: Duration,
    ca_file: Option<&str>,
) -> Result<Settings, Stop> {
    Ok(Settings {
        addresses: Addresses::Any,
        proxy: proxy(url),
        extra_ca_pem: certificates(ca_file)?,
        connect_timeout_ms: milliseconds(timeout.min(CONNECT)),
        read_timeout_ms: milliseconds(timeout),
        total_timeout_ms: milliseconds(timeout.saturating_mul(WHOLE)),
        ..Settings::default()
    })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The certificates of the file that is named, or of the variables; of a
/// folder, those of all its files.
fn certificates(ca_file: Option<&str>) -> Result<Option<Vec<u8>>, Stop> {
    let named = ca_file.map(str::to_owned);
    let variables = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"];
    let file = named.or_else(|| variables.iter().find_map(|name| set_variable(name)));
    let Some(file) = file else {
        return Ok(None);
    };
    let pem = match Path::new(&file).is_dir() {
        true => all_files(Path::new(&file)),
        false => std::fs::read(&file),
    };
    pem.map(Some)
        .map_err(|error| Stop::failed(format!("cannot read the CA file `{file}`: {error}")))
}

fn all_files(folder: &Path) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            all.extend(std::fs::read(path)?);
            all.push(b'\n');
        }
    }
    Ok(all)
}

/// The proxy for `url`, unless its host is exempt.
fn proxy(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let either =
        |name: &str| set_variable(name).or_else(|| set_variable(&name.to_ascii_uppercase()));
    if either("no_proxy").is_some_and(|list| is_exempt(authority, &list)) {
        return None;
    }
    either(&format!("{scheme}_proxy")).or_else(|| either("all_proxy"))
}

/// Whether a list such as `localhost,.example.org,10.0.0.0/8` names the
/// server, which may carry a port, as a name of the list may.
fn is_exempt(authority: &str, list: &str) -> bool {
    let authority = authority.to_ascii_lowercase();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let ip: Option<IpAddr> = host.parse().ok();
    list.split([',', ' '])
        .filter(|name| !name.is_empty())
        .any(|name| {
            let name = name.to_ascii_lowercase();
            if let (Some(ip), Some((network, bits))) = (ip, name.split_once('/')) {
                return is_within(ip, network, bits);
            }
            let name = name.trim_start_matches('.');
            let names = |candidate: &str| {
                candidate == name
                    || (ip.is_none()
                        && candidate
                            .strip_suffix(name)
                            .is_some_and(|before| before.ends_with('.')))
            };
            name == "*" || (!name.is_empty() && (names(host) || names(&authority)))
        })
}

/// Whether an address lies in a network such as `10.0.0.0/8`.
fn is_within(ip: IpAddr, network: &str, bits: &str) -> bool {
    let (IpAddr::V4(ip), Ok(IpAddr::V4(network)), Ok(bits @ 0..=32)) =
        (ip, network.parse(), bits.parse::<u32>())
    else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    ip.to_bits() & mask == network.to_bits() & mask
}

#[cfg(test)]
mod tests {
    use super::is_exempt;

    #[test]
    fn a_host_is_exempt_by_its_name_a_domain_above_it_its_port_or_its_network() {
        for (host, list) in [
            ("a.example.org", "localhost, .example.org"),
            ("example.org:8443", "example.org"),
            ("example.org:8443", "example.org:8443"),
            ("A.Example.org", "example.ORG"),
            ("x", "*"),
            ("10.1.2.3:80", "192.168.0.0/16,10.0.0.0/8"),
            ("[::1]:80", "::1"),
        ] {
            assert!(is_exempt(host, list), "{host} in {list}");
        }
        for (host, list) in [
            ("badexample.org", "example.org"),
            ("example.org:8443", "example.org:443"),
            ("11.1.2.3", "10.0.0.0/8"),
            ("1.10.0.1", "10.0.0.1"),
            ("x", ""),
        ] {
            assert!(!is_exempt(host, list), "{host} in {list}");
        }
    }
}
