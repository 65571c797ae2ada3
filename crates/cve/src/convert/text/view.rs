//! What a text says of a record, before it is written in any form.

use super::clean::{clean, one_line};
use crate::check::Finding;
use crate::convert::content;
use crate::convert::coverage::{By, Coverage, Edge, Piece, Span, Versions};
use crate::convert::finding::{finding, invalid_vector, other_score, reading};
use crate::convert::product_names::ProductNames;
use crate::convert::record::{Product, Prose, Record, is_english};
use crate::convert::version_text::stretch;
use crate::convert::{Loss, Options};
use crate::cwe;
use crate::time::Timestamp;
use crate::versions::Status;

/// A record as people read it; all texts are clean.
pub(in crate::convert) struct View {
    pub(in crate::convert) id: String,
    /// Empty when the record has none.
    pub(in crate::convert) title: String,
    pub(in crate::convert) is_rejected: bool,
    /// The description, or why the record was rejected.
    pub(in crate::convert) summary: String,
    pub(in crate::convert) scores: Vec<Score>,
    pub(in crate::convert) weaknesses: Vec<String>,
    pub(in crate::convert) impacts: Vec<String>,
    pub(in crate::convert) products: Vec<ProductView>,
    /// What readers should do first, in the CNA's words.
    pub(in crate::convert) solutions: Vec<String>,
    pub(in crate::convert) workarounds: Vec<String>,
    pub(in crate::convert) configurations: Vec<String>,
    pub(in crate::convert) exploits: Vec<String>,
    pub(in crate::convert) credits: Vec<String>,
    pub(in crate::convert) references: Vec<ReferenceView>,
    pub(in crate::convert) timeline: Vec<(String, String)>,
    pub(in crate::convert) tags: Vec<String>,
    pub(in crate::convert) replaced_by: Vec<String>,
    pub(in crate::convert) public: Option<Timestamp>,
    pub(in crate::convert) published: Option<Timestamp>,
    pub(in crate::convert) updated: Option<Timestamp>,
    pub(in crate::convert) revision: Option<u64>,
    /// Who publishes, and how to reach them.
    pub(in crate::convert) publisher: String,
    pub(in crate::convert) contact: Option<String>,
    /// Where the advisory for people is found.
    pub(in crate::convert) address: String,
    pub(super) losses: Vec<Loss>,
    pub(super) findings: Vec<Finding>,
}

/// A score as people read it.
pub(in crate::convert) struct Score {
    /// `Critical`.
    pub(in crate::convert) word: String,
    pub(in crate::convert) value: String,
    /// `4.0`.
    pub(in crate::convert) version: String,
    pub(in crate::convert) vector: String,
    /// Where it holds; empty when that is everywhere.
    pub(in crate::convert) scenario: String,
}

/// A product as people read it. Versions stand between two [`MARK`]s.
pub(in crate::convert) struct ProductView {
    pub(in crate::convert) name: String,
    pub(in crate::convert) affected: Vec<String>,
    pub(in crate::convert) unknown: Vec<String>,
    pub(in crate::convert) unaffected: Vec<String>,
    pub(in crate::convert) fixed: Vec<String>,
}

/// An address as people read it.
pub(in crate::convert) struct ReferenceView {
    pub(in crate::convert) url: String,
    /// Its name or its tags; empty when it has neither.
    pub(in crate::convert) about: String,
    /// A browser may be offered to open it.
    pub(in crate::convert) is_link: bool,
}

/// Stands around a version in a sentence, until a form writes it in its own
/// way. No clean text holds it, because it is a control character.
pub(super) const MARK: char = '\u{1}';

