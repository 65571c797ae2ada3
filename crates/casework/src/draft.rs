//! Drafts: record and advisory together, revision by revision.

use cve::check::Finding;
use cve::cvss::{Cvss, Version};
use cve::hash::Digest;
use cve::id::CveId;
use cve::merge::merge;
use serde::Serialize;
use serde_json::{Value, json};
use store::{CaseRow, DraftRow, LedgerRow, Tx};

use crate::advisory::{Advisory, AffectedLine, range_in_words};
use crate::case::{self, CaseId, Verb};
use crate::catalogue;
use crate::desk::{Desk, Organisation, Product};
use crate::error::{Error, Refusal};
use crate::finding::{self, DraftSubject};
use crate::findings::findings;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::{AffectedRange, Report};
use crate::review;
use crate::revision::document_of;

/// A revision as it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// The ID it describes.
    pub cve_id: CveId,
    /// Its number, from 1.
    pub revision: i64,
    /// What an approval binds to: sha-256 of the canonical JSON.
    pub digest: Digest,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

impl Desk {
    /// Drafts record and advisory from the report of the ID's case.
    ///
    /// A draft that exists keeps its advisory id; the rest is written anew as
    /// a further revision.
    pub fn draft_from_report(&self, actor: &Actor, id: CveId) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        let products = self.products()?;
        let organisation = self.set_up_organisation()?;
        let portal = self.settings.portal_url.clone();
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let report = case::stored_report(&row)?;
            let subject = finding::subject(tx, &row, &line, &products)?;
            let advisory_id = match existing_advisory(tx, id)? {
                Some(advisory_id) => advisory_id,
                None => advisory_id_for(tx, &organisation)?,
            };
            let url = advisory_url(&portal, &advisory_id);
            let document = json!({
                "cna": container(&report, &subject, &url),
                "advisory": advisory(&report, &subject, id, &advisory_id, &url),
            });
            save(tx, &actor, &mut row, &mut line, document, "", &products)
        })
    }

    /// Saves a further revision of the draft of `id`.
    ///
    /// Takes: `document`, an object of `cna` (a CNA container) and `advisory`;
    /// `base`, the revision it was made from, where others may have saved one
    /// since: their changes are then merged in, field by field.
    /// Refuses: another shape, or an advisory about another ID; a field that
    /// another revision changed since, and not to the same. Findings do not
    /// keep a revision from being saved, only from being approved.
    pub fn save_draft(
        &self,
        actor: &Actor,
        id: CveId,
        document: &Value,
        base: Option<i64>,
    ) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        let (actor, document, products) = (actor.clone(), document.clone(), self.products()?);
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let document = match base {
                Some(base) => merged(tx, id, base, &document)?,
                None => document.clone(),
            };
            save(tx, &actor, &mut row, &mut line, document, "", &products)
        })
    }

    /// Writes one field of the draft of `id`, as a further revision.
    ///
    /// Takes: `pointer` into the document, such as `/cna/title`; `-` at its
    /// end adds to a list.
    pub fn set_field(
        &self,
        actor: &Actor,
        id: CveId,
        pointer: &str,
        value: &Value,
    ) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        let (actor, products) = (actor.clone(), self.products()?);
        let (pointer, value) = (pointer.to_owned(), value.clone());
        self.store.write(move |tx| {
            let (mut row, mut line) = take(tx, &actor, id, Verb::Draft)?;
            let mut document = document_of(&review::newest(tx, id)?)?;
            review::put(&mut document, &pointer, value.clone())?;
            save(tx, &actor, &mut row, &mut line, document, "", &products)
        })
    }
}

/// The document with what was saved since revision `base`.
pub(crate) fn merged(
    tx: &mut Tx<'_>,
    id: CveId,
    base: i64,
    document: &Value,
) -> Result<Value, Error> {
    let revisions = tx.revisions(id)?;
    let Some(newest) = revisions.last().filter(|newest| newest.revision != base) else {
        return Ok(document.clone());
    };
    let from = revisions.iter().find(|row| row.revision == base);
    let from = from.ok_or_else(|| {
        Refusal::invalid("base", format!("the draft of {id} has no revision {base}"))
    })?;
    let merged = merge(&document_of(from)?, &document_of(newest)?, document);
    if merged.conflicts.is_empty() {
        return Ok(merged.container);
    }
    Err(Refusal::Conflict {
        revision: newest.revision,
        conflicts: merged.conflicts,
    }
    .into())
}

