//! Texts of a record, made fit for documents.

/// A text without characters that mangle or pretend: control characters but
/// for line ends and tabs, and those that turn the direction of writing.
///
/// Source: XML 1.0 section 2.2; Unicode Bidirectional Algorithm (UAX 9),
/// explicit formatting characters, for what must not reach a mail.
pub(in crate::convert) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| is_kept(*c)).collect()
}

/// A text on one line, its runs of white space as one space.
pub(in crate::convert) fn one_line(text: &str) -> String {
    let text: String = text.chars().filter(|c| is_kept(*c)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_kept(c: char) -> bool {
    let turns = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    let is_none = matches!(c, '\u{FFFE}' | '\u{FFFF}');
    !turns && !is_none && (!c.is_control() || matches!(c, '\n' | '\t'))
}

/// A text with the five characters of markup escaped, for HTML and XML.
pub(in crate::convert) fn escape_markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The paragraphs of a text: parted by empty lines, without white space at
/// the ends of lines.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        match line.trim_end() {
            "" if lines.is_empty() => {}
            "" => paragraphs.push(std::mem::take(&mut lines).join("\n")),
            line => lines.push(line),
        }
    }
    if !lines.is_empty() {
        paragraphs.push(lines.join("\n"));
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mangles_or_pretends_is_taken_out() {
        assert_eq!(
            clean("a\u{0}b\u{1b}[31mc\r\nd\re\u{202e}f"),
            "ab[31mc\nd\nef"
        );
        assert_eq!(one_line(" a\n\tb\u{7} "), "a b");
    }

    #[test]
    fn paragraphs_are_parted_by_empty_lines() {
        assert_eq!(paragraphs("a \nb\n\n \n\nc"), ["a\nb", "c"]);
        assert!(paragraphs(" \n").is_empty());
    }
}
