//! The products of an OSV document.

use super::document::{Affected, Event, Package as NamedPackage, ProductFacts, Range};
use crate::check::{self, Finding};
use crate::convert::coverage::{By, Coverage, Span, Versions};
use crate::convert::finding::{finding, reading};
use crate::convert::package::{self, Package};
use crate::convert::publisher::Publisher;
use crate::convert::record::{Product, Record};
use crate::convert::{Loss, vers};
use crate::versions::{Scheme, Status};

/// The products that have affected versions.
pub(super) fn affected<'b>(
    record: &'b Record,
    publisher: &Publisher,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vec<Affected<'b>> {
    let products = record.cna().affected.iter().enumerate();
    products
        .filter_map(|(place, product)| {
            let pointer = format!("/containers/cna/affected/{place}");
            one(product, &pointer, publisher, losses, findings)
        })
        .collect()
}

fn one<'b>(
    product: &'b Product,
    pointer: &str,
    publisher: &Publisher,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Option<Affected<'b>> {
    let coverage = Coverage::of(product);
    findings.extend(coverage.readings.iter().map(|(entry, read)| {
        reading(
            &format!("{pointer}/versions/{entry}/version"),
            &product.versions[*entry].version,
            read,
        )
    }));
    note_losses(&coverage, pointer, losses);
    let is_affected = coverage
        .pieces
        .iter()
        .any(|piece| piece.status == Status::Affected);
    if !is_affected {
        losses.push(Loss::new(
            "product-not-affected",
            pointer,
            "a document names only products that are affected",
        ));
        return None;
    }
    let package = Package::of(product, publisher);
    let mut facts = facts(product);
    let repository =
        named(product).and_then(|name| publisher.facts(product.vendor.as_deref(), name));
    let repository = repository.and_then(|facts| facts.repository.as_deref());
    let repository = product.repo.as_deref().or(repository);
    let mut versions = Vec::new();
    let mut spans = Vec::new();
    for span in &coverage.affected {
        match span.single() {
            Some(version) => versions.push(version.to_owned()),
            None => spans.push(span),
        }
    }
    let mut everything = false;
    for piece in &coverage.pieces {
        match &piece.versions {
            Versions::AllBut(but) if piece.status == Status::Affected => {
                everything = but.is_empty();
                if !everything {
                    unmapped(
                        &coverage,
                        vers::specifier("generic", &piece.versions),
                        &By::Default.pointer(),
                        pointer,
                        &mut facts,
                        losses,
                    );
                }
            }
            Versions::Unstated if piece.status == Status::Affected => findings.push(finding(
                check::Severity::Warning,
                "CONV-VERSIONS",
                format!("{pointer}{}/version", piece.by.pointer()),
                "the record does not say which versions are affected",
                "CNA Operational Rules: a record names affected versions",
                "name the affected versions or a range",
            )),
            _ => {}
        }
    }
    let ecosystem = package
        .as_ref()
        .and_then(|package| package.ecosystem.as_deref());
    let mut ranges = ranges(
        &coverage, &spans, ecosystem, repository, pointer, &mut facts, losses,
    );
    if everything {
        match ecosystem {
            Some(name) => ranges.push(Range {
                kind: if package::is_semantic(name) {
                    "SEMVER"
                } else {
                    "ECOSYSTEM"
                },
                repo: None,
                events: vec![Event::Introduced("0".to_owned())],
            }),
            None => unmapped(
                &coverage,
                Some("vers:generic/*".to_owned()),
                "/defaultStatus",
                pointer,
                &mut facts,
                losses,
            ),
        }
    }
    Some(Affected {
        package: package.and_then(|package| {
            Some(NamedPackage {
                ecosystem: package.ecosystem?.into_owned(),
                name: package.name,
                purl: package.purl.map(|purl| purl.to_string()),
            })
        }),
        ranges,
        versions,
        database_specific: facts,
    })
}

fn named<'b>(product: &'b Product) -> Option<&'b str> {
    product
        .product
        .as_deref()
        .or(product.package_name.as_deref())
}

/// Lists what the format cannot say about the versions.
fn note_losses(coverage: &Coverage, pointer: &str, losses: &mut Vec<Loss>) {
    for piece in &coverage.pieces {
        if piece.status == Status::Unknown {
            losses.push(Loss::new(
                "status-unknown",
                format!("{pointer}{}", piece.by.pointer()),
                "a document cannot say that it is unknown whether a version is affected",
            ));
        }
    }
    for (by, why) in &coverage.unused {
        losses.push(Loss::new(
            "version-entry",
            format!("{pointer}{}", by.pointer()),
            format!("the entry is left out: {why}"),
        ));
    }
    let mixed = coverage
        .pieces
        .iter()
        .any(|piece| piece.status == Status::Unaffected && piece.by != By::Default);
    let spans =
        !coverage.is_ordered && coverage.affected.iter().any(|span| span.single().is_none());
    if mixed && spans {
        losses.push(Loss::new(
            "version-order",
            format!("{pointer}/versions"),
            "the versions have no order here, so that unaffected ones could not be cut out of the affected ranges",
        ));
    }
}

