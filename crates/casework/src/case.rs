//! Cases: what is known of one report, and who may see it.

mod state;

use std::fmt;
use std::str::FromStr;

use cve::check::Finding;
use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AuditEvent, CaseRow, FollowupRow, LedgerRow, Reader, Tx, Visibility};

pub use state::{CaseState, Transition, Verb, diagram, transitions};
pub(crate) use state::{Facts, derive};

use crate::attachments::{Attachment, attachment};
use crate::award::{self, Award};
use crate::closing::ByHand;
use crate::decision::{self, Answer, CaseDecision, Docket};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::finding::{self, FindingView};
use crate::intake::{Arrival, Arrived, Channel, arrival_of};
use crate::links;
use crate::package::{self, PackageStanding};
use crate::people::Actor;
use crate::policy::{Action, check, sees};
use crate::report::Report;
use crate::severity::{self, SeverityRound};

/// The number of a case, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(i64);

impl CaseId {
    pub(crate) fn new(number: i64) -> CaseId {
        CaseId(number)
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }

    /// How the audit chain and follow-ups name it.
    pub(crate) fn object(self) -> String {
        format!("case {}", self.0)
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A text is not the number of a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a case: expected a number from 1, such as `42`")]
pub struct InvalidCaseId {
    /// The text as it was given, cut to 64 characters.
    pub found: String,
}

impl FromStr for CaseId {
    type Err = InvalidCaseId;

    fn from_str(text: &str) -> Result<CaseId, InvalidCaseId> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits
            .then(|| text.parse().ok())
            .flatten()
            .filter(|number| *number > 0);
        number.map(CaseId).ok_or_else(|| InvalidCaseId {
            found: text.chars().take(64).collect(),
        })
    }
}

/// A case in a list.
#[derive(Debug, Clone, Serialize)]
pub struct CaseSummary {
    /// Its number.
    pub id: CaseId,
    /// Its working title.
    pub title: String,
    /// Its state.
    pub state: CaseState,
    /// The product it is about.
    pub product: String,
    /// Severity in words; may be empty.
    pub severity: String,
    /// Whether it is under embargo.
    pub embargoed: bool,
    /// Name of its owner; empty when nobody took it.
    pub owner: String,
    /// When the report came in.
    pub received: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// Everything a member sees of a case.
#[derive(Debug, Clone, Serialize)]
pub struct CaseView {
    /// The head.
    #[serde(flatten)]
    pub summary: CaseSummary,
    /// The one step that is next, in words.
    pub next_step: &'static str,
    /// The report.
    pub report: Report,
    /// Names of the people on the case.
    pub members: Vec<String>,
    /// What the report claims, by number.
    pub findings: Vec<FindingView>,
    /// Answers to the decision tree, oldest first.
    pub answers: Vec<Answer>,
    /// Where the decision stands.
    pub determination: CaseDecision,
    /// CVE IDs and their fate.
    pub records: Vec<RecordView>,
    /// What is to be said to other servers, and what they answered.
    pub followups: Vec<FollowupRow>,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// The files beside it, without their bytes.
    pub attachments: Vec<Attachment>,
    /// How it came in, and whether a link of its reporter works; nothing for a
    /// case from before receipts were written.
    pub intake: Option<Arrived>,
    /// Addresses of the private issues it is tracked in.
    pub trackers: Vec<String>,
    /// Bounty awards, oldest first.
    pub awards: Vec<Award>,
    /// Where the newest package of each kind for private distributors stands.
    pub packages: Vec<PackageStanding>,
    /// What was answered last to the questions about severity; nothing before.
    pub tier: Option<SeverityRound>,
}

/// A CVE ID of a case, with its draft.
#[derive(Debug, Clone, Serialize)]
pub struct RecordView {
    /// The ID.
    pub cve_id: CveId,
    /// Working title of the vulnerability it serves.
    pub title: String,
    /// The findings that are this vulnerability, by name.
    pub findings: Vec<String>,
    /// Its state in the ledger.
    pub state: String,
    /// The account it was reserved with.
    pub account: String,
    /// When it was reserved.
    pub reserved_at: Timestamp,
    /// When it was assigned.
    pub assigned_at: Option<Timestamp>,
    /// The newest revision of the draft; nothing before the first.
    pub draft: Option<DraftView>,
    /// Name of whoever approved the newest revision; empty before.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Address of the advisory; empty before disclosure.
    pub advisory: String,
    /// When the advisory became public.
    pub disclosed_at: Option<Timestamp>,
    /// When the record was read back as published.
    pub published_at: Option<Timestamp>,
}

/// The newest revision of a draft.
#[derive(Debug, Clone, Serialize)]
pub struct DraftView {
    /// Its number, from 1.
    pub revision: i64,
    /// What an approval binds to.
    pub digest: Digest,
    /// Name of whoever wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Record and advisory.
    pub document: Value,
}

/// A message in a case.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// Who reads it: `internal`, `reporter` or `vendors`.
    pub lane: String,
    /// Name of whoever wrote it.
    pub author: String,
    /// The text.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

impl Desk {
    /// Files a report as a case. Everybody of the response team is on it.
    ///
    /// Refuses: a product that is not in the catalogue.
    pub fn receive(&self, actor: &Actor, report: &Report) -> Result<CaseId, Error> {
        check(actor, Action::Receive)?;
        let products = self.products()?;
        if !products
            .iter()
            .any(|product| product.name == report.product)
        {
            return Err(unknown_product(&report.product, &products).into());
        }
        let arrival = Arrival::new(Channel::Desk, report);
        let (report, actor) = (report.clone(), actor.clone());
        self.store.write(move |tx| {
            let (id, _) = open(tx, Some(&actor), &report, &arrival)?;
            Ok(id)
        })
    }

