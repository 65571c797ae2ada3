//! The short keys of a form, and what they stand for in a document.

use serde_json::{Map, Value, json};

use super::advisory::repeated;
use super::{Fault, step, versions};
use crate::describe::{self, Details};
use crate::draft::metric;

/// Every key a form may have, in the order they are written.
const KEYS: [&str; 13] = [
    "title",
    "description",
    "problem",
    "cvss",
    "discovery",
    "solution",
    "workaround",
    "describe",
    "affected",
    "references",
    "credits",
    "advisory",
    "extra",
];

/// The short keys with the keys of a container they stand for.
const SHORT: [(&str, &str); 10] = [
    ("title", "title"),
    ("description", "descriptions"),
    ("problem", "problemTypes"),
    ("cvss", "metrics"),
    ("discovery", "source"),
    ("solution", "solutions"),
    ("workaround", "workarounds"),
    ("affected", "affected"),
    ("references", "references"),
    ("credits", "credits"),
];

/// The key of `advisory` that says nothing is filled in from the record.
const WHOLE: &str = "whole";

/// The form of a document.
pub(super) fn tree_of(document: &Value) -> Map<String, Value> {
    let Some(container) = document["cna"].as_object() else {
        return bare_tree_of(document);
    };
    let mut tree = Map::new();
    let mut extra = Map::new();
    for (short, key) in SHORT {
        let Some(value) = container.get(key) else {
            continue;
        };
        match short_of(short, value) {
            Some(found) => tree.insert(short.into(), found),
            None => extra.insert(format!("/cna/{}", step(key)), carried(value)),
        };
    }
    let rest = container
        .iter()
        .filter(|(key, _)| !SHORT.iter().any(|(_, known)| key == known));
    extra.extend(rest.map(|(key, value)| (format!("/cna/{}", step(key)), carried(value))));
    if let Some(advisory) = document.get("advisory") {
        let short = advisory.as_object();
        match short.and_then(|advisory| advisory_of(&document["cna"], advisory)) {
            Some(short) => tree.insert("advisory".into(), Value::Object(short)),
            None => extra.insert("/advisory".into(), carried(advisory)),
        };
    }
    let others = document.as_object().into_iter().flatten();
    let others = others.filter(|(key, _)| *key != "cna" && *key != "advisory");
    extra.extend(others.map(|(key, value)| (format!("/{}", step(key)), carried(value))));
    if !extra.is_empty() {
        tree.insert("extra".into(), Value::Object(extra));
    }
    tree
}

/// The form that says everything by pointers.
pub(super) fn bare_tree_of(document: &Value) -> Map<String, Value> {
    let parts = document.as_object().into_iter().flatten();
    let extra: Map<String, Value> = parts
        .map(|(key, value)| (format!("/{}", step(key)), carried(value)))
        .collect();
    Map::from_iter([("extra".into(), Value::Object(extra))])
}

/// Keeps the fields a description was built from, when it still is that one.
pub(super) fn keep_builder(before: &Map<String, Value>, tree: &mut Map<String, Value>) {
    let built = before.get("describe").and_then(|fields| build(fields).ok());
    if before.contains_key("description") || built.is_none() {
        return;
    }
    if tree.get("description").and_then(Value::as_str) == built.as_deref() {
        tree.remove("description");
        if let Some(fields) = before.get("describe") {
            tree.insert("describe".into(), fields.clone());
        }
    }
}

/// The short value, when it stands for exactly `value`.
fn short_of(short: &str, value: &Value) -> Option<Value> {
    let found = match short {
        "title" => value.clone(),
        "description" | "solution" | "workaround" => value.get(0)?.get("value")?.clone(),
        "problem" => one_or_all(value, |entry| {
            let first = entry.pointer("/descriptions/0")?;
            first.get("cweId").or_else(|| first.get("description"))
        })?,
        "cvss" => one_or_all(value, |metric| {
            let mut versions = metric.as_object()?.values();
            versions.find_map(|version| version.get("vectorString"))
        })?,
        "discovery" => value.get("discovery")?.clone(),
        "affected" => all(value, short_affected)?,
        "credits" => all(value, short_credit)?,
        _ => value.clone(),
    };
    (is_plain(&found) && full_of(short, &found).as_ref() == Ok(value)).then_some(found)
}

