//! What requests begin with, asked together.

use store::testing::engines;
use store::{Ahead, IdFilter};

use crate::setup::{id_row, org, publication, reserve_one, year};
use crate::tallies::fill;

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

#[test]
fn short_lists_asked_for_together_are_what_a_reader_answers() {
    for test in engines("short_lists_asked_for_together_are_what_a_reader_answers") {
        let [acme, other] = fill(&test.store);
        let mut lists = Vec::new();
        for owner in [&acme, &other, &"nobody".to_owned(), &acme] {
            for year in [None, Some(year()), Some("1999".parse().unwrap())] {
                for limit in [3, 50] {
                    let owner = Some(owner.clone());
                    let filter = IdFilter {
                        owner,
                        year,
                        ..IdFilter::default()
                    };
                    lists.push((filter, limit));
                }
            }
        }
        let begin = |(filter, limit): &(IdFilter, u32)| test.store.begin_short_list(filter, *limit);
        // All are asked before the first answer is awaited.
        let asked: Vec<_> = lists.iter().map(begin).collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        for ((filter, limit), looking) in lists.into_iter().zip(asked) {
            assert_eq!(looking.is_none(), test.store.answers_here());
            let Some(looking) = looking else { continue };
            let found = runtime.block_on(looking).unwrap().short_list.unwrap();
            let alone = test.store.read(|reader| reader.cve_ids(&filter, 0, limit));
            let (total, mut ids) = alone.unwrap();
            if total > i64::from(limit) {
                ids.clear();
            }
            assert_eq!(*found, (total, ids), "{filter:?}, {limit}");
        }
    }
}

#[test]
fn a_short_list_of_a_year_holds_no_id_of_another() {
    for test in engines("a_short_list_of_a_year_holds_no_id_of_another") {
        let owner = org(&test.store, "acme", 5);
        let of = owner.clone();
        let loaded: Result<(), store::Error> = test.store.write(move |tx| {
            for id in ["CVE-2025-0001", "CVE-2026-0001", "CVE-2027-0001"] {
                tx.insert_cve_id(&id_row(&of, store::IdState::Rejected, id))?;
            }
            Ok(())
        });
        loaded.unwrap();
        let filter = IdFilter {
            owner: Some(owner),
            year: "2026".parse().ok(),
            ..IdFilter::default()
        };
        let (total, rows) = match test.store.begin_short_list(&filter, 50) {
            Some(looking) => {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                (*runtime.block_on(looking).unwrap().short_list.unwrap()).clone()
            }
            None => test
                .store
                .read(|reader| reader.cve_ids(&filter, 0, 50))
                .unwrap(),
        };
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        assert_eq!((total, ids), (1, vec!["CVE-2026-0001".to_owned()]));
    }
}
