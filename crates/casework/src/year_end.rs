//! Rejecting what a year left unused: frozen pool, exact list, second person,
//! follow-ups, report.
//!
//! Source: process section 7; CNA Rules 4.5.3.5, 4.2.4, 4.2.19.

use std::collections::BTreeMap;

use client::IdFilter;
use cve::id::{CveId, Year};
use cve::wire::IdState as ServiceState;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AuditEvent, EventRow, LedgerRow, Reader, Tx, Visibility};

use crate::assign::RESERVE;
use crate::case::{CaseId, CaseState, Names, is_visible};
use crate::clocks::{DESK, EventKind};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::followups::REJECT;
use crate::lifecycle::ledger::IdState;
use crate::lifecycle::rejection::Reason;
use crate::lifecycle::year_end::{Class, Obstacle, YearRow, class, obstacles};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::proposal::{self, NewProposal, Proposal, YEAR_END, document_of, shown};
use crate::reject::{Fate, RejectOrder, container, judged};
use crate::shared::{known_line, known_outside};

/// How many IDs one unit of work begins to reject.
const BATCH: usize = 100;

/// A run to be proposed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearEndOrder {
    /// Reject by state alone, without records that say why.
    #[serde(default)]
    pub state_only: bool,
    /// Assigned IDs that will not be disclosed, with the reason of each; one
    /// whose text is prescribed.
    #[serde(default)]
    pub drop: BTreeMap<CveId, String>,
    /// Nobody wants further IDs of that year; a person has to say so.
    pub no_more_wanted: bool,
}

/// How the run of a year stands.
#[derive(Debug, Clone, Serialize)]
pub struct YearEnd {
    /// The year.
    pub year: Year,
    /// Whether its pool gives nothing any more.
    pub is_frozen: bool,
    /// What stands in the way of a run: `year_not_over`, `open_report`,
    /// `more_assignments`.
    pub obstacles: Vec<Obstacle>,
    /// The list, once it was made; the newest where there were several.
    pub proposal: Option<Proposal>,
    /// How many IDs of each class the list has.
    pub counts: BTreeMap<String, usize>,
    /// How many of those to be rejected are.
    pub rejected: usize,
    /// How many are not yet.
    pub left: usize,
    /// How many of these wait for somebody: refused, or not to be told.
    pub stuck: usize,
    /// The assigned IDs that stay, with their case and its owner where the
    /// reader may know them.
    pub kept: Vec<Kept>,
}

/// An assigned ID that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The ID.
    pub cve_id: CveId,
    /// Its case.
    pub case: Option<CaseId>,
    /// Name of whoever leads it; may be empty.
    pub owner: String,
}

impl Desk {
    /// Freezes the pool of a year, and proposes the exact list of what becomes
    /// of its reserved IDs.
    ///
    /// Refuses: a year that is not over, one with reports nobody decided, one
    /// somebody wants more IDs of.
    pub fn propose_year_end(
        &self,
        actor: &Actor,
        year: Year,
        order: &YearEndOrder,
    ) -> Result<Proposal, Error> {
        check(actor, Action::Reserve)?;
        let account = self.set_up_organisation()?.account;
        let row = self.store.read(|reader| reader.account(&account))?;
        let row = row.ok_or_else(|| Refusal::not_found(format!("account `{account}`")))?;
        if year.number() == 1900 && row.environment == "production" {
            let problem = "1900 is the year of examples, which never go to the production service";
            return Err(Refusal::invalid("year", problem).into());
        }
        let filter = IdFilter {
            year: Some(year),
            ..IdFilter::default()
        };
        let theirs: BTreeMap<CveId, ServiceState> = self
            .services(&account)?
            .list_ids(&filter)
            .and_then(|reply| reply.value())
            .map_err(|error| Refusal::invalid(format!("account `{account}`"), error.to_string()))?
            .into_iter()
            .map(|id| (id.cve_id, id.state))
            .collect();
        let (actor, order) = (actor.clone(), order.clone());
        self.store.write(move |tx| {
            let now = tx.now();
            let found = in_the_way(tx, &account, year, now.year(), !order.no_more_wanted)?;
            if let Some(first) = found.first() {
                return Err(Refusal::invalid("year", words(*first, year)).into());
            }
            tx.freeze_year(&account, year, actor.id())?;
            let items = items(tx, &actor, &account, year, &theirs, &order)?;
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for item in &items {
                *counts
                    .entry(item["class"].as_str().unwrap_or_default())
                    .or_default() += 1;
            }
            let document = json!({
                "action": "year_end",
                "year": year,
                "account": account,
                "environment": row.environment,
                "state_only": order.state_only,
                "counts": counts,
                "items": items,
            });
            let new = NewProposal {
                kind: YEAR_END,
                subject: subject(year),
                cve_id: None,
                case: None,
                account: account.clone(),
                document,
                reason: format!("IDs of {year} that nothing uses"),
            };
            proposal::insert(tx, &actor, new)
        })
    }

