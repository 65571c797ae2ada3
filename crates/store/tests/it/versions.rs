//! Versions of records that a node keeps in memory.

use cve::id::CveId;
use store::testing::{engines, world};
use store::{Error, RecordState, RecordVersion, Store, Visibility};

use crate::setup::{org, publication, record, reserve_one};

/// A published record.
fn published(store: &Store) -> CveId {
    let owner = org(store, "acme", 10);
    let id = reserve_one(store, &owner).ids[0];
    let publication = publication(store, id, &owner);
    store.publish(publication).unwrap().unwrap();
    id
}

/// Reads the version of a record and keeps it, as a request does.
fn read_and_keep(store: &Store, id: CveId) -> RecordVersion {
    let mark = store.version_mark();
    let version = store.read(|reader| reader.record_version(id));
    let version: RecordVersion = Result::<_, Error>::unwrap(version).unwrap();
    store.keep_version(id, version.clone(), mark);
    version
}

/// A store that asks, has heard of all changes and keeps the version of `id`.
fn keeping(store: &Store, id: CveId) -> RecordVersion {
    store.kept_version(id);
    store.is_behind();
    store.catch_up().unwrap();
    read_and_keep(store, id)
}

/// The version that is kept and vouched for; looks at the log again where
/// this process was held up for longer than a look lasts.
fn vouched_for(store: &Store, id: CveId) -> Option<RecordVersion> {
    (0..20).find_map(|_| {
        store.catch_up().unwrap();
        store.kept_version(id)
    })
}

/// Writes the record again, saying so by a change of this kind.
fn write_again(store: &Store, id: CveId, kind: &'static str) {
    let written: Result<(), Error> = store.write(move |tx| {
        let now = tx.now();
        let body = record(id, RecordState::Published);
        let revision = tx.record_version(id)?.unwrap().revision;
        assert!(tx.replace_record(&body, revision, now)?);
        tx.change(kind, "", &id.to_string(), Visibility::Public);
        Ok(())
    });
    written.unwrap();
}

#[test]
fn a_version_is_not_vouched_for_before_the_log_was_read() {
    for test in engines("a_version_is_not_vouched_for_before_the_log_was_read") {
        let id = published(&test.store);
        read_and_keep(&test.store, id);
        assert_eq!(test.store.kept_version(id), None, "{}", test.engine);
    }
}

#[test]
fn a_version_read_after_the_log_is_kept() {
    for test in engines("a_version_read_after_the_log_is_kept") {
        let id = published(&test.store);
        let version = keeping(&test.store, id);
        assert_eq!(version.revision, 1);
        let kept = vouched_for(&test.store, id);
        assert_eq!(kept, Some(version), "{}", test.engine);
    }
}

#[test]
fn what_this_node_commits_is_forgotten_before_it_is_acknowledged() {
    for test in engines("what_this_node_commits_is_forgotten_before_it_is_acknowledged") {
        let id = published(&test.store);
        keeping(&test.store, id);
        write_again(&test.store, id, "record.updated");
        assert_eq!(test.store.kept_version(id), None, "{}", test.engine);
        assert_eq!(read_and_keep(&test.store, id).revision, 2);
        let kept = vouched_for(&test.store, id).unwrap();
        assert_eq!(kept.revision, 2, "{}", test.engine);
    }
}

#[test]
fn a_version_read_before_a_commit_is_not_kept_after_it() {
    for test in engines("a_version_read_before_a_commit_is_not_kept_after_it") {
        let id = published(&test.store);
        let version = keeping(&test.store, id);
        let mark = test.store.version_mark();
        write_again(&test.store, id, "record.updated");
        test.store.keep_version(id, version, mark);
        assert_eq!(test.store.kept_version(id), None, "{}", test.engine);
    }
}

#[test]
fn what_another_node_commits_is_forgotten_with_the_next_look_at_the_log() {
    for test in engines("what_another_node_commits_is_forgotten_with_the_next_look_at_the_log") {
        let id = published(&test.store);
        let other = Store::open(test.url.clone(), world()).unwrap();
        for kind in ["record.updated", "instance.loaded"] {
            keeping(&test.store, id);
            write_again(&other, id, kind);
            test.store.catch_up().unwrap();
            assert_eq!(test.store.kept_version(id), None, "{} {kind}", test.engine);
        }
        other.close();
    }
}

#[test]
fn a_commit_of_this_node_does_not_hide_what_another_committed_before_it() {
    for test in engines("a_commit_of_this_node_does_not_hide_what_another_committed_before_it") {
        let id = published(&test.store);
        let other = Store::open(test.url.clone(), world()).unwrap();
        keeping(&test.store, id);
        write_again(&other, id, "record.updated");
        let noted: Result<(), Error> = test.store.write(|tx| {
            tx.change("test.noted", "", "", Visibility::Public);
            Ok(())
        });
        noted.unwrap();
        test.store.catch_up().unwrap();
        assert_eq!(test.store.kept_version(id), None, "{}", test.engine);
        other.close();
    }
}

#[test]
fn the_log_is_read_again_only_where_somebody_asked() {
    for test in engines("the_log_is_read_again_only_where_somebody_asked") {
        let id = published(&test.store);
        assert!(!test.store.is_behind(), "nobody asked on {}", test.engine);
        test.store.kept_version(id);
        assert!(test.store.is_behind(), "{}", test.engine);
        assert!(!test.store.is_behind(), "somebody reads on {}", test.engine);
    }
}
