use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FormFormat, read, write};

const SHORT: [FormFormat; 2] = [FormFormat::Toml, FormFormat::Yaml];

fn draft() -> Value {
    json!({
        "cna": {
            "title": "Log rotation follows links",
            "descriptions": [{"lang": "en", "value": "Path traversal in node-agent."}],
            "problemTypes": [{"descriptions": [{
                "lang": "en", "type": "CWE", "cweId": "CWE-59",
                "description": "CWE-59 Improper Link Resolution Before File Access ('Link Following')"
            }]}],
            "affected": [{
                "vendor": "Example", "product": "node-agent", "defaultStatus": "unaffected",
                "versions": [{
                    "version": "1.2.0", "lessThan": "1.4.3",
                    "status": "affected", "versionType": "semver"
                }]
            }],
            "references": [{"url": "https://example.org/a/EXAMPLE-1900-001", "tags": ["vendor-advisory"]}],
            "credits": [{"lang": "en", "value": "Ada", "type": "finder"}],
            "source": {"discovery": "EXTERNAL"},
            "x_generator": {"engine": "cna 0"}
        },
        "advisory": {
            "id": "EXAMPLE-1900-001", "cve_id": "CVE-1900-0001",
            "title": "Log rotation follows links",
            "summary": "Path traversal in node-agent.",
            "severity": "", "cvss": "",
            "weakness": "CWE-59 Improper Link Resolution Before File Access ('Link Following')",
            "affected": [{
                "product": "Example node-agent",
                "versions": "from 1.2.0 before 1.4.3", "fixed": "1.4.3"
            }],
            "solution": "", "workaround": "",
            "references": ["https://example.org/a/EXAMPLE-1900-001"],
            "credit": "Ada"
        }
    })
}

const TOML: &str = r#"title = "Log rotation follows links"
description = "Path traversal in node-agent."
problem = "CWE-59"
discovery = "EXTERNAL"

[[affected]]
vendor = "Example"
product = "node-agent"
default = "unaffected"
versions = ["affected from 1.2.0 before 1.4.3 (semver)"]

[[references]]
url = "https://example.org/a/EXAMPLE-1900-001"
tags = ["vendor-advisory"]

[[credits]]
name = "Ada"
type = "finder"

[advisory]
id = "EXAMPLE-1900-001"
cve_id = "CVE-1900-0001"

[extra]
"/cna/x_generator" = { engine = "cna 0" }
"#;

#[test]
fn a_draft_is_a_short_form() {
    assert_eq!(write(&draft(), FormFormat::Toml, None), TOML);
}

#[test]
fn a_short_form_is_the_draft() {
    assert_eq!(read(TOML, FormFormat::Toml).unwrap().document, draft());
}

/// Every draft made of `container`, in both short formats, is read as it was.
fn comes_back(container: &Value) {
    let whole = json!({"cna": container, "advisory": draft()["advisory"]});
    let bare = json!({"cna": container, "advisory": {"id": "EXAMPLE-1900-001"}});
    for document in [&whole, &bare] {
        for format in SHORT {
            let text = write(document, format, None);
            let form = read(&text, format).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(form.document, *document, "{format}:\n{text}");
            assert_eq!(write(document, format, Some(&text)), text);
        }
    }
}

#[test]
fn every_container_of_the_fixtures_comes_back() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/records/good");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        let container = record.pointer("/containers/cna").unwrap_or(&record);
        comes_back(container);
        count += 1;
    }
    assert_eq!(count, 7);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Scores have one digit behind the point.
        (-1_000..1_000_i32).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
        "\\PC{0,12}".prop_map(Value::from),
        "[ \t\n\r#:'\"\\\\a-c0-9.~-]{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = "[a-z~/ .\"-]{0,6}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_container() -> impl Strategy<Value = Value> {
    let keys = vec![
        "title",
        "descriptions",
        "problemTypes",
        "metrics",
        "source",
        "solutions",
        "affected",
        "references",
        "credits",
        "x_other",
        "timeline",
    ];
    let text = "[ \n#:'\"a-c\\PC]{0,12}".prop_map(|text| json!([{"lang": "en", "value": text}]));
    let value = prop_oneof![3 => any_json(), 1 => text];
    prop::collection::hash_map(prop::sample::select(keys), value, 0..6).prop_map(|map| {
        let entries = map.into_iter().map(|(key, value)| (key.to_owned(), value));
        Value::Object(entries.collect())
    })
}

