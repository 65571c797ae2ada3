//! What the engine says beside the decision: IDs, years, states, checks.

use serde_json::{Map, Value, json};

use super::content::english;
use super::course::Course;
use super::plans;
use crate::clocks::{self, EventKind};
use crate::decision::Outcome;
use crate::lifecycle::{
    amendment, checklist, gcve, issue, mistake, pool, rbp, readiness, rejection, year,
};

/// Adds it.
pub(crate) fn add(course: &Course, facts: &mut Map<String, Value>) {
    overlays(course, facts);
    ids(course, facts);
    years(course, facts);
    stamps(course, facts);
    follows(course, facts);
    records(course, facts);
    plans::add(course, facts);
    let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    if let Some(pool) = &course.given.pool {
        put("pool", json!(pool::stand(pool)));
    }
    if let Some(given) = &course.given.rbp {
        put(
            "rbp_ratio",
            json!(rbp::ratio(given.without_record, given.public)),
        );
    }
    put("overridden", json!(course.overridden));
    put("audit", Value::Array(course.audit.clone()));
    if let Some(read) = course.given.issue.as_ref().map(issue::read) {
        put("issue", json!(read));
    }
    if let Some(candidate) = &course.given.candidate {
        let gaps = readiness::gaps(candidate);
        let failing: Vec<&str> = gaps.iter().map(|gap| gap.id).collect();
        put(
            "readiness",
            json!({
                "ready": gaps.is_empty(),
                "failing": failing,
                "why": gaps.iter().map(|gap| (gap.id.to_owned(), json!(gap.why))).collect::<Map<_, _>>(),
                "state": readiness::state(candidate, &gaps),
            }),
        );
    }
    let read = course
        .given
        .gcve
        .iter()
        .map(|text| (text.clone(), json!(gcve::read(text))));
    let read: Map<String, Value> = read.collect();
    if !read.is_empty() {
        put("gcve", Value::Object(read));
        put("gcve_id_on_report", json!(gcve::ON_A_REPORT));
    }
}

/// What Roots add: which overlays hold for us, and what they add.
fn overlays(course: &Course, facts: &mut Map<String, Value>) {
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    let outcome = course
        .decision
        .as_ref()
        .and_then(|decision| decision.ruling.as_ref());
    for overlay in &course.given.overlays {
        if let Err(error) = overlay.check(course.pack, &course.hierarchy) {
            refused.push(json!({"root": overlay.root, "why": error.to_string()}));
            continue;
        }
        if !overlay.covers(&course.given.us, &course.hierarchy) {
            continue;
        }
        applied.push(overlay.root.clone());
        let added = outcome
            .into_iter()
            .flat_map(|ruling| overlay.adding(ruling.outcome));
        let added: Vec<Value> = added
            .filter_map(|rule| rule.task.as_ref())
            .map(|task| json!(task))
            .collect();
        if let Some(Value::Array(tasks)) = facts.get_mut("tasks") {
            tasks.extend(added);
        }
    }
    facts.insert(
        "overlays".into(),
        json!({"applied": applied, "refused": refused}),
    );
}