    /// The cases the actor is on, newest first.
    ///
    /// Takes: `offset`, how many to pass over; `limit`, 1 to 500.
    pub fn cases(&self, actor: &Actor, offset: u32, limit: u32) -> Result<Vec<CaseSummary>, Error> {
        check(actor, Action::See)?;
        let limit = limit.clamp(1, 500);
        self.store.snapshot(|reader| {
            let rows = reader.cases_of(actor.id(), offset, limit)?;
            let names = Names::load(reader)?;
            let all = rows.into_iter().map(|row| summary(row, &names));
            let mut seen = all.collect::<Result<Vec<_>, Error>>()?;
            seen.retain(|case| sees(actor, case.state));
            Ok(seen)
        })
    }

    /// A case. The view of an embargoed one is written to the audit chain.
    ///
    /// Refuses: a case the actor is not on, exactly as one that is not there.
    pub fn case(&self, actor: &Actor, id: CaseId) -> Result<CaseView, Error> {
        check(actor, Action::See)?;
        let view = self.store.snapshot(|reader| {
            if !reader.is_member(id.number(), actor.id())? {
                return Err(not_found(id).into());
            }
            let view = view(reader, id)?;
            if !sees(actor, view.summary.state) {
                return Err(not_found(id).into());
            }
            Ok::<_, Error>(view)
        })?;
        if view.summary.embargoed {
            self.note_view(actor, id)?;
        }
        Ok(view)
    }

    /// Writes to the audit chain that the actor looked into a case.
    pub(crate) fn note_view(&self, actor: &Actor, id: CaseId) -> Result<(), Error> {
        let event = AuditEvent {
            actor: actor.name().to_owned(),
            org: String::new(),
            action: "case.view".into(),
            object: id.object(),
            detail: json!({}),
        };
        self.store.write(move |tx| {
            tx.audit(event.clone());
            Ok(())
        })
    }

    /// The cases whose stored state is not the one their facts give, as
    /// number, stored state, derived state; for tests, and empty.
    #[doc(hidden)]
    pub fn check_states(&self) -> Result<Vec<(CaseId, String, CaseState)>, Error> {
        self.store.snapshot(|reader| {
            let mut wrong = Vec::new();
            for row in reader.all_cases()? {
                let derived = derive(&facts(reader, &row)?);
                if row.state != derived.as_str() {
                    wrong.push((CaseId::new(row.id), row.state, derived));
                }
            }
            Ok(wrong)
        })
    }

    /// Takes a case: the actor leads it from now on.
    pub fn take(&self, actor: &Actor, id: CaseId) -> Result<CaseState, Error> {
        check(actor, Action::Take)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = take(tx, &actor, id, Verb::Take)?;
            row.owner = actor.id().to_owned();
            let state = settle(tx, &mut row)?;
            record(tx, &actor, id, "taken", "take", json!({"state": state}));
            Ok(state)
        })
    }

    /// Writes an internal message into a case.
    pub fn comment(&self, actor: &Actor, id: CaseId, body: &str) -> Result<(), Error> {
        check(actor, Action::Comment)?;
        if body.trim().is_empty() {
            return Err(Refusal::invalid("body", "it is empty: write something").into());
        }
        let (actor, body) = (actor.clone(), body.to_owned());
        self.store.write(move |tx| {
            take(tx, &actor, id, Verb::Comment)?;
            tx.insert_message(id.number(), "internal", actor.id(), &body)?;
            record(tx, &actor, id, "commented", "comment", json!({}));
            Ok(())
        })
    }
}

