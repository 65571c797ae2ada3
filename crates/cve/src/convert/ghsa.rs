//! Records as GitHub advisories, as the REST API gives those of a repository.
//!
//! Source: GitHub REST API, "repository security advisories"; formats
//! section 8.

use serde::Serialize;
use serde_json::Value;

use super::content;
use super::coverage::{Coverage, Span, Versions};
use super::finding::{finding, invalid_vector, reading};
use super::leftover::{Part, leftovers};
use super::package::Package;
use super::publisher::Publisher;
use super::read::ghsa::ECOSYSTEMS;
use super::read::markdown::escaped;
use super::record::{Product, Prose, Record, is_english};
use super::{Converted, Loss, Options, Refused};
use crate::check::{Finding, Severity};
use crate::cvss::Version;
use crate::cwe;
use crate::time::Timestamp;
use crate::versions::Status;

/// What an advisory holds of a CNA's container, and of the others'.
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
    Part::Source,
    Part::DatePublic,
];

#[derive(Serialize)]
struct Advisory<'a> {
    ghsa_id: Option<String>,
    cve_id: &'a str,
    html_url: Option<&'a str>,
    summary: &'a str,
    description: String,
    severity: Option<String>,
    identifiers: Vec<Identifier>,
    state: &'static str,
    published_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    withdrawn_at: Option<Timestamp>,
    vulnerabilities: Vec<Vulnerability>,
    cvss_severities: Severities,
    cwes: Vec<Weakness>,
    cwe_ids: Vec<String>,
    credits: Vec<Credit>,
    references: Vec<&'a str>,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    package: NamedPackage,
    vulnerable_version_range: Option<String>,
    patched_versions: Option<String>,
    vulnerable_functions: Vec<String>,
}

#[derive(Serialize)]
struct NamedPackage {
    ecosystem: &'static str,
    name: String,
}

#[derive(Serialize, Default)]
struct Severities {
    cvss_v3: Option<Cvss>,
    cvss_v4: Option<Cvss>,
}

#[derive(Serialize)]
struct Cvss {
    vector_string: String,
    score: f64,
}

#[derive(Serialize)]
struct Weakness {
    cwe_id: String,
    name: String,
}

