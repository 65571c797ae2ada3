//! Plans: when publishing begins, what became of it, and leaks.
//!
//! A plan waits in the database, not in a process: whoever works off
//! follow-ups looks for plans that are due, and begins each in one unit of
//! work that checks everything again. A killed process therefore loses none,
//! and two nodes begin one once.
//!
//! Source: docs/architecture.md, decision 3.9; process section 12.2.

use client::Link;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DraftRow, EventRow, FollowupState, ReleasePlanRow, Tx};

use crate::case::{self, CaseId, CaseState, Names, Verb};
use crate::checklist::{self, CheckItem};
use crate::clocks::{Calendar, EventKind};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::publish::{self, Plan};
use crate::review;
use crate::revision::document_of;

/// How long between two looks at an address of somebody else's site.
const LOOK_MS: i64 = 60_000;

/// A plan to be made: for an hour, or for an address that has to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewPlan {
    /// The local date and hour, such as `2026-12-01T16:00`; empty for none.
    pub at: String,
    /// The zone it is in; the desk's own without one.
    pub zone: Option<String>,
    /// The address that has to answer with the ID; empty for none.
    pub when_answers: String,
}

/// A plan as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanView {
    /// Its id.
    pub id: String,
    /// The ID.
    pub cve_id: CveId,
    /// The case.
    pub case: CaseId,
    /// The revision that is frozen.
    pub revision: i64,
    /// `scheduled`, `begun`, `stopped` or `cancelled`.
    pub state: String,
    /// What it begins with: `now`, `time` or `advisory`.
    pub starts: String,
    /// The moment it begins, or the address is asked next.
    pub run_at: Timestamp,
    /// The same in local time, with offset and zone.
    pub run_at_local: String,
    /// The address that has to answer; empty for none.
    pub when_answers: String,
    /// What was heard or said last.
    pub answer: String,
    /// Name of whoever planned it.
    pub planned_by: String,
    /// When.
    pub created: Timestamp,
    /// Its steps, and how each stands.
    pub steps: Vec<PlanStepView>,
    /// What became of it, oldest first.
    pub log: Vec<PlanLine>,
}

/// A step of a plan as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanStepView {
    /// In words.
    pub does: String,
    /// `done`, `waiting`, `failed` or `later`.
    pub state: &'static str,
    /// What the other side said; empty for nothing.
    pub answer: String,
}

/// Something that became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// When.
    pub at: Timestamp,
    /// Name of whoever did it, or `runner`.
    pub by: String,
    /// In words.
    pub words: String,
}

/// What recording a leak led to.
#[derive(Debug, Clone, Serialize)]
pub struct LeakReport {
    /// The case.
    pub case: CaseId,
    /// Its state now: DISCLOSED, where it has its IDs.
    pub state: CaseState,
    /// The IDs whose plans begin now.
    pub begin_now: Vec<CveId>,
    /// What each ID of the case still lacks.
    pub missing: Vec<Lacking>,
    /// What to know, in words.
    pub words: Vec<String>,
}

/// What an ID lacks before it can be published.
#[derive(Debug, Clone, Serialize)]
pub struct Lacking {
    /// The ID.
    pub cve_id: CveId,
    /// What to do, item by item.
    pub todo: Vec<String>,
}