fn facts<'b>(product: &'b Product) -> ProductFacts<'b> {
    let texts = |list: &'b [crate::convert::record::Text<'b>]| {
        list.iter()
            .map(|text| text.as_str())
            .collect::<Vec<&'b str>>()
    };
    ProductFacts {
        vendor: product.vendor.as_deref(),
        product: product.product.as_deref(),
        collection_url: product.collection_url.as_deref(),
        package_name: product.package_name.as_deref(),
        package_url: product.package_url.as_deref(),
        repo: product.repo.as_deref(),
        cpes: texts(&product.cpes),
        platforms: texts(&product.platforms),
        modules: texts(&product.modules),
        program_files: texts(&product.program_files),
        program_routines: product
            .program_routines
            .iter()
            .map(|routine| routine.name.as_str())
            .collect(),
        unmapped_ranges: Vec::new(),
    }
}

/// How the versions of a range are written.
enum Kind<'b> {
    Git(&'b str),
    Semver,
    Ecosystem,
}

/// The ranges of the affected stretches; what no kind of range holds goes to
/// `facts` and is a loss.
fn ranges(
    coverage: &Coverage,
    spans: &[&Span],
    ecosystem: Option<&str>,
    repository: Option<&str>,
    pointer: &str,
    facts: &mut ProductFacts,
    losses: &mut Vec<Loss>,
) -> Vec<Range> {
    let kind = match (coverage.scheme, ecosystem, repository) {
        (Some(Scheme::Git), _, Some(repository)) => Some(Kind::Git(repository)),
        (Some(Scheme::Git), _, None) => None,
        (Some(_), Some(name), _)
            if package::is_semantic(name) && spans.iter().all(|span| is_semantic(span)) =>
        {
            Some(Kind::Semver)
        }
        (Some(_), Some(_), _) => Some(Kind::Ecosystem),
        (Some(Scheme::Semver), None, _) if spans.iter().all(|span| is_semantic(span)) => {
            Some(Kind::Semver)
        }
        _ => None,
    };
    // A range may not have both `fixed` and `last_affected`.
    let (mut fixed, mut last) = (Vec::new(), Vec::new());
    for span in spans {
        let events = kind.as_ref().and_then(|kind| events(span, kind));
        match events {
            Some(mut events) if span.to.as_ref().is_some_and(|to| to.included) => {
                last.append(&mut events)
            }
            Some(mut events) => fixed.append(&mut events),
            None => {
                let text = Versions::Spans(vec![(*span).clone()]);
                let name = vers::kind(coverage.scheme, coverage.version_type);
                unmapped(
                    coverage,
                    vers::specifier(name, &text),
                    "/versions",
                    pointer,
                    facts,
                    losses,
                );
            }
        }
    }
    let Some(kind) = kind else { return Vec::new() };
    let lists = [fixed, last]
        .into_iter()
        .filter(|events| !events.is_empty());
    lists
        .map(|events| Range {
            kind: match kind {
                Kind::Git(_) => "GIT",
                Kind::Semver => "SEMVER",
                Kind::Ecosystem => "ECOSYSTEM",
            },
            repo: match kind {
                Kind::Git(repository) => Some(repository.to_owned()),
                _ => None,
            },
            events,
        })
        .collect()
}

/// The events of one stretch.
///
/// Gives: `None` when it begins after a version, which no event says, or when
/// an end is not written as the kind asks.
fn events(span: &Span, kind: &Kind) -> Option<Vec<Event>> {
    let write = |version: &str| match kind {
        Kind::Git(_) => is_commit(version).then(|| version.to_ascii_lowercase()),
        Kind::Semver => vers::semantic(version).map(std::borrow::Cow::into_owned),
        Kind::Ecosystem => Some(version.to_owned()),
    };
    let introduced = match &span.from {
        None => "0".to_owned(),
        Some(from) if from.included => write(&from.version)?,
        Some(_) => return None,
    };
    let mut events = vec![Event::Introduced(introduced)];
    if let Some(to) = &span.to {
        let version = write(&to.version)?;
        events.push(match to.included {
            true => Event::LastAffected(version),
            false => Event::Fixed(version),
        });
    }
    Some(events)
}

fn is_semantic(span: &Span) -> bool {
    let ends = [&span.from, &span.to];
    ends.into_iter()
        .flatten()
        .all(|edge| vers::semantic(&edge.version).is_some())
}

/// Says whether `text` is a whole commit hash.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Keeps a range that no kind of range holds beside the others.
fn unmapped(
    coverage: &Coverage,
    specifier: Option<String>,
    part: &str,
    pointer: &str,
    facts: &mut ProductFacts,
    losses: &mut Vec<Loss>,
) {
    let Some(specifier) = specifier else { return };
    let why = match coverage.scheme {
        Some(Scheme::Git) => "it needs whole commit hashes and the product's `repo`",
        _ => {
            "it needs a package of an ecosystem, or semantic versions, and may not begin after a version"
        }
    };
    losses.push(Loss::new(
        "range",
        format!("{pointer}{part}"),
        format!(
            "no range of the format holds `{specifier}`; it is kept in `database_specific`: {why}"
        ),
    ));
    facts.unmapped_ranges.push(specifier);
}
