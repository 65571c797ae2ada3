//! Storing the first record of an ID.

use std::thread;

use store::testing::engines;
use store::{
    Error, FoundId, IdRow, IdState, PublishRefusal, RecordCursor, RecordFilter, RecordState,
    Stamped, Visibility,
};

use crate::setup::{org, publication, reserve_one, stamp};

#[test]
fn a_published_record_is_kept_byte_for_byte_and_its_id_is_published() {
    for test in engines("a_published_record_is_kept_byte_for_byte_and_its_id_is_published") {
        let owner = org(&test.store, "acme", 5);
        let id = reserve_one(&test.store, &owner).ids[0];
        let mut command = publication(&test.store, id, &owner);
        command.stamp = stamp(&owner, b" {\"x\": 1.0 }\n".to_vec());
        test.store.publish(command).unwrap().unwrap();
        let (record, row) = test
            .store
            .snapshot(|reader| {
                Ok::<_, store::Error>((reader.record(id)?.unwrap(), reader.cve_id(id)?.unwrap()))
            })
            .unwrap();
        assert_eq!(record.body, b" {\"x\": 1.0 }\n", "{}", test.engine);
        assert_eq!(row.state, IdState::Published, "{}", test.engine);
    }
}

#[test]
fn the_change_of_a_published_record_is_public_and_the_reservation_is_not() {
    for test in engines("the_change_of_a_published_record_is_public_and_the_reservation_is_not") {
        let owner = org(&test.store, "acme", 5);
        let id = reserve_one(&test.store, &owner).ids[0];
        test.store
            .publish(publication(&test.store, id, &owner))
            .unwrap()
            .unwrap();
        let changes = test
            .store
            .read(|reader| reader.changes_after(0, 10))
            .unwrap();
        let seen: Vec<_> = changes
            .iter()
            .map(|c| (c.kind.as_str(), c.visibility))
            .collect();
        assert_eq!(
            seen,
            [
                ("id.reserved", Visibility::Restricted),
                ("record.published", Visibility::Public)
            ],
            "{}",
            test.engine
        );
    }
}

#[test]
fn of_many_first_records_for_one_id_one_is_stored() {
    for test in engines("of_many_first_records_for_one_id_one_is_stored") {
        let owner = org(&test.store, "acme", 5);
        let id = reserve_one(&test.store, &owner).ids[0];
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let store = test.store.clone();
                let command = publication(&store, id, &owner);
                thread::spawn(move || store.publish(command).unwrap())
            })
            .collect();
        let answers: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        let stored = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(stored, 1, "{}", test.engine);
        assert!(
            answers
                .iter()
                .all(|a| matches!(a, Ok(_) | Err(PublishRefusal::RecordExists))),
            "{answers:?}"
        );
    }
}

#[test]
fn among_many_at_once_a_rejected_id_is_published_unless_it_has_a_record() {
    for test in engines("among_many_at_once_a_rejected_id_is_published_unless_it_has_a_record") {
        let owner = org(&test.store, "acme", 50);
        let ids = [(); 24].map(|()| reserve_one(&test.store, &owner).ids[0]);
        for (place, id) in ids.into_iter().enumerate() {
            match place % 3 {
                0 => {}
                1 => test
                    .store
                    .write(move |tx| {
                        let row = tx.take_cve_id(id)?.unwrap();
                        let now = tx.now();
                        tx.change_cve_id(&row, IdState::Rejected, &row.owner, now)
                    })
                    .unwrap(),
                _ => {
                    let mut rejection = publication(&test.store, id, &owner);
                    rejection.state = RecordState::Rejected;
                    assert!(test.store.publish(rejection).unwrap().is_ok());
                }
            }
        }
        let threads = ids.map(|id| {
            let store = test.store.clone();
            let command = publication(&store, id, &owner);
            thread::spawn(move || store.publish(command).unwrap().map(|_| ()))
        });
        for (place, thread) in threads.into_iter().enumerate() {
            let expected = match place % 3 {
                2 => Err(PublishRefusal::RecordExists),
                _ => Ok(()),
            };
            assert_eq!(thread.join().unwrap(), expected, "{} {place}", test.engine);
        }
    }
}

#[test]
fn each_of_many_at_once_is_told_what_its_own_owner_is_called() {
    for test in engines("each_of_many_at_once_is_told_what_its_own_owner_is_called") {
        let names = ["acme", "beta", "gamma"];
        let owners = names.map(|name| org(&test.store, name, 50));
        let threads = [(); 24].map({
            let mut place = 0;
            let (store, owners) = (&test.store, &owners);
            move |()| {
                let (owner, name) = (&owners[place % 3], names[place % 3]);
                place += 1;
                let id = reserve_one(store, owner).ids[0];
                let mut command = publication(store, id, owner);
                command.stamp = Box::new(|found| Some(stamped(found.owner_name.as_deref()?)));
                let store = store.clone();
                (
                    name,
                    thread::spawn(move || store.publish(command).unwrap().unwrap()),
                )
            }
        });
        for (name, thread) in threads {
            assert_eq!(thread.join().unwrap(), stamped(name), "{}", test.engine);
        }
    }
}