impl Desk {
    /// Plans to publish the approved revision of `id` at a local hour, or once
    /// an address answers with the ID.
    ///
    /// Refuses: both or neither, an hour that has passed, lies before the end
    /// of the embargo or does not exist, an address the record does not cite,
    /// a revision that is not approved, a second plan.
    pub fn plan_publication(
        &self,
        actor: &Actor,
        id: CveId,
        new: &NewPlan,
    ) -> Result<PlanView, Error> {
        check(actor, Action::Publish)?;
        let (run_at, zone) = self.begins(new)?;
        let (who, new, plan_id) = (actor.clone(), new.clone(), self.world.uuid());
        self.store.write(move |tx| {
            let (row, line) = draft::take(tx, &who, id, Verb::Publish)?;
            let newest = review::newest(tx, id)?;
            let revision = newest.revision;
            if newest.digest.to_string() != line.approved_digest {
                return Err(Error::from(Refusal::NotApproved { revision }));
            }
            if let Some(waiting) = waiting(tx, id)? {
                let when = waits_for(&waiting);
                return Err(Refusal::Planned { cve_id: id, when }.into());
            }
            refuse_early(tx, row.id, run_at, &new)?;
            refuse_uncited(&newest, &new.when_answers)?;
            let starts = if new.when_answers.is_empty() {
                "time"
            } else {
                "advisory"
            };
            let plan = ReleasePlanRow {
                id: plan_id.clone(),
                cve_id: id,
                case_id: row.id,
                revision,
                digest: newest.digest,
                state: "scheduled".to_owned(),
                starts: starts.to_owned(),
                run_at,
                local: new.at.clone(),
                zone: zone.clone(),
                url: new.when_answers.clone(),
                followup: String::new(),
                answer: String::new(),
                planned_by: who.id().to_owned(),
                created: tx.now(),
                modified: tx.now(),
            };
            tx.insert_release_plan(&plan)?;
            let words = format!("revision {revision} is planned, {}", waits_for(&plan));
            tx.log_release_plan(&plan.id, who.id(), &words)?;
            let detail = json!({"cve_id": id, "run_at": run_at, "when_answers": plan.url});
            case::record(tx, &who, CaseId::new(row.id), "planned", "plan", detail);
            Ok(())
        })?;
        let plans = self.release_plans(actor, id)?;
        let made = plans.into_iter().next_back();
        made.ok_or_else(|| Error::Broken(format!("the plan of {id} is gone")))
    }

    /// The plans of `id`, oldest first.
    ///
    /// Refuses: an ID of a case the actor is not on, as one that is not there.
    pub fn release_plans(&self, actor: &Actor, id: CveId) -> Result<Vec<PlanView>, Error> {
        check(actor, Action::See)?;
        let calendar = self.timing()?.calendar;
        self.of_record(actor, id, |reader, names| {
            let line = reader.ledger_line(id)?;
            let line = line.ok_or_else(|| Refusal::not_found(id.to_string()))?;
            let mut views = Vec::new();
            for plan in reader.release_plans(id)? {
                let followup = match plan.followup.as_str() {
                    "" => None,
                    followup => reader.followup(followup)?,
                };
                let is_last = plan.digest.to_string() == line.approved_digest;
                let published = is_last && line.published_at.is_some();
                let log = reader.release_plan_log(&plan.id)?;
                views.push(PlanView {
                    steps: steps(&plan, followup.as_ref(), published),
                    case: CaseId::new(plan.case_id),
                    run_at_local: calendar.show(plan.run_at),
                    planned_by: names.of(&plan.planned_by),
                    log: log
                        .into_iter()
                        .map(|line| PlanLine {
                            at: line.at,
                            by: names.of(&line.author),
                            words: line.words,
                        })
                        .collect(),
                    id: plan.id,
                    cve_id: plan.cve_id,
                    revision: plan.revision,
                    state: plan.state,
                    starts: plan.starts,
                    run_at: plan.run_at,
                    when_answers: plan.url,
                    answer: plan.answer,
                    created: plan.created,
                });
            }
            Ok(views)
        })
    }

