//! The calls of a CVE Services, and what its answers mean.

use std::sync::Arc;

use client::{
    Addresses, ApiKey, Credentials, Error, IdFilter, Method, Request, Reservation, Services,
    Settings, UserChange,
};
use cve::id::{CveId, Year};
use cve::wire::{Authority, BatchType, IdState, NewUser};
use serde_json::json as value;

use crate::server::{Act, Server, json, with_headers};

fn services(server: &Server) -> Services {
    let request = Request::new(Settings {
        addresses: Addresses::Any,
        max_body_bytes: 1000,
        ..Settings::default()
    })
    .unwrap();
    let account = Credentials::new("acme", "ann", ApiKey::new("s3cr3t"));
    // Without the slash at the end, which is added.
    Services::new(
        &format!("{}/api", server.address),
        account,
        Arc::new(request),
    )
}

fn id() -> CveId {
    "CVE-1900-0001".parse().unwrap()
}

fn reservation() -> Reservation {
    Reservation {
        year: Year::new(1900).unwrap(),
        amount: 2,
        short_name: "acme".into(),
        batch: Some(BatchType::Sequential),
    }
}

#[test]
fn a_reservation_sends_the_account_and_reads_the_ids() {
    let server = Server::start(vec![json(
        200,
        r#"{"cve_ids":[{"requested_by":{"cna":"acme","user":"ann"},"cve_id":"CVE-1900-0001",
            "cve_year":"1900","state":"RESERVED","owning_cna":"acme",
            "reserved":"2026-01-02T03:04:05.678Z"}],"meta":{"remaining_quota":9}}"#,
    )]);
    let answer = services(&server)
        .reserve(&reservation())
        .unwrap()
        .value()
        .unwrap();
    assert_eq!(answer.cve_ids[0].cve_id, id());
    assert_eq!(answer.meta.unwrap().remaining_quota, 9);
    let seen = &server.seen()[0];
    assert!(seen.starts_with(
        "POST /api/cve-id?cve_year=1900&amount=2&short_name=acme&batch_type=sequential HTTP/1.1"
    ));
    for header in [
        "cve-api-org: acme",
        "cve-api-user: ann",
        "cve-api-key: s3cr3t",
    ] {
        assert!(seen.to_lowercase().contains(header), "{seen}");
    }
}

#[test]
fn a_base_without_a_host_reaches_nobody() {
    let request = Arc::new(Request::new(Settings::default()).unwrap());
    for base in [
        "http://",
        "https:///",
        "",
        "/api/",
        "http://#x",
        "http://?x",
    ] {
        let services = Services::new(base, Credentials::anonymous(), request.clone());
        let error = services.org("acme").unwrap_err();
        assert!(
            error.to_string().contains("not an address"),
            "{base}: {error}"
        );
    }
}

#[test]
fn a_base_gets_its_slash_and_loses_its_query() {
    let request = Arc::new(Request::new(Settings::default()).unwrap());
    let base = |text: &str| {
        let services = Services::new(text, Credentials::anonymous(), request.clone());
        services.base_url().to_owned()
    };
    assert_eq!(base("https://h/api"), "https://h/api/");
    assert_eq!(base("https://h/api/?x=/#y"), "https://h/api/");
}

#[test]
fn a_refusal_carries_code_message_and_details() {
    let body = r#"{"error":"EXCEEDED_ID_QUOTA","message":"No.","details":{"available":0}}"#;
    let server = Server::start(vec![json(403, body)]);
    let error = services(&server).reserve(&reservation()).unwrap_err();
    assert!(error.is_refusal(403, "EXCEEDED_ID_QUOTA"));
    let Error::Refused { details, raw, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(details.as_deref(), Some(&value!({"available": 0})));
    assert_eq!(raw, body.as_bytes());
    assert!(!error.to_string().contains("s3cr3t"));
}

#[test]
fn a_refusal_without_a_body_is_a_refusal_all_the_same() {
    let server = Server::start(vec![json(404, "")]);
    let error = services(&server).org("acme").unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: None, .. }),
        "{error:?}"
    );
}

#[test]
fn a_redirected_reservation_is_a_refusal() {
    let moved = "HTTP/1.1 308 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![Act::Answer(moved.into())]);
    let error = services(&server).reserve(&reservation()).unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 308, .. }),
        "{error:?}"
    );
}

