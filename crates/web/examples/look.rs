//! Serves a desk with cases in every state, to look at its pages.
//!
//! Prints the addresses, one for each person, and serves until it is ended.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "an example stops at the first surprise"
)]

#[allow(dead_code, reason = "shared with the tests, which use the rest")]
#[path = "../tests/it/instance.rs"]
mod instance;
#[allow(dead_code, reason = "shared with the tests, which use the rest")]
#[path = "../tests/it/reports.rs"]
mod reports;

use instance::{ANSWERS, Instance};

fn main() {
    let portal = "http://127.0.0.1:8642";
    let instance = Instance::new(store::testing::sqlite(), portal);
    fill(&instance);
    let link = instance.desk.invite(&instance.actor("ann"), "ann").unwrap();
    println!("sign in as ann: {portal}/sign-in?link={}", link.reveal());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // A port for each person, who is signed in there already.
        for (port, name) in [(8643, "ann"), (8644, "bob"), (8645, "pia"), (8646, "oli")] {
            println!("as {name}: http://127.0.0.1:{port}/desk");
            let actor = axum::Extension(instance.actor(name));
            tokio::spawn(serve(port, router(&instance).layer(actor)));
        }
        println!("portal: {portal}/");
        serve(8642, router(&instance)).await;
    });
}

fn router(instance: &Instance) -> axum::Router {
    let settings = web::Settings {
        product: "Example Software".into(),
        environment: "practice".into(),
        secure_cookies: false,
        proxies: Vec::new(),
        security_contact: None,
    };
    web::router(instance.desk.clone(), settings)
}

async fn serve(port: u16, router: axum::Router) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .unwrap();
    http::serve(listener, router, web::LIMITS, std::future::pending()).await;
}

fn fill(instance: &Instance) {
    let reports = reports::all();
    let published = instance.receive(&reports[0]);
    let cve = instance.draft(published, "CVE-2026-70001");
    let advisory = instance.publish(published, cve);
    instance.confirm(published, cve, &advisory);
    let disclosed = instance.receive(&reports[1]);
    let cve = instance.draft(disclosed, "CVE-2026-70002");
    instance.publish(disclosed, cve);
    let ready = instance.receive(&reports[2]);
    let cve = instance.draft(ready, "CVE-2026-70003");
    instance.approve(ready, cve);
    let review = instance.receive(&reports[3]);
    instance.draft(review, "CVE-2026-70004");
    let reserving = instance.receive(&reports[4]);
    instance.decide(reserving, ANSWERS.len());
    let ann = instance.actor("ann");
    instance.desk.assign(&ann, reserving, None).unwrap();
    let triage = instance.receive(&reports[5]);
    instance.decide(triage, 6);
    let words =
        "The second request changes the path after the check, so **both** fixes are needed.";
    instance.desk.comment(&ann, triage, words).unwrap();
    instance.receive(&reports[6]);
}
