//! What the desk knows beside the answers, as far as a decision is made from
//! it: whether it is public, what the report lacks, which record is meant.

use cve::id::CveId;
use store::cve_list;
use store::{CaseRecordRow, CaseRow, LedgerRow, Reader};

use super::answers::Sheet;
use super::determination::Claim;
use crate::case::{self, CaseId, is_visible, stored_report};
use crate::clocks::{self, EventKind};
use crate::desk::{Desk, products};
use crate::error::Error;
use crate::people::Actor;
use crate::report::Report;

/// The most IDs of a report that are looked up.
const MOST: usize = 20;

/// What is known of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether it was public before the first ID was assigned; nothing where
    /// nothing says so. A later disclosure is what the assignment led to, and
    /// does not undo it.
    pub(super) is_public: Option<bool>,
    /// Whether somebody else made it public, whenever that was.
    pub(super) is_leaked: bool,
    /// Whether details are public though no advisory of ours says so.
    pub(super) is_out: bool,
    /// What the report lacks.
    pub(super) missing: Vec<String>,
    /// The record a correction is about: its ID and the day it was published.
    pub(super) record: Option<(String, Option<String>)>,
}

impl Known {
    /// Reads what is known of a case.
    pub(super) fn load(
        reader: &mut Reader<'_>,
        row: &CaseRow,
        sheet: &Sheet,
        claims: &[Claim],
    ) -> Result<Known, Error> {
        let lines = reader.ledger_of(row.id)?;
        let standing = lines.iter().filter(|line| !case::is_gone(line));
        let assigned = standing.filter_map(|line| line.assigned_at).min();
        let events = clocks::disclosures(reader, row.id, &lines)?;
        let before = events
            .iter()
            .filter(|event| assigned.is_none_or(|assigned| event.at < assigned));
        let is_lacking = is(sheet, "A2", |value| value != "yes")
            || claims
                .iter()
                .filter_map(|claim| sheet.finding("C2", &claim.name))
                .any(|reply| reply.value == "unsure");
        let is_correction = is(sheet, "A1", |value| value == "correction");
        let missing = match is_lacking {
            true => missing(reader, row, sheet, claims)?,
            false => Vec::new(),
        };
        Ok(Known {
            is_public: clocks::is_public(before),
            is_leaked: events.iter().any(|event| event.kind.is_by_others()),
            is_out: events
                .iter()
                .any(|event| event.kind.is_by_others() || event.kind == EventKind::DetailsPublic),
            missing,
            record: match is_correction {
                true => record(reader, row, sheet)?,
                false => None,
            },
        })
    }
}

fn is(sheet: &Sheet, node: &str, wanted: impl Fn(&str) -> bool) -> bool {
    sheet.case(node).is_some_and(|reply| wanted(&reply.value))
}

/// What a report needs and this one lacks, as far as its fields say.
///
/// Source: process section 2.3, A2: product, version, claimed effect, proof,
/// public status, contact.
fn missing(
    reader: &mut Reader<'_>,
    row: &CaseRow,
    sheet: &Sheet,
    claims: &[Claim],
) -> Result<Vec<String>, Error> {
    let report = stored_report(row)?;
    let catalogue = products(reader)?;
    let parts = claims.iter().flat_map(|claim| &claim.products);
    let mut names = parts.map(|part| part.product.as_str());
    let is_known = names.any(|name| catalogue.iter().any(|product| product.name == name));
    let findings = reader.all_findings(row.id)?;
    let mut versions = !report.affected.is_empty();
    for finding in findings.iter().filter(|finding| finding.removed.is_none()) {
        let products = crate::finding::products_of(finding, row)?;
        versions |= products.iter().any(|part| !part.affected.is_empty());
    }
    let has_effect = !report.severity.is_empty()
        || !report.weakness.is_empty()
        || !report.cvss.is_empty()
        || report.public.is_some();
    let has_proof = !report.references.is_empty() || !reader.attachments(row.id)?.is_empty();
    let has_status = is(sheet, "A3", |value| value != "unknown");
    let lacking = [
        ("product", is_known),
        ("version", versions),
        ("effect", has_effect),
        ("proof", has_proof),
        ("public_status", has_status),
        ("contact", !report.reporter.contact.is_empty()),
    ];
    let lacking = lacking.into_iter().filter(|(_, is_there)| !is_there);
    Ok(lacking.map(|(field, _)| field.to_owned()).collect())
}

