//! Forms as YAML, the part of 1.2 people write: no tags, anchors or aliases.

use std::fmt::Write as _;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

use super::{InvalidForm, Place, Places, step};

/// Deeper than any record, and shallow enough for the stack.
const MOST_DEEP: usize = 64;

/// Reads a text, with the place of every value.
pub(super) fn read(text: &str) -> Result<(Value, Places), InvalidForm> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        places: Places::default(),
    };
    let mut tree = None;
    loop {
        let (event, place) = reader.next("")?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            _ if tree.is_some() => {
                return Err(fault(place, "", "a second document begins: expected one"));
            }
            event => tree = Some(reader.node(event, place, "", 0)?),
        }
    }
    let tree = tree.unwrap_or_else(|| json!({}));
    Ok((tree, reader.places))
}

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    places: Places,
}

fn fault(place: Place, pointer: &str, problem: impl Into<String>) -> InvalidForm {
    InvalidForm {
        line: place.line,
        column: place.column,
        key: pointer.trim_start_matches('/').to_owned(),
        problem: problem.into(),
    }
}

impl<'a> Reader<'a> {
    fn next(&mut self, pointer: &str) -> Result<(Event<'a>, Place), InvalidForm> {
        let Some(event) = self.events.next() else {
            return Ok((Event::StreamEnd, Place { line: 1, column: 1 }));
        };
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            let place = Place {
                line: at.line().max(1),
                column: at.col() + 1,
            };
            fault(place, pointer, format!("it is not YAML: {}", error.info()))
        })?;
        let place = Place {
            line: span.start.line().max(1),
            column: span.start.col() + 1,
        };
        Ok((event, place))
    }

    fn node(
        &mut self,
        event: Event<'a>,
        place: Place,
        pointer: &str,
        depth: usize,
    ) -> Result<Value, InvalidForm> {
        if depth > MOST_DEEP {
            return Err(fault(
                place,
                pointer,
                "it lies too deep: expected at most 64 levels",
            ));
        }
        self.places.note(pointer, place);
        match event {
            Event::Scalar(text, style, 0, None) => scalar(&text, style).ok_or_else(|| {
                fault(
                    place,
                    pointer,
                    "there is no value: write one, or leave the key out",
                )
            }),
            Event::SequenceStart(_, 0, None) => {
                let mut list = Vec::new();
                loop {
                    let (event, place) = self.next(pointer)?;
                    if event == Event::SequenceEnd {
                        return Ok(Value::Array(list));
                    }
                    let pointer = format!("{pointer}/{}", list.len());
                    list.push(self.node(event, place, &pointer, depth + 1)?);
                }
            }
            Event::MappingStart(_, 0, None) => self.mapping(pointer, depth),
            _ => {
                let problem = "tags, anchors and aliases are not read here: write the value out";
                Err(fault(place, pointer, problem))
            }
        }
    }

    fn mapping(&mut self, pointer: &str, depth: usize) -> Result<Value, InvalidForm> {
        let mut object = Map::new();
        loop {
            let (event, place) = self.next(pointer)?;
            let key = match event {
                Event::MappingEnd => return Ok(Value::Object(object)),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(fault(place, pointer, "a key is no text: expected one")),
            };
            let pointer = format!("{pointer}/{}", step(&key));
            if object.contains_key(&key) {
                return Err(fault(
                    place,
                    &pointer,
                    "the key is there twice: leave out one",
                ));
            }
            self.places.note(&pointer, place);
            let (event, place) = self.next(&pointer)?;
            let value = self.node(event, place, &pointer, depth + 1)?;
            object.insert(key, value);
        }
    }
}

