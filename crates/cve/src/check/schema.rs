//! The rules of one version of the format as tables that are quick to read.

mod build;
mod names;

use std::sync::OnceLock;

pub(super) use names::Names;

use super::form::Form;
use super::shape::container::{adp_container, published_container, rejected_container};
use super::shape::record::{body, record};
use super::shape::{Also, Extra, Format, PUBLISHED, REJECTED, Role, Score, Shapes};

/// Which document, or part of one, is to be checked.
///
/// Source: CVE Record Format; cve-services section 10 for the bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A whole record, published or rejected.
    Record,
    /// The container of a CNA that publishes, `containers.cna` of a record.
    PublishedContainer,
    /// The container of a CNA that rejects, `containers.cna` of a record.
    RejectedContainer,
    /// The container of an ADP, an item of `containers.adp` of a record.
    AdpContainer,
    /// `{"cnaContainer": …}`, sent to publish; `providerMetadata` is optional,
    /// because the server stamps it.
    PublishedBody,
    /// `{"cnaContainer": …}`, sent to reject.
    RejectedBody,
    /// `{"adpContainer": …}`, sent by an ADP.
    AdpBody,
}

/// Everything that is to be known about one place, small enough to copy.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    Free,
    Filled,
    Flag,
    Text(TextNode),
    Word(u16),
    Tag(u16),
    Serial,
    Score(Score),
    List(u16),
    Object(u16),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct TextNode {
    pub(super) form: Form,
    pub(super) min: u32,
    pub(super) max: u32,
    /// Its text tells items of a list apart.
    pub(super) hashed: bool,
}

#[derive(Debug)]
pub(super) struct WordTable {
    pub(super) names: Names,
    pub(super) role: Role,
}

#[derive(Debug)]
pub(super) struct ListTable {
    pub(super) item: Node,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) unique: bool,
    pub(super) english: bool,
    /// The items are texts without a shared definition, which ajv tells apart
    /// by the keys of an object: `__proto__` twice goes unnoticed there.
    pub(super) by_key: bool,
    pub(super) at: String,
    pub(super) item_at: String,
}

#[derive(Debug)]
pub(super) struct ObjectTable {
    pub(super) names: Names,
    /// In the order of `names`; at most 64.
    pub(super) keys: Vec<KeyTable>,
    /// The required keys as bits, of a published and of a rejected record.
    pub(super) required: [u64; 2],
    pub(super) extra: Extra,
    pub(super) any_of: Vec<AnyOf>,
    pub(super) also: Also,
    /// The keys that `also` is about.
    pub(super) bits: Bits,
    pub(super) untyped: bool,
    /// Its pointer in the schema, in a published and in a rejected record.
    pub(super) at: [String; 2],
}

#[derive(Debug)]
pub(super) struct KeyTable {
    /// What content rules call it.
    pub(super) key: super::outline::Key,
    pub(super) node: Node,
    /// The shapes of a record in which the key may stand.
    pub(super) shapes: Shapes,
    /// Its pointer in the schema, when it has a definition of its own.
    pub(super) at: Option<String>,
}

/// Sets of keys of which at least one must be complete.
#[derive(Debug)]
pub(super) struct AnyOf {
    pub(super) sets: Vec<u64>,
    pub(super) names: &'static [&'static [&'static str]],
}

/// Bits of single keys, 0 where the object has no such key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits {
    pub(super) provider: u64,
    pub(super) version: u64,
    pub(super) status: u64,
    pub(super) version_type: u64,
    pub(super) less_than: u64,
    pub(super) less_than_or_equal: u64,
}

/// The tables of one kind of document in one version of the format.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) objects: Vec<ObjectTable>,
    pub(super) lists: Vec<ListTable>,
    pub(super) words: Vec<WordTable>,
    root: Option<Node>,
}

const FORMATS: usize = 3;
const KINDS: usize = 7;

impl Schema {
    /// The tables of a kind in a version of the format, made at first use:
    /// a program that checks one record needs one kind of seven.
    pub(super) fn of(format: Format, kind: Kind) -> &'static Schema {
        static TABLES: [[OnceLock<Schema>; KINDS]; FORMATS] =
            [const { [const { OnceLock::new() }; KINDS] }; FORMATS];
        TABLES[format as usize][kind as usize].get_or_init(|| Schema::new(format, kind))
    }

    fn new(format: Format, kind: Kind) -> Schema {
        let mut builder = build::Builder::default();
        let container = match kind {
            Kind::Record => {
                let (published, rejected) = (record(format, PUBLISHED), record(format, REJECTED));
                let root = builder.record(&published, &rejected);
                return builder.finish(root);
            }
            Kind::PublishedContainer => published_container(format, true),
            Kind::RejectedContainer => rejected_container(format, true),
            Kind::AdpContainer => adp_container(format, true),
            Kind::PublishedBody => body("cnaContainer", published_container(format, false)),
            Kind::RejectedBody => body("cnaContainer", rejected_container(format, false)),
            Kind::AdpBody => body("adpContainer", adp_container(format, false)),
        };
        let root = builder.node(&container, "#", false);
        builder.finish(root)
    }

    pub(super) fn root(&self) -> Node {
        // `finish` gives every schema one.
        self.root.unwrap_or(Node::Free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kind; KINDS] = [
        Kind::Record,
        Kind::PublishedContainer,
        Kind::RejectedContainer,
        Kind::AdpContainer,
        Kind::PublishedBody,
        Kind::RejectedBody,
        Kind::AdpBody,
    ];

    #[test]
    fn every_kind_has_tables_in_every_format() {
        for format in [Format::V5_0, Format::V5_1_1, Format::V5_2_0] {
            for kind in ALL {
                assert!(
                    matches!(Schema::of(format, kind).root(), Node::Object(_)),
                    "{kind:?}"
                );
            }
        }
    }

    #[test]
    fn an_object_has_at_most_64_keys() {
        for format in [Format::V5_0, Format::V5_1_1, Format::V5_2_0] {
            for kind in ALL {
                let objects = &Schema::of(format, kind).objects;
                assert!(objects.iter().all(|object| object.keys.len() <= 64));
            }
        }
    }
}
