//! The keys of `expect`, and what the engine says under each.

use serde_json::{Map, Value, json};

use super::compare::Lists;
use super::course::Course;
use crate::clocks::{self, Status};
use crate::decision::{Outcome, Verdict, evidence_rule};

/// A key of `expect`.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// How its lists are compared.
    pub(crate) lists: Lists,
    /// What stands under it.
    pub meaning: &'static str,
}

const fn key(name: &'static str, lists: Lists, meaning: &'static str) -> Key {
    Key {
        name,
        lists,
        meaning,
    }
}

use Lists::{Contains, Ordered, Same};

/// Every key.
pub const KEYS: &[Key] = &[
    key(
        "outcome",
        Same,
        "the outcome with its parameters, such as `O-ASSIGN(1)`",
    ),
    key(
        "outcomes",
        Ordered,
        "every outcome there was, in order of time",
    ),
    key(
        "missing",
        Same,
        "the questions that must be answered before an outcome can be issued, as `node` or `node of finding`",
    ),
    key("ids", Same, "how many IDs are assigned here"),
    key(
        "ids_elsewhere",
        Same,
        "how many another organisation assigns, by its name",
    ),
    key("cna", Same, "who assigns"),
    key("state", Same, "the state of the case"),
    key(
        "findings",
        Same,
        "what each finding is: `VULN`, `O-NOTVULN`, `O-NOASSIGN(teaching)`, `O-NOASSIGN(never_public)`, `O-NEEDINFO`, `O-CONSULT`, `open`",
    ),
    key(
        "groups",
        Same,
        "the vulnerabilities: the findings of each, joined by `+`, with their count",
    ),
    key("affected", Same, "the products of what is assigned"),
    key(
        "existing",
        Same,
        "the IDs that are used instead of new ones",
    ),
    key("tags", Same, "the tags the record gets"),
    key("notes", Contains, "sentences the record gets"),
    key("tasks", Contains, "what has to be done, by key"),
    key("reply", Same, "the template of the answer to the reporter"),
    key("tree_started", Same, "whether the questionnaire began"),
    key(
        "evidence_required",
        Same,
        "the questions whose answer needed evidence",
    ),
    key(
        "confirmation",
        Same,
        "whether a second trained person has to confirm the count",
    ),
    key("consulted", Same, "who was asked"),
    key(
        "ruleset",
        Same,
        "the version of the rules it was decided by",
    ),
    key(
        "grounds",
        Contains,
        "the rules it rests on: `number` of the version, stable `key`, `level`, `node`, `value`",
    ),
    key(
        "deadlines",
        Contains,
        "the clocks: `id`, `of`, `start`, `opens`, `due`, `kind`, `party`, `result` (`running`, `met`, `missed`, `waived`, `reached`), `breach`, `margin_min`, `alerts`",
    ),
    key(
        "overlays",
        Contains,
        "what Roots add: `applied` by Root, `refused` with `root` and `why`",
    ),
    key("id_states", Same, "the state of each ID in the ledger"),
    key(
        "program_states",
        Same,
        "what CVE Services shows for each ID: `RESERVED`, `PUBLISHED`, `REJECTED`",
    ),
    key("owners", Same, "whose each ID is"),
    key("id_tags", Same, "the tags of each ID's record"),
    key(
        "shared",
        Same,
        "whether anybody outside was told of each ID",
    ),
    key("rejected", Same, "the IDs that are rejected"),
    key(
        "reject_reasons",
        Same,
        "the code of the reason of each rejected ID",
    ),
    key(
        "reject_texts",
        Same,
        "the prescribed text of each rejected ID",
    ),
    key("replaced_by", Same, "what each rejected ID is replaced by"),
    key(
        "replacement_faults",
        Same,
        "IDs whose replacements go in a circle or end at a rejected one",
    ),
    key(
        "must_reject",
        Contains,
        "assigned IDs that must be rejected because of the outcome: `id`, `reason`, `state`",
    ),
    key("year", Same, "the year the ID gets"),
    key(
        "year_ground",
        Same,
        "on what that rests: `reserved`, `first_disclosed`, `first_published`",
    ),
    key("years_allowed", Same, "every year it might have"),
    key(
        "intervals",
        Contains,
        "times between what happened to an ID: `of`, `from`, `to` (`reserved`, `assigned`, `disclosed`, `published`, `rejected`), `minutes`, `hours`, `days`",
    ),
    key(
        "time_to_publish_h",
        Same,
        "hours from our disclosure to publication, by ID",
    ),
    key("time_to_publish_min", Same, "the same in minutes"),
    key("cwe_hint", Contains, "weaknesses to look at"),
    key(
        "plan",
        Ordered,
        "the steps that follow from the outcome or the track",
    ),
    key("effects", Contains, "what those steps do and leave alone"),
    key("handling", Contains, "who drives the fix"),
    key("embargo", Same, "`none`, `on` or `over`"),
    key(
        "public_status",
        Same,
        "`private`, `public_own`, `public_third_party`, `id_only`, `unknown`",
    ),
    key(
        "lint",
        Contains,
        "the content rules, by ID: `errors`, `warnings`, `advice`, `passed`",
    ),
    key(
        "rejections",
        Contains,
        "rejected records, by ID: `verdict` (`pass`, `warning`, `error`), `errors`, `warnings`, `info`, `form` (`template`, `legacy`, `stock`, `free`), `reason`, `instead`, `related`",
    ),
    key(
        "descriptions",
        Same,
        "the English description of each record",
    ),
    key(
        "display",
        Same,
        "how each record is shown: `status`, `explanation`, `together`, `end_of_life`",
    ),
    key(
        "checklist",
        Same,
        "the publish checklist of each ID: `PC-01` to `PC-10`, whether each is so",
    ),
    key(
        "disputes",
        Same,
        "disputes by what is disputed: `state`, `party`, `tagged`, `note`, `remedy`, `tell`, `passed`, `adjudicator`, `escalates_to`",
    ),
    key(
        "transfers",
        Ordered,
        "transfers by ID: `steps`, `owner`, `assignerShortName`, `id`, `text_reviewed_by`",
    ),
    key(
        "merge",
        Ordered,
        "what becomes of `given.merge`: `outcome`, `keep`, `criterion`, `because`, `reject`, `notes`, `steps`, `unresolved_goes_to`",
    ),
    key(
        "split",
        Ordered,
        "what becomes of `given.split`: `keeps`, `criterion`, `parts_left`, `original_note`, `new`, `rejected`, `steps`, `refused`",
    ),
    key(
        "year_end",
        Same,
        "the sweep of `given.year_end`: `blocked`, `obstacles`, `classes`, `counts`, `actions`, `rejected`, `ids_rejected`, `steps`",
    ),
    key(
        "sightings",
        Same,
        "what it means that an ID is named in public, by ID",
    ),
    key(
        "ladder",
        Ordered,
        "what a Root may do about IDs without a record, rung by rung",
    ),
    key(
        "inactivity",
        Ordered,
        "the procedure of `given.inactivity`: `eligible`, `notice_1`, `notice_2`, `warning`, `revoke`, `effects`, `refused`",
    ),
    key(
        "readiness",
        Same,
        "`given.candidate`: `ready`, `failing`, `why`, `state`",
    ),
    key(
        "issue",
        Contains,
        "`given.issue`: `handbook_query`, `feed`, `ids`, `status`, `lint`",
    ),
    key(
        "issue_form",
        Same,
        "the public issue: `title_before`, `title_after`, `labels`",
    ),
    key("mails", Ordered, "the titles of the mails of a disclosure"),
    key(
        "planned_disclosure",
        Same,
        "the planned disclosure: `at`, `slot`, `slot_faults`, `blocks`, `notice_days`",
    ),
    key(
        "gcve",
        Same,
        "`given.gcve`: by text `valid`, `out`, `cve`, `gna`",
    ),
    key(
        "gcve_id_on_report",
        Same,
        "what an ID of the other system on a report is",
    ),
    key(
        "pool",
        Same,
        "`given.pool`: `buffer`, `low_water`, `alarm`, `refill`, `quota_left`",
    ),
    key(
        "rbp_ratio",
        Same,
        "the share of public IDs without a record, in percent",
    ),
    key(
        "overridden",
        Same,
        "what passed without four eyes and has to be reviewed afterwards",
    ),
    key(
        "audit",
        Contains,
        "attempts in order: `by`, `do`, `of`, `allowed`, `because`",
    ),
    key(
        "results",
        Contains,
        "how named events ended, by name: `allowed`, `because`",
    ),
];

