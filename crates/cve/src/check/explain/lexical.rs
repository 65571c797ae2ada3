//! What is wrong with the text as JSON, and what a server would lose of it.

use super::report::{Report, quoted};
use crate::check::number::value_of;
use crate::check::reader::Broken;
use crate::check::tape::{Sort, Tape};

/// Deeper nesting than this is beyond what common readers take.
///
/// Source: our choice; `serde_json` stops at 128 levels.
const DEEP: usize = 128;

/// Reports why a text is not JSON.
pub(super) fn report_broken(report: &mut Report<'_>, broken: Broken, at: usize) {
    let (message, fix) = match broken {
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
    let mut ends: Vec<usize> = Vec::new();
    let mut too_deep = None;
    for index in 0..tape.spots.len() {
        while ends.last().is_some_and(|end| *end <= index) {
            ends.pop();
        }
        let spot = &tape.spots[index];
        match spot.kind {
            Sort::Object | Sort::List => {
                ends.push(tape.next(index));
                if ends.len() > DEEP && too_deep.is_none() {
                    too_deep = Some(spot.offset());
                }
                if spot.kind == Sort::Object {
                    repeated_keys(report, tape, index);
                }
            }
            Sort::String => broken_characters(report, tape, index),
            Sort::Number if value_of(tape.source(index)).is_infinite() => {
                let found = quoted(tape.source(index));
                let message =
                    format!("{found} is too large for a double, expected less than 1.8e308");
                let rule = "RFC 8259 section 6";
                report.warning(
                    "JSON-NUMBER",
                    spot.offset(),
                    message,
                    rule,
                    "write it as a text",
                );
            }
            _ => {}
        }
    }
    if let Some(offset) = too_deep {
        let message = format!("values are nested more than {DEEP} deep, expected fewer levels");
        let fix = "nest less; many readers refuse such a document";
        report.warning("JSON-DEPTH", offset, message, "our choice", fix);
    }
}

fn repeated_keys(report: &mut Report<'_>, tape: &Tape<'_>, object: usize) {
    if tape.members(object).nth(1).is_none() {
        return;
    }
    for member in tape.kept_members(object).1 {
        let key = quoted(&tape.text(member.key));
        let message = format!("the key {key} occurs again further on, expected it once");
        let offset = tape.spots[member.key].offset();
        let rule = "RFC 8259 section 4";
        let fix = "remove one of the two; the server keeps the last";
        report.warning("JSON-DUPLICATE", offset, message, rule, fix);
    }
}

fn broken_characters(report: &mut Report<'_>, tape: &Tape<'_>, index: usize) {
    let piece = tape.spots[index].piece();
    let offset = tape.spots[index].offset();
    if !piece.ascii && std::str::from_utf8(tape.source(index)).is_err() {
        let message = "the text has bytes that are not UTF-8, expected UTF-8".to_owned();
        let rule = "RFC 8259 section 8.1";
        let fix = "save the file as UTF-8; the server puts U+FFFD in their place";
        report.warning("JSON-UTF8", offset, message, rule, fix);
    }
    if piece.escaped && std::str::from_utf8(&tape.text(index)).is_err() {
        let message = "half of a surrogate pair is escaped, expected both halves".to_owned();
        let rule = "RFC 8259 section 8.2";
        let fix = "write the character itself or both halves of its escape";
        report.warning("JSON-SURROGATE", offset, message, rule, fix);
    }
}
