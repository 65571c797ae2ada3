//! The terms in which the record's rules are written down.
//!
//! `shape/` says in these terms what the official schema says; `schema.rs`
//! turns them into tables; `verdict.rs` and `explain.rs` read the tables.

pub(super) mod container;
pub(super) mod cvss;
pub(super) mod part;
pub(super) mod record;

use super::form::Form;

/// A version of the CVE Record Format.
///
/// Source: CVE Record Format, releases 5.0, 5.1.1 and 5.2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Format {
    /// 5.0, in which most objects let unknown keys pass.
    V5_0,
    /// 5.1.1, which knows CVSS 4.0 and CPE applicability.
    V5_1_1,
    /// 5.2.0, which knows package URLs. What CVE Services runs.
    #[default]
    V5_2_0,
}

impl Format {
    /// The version as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::V5_0 => "5.0",
            Format::V5_1_1 => "5.1.1",
            Format::V5_2_0 => "5.2.0",
        }
    }
}

/// Set of the two shapes of a record that something belongs to.
pub(super) type Shapes = u8;
pub(super) const PUBLISHED: Shapes = 1;
pub(super) const REJECTED: Shapes = 2;
pub(super) const EITHER: Shapes = PUBLISHED | REJECTED;

/// What may stand in one place, and where the schema says so.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) value: Value,
    /// JSON pointer of a shared definition; `None` when the rule stands in
    /// line, its pointer then following from its parent's.
    pub(super) at: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    /// An object with at least one key, whatever they are.
    Filled,
    /// `true` or `false`.
    Flag,
    Text(Text),
    /// One of these words.
    Word(Words),
    /// One of these words, or a tag of one's own that begins with `x_`.
    Tag(Words),
    /// A whole number from 1.
    Serial,
    Score(Score),
    List(Box<List>),
    Object(Box<Object>),
}

/// A text with bounds on its number of code points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    pub(super) form: Form,
    pub(super) min: u32,
    pub(super) max: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) words: &'static [&'static str],
    pub(super) role: Role,
}

/// What else follows from a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    None,
    /// The severity that must suit the base score.
    BaseSeverity,
    /// The state, which tells the two shapes of a record apart.
    State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Score {
    /// 0 to 10 in steps of 0.1, from 5.1 on.
    Tenths,
    /// The same, and the severity must suit it.
    Base,
    /// Any number from 0 to 10.
    Range,
}

#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) item: Rule,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) unique: bool,
    /// At least one item is in English.
    pub(super) english: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) keys: Vec<Key>,
    pub(super) extra: Extra,
    /// Of each group, the keys of at least one set must all be there.
    pub(super) any_of: Vec<&'static [&'static [&'static str]]>,
    pub(super) also: Also,
    /// Whether something that is no object passes, for want of a `type`.
    pub(super) untyped: bool,
    /// Whether its texts tell items of a list apart. False where no list of
    /// distinct items encloses the object, which saves time.
    pub(super) hashed: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) required: bool,
}

/// What becomes of keys that the schema does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extra {
    Refused,
    /// Only `x_…` without a dot.
    Extension,
    Any,
}

/// Rules that tie the keys of an object to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Also {
    Nothing,
    /// At least one key beside `providerMetadata`.
    MoreThanProvider,
    /// The forms of an entry of `versions` from 5.1 on.
    Version,
    /// The forms of an entry of `versions` in 5.0.
    Version50,
    /// Base score and base severity in one band.
    Band,
}

/// No upper bound.
pub(super) const UNBOUNDED: u32 = u32::MAX;

impl Rule {
    pub(super) fn new(value: Value) -> Rule {
        Rule { value, at: None }
    }

    /// The same rule as the shared definition `name`.
    pub(super) fn defined(self, name: &str) -> Rule {
        Rule {
            at: Some(format!("#/definitions/{name}")),
            ..self
        }
    }
}

impl Key {
    pub(super) fn must(name: &'static str, rule: Rule) -> Key {
        let required = true;
        Key {
            name,
            rule,
            required,
        }
    }

    pub(super) fn may(name: &'static str, rule: Rule) -> Key {
        let required = false;
        Key {
            name,
            rule,
            required,
        }
    }
}

/// An object of these keys; unknown ones are as `extra` says.
pub(super) fn object(extra: Extra, keys: Vec<Key>) -> Object {
    Object {
        keys,
        extra,
        any_of: Vec::new(),
        also: Also::Nothing,
        untyped: false,
        hashed: true,
    }
}

impl From<Object> for Rule {
    fn from(object: Object) -> Rule {
        Rule::new(Value::Object(Box::new(object)))
    }
}

/// A list of at least one item, all distinct: the usual kind.
pub(super) fn list(item: impl Into<Rule>) -> List {
    List {
        item: item.into(),
        min: 1,
        max: UNBOUNDED,
        unique: true,
        english: false,
    }
}

impl From<List> for Rule {
    fn from(list: List) -> Rule {
        Rule::new(Value::List(Box::new(list)))
    }
}

/// A text of any form, `min` to `max` code points.
pub(super) fn text(min: u32, max: u32) -> Rule {
    Rule::new(Value::Text(Text {
        form: Form::Plain,
        min,
        max,
    }))
}

/// A text of one form, its length bounded only by that.
pub(super) fn formed(form: Form) -> Rule {
    bounded(form, 0, UNBOUNDED)
}

/// A text of one form, `min` to `max` code points.
pub(super) fn bounded(form: Form, min: u32, max: u32) -> Rule {
    Rule::new(Value::Text(Text { form, min, max }))
}

pub(super) fn word(words: &'static [&'static str]) -> Rule {
    word_as(Role::None, words)
}

pub(super) fn word_as(role: Role, words: &'static [&'static str]) -> Rule {
    Rule::new(Value::Word(Words { words, role }))
}

pub(super) fn tag(words: &'static [&'static str]) -> Rule {
    let role = Role::None;
    Rule::new(Value::Tag(Words { words, role }))
}

pub(super) fn flag() -> Rule {
    Rule::new(Value::Flag)
}
