//! The API: every route's success and its refusals.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::ask::{Ask, answer, get, post, put, router};
use crate::instance::{ANSWERS, Instance};
use crate::reports;

const PORTAL: &str = "https://desk.example";

fn report() -> String {
    reports::all().remove(0)
}

#[test]
fn a_report_goes_all_the_way_to_a_plan_through_the_api() {
    for kept in store::testing::engines("a_report_goes_all_the_way_to_a_plan_through_the_api") {
        let engine = kept.engine;
        let instance = Instance::new(kept, PORTAL);
        let router = router(&instance);
        let [ann, bob, pia] = ["ann", "bob", "pia"].map(|name| instance.token(name));
        instance.pool("CVE-2026-70001");
        let filed = post("/desk/v1/cases").body("text/markdown; charset=utf-8", report());
        let filed = filed.token(&ann).of(&router);
        assert_eq!(
            filed.status,
            StatusCode::CREATED,
            "{engine}: {}",
            filed.body
        );
        let case = filed.header("location").to_owned();
        assert_eq!(
            (case.as_str(), &filed.json()),
            (
                "/desk/v1/cases/1",
                &json!({
                    "id": 1,
                    "reference": "R-2026-000001",
                    "duplicates": [],
                    "other_verdicts": [],
                    "cve_list": {"standing": "missing"},
                })
            )
        );
        let taken = post(format!("{case}/take")).token(&ann).of(&router);
        assert_eq!(taken.json(), json!({"state": "TRIAGE"}), "{engine}");
        let mut determination = Value::Null;
        for (node, value, reason) in ANSWERS {
            let given = json!({"node": node, "value": value, "reason": reason});
            let given = post(format!("{case}/answers")).json(&given).token(&ann);
            determination = given.of(&router).json();
        }
        assert_eq!(determination["outcome"], "assign", "{engine}");
        let assigned = post(format!("{case}/assign")).json(&json!({"year": "2026"}));
        let assigned = assigned.token(&ann).of(&router).json();
        let expected = json!({
            "assignment": "assigned",
            "cve_id": "CVE-2026-70001",
            "cve_ids": ["CVE-2026-70001"],
        });
        assert_eq!(assigned, expected, "{engine}");
        let record = "/desk/v1/records/CVE-2026-70001";
        let drafted = post(format!("{record}/drafts")).json(&json!({"from": "report"}));
        let drafted = drafted.token(&ann).of(&router);
        assert_eq!(
            drafted.status,
            StatusCode::CREATED,
            "{engine}: {}",
            drafted.body
        );
        let digest = drafted.json()["digest"].clone();
        let back = json!({"digest": digest, "comment": "say which user"});
        let back = post(format!("{record}/return"))
            .json(&back)
            .token(&bob)
            .of(&router);
        assert_eq!(back.json(), json!({"state": "ASSIGNED"}), "{engine}");
        let approve = json!({"digest": digest});
        let approved = post(format!("{record}/approve")).json(&approve);
        let approved = approved.token(&bob).of(&router);
        assert_eq!(approved.json()["state"], "READY", "{engine}");
        assert_eq!(
            approved.json()["votes"]["words"],
            "approved by bob",
            "{engine}"
        );
        let tick = json!({"item": "PC-08", "note": "told by mail"});
        let ticked = post(format!("{record}/checklist")).json(&tick);
        let ticked = ticked.token(&ann).of(&router);
        assert_eq!(ticked.status, StatusCode::NO_CONTENT, "{engine}");
        let plan = post(format!("{record}/publish"))
            .token(&pia)
            .of(&router)
            .json();
        assert_eq!(
            plan["advisory_url"],
            format!("{PORTAL}/advisories/EXAMPLE-2026-001")
        );
        let view = get(&case).token(&bob).of(&router).json();
        assert_eq!(view["state"], "DISCLOSED", "{engine}");
        assert_eq!(view["embargoed"], false, "{engine}");
        let ledger = get("/desk/v1/ledger").token(&ann).of(&router).json();
        assert_eq!(ledger["ledger"][0]["cve_id"], "CVE-2026-70001", "{engine}");
        let list = get("/desk/v1/cases?offset=0&limit=1")
            .token(&ann)
            .of(&router)
            .json();
        assert_eq!(list["cases"][0]["state"], "DISCLOSED", "{engine}");
    }
}

