//! A record as plain text for a mail: a subject, and lines of at most 76
//! characters. Addresses and vectors are never broken.
//!
//! Source: RFC 5322 section 2.1.1 for the length of lines; mbox for the line
//! that may not begin with `From `.

use super::View;
use super::clean::paragraphs;
use super::view::MARK;

/// The longest line, in characters.
const WIDTH: usize = 76;

/// Writes the mail: its subject, an empty line, and the text.
pub(super) fn write(view: &View) -> String {
    let mut text = format!("Subject: {}\n\n", subject(view));
    let headline = match view.is_rejected {
        true => view.headline(),
        false => format!("{}: {}", view.id, view.headline()),
    };
    for line in wrapped(&headline, "", "") {
        push(&mut text, &line);
    }
    push(&mut text, &"=".repeat(headline.chars().count().min(WIDTH)));
    facts(view, &mut text);
    prose(&mut text, "What to do", &view.actions());
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
        text.push('\n');
        for line in wrapped(
            &format!("Use {} instead.", view.replaced_by.join(", ")),
            "",
            "",
        ) {
            push(&mut text, &line);
        }
    }
    affected(view, &mut text);
    prose(&mut text, "Required configuration", &view.configurations);
    prose(&mut text, "Workaround", &view.workarounds);
    prose(&mut text, "Exploitation", &view.exploits);
    list(&mut text, "Impact", &view.impacts);
    list(&mut text, "Weakness", &view.weaknesses);
    references(view, &mut text);
    list(&mut text, "Credits", &view.credits);
    let events: Vec<_> = view
        .timeline
        .iter()
        .map(|(day, what)| format!("{day}: {what}"))
        .collect();
    list(&mut text, "Timeline", &events);
    close(view, &mut text);
    text
}

/// A subject that says which, how bad and what.
fn subject(view: &View) -> String {
    const MOST: usize = 160;
    let severity = match view.scores.first() {
        Some(score) if !view.is_rejected => format!(" [{}]", score.word.to_lowercase()),
        _ => String::new(),
    };
    let subject = match view.is_rejected {
        true => view.headline(),
        false => format!("{}{severity}: {}", view.id, view.headline()),
    };
    match subject.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", subject[..end].trim_end()),
        None => subject,
    }
}

/// Severity and dates in two columns.
fn facts(view: &View, text: &mut String) {
    text.push('\n');
    let mut fact = |name: &str, value: &str| {
        let first = format!("{:<13}", format!("{name}:"));
        for line in wrapped(value, &first, &" ".repeat(13)) {
            push(text, &line);
        }
    };
    for score in &view.scores {
        let scenario = if score.scenario.is_empty() {
            String::new()
        } else {
            format!(", {}", score.scenario)
        };
        fact(
            "Severity",
            &format!(
                "{}, {} by CVSS v{}{scenario}",
                score.word, score.value, score.version
            ),
        );
        fact("Vector", &score.vector);
    }
    if view.scores.is_empty() && !view.is_rejected {
        fact("Severity", "not stated");
    }
    for (name, moment) in [
        ("Public", view.public),
        ("Published", view.published),
        ("Revised", view.updated),
    ] {
        if let Some(moment) = moment {
            match (name, view.revision) {
                ("Revised", Some(number)) => {
                    fact(name, &format!("{}, revision {number}", moment.date()))
                }
                _ => fact(name, &moment.date()),
            }
        }
    }
    if !view.tags.is_empty() {
        fact("Tags", &view.tags.join(", "));
    }
    fact("Online", &view.address);
}