/// One value for a list of one, a list for a longer one.
fn one_or_all<'a>(
    list: &'a Value,
    short: impl Fn(&'a Value) -> Option<&'a Value>,
) -> Option<Value> {
    let list = list.as_array()?;
    let found: Option<Vec<Value>> = list.iter().map(|entry| short(entry).cloned()).collect();
    match found?.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        more => Some(json!(more)),
    }
}

fn all(list: &Value, short: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    let found: Option<Vec<Value>> = list.iter().map(short).collect();
    found.map(Value::Array)
}

fn short_affected(entry: &Value) -> Option<Value> {
    let mut short = Map::new();
    for (key, value) in entry.as_object()? {
        match (key.as_str(), value) {
            ("default", _) => return None,
            ("defaultStatus", value) => short.insert("default".into(), value.clone()),
            ("versions", Value::Array(list)) => {
                let line = |entry: &Value| versions::line(entry).map_or(entry.clone(), Value::from);
                short.insert(key.clone(), list.iter().map(line).collect())
            }
            (_, value) => short.insert(key.clone(), value.clone()),
        };
    }
    Some(Value::Object(short))
}

fn short_credit(entry: &Value) -> Option<Value> {
    let mut short = Map::new();
    for (key, value) in entry.as_object()? {
        match key.as_str() {
            "name" => return None,
            "value" => short.insert("name".into(), value.clone()),
            "lang" if value == "en" => None,
            _ => short.insert(key.clone(), value.clone()),
        };
    }
    Some(Value::Object(short))
}

/// The advisory without what it repeats of the record.
fn advisory_of(container: &Value, advisory: &Map<String, Value>) -> Option<Map<String, Value>> {
    if !advisory.values().all(is_plain) || advisory.contains_key(WHOLE) {
        return None;
    }
    let repeated = repeated(container);
    if repeated.keys().any(|key| !advisory.contains_key(key)) {
        let mut whole = advisory.clone();
        whole.insert(WHOLE.into(), json!(true));
        return Some(whole);
    }
    let told = advisory
        .iter()
        .filter(|(key, value)| repeated.get(*key) != Some(*value));
    Some(
        told.map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

/// Says whether both TOML and YAML can hold a value as it is.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_i64() || number.is_f64(),
        Value::Array(list) => list.iter().all(is_plain),
        Value::Object(object) => object.values().all(is_plain),
    }
}

/// A value of `extra`: itself, or its JSON where it cannot be written as it is.
fn carried(value: &Value) -> Value {
    let is_json = value.as_object().is_some_and(|object| {
        object.len() == 1 && object.get("json").is_some_and(Value::is_string)
    });
    if is_plain(value) && !is_json {
        return value.clone();
    }
    json!({ "json": value.to_string() })
}

/// The document of a form.
pub(super) fn document_of(tree: &Map<String, Value>) -> Result<Value, Fault> {
    if let Some(key) = tree.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let problem = format!(
            "no form has this key: expected one of {}; anything else of the record goes under \
             `extra`, such as \"/cna/timeline\"",
            KEYS.join(", ")
        );
        return Err(Fault::new(format!("/{}", step(key)), problem));
    }
    let mut container = Map::new();
    for (short, key) in SHORT {
        if let Some(value) = tree.get(short) {
            container.insert(key.into(), full_of(short, value)?);
        }
    }
    if let Some(fields) = tree.get("describe") {
        if tree.contains_key("description") {
            let problem = "the description is there already: leave out one of the two";
            return Err(Fault::new("/describe", problem));
        }
        let text = build(fields)?;
        container.insert("descriptions".into(), in_english(&text));
    }
    let mut document = json!({"cna": container});
    let extra = match tree.get("extra") {
        None => Map::new(),
        Some(Value::Object(extra)) => extra.clone(),
        Some(_) => return Err(Fault::new("/extra", "expected a table of JSON pointers")),
    };
    for (pointer, value) in &extra {
        place(&mut document, pointer, value)
            .map_err(|problem| Fault::new(format!("/extra/{}", step(pointer)), problem))?;
    }
    if let Some(advisory) = tree.get("advisory") {
        let told = advisory
            .as_object()
            .ok_or_else(|| Fault::new("/advisory", "expected a table, such as `[advisory]`"))?;
        document["advisory"] = Value::Object(filled_in(&document["cna"], told)?);
    }
    Ok(document)
}

