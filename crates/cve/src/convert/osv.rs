//! Records as OSV documents, schema version 1.7.5.
//!
//! Source: OSV schema 1.7.5; formats section 4.

mod affected;
mod document;

use document::{Credit, Document, DocumentFacts, Reference, Severity};

use super::content::{self, Scored};
use super::finding::finding;
use super::leftover::{Part, leftovers};
use super::record::{Record, Text};
use super::{Converted, Loss, Options, Refused};
use crate::check::{self, Finding};
use crate::cvss::Version;

/// The version of the schema that documents follow.
const SCHEMA_VERSION: &str = "1.7.5";

/// What an OSV document holds of a CNA's container, and of the others'.
const OF_CNA: &[Part] = &[
    Part::Title,
    Part::Descriptions,
    Part::Affected,
    Part::ProblemTypes,
    Part::References,
    Part::Impacts,
    Part::Metrics,
    Part::Credits,
    Part::Source,
    Part::Tags,
];
const OF_ADP: &[Part] = &[Part::References, Part::Metrics];

/// Makes an OSV document of a record.
///
/// Refuses: a record without any date, because `modified` is required.
pub(super) fn convert(record: &Record, options: &Options) -> Result<Converted, Refused> {
    let mut losses = leftovers(record, OF_CNA, OF_ADP);
    let mut findings = Vec::new();
    let Some(modified) = content::updated(record) else {
        return Err(Refused::because(no_date()));
    };
    let cna = record.cna();
    let is_rejected = record.is_rejected();
    let withdrawn = is_rejected
        .then(|| content::moment(record.cve_metadata.date_rejected.as_deref()).unwrap_or(modified));
    let ghsa = content::ghsa_ids(record);
    let id = own_id(record, options);
    let (mut aliases, mut related) = match ghsa.len() {
        0 | 1 => (ghsa, Vec::new()),
        _ => (Vec::new(), ghsa),
    };
    if id != record.id() {
        aliases.insert(0, record.id().to_owned());
    }
    related.extend(cna.replaced_by.iter().map(|id| id.to_string()));
    let text = match is_rejected {
        true => content::prose(&cna.rejected_reasons),
        false => content::prose(&cna.descriptions),
    };
    let document = Document {
        schema_version: SCHEMA_VERSION,
        modified,
        published: content::published(record),
        withdrawn,
        aliases,
        related,
        summary: cna
            .title
            .as_deref()
            .map(str::trim)
            .filter(|title| !title.is_empty()),
        details: text.map(|prose| prose.value.as_str()),
        severity: severity(record, &mut losses, &mut findings),
        affected: affected::affected(record, options.publisher, &mut losses, &mut findings),
        references: references(record, &mut losses),
        credits: credits(record),
        database_specific: facts(record),
        id,
    };
    Ok(Converted {
        name: format!("{}.json", document.id),
        document: super::json::pretty(&document),
        losses,
        findings,
    })
}

fn no_date() -> Finding {
    finding(
        check::Severity::Error,
        "CONV-OSV-DATE",
        "/cveMetadata",
        "the record says nowhere when it was published or changed",
        "OSV schema: modified is required",
        "add `cveMetadata.dateUpdated`, which CVE Services sets when it publishes",
    )
}

/// The ID in a database of its own, else the CVE ID.
fn own_id(record: &Record, options: &Options) -> String {
    match &options.publisher.osv_prefix {
        Some(prefix) => format!("{prefix}-{}", record.id().trim_start_matches("CVE-")),
        None => record.id().to_owned(),
    }
}

/// One score of each CVSS version, the CNA's before the others'.
fn severity<'b>(
    record: &'b Record,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vec<Severity<'b>> {
    let mut chosen: Vec<(&'static str, Scored<'b>)> = Vec::new();
    for (pointer, container) in content::containers(record) {
        let (scores, unscored) = content::scores(container);
        for score in scores {
            let kind = match score.vector.version() {
                Version::V4_0 => "CVSS_V4",
                Version::V3_1 | Version::V3_0 => "CVSS_V3",
                Version::V2_0 => "CVSS_V2",
            };
            match chosen.iter().find(|(known, _)| *known == kind) {
                None => chosen.push((kind, score)),
                Some((_, known)) if known.text == score.text => {}
                Some((_, known)) => losses.push(Loss::new(
                    "second-score",
                    format!("{pointer}{}", score.pointer),
                    format!(
                        "a document has one vector of {kind}, and it is `{}`",
                        known.text
                    ),
                )),
            }
        }
        findings.extend(
            unscored
                .into_iter()
                .map(|bad| super::finding::invalid_vector(&pointer, &bad)),
        );
        for (place, metric) in container.metrics.iter().enumerate() {
            if let Some(other) = &metric.other {
                losses.push(Loss::new(
                    "other-metric",
                    format!("{pointer}/metrics/{place}/other"),
                    format!("a document has CVSS only, no `{}`", other.kind),
                ));
            }
        }
    }
    let order = ["CVSS_V4", "CVSS_V3", "CVSS_V2"];
    chosen.sort_by_key(|(kind, _)| order.iter().position(|known| known == kind));
    chosen
        .into_iter()
        .map(|(kind, score)| Severity {
            kind,
            score: score.text,
        })
        .collect()
}

