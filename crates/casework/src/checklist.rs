//! The publish checklist of one record: by machine with its evidence, or by a
//! named person.
//!
//! Source: process section 6.

mod kubernetes;
mod told;

use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{DraftRow, EmbargoRow, EventRow, LedgerRow, Reader, TickRow, Tx};

use crate::approvals::{self, ReleaseRule};
use crate::case::{self, CaseId, Names, Verb};
use crate::clocks::EventKind;
use crate::copies;
use crate::decision::{Docket, Outcome};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::issues;
use crate::lifecycle::checklist::{Readiness, Weight, items as pure_items};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::findings_of;

/// An item of the checklist as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckItem {
    /// Its id, such as `PC-04`.
    pub id: &'static str,
    /// What it asks for.
    pub what: &'static str,
    /// `block`, `warn`, or `plan` for what the plan does itself.
    pub weight: &'static str,
    /// `done`, `waived`, `open`, or `later` for what the plan does itself.
    pub state: &'static str,
    /// Whether it stops publishing.
    pub stops: bool,
    /// What is known of it, in words.
    pub evidence: String,
    /// `machine`, or the name of a person.
    pub by: String,
    /// When a person said so.
    pub at: Option<Timestamp>,
    /// What to do; empty when nothing is.
    pub todo: String,
}

/// What a machine knows of an item.
struct Known {
    ok: bool,
    evidence: String,
    todo: String,
}

/// Items a person may tick: the others follow from what is recorded.
const BY_PERSON: [&str; 13] = [
    "PC-01", "PC-02", "PC-08", "PC-09", "PC-10", "K-01", "K-02", "K-03", "K-04", "K-05", "K-06",
    "K-07", "K-08",
];

/// Items that may be waived with a reason.
const WAIVABLE: [&str; 10] = [
    "PC-09", "PC-10", "K-01", "K-04", "K-05", "K-06", "K-07", "K-08", "K-10", "K-02",
];

/// What the plan does itself.
const STEPS: [(&str, &str); 6] = [
    ("PC-11", "the record is sent to CVE Services"),
    ("PC-12", "the record is read back and compared"),
    ("PC-13", "the ledger line is closed, with the date"),
    (
        "PC-14",
        "the clocks of publication are stopped, and the time to publish is kept",
    ),
    ("PC-15", "the reporter is told that it is published"),
    (
        "PC-16",
        "the clocks of what is left are started: D-19, D-26, D-27, D-28",
    ),
];

impl Desk {
    /// The checklist of the newest revision of `id`.
    ///
    /// Refuses: an ID without a draft, or of a case the actor is not on.
    pub fn checklist(&self, actor: &Actor, id: CveId) -> Result<Vec<CheckItem>, Error> {
        check(actor, Action::See)?;
        self.of_record(actor, id, |reader, names| {
            let newest = reader.draft(id)?;
            let newest = newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
            let line = reader.ledger_line(id)?;
            let line = line.ok_or_else(|| Refusal::not_found(id.to_string()))?;
            items(reader, &line, &newest, self.world.now(), names)
        })
    }

    /// Keeps what a person says of an item: that it is done, that it is waived
    /// for a reason, or that it is open again.
    ///
    /// Takes: `kind`, `done`, `waived` or `open`.
    /// Refuses: no note, an item that only a machine ticks, a waiver of one
    /// that stops.
    pub fn tick(
        &self,
        actor: &Actor,
        id: CveId,
        item: &str,
        kind: &str,
        note: &str,
    ) -> Result<(), Error> {
        check(actor, Action::Tick)?;
        let note = note.trim().to_owned();
        if note.is_empty() {
            let problem = "it is empty: say how it is known, or why it is waived";
            return Err(Refusal::invalid("note", problem).into());
        }
        let item = tickable(item, kind)?;
        let (actor, kind) = (actor.clone(), kind.to_owned());
        self.store.write(move |tx| {
            let (row, line) = draft::take(tx, &actor, id, Verb::Comment)?;
            if item == "PC-01" && kind == "done" {
                refuse_first(tx, &actor, row.id)?;
            }
            let number = tx.ticks(line.id)?.len() as i64 + 1;
            let tick = TickRow {
                number,
                item: item.to_owned(),
                kind: kind.clone(),
                note: note.clone(),
                author: actor.id().to_owned(),
                at: tx.now(),
            };
            tx.insert_tick(line.id, &tick)?;
            let detail = json!({"cve_id": id, "item": item, "kind": kind, "note": note});
            let case = CaseId::new(row.id);
            case::record(tx, &actor, case, "ticked", "tick", detail);
            Ok(())
        })
    }
}

