//! What requests begin with, asked together.

use store::Ahead;
use store::testing::engines;

use crate::setup::{org, publication, reserve_one};

#[test]
fn what_is_asked_ahead_is_what_a_reader_answers() {
    for test in engines("what_is_asked_ahead_is_what_a_reader_answers") {
        let owner = org(&test.store, "acme", 5);
        let ids = [(); 2].map(|()| reserve_one(&test.store, &owner).ids[0]);
        let command = publication(&test.store, ids[0], &owner);
        test.store.publish(command).unwrap().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        for id in ids {
            let looking = test.store.look_ahead(Ahead {
                caller: Some(("acme".into(), "nobody".into())),
                record: Some(id),
            });
            assert_eq!(looking.is_none(), test.store.answers_here());
            let Some(looking) = looking else { continue };
            let found = runtime.block_on(looking).unwrap();
            assert!(found.caller.is_some_and(|caller| caller.is_none()));
            let text = test.store.read(|reader| reader.record_text(id)).unwrap();
            assert_eq!(found.record, Some(text));
        }
    }
}
