//! The audit chain.

use serde_json::json;
use store::testing::engines;
use store::{AuditEvent, AuditVerdict, Error, Store};

fn add(store: &Store, object: &str) {
    let object = object.to_owned();
    let result: Result<(), Error> = store.write(move |tx| {
        tx.audit(AuditEvent {
            actor: "ann".into(),
            org: "acme".into(),
            action: "case.view".into(),
            object: object.clone(),
            detail: json!({"why": "triage"}),
        });
        Ok(())
    });
    result.unwrap();
}

fn verify(store: &Store) -> AuditVerdict {
    store.read(|reader| reader.verify_audit()).unwrap()
}

#[test]
fn an_untouched_chain_verifies() {
    for test in engines("an_untouched_chain_verifies") {
        (0..5).for_each(|number| add(&test.store, &format!("case {number}")));
        let verdict = verify(&test.store);
        assert_eq!(
            verdict,
            AuditVerdict {
                entries: 5,
                erased: 0,
                broken: None
            },
            "{}",
            test.engine
        );
    }
}

#[test]
fn a_chain_with_erased_texts_still_verifies() {
    for test in engines("a_chain_with_erased_texts_still_verifies") {
        (0..3).for_each(|number| add(&test.store, &format!("case {number}")));
        let erased: Result<u64, Error> = test.store.write(|tx| tx.erase_audit("case 1"));
        assert_eq!(erased.unwrap(), 1);
        let verdict = verify(&test.store);
        assert_eq!(
            verdict,
            AuditVerdict {
                entries: 3,
                erased: 1,
                broken: None
            },
            "{}",
            test.engine
        );
        let entries = test.store.read(|reader| reader.audit_of("case 1")).unwrap();
        assert_eq!(
            (entries[0].actor.as_str(), entries[0].detail.as_str()),
            ("", "")
        );
    }
}

/// What somebody with the database in hand might do, and what the walk says.
#[test]
fn a_rewritten_chain_is_found_where_it_was_rewritten() {
    let tampering = [
        ("update audit set actor = 'eve' where seq = 2", 2),
        ("update audit set detail = '{}' where seq = 3", 3),
        ("delete from audit where seq = 2", 3),
        ("delete from audit where seq = 4", 3),
    ];
    for (sql, broken_at) in tampering {
        let test = store::testing::sqlite();
        (0..4).for_each(|number| add(&test.store, &format!("case {number}")));
        let store::DatabaseUrl::Sqlite(file) = &test.url else {
            unreachable!()
        };
        rusqlite::Connection::open(file)
            .unwrap()
            .execute(sql, [])
            .unwrap();
        let verdict = verify(&test.store);
        assert_eq!(verdict.broken.map(|(seq, _)| seq), Some(broken_at), "{sql}");
    }
}
