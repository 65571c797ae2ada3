//! Markdown, as HTML that can do nothing but be read.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Options, Parser, html};

/// Markdown as HTML that went through the sanitiser. Only [`Prose::new`]
/// makes one, so templates may print it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prose(String);

/// What Markdown may become. No images: they would load something, and tell
/// another host who reads what.
const TAGS: [&str; 23] = [
    "a",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "td",
    "th",
    "ul",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().chain(["thead", "tbody", "tr"]).collect())
        .clean_content_tags(HashSet::from(["script", "style", "title", "textarea"]))
        .add_tag_attributes("a", &["href"])
        .add_tag_attributes("ol", &["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // A relative link would point into this server, wherever it is read.
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .strip_comments(true);
    builder
});

impl Prose {
    /// Reads Markdown.
    ///
    /// Takes: any text; raw HTML in it is shown as far as the sanitiser lets
    /// it. Headings are lowered by two levels, below those of the page.
    pub(crate) fn new(markdown: &str) -> Prose {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let events = Parser::new_ext(markdown, options).map(lowered);
        let mut text = String::with_capacity(markdown.len() * 3 / 2);
        html::push_html(&mut text, events);
        Prose(SANITISER.clean(&text).to_string())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

fn lowered(event: pulldown_cmark::Event<'_>) -> pulldown_cmark::Event<'_> {
    use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};
    let lower = |level| match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    };
    match event {
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: lower(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Prose {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_load_or_pretend_is_taken_out() {
        for (markdown, forbidden) in [
            ("<script>alert(1)</script>", "alert"),
            ("[x](javascript:alert(1))", "javascript"),
            ("[x](JaVaScRiPt:alert(1))", "alert"),
            ("[x](data:text/html,<b>)", "data:"),
            ("![x](https://elsewhere.example/i.png)", "elsewhere"),
            ("<img src=x onerror=alert(1)>", "onerror"),
            ("<p onclick='x()'>a</p>", "onclick"),
            ("<form action=/sign-out><button>x</button></form>", "form"),
            ("<style>body{display:none}</style>", "display"),
            ("<p style='position:fixed'>a</p>", "style"),
            ("<p class=alert id=next>a</p>", "class"),
            ("<svg><a xlink:href=javascript:x>a</a></svg>", "xlink"),
            ("<iframe src=//a></iframe>", "iframe"),
            ("[x](/sign-out)", "sign-out"),
            ("# Title", "<h1"),
        ] {
            let html = Prose::new(markdown).to_string();
            assert!(!html.contains(forbidden), "{markdown}: {html}");
        }
    }

    #[test]
    fn ordinary_prose_is_kept() {
        let html = Prose::new("Update to `1.4.3`:\n\n1. stop\n2. [read](https://a.example/)");
        let html = html.to_string();
        assert!(html.contains("<code>1.4.3</code>"), "{html}");
        assert!(html.contains("<li>stop</li>"), "{html}");
        let link = "<a href=\"https://a.example/\" rel=\"noopener noreferrer nofollow\">";
        assert!(html.contains(link), "{html}");
    }
}