    /// How the run of a year stands.
    pub fn year_end(&self, actor: &Actor, year: Year) -> Result<YearEnd, Error> {
        check(actor, Action::Audit)?;
        let account = self.set_up_organisation()?.account;
        let today = self.world.now().year();
        self.store.snapshot(|reader| {
            let names = Names::load(reader)?;
            let subject = subject(year);
            let rows = reader.proposals(true)?;
            let row = rows.into_iter().find(|row| row.subject == subject);
            let mut view = YearEnd {
                year,
                is_frozen: reader.is_frozen(&account, year)?,
                obstacles: in_the_way(reader, &account, year, today, false)?,
                proposal: None,
                counts: BTreeMap::new(),
                rejected: 0,
                left: 0,
                stuck: 0,
                kept: Vec::new(),
            };
            let Some(row) = row else { return Ok(view) };
            let document = document_of(&row)?;
            for item in document["items"].as_array().into_iter().flatten() {
                let class = item["class"].as_str().unwrap_or_default();
                *view.counts.entry(class.to_owned()).or_default() += 1;
                let Some(id) = id_of(item) else { continue };
                let line = reader.ledger_line(id)?;
                match (item["action"].as_str(), line) {
                    (Some("reject"), Some(line)) if is_rejected(&line) => view.rejected += 1,
                    (Some("reject"), _) => {
                        view.left += 1;
                        let followups = reader.stuck_in_lane(&format!("record {id}"))?;
                        view.stuck += usize::from(followups > 0);
                    }
                    (Some("keep"), Some(line)) => {
                        view.kept.push(kept(reader, actor, &names, &line)?);
                    }
                    _ => {}
                }
            }
            view.proposal = Some(shown(row, &names)?);
            Ok(view)
        })
    }

    /// Opens the pool of a frozen year again.
    ///
    /// Refuses: a year that is not frozen, or whose list is not over.
    pub fn reopen_year(&self, actor: &Actor, year: Year, reason: &str) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let account = self.set_up_organisation()?.account;
        let actor = actor.clone();
        self.store.write(move |tx| {
            if let Some(open) = tx.open_proposals_of(&subject(year))?.first() {
                return Err(Refusal::ProposalState {
                    number: open.number,
                    state: open.state.clone(),
                    needs: format!("withdraw the list of {year} first, or let it end"),
                }
                .into());
            }
            if !tx.reopen_year(&account, year)? {
                let problem = format!("the pool of {year} is not frozen");
                return Err(Refusal::invalid("year", problem).into());
            }
            tx.audit(AuditEvent {
                actor: actor.name().to_owned(),
                org: account.clone(),
                action: "pool.reopen".into(),
                object: subject(year),
                detail: json!({"year": year, "reason": reason}),
            });
            Ok(())
        })
    }
}