/// The item that is meant, when a person may say this of it.
fn tickable(item: &str, kind: &str) -> Result<&'static str, Refusal> {
    let wanted = item.trim().to_ascii_uppercase();
    let known = BY_PERSON.iter().chain(&WAIVABLE);
    let found = known.into_iter().find(|known| **known == wanted).copied();
    let found = found.ok_or_else(|| {
        let shown: String = item.chars().take(64).collect();
        let problem = format!(
            "`{shown}` is not ticked by people, expected one of {}: the others follow from what \
             is recorded",
            BY_PERSON.join(", ")
        );
        Refusal::invalid("item", problem)
    })?;
    match kind {
        "done" | "open" => Ok(found),
        "waived" if WAIVABLE.contains(&found) => Ok(found),
        "waived" => {
            let problem = format!(
                "{found} stops publishing and cannot be waived, expected one of {}",
                WAIVABLE.join(", ")
            );
            Err(Refusal::invalid("item", problem))
        }
        _ => {
            let shown: String = kind.chars().take(64).collect();
            let problem = format!("`{shown}`, expected `done`, `waived` or `open`");
            Err(Refusal::invalid("kind", problem))
        }
    }
}

/// The count is confirmed by somebody other than whoever counted.
///
/// Source: process section 6, PC-01.
fn refuse_first(tx: &mut Tx<'_>, actor: &Actor, case: i64) -> Result<(), Error> {
    let answers = tx.answers(case)?;
    let counted = answers.iter().rev().find(|answer| answer.node == "D8");
    let is_same = counted.is_some_and(|answer| answer.answered_by == actor.id());
    if is_same && approvals::rule(tx)?.solo.is_none() {
        let problem = format!(
            "PC-01: `{}` counted the vulnerabilities (D8): expected a second person",
            actor.name()
        );
        return Err(Refusal::invalid("item", problem).into());
    }
    Ok(())
}

/// Everything the checklist looks at.
struct Facts<'a> {
    line: &'a LedgerRow,
    newest: &'a DraftRow,
    rule: ReleaseRule,
    ticks: Vec<TickRow>,
    events: Vec<EventRow>,
    embargo: Option<EmbargoRow>,
    embargoed: bool,
    now: Timestamp,
}

fn facts<'a>(
    reader: &mut Reader<'_>,
    line: &'a LedgerRow,
    newest: &'a DraftRow,
    now: Timestamp,
) -> Result<Facts<'a>, Error> {
    let case = line.case_id.unwrap_or_default();
    Ok(Facts {
        line,
        newest,
        rule: approvals::rule(reader)?,
        ticks: reader.ticks(line.id)?,
        events: reader.case_events(case)?,
        embargo: reader.embargo(case)?,
        embargoed: reader.case(case)?.is_some_and(|row| row.embargoed),
        now,
    })
}

/// The items about the public issue, whatever the profile.
pub(crate) fn issue_items(
    reader: &mut Reader<'_>,
    line: &LedgerRow,
    newest: &DraftRow,
    now: Timestamp,
    names: &Names,
) -> Result<Vec<CheckItem>, Error> {
    let facts = facts(reader, line, newest, now)?;
    let mut items = kubernetes::items(reader, &facts, names)?;
    items.retain(|item| issues::ITEMS.contains(&item.id));
    Ok(items)
}

