//! Records as OpenVEX 0.2.0 documents.
//!
//! Source: OpenVEX 0.2.0 and its schema; formats section 5.

use std::collections::HashSet;

use serde::Serialize;

use super::content;
use super::coverage::{Coverage, Piece};
use super::finding::{finding, reading};
use super::identifier::uuid_urn;
use super::leftover::{Part, leftovers};
use super::package::{Package, cpe_of};
use super::product_names::{ProductNames, Release, stable_id};
use super::record::{Product as RecordProduct, Prose, Record, is_english};
use super::{Converted, Loss, Options, Refused};
use crate::check::{Finding, Severity};
use crate::time::Timestamp;
use crate::versions::Status;

const OF_CNA: &[Part] = &[
    Part::Descriptions,
    Part::Affected,
    Part::Workarounds,
    Part::Solutions,
];

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: &'a str,
    role: &'static str,
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<Timestamp>,
    version: usize,
    tooling: &'static str,
    statements: Vec<Statement<'a>>,
}

#[derive(Serialize)]
struct Statement<'a> {
    vulnerability: Vulnerability<'a>,
    products: [Product; 1],
    status: &'static str,
    status_notes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<&'a str>,
}

#[derive(Serialize, Clone)]
struct Vulnerability<'a> {
    #[serde(rename = "@id")]
    id: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
}

#[derive(Serialize)]
struct Product {
    #[serde(rename = "@id")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifiers: Option<Identifiers>,
}

#[derive(Serialize)]
struct Identifiers {
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    /// The published schema has the `@`; its prose has not.
    #[serde(rename = "@cpe23", skip_serializing_if = "Option::is_none")]
    cpe23: Option<String>,
}

/// Makes an OpenVEX document of a record.
///
/// Refuses: a rejected record and one that names no product, because a
/// document needs a statement about one; and one without any date.
pub(super) fn convert(record: &Record, options: &Options) -> Result<Converted, Refused> {
    let mut losses = leftovers(record, OF_CNA, &[]);
    let mut findings = Vec::new();
    let Some(updated) = content::updated(record) else {
        return Err(Refused::because(no_date()));
    };
    let first = content::published(record).unwrap_or(updated).min(updated);
    if record.is_rejected() {
        return Err(Refused::because(rejected()));
    }
    let action = action(record, options, &mut findings);
    let statements = statements(record, &action, options, &mut losses, &mut findings);
    if statements.is_empty() {
        return Err(Refused::because(no_statement(&losses)));
    }
    let publisher = options.publisher;
    let document = Document {
        context: "https://openvex.dev/ns/v0.2.0",
        id: uuid_urn(&[&publisher.namespace, "openvex", record.id()]),
        author: author(record, options),
        role: "CVE Numbering Authority",
        timestamp: first,
        last_updated: (updated > first).then_some(updated),
        version: match options.history.len() {
            0 => 1 + usize::from(updated > first),
            known => known,
        },
        tooling: concat!("cna ", env!("CARGO_PKG_VERSION")),
        statements,
    };
    Ok(Converted {
        name: format!("{}.openvex.json", record.id()),
        document: super::json::pretty(&document),
        losses,
        findings,
    })
}

/// The publisher's name, else that of the CNA.
pub(super) fn author<'b>(record: &'b Record, options: &'b Options) -> &'b str {
    let metadata = &record.cve_metadata;
    match options.publisher.name.trim() {
        "" => metadata
            .assigner_short_name
            .as_deref()
            .unwrap_or(&metadata.assigner_org_id),
        name => name,
    }
}

fn statements<'b>(
    record: &'b Record,
    action: &'b str,
    options: &Options,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Vec<Statement<'b>> {
    // The statements outlive this call only through what they borrow.
    let vulnerability = Vulnerability {
        id: format!("https://www.cve.org/CVERecord?id={}", record.id()),
        name: record.id(),
        description: content::prose(&record.cna().descriptions).map(|prose| prose.value.as_str()),
        aliases: content::ghsa_ids(record),
    };
    let mut seen = HashSet::new();
    let mut statements = Vec::new();
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
        let package = Package::of(product, options.publisher);
        for piece in &coverage.pieces {
            let release = Release::of(product, &coverage, piece);
            if !seen.insert(stable_id(product, &release.name)) {
                losses.push(Loss::new(
                    "second-status",
                    format!("{pointer}{}", piece.by.pointer()),
                    "an entry before says what these versions are",
                ));
                continue;
            }
            let status = status(piece);
            statements.push(Statement {
                vulnerability: vulnerability.clone(),
                products: [named(product, &release, package.as_ref(), options)],
                status,
                status_notes: notes(&names, &release),
                impact_statement: (status == "not_affected")
                    .then_some("The CVE Record states that these versions are unaffected, and gives no reason."),
                action_statement: (status == "affected").then_some(action),
            });
        }
    }
    statements
}

