//! Findings for people: the line of the source, a caret under the place, why
//! it matters and how to mend it.

use std::fmt::Write as _;

use cve::check::{Finding, Severity};
use unicode_width::UnicodeWidthChar as _;

use super::printer::View;
use crate::output::Style;

/// How many cells of the source stand on each side of the caret at most.
const SIDE_CELLS: usize = 46;

/// How many cells a tab takes.
const TAB: &str = "    ";

/// Prints all findings of a document.
pub(crate) fn record(view: &View<'_>, style: Style, out: &mut Vec<u8>) {
    let mut lines = Lines::new(view.bytes);
    let mut text = String::new();
    let mut rest = view.judged.findings.as_slice();
    while let Some(first) = rest.first() {
        let position = first.position;
        let same = |finding: &&Finding| finding.position == position;
        let count = rest.iter().take_while(same).count();
        let (group, after) = rest.split_at(count);
        rest = after;
        heads(&mut text, view, group, style);
        if let Some(position) = position {
            lines.go(position.line, position.column);
            snippet(&mut text, &lines, view.line_base(), style);
        }
        let mut rules: Vec<&str> = group.iter().map(|finding| &*finding.rule).collect();
        rules.dedup();
        let mut fixes: Vec<&str> = group.iter().map(|finding| &*finding.fix).collect();
        fixes.retain(|fix| !fix.is_empty());
        fixes.dedup();
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "      {} {}",
            style.dim("why:"),
            shown(&rules.join("; "))
        );
        if !fixes.is_empty() {
            let _ = writeln!(
                text,
                "      {} {}",
                style.dim("fix:"),
                shown(&fixes.join("; "))
            );
        }
    }
    out.extend_from_slice(text.as_bytes());
}

/// A line for each finding of one place.
fn heads(text: &mut String, view: &View<'_>, group: &[Finding], style: Style) {
    for finding in group {
        let (line, column) = view.place(finding);
        let at = match finding.pointer.is_empty() {
            true => String::new(),
            false => format!(" {}", style.dim(&format!("[{}]", shown(&finding.pointer)))),
        };
        let _ = writeln!(
            text,
            "{}:{line}:{column}: {} {} {}{at}",
            shown(view.source),
            style.severity(finding.severity, finding.severity.as_str()),
            style.bold(&finding.code),
            shown(&finding.message),
        );
    }
}

/// The line of the source around the caret.
fn snippet(text: &mut String, lines: &Lines<'_>, base: usize, style: Style) {
    let number = (lines.line + base).to_string();
    let (before, after) = lines.around();
    let (before, cut) = last_cells(&before, SIDE_CELLS);
    let (after, rest) = first_cells(&after, SIDE_CELLS);
    let lead = if cut { "…" } else { "" };
    let trail = if rest { "…" } else { "" };
    let gap = " ".repeat(5_usize.saturating_sub(number.len()));
    let bar = style.dim("|");
    let _ = writeln!(
        text,
        "{gap}{} {bar} {lead}{before}{after}{trail}",
        style.dim(&number)
    );
    let indent = " ".repeat(gap.len() + number.len());
    let cells = cells(lead) + cells(&before);
    let _ = writeln!(
        text,
        "{indent} {bar} {}{}",
        " ".repeat(cells),
        style.bold("^")
    );
}

fn cells(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The end of a text that fits, and whether something was cut off.
fn last_cells(text: &str, most: usize) -> (String, bool) {
    if is_plain(text) {
        let start = text.len().saturating_sub(most);
        return (text[start..].to_owned(), start > 0);
    }
    let mut taken = 0;
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        taken += character.width().unwrap_or(0);
        if taken > most {
            break;
        }
        start = at;
    }
    (text[start..].to_owned(), start > 0)
}

fn first_cells(text: &str, most: usize) -> (String, bool) {
    if is_plain(text) {
        let end = text.len().min(most);
        return (text[..end].to_owned(), end < text.len());
    }
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken += character.width().unwrap_or(0);
        if taken > most {
            return (text[..at].to_owned(), true);
        }
    }
    (text.to_owned(), false)
}