/// The refusal of a product that is not in the catalogue.
pub(crate) fn unknown_product(found: &str, products: &[crate::desk::Product]) -> Refusal {
    let known: Vec<_> = products
        .iter()
        .map(|product| format!("`{}`", product.name))
        .collect();
    let known = if known.is_empty() {
        "no product yet".to_owned()
    } else {
        known.join(", ")
    };
    Refusal::UnknownProduct {
        found: found.to_owned(),
        known,
    }
}

/// Opens a case in this unit of work: its head, its people, the first message
/// and the receipt.
///
/// Takes: `actor`, who files it; nobody for what comes from outside.
/// Gives: the case and its reference.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    actor: Option<&Actor>,
    report: &Report,
    arrival: &Arrival,
) -> Result<(CaseId, String), Error> {
    let text = serde_json::to_string(report)
        .map_err(|error| Error::Broken(format!("writing a report: {error}")))?;
    let id = CaseId::new(tx.next_in_series("case")?);
    let now = tx.now();
    let row = CaseRow {
        id: id.number(),
        title: report.title.clone(),
        state: CaseState::Received.to_string(),
        product: report.product.clone(),
        severity: report.severity.clone(),
        embargoed: report.embargoed,
        owner: String::new(),
        report: text,
        received: report.received.unwrap_or(now),
        created: now,
        modified: now,
    };
    tx.insert_case(&row)?;
    tx.insert_finding(id.number(), &finding::of_report(&row))?;
    if let Some(actor) = actor {
        tx.add_member(id.number(), actor.id())?;
    }
    for person in tx.people()? {
        let joins = person.roles.iter().filter_map(|role| role.parse().ok());
        if person.active && joins.into_iter().any(crate::policy::Role::joins_new_cases) {
            tx.add_member(id.number(), &person.id)?;
        }
    }
    tx.insert_message(id.number(), "reporter", "reporter", &report.body)?;
    let reference = arrival.write(tx, id)?;
    // What a stranger typed as the product stays out of the chain.
    let by = actor.map_or("reporter", Actor::name);
    let detail = match actor {
        Some(_) => json!({"product": report.product, "reference": reference}),
        None => json!({"channel": arrival.channel.as_str(), "reference": reference}),
    };
    record_by(tx, by, id, "received", "receive", detail);
    Ok((id, reference))
}

/// Takes the case for this unit of work, when the actor is on it and its
/// state allows the verb.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    verb: Verb,
) -> Result<CaseRow, Error> {
    let row = tx.take_case(id.number())?;
    let member = tx.is_member(id.number(), actor.id())?;
    let row = row.filter(|_| member).ok_or_else(|| not_found(id))?;
    let state: CaseState = row.state.parse().map_err(Error::Broken)?;
    if !sees(actor, state) {
        return Err(not_found(id).into());
    }
    state::allow(state, verb)?;
    Ok(row)
}

/// Computes the state from what is recorded and writes the head back.
pub(crate) fn settle(tx: &mut Tx<'_>, row: &mut CaseRow) -> Result<CaseState, Error> {
    let state = derive(&facts(tx, row)?);
    row.state = state.to_string();
    row.modified = tx.now();
    tx.update_case(row)?;
    Ok(state)
}

/// Brings the state of every case up to date, after what all are decided by
/// has changed.
pub(crate) fn settle_all(tx: &mut Tx<'_>) -> Result<(), Error> {
    for row in tx.all_cases()? {
        let Some(mut row) = tx.take_case(row.id)? else {
            continue;
        };
        if row.state != derive(&facts(tx, &row)?).as_str() {
            settle(tx, &mut row)?;
        }
    }
    Ok(())
}

/// Refuses what would change the count of a case that has IDs.
pub(crate) fn without_ids(
    reader: &mut Reader<'_>,
    row: &CaseRow,
    verb: &'static str,
) -> Result<(), Error> {
    let lines = reader.ledger_of(row.id)?;
    let Some(first) = lines.first() else {
        return Ok(());
    };
    Err(Refusal::WrongState {
        state: row.state.clone(),
        verb,
        needs: format!("it has {} already: assign the others first", first.id),
    }
    .into())
}