/// The checklist of a record.
pub(crate) fn items(
    reader: &mut Reader<'_>,
    line: &LedgerRow,
    newest: &DraftRow,
    now: Timestamp,
    names: &Names,
) -> Result<Vec<CheckItem>, Error> {
    let case = line.case_id.unwrap_or_default();
    let facts = facts(reader, line, newest, now)?;
    let known = [
        ("PC-01", counted(reader, &facts, names)?),
        ("PC-02", in_scope(reader, case)?),
        ("PC-03", embargo_over(&facts)),
        ("PC-04", referenced(&facts)?),
        ("PC-05", agrees(&facts)?),
        ("PC-06", clean(&facts)?),
        ("PC-07", approved(&facts)),
        ("PC-08", reporter_told(reader, &facts, case)?),
        (
            "PC-09",
            nobody_knows("the supplier, if it is not us, and the CNAs that coordinate"),
        ),
        ("PC-10", distributors(&facts)),
    ];
    let said: Vec<Option<Said>> = known
        .iter()
        .map(|(id, _)| said(&facts, id, names))
        .collect();
    let ok = |index: usize| match &said[index] {
        Some(said) => said.kind != "open",
        None => known[index].1.ok,
    };
    let ready = Readiness {
        is_counted: ok(0),
        is_in_scope: ok(1),
        embargo_over: ok(2),
        is_referenced: ok(3),
        agrees: ok(4),
        is_clean: ok(5),
        is_approved: ok(6),
        reporter_told: ok(7),
        others_told: ok(8),
        distributors_told: ok(9),
        has_distributors: facts.rule.distributors,
    };
    let mut items = Vec::new();
    let all = pure_items(&ready).into_iter().zip(known).zip(said);
    for ((item, (_, known)), said) in all {
        let stops = !item.ok && item.weight == Weight::Block;
        let weight = match item.weight {
            Weight::Block => "block",
            Weight::Warn => "warn",
        };
        items.push(shown(
            item.id, item.words, weight, stops, item.ok, known, said,
        ));
    }
    items.extend(steps(reader, line)?);
    if facts.rule.profile == "kubernetes" {
        items.extend(kubernetes::items(reader, &facts, names)?);
    }
    Ok(items)
}

fn shown(
    id: &'static str,
    what: &'static str,
    weight: &'static str,
    stops: bool,
    ok: bool,
    known: Known,
    said: Option<Said>,
) -> CheckItem {
    let state = match (&said, ok) {
        (Some(said), _) if said.kind == "waived" => "waived",
        (_, true) => "done",
        (_, false) => "open",
    };
    let (evidence, by, at) = match said {
        Some(said) => (said.note, said.by, Some(said.at)),
        None => (known.evidence, "machine".to_owned(), None),
    };
    CheckItem {
        id,
        what,
        weight,
        state,
        stops,
        evidence,
        by,
        at,
        todo: if ok { String::new() } else { known.todo },
    }
}

fn steps(reader: &mut Reader<'_>, line: &LedgerRow) -> Result<Vec<CheckItem>, Error> {
    let told = told::published(reader, line)?;
    let copies = copies::words(reader, line.id)?;
    let done = line.published_at.is_some();
    let state = if done { "done" } else { "later" };
    let evidence = match line.published_at {
        Some(at) => format!("published and read back at {at}"),
        None => "the plan does it".to_owned(),
    };
    let items = STEPS.iter().map(|(id, what)| {
        // What is said to people, people send.
        let (state, evidence, todo) = match *id {
            "PC-15" => told.clone(),
            "PC-12" if done && copies.is_empty() => {
                let todo = format!("look at the copies: `cna publish copies {}`", line.id);
                (state, evidence.clone(), todo)
            }
            "PC-12" if done => (state, format!("{evidence}; {copies}"), String::new()),
            _ => (state, evidence.clone(), String::new()),
        };
        CheckItem {
            id,
            what,
            weight: "plan",
            state,
            stops: false,
            evidence,
            by: "machine".to_owned(),
            at: None,
            todo,
        }
    });
    Ok(items.collect())
}

/// What a person said last of an item.
struct Said {
    kind: String,
    note: String,
    by: String,
    at: Timestamp,
}

fn said(facts: &Facts<'_>, item: &str, names: &Names) -> Option<Said> {
    let last = facts.ticks.iter().rev().find(|tick| tick.item == item)?;
    Some(Said {
        kind: last.kind.clone(),
        note: last.note.clone(),
        by: names.of(&last.author),
        at: last.at,
    })
}

fn known(ok: bool, evidence: String, todo: String) -> Known {
    Known { ok, evidence, todo }
}

fn nobody_knows(whom: &str) -> Known {
    let todo = format!("tell {whom}; then tick or waive it with `cna publish tick`");
    known(false, "nobody said".to_owned(), todo)
}

