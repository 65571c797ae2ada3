//! How findings are printed: one writer for each `--output`.

use std::io::Write as _;

use cve::check::Finding;
use serde::Serialize;

use super::judge::{Judged, kind_word};
use super::options::Output;
use super::tally::{SEVERITIES, Tally};
use super::{github, junit, sarif, table, text};
use crate::output::Style;

/// One document as the printers see it.
pub(crate) struct View<'a> {
    /// The file, or `<stdin>`.
    pub(crate) source: &'a str,
    /// The line of the file it stands on, when each line is a document.
    pub(crate) line: Option<usize>,
    pub(crate) judged: &'a Judged,
    pub(crate) bytes: &'a [u8],
    /// Findings the baseline hides.
    pub(crate) known: usize,
}

impl View<'_> {
    /// Lines of the file before the document.
    pub(crate) fn line_base(&self) -> usize {
        self.line.map_or(0, |line| line - 1)
    }

    /// Line and column of a finding in the file.
    pub(crate) fn place(&self, finding: &Finding) -> (usize, usize) {
        let (line, column) = finding
            .position
            .map_or((1, 1), |position| (position.line, position.column));
        (self.line_base() + line, column)
    }
}

/// Prints documents one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    output: Output,
    summary: bool,
    style: Style,
}

impl Printer {
    pub(crate) fn new(output: Output, summary: bool, style: Style) -> Printer {
        Printer {
            output,
            summary,
            style,
        }
    }

    /// What stands between two documents; left out before the first.
    pub(crate) fn separator(self) -> &'static str {
        match self.output {
            Output::Json | Output::Sarif if !self.summary => ",\n",
            _ => "",
        }
    }

    /// What is printed before everything else.
    pub(crate) fn begin(self) -> String {
        match self.output {
            Output::Json if self.summary => "{".to_owned(),
            Output::Json => "{\"records\": [\n".to_owned(),
            Output::Csv if self.summary => table::SUMMARY_HEAD.to_owned(),
            Output::Csv => table::HEAD.to_owned(),
            Output::Sarif => sarif::begin(),
            Output::Junit => junit::begin(),
            Output::Text | Output::Ndjson | Output::Github => String::new(),
        }
    }

    /// Prints a document; what it adds begins with the separator.
    pub(crate) fn record(self, view: &View<'_>, out: &mut Vec<u8>) {
        if self.summary {
            return;
        }
        match self.output {
            Output::Text => text::record(view, self.style, out),
            Output::Json => {
                out.extend_from_slice(self.separator().as_bytes());
                json(view, out);
            }
            Output::Ndjson => {
                json(view, out);
                out.push(b'\n');
            }
            Output::Csv => table::record(view, out),
            Output::Sarif => sarif::record(view, self.separator(), out),
            Output::Junit => junit::record(view, out),
            Output::Github => github::record(view, out),
        }
    }

    /// What is printed behind everything else.
    pub(crate) fn end(self, tally: &Tally) -> String {
        match self.output {
            Output::Text => text_end(tally, self.summary, self.style),
            Output::Json => {
                let rows = self.summary.then(|| table::rows(tally));
                let lead = if self.summary { "" } else { "\n], " };
                let summary = Summary::of(tally, rows);
                format!("{lead}\"summary\": {}}}\n", text_of(&summary))
            }
            Output::Csv if self.summary => table::summary(tally),
            Output::Sarif => sarif::end(tally),
            Output::Junit => junit::END.to_owned(),
            Output::Ndjson | Output::Csv | Output::Github => String::new(),
        }
    }
}

