//! Atom.
//!
//! Source: RFC 4287.

use super::Feed;
use crate::convert::text::{self, escape_markup as escaped};

/// Writes the feed.
pub(super) fn write(feed: &Feed) -> String {
    let mut xml = String::with_capacity(4096 * (feed.entries.len() + 1));
    xml.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n");
    element(&mut xml, 1, "id", &feed.id_of(None));
    element(&mut xml, 1, "title", &feed.title);
    element(&mut xml, 1, "subtitle", &feed.description);
    element(&mut xml, 1, "updated", &feed.updated.to_string());
    xml.push_str(&format!(
        "  <author><name>{}</name></author>\n",
        escaped(&feed.author)
    ));
    if let Some(address) = &feed.address {
        xml.push_str(&format!(
            "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n",
            escaped(address)
        ));
    }
    xml.push_str(&format!(
        "  <link rel=\"alternate\" href=\"{}\"/>\n",
        escaped(&feed.home)
    ));
    xml.push_str(&format!(
        "  <generator version=\"{}\">cna</generator>\n",
        env!("CARGO_PKG_VERSION")
    ));
    for entry in &feed.entries {
        xml.push_str("  <entry>\n");
        element(&mut xml, 2, "id", &feed.id_of(Some(entry)));
        element(&mut xml, 2, "title", &entry.title());
        element(&mut xml, 2, "published", &entry.published.to_string());
        element(&mut xml, 2, "updated", &entry.updated.to_string());
        xml.push_str(&format!(
            "    <link rel=\"alternate\" href=\"{}\"/>\n",
            escaped(&entry.view.address)
        ));
        if let Some(document) = &entry.document {
            xml.push_str(&format!(
                "    <link rel=\"related\" type=\"application/json\" href=\"{}\"/>\n",
                escaped(document)
            ));
        }
        for category in entry.categories() {
            xml.push_str(&format!(
                "    <category term=\"{}\"/>\n",
                escaped(&category)
            ));
        }
        element(&mut xml, 2, "summary", &text::one_line(&entry.view.summary));
        // The markup is text in XML: escaped once more.
        let content = escaped(&text::fragment(&entry.view));
        xml.push_str(&format!(
            "    <content type=\"html\">{content}</content>\n  </entry>\n"
        ));
    }
    xml.push_str("</feed>\n");
    xml
}

/// An element that holds a text.
pub(super) fn element(xml: &mut String, depth: usize, name: &str, content: &str) {
    let indent = "  ".repeat(depth);
    xml.push_str(&format!("{indent}<{name}>{}</{name}>\n", escaped(content)));
}
