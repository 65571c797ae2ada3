//! Lists and counts of all records.

use serde_json::{Value, json};

use crate::server::{Server, container, each, rejection};

fn list(server: &Server, path: &str) -> Value {
    let answer = server.ask(&server.bulk, "GET", path);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

fn ids(list: &Value) -> Vec<&str> {
    let records = list["cveRecords"].as_array().unwrap().iter();
    records
        .map(|record| record["cveMetadata"]["cveId"].as_str().unwrap())
        .collect()
}

#[test]
fn records_are_listed_and_counted_by_their_filters() {
    each(
        "records_are_listed_and_counted_by_their_filters",
        |server| {
            let published = server.publish(&server.cna);
            let other = server.publish(&server.other);
            let rejected = server.reserve(&server.cna, 1).remove(0);
            let path = format!("/api/cve/{rejected}/reject");
            server.say(&server.cna, "POST", &path, &rejection());
            let path = format!("/api/cve/{published}/adp");
            let adp = json!({"adpContainer": {"title": "t"}});
            assert_eq!(server.say(&server.adp, "PUT", &path, &adp).status, 200);
            let uuid = server.ask(&server.sec, "GET", "/api/org/other").json();
            let uuid = uuid["UUID"].as_str().unwrap();
            for (query, expected) in [
                ("".to_owned(), vec![&published, &other, &rejected]),
                ("state=rejected".into(), vec![&rejected]),
                (
                    "assigner_short_name=acme".into(),
                    vec![&published, &rejected],
                ),
                (format!("assigner={uuid}"), vec![&other]),
                ("adp_short_name=enrich".into(), vec![&published]),
                (
                    "time_modified.gt=2001-01-01&state=PUBLISHED".into(),
                    vec![&published, &other],
                ),
                ("time_modified.lt=2001-01-01".into(), vec![]),
                (
                    "cna_modified=true&time_modified.gt=2001-01-01".into(),
                    vec![&published, &other, &rejected],
                ),
                (
                    "cna_modified=true&time_modified.gt=2001-01-01&time_modified.lt=2002-01-01"
                        .into(),
                    vec![],
                ),
                ("page=2".into(), vec![]),
            ] {
                let found = list(server, &format!("/api/cve?{query}"));
                assert_eq!(ids(&found), expected, "{query}");
                if !query.contains("page") {
                    let count = list(server, &format!("/api/cve?{query}&count_only=yes"));
                    assert_eq!(count, json!({"totalCount": expected.len()}), "{query}");
                }
            }
            let answer = server.ask(&server.bulk, "GET", "/api/cve?cna_modified=true");
            assert_eq!(answer.error(), "BAD_USAGE_CNA_MODIFIED");
            assert_eq!(
                list(server, "/api/cve_count?state=PUBLISHED"),
                json!({"totalCount": 2})
            );
            assert_eq!(
                server.ask(None, "GET", "/api/cve_count").json(),
                json!({"totalCount": 3})
            );
        },
    );
}

#[test]
fn a_walk_visits_every_record_once_in_both_directions() {
    each(
        "a_walk_visits_every_record_once_in_both_directions",
        |server| {
            let mut all: Vec<String> = (0..5).map(|_| server.publish(&server.other)).collect();
            all.reverse();
            let mut seen = Vec::new();
            let mut page = list(server, "/api/cve_cursor?limit=2");
            assert_eq!(page["hasPrevious"], false);
            loop {
                seen.extend(ids(&page).into_iter().map(str::to_owned));
                if page["hasNext"] == false {
                    break;
                }
                // A record that changes keeps its place.
                let path = format!("/api/cve/{}/cna", all[3]);
                assert_eq!(
                    server.say(&server.other, "PUT", &path, &container()).status,
                    200
                );
                let next = page["next"].as_str().unwrap().to_owned();
                page = list(server, &format!("/api/cve_cursor?limit=2&next_page={next}"));
            }
            assert_eq!(seen, all);
            let previous = page["previous"].as_str().unwrap();
            let back = list(
                server,
                &format!("/api/cve_cursor?limit=2&previous_page={previous}"),
            );
            assert_eq!(ids(&back), [&all[2], &all[3]]);
            assert_eq!(
                (&back["hasNext"], &back["hasPrevious"]),
                (&json!(true), &json!(true))
            );
        },
    );
}

#[test]
fn a_bad_cursor_or_limit_is_told_and_is_no_failure() {
    each(
        "a_bad_cursor_or_limit_is_told_and_is_no_failure",
        |server| {
            for query in [
                "next_page=zzz",
                "previous_page=1.CVE-1",
                "limit=abc",
                "page=1",
                "limit=-1",
            ] {
                let answer = server.ask(&server.bulk, "GET", &format!("/api/cve_cursor?{query}"));
                assert_eq!(
                    (answer.status, answer.error()),
                    (400, "BAD_INPUT".into()),
                    "{query}"
                );
            }
            assert_eq!(
                list(server, "/api/cve_cursor?limit=0")["cveRecords"],
                json!([])
            );
        },
    );
}
