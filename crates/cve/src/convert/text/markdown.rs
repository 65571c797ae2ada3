//! A record in Markdown.
//!
//! Source: CommonMark 0.31; whatever a record says is escaped.

use super::View;
use super::clean::paragraphs;
use super::view::MARK;

/// Writes the document.
pub(super) fn write(view: &View) -> String {
    let mut text = String::with_capacity(4096);
    line(&mut text, &format!("# {}", inline(&view.headline())));
    line(&mut text, "");
    line(&mut text, &format!("**{}**", inline(&view.id)));
    facts(view, &mut text);
    section(&mut text, "What to do", &view.actions(), true);
    prose(
        &mut text,
        if view.is_rejected {
            "Why it was rejected"
        } else {
            "Summary"
        },
        std::slice::from_ref(&view.summary),
    );
    if !view.replaced_by.is_empty() {
        line(
            &mut text,
            &format!("\nUse {} instead.", inline(&view.replaced_by.join(", "))),
        );
    }
    affected(view, &mut text);
    prose(&mut text, "Required configuration", &view.configurations);
    prose(&mut text, "Workaround", &view.workarounds);
    prose(&mut text, "Exploitation", &view.exploits);
    section(&mut text, "Impact", &view.impacts, false);
    section(&mut text, "Weakness", &view.weaknesses, false);
    references(view, &mut text);
    section(&mut text, "Credits", &view.credits, false);
    let events: Vec<_> = view
        .timeline
        .iter()
        .map(|(day, what)| format!("{day}: {what}"))
        .collect();
    section(&mut text, "Timeline", &events, false);
    text
}

fn facts(view: &View, text: &mut String) {
    line(text, "");
    for score in &view.scores {
        let scenario = if score.scenario.is_empty() {
            String::new()
        } else {
            format!(" ({})", inline(&score.scenario))
        };
        line(
            text,
            &format!(
                "- Severity: **{} {}** by CVSS v{}{scenario}, `{}`",
                score.word, score.value, score.version, score.vector
            ),
        );
    }
    if view.scores.is_empty() && !view.is_rejected {
        line(text, "- Severity: not stated");
    }
    for (name, moment) in [
        ("Public since", view.public),
        ("Published", view.published),
        ("Last revised", view.updated),
    ] {
        if let Some(moment) = moment {
            let revision = match (name, view.revision) {
                ("Last revised", Some(number)) => format!(", revision {number}"),
                _ => String::new(),
            };
            line(text, &format!("- {name}: {}{revision}", moment.date()));
        }
    }
    if !view.publisher.is_empty() {
        let contact = view
            .contact
            .as_ref()
            .map_or_else(String::new, |contact| format!(", {}", inline(contact)));
        line(
            text,
            &format!("- Published by: {}{contact}", inline(&view.publisher)),
        );
    }
    if !view.tags.is_empty() {
        line(text, &format!("- Tags: {}", inline(&view.tags.join(", "))));
    }
}

fn affected(view: &View, text: &mut String) {
    if view.products.is_empty() {
        return;
    }
    line(text, "\n## Affected");
    for product in &view.products {
        line(text, &format!("\n**{}**\n", inline(&product.name)));
        for (name, list) in [
            ("Affected", &product.affected),
            ("Not known", &product.unknown),
            ("Not affected", &product.unaffected),
        ] {
            if !list.is_empty() {
                let words: Vec<_> = list.iter().map(|words| inline(words)).collect();
                line(text, &format!("- {name}: {}", words.join("; ")));
            }
        }
        if !product.fixed.is_empty() {
            let versions: Vec<_> = product.fixed.iter().map(|version| code(version)).collect();
            line(text, &format!("- Fixed in: {}", versions.join(", ")));
        }
    }
}

fn references(view: &View, text: &mut String) {
    if view.references.is_empty() {
        return;
    }
    line(text, "\n## References\n");
    for reference in &view.references {
        let url = reference.url.replace('<', "%3C").replace('>', "%3E");
        let address = if reference.is_link {
            format!("<{url}>")
        } else {
            code(&reference.url)
        };
        match reference.about.as_str() {
            "" => line(text, &format!("- {address}")),
            about => line(text, &format!("- {}: {address}", inline(about))),
        }
    }
}

/// A heading and a list; nothing when the list is empty.
fn section(text: &mut String, heading: &str, items: &[String], as_prose: bool) {
    if as_prose {
        return prose(text, heading, items);
    }
    if items.is_empty() {
        return;
    }
    line(text, &format!("\n## {heading}\n"));
    for item in items {
        let item = item.split_whitespace().collect::<Vec<_>>().join(" ");
        line(text, &format!("- {}", inline(&item)));
    }
}

/// A heading and paragraphs; nothing when there are none.
fn prose(text: &mut String, heading: &str, items: &[String]) {
    let all: Vec<String> = items.iter().flat_map(|item| paragraphs(item)).collect();
    if all.is_empty() {
        return;
    }
    line(text, &format!("\n## {heading}"));
    for paragraph in all {
        text.push('\n');
        let lines: Vec<_> = paragraph
            .lines()
            .map(|line| block_line(line.trim_start()))
            .collect();
        // A break of the writer's stays one.
        line(text, &lines.join("\\\n"));
    }
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

/// A line of a paragraph, which may not begin a list, a heading or a rule.
fn block_line(line: &str) -> String {
    let escaped = inline(line);
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    let after = escaped.as_bytes().get(digits);
    if digits > 0 && matches!(after, Some(b'.' | b')')) {
        return format!("{}\\{}", &escaped[..digits], &escaped[digits..]);
    }
    match escaped.as_bytes().first() {
        Some(b'-' | b'+' | b'=' | b':') => format!("\\{escaped}"),
        _ => escaped,
    }
}

/// A text with everything escaped that Markdown would read; marked versions
/// as code.
fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for (place, part) in text.split(MARK).enumerate() {
        if place % 2 == 1 {
            escaped.push_str(&code(part));
            continue;
        }
        for c in part.chars() {
            if matches!(
                c,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '$'
            ) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    escaped
}

/// A text as code, with more ticks around than it has inside.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{ticks} {text} {ticks}"),
        false => format!("{ticks}{text}{ticks}"),
    }
}
