//! Containers that are stored as they were sent.
//!
//! What most clients send needs no change but the server's own stamps: nothing
//! in it is trimmed, refused or read in two ways, and its texts and numbers
//! stand there as this server would write them. Such a container is taken
//! from the body, without the space between its values, instead of being read
//! into a tree and written out again, which costs more than all the rest of a
//! publication; where there is no such space, it is not even copied. What is
//! not so plain takes the way through the tree, and both ways give the same
//! bytes.
//!
//! Source: cve-services sections 9, 10 and 13.

use std::ops::Range;

use axum::body::Bytes;
use cve::check::{Kind, is_spare_number};
use cve::time::Timestamp;

use crate::router::Compat;
use crate::schema;

/// A CNA container in the form in which it is stored, but for who provides it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    text: Bytes,
    /// Where it says itself who provides it.
    provider: Option<Range<usize>>,
}

/// Deeper values are left to the tree.
const DEPTH: usize = 60;

/// How a body begins whose only member is the container.
const WRAPPING: &[u8] = b"{\"cnaContainer\":";

impl Plain {
    /// The container of a body that is to be published.
    ///
    /// Takes: the body as it was sent.
    /// Gives: nothing when it is not plain, and whenever it is not sure.
    pub(crate) fn of(body: &Bytes, compat: Compat, now: Timestamp) -> Option<Plain> {
        let taken = schema::taken(Kind::PublishedBody, body, compat, now)?;
        taken
            .is_spare
            .then(|| Plain::spare(body))
            .flatten()
            .or_else(|| Copy::of(body, compat))
    }

    /// The container of a body that is stored as it stands.
    ///
    /// Gives: nothing where it says who provides it, or is not alone.
    fn spare(body: &Bytes) -> Option<Plain> {
        body.strip_prefix(WRAPPING)?.strip_suffix(b"}")?;
        let text = body.slice(WRAPPING.len()..body.len() - 1);
        // With a second member, which has no rules, it would not be spare.
        memchr::memmem::find(&text, b"\"providerMetadata\"")
            .is_none()
            .then_some(Plain {
                text,
                provider: None,
            })
    }

    /// The container with `provider` as its provider, written behind `to`.
    ///
    /// Takes: `provider`, the JSON of `providerMetadata`.
    pub(crate) fn write(&self, provider: &[u8], to: &mut Vec<u8>) {
        match &self.provider {
            Some(own) => {
                to.extend_from_slice(&self.text[..own.start]);
                to.extend_from_slice(provider);
                to.extend_from_slice(&self.text[own.end..]);
            }
            None => {
                // A valid container has members, and ends in a bracket.
                to.extend_from_slice(&self.text[..self.text.len() - 1]);
                to.extend_from_slice(b",\"providerMetadata\":");
                to.extend_from_slice(provider);
                to.push(b'}');
            }
        }
    }
}

/// What the value that comes next in the container is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Other,
    Provider,
    Date,
    Timeline,
}

/// A copy under way, of a text that is known to be JSON.
struct Copy<'a> {
    body: &'a Bytes,
    /// How far the body is read.
    at: usize,
    /// From where on the body is still to be copied, as it stands, up to there.
    from: usize,
    /// What was copied before that.
    text: Vec<u8>,
    /// Of each bracket that is open, whether it is an object's.
    objects: Vec<bool>,
    /// Whether the next string is a key.
    at_key: bool,
    /// The member of the container that is being copied.
    member: Member,
    /// Whether the member of a timeline's event that is being copied is its time.
    is_time: bool,
    in_utc: bool,
    provider: Option<Range<usize>>,
}

impl<'a> Copy<'a> {
    fn of(body: &'a Bytes, compat: Compat) -> Option<Plain> {
        let mut copy = Copy {
            body,
            at: 0,
            from: 0,
            text: Vec::new(),
            objects: Vec::with_capacity(16),
            at_key: false,
            member: Member::Other,
            is_time: false,
            in_utc: compat == Compat::Current,
            provider: None,
        };
        while let Some(&byte) = body.get(copy.at) {
            copy.step(byte)?;
        }
        let whole = match copy.text.is_empty() {
            true => body.slice(copy.from..),
            false => {
                copy.leave_out(0);
                Bytes::from(copy.text)
            }
        };
        let inside = |at: usize| at - WRAPPING.len();
        whole.strip_prefix(WRAPPING)?.strip_suffix(b"}")?;
        Some(Plain {
            provider: copy.provider.map(|own| inside(own.start)..inside(own.end)),
            text: whole.slice(WRAPPING.len()..whole.len() - 1),
        })
    }

