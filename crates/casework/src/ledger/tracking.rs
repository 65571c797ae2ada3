//! The tracking sheet: what is known of each ID and of the vulnerability it
//! serves, in one row.
//!
//! Source: process section 13.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use store::{AuditEvent, CaseRow, EventRow, LedgerRow, Reader};

use super::{LedgerLine, line};
use crate::case::{CaseId, is_visible, stored_report};
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::error::Error;
use crate::links::trackers;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::Report;
use crate::shared::known_outside;

/// A row of the tracking sheet.
#[derive(Debug, Clone, Serialize)]
pub struct TrackingRow {
    /// The line of the ledger.
    #[serde(flatten)]
    pub line: LedgerLine,
    /// What is known besides, by the column's name; what is not known is left
    /// out. Of a case the reader is not on, only whose the ID is.
    pub known: BTreeMap<&'static str, String>,
}

/// What is read of a case once, however many IDs it has.
struct OfCase {
    row: CaseRow,
    report: Report,
    events: Vec<EventRow>,
    known: BTreeMap<&'static str, String>,
    /// The private issues it is tracked in, one a line.
    issue: String,
}

impl Desk {
    /// The tracking sheet, by ID. Every case under embargo of which something
    /// is shown is noted in the audit chain as looked at.
    pub fn tracking_sheet(&self, actor: &Actor) -> Result<Vec<TrackingRow>, Error> {
        check(actor, Action::Audit)?;
        let (rows, seen) = self.store.snapshot(|reader| {
            let mut notes: BTreeMap<_, _> = reader.all_ledger_notes()?.into_iter().collect();
            let accounts = reader.accounts()?.into_iter();
            let orgs: BTreeMap<_, _> = accounts.map(|one| (one.name, one.org)).collect();
            let transfers = reader.transfers()?;
            let mut cases: BTreeMap<i64, Option<OfCase>> = BTreeMap::new();
            let mut rows = Vec::new();
            let mut seen = BTreeSet::new();
            for row in reader.ledger()? {
                let mut known = BTreeMap::new();
                put(&mut known, "owner", orgs.get(&row.account).cloned());
                if row.state == "TRANSFERRED" {
                    let to = transfers.iter().rev().find(|one| one.id == row.id);
                    put(&mut known, "owner", to.map(|one| one.receiver.clone()));
                }
                let mut knows = true;
                let mut issue = String::new();
                if let Some(number) = row.case_id {
                    let case = match cases.entry(number) {
                        Entry::Occupied(there) => there.into_mut(),
                        Entry::Vacant(free) => free.insert(of_case(reader, actor, number)?),
                    };
                    match case {
                        Some(case) => {
                            if case.row.embargoed {
                                seen.insert(number);
                            }
                            for (column, words) in &case.known {
                                known.insert(column, words.clone());
                            }
                            of_id(reader, &row, case, &mut known)?;
                            issue.clone_from(&case.issue);
                        }
                        None => knows = false,
                    }
                }
                if knows {
                    ended(reader, &row, &mut known)?;
                }
                let notes = notes.remove(&row.id);
                let mut line = line(row, knows, notes.as_deref())?;
                line.tracking_issue = issue;
                rows.push(TrackingRow { line, known });
            }
            Ok::<_, Error>((rows, seen))
        })?;
        self.note_sheet_views(actor, seen)?;
        Ok(rows)
    }

    fn note_sheet_views(&self, actor: &Actor, seen: BTreeSet<i64>) -> Result<(), Error> {
        if seen.is_empty() {
            return Ok(());
        }
        let by = actor.name().to_owned();
        self.store.write(move |tx| {
            for number in &seen {
                tx.audit(AuditEvent {
                    actor: by.clone(),
                    org: String::new(),
                    action: "case.view".into(),
                    object: CaseId::new(*number).object(),
                    detail: serde_json::json!({"sheet": true}),
                });
            }
            Ok(())
        })
    }
}