/// Begins to reject what was approved, in batches, and what is missing of it
/// when it was begun before.
pub(crate) fn proceed(desk: &Desk, actor: &Actor, number: i64) -> Result<(), Error> {
    loop {
        let ids: Vec<String> = (0..BATCH).map(|_| desk.world.uuid()).collect();
        let actor = actor.clone();
        let more = desk.store.write(move |tx| {
            let mut row = proposal::take(tx, &actor, number)?;
            let needs = "expected one that is approved";
            proposal::needs_state(&row, &["approved", "begun"], needs)?;
            let document = document_of(&row)?;
            let is_new = row.state == "approved";
            row.state = "begun".into();
            tx.update_proposal(&row)?;
            let mut free = ids.iter();
            for item in rejected_items(&document) {
                let Some(id) = id_of(item) else { continue };
                let line = tx.ledger_line(id)?;
                let lane = format!("record {id}");
                let is_over = line.as_ref().is_none_or(is_rejected);
                if is_over || !tx.unfinished_in_lane(&lane)?.is_empty() {
                    continue;
                }
                let Some(followup) = free.next() else {
                    return Ok(true);
                };
                proposal::begin(tx, &row, id, followup, Some(&row.subject))?;
            }
            if is_new {
                proposal::note(tx, &actor, &row, "proceed");
            }
            if left(tx, &document)? == 0 {
                end(tx, &document)?;
                row.state = "done".into();
                tx.update_proposal(&row)?;
            }
            Ok::<_, Error>(false)
        })?;
        if !more {
            return Ok(());
        }
    }
}

/// Records that the unused IDs of the year are rejected, which ends D-23.
pub(crate) fn end(tx: &mut Tx<'_>, document: &Value) -> Result<(), Error> {
    let now = tx.now();
    let event = EventRow {
        number: 0,
        kind: EventKind::UnusedRejected.to_string(),
        at: now,
        subject: document["year"].as_str().unwrap_or_default().to_owned(),
        date: None,
        severity: String::new(),
        note: String::new(),
        author: "runner".into(),
        recorded: now,
    };
    tx.insert_case_event(DESK, &event)?;
    tx.change("desk.recorded", "", "desk", Visibility::Restricted);
    Ok(())
}

/// How many of the IDs to be rejected are not; at least one where one is.
pub(crate) fn left(reader: &mut Reader<'_>, document: &Value) -> Result<usize, Error> {
    let ids: Vec<CveId> = rejected_items(document).filter_map(id_of).collect();
    // Most calls find some on their way, which is quicker to see.
    if let Some(waiting) = reader.unfinished_payloads(REJECT)?.pop()
        && ids.iter().any(|id| waiting["cve_id"] == json!(id))
    {
        return Ok(1);
    }
    let mut left = 0;
    for id in ids {
        let line = reader.ledger_line(id)?;
        if line.is_some_and(|line| !is_rejected(&line)) {
            left += 1;
        }
    }
    Ok(left)
}

fn rejected_items(document: &Value) -> impl Iterator<Item = &Value> {
    let items = document["items"].as_array().into_iter().flatten();
    items.filter(|item| item["action"] == "reject")
}

fn id_of(item: &Value) -> Option<CveId> {
    item["cve_id"].as_str().and_then(|text| text.parse().ok())
}

fn is_rejected(line: &LedgerRow) -> bool {
    line.state.starts_with("REJECTED")
}

fn subject(year: Year) -> String {
    format!("year-end {year}")
}

/// What stands in the way of a run.
///
/// Source: process section 7, precondition.
fn in_the_way(
    reader: &mut Reader<'_>,
    account: &str,
    year: Year,
    today: Year,
    wants_more: bool,
) -> Result<Vec<Obstacle>, Error> {
    let undecided = [
        CaseState::Received,
        CaseState::Triage,
        CaseState::NeedInfo,
        CaseState::Consulting,
        CaseState::Coordinating,
        CaseState::Determined,
    ];
    let open = reader.undecided_of_year(&undecided.map(CaseState::as_str), &year.to_string())?;
    let orders = reader.open_followup_payloads(RESERVE)?;
    let on_order = orders
        .iter()
        .any(|order| order["account"] == account && order["year"] == json!(year));
    let (year, today) = (year.number(), today.number());
    Ok(obstacles(year, today, open, wants_more || on_order))
}

fn words(obstacle: Obstacle, year: Year) -> String {
    match obstacle {
        Obstacle::YearNotOver => format!("{year} is not over: expected an earlier year"),
        Obstacle::OpenReport => {
            format!("reports of {year} are not decided: decide them first (process 7)")
        }
        Obstacle::MoreAssignments => format!(
            "IDs of {year} are on order, or nobody said that none are wanted any more \
             (`--no-more-wanted`; process 7)"
        ),
    }
}