fn filled_in(container: &Value, told: &Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let mut told = told.clone();
    match told.remove(WHOLE) {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => return Ok(told),
        Some(_) => return Err(Fault::new("/advisory/whole", "expected `true` or `false`")),
    }
    for (key, value) in repeated(container) {
        told.entry(key).or_insert(value);
    }
    Ok(told)
}

/// Puts what `extra` carries where it belongs.
fn place(document: &mut Value, pointer: &str, value: &Value) -> Result<(), String> {
    let value = match value.as_object().filter(|object| object.len() == 1) {
        Some(object) if object.get("json").is_some_and(Value::is_string) => {
            let text = object["json"].as_str().unwrap_or_default();
            serde_json::from_str(text).map_err(|error| format!("`json` is not JSON: {error}"))?
        }
        _ => value.clone(),
    };
    if document.pointer(pointer).is_some() && pointer != "/cna" {
        return Err("a short key says this already: leave out one of the two".into());
    }
    crate::review::put(document, pointer, value)
        .map_err(|_| "it leads to nothing: expected a JSON pointer such as /cna/timeline".into())
}

/// What a short value stands for in the container.
fn full_of(short: &str, value: &Value) -> Result<Value, Fault> {
    let pointer = format!("/{short}");
    match short {
        "title" => Ok(json!(text(value, &pointer)?)),
        "description" | "solution" | "workaround" => Ok(in_english(text(value, &pointer)?)),
        "problem" => each(value, &pointer, problem_type),
        "cvss" => each(value, &pointer, |text| {
            let vector = text.parse().map_err(|error| format!("{error}"))?;
            Ok(metric(&vector))
        }),
        "discovery" => Ok(json!({"discovery": text(value, &pointer)?})),
        "affected" => entries(value, &pointer, full_affected),
        "references" => entries(value, &pointer, |entry, _| Ok(entry.clone())),
        _ => entries(value, &pointer, full_credit),
    }
}

