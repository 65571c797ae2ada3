//! Annotations of GitHub Actions: commands on lines of their own.

use std::io::Write as _;

use cve::check::Severity;

use super::printer::View;

/// One command for each finding of a document.
///
/// Source: GitHub Actions, workflow commands `error`, `warning`, `notice`.
pub(crate) fn record(view: &View<'_>, out: &mut Vec<u8>) {
    for finding in &view.judged.findings {
        let (line, column) = view.place(finding);
        let command = match finding.severity {
            Severity::Error | Severity::Violation => "error",
            Severity::Warning => "warning",
            Severity::Advice => "notice",
        };
        let at = match finding.pointer.as_str() {
            "" => String::new(),
            pointer => format!(" at {pointer}"),
        };
        let message = format!(
            "{}{at}; {} ({})",
            finding.message, finding.fix, finding.rule
        );
        // Writing to memory cannot fail.
        let _ = writeln!(
            out,
            "::{command} file={},line={line},col={column},title={}::{}",
            property(view.source),
            property(&format!("{} {}", finding.severity.as_str(), finding.code)),
            data(&message),
        );
    }
}

/// Text behind the colons, escaped so that it stays on its line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, in which colons and commas have a meaning too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_another() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
