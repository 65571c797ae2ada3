//! `cna decision`: precedents kept and broken, and routing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cna(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cna"))
        .arg("decision")
        .args(arguments)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs one scenario text.
fn verify(text: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.yaml");
    fs::write(&file, text).unwrap();
    let output = cna(&["verify", file.to_str().unwrap()]);
    (output.status.code().unwrap(), out(&output))
}

const WORLD: &str = "
at: 2026-11-03
given:
  us: acme
  organisations: {acme: {roles: [cna], root: rootx, last_resort: lrx}}
  people: {ana: {roles: [analyst]}}
  products: {acme-api: {supplier: acme, delivery: installed}}
  findings: {bug: {products: [acme-api]}}
answers: {A1: report, A2: yes, A4: none, A5: no, B1: ours, B2: yes, C1: yes, E1: yes, E4: no}
";

fn scenario(rest: &str) -> String {
    format!("scenario: one\ntitle: A bug{WORLD}{rest}")
}

#[test]
fn every_precedent_of_the_repository_is_kept() {
    let folder = root().join("fixtures/scenarios");
    let output = cna(&["verify", folder.to_str().unwrap()]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let kept = text.lines().last().unwrap().strip_suffix(" kept, 0 broken");
    assert!(
        kept.is_some_and(|kept| kept.parse::<u32>().unwrap() >= 111),
        "{text}"
    );
    for number in 1..=73 {
        let name = format!("kept    S-{number:02}:");
        assert!(text.lines().any(|line| line.starts_with(&name)), "{name}");
    }
}

#[test]
fn what_is_expected_and_so_is_kept() {
    let (code, text) = verify(&scenario(
        "expect: {outcome: O-ASSIGN(1), ids: 1, cna: acme}\n",
    ));
    assert_eq!(
        (code, text.as_str()),
        (0, "kept    one: A bug\n1 kept, 0 broken\n")
    );
}

#[test]
fn what_is_expected_and_not_so_is_broken_with_the_first_difference() {
    let (code, text) = verify(&scenario("expect: {outcome: O-ASSIGN(2)}\n"));
    assert_eq!(code, 1);
    assert!(
        text.contains("expect.outcome: expected `O-ASSIGN(2)`, found `O-ASSIGN(1)`"),
        "{text}"
    );
    assert!(text.ends_with("0 kept, 1 broken\n"), "{text}");
}

#[test]
fn nothing_is_skipped() {
    for (rest, says) in [
        ("expect: {outcomee: O-ASSIGN(1)}\n", "no such key"),
        (
            "expect: {merge: {keep: CVE-1900-20030}}\n",
            "nothing given or done concerns it",
        ),
        ("expect: {}\n", "nothing is expected"),
        ("", "nothing is expected"),
        ("colour: red\nexpect: {ids: 1}\n", "colour"),
        ("rules: [9.9.9]\nexpect: {ids: 1}\n", "has no `9.9.9`"),
        ("ruleset: 7\nexpect: {ids: 1}\n", "not a version"),
        (
            "events: [{do: dance}]\nexpect: {ids: 1}\n",
            "nobody knows such an event",
        ),
        ("like: _nowhere.yaml\nexpect: {ids: 1}\n", "_nowhere.yaml"),
        (
            "like: ../secret.yaml\nexpect: {ids: 1}\n",
            "in the same folder",
        ),
        (
            "expect: {must_not: [O-ASSIGN(1)]}\n",
            "the answers lead to it",
        ),
        ("expect: {alt: [everything]}\n", "not an outcome"),
        ("expect: {not: {outcome: O-ASSIGN(1)}}\n", "it is so"),
    ] {
        let (code, text) = verify(&scenario(rest));
        assert_eq!(code, 1, "{rest}");
        assert!(
            text.contains(says) && text.contains("0 kept, 1 broken"),
            "{rest}\n{text}"
        );
    }
}

#[test]
fn a_missing_answer_breaks_and_names_the_question() {
    let text = scenario("expect: {outcome: O-ASSIGN(1)}\n").replace("E4: no", "E6: yes");
    let (code, said) = verify(&text);
    assert_eq!(code, 1);
    assert!(said.contains("expect.outcome"), "{said}");
    let (_, said) = verify(&text.replace("outcome: O-ASSIGN(1)", "missing: [E4 of bug]"));
    assert!(said.contains("1 kept"), "{said}");
}

#[test]
fn answers_that_contradict_what_is_given_break() {
    let (code, text) = verify(&scenario("expect: {ids: 1}\n").replace("E4: no", "E4: no, E3: yes"));
    assert_eq!(code, 1);
    assert!(text.contains("contradicts given"), "{text}");
}

#[test]
fn a_name_decides_nothing() {
    let text = scenario("expect: {ids: 1}\n");
    for name in ["S-03", "x", "\"O-ASSIGN(9)\""] {
        let (code, said) = verify(&text.replace("scenario: one", &format!("scenario: {name}")));
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn a_text_that_is_no_yaml_is_broken_and_not_a_crash() {
    for text in [
        "{",
        "- 1\n- 2\n",
        "",
        "scenario: [",
        "a: &a [*a]\n",
        "\u{0}",
    ] {
        let (code, said) = verify(text);
        assert_eq!(code, 1, "{text:?}: {said}");
        assert!(said.contains("0 kept, 1 broken"), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_ends_with_2() {
    let output = cna(&["verify", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.yaml"));
}

#[test]
fn json_says_the_same_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.yaml");
    let both = format!(
        "{}---\n{}",
        scenario("expect: {ids: 1}\n"),
        scenario("expect: {ids: 7}\n")
    );
    fs::write(&file, both).unwrap();
    let output = cna(&["verify", "--json", file.to_str().unwrap()]);
    let lines: Vec<Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["verdict"], "kept");
    assert_eq!(
        (
            lines[1]["verdict"].as_str(),
            lines[1]["at"].as_str(),
            lines[1]["expected"].as_str()
        ),
        (Some("broken"), Some("expect.ids"), Some("`7`"))
    );
    assert_eq!(
        (&lines[2]["kept"], &lines[2]["broken"]),
        (&Value::from(1), &Value::from(1))
    );
}

const PARTNERS: &str = r#"[
  {"shortName": "globex", "organizationName": "Globex Corporation", "scope": "All <a href='x'>Globex</a> products",
   "contact": [{"email": [{"label": "Email", "emailAddr": "psirt@globex.example"}], "contact": [], "form": []}],
   "CNA": {"type": ["Vendor"], "roles": [{"role": "CNA"}]}},
  {"shortName": "initech", "organizationName": "Initech", "scope": "All Initech products", "CNA": {"type": ["Vendor"], "roles": [{"role": "CNA"}]}}
]"#;

fn route(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("partners.json");
    fs::write(&file, PARTNERS).unwrap();
    let mut all = vec!["route", "--partners", file.to_str().unwrap()];
    all.extend(arguments);
    cna(&all)
}

#[test]
fn the_cna_whose_scope_names_the_product_is_found_with_the_reason() {
    let text = out(&route(&["--product", "Globex Desktop"]));
    assert!(
        text.starts_with("1. globex (Globex Corporation)\n   because: its scope names `globex`"),
        "{text}"
    );
    assert!(
        !text.contains("initech") && !text.contains("href"),
        "{text}"
    );
    let json = out(&route(&["--product", "Globex Desktop", "--json"]));
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(answer["routes"][0]["partner"]["short_name"], "globex");
}

#[test]
fn nobody_found_is_said_and_no_error() {
    let output = route(&["--product", "Nobody's Thing"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        out(&output).contains("CNA of last resort"),
        "{}",
        out(&output)
    );
}

#[test]
fn the_letter_goes_to_the_best_or_to_whoever_is_named() {
    let letter = out(&route(&[
        "--product",
        "Globex Desktop",
        "--letter",
        "--from",
        "Acme",
    ]));
    assert!(
        letter.starts_with("To: Globex Corporation <psirt@globex.example>"),
        "{letter}"
    );
    let named = out(&route(&[
        "--product",
        "Globex Desktop",
        "--letter",
        "initech",
        "--public",
    ]));
    assert!(
        named.starts_with("To: Initech") && named.contains("72 hours"),
        "{named}"
    );
    assert_eq!(
        route(&["--product", "x", "--letter", "nobody"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn the_tables_of_the_documentation_are_current() {
    let path = root().join("docs/scenarios.md");
    let text = fs::read_to_string(&path).unwrap_or_default();
    const MARK: &str = "<!-- The rest is written by the program; CNA_BLESS=1 writes it anew. -->\n";
    let (head, _) = text
        .split_once(MARK)
        .expect("docs/scenarios.md has its mark");
    let expected = format!("{head}{MARK}\n{}", casework::precedent::reference());
    if std::env::var_os("CNA_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert_eq!(
        text, expected,
        "docs/scenarios.md is not current: run the tests with CNA_BLESS=1"
    );
}
