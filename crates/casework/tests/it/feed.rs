//! The feed: one entry for each advisory, however many nodes follow.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use cve::id::CveId;
use store::{AdvisoryRow, Visibility};

use crate::office::{Office, on_each_engine, year};

/// Makes an advisory public, as publishing does.
fn disclose(office: &Office, number: u64) {
    let cve_id = CveId::new(year(), number).unwrap();
    office.write(move |tx| {
        let now = tx.now();
        let id = format!("EXAMPLE-1900-{number:03}");
        tx.insert_advisory(&AdvisoryRow {
            id: id.clone(),
            cve_id,
            title: "A flaw".into(),
            summary: "Something".into(),
            severity: String::new(),
            document: "{}".into(),
            published: now,
            modified: now,
        })?;
        tx.change("advisory.published", "", &id, Visibility::Public);
        Ok(())
    });
}

fn entries(office: &Office) -> Vec<String> {
    let feed = office.desk.published().json_feed().unwrap();
    let items = feed["items"].as_array().unwrap();
    let ids = items.iter().map(|item| item["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

#[test]
fn nodes_that_follow_at_once_give_each_advisory_one_entry() {
    on_each_engine(
        "nodes_that_follow_at_once_give_each_advisory_one_entry",
        |office| {
            const ADVISORIES: u64 = 40;
            let desks: Vec<_> = (0..4).map(|_| office.second_desk()).collect();
            let (done, added) = (AtomicBool::new(false), AtomicU32::new(0));
            thread::scope(|scope| {
                for desk in &desks {
                    scope.spawn(|| {
                        // Once more after the last one is in.
                        loop {
                            let last = done.load(Ordering::SeqCst);
                            added.fetch_add(desk.follow_feed().unwrap(), Ordering::SeqCst);
                            if last {
                                break;
                            }
                        }
                    });
                }
                for number in 1..=ADVISORIES {
                    disclose(office, number);
                }
                done.store(true, Ordering::SeqCst);
            });
            let entries = entries(office);
            let unique: BTreeSet<_> = entries.iter().collect();
            assert_eq!((entries.len(), unique.len()), (40, 40), "{}", office.engine);
            assert_eq!(added.load(Ordering::SeqCst), 40, "{}", office.engine);
        },
    );
}

#[test]
fn following_again_adds_nothing() {
    on_each_engine("following_again_adds_nothing", |office| {
        disclose(office, 1);
        assert_eq!(office.desk.follow_feed().unwrap(), 1);
        assert_eq!(office.desk.follow_feed().unwrap(), 0);
        assert_eq!(entries(office), ["EXAMPLE-1900-001"]);
    });
}

#[test]
fn the_newest_advisory_comes_first() {
    on_each_engine("the_newest_advisory_comes_first", |office| {
        for number in [2, 1, 3] {
            disclose(office, number);
        }
        office.desk.follow_feed().unwrap();
        let expected = ["EXAMPLE-1900-003", "EXAMPLE-1900-001", "EXAMPLE-1900-002"];
        assert_eq!(entries(office), expected);
    });
}

#[test]
fn changes_that_are_no_advisory_give_no_entry() {
    on_each_engine("changes_that_are_no_advisory_give_no_entry", |office| {
        office.ready();
        assert_eq!(office.desk.follow_feed().unwrap(), 0);
        assert!(entries(office).is_empty());
    });
}