#[derive(Serialize)]
struct Credit {
    login: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Makes an advisory of a record.
///
/// Refuses: a record without a text; an advisory needs one.
pub(super) fn convert(record: &Record, options: &Options) -> Result<Converted, Refused> {
    let cna = record.cna();
    let mut losses = leftovers(record, OF_CNA, &[]);
    let mut findings = Vec::new();
    let is_rejected = record.is_rejected();
    let texts = if is_rejected {
        &cna.rejected_reasons
    } else {
        &cna.descriptions
    };
    let Some(prose) = content::prose(texts) else {
        return Err(Refused::because(finding(
            Severity::Error,
            "CONV-GHSA-TEXT",
            "/containers/cna/descriptions",
            "the record has no text, and an advisory needs one",
            "GitHub REST API: description is required",
            "describe the vulnerability",
        )));
    };
    let title = content::title(record);
    let ghsa = content::ghsa_ids(record);
    let html_url = ghsa.first().and_then(|id| {
        cna.references
            .iter()
            .find(|reference| reference.url.contains(id.as_str()))
    });
    let (cvss_severities, severity) = severities(record, &mut losses, &mut findings);
    let weaknesses = weaknesses(record, &mut losses);
    let withdrawn = content::moment(record.cve_metadata.date_rejected.as_deref())
        .or_else(|| content::updated(record));
    let mut identifiers: Vec<_> = ghsa
        .iter()
        .take(1)
        .map(|id| Identifier {
            kind: "GHSA",
            value: id.clone(),
        })
        .collect();
    identifiers.push(Identifier {
        kind: "CVE",
        value: record.id().to_owned(),
    });
    lose_other_advisories(record, &ghsa, &mut losses);
    let advisory = Advisory {
        ghsa_id: ghsa.into_iter().next(),
        cve_id: record.id(),
        html_url: html_url.map(|reference| reference.url.as_str()),
        summary: &title,
        description: description(&prose.value, cna, is_rejected),
        severity,
        identifiers,
        state: match (is_rejected, content::published(record)) {
            (true, _) => "withdrawn",
            (false, Some(_)) => "published",
            (false, None) => "draft",
        },
        published_at: content::moment(cna.date_public.as_deref())
            .or_else(|| content::published(record)),
        updated_at: content::updated(record),
        withdrawn_at: withdrawn.filter(|_| is_rejected),
        vulnerabilities: vulnerabilities(record, options.publisher, &mut losses, &mut findings),
        cvss_severities,
        cwe_ids: weaknesses
            .iter()
            .map(|weakness| weakness.cwe_id.clone())
            .collect(),
        cwes: weaknesses,
        credits: credits(record, &mut losses),
        references: references(
            record,
            html_url.map(|reference| reference.url.as_str()),
            &mut losses,
        ),
    };
    Ok(Converted {
        document: super::json::pretty(&advisory),
        name: format!("{}.json", record.id().to_ascii_lowercase()),
        losses,
        findings,
    })
}

/// What an advisory cannot say of `source`.
fn lose_other_advisories(record: &Record, ghsa: &[String], losses: &mut Vec<Loss>) {
    for id in ghsa.iter().skip(1) {
        losses.push(Loss::new(
            "alias",
            "/containers/cna/references",
            format!("an advisory has one ID, and `{id}` is another"),
        ));
    }
    let Some(source) = &record.cna().source else {
        return;
    };
    let advisory = source.advisory.as_ref().and_then(Value::as_str);
    if advisory.is_some_and(|advisory| ghsa.first().is_none_or(|id| id != advisory)) {
        losses.push(Loss::new(
            "source",
            "/containers/cna/source/advisory",
            "an advisory has no place for the ID of another one",
        ));
    }
    for (key, value) in [("defect", &source.defect), ("discovery", &source.discovery)] {
        if value.is_some() {
            losses.push(Loss::new(
                "source",
                format!("/containers/cna/source/{key}"),
                format!("an advisory has no place for `{key}`"),
            ));
        }
    }
}

/// The description, in the sections of GitHub's template when there is more
/// than a description.
fn description(text: &str, cna: &super::record::Container, is_rejected: bool) -> String {
    let sections: [(&str, Vec<&str>); 2] = [
        ("Patches", english(&cna.solutions)),
        ("Workarounds", english(&cna.workarounds)),
    ];
    if is_rejected || sections.iter().all(|(_, texts)| texts.is_empty()) {
        return escaped(text.trim());
    }
    let mut whole = format!("### Impact\n\n{}\n", escaped(text.trim()));
    for (heading, texts) in sections {
        // Each text has its heading, so that they stay apart.
        for text in texts {
            whole.push_str(&format!("\n### {heading}\n\n{}\n", escaped(text)));
        }
    }
    whole
}

fn english<'b>(texts: &'b [Prose<'b>]) -> Vec<&'b str> {
    let any = texts.iter().any(|prose| is_english(&prose.lang));
    let kept = texts.iter().enumerate().filter(|(place, prose)| {
        if any {
            is_english(&prose.lang)
        } else {
            *place == 0
        }
    });
    kept.map(|(_, prose)| prose.value.trim())
        .filter(|text| !text.is_empty())
        .collect()
}

/// One vector of each version that an advisory has, and the word for it.
fn severities(
    record: &Record,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> (Severities, Option<String>) {
    let (scores, bad) = content::scores(record.cna());
    findings.extend(bad.iter().map(|bad| invalid_vector("/containers/cna", bad)));
    let (mut severities, mut word) = (Severities::default(), None);
    for score in scores {
        let pointer = format!("/containers/cna{}", score.pointer);
        let version = score.vector.version();
        let slot = match version {
            Version::V4_0 => &mut severities.cvss_v4,
            Version::V3_1 | Version::V3_0 => &mut severities.cvss_v3,
            Version::V2_0 => {
                losses.push(Loss::new(
                    "cvss-2.0",
                    pointer,
                    "an advisory has no place for CVSS 2.0",
                ));
                continue;
            }
        };
        if slot.is_some() {
            losses.push(Loss::new(
                "second-score",
                pointer,
                "an advisory has one vector of each version of CVSS",
            ));
            continue;
        }
        let (value, severity) = match version {
            Version::V4_0 => (score.vector.score(), score.vector.severity()),
            _ => (score.vector.base_score(), score.vector.base_severity()),
        };
        *slot = Some(Cvss {
            vector_string: score.vector.to_string(),
            score: value.number(),
        });
        // The newest version of CVSS gives the word.
        if version == Version::V4_0 || word.is_none() {
            word = Some(severity.as_str().to_lowercase()).filter(|word| word != "none");
        }
    }
    for (place, metric) in record.cna().metrics.iter().enumerate() {
        if let Some(other) = &metric.other {
            let pointer = format!("/containers/cna/metrics/{place}/other");
            losses.push(Loss::new(
                "other-metric",
                pointer,
                format!("an advisory has CVSS only, no `{}`", other.kind),
            ));
        }
    }
    (severities, word)
}

fn weaknesses(record: &Record, losses: &mut Vec<Loss>) -> Vec<Weakness> {
    let mut weaknesses: Vec<Weakness> = Vec::new();
    for (place, problem) in record.cna().problem_types.iter().enumerate() {
        for (index, one) in problem.descriptions.iter().enumerate() {
            let number = one.cwe_id.as_deref().and_then(cwe::number);
            match number {
                Some(number) => {
                    let cwe_id = format!("CWE-{number}");
                    if weaknesses.iter().all(|known| known.cwe_id != cwe_id) {
                        let name = cwe::entry(number)
                            .map_or_else(String::new, |entry| entry.name.to_owned());
                        weaknesses.push(Weakness { cwe_id, name });
                    }
                }
                None if matches!(one.description.trim(), "" | "n/a") => {}
                None => losses.push(Loss::new(
                    "problem-type",
                    format!("/containers/cna/problemTypes/{place}/descriptions/{index}"),
                    "an advisory has weaknesses by their number only",
                )),
            }
        }
    }
    weaknesses
}

/// Credits: GitHub thanks its own accounts only.
fn credits(record: &Record, losses: &mut Vec<Loss>) -> Vec<Credit> {
    let mut credits = Vec::new();
    for (place, credit) in record.cna().credits.iter().enumerate() {
        let login = credit.value.trim().strip_prefix('@');
        let login = login.filter(|login| {
            (1..=39).contains(&login.len())
                && login
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || c == b'-')
        });
        match login {
            Some(login) => credits.push(Credit {
                login: login.to_owned(),
                kind: credit.kind.as_deref().unwrap_or("finder").replace(' ', "_"),
            }),
            None => losses.push(Loss::new(
                "credit",
                format!("/containers/cna/credits/{place}"),
                "an advisory thanks accounts, such as `@name`, not names",
            )),
        }
    }
    credits
}

/// The addresses, but for that of the advisory itself.
fn references<'b>(record: &'b Record, own: Option<&str>, losses: &mut Vec<Loss>) -> Vec<&'b str> {
    let mut urls: Vec<&str> = Vec::new();
    for (place, reference) in record.cna().references.iter().enumerate() {
        let url = reference.url.as_str();
        let says_more = reference.name.is_some() || !reference.tags.is_empty();
        if says_more {
            losses.push(Loss::new(
                "reference-name",
                format!("/containers/cna/references/{place}"),
                "an advisory has addresses without names and tags",
            ));
        }
        if own != Some(url) && !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// A vulnerability for each stretch of affected versions.
fn vulnerabilities(
    record: &Record,
    publisher: &Publisher,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vec<Vulnerability> {
    let mut all = Vec::new();
    for (place, product) in record.cna().affected.iter().enumerate() {
        let pointer = format!("/containers/cna/affected/{place}");
        let coverage = Coverage::of(product);
        findings.extend(coverage.readings.iter().map(|(entry, read)| {
            reading(
                &format!("{pointer}/versions/{entry}/version"),
                &product.versions[*entry].version,
                read,
            )
        }));
        lose_statuses(&coverage, &pointer, losses);
        lose_details(product, &pointer, losses);
        let ranges = ranges(&coverage, &pointer, losses);
        if ranges.is_empty() {
            losses.push(Loss::new(
                "product-not-affected",
                pointer,
                "an advisory names only packages that are affected",
            ));
            continue;
        }
        for (range, patched) in ranges {
            all.push(Vulnerability {
                package: package(product, publisher),
                vulnerable_version_range: range,
                patched_versions: patched,
                vulnerable_functions: product
                    .program_routines
                    .iter()
                    .map(|routine| routine.name.to_string())
                    .collect(),
            });
        }
    }
    all
}

fn package(product: &Product, publisher: &Publisher) -> NamedPackage {
    let package = Package::of(product, publisher);
    let ecosystem = package
        .as_ref()
        .and_then(|package| package.ecosystem.as_deref());
    let known = ecosystem.and_then(|name| ECOSYSTEMS.iter().find(|(_, osv)| *osv == name));
    match (known, package) {
        (Some((name, _)), Some(package)) => NamedPackage {
            ecosystem: name,
            name: package.name,
        },
        _ => NamedPackage {
            ecosystem: "other",
            name: product.name().unwrap_or("n/a").to_owned(),
        },
    }
}

/// What an advisory does not say of versions: it has vulnerable ones only.
fn lose_statuses(coverage: &Coverage, pointer: &str, losses: &mut Vec<Loss>) {
    for piece in coverage
        .pieces
        .iter()
        .filter(|piece| piece.status == Status::Unknown)
    {
        losses.push(Loss::new(
            "status-unknown",
            format!("{pointer}{}", piece.by.pointer()),
            "an advisory cannot say that it is unknown whether a version is affected",
        ));
    }
    for (by, why) in &coverage.unused {
        losses.push(Loss::new(
            "version-entry",
            format!("{pointer}{}", by.pointer()),
            format!("the entry is left out: {why}"),
        ));
    }
}

/// What an advisory has no place for of a product.
fn lose_details(product: &Product, pointer: &str, losses: &mut Vec<Loss>) {
    let parts = [
        ("cpes", !product.cpes.is_empty()),
        ("modules", !product.modules.is_empty()),
        ("programFiles", !product.program_files.is_empty()),
        ("platforms", !product.platforms.is_empty()),
        ("repo", product.repo.is_some()),
        ("vendor", product.vendor.is_some()),
    ];
    for (key, is_there) in parts {
        if is_there {
            losses.push(Loss::new(
                "product",
                format!("{pointer}/{key}"),
                format!("a package of an advisory has no `{key}`"),
            ));
        }
    }
}

/// Ranges as GitHub writes them, each with the version that has the fix.
fn ranges(
    coverage: &Coverage,
    pointer: &str,
    losses: &mut Vec<Loss>,
) -> Vec<(Option<String>, Option<String>)> {
    let mut ranges: Vec<(Option<String>, Option<String>)> = coverage
        .affected
        .iter()
        .map(range)
        .map(|(range, fix)| (Some(range), fix))
        .collect();
    for piece in coverage
        .pieces
        .iter()
        .filter(|piece| piece.status == Status::Affected)
    {
        match &piece.versions {
            Versions::AllBut(named) if named.is_empty() && ranges.is_empty() => {
                ranges.push((Some(">= 0".to_owned()), None))
            }
            Versions::AllBut(named) if !named.is_empty() => losses.push(Loss::new(
                "range",
                format!("{pointer}{}", piece.by.pointer()),
                "an advisory cannot say that every version but some is affected",
            )),
            Versions::Unstated if ranges.is_empty() => ranges.push((None, None)),
            _ => {}
        }
    }
    ranges
}

fn range(span: &Span) -> (String, Option<String>) {
    if let Some(version) = span.single() {
        return (format!("= {version}"), None);
    }
    let from = span.from.as_ref().map(|edge| {
        format!(
            "{} {}",
            if edge.included { ">=" } else { ">" },
            edge.version
        )
    });
    let to = span.to.as_ref().map(|edge| {
        format!(
            "{} {}",
            if edge.included { "<=" } else { "<" },
            edge.version
        )
    });
    let fix = span
        .to
        .as_ref()
        .filter(|edge| !edge.included)
        .map(|edge| edge.version.to_string());
    let text = match (from, to) {
        (Some(from), Some(to)) => format!("{from}, {to}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => ">= 0".to_owned(),
    };
    (text, fix)
}
