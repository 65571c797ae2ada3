//! RSS 2.0.
//!
//! Source: RSS 2.0 specification; RFC 822 section 5 for dates, with years of
//! four digits.

use super::Feed;
use super::atom::element;
use crate::convert::text::{self, escape_markup as escaped};
use crate::time::Timestamp;

/// Writes the feed.
pub(super) fn write(feed: &Feed) -> String {
    let mut xml = String::with_capacity(4096 * (feed.entries.len() + 1));
    xml.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n  <channel>\n");
    element(&mut xml, 2, "title", &feed.title);
    element(&mut xml, 2, "link", &feed.home);
    element(&mut xml, 2, "description", &feed.description);
    element(&mut xml, 2, "language", "en");
    element(&mut xml, 2, "lastBuildDate", &rfc822(feed.updated));
    element(
        &mut xml,
        2,
        "generator",
        concat!("cna ", env!("CARGO_PKG_VERSION")),
    );
    if let Some(address) = &feed.address {
        xml.push_str(&format!(
            "    <atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{}\"/>\n",
            escaped(address)
        ));
    }
    for entry in &feed.entries {
        xml.push_str("    <item>\n");
        element(&mut xml, 3, "title", &entry.title());
        element(&mut xml, 3, "link", &entry.view.address);
        xml.push_str(&format!(
            "      <guid isPermaLink=\"false\">{}</guid>\n",
            escaped(&feed.id_of(Some(entry)))
        ));
        element(&mut xml, 3, "pubDate", &rfc822(entry.updated));
        for category in entry.categories() {
            element(&mut xml, 3, "category", &category);
        }
        element(&mut xml, 3, "description", &text::fragment(&entry.view));
        xml.push_str("    </item>\n");
    }
    xml.push_str("  </channel>\n</rss>\n");
    xml
}

/// A moment as `Sat, 03 Nov 2026 10:00:00 +0000`.
fn rfc822(moment: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // 1970-01-01 was a Thursday.
    let day = moment.unix_ms().div_euclid(86_400_000).rem_euclid(7);
    let day = DAYS[usize::try_from(day).unwrap_or_default()];
    // Always 24 characters of ASCII.
    let text = moment.to_string();
    let month = text[5..7].parse::<usize>().unwrap_or(1);
    format!(
        "{day}, {} {} {} {} +0000",
        &text[8..10],
        MONTHS[(month + 11) % 12],
        &text[..4],
        &text[11..19]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_mail() {
        for (text, mail) in [
            (
                "2026-11-03T10:00:00.000Z",
                "Tue, 03 Nov 2026 10:00:00 +0000",
            ),
            (
                "1970-01-01T00:00:00.000Z",
                "Thu, 01 Jan 1970 00:00:00 +0000",
            ),
            (
                "1900-01-05T23:59:59.999Z",
                "Fri, 05 Jan 1900 23:59:59 +0000",
            ),
            (
                "2024-02-29T12:00:00.000Z",
                "Thu, 29 Feb 2024 12:00:00 +0000",
            ),
        ] {
            assert_eq!(rfc822(text.parse().unwrap()), mail);
        }
    }
}
