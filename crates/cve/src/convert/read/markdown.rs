//! The sections of an advisory written in Markdown.

/// A section of Markdown: its heading, and the text up to the next one.
pub(super) struct Section<'a> {
    /// The heading; empty for the text before the first one.
    pub(super) heading: &'a str,
    pub(super) text: &'a str,
}

/// Splits Markdown at its headings (`#` to `######`), which those in fenced
/// code are not.
pub(super) fn sections(markdown: &str) -> Vec<Section<'_>> {
    let (mut sections, mut fence) = (Vec::new(), None);
    let (mut heading, mut start, mut at) = ("", 0, 0);
    for line in markdown.split_inclusive('\n') {
        let bare = line.trim();
        match fence {
            None => {
                fence = ["```", "~~~"]
                    .into_iter()
                    .find(|mark| bare.starts_with(mark));
                if let Some(title) = heading_of(line) {
                    let text = markdown[start..at].trim();
                    sections.push(Section { heading, text });
                    (heading, start) = (title, at + line.len());
                }
            }
            Some(mark) if bare.starts_with(mark) => fence = None,
            Some(_) => {}
        }
        at += line.len();
    }
    sections.push(Section {
        heading,
        text: markdown[start..].trim(),
    });
    sections.retain(|section| !section.text.is_empty() || !section.heading.is_empty());
    sections
}

/// The text of a heading line.
///
/// Source: CommonMark 0.31 section 4.2.
fn heading_of(line: &str) -> Option<&str> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let line = line.trim();
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let title = line.get(level..)?;
    let is_heading = indent < 4
        && (1..=6).contains(&level)
        && (title.is_empty() || title.starts_with([' ', '\t']));
    is_heading.then(|| title.trim().trim_end_matches('#').trim())
}

/// A line that begins like a heading, so that it is one no more.
pub(in crate::convert) fn escaped(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| {
            let begins = line.trim_start().trim_start_matches('\\').starts_with('#')
                || line
                    .trim_start()
                    .trim_start_matches('\\')
                    .starts_with("```")
                || line
                    .trim_start()
                    .trim_start_matches('\\')
                    .starts_with("~~~");
            match begins {
                true => {
                    let indent = line.len() - line.trim_start().len();
                    format!("{}\\{}", &line[..indent], &line[indent..])
                }
                false => line.to_owned(),
            }
        })
        .collect();
    lines.join("\n")
}

/// Takes back [`escaped`].
pub(super) fn unescaped(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| {
            let bare = line.trim_start();
            let inner = bare.trim_start_matches('\\');
            let is_escaped = bare.starts_with('\\')
                && ["#", "```", "~~~"]
                    .iter()
                    .any(|mark| inner.starts_with(mark));
            match is_escaped {
                true => format!("{}{}", &line[..line.len() - bare.len()], &bare[1..]),
                false => line.to_owned(),
            }
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(markdown: &str) -> Vec<(&str, &str)> {
        sections(markdown)
            .into_iter()
            .map(|section| (section.heading, section.text))
            .collect()
    }

    #[test]
    fn headings_part_the_text() {
        assert_eq!(
            split("Before\n### Impact\nAnyone.\n\n## Patches ##\n1.2"),
            [("", "Before"), ("Impact", "Anyone."), ("Patches", "1.2")]
        );
    }

    #[test]
    fn a_heading_in_code_is_code() {
        assert_eq!(
            split("```\n# no\n```\n#yes\n"),
            [("", "```\n# no\n```\n#yes")]
        );
    }

    proptest! {
        #[test]
        fn escaping_is_taken_back(text in "([ ]{0,2}\\\\{0,2}[#`~]{0,4} ?[a-z]{0,3}\n){0,5}") {
            prop_assert_eq!(unescaped(&escaped(&text)), text.clone());
            let escaped = escaped(&text);
            prop_assert!(sections(&escaped).iter().all(|section| section.heading.is_empty()));
        }
    }
}
