//! The full answer: everything that is wrong with a text, where, and how to
//! mend it.
//!
//! Works on a tape of the whole text and reads the same tables as
//! `verdict.rs`. Of a rule with alternatives it reports what the author most
//! likely meant: when the state says REJECTED, only what a rejected record
//! must be.

mod advice;
mod lexical;
mod lines;
mod object;
mod report;

use std::fmt::Display;

use super::finding::Finding;
use super::form::{Form, is_english, is_extension_tag};
use super::number::{is_serial, tenths, value_of};
use super::schema::{Kind, ListTable, Node, Schema, TextNode, WordTable};
use super::shape::{PUBLISHED, REJECTED, Role, Score, Shapes};
use super::tape::{Sort, Tape};
use super::text::code_points;
use super::unique::{equal_items, numbered};
pub(crate) use lines::positions;
pub(crate) use report::quoted;
use report::{Report, one_of};

/// Everything that is wrong with `bytes`, in the order of the text.
///
/// Gives: an error exactly when CVE Services would refuse the text by its
/// schema; warnings for what it would silently change.
pub(super) fn explain(schema: &'static Schema, kind: Kind, bytes: &[u8]) -> Vec<Finding> {
    let mut report = Report::new(bytes);
    match Tape::read(bytes) {
        Err((broken, at)) => lexical::report_broken(&mut report, broken, at),
        Ok(tape) => {
            lexical::report_losses(&mut report, &tape);
            let shape = match kind {
                Kind::Record => likely_shape(&tape),
                _ => PUBLISHED,
            };
            let mut walk = Walk {
                tape: &tape,
                schema,
                shape,
                numbers: None,
                report,
            };
            walk.value(schema.root(), 0, "#");
            report = walk.report;
        }
    }
    report.finish()
}

/// The shape a record is meant to have: as its state says, else as its
/// container looks.
fn likely_shape(tape: &Tape<'_>) -> Shapes {
    let state = tape
        .get(0, "cveMetadata")
        .and_then(|metadata| tape.get(metadata, "state"))
        .filter(|state| tape.spots[*state].kind == Sort::String)
        .map(|state| tape.text(state));
    match state.as_deref() {
        Some(b"PUBLISHED") => PUBLISHED,
        Some(b"REJECTED") => REJECTED,
        _ => {
            let container = tape
                .get(0, "containers")
                .and_then(|all| tape.get(all, "cna"));
            let has = |key| container.is_some_and(|cna| tape.get(cna, key).is_some());
            if has("rejectedReasons") && !has("descriptions") {
                REJECTED
            } else {
                PUBLISHED
            }
        }
    }
}

struct Walk<'t, 'a> {
    tape: &'t Tape<'a>,
    schema: &'static Schema,
    shape: Shapes,
    /// Numbers of equal values, made when the first list asks for them.
    numbers: Option<Vec<u32>>,
    report: Report<'a>,
}

impl Walk<'_, '_> {
    /// Checks the value at `index`; `at` is its pointer in the schema.
    fn value(&mut self, node: Node, index: usize, at: &str) {
        match node {
            Node::Free => {}
            Node::Filled => self.filled(index, at),
            Node::Flag => {
                self.is(Sort::Flag, index, at);
            }
            Node::Text(text) => self.text(text, index, at),
            Node::Word(table) => self.word(&self.schema.words[usize::from(table)], index, at),
            Node::Tag(table) => self.tag(&self.schema.words[usize::from(table)], index, at),
            Node::Serial => self.serial(index, at),
            Node::Score(score) => self.score(score, index, at),
            Node::List(table) => self.list(&self.schema.lists[usize::from(table)], index),
            Node::Object(table) => self.object(&self.schema.objects[usize::from(table)], index),
        }
    }

    fn add(
        &mut self,
        code: &'static str,
        index: usize,
        message: impl Display,
        rule: String,
        fix: &str,
    ) {
        let offset = self.tape.spots[index].offset();
        self.report
            .error(code, offset, message.to_string(), rule, fix.to_owned());
    }

