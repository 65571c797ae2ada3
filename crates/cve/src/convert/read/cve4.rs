//! CVE JSON 4.0.
//!
//! Source: CVE JSON 4.0 schema; formats section 9, after the Program's own
//! converter of records from 4.0 to 5.0.

use serde_json::{Value, json};

use super::draft::Draft;
use super::object::{Found, Object, is_empty, pointer_to, shortened};
use crate::convert::Read;
use crate::cwe;

mod affects;
mod refsource;

/// Reads a record.
pub(super) fn read(document: &Value) -> Read {
    let mut draft = Draft::default();
    read_into(document, &mut draft);
    draft.finish()
}

/// Reads a record into a draft that somebody else finishes.
pub(super) fn read_into(document: &Value, draft: &mut Draft) {
    let mut record = Object::new(document, "");
    let rejected = metadata(&mut record, draft);
    let key = if rejected {
        "rejectedReasons"
    } else {
        "descriptions"
    };
    let mut description = record.object("description", draft);
    for item in description.objects("description_data", draft) {
        prose(item, key, draft);
    }
    description.finish(draft);
    if rejected {
        rest_of_rejected(&record, draft);
        return;
    }
    affects::read(&mut record, draft);
    problem_types(&mut record, draft);
    refsource::references(&mut record, draft);
    impact(&mut record, draft);
    for (from, to) in [
        ("configuration", "configurations"),
        ("work_around", "workarounds"),
        ("solution", "solutions"),
        ("exploit", "exploits"),
    ] {
        texts(&mut record, from, to, draft);
    }
    credits(&mut record, draft);
    timeline(&mut record, draft);
    source(&mut record, draft);
    let generator = record.at("generator");
    match record.take("generator") {
        Some(engine @ Value::String(_)) => {
            draft.set("x_generator", json!({"engine": engine}), generator)
        }
        Some(value) => draft.set("x_generator", value.clone(), generator),
        None => {}
    }
    if record
        .peek("CNA_private")
        .is_some_and(|value| !is_empty(value))
    {
        draft.unplaced(
            "private",
            record.at("CNA_private"),
            "the notes in `CNA_private` belong to the desk, not to the record",
        );
    }
    record.ignore(&["data_type", "data_format", "data_version", "CNA_private"]);
    for (key, value) in document.as_object().into_iter().flatten() {
        // Extensions are extensions in either format.
        if key.starts_with("x_") && !key.contains('.') && !is_empty(value) {
            draft.set(key, value.clone(), pointer_to("", key));
        }
    }
    record.finish_without(draft, |key| key.starts_with("x_") && !key.contains('.'));
}

/// What a rejected record says beside its reason.
fn rest_of_rejected(record: &Object, draft: &mut Draft) {
    for key in ["affects", "problemtype", "references", "impact"] {
        if record.peek(key).is_some_and(says_something) {
            draft.unplaced(
                "rejected",
                record.at(key),
                "a rejected record holds nothing but its reasons",
            );
        }
    }
}

/// Says whether anything but `n/a` stands somewhere in a value.
fn says_something(value: &Value) -> bool {
    match value {
        Value::String(text) => !matches!(text.trim(), "" | "n/a" | "eng" | "en"),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(map) => map.values().any(says_something),
        Value::Null | Value::Bool(_) => false,
        Value::Number(_) => true,
    }
}

/// The metadata; gives whether the record is rejected.
fn metadata(record: &mut Object, draft: &mut Draft) -> bool {
    let mut metadata = record.object("CVE_data_meta", draft);
    if let Some(id) = metadata.text("ID", draft) {
        draft.id(&id);
    }
    let state = metadata
        .text("STATE", draft)
        .map(|state| state.text.to_ascii_uppercase());
    let rejected = matches!(state.as_deref(), Some("REJECT" | "REJECTED"));
    if let Some(title) = metadata.text("TITLE", draft) {
        if rejected {
            draft.unplaced("rejected", title.pointer, "a rejected record has no title");
        } else {
            draft.title(&title);
        }
    }
    for (key, part) in [
        ("DATE_PUBLIC", "datePublic"),
        ("DATE_ASSIGNED", "dateAssigned"),
    ] {
        if let Some(date) = metadata.text(key, draft) {
            match moment(date.text) {
                _ if rejected => draft.unplaced(
                    "rejected",
                    date.pointer,
                    "a rejected record has no such date",
                ),
                Some(text) => draft.set(part, json!(text), date.pointer),
                None => draft.unplaced(
                    "date",
                    date.pointer,
                    format!("`{}` is no date", shortened(date.text)),
                ),
            }
        }
    }
    if let Some(alias) = metadata.text("AKA", draft) {
        draft.unplaced(
            "alias",
            alias.pointer,
            format!(
                "a record has no place for the name `{}`",
                shortened(alias.text)
            ),
        );
    }
    // Who assigned it is stamped by CVE Services.
    metadata.ignore(&["ASSIGNER", "REQUESTER", "STATE", "SERIAL", "DATE_REQUESTED"]);
    metadata.finish(draft);
    rejected
}