    /// Gives up the plan of `id` that waits.
    ///
    /// Refuses: no reason; an ID without a plan that waits.
    pub fn cancel_plan(&self, actor: &Actor, id: CveId, reason: &str) -> Result<(), Error> {
        check(actor, Action::Publish)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(Refusal::invalid("reason", "it is empty: say why").into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &actor, id, Verb::Comment)?;
            let mut plan = waiting(tx, id)?
                .ok_or_else(|| Refusal::not_found(format!("a plan of {id} that waits")))?;
            end(
                tx,
                &mut plan,
                "cancelled",
                actor.id(),
                &format!("cancelled: {reason}"),
            )?;
            let detail = json!({"cve_id": id, "reason": reason});
            case::record(
                tx,
                &actor,
                CaseId::new(row.id),
                "unplanned",
                "cancel-plan",
                detail,
            );
            Ok(())
        })
    }

    /// Begins the plans that are due; each once, however many nodes run this.
    pub fn run_plans(&self) -> Result<(), Error> {
        let now = self.world.now();
        let due = self.store.read(|reader| reader.due_release_plans(now))?;
        for plan in due {
            // One that cannot go on keeps nothing else from it; it is tried
            // again in the next round.
            if let Err(error) = self.run_plan(&plan) {
                tracing::error!(plan = plan.id, %error, "a plan could not begin");
            }
        }
        Ok(())
    }

    fn run_plan(&self, plan: &ReleasePlanRow) -> Result<(), Error> {
        if plan.starts == "advisory"
            && let Some(silent) = self.silent(plan)
        {
            return self.look_later(plan, silent);
        }
        let planner = self
            .everybody_active()?
            .into_iter()
            .find(|actor| actor.id() == plan.planned_by);
        let began = match &planner {
            Some(planner) => self.begin_plan(planner, plan),
            None => Err(Refusal::NotSignedIn("whoever planned it has left".to_owned()).into()),
        };
        match began {
            Err(Error::Refused(refusal)) => self.stop_plan(plan, &refusal),
            other => other,
        }
    }

    /// Begins a plan, if it still waits for what it was made for.
    fn begin_plan(&self, planner: &Actor, plan: &ReleasePlanRow) -> Result<(), Error> {
        check(planner, Action::Publish)?;
        let (actor, plan) = (planner.clone(), plan.clone());
        let (followup, portal) = (self.world.uuid(), self.settings.portal_url.clone());
        self.store.write(move |tx| {
            // The case is taken first: whoever else begins, cancels or drafts
            // has to wait until this is done.
            tx.take_case(plan.case_id)?;
            let Some(mut kept) = tx
                .release_plan(&plan.id)?
                .filter(|kept| still(kept, tx.now()))
            else {
                return Ok(());
            };
            let newest = review::newest(tx, plan.cve_id)?;
            if newest.digest != plan.digest {
                let problem = format!(
                    "the draft changed since: revision {} was planned, it is revision {} now; \
                     plan it again",
                    plan.revision, newest.revision
                );
                return Err(Error::from(Refusal::invalid("plan", problem)));
            }
            let (begun, _) = publish::begin(tx, &actor, plan.cve_id, &followup, &portal)?;
            kept.followup.clone_from(&begun.followup);
            end(
                tx,
                &mut kept,
                "begun",
                "runner",
                "begun: the advisory is public",
            )
        })
    }

    /// What keeps a plan from beginning: the address does not answer with the
    /// ID. Nothing when it does.
    fn silent(&self, plan: &ReleasePlanRow) -> Option<String> {
        let (url, id) = (&plan.url, plan.cve_id);
        match Link::new(&self.settings.request).look(url) {
            Ok(look) if look.status == 200 && look.contains(&id.to_string()) => None,
            Ok(look) if look.status == 200 => Some(format!("{url} answers without {id}")),
            Ok(look) => Some(format!("{url} answers {}", look.status)),
            Err(error) => Some(error.to_string()),
        }
    }

    fn look_later(&self, plan: &ReleasePlanRow, answer: String) -> Result<(), Error> {
        let plan = plan.clone();
        self.store.write(move |tx| {
            tx.take_case(plan.case_id)?;
            let Some(mut kept) = tx
                .release_plan(&plan.id)?
                .filter(|kept| still(kept, tx.now()))
            else {
                return Ok(());
            };
            if kept.answer != answer {
                tx.log_release_plan(&kept.id, "runner", &answer)?;
            }
            kept.answer.clone_from(&answer);
            kept.run_at = tx.now().plus_ms(LOOK_MS);
            kept.modified = tx.now();
            tx.update_release_plan(&kept).map_err(Error::from)
        })
    }

    fn stop_plan(&self, plan: &ReleasePlanRow, refusal: &Refusal) -> Result<(), Error> {
        let (plan, words) = (plan.clone(), format!("stopped: {refusal}"));
        self.store.write(move |tx| {
            tx.take_case(plan.case_id)?;
            let Some(mut kept) = tx
                .release_plan(&plan.id)?
                .filter(|kept| still(kept, tx.now()))
            else {
                return Ok(());
            };
            end(tx, &mut kept, "stopped", "runner", &words)?;
            let object = plan.case_id.to_string();
            tx.change("case.unplanned", "", &object, store::Visibility::Restricted);
            Ok::<_, Error>(())
        })
    }

    /// Records that a case leaked: the embargo ends, the clocks of disclosure
    /// start, and every plan of the case begins now. Four eyes stay.
    ///
    /// Takes: `ours`, whether one of our own outputs told it (D-06, D-07), or
    /// somebody else's (D-08); `seen`, when we became aware.
    /// Source: process sections 3.4 and 12.2.
    pub fn record_leak(
        &self,
        actor: &Actor,
        id: CaseId,
        url: &str,
        seen: Option<Timestamp>,
        ours: bool,
    ) -> Result<LeakReport, Error> {
        check(actor, Action::Embargo)?;
        let now = self.world.now();
        let seen = seen.unwrap_or(now);
        if seen > now {
            let problem = format!("`{seen}` has not come yet");
            return Err(Refusal::invalid("seen", problem).into());
        }
        let url = url.trim().to_owned();
        if url.is_empty() || url.chars().count() > 2_000 {
            let problem = "expected the address where it was seen, of at most 2,000 characters";
            return Err(Refusal::invalid("url", problem).into());
        }
        let who = actor.clone();
        let (begin_now, missing, state) = self.store.write(move |tx| {
            let mut row = case::take(tx, &who, id, Verb::Leak)?;
            tx.delete_embargo(id.number())?;
            row.embargoed = false;
            let kind = if ours {
                EventKind::DetailsPublic
            } else {
                EventKind::DisclosureReported
            };
            let lines = tx.ledger_of(id.number())?;
            let mut subjects: Vec<String> = lines.iter().map(|line| line.id.to_string()).collect();
            if subjects.is_empty() {
                subjects.push(String::new());
            }
            for subject in subjects {
                let event = EventRow {
                    number: 0,
                    kind: kind.to_string(),
                    at: seen,
                    subject,
                    date: None,
                    severity: String::new(),
                    note: url.clone(),
                    author: who.id().to_owned(),
                    recorded: tx.now(),
                };
                tx.insert_case_event(id.number(), &event)?;
            }
            // The state follows from what was recorded just now.
            let state = case::settle(tx, &mut row)?;
            let (mut begin_now, mut missing) = (Vec::new(), Vec::new());
            for line in lines.iter().filter(|line| line.published_at.is_none()) {
                if let Some(mut plan) = waiting(tx, line.id)? {
                    plan.starts = "now".to_owned();
                    plan.run_at = tx.now();
                    plan.modified = tx.now();
                    plan.answer = "a leak is recorded: it begins now".to_owned();
                    tx.update_release_plan(&plan)?;
                    tx.log_release_plan(&plan.id, who.id(), &plan.answer)?;
                    begin_now.push(line.id);
                }
                missing.push(Lacking {
                    cve_id: line.id,
                    todo: lacking(tx, line)?,
                });
            }
            let detail = json!({"url": url, "seen": seen, "ours": ours, "state": state});
            case::record(tx, &who, id, "leaked", "leak", detail);
            Ok::<_, Error>((begin_now, missing, state))
        })?;
        Ok(LeakReport {
            case: id,
            state,
            words: words_of_leak(ours, &begin_now, &missing),
            begin_now,
            missing,
        })
    }

    /// When a plan begins, and in which zone that was said.
    fn begins(&self, new: &NewPlan) -> Result<(Timestamp, String), Error> {
        let now = self.world.now();
        if new.at.is_empty() == new.when_answers.is_empty() {
            let problem = "expected either an hour or an address that has to answer";
            return Err(Refusal::invalid("at", problem).into());
        }
        if new.at.is_empty() {
            if !new.when_answers.starts_with("https://") && !new.when_answers.starts_with("http://")
            {
                let problem = "expected an address that begins with `https://`";
                return Err(Refusal::invalid("when_answers", problem).into());
            }
            return Ok((now, String::new()));
        }
        let timing = self.timing()?;
        let zone = new.zone.as_deref().unwrap_or(timing.calendar.zone_name());
        let zone = Calendar::new(zone, [])
            .map_err(|error| Refusal::invalid("zone", error.to_string()))?
            .zone_name()
            .to_owned();
        let at = Calendar::moment_in(&zone, &new.at)
            .map_err(|error| Refusal::invalid("at", error.to_string()))?;
        if at <= now {
            let problem = format!("`{}` in {zone} has passed: name a later hour", new.at);
            return Err(Refusal::invalid("at", problem).into());
        }
        Ok((at, zone))
    }
}