    /// Whether the value is of this kind; a finding if it is not.
    fn is(&mut self, want: Sort, index: usize, at: &str) -> bool {
        let found = self.tape.spots[index].kind;
        if found == want {
            return true;
        }
        let message = format!("{} stands here, expected {}", article(found), article(want));
        let fix = format!("write {}", advice::example(want));
        self.add("SCHEMA-TYPE", index, message, format!("{at}/type"), &fix);
        false
    }

    fn filled(&mut self, index: usize, at: &str) {
        if self.is(Sort::Object, index, at) && self.tape.members(index).next().is_none() {
            let message = "the object is empty, expected at least one key";
            let fix = "give it a key or leave it out";
            self.add(
                "SCHEMA-EMPTY",
                index,
                message,
                format!("{at}/minProperties"),
                fix,
            );
        }
    }

    fn text(&mut self, node: TextNode, index: usize, at: &str) {
        if !self.is(Sort::String, index, at) {
            return;
        }
        let text = self.tape.text(index);
        let points = code_points(&text);
        let (min, max) = (node.min as usize, node.max as usize);
        if points < min || points > max {
            let bound = if points < min {
                "minLength"
            } else {
                "maxLength"
            };
            let message = format!("the text has {points} characters, expected {min} to {max}");
            let fix = if points == 0 {
                "write the text or leave the key out".to_owned()
            } else if points < min {
                format!("write at least {min} characters")
            } else {
                match points - max {
                    1 => "shorten it by a character".to_owned(),
                    more => format!("shorten it by {more} characters"),
                }
            };
            self.add(
                "SCHEMA-LENGTH",
                index,
                message,
                format!("{at}/{bound}"),
                &fix,
            );
        } else if node.form != Form::Plain && !node.form.accepts(&text) {
            let code = if node.form.is_format() {
                "SCHEMA-FORMAT"
            } else {
                "SCHEMA-PATTERN"
            };
            let keyword = if node.form.is_format() {
                "format"
            } else {
                "pattern"
            };
            let message = format!("{} stands here, expected {}", quoted(&text), node.form);
            let fix = advice::for_form(node.form);
            self.add(code, index, message, format!("{at}/{keyword}"), fix);
        }
    }

    fn word(&mut self, table: &WordTable, index: usize, at: &str) {
        if !self.is(Sort::String, index, at) {
            return;
        }
        let text = self.tape.text(index);
        if table.names.place_of(&text).is_some() {
            return;
        }
        let words: Vec<&str> = table.names.iter().collect();
        let message = format!("{} stands here, expected {}", quoted(&text), one_of(&words));
        let fix = if table.role == Role::State {
            "say whether the record is published or rejected; a reserved ID has no record"
                .to_owned()
        } else {
            advice::for_word(&text, &words)
        };
        self.add("SCHEMA-ENUM", index, message, format!("{at}/enum"), &fix);
    }

    fn tag(&mut self, table: &WordTable, index: usize, at: &str) {
        if self.tape.spots[index].kind != Sort::String {
            // The type stands in both branches of a `oneOf`.
            let found = article(self.tape.spots[index].kind);
            let message = format!("{found} stands here, expected a tag in quotes");
            let fix = "write the tag as a text in double quotes";
            self.add("SCHEMA-TYPE", index, message, format!("{at}/oneOf"), fix);
            return;
        }
        let text = self.tape.text(index);
        let own = is_extension_tag(&text) && code_points(&text) <= 128;
        if own || table.names.place_of(&text).is_some() {
            return;
        }
        let words: Vec<&str> = table.names.iter().collect();
        let message = format!(
            "{} stands here, expected {} or a tag of your own that begins with `x_`, at most 128 characters",
            quoted(&text),
            one_of(&words)
        );
        let fix = advice::for_word(&text, &words);
        self.add("SCHEMA-ENUM", index, message, format!("{at}/oneOf"), &fix);
    }