#[test]
fn the_desk_is_set_up_through_the_api() {
    let instance = sqlite();
    let router = router(&instance);
    let (ann, bob) = (instance.token("ann"), instance.token("bob"));
    let ask = |ask: Ask| ask.token(&ann).of(&router);

    let me = ask(get("/desk/v1/me")).json();
    assert_eq!(me["name"], "ann");
    let person = json!({"name": "eve", "full_name": "Eve", "roles": ["auditor"]});
    let added = ask(post("/desk/v1/people").json(&person));
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    let people = ask(get("/desk/v1/people")).json();
    assert_eq!(people["people"].as_array().unwrap().len(), 5);
    let url = ask(post("/desk/v1/people/eve/invitation")).json();
    let url = url["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{PORTAL}/sign-in?link=")), "{url}");
    let token = ask(post("/desk/v1/tokens").json(&json!({"label": "script"})));
    let token = token.json()["token"].as_str().unwrap().to_owned();
    let me = get("/desk/v1/me").token(&token).of(&router);
    assert_eq!(me.json()["name"], "ann");

    let organisation = json!({"short_name": "other", "name": "Other", "account": "practice"});
    ask(put("/desk/v1/organisation").json(&organisation));
    assert_eq!(ask(get("/desk/v1/organisation")).json(), organisation);
    let product = json!({"name": "tool", "vendor": "Example", "product": "Tool",
        "repository": "", "version_type": "semver"});
    assert_eq!(ask(put("/desk/v1/products").json(&product)).json(), product);
    let products = ask(get("/desk/v1/products")).json();
    assert_eq!(products["products"].as_array().unwrap().len(), 2);
    let account = json!({"name": "test", "environment": "test", "username": "ann@example.org",
        "base_url": "https://cve.example/api", "org": "example", "key": "SECRETKEY"});
    let added = ask(post("/desk/v1/accounts").json(&account));
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    let accounts = ask(get("/desk/v1/accounts"));
    assert_eq!(accounts.json()["accounts"].as_array().unwrap().len(), 2);
    assert!(!accounts.body.contains("SECRETKEY"), "{}", accounts.body);

    let refused = put("/desk/v1/products")
        .json(&product)
        .token(&bob)
        .of(&router);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["error"], "not_allowed");
}

