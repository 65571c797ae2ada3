//! JUnit XML, which test reports of build servers read: a suite for each
//! document, a case for each finding.

use std::borrow::Cow;
use std::io::Write as _;

use super::printer::View;

pub(crate) fn begin() -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cna check\">\n".to_owned()
}

pub(crate) const END: &str = "</testsuites>\n";

/// The suite of a document. One without findings has a case that passes, so
/// that a report shows it was looked at.
pub(crate) fn record(view: &View<'_>, out: &mut Vec<u8>) {
    let findings = &view.judged.findings;
    let name = match (&view.judged.id, view.line) {
        (Some(id), _) => format!("{id} ({})", view.source),
        (None, Some(line)) => format!("{}:{line}", view.source),
        (None, None) => view.source.to_owned(),
    };
    let name = escaped(&name);
    // Writing to memory cannot fail.
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"0\">",
        findings.len().max(1),
        findings.len(),
    );
    if findings.is_empty() {
        let _ = writeln!(
            out,
            "    <testcase name=\"no findings\" classname=\"{name}\" time=\"0\"/>"
        );
    }
    for finding in findings {
        let (line, column) = view.place(finding);
        let place = format!("{}:{line}:{column}", view.source);
        let _ = writeln!(
            out,
            "    <testcase name=\"{} {}\" classname=\"{name}\" file=\"{}\" line=\"{line}\" time=\"0\">\n      \
             <failure type=\"{}\" message=\"{}\">{}: {} [{}]&#10;why: {}&#10;fix: {}</failure>\n    </testcase>",
            escaped(&finding.code),
            escaped(&finding.pointer),
            escaped(view.source),
            finding.severity.as_str(),
            escaped(&finding.message),
            escaped(&place),
            escaped(&finding.message),
            escaped(&finding.pointer),
            escaped(&finding.rule),
            escaped(&finding.fix),
        );
    }
    let _ = writeln!(out, "  </testsuite>");
}

/// Text for XML 1.0; characters it cannot hold become U+FFFD.
fn escaped(text: &str) -> Cow<'_, str> {
    let plain =
        |c: char| !matches!(c, '&' | '<' | '>' | '"' | '\'' | '\u{fffe}' | '\u{ffff}') && c >= ' ';
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\t' => safe.push_str("&#9;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' | '\0'..='\u{1f}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_place_in_the_xml() {
        assert_eq!(
            escaped("a<b>&\"'\n\u{1}"),
            "a&lt;b&gt;&amp;&quot;&apos;&#10;\u{fffd}"
        );
        assert!(matches!(escaped("plain ä"), Cow::Borrowed(_)));
    }
}