/// Where the decision of a case stands.
pub(crate) fn decision_view(reader: &mut Reader<'_>, row: &CaseRow) -> Result<CaseDecision, Error> {
    let names = Names::load(reader)?;
    let newest = reader.confirmation(row.id)?;
    Ok(Docket::load(reader, row)?.view(newest, |id| names.of(id)))
}

/// What is recorded of a case, as far as its state follows from it.
pub(crate) fn facts(reader: &mut Reader<'_>, row: &CaseRow) -> Result<Facts, Error> {
    let docket = Docket::load(reader, row)?;
    let decision = docket.decide();
    let mut lines = reader.ledger_of(row.id)?;
    let assignments = reader.assignments(row.id)?;
    let lacks_none = docket.lacking(&decision, &assignments, &lines).is_empty();
    let closing = reader.closing(row.id)?;
    let withdrawn = !lines.is_empty() && lines.iter().all(is_gone);
    // The state follows from the IDs that still stand.
    lines.retain(|line| !is_gone(line));
    let mut facts = Facts {
        taken: !row.owner.is_empty(),
        outcome: decision.ruling.map(|ruling| ruling.outcome),
        by_hand: ByHand::of(closing.as_ref(), docket.answers.len()),
        assigned: !lines.is_empty() && lacks_none,
        approved: !lines.is_empty(),
        disclosed: lines.iter().any(|line| line.disclosed_at.is_some()),
        leaked: docket.is_out(),
        published: !lines.is_empty() && lines.iter().all(|line| line.published_at.is_some()),
        withdrawn,
    };
    for line in &lines {
        let digest = reader.draft(line.id)?.map(|draft| draft.digest.to_string());
        facts.approved &= digest.is_some_and(|digest| digest == line.approved_digest);
    }
    Ok(facts)
}

/// Says whether an ID is rejected, or another organisation's.
pub(crate) fn is_gone(line: &LedgerRow) -> bool {
    line.state.starts_with("REJECTED") || line.state == "TRANSFERRED"
}

/// Writes the change and the audit event of something done to a case.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    change: &str,
    action: &str,
    detail: Value,
) {
    record_by(tx, actor.name(), id, change, action, detail);
}

/// The same for whoever has no account: the reporter with a link.
pub(crate) fn record_by(
    tx: &mut Tx<'_>,
    name: &str,
    id: CaseId,
    change: &str,
    action: &str,
    detail: Value,
) {
    tx.change(
        &format!("case.{change}"),
        "",
        &id.to_string(),
        Visibility::Restricted,
    );
    tx.audit(AuditEvent {
        actor: name.to_owned(),
        org: String::new(),
        action: format!("case.{action}"),
        object: id.object(),
        detail,
    });
}

/// Writes an audit event of a look that changed nothing.
pub(crate) fn note(tx: &mut Tx<'_>, name: &str, id: CaseId, action: &str, detail: Value) {
    tx.audit(AuditEvent {
        actor: name.to_owned(),
        org: String::new(),
        action: format!("case.{action}"),
        object: id.object(),
        detail,
    });
}

/// Says whether the actor is on a case and sees it in its state.
///
/// Source: process section 3.5, need to know.
pub(crate) fn is_visible(
    reader: &mut Reader<'_>,
    actor: &Actor,
    number: i64,
) -> Result<bool, Error> {
    if !reader.is_member(number, actor.id())? {
        return Ok(false);
    }
    let Some(row) = reader.case(number)? else {
        return Ok(false);
    };
    let state: CaseState = row.state.parse().map_err(Error::Broken)?;
    Ok(sees(actor, state))
}

pub(crate) fn not_found(id: CaseId) -> Refusal {
    Refusal::not_found(format!("case {id}"))
}

/// Names of people by their ids.
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    pub(crate) fn load(reader: &mut Reader<'_>) -> Result<Names, Error> {
        let people = reader.people()?;
        Ok(Names(
            people
                .into_iter()
                .map(|person| (person.id, person.name))
                .collect(),
        ))
    }

    /// The name, or the text itself when it is nobody's id: `reporter`.
    pub(crate) fn of(&self, id: &str) -> String {
        let name = self
            .0
            .iter()
            .find(|(other, _)| other == id)
            .map(|(_, name)| name.as_str());
        name.unwrap_or(id).to_owned()
    }
}

fn summary(row: CaseRow, names: &Names) -> Result<CaseSummary, Error> {
    Ok(CaseSummary {
        id: CaseId::new(row.id),
        title: row.title,
        state: row.state.parse().map_err(Error::Broken)?,
        product: row.product,
        severity: row.severity,
        embargoed: row.embargoed,
        owner: names.of(&row.owner),
        received: row.received,
        modified: row.modified,
    })
}

