//! Two nodes on one database.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::json;

use crate::client::{self, Answer};
use crate::server::{Server, Who, container, each, with};

/// Sends the same kind of request to both nodes at once, `count` times.
fn on_both(
    nodes: [SocketAddr; 2],
    who: &Who,
    count: usize,
    request: impl Fn(usize) -> (&'static str, String, String) + Sync,
) -> Vec<Answer> {
    let send = |index: usize| {
        let (method, path, body) = request(index);
        let headers = [
            ("content-type", "application/json"),
            ("cve-api-org", who.org),
            ("cve-api-user", &who.username),
            ("cve-api-key", &who.key),
        ];
        client::send(nodes[index % 2], method, &path, &headers, body.as_bytes())
    };
    std::thread::scope(|scope| {
        let send = &send;
        let threads: Vec<_> = (0..count)
            .map(|index| scope.spawn(move || send(index)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn nodes(server: &Server) -> Option<[SocketAddr; 2]> {
    Some([server.address, server.second_node()?])
}

#[test]
fn two_nodes_never_give_one_id_twice() {
    each("two_nodes_never_give_one_id_twice", |server| {
        let Some(nodes) = nodes(server) else { return };
        let kinds = [
            "",
            "&batch_type=sequential",
            "&batch_type=sequential",
            "&batch_type=nonsequential",
        ];
        let answers = on_both(nodes, &server.other, 32, |index| {
            let kind = kinds[index % 4];
            let path = format!("/api/cve-id?amount=1&cve_year=2099&short_name=other{kind}");
            ("POST", path, String::new())
        });
        let ids: BTreeSet<_> = answers
            .iter()
            .map(|answer| {
                assert_eq!(answer.status, 200, "{answer:?}");
                answer.json()["cve_ids"][0]["cve_id"].to_string()
            })
            .collect();
        assert_eq!(ids.len(), 32);
        let quota = server.ask(&server.other, "GET", "/api/org/other/id_quota");
        assert_eq!(quota.json()["total_reserved"], 32);
    });
}

#[test]
fn one_of_two_nodes_creates_what_may_exist_once() {
    each("one_of_two_nodes_creates_what_may_exist_once", |server| {
        let Some(nodes) = nodes(server) else { return };
        let org = json!({"short_name": "new_org", "name": "n"}).to_string();
        let user = json!({"username": "new_user"}).to_string();
        let id = server.reserve(&server.other, 1).remove(0);
        for (path, body, error) in [
            ("/api/org".to_owned(), org, "ORG_EXISTS"),
            ("/api/org/acme/user".into(), user, "USER_EXISTS"),
            (
                "/api/cve-id-range/1900".into(),
                String::new(),
                "YEAR_RANGE_EXISTS",
            ),
            (
                format!("/api/cve/{id}/cna"),
                container().to_string(),
                "CVE_RECORD_EXISTS",
            ),
        ] {
            let request = |_| ("POST", path.clone(), body.clone());
            let answers = on_both(nodes, &server.sec, 8, request);
            let (made, refused): (Vec<_>, Vec<_>) =
                answers.iter().partition(|answer| answer.status == 200);
            assert_eq!(made.len(), 1, "{path}");
            for answer in refused {
                assert_eq!(answer.error(), error, "{answer:?}");
            }
        }
    });
}

#[test]
fn updates_on_two_nodes_are_all_stored() {
    each("updates_on_two_nodes_are_all_stored", |server| {
        let Some(nodes) = nodes(server) else { return };
        let id = server.publish(&server.other);
        let answers = on_both(nodes, &server.other, 6, |index| {
            let body = with(container(), "title", json!(format!("t{index}")));
            ("PUT", format!("/api/cve/{id}/cna"), body.to_string())
        });
        assert!(
            answers.iter().all(|answer| answer.status == 200),
            "{answers:?}"
        );
    });
}

#[test]
fn the_last_handle_of_a_store_may_be_dropped_by_an_async_task() {
    let test = "the_last_handle_of_a_store_may_be_dropped_by_an_async_task";
    for test_store in store::testing::engines(test) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let dropped = runtime.spawn(async move { drop(test_store) });
        runtime.block_on(dropped).unwrap();
    }
}

#[test]
fn an_update_at_another_node_is_seen_within_two_seconds() {
    each("an_update_at_another_node_is_seen", |server| {
        let Some([_, second]) = nodes(server) else {
            return;
        };
        let id = server.publish(&server.cna);
        let path = format!("/api/cve/{id}");
        let tag = server
            .ask(None, "GET", &path)
            .header("etag")
            .unwrap()
            .to_owned();
        let known = [("if-none-match", tag.as_str())];
        let ask = || server.send(None, "GET", &path, &known, b"").status;
        for _ in 0..10 {
            assert_eq!(ask(), 304);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let who = &server.cna;
        let headers = [
            ("content-type", "application/json"),
            ("cve-api-org", who.org),
            ("cve-api-user", &who.username),
            ("cve-api-key", &who.key),
        ];
        let body = container().to_string();
        let update = format!("{path}/cna");
        let updated = client::send(second, "PUT", &update, &headers, body.as_bytes());
        assert_eq!(updated.status, 200, "{updated:?}");
        let seen = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            ask() == 200
        });
        assert!(seen, "the first node still says that nothing changed");
    });
}
