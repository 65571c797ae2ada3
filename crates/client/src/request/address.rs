//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is said about an address that is not allowed.
pub(super) const FORBIDDEN: &str =
    "the address is private; allow private addresses if this is meant";

/// Which addresses may be connected to, judged after names are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addresses {
    /// Only addresses of the public internet. For every address that comes
    /// from someone else: references, webhooks, identity providers.
    Public,
    /// Any. For an address the operator named, such as their own authority.
    Any,
}

impl Addresses {
    pub(super) fn allows(self, ip: IpAddr) -> bool {
        self == Addresses::Any || is_public(ip)
    }

    /// Judges a host by its text alone. Through a proxy this is all we can
    /// do; without one the resolved address is judged as well.
    pub(super) fn allows_host(self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let is_local = name == "localhost" || name.ends_with(".localhost");
        match bare.parse() {
            Ok(ip) => self.allows(ip),
            Err(_) => self == Addresses::Any || !is_local,
        }
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// Source: the IANA IPv4 special-purpose address registry (RFC 6890).
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        // Carrier-grade NAT, RFC 6598.
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, and benchmarks (RFC 2544).
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        // Reserved, and the limited broadcast.
        || a >= 240;
    !is_special
}

/// Source: the IANA IPv6 special-purpose address registry (RFC 6890).
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // An IPv4 address in other clothes is judged as that address.
    if let Some(v4) = embedded_v4(s) {
        return is_public_v4(v4);
    }
    let is_special = ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_unique_local()
        || ip.is_unicast_link_local()
        // Site-local, long deprecated but still routed in places.
        || s[0] & 0xffc0 == 0xfec0
        // Discard-only, documentation, and Teredo, which hides an IPv4.
        || (s[0] == 0x0100 && s[1..4] == [0, 0, 0])
        || (s[0] == 0x2001 && (s[1] == 0x0db8 || s[1] == 0))
        || (s[0] == 0x3fff && s[1] < 0x1000)
        // NAT64 for local use, RFC 8215.
        || (s[0] == 0x0064 && s[1] == 0xff9b && s[2] == 1);
    !is_special
}

fn embedded_v4(s: [u16; 8]) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Mapped (`::ffff:a.b.c.d`), and translated (RFC 2765).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => v4(high, low),
        // NAT64 (RFC 6052).
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // Compatible, deprecated; `::` and `::1` are no IPv4 addresses.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        Addresses::Public.allows(text.parse().unwrap())
    }

    #[test]
    fn addresses_that_are_not_public_are_refused() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.170",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allowed(text), "{text} was allowed");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(allowed(text), "{text} was refused");
        }
    }

    #[test]
    fn a_host_that_is_a_private_address_is_refused_by_its_text() {
        let public = Addresses::Public;
        for host in [
            "127.0.0.1",
            "[::1]",
            "localhost",
            "a.LocalHost.",
            "10.0.0.1",
        ] {
            assert!(!public.allows_host(host), "{host} was allowed");
        }
        assert!(public.allows_host("example.org"));
        assert!(public.allows_host("[2606:4700:4700::1111]"));
        assert!(Addresses::Any.allows_host("localhost"));
    }

    #[test]
    fn an_operator_may_allow_any_address() {
        assert!(Addresses::Any.allows("127.0.0.1".parse().unwrap()));
    }
}