fn put(
    known: &mut BTreeMap<&'static str, String>,
    column: &'static str,
    words: Option<impl ToString>,
) {
    let words = words.map(|words| words.to_string()).unwrap_or_default();
    if !words.is_empty() {
        known.insert(column, words);
    }
}

/// What a case says of all its IDs; nothing where the actor is not on it.
fn of_case(reader: &mut Reader<'_>, actor: &Actor, number: i64) -> Result<Option<OfCase>, Error> {
    if !is_visible(reader, actor, number)? {
        return Ok(None);
    }
    let Some(row) = reader.case(number)? else {
        return Ok(None);
    };
    let report = stored_report(&row)?;
    let events = reader.case_events(number)?;
    let mut known = BTreeMap::new();
    put(&mut known, "reporter", Some(&report.reporter.name));
    let receipt = reader.receipt(number)?;
    put(&mut known, "source", receipt.map(|receipt| receipt.channel));
    let embargo = reader.embargo(number)?;
    put(&mut known, "embargo_until", embargo.map(|one| one.lifts_at));
    let links = reader.links_of(number)?;
    let split = links.iter().find(|link| link.kind == "split_from");
    let of = |link: &store::LinkRow| format!("from case {}", link.target_case);
    put(&mut known, "split", split.map(of));
    let told = [
        EventKind::DistributorsTold,
        EventKind::DistributorsFinalNotice,
    ];
    let told: Vec<String> = first_of_each(&events, &told);
    put(&mut known, "distributors_notified_at", Some(told.join(" ")));
    let answers = reader.answers(number)?;
    put(
        &mut known,
        "ruleset",
        answers.last().map(|one| &one.ruleset),
    );
    let year = answers.iter().rev().find(|answer| answer.node == "F1");
    put(&mut known, "year_ground", year.map(|answer| &answer.value));
    let issue = trackers(reader, CaseId::new(number))?.join("\n");
    Ok(Some(OfCase {
        row,
        report,
        events,
        known,
        issue,
    }))
}

/// The moments of the first event of each kind.
fn first_of_each(events: &[EventRow], kinds: &[EventKind]) -> Vec<String> {
    let first = |kind: &EventKind| {
        let mut of_kind = events.iter().filter(|event| event.kind == kind.as_str());
        of_kind.next().map(|event| event.at.to_string())
    };
    kinds.iter().filter_map(first).collect()
}

