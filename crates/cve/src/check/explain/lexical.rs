//! What is wrong with the text as JSON, and what a server would lose of it.

use super::report::{Report, quoted};
use crate::check::losses::DEEP;
use crate::check::number::value_of;
use crate::check::reader::Broken;
use crate::check::tape::{Sort, Tape};

/// Reports why a text is not JSON.
pub(super) fn report_broken(report: &mut Report<'_>, broken: Broken, at: usize) {
    let is_blank = report.bytes().trim_ascii().is_empty();
    let (message, fix) = match broken {
        Broken::End if is_blank => (
            "the text is empty, expected a JSON document",
            "give a CVE Record or a container as JSON",
        ),
        Broken::End => (
            "the text ends inside a value, expected the rest of a JSON document",
            "close what is open; the file may be cut off",
        ),
        Broken::NoValue => (
            "something that is no JSON value stands here, expected a value",
            "write a text in double quotes, a number, true, false, null, a list or an object",
        ),
        Broken::NoKey => (
            "something that is no key stands here, expected a text in double quotes",
            "put the key in double quotes",
        ),
        Broken::NoColon => (
            "the key has no value, expected `:`",
            "put a colon behind the key",
        ),
        Broken::NoComma => (
            "something stands behind a value, expected `,` or the closing bracket",
            "put a comma between the values or close the bracket",
        ),
        Broken::TrailingComma => (
            "a comma stands before a closing bracket, expected another value",
            "remove the comma before this bracket",
        ),
        Broken::Trailing => (
            "something stands behind the document, expected the end of the text",
            "remove what follows the last bracket",
        ),
        Broken::Control => (
            "a control character stands in a text, expected an escape such as `\\n`",
            "write a line end as `\\n` and a tab as `\\t`",
        ),
        Broken::Escape => (
            "a backslash is followed by something unknown, expected one of `\"\\/bfnrtu`",
            "write a backslash as `\\\\`",
        ),
        Broken::Number => (
            "a number is not written as JSON writes one, expected digits such as `9.8` or `0`",
            "write it without a leading zero, plus sign or bare point",
        ),
        Broken::Mark => (
            "the text begins with a byte-order mark, expected `{`",
            "save the file as UTF-8 without a byte-order mark",
        ),
        Broken::Wide => (
            "the text is not in UTF-8, expected `{` as its first byte",
            "save the file as UTF-8",
        ),
    };
    let code = match broken {
        Broken::Mark | Broken::Wide => "JSON-ENCODING",
        _ => "JSON-SYNTAX",
    };
    let rule = "RFC 8259".to_owned();
    report.error(code, at, message.to_owned(), rule, fix.to_owned());
}

/// Warns of what the server reads differently from what is written.
pub(super) fn report_losses(report: &mut Report<'_>, tape: &Tape<'_>) {
    let mut way = Way { open: Vec::new() };
    let mut is_deep = false;
    for index in 0..tape.spots.len() {
        way.step(tape, index);
        match tape.spots[index].kind {
            Sort::Object | Sort::List => {
                way.enter(tape, index);
                if way.open.len() > DEEP && !is_deep {
                    is_deep = true;
                    deep_nesting(report, tape, index);
                }
                if tape.spots[index].kind == Sort::Object {
                    repeated_keys(report, tape, index, &way);
                }
            }
            Sort::String => broken_characters(report, tape, index, &way),
            Sort::Number => huge_number(report, tape, index, &way),
            Sort::Flag | Sort::Null => {}
        }
    }
}

/// The objects and lists around a value of the tape.
struct Way {
    open: Vec<Step>,
}

/// An open object or list and what of it was passed last.
struct Step {
    /// Index behind all that is inside.
    end: usize,
    /// The last key passed; `None` in a list.
    key: Option<usize>,
    /// How many keys and values, or items, were passed.
    passed: usize,
}

impl Way {
    /// Goes on to the value or key at `index`, which follows the last one.
    fn step(&mut self, tape: &Tape<'_>, index: usize) {
        while self.open.last().is_some_and(|step| step.end <= index) {
            self.open.pop();
        }
        let Some(step) = self.open.last_mut() else {
            return;
        };
        // Keys and values of an object alternate.
        if step.key.is_some() && step.passed.is_multiple_of(2) {
            debug_assert!(tape.spots[index].kind == Sort::String);
            step.key = Some(index);
        }
        step.passed += 1;
    }