/// Whether a plan still waits and is due.
fn still(plan: &ReleasePlanRow, now: Timestamp) -> bool {
    plan.state == "scheduled" && plan.run_at <= now
}

/// The plan of `id` that waits.
fn waiting(tx: &mut Tx<'_>, id: CveId) -> Result<Option<ReleasePlanRow>, Error> {
    let plans = tx.release_plans(id)?;
    Ok(plans.into_iter().find(|plan| plan.state == "scheduled"))
}

fn waits_for(plan: &ReleasePlanRow) -> String {
    match plan.starts.as_str() {
        "time" => format!("{} ({} {})", plan.run_at, plan.local, plan.zone),
        "advisory" => format!("when {} answers with the ID", plan.url),
        _ => "now".to_owned(),
    }
}

fn end(
    tx: &mut Tx<'_>,
    plan: &mut ReleasePlanRow,
    state: &str,
    by: &str,
    words: &str,
) -> Result<(), Error> {
    plan.state = state.to_owned();
    plan.answer = words.to_owned();
    plan.modified = tx.now();
    tx.update_release_plan(plan)?;
    Ok(tx.log_release_plan(&plan.id, by, words)?)
}

/// Keeps a plan that began at once; one that waited is ended by it.
pub(crate) fn note_begun(
    tx: &mut Tx<'_>,
    actor: &Actor,
    begun: &Plan,
    newest: &DraftRow,
) -> Result<(), Error> {
    if let Some(mut waiting) = waiting(tx, begun.cve_id)? {
        let words = "cancelled: it was published at once";
        end(tx, &mut waiting, "cancelled", actor.id(), words)?;
    }
    let plan = ReleasePlanRow {
        // The follow-up's id is its own; one plan has one follow-up.
        id: begun.followup.clone(),
        cve_id: begun.cve_id,
        case_id: begun.case.number(),
        revision: newest.revision,
        digest: newest.digest,
        state: "begun".to_owned(),
        starts: "now".to_owned(),
        run_at: tx.now(),
        local: String::new(),
        zone: String::new(),
        url: String::new(),
        followup: begun.followup.clone(),
        answer: "begun: the advisory is public".to_owned(),
        planned_by: actor.id().to_owned(),
        created: tx.now(),
        modified: tx.now(),
    };
    tx.insert_release_plan(&plan)?;
    Ok(tx.log_release_plan(&plan.id, actor.id(), &plan.answer)?)
}

