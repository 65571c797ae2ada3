//! Clocks, status, people and tokens through the API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::api::sqlite;
use crate::ask::{Ask, get, post, put, router};
use crate::instance::Instance;
use crate::reports;

fn case(instance: &Instance) -> String {
    let case = instance.receive(&reports::all()[0]);
    format!("/desk/v1/cases/{case}")
}

#[test]
fn a_deadline_runs_from_the_report_until_somebody_answered() {
    let instance = sqlite();
    let (router, ann) = (router(&instance), instance.token("ann"));
    let case = case(&instance);
    let first_answer = || {
        let found = get("/desk/v1/clocks").token(&ann).of(&router).json();
        let clocks = found["clocks"].as_array().unwrap();
        let found = clocks.iter().find(|clock| clock["id"] == "D-01");
        found.cloned()
    };
    let running = first_answer().unwrap();
    assert_eq!(running["what"], "first human answer to a report");
    assert_eq!(running["case"], 1);
    assert!(running["due_local"].as_str().unwrap().ends_with("(UTC)"));
    let answered = json!({"kind": "human_answered"});
    let recorded = post(format!("{case}/events")).json(&answered);
    assert_eq!(
        recorded.token(&ann).of(&router).status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(first_answer(), None);
    let all = get(format!("{case}/clocks")).token(&ann).of(&router).json();
    let met = all["clocks"].as_array().unwrap().iter();
    let met = met.filter(|clock| clock["id"] == "D-01");
    assert_eq!(met.count(), 1);
}

#[test]
fn every_refusal_of_clocks_people_and_tokens_has_its_status_and_code() {
    let instance = sqlite();
    let router = router(&instance);
    let case = case(&instance);
    let event = |body: Value| post(format!("{case}/events")).json(&body);
    let embargo = |body: Value| put(format!("{case}/embargo")).json(&body);
    let settings = |body: Value| put("/desk/v1/clocks/settings").json(&body);
    let zone = |zone: &str| json!({"calendar": {"zone": zone}});
    let holiday = json!({"calendar": {"zone": "UTC", "holidays": ["soon"]}});
    let length = json!({"calendar": {"zone": "UTC"}, "clocks": {"lengths": {"D-07": "96 h"}}});
    let token = |body: Value| post("/desk/v1/tokens").json(&body);
    let roles = |name: &str, roles: &[&str]| {
        put(format!("/desk/v1/people/{name}/roles")).json(&json!({"roles": roles}))
    };
    let table: Vec<(&str, Ask, u16, &str)> = vec![
        ("ann", get("/desk/v1/clocks?limit=0"), 422, "invalid"),
        ("ann", get("/desk/v1/clocks?limit=501"), 422, "invalid"),
        (
            "ann",
            get("/desk/v1/clocks?until=soon"),
            400,
            "invalid_request",
        ),
        ("ann", get("/desk/v1/breaches?limit=501"), 422, "invalid"),
        ("ann", get("/desk/v1/cases/99/clocks"), 404, "not_found"),
        ("oli", get(format!("{case}/clocks")), 404, "not_found"),
        ("oli", get(format!("{case}/embargo")), 404, "not_found"),
        ("ann", event(json!({"kind": "heard"})), 422, "invalid_body"),
        (
            "ann",
            event(json!({"kind": "closed", "when": 1})),
            422,
            "invalid_body",
        ),
        (
            "ann",
            event(json!({"kind": "closed", "at": "2999-01-01T00:00:00Z"})),
            422,
            "invalid",
        ),
        ("oli", event(json!({"kind": "closed"})), 403, "not_allowed"),
        (
            "bob",
            post("/desk/v1/events").json(&json!({"kind": "policy_confirmed"})),
            403,
            "not_allowed",
        ),
        ("ann", embargo(json!({"until": "soon"})), 422, "invalid"),
        (
            "ann",
            embargo(json!({"until": "2999-01-01T00:00", "zone": "Mars/Base"})),
            422,
            "invalid",
        ),
        ("ann", embargo(json!({})), 422, "invalid_body"),
        (
            "ann",
            post(format!("{case}/embargo/lift")).json(&json!({"reason": " "})),
            422,
            "invalid",
        ),
        ("oli", settings(zone("Mars/Base")), 422, "invalid"),
        ("oli", settings(holiday), 422, "invalid"),
        ("oli", settings(length), 422, "invalid"),
        ("oli", settings(json!({"zone": "UTC"})), 422, "invalid_body"),
        ("bob", settings(zone("UTC")), 403, "not_allowed"),
        ("bob", roles("pia", &["oa"]), 403, "not_allowed"),
        ("oli", roles("pia", &["boss"]), 422, "invalid"),
        ("oli", roles("zoe", &["oa"]), 404, "not_found"),
        ("bob", post("/desk/v1/people/pia/leave"), 403, "not_allowed"),
        ("oli", post("/desk/v1/people/zoe/leave"), 404, "not_found"),
        ("bob", get("/desk/v1/tokens?person=ann"), 403, "not_allowed"),
        ("bob", post("/desk/v1/tokens/0/revoke"), 404, "not_found"),
        ("bob", token(json!({"label": ""})), 422, "invalid"),
        (
            "bob",
            token(json!({"label": "x", "days": 0})),
            422,
            "invalid",
        ),
        (
            "bob",
            token(json!({"label": "x", "scopes": []})),
            422,
            "invalid",
        ),
        (
            "bob",
            token(json!({"label": "x", "scopes": ["all"]})),
            422,
            "invalid",
        ),
        // Whoever has left is told of no more.
        ("oli", post("/desk/v1/people/ann/leave"), 200, ""),
        (
            "oli",
            post("/desk/v1/people/oli/leave"),
            409,
            "last_administrator",
        ),
        ("oli", roles("oli", &["analyst"]), 409, "last_administrator"),
    ];
    let tokens: Vec<_> = ["ann", "bob", "oli", "pia"]
        .map(|name| (name, instance.token(name)))
        .to_vec();
    for (person, ask, status, code) in table {
        let secret = &tokens.iter().find(|(name, _)| *name == person).unwrap().1;
        let words = format!("{person}: {ask:?}");
        let answer = ask.token(secret).of(&router);
        assert_eq!(answer.status.as_u16(), status, "{words}: {}", answer.body);
        if !code.is_empty() {
            assert_eq!(answer.json()["error"], code, "{words}: {}", answer.body);
        }
    }
}

#[test]
fn a_token_that_was_made_over_the_api_does_what_it_is_good_for() {
    let instance = sqlite();
    let (router, ann) = (router(&instance), instance.token("ann"));
    let wanted = json!({"label": "reader", "scopes": ["read"], "days": 7});
    let made = post("/desk/v1/tokens")
        .json(&wanted)
        .token(&ann)
        .of(&router);
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.json();
    let reader = made["token"].as_str().unwrap();
    assert_eq!(made["scopes"], json!(["read"]));
    let list = get("/desk/v1/cases").token(reader).of(&router);
    assert_eq!(list.status, StatusCode::OK);
    let report = post("/desk/v1/cases").body("text/markdown", reports::all()[0].clone());
    let refused = report.token(reader).of(&router);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.ends_with("it needs a token with the scope `report`"),
        "{message}"
    );
    let id = made["id"].as_str().unwrap();
    let revoke = post(format!("/desk/v1/tokens/{id}/revoke"));
    let revoked = revoke.token(&ann).of(&router);
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    let list = get("/desk/v1/cases").token(reader).of(&router);
    assert_eq!(list.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn no_secret_of_a_token_is_listed() {
    let instance = sqlite();
    let (router, ann) = (router(&instance), instance.token("ann"));
    let listed = get("/desk/v1/tokens").token(&ann).of(&router);
    assert!(
        listed.body.contains("\"label\":\"test\""),
        "{}",
        listed.body
    );
    assert!(!listed.body.contains(&ann));
}

#[test]
fn status_names_what_needs_whoever_asks() {
    let instance = sqlite();
    let (router, ann) = (router(&instance), instance.token("ann"));
    case(&instance);
    let status = get("/desk/v1/status").token(&ann).of(&router).json();
    assert_eq!(
        (&status["person"], &status["zone"]),
        (&json!("ann"), &json!("UTC"))
    );
    let needs = status["needs"].as_array().unwrap();
    let waits = needs.iter().find(|need| need["kind"] == "case").unwrap();
    assert_eq!(
        (&waits["what"], &waits["case"]),
        (&json!("take the case"), &json!(1))
    );
    let oli = get("/desk/v1/status")
        .token(&instance.token("oli"))
        .of(&router);
    let needs = oli.json()["needs"].as_array().unwrap().clone();
    assert!(needs.iter().all(|need| need["case"].is_null()), "{needs:?}");
}

#[test]
fn an_embargo_is_set_shown_and_lifted() {
    let instance = sqlite();
    let (router, ann) = (router(&instance), instance.token("ann"));
    let path = format!("{}/embargo", case(&instance));
    let until = json!({"until": "2998-12-02T17:00", "zone": "Europe/Berlin"});
    let set = put(&path).json(&until).token(&ann).of(&router);
    assert_eq!(
        set.json()["lifts_at"],
        "2998-12-02T16:00:00.000Z",
        "{}",
        set.body
    );
    let shown = get(&path).token(&ann).of(&router);
    assert_eq!(shown.json()["zone"], "Europe/Berlin");
    let lift = post(format!("{path}/lift")).json(&json!({"reason": "it leaked"}));
    assert_eq!(lift.token(&ann).of(&router).status, StatusCode::NO_CONTENT);
    assert_eq!(get(&path).token(&ann).of(&router).json(), Value::Null);
}
