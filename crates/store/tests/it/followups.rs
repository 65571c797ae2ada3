//! Follow-ups: leases, lanes, and what becomes of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use serde_json::json;
use store::testing::{engines, world};
use store::{Claimed, Error, Followup, FollowupState, Store};

fn add(store: &Store, id: &str, lane: &str) {
    let followup = Followup {
        id: id.into(),
        kind: "id.reserve".into(),
        subject: "case 1".into(),
        lane: lane.into(),
        payload: json!({"amount": 1}),
    };
    let result: Result<(), Error> = store.write(move |tx| tx.insert_followup(&followup));
    result.unwrap();
}

fn claim(store: &Store, owner: &str, lease_ms: i64) -> Option<Claimed> {
    let owner = owner.to_owned();
    store
        .write(move |tx| tx.claim_followup(&owner, lease_ms))
        .unwrap_or_else(|e: Error| panic!("{e}"))
}

fn end(store: &Store, claimed: &Claimed, state: FollowupState, wait_ms: i64) -> bool {
    let claimed = claimed.clone();
    store
        .write(move |tx| tx.end_claim(&claimed, state, "200", wait_ms))
        .unwrap_or_else(|e: Error| panic!("{e}"))
}

fn state(store: &Store, id: &str) -> FollowupState {
    let rows = store.read(|reader| reader.followups_of("case 1")).unwrap();
    rows.into_iter().find(|row| row.id == id).unwrap().state
}

#[test]
fn a_claimed_follow_up_is_nobody_elses_until_its_lease_ends() {
    for test in engines("a_claimed_follow_up_is_nobody_elses_until_its_lease_ends") {
        add(&test.store, "f1", "");
        assert_eq!(claim(&test.store, "a", 60_000).unwrap().attempts, 1);
        assert!(claim(&test.store, "b", 60_000).is_none(), "{}", test.engine);
    }
}

#[test]
fn a_lease_that_ended_passes_on_and_its_first_holder_can_write_nothing_more() {
    let name = "a_lease_that_ended_passes_on_and_its_first_holder_can_write_nothing_more";
    for test in engines(name) {
        add(&test.store, "f1", "");
        let first = claim(&test.store, "a", -1).unwrap();
        let second = claim(&test.store, "b", 60_000).unwrap();
        assert_eq!(
            (second.id.as_str(), second.attempts),
            ("f1", 2),
            "{}",
            test.engine
        );
        let late = first.clone();
        let noted: Result<bool, Error> = test
            .store
            .write(move |tx| tx.note_progress(&late, &json!({"sent": true})));
        assert!(!noted.unwrap(), "{}", test.engine);
        assert!(
            !end(&test.store, &first, FollowupState::Done, 0),
            "{}",
            test.engine
        );
        assert!(
            end(&test.store, &second, FollowupState::Done, 0),
            "{}",
            test.engine
        );
    }
}

#[test]
fn progress_is_there_for_whoever_takes_over() {
    for test in engines("progress_is_there_for_whoever_takes_over") {
        add(&test.store, "f1", "");
        let first = claim(&test.store, "a", 200).unwrap();
        let noted: Result<bool, Error> = test
            .store
            .write(move |tx| tx.note_progress(&first, &json!({"listed": ["x"]})));
        assert!(noted.unwrap());
        let second = loop {
            if let Some(claimed) = claim(&test.store, "b", 60_000) {
                break claimed;
            }
        };
        assert_eq!(second.progress, json!({"listed": ["x"]}), "{}", test.engine);
    }
}

#[test]
fn a_lane_goes_on_only_when_its_oldest_is_finished() {
    for test in engines("a_lane_goes_on_only_when_its_oldest_is_finished") {
        add(&test.store, "f1", "account");
        add(&test.store, "f2", "account");
        add(&test.store, "f3", "other");
        let first = claim(&test.store, "a", 60_000).unwrap();
        assert_eq!(first.id, "f1");
        assert_eq!(
            claim(&test.store, "b", 60_000).unwrap().id,
            "f3",
            "{}",
            test.engine
        );
        assert!(claim(&test.store, "c", 60_000).is_none());
        // Waiting to look again still holds the lane.
        end(&test.store, &first, FollowupState::Pending, 60_000);
        assert!(claim(&test.store, "d", 60_000).is_none(), "{}", test.engine);
    }
}

#[test]
fn a_held_follow_up_frees_its_lane_and_a_person_can_try_it_again() {
    for test in engines("a_held_follow_up_frees_its_lane_and_a_person_can_try_it_again") {
        add(&test.store, "f1", "account");
        add(&test.store, "f2", "account");
        let first = claim(&test.store, "a", 60_000).unwrap();
        end(&test.store, &first, FollowupState::Held, 0);
        let second = claim(&test.store, "a", 60_000).unwrap();
        assert_eq!(second.id, "f2");
        end(&test.store, &second, FollowupState::Done, 0);
        let again: Result<bool, Error> = test.store.write(|tx| tx.retry_followup("f1"));
        assert!(again.unwrap());
        assert_eq!(
            state(&test.store, "f1"),
            FollowupState::Pending,
            "{}",
            test.engine
        );
        let done: Result<bool, Error> = test.store.write(|tx| tx.retry_followup("f2"));
        assert!(!done.unwrap(), "a done follow-up was made due again");
    }
}

#[test]
fn nodes_that_claim_at_once_never_share_a_follow_up_or_a_lane() {
    for test in engines("nodes_that_claim_at_once_never_share_a_follow_up_or_a_lane") {
        for number in 0..20 {
            add(
                &test.store,
                &format!("f{number:02}"),
                &format!("lane{}", number % 4),
            );
        }
        let mut stores = vec![test.store.clone()];
        if test.engine == "postgres" {
            stores.push(Store::open(test.url.clone(), world()).unwrap());
        }
        let stores = Arc::new(stores);
        let threads: Vec<_> = (0..8_usize)
            .map(|number| {
                let stores = stores.clone();
                thread::spawn(move || {
                    claim(
                        &stores[number % stores.len()],
                        &format!("n{number}"),
                        60_000,
                    )
                })
            })
            .collect();
        let ids: Vec<_> = threads
            .into_iter()
            .filter_map(|t| t.join().unwrap())
            .map(|c| c.id)
            .collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), 4, "{}: {ids:?}", test.engine);
        assert_eq!(ids.len(), 4, "{}: {ids:?}", test.engine);
    }
}
