//! The headers of every answer.

use crate::api::sqlite;
use crate::ask::{Answer, get, post, put, router};
use crate::reports;

fn assert_careful(answer: &Answer, shown: &str) {
    let policy = answer.header("content-security-policy");
    for directive in [
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(directive), "{shown}: {policy}");
    }
    assert_eq!(
        answer.header("x-content-type-options"),
        "nosniff",
        "{shown}"
    );
    let referrer = answer.header("referrer-policy");
    assert!(
        ["no-referrer", "strict-origin"].contains(&referrer),
        "{shown}: {referrer}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age="),
        "{shown}"
    );
    assert_ne!(answer.header("cache-control"), "", "{shown}");
    assert_eq!(
        answer.headers.get_all("cache-control").iter().count(),
        1,
        "{shown}"
    );
}

#[test]
fn every_answer_makes_browsers_careful() {
    let instance = sqlite();
    let router = router(&instance);
    let case = instance.receive(&reports::all()[0]);
    let cve = instance.draft(case, "CVE-2026-70001");
    let advisory = instance.publish(case, cve);
    let session = instance.session("ann");
    for route in web::routes() {
        for id in ["1", advisory.as_str(), "nothing", "%ff"] {
            let path = route
                .path
                .replace("{id}", id)
                .replace("{cve_id}", "CVE-2026-70001");
            let path = path.replace("{followup}", id).replace("{name}", id);
            let path = path.replace("{digest}", id);
            let ask = match route.method {
                "GET" => get(&path),
                "PUT" => put(&path),
                _ => post(&path),
            };
            let shown = format!("{} {path}", route.method);
            assert_careful(&ask.clone().of(&router), &shown);
            let answer = ask.browser(&session).of(&router);
            assert_careful(&answer, &shown);
            if route.audience != web::Audience::Public {
                assert_eq!(answer.header("cache-control"), "no-store", "{shown}");
            }
        }
    }
    for (shown, ask) in [
        ("a path nobody knows", get("/nothing/at/all")),
        ("a method nobody takes", put("/")),
        ("a desk path nobody knows", get("/desk/nothing")),
        ("an API path nobody knows", get("/desk/v1/nothing")),
        ("a broken query", get("/?page=x")),
    ] {
        let answer = ask.of(&router);
        assert_careful(&answer, shown);
        assert!(answer.status.is_client_error(), "{shown}");
        assert_eq!(answer.header("cache-control"), "no-store", "{shown}");
        let is_shown = answer.body.starts_with("<!doctype html>") || answer.body.starts_with('{');
        assert!(is_shown, "{shown}: {}", answer.body);
    }
}