/// Takes the case and the ledger line of `id`, when the actor is on the case.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CveId,
    verb: Verb,
) -> Result<(CaseRow, LedgerRow), Error> {
    let not_found = || Refusal::not_found(id.to_string());
    let line = tx.ledger_line(id)?.ok_or_else(not_found)?;
    let case_id = CaseId::new(line.case_id.ok_or_else(not_found)?);
    // The case first, then the line: everybody takes them in this order.
    let row = match case::take(tx, actor, case_id, verb) {
        Err(Error::Refused(Refusal::NotFound { .. })) => return Err(not_found().into()),
        other => other?,
    };
    let line = tx.take_ledger_line(id)?.ok_or_else(not_found)?;
    Ok((row, line))
}

/// The next id of an advisory, such as `EXAMPLE-2026-001`.
pub(crate) fn advisory_id_for(
    tx: &mut Tx<'_>,
    organisation: &Organisation,
) -> Result<String, Error> {
    let name = organisation.short_name.as_str().to_uppercase();
    let year = tx.now().year();
    let number = tx.next_in_series(&format!("advisory {year}"))?;
    Ok(format!("{name}-{year}-{number:03}"))
}

pub(crate) fn existing_advisory(tx: &mut Tx<'_>, id: CveId) -> Result<Option<String>, Error> {
    let Some(draft) = tx.draft(id)? else {
        return Ok(None);
    };
    let document: Value = serde_json::from_str(&draft.document)
        .map_err(|error| Error::Broken(format!("the draft of {id} cannot be read: {error}")))?;
    Ok(document["advisory"]["id"].as_str().map(str::to_owned))
}

/// Address of an advisory on the portal.
pub(crate) fn advisory_url(portal: &str, advisory_id: &str) -> String {
    format!("{portal}/advisories/{advisory_id}")
}

/// Saves a revision in this unit of work, which has taken case and line.
///
/// Takes: `suggested_by`, the id of whoever suggested the change; empty for
/// nobody.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    actor: &Actor,
    row: &mut CaseRow,
    line: &mut LedgerRow,
    mut document: Value,
    suggested_by: &str,
    products: &[Product],
) -> Result<Revision, Error> {
    trim(&mut document);
    let advisory = read_document(&document, line.id)?;
    let day = line.assigned_at.unwrap_or_else(|| tx.now()).date();
    let products = catalogue::registered(tx, products, &day)?;
    let findings = findings(&document, &advisory, &products, tx.now())?;
    let revision = tx.draft(line.id)?.map_or(1, |draft| draft.revision + 1);
    let digest = Digest::of_json(&document);
    tx.insert_draft(&DraftRow {
        id: line.id,
        revision,
        digest,
        document: document.to_string(),
        findings: json!(findings).to_string(),
        author: actor.id().to_owned(),
        suggested_by: suggested_by.to_owned(),
        at: tx.now(),
    })?;
    if digest.to_string() != line.approved_digest {
        // The approval was of another text; going back to that needs a new one.
        line.approved_digest.clear();
        line.approved_by.clear();
        line.approved_at = None;
        line.modified = tx.now();
        tx.update_ledger_line(line)?;
    }
    case::settle(tx, row)?;
    let detail = json!({"cve_id": line.id, "revision": revision, "digest": digest});
    case::record(tx, actor, CaseId::new(row.id), "drafted", "draft", detail);
    Ok(Revision {
        cve_id: line.id,
        revision,
        digest,
        findings,
    })
}

/// The advisory of a document that has the shape of a draft of `id`.
pub(crate) fn read_document(document: &Value, id: CveId) -> Result<Advisory, Refusal> {
    if !document["cna"].is_object() {
        return Err(Refusal::invalid(
            "/cna",
            "it is missing, expected a CNA container",
        ));
    }
    let advisory: Advisory = serde_json::from_value(document["advisory"].clone())
        .map_err(|error| Refusal::invalid("/advisory", error.to_string()))?;
    if advisory.cve_id != id {
        let problem = format!("it is `{}`, expected `{id}`", advisory.cve_id);
        return Err(Refusal::invalid("/advisory/cve_id", problem));
    }
    let named = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !(3..=64).contains(&advisory.id.len()) || !advisory.id.chars().all(named) {
        let problem = format!(
            "`{}`, expected 3 to 64 letters, digits or `-`, as in a URL",
            advisory.id
        );
        return Err(Refusal::invalid("/advisory/id", problem));
    }
    Ok(advisory)
}

/// Trims every text, as CVE Services does before it stores a record; what is
/// approved is then what is stored.
///
/// Source: cve-services section 10, rule 1.
fn trim(value: &mut Value) {
    match value {
        Value::String(text) if text.trim().len() != text.len() => *text = text.trim().to_owned(),
        Value::Array(items) => items.iter_mut().for_each(trim),
        Value::Object(object) => object.values_mut().for_each(trim),
        _ => {}
    }
}