fn affected(view: &View, text: &mut String) {
    if view.products.is_empty() {
        return;
    }
    heading(text, "Affected");
    for (place, product) in view.products.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        for line in wrapped(&product.name, "", "  ") {
            push(text, &line);
        }
        let fixed = product.fixed.join(", ");
        for (name, words) in [
            ("affected", product.affected.join("; ")),
            ("not known", product.unknown.join("; ")),
            ("not affected", product.unaffected.join("; ")),
            ("fixed in", fixed),
        ] {
            if !words.is_empty() {
                for line in wrapped(
                    &plain(&words),
                    &format!("  {:<14}", format!("{name}:")),
                    &" ".repeat(16),
                ) {
                    push(text, &line);
                }
            }
        }
    }
}

fn references(view: &View, text: &mut String) {
    if view.references.is_empty() {
        return;
    }
    heading(text, "References");
    for reference in &view.references {
        if reference.about.is_empty() {
            push(text, &format!("* {}", reference.url));
        } else {
            for line in wrapped(&format!("{}:", reference.about), "* ", "  ") {
                push(text, &line);
            }
            push(text, &format!("  {}", reference.url));
        }
    }
}

/// Who sent it, and how to reach them.
fn close(view: &View, text: &mut String) {
    if view.publisher.is_empty() {
        return;
    }
    let contact = view
        .contact
        .as_ref()
        .map_or_else(String::new, |contact| format!(", {contact}"));
    text.push('\n');
    for line in wrapped(&format!("{}{contact}", view.publisher), "", "") {
        push(text, &line);
    }
}

fn heading(text: &mut String, name: &str) {
    text.push('\n');
    push(text, name);
    push(text, &"-".repeat(name.chars().count()));
    text.push('\n');
}

fn list(text: &mut String, name: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    heading(text, name);
    for item in items {
        for line in wrapped(&plain(item), "* ", "  ") {
            push(text, &line);
        }
    }
}

fn prose(text: &mut String, name: &str, items: &[String]) {
    let all: Vec<String> = items.iter().flat_map(|item| paragraphs(item)).collect();
    if all.is_empty() {
        return;
    }
    heading(text, name);
    for (place, paragraph) in all.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        for line in paragraph.lines() {
            for line in wrapped(&plain(line), "", "") {
                push(text, &line);
            }
        }
    }
}

/// A text without the marks around versions.
fn plain(text: &str) -> String {
    text.replace(MARK, "")
}

/// Adds a line, made so that no mail program takes it for something else:
/// `From ` begins a mail in a mailbox, a full stop alone ends one on its way.
fn push(text: &mut String, line: &str) {
    let line = line.trim_end();
    let is_taken =
        line.starts_with("From ") || line == "From" || line.starts_with('.') || line == "--";
    if is_taken {
        text.push(' ');
    }
    text.push_str(line);
    text.push('\n');
}

/// Breaks a text between words. A word that is longer than a line stands
/// alone, unbroken.
fn wrapped(text: &str, first: &str, rest: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = first.to_owned();
    let mut is_bare = true;
    for word in text.split_whitespace() {
        // One column is left for what a mail program must not take.
        let needed = line.chars().count() + usize::from(!is_bare) + word.chars().count();
        if !is_bare && needed >= WIDTH {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            is_bare = true;
        }
        if !is_bare {
            line.push(' ');
        }
        line.push_str(word);
        is_bare = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_that_mail_would_mangle_are_indented() {
        let mut text = String::new();
        for line in ["From here on", ".", "--", "Fromage"] {
            push(&mut text, line);
        }
        assert_eq!(text, " From here on\n .\n --\nFromage\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_a_mail_unless_it_is_one_word(text in "([a-z.]{1,20} ?){0,60}") {
            for line in wrapped(&text, "* ", "  ") {
                let one_word = line.split_whitespace().filter(|word| *word != "*").count() <= 1;
                prop_assert!(line.chars().count() < WIDTH || one_word, "{line}");
            }
        }

        #[test]
        fn no_word_is_lost(text in "([a-z.]{1,90} ?){0,20}") {
            let joined = wrapped(&text, "", "").join(" ");
            prop_assert!(joined.split_whitespace().eq(text.split_whitespace()));
        }
    }
}