/// Refuses an hour before the embargo ends.
fn refuse_early(tx: &mut Tx<'_>, case: i64, run_at: Timestamp, new: &NewPlan) -> Result<(), Error> {
    let Some(embargo) = tx.embargo(case)? else {
        return Ok(());
    };
    if new.when_answers.is_empty() && run_at < embargo.lifts_at {
        let problem = format!(
            "`{}` is before the embargo ends, which is at {} ({} {}): name that hour or a later \
             one",
            new.at, embargo.lifts_at, embargo.local, embargo.zone
        );
        return Err(Refusal::invalid("at", problem).into());
    }
    Ok(())
}

/// Refuses an address that the record does not cite.
///
/// Source: CNA Rules 5.3.1; a record is never the first disclosure.
fn refuse_uncited(newest: &DraftRow, url: &str) -> Result<(), Error> {
    if url.is_empty() {
        return Ok(());
    }
    let document = document_of(newest)?;
    let references = document["cna"]["references"].as_array();
    let cites = references.is_some_and(|all| all.iter().any(|one| one["url"] == url));
    if cites {
        return Ok(());
    }
    let problem = format!("the record does not cite `{url}`: add it to its references");
    Err(Refusal::invalid("when_answers", problem).into())
}

/// What a record lacks before it can be published.
fn lacking(tx: &mut Tx<'_>, line: &store::LedgerRow) -> Result<Vec<String>, Error> {
    let Some(newest) = tx.draft(line.id)? else {
        return Ok(vec![format!("draft it: `cna draft new {}`", line.id)]);
    };
    let names = Names::load(tx)?;
    let now = tx.now();
    let items: Vec<CheckItem> = checklist::items(tx, line, &newest, now, &names)?;
    Ok(items
        .iter()
        .filter(|item| item.stops)
        .map(|item| format!("{}: {}", item.id, item.todo))
        .collect())
}