    /// How long the copy is so far.
    fn length(&self) -> usize {
        self.text.len() + self.at - self.from
    }

    /// Passes over so many bytes of the body.
    fn leave_out(&mut self, bytes: usize) {
        if self.text.capacity() == 0 {
            self.text.reserve_exact(self.body.len());
        }
        self.text.extend_from_slice(&self.body[self.from..self.at]);
        self.at += bytes;
        self.from = self.at;
    }

    /// Copies what begins with `byte`.
    ///
    /// Gives: nothing when it is not plain.
    fn step(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'"' => return self.string(),
            b'-' | b'0'..=b'9' => return self.number(),
            b' ' | b'\t' | b'\n' | b'\r' => {
                self.leave_out(1);
                return Some(());
            }
            b'{' | b'[' => {
                if self.objects.len() == DEPTH {
                    return None;
                }
                self.objects.push(byte == b'{');
                self.at_key = byte == b'{';
            }
            b'}' | b']' => {
                self.ends_value();
                self.objects.pop();
                self.at_key = false;
            }
            b',' => {
                // A second member beside the container is not this file's.
                if self.objects.len() == 1 {
                    return None;
                }
                self.ends_value();
                self.at_key = self.objects.last() == Some(&true);
            }
            // A colon, or a letter of `true`, `false` and `null`.
            _ => {}
        }
        self.at += 1;
        Some(())
    }

    /// A comma or a bracket ends the value before it.
    fn ends_value(&mut self) {
        if self.objects.len() == 2 && self.member == Member::Provider {
            let end = self.length();
            if let Some(own) = &mut self.provider {
                own.end = end;
            }
            self.member = Member::Other;
        }
    }

    fn string(&mut self) -> Option<()> {
        let body = self.body;
        let inner = &body[self.at + 1..];
        let mut end = 0;
        loop {
            end += memchr::memchr2(b'"', b'\\', &inner[end..])?;
            if inner[end] == b'"' {
                break;
            }
            // Any other escape would be written in another way.
            if !matches!(inner.get(end + 1)?, b'"' | b'\\' | b'n' | b't' | b'r') {
                return None;
            }
            end += 2;
        }
        let (text, length) = (&inner[..end], end + 2);
        if self.at_key {
            self.at_key = false;
            self.at += length;
            self.begins(text);
            return Some(());
        }
        if has_space(text)? {
            return None;
        }
        let is_date = match self.objects.len() {
            2 => self.member == Member::Date,
            4 => {
                self.member == Member::Timeline
                    && self.is_time
                    && self.objects[2..] == [false, true]
            }
            _ => false,
        };
        match is_date.then(|| self.other_date(text)).flatten() {
            Some(date) => {
                self.leave_out(length);
                self.text.push(b'"');
                self.text.extend_from_slice(date.as_bytes());
                self.text.push(b'"');
            }
            None => self.at += length,
        }
        Some(())
    }

    /// Notes which member follows; its colon is still to be copied.
    fn begins(&mut self, key: &[u8]) {
        match self.objects.len() {
            2 => {
                self.member = match key {
                    b"providerMetadata" => Member::Provider,
                    b"datePublic" | b"dateAssigned" => Member::Date,
                    b"timeline" => Member::Timeline,
                    _ => Member::Other,
                };
                if self.member == Member::Provider {
                    let start = self.length() + 1;
                    self.provider = Some(start..start);
                }
            }
            4 => self.is_time = key == b"time",
            _ => {}
        }
    }

    /// How a date is stored, when that is not how it was sent.
    fn other_date(&self, text: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(text).ok().filter(|_| self.in_utc)?;
        text.parse().ok().map(|at: Timestamp| at.to_string())
    }

    fn number(&mut self) -> Option<()> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let rest = &self.body[self.at..];
        let end = rest.iter().position(|byte| !is_part(byte));
        let number = &rest[..end.unwrap_or(rest.len())];
        if !is_spare_number(number) {
            return None;
        }
        self.at += number.len();
        Some(())
    }
}

