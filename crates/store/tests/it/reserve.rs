//! Reserving CVE IDs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use store::testing::engines;
use store::{ReserveRefusal, Sequence, Store};

use crate::setup::{org, publication, request, reserve_one};

fn texts(store: &Store, owner: &str, amount: u32, sequence: Sequence) -> Vec<String> {
    let reserved = store
        .reserve(request(owner, amount, sequence))
        .unwrap()
        .unwrap();
    reserved.ids.iter().map(ToString::to_string).collect()
}

#[test]
fn one_id_comes_from_the_low_block_and_several_from_the_general_one() {
    for test in engines("one_id_comes_from_the_low_block_and_several_from_the_general_one") {
        let owner = org(&test.store, "acme", 100);
        assert_eq!(
            texts(&test.store, &owner, 1, Sequence::Priority),
            ["CVE-2099-0001"]
        );
        assert_eq!(
            texts(&test.store, &owner, 2, Sequence::Sequential),
            ["CVE-2099-20001", "CVE-2099-20002"],
            "{}",
            test.engine
        );
        assert_eq!(
            texts(&test.store, &owner, 1, Sequence::Priority),
            ["CVE-2099-0002"]
        );
    }
}

#[test]
fn a_request_over_the_quota_takes_nothing() {
    for test in engines("a_request_over_the_quota_takes_nothing") {
        let owner = org(&test.store, "acme", 3);
        reserve_one(&test.store, &owner);
        let refusal = test
            .store
            .reserve(request(&owner, 3, Sequence::Sequential))
            .unwrap();
        assert_eq!(
            refusal,
            Err(ReserveRefusal::OverQuota {
                quota: 3,
                reserved: 1
            })
        );
        let next = test
            .store
            .reserve(request(&owner, 2, Sequence::Sequential))
            .unwrap()
            .unwrap();
        assert_eq!(next.ids[0].number(), 20_001, "{}", test.engine);
        assert_eq!(next.remaining, 0);
    }
}

#[test]
fn a_year_without_a_range_is_refused() {
    for test in engines("a_year_without_a_range_is_refused") {
        let owner = org(&test.store, "acme", 3);
        let mut request = request(&owner, 1, Sequence::Priority);
        request.year = cve::id::Year::new(2098).unwrap();
        let refusal = test.store.reserve(request).unwrap();
        let expected = ReserveRefusal::NoRange { remaining: 3 };
        assert_eq!(refusal, Err(expected), "{}", test.engine);
    }
}

#[test]
fn an_unknown_owner_is_refused() {
    for test in engines("an_unknown_owner_is_refused") {
        org(&test.store, "acme", 3);
        let refusal = test
            .store
            .reserve(request("nobody", 1, Sequence::Priority))
            .unwrap();
        assert_eq!(refusal, Err(ReserveRefusal::UnknownOrg), "{}", test.engine);
    }
}

#[test]
fn callers_at_once_never_get_one_id_twice_and_never_pass_the_quota() {
    let name = "callers_at_once_never_get_one_id_twice_and_never_pass_the_quota";
    for test in engines(name) {
        let owner = org(&test.store, "acme", 300);
        let mut stores = vec![test.store.clone()];
        if test.engine == "postgres" {
            stores.push(Store::open(test.url.clone(), store::testing::world()).unwrap());
        }
        let stores = Arc::new(stores);
        let threads: Vec<_> = (0..32_usize)
            .map(|number| {
                let (stores, owner) = (stores.clone(), owner.clone());
                thread::spawn(move || {
                    let store = &stores[number % stores.len()];
                    let mut ids = Vec::new();
                    for step in 0..10 {
                        let (amount, sequence) = match step % 2 {
                            0 => (1, Sequence::Priority),
                            _ => (2, Sequence::Sequential),
                        };
                        let command = request(&owner, amount, sequence);
                        if let Ok(reserved) = store.reserve(command).unwrap() {
                            ids.extend(reserved.ids);
                        }
                    }
                    ids
                })
            })
            .collect();
        let ids: Vec<_> = threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect();
        let distinct: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len(), "{}", test.engine);
        let org = test
            .store
            .read(|reader| reader.org_by_uuid(&owner))
            .unwrap()
            .unwrap();
        assert_eq!(org.reserved, i64::try_from(ids.len()).unwrap());
        assert!(
            (299..=300).contains(&org.reserved),
            "{} {}",
            test.engine,
            org.reserved
        );
    }
}

#[test]
fn publishing_gives_the_quota_back() {
    for test in engines("publishing_gives_the_quota_back") {
        let owner = org(&test.store, "acme", 1);
        let id = reserve_one(&test.store, &owner).ids[0];
        let full = test
            .store
            .reserve(request(&owner, 1, Sequence::Priority))
            .unwrap();
        assert_eq!(
            full,
            Err(ReserveRefusal::OverQuota {
                quota: 1,
                reserved: 1
            })
        );
        test.store
            .publish(publication(&test.store, id, &owner))
            .unwrap()
            .unwrap();
        assert_eq!(
            reserve_one(&test.store, &owner).remaining,
            0,
            "{}",
            test.engine
        );
    }
}
