//! References.

use super::{Parts, Walk, quoted};
use crate::check::Key;
use crate::lint::table::Id;

/// Hosts and the beginnings of paths behind which lie copies of records.
const COPIES: [&str; 12] = [
    "www.cve.org/",
    "cve.org/",
    "cve.mitre.org/",
    "cveawg.mitre.org/",
    "nvd.nist.gov/",
    "web.nvd.nist.gov/",
    "github.com/cveproject/cvelist",
    "raw.githubusercontent.com/cveproject/cvelist",
    "www.cvedetails.com/cve/",
    "cvedetails.com/cve/",
    "app.opencve.io/cve/",
    "www.opencve.io/cve/",
];

impl<'a> Walk<'a, '_> {
    pub(super) fn references(&mut self, parts: &Parts, id: Option<&str>, is_cna: bool) {
        let doc = self.document;
        let Some(list) = parts.references else {
            return;
        };
        let mut prints = std::mem::take(&mut self.scratch.prints);
        prints.clear();
        let (mut has_tags, mut has_own, mut has_copy, mut count) = (false, false, false, 0);
        for item in doc.items(list) {
            if !doc.is_object(item) {
                continue;
            }
            let (mut url, mut tags) = (None, None);
            for at in doc.inside(item) {
                match doc.key(at) {
                    Key::Url => url = Some(at),
                    Key::Tags => tags = Some(at),
                    _ => {}
                }
            }
            count += 1;
            if let Some(tags) = tags {
                has_tags = true;
                self.reference_tags(tags);
            }
            if let Some((at, url)) = url.and_then(|at| Some((at, doc.text(at)?))) {
                let is_copy = id.is_some_and(|id| is_copy(url, id));
                has_copy |= is_copy;
                has_own |= !is_copy;
                self.reference(at, url);
                prints.push((print(url), at as u32));
            }
        }
        self.repeated(&mut prints);
        if is_cna && count > 0 {
            if has_copy || !has_own {
                self.own_references(list, id, has_own);
            }
            if !has_tags {
                self.sink.hit(Id::NoTags, list, || "no reference has a tag");
            }
        }
        prints.clear();
        self.scratch.prints = prints;
    }

    fn reference(&mut self, at: usize, url: &str) {
        let colon = memchr::memchr(b':', url.as_bytes());
        let scheme = &url[..colon.unwrap_or(url.len())];
        let rest = url.get(scheme.len()..).unwrap_or_default();
        let known = ["https", "http", "ftp", "ftps"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme));
        if !known || !rest.starts_with("://") {
            self.sink.hit(Id::ReferenceProtocol, at, || {
                format!(
                    "{} is no address of the web, expected `https://…`",
                    quoted(url)
                )
            });
        } else if may_be_private(&rest[3..]) && is_private(host(&rest[3..])) {
            self.sink.hit(Id::ReferencePrivate, at, || {
                format!("{} leads to no public place", quoted(url))
            });
        }
    }

    fn reference_tags(&mut self, tags: usize) {
        let doc = self.document;
        let has = |word: &str| doc.items(tags).any(|tag| doc.text(tag) == Some(word));
        for (one, other) in [
            ("vendor-advisory", "third-party-advisory"),
            ("not-applicable", "vendor-advisory"),
            ("not-applicable", "patch"),
        ] {
            if self.sink.wants(Id::TagsContrary) && has(one) && has(other) {
                self.sink.hit(Id::TagsContrary, tags, || {
                    format!("the tags `{one}` and `{other}` stand together")
                });
                return;
            }
        }
    }

    /// References that occur again, by the letter or nearly so.
    fn repeated(&mut self, prints: &mut [(u64, u32)]) {
        if prints.len() < 2 {
            return;
        }
        prints.sort_unstable();
        let doc = self.document;
        for place in 1..prints.len() {
            let (print, at) = prints[place];
            let mut group = prints[..place]
                .iter()
                .rev()
                .take_while(|other| other.0 == print);
            if group.clone().next().is_none() {
                continue;
            }
            let at = at as usize;
            let url = doc.text(at).unwrap_or_default();
            // Equal prints are seldom of different addresses; look again.
            let same = |other: usize| doc.text(other).is_some_and(|other| is_same(other, url));
            let Some((_, first)) = group.find(|(_, other)| same(*other as usize)) else {
                continue;
            };
            let exact = prints[..place]
                .iter()
                .rev()
                .take_while(|other| other.0 == print)
                .find(|(_, other)| doc.text(*other as usize) == Some(url));
            match exact {
                Some((_, other)) => {
                    let other = *other as usize;
                    self.sink.hit(Id::ReferenceTwice, at, || {
                        format!("{} stands at `{}` already", quoted(url), doc.pointer(other))
                    });
                }
                None => {
                    let first = *first as usize;
                    self.sink.hit(Id::ReferenceSame, at, || {
                        format!(
                            "{} is the page that stands at `{}` already",
                            quoted(url),
                            doc.pointer(first)
                        )
                    });
                }
            }
        }
    }

    /// References that are the record itself.
    fn own_references(&mut self, list: usize, id: Option<&str>, has_own: bool) {
        let doc = self.document;
        let Some(id) = id else { return };
        if !has_own {
            self.sink.hit(Id::OnlySelf, list, || {
                format!("every reference is a copy of {id} itself, expected one with more")
            });
            return;
        }
        if !self.sink.wants(Id::SelfReference) {
            return;
        }
        for at in doc.items(list).filter_map(|item| doc.get(item, Key::Url)) {
            let url = doc.text(at).unwrap_or_default();
            if is_copy(url, id) && !url.contains("nvd.nist.gov") {
                self.sink.hit(Id::SelfReference, at, || {
                    format!("{} is the record itself", quoted(url))
                });
            }
        }
    }
}