/// One line of `--output ndjson`, and one item of `--output json`.
///
/// Written by hand, because most of it is the words of findings, which need
/// no look at each byte.
fn json(view: &View<'_>, out: &mut Vec<u8>) {
    let judged = view.judged;
    field(out, "{\"source\":", Some(view.source));
    if let Some(line) = view.line {
        number(out, ",\"line\":", line);
    }
    field(out, ",\"id\":", judged.id.as_deref());
    field(out, ",\"cna\":", judged.org.as_deref());
    field(out, ",\"type\":", Some(kind_word(judged.kind)));
    out.extend_from_slice(match judged.valid {
        true => b",\"valid\":true",
        false => b",\"valid\":false",
    });
    if view.known > 0 {
        number(out, ",\"known\":", view.known);
    }
    out.extend_from_slice(b",\"findings\":[");
    for (place, finding) in judged.findings.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let (line, column) = view.place(finding);
        field(out, "{\"code\":", Some(&finding.code));
        field(out, ",\"severity\":", Some(finding.severity.as_str()));
        field(out, ",\"pointer\":", Some(&finding.pointer));
        number(out, ",\"line\":", line);
        number(out, ",\"column\":", column);
        field(out, ",\"message\":", Some(&finding.message));
        field(out, ",\"rule\":", Some(&finding.rule));
        field(out, ",\"fix\":", Some(&finding.fix));
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}

fn number(out: &mut Vec<u8>, key: &str, number: usize) {
    out.extend_from_slice(key.as_bytes());
    // Written to memory.
    let _ = write!(out, "{number}");
}

/// A key and its text, or `null`.
fn field(out: &mut Vec<u8>, key: &str, text: Option<&str>) {
    out.extend_from_slice(key.as_bytes());
    let Some(text) = text else {
        out.extend_from_slice(b"null");
        return;
    };
    // Of bytes that stand for themselves in JSON nothing need be known but
    // that all are such; without a branch for each they are looked at at once.
    let odd = |odd: bool, byte: &u8| odd | matches!(byte, 0..=0x1f | b'"' | b'\\');
    if text.as_bytes().iter().fold(false, odd) {
        // Texts, written to memory: neither can be refused.
        let _ = serde_json::to_writer(out, text);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[derive(Serialize)]
struct Summary {
    records: u64,
    invalid: u64,
    findings: u64,
    error: u64,
    violation: u64,
    warning: u64,
    advice: u64,
    known: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Vec<table::Row>>,
}

impl Summary {
    fn of(tally: &Tally, counts: Option<Vec<table::Row>>) -> Summary {
        let [error, violation, warning, advice] = tally.by_severity;
        Summary {
            records: tally.records,
            invalid: tally.invalid,
            findings: tally.findings(),
            error,
            violation,
            warning,
            advice,
            known: tally.known,
            counts,
        }
    }
}

/// JSON of a value that is made of texts and numbers.
pub(crate) fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn text_end(tally: &Tally, summary: bool, style: Style) -> String {
    let mut text = Vec::new();
    if summary {
        table::print(tally, style, &mut text);
    }
    let records = counted(tally.records, "record");
    let mut parts: Vec<String> = SEVERITIES
        .iter()
        .zip(tally.by_severity)
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| match severity.as_str() {
            "advice" => format!("{count} advice"),
            word => counted(count, word),
        })
        .collect();
    if parts.is_empty() {
        parts.push("nothing found".to_owned());
    }
    let hint = match tally.findings() {
        0 => "",
        _ => "; `cna rule CODE` explains a code",
    };
    let known = match tally.known {
        0 => String::new(),
        count => format!(" ({count} more are known from the baseline)"),
    };
    let mended = match (tally.mends, tally.mended_files) {
        (0, _) => String::new(),
        (mends, files) => format!(
            "; {} in {}",
            counted(mends, "safe mend"),
            counted(files, "document")
        ),
    };
    let line = format!(
        "{records} checked: {}{known}{mended}{hint}",
        parts.join(", ")
    );
    // Written to memory.
    let _ = writeln!(text, "{}", style.bold(&line));
    String::from_utf8_lossy(&text).into_owned()
}

/// `1 record`, `2 records`.
pub(crate) fn counted(count: u64, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