impl View {
    /// Looks at a record.
    pub(in crate::convert) fn of(record: &Record, options: &Options) -> View {
        let cna = record.cna();
        let (mut losses, mut findings) = (Vec::new(), Vec::new());
        let texts = if record.is_rejected() {
            &cna.rejected_reasons
        } else {
            &cna.descriptions
        };
        let id = one_line(record.id());
        View {
            title: one_line(cna.title.as_deref().unwrap_or_default()),
            is_rejected: record.is_rejected(),
            summary: english(texts).join("\n\n"),
            scores: scores(record, &mut findings),
            weaknesses: weaknesses(record),
            impacts: cna
                .impacts
                .iter()
                .flat_map(|impact| english(&impact.descriptions))
                .collect(),
            products: products(record, &mut losses, &mut findings),
            solutions: english(&cna.solutions),
            workarounds: english(&cna.workarounds),
            configurations: english(&cna.configurations),
            exploits: english(&cna.exploits),
            credits: credits(record),
            references: references(record),
            timeline: cna
                .timeline
                .iter()
                .filter(|event| is_english(&event.lang))
                .map(|event| {
                    let day = content::moment(Some(&event.time)).map(Timestamp::date);
                    (
                        day.unwrap_or_else(|| one_line(&event.time)),
                        one_line(&event.value),
                    )
                })
                .collect(),
            tags: cna.tags.iter().map(|tag| one_line(tag)).collect(),
            replaced_by: cna.replaced_by.iter().map(|id| one_line(id)).collect(),
            public: content::moment(cna.date_public.as_deref()),
            published: content::published(record),
            updated: content::updated(record),
            revision: record.cve_metadata.serial,
            publisher: publisher(record, options),
            contact: options.publisher.contact.as_deref().map(one_line),
            address: address(record, options),
            id,
            losses,
            findings,
        }
    }

    /// The first line: the ID and the title, or the ID and the first words.
    pub(in crate::convert) fn headline(&self) -> String {
        match (self.is_rejected, self.title.is_empty()) {
            (true, _) => format!("{}: rejected", self.id),
            (false, false) => self.title.clone(),
            (false, true) => first_words(&self.summary),
        }
    }

    /// What the texts do not say of the versions.
    pub(in crate::convert) fn losses(&self) -> impl Iterator<Item = &Loss> {
        self.losses.iter()
    }

    /// What the record lacks.
    pub(in crate::convert) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter()
    }

    /// What readers should do, in the CNA's words; else what follows from the
    /// versions that are fixed.
    pub(in crate::convert) fn actions(&self) -> Vec<String> {
        if !self.solutions.is_empty() {
            return self.solutions.clone();
        }
        let fixed = self
            .products
            .iter()
            .filter(|product| !product.fixed.is_empty());
        fixed
            .map(|product| {
                let versions: Vec<_> = product
                    .fixed
                    .iter()
                    .map(|version| marked(version))
                    .collect();
                match versions.len() {
                    1 => format!("Update {} to {} or later.", product.name, versions[0]),
                    _ => format!(
                        "Update {} to a version with the fix: {}.",
                        product.name,
                        versions.join(", ")
                    ),
                }
            })
            .collect()
    }
}

/// A version between marks.
fn marked(version: &str) -> String {
    format!("{MARK}{version}{MARK}")
}

/// The texts in English; where there is none, the first.
fn english(texts: &[Prose]) -> Vec<String> {
    let any = texts.iter().any(|prose| is_english(&prose.lang));
    let kept = texts.iter().enumerate().filter(|(place, prose)| {
        if any {
            is_english(&prose.lang)
        } else {
            *place == 0
        }
    });
    let mut clean: Vec<String> = Vec::new();
    for (_, prose) in kept {
        let text = self::clean(&prose.value).trim().to_owned();
        if !text.is_empty() && !clean.contains(&text) {
            clean.push(text);
        }
    }
    clean
}

