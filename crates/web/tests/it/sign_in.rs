//! Signing in and out, and what a session is good for.

use axum::http::StatusCode;

use crate::api::sqlite;
use crate::ask::{get, post, router};
use crate::reports;

#[test]
fn a_link_is_used_up_by_the_click_and_not_by_looking_at_it() {
    let instance = sqlite();
    let router = router(&instance);
    let link = instance.desk.invite(&instance.actor("ann"), "bob").unwrap();
    let path = format!("/sign-in?link={}", link.reveal());
    for _ in 0..3 {
        let page = get(&path).of(&router);
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.header("set-cookie"), "");
        assert_eq!(page.header("referrer-policy"), "strict-origin");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let form = format!("link={}", link.reveal());
    let click = post("/sign-in")
        .form(&form)
        .header("sec-fetch-site", "same-origin");
    let opened = click.clone().of(&router);
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert_eq!(opened.header("location"), "/desk");
    let cookie = opened.header("set-cookie");
    let rest = "; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure";
    assert!(
        cookie.starts_with("cna_session=") && cookie.ends_with(rest),
        "{cookie}"
    );
    let session = cookie.split(['=', ';']).nth(1).unwrap();
    let desk = get("/desk").browser(session).of(&router);
    assert!(
        desk.body.contains("Signed in as <strong>bob</strong>"),
        "{}",
        desk.body
    );

    let again = click.of(&router);
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert_eq!(again.header("set-cookie"), "");
    assert!(
        again.body.contains("does not work (any more)"),
        "{}",
        again.body
    );

    let out = post("/sign-out").browser(session).form("").of(&router);
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(
        out.header("set-cookie")
            .starts_with("cna_session=; Path=/; Max-Age=0")
    );
    let desk = get("/desk").browser(session).of(&router);
    assert_eq!(desk.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_link_that_was_never_made_opens_nothing() {
    let instance = sqlite();
    let router = router(&instance);
    for form in ["", "link=", "link=guess"] {
        let refused = post("/sign-in").form(form).of(&router);
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{form}");
    }
    // A session is no link either: it cannot be turned into another one.
    let form = format!("link={}", instance.session("bob"));
    assert_eq!(
        post("/sign-in").form(&form).of(&router).status,
        StatusCode::UNAUTHORIZED
    );
}

#[test]
fn another_site_can_make_a_browser_change_nothing() {
    let instance = sqlite();
    let router = router(&instance);
    let case = instance.receive(&reports::all()[0]);
    let cookie = format!("cna_session={}", instance.session("ann"));
    let link = instance.desk.invite(&instance.actor("ann"), "bob").unwrap();
    let link = format!("link={}", link.reveal());
    let foreign: [&[(&'static str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example"), ("host", "desk.example")],
        &[("origin", "null"), ("host", "desk.example")],
    ];
    for headers in foreign {
        for (path, form) in [
            (format!("/desk/cases/{case}/take"), ""),
            (format!("/desk/cases/{case}/messages"), "body=x"),
            ("/sign-out".to_owned(), ""),
            ("/sign-in".to_owned(), link.as_str()),
            (format!("/desk/v1/cases/{case}/take"), ""),
        ] {
            let mut ask = post(&path).header("cookie", &cookie).form(form);
            for (name, value) in headers {
                ask = ask.header(name, *value);
            }
            let refused = ask.of(&router);
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    let case = instance.desk.case(&instance.actor("ann"), case).unwrap();
    assert_eq!(
        (case.summary.state.as_str(), case.messages.len()),
        ("RECEIVED", 1)
    );
    // The same with our own page's headers is done.
    let own = post(format!("/desk/cases/{}/take", case.summary.id)).form("");
    let own = own
        .header("cookie", &cookie)
        .header("origin", "https://desk.example");
    let own = own.header("host", "desk.example").of(&router);
    assert_eq!(own.status, StatusCode::SEE_OTHER);
}

#[test]
fn a_case_one_is_not_on_is_a_case_that_is_not_there() {
    let instance = sqlite();
    let router = router(&instance);
    let case = instance.receive(&reports::all()[0]);
    let session = instance.session("oli");
    let token = instance.token("oli");
    for (path, other) in [
        (format!("/desk/cases/{case}"), "/desk/cases/2"),
        (format!("/desk/v1/cases/{case}"), "/desk/v1/cases/2"),
    ] {
        let ask = |path: &str| match path.contains("v1") {
            true => get(path).token(&token),
            false => get(path).browser(&session),
        };
        let hidden = ask(&path).of(&router);
        let mut missing = ask(other).of(&router);
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        missing.body = missing.body.replace("ase 2 ", "ase 1 ");
        assert_eq!(hidden, missing);
    }
    for verb in ["take", "assign", "messages", "answers"] {
        let form = post(format!("/desk/cases/{case}/{verb}"));
        let form = form
            .browser(&session)
            .form("body=x&node=A1&value=report")
            .of(&router);
        assert!(
            matches!(form.status, StatusCode::NOT_FOUND),
            "{verb}: {} {}",
            form.status,
            form.body
        );
    }
    let list = get("/desk").browser(&session).of(&router);
    assert!(!list.body.contains("symbolic"), "{}", list.body);
}
