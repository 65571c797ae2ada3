//! Descriptions.

use super::{Parts, Prose, Walk, english, is_placeholder, quoted};
use crate::check::Key;
use crate::lint::clues::Clue;
use crate::lint::sink::Said;
use crate::lint::table::Id;

/// A description has at least so many characters.
const LEAST: usize = 10;

/// A description that only tells two vulnerabilities apart is no longer.
const SHORT: usize = 140;

/// What CVE JSON 4.0 wrote before a description.
pub(in crate::lint) const PREFIXES: [&str; 6] = [
    "** DISPUTED **",
    "** REJECT **",
    "** RESERVED **",
    "** UNSUPPORTED WHEN ASSIGNED **",
    "** PRODUCT NOT SUPPORTED WHEN ASSIGNED **",
    "** UNVERIFIABLE **",
];

impl<'a> Walk<'a, '_> {
    pub(super) fn descriptions(&mut self, parts: &Parts, prose: &Prose<'_>, is_cna: bool) {
        let doc = self.document;
        if let Some((at, text)) = parts.title.and_then(|at| Some((at, doc.text(at)?))) {
            self.plain_text(at, text);
        }
        for list in parts.prose.into_iter().flatten() {
            self.texts(list);
        }
        let Some(list) = parts.descriptions else {
            return;
        };
        self.texts(list);
        self.english_once(list);
        let mut is_described = false;
        let mut is_short = false;
        for (at, text) in english(&doc, list) {
            is_described = true;
            is_short |= self.one_description(at, text);
        }
        if is_cna && is_described && !is_short {
            self.prose(parts, list, prose);
        }
    }

    /// The texts of a list, in any language.
    pub(super) fn texts(&mut self, list: usize) {
        let doc = self.document;
        for item in doc.items(list) {
            if !doc.is_object(item) {
                continue;
            }
            for at in doc.inside(item) {
                match doc.key(at) {
                    Key::Lang => self.language(at),
                    Key::Value => {
                        if let Some(text) = doc.text(at) {
                            self.plain_text(at, text);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Two entries of one English.
    pub(super) fn english_once(&mut self, list: usize) {
        let doc = self.document;
        let lang = |item: usize| {
            let at = doc.get(item, Key::Lang)?;
            let tag = doc.text(at)?;
            let is_english = tag
                .get(..2)
                .is_some_and(|start| start.eq_ignore_ascii_case("en"));
            is_english.then_some((at, tag))
        };
        // There are a handful of entries; a list made of thousands stops here.
        for (place, item) in doc.items(list).enumerate().take(64) {
            let Some((at, tag)) = lang(item) else {
                continue;
            };
            let mut earlier = doc.items(list).take(place).filter_map(lang);
            if earlier.any(|(_, other)| other.eq_ignore_ascii_case(tag)) {
                self.sink.hit(Id::DescriptionTwice, at, || {
                    format!("the language `{tag}` stands twice, expected one text of it")
                });
            }
        }
    }

    /// Says whether the text is too short to be looked into.
    fn one_description(&mut self, at: usize, text: &str) -> bool {
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            self.sink.hit(Id::DescriptionSpace, at, || {
                let before = text.trim_start().len() < text.len();
                let behind = text.trim_end().len() < text.len();
                let end = match (before, behind) {
                    (true, true) => "around",
                    (true, false) => "before",
                    (false, _) => "behind",
                };
                format!("there is space {end} the text")
            });
        }
        // Forty bytes hold at least ten characters.
        let is_short = trimmed.len() < 4 * LEAST && trimmed.chars().count() < LEAST;
        if is_short {
            self.sink.hit(Id::DescriptionShort, at, || {
                format!(
                    "the description is {}, expected at least {LEAST} characters",
                    quoted(text)
                )
            });
        }
        if trimmed.starts_with("**")
            && let Some(prefix) = PREFIXES.iter().find(|prefix| trimmed.starts_with(**prefix))
            && *prefix != "** REJECT **"
        {
            self.sink.hit(Id::LegacyPrefix, at, || {
                format!("the text begins with `{prefix}`, expected a tag instead")
            });
        }
        if is_placeholder(trimmed) && !is_short {
            self.sink.hit(Id::TextPlaceholder, at, || {
                format!("the text is {}", quoted(text))
            });
        }
        is_short
    }

    /// What the description says, and what it should not say.
    fn prose(&mut self, parts: &Parts, list: usize, prose: &Prose<'_>) {
        let doc = self.document;
        // What is said of all English texts stands at the first.
        let at = english(&doc, list).next().map_or(list, |(at, _)| at);
        let clues = &prose.clues;
        let phrase = |clue| clues.first(clue, prose.text).0;
        for (clue, id, what) in [
            (Clue::Advert, Id::Advertising, "is no part of the matter"),
            (
                Clue::Foreign,
                Id::ForeignName,
                "is the ID of another catalogue",
            ),
            (
                Clue::Void,
                Id::SaysRejected,
                "is what a rejected record says",
            ),
            (Clue::Html, Id::TextHtml, "is markup, expected plain text"),
            (
                Clue::Placeholder,
                Id::TextPlaceholder,
                "is the text of a template",
            ),
        ] {
            if clues.has(clue) {
                self.sink
                    .hit(id, at, || format!("{} {what}", quoted(phrase(clue))));
            }
        }
        if clues.has(Clue::Duplicate) && !clues.has(Clue::Void) {
            self.sink.hit(Id::SaysDuplicate, at, || {
                format!(
                    "{} says that the record should not be",
                    quoted(phrase(Clue::Duplicate))
                )
            });
        }
        if clues.has(Clue::Different) && prose.text.trim().len() < SHORT {
            self.sink.hit(
                Id::OnlyDifferent,
                at,
                || "the description says little but which vulnerability it is not",
            );
        }
        if clues.has(Clue::Credit) {
            self.credit(parts, at, prose);
        }
        let says_type = clues.has(Clue::Weakness);
        let may_say = !says_type && self.sink.wants(Id::NothingInProse);
        if may_say && !self.names_type(parts) && !says_unknown(prose.text) {
            self.sink.hit(
                Id::NothingInProse,
                at,
                || "no problem type names the weakness or impact, and neither does the description",
            );
        } else if !says_type {
            self.sink.hit(
                Id::NamesNoType,
                at,
                || "the description has no word for a weakness or an impact",
            );
        } else if !clues.has(Clue::Template) {
            self.sink.hit(
                Id::NoTemplate,
                at,
                || "the description does not say who can do what",
            );
        }
        self.product_named(parts, at, prose);
    }

    /// A phrase of thanks: certain when a name of `credits` follows.
    fn credit(&mut self, parts: &Parts, at: usize, prose: &Prose<'_>) {
        let doc = self.document;
        let (phrase, end) = prose.clues.first(Clue::Credit, prose.text);
        let behind = prose.text.get(end..).unwrap_or_default();
        let behind = behind.split(['\n', ';']).next().unwrap_or_default();
        let behind = behind.split(". ").next().unwrap_or_default();
        let credits = parts.credits.into_iter().flat_map(|list| doc.items(list));
        let thanked = credits
            .filter_map(|item| doc.text_at(item, Key::Value))
            .find(|name| is_name(name) && behind.contains(&name.trim().to_lowercase()));
        if let Some(name) = thanked {
            self.sink.hit(Id::CreditInText, at, || {
                format!(
                    "the text says `{phrase}` {}, whom `credits` names",
                    quoted(name)
                )
            });
            return;
        }
        // `found by default` and the like are no thanks.
        let next = behind.split_whitespace().next().unwrap_or_default();
        let is_name = !matches!(
            next.trim_matches(|c: char| !c.is_alphanumeric()),
            "" | "default"
                | "an"
                | "a"
                | "the"
                | "any"
                | "using"
                | "remote"
                | "scanning"
                | "attackers"
        );
        if is_name {
            self.sink.hit(Id::CreditPhrase, at, || {
                format!("the text says `{phrase} {next}`, which looks like thanks")
            });
        }
    }

    /// Some word of vendor, product or package stands in the description.
    fn product_named(&mut self, parts: &Parts, at: usize, prose: &Prose<'_>) {
        if !self.sink.wants(Id::NamesNoProduct) {
            return;
        }
        let doc = self.document;
        let mut example = None;
        let items = parts.affected.into_iter().flat_map(|list| doc.items(list));
        for item in items.take(200) {
            for key in [Key::Product, Key::PackageName, Key::Vendor] {
                let Some(name) = doc.text_at(item, key) else {
                    continue;
                };
                if is_placeholder(name) {
                    continue;
                }
                if shares_word(name, prose.text) {
                    return;
                }
                example = example.or(Some(name));
            }
        }
        if let Some(name) = example {
            self.sink.hit(Id::NamesNoProduct, at, || {
                Said::from(format!(
                    "no word of {} or any other product stands in the description",
                    quoted(name)
                ))
            });
        }
    }
}

/// Says whether a credit is a name, and not `a private user`.
fn is_name(credit: &str) -> bool {
    credit.len() > 4 && credit.trim().starts_with(char::is_uppercase)
}

/// Says whether a word of `name` stands in `lower`, which is in lower case.
fn shares_word(name: &str, lower: &str) -> bool {
    let mut word = [0_u8; 64];
    let mut any = false;
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        if part.len() < 2 || part.len() > word.len() {
            continue;
        }
        any = true;
        if part.is_ascii() {
            let word = &mut word[..part.len()];
            word.copy_from_slice(part.as_bytes());
            word.make_ascii_lowercase();
            if memchr::memmem::find(lower.as_bytes(), word).is_some() {
                return true;
            }
        } else if lower.contains(&part.to_lowercase()) || lower.contains(part) {
            return true;
        }
    }
    // A name without a word that could be looked for is not missed.
    !any
}

/// Says whether a description states that nobody knows the type yet, which is
/// what the Program asks for then.
///
/// Source: CNA Rules 5.1.7.1.
fn says_unknown(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let names_it = ["type", "weakness", "root cause", "nature"];
    let is_open = [
        "cannot be determined",
        "could not be determined",
        "not determined",
        "not known",
        "unknown",
        "undetermined",
        "unspecified",
        "not disclosed",
        "undisclosed",
    ];
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    says(&names_it) && says(&is_open)
}