/// What the engine says, by key.
pub(crate) fn facts(course: &Course) -> Map<String, Value> {
    let mut facts = Map::new();
    if let Some(decision) = &course.decision {
        decided(course, decision, &mut facts);
    }
    facts.insert("outcomes".into(), texts(&course.rulings));
    facts.insert("consulted".into(), json!(course.consulted));
    facts.insert("deadlines".into(), deadlines(course));
    facts.insert("results".into(), json!(course.results));
    super::aftermath::add(course, &mut facts);
    facts
}

fn texts<T: ToString>(items: &[T]) -> Value {
    items.iter().map(ToString::to_string).collect()
}

fn decided(course: &Course, decision: &crate::decision::Decision, facts: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| {
        facts.insert(name.to_owned(), value);
    };
    let missing: Vec<String> = decision
        .missing
        .iter()
        .map(|missing| match missing.about.as_str() {
            "" => missing.node.to_owned(),
            about => format!("{} of {about}", missing.node),
        })
        .collect();
    put("missing", json!(missing));
    put("ruleset", json!(decision.ruleset));
    put("ids", json!(decision.ids()));
    put("existing", json!(decision.existing));
    put("tags", json!(decision.tags));
    put("notes", json!(decision.notes));
    put("tasks", json!(decision.tasks));
    put("confirmation", json!(decision.needs_confirmation));
    put("findings", findings(course, decision));
    put("groups", groups(course, decision));
    put("grounds", grounds(decision));
    put("evidence_required", evidence(course));
    let closed = course.sheet.case("A1").is_some()
        && decision
            .ruling
            .as_ref()
            .is_some_and(|ruling| ruling.outcome == Outcome::Close);
    put("tree_started", json!(!closed));
    let Some(ruling) = &decision.ruling else {
        return;
    };
    put("outcome", json!(ruling.to_string()));
    put("state", json!(ruling.outcome.leads_to()));
    if let Some(cna) = &decision.assigner {
        put("cna", json!(cna));
        let elsewhere = if *cna == course.given.us {
            Map::new()
        } else {
            Map::from_iter([(cna.clone(), json!(1))])
        };
        put("ids_elsewhere", Value::Object(elsewhere));
    }
    put("reply", json!(reply(ruling)));
    let mut affected: Vec<&str> = decision
        .groups
        .iter()
        .flat_map(|group| &group.members)
        .flat_map(|place| &course.claims[*place].products)
        .map(|part| part.product.as_str())
        .collect();
    affected.sort_unstable();
    affected.dedup();
    put("affected", json!(affected));
}

