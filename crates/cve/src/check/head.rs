//! What a document seems to be, whoever it is about, and whether it is valid.

use memchr::memmem;

use super::checker::excess;
use super::schema::Kind;
use super::tape::{Sort, Tape};

/// What a document says about itself before anything is checked.
///
/// Source: our choice; a check of many documents must tell them apart, also
/// when they are wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `cveMetadata.cveId` as it is written, whether it is one or not.
    pub id: Option<String>,
    /// Short name of the organisation: `cveMetadata.assignerShortName`, or of
    /// a container `providerMetadata.shortName`.
    pub org: Option<String>,
}

/// Reads what a document says about itself.
///
/// Takes: any bytes.
/// Gives: what could be read, also of a text that is no JSON if its metadata
/// stand there whole; much quicker than reading the document.
/// Source: CVE Record Format `cveMetadata`, `providerMetadata`.
pub fn head(bytes: &[u8]) -> Head {
    if let Some(metadata) = lone_object(bytes, b"\"cveMetadata\"") {
        return of_metadata(metadata);
    }
    if excess(bytes).is_some() {
        return Head::default();
    }
    match Tape::read(bytes) {
        Ok(tape) => of_tape(&tape),
        Err(_) => Head::default(),
    }
}

/// The kind of document a text is most likely meant to be.
///
/// Takes: any bytes.
/// Gives: a body when `cnaContainer` or `adpContainer` stands in it; a
/// container when it has keys of one and none of a record, a rejected one
/// when it gives reasons for that, an ADP's when it describes nothing; else a
/// record, also for what is not JSON.
/// Source: our choice, from the keys each kind requires.
pub fn likely_kind(bytes: &[u8]) -> Kind {
    if excess(bytes).is_some() {
        return Kind::Record;
    }
    let Ok(tape) = Tape::read(bytes) else {
        return Kind::Record;
    };
    let has = |key| tape.get(0, key).is_some();
    if ["cveMetadata", "containers", "dataType", "dataVersion"]
        .into_iter()
        .any(has)
    {
        return Kind::Record;
    }
    if let Some(container) = tape.get(0, "cnaContainer") {
        return match is_rejected(&tape, container) {
            true => Kind::RejectedBody,
            false => Kind::PublishedBody,
        };
    }
    if has("adpContainer") {
        return Kind::AdpBody;
    }
    if is_rejected(&tape, 0) {
        return Kind::RejectedContainer;
    }
    if has("descriptions") || has("affected") {
        return Kind::PublishedContainer;
    }
    match has("providerMetadata") || has("references") || has("metrics") || has("problemTypes") {
        true => Kind::AdpContainer,
        false => Kind::Record,
    }
}

/// Says whether a container gives reasons for a rejection and describes no
/// vulnerability.
fn is_rejected(tape: &Tape<'_>, container: usize) -> bool {
    let has = |key| tape.get(container, key).is_some();
    (has("rejectedReasons") || has("replacedBy")) && !has("descriptions") && !has("affected")
}

fn of_tape(tape: &Tape<'_>) -> Head {
    if let Some(metadata) = tape.get(0, "cveMetadata") {
        return Head {
            id: text(tape, Some(metadata), "cveId"),
            org: text(tape, Some(metadata), "assignerShortName"),
        };
    }
    let container = ["cnaContainer", "adpContainer"]
        .iter()
        .find_map(|key| tape.get(0, key))
        .or((!tape.spots.is_empty()).then_some(0));
    let provider = container.and_then(|container| tape.get(container, "providerMetadata"));
    Head {
        id: None,
        org: text(tape, provider, "shortName"),
    }
}

/// Reads the two keys of `cveMetadata` we want, quickly where both are
/// written without escapes.
fn of_metadata(metadata: &[u8]) -> Head {
    match Tape::read(metadata) {
        Ok(tape) => Head {
            id: text(&tape, Some(0), "cveId"),
            org: text(&tape, Some(0), "assignerShortName"),
        },
        Err(_) => Head::default(),
    }
}

fn text(tape: &Tape<'_>, object: Option<usize>, key: &str) -> Option<String> {
    let value = object.and_then(|object| tape.get(object, key))?;
    (tape.spots[value].kind == Sort::String)
        .then(|| String::from_utf8_lossy(&tape.text(value)).into_owned())
}

