//! The change log.

use std::sync::Arc;
use std::thread;

use store::testing::engines;
use store::{Error, Store, Visibility};

fn seqs(store: &Store) -> Vec<i64> {
    let changes = store
        .read(|reader| reader.changes_after(0, 10_000))
        .unwrap();
    changes.into_iter().map(|change| change.seq).collect()
}

#[test]
fn numbers_have_no_gaps_whoever_writes_at_once() {
    for test in engines("numbers_have_no_gaps_whoever_writes_at_once") {
        // Two stores on one database stand for two nodes.
        let mut stores = vec![test.store.clone()];
        if test.engine == "postgres" {
            stores.push(Store::open(test.url.clone(), store::testing::world()).unwrap());
        }
        let stores = Arc::new(stores);
        let threads: Vec<_> = (0..16)
            .map(|number: usize| {
                let stores = stores.clone();
                thread::spawn(move || {
                    for step in 0..10 {
                        let store = &stores[number % stores.len()];
                        let result: Result<(), Error> = store.write(move |tx| {
                            let object = format!("{number}.{step}");
                            tx.change("test.noted", "", &object, Visibility::Public);
                            Ok(())
                        });
                        result.unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(
            seqs(&test.store),
            (1..=160).collect::<Vec<_>>(),
            "{}",
            test.engine
        );
    }
}

#[test]
fn a_cursor_moves_only_with_the_unit_that_took_it() {
    for test in engines("a_cursor_moves_only_with_the_unit_that_took_it") {
        let failed: Result<(), Error> = test.store.write(|tx| {
            assert_eq!(tx.take_cursor("feed")?, 0);
            tx.move_cursor("feed", 7)?;
            Err(Error::Closing)
        });
        assert!(failed.is_err());
        let moved: Result<i64, Error> = test.store.write(|tx| {
            let seen = tx.take_cursor("feed")?;
            tx.move_cursor("feed", 9)?;
            Ok(seen)
        });
        assert_eq!(moved.unwrap(), 0, "{}", test.engine);
        let seen: Result<i64, Error> = test.store.write(|tx| tx.take_cursor("feed"));
        assert_eq!(seen.unwrap(), 9, "{}", test.engine);
    }
}

#[test]
fn only_a_unit_that_tells_of_a_change_wakes_who_waits_for_one() {
    for test in engines("only_a_unit_that_tells_of_a_change_wakes_who_waits_for_one") {
        let now = std::time::Duration::ZERO;
        let before = test.store.wait_for_change(u64::MAX, now);
        let looked: Result<(), Error> = test.store.write(|tx| {
            tx.take_cursor("test")?;
            Ok(())
        });
        looked.unwrap();
        let after_a_look = test.store.wait_for_change(u64::MAX, now);
        let told: Result<(), Error> = test.store.write(|tx| {
            tx.change("test.told", "", "", Visibility::Public);
            Ok(())
        });
        told.unwrap();
        let after_a_change = test.store.wait_for_change(u64::MAX, now);
        assert_eq!(
            (after_a_look - before, after_a_change - before),
            (0, 1),
            "{}",
            test.engine
        );
    }
}