fn stamped(body: &str) -> Stamped {
    Stamped {
        body: body.into(),
        digest: cve::hash::Digest::of(body.as_bytes()),
    }
}

#[test]
fn an_id_that_is_declined_stays_as_it_was_and_is_shown_as_it_was_found() {
    for test in engines("an_id_that_is_declined_stays_as_it_was_and_is_shown_as_it_was_found") {
        let owner = org(&test.store, "acme", 5);
        let reserved = reserve_one(&test.store, &owner);
        let id = reserved.ids[0];
        let command = publication(&test.store, id, "somebody else");
        let answer = test.store.publish(command).unwrap();
        let found = FoundId {
            id,
            state: IdState::Reserved,
            owner,
            owner_name: Some("acme".into()),
            reserved: reserved.at,
        };
        let declined = PublishRefusal::Declined(Some(Box::new(found)));
        assert_eq!(answer, Err(declined), "{}", test.engine);
        let record = test.store.read(|reader| reader.record(id)).unwrap();
        assert_eq!(record, None);
    }
}

#[test]
fn an_id_that_does_not_exist_is_declined() {
    for test in engines("an_id_that_does_not_exist_is_declined") {
        let owner = org(&test.store, "acme", 5);
        let id = "CVE-1900-9999".parse().unwrap();
        let answer = test.store.publish(publication(&test.store, id, &owner));
        let declined = PublishRefusal::Declined(None);
        assert_eq!(answer.unwrap(), Err(declined), "{}", test.engine);
    }
}

#[test]
fn a_fault_of_whoever_makes_the_record_stops_nobody_else() {
    for test in engines("a_fault_of_whoever_makes_the_record_stops_nobody_else") {
        let owner = org(&test.store, "acme", 5);
        let ids = [(); 2].map(|()| reserve_one(&test.store, &owner).ids[0]);
        let mut faulty = publication(&test.store, ids[0], &owner);
        faulty.stamp = Box::new(|_| panic!("a fault"));
        let answer = test.store.publish(faulty).unwrap();
        assert!(matches!(answer, Err(PublishRefusal::Declined(Some(_)))));
        let answer = test.store.publish(publication(&test.store, ids[1], &owner));
        assert!(answer.unwrap().is_ok(), "{}", test.engine);
    }
}

#[test]
fn records_of_one_moment_whose_numbers_end_alike_are_all_stored_and_each_walked_once() {
    for test in
        engines("records_of_one_moment_whose_numbers_end_alike_are_all_stored_and_each_walked_once")
    {
        let owner = org(&test.store, "acme", 50);
        let at = test.store.read(|reader| reader.database_time()).unwrap();
        let ids = (2000..2032).map(|year| format!("CVE-{year}-0001").parse().unwrap());
        let ids: Vec<cve::id::CveId> = ids.collect();
        for id in ids.clone() {
            let row = IdRow {
                id,
                state: IdState::Reserved,
                owner: owner.clone(),
                owner_name: None,
                requester_org: owner.clone(),
                requester_org_name: None,
                requester_user: owner.clone(),
                requester_user_name: None,
                requester_user_org: None,
                reserved: at,
                created: at,
                modified: at,
            };
            let stored: Result<(), Error> = test.store.write(move |tx| tx.insert_cve_id(&row));
            stored.unwrap();
        }
        let threads: Vec<_> = ids
            .iter()
            .map(|id| {
                let store = test.store.clone();
                let mut command = publication(&store, *id, &owner);
                command.at = at;
                thread::spawn(move || store.publish(command).unwrap().map(|_| ()))
            })
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Ok(()), "{}", test.engine);
        }
        let filter = RecordFilter {
            modified_after: Some(at.plus_ms(-1)),
            modified_before: Some(at.plus_ms(1)),
            ..RecordFilter::default()
        };
        let mut walked = Vec::new();
        let mut cursor = RecordCursor::Start;
        loop {
            let page = test
                .store
                .read(|reader| reader.records_by_age(&filter, cursor, 5))
                .unwrap();
            let Some(last) = page.last() else { break };
            cursor = RecordCursor::After(last.created, last.id);
            walked.extend(page.iter().map(|record| record.id));
        }
        walked.sort_unstable();
        assert_eq!(walked, ids, "{}", test.engine);
    }
}
