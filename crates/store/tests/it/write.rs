//! Units of work: isolated, durable, and gone when they fail.

use std::sync::Arc;
use std::thread;

use store::testing::engines;
use store::{AuditEvent, Error, Visibility};

use crate::setup::{org, reserve_one};

#[derive(Debug)]
enum Stop {
    Refused,
    Failed(#[allow(dead_code)] Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

fn note(tx: &mut store::Tx<'_>, object: &str) {
    tx.change("test.noted", "", object, Visibility::Restricted);
    tx.audit(AuditEvent {
        actor: "ann".into(),
        org: String::new(),
        action: "test.note".into(),
        object: object.into(),
        detail: serde_json::Value::Null,
    });
}

#[test]
fn a_refused_unit_leaves_nothing_behind() {
    for test in engines("a_refused_unit_leaves_nothing_behind") {
        let result: Result<(), Stop> = test.store.write(|tx| {
            tx.set("portal", "gone")?;
            note(tx, "gone");
            Err(Stop::Refused)
        });
        assert!(matches!(result, Err(Stop::Refused)), "{}", test.engine);
        let (setting, last) = test
            .store
            .read(|reader| Ok::<_, Error>((reader.setting("portal")?, reader.last_change()?)))
            .unwrap();
        assert_eq!((setting, last), (None, 0), "{}", test.engine);
    }
}

#[test]
fn a_refused_unit_does_not_disturb_those_beside_it() {
    for test in engines("a_refused_unit_does_not_disturb_those_beside_it") {
        let store = Arc::new(test.store.clone());
        let threads: Vec<_> = (0..32)
            .map(|number: i64| {
                let store = store.clone();
                thread::spawn(move || {
                    let result: Result<(), Stop> = store.write(move |tx| {
                        tx.set(&format!("n{number}"), "kept")?;
                        note(tx, &number.to_string());
                        if number % 2 == 0 {
                            Ok(())
                        } else {
                            Err(Stop::Refused)
                        }
                    });
                    result.is_ok()
                })
            })
            .collect();
        let kept = threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .filter(|ok| *ok);
        assert_eq!(kept.count(), 16);
        for number in 0..32 {
            let found = store
                .read(|reader| reader.setting(&format!("n{number}")))
                .unwrap();
            assert_eq!(
                found.is_some(),
                number % 2 == 0,
                "{} n{number}",
                test.engine
            );
        }
        let last = store.read(|reader| reader.last_change()).unwrap();
        assert_eq!(last, 16, "{}", test.engine);
    }
}

#[test]
fn a_failing_statement_undoes_its_unit_and_no_other() {
    for test in engines("a_failing_statement_undoes_its_unit_and_no_other") {
        let owner = org(&test.store, "acme", 10);
        let store = Arc::new(test.store.clone());
        let threads: Vec<_> = (0..16)
            .map(|number: usize| {
                let store = store.clone();
                let owner = owner.clone();
                thread::spawn(move || {
                    if number.is_multiple_of(2) {
                        // The same primary key as the first organisation.
                        let row = store.read(|r| r.org_by_uuid(&owner)).unwrap().unwrap();
                        let result: Result<(), Error> = store.write(move |tx| tx.insert_org(&row));
                        assert!(result.unwrap_err().is_duplicate());
                    } else {
                        let result: Result<(), Error> =
                            store.write(move |tx| tx.set(&format!("n{number}"), "kept"));
                        result.unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        for number in (1..16).step_by(2) {
            let found = store
                .read(|reader| reader.setting(&format!("n{number}")))
                .unwrap();
            assert_eq!(found.as_deref(), Some("kept"), "{}", test.engine);
        }
    }
}

#[test]
fn a_panic_in_a_unit_fails_it_and_the_writer_goes_on() {
    for test in engines("a_panic_in_a_unit_fails_it_and_the_writer_goes_on") {
        let result: Result<(), Error> = test.store.write(|tx| {
            tx.set("portal", "gone")?;
            panic!("a mistake in a rule")
        });
        assert!(result.is_err());
        let owner = org(&test.store, "acme", 10);
        assert_eq!(
            reserve_one(&test.store, &owner).ids.len(),
            1,
            "{}",
            test.engine
        );
        let setting = test.store.read(|reader| reader.setting("portal")).unwrap();
        assert_eq!(setting, None, "{}", test.engine);
    }
}

#[test]
fn what_was_acknowledged_is_there_when_opened_again() {
    for test in engines("what_was_acknowledged_is_there_when_opened_again") {
        let owner = org(&test.store, "acme", 10);
        let reserved = reserve_one(&test.store, &owner);
        test.store.close();
        let again = store::Store::open(test.url.clone(), store::testing::world()).unwrap();
        let row = again.read(|reader| reader.cve_id(reserved.ids[0])).unwrap();
        assert_eq!(row.map(|row| row.owner), Some(owner), "{}", test.engine);
    }
}

#[test]
fn a_closed_store_refuses_writes() {
    for test in engines("a_closed_store_refuses_writes") {
        test.store.close();
        let result: Result<(), Error> = test.store.write(|tx| tx.set("portal", "x"));
        assert!(matches!(result, Err(Error::Closing)), "{}", test.engine);
    }
}