fn view(reader: &mut Reader<'_>, id: CaseId) -> Result<CaseView, Error> {
    let row = reader.case(id.number())?.ok_or_else(|| not_found(id))?;
    let names = Names::load(reader)?;
    let docket = Docket::load(reader, &row)?;
    let newest = reader.confirmation(id.number())?;
    let determination = docket.view(newest, |id| names.of(id));
    let decision = docket.decide();
    let assignments = reader.assignments(id.number())?;
    let of_line = |line: &LedgerRow| {
        let serves = assignments.iter().find(|serves| serves.id == line.id);
        let finding = serves.map_or(docket.findings[0].number, |serves| serves.finding);
        let places = docket.members(&decision, finding);
        let rows = places
            .iter()
            .filter_map(|place| docket.findings.get(*place));
        rows.map(|row| row.name.clone()).collect::<Vec<_>>()
    };
    let answers = docket
        .answers
        .iter()
        .map(|row| decision::answer_view(row, &docket.answers, &docket.findings, &names))
        .collect();
    let findings = docket.findings.iter();
    let findings = findings
        .map(|finding| finding::view(finding, &row))
        .collect::<Result<_, Error>>()?;
    let lines = reader.ledger_of(id.number())?;
    let records = lines
        .into_iter()
        .map(|line| {
            let findings = of_line(&line);
            record_view(reader, line, findings, &names)
        })
        .collect::<Result<_, Error>>()?;
    let members = reader.members(id.number())?;
    let messages = reader.messages(id.number())?;
    let report = stored_report(&row)?;
    let followups = reader.followups_of(&id.object())?;
    let attachments = reader.attachments(id.number())?;
    let intake = arrival_of(reader, id)?;
    let trackers = links::trackers(reader, id)?;
    let awards = award::of_case(reader, id, &names)?;
    let packages = package::standings(reader, id)?;
    let tier = severity::newest(reader, id, &names)?;
    let summary = summary(row, &names)?;
    Ok(CaseView {
        next_step: summary.state.next_step(),
        summary,
        report,
        members: members.iter().map(|member| names.of(member)).collect(),
        findings,
        answers,
        determination,
        records,
        followups,
        messages: messages
            .into_iter()
            .map(|message| Message {
                lane: message.lane,
                author: names.of(&message.author),
                body: message.body,
                at: message.at,
            })
            .collect(),
        attachments: attachments
            .into_iter()
            .map(|row| attachment(row, &names))
            .collect(),
        intake,
        trackers,
        awards,
        packages,
        tier,
    })
}

/// The report a case was opened with.
pub(crate) fn stored_report(row: &CaseRow) -> Result<Report, Error> {
    let broken = |error: serde_json::Error| {
        Error::Broken(format!(
            "the report of case {} cannot be read: {error}",
            row.id
        ))
    };
    let value: Value = serde_json::from_str(&row.report).map_err(broken)?;
    let body = value["body"].as_str().unwrap_or_default().to_owned();
    let mut fields = value;
    if let Some(object) = fields.as_object_mut() {
        object.remove("body");
    }
    let mut report: Report = serde_json::from_value(fields).map_err(broken)?;
    report.body = body;
    // The one of the catalogue, once somebody said which it is.
    report.product.clone_from(&row.product);
    Ok(report)
}

fn record_view(
    reader: &mut Reader<'_>,
    line: LedgerRow,
    findings: Vec<String>,
    names: &Names,
) -> Result<RecordView, Error> {
    let draft = reader.draft(line.id)?;
    let draft = draft
        .map(|draft| {
            let broken = |error: serde_json::Error| {
                Error::Broken(format!("the draft of {} cannot be read: {error}", line.id))
            };
            Ok::<_, Error>(DraftView {
                revision: draft.revision,
                digest: draft.digest,
                author: names.of(&draft.author),
                at: draft.at,
                findings: serde_json::from_str(&draft.findings).map_err(broken)?,
                document: serde_json::from_str(&draft.document).map_err(broken)?,
            })
        })
        .transpose()?;
    Ok(RecordView {
        cve_id: line.id,
        title: line.title,
        findings,
        state: line.state,
        account: line.account,
        reserved_at: line.reserved_at,
        assigned_at: line.assigned_at,
        draft,
        approved_by: line.approved_by,
        approved_at: line.approved_at,
        advisory: line.advisory,
        disclosed_at: line.disclosed_at,
        published_at: line.published_at,
    })
}
