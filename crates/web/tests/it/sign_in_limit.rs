//! Attempts to sign in with what does not work: so many from an address, then
//! wait. Whoever holds something valid is never refused for it.

use axum::Router;
use axum::http::StatusCode;

use crate::api::sqlite;
use crate::ask::{Answer, Ask, get, post, router_behind};

/// As from `address`, which the proxy names.
fn from(address: &str, ask: Ask, router: &Router) -> Answer {
    ask.header("x-forwarded-for", address).of(router)
}

fn guess(number: usize) -> Ask {
    get("/desk/v1/me").token(&format!("guess-{number}"))
}

/// Tries until the limit, and says how often that was refused as not signed in.
fn attempts(address: &str, router: &Router, ask: impl Fn(usize) -> Ask) -> (usize, Answer) {
    for number in 0..100 {
        let answer = from(address, ask(number), router);
        if answer.status != StatusCode::UNAUTHORIZED {
            return (number, answer);
        }
    }
    panic!("a hundred attempts were answered with 401");
}

#[test]
fn tokens_that_do_not_exist_are_refused_with_429_after_a_while() {
    let instance = sqlite();
    let router = router_behind(&instance, &["127.0.0.1".parse().unwrap()]);
    let (before, busy) = attempts("192.0.2.1", &router, guess);
    assert_eq!(before, 20);
    assert_eq!(busy.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: i64 = busy.header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&seconds), "{seconds}");
    assert_eq!(busy.json()["error"], "too_many_attempts");
}

#[test]
fn a_valid_token_is_refused_for_nobodys_attempts() {
    let instance = sqlite();
    let router = router_behind(&instance, &["127.0.0.1".parse().unwrap()]);
    attempts("192.0.2.1", &router, guess);
    let token = instance.token("ann");
    for address in ["198.51.100.9", "192.0.2.1"] {
        let answer = from(address, get("/desk/v1/me").token(&token), &router);
        assert_eq!(answer.status, StatusCode::OK, "{address}");
    }
    // And what does not exist is still counted for each address by itself.
    let other = from("198.51.100.9", guess(0), &router);
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn sign_in_links_and_sessions_that_do_not_exist_count_together_with_tokens() {
    let instance = sqlite();
    let router = router_behind(&instance, &["127.0.0.1".parse().unwrap()]);
    let ask = |number: usize| match number % 3 {
        0 => post("/sign-in").form(&format!("link=guess-{number}")),
        1 => get("/desk").browser(&format!("guess-{number}")),
        _ => guess(number),
    };
    let (before, _) = attempts("192.0.2.1", &router, ask);
    assert_eq!(before, 20);
    let page = from("192.0.2.1", post("/sign-in").form("link=guess"), &router);
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(page.header("retry-after"), "");
    assert!(page.body.contains("Too many attempts"), "{}", page.body);
    // A link that works opens a session all the same.
    let link = instance.desk.invite(&instance.actor("ann"), "bob").unwrap();
    let form = format!("link={}", link.reveal());
    let opened = from("192.0.2.1", post("/sign-in").form(&form), &router);
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
}

#[test]
fn asking_without_anything_to_sign_in_with_is_no_attempt() {
    let instance = sqlite();
    let router = router_behind(&instance, &["127.0.0.1".parse().unwrap()]);
    for _ in 0..40 {
        let answer = from("192.0.2.1", get("/desk/v1/me"), &router);
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}