fn words_of_leak(ours: bool, begin_now: &[CveId], missing: &[Lacking]) -> Vec<String> {
    let clocks = if ours {
        "D-06 and D-07 run"
    } else {
        "D-08 runs"
    };
    let mut words = vec![format!(
        "the embargo is over; {clocks} from when it was seen"
    )];
    for id in begin_now {
        words.push(format!("the plan of {id} begins now"));
    }
    for lacking in missing.iter().filter(|lacking| !lacking.todo.is_empty()) {
        let id = lacking.cve_id;
        words.push(format!("{id} lacks: {}", lacking.todo.join("; ")));
        if lacking.todo.iter().any(|todo| todo.starts_with("PC-07")) {
            words.push(format!(
                "a leak skips no review: where no second person can be had, an administrator may \
                 use `cna review override {id} --reason TEXT`, which is reviewed afterwards"
            ));
        }
    }
    for lacking in missing.iter().filter(|lacking| lacking.todo.is_empty()) {
        if !begin_now.contains(&lacking.cve_id) {
            words.push(format!(
                "{0} lacks nothing: `cna publish {0}`",
                lacking.cve_id
            ));
        }
    }
    words
}

fn steps(
    plan: &ReleasePlanRow,
    followup: Option<&store::FollowupRow>,
    published: bool,
) -> Vec<PlanStepView> {
    let step = |does: String, state, answer: String| PlanStepView {
        does,
        state,
        answer,
    };
    let began = plan.state == "begun";
    let first = match (plan.state.as_str(), began) {
        (_, true) => "done",
        ("scheduled", _) => "waiting",
        _ => "failed",
    };
    let mut steps = vec![
        step(
            format!("Begin {}", waits_for(plan)),
            first,
            plan.answer.clone(),
        ),
        step(
            "Make the advisory public".to_owned(),
            if began { "done" } else { "later" },
            String::new(),
        ),
    ];
    let (state, answer) = match followup {
        Some(followup) => (
            match followup.state {
                FollowupState::Done => "done",
                FollowupState::Pending | FollowupState::Leased => "waiting",
                FollowupState::Held | FollowupState::Failed | FollowupState::Cancelled => "failed",
            },
            format!(
                "{} (tried {} times)",
                followup.last_answer, followup.attempts
            ),
        ),
        None => ("later", String::new()),
    };
    steps.push(step(
        format!(
            "See it answer with {}, send the record, read it back, compare",
            plan.cve_id
        ),
        state,
        answer,
    ));
    steps.push(step(
        "Close the ledger line and stop the clocks".to_owned(),
        if published && state == "done" {
            "done"
        } else {
            "later"
        },
        String::new(),
    ));
    steps
}