/// PC-01: every vulnerability has exactly one ID, and the count was confirmed
/// where the decision asks for that.
fn counted(reader: &mut Reader<'_>, facts: &Facts<'_>, names: &Names) -> Result<Known, Error> {
    let case = facts.line.case_id.unwrap_or_default();
    let Some(row) = reader.case(case)? else {
        return Err(Error::Broken(format!(
            "case {case} of {} is gone",
            facts.line.id
        )));
    };
    let docket = Docket::load(reader, &row)?;
    let decision = docket.decide();
    let lines = reader.ledger_of(case)?;
    let ids = lines.iter().filter(|line| !case::is_gone(line)).count();
    if decision.ids() as usize != ids {
        let evidence = format!(
            "the decision counts {}, the case has {ids} ID(s)",
            decision.ids()
        );
        let todo = "assign an ID to each vulnerability, or answer stage D again".to_owned();
        return Ok(known(false, evidence, todo));
    }
    if !decision.needs_confirmation {
        let evidence = format!("the decision counts {ids}, which asks for no second person");
        return Ok(known(true, evidence, String::new()));
    }
    let newest = reader.confirmation(case)?;
    Ok(match docket.confirmed(&decision, newest) {
        Some(row) => known(
            true,
            format!("{} confirmed the count of {ids}", names.of(&row.person)),
            String::new(),
        ),
        None => known(
            false,
            format!("the decision counts {ids}, nobody confirmed it"),
            format!("have a second trained person confirm it (D8): `cna case confirm {case}`"),
        ),
    })
}

/// PC-02: the decision is to assign here.
fn in_scope(reader: &mut Reader<'_>, case: i64) -> Result<Known, Error> {
    let Some(row) = reader.case(case)? else {
        return Err(Error::Broken(format!("case {case} is gone")));
    };
    let ruling = Docket::load(reader, &row)?.decide().ruling;
    Ok(match ruling.as_ref().map(|ruling| ruling.outcome) {
        Some(Outcome::Assign) => known(
            true,
            "the decision tree ended with O-ASSIGN".to_owned(),
            String::new(),
        ),
        other => known(
            false,
            format!(
                "the decision tree says {}",
                other.map_or("nothing yet".to_owned(), |outcome| outcome.id().to_owned())
            ),
            "answer the decision tree to its end: `cna case answer`".to_owned(),
        ),
    })
}

/// Kinds of events that say that it is out already.
fn is_leak(kind: &str) -> bool {
    [
        EventKind::DetailsPublic,
        EventKind::ThirdPartyDisclosed,
        EventKind::DisclosureReported,
    ]
    .iter()
    .any(|known| known.as_str() == kind)
}

fn embargo_over(facts: &Facts<'_>) -> Known {
    let id = facts.line.id.to_string();
    let leak = facts
        .events
        .iter()
        .find(|event| is_leak(&event.kind) && (event.subject == id || event.subject.is_empty()));
    match (&facts.embargo, leak) {
        _ if facts.line.disclosed_at.is_some() => {
            known(true, "the advisory is public".to_owned(), String::new())
        }
        (_, Some(leak)) => known(
            true,
            format!("a leak is recorded, of {}", leak.at),
            String::new(),
        ),
        (Some(embargo), None) if embargo.lifts_at > facts.now => known(
            false,
            format!(
                "the embargo ends at {} ({} {})",
                embargo.lifts_at, embargo.local, embargo.zone
            ),
            format!(
                "plan it for then (`cna publish {id} --at {}`), or record a leak (`cna case leak`)",
                embargo.local
            ),
        ),
        (Some(embargo), None) => known(
            true,
            format!("the embargo ended at {}", embargo.lifts_at),
            String::new(),
        ),
        (None, None) if facts.embargoed => known(
            true,
            "no hour is agreed: publishing ends the embargo".to_owned(),
            String::new(),
        ),
        (None, None) => known(true, "there is no embargo".to_owned(), String::new()),
    }
}

fn finding_of(facts: &Facts<'_>, codes: &[&str]) -> Result<Option<String>, Error> {
    let findings = findings_of(facts.newest)?;
    let found = findings
        .iter()
        .find(|finding| codes.contains(&&*finding.code));
    Ok(found.map(|finding| finding.message.clone()))
}

fn referenced(facts: &Facts<'_>) -> Result<Known, Error> {
    Ok(match finding_of(facts, &["PC-04"])? {
        Some(problem) => known(
            false,
            problem,
            "add the address of the advisory to the references".to_owned(),
        ),
        None => known(
            true,
            "the record cites the advisory, which the plan makes public and asks for the ID first"
                .to_owned(),
            String::new(),
        ),
    })
}

/// Source: process section 6, PC-05: blocks on versions.
fn agrees(facts: &Facts<'_>) -> Result<Known, Error> {
    let findings = findings_of(facts.newest)?;
    let versions = findings.iter().find(|finding| {
        finding.code.starts_with("REC-067") && finding.message.contains("is fixed")
    });
    Ok(match versions {
        Some(finding) => known(
            false,
            finding.message.clone(),
            "give advisory and record the same fixed versions".to_owned(),
        ),
        None => known(
            true,
            "every fixed version of the advisory is in the record".to_owned(),
            String::new(),
        ),
    })
}

