//! Plans and sweeps: merge, split, inactivity, the sweep of a year, the
//! planned disclosure.

use serde_json::{Map, Value, json};

use super::course::Course;
use crate::clocks::{self, EventKind, SlotFault, announcement_slot};
use crate::lifecycle::{inactivity, issue, ledger::IdState, merge, rbp, split, year_end};

/// Adds them.
pub(super) fn add(course: &Course, facts: &mut Map<String, Value>) {
    plans(course, facts);
    sweeps(course, facts);
    disclosure(course, facts);
}

fn plans(course: &Course, facts: &mut Map<String, Value>) {
    if let Some(given) = &course.given.merge {
        let plan = merge::plan(&given.candidates, given.sameness);
        let notes: Map<String, Value> = plan
            .notes
            .iter()
            .map(|(id, note)| (id.clone(), json!(note)))
            .collect();
        let owners: Vec<&str> = given
            .candidates
            .iter()
            .map(|one| one.owner.as_str())
            .collect();
        let above = owners.iter().fold(None, |common: Option<String>, owner| {
            Some(common.map_or_else(
                || (*owner).to_owned(),
                |common| course.hierarchy.lowest_common(&common, owner),
            ))
        });
        let mut value = json!(plan);
        value["notes"] = Value::Object(notes);
        value["unresolved_goes_to"] = json!(above);
        facts.insert("merge".into(), value);
    }
    if let Some(given) = &course.given.split {
        let value = match split::plan(&given.id, &given.pieces, &given.new) {
            Ok(plan) => json!(plan),
            Err(error) => json!({"refused": error}),
        };
        facts.insert("split".into(), value);
    }
    if let Some(given) = &course.given.inactivity {
        let value = match inactivity::plan(&given.last, &given.begins) {
            Ok(plan) => json!(plan),
            Err(error) => json!({"refused": error}),
        };
        facts.insert("inactivity".into(), value);
    }
}

fn sweeps(course: &Course, facts: &mut Map<String, Value>) {
    facts.insert("ladder".into(), json!(rbp::LADDER));
    let mut sightings = Map::new();
    for event in &course.clock {
        let (details, ours) = match event.kind {
            EventKind::Disclosed => (true, true),
            EventKind::ThirdPartyDisclosed => (true, false),
            EventKind::IdSeen => (false, false),
            _ => continue,
        };
        if let Some(line) = course.ids.get(&event.subject) {
            let assigned =
                line.finding.is_some() || line.assigned.is_some() || line.state != IdState::Pool;
            sightings.insert(
                event.subject.clone(),
                json!(rbp::sighting(details, ours, assigned)),
            );
        }
    }
    facts.insert("sightings".into(), Value::Object(sightings));
    let Some(given) = &course.given.year_end else {
        return;
    };
    let obstacles = year_end::obstacles(
        given.year,
        course.now.year().number(),
        given.open_reports,
        given.wants_more,
    );
    let (mut classes, mut counts, mut rejected) = (Map::new(), Map::new(), Map::new());
    for (id, text) in &course.given.ids {
        if !id.starts_with(&format!("CVE-{}-", given.year)) && !id.starts_with("CVE-1900-") {
            continue;
        }
        let line = &course.ids[id];
        let row = year_end::YearRow {
            in_ledger: text.ledger.unwrap_or(true),
            in_services: text.services.unwrap_or(true),
            is_assigned: line.finding.is_some() || line.state == IdState::Assigned,
            is_shared: line.is_shared,
            is_seen: text.seen || line.state == IdState::Rbp,
            dropped: text.dropped.as_deref().and_then(|word| word.parse().ok()),
        };
        let class = year_end::class(&row);
        classes.insert(id.clone(), json!(class.as_str()));
        let count = counts
            .get(class.as_str())
            .and_then(Value::as_u64)
            .unwrap_or(0);
        counts.insert(class.as_str().to_owned(), json!(count + 1));
        if let Some((reason, text)) = year_end::rejection(&row, given.year) {
            rejected.insert(
                id.clone(),
                json!({"reason": reason, "state": reason.state(), "text": text, "replacedBy": []}),
            );
        }
    }
    let actions = counts.iter().map(|(letter, count)| {
        let class = ["U", "A", "B", "R", "X"]
            .iter()
            .position(|known| known == letter);
        let all = [
            year_end::Class::U,
            year_end::Class::A,
            year_end::Class::B,
            year_end::Class::R,
            year_end::Class::X,
        ];
        let action = class.map_or("", |place| all[place].action());
        (letter.clone(), json!({"count": count, "action": action}))
    });
    let actions: Map<String, Value> = actions.collect();
    facts.insert(
        "year_end".into(),
        json!({
            "blocked": !obstacles.is_empty(),
            "obstacles": obstacles,
            "classes": classes,
            "counts": counts,
            "actions": actions,
            "rejected": rejected,
            "ids_rejected": rejected.len(),
            "steps": year_end::STEPS,
        }),
    );
}

/// The planned disclosure: its slot, what it blocks, what is sent.
fn disclosure(course: &Course, facts: &mut Map<String, Value>) {
    let planned = course
        .clock
        .iter()
        .rev()
        .find(|event| event.kind == EventKind::DisclosurePlanned)
        .and_then(|event| event.date);
    if let Some(profile) = course.profile().filter(|profile| profile.public_issue) {
        facts.insert("mails".into(), json!(profile.announcement_mails));
        facts.insert(
            "issue_form".into(),
            json!({
                "title_before": issue::PLACEHOLDER,
                "title_after": issue::title(&["CVE-YYYY-NNNN"], "summary"),
                "labels": issue::LABELS,
            }),
        );
    }
    let Some(planned) = planned else {
        return;
    };
    let (calendar, settings) = (course.calendar(), course.clock_settings());
    let slot: Vec<String> = announcement_slot(planned, &calendar, &settings)
        .iter()
        .map(|fault| match fault {
            SlotFault::Friday => "friday".to_owned(),
            SlotFault::Weekend => "weekend".to_owned(),
            SlotFault::Holiday => "holiday".to_owned(),
            SlotFault::Time { found, .. } => format!("{:02}:{:02} UTC", found.0, found.1),
        })
        .collect();
    let all = clocks::deadlines(&course.clock, &calendar, &settings);
    let late = |id: clocks::DeadlineId| {
        all.iter()
            .any(|deadline| deadline.id == id && deadline.breached_at(course.now).is_some())
    };
    let blocks: Vec<&str> = [clocks::DeadlineId::D16, clocks::DeadlineId::D17]
        .into_iter()
        .filter(|id| late(*id))
        .map(clocks::DeadlineId::as_str)
        .collect();
    let told = course
        .clock
        .iter()
        .find(|event| event.kind == EventKind::DistributorsTold);
    let notice = told.map(|event| planned.ms_since(event.at) as f64 / 86_400_000.0);
    facts.insert(
        "planned_disclosure".into(),
        json!({
            "at": planned,
            "slot": if slot.is_empty() { "ok" } else { "warning" },
            "slot_faults": slot,
            "blocks": blocks,
            "notice_days": notice,
        }),
    );
}
