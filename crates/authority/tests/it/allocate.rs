//! Reserving CVE IDs.

use std::collections::BTreeSet;

use serde_json::json;

use crate::server::each;

const RESERVE: &str = "/api/cve-id?cve_year=2099&short_name=acme";

#[test]
fn what_is_wrong_with_a_reservation_is_told_in_order() {
    each(
        "what_is_wrong_with_a_reservation_is_told_in_order",
        |server| {
            for (query, status, error) in [
                (
                    "amount=1&cve_year=2099&short_name=other",
                    403,
                    "ORG_CANNOT_RESERVE_FOR_OTHER",
                ),
                (
                    "amount=0&cve_year=2099&short_name=nobody",
                    403,
                    "ORG_CANNOT_RESERVE_FOR_OTHER",
                ),
                (
                    "amount=0&cve_year=2099&short_name=acme",
                    400,
                    "INVALID_AMOUNT",
                ),
                (
                    "amount=-5&cve_year=2099&short_name=acme",
                    400,
                    "INVALID_AMOUNT",
                ),
                (
                    "amount=2&cve_year=2099&short_name=acme",
                    400,
                    "NO_BATCH_TYPE",
                ),
                (
                    "amount=2&batch_type=&cve_year=2099&short_name=acme",
                    400,
                    "NO_BATCH_TYPE",
                ),
                (
                    "amount=11&batch_type=x&cve_year=2099&short_name=acme",
                    403,
                    "EXCEEDED_ID_QUOTA",
                ),
                (
                    "amount=99999999999999999999&batch_type=x&cve_year=2099&short_name=acme",
                    403,
                    "EXCEEDED_ID_QUOTA",
                ),
                (
                    "amount=1&batch_type=x&cve_year=2099&short_name=acme",
                    400,
                    "INVALID_BATCH_TYPE",
                ),
                (
                    "amount=1&batch_type=&cve_year=2099&short_name=acme",
                    400,
                    "INVALID_BATCH_TYPE",
                ),
                (
                    "amount=1&cve_year=1900&short_name=acme",
                    403,
                    "CANNOT_RESERVE_FOR_YEAR",
                ),
            ] {
                let answer = server.ask(&server.cna, "POST", &format!("/api/cve-id?{query}"));
                assert_eq!(
                    (answer.status, answer.error()),
                    (status, error.into()),
                    "{query}"
                );
            }
            let path =
                "/api/cve-id?amount=11&batch_type=nonsequential&cve_year=2099&short_name=other";
            let answer = server.ask(&server.other, "POST", path);
            assert_eq!(answer.error(), "OVER_NONSEQUENTIAL_MAX_AMOUNT");
            let path = "/api/cve-id?amount=1&cve_year=2099&short_name=nobody";
            let answer = server.ask(&server.sec, "POST", path);
            assert_eq!((answer.status, answer.error()), (403, "ORG_DNE".into()));
            assert_eq!(
                answer.message(),
                "The organization 'nobody' designated by the short_name query parameter does not \
             exist."
            );
        },
    );
}

#[test]
fn every_failed_check_of_a_parameter_is_listed() {
    each("every_failed_check_of_a_parameter_is_listed", |server| {
        for (query, params) in [
            (
                "",
                vec!["amount", "short_name", "short_name", "cve_year", "cve_year"],
            ),
            ("amount=x&short_name=acme&cve_year=2099", vec!["amount"]),
            ("amount=1.5&short_name=acme&cve_year=2099", vec!["amount"]),
            (
                "amount=1&amount=2&short_name=acme&cve_year=2099",
                vec!["amount"],
            ),
            ("amount=1&short_name=a&cve_year=2099", vec!["short_name"]),
            ("amount=1&short_name=acme&cve_year=99", vec!["cve_year"]),
            (
                "amount=1&short_name=acme&cve_year=abcd",
                vec!["cve_year", "cve_year"],
            ),
            ("amount=1&short_name=acme&cve_year=2099&foo=1", vec![""]),
            (
                "amount=1&short_name=acme&cve_year=2099&batch_type=%3C",
                vec!["batch_type"],
            ),
            (
                "amount=1&short_name=a%00c&cve_year=2099",
                vec!["short_name"],
            ),
        ] {
            let answer = server.ask(&server.cna, "POST", &format!("/api/cve-id?{query}"));
            let json = answer.json();
            let details = json["details"].as_array().unwrap();
            let found: Vec<_> = details
                .iter()
                .map(|d| d["param"].as_str().unwrap())
                .collect();
            assert_eq!(found, params, "{query}");
            assert!(details.iter().all(|detail| detail["location"] == "query"));
            assert_eq!(answer.message(), "Parameters were invalid");
        }
    });
}

#[test]
fn a_reservation_tells_who_when_and_what_is_left() {
    each("a_reservation_tells_who_when_and_what_is_left", |server| {
        let answer = server.ask(&server.cna, "POST", &format!("{RESERVE}&amount=1"));
        let now = server.world.now();
        assert_eq!(
            answer.json(),
            json!({
                "cve_ids": [{
                    "requested_by": {"cna": "acme", "user": "ann@acme"},
                    "cve_id": "CVE-2099-0001",
                    "cve_year": "2099",
                    "state": "RESERVED",
                    "owning_cna": "acme",
                    "reserved": now,
                }],
                "meta": {"remaining_quota": 9},
            })
        );
        assert_eq!(answer.header("cve-api-remaining-quota"), Some("9"));
        assert_eq!(
            server.reserve(&server.cna, 2),
            ["CVE-2099-20001", "CVE-2099-20002"]
        );
    });
}

