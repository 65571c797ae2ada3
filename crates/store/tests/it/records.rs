//! Records by when they were changed.

use cve::time::Timestamp;
use store::testing::engines;
use store::{Error, RecordFilter, RecordState, Store};

use crate::setup::record;

/// Stores a record as a loaded one is, with its times.
fn store_record(store: &Store, id: &str, created: &str, modified: &str) {
    let [created, modified] = [created, modified].map(time);
    let body = record(id.parse().unwrap(), RecordState::Published);
    let stored: Result<(), Error> =
        store.write(move |tx| tx.insert_record(&body, created, modified));
    stored.unwrap();
}

fn time(day: &str) -> Timestamp {
    format!("2026-01-{day}T00:00:00.000Z").parse().unwrap()
}

#[test]
fn records_are_found_by_their_last_change_whether_or_not_they_ever_changed() {
    for test in engines("records_are_found_by_their_last_change_whether_or_not_they_ever_changed") {
        for (id, created, modified) in [
            ("CVE-2026-0001", "01", "01"),
            ("CVE-2026-0002", "01", "05"),
            ("CVE-2026-0003", "03", "03"),
            ("CVE-2026-0004", "03", "05"),
            ("CVE-2026-0005", "05", "05"),
        ] {
            store_record(&test.store, id, created, modified);
        }
        for (after, before, expected) in [
            (Some("01"), None, &["0002", "0003", "0004", "0005"][..]),
            (Some("03"), None, &["0002", "0004", "0005"]),
            (Some("05"), None, &[]),
            (None, Some("05"), &["0001", "0003"]),
            (None, Some("01"), &[]),
            (Some("01"), Some("05"), &["0003"]),
            (Some("02"), Some("06"), &["0002", "0003", "0004", "0005"]),
        ] {
            let filter = RecordFilter {
                modified_after: after.map(time),
                modified_before: before.map(time),
                ..RecordFilter::default()
            };
            let (total, found) = test
                .store
                .read(|reader| reader.records(&filter, 0, 10))
                .unwrap();
            let found: Vec<String> = found
                .iter()
                .map(|record| record.id.to_string()[9..].to_owned())
                .collect();
            assert_eq!(found, expected, "{}: {after:?} {before:?}", test.engine);
            assert_eq!(total, expected.len() as i64, "{}", test.engine);
        }
    }
}
