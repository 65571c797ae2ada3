//! The parts of a record that a target has no place for.

use super::content::containers;
use super::loss::Loss;
use super::record::{Container, Prose, Record, is_english};

/// A part of a container that a target may have no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Title,
    Descriptions,
    Affected,
    CpeApplicability,
    ProblemTypes,
    References,
    Impacts,
    Metrics,
    Configurations,
    Workarounds,
    Solutions,
    Exploits,
    Timeline,
    Credits,
    Source,
    Tags,
    TaxonomyMappings,
    DateAssigned,
    DatePublic,
    /// Texts in languages other than English.
    Languages,
    /// Texts in media types other than plain text.
    Media,
    /// Keys of extensions.
    Extensions,
}

impl Part {
    const ALL: [Part; 22] = [
        Part::Title,
        Part::Descriptions,
        Part::Affected,
        Part::CpeApplicability,
        Part::ProblemTypes,
        Part::References,
        Part::Impacts,
        Part::Metrics,
        Part::Configurations,
        Part::Workarounds,
        Part::Solutions,
        Part::Exploits,
        Part::Timeline,
        Part::Credits,
        Part::Source,
        Part::Tags,
        Part::TaxonomyMappings,
        Part::DateAssigned,
        Part::DatePublic,
        Part::Languages,
        Part::Media,
        Part::Extensions,
    ];

    /// The word that counts in the table of losses, and the key in a record.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Part::Title => ("title", "title"),
            Part::Descriptions => ("descriptions", "descriptions"),
            Part::Affected => ("affected", "affected"),
            Part::CpeApplicability => ("cpe-applicability", "cpeApplicability"),
            Part::ProblemTypes => ("problem-types", "problemTypes"),
            Part::References => ("references", "references"),
            Part::Impacts => ("impacts", "impacts"),
            Part::Metrics => ("metrics", "metrics"),
            Part::Configurations => ("configurations", "configurations"),
            Part::Workarounds => ("workarounds", "workarounds"),
            Part::Solutions => ("solutions", "solutions"),
            Part::Exploits => ("exploits", "exploits"),
            Part::Timeline => ("timeline", "timeline"),
            Part::Credits => ("credits", "credits"),
            Part::Source => ("source", "source"),
            Part::Tags => ("tags", "tags"),
            Part::TaxonomyMappings => ("taxonomy-mappings", "taxonomyMappings"),
            Part::DateAssigned => ("date-assigned", "dateAssigned"),
            Part::DatePublic => ("date-public", "datePublic"),
            Part::Languages => ("language", ""),
            Part::Media => ("supporting-media", ""),
            Part::Extensions => ("extension", ""),
        }
    }

    fn is_in(self, container: &Container) -> bool {
        match self {
            Part::Title => container.title.is_some(),
            Part::Descriptions => !container.descriptions.is_empty(),
            Part::Affected => !container.affected.is_empty(),
            Part::CpeApplicability => !container.cpe_applicability.is_empty(),
            Part::ProblemTypes => !container.problem_types.is_empty(),
            Part::References => !container.references.is_empty(),
            Part::Impacts => !container.impacts.is_empty(),
            Part::Metrics => !container.metrics.is_empty(),
            Part::Configurations => !container.configurations.is_empty(),
            Part::Workarounds => !container.workarounds.is_empty(),
            Part::Solutions => !container.solutions.is_empty(),
            Part::Exploits => !container.exploits.is_empty(),
            Part::Timeline => !container.timeline.is_empty(),
            Part::Credits => !container.credits.is_empty(),
            Part::Source => container.source.is_some(),
            Part::Tags => !container.tags.is_empty(),
            Part::TaxonomyMappings => !container.taxonomy_mappings.is_empty(),
            Part::DateAssigned => container.date_assigned.is_some(),
            Part::DatePublic => container.date_public.is_some(),
            Part::Languages | Part::Media | Part::Extensions => false,
        }
    }
}

/// Lists every part of the record that a target does not hold.
///
/// Takes: `cna` and `adp` are what the target holds of the CNA's container
/// and of the others'.
pub(crate) fn leftovers(record: &Record, cna: &[Part], adp: &[Part]) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (pointer, container) in containers(record) {
        let is_cna = pointer == "/containers/cna";
        let held = if is_cna { cna } else { adp };
        for part in Part::ALL {
            if held.contains(&part) || !part.is_in(container) {
                continue;
            }
            // What an ADP calls its container says nothing about the record.
            if part == Part::Title && !is_cna {
                continue;
            }
            let (kind, key) = part.names();
            losses.push(Loss::new(
                kind,
                format!("{pointer}/{key}"),
                format!(
                    "the format has no place for `{key}`{}",
                    of_whom(container, is_cna)
                ),
            ));
        }
        texts(&pointer, container, held, &mut losses);
        if !held.contains(&Part::Extensions) {
            losses.extend(container.other.keys().map(|key| {
                Loss::new(
                    "extension",
                    format!("{pointer}/{key}"),
                    format!("the format has no place for the extension `{key}`"),
                )
            }));
        }
    }
    losses
}

fn of_whom(container: &Container, is_cna: bool) -> String {
    match container.provider_metadata.short_name.as_deref() {
        Some(name) if !is_cna => format!(" of {name}"),
        _ => String::new(),
    }
}

/// Lists the languages and media types that are not held, for the texts that
/// are.
fn texts(pointer: &str, container: &Container, held: &[Part], losses: &mut Vec<Loss>) {
    let lists: [(Part, &str, &[Prose]); 6] = [
        (Part::Descriptions, "descriptions", &container.descriptions),
        (
            Part::Descriptions,
            "rejectedReasons",
            &container.rejected_reasons,
        ),
        (
            Part::Configurations,
            "configurations",
            &container.configurations,
        ),
        (Part::Workarounds, "workarounds", &container.workarounds),
        (Part::Solutions, "solutions", &container.solutions),
        (Part::Exploits, "exploits", &container.exploits),
    ];
    for (part, key, list) in lists {
        if !held.contains(&part) {
            continue;
        }
        let any_english = list.iter().any(|prose| is_english(&prose.lang));
        for (place, prose) in list.iter().enumerate() {
            // Where nothing is English the first text stands in.
            let is_used = is_english(&prose.lang) || (!any_english && place == 0);
            if !is_used && !held.contains(&Part::Languages) {
                losses.push(Loss::new(
                    "language",
                    format!("{pointer}/{key}/{place}"),
                    format!(
                        "the document is in English; the text in `{}` is left out",
                        prose.lang
                    ),
                ));
            } else if !prose.supporting_media.is_empty() && !held.contains(&Part::Media) {
                losses.push(Loss::new(
                    "supporting-media",
                    format!("{pointer}/{key}/{place}/supportingMedia"),
                    "the document has the plain text only",
                ));
            }
        }
    }
}
