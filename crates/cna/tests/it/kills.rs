//! `kill -9` at every step of reserve, publish and reject, against an authority that
//! answers late, not at all, or with an error after it has done the work.
//!
//! However it went, in the end there is one ID, one record, one complete line
//! in the ledger, and nothing left to do. `CNA_LONG=1` runs every step with
//! every mischief on every engine; otherwise each step meets one of them.

use std::time::Duration;

use serde_json::{Value, json};
use store::IdState;
use store::testing::{postgres, postgres_server};

use crate::desk_process::{DeskProcess, SERVER_LIMIT_MS};
use crate::practice_authority::{Mischief, PracticeAuthority, YEAR};

const RESERVE_STEPS: &[&str] = &[
    "id.reserve.claimed",
    "id.reserve.listed",
    "id.reserve.intended",
    "id.reserve.answered",
    "id.reserve.ended",
];

pub(crate) const PUBLISH_STEPS: &[&str] = &[
    "record.publish.claimed",
    "record.publish.advisory-answers",
    "record.publish.looked",
    "record.publish.sent",
    "record.publish.compared",
    "record.publish.ended",
];

const REJECT_STEPS: &[&str] = &[
    "id.reject.claimed",
    "id.reject.looked",
    "id.reject.archived",
    "id.reject.sent",
    "id.reject.compared",
    "id.reject.ended",
];

/// Longer than the desk waits for an answer.
const LATE: Mischief = Mischief::Late(Duration::from_millis(SERVER_LIMIT_MS * 3 / 2));

const MISCHIEF: &[Mischief] = &[
    Mischief::None,
    LATE,
    Mischief::Silent,
    Mischief::Error,
    Mischief::Refuses,
];

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn is_long() -> bool {
    std::env::var("CNA_LONG").is_ok()
}

/// Runs the whole job, killed once at `step`, while the authority's first
/// changing requests meet `mischief`, and proves that nothing was lost and
/// nothing done twice.
fn job(step: &str, mischief: Mischief, database: &str) {
    let what = format!("killed at {step}, {mischief:?}, {database}");
    // The first changing request is the reservation, the second the record.
    let authority = PracticeAuthority::start(&[mischief, mischief]);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = DeskProcess::start(folder.path(), database, Some(step));
    let case = desk.decided_case(&authority);
    desk.assign(case);
    let mut killed = false;
    if step.starts_with("id.reserve") {
        assert!(
            desk.stands_still(Duration::from_secs(20)),
            "{what}: the step was not reached"
        );
        desk.kill_and_restart();
        killed = true;
    }
    desk.wait_for(case, |view| {
        view["records"].as_array().is_some_and(|r| !r.is_empty())
    });
    desk.publish(case);
    if !killed {
        assert!(
            desk.stands_still(Duration::from_secs(20)),
            "{what}: the step was not reached"
        );
        desk.kill_and_restart();
    }
    let view = desk.wait_for(case, |view| view["state"] == "PUBLISHED");
    prove(&authority, &desk, &view, &what);
}

fn prove(authority: &PracticeAuthority, desk: &DeskProcess, view: &Value, what: &str) {
    let ids = authority.ids();
    assert_eq!(ids.len(), 1, "{what}: {ids:?}");
    assert_eq!(ids[0].state, IdState::Published, "{what}");
    let records = authority
        .store
        .read(|reader| reader.count_records(&Default::default()));
    assert_eq!(records.unwrap(), 1, "{what}");
    let ledger = desk.get("rev", "/desk/v1/ledger");
    let lines = ledger["ledger"]
        .as_array()
        .unwrap_or_else(|| panic!("{ledger}"));
    assert_eq!(lines.len(), 1, "{what}: {lines:?}");
    assert_eq!(lines[0]["cve_id"], ids[0].id.to_string(), "{what}");
    assert_eq!(lines[0]["state"], "PUBLISHED", "{what}");
    for followup in view["followups"].as_array().unwrap() {
        assert_eq!(followup["state"], "done", "{what}: {followup}");
    }
    assert!(
        authority.plan_is_done(),
        "{what}: not every mischief happened"
    );
}

