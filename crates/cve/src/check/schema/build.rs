//! Turns rules into tables.

use std::collections::BTreeMap;

use super::{
    AnyOf, Bits, KeyTable, ListTable, Names, Node, ObjectTable, Schema, TextNode, WordTable,
};
use crate::check::shape::{
    EITHER, Key, List, Object, PUBLISHED, REJECTED, Role, Rule, Shapes, Value, Words,
};

#[derive(Default)]
pub(super) struct Builder {
    schema: Schema,
    /// Tables of shared definitions, by what makes them one.
    shared: BTreeMap<String, Node>,
}

impl Builder {
    pub(super) fn finish(self, root: Node) -> Schema {
        Schema {
            root: Some(root),
            ..self.schema
        }
    }

    /// The tables of `rule`, whose pointer is `at` unless it has its own.
    pub(super) fn node(&mut self, rule: &Rule, at: &str, hashed: bool) -> Node {
        let at = rule.at.as_deref().unwrap_or(at);
        match &rule.value {
            Value::Filled => Node::Filled,
            Value::Flag => Node::Flag,
            Value::Serial => Node::Serial,
            Value::Score(score) => Node::Score(*score),
            Value::Text(text) => Node::Text(TextNode {
                form: text.form,
                min: text.min,
                max: text.max,
                hashed,
            }),
            Value::Word(words) => Node::Word(self.words(*words)),
            Value::Tag(words) => Node::Tag(self.words(*words)),
            Value::List(list) => {
                let name = rule.at.as_ref().map(|at| format!("list {at}"));
                self.shared(name, |builder| builder.list(list, at))
            }
            Value::Object(object) => {
                // A body's container has the pointer of the record's, but
                // does not require the same keys.
                let required: Vec<_> = object.keys.iter().map(|key| key.required).collect();
                let name = rule
                    .at
                    .as_ref()
                    .map(|at| format!("object {at} {required:?}"));
                self.shared(name, |builder| builder.object(object, at))
            }
        }
    }

    fn shared(&mut self, name: Option<String>, make: impl FnOnce(&mut Builder) -> Node) -> Node {
        if let Some(node) = name.as_ref().and_then(|name| self.shared.get(name)) {
            return *node;
        }
        let node = make(self);
        if let Some(name) = name {
            self.shared.insert(name, node);
        }
        node
    }

    fn words(&mut self, words: Words) -> u16 {
        let names = Names::new(words.words.iter().copied());
        self.add_words(names, words.role)
    }

    fn add_words(&mut self, names: Names, role: Role) -> u16 {
        self.schema.words.push(WordTable { names, role });
        index(self.schema.words.len())
    }

    fn list(&mut self, list: &List, at: &str) -> Node {
        let item_at = list
            .item
            .at
            .clone()
            .unwrap_or_else(|| format!("{at}/items"));
        let by_key = list.item.at.is_none() && matches!(list.item.value, Value::Text(_));
        let item = self.node(&list.item, &item_at, list.unique);
        self.schema.lists.push(ListTable {
            item,
            min: list.min as usize,
            max: list.max as usize,
            unique: list.unique,
            english: list.english,
            by_key,
            at: at.to_owned(),
            item_at,
        });
        Node::List(index(self.schema.lists.len()))
    }

    fn object(&mut self, object: &Object, at: &str) -> Node {
        let mut keys = Vec::new();
        for key in &object.keys {
            let node = self.node(
                &key.rule,
                &format!("{at}/properties/{}", key.name),
                object.hashed,
            );
            keys.push((key.name, self.key(key, node, EITHER)));
        }
        let required = required(object, |name| place(&keys, name));
        self.add_object(object, keys, [required; 2], [at.to_owned(), at.to_owned()])
    }

    fn key(&self, key: &Key, node: Node, shapes: Shapes) -> KeyTable {
        KeyTable {
            key: super::super::outline::Key::of(key.name.as_bytes()),
            node,
            shapes,
            at: key.rule.at.clone(),
        }
    }