/// What is known of one ID of a case.
fn of_id(
    reader: &mut Reader<'_>,
    row: &LedgerRow,
    case: &OfCase,
    known: &mut BTreeMap<&'static str, String>,
) -> Result<(), Error> {
    let id = row.id.to_string();
    let findings = reader.all_findings(case.row.id)?;
    let assignments = reader.assignments(case.row.id)?;
    let assigned = assignments.iter().find(|one| one.id == row.id);
    let finding = assigned.and_then(|one| findings.iter().find(|f| f.number == one.finding));
    put(known, "finding", finding.map(|finding| &finding.name));
    let products = finding.map(|f| products(&f.products)).unwrap_or_default();
    let products = match products.is_empty() {
        true => case.row.product.clone(),
        false => products,
    };
    put(known, "products", Some(products));
    let draft = reader.draft(row.id)?;
    let document: Value = match &draft {
        Some(draft) => serde_json::from_str(&draft.document)
            .map_err(|error| Error::Broken(format!("the draft of {id}: {error}")))?,
        None => Value::Null,
    };
    let cna = &document["cna"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let public = case.report.public.as_ref();
    let description = text(&cna["descriptions"][0]["value"]);
    let description = description.or_else(|| public.map(|public| public.description.clone()));
    put(known, "description", description);
    let weakness = text(&cna["problemTypes"][0]["descriptions"][0]["cweId"]);
    put(
        known,
        "cwe",
        weakness.or_else(|| Some(case.report.weakness.clone())),
    );
    put(known, "discovery", text(&cna["source"]["discovery"]));
    let vector = vector(cna).unwrap_or_else(|| case.report.cvss.clone());
    let severity = format!("{} {vector}", case.row.severity);
    put(known, "severity", Some(severity.trim()));
    from_events(reader, row, case, known)
}

/// What happened to one ID of a case, and what is planned.
fn from_events(
    reader: &mut Reader<'_>,
    row: &LedgerRow,
    case: &OfCase,
    known: &mut BTreeMap<&'static str, String>,
) -> Result<(), Error> {
    let id = row.id.to_string();
    let plans = reader.release_plans(row.id)?;
    let plan = plans.iter().rev().find(|plan| plan.state == "scheduled");
    let planned = EventKind::DisclosurePlanned.as_str();
    let planned = case.events.iter().rev().find(|event| event.kind == planned);
    let planned = plan
        .map(|plan| plan.run_at)
        .or(planned.and_then(|event| event.date));
    put(known, "planned_disclosure", planned);
    let is_of = |event: &&EventRow| event.subject.is_empty() || event.subject == id;
    let mut events = case.events.iter().filter(is_of);
    let by_others = EventKind::ThirdPartyDisclosed.as_str();
    let others = events.clone().find(|event| event.kind == by_others);
    if row
        .disclosed_at
        .is_none_or(|at| others.is_some_and(|event| event.at < at))
    {
        let of = |event: &EventRow| format!("{} by others {}", event.at, event.note);
        put(
            known,
            "public_since",
            others.map(|event| of(event).trim().to_owned()),
        );
    }
    let dispute = events.rfind(|event| event.kind.starts_with("dispute_"));
    let dispute = dispute.map(|event| event.kind.trim_start_matches("dispute_"));
    put(known, "dispute_state", dispute);
    let looks = reader.issue_looks(row.id)?;
    put(known, "public_issue", looks.last().map(|look| &look.url));
    if let Some(set) = reader.announcement_set(row.id)? {
        let texts = reader.announcements(row.id, set.number)?;
        let first = texts.iter().filter_map(|text| text.sent_at).min();
        put(known, "announced_at", first);
    }
    let publications = reader.publications(row.id)?;
    let last = publications.iter().skip(1).next_back();
    put(
        known,
        "last_updated",
        last.map(|publication| publication.at),
    );
    Ok(())
}

/// Rejections, and who outside knows of an ID.
fn ended(
    reader: &mut Reader<'_>,
    row: &LedgerRow,
    known: &mut BTreeMap<&'static str, String>,
) -> Result<(), Error> {
    let rejections = reader.rejections(row.id)?;
    if let Some(last) = rejections.last().filter(|last| !last.undone) {
        put(known, "rejected_at", Some(last.at));
        let reason = format!("{} {}", last.reason, last.body);
        put(known, "rejected_reason", Some(reason.trim()));
        put(known, "replaced_by", Some(&last.replaced_by));
        if row.state == "REJECTED_MERGED" {
            put(known, "merged_into", Some(&last.replaced_by));
        }
    }
    let outside = known_outside(reader, row)?;
    let shared = match (outside.is_empty(), row.case_id) {
        (false, _) => outside.join("; "),
        (true, Some(_)) => "no".to_owned(),
        (true, None) => String::new(),
    };
    put(known, "shared_outside", Some(shared));
    Ok(())
}

/// Names of the products of a finding, whose JSON was written by us.
fn products(text: &str) -> String {
    let list: Value = serde_json::from_str(text).unwrap_or_default();
    let list = list.as_array().cloned().unwrap_or_default();
    let names: Vec<&str> = list
        .iter()
        .filter_map(|one| one["product"].as_str().or_else(|| one.as_str()))
        .collect();
    names.join(", ")
}

/// The vector of the newest version of CVSS a container has.
fn vector(cna: &Value) -> Option<String> {
    let metrics = cna["metrics"].as_array()?;
    ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"]
        .iter()
        .find_map(|key| {
            let mut found = metrics
                .iter()
                .filter_map(|one| one[*key]["vectorString"].as_str());
            found.next().map(str::to_owned)
        })
}
