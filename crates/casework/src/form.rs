//! Drafts as people write them: a short form in TOML or YAML, or the document
//! itself as JSON.
//!
//! A form says exactly what a document says: [`read`] of what [`write()`] gave is
//! the document again. The short keys carry what nearly every draft has; the
//! table `extra` carries the rest under JSON pointers. What the advisory only
//! repeats of the record is left out, and filled in when the form is read.
//!
//! | file | holds |
//! |---|---|
//! | `shape` | the short keys, and what they stand for |
//! | `advisory` | what the advisory repeats of the record |
//! | `toml`, `yaml` | texts, with the place of every value, comments kept |

mod advisory;
mod shape;
#[cfg(test)]
mod tests;
mod toml;
mod versions;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use advisory::repeated;

/// What a form can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FormFormat {
    /// The short form as TOML.
    Toml,
    /// The short form as YAML.
    Yaml,
    /// The document as it is stored.
    Json,
}

impl FormFormat {
    /// The word of the command line, which is the end of a file's name, too.
    pub fn as_str(self) -> &'static str {
        match self {
            FormFormat::Toml => "toml",
            FormFormat::Yaml => "yaml",
            FormFormat::Json => "json",
        }
    }
}

impl fmt::Display for FormFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no format of a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format of a draft: expected `toml`, `yaml` or `json`")]
pub struct InvalidFormFormat(String);

impl FromStr for FormFormat {
    type Err = InvalidFormFormat;

    fn from_str(text: &str) -> Result<FormFormat, InvalidFormFormat> {
        match text {
            "toml" => Ok(FormFormat::Toml),
            "yaml" | "yml" => Ok(FormFormat::Yaml),
            "json" => Ok(FormFormat::Json),
            other => Err(InvalidFormFormat(other.chars().take(64).collect())),
        }
    }
}

/// Why a form cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidForm {
    /// The line, the first being 1.
    pub line: usize,
    /// The column, the first being 1.
    pub column: usize,
    /// The key it is about, such as `affected/0/versions/1`; empty for the whole.
    pub key: String,
    /// What is there and what is expected.
    pub problem: String,
}

impl fmt::Display for InvalidForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.problem)
    }
}

/// A form that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// The document: `cna` and `advisory`.
    pub document: Value,
    format: FormFormat,
    places: Places,
}

impl Form {
    /// The line of the form that says what `pointer` leads to in the document;
    /// the nearest one around it where it says nothing of it.
    pub fn line_of(&self, pointer: &str) -> usize {
        let candidates = match self.format {
            FormFormat::Json => vec![pointer.to_owned()],
            FormFormat::Toml | FormFormat::Yaml => shape::keys_of(pointer),
        };
        let found = candidates.iter().filter_map(|key| self.places.nearest(key));
        found
            .max_by_key(|(length, _)| *length)
            .map_or(1, |(_, place)| place.line)
    }
}

/// Where in a text something begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

/// Where every value of a form begins, by JSON pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Places(BTreeMap<String, Place>);

impl Places {
    fn note(&mut self, pointer: &str, place: Place) {
        self.0.entry(pointer.to_owned()).or_insert(place);
    }

    /// The place of the longest part of `pointer` that is there, and how many
    /// steps that is; at least one.
    fn nearest(&self, pointer: &str) -> Option<(usize, Place)> {
        let mut part = pointer;
        while !part.is_empty() {
            if let Some(place) = self.0.get(part) {
                return Some((part.matches('/').count(), *place));
            }
            part = part.rsplit_once('/').map_or("", |(before, _)| before);
        }
        None
    }
}

/// Something wrong at a key of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    /// JSON pointer into the form.
    pointer: String,
    problem: String,
}

impl Fault {
    fn new(pointer: impl Into<String>, problem: impl Into<String>) -> Fault {
        Fault {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}

/// A step of a JSON pointer, escaped.
fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Reads a form.
///
/// Refuses: a text that is not of its format, a key nobody knows, a value of
/// another type than its key wants; each with line, column and key.
pub fn read(text: &str, format: FormFormat) -> Result<Form, InvalidForm> {
    let (document, places) = match format {
        FormFormat::Json => {
            let document = serde_json::from_str(text).map_err(|error| InvalidForm {
                line: error.line().max(1),
                column: error.column().max(1),
                key: String::new(),
                problem: format!("it is not JSON: {error}; expected an object of cna and advisory"),
            })?;
            // JSON is YAML; where it is not quite, lines are missed, nothing else.
            let places = yaml::read(text).map(|(_, places)| places);
            (document, places.unwrap_or_default())
        }
        FormFormat::Toml | FormFormat::Yaml => {
            let (tree, places) = tree_of(text, format)?;
            let document = shape::document_of(&tree).map_err(|fault| {
                let place = places.nearest(&fault.pointer);
                let place = place.map_or(Place { line: 1, column: 1 }, |(_, place)| place);
                InvalidForm {
                    line: place.line,
                    column: place.column,
                    key: fault.pointer.trim_start_matches('/').to_owned(),
                    problem: fault.problem,
                }
            })?;
            (document, places)
        }
    };
    Ok(Form {
        document,
        format,
        places,
    })
}

fn tree_of(text: &str, format: FormFormat) -> Result<(Map<String, Value>, Places), InvalidForm> {
    let (tree, places) = match format {
        FormFormat::Toml => toml::read(text)?,
        FormFormat::Yaml | FormFormat::Json => yaml::read(text)?,
    };
    match tree {
        Value::Object(tree) => Ok((tree, places)),
        _ => Err(InvalidForm {
            line: 1,
            column: 1,
            key: String::new(),
            problem: "it is no table of keys: expected `title`, `description`, …".into(),
        }),
    }
}

/// Writes the form of a document.
///
/// Takes: `previous`, an earlier form of the same format. Its comments, the
/// order of its keys and the spelling of what did not change are kept; in YAML
/// within a top-level key that did change, they are not.
/// Gives: a text that reads as `document` again, exactly.
pub fn write(document: &Value, format: FormFormat, previous: Option<&str>) -> String {
    if let Some(previous) = previous
        && read(previous, format).is_ok_and(|form| form.document == *document)
    {
        return previous.to_owned();
    }
    if format == FormFormat::Json {
        return format!("{document:#}\n");
    }
    let reads_as_it =
        |text: &String| read(text, format).is_ok_and(|form| form.document == *document);
    let mut tree = shape::tree_of(document);
    if let Some(previous) = previous
        && let Ok((before, _)) = tree_of(previous, format)
    {
        shape::keep_builder(&before, &mut tree);
        let updated = match format {
            FormFormat::Toml => toml::update(previous, &tree),
            FormFormat::Yaml | FormFormat::Json => yaml::update(previous, &before, &tree),
        };
        if let Some(text) = updated.filter(reads_as_it) {
            return text;
        }
    }
    let text = match format {
        FormFormat::Toml => toml::write(&tree),
        FormFormat::Yaml | FormFormat::Json => yaml::write(&tree),
    };
    if reads_as_it(&text) {
        return text;
    }
    // Whatever the short keys got wrong, this says everything by pointers.
    let tree = shape::bare_tree_of(document);
    match format {
        FormFormat::Toml => toml::write(&tree),
        FormFormat::Yaml | FormFormat::Json => yaml::write(&tree),
    }
}
