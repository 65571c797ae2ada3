//! Callers that a node keeps in memory.

use std::sync::Arc;

use store::testing::{engines, world};
use store::{CallerRow, Error, Store, UserRow, Visibility};

use crate::setup::{USER, org};

fn names() -> (String, String) {
    ("acme".into(), "ann".into())
}

/// Creates `ann` of `acme`.
fn ann(store: &Store) {
    let org = org(store, "acme", 10);
    let created: Result<(), Error> = store.write(move |tx| {
        tx.insert_user(&UserRow {
            uuid: USER.into(),
            org: org.clone(),
            username: "ann".into(),
            active: true,
            name: Default::default(),
            roles: Vec::new(),
            key_hash: "sha256:00".into(),
            key_created: tx.now(),
            created: tx.now(),
            modified: tx.now(),
        })
    });
    created.unwrap();
}

fn read(store: &Store) -> Arc<CallerRow> {
    let (org, user) = names();
    let found: Result<Option<CallerRow>, Error> = store.read(|reader| reader.caller(&org, &user));
    Arc::new(found.unwrap().unwrap())
}

fn read_and_keep(store: &Store) {
    let mark = store.caller_mark();
    store.keep_caller(names(), read(store), mark);
}

/// A store that asks, has heard of all changes and keeps `ann`.
fn keeping(store: &Store) {
    store.kept_caller(&names());
    store.is_behind();
    store.catch_up().unwrap();
    read_and_keep(store);
}

fn says(store: &Store, kind: &'static str) {
    let said: Result<(), Error> = store.write(move |tx| {
        tx.change(kind, "", "", Visibility::Restricted);
        Ok(())
    });
    said.unwrap();
}

/// Whether the caller is kept and vouched for; looks at the log again where
/// this process was held up for longer than a look lasts.
fn is_kept(store: &Store) -> bool {
    (0..20).any(|_| {
        store.catch_up().unwrap();
        store.kept_caller(&names()).is_some()
    })
}

#[test]
fn a_caller_is_not_vouched_for_before_the_log_was_read() {
    for test in engines("a_caller_is_not_vouched_for_before_the_log_was_read") {
        ann(&test.store);
        read_and_keep(&test.store);
        assert_eq!(test.store.kept_caller(&names()), None, "{}", test.engine);
    }
}

#[test]
fn a_caller_read_after_the_log_is_kept_whatever_happens_to_ids() {
    for test in engines("a_caller_read_after_the_log_is_kept_whatever_happens_to_ids") {
        ann(&test.store);
        keeping(&test.store);
        says(&test.store, "id.reserved");
        says(&test.store, "record.published");
        assert!(is_kept(&test.store), "{}", test.engine);
        let kept = test.store.kept_caller(&names());
        assert_eq!(kept, Some(read(&test.store)), "{}", test.engine);
    }
}

/// Changes to who may do what.
const KINDS: [&str; 6] = [
    "org.updated",
    "org.disabled",
    "org.enabled",
    "user.updated",
    "user.key_reset",
    "instance.loaded",
];

#[test]
fn a_change_of_this_node_is_seen_before_it_is_acknowledged() {
    for test in engines("a_change_of_this_node_is_seen_before_it_is_acknowledged") {
        ann(&test.store);
        for kind in KINDS {
            keeping(&test.store);
            says(&test.store, kind);
            let kept = test.store.kept_caller(&names());
            assert_eq!(kept, None, "{} {kind}", test.engine);
        }
    }
}

#[test]
fn a_change_of_another_node_is_seen_with_the_next_look_at_the_log() {
    for test in engines("a_change_of_another_node_is_seen_with_the_next_look_at_the_log") {
        ann(&test.store);
        let other = Store::open(test.url.clone(), world()).unwrap();
        for kind in KINDS {
            keeping(&test.store);
            says(&other, kind);
            test.store.catch_up().unwrap();
            let kept = test.store.kept_caller(&names());
            assert_eq!(kept, None, "{} {kind}", test.engine);
        }
        other.close();
    }
}

#[test]
fn a_caller_read_before_a_change_is_not_kept_after_it() {
    for test in engines("a_caller_read_before_a_change_is_not_kept_after_it") {
        ann(&test.store);
        keeping(&test.store);
        let (mark, old) = (test.store.caller_mark(), read(&test.store));
        says(&test.store, "user.key_reset");
        test.store.keep_caller(names(), old, mark);
        assert!(!is_kept(&test.store), "{}", test.engine);
    }
}