/// A moment as a record writes it; a day alone begins at midnight UTC.
fn moment(text: &str) -> Option<String> {
    let is_day = text.len() == 10 && text.is_ascii();
    let full = match is_day {
        true => format!("{text}T00:00:00.000Z"),
        false => text.replacen(' ', "T", 1),
    };
    full.parse::<crate::time::Timestamp>()
        .ok()
        .map(|moment| moment.to_string())
}

/// A text with its language.
fn prose(mut item: Object, key: &'static str, draft: &mut Draft) {
    let lang = language(&mut item, draft);
    if let Some(value) = item.text("value", draft) {
        let text = match key {
            "descriptions" => without_marks(value.text, &value.pointer, draft),
            _ => value.text,
        };
        draft.prose(key, &lang, text, &value.pointer, None);
    }
    item.finish(draft);
}

/// A description without the marks it begins with, which are tags in 5.x.
fn without_marks<'v>(mut text: &'v str, pointer: &str, draft: &mut Draft) -> &'v str {
    const MARKS: [(&str, &str); 2] = [
        ("** DISPUTED **", "disputed"),
        (
            "** UNSUPPORTED WHEN ASSIGNED **",
            "unsupported-when-assigned",
        ),
    ];
    while let Some((mark, tag)) = MARKS.iter().find(|(mark, _)| text.starts_with(mark)) {
        draft.push("tags", json!(tag), pointer);
        text = text[mark.len()..].trim_start();
    }
    text
}

/// The language of an item, in two letters where it has them.
fn language(item: &mut Object, draft: &mut Draft) -> String {
    let lang = item.text("lang", draft).map_or("en", |lang| lang.text);
    short_language(lang).to_owned()
}

/// The two letters of a language given in three.
///
/// Source: ISO 639-1 and 639-2.
fn short_language(lang: &str) -> &str {
    match lang {
        "eng" => "en",
        "deu" | "ger" => "de",
        "fra" | "fre" => "fr",
        "spa" => "es",
        "ita" => "it",
        "por" => "pt",
        "nld" | "dut" => "nl",
        "jpn" => "ja",
        "zho" | "chi" => "zh",
        "kor" => "ko",
        "rus" => "ru",
        "pol" => "pl",
        "ces" | "cze" => "cs",
        "swe" => "sv",
        "fin" => "fi",
        "tur" => "tr",
        other => other,
    }
}

fn problem_types(record: &mut Object, draft: &mut Draft) {
    let mut problem_type = record.object("problemtype", draft);
    for mut item in problem_type.objects("problemtype_data", draft) {
        for mut description in item.objects("description", draft) {
            let lang = language(&mut description, draft);
            let number = description
                .text("cweId", draft)
                .and_then(|found| cwe::number(found.text));
            if let Some(value) = description.text("value", draft) {
                let number = number.or_else(|| number_in(value.text));
                draft.weakness_in(&lang, number, value.text, &value.pointer);
            }
            description.finish(draft);
        }
        item.finish(draft);
    }
    problem_type.finish(draft);
}

/// The first CWE in a text.
fn number_in(text: &str) -> Option<u32> {
    let at = text.find("CWE-")?;
    let digits = text[at + 4..].find(|c: char| !c.is_ascii_digit());
    let end = digits.map_or(text.len(), |digits| at + 4 + digits);
    cwe::number(&text[at..end])
}

/// Scores: one, a list, or lists in a list.
fn impact(record: &mut Object, draft: &mut Draft) {
    let pointer = record.at("impact");
    if let Some(value) = record.take("impact") {
        each(value, &pointer, &mut |item, at| match item {
            Value::Object(_) => one_impact(item, at, draft),
            other if is_empty(other) => {}
            other => draft.other_metric("unknown", json!({"content": other}), at),
        });
    }
}

fn one_impact(item: &Value, pointer: &str, draft: &mut Draft) {
    let mut object = Object::new(item, pointer);
    // The scores lie in `cvss`, or in the object itself.
    let at = object.at("cvss");
    if let Some(inner) = object.take("cvss") {
        each(inner, &at, &mut |item, at| score(item, at, draft));
        let rest: Vec<(String, Value)> = item
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, value)| key.as_str() != "cvss" && !is_empty(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !rest.is_empty() {
            let content = Value::Object(rest.into_iter().collect());
            draft.other_metric("unknown", content, pointer);
        }
        return;
    }
    if item.get("vectorString").is_some() {
        return score(item, pointer, draft);
    }
    if let Some(content) = item
        .get("other")
        .filter(|_| item.as_object().is_some_and(|map| map.len() == 1))
    {
        let content = match content {
            Value::Object(_) => content.clone(),
            other => json!({"text": other}),
        };
        return draft.other_metric("unknown", content, pointer);
    }
    if !is_empty(item) {
        draft.other_metric("unknown", item.clone(), pointer);
    }
}

