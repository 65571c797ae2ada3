//! The part of a CSAF document about the document itself.

use std::borrow::Cow;

use super::document::{
    Distribution, Engine, Generator, Head, Note, Publisher, Reference, Revision, Tlp, Tracking,
};
use crate::check::{self, Finding, Severity};
use crate::convert::content;
use crate::convert::finding::finding;
use crate::convert::publisher;
use crate::convert::record::Record;
use crate::convert::{CsafProfile, CsafVersion, Loss, Options, Refused};
use crate::time::Timestamp;

/// Says what a document lacks because nobody described its publisher.
pub(super) fn publisher_findings(publisher: &publisher::Publisher) -> Vec<Finding> {
    if !publisher.name.trim().is_empty() {
        return Vec::new();
    }
    vec![finding(
        Severity::Warning,
        "CONV-PUBLISHER",
        "",
        "nobody said who publishes the document, so the CNA's short name stands in, with the namespace of the CVE Program",
        "CSAF 3.2.1.8: publisher",
        "describe the publisher in a file and name it with --publisher",
    )]
}

/// Makes the head.
///
/// Refuses: a record that says nowhere when it was published or changed.
pub(super) fn head<'b>(
    record: &'b Record,
    version: CsafVersion,
    profile: CsafProfile,
    options: &'b Options,
    losses: &mut Vec<Loss>,
    findings: &mut Vec<Finding>,
) -> Result<Head<'b>, Refused> {
    let publisher = options.publisher;
    let id = own_id(record, publisher);
    let tracking = tracking(record, id, options, findings)?;
    let is_rejected = record.is_rejected();
    let is_withdrawn = is_rejected && version == CsafVersion::V2_1;
    if is_withdrawn && tracking.revision_history.len() < 2 {
        return Err(Refused::because(never_published()));
    }
    let notes = match is_rejected {
        true => reasons(record),
        false => Vec::new(),
    };
    if version == CsafVersion::V2_1 && publisher.contact.is_some() {
        losses.push(Loss::new(
            "publisher-contact",
            "",
            "CSAF 2.1 documents carry no contact, because its drafts disagree about the key",
        ));
    }
    let mut references = own_references(record, &tracking.id, publisher);
    if is_rejected {
        references.extend(external(record, losses));
    }
    let name = match publisher.name.trim() {
        "" => record
            .cve_metadata
            .assigner_short_name
            .as_deref()
            .unwrap_or(&record.cve_metadata.assigner_org_id),
        name => name,
    };
    Ok(Head {
        category: match (is_rejected, version, profile) {
            (true, CsafVersion::V2_0, _) => "csaf_base",
            (true, CsafVersion::V2_1, _) => "csaf_withdrawn",
            (false, _, CsafProfile::SecurityAdvisory) => "csaf_security_advisory",
            (false, _, CsafProfile::Vex) => "csaf_vex",
        },
        csaf_version: match version {
            CsafVersion::V2_0 => "2.0",
            CsafVersion::V2_1 => "2.1",
        },
        distribution: Distribution {
            tlp: Tlp {
                label: match version {
                    CsafVersion::V2_0 => "WHITE",
                    CsafVersion::V2_1 => "CLEAR",
                },
                url: "https://www.first.org/tlp/",
            },
        },
        // Texts are taken in English, whatever else the publisher writes.
        lang: publisher
            .languages
            .iter()
            .find(|lang| crate::convert::record::is_english(lang))
            .map_or("en", String::as_str),
        notes,
        publisher: Publisher {
            category: publisher.category.as_str(),
            // Drafts of 2.1 and their validators disagree about the name of this key.
            contact_details: publisher
                .contact
                .as_deref()
                .filter(|_| version == CsafVersion::V2_0),
            issuing_authority: publisher.authority.as_deref(),
            name: if name.is_empty() { "unknown CNA" } else { name },
            namespace: &publisher.namespace,
        },
        references,
        title: title(record),
        tracking,
    })
}

fn title<'b>(record: &'b Record) -> Cow<'b, str> {
    match record.is_rejected() {
        true => Cow::Owned(format!("{}: rejected", record.id())),
        false => content::title(record),
    }
}

fn own_id(record: &Record, publisher: &publisher::Publisher) -> String {
    match &publisher.id {
        Some(template) => fill(template, record.id()),
        None => record.id().to_owned(),
    }
}

/// Fills `{id}`, `{year}` and `{number}` of a template with those of a CVE ID.
pub(super) fn fill(template: &str, id: &str) -> String {
    let (year, number) = id
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
        .unwrap_or_default();
    template
        .replace("{id}", id)
        .replace("{year}", year)
        .replace("{number}", number)
}

fn tracking<'b>(
    record: &'b Record,
    id: String,
    options: &'b Options,
    findings: &mut Vec<Finding>,
) -> Result<Tracking<'b>, Refused> {
    let history = history(record, options, findings)?;
    let mut aliases = Vec::new();
    if id != record.id() {
        aliases.push(record.id().to_owned());
    }
    aliases.extend(content::ghsa_ids(record));
    let advisory = record
        .cna()
        .source
        .as_ref()
        .and_then(|source| source.advisory.as_ref());
    if let Some(text) = advisory
        .and_then(|advisory| advisory.as_str())
        .map(str::trim)
    {
        aliases.push(text.to_owned());
    }
    let mut kept: Vec<String> = Vec::new();
    for alias in aliases {
        if !alias.is_empty() && alias != id && !kept.contains(&alias) {
            kept.push(alias);
        }
    }
    let (first, last) = (history[0].date, history[history.len() - 1].date);
    Ok(Tracking {
        aliases: kept,
        current_release_date: last,
        generator: Generator {
            engine: Engine {
                name: "cna",
                version: env!("CARGO_PKG_VERSION"),
            },
        },
        id,
        initial_release_date: first,
        version: history.len().to_string(),
        revision_history: history,
        status: "final",
    })
}