fn in_english(text: &str) -> Value {
    json!([{"lang": "en", "value": text}])
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Fault> {
    value.as_str().ok_or_else(|| not_text(value, pointer))
}

fn not_text(value: &Value, pointer: &str) -> Fault {
    let problem = match value {
        Value::Number(_) | Value::Bool(_) => {
            format!("`{value}` is no text: write it in quotes, as \"{value}\"")
        }
        _ => "expected a text".to_owned(),
    };
    Fault::new(pointer, problem)
}

/// Reads one text, or a list of them.
fn each(
    value: &Value,
    pointer: &str,
    full: impl Fn(&str) -> Result<Value, String>,
) -> Result<Value, Fault> {
    let full = |value: &Value, pointer: &str| {
        full(text(value, pointer)?).map_err(|problem| Fault::new(pointer, problem))
    };
    let Some(list) = value.as_array() else {
        return Ok(json!([full(value, pointer)?]));
    };
    let entries = list.iter().enumerate();
    entries
        .map(|(index, entry)| full(entry, &format!("{pointer}/{index}")))
        .collect()
}

fn entries(
    value: &Value,
    pointer: &str,
    full: impl Fn(&Map<String, Value>, &str) -> Result<Map<String, Value>, Fault>,
) -> Result<Value, Fault> {
    let list = value.as_array();
    let list = list.ok_or_else(|| Fault::new(pointer, "expected a list of tables"))?;
    let entries = list.iter().enumerate();
    entries
        .map(|(index, entry)| {
            let pointer = format!("{pointer}/{index}");
            let entry = entry.as_object();
            let entry = entry.ok_or_else(|| Fault::new(&pointer, "expected a table"))?;
            full(entry, &pointer).map(Value::Object)
        })
        .collect()
}

fn problem_type(text: &str) -> Result<Value, String> {
    let Some(number) = cve::cwe::number(text) else {
        return Ok(json!({"descriptions": [{"lang": "en", "description": text}]}));
    };
    let entry = cve::cwe::entry(number)
        .ok_or_else(|| format!("`{text}` is not in the catalogue of weaknesses"))?;
    let description = format!("{text} {}", entry.name);
    Ok(json!({"descriptions": [
        {"lang": "en", "type": "CWE", "cweId": text, "description": description}
    ]}))
}

fn full_affected(entry: &Map<String, Value>, pointer: &str) -> Result<Map<String, Value>, Fault> {
    let mut full = Map::new();
    for (key, value) in entry {
        match (key.as_str(), value) {
            ("default", value) => full.insert("defaultStatus".into(), value.clone()),
            ("versions", Value::Array(list)) => {
                let list = list.iter().enumerate().map(|(index, entry)| {
                    let pointer = format!("{pointer}/versions/{index}");
                    match entry {
                        Value::String(line) => {
                            versions::entry(line).map_err(|problem| Fault::new(pointer, problem))
                        }
                        Value::Object(_) => Ok(entry.clone()),
                        other => Err(not_text(other, &pointer)),
                    }
                });
                full.insert(key.clone(), list.collect::<Result<Value, Fault>>()?)
            }
            ("vendor" | "product" | "repo", value) => {
                text(value, &format!("{pointer}/{key}"))?;
                full.insert(key.clone(), value.clone())
            }
            (_, value) => full.insert(key.clone(), value.clone()),
        };
    }
    Ok(full)
}

fn full_credit(entry: &Map<String, Value>, pointer: &str) -> Result<Map<String, Value>, Fault> {
    let mut full = Map::from_iter([("lang".into(), json!("en"))]);
    for (key, value) in entry {
        if key == "name" {
            let name = text(value, &format!("{pointer}/name"))?;
            full.insert("value".into(), json!(name));
        } else {
            full.insert(key.clone(), value.clone());
        }
    }
    Ok(full)
}

/// The description the fields of `describe` make.
fn build(fields: &Value) -> Result<String, Fault> {
    let fields = fields
        .as_object()
        .ok_or_else(|| Fault::new("/describe", "expected a table"))?;
    let mut details = Details::default();
    for (key, value) in fields {
        let pointer = format!("/describe/{}", step(key));
        let value = text(value, &pointer)?;
        details
            .set(key, value)
            .map_err(|problem| Fault::new(pointer, problem))?;
    }
    describe::sentence(&details).map_err(|problem| Fault::new("/describe", problem))
}

/// The keys of a form that may say what `pointer` leads to in the document.
pub(super) fn keys_of(pointer: &str) -> Vec<String> {
    let mut steps = pointer.splitn(4, '/').skip(1);
    let (part, key) = (steps.next().unwrap_or(""), steps.next().unwrap_or(""));
    let rest = steps
        .next()
        .map_or(String::new(), |rest| format!("/{rest}"));
    let mut keys = vec![
        format!("/extra/{}{rest}", step(&format!("/{part}/{key}"))),
        format!("/extra/{}/{key}{rest}", step(&format!("/{part}"))),
    ];
    let container_key = match (part, key) {
        ("cna", key) => key,
        // What is not in the table `advisory` was filled in from here.
        ("advisory", "summary") => "descriptions",
        ("advisory", "severity" | "cvss") => "metrics",
        ("advisory", "weakness") => "problemTypes",
        ("advisory", "solution") => "solutions",
        ("advisory", "workaround") => "workarounds",
        ("advisory", "credit") => "credits",
        (_, key) => key,
    };
    let short = SHORT.iter().find(|(_, known)| *known == container_key);
    if part == "advisory" {
        // Among equals the last wins: what it was filled in from.
        keys.push(format!("/advisory/{key}{rest}"));
        keys.extend(short.map(|(short, _)| format!("/{short}")));
    } else if let Some((short, _)) = short {
        let rest = rest
            .replace("/defaultStatus", "/default")
            .replace("/value", "/name");
        keys.push(format!("/{short}{rest}"));
        if *short == "description" {
            keys.push("/describe".into());
        }
    }
    keys
}