    fn serial(&mut self, index: usize, at: &str) {
        if self.is(Sort::Number, index, at) && !is_serial(self.tape.source(index)) {
            let found = quoted(self.tape.source(index));
            let message = format!("{found} stands here, expected a whole number from 1");
            let fix = "leave it out; the system of record counts";
            self.add("SCHEMA-RANGE", index, message, format!("{at}/minimum"), fix);
        }
    }

    fn score(&mut self, score: Score, index: usize, at: &str) {
        if !self.is(Sort::Number, index, at) {
            return;
        }
        let source = self.tape.source(index);
        let (good, keyword, expected) = match score {
            Score::Range => {
                let number = value_of(source);
                let keyword = if number < 0.0 { "minimum" } else { "maximum" };
                (
                    (0.0..=10.0).contains(&number),
                    keyword,
                    "a number from 0 to 10",
                )
            }
            _ => {
                let expected = "a score from 0 to 10 with at most one decimal";
                (tenths(source).is_some(), "enum", expected)
            }
        };
        if !good {
            let message = format!("{} stands here, expected {expected}", quoted(source));
            let fix = "take the score that the vector gives";
            self.add(
                "SCHEMA-RANGE",
                index,
                message,
                format!("{at}/{keyword}"),
                fix,
            );
        }
    }

    fn list(&mut self, list: &'static ListTable, index: usize) {
        if !self.is(Sort::List, index, &list.at) {
            return;
        }
        let items: Vec<usize> = self.tape.items(index).collect();
        let count = items.len();
        if count < list.min {
            let message = "the list is empty, expected at least one item";
            let fix = "add an item or leave the key out";
            self.add(
                "SCHEMA-EMPTY",
                index,
                message,
                format!("{}/minItems", list.at),
                fix,
            );
            return;
        }
        if count > list.max {
            let message = format!("the list has {count} items, expected at most {}", list.max);
            let fix = format!("drop {} of them", count - list.max);
            self.add(
                "SCHEMA-ITEMS",
                index,
                message,
                format!("{}/maxItems", list.at),
                &fix,
            );
        }
        for (place, item) in items.iter().enumerate() {
            if self.report.is_full() {
                return;
            }
            let mark = self.report.enter(&place.to_string());
            self.value(list.item, *item, &list.item_at);
            self.report.leave(mark);
        }
        self.contains_english(list, index, &items);
        if list.unique && count > 1 {
            self.distinct(list, index, &items);
        }
    }

    fn contains_english(&mut self, list: &ListTable, index: usize, items: &[usize]) {
        let tape = self.tape;
        let in_english = |item: &usize| {
            tape.get(*item, "lang").is_some_and(|lang| {
                let text = tape.text(lang);
                let string = tape.spots[lang].kind == Sort::String;
                string && is_english(&text) && Form::Language.accepts(&text)
            })
        };
        if list.english && !items.iter().any(in_english) {
            let message = "no entry is in English, expected at least one";
            let fix = "add an entry with `\"lang\": \"en\"`";
            self.add(
                "SCHEMA-CONTAINS",
                index,
                message,
                format!("{}/contains", list.at),
                fix,
            );
        }
    }

    fn distinct(&mut self, list: &ListTable, index: usize, items: &[usize]) {
        let numbers = self.numbers.take().unwrap_or_else(|| numbered(self.tape));
        let equal = equal_items(self.tape, &numbers, index, list.by_key);
        self.numbers = Some(numbers);
        if let Some((first, second)) = equal {
            // The pointer is that of the list, as ajv has it; the position is
            // that of the second item.
            let message = format!("item {second} equals item {first}, expected distinct items");
            let rule = format!("{}/uniqueItems", list.at);
            let fix = "remove one of the two";
            self.add("SCHEMA-UNIQUE", items[second], message, rule, fix);
        }
    }
}

/// A kind of value in words.
fn article(kind: Sort) -> &'static str {
    match kind {
        Sort::Object => "an object",
        Sort::List => "a list",
        Sort::String => "a text",
        Sort::Number => "a number",
        Sort::Flag => "true or false",
        Sort::Null => "null",
    }
}
