//! The office of a case through the API: it works, it is not there for whoever
//! is not on the case, it is refused without the role.

use axum::http::StatusCode;
use serde_json::json;

use crate::api::sqlite;
use crate::ask::{Ask, get, post, put, router};
use crate::reports;

#[test]
fn the_office_of_a_case_works_is_hidden_and_is_refused() {
    let instance = sqlite();
    let (router, ann) = (router(&instance), instance.token("ann"));
    let oli = instance.token("oli");
    let case = instance.receive(&reports::all()[0]);
    let path = |rest: &str| format!("/desk/v1/cases/{case}/{rest}");
    post(path("take")).json(&json!({})).token(&ann).of(&router);
    let table: Vec<(Ask, u16)> = vec![
        (
            post(path("tasks")).json(&json!({"title": "call", "owner": "bob"})),
            201,
        ),
        (get(path("tasks")), 200),
        (
            post(path("tasks/1/done")).json(&json!({"note": "called"})),
            204,
        ),
        (
            post(path("links"))
                .json(&json!({"relation": "related", "target": "https://e.example/1"})),
            201,
        ),
        (get(path("links")), 200),
        (post(path("links/1/remove")).json(&json!({})), 204),
        (put(path("vendors")).json(&json!({"name": "Acme"})), 204),
        (get(path("vendors")), 200),
        (
            post(path("outgoing")).json(&json!({"lane": "reporter", "body": "Thanks."})),
            201,
        ),
        (get(path("outgoing")), 200),
        (post(path("outgoing/1/send")).json(&json!({})), 200),
        (
            post(path("severity")).json(&json!({"severity": "low"})),
            204,
        ),
        (
            post(path("hand-over")).json(&json!({"to": "bob", "comment": "yours"})),
            204,
        ),
        (get(path("hand-over")), 200),
    ];
    for (ask, expected) in table {
        // An administrator may do some of it, and is on no case.
        let hidden = ask.clone().token(&oli).of(&router);
        let refused = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN];
        assert!(refused.contains(&hidden.status), "{ask:?}: {}", hidden.body);
        let answer = ask.clone().token(&ann).of(&router);
        assert_eq!(answer.status.as_u16(), expected, "{ask:?}: {}", answer.body);
    }
}

#[test]
fn catalogue_mail_and_erasure_are_an_administrators() {
    let instance = sqlite();
    let (router, bob) = (router(&instance), instance.token("bob"));
    for ask in [
        post("/desk/v1/catalogue").json(&json!({"products": []})),
        post("/desk/v1/catalogue/remove").json(&json!({"name": "node-agent"})),
        get("/desk/v1/mail"),
        post("/desk/v1/mail/test").json(&json!({"to": "a@example.org"})),
        post("/desk/v1/people/pia/erase").json(&json!({"reason": "asked"})),
        post("/desk/v1/clocks/reminders").json(&json!({})),
    ] {
        let answer = ask.clone().token(&bob).of(&router);
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{ask:?}: {}",
            answer.body
        );
    }
    let list = get("/desk/v1/catalogue").token(&bob).of(&router).json();
    assert_eq!(list["products"][0]["delivery"], "installed");
}
