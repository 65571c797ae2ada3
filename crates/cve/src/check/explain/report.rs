//! Collects findings, with a bound on their number, and the place of each.

use super::lines::positions;
use crate::check::finding::{Finding, Severity};

/// More findings than this are not listed: nobody reads them, and a text may
/// be made to have millions.
const MOST: usize = 200;

pub(super) struct Report<'a> {
    bytes: &'a [u8],
    /// Pointer of the value that is being looked at.
    pointer: String,
    /// Findings with the byte each is about.
    found: Vec<(usize, Finding)>,
    errors: usize,
    warnings: usize,
    cut: bool,
}

impl<'a> Report<'a> {
    /// The text that is reported on.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn new(bytes: &'a [u8]) -> Report<'a> {
        Report {
            bytes,
            pointer: String::new(),
            found: Vec::new(),
            errors: 0,
            warnings: 0,
            cut: false,
        }
    }

    /// Goes down to a key or item; gives what `leave` needs to come back.
    pub(super) fn enter(&mut self, step: &str) -> usize {
        let mark = self.pointer.len();
        self.pointer.push('/');
        for character in step.chars() {
            match character {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                other => self.pointer.push(other),
            }
        }
        mark
    }

    pub(super) fn leave(&mut self, mark: usize) {
        self.pointer.truncate(mark);
    }

    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    pub(super) fn is_full(&self) -> bool {
        self.errors >= MOST
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        offset: usize,
        message: String,
        rule: String,
        fix: String,
    ) {
        self.errors += 1;
        if self.errors > MOST {
            self.cut = true;
            return;
        }
        let severity = Severity::Error;
        self.push(code, severity, offset, message, rule, fix);
    }

    /// Adds a warning about the value at the end of `names`, which may be
    /// anywhere: losses are found before the walk. The names are asked for
    /// only when the warning is kept, because deep values have many.
    pub(super) fn warning(
        &mut self,
        code: &'static str,
        offset: usize,
        names: impl FnOnce() -> Vec<String>,
        message: String,
        rule: &str,
        fix: &str,
    ) {
        self.warnings += 1;
        if self.warnings <= MOST {
            let mark = self.pointer.len();
            for name in names() {
                self.enter(&name);
            }
            let severity = Severity::Warning;
            self.push(
                code,
                severity,
                offset,
                message,
                rule.to_owned(),
                fix.to_owned(),
            );
            self.leave(mark);
        }
    }

    fn push(
        &mut self,
        code: &'static str,
        severity: Severity,
        offset: usize,
        message: String,
        rule: String,
        fix: String,
    ) {
        let finding = Finding {
            code: code.into(),
            severity,
            pointer: self.pointer.clone(),
            message,
            rule: rule.into(),
            fix: fix.into(),
            position: None,
        };
        self.found.push((offset, finding));
    }

    /// All findings in the order of the text, each with its position.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        // Stable: findings about one value keep the order they were made in.
        self.found.sort_by_key(|(offset, _)| *offset);
        let offsets = self.found.iter().map(|(offset, _)| *offset);
        let positions = positions(self.bytes, offsets);
        let mut findings: Vec<Finding> = self
            .found
            .into_iter()
            .zip(positions)
            .map(|((_, finding), position)| Finding {
                position: Some(position),
                ..finding
            })
            .collect();
        if self.cut {
            findings.push(Finding {
                code: "CHECK-MORE".into(),
                severity: Severity::Error,
                pointer: String::new(),
                message: format!("more than {MOST} things are wrong; the rest is not listed"),
                rule: "our choice".into(),
                fix: "mend these and check again".into(),
                position: None,
            });
        }
        findings
    }
}

/// A found text in back-quotes, cut to sixty characters; what would not show
/// is written as an escape.
pub(crate) fn quoted(text: &[u8]) -> String {
    if text.is_empty() {
        return "an empty text".to_owned();
    }
    let start = String::from_utf8_lossy(&text[..text.len().min(400)]);
    let mut short = String::from("`");
    for character in start.chars().take(60) {
        if is_invisible(character) {
            short.extend(character.escape_unicode());
        } else {
            short.push(character);
        }
    }
    if start.chars().count() > 60 || text.len() > 400 {
        short.push('…');
    }
    short.push('`');
    short
}

/// Control characters, spaces of no width, and marks of writing direction.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// `a`, `b` or `c`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// `a` and `b`.
pub(super) fn pair(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(" and ")
}