fn ids(course: &Course, facts: &mut Map<String, Value>) {
    let by = |value: &dyn Fn(&super::book::Line) -> Value| -> Value {
        let lines = course
            .ids
            .iter()
            .map(|(id, line)| (id.clone(), value(line)));
        Value::Object(lines.collect())
    };
    let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    put("id_states", by(&|line| json!(line.state)));
    put("program_states", by(&|line| json!(line.state.program())));
    put("owners", by(&|line| json!(line.owner)));
    put("id_tags", by(&|line| json!(line.tags)));
    put("shared", by(&|line| json!(line.is_shared)));
    put("reject_reasons", by(&|line| json!(line.reason)));
    put("replaced_by", by(&|line| json!(line.replaced_by)));
    let texts = course.ids.iter().filter_map(|(id, line)| {
        let year = id.get(4..8)?.parse().ok()?;
        let text = rejection::text(
            line.reason?,
            line.replaced_by.first().map(String::as_str),
            year,
        )?;
        Some((id.clone(), json!(text)))
    });
    put("reject_texts", Value::Object(texts.collect()));
    let rejected: Vec<&String> = course
        .ids
        .iter()
        .filter(|(_, line)| line.state.is_rejected())
        .map(|(id, _)| id)
        .collect();
    put("rejected", json!(rejected));
    let graph = |id: &str| {
        let line = course.ids.get(id)?;
        line.state.is_rejected().then(|| line.replaced_by.clone())
    };
    let circles: Vec<&String> = rejected
        .iter()
        .copied()
        .filter(|id| !course.ids[*id].replaced_by.is_empty())
        .filter(|id| !rejection::ends_well(id, graph))
        .collect();
    put("replacement_faults", json!(circles));
    if !course.disputes.is_empty() {
        let disputes = course.disputes.iter().map(|(id, dispute)| {
            let owner = course
                .ids
                .get(id)
                .map_or(course.given.us.as_str(), |line| &line.owner);
            let escalated = dispute.passed.contains(&"ESCALATED");
            let root = course.hierarchy.root_of(owner);
            let adjudicator = if escalated {
                root.unwrap_or(owner)
            } else {
                owner
            };
            let value = json!({
                "state": dispute.state,
                "party": dispute.party,
                "tagged": dispute.is_tagged,
                "note": dispute.note(),
                "remedy": dispute.remedy,
                "tell": dispute.tell,
                "passed": dispute.passed,
                "adjudicator": adjudicator,
                "escalates_to": root,
            });
            (id.clone(), value)
        });
        put("disputes", Value::Object(disputes.collect()));
    }
    let transfers = course.transfers.iter().map(|(id, transfer)| {
        let value = json!({
            "steps": transfer.done,
            "owner": transfer.owner(),
            "assignerShortName": transfer.owner(),
            "id": id,
            "text_reviewed_by": transfer.to,
        });
        (id.clone(), value)
    });
    put("transfers", Value::Object(transfers.collect()));
}

fn years(course: &Course, facts: &mut Map<String, Value>) {
    let chosen = course
        .sheet
        .case("F1")
        .and_then(|reply| year::YearGround::of(&reply.value));
    let known = course.years();
    let public = course
        .sheet
        .case("A3")
        .map(|reply| reply.value.starts_with("public"));
    // What became public later was private when it got its ID.
    let at_start = course.clock.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Disclosed | EventKind::ThirdPartyDisclosed | EventKind::DetailsPublic
        ) && event.at <= course.start
    });
    if let Some((ground, year)) = known.choose(chosen, public.unwrap_or(at_start)) {
        facts.insert("year".into(), json!(year));
        facts.insert("year_ground".into(), json!(ground.as_str()));
    }
    let mut allowed: Vec<u16> = [known.disclosed, known.published, known.reserved]
        .into_iter()
        .flatten()
        .collect();
    allowed.sort_unstable();
    allowed.dedup();
    facts.insert("years_allowed".into(), json!(allowed));
}

/// Times between what happened to an ID.
fn stamps(course: &Course, facts: &mut Map<String, Value>) {
    let mut intervals = Vec::new();
    let (mut hours, mut minutes) = (Map::new(), Map::new());
    for (id, line) in &course.ids {
        let stamps = [
            ("reserved", line.reserved),
            ("assigned", line.assigned),
            ("disclosed", line.disclosed),
            ("published", line.published),
            ("rejected", line.rejected),
        ];
        for (from, start) in stamps {
            for (to, end) in stamps {
                if let (Some(start), Some(end)) = (start, end)
                    && from != to
                {
                    let ms = end.ms_since(start) as f64;
                    intervals.push(json!({
                        "of": id, "from": from, "to": to,
                        "minutes": ms / 60_000.0, "hours": ms / 3_600_000.0, "days": ms / 86_400_000.0,
                    }));
                }
            }
        }
        if let Some(ms) = clocks::time_to_publish_ms(&course.clock, id) {
            hours.insert(id.clone(), json!(ms as f64 / 3_600_000.0));
            minutes.insert(id.clone(), json!(ms as f64 / 60_000.0));
        }
    }
    facts.insert("intervals".into(), Value::Array(intervals));
    facts.insert("time_to_publish_h".into(), Value::Object(hours));
    facts.insert("time_to_publish_min".into(), Value::Object(minutes));
}