/// Every ID of the year that is reserved here or there, with its class and
/// what will be done.
fn items(
    reader: &mut Reader<'_>,
    actor: &Actor,
    account: &str,
    year: Year,
    theirs: &BTreeMap<CveId, ServiceState>,
    order: &YearEndOrder,
) -> Result<Vec<Value>, Error> {
    let mut dropped = BTreeMap::new();
    for (id, reason) in &order.drop {
        let line = known_line(reader, actor, *id)?;
        let reason: Reason = reason
            .parse()
            .map_err(|problem: String| Refusal::invalid("drop", format!("{id}: {problem}")))?;
        let fits = line.state == "ASSIGNED" && line.account == account && id.year() == year;
        if !fits || reason == Reason::Unused {
            let problem = format!("{id} is no assigned ID of {year} that `{reason}` fits");
            return Err(Refusal::invalid("drop", problem).into());
        }
        dropped.insert(*id, reason);
    }
    let reserved = |line: &LedgerRow| ["POOL", "ASSIGNED", "RBP"].contains(&line.state.as_str());
    let mut lines = BTreeMap::new();
    for line in reader.ledger_of_year(account, year)? {
        let at_service = theirs.get(&line.id) == Some(&ServiceState::Reserved);
        // What both sides say is over is no business of the run.
        if reserved(&line) || at_service {
            lines.insert(line.id, line);
        }
    }
    let mut ids: Vec<CveId> = lines.keys().copied().collect();
    let there = |(id, state): (&CveId, &ServiceState)| {
        (*state == ServiceState::Reserved && !lines.contains_key(id)).then_some(*id)
    };
    ids.extend(theirs.iter().filter_map(there));
    ids.sort_unstable();
    let mut items = Vec::new();
    for id in ids {
        let line = lines.get(&id);
        let mut row = YearRow {
            in_ledger: line.is_some_and(reserved),
            in_services: theirs.get(&id) == Some(&ServiceState::Reserved),
            is_assigned: line.is_some_and(|line| line.state != "POOL"),
            dropped: dropped.get(&id).copied(),
            ..YearRow::default()
        };
        if let Some(line) = line {
            row.is_shared = !known_outside(reader, line)?.is_empty();
            let seen = reader.hits_of(id)?;
            row.is_seen = line.state == "RBP" || seen.iter().any(|hit| hit.state == "confirmed");
        }
        items.push(item(id, &row, order.state_only)?);
    }
    Ok(items)
}

/// One ID of the list; one to be rejected with its exact record.
fn item(id: CveId, row: &YearRow, state_only: bool) -> Result<Value, Error> {
    let class = class(row);
    let reason = match class {
        Class::U => Reason::Unused,
        Class::B => row.dropped.unwrap_or(Reason::NotDisclosed),
        Class::A | Class::R | Class::X => {
            return Ok(json!({"cve_id": id, "class": class, "action": class.action()}));
        }
    };
    let state_only = state_only && class == Class::U;
    let made = container(id, reason, &RejectOrder::default()).map_err(|_| {
        let problem = format!("`{reason}` needs a text of its own: use `cna id reject {id}`");
        Refusal::invalid("drop", problem)
    })?;
    let warnings = judged(id, &made, false, (reason, &[]))?;
    let mut item = json!(Fate {
        cve_id: id,
        action: "reject".into(),
        reason: reason.to_string(),
        replaced_by: Vec::new(),
        container: Some(made).filter(|_| !state_only),
        replaces: None,
        to: match class {
            Class::U => IdState::RejectedUnused,
            _ => reason.state(),
        },
        warnings,
    });
    item["class"] = json!(class);
    Ok(item)
}

fn kept(
    reader: &mut Reader<'_>,
    actor: &Actor,
    names: &Names,
    line: &LedgerRow,
) -> Result<Kept, Error> {
    let mut kept = Kept {
        cve_id: line.id,
        case: None,
        owner: String::new(),
    };
    if let Some(case) = line.case_id
        && is_visible(reader, actor, case)?
    {
        kept.case = Some(CaseId::new(case));
        let owner = reader.case(case)?.map(|case| case.owner);
        kept.owner = names.of(&owner.unwrap_or_default());
    }
    Ok(kept)
}