/// The template of the answer to the reporter.
///
/// Source: process section 12.4.
fn reply(ruling: &crate::decision::Ruling) -> Option<String> {
    match ruling.outcome {
        Outcome::NotVulnerability => Some("non-vuln-response".into()),
        Outcome::Close => ruling.about.first().cloned(),
        _ => None,
    }
}

fn findings(course: &Course, decision: &crate::decision::Decision) -> Value {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Vulnerable => "VULN",
        Verdict::NotVulnerable => "O-NOTVULN",
        Verdict::Teaching => "O-NOASSIGN(teaching)",
        Verdict::NeverPublic => "O-NOASSIGN(never_public)",
        Verdict::NeedInfo => "O-NEEDINFO",
        Verdict::Consult => "O-CONSULT",
        Verdict::Open => "open",
    };
    let verdicts = course.claims.iter().filter_map(|claim| {
        let verdict = decision.verdicts.get(&claim.name)?;
        Some((claim.name.clone(), json!(word(verdict))))
    });
    Value::Object(verdicts.collect())
}

fn groups(course: &Course, decision: &crate::decision::Decision) -> Value {
    let group = |group: &crate::decision::Group| {
        let names: Vec<_> = group
            .members
            .iter()
            .map(|place| course.claims[*place].name.as_str())
            .collect();
        (names.join("+"), json!(group.count))
    };
    Value::Object(decision.groups.iter().map(group).collect())
}

fn grounds(decision: &crate::decision::Decision) -> Value {
    let ground = |ground: &crate::decision::Ground| {
        json!({
            "node": ground.node,
            "value": ground.value,
            "finding": ground.finding,
            "key": ground.key,
            "number": ground.number,
            "level": ground.level.to_string(),
            "overridden": ground.overridden,
        })
    };
    decision.grounds.iter().map(ground).collect()
}

fn evidence(course: &Course) -> Value {
    let mut nodes: Vec<String> = course
        .sheet
        .current()
        .iter()
        .map(|row| &row.reply)
        .filter(|reply| evidence_rule(&reply.node, &reply.value, course.pack).is_some())
        .map(|reply| reply.node.clone())
        .collect();
    nodes.dedup();
    json!(nodes)
}

fn deadlines(course: &Course) -> Value {
    let (calendar, settings) = (course.calendar(), course.clock_settings());
    let all = clocks::deadlines(&course.clock, &calendar, &settings);
    let one = |deadline: &clocks::Deadline| {
        let (result, margin) = match deadline.status(course.now) {
            Status::Running { left_ms } | Status::DueSoon { left_ms } => ("running", Some(left_ms)),
            Status::Breached { late_ms } => ("missed", Some(-late_ms)),
            Status::Reached { since_ms } => ("reached", Some(-since_ms)),
            Status::Stopped {
                kept: true,
                spare_ms,
                ..
            } => ("met", Some(spare_ms)),
            Status::Stopped { spare_ms, .. } => ("missed", Some(spare_ms)),
            Status::Waived => ("waived", None),
        };
        let alerts: Vec<Value> = deadline
            .reminders
            .iter()
            .map(|reminder| {
                json!({"at": reminder.at, "to": reminder.audience, "page": reminder.page, "end": reminder.breach})
            })
            .collect();
        json!({
            "id": deadline.id,
            "of": deadline.subject,
            "start": deadline.starts,
            "opens": deadline.opens,
            "due": deadline.due,
            "kind": deadline.kind,
            "party": deadline.rule().party,
            "result": result,
            "breach": deadline.breached_at(course.now).is_some() && deadline.kind == clocks::Kind::Must,
            "margin_min": margin.map(|ms| ms as f64 / 60_000.0),
            "step": deadline.step,
            "alerts": alerts,
        })
    };
    all.iter().map(one).collect()
}