    fn add_object(
        &mut self,
        object: &Object,
        keys: Vec<(&'static str, KeyTable)>,
        required: [u64; 2],
        at: [String; 2],
    ) -> Node {
        let bit = |name| place(&keys, name).map_or(0, |place| 1 << place);
        let any_of = object
            .any_of
            .iter()
            .map(|names| AnyOf {
                sets: names
                    .iter()
                    .map(|set| set.iter().fold(0, |bits, name| bits | bit(name)))
                    .collect(),
                names,
            })
            .collect();
        let bits = Bits {
            provider: bit("providerMetadata"),
            version: bit("version"),
            status: bit("status"),
            version_type: bit("versionType"),
            less_than: bit("lessThan"),
            less_than_or_equal: bit("lessThanOrEqual"),
        };
        self.schema.objects.push(ObjectTable {
            names: Names::new(keys.iter().map(|(name, _)| *name)),
            keys: keys.into_iter().map(|(_, key)| key).collect(),
            required,
            extra: object.extra,
            any_of,
            also: object.also,
            bits,
            untyped: object.untyped,
            at,
        });
        Node::Object(index(self.schema.objects.len()))
    }

    /// One table for the two shapes of a record, so that one pass over the
    /// bytes checks both until the state is seen.
    pub(super) fn record(&mut self, published: &Rule, rejected: &Rule) -> Node {
        self.both(published, rejected, "#", "#")
    }

    fn both(&mut self, published: &Rule, rejected: &Rule, at_p: &str, at_r: &str) -> Node {
        let at_p = published.at.as_deref().unwrap_or(at_p);
        let at_r = rejected.at.as_deref().unwrap_or(at_r);
        match (&published.value, &rejected.value) {
            (Value::Object(p), Value::Object(r)) if at_p != at_r => {
                self.both_objects(p, r, at_p, at_r)
            }
            (Value::Word(p), Value::Word(r)) if p.role == Role::State => {
                let words = p.words.iter().chain(r.words).copied();
                Node::Word(self.add_words(Names::new(words), Role::State))
            }
            _ => self.node(published, at_p, false),
        }
    }

    fn both_objects(&mut self, p: &Object, r: &Object, at_p: &str, at_r: &str) -> Node {
        let mut keys: Vec<(&'static str, KeyTable)> = Vec::new();
        for key in &p.keys {
            let below_p = format!("{at_p}/properties/{}", key.name);
            let below_r = format!("{at_r}/properties/{}", key.name);
            let (node, shapes) = match r.keys.iter().find(|other| other.name == key.name) {
                Some(other) => (
                    self.both(&key.rule, &other.rule, &below_p, &below_r),
                    EITHER,
                ),
                None => (self.node(&key.rule, &below_p, p.hashed), PUBLISHED),
            };
            keys.push((key.name, self.key(key, node, shapes)));
        }
        for key in &r.keys {
            if place(&keys, key.name).is_none() {
                let below = format!("{at_r}/properties/{}", key.name);
                let node = self.node(&key.rule, &below, r.hashed);
                keys.push((key.name, self.key(key, node, REJECTED)));
            }
        }
        let needs = [p, r].map(|object| required(object, |name| place(&keys, name)));
        self.add_object(p, keys, needs, [at_p.to_owned(), at_r.to_owned()])
    }
}

fn required(object: &Object, place: impl Fn(&str) -> Option<usize>) -> u64 {
    let places = object
        .keys
        .iter()
        .filter(|key| key.required)
        .filter_map(|key| place(key.name));
    places.fold(0, |bits, place| bits | 1 << place)
}

fn place(keys: &[(&'static str, KeyTable)], name: &str) -> Option<usize> {
    keys.iter().position(|(known, _)| *known == name)
}

/// Index of the last of `length` tables; there are some hundreds.
fn index(length: usize) -> u16 {
    (length - 1) as u16
}