/// The object behind `key` when that stands in the text once, as a key.
fn lone_object<'a>(bytes: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut found = memmem::find_iter(bytes, key);
    let at = found.next()? + key.len();
    // A second one may be a text, or a repeated key: read it all.
    if found.next().is_some() {
        return None;
    }
    let rest = &bytes[at..];
    let open = rest
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b':'))?;
    if rest[open] != b'{' || !rest[..open].contains(&b':') {
        return None;
    }
    let object = &rest[open..];
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = object.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(&object[..=at]);
                }
            }
            b'"' => at = end_of_string(object, at + 1)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Index of the quote that ends the string whose text begins at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let step = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        at += step;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Option<String>, Option<String>) {
        let head = head(text.as_bytes());
        (head.id, head.org)
    }

    fn some(id: &str, org: &str) -> (Option<String>, Option<String>) {
        (Some(id.to_owned()), Some(org.to_owned()))
    }

    #[test]
    fn id_and_organisation_are_those_of_the_metadata() {
        let text = r#"{"containers":{"cna":{"x_":"}\"{"}},"cveMetadata" : {"a":["}"],"cveId":"CVE-1900-00001","assignerShortName":"mitre"}}"#;
        assert_eq!(of(text), some("CVE-1900-00001", "mitre"));
    }

    #[test]
    fn a_second_mention_of_the_metadata_misleads_nobody() {
        let text = r#"{"x_":{"cveMetadata":{"cveId":"no"}},"cveMetadata":{"cveId":"CVE-1900-00001","assignerShortName":"m"}}"#;
        assert_eq!(of(text), some("CVE-1900-00001", "m"));
        let twice = r#"{"cveMetadata":{"cveId":"a"},"cveMetadata":{"cveId":"CVE-1900-00002","assignerShortName":"m"}}"#;
        assert_eq!(of(twice), some("CVE-1900-00002", "m"));
    }

    #[test]
    fn an_escaped_key_is_read_as_it_is_meant() {
        let text =
            r#"{"cve\u004detadata":{"cveId":"CVE-1900-00001","assignerShortName":"\u006d"}}"#;
        assert_eq!(of(text), some("CVE-1900-00001", "m"));
    }

    #[test]
    fn a_cut_text_still_says_whose_it_is() {
        let text = r#"{"cveMetadata":{"cveId":"CVE-1900-00001","assignerShortName":"m"},"conta"#;
        assert_eq!(of(text), some("CVE-1900-00001", "m"));
        assert_eq!(of(r#"{"cveMetadata":{"cveId":"CVE-1900"#), (None, None));
        assert_eq!(of(""), (None, None));
        assert_eq!(of("7"), (None, None));
    }

    #[test]
    fn a_container_names_its_provider() {
        let text = r#"{"providerMetadata":{"shortName":"m"}}"#;
        assert_eq!(of(text), (None, Some("m".to_owned())));
        let body = format!(r#"{{"cnaContainer":{text}}}"#);
        assert_eq!(of(&body), (None, Some("m".to_owned())));
    }

    #[test]
    fn the_kind_follows_from_the_keys() {
        for (text, kind) in [
            ("{}", Kind::Record),
            ("", Kind::Record),
            ("[]", Kind::Record),
            (r#"{"dataType":1,"descriptions":[]}"#, Kind::Record),
            (
                r#"{"descriptions":[],"rejectedReasons":[]}"#,
                Kind::PublishedContainer,
            ),
            (r#"{"rejectedReasons":[]}"#, Kind::RejectedContainer),
            (
                r#"{"providerMetadata":{},"references":[]}"#,
                Kind::AdpContainer,
            ),
            (r#"{"cnaContainer":{}}"#, Kind::PublishedBody),
            (
                r#"{"cnaContainer":{"rejectedReasons":[]}}"#,
                Kind::RejectedBody,
            ),
            (r#"{"adpContainer":{}}"#, Kind::AdpBody),
        ] {
            assert_eq!(likely_kind(text.as_bytes()), kind, "{text}");
        }
    }
}