fn container(report: &Report, subject: &DraftSubject, url: &str) -> Value {
    let public = report.public.as_ref();
    let description = public.map_or("", |public| public.description.as_str());
    let mut container = json!({
        "title": subject.title,
        "descriptions": [{"lang": "en", "value": description}],
        "affected": subject.products.iter().map(affected).collect::<Vec<_>>(),
        "references": references(report, url),
    });
    if let Some(weakness) = report.cwe() {
        let id = format!("CWE-{}", weakness.id);
        let description = format!("{id} {}", weakness.name);
        container["problemTypes"] = json!([{"descriptions": [
            {"lang": "en", "type": "CWE", "cweId": id, "description": description}
        ]}]);
    }
    if let Ok(vector) = report.cvss.parse::<Cvss>() {
        container["metrics"] = json!([metric(&vector)]);
    }
    for (key, text) in [
        (
            "solutions",
            public.map_or("", |public| public.solution.as_str()),
        ),
        (
            "workarounds",
            public.map_or("", |public| public.workaround.as_str()),
        ),
    ] {
        if !text.is_empty() {
            container[key] = json!([{"lang": "en", "value": text}]);
        }
    }
    if !report.reporter.credit.is_empty() {
        let value = &report.reporter.credit;
        container["credits"] = json!([{"lang": "en", "value": value, "type": "finder"}]);
    }
    container["source"] = json!({"discovery": "EXTERNAL"});
    container["x_generator"] = json!({"engine": concat!("cna ", env!("CARGO_PKG_VERSION"))});
    container
}

/// The metric of a vector: its base score and severity follow from it.
pub(crate) fn metric(vector: &Cvss) -> Value {
    let mut fields = json!({
        "version": vector.version().as_str(),
        "vectorString": vector.to_string(),
        "baseScore": vector.base_score().number(),
    });
    // Version 2.0 has no severity of its own in the Record Format.
    if vector.version() != Version::V2_0 {
        fields["baseSeverity"] = json!(vector.base_severity().as_str());
    }
    json!({"format": "CVSS", vector.version().key(): fields})
}

/// Severity in words: the reporter's, or else the one the vector has.
fn severity(report: &Report) -> String {
    match report.cvss.parse::<Cvss>() {
        Ok(vector) if report.severity.is_empty() => vector.base_severity().as_str().to_lowercase(),
        _ => report.severity.clone(),
    }
}

fn affected((product, ranges): &(Product, Vec<AffectedRange>)) -> Value {
    let versions: Vec<Value> = ranges
        .iter()
        .map(|range| {
            let mut version = json!({
                "version": range.from,
                "status": "affected",
                "versionType": product.version_type,
            });
            version["lessThan"] = json!(if range.before.is_empty() {
                "*"
            } else {
                range.before.as_str()
            });
            version
        })
        .collect();
    let mut affected = json!({"vendor": product.vendor, "product": product.product});
    if versions.is_empty() {
        affected["defaultStatus"] = json!("unknown");
    } else {
        affected["defaultStatus"] = json!("unaffected");
        affected["versions"] = json!(versions);
    }
    if !product.repository.is_empty() {
        affected["repo"] = json!(product.repository);
    }
    affected
}

fn references(report: &Report, url: &str) -> Value {
    let mut references = vec![json!({"url": url, "tags": ["vendor-advisory"]})];
    references.extend(report.references.iter().map(|url| json!({"url": url})));
    json!(references)
}

fn advisory(
    report: &Report,
    subject: &DraftSubject,
    id: CveId,
    advisory_id: &str,
    url: &str,
) -> Value {
    let public = report.public.as_ref();
    let affected = subject
        .products
        .iter()
        .flat_map(|(product, ranges)| ranges.iter().map(move |range| (product, range)))
        .map(|(product, range)| AffectedLine {
            product: format!("{} {}", product.vendor, product.product),
            versions: range_in_words(&range.from, &range.before),
            fixed: range.before.clone(),
        })
        .collect();
    let mut references = vec![url.to_owned()];
    references.extend(report.references.iter().cloned());
    json!(Advisory {
        id: advisory_id.to_owned(),
        cve_id: id,
        title: subject.title.clone(),
        summary: public
            .map(|public| public.description.clone())
            .unwrap_or_default(),
        severity: severity(report),
        cvss: report.cvss.clone(),
        weakness: report
            .cwe()
            .map(|weakness| format!("CWE-{} {}", weakness.id, weakness.name))
            .unwrap_or_default(),
        affected,
        solution: public
            .map(|public| public.solution.clone())
            .unwrap_or_default(),
        workaround: public
            .map(|public| public.workaround.clone())
            .unwrap_or_default(),
        references,
        credit: report.reporter.credit.clone(),
    })
}