#[test]
fn every_refusal_has_its_status_and_code() {
    let instance = sqlite();
    let router = router(&instance);
    let report = report();
    let case = instance.receive(&report);
    let cve = instance.draft(case, "CVE-2026-70001");
    let fresh = instance.receive(&report);
    let digest = "0".repeat(64);
    let unknown = report.replace("product: node-agent", "product: other");
    let approve = json!({"digest": digest});
    let newest = instance.desk.case(&instance.actor("ann"), case).unwrap();
    let newest = newest.records[0].draft.as_ref().unwrap().digest;
    let own = json!({"digest": newest});
    let record = format!("/desk/v1/records/{cve}");
    let case = format!("/desk/v1/cases/{case}");
    let fresh = format!("/desk/v1/cases/{fresh}");
    let markdown = |body: &str| post("/desk/v1/cases").body("text/markdown", body);
    let answers = |body: Value| post(format!("{case}/answers")).json(&body);
    let drafts = |body: Value| post(format!("{record}/drafts")).json(&body);
    let large = vec![b'x'; 1024 * 1024 + 1];
    let table: Vec<(&str, Ask, u16, &str)> = vec![
        ("ann", get("/desk/v1/nothing"), 404, "not_found"),
        ("ann", get("/desk/v1"), 404, "not_found"),
        ("ann", put("/desk/v1/cases"), 405, "method_not_allowed"),
        ("ann", get("/desk/v1/cases/%ff"), 400, "invalid_request"),
        ("ann", get("/desk/v1/cases?limit=x"), 400, "invalid_request"),
        ("ann", get("/desk/v1/cases?limit=501"), 422, "invalid"),
        ("ann", markdown("no front matter"), 422, "invalid_report"),
        ("ann", markdown(&unknown), 422, "unknown_product"),
        ("oli", markdown(&report), 403, "not_allowed"),
        (
            "ann",
            post("/desk/v1/cases").json(&json!({"report": report})),
            201,
            "",
        ),
        (
            "ann",
            post("/desk/v1/cases").json(&json!({"text": report})),
            422,
            "invalid_body",
        ),
        (
            "ann",
            post("/desk/v1/cases").body("text/plain", report.clone()),
            415,
            "wrong_content_type",
        ),
        (
            "ann",
            post("/desk/v1/cases").body("text/markdown", large.clone()),
            413,
            "too_large",
        ),
        (
            "ann",
            post("/desk/v1/cases").body("text/markdown", vec![0xff]),
            422,
            "invalid_body",
        ),
        (
            "ann",
            post("/desk/v1/people").body("application/json", large),
            413,
            "too_large",
        ),
        ("ann", get("/desk/v1/cases/999"), 404, "not_found"),
        ("ann", get("/desk/v1/cases/nonsense"), 404, "not_found"),
        ("oli", get(&case), 404, "not_found"),
        ("ann", post(format!("{case}/take")), 409, "wrong_state"),
        (
            "ann",
            answers(json!({"node": "Z9", "value": "yes"})),
            422,
            "invalid_answer",
        ),
        ("ann", answers(json!({"node": "A1"})), 422, "invalid_body"),
        (
            "ann",
            answers(json!({"node": "A1", "value": "report"})),
            409,
            "wrong_state",
        ),
        ("ann", post(format!("{fresh}/assign")), 409, "wrong_state"),
        (
            "ann",
            post(format!("{fresh}/assign")).json(&json!({"year": "soon"})),
            422,
            "invalid_body",
        ),
        (
            "ann",
            post(format!("{case}/messages")).json(&json!({"body": " "})),
            422,
            "invalid",
        ),
        (
            "ann",
            post(format!("{case}/followups/none/retry")),
            404,
            "not_found",
        ),
        ("ann", drafts(json!({"from": "memory"})), 422, "invalid"),
        ("ann", drafts(json!({})), 422, "invalid"),
        ("ann", drafts(json!({"document": {}})), 422, "invalid"),
        (
            "ann",
            post("/desk/v1/records/CVE-2026-99999/drafts").json(&json!({"from": "report"})),
            404,
            "not_found",
        ),
        (
            "ann",
            post("/desk/v1/records/nonsense/publish"),
            404,
            "not_found",
        ),
        (
            "ann",
            post(format!("{record}/approve")).json(&own),
            403,
            "own_draft",
        ),
        (
            "bob",
            post(format!("{record}/approve")).json(&approve),
            409,
            "stale",
        ),
        (
            "bob",
            post(format!("{record}/approve")).json(&json!({"digest": "short"})),
            422,
            "invalid",
        ),
        (
            "bob",
            post(format!("{record}/return")).json(&own),
            422,
            "invalid",
        ),
        ("pia", post(format!("{record}/publish")), 409, "wrong_state"),
        ("bob", post(format!("{record}/publish")), 403, "not_allowed"),
        (
            "ann",
            post("/desk/v1/people").json(&json!({"name": "a b", "roles": []})),
            422,
            "invalid",
        ),
        (
            "ann",
            post("/desk/v1/people").json(&json!({"name": "zoe", "roles": ["king"]})),
            422,
            "invalid",
        ),
        (
            "ann",
            post("/desk/v1/people/nobody/invitation"),
            404,
            "not_found",
        ),
        (
            "ann",
            post("/desk/v1/tokens").json(&json!({"label": " "})),
            422,
            "invalid",
        ),
        ("bob", get("/desk/v1/accounts"), 200, ""),
        (
            "bob",
            put("/desk/v1/organisation").json(&json!({"short_name": "x"})),
            422,
            "invalid_body",
        ),
    ];
    for (name, ask, status, code) in table {
        let shown = format!("{name}: {ask:.120?}");
        let answer = ask.token(&instance.token(name)).of(&router);
        assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.body);
        if !code.is_empty() {
            assert_eq!(answer.json()["error"], code, "{shown}");
            assert!(
                !answer.json()["message"].as_str().unwrap().is_empty(),
                "{shown}"
            );
        }
    }
}