/// Says whether a text may have space at an end; nothing where it is no UTF-8.
fn has_space(text: &[u8]) -> Option<bool> {
    let is_ascii_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let (Some(first), Some(last)) = (text.first(), text.last()) else {
        return Some(false);
    };
    if first.is_ascii() && last.is_ascii() {
        // A line end may be escaped, and so may the backslash before it.
        let escaped = |byte: u8| matches!(byte, b'n' | b't' | b'r');
        let begins = *first == b'\\' && text.get(1).copied().is_some_and(escaped);
        let ends = escaped(*last) && text.len() > 1 && text[text.len() - 2] == b'\\';
        return Some(is_ascii_space(first) || is_ascii_space(last) || begins || ends);
    }
    // Of other space this server's and ECMAScript's notions differ, and both
    // are left to the tree; so are texts with escapes.
    let text = std::str::from_utf8(text).ok()?;
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    Some(text.starts_with(is_space) || text.ends_with(is_space) || text.contains('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn now() -> Timestamp {
        "2026-11-03T10:00:00Z".parse().unwrap()
    }

    const PROVIDER: &str = r#"{"orgId":"o","shortName":"acme"}"#;

    /// The container as it is stored, on the short way.
    fn copied(body: &str) -> Option<String> {
        let copy = Copy::of(&Bytes::copy_from_slice(body.as_bytes()), Compat::Current)?;
        let mut text = Vec::new();
        copy.write(PROVIDER.as_bytes(), &mut text);
        Some(String::from_utf8(text).unwrap())
    }

    /// The same through a tree.
    fn through_a_tree(body: &str) -> String {
        let mut body: Value = serde_json::from_str(body).unwrap();
        let mut container = body["cnaContainer"].take();
        submission::in_utc(&mut container);
        let provider = serde_json::from_str(PROVIDER).unwrap();
        container["providerMetadata"] = provider;
        container.to_string()
    }

    #[track_caller]
    fn is_stored(container: &str, expected: Option<&str>) {
        let expected = expected.map(|text| text.replace("PROVIDER", PROVIDER));
        for space in ["", " "] {
            let body = format!("{space}{{\"cnaContainer\":{space}{container}{space}}}{space}");
            assert_eq!(copied(&body), expected, "{body}");
            if let Some(expected) = &expected {
                assert_eq!(through_a_tree(&body), *expected, "{body}");
            }
        }
    }

    #[test]
    fn a_body_without_space_between_its_values_is_not_copied() {
        let body = Bytes::from(r#"{"cnaContainer":{"a":[1,"b  c"]}}"#);
        let plain = Copy::of(&body, Compat::Current).unwrap();
        assert_eq!(plain.text.as_ptr(), body[WRAPPING.len()..].as_ptr());
    }

    #[test]
    fn space_between_values_goes_and_space_inside_them_stays() {
        is_stored(
            "{ \"a\" : [ 1 , \"b  c\" ,\n\ttrue ], \"d\":{} }",
            Some(r#"{"a":[1,"b  c",true],"d":{},"providerMetadata":PROVIDER}"#),
        );
    }

    #[test]
    fn the_provider_takes_the_place_of_what_the_container_says_itself() {
        for (own, after) in [
            (r#"{"orgId": "x"}"#, r#","b":2"#),
            (r#"{"orgId": "x"}"#, ""),
            ("1", r#","b":2"#),
        ] {
            is_stored(
                &format!(r#"{{"a":1,"providerMetadata": {own} {after}}}"#),
                Some(&format!(r#"{{"a":1,"providerMetadata":PROVIDER{after}}}"#)),
            );
        }
    }

    #[test]
    fn dates_are_written_in_utc_where_the_server_does_so() {
        is_stored(
            r#"{"datePublic":"2026-01-02T03:04:05+01:00","dateAssigned":"soon",
                "timeline":[{"time":"2026-01-02T00:00:00","value":"2026-01-02T00:00:00"}],
                "x_a":{"datePublic":"2026-01-02T03:04:05Z","b":[{"time":"2026-01-02T00:00:00"}]}}"#,
            Some(
                r#"{"datePublic":"2026-01-02T02:04:05.000Z","dateAssigned":"soon","timeline":[{"time":"2026-01-02T00:00:00.000Z","value":"2026-01-02T00:00:00"}],"x_a":{"datePublic":"2026-01-02T03:04:05Z","b":[{"time":"2026-01-02T00:00:00"}]},"providerMetadata":PROVIDER}"#,
            ),
        );
    }

    #[test]
    fn what_would_be_written_in_another_way_is_left_to_the_tree() {
        for value in [
            r#""\u00e9""#,
            r#""a\/b""#,
            r#""a\b""#,
            r#"" a""#,
            r#""a\n""#,
            "\"a\u{a0}\"",
            "-0",
            "1.50",
            "1e3",
            "0.0001",
            "12345678901234567890123",
        ] {
            is_stored(&format!(r#"{{"a":{value}}}"#), None);
        }
    }

    #[test]
    fn a_second_member_beside_the_container_is_left_to_the_tree() {
        assert_eq!(copied(r#"{"cnaContainer":{"a":1},"b":1}"#), None);
        assert_eq!(copied(r#"{"b":{"a":1}}"#), None);
        assert_eq!(copied("[]"), None);
    }

    #[test]
    fn what_the_schema_refuses_is_not_plain() {
        let body = |container: Value| json!({"cnaContainer": container}).to_string();
        let mut container = json!({
            "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}],
            "descriptions": [{"lang": "en", "value": "text"}],
            "references": [{"url": "https://example.com/1"}],
        });
        let plain = |text: String| Plain::of(&Bytes::from(text), Compat::Current, now());
        assert!(plain(body(container.clone())).is_some());
        container["foo"] = json!(1);
        assert!(plain(body(container)).is_none());
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = "[ a\\\\\"\n\u{e9}\u{a0}\u{85}/]{0,4}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (0_u32..20_000).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
            text.prop_map(Value::from),
            Just(json!("2026-01-02T03:04:05+01:00")),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let key = prop_oneof![
                Just("timeline".to_owned()),
                Just("time".to_owned()),
                Just("datePublic".to_owned()),
                Just("providerMetadata".to_owned()),
                "[a-c \u{e9}]{0,2}",
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((key, inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// White space between values, as printers of JSON write it.
    fn spaced(body: &Value, pretty: bool) -> String {
        match pretty {
            true => serde_json::to_string_pretty(body).unwrap(),
            false => body.to_string(),
        }
    }

    /// A container the schema allows, unless a text has too little in it.
    fn valid_container() -> impl Strategy<Value = Value> {
        let text = "[ a\\\\\"\n\u{e9}\u{a0}]{0,2}[a-z][ a\u{e9}\u{a0}]{0,2}";
        let extra = prop_oneof![
            3 => Just(None),
            1 => Just(Some(("datePublic", json!("2026-01-02T03:04:05+01:00")))),
            1 => Just(Some(("providerMetadata", json!({"orgId": "b3476cb9-2e3d-41a6-98d0-0f47421a65b6"})))),
            1 => Just(Some(("x_a", json!({"b": [1, " c"]})))),
            1 => Just(Some(("timeline", json!([{
                "time": "2026-01-02T00:00:00", "lang": "en", "value": "found",
            }])))),
        ];
        (text, text, extra).prop_map(|(description, product, extra)| {
            let mut container = json!({
                "affected": [{"vendor": "v", "product": product, "defaultStatus": "affected"}],
                "descriptions": [{"lang": "en", "value": description}],
                "references": [{"url": "https://example.com/1"}],
            });
            if let Some((key, value)) = extra {
                container[key] = value;
            }
            container
        })
    }

    #[test]
    fn a_spare_body_needs_no_second_look() {
        let body = r#"{"cnaContainer":{"affected":[{"vendor":"v","product":"p","defaultStatus":"affected"}],"descriptions":[{"lang":"en","value":"text"}],"references":[{"url":"https://example.com/1"}]}}"#;
        let taken = schema::taken(Kind::PublishedBody, body.as_bytes(), Compat::Current, now());
        assert_eq!(taken, Some(schema::Taken { is_spare: true }));
    }

    proptest! {
        #[test]
        fn a_spare_body_is_stored_as_its_copy_would_be(
            container in valid_container(),
            pretty: bool,
        ) {
            let body = Bytes::from(spaced(&json!({"cnaContainer": container}), pretty));
            if let Some(plain) = Plain::of(&body, Compat::Current, now()) {
                prop_assert_eq!(Some(plain), Copy::of(&body, Compat::Current));
            }
        }

        #[test]
        fn both_ways_give_the_same_bytes(
            members in proptest::collection::vec(("[a-c]|datePublic|timeline", value()), 1..4),
            pretty: bool,
        ) {
            let container: serde_json::Map<String, Value> = members.into_iter().collect();
            let body = spaced(&json!({"cnaContainer": container}), pretty);
            if let Some(text) = copied(&body) {
                prop_assert_eq!(text, through_a_tree(&body));
            }
        }
    }
}
