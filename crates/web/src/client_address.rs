//! The address a request comes from, also behind proxies of ours.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

/// The address a request came from; loopback inside this process.
///
/// Takes: `proxies`, the addresses whose `X-Forwarded-For` is believed.
/// Gives: whoever connected; behind a proxy of ours, the right-most address of
/// the header that is no proxy of ours. Those left of it are whatever the
/// client wrote.
/// Source: MDN `X-Forwarded-For`, selecting an IP address.
pub(crate) fn client_address(parts: &Parts, proxies: &[IpAddr]) -> IpAddr {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let mut address = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |client| {
        client.0.ip().to_canonical()
    });
    let is_ours = |address: &IpAddr| proxies.contains(address);
    let headers = parts.headers.get_all("x-forwarded-for");
    let mut named = headers.iter().rev().flat_map(|value| {
        // What is no text names no address.
        value.to_str().unwrap_or("?").rsplit(',')
    });
    while is_ours(&address) {
        match named.next().map(parsed) {
            Some(Some(next)) => address = next,
            // Nobody is named further, or in a way our proxy does not write.
            Some(None) | None => break,
        }
    }
    address
}

/// An address, with a port or without.
fn parsed(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let address: Option<IpAddr> = text.parse().ok().or_else(with_port);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, headers: &[&str], proxies: &[&str]) -> String {
        let mut request = axum::http::Request::new(());
        for value in headers {
            let value = value.parse().unwrap();
            request.headers_mut().append("x-forwarded-for", value);
        }
        let peer: SocketAddr = format!("{peer}:1234").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let proxies: Vec<IpAddr> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        client_address(&request.into_parts().0, &proxies).to_string()
    }

    #[test]
    fn the_header_of_a_stranger_is_not_believed() {
        let forged = ["198.51.100.9"];
        assert_eq!(address("192.0.2.1", &forged, &[]), "192.0.2.1");
        assert_eq!(address("192.0.2.1", &forged, &["192.0.2.2"]), "192.0.2.1");
    }

    #[test]
    fn behind_proxies_it_is_the_right_most_address_that_is_none_of_them() {
        let proxies = ["192.0.2.1", "192.0.2.2"];
        for (headers, expected) in [
            (&["198.51.100.9"][..], "198.51.100.9"),
            (&["203.0.113.7, 198.51.100.9"], "198.51.100.9"),
            (&["203.0.113.7, 198.51.100.9, 192.0.2.2"], "198.51.100.9"),
            (
                &["203.0.113.7", "198.51.100.9:4711, 192.0.2.2"],
                "198.51.100.9",
            ),
            (&["[2001:db8::1]:80"], "2001:db8::1"),
            (&["198.51.100.9, unknown"], "192.0.2.1"),
            (&["192.0.2.2"], "192.0.2.2"),
            (&[], "192.0.2.1"),
        ] {
            assert_eq!(
                address("192.0.2.1", headers, &proxies),
                expected,
                "{headers:?}"
            );
        }
    }
}
