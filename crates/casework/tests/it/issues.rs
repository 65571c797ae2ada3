//! Looks at the public issue: for how long they are evidence, and for whom.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use casework::{NewReleaseRule, NewTracker, Role};
use cve::id::CveId;
use serde_json::json;

use crate::office::{Office, on_each_engine, refusal_code, refused};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A tracker that shows a right placeholder as issue 7, whatever is asked.
fn placeholder() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap());
    let labels = [
        "triage/accepted",
        "lifecycle/frozen",
        "area/security",
        "kind/bug",
        "committee/security-response",
    ];
    let labels: Vec<_> = labels.iter().map(|name| json!({"name": name})).collect();
    let body = json!({
        "number": 7, "title": "PLACEHOLDER ISSUE", "state": "open", "state_reason": null,
        "labels": labels, "html_url": "https://github.com/example/agent/issues/7", "body": null,
    })
    .to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let reader = BufReader::new(stream.try_clone().unwrap());
            let head = reader.lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let length = body.len();
            let text = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(text.as_bytes());
        }
    });
    api
}

fn set_up(office: &Office) {
    let admin = office.actor("admin");
    let tracker = NewTracker {
        repository: "example/agent".into(),
        api: Some(placeholder()),
        token: None,
    };
    office.desk.set_tracker(&admin, &tracker).unwrap();
    let rule = NewReleaseRule {
        profile: Some("kubernetes".into()),
        ..NewReleaseRule::default()
    };
    office.desk.set_release_rule(&admin, &rule).unwrap();
}

/// State, evidence and who said so, of K-01.
fn first(office: &Office, id: CveId) -> (&'static str, String, String) {
    let items = office.desk.checklist(&office.actor("ana"), id).unwrap();
    let found = items.into_iter().find(|item| item.id == "K-01").unwrap();
    (found.state, found.evidence, found.by)
}

fn look(office: &Office, id: CveId) {
    let ana = office.actor("ana");
    office.desk.look_at_issue(&ana, id, Some("7")).unwrap();
}

#[test]
fn a_look_ticks_for_a_day_and_says_so_when_it_is_older() {
    on_each_engine("a_look_ticks_for_a_day", |office| {
        set_up(office);
        let (_, id, _) = office.drafted();
        assert_eq!(first(office, id).1, "nobody looked at the issue");
        look(office, id);
        let (state, _, by) = first(office, id);
        assert_eq!((state, by.as_str()), ("done", "machine"));
        office.clock.advance_ms(DAY_MS);
        assert_eq!(first(office, id).0, "done");
        office.clock.advance_ms(1);
        let (state, evidence, _) = first(office, id);
        assert_eq!(state, "open");
        assert!(evidence.ends_with("more than 24 hours ago"), "{evidence}");
    });
}

#[test]
fn a_look_is_of_one_revision() {
    on_each_engine("a_look_is_of_one_revision", |office| {
        set_up(office);
        let (case, id, _) = office.drafted();
        look(office, id);
        office.retitle("ana", case, id, "Another title");
        let (state, evidence, _) = first(office, id);
        assert_eq!(state, "open");
        assert!(
            evidence.ends_with("for revision 1, and it is revision 2 now"),
            "{evidence}"
        );
    });
}

#[test]
fn the_newest_word_counts_and_a_waiver_stands() {
    on_each_engine("the_newest_word_counts", |office| {
        set_up(office);
        let (_, id, _) = office.drafted();
        let ana = office.actor("ana");
        look(office, id);
        office.clock.advance_ms(1);
        office
            .desk
            .tick(&ana, id, "K-01", "open", "it is the wrong one")
            .unwrap();
        assert_eq!(
            (first(office, id).0, first(office, id).2.as_str()),
            ("open", "ana")
        );
        office.clock.advance_ms(1);
        look(office, id);
        assert_eq!(first(office, id).0, "done");
        office
            .desk
            .tick(&ana, id, "K-01", "waived", "none is filed")
            .unwrap();
        office.clock.advance_ms(1);
        look(office, id);
        assert_eq!(first(office, id).0, "waived");
    });
}

#[test]
fn an_issue_is_looked_at_by_those_on_the_case_who_may_tick() {
    on_each_engine("an_issue_is_looked_at_by_those_on_the_case", |office| {
        set_up(office);
        let (_, id, _) = office.drafted();
        let eve = office.hire("eve", &Role::ALL);
        let missing: CveId = "CVE-1900-9999".parse().unwrap();
        let of = |id: CveId| refused(office.desk.look_at_issue(&eve, id, Some("7"))).to_string();
        assert_eq!(
            of(id).replace(&id.to_string(), "CVE-1900-9999"),
            of(missing)
        );
        assert_eq!(refusal_code(office.desk.issue_check(&eve, id)), "not_found");
        let auditor = office.actor("aud");
        let refused = office.desk.look_at_issue(&auditor, id, Some("7"));
        assert_eq!(refusal_code(refused), "not_allowed");
        let tracker = NewTracker {
            repository: "example/agent".into(),
            api: None,
            token: None,
        };
        let refused = office.desk.set_tracker(&office.actor("ana"), &tracker);
        assert_eq!(refusal_code(refused), "not_allowed");
    });
}