#[test]
fn findings_are_listed_with_the_refusal_they_cause() {
    let instance = sqlite();
    let router = router(&instance);
    let case = instance.receive(&report());
    let cve = instance.draft(case, "CVE-2026-70001");
    let view = instance.desk.case(&instance.actor("ann"), case).unwrap();
    let mut document = view.records[0].draft.as_ref().unwrap().document.clone();
    document["cna"]["references"] = json!([{"url": "https://elsewhere.example/"}]);
    let record = format!("/desk/v1/records/{cve}");
    let saved = post(format!("{record}/drafts")).json(&json!({"document": document}));
    let saved = saved.token(&instance.token("ann")).of(&router).json();
    let approve = post(format!("{record}/approve")).json(&json!({"digest": saved["digest"]}));
    let refused = approve.token(&instance.token("bob")).of(&router);
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.json()["error"], "findings");
    assert_eq!(refused.json()["findings"][0]["code"], "PC-04");
}

#[test]
fn every_route_of_the_api_asks_who_is_there() {
    let instance = sqlite();
    for route in web::routes() {
        if route.audience != web::Audience::Api {
            continue;
        }
        // One that has counted no attempt yet: after twenty it says to wait.
        let router = router(&instance);
        let path = route
            .path
            .replace("{id}", "1")
            .replace("{cve_id}", "CVE-2026-70001");
        let path = path.replace("{followup}", "x").replace("{name}", "ann");
        for secret in ["", "wrong"] {
            let ask = match route.method {
                "GET" => get(&path),
                "PUT" => put(&path),
                _ => post(&path),
            };
            let ask = if secret.is_empty() {
                ask
            } else {
                ask.token(secret)
            };
            let answer = ask.of(&router);
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{} {path}",
                route.method
            );
            assert_eq!(answer.json()["error"], "not_signed_in", "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"desk\"");
        }
    }
}

#[test]
fn a_sign_in_link_is_no_token() {
    let instance = sqlite();
    let router = router(&instance);
    let link = instance.desk.invite(&instance.actor("ann"), "bob").unwrap();
    let answer = get("/desk/v1/me").token(link.reveal()).of(&router);
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn the_executable_is_believed_and_a_header_that_claims_so_is_not() {
    let instance = sqlite();
    let router = router(&instance);
    let mut request = axum::http::Request::get("/desk/v1/me")
        .body(axum::body::Body::empty())
        .unwrap();
    request.extensions_mut().insert(instance.actor("oli"));
    assert_eq!(answer(&router, request).json()["name"], "oli");
    let claim = get("/desk/v1/me")
        .header("actor", "oli")
        .header("x-actor", "oli");
    assert_eq!(claim.of(&router).status, StatusCode::UNAUTHORIZED);
}

#[test]
fn the_table_lists_every_route_once() {
    let table = web::api_table();
    let mut seen = std::collections::HashSet::new();
    for route in web::routes() {
        let name = format!("`{} {}`", route.method, route.path);
        assert!(seen.insert(name.clone()), "{name} twice");
        let in_table = table.contains(&format!("| {name} |"));
        assert_eq!(in_table, route.audience == web::Audience::Api, "{name}");
    }
}

pub(crate) fn sqlite() -> Instance {
    Instance::new(store::testing::sqlite(), PORTAL)
}
