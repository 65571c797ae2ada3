//! How IDs end, over the wire: a running desk and a real authority, worked by
//! commands. A published record is rejected and reinstated, an ID becomes
//! another organisation's, the service gives fewer than were asked for, and a
//! desk fills its pool by itself.

use std::time::{Duration, Instant};

use authority::admin::{NewOrg, create_org, open_year};
use cve::id::{CveId, Year};
use serde_json::{Value, json};

use crate::data_folder::{DataFolder, Serving, run};
use crate::practice_authority::{PracticeAuthority, YEAR};
use crate::team::{Engine, Team};

/// Asks until the answer is as wanted.
fn until(what: &str, ask: impl Fn() -> Value, wanted: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let found = ask();
        if wanted(&found) {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: {found}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A case whose record is published; gives its ID.
fn published(team: &Team) -> String {
    team.desk.decide_another();
    team.assign("1");
    let id = team.id_of(1);
    team.run("ana", &["draft", "new", &id]);
    team.approve(&id);
    team.run("pub", &["publish", &id]);
    id
}

/// Has a proposal approved and sent; waits until the ledger says `state`.
fn carried_out(team: &Team, words: &[&str], id: &str, state: &str) {
    let made = team.json("ana", words);
    let number = made["number"].to_string();
    let digest = made["digest"].as_str().unwrap();
    team.run("rev", &["id", "approve", &number, "--digest", digest]);
    team.run("pub", &["id", "proceed", &number]);
    let show = || team.json("ana", &["id", "show", id]);
    until(state, show, |line| line["state"] == state);
}

fn reject(team: &Team, id: &str) {
    let words = ["id", "reject", id, "--reason", "not_vuln"];
    carried_out(team, &words, id, "REJECTED_WITHDRAWN");
}

fn case_state(team: &Team) -> Value {
    team.json("ana", &["case", "show", "1"])["state"].clone()
}

/// What `cna id sync` tells, and how it ended.
fn synced(team: &Team) -> (Option<i32>, Value) {
    let ended = team.ended("ana", &["id", "sync", "--json"]);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    (ended.code, told["accounts"][0]["differences"].clone())
}

#[test]
fn rejecting_a_published_record_keeps_the_one_with_its_adp_container_and_nothing_differs() {
    for engine in Engine::all("rejecting_a_published_record_keeps_the_one_with_its_adp_container") {
        let team = Team::start(&engine);
        let id = published(&team);
        team.authority.add_adp(&id);
        let before = team.authority.record(&id);
        reject(&team, &id);
        // As CVE Services does: a rejection has no container but the CNA's.
        let live = team.authority.record(&id);
        assert_eq!(live["cveMetadata"]["state"], "REJECTED");
        assert!(live["containers"].get("adp").is_none(), "{live}");
        assert_eq!(
            live["cveMetadata"]["datePublished"],
            before["cveMetadata"]["datePublished"]
        );
        // What it replaced stays at the desk, to the last word.
        let archived = team.json("ana", &["id", "archived", &id]);
        let kept = &archived["records"][0]["containers"]["adp"];
        assert_eq!(kept, &before["containers"]["adp"], "{}", engine.name());
        assert_eq!(kept[0]["title"], "What an ADP adds");
        assert_eq!(case_state(&team), "CLOSED_WITHDRAWN");
        assert_eq!(synced(&team), (Some(0), json!([])));
        team.end();
    }
}

#[test]
fn a_rejected_record_is_published_again_as_it_was_when_it_is_reinstated() {
    for engine in Engine::all("a_rejected_record_is_published_again_as_it_was") {
        let team = Team::start(&engine);
        let id = published(&team);
        let before = team.authority.record(&id);
        reject(&team, &id);
        let words = ["id", "reinstate", &id, "--reason", "it is one after all"];
        carried_out(&team, &words, &id, "PUBLISHED");
        let live = team.authority.record(&id);
        let metadata = &live["cveMetadata"];
        assert_eq!(metadata["state"], "PUBLISHED", "{}", engine.name());
        assert!(metadata.get("dateRejected").is_none(), "{metadata}");
        assert_eq!(
            metadata["datePublished"],
            before["cveMetadata"]["datePublished"]
        );
        let (then, now) = (&before["containers"]["cna"], &live["containers"]["cna"]);
        assert!(cve::compare::is_same(then, now), "{live}");
        assert_eq!(case_state(&team), "PUBLISHED");
        assert_eq!(synced(&team), (Some(0), json!([])));
        team.end();
    }
}

/// Makes `id` another organisation's at the authority, as a Secretariat does.
fn give_away(authority: &PracticeAuthority, id: &str) {
    let world = store::testing::world();
    let org = NewOrg {
        short_name: "other".parse().unwrap(),
        name: "Other".into(),
        roles: vec!["CNA".into()],
        id_quota: 10,
    };
    // A second ID goes to the same one.
    let _ = create_org(&authority.store, &world, org);
    let id: CveId = id.parse().unwrap();
    authority
        .store
        .write(move |tx| {
            let other = tx.org(&"other".parse().unwrap())?.unwrap();
            let row = tx.take_cve_id(id)?.unwrap();
            let now = tx.now();
            tx.change_cve_id(&row, row.state, &other.uuid, now)
        })
        .unwrap();
}

#[test]
fn an_id_the_service_shows_as_anothers_is_mended_once_its_transfer_was_asked_for() {
    for engine in Engine::all("an_id_the_service_shows_as_anothers_is_mended") {
        let team = Team::start(&engine);
        let id = published(&team);
        let order = ["id", "reserve", "1", "--year", "1900"];
        team.run("ana", &order);
        let list = || team.json("ana", &["id", "list", "--state", "POOL"]);
        let pool = until("an ID in the pool", list, |list| {
            !list["ids"].as_array().unwrap().is_empty()
        });
        let unused = pool["ids"][0]["cve_id"].as_str().unwrap().to_owned();
        for id in [&id, &unused] {
            give_away(&team.authority, id);
        }
        let (code, differences) = synced(&team);
        let kinds: Vec<_> = differences
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["kind"].as_str().unwrap())
            .collect();
        assert_eq!((code, kinds), (Some(1), vec!["only_in_ledger"; 2]));
        // Nobody asked for it: a person has to find out why.
        let mend = ["id", "sync", "--mend", "--json"];
        let ended = team.ended("ana", &mend);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let told: Value = serde_json::from_str(&ended.stdout).unwrap();
        let ask = "nobody asked for its transfer: ask the Root";
        assert_eq!(told["mended"][0]["is_done"], false);
        let what = told["mended"][0]["what"].as_str().unwrap();
        assert!(what.ends_with(ask), "{told}");
        // The administrator, who is on the case, asks.
        for id in [&id, &unused] {
            let to = ["id", "transfer", id, "--to", "other", "--ground", "scope"];
            team.run("admin", &[&to[..], &["--reason", "theirs"]].concat());
        }
        let ended = team.ended("ana", &mend);
        assert_eq!(ended.code, Some(0), "{}: {ended:?}", engine.name());
        for id in [&id, &unused] {
            let line = team.json("ana", &["id", "show", id]);
            assert_eq!(line["state"], "TRANSFERRED");
        }
        assert_eq!(case_state(&team), "CLOSED_WITHDRAWN");
        assert_eq!(synced(&team), (Some(0), json!([])));
        team.end();
    }
}

#[test]
fn what_a_service_with_too_few_ids_did_not_give_is_asked_again_and_stays_to_be_seen() {
    for engine in Engine::all("what_a_service_with_too_few_ids_did_not_give_is_asked_again") {
        let team = Team::start(&engine);
        // Two numbers are left of the year.
        let year = Year::new(YEAR).unwrap();
        let left = team.authority.store.write(move |tx| {
            let range = tx.id_ranges()?.remove(0);
            tx.extend_range(year, range.general[1] + 2)
        });
        assert!(left.unwrap());
        team.run("ana", &["id", "reserve", "5", "--year", "1900"]);
        let list = || team.json("ana", &["followup", "list"])["followups"].clone();
        let waiting = until("a refusal", list, |rows| rows[0]["state"] == "failed");
        assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
        let said = waiting[0]["last_answer"].as_str().unwrap();
        assert!(said.contains("refused with 403"), "{said}");
        let ids = team.json("ana", &["id", "list"])["ids"].clone();
        assert_eq!(ids.as_array().unwrap().len(), 2, "{ids}");
        let status = team.run("admin", &["status"]);
        assert!(status.contains("id.reserve"), "{status}");
        // The service gets more; nobody has to count what was lacking.
        let left = team.authority.store.write(move |tx| {
            let range = tx.id_ranges()?.remove(0);
            tx.extend_range(year, range.general[1] + 500)
        });
        assert!(left.unwrap());
        let failed = waiting[0]["id"].as_str().unwrap();
        team.run("ana", &["followup", "retry", failed]);
        let list = || team.json("ana", &["id", "list"])["ids"].clone();
        until("all five", list, |ids| ids.as_array().unwrap().len() == 5);
        assert_eq!(synced(&team), (Some(0), json!([])));
        team.end();
    }
}

#[test]
fn a_serving_desk_fills_a_low_pool_by_itself_when_it_was_told_to() {
    let authority = PracticeAuthority::start(&[]);
    let folder = DataFolder::new(&authority.url, &authority.key);
    // The pool that is filled is the present year's.
    let year = Year::new(2026).unwrap();
    open_year(&authority.store, year).unwrap();
    run(&mut folder.cna("admin", &["id", "refill", "auto"])).answer();
    let serving = Serving::start(folder.path(), &["--allow-private-addresses"]);
    let list = || {
        run(folder
            .cna("ana", &["id", "list", "--json"])
            .env("CNA_PACE", "300"))
        .json()
    };
    let full = until("three IDs", list, |list| {
        list["ids"].as_array().unwrap().len() == 3
    });
    assert_eq!(full["ids"][0]["state"], "POOL");
    assert_eq!(authority.ids().len(), 3);
    drop(serving);
}

#[test]
fn the_records_a_rejection_replaced_are_shown_whole_and_none_says_so() {
    let team = Team::start(&Engine::Sqlite);
    let id = published(&team);
    assert_eq!(
        team.run("ana", &["id", "archived", &id]),
        format!("No record of {id} was replaced by a rejection.\n")
    );
    let none = team.json("ana", &["id", "archived", &id]);
    assert_eq!(none["records"], json!([]));
    let before = team.authority.record(&id);
    reject(&team, &id);
    let shown: Value = serde_json::from_str(&team.run("ana", &["id", "archived", &id])).unwrap();
    assert_eq!(shown["containers"]["cna"], before["containers"]["cna"]);
    assert_eq!(shown["cveMetadata"]["state"], "PUBLISHED");
    // Of an ID nobody has, and to a role that may not look into the ledger.
    let missing = team.ended("ana", &["id", "archived", "CVE-1900-99999"]);
    assert_eq!(missing.mistake(), "CVE-1900-99999 was not found");
    let triager = team.ended("tri", &["id", "archived", &id]);
    assert!(
        triager.mistake().starts_with("`tri` may not "),
        "{triager:?}"
    );
    let typed = team.ended("ana", &["id", "archived", "CVE-1900"]);
    assert_eq!(typed.code, Some(2), "{typed:?}");
    team.end();
}