/// What follows from the outcome and what has happened since.
fn follows(course: &Course, facts: &mut Map<String, Value>) {
    let mut hints: Vec<&str> = Vec::new();
    for (name, finding) in &course.given.findings {
        let vulnerable = course.decision.as_ref().is_none_or(|decision| {
            // A finding that is none alone may still be one half of a chain.
            decision.groups.iter().any(|group| {
                group
                    .members
                    .iter()
                    .any(|place| course.claims[*place].name == *name)
            })
        });
        if let (true, Some(mistake)) = (vulnerable, &finding.mistake) {
            hints.extend(mistake::hints(mistake).unwrap_or_default());
        }
    }
    facts.insert("cwe_hint".into(), json!(hints));
    let ruling = course
        .decision
        .as_ref()
        .and_then(|decision| decision.ruling.as_ref());
    let (plan, effects): (&[&str], &[&str]) = match ruling.map(|ruling| ruling.outcome) {
        Some(Outcome::Amend) => (amendment::STEPS, amendment::EFFECTS),
        Some(Outcome::Reject) => (
            amendment::REJECT_STEPS,
            &["container_replaced", "adp_removed", "id_stays_listed"],
        ),
        _ if course.given.case.track.as_deref() == Some("low") => (issue::LOW_TRACK, &[]),
        _ => (&[], &[]),
    };
    if !plan.is_empty() {
        facts.insert("plan".into(), json!(plan));
        facts.insert("effects".into(), json!(effects));
    }
    // An ID that was assigned to what will not be disclosed must go.
    let gone = match ruling {
        Some(ruling) if ruling.outcome == Outcome::NoAssign && ruling.about == ["private"] => {
            Some(rejection::Reason::NotDisclosed)
        }
        Some(ruling) if ruling.outcome == Outcome::NotVulnerability => {
            Some(rejection::Reason::NotVuln)
        }
        _ => None,
    };
    let must: Vec<Value> = course
        .ids
        .iter()
        .filter(|(_, line)| line.owner == course.given.us && line.finding.is_some())
        .filter(|(_, line)| !line.state.is_rejected())
        .filter_map(|(id, _)| {
            gone.map(|reason| json!({"id": id, "reason": reason, "state": reason.state()}))
        })
        .collect();
    facts.insert("must_reject".into(), Value::Array(must));
    if let Some(state) = state(course) {
        facts.insert("state".into(), json!(state));
    }
    facts.insert("handling".into(), json!(handling(course)));
    let embargo = match course.given.case.embargo {
        None => "none",
        Some(_) if course.is_out() => "over",
        Some(end) if end.0 <= course.now => "over",
        Some(_) => "on",
    };
    facts.insert("embargo".into(), json!(embargo));
    facts.insert("public_status".into(), json!(public_status(course)));
}

/// The state of the case: what has happened says more than the outcome.
///
/// Source: process section 3.1.
fn state(course: &Course) -> Option<&'static str> {
    let happened = |kind: EventKind| course.clock.iter().any(|event| event.kind == kind);
    let ruling = course
        .decision
        .as_ref()
        .and_then(|decision| decision.ruling.as_ref());
    let assigns = ruling.is_none_or(|ruling| ruling.outcome == Outcome::Assign);
    let ended =
        |event: &&clocks::Event| matches!(event.kind, EventKind::Closed | EventKind::Reopened);
    let ended = course.clock.iter().rev().find(ended);
    if ended.is_some_and(|event| event.kind == EventKind::Closed) {
        // By hand, where nothing closes it by itself.
        return Some(match ruling.map(|ruling| ruling.outcome) {
            Some(Outcome::NeedInfo) => "CLOSED_NO_RESPONSE",
            Some(
                Outcome::RouteCna | Outcome::RouteUpstream | Outcome::RouteRoot | Outcome::RouteLr,
            ) => "CLOSED_ROUTED",
            Some(other) if other.leads_to().starts_with("CLOSED") => other.leads_to(),
            _ => "CLOSED",
        });
    }
    let own: Vec<_> = course
        .ids
        .values()
        .filter(|line| line.owner == course.given.us && line.finding.is_some())
        .collect();
    if assigns && !own.is_empty() {
        use crate::lifecycle::ledger::IdState::Published;
        if own.iter().all(|line| line.state.is_rejected()) {
            return Some("CLOSED_WITHDRAWN");
        }
        let live: Vec<_> = own
            .iter()
            .filter(|line| !line.state.is_rejected())
            .collect();
        return Some(if live.iter().all(|line| line.state == Published) {
            "PUBLISHED"
        } else if course.is_out() {
            "DISCLOSED"
        } else if is_ready(course) {
            "READY"
        } else if happened(EventKind::DistributorsTold) {
            "PREDISCLOSED"
        } else if happened(EventKind::FixTeamFormed) {
            "FIX_IN_PROGRESS"
        } else {
            "ASSIGNED"
        });
    }
    match ruling.map(|ruling| (ruling.outcome, ruling.about.first().map(String::as_str))) {
        Some((Outcome::Close, Some("spam"))) => return Some("CLOSED_SPAM"),
        Some((Outcome::NeedInfo, _)) if is_silent(course) => return Some("CLOSED_NO_RESPONSE"),
        Some((
            Outcome::RouteCna | Outcome::RouteUpstream | Outcome::RouteRoot | Outcome::RouteLr,
            _,
        )) if course.route_confirmed => return Some("CLOSED_ROUTED"),
        _ => {}
    }
    if course.is_out() && ruling.is_none() {
        return Some("DISCLOSED");
    }
    match ruling {
        Some(ruling) => Some(ruling.outcome.leads_to()),
        None if course.sheet.rows().is_empty() => Some("RECEIVED"),
        None => Some("TRIAGE"),
    }
}

