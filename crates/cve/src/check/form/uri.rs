//! `format: uri` as ajv-formats checks it in its mode "full", which is what
//! CVE Services runs.
//!
//! Its regular expression is a union of three shapes of the part after the
//! scheme. Without square brackets their union is simple: one or more of the
//! path characters and slashes. Brackets occur only around an address of the
//! host, after one or two slashes and perhaps a user name. That is more than
//! RFC 3986 allows (`git://git@host:name/x.git` has no numeric port) and
//! less than browsers do (no space, no character outside ASCII).

/// Which class each byte belongs to: 1 path, 2 also in a user name, 4 in a
/// query or fragment.
const CLASSES: [u8; 256] = classes();
const PATH: u8 = 1;
const USER: u8 = 2;
const QUERY: u8 = 4;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        let common = b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
                    | b':'
            );
        classes[byte] = if common {
            PATH | USER | QUERY
        } else if b == b'@' || b == b'/' {
            PATH | QUERY
        } else if b == b'?' {
            QUERY
        } else {
            0
        };
        byte += 1;
    }
    classes
}

/// Says whether `text` is a URI with a scheme, as ajv-formats has it.
///
/// Takes: any bytes; what is not ASCII is no URI.
/// Source: CVE Record Format `definitions/uriType`, format `uri`.
pub fn is_uri(text: &[u8]) -> bool {
    let Some(after_scheme) = scheme(text) else {
        return false;
    };
    let mut rest = run(after_scheme, PATH);
    if rest.len() == after_scheme.len() || rest.first() == Some(&b'[') {
        // Either nothing follows the scheme, or a host in brackets.
        match bracket_host(after_scheme) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    if let [b'?', query @ ..] = rest {
        rest = run(query, QUERY);
    }
    if let [b'#', fragment @ ..] = rest {
        rest = run(fragment, QUERY);
    }
    rest.is_empty()
}

/// What follows the scheme and its colon.
fn scheme(text: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = text.strip_prefix(b"https:") {
        return Some(rest);
    }
    let colon = text.iter().position(|byte| *byte == b':')?;
    let (first, others) = text[..colon].split_first()?;
    let known = first.is_ascii_alphabetic()
        && others
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    known.then(|| &text[colon + 1..])
}

/// What follows the longest run of bytes of `class` and percent escapes.
#[inline(always)]
fn run(text: &[u8], class: u8) -> &[u8] {
    let mut at = 0;
    loop {
        while at < text.len() && CLASSES[usize::from(text[at])] & class != 0 {
            at += 1;
        }
        match text[at..] {
            [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => at += 3,
            _ => return &text[at..],
        }
    }
}

/// What follows a host in brackets with its port and path.
fn bracket_host(after_scheme: &[u8]) -> Option<&[u8]> {
    let rest = after_scheme.strip_prefix(b"/")?;
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    let rest = match run(rest, USER) {
        [b'@', host @ ..] => host,
        _ => rest,
    };
    let [b'[', rest @ ..] = rest else {
        return None;
    };
    let close = rest.iter().position(|byte| *byte == b']')?;
    let (address, rest) = (&rest[..close], &rest[close + 1..]);
    if !is_ip_6(address) && !is_future_ip(address) {
        return None;
    }
    let rest = match rest {
        [b':', port @ ..] => {
            let digits = port.iter().take_while(|byte| byte.is_ascii_digit()).count();
            &port[digits..]
        }
        _ => rest,
    };
    match rest {
        [b'/', ..] => Some(run(rest, PATH)),
        _ => Some(rest),
    }
}

/// `v1f.something`.
fn is_future_ip(address: &[u8]) -> bool {
    let [b'v' | b'V', rest @ ..] = address else {
        return false;
    };
    let digits = rest
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    match &rest[digits..] {
        [b'.', name @ ..] => {
            digits > 0
                && !name.is_empty()
                && name
                    .iter()
                    .all(|byte| CLASSES[usize::from(*byte)] & USER != 0)
        }
        _ => false,
    }
}

/// Eight groups, or at most seven with one `::`; the last two may be written
/// as an IPv4 address.
fn is_ip_6(address: &[u8]) -> bool {
    let Some(gap) = address.windows(2).position(|two| two == b"::") else {
        return groups(address, true) == Some(8);
    };
    let before = match &address[..gap] {
        [] => Some(0),
        before => groups(before, false),
    };
    let after = match &address[gap + 2..] {
        [] => Some(0),
        after => groups(after, true),
    };
    matches!((before, after), (Some(before), Some(after)) if before + after <= 7)
}

/// How many groups stand between the colons of `text`.
fn groups(text: &[u8], ip_4_allowed: bool) -> Option<usize> {
    let mut count = 0;
    let mut parts = text.split(|byte| *byte == b':').peekable();
    while let Some(part) = parts.next() {
        if (1..=4).contains(&part.len()) && part.iter().all(u8::is_ascii_hexdigit) {
            count += 1;
        } else if ip_4_allowed && parts.peek().is_none() && is_ip_4(part) {
            count += 2;
        } else {
            return None;
        }
    }
    Some(count)
}

/// Four numbers up to 255, leading zeros allowed up to three digits.
fn is_ip_4(text: &[u8]) -> bool {
    let mut count = 0;
    for part in text.split(|byte| *byte == b'.') {
        let number = part.iter().try_fold(0_u32, |number, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + u32::from(byte - b'0'))
        });
        let small = (1..=3).contains(&part.len()) && number.is_some_and(|number| number <= 255);
        if !small {
            return false;
        }
        count += 1;
    }
    count == 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ajv_accepts_is_accepted() {
        for text in [
            "https://example.org/advisory?id=1#top",
            "git://git@gitlab.com:gitlab-org/gitlab.git",
            "http://",
            "http:/",
            "urn:x",
            "HTTPS://X",
            "pkg:npm/%40a/b",
            "mailto:a@b",
            "a:@",
            "a:///x//y",
            "http://[::1]:80/x",
            "http:/[::1]",
            "http://me:you@[2001:db8::7]",
            "http://[1:2:3:4:5:6:7:8]",
            "http://[1:2:3:4:5:6:1.2.3.004]?q",
            "http://[::]",
            "http://[1::]#f",
            "http://[1:2:3:4:5:6:7::]",
            "http://[v1.a:b]/",
            "x+y-z.1:0",
            "https://x/a?b?c/d@e",
        ] {
            assert!(is_uri(text.as_bytes()), "{text} was refused");
        }
    }

    #[test]
    fn what_ajv_refuses_is_refused() {
        for text in [
            "",
            "x",
            ":",
            "http:",
            "http:?q",
            "http:#f",
            "1http://x",
            "example.org/x",
            "//example.org",
            "https://example.com/a b",
            "https://example.com/ä",
            "https://x.y/[a]",
            "https://x.y/?[a]",
            "https://x/%zz",
            "https://x/%2",
            "https://x/#a#b",
            "https://x/\"",
            "https://x/\n",
            "http://[1:2:3:4:5:6:7:8::]",
            "http://[1:2:3]",
            "http://[::1",
            "http://[::1]x",
            "http://[::1]:8x",
            "http://[::12345]",
            "http://[::1.2.3.256]",
            "http://[1.2.3.4::]",
            "http://[v.a]",
            "http:///[::1]",
            "http://a@b@[::1]",
            "x://a[::1]",
        ] {
            assert!(!is_uri(text.as_bytes()), "{text} was accepted");
        }
    }
}