/// A scalar by the core schema of YAML 1.2; nothing for no value.
fn scalar(text: &str, style: ScalarStyle) -> Option<Value> {
    if style != ScalarStyle::Plain {
        return Some(json!(text));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return None,
        "true" | "True" | "TRUE" => return Some(json!(true)),
        "false" | "False" | "FALSE" => return Some(json!(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts_as_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let is_number = starts_as_number
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    if is_number {
        if let Ok(number) = text.parse::<i64>() {
            return Some(json!(number));
        }
        if let Ok(number) = text.parse::<f64>() {
            return Some(json!(number));
        }
    }
    Some(json!(text))
}

/// Writes a form from nothing.
pub(super) fn write(tree: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (key, value) in tree {
        section(&mut text, key, value);
    }
    if text.is_empty() {
        text.push_str("{}\n");
    }
    text
}

fn section(text: &mut String, key: &str, value: &Value) {
    let _ = write!(text, "{}:", key_text(key));
    under(text, value, 0);
}

/// A value behind `key:` or `-`, with the line break at its end.
fn under(text: &mut String, value: &Value, indent: usize) {
    let inner = " ".repeat(indent + 2);
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push('\n');
            for (key, value) in object {
                let _ = write!(text, "{inner}{}:", key_text(key));
                under(text, value, indent + 2);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            text.push('\n');
            for value in list {
                let _ = write!(text, "{inner}-");
                entry(text, value, indent + 2);
            }
        }
        Value::String(prose) if is_block(prose) => {
            text.push_str(" |-\n");
            for line in prose.split('\n') {
                if !line.is_empty() {
                    let _ = write!(text, "{inner}{line}");
                }
                text.push('\n');
            }
        }
        other => {
            let _ = writeln!(text, " {}", flow(other));
        }
    }
}

/// An entry of a list: its first key stands beside the dash.
fn entry(text: &mut String, value: &Value, indent: usize) {
    let Some(object) = value.as_object().filter(|object| !object.is_empty()) else {
        under(text, value, indent);
        return;
    };
    for (index, (key, value)) in object.iter().enumerate() {
        let before = if index == 0 {
            " ".to_owned()
        } else {
            " ".repeat(indent + 2)
        };
        let _ = write!(text, "{before}{}:", key_text(key));
        under(text, value, indent + 2);
    }
}

/// Says whether a text of several lines can stand as it is.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.ends_with(['\n', ' '])
        && !text
            .lines()
            .any(|line| line.trim().is_empty() && !line.is_empty())
        && text.chars().all(is_printed)
}

fn is_printed(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{10000}'..)
        && !matches!(c, '\u{2028}' | '\u{2029}')
}

fn key_text(key: &str) -> String {
    let is_word = !key.is_empty()
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && scalar(key, ScalarStyle::Plain) == Some(json!(key));
    if is_word { key.to_owned() } else { quoted(key) }
}

/// Text in double quotes, with the escapes that JSON and YAML share.
fn quoted(text: &str) -> String {
    let mut out = json!(text).to_string();
    if !text.chars().all(is_printed) {
        let escaped = |c: char| match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'..='\u{ffff}' => {
                format!("\\u{:04x}", u32::from(c))
            }
            c => c.to_string(),
        };
        out = out.chars().map(escaped).collect();
    }
    out
}

/// A value in a line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(flow).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Object(object) => {
            let entries = object.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{}: {}", quoted(key), flow(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// The earlier text with the top-level keys that changed written anew, and
/// everything else as it was, comments and all.
pub(super) fn update(
    previous: &str,
    before: &Map<String, Value>,
    tree: &Map<String, Value>,
) -> Option<String> {
    let (_, places) = read(previous).ok()?;
    let lines: Vec<&str> = previous.split_inclusive('\n').collect();
    let mut starts: Vec<(usize, &str)> = Vec::new();
    for key in before.keys() {
        let place = places.0.get(&format!("/{}", step(key)))?;
        if place.column != 1 {
            return None;
        }
        starts.push((place.line - 1, key.as_str()));
    }
    starts.sort_unstable();
    let first = starts.first().map_or(lines.len(), |(line, _)| *line);
    let mut text: String = lines.get(..first)?.concat();
    for (index, (start, key)) in starts.iter().enumerate() {
        let next = starts.get(index + 1).map_or(lines.len(), |(line, _)| *line);
        let section_lines = lines.get(*start..next)?;
        // Comments between two keys belong to the one below.
        let content = section_lines
            .iter()
            .rposition(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .map_or(section_lines.len(), |last| last + 1);
        match tree.get(*key) {
            Some(value) if before.get(*key) == Some(value) => {
                text.push_str(&section_lines.concat())
            }
            changed => {
                if let Some(value) = changed {
                    section(&mut text, key, value);
                }
                text.push_str(&section_lines.get(content..)?.concat());
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }
    for (key, value) in tree.iter().filter(|(key, _)| !before.contains_key(*key)) {
        section(&mut text, key, value);
    }
    Some(text)
}
