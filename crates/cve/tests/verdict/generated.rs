//! Documents made by changing good ones at random, judged beside the crate
//! `jsonschema` with the official schemas.
//!
//! Left out, because that crate and ajv differ there (docs/record-format.md):
//! addresses (its `uri` is stricter, so the format is not asserted and our
//! other tests cover it), tags with a line end other than LF, and the key
//! `constructor`.

use cve::check::{Checker, Format, Kind, Severity};
use serde_json::{Map, Value, json};

use crate::{fixtures, shared};

/// A small generator of numbers; the same seed gives the same numbers.
struct Dice(u64);

impl Dice {
    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        // Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "x",
    "xy",
    "en",
    "EN",
    "eng",
    "en-US",
    "en_Latn-GB",
    "en-",
    "de",
    "e",
    "abcde",
    "en-419",
    "2024-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1996-02-29T00:00:00",
    "19-02-29T00:00:00",
    "2100-02-29T00:00:00",
    "2000-02-29T00:00:00",
    "2024-12-31T23:59:60Z",
    "2024-06-31T00:00:00Z",
    "2024-01-01",
    "2024-01-01T00:00:00.123456789+99:99",
    "2024-01-01T24:00:00",
    "1899-01-01T00:00:00Z",
    "5e0a1f3c-2b4d-4c6e-8f10-9a8b7c6d5e4f",
    "5e0a1f3c-2b4d-1c6e-8f10-9a8b7c6d5e4f",
    "5E0A1F3C-2B4D-4C6E-BF10-9A8B7C6D5E4F",
    "CVE-1900-0001",
    "CVE-1900-001",
    "CWE-1",
    "CWE-0",
    "CWE-123456",
    "CAPEC-1",
    "CAPEC-123456",
    "PUBLISHED",
    "REJECTED",
    "RESERVED",
    "affected",
    "Affected",
    "unknown",
    "x_",
    "x_tag",
    "x_a.b",
    "patch",
    "disputed",
    "exclusively-hosted-service",
    "5.0",
    "5.1",
    "5.1.1",
    "5.01",
    "cpe:/a",
    "xcpe:/",
    "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*",
    "cpe:2.3:a:v:p:1:*:*:en-US:*:*:*:a and more",
    "cpe:2.3:a:v:p:1:*:*:*:*:*:*",
    "cpe:2.3:a:v:p:**:*:*:*:*:*:*:*",
    "see cpe:2.3:*:\\!:p?:?1*:*:*:ab:-:-:-:x",
    "AV:N",
    "AV:N/AC:L/Au:N",
    "(AV:N)",
    "E:POC/RL:OF/RC:UC/CDP:MH/TD:ND/CR:ND",
    "AV:X",
    "CVSS:3.1/AV:N",
    "CVSS:3.1/AV:N/",
    "CVSS:3.1/PR:U",
    "CVSS:3.0/PR:U/MPR:U",
    "CVSS:3.0/AV:N/AV:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/MSI:S/RE:L/U:Clear",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:X/E:X",
    "CVSS:4.0/AV:N",
    "LOW",
    "HIGH",
    "CRITICAL",
    "NONE",
    "MEDIUM",
    "NOT_DEFINED",
    "SAFETY",
    "2.0",
    "3.0",
    "3.1",
    "4.0",
    "finder",
    "AND",
    "a\nb",
    "ä",
    "🍵",
    "\u{2028}",
    "https://kettles.example/1",
    "1.0",
    "0",
    "*",
];
const NUMBERS: &[f64] = &[
    0.0, 0.1, 1.0, 3.9, 4.0, 6.9, 7.0, 8.95, 9.0, 9.9, 10.0, 10.1, -1.0, 5.05, 100.0,
];
const KEYS: &[&str] = &[
    "x_",
    "x_note",
    "x_a.b",
    "unknown",
    "$ref",
    "",
    "__proto__",
    "title",
    "versionType",
    "lessThan",
    "lessThanOrEqual",
    "changes",
    "supportingMedia",
    "rejectedReasons",
    "replacedBy",
    "adp",
    "requesterUserId",
    "dateRejected",
    "packageURL",
    "cpeApplicability",
    "cvssV4_0",
    "threatScore",
    "tags",
];
const LENGTHS: &[usize] = &[
    1, 2, 32, 33, 64, 65, 128, 129, 256, 257, 512, 513, 1024, 1025, 2048, 2049, 4096, 4097, 16384,
    16385,
];

