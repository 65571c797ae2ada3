//! Records as CycloneDX documents with a vulnerability, 1.6 and 1.7.
//!
//! Source: CycloneDX 1.6 and 1.7, `vulnerabilities`; formats section 6.

mod document;

use std::collections::HashMap;

use document::{
    Advisory, Affected, AffectedVersion, Analysis, Component, Credits, Document, Individual,
    Metadata, Organization, Rating, SourceReference, Tool, Tools, Vulnerability,
    VulnerabilitySource,
};

use super::content;
use super::coverage::Coverage;
use super::finding::{finding, invalid_vector, other_score, reading};
use super::identifier::uuid_urn;
use super::leftover::{Part, leftovers};
use super::package::{Package, cpe_of};
use super::product_names::{ProductNames, Release, stable_id};
use super::record::{Prose, Record, is_english};
use super::{Converted, CycloneDxVersion, Loss, Options, Refused};
use crate::check::{self, Finding, Severity};
use crate::cvss::Version;
use crate::versions::Status;

const OF_CNA: &[Part] = &[
    Part::Title,
    Part::Descriptions,
    Part::Affected,
    Part::ProblemTypes,
    Part::References,
    Part::Metrics,
    Part::Workarounds,
    Part::Solutions,
    Part::Credits,
];
const OF_ADP: &[Part] = &[Part::References, Part::Metrics];

/// The longest text of a range, and of a version.
///
/// Source: CycloneDX, `versionRange` and `version` of `affects`.
const MAX_RANGE: usize = 4096;
const MAX_VERSION: usize = 1024;

