//! Whether the service may refuse a valid document, told quickly.
//!
//! [`review`](super::review) reads the text anew, which costs as much as the
//! verdict. What it could find shows in the outline already, and nearly no
//! record has it.

use super::trim::{may_have_space, may_need_trimming_in};
use super::{MAX_BODY_BYTES, has_impossible_offset, purl, without_space};
use crate::check::losses::may_escape;
use crate::check::outline::{Document, Key};
use crate::check::schema::Kind;
use crate::time::Timestamp;

/// Says whether [`review`](super::review) may find something in a document.
///
/// Takes: a document that was found valid in one pass, and `listed`, where
/// the values without rules stand in items of its lists.
/// Gives: false only when there is surely no finding.
pub(crate) fn may_refuse(
    document: &Document<'_>,
    kind: Kind,
    bytes: &[u8],
    listed: &[(usize, usize)],
    now: Timestamp,
) -> bool {
    bytes.len() > MAX_BODY_BYTES
        || may_escape(bytes, |behind| behind.starts_with(b"u0000"))
        || document
            .texts()
            .any(|(at, text)| may_have_space(text) && !is_free_prose(document, at, text))
        || listed.iter().any(|(start, end)| {
            let value = bytes.get(*start..*end).unwrap_or_default();
            may_need_trimming_in(value)
        })
        || container(document, kind).is_some_and(|container| {
            let is_adp = matches!(kind, Kind::AdpContainer | Kind::AdpBody);
            may_refuse_container(document, container, is_adp, now)
        })
}

/// Says whether a text is one of which the schema asks nothing but that it is
/// not empty, and which can become equal to no other: trimming it breaks
/// nothing. One record in nine has a description that ends with a line.
fn is_free_prose(doc: &Document<'_>, at: usize, text: &[u8]) -> bool {
    if without_space(text).is_empty() {
        return false;
    }
    let (mut list, mut is_alone) = (Key::Root, true);
    for (_, above) in doc.path(at) {
        if doc.is_list(above) {
            list = doc.key(above);
            is_alone &= doc.items(above).nth(1).is_none();
        }
    }
    let is_prose = match doc.key(at) {
        Key::Title => list == Key::Root,
        Key::Value => matches!(
            list,
            Key::Descriptions
                | Key::SupportingMedia
                | Key::RejectedReasons
                | Key::Solutions
                | Key::Workarounds
                | Key::Configurations
                | Key::Exploits
        ),
        _ => false,
    };
    is_prose && is_alone
}

fn container(doc: &Document<'_>, kind: Kind) -> Option<usize> {
    match kind {
        Kind::Record => doc
            .get(0, Key::Containers)
            .and_then(|all| doc.get(all, Key::Cna)),
        Kind::PublishedBody | Kind::RejectedBody => doc.get(0, Key::CnaContainer),
        Kind::AdpBody => doc.get(0, Key::AdpContainer),
        _ => Some(0),
    }
}

fn may_refuse_container(
    doc: &Document<'_>,
    container: usize,
    is_adp: bool,
    now: Timestamp,
) -> bool {
    if !doc.is_object(container) {
        return true;
    }
    doc.inside(container).any(|at| match doc.key(at) {
        Key::DateAssigned => is_odd_time(doc, Some(at)),
        Key::DatePublic => is_odd_time(doc, Some(at)) || (!is_adp && is_ahead(doc, at, now)),
        Key::Timeline => doc
            .items(at)
            .any(|item| is_odd_time(doc, doc.get(item, Key::Time))),
        Key::Descriptions | Key::RejectedReasons if !is_adp => {
            let in_english = |item: &usize| {
                let lang = doc.text_at(*item, Key::Lang).unwrap_or_default();
                let start = without_space(lang.as_bytes()).get(..2);
                start.is_some_and(|start| start.eq_ignore_ascii_case(b"en"))
            };
            doc.items(at).filter(in_english).nth(1).is_some()
        }
        Key::Affected if !is_adp => doc.items(at).any(|item| {
            doc.text_at(item, Key::PackageUrl)
                .is_some_and(|url| purl::problem(url).is_some())
        }),
        _ => false,
    })
}

fn is_odd_time(doc: &Document<'_>, at: Option<usize>) -> bool {
    at.and_then(|at| doc.text(at))
        .is_some_and(has_impossible_offset)
}

/// Says whether a date is not surely within a day from now.
fn is_ahead(doc: &Document<'_>, at: usize, now: Timestamp) -> bool {
    let date = doc.text(at).and_then(|text| text.get(..10));
    let today = now.to_string();
    // Of a day before today no offset makes one after tomorrow.
    let is_past = |date: &str| {
        let digits = date.bytes().filter(u8::is_ascii_digit).count();
        digits == 8 && date.as_bytes()[4] == b'-' && Some(date) < today.get(..10)
    };
    !date.is_some_and(is_past)
}