    fn enter(&mut self, tape: &Tape<'_>, index: usize) {
        self.open.push(Step {
            end: tape.next(index),
            key: (tape.spots[index].kind == Sort::Object).then_some(index),
            passed: 0,
        });
    }

    /// The names of the steps to the value that was passed last.
    fn names(&self, tape: &Tape<'_>) -> Vec<String> {
        let name = |step: &Step| match step.key {
            Some(key) => String::from_utf8_lossy(&tape.text(key)).into_owned(),
            None => (step.passed - 1).to_string(),
        };
        let passed = self.open.iter().filter(|step| step.passed > 0);
        passed.map(name).collect()
    }
}

fn deep_nesting(report: &mut Report<'_>, tape: &Tape<'_>, index: usize) {
    let message = format!("values are nested more than {DEEP} deep, expected fewer levels");
    let fix = "nest less; many readers refuse such a document";
    let offset = tape.spots[index].offset();
    // Its pointer would be long and of no use.
    report.warning("JSON-DEPTH", offset, Vec::new, message, "our choice", fix);
}

fn huge_number(report: &mut Report<'_>, tape: &Tape<'_>, index: usize, way: &Way) {
    let source = tape.source(index);
    // Nothing shorter reaches beyond a double.
    if source.len() > 4 && value_of(source).is_infinite() {
        let found = quoted(source);
        let message = format!("{found} is too large for a double, expected less than 1.8e308");
        let rule = "RFC 8259 section 6";
        let offset = tape.spots[index].offset();
        let fix = "write it as a text";
        report.warning(
            "JSON-NUMBER",
            offset,
            || way.names(tape),
            message,
            rule,
            fix,
        );
    }
}

fn repeated_keys(report: &mut Report<'_>, tape: &Tape<'_>, object: usize, way: &Way) {
    if tape.members(object).nth(1).is_none() {
        return;
    }
    for member in tape.kept_members(object).1 {
        let text = tape.text(member.key);
        let names = || {
            let mut names = way.names(tape);
            names.push(String::from_utf8_lossy(&text).into_owned());
            names
        };
        let found = quoted(&text);
        let message = format!("the key {found} occurs again further on, expected it once");
        let offset = tape.spots[member.key].offset();
        let rule = "RFC 8259 section 4";
        let fix = "remove one of the two; the server keeps the last";
        report.warning("JSON-DUPLICATE", offset, names, message, rule, fix);
    }
}

fn broken_characters(report: &mut Report<'_>, tape: &Tape<'_>, index: usize, way: &Way) {
    let piece = tape.spots[index].piece();
    let offset = tape.spots[index].offset();
    if !piece.ascii && std::str::from_utf8(tape.source(index)).is_err() {
        let message = "the text has bytes that are not UTF-8, expected UTF-8".to_owned();
        let rule = "RFC 8259 section 8.1";
        let fix = "save the file as UTF-8; the server puts U+FFFD in their place";
        report.warning("JSON-UTF8", offset, || way.names(tape), message, rule, fix);
    }
    if piece.escaped && std::str::from_utf8(&tape.text(index)).is_err() {
        let message = "half of a surrogate pair is escaped, expected both halves".to_owned();
        let rule = "RFC 8259 section 8.2";
        let fix = "write the character itself or both halves of its escape";
        report.warning(
            "JSON-SURROGATE",
            offset,
            || way.names(tape),
            message,
            rule,
            fix,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Checker, Kind, Severity};

    #[test]
    fn what_a_server_would_lose_is_found_where_it_stands() {
        let text =
            br#"{"cveMetadata": {"x": [0, {"a/b": "\ud800", "n": 1e999, "n": 2}]}, "y": "\xff"}"#;
        let mut text = String::from_utf8_lossy(text).into_owned().into_bytes();
        // The last text gets a byte that is not UTF-8.
        let last = text.len() - 6;
        text.splice(last..last + 4, [0xff]);
        let findings = Checker::default().findings(Kind::Record, &text);
        let found: Vec<_> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
            .map(|finding| (&*finding.code, finding.pointer.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("JSON-SURROGATE", "/cveMetadata/x/1/a~1b"),
                ("JSON-DUPLICATE", "/cveMetadata/x/1/n"),
                ("JSON-NUMBER", "/cveMetadata/x/1/n"),
                ("JSON-UTF8", "/y"),
            ]
        );
    }
}