/// Rejects an ID of the pool, killed once at `step`, while the request that
/// rejects meets `mischief`, and proves that it is rejected once and that
/// ledger and service agree.
fn rejecting_job(step: &str, mischief: Mischief, database: &str) {
    let what = format!("killed at {step}, {mischief:?}, {database}");
    let authority = PracticeAuthority::start(&[Mischief::None, mischief]);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = DeskProcess::start(folder.path(), database, Some(step));
    desk.decided_case(&authority);
    let order = json!({"amount": 1, "year": YEAR.to_string()});
    desk.post("ana", "/desk/v1/ids/reservations", &order);
    let state = |desk: &DeskProcess| {
        let ids = desk.get("ana", "/desk/v1/ids");
        (
            ids["ids"][0]["cve_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            ids["ids"][0]["state"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    desk.until(&what, |desk| state(desk).1 == "POOL");
    let (id, _) = state(&desk);
    let made = desk.post(
        "ana",
        &format!("/desk/v1/ids/{id}/reject"),
        &json!({"reason": "unused"}),
    );
    let path = format!("/desk/v1/proposals/{}", made["number"]);
    let digest = json!({"digest": made["digest"]});
    desk.post("rev", &format!("{path}/approve"), &digest);
    desk.post("pub", &format!("{path}/proceed"), &json!({}));
    assert!(
        desk.stands_still(Duration::from_secs(20)),
        "{what}: the step was not reached"
    );
    desk.kill_and_restart();
    desk.until(&what, |desk| desk.get("ana", &path)["state"] == "done");
    assert_eq!(
        state(&desk),
        (id.clone(), "REJECTED_UNUSED".into()),
        "{what}"
    );
    assert_eq!(authority.ids()[0].state, IdState::Rejected, "{what}");
    assert_eq!(authority.record(&id)["cveMetadata"]["state"], "REJECTED");
    let history = desk.get("ana", &format!("/desk/v1/ids/{id}/history"));
    let rejections = history["rejections"].as_array().unwrap();
    assert_eq!(rejections.len(), 1, "{what}: {history}");
    let sync = desk.get("ana", "/desk/v1/ids/sync");
    assert_eq!(sync["accounts"][0]["differences"], json!([]), "{what}");
    assert!(
        authority.plan_is_done(),
        "{what}: not every mischief happened"
    );
}

fn run(steps: &[&str]) {
    for (index, step) in steps.iter().enumerate() {
        for (place, mischief) in MISCHIEF.iter().enumerate() {
            if is_long() || place == index % MISCHIEF.len() {
                job(step, *mischief, "sqlite:cna.sqlite");
            }
        }
    }
}

#[test]
fn a_reservation_killed_anywhere_gives_one_id() {
    run(RESERVE_STEPS);
}

#[test]
fn a_publication_killed_anywhere_gives_one_record() {
    run(PUBLISH_STEPS);
}

#[test]
fn a_rejection_killed_anywhere_rejects_once() {
    for (index, step) in REJECT_STEPS.iter().enumerate() {
        for (place, mischief) in MISCHIEF.iter().enumerate() {
            if is_long() || place == index % MISCHIEF.len() {
                rejecting_job(step, *mischief, "sqlite:cna.sqlite");
            }
        }
    }
}

#[test]
fn on_postgresql_too_a_kill_loses_nothing() {
    let Some(server) = postgres_server("on_postgresql_too_a_kill_loses_nothing") else {
        return;
    };
    let steps = RESERVE_STEPS.iter().chain(PUBLISH_STEPS);
    for (index, step) in steps.enumerate() {
        for (place, mischief) in MISCHIEF.iter().enumerate() {
            // A few of them, and all in the long run.
            if is_long() || (index % 4 == 2 && place == index % MISCHIEF.len()) {
                let test = postgres(&server);
                let store::DatabaseUrl::Postgres(url) = &test.url else {
                    unreachable!()
                };
                job(step, *mischief, url);
            }
        }
    }
    for (index, step) in REJECT_STEPS.iter().enumerate() {
        for (place, mischief) in MISCHIEF.iter().enumerate() {
            if is_long() || (index == 3 && place == index) {
                let test = postgres(&server);
                let store::DatabaseUrl::Postgres(url) = &test.url else {
                    unreachable!()
                };
                rejecting_job(step, *mischief, url);
            }
        }
    }
}
