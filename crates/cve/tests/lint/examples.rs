//! Every rule's own examples.

use cve::check::{Checker, Kind};
use cve::lint::{Context, Linter, Needs, Rule, rules};

fn codes(rule: &Rule, record: &str) -> Vec<String> {
    let mut linter = Linter::new(&rule.settings()).unwrap();
    let findings = linter.lint(Kind::Record, record.as_bytes(), &Context::default());
    let mut codes: Vec<String> = findings
        .into_iter()
        .map(|finding| finding.code.into_owned())
        .collect();
    codes.dedup();
    codes
}

/// The rules that are decided from a document alone.
fn of_documents() -> impl Iterator<Item = &'static Rule> {
    rules().iter().filter(|rule| rule.needs == Needs::Document)
}

#[test]
fn the_good_example_of_every_rule_breaks_none() {
    let mut checker = Checker::default();
    let mut wrong = Vec::new();
    for rule in rules() {
        let record = rule.good_record();
        let found = codes(rule, &record);
        if !found.is_empty() {
            wrong.push(format!("{}: {found:?}", rule.code));
        }
        assert!(
            checker.verdict(Kind::Record, record.as_bytes()),
            "{}",
            rule.code
        );
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[test]
fn the_bad_example_of_every_rule_breaks_only_that_rule() {
    let mut wrong = Vec::new();
    for rule in of_documents() {
        let Some(record) = rule.bad_record() else {
            // These always break another rule too: no type anywhere breaks
            // `REC-020`, no reference E010.
            assert!(
                ["REC-032", "E015", "E017"].contains(&rule.code),
                "{}",
                rule.code
            );
            continue;
        };
        let found = codes(rule, &record);
        if found != [rule.code] {
            wrong.push(format!("{}: {found:?}", rule.code));
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

#[test]
fn the_bad_example_of_a_violation_or_less_is_valid() {
    let mut checker = Checker::default();
    for rule in of_documents() {
        let is_error = rule.severity == cve::check::Severity::Error;
        // The rules of cvelint know keys the format does not have.
        if is_error || rule.profile() == cve::lint::Profile::Cvelint {
            continue;
        }
        let Some(record) = rule.bad_record() else {
            continue;
        };
        assert!(
            checker.verdict(Kind::Record, record.as_bytes()),
            "{}",
            rule.code
        );
    }
}

#[test]
fn what_the_schema_decides_the_schema_refuses() {
    let mut checker = Checker::default();
    for rule in rules().iter().filter(|rule| rule.needs == Needs::Schema) {
        let record = rule.bad_record().unwrap();
        assert!(
            !checker.verdict(Kind::Record, record.as_bytes()),
            "{}",
            rule.code
        );
    }
}

#[test]
fn what_the_server_decides_the_server_refuses() {
    let now = "2026-11-03T10:00:00Z".parse().unwrap();
    for rule in rules().iter().filter(|rule| rule.needs == Needs::Server) {
        let record = rule.bad_record().unwrap();
        let found = cve::check::server::findings(Kind::Record, record.as_bytes(), now);
        assert!(!found.is_empty(), "{}", rule.code);
    }
}