fn status(piece: &Piece) -> &'static str {
    match piece.status {
        Status::Affected => "affected",
        Status::Unaffected if piece.is_fix => "fixed",
        Status::Unaffected => "not_affected",
        Status::Unknown => "under_investigation",
    }
}

/// Which versions a statement is about: a product's identifier holds at most
/// one.
fn notes(names: &ProductNames, release: &Release) -> String {
    match release.is_single || release.is_unstated {
        true => format!("{} {}", names.full(), release.in_words),
        false => format!("{} {} ({})", names.full(), release.in_words, release.name),
    }
}

fn named(
    product: &RecordProduct,
    release: &Release,
    package: Option<&Package>,
    options: &Options,
) -> Product {
    let purl = package.and_then(|package| package.purl.clone());
    let purl = purl.and_then(|purl| match release.is_single {
        true => purl.with_version(&release.name),
        false => Some(purl),
    });
    let purl = purl.map(|purl| purl.to_string());
    let cpe23 = cpe_of(product).map(|cpe| cpe.formatted());
    Product {
        id: purl.clone().unwrap_or_else(|| {
            uuid_urn(&[
                &options.publisher.namespace,
                "product",
                &stable_id(product, &release.name),
            ])
        }),
        identifiers: (purl.is_some() || cpe23.is_some()).then_some(Identifiers { purl, cpe23 }),
    }
}

/// What users of affected versions can do, as far as the record says.
fn action(record: &Record, options: &Options, findings: &mut Vec<Finding>) -> String {
    let cna = record.cna();
    let english = |list: &[Prose]| {
        let texts = list.iter().filter(|prose| is_english(&prose.lang));
        texts
            .map(|prose| prose.value.to_string())
            .collect::<Vec<_>>()
    };
    let mut texts = english(&cna.solutions);
    texts.extend(english(&cna.workarounds));
    if !texts.is_empty() {
        return texts.join("\n\n");
    }
    let fixes = fixes(record);
    if !fixes.is_empty() {
        return format!("The CVE Record states as fixed: {}", fixes.join("; "));
    }
    findings.push(finding(
        Severity::Warning,
        "CONV-REMEDIATION",
        "/containers/cna",
        "the record has no solution, no workaround and no fixed version",
        "OpenVEX: a status of affected needs an action_statement",
        "add `solutions` or `workarounds`, or the version that brings the fix",
    ));
    let advisory = options.publisher.advisory_url.as_ref();
    let advisory = advisory.map(|template| template.replace("{id}", record.id()));
    let first = || {
        cna.references
            .first()
            .map(|reference| reference.url.to_string())
    };
    match advisory.or_else(first) {
        Some(url) => format!("The CVE Record names no solution and no workaround. See {url}"),
        None => "The CVE Record names no solution and no workaround.".to_owned(),
    }
}

/// The versions a record states as fixed, in words.
pub(super) fn fixes(record: &Record) -> Vec<String> {
    let mut fixes = Vec::new();
    for product in &record.cna().affected {
        let coverage = Coverage::of(product);
        for piece in coverage.pieces.iter().filter(|piece| piece.is_fix) {
            let release = Release::of(product, &coverage, piece);
            fixes.push(format!(
                "{} {}",
                ProductNames::of(product).full(),
                release.in_words
            ));
        }
    }
    fixes
}

fn no_date() -> Finding {
    finding(
        Severity::Error,
        "CONV-VEX-DATE",
        "/cveMetadata",
        "the record says nowhere when it was published or changed",
        "OpenVEX: timestamp is required",
        "add `cveMetadata.datePublished`, which CVE Services sets when it publishes",
    )
}

fn rejected() -> Finding {
    finding(
        Severity::Error,
        "CONV-VEX-REJECTED",
        "/cveMetadata/state",
        "the record was rejected, so there is no product to state anything about",
        "OpenVEX: a document has at least one statement",
        "withdraw the earlier document; --to csaf and --to osv can say that a record was rejected",
    )
}

fn no_statement(losses: &[Loss]) -> Finding {
    let left_out = losses.iter().find(|loss| loss.kind == "version-entry");
    let (pointer, message) = match left_out {
        Some(loss) => (
            loss.pointer.as_str(),
            format!("no version has a status: {}", loss.message),
        ),
        None => (
            "/containers/cna/affected",
            "the record gives no version of any product a status".to_owned(),
        ),
    };
    finding(
        Severity::Error,
        "CONV-VEX-PRODUCTS",
        pointer,
        message,
        "OpenVEX: a document has at least one statement",
        "name the affected products with `versions` or `defaultStatus`",
    )
}