/// A CVSS object: its vector decides, the rest repeats it.
fn score(item: &Value, pointer: &str, draft: &mut Draft) {
    let stated = match &item["baseScore"] {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let vector = item["vectorString"]
        .as_str()
        .map(str::trim)
        .filter(|vector| !vector.is_empty());
    match vector {
        Some(vector) => {
            // Vectors of 3.x were written without their prefix.
            let version = item["version"].as_str().unwrap_or_default();
            let prefixed = match (version, vector.starts_with("CVSS:")) {
                ("3.0" | "3.1" | "4.0", false) if !vector.starts_with('(') => {
                    format!("CVSS:{version}/{vector}")
                }
                _ => vector.to_owned(),
            };
            draft.metric(&prefixed, stated, &pointer_to(pointer, "vectorString"));
        }
        None if is_empty(item) => {}
        None if item.is_object() => draft.other_metric("unknown", item.clone(), pointer),
        None => draft.unplaced("cvss", pointer, "expected a CVSS object with a vector"),
    }
}

/// Calls `done` for everything in lists of any depth. Deeper than ten, which
/// nobody writes, it is handed on as it is.
fn each(value: &Value, pointer: &str, done: &mut dyn FnMut(&Value, &str)) {
    fn walk(value: &Value, pointer: &str, depth: u32, done: &mut dyn FnMut(&Value, &str)) {
        match value {
            Value::Array(items) if depth < 10 => {
                for (place, item) in items.iter().enumerate() {
                    walk(item, &format!("{pointer}/{place}"), depth + 1, done);
                }
            }
            other => done(other, pointer),
        }
    }
    walk(value, pointer, 0, done);
}

/// Texts: one, a list, or lists in a list; each a text or an object.
fn texts(record: &mut Object, from: &'static str, to: &'static str, draft: &mut Draft) {
    let pointer = record.at(from);
    if let Some(value) = record.take(from) {
        each(value, &pointer, &mut |item, at| match item {
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => draft.prose(to, "en", text.trim(), at, None),
            Value::Object(_) => prose(Object::new(item, at), to, draft),
            Value::Null => {}
            _ => draft.unplaced("shape", at, "expected a text"),
        });
    }
}

fn credits(record: &mut Object, draft: &mut Draft) {
    let pointer = record.at("credit");
    if let Some(value) = record.take("credit") {
        each(value, &pointer, &mut |item, at| match item {
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => draft.credit(text.trim(), None, at),
            Value::Object(_) => {
                let mut object = Object::new(item, at);
                let lang = language(&mut object, draft);
                if let Some(found) = object.text("value", draft) {
                    draft.credit_in(&lang, found.text, None, &found.pointer);
                }
                object.finish(draft);
            }
            Value::Null => {}
            _ => draft.unplaced("shape", at, "expected a text"),
        });
    }
}

fn timeline(record: &mut Object, draft: &mut Draft) {
    for mut event in record.objects("timeline", draft) {
        let lang = language(&mut event, draft);
        let time = event.text("time", draft);
        let value = event.text("value", draft);
        if let (Some(time), Some(value)) = (&time, &value) {
            match moment(time.text) {
                Some(time) => draft.push(
                    "timeline",
                    json!({"time": time, "lang": lang, "value": value.text}),
                    &value.pointer,
                ),
                None => draft.unplaced(
                    "date",
                    &time.pointer,
                    format!("`{}` is no date", shortened(time.text)),
                ),
            }
        }
        event.finish(draft);
    }
}

fn source(record: &mut Object, draft: &mut Draft) {
    let mut source = record.object("source", draft);
    for key in ["advisory", "discovery"] {
        if let Some(Found { text, pointer }) = source.text(key, draft) {
            let text = if key == "discovery" {
                text.to_uppercase()
            } else {
                text.to_owned()
            };
            draft.source(key, json!(text), &pointer);
        }
    }
    let pointer = source.at("defect");
    let mut defects = Vec::new();
    if let Some(value) = source.take("defect") {
        each(value, &pointer, &mut |item, _| {
            if !is_empty(item) && !defects.contains(item) {
                defects.push(item.clone());
            }
        });
    }
    if !defects.is_empty() {
        draft.source("defect", Value::Array(defects), &pointer);
    }
    source.finish(draft);
}
