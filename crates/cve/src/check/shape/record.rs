//! The whole record, its metadata, and the bodies that carry a container.

use super::container::{adp_container, published_container, rejected_container};
use super::part::{cve_id, short_name, timestamp, uuid};
use super::{Extra, Form, Format, Key, Object, Role, Rule, Shapes, Value};
use super::{PUBLISHED, formed, list, object, word, word_as};

/// A record of one of the two shapes.
///
/// Source: CVE Record Format `oneOf`.
pub(in super::super) fn record(format: Format, shape: Shapes) -> Rule {
    let version = match format {
        Format::V5_0 => word(&["5.0"]),
        _ => formed(Form::Version),
    };
    let published = shape == PUBLISHED;
    let metadata = if published {
        metadata_published(format)
    } else {
        metadata_rejected(format)
    };
    let root = object(
        Extra::Refused,
        vec![
            Key::must("dataType", word(&["CVE_RECORD"]).defined("dataType")),
            Key::must("dataVersion", version.defined("dataVersion")),
            Key::must("cveMetadata", metadata),
            Key::must("containers", containers(format, published).into()),
        ],
    );
    Rule {
        at: Some(if published { "#/oneOf/0" } else { "#/oneOf/1" }.to_owned()),
        ..plain(root)
    }
}

/// An object whose texts need no telling apart: no list encloses it.
fn plain(object: Object) -> Rule {
    Object {
        hashed: false,
        ..object
    }
    .into()
}

fn containers(format: Format, published: bool) -> Object {
    let cna = if published {
        published_container(format, true)
    } else {
        rejected_container(format, true)
    };
    let mut keys = vec![Key::must("cna", cna)];
    if published {
        keys.push(Key::may("adp", list(adp_container(format, true)).into()));
    }
    object(Extra::Refused, keys)
}

fn metadata_published(format: Format) -> Rule {
    let keys = vec![
        Key::must("cveId", cve_id()),
        Key::must("assignerOrgId", uuid()),
        Key::may("assignerShortName", short_name()),
        Key::may("requesterUserId", uuid()),
        Key::may("dateUpdated", timestamp(format)),
        Key::may("serial", Rule::new(Value::Serial)),
        Key::may("dateReserved", timestamp(format)),
        Key::may("datePublished", timestamp(format)),
        Key::must("state", word_as(Role::State, &["PUBLISHED"])),
    ];
    plain(object(Extra::Refused, keys)).defined("cveMetadataPublished")
}

fn metadata_rejected(format: Format) -> Rule {
    let keys = vec![
        Key::must("cveId", cve_id()),
        Key::must("assignerOrgId", uuid()),
        Key::may("assignerShortName", short_name()),
        Key::may("serial", Rule::new(Value::Serial)),
        Key::may("dateUpdated", timestamp(format)),
        Key::may("datePublished", timestamp(format)),
        Key::may("dateRejected", timestamp(format)),
        Key::must("state", word_as(Role::State, &["REJECTED"])),
        Key::may("dateReserved", timestamp(format)),
    ];
    plain(object(Extra::Refused, keys)).defined("cveMetadataRejected")
}

/// A request body: an object whose one key holds a container. The server
/// stamps `providerMetadata`, so the body may come without it.
///
/// Source: cve-services section 10, the views of a container.
pub(in super::super) fn body(key: &'static str, container: Rule) -> Rule {
    plain(object(Extra::Refused, vec![Key::must(key, container)]))
}
