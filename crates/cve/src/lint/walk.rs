//! Leads the rules through a document.

mod affected;
mod cvelint;
mod description;
mod facts;
mod metrics;
mod references;
mod rejected;
mod text;
mod versions;
mod weakness;

use super::clues::Clues;
use super::context::Context;
use super::settings::{Organisation, Profile};
use super::sink::Sink;
use crate::check::{Document, Key, Kind};

pub(super) use description::PREFIXES;
pub(super) use references::is_copy;
pub(super) use text::names_language;
pub(super) use weakness::leading_id;

/// Where a document holds what the rules are about.
pub(super) struct Place<'a> {
    pub(super) metadata: Option<usize>,
    /// The container of the CNA, or of the ADP that the document is of.
    pub(super) container: Option<usize>,
    pub(super) state: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) is_rejected: bool,
}

impl<'a> Place<'a> {
    pub(super) fn of(doc: &Document<'a>, kind: Kind) -> Place<'a> {
        let metadata = match kind {
            Kind::Record => doc.get(0, Key::CveMetadata),
            _ => None,
        };
        let container = match kind {
            Kind::Record => doc
                .get(0, Key::Containers)
                .and_then(|all| doc.get(all, Key::Cna)),
            Kind::PublishedBody | Kind::RejectedBody => doc.get(0, Key::CnaContainer),
            Kind::AdpBody => doc.get(0, Key::AdpContainer),
            _ => Some(0),
        };
        let text = |key| metadata.and_then(|metadata| doc.text_at(metadata, key));
        let state = text(Key::State);
        let is_rejected = match kind {
            Kind::Record => state == Some("REJECTED"),
            Kind::RejectedContainer | Kind::RejectedBody => true,
            _ => false,
        };
        Place {
            metadata,
            container,
            state,
            id: text(Key::CveId),
            is_rejected,
        }
    }
}

/// One pass of the rules over a document.
pub(super) struct Walk<'a, 'c> {
    pub(super) document: Document<'a>,
    pub(super) sink: Sink<'a>,
    pub(super) context: &'a Context<'c>,
    pub(super) organisation: Option<Organisation>,
    pub(super) scratch: &'a mut Scratch,
}

/// Memory that is used again for the next document.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// The English descriptions in lower case, one behind the other.
    lower: String,
    /// Prints of the references, each with its index.
    prints: Vec<(u64, u32)>,
}

/// The parts of a container, as indices of the outline.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    container: usize,
    title: Option<usize>,
    descriptions: Option<usize>,
    affected: Option<usize>,
    cpe_applicability: Option<usize>,
    problem_types: Option<usize>,
    references: Option<usize>,
    metrics: Option<usize>,
    prose: [Option<usize>; 4],
    timeline: Option<usize>,
    credits: Option<usize>,
    source: Option<usize>,
    tags: Option<usize>,
    rejected_reasons: Option<usize>,
    replaced_by: Option<usize>,
}

impl Parts {
    fn of(document: &Document<'_>, container: usize) -> Parts {
        let mut parts = Parts {
            container,
            ..Parts::default()
        };
        if !document.is_object(container) {
            return parts;
        }
        for at in document.inside(container) {
            let place = match document.key(at) {
                Key::Title => &mut parts.title,
                Key::Descriptions => &mut parts.descriptions,
                Key::Affected => &mut parts.affected,
                Key::CpeApplicability => &mut parts.cpe_applicability,
                Key::ProblemTypes => &mut parts.problem_types,
                Key::References => &mut parts.references,
                Key::Metrics => &mut parts.metrics,
                Key::Configurations => &mut parts.prose[0],
                Key::Workarounds => &mut parts.prose[1],
                Key::Solutions => &mut parts.prose[2],
                Key::Exploits => &mut parts.prose[3],
                Key::Timeline => &mut parts.timeline,
                Key::Credits => &mut parts.credits,
                Key::Source => &mut parts.source,
                Key::Tags => &mut parts.tags,
                Key::RejectedReasons => &mut parts.rejected_reasons,
                Key::ReplacedBy => &mut parts.replaced_by,
                _ => continue,
            };
            *place = Some(at);
        }
        parts
    }
}

/// What the description says, in lower case.
struct Prose<'t> {
    text: &'t str,
    clues: Clues,
}

impl<'a> Walk<'a, '_> {
    pub(super) fn run(&mut self, kind: Kind, profile: Profile) {
        let doc = self.document;
        let place = Place::of(&doc, kind);
        if profile == Profile::Cvelint {
            return self.cvelint(kind, &place);
        }
        let Some(container) = place.container else {
            return;
        };
        let parts = Parts::of(&doc, container);
        let ledger = self.context.ledger.map(|row| row.id.as_str());
        let id = place.id.or(ledger);
        let is_cna = !matches!(kind, Kind::AdpContainer | Kind::AdpBody);
        if is_cna {
            self.identity(place.metadata.unwrap_or(0), id);
        }
        if place.is_rejected {
            self.rejected(&parts, id);
        } else {
            self.published(&parts, id, is_cna);
        }
    }

    fn published(&mut self, parts: &Parts, id: Option<&str>, is_cna: bool) {
        let mut lower = std::mem::take(&mut self.scratch.lower);
        self.lower_descriptions(parts, &mut lower);
        let prose = Prose {
            text: &lower,
            clues: Clues::read(lower.as_bytes()),
        };
        self.descriptions(parts, &prose, is_cna);
        self.affected(parts, &prose, is_cna);
        self.weaknesses(parts, is_cna);
        self.metrics(parts, is_cna);
        self.references(parts, id, is_cna);
        if is_cna {
            self.tags(parts, &prose);
            self.published_facts(parts, id, &prose);
        }
        self.scratch.lower = lower;
    }

    /// Writes the English descriptions in lower case to `lower`.
    fn lower_descriptions(&self, parts: &Parts, lower: &mut String) {
        lower.clear();
        let doc = self.document;
        for (_, text) in parts
            .descriptions
            .into_iter()
            .flat_map(|list| english(&doc, list))
        {
            lower.push_str(text);
            lower.push('\n');
        }
        lower.make_ascii_lowercase();
    }
}

/// The texts of a list of descriptions that are in English, each with its
/// index.
fn english<'a>(doc: &Document<'a>, list: usize) -> impl Iterator<Item = (usize, &'a str)> {
    let doc = *doc;
    doc.items(list).filter_map(move |item| {
        let lang = doc.text_at(item, Key::Lang)?;
        let at = doc.get(item, Key::Value)?;
        let text = doc.text(at)?;
        is_english(lang).then_some((at, text))
    })
}

fn is_english(lang: &str) -> bool {
    lang.get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("en"))
        && !lang.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic)
}

/// The text in back-quotes, cut to sixty characters.
fn quoted(text: &str) -> String {
    crate::check::quoted(text.as_bytes())
}

/// Says whether a text stands where somebody had nothing to say.
fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "",
        "-",
        "--",
        "/",
        "?",
        "*",
        "n/a",
        "n.a.",
        "na",
        "none",
        "null",
        "tbd",
        "unknown",
        "undefined",
        "unspecified",
        "not applicable",
    ];
    // Most names begin with another letter than any of the words.
    let may_be = |byte: u8| matches!(byte, b'-' | b'/' | b'?' | b'*' | b'n' | b't' | b'u');
    let text = text.trim();
    text.len() <= 14
        && text
            .as_bytes()
            .first()
            .is_none_or(|byte| may_be(byte.to_ascii_lowercase()))
        && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}
