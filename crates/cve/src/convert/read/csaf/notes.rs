//! The notes of a vulnerability, by what they are called.

use serde_json::json;

use crate::convert::read::draft::Draft;
use crate::convert::read::object::{Found, Object, shortened};
use crate::cwe;

/// Reads the notes.
///
/// A note of category `description` describes; where there is none, the first
/// `summary` does. Notes that our own documents write go back to where they
/// came from; any other note is unplaced.
pub(super) fn read(one: &mut Object, lang: &str, draft: &mut Draft) {
    let notes = one.objects("notes", draft);
    let has_description = notes.iter().any(|note| {
        note.peek("category")
            .is_some_and(|category| category == "description")
    });
    let mut described = has_description;
    for mut note in notes {
        let category = note
            .text("category", draft)
            .map_or("", |category| category.text);
        let title = note.text("title", draft).map_or("", |title| title.text);
        let text = note.text("text", draft);
        note.ignore(&["audience"]);
        note.finish(draft);
        let Some(text) = text else { continue };
        match (category, title) {
            ("description", _) => draft.prose("descriptions", lang, text.text, &text.pointer, None),
            ("summary", _) if !described => {
                described = true;
                draft.prose("descriptions", lang, text.text, &text.pointer, None);
            }
            ("details", "Required configuration") => {
                draft.prose("configurations", lang, text.text, &text.pointer, None)
            }
            ("other", "Timeline") => timeline(&text, lang, draft),
            ("other", "Tags of the CVE Record") => {
                for tag in text.text.split(", ") {
                    draft.push("tags", json!(tag), &text.pointer);
                }
            }
            ("other", "Discovery") => draft.source("discovery", json!(text.text), &text.pointer),
            ("other", "Problem types") => problem_types(&text, draft),
            ("other", "vendor fix") => {
                draft.prose("solutions", lang, text.text, &text.pointer, None)
            }
            ("other", "workaround") => {
                draft.prose("workarounds", lang, text.text, &text.pointer, None)
            }
            ("other", title)
                if title == "CVSS"
                    || title == "CVSS v4.0"
                    || title.starts_with("Further score") =>
            {
                // The vector, and its score in parentheses.
                let vector = text.text.split(' ').next().unwrap_or_default();
                draft.metric(vector, None, &text.pointer);
            }
            _ => {
                let named = if title.is_empty() { category } else { title };
                let pointer = text.pointer.clone();
                draft.unplaced(
                    "note",
                    pointer,
                    format!("a record has no place for the note `{}`", shortened(named)),
                );
            }
        }
    }
}

/// Lines of a moment, a colon and what happened.
fn timeline(text: &Found, lang: &str, draft: &mut Draft) {
    let mut events: Vec<(String, String)> = Vec::new();
    for line in text.text.lines() {
        let parts = line
            .split_once(": ")
            .filter(|(time, _)| time.parse::<crate::time::Timestamp>().is_ok());
        match (parts, events.last_mut()) {
            (Some((time, value)), _) => events.push((time.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push('\n');
                value.push_str(line);
            }
            (None, None) => {
                return draft.unplaced(
                    "note",
                    &text.pointer,
                    "the lines of the time line have no dates",
                );
            }
        }
    }
    for (time, value) in events {
        draft.push(
            "timeline",
            json!({"time": time, "lang": lang, "value": value.trim_end()}),
            &text.pointer,
        );
    }
}

/// A problem type a line; its number is the weakness it begins with.
fn problem_types(text: &Found, draft: &mut Draft) {
    for line in text
        .text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let id = line.split([' ', ':']).next().unwrap_or_default();
        match cwe::number(id) {
            Some(number) if draft.has_weakness(number) => {}
            number => draft.weakness(number, line, &text.pointer),
        }
    }
}
