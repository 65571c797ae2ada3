//! The book of rules is current.

use std::fs;
use std::path::Path;

use cve::lint::{book, rules};

#[test]
fn docs_rules_md_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    if std::env::var_os("CNA_BLESS").is_some() {
        fs::write(&path, book()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == book(),
        "docs/rules.md is not current; write it with CNA_BLESS=1 cargo test -p cve --test lint"
    );
}

#[test]
fn every_number_of_the_process_list_has_a_rule() {
    let published = [1..=4, 10..=16, 20..=23, 30..=38, 40..=47, 50..=51, 60..=69];
    for number in published.into_iter().flatten() {
        let code = format!("REC-{number:03}");
        assert!(rules().iter().any(|rule| rule.code == code), "{code}");
    }
    for number in 1..=8 {
        let code = format!("REJ-{number:03}");
        assert!(rules().iter().any(|rule| rule.code == code), "{code}");
    }
}