/// A text without what would move the cursor, hide or turn round what
/// follows: a file or a record may come from anybody.
pub(crate) fn shown(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().all(|c| !is_unsafe(c) && c != '\t') {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => safe.push_str(TAB),
            c if is_unsafe(c) => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// Says whether a text is of the letters and signs of ASCII, each a cell wide,
/// as nearly all are; without a branch for each they are looked at at once.
fn is_plain(text: &str) -> bool {
    let plain = |plain: bool, byte: u8| plain & matches!(byte, b' '..=b'~');
    text.bytes().fold(true, plain)
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Goes through a text to rising places, each byte once.
struct Lines<'a> {
    bytes: &'a [u8],
    /// First byte of the line that is looked at.
    start: usize,
    /// The byte of the place.
    at: usize,
    line: usize,
    column: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Lines<'a> {
        Lines {
            bytes,
            start: 0,
            at: 0,
            line: 1,
            column: 1,
        }
    }

    /// Goes on to a place; one that lies before is looked for from the start.
    fn go(&mut self, line: usize, column: usize) {
        if (line, column) < (self.line, self.column) {
            *self = Lines::new(self.bytes);
        }
        while self.line < line {
            let rest = &self.bytes[self.at..];
            let Some(end) = memchr::memchr(b'\n', rest) else {
                self.at = self.bytes.len();
                return;
            };
            self.at += end + 1;
            self.start = self.at;
            self.line += 1;
            self.column = 1;
        }
        while self.column < column && self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            self.at += 1;
            // Columns count code points, which these bytes go on.
            while self
                .bytes
                .get(self.at)
                .is_some_and(|byte| byte & 0xc0 == 0x80)
            {
                self.at += 1;
            }
            self.column += 1;
        }
    }

    /// What stands in the line before the place and from it on, enough for a
    /// snippet.
    fn around(&self) -> (String, String) {
        let enough = SIDE_CELLS * 8;
        let mut from = self.start.max(self.at.saturating_sub(enough));
        while from < self.at && self.bytes[from] & 0xc0 == 0x80 {
            from += 1;
        }
        let rest = &self.bytes[self.at..self.bytes.len().min(self.at + enough)];
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let mut after = &rest[..end];
        after = after.strip_suffix(b"\r").unwrap_or(after);
        let text = |bytes: &[u8]| shown(&String::from_utf8_lossy(bytes));
        (text(&self.bytes[from..self.at]), text(after))
    }
}

impl Style {
    /// The colour of a severity, on a terminal.
    fn severity(self, severity: Severity, text: &str) -> String {
        match severity {
            Severity::Error | Severity::Violation => self.red(text),
            Severity::Warning => self.yellow(text),
            Severity::Advice => self.cyan(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet_of(text: &str, line: usize, column: usize) -> String {
        let mut lines = Lines::new(text.as_bytes());
        lines.go(line, column);
        let mut out = String::new();
        snippet(&mut out, &lines, 0, Style::plain());
        out
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        assert_eq!(
            snippet_of("{\n  \"a\": 1\n}", 2, 8),
            "    2 |   \"a\": 1\n      |        ^\n"
        );
    }

    #[test]
    fn tabs_and_wide_characters_take_their_cells() {
        assert_eq!(
            snippet_of("\t\"日本\": x", 1, 8),
            "    1 |     \"日本\": x\n      |             ^\n"
        );
        assert_eq!(
            snippet_of("\"e\u{301}\": x", 1, 6),
            "    1 | \"e\u{301}\": x\n      |     ^\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = format!("{}X{}", "a".repeat(1000), "b".repeat(1000));
        let found = snippet_of(&text, 1, 1001);
        let lines: Vec<&str> = found.lines().collect();
        assert!(lines[0].starts_with("    1 | …aaa"), "{found}");
        assert!(lines[0].ends_with("bbb…"), "{found}");
        let at = lines[0].chars().position(|c| c == 'X').unwrap();
        assert_eq!(lines[1].chars().position(|c| c == '^').unwrap(), at);
        assert!(lines[0].chars().count() < 110);
    }

    #[test]
    fn what_would_move_the_cursor_is_not_printed() {
        assert_eq!(
            shown("a\u{1b}[31mb\u{202e}c\td"),
            "a\u{fffd}[31mb\u{fffd}c    d"
        );
    }

    #[test]
    fn a_place_beyond_the_text_is_its_end() {
        assert_eq!(snippet_of("ab", 1, 9), "    1 | ab\n      |   ^\n");
        assert_eq!(snippet_of("", 1, 1), "    1 | \n      | ^\n");
        assert_eq!(snippet_of("a\n", 7, 1).lines().count(), 2);
    }
}