fn references<'b>(record: &'b Record, losses: &mut Vec<Loss>) -> Vec<Reference<'b>> {
    let mut references = Vec::new();
    for reference in content::references(record) {
        if check::is_uri(reference.url.as_bytes()) {
            references.push(Reference {
                kind: reference_kind(&reference.tags, &reference.url),
                url: &reference.url,
            });
        } else {
            losses.push(Loss::new(
                "reference",
                "/containers/cna/references",
                format!("`{}` is no URI", reference.url),
            ));
        }
    }
    references
}

/// Tags of the Record Format and what they are in OSV; the first row that
/// fits decides.
///
/// Source: formats section 4.
const REFERENCE_KINDS: [(&str, &str); 12] = [
    ("patch", "FIX"),
    ("exploit", "EVIDENCE"),
    ("vendor-advisory", "ADVISORY"),
    ("third-party-advisory", "ADVISORY"),
    ("vdb-entry", "ADVISORY"),
    ("issue-tracking", "REPORT"),
    ("mailing-list", "DISCUSSION"),
    ("technical-description", "ARTICLE"),
    ("media-coverage", "ARTICLE"),
    ("product", "PACKAGE"),
    ("signature", "DETECTION"),
    ("government-resource", "ADVISORY"),
];

fn reference_kind(tags: &[Text], url: &str) -> &'static str {
    let tagged = REFERENCE_KINDS
        .iter()
        .find(|(tag, _)| tags.iter().any(|known| known.as_str() == *tag));
    if let Some((_, kind)) = tagged {
        return kind;
    }
    let is_tagged = tags.iter().any(|tag| !tag.starts_with("x_"));
    if !is_tagged && (url.contains("/commit/") || url.contains("/pull/")) {
        return "FIX";
    }
    if !is_tagged && (url.contains("GHSA-") || url.contains("/advisories/")) {
        return "ADVISORY";
    }
    "WEB"
}

fn credits<'b>(record: &'b Record) -> Vec<Credit<'b>> {
    let credits = record.cna().credits.iter();
    credits
        .map(|credit| Credit {
            name: &credit.value,
            kind: credit.kind.as_deref().and_then(credit_kind),
        })
        .collect()
}

fn credit_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "finder" => "FINDER",
        "reporter" => "REPORTER",
        "analyst" => "ANALYST",
        "coordinator" => "COORDINATOR",
        "remediation developer" => "REMEDIATION_DEVELOPER",
        "remediation reviewer" => "REMEDIATION_REVIEWER",
        "remediation verifier" => "REMEDIATION_VERIFIER",
        "tool" => "TOOL",
        "sponsor" => "SPONSOR",
        "other" => "OTHER",
        _ => return None,
    })
}

fn facts<'b>(record: &'b Record) -> DocumentFacts<'b> {
    let cna = record.cna();
    let weaknesses = cna.problem_types.iter().flat_map(|kind| &kind.descriptions);
    let mut cwe_ids: Vec<&str> = Vec::new();
    let mut problems: Vec<&str> = Vec::new();
    for weakness in weaknesses {
        match weakness.cwe_id.as_deref() {
            Some(id) if !cwe_ids.contains(&id) => cwe_ids.push(id),
            Some(_) => {}
            None if weakness.description.as_str() == "n/a" => {}
            None => problems.push(&weakness.description),
        }
    }
    DocumentFacts {
        cna_assigner: record.cve_metadata.assigner_short_name.as_deref(),
        cwe_ids,
        problem_types: problems,
        capec_ids: cna
            .impacts
            .iter()
            .filter_map(|impact| impact.capec_id.as_deref())
            .collect(),
        impacts: cna
            .impacts
            .iter()
            .filter_map(|impact| content::prose(&impact.descriptions))
            .map(|prose| prose.value.as_str())
            .collect(),
        source: cna.source.as_ref().map(|source| document::SourceFacts {
            advisory: source.advisory.as_ref(),
            defect: source.defect.as_ref(),
            discovery: source.discovery.as_ref(),
        }),
        tags: cna.tags.iter().map(|tag| tag.as_str()).collect(),
    }
}