#[test]
fn answers_that_leave_it_open_are_unknown() {
    let long = format!("[{}1]", "1,".repeat(600));
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"cve_ids\":";
    for act in [
        json(500, r#"{"error":"SERVICE_NOT_AVAILABLE","message":"down"}"#),
        json(502, "<html>"),
        json(408, ""),
        json(200, "<html>"),
        json(200, ""),
        json(200, &long),
        Act::Answer(broken.into()),
        Act::Close,
    ] {
        let server = Server::start(vec![act]);
        let error = services(&server).reserve(&reservation()).unwrap_err();
        assert!(error.may_have_been_done(), "{error:?}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn a_success_in_another_shape_is_unknown_and_keeps_its_document() {
    let server = Server::start(vec![json(200, r#"{"cve_ids":[{}]}"#)]);
    let reply = services(&server).reserve(&reservation()).unwrap();
    assert_eq!(reply.raw, value!({"cve_ids": [{}]}));
    assert!(reply.value().unwrap_err().may_have_been_done());
}

#[test]
fn a_wrong_account_is_recognised() {
    let body = r#"{"error":"UNAUTHORIZED","message":"Unauthorized"}"#;
    let server = Server::start(vec![json(401, body)]);
    assert!(services(&server).org("acme").unwrap_err().is_unauthorized());
}

#[test]
fn pages_are_followed_and_joined() {
    let page = |number: u32, next: &str| {
        json(
            200,
            &format!(
                r#"{{"cve_ids":[{{"cve_id":"CVE-1900-000{number}","state":"RESERVED",
                "owning_cna":"acme"}}],"totalCount":2,"itemsPerPage":1,"pageCount":2,
                "currentPage":{number},"prevPage":null,"nextPage":{next}}}"#
            ),
        )
    };
    let server = Server::start(vec![page(1, "2"), page(2, "null")]);
    let filter = IdFilter {
        year: Year::new(1900),
        state: Some(IdState::Reserved),
        reserved_before: Some("2021-01-01T00:00:00".into()),
        ..IdFilter::default()
    };
    let ids = services(&server)
        .list_ids(&filter)
        .unwrap()
        .value()
        .unwrap();
    assert_eq!(ids.len(), 2);
    let first = "GET /api/cve-id?cve_id_year=1900&state=RESERVED\
                 &time_reserved.lt=2021-01-01T00%3A00%3A00";
    assert_eq!(
        server.lines(),
        [first.to_owned(), format!("{first}&page=2")]
    );
}

#[test]
fn pages_that_do_not_rise_are_not_followed_for_ever() {
    let server = Server::start(vec![json(200, r#"{"users":[],"nextPage":1}"#)]);
    let error = services(&server).users("acme").unwrap_err();
    assert!(error.to_string().contains("page 1 on to page 1"), "{error}");
}

#[test]
fn a_record_that_does_not_exist_is_none_and_other_refusals_are_errors() {
    let server = Server::start(vec![
        json(404, r#"{"error":"CVE_RECORD_DNE","message":"none"}"#),
        json(404, r#"{"error":"NOT_FOUND","message":"wrong path"}"#),
        json(200, r#"{"dataType":"CVE_RECORD"}"#),
    ]);
    let services = services(&server);
    assert!(services.record(id()).unwrap().is_none());
    assert!(services.record(id()).is_err());
    let record = services.record(id()).unwrap().unwrap();
    assert_eq!(record.raw, value!({"dataType": "CVE_RECORD"}));
}

#[test]
fn the_record_of_another_id_is_no_answer() {
    let body = r#"{"cveMetadata":{"cveId":"CVE-1900-99999"}}"#;
    let server = Server::start(vec![json(200, body)]);
    let error = services(&server).record(id()).unwrap_err().to_string();
    assert!(error.contains("the record of `CVE-1900-99999`"), "{error}");
}

#[test]
fn containers_go_to_their_places() {
    let answer = || {
        json(
            200,
            r#"{"message":"done","updated":{"dataType":"CVE_RECORD"}}"#,
        )
    };
    let server = Server::start((0..5).map(|_| answer()).collect());
    let (services, container) = (services(&server), value!({"b": 1, "a": 2}));
    services.publish_cna(id(), &container).unwrap();
    services.update_cna(id(), &container).unwrap();
    services.reject(id(), &container).unwrap();
    services.update_reject(id(), &container).unwrap();
    let reply = services.publish_adp(id(), &container).unwrap();
    assert!(reply.value().unwrap().record().is_some());
    assert_eq!(
        server.lines(),
        [
            "POST /api/cve/CVE-1900-0001/cna",
            "PUT /api/cve/CVE-1900-0001/cna",
            "POST /api/cve/CVE-1900-0001/reject",
            "PUT /api/cve/CVE-1900-0001/reject",
            "PUT /api/cve/CVE-1900-0001/adp",
        ]
    );
    assert!(server.seen()[0].ends_with(r#"{"cnaContainer":{"b":1,"a":2}}"#));
    assert!(server.seen()[4].ends_with(r#"{"adpContainer":{"b":1,"a":2}}"#));
    assert!(
        server.seen()[0]
            .to_lowercase()
            .contains("content-type: application/json")
    );
}

#[test]
fn the_other_calls_go_to_their_places() {
    let server = Server::start((0..10).map(|_| json(200, "{}")).collect());
    let services = services(&server);
    services.health().unwrap();
    services.id(id()).unwrap();
    services
        .change_id(id(), Some(IdState::Rejected), None)
        .unwrap();
    services.change_id(id(), None, Some("other org")).unwrap();
    services.quota("acme").unwrap();
    services.user("acme", "ann/../bob").unwrap();
    services.count(Some(IdState::Published)).unwrap();
    services.reset_secret("acme", "ann").unwrap();
    let changes = [
        UserChange::Active(false),
        UserChange::First("Mary Ann".into()),
    ];
    services.update_user("acme", "ann", &changes).unwrap();
    let user = NewUser {
        username: "ann".into(),
        authority: Authority {
            active_roles: vec!["ADMIN".into()],
        },
        ..NewUser::default()
    };
    services.create_user("acme", &user).unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /api/health-check",
            "GET /api/cve-id/CVE-1900-0001",
            "PUT /api/cve-id/CVE-1900-0001?state=REJECTED",
            "PUT /api/cve-id/CVE-1900-0001?org=other+org",
            "GET /api/org/acme/id_quota",
            "GET /api/org/acme/user/ann%2F..%2Fbob",
            "GET /api/cve_count?state=PUBLISHED",
            "PUT /api/org/acme/user/ann/reset_secret",
            "PUT /api/org/acme/user/ann?active=false&name.first=Mary+Ann",
            "POST /api/org/acme/user",
        ]
    );
    let body = r#"{"username":"ann","authority":{"active_roles":["ADMIN"]}}"#;
    assert!(server.seen()[9].ends_with(body));
}

#[test]
fn a_new_key_is_not_shown_by_debug() {
    let server = Server::start(vec![json(200, r#"{"API-secret":"n3w"}"#), json(500, "n3w")]);
    let services = services(&server);
    let reply = services.reset_secret("acme", "ann").unwrap();
    assert_eq!(reply.value().unwrap().secret, "n3w");
    let error = services.reset_secret("acme", "ann").unwrap_err();
    let shown = format!("{reply:?} {error:?} {error}");
    assert!(!shown.contains("n3w"), "{shown}");
}

#[test]
fn services_that_rehearse_read_but_send_no_change() {
    let server = Server::start(vec![json(200, r#"{"UUID":"u"}"#)]);
    let services = services(&server).rehearsing();
    services.org("acme").unwrap();
    let error = services.reset_secret("acme", "ann").unwrap_err();
    assert!(
        matches!(&error, Error::Rehearsed { method: Method::Put, url, json: None }
            if url.ends_with("/api/org/acme/user/ann/reset_secret")),
        "{error:?}"
    );
    assert_eq!(server.lines(), ["GET /api/org/acme"]);
}

#[test]
fn a_busy_server_says_when_to_come_back() {
    let server = Server::start(vec![with_headers(429, "Retry-After: 7\r\n", "{}")]);
    let error = services(&server).org("acme").unwrap_err();
    assert!(error.may_pass());
    assert_eq!(error.retry_after_s(), Some(7));
}