#[test]
fn the_quota_counts_what_is_reserved_and_is_never_passed() {
    each(
        "the_quota_counts_what_is_reserved_and_is_never_passed",
        |server| {
            let ids = server.reserve(&server.cna, 10);
            let answer = server.ask(&server.cna, "POST", &format!("{RESERVE}&amount=1"));
            assert_eq!(answer.error(), "EXCEEDED_ID_QUOTA");
            assert_eq!(
                answer.json()["details"],
                json!({"id_quota": 10, "total_reserved": 10, "available": 0})
            );
            let reject = format!("/api/cve-id/{}?state=REJECTED", ids[0]);
            assert_eq!(server.ask(&server.cna, "PUT", &reject).status, 200);
            let quota = server
                .ask(&server.cna, "GET", "/api/org/acme/id_quota")
                .json();
            assert_eq!(
                quota,
                json!({"id_quota": 10, "total_reserved": 9, "available": 1})
            );
            server.ask(&server.sec, "PUT", "/api/org/acme?id_quota=5");
            let quota = server
                .ask(&server.cna, "GET", "/api/org/acme/id_quota")
                .json();
            assert_eq!(quota["available"], -4);
        },
    );
}

#[test]
fn thirty_two_reservations_at_once_never_give_one_id_twice() {
    each(
        "thirty_two_reservations_at_once_never_give_one_id_twice",
        |server| {
            let taken: Vec<String> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..32)
                    .map(|index| {
                        scope.spawn(move || {
                            let kind = ["", "&batch_type=sequential", "&batch_type=nonsequential"];
                            let path = format!(
                                "/api/cve-id?cve_year=2099&short_name=other&amount=1{}",
                                kind[index % 3]
                            );
                            let answer = server.ask(&server.other, "POST", &path);
                            assert_eq!(answer.status, 200, "{answer:?}");
                            answer.json()["cve_ids"][0]["cve_id"]
                                .as_str()
                                .unwrap()
                                .to_owned()
                        })
                    })
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 32);
            let quota = server
                .ask(&server.other, "GET", "/api/org/other/id_quota")
                .json();
            assert_eq!(quota["total_reserved"], 32);
        },
    );
}

#[test]
fn reservations_at_once_stop_exactly_at_the_quota() {
    each("reservations_at_once_stop_exactly_at_the_quota", |server| {
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let reserve = || {
                server
                    .ask(&server.cna, "POST", &format!("{RESERVE}&amount=1"))
                    .status
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(reserve)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10);
        assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 6);
    });
}

#[test]
fn random_ids_come_from_a_pool_and_leave_the_order_behind() {
    each(
        "random_ids_come_from_a_pool_and_leave_the_order_behind",
        |server| {
            let path = format!("{RESERVE}&amount=3&batch_type=non-sequential");
            let answer = server.ask(&server.cna, "POST", &path).json();
            let ids: BTreeSet<_> = answer["cve_ids"]
                .as_array()
                .unwrap()
                .iter()
                .map(|id| id["cve_id"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(ids.len(), 3);
            assert_eq!(answer["meta"]["remaining_quota"], 7);
            // The pool took 100 numbers and one for each ID asked for.
            assert_eq!(server.reserve(&server.cna, 1), ["CVE-2099-20104"]);
            let listed = server.ask(&server.cna, "GET", "/api/cve-id").json();
            assert_eq!(
                listed["cve_ids"].as_array().unwrap().len(),
                4,
                "the pool is not listed"
            );
            let pooled = (20_001..20_104)
                .map(|number| format!("CVE-2099-{number}"))
                .find(|id| !ids.contains(id))
                .unwrap();
            let hidden = server.ask(&server.sec, "GET", &format!("/api/cve-id/{pooled}"));
            assert_eq!(hidden.error(), "CVE_ID_NOT_FOUND");
        },
    );
}

#[test]
fn the_last_numbers_of_a_year_are_given_as_a_part() {
    each("the_last_numbers_of_a_year_are_given_as_a_part", |server| {
        let range = store::IdRange {
            year: "1900".parse().unwrap(),
            priority: [1, 0, 1],
            general: [20_000, 20_000, 20_003],
        };
        let write = move |tx: &mut store::Tx<'_>| tx.insert_range(&range);
        assert!(server.store.write::<_, store::Error>(write).unwrap());
        let ask = |query: &str| {
            let path = format!("/api/cve-id?cve_year=1900&short_name=other&{query}");
            server.ask(&server.other, "POST", &path)
        };
        let full = ask("amount=4&batch_type=sequential");
        assert_eq!((full.status, full.error()), (403, "YEAR_RANGE_FULL".into()));
        assert_eq!(full.header("cve-api-remaining-quota"), Some("1000"));
        let part = ask("amount=5&batch_type=nonsequential");
        assert_eq!(
            (part.status, part.error()),
            (206, "RESERVED_PARTIAL_AMOUNT".into())
        );
        assert_eq!(part.json()["details"], json!({"amount_reserved": 3}));
        assert_eq!(part.json()["cve_ids"].as_array().unwrap().len(), 3);
        assert_eq!(
            ask("amount=1&batch_type=nonsequential").error(),
            "YEAR_RANGE_FULL"
        );
        assert_eq!(ask("amount=1").error(), "YEAR_RANGE_FULL");
    });
}
