//! Markdown, as HTML that can do nothing but be read.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

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
        .generic_attributes(HashSet::new())
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

/// How deep lists and quotes may lie in each other.
///
/// Source: our choice; nobody writes that deep, and the time the sanitiser
/// takes grows with the square of the depth.
const DEEPEST: u32 = 40;

impl Prose {
    /// Reads Markdown.
    ///
    /// Takes: any text. HTML in it is shown as text, as reports quote it.
    /// Headings are lowered by two levels, below those of the page. A text
    /// that nests deeper than [`DEEPEST`] is shown as it was written.
    pub(crate) fn new(markdown: &str) -> Prose {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut depth = 0_u32;
        let mut events = Vec::new();
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                return Prose::verbatim(markdown);
            }
            events.push(shown(event));
        }
        let mut text = String::with_capacity(markdown.len() * 3 / 2);
        html::push_html(&mut text, events.into_iter());
        Prose(SANITISER.clean(&text).to_string())
    }

    fn verbatim(text: &str) -> Prose {
        let text = Event::Text(text.into());
        let block = Tag::CodeBlock(CodeBlockKind::Indented);
        let events = [Event::Start(block), text, Event::End(TagEnd::CodeBlock)];
        let mut text = String::new();
        html::push_html(&mut text, events.into_iter());
        Prose(text)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// The event as it is shown: headings lowered, HTML as text.
fn shown(event: Event<'_>) -> Event<'_> {
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
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
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
            ("<script>alert(1)</script>", "<script"),
            ("[x](javascript:alert(1))", "javascript"),
            ("[x](JaVaScRiPt:alert(1))", "alert"),
            ("[x](data:text/html,<b>)", "data:"),
            ("![x](https://elsewhere.example/i.png)", "elsewhere"),
            ("<img src=x onerror=alert(1)>", "<img"),
            ("a <b onclick='x()'>c</b>", "<b"),
            ("<form action=/sign-out><button>x</button></form>", "<form"),
            ("<style>body{display:none}</style>", "<style"),
            ("<svg><a xlink:href=javascript:x>a</a></svg>", "<svg"),
            ("[x](/sign-out)", "sign-out"),
            ("[x](//elsewhere.example/)", "elsewhere"),
            ("# Title", "<h1"),
            ("[x](https://a.example/ \"title\")", "title="),
        ] {
            let html = Prose::new(markdown).to_string();
            assert!(!html.contains(forbidden), "{markdown}: {html}");
        }
    }

    #[test]
    fn html_is_shown_as_text() {
        for (markdown, html) in [
            ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
            (
                "Send `<script>`",
                "<p>Send <code>&lt;script&gt;</code></p>\n",
            ),
            (
                "<script>\nalert(1)\n</script>",
                "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>\n",
            ),
        ] {
            assert_eq!(Prose::new(markdown).to_string(), html);
        }
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let worst = |text: &str| Prose::new(&text.repeat(64 * 1024 / text.len())).0.len();
        for text in [">", "* ", "<div>", "<b>", "[", "*a_", "1) "] {
            let text = text.to_owned();
            // As much stack as a thread the router crosses to has.
            let thread = std::thread::Builder::new().stack_size(2 << 20);
            thread.spawn(move || worst(&text)).unwrap().join().unwrap();
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