fn clean(facts: &Facts<'_>) -> Result<Known, Error> {
    let findings = findings_of(facts.newest)?;
    let blocking = findings
        .iter()
        .filter(|finding| finding.severity.blocks())
        .count();
    if blocking > 0 {
        return Ok(known(
            false,
            format!("{blocking} finding(s) block it"),
            format!("mend them: `cna draft check {}`", facts.line.id),
        ));
    }
    Ok(known(
        true,
        format!(
            "{} finding(s), none blocks; an approval takes each warning",
            findings.len()
        ),
        String::new(),
    ))
}

fn approved(facts: &Facts<'_>) -> Known {
    let (line, revision) = (facts.line, facts.newest.revision);
    if line.approved_digest == facts.newest.digest.to_string() {
        return known(
            true,
            format!("revision {revision} was approved by {}", line.approved_by),
            String::new(),
        );
    }
    known(
        false,
        format!("revision {revision} is not approved"),
        format!("have it reviewed: `cna review approve {}`", line.id),
    )
}

fn reporter_told(reader: &mut Reader<'_>, facts: &Facts<'_>, case: i64) -> Result<Known, Error> {
    let id = facts.line.id.to_string();
    let told = reader.messages(case)?.into_iter().find(|message| {
        message.lane == "reporter" && message.author != "reporter" && message.body.contains(&id)
    });
    let given = EventKind::IdGiven.as_str();
    let event = facts
        .events
        .iter()
        .find(|event| event.kind == given && event.subject == id);
    let row = reader.case(case)?;
    let report = row.map(|row| case::stored_report(&row)).transpose()?;
    let credit = report
        .map(|report| report.reporter.credit)
        .unwrap_or_default();
    let consent = match credit.as_str() {
        "" => "no credit is wanted, as the report says".to_owned(),
        name => format!("to be credited as `{name}`, as the report says"),
    };
    let at = told
        .map(|message| message.at)
        .or(event.map(|event| event.at));
    Ok(match at {
        Some(at) => known(
            true,
            format!("the reporter was told {id} at {at}; {consent}"),
            String::new(),
        ),
        None => known(
            false,
            format!("no message to the reporter names {id}; {consent}"),
            format!(
                "tell the reporter the ID and the date, then `cna publish tick {id} PC-08 --note TEXT`"
            ),
        ),
    })
}

fn distributors(facts: &Facts<'_>) -> Known {
    if !facts.rule.distributors {
        return known(true, "the organisation has none".to_owned(), String::new());
    }
    let at = |kind: EventKind| {
        facts
            .events
            .iter()
            .find(|event| event.kind == kind.as_str())
    };
    let skipped = at(EventKind::PrivateDisclosureSkipped);
    match (
        at(EventKind::DistributorsTold),
        at(EventKind::DistributorsFinalNotice),
        skipped,
    ) {
        (.., Some(skipped)) => known(true, format!("skipped: {}", skipped.note), String::new()),
        (Some(told), Some(last), None) => known(
            true,
            format!("told at {}, final notice at {}", told.at, last.at),
            String::new(),
        ),
        (told, ..) => known(
            false,
            if told.is_some() {
                "told, without a final notice"
            } else {
                "not told"
            }
            .to_owned(),
            "send the notice (D-16) and the final notice (D-17), or waive it with a reason"
                .to_owned(),
        ),
    }
}

/// The refusal for what stops; nothing when nothing does.
pub(crate) fn refusal(items: &[CheckItem]) -> Option<Refusal> {
    let open: Vec<(String, String)> = items
        .iter()
        .filter(|item| item.stops)
        .map(|item| {
            (
                item.id.to_owned(),
                format!("{}: {}", item.evidence, item.todo),
            )
        })
        .collect();
    (!open.is_empty()).then_some(Refusal::Checklist(open))
}

/// Refuses a record with an item that stops it.
pub(crate) fn refuse_open(
    tx: &mut Tx<'_>,
    line: &LedgerRow,
    newest: &DraftRow,
) -> Result<(), Error> {
    let names = Names::load(tx)?;
    let now = tx.now();
    match refusal(&items(tx, line, newest, now, &names)?) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(()),
    }
}