/// The releases: those that are known, else the first and the last one, which
/// the record itself dates. Never empty, rising.
fn history<'b>(
    record: &'b Record,
    options: &'b Options,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Revision<'b>>, Refused> {
    let known: Vec<(Timestamp, Cow<str>)> = match options.history {
        [] => dated(record, findings)?,
        known => known
            .iter()
            .map(|one| (one.date, Cow::Borrowed(one.summary.as_str())))
            .collect(),
    };
    let mut revisions: Vec<(Timestamp, Cow<str>)> = known;
    revisions.sort_by_key(|(date, _)| *date);
    let numbered = revisions.into_iter().enumerate();
    Ok(numbered
        .map(|(place, (date, summary))| Revision {
            date,
            number: (place + 1).to_string(),
            summary,
        })
        .collect())
}

fn dated<'b>(
    record: &'b Record,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(Timestamp, Cow<'b, str>)>, Refused> {
    let Some(updated) = content::updated(record) else {
        return Err(Refused::because(finding(
            check::Severity::Error,
            "CONV-CSAF-DATE",
            "/cveMetadata",
            "the record says nowhere when it was published or changed",
            "CSAF 3.2.1.12: initial_release_date and current_release_date are required",
            "add `cveMetadata.datePublished`, which CVE Services sets when it publishes",
        )));
    };
    let first = content::published(record).unwrap_or(updated);
    let mut dated = vec![(first.min(updated), Cow::Borrowed("CVE Record published"))];
    let changed = match record.is_rejected() {
        true => "CVE Record rejected",
        false => "CVE Record updated",
    };
    if first != updated {
        findings.push(finding(
            Severity::Advice,
            "CONV-HISTORY",
            "/cveMetadata",
            "the record dates only its first and its last release, so the history has these two",
            "CSAF 3.2.1.12.6: revision_history",
            "make documents where the releases are known, at the desk",
        ));
        dated.push((first.max(updated), Cow::Borrowed(changed)));
    } else if record.is_rejected() {
        dated[0].1 = Cow::Borrowed(changed);
    }
    Ok(dated)
}

/// Why the record was rejected, and what to use instead.
fn reasons<'b>(record: &'b Record) -> Vec<Note<'b>> {
    let cna = record.cna();
    let reason = content::prose(&cna.rejected_reasons);
    let reason = reason.map_or("The CVE Record was rejected.", |prose| prose.value.as_str());
    let mut notes = vec![Note {
        category: "description",
        text: Cow::Borrowed(reason),
        title: Some(Cow::Borrowed("Reasoning for Withdrawal")),
    }];
    if !cna.replaced_by.is_empty() {
        let ids: Vec<&str> = cna.replaced_by.iter().map(|id| id.as_str()).collect();
        notes.push(Note {
            category: "details",
            text: Cow::Owned(format!("Replaced by {}.", ids.join(", "))),
            title: Some(Cow::Borrowed("Replacement")),
        });
    }
    notes
}

/// References to the document itself and to the record.
fn own_references<'b>(
    record: &'b Record,
    id: &str,
    publisher: &publisher::Publisher,
) -> Vec<Reference<'b>> {
    let mut references = Vec::new();
    if let Some(template) = &publisher.document_url {
        let name = super::file_name(id);
        let url = template.replace("{name}", &name);
        references.push(Reference {
            category: "self",
            summary: Cow::Borrowed("This document"),
            url: Cow::Owned(fill(&url, record.id())),
        });
    }
    if let Some(template) = &publisher.advisory_url {
        references.push(Reference {
            category: "self",
            summary: Cow::Borrowed("The advisory"),
            url: Cow::Owned(fill(template, record.id())),
        });
    }
    references.push(Reference {
        category: "external",
        summary: Cow::Borrowed("CVE Record"),
        url: Cow::Owned(format!("https://www.cve.org/CVERecord?id={}", record.id())),
    });
    references.retain(|reference| check::is_uri(reference.url.as_bytes()));
    references
}

/// The record's references.
pub(super) fn external<'b>(record: &'b Record, losses: &mut Vec<Loss>) -> Vec<Reference<'b>> {
    let mut references = Vec::new();
    for reference in content::references(record) {
        if check::is_uri(reference.url.as_bytes()) {
            references.push(Reference {
                category: "external",
                summary: Cow::Owned(content::summary_of(reference)),
                url: Cow::Borrowed(&reference.url),
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

fn never_published() -> Finding {
    finding(
        Severity::Error,
        "CONV-CSAF-HISTORY",
        "/cveMetadata/datePublished",
        "the record was rejected without having been published, so there is nothing to withdraw",
        "CSAF 2.1 6.1.27.16: a withdrawal has at least two releases",
        "make a document of version 2.0, which only says that the ID was rejected",
    )
}