proptest! {
    #[test]
    fn any_container_comes_back(container in any_container()) {
        comes_back(&container);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|[\\[\\]{}:,#&*!|>'\"a-c \n=.-]{0,40}") {
        for format in [FormFormat::Toml, FormFormat::Yaml, FormFormat::Json] {
            if let Err(error) = read(&text, format) {
                prop_assert!(error.line >= 1 && error.column >= 1);
            }
        }
    }
}

const COMMENTED: &str = "# Ours, from the mail of Monday.\nreferences = [ { url = \"https://example.org/1\" } ] # one\ntitle = 'Old' # to be shortened\n\n[advisory] # ours\nid = \"EXAMPLE-1900-001\"\n";

#[test]
fn a_change_keeps_comments_order_and_spelling_in_toml() {
    let mut document = read(COMMENTED, FormFormat::Toml).unwrap().document;
    document["cna"]["title"] = json!("New");
    document["advisory"]["title"] = json!("New");
    assert_eq!(
        write(&document, FormFormat::Toml, Some(COMMENTED)),
        COMMENTED.replace("'Old'", "\"New\"")
    );
}

#[test]
fn a_change_keeps_the_comments_of_other_keys_in_yaml() {
    let before = "# Ours.\nreferences: # one\n  - url: 'https://example.org/1' # mail\n\n# Short.\ntitle: Old\n# The end.\n";
    let mut document = read(before, FormFormat::Yaml).unwrap().document;
    document["cna"]["title"] = json!("New");
    assert_eq!(
        write(&document, FormFormat::Yaml, Some(before)),
        before.replace("title: Old", "title: \"New\"")
    );
}

#[test]
fn an_unchanged_document_gets_its_text_back_to_the_byte() {
    let document = read(COMMENTED, FormFormat::Toml).unwrap().document;
    assert_eq!(
        write(&document, FormFormat::Toml, Some(COMMENTED)),
        COMMENTED
    );
}

#[test]
fn a_bad_form_says_line_column_key_and_what_was_expected() {
    for (text, format, said) in [
        (
            "title = \"x\"\n\n[[affected]]\nversions = [\n  \"affected 1.0\",\n  \"below 2\",\n]\n",
            FormFormat::Toml,
            "line 6, column 3: `affected/0/versions/1`: `below 2` is no range: expected such as",
        ),
        (
            "title: 1.10\n",
            FormFormat::Yaml,
            "line 1, column 1: `title`: `1.1` is no text: write it in quotes",
        ),
        (
            "tilte: x\n",
            FormFormat::Yaml,
            "line 1, column 1: `tilte`: no form has this key",
        ),
        (
            "title = \"x\ny = 1\n",
            FormFormat::Toml,
            "line 1, column 11: it is not TOML:",
        ),
        (
            "a: &x 1\nb: *x\n",
            FormFormat::Yaml,
            "line 1, column 7: `a`: tags, anchors and aliases",
        ),
        (
            "title: x\ntitle: y\n",
            FormFormat::Yaml,
            "line 2, column 1: `title`: the key is there twice",
        ),
        (
            "{\"cna\": ",
            FormFormat::Json,
            "line 1, column 8: it is not JSON:",
        ),
        (
            "problem = \"CWE-99999\"\n",
            FormFormat::Toml,
            "line 1, column 1: `problem`: `CWE-99999` is not in the catalogue",
        ),
    ] {
        let error = read(text, format).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[test]
fn a_place_in_the_document_is_a_line_of_the_form() {
    let form = read(TOML, FormFormat::Toml).unwrap();
    for (pointer, line) in [
        ("/cna/title", 1),
        ("/cna/descriptions/0/value", 2),
        ("/cna/problemTypes/0/descriptions/0", 3),
        ("/cna/affected/0/versions/0/lessThan", 10),
        ("/cna/affected/0/defaultStatus", 9),
        ("/cna/references/0/url", 13),
        ("/cna/credits/0/value", 17),
        ("/advisory/cve_id", 22),
        ("/advisory/summary", 2),
        ("/cna/x_generator/engine", 25),
    ] {
        assert_eq!(form.line_of(pointer), line, "{pointer}");
    }
}

#[test]
fn a_description_is_built_from_its_details_and_stays_built() {
    let text = "[describe]\ntype = \"Path traversal\"\nproduct = \"node-agent\" # ours\nimpact = \"read files\"\n";
    let form = read(text, FormFormat::Toml).unwrap();
    let built =
        "Path traversal in node-agent allows attackers to read files via unspecified vectors.";
    assert_eq!(form.document["cna"]["descriptions"][0]["value"], built);
    let mut titled = form.document.clone();
    titled["cna"]["title"] = json!("Files");
    let again = write(&titled, FormFormat::Toml, Some(text));
    assert_eq!(again, format!("title = \"Files\"\n{text}"));
}