/// Says whether an address leads to a copy of the record `id`.
pub(in crate::lint) fn is_copy(url: &str, id: &str) -> bool {
    let bytes = url.as_bytes();
    if url.len() < id.len() {
        return false;
    }
    let mut colons = memchr::memchr_iter(b':', bytes);
    let Some(rest) = colons.find_map(|place| bytes[place + 1..].strip_prefix(b"//")) else {
        return false;
    };
    let first = rest.first().map(u8::to_ascii_lowercase);
    let copies = COPIES.iter().any(|copy| {
        first == copy.bytes().next()
            && rest
                .get(..copy.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(copy.as_bytes()))
    });
    copies && holds_id(bytes, id.as_bytes())
}

/// Says whether the ID stands in the text and no longer one does.
fn holds_id(text: &[u8], id: &[u8]) -> bool {
    (0..=text.len().saturating_sub(id.len())).any(|start| {
        let end = start + id.len();
        text.get(start..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(id))
            && !text.get(end).is_some_and(u8::is_ascii_digit)
    })
}

/// The host of an address, which follows its two slashes.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Says quickly of most addresses that their host is a name: no number, and
/// not `localhost`.
fn may_be_private(rest: &str) -> bool {
    let first = rest.as_bytes().first();
    first.is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'l' | b'L' | b'['))
        || memchr::memchr(b'@', rest.as_bytes()).is_some()
}

fn is_private(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") || host == "::1" {
        return true;
    }
    if !host.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| {
        address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_unspecified()
    })
}

/// Host and path of an address without what servers do not tell apart: the
/// protocol, `www.`, a port by default, a slash or `#` at the end; and letter
/// case of the host, which whoever compares must pass over.
fn normal(url: &str) -> (&[u8], &[u8]) {
    let bytes = url.as_bytes();
    let strip = |bytes: &[u8], start: &str| -> usize {
        let begins = bytes
            .get(..start.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()));
        if begins { start.len() } else { 0 }
    };
    let mut start = strip(bytes, "https://");
    if start == 0 {
        start = strip(bytes, "http://");
    }
    let is_web = start > 0;
    if is_web {
        start += strip(&bytes[start..], "www.");
    }
    let rest = bytes[start..].strip_suffix(b"#").unwrap_or(&bytes[start..]);
    let rest = match is_web {
        true => rest.strip_suffix(b"/").unwrap_or(rest),
        false => rest,
    };
    let end = match is_web {
        true => memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len()),
        false => 0,
    };
    let (host, path) = rest.split_at(end);
    let host = host
        .strip_suffix(b":443")
        .or_else(|| host.strip_suffix(b":80"))
        .unwrap_or(host);
    (host, path)
}

/// Says whether two addresses are the same page.
fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (normal(a), normal(b));
    a.0.eq_ignore_ascii_case(b.0) && a.1 == b.1
}

/// A number that is equal for addresses that are the same page.
///
/// Source: FNV-1a over the host, and over the path eight bytes at a time; who
/// meets two equal numbers compares the addresses.
fn print(url: &str) -> u64 {
    const FACTOR: u64 = 0x0100_0000_01b3;
    let (host, path) = normal(url);
    let of_host = host.iter().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(FACTOR)
    });
    let (words, rest) = path.as_chunks::<8>();
    let of_words = words.iter().fold(of_host, |state, word| {
        // The high half comes down, or only low bits would ever mix.
        let state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        state ^ (state >> 32)
    });
    rest.iter().fold(of_words, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(FACTOR)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_do_not_tell_apart_is_the_same() {
        let same = |a: &str, b: &str| {
            assert!(!is_same(a, b) || print(a) == print(b), "{a} {b}");
            is_same(a, b)
        };
        assert!(same(
            "http://WWW.Example.org:80/A/",
            "https://example.org/A"
        ));
        assert!(same("https://example.org", "https://example.org/"));
        assert!(!same("https://example.org/a", "https://example.org/A"));
        assert!(!same("https://example.org/#a", "https://example.org/#b"));
        assert!(!same(
            "https://example.org/?a=1",
            "https://example.org/?a=2"
        ));
    }

    #[test]
    fn a_copy_is_at_a_catalogue_and_has_the_whole_id() {
        let id = "CVE-1900-10001";
        for url in [
            "https://www.cve.org/CVERecord?id=CVE-1900-10001",
            "http://cve.mitre.org/cgi-bin/cvename.cgi?name=cve-1900-10001",
            "https://nvd.nist.gov/vuln/detail/CVE-1900-10001#x",
        ] {
            assert!(is_copy(url, id), "{url}");
        }
        for url in [
            "https://www.cve.org/CVERecord?id=CVE-1900-100011",
            "https://kettles.example.org/CVE-1900-10001",
            "https://www.cve.org/",
            "cve",
        ] {
            assert!(!is_copy(url, id), "{url}");
        }
    }

    #[test]
    fn private_hosts_are_known() {
        for url in ["127.0.0.1:8080/a", "user@localhost/", "10.1.2.3", "[::1]/a"] {
            assert!(is_private(host(url)), "{url}");
        }
        for url in ["8.8.8.8/", "example.org", "10.example.org/"] {
            assert!(!is_private(host(url)), "{url}");
        }
    }
}
