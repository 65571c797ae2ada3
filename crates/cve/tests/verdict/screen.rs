//! The quick look for what the service refuses passes over nothing.

use cve::check::{Checker, Kind, server};
use cve::lint::{Linter, Settings};
use cve::time::Timestamp;
use serde_json::Value;

use crate::{fixtures, shared};

/// Both ways of looking at documents.
struct Looks {
    linter: Linter,
    checker: Checker,
    now: Timestamp,
    /// How many valid documents were looked at, and how many passed over.
    valid: usize,
    passed: usize,
}

impl Looks {
    fn new() -> Looks {
        Looks {
            linter: Linter::new(&Settings::default()).unwrap(),
            checker: Checker::default(),
            now: "2026-11-03T10:00:00Z".parse().unwrap(),
            valid: 0,
            passed: 0,
        }
    }

    fn look(&mut self, text: &[u8]) {
        if !self.linter.verdict(Kind::Record, text) {
            return;
        }
        self.valid += 1;
        if self.linter.may_refuse(Kind::Record, text, self.now) {
            return;
        }
        self.passed += 1;
        let found = server::review(&mut self.checker, Kind::Record, text, self.now, &[]);
        assert!(
            found.is_empty(),
            "{found:?}\n{}",
            String::from_utf8_lossy(text)
        );
    }
}

/// Calls `each` with every text of a document.
fn texts(value: &mut Value, each: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, each)),
        Value::Object(members) => members.values_mut().for_each(|value| texts(value, each)),
        _ => {}
    }
}

/// Lists with each item twice, the second with space behind its texts.
fn doubled(value: &mut Value, list: &mut usize) {
    match value {
        Value::Array(items) => {
            if *list == 0 {
                let mut more = items.clone();
                more.iter_mut()
                    .for_each(|item| texts(item, &mut |text| text.push('\n')));
                items.append(&mut more);
            }
            *list = list.wrapping_sub(1);
            items.iter_mut().for_each(|item| doubled(item, list));
        }
        Value::Object(members) => members.values_mut().for_each(|value| doubled(value, list)),
        _ => {}
    }
}

#[test]
fn no_space_in_any_text_hides_what_the_service_refuses() {
    let mut looks = Looks::new();
    for (_, good) in fixtures::good() {
        let document: Value = serde_json::from_slice(&good).unwrap();
        let mut count = 0;
        texts(&mut document.clone(), &mut |_| count += 1);
        for chosen in 0..count {
            for change in [" ", "\n", "\u{a0}", "only"] {
                let (mut changed, mut at) = (document.clone(), 0);
                texts(&mut changed, &mut |text| {
                    match change {
                        "only" if at == chosen => *text = " \t ".to_owned(),
                        _ if at == chosen => text.push_str(change),
                        _ => {}
                    }
                    at += 1;
                });
                looks.look(changed.to_string().as_bytes());
            }
        }
        for list in 0..60 {
            let (mut changed, mut at) = (document.clone(), list);
            doubled(&mut changed, &mut at);
            looks.look(changed.to_string().as_bytes());
        }
    }
    // Some of each, or the test would show nothing.
    assert!(
        looks.passed > 50 && looks.valid - looks.passed > 50,
        "{} of {}",
        looks.passed,
        looks.valid
    );
}

#[test]
fn what_the_service_refuses_of_real_records_is_never_passed_over() {
    let Some(path) = shared::file("records/corpus.jsonl.zst") else {
        return;
    };
    let mut looks = Looks::new();
    shared::each_line(&path, 8, |line| looks.look(line.as_bytes()));
    println!("{} of {} passed over", looks.passed, looks.valid);
    assert!(looks.passed * 100 > looks.valid * 95);
}
