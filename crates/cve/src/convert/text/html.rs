//! A record as a fragment of HTML: one `article`, without scripts, styles,
//! images and anything else that loads.
//!
//! Source: WHATWG HTML; whatever a record says is escaped.

use super::View;
use super::clean::{escape_markup as escaped, paragraphs};
use super::view::MARK;

/// Writes the fragment.
pub(super) fn write(view: &View) -> String {
    let mut html = String::with_capacity(4096);
    let id = escaped(&view.id);
    html.push_str(&format!(
        "<article class=\"cve-advisory\" id=\"{id}\" lang=\"en\">\n"
    ));
    html.push_str(&format!("<h2>{}</h2>\n", escaped(&view.headline())));
    facts(view, &mut html);
    prose(&mut html, "What to do", &view.actions());
    prose(
        &mut html,
        if view.is_rejected {
            "Why it was rejected"
        } else {
            "Summary"
        },
        std::slice::from_ref(&view.summary),
    );
    if !view.replaced_by.is_empty() {
        html.push_str(&format!(
            "<p>Use {} instead.</p>\n",
            escaped(&view.replaced_by.join(", "))
        ));
    }
    affected(view, &mut html);
    prose(&mut html, "Required configuration", &view.configurations);
    prose(&mut html, "Workaround", &view.workarounds);
    prose(&mut html, "Exploitation", &view.exploits);
    list(&mut html, "Impact", &view.impacts);
    list(&mut html, "Weakness", &view.weaknesses);
    references(view, &mut html);
    list(&mut html, "Credits", &view.credits);
    let events: Vec<_> = view
        .timeline
        .iter()
        .map(|(day, what)| format!("{day}: {what}"))
        .collect();
    list(&mut html, "Timeline", &events);
    html.push_str("</article>\n");
    html
}

fn facts(view: &View, html: &mut String) {
    html.push_str("<dl>\n");
    let mut fact =
        |name: &str, value: &str| html.push_str(&format!("<dt>{name}</dt><dd>{value}</dd>\n"));
    fact("CVE ID", &escaped(&view.id));
    for score in &view.scores {
        let scenario = if score.scenario.is_empty() {
            String::new()
        } else {
            format!(" ({})", escaped(&score.scenario))
        };
        fact(
            "Severity",
            &format!(
                "{} {} by CVSS v{}{scenario} <code>{}</code>",
                score.word,
                score.value,
                score.version,
                escaped(&score.vector)
            ),
        );
    }
    if view.scores.is_empty() && !view.is_rejected {
        fact("Severity", "not stated");
    }
    for (name, moment) in [
        ("Public since", view.public),
        ("Published", view.published),
        ("Last revised", view.updated),
    ] {
        if let Some(moment) = moment {
            let day = moment.date();
            let revision = match (name, view.revision) {
                ("Last revised", Some(number)) => format!(", revision {number}"),
                _ => String::new(),
            };
            fact(
                name,
                &format!("<time datetime=\"{moment}\">{day}</time>{revision}"),
            );
        }
    }
    if !view.publisher.is_empty() {
        let contact = view
            .contact
            .as_ref()
            .map_or_else(String::new, |contact| format!(", {}", escaped(contact)));
        fact(
            "Published by",
            &format!("{}{contact}", escaped(&view.publisher)),
        );
    }
    if !view.tags.is_empty() {
        fact("Tags", &escaped(&view.tags.join(", ")));
    }
    html.push_str("</dl>\n");
}

fn affected(view: &View, html: &mut String) {
    if view.products.is_empty() {
        return;
    }
    html.push_str("<h3>Affected</h3>\n");
    for product in &view.products {
        html.push_str(&format!("<h4>{}</h4>\n<dl>\n", escaped(&product.name)));
        for (name, list) in [
            ("Affected", &product.affected),
            ("Not known", &product.unknown),
            ("Not affected", &product.unaffected),
        ] {
            if !list.is_empty() {
                let words: Vec<_> = list.iter().map(|words| inline(words)).collect();
                html.push_str(&format!("<dt>{name}</dt><dd>{}</dd>\n", words.join("; ")));
            }
        }
        if !product.fixed.is_empty() {
            let versions: Vec<_> = product
                .fixed
                .iter()
                .map(|version| format!("<code>{}</code>", escaped(version)))
                .collect();
            html.push_str(&format!(
                "<dt>Fixed in</dt><dd>{}</dd>\n",
                versions.join(", ")
            ));
        }
        html.push_str("</dl>\n");
    }
}

fn references(view: &View, html: &mut String) {
    if view.references.is_empty() {
        return;
    }
    html.push_str("<h3>References</h3>\n<ul>\n");
    for reference in &view.references {
        let url = escaped(&reference.url);
        let about = if reference.about.is_empty() {
            url.clone()
        } else {
            escaped(&reference.about)
        };
        match reference.is_link {
            true => html.push_str(&format!(
                "<li><a href=\"{url}\" rel=\"noopener noreferrer nofollow\">{about}</a></li>\n"
            )),
            false if reference.about.is_empty() => {
                html.push_str(&format!("<li><code>{url}</code></li>\n"))
            }
            false => html.push_str(&format!("<li>{about}: <code>{url}</code></li>\n")),
        }
    }
    html.push_str("</ul>\n");
}

fn list(html: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    html.push_str(&format!("<h3>{heading}</h3>\n<ul>\n"));
    for item in items {
        html.push_str(&format!("<li>{}</li>\n", inline(item)));
    }
    html.push_str("</ul>\n");
}

fn prose(html: &mut String, heading: &str, items: &[String]) {
    let all: Vec<String> = items.iter().flat_map(|item| paragraphs(item)).collect();
    if all.is_empty() {
        return;
    }
    html.push_str(&format!("<h3>{heading}</h3>\n"));
    for paragraph in all {
        let lines: Vec<_> = paragraph
            .lines()
            .map(|line| inline(line.trim_start()))
            .collect();
        html.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
    }
}

/// An escaped text, marked versions as code.
fn inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for (place, part) in text.split(MARK).enumerate() {
        match place % 2 {
            0 => html.push_str(&escaped(part)),
            _ => html.push_str(&format!("<code>{}</code>", escaped(part))),
        }
    }
    html
}
