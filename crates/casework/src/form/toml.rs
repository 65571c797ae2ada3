//! Forms as TOML.

use serde_json::{Map, Value as Json, json};
use toml_edit::{Array, ArrayOfTables, Document, DocumentMut, InlineTable, Item, Table, Value};

use super::{InvalidForm, Place, Places, step};

/// Reads a text, with the place of every value.
pub(super) fn read(text: &str) -> Result<(Json, Places), InvalidForm> {
    let lines = Lines::of(text);
    let document = Document::parse(text).map_err(|error| {
        let place = lines.place(error.span().map_or(0, |span| span.start));
        InvalidForm {
            line: place.line,
            column: place.column,
            key: String::new(),
            problem: format!("it is not TOML: {}", error.message().replace('\n', ", ")),
        }
    })?;
    let mut places = Places::default();
    let tree = table(document.as_table(), "", &lines, &mut places);
    Ok((tree, places))
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Lines<'a> {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Lines { text, starts }
    }

    fn place(&self, at: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or_default();
        Place {
            line,
            column: before.chars().count() + 1,
        }
    }
}

fn table(table: &Table, pointer: &str, lines: &Lines<'_>, places: &mut Places) -> Json {
    let mut object = Map::new();
    for (key, found) in table.iter() {
        let pointer = format!("{pointer}/{}", step(key));
        let key_span = table.key(key).and_then(toml_edit::Key::span);
        if let Some(span) = key_span.or_else(|| found.span()) {
            places.note(&pointer, lines.place(span.start));
        }
        object.insert(key.to_owned(), item(found, &pointer, lines, places));
    }
    Json::Object(object)
}

fn item(found: &Item, pointer: &str, lines: &Lines<'_>, places: &mut Places) -> Json {
    match found {
        Item::None => Json::Null,
        Item::Value(found) => value(found, pointer, lines, places),
        Item::Table(found) => table(found, pointer, lines, places),
        Item::ArrayOfTables(list) => {
            let entries = list.iter().enumerate().map(|(index, entry)| {
                let pointer = format!("{pointer}/{index}");
                if let Some(span) = entry.span() {
                    places.note(&pointer, lines.place(span.start));
                }
                table(entry, &pointer, lines, places)
            });
            Json::Array(entries.collect())
        }
    }
}

fn value(found: &Value, pointer: &str, lines: &Lines<'_>, places: &mut Places) -> Json {
    match found {
        Value::String(text) => json!(text.value()),
        Value::Integer(number) => json!(number.value()),
        Value::Float(number) => json!(number.value()),
        Value::Boolean(truth) => json!(truth.value()),
        // JSON has no dates; a text says the same.
        Value::Datetime(date) => json!(date.value().to_string()),
        Value::Array(list) => {
            let entries = list.iter().enumerate().map(|(index, entry)| {
                let pointer = format!("{pointer}/{index}");
                if let Some(span) = entry.span() {
                    places.note(&pointer, lines.place(span.start));
                }
                value(entry, &pointer, lines, places)
            });
            Json::Array(entries.collect())
        }
        Value::InlineTable(found) => {
            let entries = found.iter().map(|(key, entry)| {
                let pointer = format!("{pointer}/{}", step(key));
                if let Some(span) = entry.span() {
                    places.note(&pointer, lines.place(span.start));
                }
                (key.to_owned(), value(entry, &pointer, lines, places))
            });
            Json::Object(entries.collect())
        }
    }
}

/// Writes a form from nothing.
pub(super) fn write(tree: &Map<String, Json>) -> String {
    let mut document = DocumentMut::new();
    fill(document.as_table_mut(), tree);
    document.to_string()
}

/// The earlier text with what changed, and everything else as it was.
pub(super) fn update(previous: &str, tree: &Map<String, Json>) -> Option<String> {
    let mut document: DocumentMut = previous.parse().ok()?;
    update_table(document.as_table_mut(), tree);
    Some(document.to_string())
}

fn fill(table: &mut Table, tree: &Map<String, Json>) {
    for (key, json) in tree {
        table.insert(key, new_item(json));
    }
}

/// A table of its own for what has keys, a value for the rest.
fn new_item(json: &Json) -> Item {
    match json {
        Json::Object(object) => {
            let mut table = Table::new();
            // One level of tables is enough; what lies deeper is in a line.
            for (key, json) in object {
                table.insert(key, Item::Value(new_value(json)));
            }
            table.decor_mut().set_prefix("\n");
            Item::Table(table)
        }
        Json::Array(list) if !list.is_empty() && list.iter().all(Json::is_object) => {
            let mut tables = ArrayOfTables::new();
            for entry in list {
                if let Item::Table(table) = new_item(entry) {
                    tables.push(table);
                }
            }
            Item::ArrayOfTables(tables)
        }
        other => Item::Value(new_value(other)),
    }
}

fn new_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(""),
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::from(number),
            None => Value::from(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(list) => {
            let mut array: Array = list.iter().map(new_value).collect();
            let is_long = array.to_string().len() > 72;
            if is_long {
                for entry in array.iter_mut() {
                    entry.decor_mut().set_prefix("\n  ");
                }
                array.set_trailing("\n");
                array.set_trailing_comma(true);
            }
            Value::Array(array)
        }
        Json::Object(object) => {
            let entries = object
                .iter()
                .map(|(key, json)| (key.as_str(), new_value(json)));
            Value::InlineTable(entries.collect::<InlineTable>())
        }
    }
}

fn json_of(found: &Item) -> Json {
    item(found, "", &Lines::of(""), &mut Places::default())
}

fn update_table(table: &mut Table, tree: &Map<String, Json>) {
    let gone = table.iter().map(|(key, _)| key.to_owned());
    let gone: Vec<String> = gone.filter(|key| !tree.contains_key(key)).collect();
    for key in &gone {
        table.remove(key);
    }
    for (key, json) in tree {
        match table.get_mut(key) {
            Some(found) => update_item(found, json),
            None => {
                table.insert(key, new_item(json));
            }
        }
    }
}

fn update_item(found: &mut Item, json: &Json) {
    if json_of(found) == *json {
        return;
    }
    match (&mut *found, json) {
        (Item::Table(table), Json::Object(object)) => update_table(table, object),
        (Item::ArrayOfTables(tables), Json::Array(list))
            if !list.is_empty() && list.iter().all(Json::is_object) =>
        {
            while tables.len() > list.len() {
                tables.remove(tables.len() - 1);
            }
            for (index, json) in list.iter().enumerate() {
                match (tables.get_mut(index), json) {
                    (Some(table), Json::Object(object)) => update_table(table, object),
                    _ => {
                        if let Item::Table(mut table) = new_item(json) {
                            table.set_position(None);
                            tables.push(table);
                        }
                    }
                }
            }
        }
        (Item::Value(value), json) => update_value(value, json),
        (found, json) => *found = new_item(json),
    }
}

fn update_value(found: &mut Value, json: &Json) {
    if json_of(&Item::Value(found.clone())) == *json {
        return;
    }
    match (&mut *found, json) {
        (Value::Array(array), Json::Array(list)) => {
            while array.len() > list.len() {
                array.remove(array.len() - 1);
            }
            for (index, json) in list.iter().enumerate() {
                match array.get_mut(index) {
                    Some(found) => update_value(found, json),
                    None => array.push(new_value(json)),
                }
            }
        }
        (found, json) => {
            let decor = found.decor().clone();
            *found = new_value(json);
            *found.decor_mut() = decor;
        }
    }
}
