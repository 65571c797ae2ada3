//! The CWE and CAPEC tables against the catalogues they were made from.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cve::cwe;

/// The folder of shared data, or a word about the test that is skipped.
#[allow(clippy::disallowed_methods)]
fn shared(test: &str) -> Option<PathBuf> {
    let named = std::env::var("CNA_SHARED").ok().map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = named.unwrap_or(beside);
    if found.join("data/cwe").is_dir() {
        return Some(found);
    }
    let required = std::env::var("CNA_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name == "shared"),
        "{test} needs the shared data, which is not at {found:?}"
    );
    println!("skipped: {test} needs the shared data");
    None
}

/// The rows of a CSV file without its head; a field may be in quotes.
fn rows(path: PathBuf) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(fields).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut().unwrap();
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

#[test]
fn every_entry_of_the_catalogue_is_in_the_table_as_it_is_there() {
    let Some(shared) = shared("every_entry_of_the_catalogue_is_in_the_table_as_it_is_there") else {
        return;
    };
    let rows = rows(shared.join("data/cwe/cwe.csv"));
    assert_eq!(rows.len(), cwe::entries().len());
    for row in rows {
        let entry = cwe::entry(row[0].parse().unwrap()).unwrap();
        let word = |word: Option<String>| word.unwrap_or_default();
        let told = [
            entry.name.to_owned(),
            word(
                entry
                    .abstraction
                    .map(|abstraction| format!("{abstraction:?}")),
            ),
            word(entry.status.map(|status| format!("{status:?}"))),
            word(entry.usage.map(|usage| usage.as_str().to_owned())),
        ];
        assert_eq!(told[..], row[1..], "CWE-{}", row[0]);
    }
}

#[test]
fn every_parent_in_the_catalogue_is_in_the_table() {
    let Some(shared) = shared("every_parent_in_the_catalogue_is_in_the_table") else {
        return;
    };
    let mut pairs = BTreeSet::new();
    for row in rows(shared.join("data/cwe/cwe-parents.csv")) {
        let (child, parent) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        pairs.insert((child, parent));
        if row[2] == "1" {
            assert_eq!(cwe::parents(child).next().unwrap().id, parent);
        }
    }
    let told = cwe::entries()
        .iter()
        .flat_map(|entry| cwe::parents(entry.id).map(|parent| (entry.id, parent.id)));
    assert_eq!(told.collect::<BTreeSet<_>>(), pairs);
}

#[test]
fn every_attack_pattern_is_in_the_table_with_its_weaknesses() {
    let Some(shared) = shared("every_attack_pattern_is_in_the_table_with_its_weaknesses") else {
        return;
    };
    for row in rows(shared.join("data/cwe/capec.csv")) {
        let pattern = cwe::attack_pattern(row[0].parse().unwrap()).unwrap();
        assert_eq!(pattern.name, row[1]);
    }
    for row in rows(shared.join("data/cwe/capec-cwe.csv")) {
        let (pattern, weakness) = (row[0].parse().unwrap(), row[1].parse::<u32>().unwrap());
        assert!(
            cwe::weaknesses_of(pattern).any(|entry| entry.id == weakness),
            "{row:?}"
        );
    }
}