/// Pointers of all values inside `value`, its own first.
fn pointers(value: &Value) -> Vec<String> {
    fn below(value: &Value, at: String, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    below(value, format!("{at}/{key}"), found);
                }
            }
            Value::Array(items) => {
                for (place, value) in items.iter().enumerate() {
                    below(value, format!("{at}/{place}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    below(value, String::new(), &mut found);
    found
}

/// Changes one value of `document`, most often into something nearly right.
fn change(document: &mut Value, dice: &mut Dice) {
    let all = pointers(document);
    let from = document
        .pointer(dice.pick::<String>(&all))
        .cloned()
        .unwrap_or_default();
    let at = dice.pick::<String>(&all).clone();
    let Some(value) = document.pointer_mut(&at) else {
        return;
    };
    match dice.below(12) {
        0 => {
            *value = dice
                .pick(&[
                    json!(null),
                    json!(5),
                    json!("x"),
                    json!([]),
                    json!({}),
                    json!(true),
                ])
                .clone()
        }
        1 => *value = from,
        _ => match value {
            Value::String(text) => change_text(text, dice),
            Value::Number(_) => *value = json!(dice.pick(NUMBERS)),
            Value::Bool(flag) => *flag = !*flag,
            Value::Array(items) => change_list(items, dice),
            Value::Object(object) => change_object(object, from, dice),
            Value::Null => *value = from,
        },
    }
}

fn change_text(text: &mut String, dice: &mut Dice) {
    match dice.below(8) {
        0 => *text = dice.pick(&["y", "ä", "🍵"]).repeat(*dice.pick(LENGTHS)),
        1 => text.push_str(dice.pick::<&str>(&[" ", "\n", "x", "/", "\u{200b}", "-US"])),
        2 => *text = text.to_uppercase(),
        3 => drop(text.pop()),
        4 => {
            let kept = text.chars().enumerate().filter(|(place, _)| *place != 3);
            *text = kept.map(|(_, character)| character).collect();
        }
        _ => *text = (*dice.pick(TEXTS)).to_owned(),
    }
}

fn change_list(items: &mut Vec<Value>, dice: &mut Dice) {
    let Some(first) = items.first().cloned() else {
        return items.push(json!("x"));
    };
    match dice.below(6) {
        0 => items.clear(),
        1 => items.push(first),
        2 => items.push(reversed(&first)),
        3 => items.reverse(),
        4 => items.push(json!(dice.pick(TEXTS))),
        _ => drop(items.pop()),
    }
}

/// The same value with the keys of objects in the opposite order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .rev()
            .map(|(key, value)| (key.clone(), reversed(value)))
            .collect(),
        other => other.clone(),
    }
}

fn change_object(object: &mut Map<String, Value>, value: Value, dice: &mut Dice) {
    let keys: Vec<String> = object.keys().cloned().collect();
    match dice.below(4) {
        0 if !keys.is_empty() => {
            object.remove(dice.pick(&keys));
        }
        1 => {
            object.insert((*dice.pick(KEYS)).to_owned(), value);
        }
        2 => {
            object.insert((*dice.pick(KEYS)).to_owned(), json!(dice.pick(TEXTS)));
        }
        _ if !keys.is_empty() => {
            let (from, to) = (dice.pick(&keys), dice.pick(&keys));
            let moved = object.get(from).cloned().unwrap_or_default();
            object.insert(to.clone(), moved);
        }
        _ => {}
    }
}

/// The good documents of a kind.
fn documents(kind: Kind) -> Vec<Value> {
    let records = fixtures::good();
    let records = records
        .iter()
        .map(|(_, text)| serde_json::from_slice::<Value>(text).unwrap());
    let is_rejected = |record: &Value| record["cveMetadata"]["state"] == "REJECTED";
    let body = |key: &str, mut container: Value| {
        if let Some(object) = container.as_object_mut() {
            object.remove("providerMetadata");
        }
        json!({ key: container })
    };
    records
        .flat_map(|record| {
            let (cna, adp) = (&record["containers"]["cna"], &record["containers"]["adp"]);
            let adp = adp.as_array().cloned().unwrap_or_default();
            match (kind, is_rejected(&record)) {
                (Kind::Record, _) => vec![record],
                (Kind::PublishedContainer, false) | (Kind::RejectedContainer, true) => {
                    vec![cna.clone()]
                }
                (Kind::PublishedBody, false) | (Kind::RejectedBody, true) => {
                    vec![body("cnaContainer", cna.clone())]
                }
                (Kind::AdpContainer, false) => adp,
                (Kind::AdpBody, false) => adp
                    .into_iter()
                    .map(|container| body("adpContainer", container))
                    .collect(),
                _ => Vec::new(),
            }
        })
        .collect()
}

/// The official schema of a kind. Of the bodies, the service's own views
/// differ from the published files: the container must be there, and
/// `providerMetadata` need not.
fn schema(format: Format, kind: Kind) -> Option<Value> {
    let bundle = match format {
        Format::V5_1_1 => "CVE_JSON_bundled_5.1.1.json",
        _ => "CVE_Record_Format_bundled.json",
    };
    let mut schema = shared::schema(bundle)?;
    let (name, key) = match kind {
        Kind::Record => return Some(schema),
        Kind::PublishedContainer => ("cnaPublishedContainer", None),
        Kind::RejectedContainer => ("cnaRejectedContainer", None),
        Kind::AdpContainer => ("adpContainer", None),
        Kind::PublishedBody => ("cnaPublishedContainer", Some("cnaContainer")),
        Kind::RejectedBody => ("cnaRejectedContainer", Some("cnaContainer")),
        Kind::AdpBody => ("adpContainer", Some("adpContainer")),
    };
    let mut definitions = schema["definitions"].take();
    let Some(key) = key else {
        return Some(json!({
            "$schema": schema["$schema"],
            "$ref": format!("#/definitions/{name}"),
            "definitions": definitions,
        }));
    };
    let container = &mut definitions[name];
    if let Some(required) = container["required"].as_array_mut() {
        required.retain(|key| key != "providerMetadata");
    }
    if kind == Kind::AdpBody {
        // Two keys with the one that the server adds.
        container["minProperties"] = json!(1);
        container["not"] = json!({"required": ["providerMetadata"], "maxProperties": 1});
    }
    Some(json!({
        "$schema": schema["$schema"],
        "type": "object",
        "properties": {key: {"$ref": format!("#/definitions/{name}")}},
        "required": [key],
        "additionalProperties": false,
        "definitions": definitions,
    }))
}

/// Changed documents of a kind, the same for the same seed.
fn changed(kind: Kind, count: usize, seed: u64) -> impl Iterator<Item = Value> {
    let documents = documents(kind);
    let mut dice = Dice(seed);
    (0..count).map(move |_| {
        let mut document = dice.pick(&documents).clone();
        for _ in 0..=dice.below(3) {
            change(&mut document, &mut dice);
        }
        document
    })
}

/// Says whether ajv and `jsonschema` may differ about the document.
fn is_left_out(text: &str) -> bool {
    text.contains("\"constructor\"") || text.contains("\"x_\u{2028}") || text.contains("\"x_\\r")
}

fn compare(format: Format, kind: Kind, count: usize) {
    let Some(schema) = schema(format, kind) else {
        return;
    };
    let validator = jsonschema::draft7::options()
        .should_validate_formats(false)
        .build(&schema)
        .unwrap();
    let mut checker = Checker::new(format);
    let (mut valid, mut left_out) = (0, 0);
    for document in changed(kind, count, 7) {
        let text = document.to_string();
        let ours = checker.verdict(kind, text.as_bytes());
        let findings = checker.findings(kind, text.as_bytes());
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        assert_eq!(ours, errors.clone().count() == 0, "{text}");
        if is_left_out(&text)
            || errors
                .clone()
                .any(|finding| finding.code == "SCHEMA-FORMAT")
        {
            left_out += 1;
            continue;
        }
        valid += usize::from(ours);
        assert_eq!(
            ours,
            validator.is_valid(&document),
            "{kind:?} {format:?} {text} {findings:#?}"
        );
    }
    println!("{kind:?} {format:?}: {count} compared, {valid} valid, {left_out} left out");
    assert!(
        valid * 20 > count - left_out,
        "too few of the documents are valid"
    );
}

/// How many documents of a kind a test judges.
fn count() -> usize {
    if shared::is_long() { 20_000 } else { 300 }
}

#[test]
fn changed_records_are_judged_as_by_the_schema_of_5_2_0() {
    compare(Format::V5_2_0, Kind::Record, count());
}

#[test]
fn changed_records_are_judged_as_by_the_schema_of_5_1_1() {
    compare(Format::V5_1_1, Kind::Record, count());
}

#[test]
fn changed_containers_are_judged_as_by_the_schema_of_5_2_0() {
    for kind in [
        Kind::PublishedContainer,
        Kind::RejectedContainer,
        Kind::AdpContainer,
    ] {
        compare(Format::V5_2_0, kind, count());
    }
}

#[test]
fn changed_containers_are_judged_as_by_the_schema_of_5_1_1() {
    for kind in [
        Kind::PublishedContainer,
        Kind::RejectedContainer,
        Kind::AdpContainer,
    ] {
        compare(Format::V5_1_1, kind, count());
    }
}

#[test]
fn changed_bodies_are_judged_as_by_the_views_of_the_service() {
    for kind in [Kind::PublishedBody, Kind::RejectedBody, Kind::AdpBody] {
        compare(Format::V5_2_0, kind, count());
    }
}
