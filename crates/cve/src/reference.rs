//! References of records as things that can be compared: addresses in one
//! spelling, and the commits that addresses and texts name.
//!
//! Two people who cite the same page write `http://www.example.org/a/` and
//! `https://example.org/a#top`. Here both are `example.org/a`.
//!
//! Source: our choice; process section 2.3, node A4 asks for a search by
//! reference and commit.

use std::ops::Range;

/// Parameters of a query that say where a visitor came from, not what is shown.
const VISITS: [&str; 6] = [
    "utm_",
    "source=cve",
    "ref=",
    "ref_src=",
    "fbclid=",
    "gclid=",
];

/// Schemes of addresses, each with the port that goes without saying.
const PORTS: [(&str, &str); 5] = [
    ("https", ":443"),
    ("http", ":80"),
    ("git", ""),
    ("ftp", ""),
    ("ssh", ""),
];

/// The fewest digits by which people name a commit.
const SHORTEST: usize = 7;

/// The digits of a whole name of a commit.
const WHOLE: usize = 40;

/// What stands before the name of a commit in addresses and texts.
const BEFORE: [&str; 12] = [
    "commit/", "commits/", "commit ", "commit: ", "commit `", "commit:", "/c/", "?id=", "&id=",
    ";h=", "?h=", "/rev/",
];

/// An address in the one spelling in which it is compared.
///
/// Leaves out the scheme, `www.`, the port that goes without saying, the
/// fragment, slashes at the end and what only says where a visitor came from;
/// the host is in lower case.
///
/// Gives: nothing when the text is no web address.
pub fn normal(url: &str) -> Option<String> {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.strip_prefix("git+").unwrap_or(scheme);
    let (_, port) = PORTS
        .iter()
        .find(|(known, _)| scheme.eq_ignore_ascii_case(known))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase();
    let host = match host.strip_suffix(*port) {
        Some(bare) if !port.is_empty() => bare,
        _ => host.as_str(),
    };
    let host = host.strip_prefix("www.").unwrap_or(host);
    if host.is_empty() || host.contains(char::is_whitespace) {
        return None;
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let mut text = String::with_capacity(host.len() + path.len() + query.len() + 1);
    text.push_str(host);
    text.push_str(path);
    let mut before = '?';
    for part in query.split('&') {
        if !part.is_empty() && !VISITS.iter().any(|visit| part.starts_with(visit)) {
            text.push(before);
            text.push_str(part);
            before = '&';
        }
    }
    Some(text)
}

/// The commits an address or a text names, in lower case, each once, in the
/// order of the text.
///
/// Forty hexadecimal digits are one wherever they stand alone. Seven and more
/// are one behind `commit/`, `commit `, `?id=` and the like, where one of them
/// is a numeral; otherwise they could be a word.
pub fn commits(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words(text.as_bytes()) {
        let length = word.len();
        let digits = &text[word.clone()];
        let is_commit = length == WHOLE
            || ((SHORTEST..WHOLE).contains(&length)
                && digits.bytes().any(|byte| byte.is_ascii_digit())
                && follows_a_name(&text[..word.start]));
        if is_commit {
            let commit = digits.to_ascii_lowercase();
            if !found.contains(&commit) {
                found.push(commit);
            }
        }
    }
    found
}

/// Runs of letters and digits that are hexadecimal digits throughout, of a
/// length a commit may have.
fn words(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && !ends_word(bytes[at]) {
                at += 1;
            }
            let word = start..at;
            at += 1;
            let fits = (SHORTEST..=WHOLE).contains(&word.len());
            if fits && bytes[word.clone()].iter().all(u8::is_ascii_hexdigit) {
                return Some(word);
            }
        }
        None
    })
}

/// Says whether a byte ends a word; bytes of other alphabets belong to one.
fn ends_word(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

fn follows_a_name(before: &str) -> bool {
    BEFORE.iter().any(|name| {
        let start = before.len().wrapping_sub(name.len());
        before
            .get(start..)
            .is_some_and(|end| end.eq_ignore_ascii_case(name))
    })
}

/// Says whether two names are of the same commit: one begins with the other.
pub fn is_same_commit(one: &str, other: &str) -> bool {
    one.len().min(other.len()) >= SHORTEST && (one.starts_with(other) || other.starts_with(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn spellings_of_one_address_are_one() {
        for (url, expected) in [
            ("https://example.org/a", "example.org/a"),
            ("http://www.Example.org:80/a/#top", "example.org/a"),
            (
                "https://example.org:443/a?utm_source=x&b=1",
                "example.org/a?b=1",
            ),
            ("https://example.org/a?source=cve", "example.org/a"),
            ("https://example.org", "example.org"),
            ("https://example.org:8443/a", "example.org:8443/a"),
            ("git+https://example.org/x.git", "example.org/x"),
            ("https://user@example.org/A", "example.org/A"),
        ] {
            assert_eq!(normal(url).as_deref(), Some(expected), "{url}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_none() {
        for text in [
            "",
            "example.org/a",
            "mailto:a@example.org",
            "https://",
            "https:///a",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn commits_are_found_where_they_are_named() {
        for (text, expected) in [
            (
                format!("https://example.org/x/commit/{COMMIT}.patch"),
                vec![COMMIT],
            ),
            (format!("fixed by {COMMIT}, see"), vec![COMMIT]),
            (
                "https://example.org/x/commit/0A1b2c3".into(),
                vec!["0a1b2c3"],
            ),
            (
                "https://git.example.org/stable/c/0a1b2c3d4e5f".into(),
                vec!["0a1b2c3d4e5f"],
            ),
            (
                "broken since commit 0a1b2c3 (\"x\")".into(),
                vec!["0a1b2c3"],
            ),
            ("https://example.org/0a1b2c3".into(), vec![]),
            ("the commit defaced1x".into(), vec![]),
            ("commit defaced".into(), vec![]),
            (format!("a hash of a file: {COMMIT}{COMMIT}"), vec![]),
        ] {
            assert_eq!(commits(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_short_name_is_the_same_commit_as_the_long_one() {
        assert!(is_same_commit("0123456789", COMMIT));
        assert!(is_same_commit(COMMIT, COMMIT));
        assert!(!is_same_commit("0123457", COMMIT));
        assert!(!is_same_commit("012", COMMIT));
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".{0,200}") {
            let _ = normal(&text);
            let _ = commits(&text);
        }

        #[test]
        fn an_address_in_its_one_spelling_stays_as_it_is(
            host in "[a-z]{3,8}\\.org",
            path in "(/[a-z0-9]{1,5}){0,3}",
        ) {
            let once = normal(&format!("https://{host}{path}"));
            let twice = once.as_ref().and_then(|once| normal(&format!("http://www.{once}/")));
            prop_assert_eq!(once, twice);
        }
    }
}