/// The CNA's scores, the newest version of CVSS first.
fn scores(record: &Record, findings: &mut Vec<Finding>) -> Vec<Score> {
    let (mut good, bad) = content::scores(record.cna());
    findings.extend(bad.iter().map(|bad| invalid_vector("/containers/cna", bad)));
    good.sort_by_key(|score| std::cmp::Reverse(score.vector.version()));
    let mut scores: Vec<Score> = Vec::new();
    for score in good {
        findings.extend(other_score(
            &format!("/containers/cna{}", score.pointer),
            &score,
        ));
        let (value, word) = match score.vector.version() {
            crate::cvss::Version::V4_0 => (score.vector.score(), score.vector.severity()),
            _ => (score.vector.base_score(), score.vector.base_severity()),
        };
        let vector = score.vector.to_string();
        if scores.iter().all(|known| known.vector != vector) {
            scores.push(Score {
                word: capital(&word.as_str().to_lowercase()),
                value: value.to_string(),
                version: score.vector.version().to_string(),
                vector,
                scenario: one_line(score.scenario.unwrap_or_default()),
            });
        }
    }
    scores
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Weaknesses by number and name, and problem types in words.
fn weaknesses(record: &Record) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for one in record
        .cna()
        .problem_types
        .iter()
        .flat_map(|problem| &problem.descriptions)
    {
        let number = one.cwe_id.as_deref().and_then(cwe::number);
        let line = match number.and_then(cwe::entry) {
            Some(entry) => format!("CWE-{}: {}", entry.id, entry.name),
            None if !is_english(&one.lang) => continue,
            None => one_line(&one.description),
        };
        if !matches!(line.as_str(), "" | "n/a") && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn products(
    record: &Record,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vec<ProductView> {
    let mut views: Vec<ProductView> = Vec::new();
    for (place, product) in record.cna().affected.iter().enumerate() {
        let pointer = format!("/containers/cna/affected/{place}");
        let coverage = Coverage::of(product);
        findings.extend(coverage.readings.iter().map(|(entry, read)| {
            let pointer = format!("{pointer}/versions/{entry}/version");
            reading(&pointer, &product.versions[*entry].version, read)
        }));
        for (by, why) in &coverage.unused {
            let pointer = format!("{pointer}{}", by.pointer());
            losses.push(Loss::new(
                "version-entry",
                pointer,
                format!("the entry is left out: {why}"),
            ));
        }
        views.push(view(product, &coverage));
    }
    if views.is_empty() && !record.is_rejected() {
        findings.push(finding(
            crate::check::Severity::Warning,
            "CONV-PRODUCT",
            "/containers/cna/affected",
            "the record names no product",
            "CVE Record Format: affected",
            "name the affected products",
        ));
    }
    views
}

fn view(product: &Product, coverage: &Coverage) -> ProductView {
    let said = |status: Status| -> Vec<String> {
        let pieces = coverage
            .pieces
            .iter()
            .filter(|piece| piece.status == status);
        let mut lines: Vec<String> = Vec::new();
        for line in pieces.flat_map(|piece| in_words(product, piece)) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    };
    // Neighbouring stretches are joined where the versions have an order.
    let by_entries = !coverage
        .pieces
        .iter()
        .any(|piece| piece.status == Status::Affected && piece.by == By::Default);
    let affected = match coverage.is_ordered && by_entries && !coverage.affected.is_empty() {
        true => coverage
            .affected
            .iter()
            .map(|span| span_in_words(product, span))
            .collect(),
        false => said(Status::Affected),
    };
    ProductView {
        name: one_line(&ProductNames::of(product).full()),
        affected,
        unknown: said(Status::Unknown),
        unaffected: said(Status::Unaffected),
        fixed: fixed(product, coverage),
    }
}

/// The versions that bring the fix: upper ends of affected stretches, and
/// changes, that the record itself names.
fn fixed(product: &Product, coverage: &Coverage) -> Vec<String> {
    let ends = coverage
        .affected
        .iter()
        .filter_map(|span| span.to.as_ref())
        .filter(|to| !to.included);
    let mut fixed: Vec<String> = Vec::new();
    for to in ends {
        let is_named = product.versions.iter().any(|entry| {
            entry.less_than.as_deref() == Some(&*to.version)
                || entry
                    .changes
                    .iter()
                    .any(|change| change.at.as_str() == &*to.version)
                || entry.version.contains(&*to.version)
        });
        let version = one_line(&to.version);
        if is_named && !fixed.contains(&version) {
            fixed.push(version);
        }
    }
    fixed
}

fn in_words(product: &Product, piece: &Piece) -> Vec<String> {
    match &piece.versions {
        Versions::Unstated => vec!["versions not stated".to_owned()],
        Versions::AllBut(named) if named.is_empty() => vec!["all versions".to_owned()],
        // What `defaultStatus` is about, cut up around all that is named.
        _ if piece.by == By::Default => vec!["all other versions".to_owned()],
        Versions::AllBut(_) => vec!["all other versions".to_owned()],
        Versions::Spans(spans) => spans
            .iter()
            .map(|span| span_in_words(product, span))
            .collect(),
    }
}

fn span_in_words(product: &Product, span: &Span) -> String {
    fn end<'e>(edge: &'e Option<Edge<'_>>) -> Option<(&'e str, bool)> {
        edge.as_ref().map(|edge| (&*edge.version, edge.included))
    }
    let upper = span.to.as_ref().and_then(|to| series_end(product, to));
    let upper = upper
        .as_deref()
        .map(|series| (series, true))
        .or_else(|| end(&span.to));
    stretch(end(&span.from), upper, &|version| {
        marked(&one_line(version))
    })
}

/// The `2.*` that an end which the record does not name was made of.
fn series_end(product: &Product, to: &Edge) -> Option<String> {
    let is_named = |text: &str| text == &*to.version;
    let ends = || {
        let entries = product.versions.iter();
        entries.filter_map(|entry| {
            entry
                .less_than
                .as_deref()
                .or(entry.less_than_or_equal.as_deref())
        })
    };
    if to.included || ends().any(is_named) {
        return None;
    }
    let mut series = ends().filter(|end| end.len() > 2 && end.ends_with(".*"));
    // With several series it is not known which of them it is.
    series
        .next()
        .filter(|_| series.next().is_none())
        .map(str::to_owned)
}

fn credits(record: &Record) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for credit in &record.cna().credits {
        let name = one_line(&credit.value);
        let line = match credit.kind.as_deref().map(one_line) {
            Some(kind) if !matches!(kind.as_str(), "" | "other") => format!("{name} ({kind})"),
            _ => name.clone(),
        };
        if !name.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The references of the CNA.
fn references(record: &Record) -> Vec<ReferenceView> {
    let mut views: Vec<ReferenceView> = Vec::new();
    for reference in &record.cna().references {
        let url = one_line(&reference.url).replace(' ', "%20");
        if url.is_empty() || views.iter().any(|known| known.url == url) {
            continue;
        }
        let about = one_line(&content::summary_of(reference));
        views.push(ReferenceView {
            about: if about == url { String::new() } else { about },
            is_link: url.starts_with("https://") || url.starts_with("http://"),
            url,
        });
    }
    views
}

fn publisher(record: &Record, options: &Options) -> String {
    let named = one_line(&options.publisher.name);
    match named.is_empty() {
        true => one_line(
            record
                .cve_metadata
                .assigner_short_name
                .as_deref()
                .unwrap_or_default(),
        ),
        false => named,
    }
}

/// Where the advisory is found: by the settings, else the record itself.
fn address(record: &Record, options: &Options) -> String {
    let id = one_line(record.id());
    match &options.publisher.advisory_url {
        Some(template) => filled(template, &id),
        None => format!("https://www.cve.org/CVERecord?id={id}"),
    }
}

/// A template of the settings with the ID, its year and its number.
pub(in crate::convert) fn filled(template: &str, id: &str) -> String {
    let parts = id
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'));
    let (year, number) = parts.unwrap_or_default();
    template
        .replace("{id}", id)
        .replace("{year}", year)
        .replace("{number}", number)
}

/// The first sentence of a text, or its first words, on one line.
fn first_words(text: &str) -> String {
    const MOST: usize = 90;
    let line = one_line(text);
    let sentence = line.find(". ").map_or(line.as_str(), |end| &line[..end]);
    match sentence.char_indices().nth(MOST) {
        Some((end, _)) => {
            let head = &sentence[..end];
            let word = head.rfind(' ').unwrap_or(end);
            format!("{}…", &head[..word])
        }
        None => sentence.trim_end_matches('.').to_owned(),
    }
}