/// Makes a CycloneDX document of a record.
///
/// Refuses: nothing that is a record.
pub(super) fn convert(
    record: &Record,
    version: CycloneDxVersion,
    options: &Options,
) -> Result<Converted, Refused> {
    let mut losses = leftovers(record, OF_CNA, OF_ADP);
    let mut findings = Vec::new();
    let updated = content::updated(record);
    if updated.is_none() {
        findings.push(finding(
            Severity::Warning,
            "CONV-DATE",
            "/cveMetadata",
            "the record says nowhere when it was published or changed, so the document has no date",
            "CycloneDX: metadata.timestamp",
            "add `cveMetadata.datePublished`, which CVE Services sets when it publishes",
        ));
    }
    let published = content::published(record);
    let (components, affects, statuses) = products(record, options, &mut losses, &mut findings);
    let namespace = options.publisher.namespace.as_str();
    let (spec_version, schema) = match version {
        CycloneDxVersion::V1_6 => ("1.6", "http://cyclonedx.org/schema/bom-1.6.schema.json"),
        CycloneDxVersion::V1_7 => ("1.7", "http://cyclonedx.org/schema/bom-1.7.schema.json"),
    };
    let document = Document {
        schema,
        bom_format: "CycloneDX",
        spec_version,
        serial_number: uuid_urn(&[namespace, "cyclonedx", record.id()]),
        version: match options.history.len() {
            0 => 1 + usize::from(published.is_some() && updated > published),
            known => known,
        },
        metadata: Metadata {
            timestamp: updated,
            tools: Tools {
                components: [Tool {
                    kind: "application",
                    name: "cna",
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            supplier: (!options.publisher.name.trim().is_empty()).then(|| Organization {
                name: options.publisher.name.trim(),
                url: Some([namespace]).filter(|_| check::is_uri(namespace.as_bytes())),
            }),
        },
        components,
        vulnerabilities: [vulnerability(
            record,
            affects,
            &statuses,
            &mut losses,
            &mut findings,
        )],
    };
    Ok(Converted {
        name: format!("{}.cdx.json", record.id()),
        document: super::json::pretty(&document),
        losses,
        findings,
    })
}

/// Components, what is said of their versions, and every status that occurs.
fn products<'b>(
    record: &'b Record,
    options: &Options,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> (Vec<Component<'b>>, Vec<Affected>, Vec<Status>) {
    let mut components: Vec<Component> = Vec::new();
    let mut affects: Vec<Affected> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut statuses = Vec::new();
    for (place, product) in record.cna().affected.iter().enumerate() {
        let pointer = format!("/containers/cna/affected/{place}");
        let coverage = Coverage::of(product);
        findings.extend(coverage.readings.iter().map(|(entry, read)| {
            let text = &product.versions[*entry].version;
            reading(&format!("{pointer}/versions/{entry}/version"), text, read)
        }));
        losses.extend(coverage.unused.iter().map(|(by, why)| {
            let message = format!("the entry is left out: {why}");
            Loss::new(
                "version-entry",
                format!("{pointer}{}", by.pointer()),
                message,
            )
        }));
        let names = ProductNames::of(product);
        let id = stable_id(product, "");
        let at = *places.entry(id.clone()).or_insert_with(|| {
            let purl = Package::of(product, options.publisher).and_then(|package| package.purl);
            components.push(Component {
                kind: if purl.is_some() {
                    "library"
                } else {
                    "application"
                },
                bom_ref: id.clone(),
                publisher: names.vendor,
                name: names.product.clone(),
                cpe: cpe_of(product).map(|cpe| cpe.formatted()),
                purl: purl.map(|purl| purl.to_string()),
            });
            affects.push(Affected {
                reference: id,
                versions: Vec::new(),
            });
            affects.len() - 1
        });
        for piece in &coverage.pieces {
            let release = Release::of(product, &coverage, piece);
            let is_version = release.is_single || release.is_unstated;
            let longest = if is_version { MAX_VERSION } else { MAX_RANGE };
            let known = &mut affects[at].versions;
            let fault = if known.iter().any(|version| version.text() == release.name) {
                Some((
                    "second-status",
                    "an entry before says what these versions are",
                ))
            } else if release.name.chars().count() > longest {
                Some(("version-text", "its text is longer than the format allows"))
            } else {
                None
            };
            if let Some((kind, why)) = fault {
                losses.push(Loss::new(
                    kind,
                    format!("{pointer}{}", piece.by.pointer()),
                    why,
                ));
                continue;
            }
            statuses.push(piece.status);
            let text = release.name.into_owned();
            known.push(AffectedVersion {
                version: is_version.then(|| text.clone()),
                range: (!is_version).then_some(text),
                status: piece.status.as_str(),
            });
        }
    }
    (components, affects, statuses)
}

fn vulnerability<'b>(
    record: &'b Record,
    affects: Vec<Affected>,
    statuses: &[Status],
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vulnerability<'b> {
    let cna = record.cna();
    let metadata = &record.cve_metadata;
    let texts = if record.is_rejected() {
        &cna.rejected_reasons
    } else {
        &cna.descriptions
    };
    let ghsa = content::ghsa_ids(record)
        .into_iter()
        .map(|id| SourceReference {
            id,
            source: VulnerabilitySource {
                name: "GitHub Security Advisories",
                url: None,
            },
        });
    let replaced = cna.replaced_by.iter().map(|id| SourceReference {
        id: id.to_string(),
        source: VulnerabilitySource {
            name: "CVE Program",
            url: None,
        },
    });
    Vulnerability {
        bom_ref: record.id(),
        id: record.id(),
        source: VulnerabilitySource {
            name: "CVE Program",
            url: Some(format!("https://www.cve.org/CVERecord?id={}", record.id())),
        },
        references: ghsa.chain(replaced).collect(),
        ratings: ratings(record, losses, findings),
        cwes: weaknesses(record, losses),
        description: content::prose(texts).map(|prose| prose.value.as_str()),
        detail: cna
            .title
            .as_deref()
            .map(str::trim)
            .filter(|title| !title.is_empty()),
        recommendation: joined(&cna.solutions),
        workaround: joined(&cna.workarounds),
        advisories: advisories(record, losses),
        created: content::moment(metadata.date_reserved.as_deref()),
        published: content::published(record),
        updated: content::updated(record),
        rejected: content::moment(metadata.date_rejected.as_deref())
            .filter(|_| record.is_rejected()),
        credits: credits(record),
        analysis: analysis(record, statuses),
        affects,
    }
}

fn joined(list: &[Prose]) -> Option<String> {
    let texts: Vec<&str> = list
        .iter()
        .filter(|prose| is_english(&prose.lang))
        .map(|prose| prose.value.as_str())
        .collect();
    match texts.is_empty() {
        true => content::prose(list).map(|prose| prose.value.to_string()),
        false => Some(texts.join("\n\n")),
    }
}

fn ratings<'b>(
    record: &'b Record,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vec<Rating<'b>> {
    let mut ratings = Vec::new();
    for (pointer, container) in content::containers(record) {
        let provider = container.provider_metadata.short_name.as_deref();
        let whose = provider.or(record.cve_metadata.assigner_short_name.as_deref());
        let source = whose.map(|name| VulnerabilitySource { name, url: None });
        let (scores, unscored) = content::scores(container);
        findings.extend(unscored.iter().map(|bad| invalid_vector(&pointer, bad)));
        for score in scores {
            findings.extend(other_score(&format!("{pointer}{}", score.pointer), &score));
            let version = score.vector.version();
            let (value, word) = match version {
                Version::V4_0 => (score.vector.score(), score.vector.severity()),
                _ => (score.vector.base_score(), score.vector.base_severity()),
            };
            ratings.push(Rating {
                source: source.clone(),
                score: Some(value.number()),
                severity: Some(word.as_str().to_ascii_lowercase()),
                method: match version {
                    Version::V4_0 => "CVSSv4",
                    Version::V3_1 => "CVSSv31",
                    Version::V3_0 => "CVSSv3",
                    Version::V2_0 => "CVSSv2",
                },
                vector: Some(score.text),
                justification: score.scenario.map(str::to_owned),
            });
        }
        for (place, metric) in container.metrics.iter().enumerate() {
            let Some(other) = &metric.other else { continue };
            if other.kind.eq_ignore_ascii_case("kev") {
                losses.push(Loss::new(
                    "other-metric",
                    format!("{pointer}/metrics/{place}/other"),
                    "a rating cannot say that a vulnerability is known to be exploited",
                ));
                continue;
            }
            ratings.push(Rating {
                source: source.clone(),
                score: None,
                severity: None,
                method: if other.kind.eq_ignore_ascii_case("ssvc") {
                    "SSVC"
                } else {
                    "other"
                },
                vector: None,
                justification: Some(content::flat(&other.content)),
            });
        }
    }
    ratings
}

fn weaknesses(record: &Record, losses: &mut Vec<Loss>) -> Vec<u32> {
    let mut numbers: Vec<u32> = Vec::new();
    for (place, problem) in record.cna().problem_types.iter().enumerate() {
        for (index, one) in problem.descriptions.iter().enumerate() {
            match one.cwe_id.as_deref().and_then(crate::cwe::number) {
                Some(number) if numbers.contains(&number) => {}
                Some(number) => numbers.push(number),
                None if matches!(one.description.trim(), "" | "n/a") => {}
                None => losses.push(Loss::new(
                    "problem-type-text",
                    format!("/containers/cna/problemTypes/{place}/descriptions/{index}"),
                    "a document has the numbers of weaknesses only",
                )),
            }
        }
    }
    numbers
}

fn advisories<'b>(record: &'b Record, losses: &mut Vec<Loss>) -> Vec<Advisory<'b>> {
    let mut advisories = Vec::new();
    for reference in content::references(record) {
        if check::is_uri(reference.url.as_bytes()) {
            advisories.push(Advisory {
                title: content::summary_of(reference),
                url: &reference.url,
            });
        } else {
            let message = format!("`{}` is no URI", reference.url);
            losses.push(Loss::new(
                "reference",
                "/containers/cna/references",
                message,
            ));
        }
    }
    advisories
}

fn credits<'b>(record: &'b Record) -> Option<Credits<'b>> {
    let credits = record.cna().credits.iter();
    let individuals: Vec<Individual> = credits
        .map(|credit| Individual {
            name: &credit.value,
        })
        .collect();
    (!individuals.is_empty()).then_some(Credits { individuals })
}

/// The state of the whole, where all versions are of one kind or some are
/// affected.
fn analysis(record: &Record, statuses: &[Status]) -> Option<Analysis> {
    let cna = record.cna();
    let has = |status| statuses.contains(&status);
    let state = match () {
        () if statuses.is_empty() => return None,
        () if has(Status::Affected) => "exploitable",
        () if has(Status::Unknown) => "in_triage",
        () => "not_affected",
    };
    let mut response = Vec::new();
    if state == "exploitable" {
        let is_fixed = record.cna().affected.iter().any(|product| {
            Coverage::of(product)
                .pieces
                .iter()
                .any(|piece| piece.is_fix)
        });
        if is_fixed {
            response.push("update");
        }
        if !cna.workarounds.is_empty() {
            response.push("workaround_available");
        }
    }
    Some(Analysis { state, response })
}