/// Whether the drafts of all live IDs are approved as they are.
fn is_ready(course: &Course) -> bool {
    let lines = course.ids.iter();
    let mut live = lines.filter(|(_, line)| line.finding.is_some() && !line.state.is_rejected());
    live.all(|(id, _)| {
        course
            .drafts
            .get(id)
            .is_some_and(|draft| draft.check().is_ok())
    })
}

/// Whether the reporter has said nothing in the whole time for it.
fn is_silent(course: &Course) -> bool {
    let (calendar, settings) = (course.calendar(), course.clock_settings());
    let asked = clocks::deadlines_of(
        clocks::DeadlineId::D27b,
        &course.clock,
        &calendar,
        &settings,
    );
    let last = asked.iter().max_by_key(|deadline| deadline.due);
    last.is_some_and(|deadline| deadline.stopped.is_none() && course.now > deadline.due)
}

fn public_status(course: &Course) -> &'static str {
    let happened = |kind: EventKind| course.clock.iter().any(|event| event.kind == kind);
    let said = course.sheet.case("A3").map(|reply| reply.value.as_str());
    if happened(EventKind::Disclosed) || happened(EventKind::DetailsPublic) {
        "public_own"
    } else if happened(EventKind::ThirdPartyDisclosed) {
        "public_third_party"
    } else if happened(EventKind::IdSeen) {
        "id_only"
    } else {
        match said {
            Some("public_own") => "public_own",
            Some("public_third_party") => "public_third_party",
            Some("id_only") => "id_only",
            Some("unknown") => "unknown",
            _ => "private",
        }
    }
}

/// Who drives the fix of what was assigned.
///
/// Source: process section 2.4, incident flow.
fn handling(course: &Course) -> Vec<&'static str> {
    match course.given.case.component_supported {
        Some(false) => vec![
            "mail_id_to_security_contacts",
            "contacts_drive_fix_and_release",
            "committee_keeps_record",
            "committee_keeps_feed",
            "committee_keeps_ledger",
        ],
        Some(true) => vec!["fix_team", "committee_drives_fix_and_release"],
        None => Vec::new(),
    }
}

fn records(course: &Course, facts: &mut Map<String, Value>) {
    let mut lint = Map::new();
    let mut texts = Map::new();
    for (id, record) in &course.given.records {
        let content = course.content(id);
        lint.insert(
            id.clone(),
            json!({
                "errors": content.errors,
                "warnings": content.warnings,
                "advice": content.advice,
                "passed": content.passed,
            }),
        );
        if let Some(text) = english(record) {
            texts.insert(id.clone(), json!(text));
        }
    }
    facts.insert("lint".into(), Value::Object(lint));
    facts.insert("descriptions".into(), Value::Object(texts));
    facts.insert("rejections".into(), course.rejections());
    facts.insert("display".into(), course.display());
    let lists = course.ids.keys().map(|id| {
        let ready = course.readiness(id);
        let items = checklist::items(&ready);
        let items = items
            .iter()
            .map(|item| (item.id.to_owned(), json!(item.ok)));
        (id.clone(), Value::Object(items.collect()))
    });
    facts.insert("checklist".into(), Value::Object(lists.collect()));
}
