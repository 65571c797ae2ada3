//! Lists whose pages are found by tallies hold what they hold without.

use cve::id::{CveId, Year};
use cve::time::Timestamp;
use store::testing::{engines, world};
use store::{FromPool, IdFilter, IdState, RecordFilter, RecordState, Sequence, Store};

use crate::setup::{USER, id_row, org, publication, record, request, year};

/// A condition every entry meets; no tally knows it.
fn always() -> Option<Timestamp> {
    "1970-01-01T00:00:00Z".parse().ok()
}

/// Two owners with IDs of every kind, gone through every kind of change.
pub(crate) fn fill(store: &Store) -> [String; 2] {
    let (acme, other) = (org(store, "acme", 500), org(store, "example", 500));
    let mut ids: Vec<CveId> = Vec::new();
    for (owner, amount, sequence) in [
        (&acme, 1, Sequence::Priority),
        (&acme, 30, Sequence::Sequential),
        (&other, 25, Sequence::Sequential),
    ] {
        ids.extend(
            store
                .reserve(request(owner, amount, sequence))
                .unwrap()
                .unwrap()
                .ids,
        );
    }
    let from_pool = FromPool {
        owner: acme.clone(),
        requester_org: acme.clone(),
        requester_user: USER.into(),
        actor: "ann".into(),
        year: year(),
        picks: vec![3, 1, 4, 1, 5],
    };
    store
        .write(move |tx| tx.reserve_from_pool(&from_pool))
        .unwrap()
        .unwrap();
    for id in &ids[..12] {
        store
            .publish(publication(store, *id, &acme))
            .unwrap()
            .unwrap();
    }
    let (moved, rejected, to) = (ids[20], ids[3], other.clone());
    store
        .write(move |tx| {
            let row = tx.take_cve_id(moved)?.unwrap();
            let now = tx.now();
            tx.change_cve_id(&row, IdState::Rejected, &to, now)?;
            let body = record(rejected, RecordState::Rejected);
            assert!(tx.replace_record(&body, 1, now)?);
            Ok::<_, store::Error>(())
        })
        .unwrap();
    // What is undone leaves no tally.
    let undone: Result<(), store::Error> = store.write(move |tx| {
        let row = tx.take_cve_id(moved)?.unwrap();
        let now = tx.now();
        tx.change_cve_id(&row, IdState::Rejected, "nobody", now)?;
        Err(store::Error::Closing)
    });
    undone.unwrap_err();
    [acme, other]
}

/// Every list of an owner that is asked for by year and state.
fn years_and_states() -> Vec<(Option<Year>, Option<IdState>)> {
    let states = [
        None,
        Some(IdState::Available),
        Some(IdState::Reserved),
        Some(IdState::Published),
        Some(IdState::Rejected),
    ];
    let of_year = |year| states.map(|state| (year, state));
    [None, Some(year()), "1999".parse().ok()]
        .into_iter()
        .flat_map(of_year)
        .collect()
}

fn compare(store: &Store, owners: &[String; 2], engine: &str) {
    for owner in owners.iter().map(Some).chain([None]) {
        for (year, state) in years_and_states() {
            let tallied = IdFilter {
                owner: owner.cloned(),
                year,
                state,
                ..IdFilter::default()
            };
            let walked = IdFilter {
                modified_after: always(),
                ..tallied.clone()
            };
            for offset in (0..65).step_by(3) {
                let page = |filter| store.read(|reader| reader.cve_ids(filter, offset, 7));
                let (found, expected) = (page(&tallied).unwrap(), page(&walked).unwrap());
                assert_eq!(
                    found, expected,
                    "{engine} {owner:?} {year:?} {state:?} {offset}"
                );
            }
        }
    }
    for state in [
        None,
        Some(RecordState::Published),
        Some(RecordState::Rejected),
    ] {
        let tallied = RecordFilter {
            state,
            ..RecordFilter::default()
        };
        let walked = RecordFilter {
            modified_after: always(),
            ..tallied.clone()
        };
        for offset in 0..14 {
            let page = |filter| store.read(|reader| reader.records(filter, offset, 4));
            let (found, expected) = (page(&tallied).unwrap(), page(&walked).unwrap());
            assert_eq!(found, expected, "{engine} {state:?} {offset}");
        }
    }
}

#[test]
fn every_page_of_every_list_is_the_one_that_counting_would_find() {
    for test in engines("every_page_of_every_list_is_the_one_that_counting_would_find") {
        let owners = fill(&test.store);
        let count = test
            .store
            .read(|reader| reader.count_cve_ids(&IdFilter::default()));
        assert_eq!(count.unwrap(), 61, "{}", test.engine);
        let count = test
            .store
            .read(|reader| reader.count_records(&RecordFilter::default()));
        assert_eq!(count.unwrap(), 12, "{}", test.engine);
        compare(&test.store, &owners, test.engine);
    }
}

#[test]
fn ids_in_each_state_are_counted() {
    for test in engines("ids_in_each_state_are_counted") {
        let counts = fill(&test.store).map(|owner| {
            [
                IdState::Available,
                IdState::Reserved,
                IdState::Published,
                IdState::Rejected,
            ]
            .map(|state| {
                let filter = IdFilter {
                    owner: Some(owner.clone()),
                    state: Some(state),
                    ..IdFilter::default()
                };
                let count = test.store.read(|reader| reader.count_cve_ids(&filter));
                count.unwrap()
            })
        });
        assert_eq!(counts, [[0, 23, 12, 0], [0, 25, 0, 1]], "{}", test.engine);
    }
}

#[test]
fn an_id_of_the_pool_that_was_loaded_with_an_owner_is_in_no_list() {
    for test in engines("an_id_of_the_pool_that_was_loaded_with_an_owner_is_in_no_list") {
        let owner = org(&test.store, "acme", 5);
        let of = owner.clone();
        let loaded: Result<(), store::Error> = test.store.write(move |tx| {
            tx.insert_cve_id(&id_row(&of, IdState::Available, "CVE-2026-0001"))?;
            tx.insert_cve_id(&id_row(&of, IdState::Rejected, "CVE-2026-0002"))
        });
        loaded.unwrap();
        let filter = IdFilter {
            owner: Some(owner),
            ..IdFilter::default()
        };
        let (total, rows) = test
            .store
            .read(|reader| reader.cve_ids(&filter, 0, 10))
            .unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.id.to_string()).collect();
        assert_eq!(
            (total, ids),
            (1, vec!["CVE-2026-0002".to_owned()]),
            "{}",
            test.engine
        );
    }
}

#[test]
fn a_database_without_tallies_gets_them_when_it_is_opened() {
    for test in engines("a_database_without_tallies_gets_them_when_it_is_opened") {
        let owners = fill(&test.store);
        test.store.close();
        let sql = "delete from tallies";
        match &test.url {
            store::DatabaseUrl::Sqlite(file) => {
                let connection = rusqlite::Connection::open(file).unwrap();
                connection.execute(sql, []).unwrap();
            }
            store::DatabaseUrl::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.execute(sql, &[]).unwrap();
            }
        }
        let store = Store::open(test.url.clone(), world()).unwrap();
        compare(&store, &owners, test.engine);
    }
}