/// The published record a correction is about: the first ID named that the
/// ledger or the CVE List has as published, and without one the first named.
fn record(
    reader: &mut Reader<'_>,
    row: &CaseRow,
    sheet: &Sheet,
) -> Result<Option<(String, Option<String>)>, Error> {
    let named = sheet.case("A1").map(|reply| reply.names.clone());
    let ids = named_ids(reader, row, &named.unwrap_or_default())?;
    let listed = reader.case_records(row.id)?;
    for id in &ids {
        let own = reader.ledger_line(*id)?;
        let own = own.and_then(|line: LedgerRow| line.published_at);
        if let Some(at) = own {
            return Ok(Some((id.to_string(), Some(at.date()))));
        }
        if let Some(found) = listed.iter().find(|found| found.id == *id) {
            let day = Some(found.published.clone()).filter(|day| !day.is_empty());
            return Ok(Some((id.to_string(), day)));
        }
    }
    Ok(ids.first().map(|id| (id.to_string(), None)))
}

/// The IDs a correction may be about: those named with the answer, then those
/// of the case's links, then those of the report.
fn named_ids(
    reader: &mut Reader<'_>,
    row: &CaseRow,
    named: &[String],
) -> Result<Vec<CveId>, Error> {
    let report: Report = stored_report(row)?;
    let links = reader.links_of(row.id)?;
    let own = links.iter().filter(|link| link.case_id == row.id);
    let mut texts: Vec<&str> = named.iter().map(String::as_str).collect();
    texts.extend(own.map(|link| link.target.as_str()));
    texts.extend(report.references.iter().map(String::as_str));
    texts.extend([report.title.as_str(), report.body.as_str()]);
    let mut ids: Vec<CveId> = Vec::new();
    for id in texts.into_iter().flat_map(ids_in) {
        if !ids.contains(&id) && ids.len() < MOST {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The CVE IDs that stand in a text, in its order.
fn ids_in(text: &str) -> impl Iterator<Item = CveId> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    parts.filter_map(|part| {
        let part = part.trim_matches('-').to_ascii_uppercase();
        part.parse().ok()
    })
}

impl Desk {
    /// What the imported CVE List says of the records the correction of a case
    /// may be about. Nothing without a List, and for whoever is not on the
    /// case; a List that cannot be asked stops nobody from answering.
    pub(super) fn listed_records(
        &self,
        actor: &Actor,
        id: CaseId,
        named: &[String],
    ) -> Result<Vec<CaseRecordRow>, Error> {
        let Some(list) = &self.cve_list else {
            return Ok(Vec::new());
        };
        let ids = self.store.snapshot(|reader| {
            let row = match is_visible(reader, actor, id.number())? {
                true => reader.case(id.number())?,
                false => None,
            };
            match row {
                Some(row) => named_ids(reader, &row, named),
                None => Ok(Vec::new()),
            }
        })?;
        let mut found = Vec::new();
        for id in ids {
            match list.entry(id) {
                Ok(Some(entry)) if entry.state == "PUBLISHED" => found.push(CaseRecordRow {
                    id,
                    published: entry.published.chars().take(10).collect(),
                }),
                Ok(_) => {}
                Err(cve_list::Error::Missing) => break,
                Err(error) => {
                    tracing::warn!(%error, "the CVE List could not be asked for a record");
                    break;
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_addresses_and_sentences() {
        let text =
            "See https://www.cve.org/CVERecord?id=CVE-1900-20001, cve-1900-20002; not CVE-x.";
        let found: Vec<_> = ids_in(text).map(|id| id.to_string()).collect();
        assert_eq!(found, ["CVE-1900-20001", "CVE-1900-20002"]);
    }
}
