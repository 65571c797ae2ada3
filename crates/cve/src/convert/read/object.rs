//! An object of the source, whose keys are ticked off as they are read.

use serde_json::{Map, Value};

use super::draft::Draft;

/// An object of the source.
///
/// Whoever reads a key ticks it off; what is left at the end is listed as
/// unplaced, so that nothing is dropped silently.
pub(super) struct Object<'v> {
    map: Option<&'v Map<String, Value>>,
    pointer: String,
    read: Vec<&'static str>,
}

/// A text of the source, and where it stands.
pub(super) struct Found<'v> {
    pub(super) text: &'v str,
    pub(super) pointer: String,
}

impl<'v> Object<'v> {
    /// The object at `pointer`; anything else has no keys.
    pub(super) fn new(value: &'v Value, pointer: impl Into<String>) -> Object<'v> {
        Object {
            map: value.as_object(),
            pointer: pointer.into(),
            read: Vec::new(),
        }
    }

    /// Where it stands in the document.
    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The pointer of one of its keys.
    pub(super) fn at(&self, key: &str) -> String {
        pointer_to(&self.pointer, key)
    }

    /// The value of a key, ticked off; `null` is as good as none.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'v Value> {
        if !self.read.contains(&key) {
            self.read.push(key);
        }
        self.map?.get(key).filter(|value| !value.is_null())
    }

    /// The value of a key, not ticked off.
    pub(super) fn peek(&self, key: &str) -> Option<&'v Value> {
        self.map?.get(key).filter(|value| !value.is_null())
    }

    /// Ticks off a key that says nothing a record would hold.
    pub(super) fn ignore(&mut self, keys: &[&'static str]) {
        for key in keys {
            self.take(key);
        }
    }

    /// The text of a key, trimmed; an empty one is as good as none. Anything
    /// but a text is listed as unplaced.
    pub(super) fn text(&mut self, key: &'static str, draft: &mut Draft) -> Option<Found<'v>> {
        let value = self.take(key)?;
        let pointer = self.at(key);
        match value {
            Value::String(text) => {
                let text = text.trim();
                (!text.is_empty()).then_some(Found { text, pointer })
            }
            other => {
                draft.unplaced(
                    "shape",
                    pointer,
                    format!("expected a text, found {}", kind_of(other)),
                );
                None
            }
        }
    }

    /// The object of a key; one without keys when there is none.
    pub(super) fn object(&mut self, key: &'static str, draft: &mut Draft) -> Object<'v> {
        let pointer = self.at(key);
        match self.take(key) {
            Some(value @ Value::Object(_)) => Object::new(value, pointer),
            Some(other) => {
                draft.unplaced(
                    "shape",
                    pointer.clone(),
                    format!("expected an object, found {}", kind_of(other)),
                );
                Object::new(&Value::Null, pointer)
            }
            None => Object::new(&Value::Null, pointer),
        }
    }

    /// The objects in the list of a key.
    pub(super) fn objects(&mut self, key: &'static str, draft: &mut Draft) -> Vec<Object<'v>> {
        let items = self.items(key, draft);
        let mut objects = Vec::with_capacity(items.len());
        for (value, pointer) in items {
            match value {
                Value::Object(_) => objects.push(Object::new(value, pointer)),
                other => draft.unplaced(
                    "shape",
                    pointer,
                    format!("expected an object, found {}", kind_of(other)),
                ),
            }
        }
        objects
    }

    /// The texts in the list of a key, trimmed, without empty ones.
    pub(super) fn texts(&mut self, key: &'static str, draft: &mut Draft) -> Vec<Found<'v>> {
        let items = self.items(key, draft);
        let mut texts = Vec::with_capacity(items.len());
        for (value, pointer) in items {
            match value {
                Value::String(text) if text.trim().is_empty() => {}
                Value::String(text) => texts.push(Found {
                    text: text.trim(),
                    pointer,
                }),
                other => draft.unplaced(
                    "shape",
                    pointer,
                    format!("expected a text, found {}", kind_of(other)),
                ),
            }
        }
        texts
    }

    /// The items in the list of a key, with their pointers.
    pub(super) fn items(
        &mut self,
        key: &'static str,
        draft: &mut Draft,
    ) -> Vec<(&'v Value, String)> {
        let pointer = self.at(key);
        match self.take(key) {
            Some(Value::Array(items)) => {
                let at = |(place, value)| (value, format!("{pointer}/{place}"));
                items.iter().enumerate().map(at).collect()
            }
            Some(other) => {
                draft.unplaced(
                    "shape",
                    pointer,
                    format!("expected a list, found {}", kind_of(other)),
                );
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Lists every key that nobody read.
    pub(super) fn finish(self, draft: &mut Draft) {
        self.finish_without(draft, |_| false);
    }

    /// Lists every key that nobody read, but for those `known` elsewhere.
    pub(super) fn finish_without(self, draft: &mut Draft, known: impl Fn(&str) -> bool) {
        for (key, value) in self.map.into_iter().flatten() {
            if !self.read.contains(&key.as_str()) && !is_empty(value) && !known(key) {
                draft.unplaced(
                    "other-key",
                    pointer_to(&self.pointer, key),
                    format!("a record has no place for `{}`", shortened(key)),
                );
            }
        }
    }
}

/// A pointer with one more step.
///
/// Source: RFC 6901 section 3.
pub(super) fn pointer_to(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Says whether a value says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The kind of a value, with its article.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A text short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
