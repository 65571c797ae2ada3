//! The portal: what the public reads.

use axum::http::StatusCode;

use crate::api::sqlite;
use crate::ask::{RUNTIME, get, post, router};
use crate::instance::Instance;
use crate::reports;

fn published() -> (Instance, String) {
    let instance = sqlite();
    let case = instance.receive(&reports::all()[0]);
    let cve = instance.draft(case, "CVE-2026-70001");
    let advisory = instance.publish(case, cve);
    instance.confirm(case, cve, &advisory);
    (instance, advisory)
}

#[test]
fn an_advisory_is_found_by_list_feed_and_cve_id() {
    let (instance, id) = published();
    let router = router(&instance);
    let path = format!("/advisories/{id}");
    let list = get("/").of(&router);
    for expected in [path.as_str(), "CVE-2026-70001", "High", "symbolic links"] {
        assert!(list.body.contains(expected), "{expected}: {}", list.body);
    }
    let feed = get("/feed.json").of(&router);
    assert_eq!(feed.header("content-type"), "application/feed+json");
    assert_eq!(feed.json()["items"][0]["id"], id.as_str());
    let by_id = get("/cve/CVE-2026-70001").of(&router);
    assert_eq!(
        (by_id.status, by_id.header("location")),
        (StatusCode::FOUND, path.as_str())
    );
    let page = get(&path).of(&router);
    for expected in [
        "What to do first",
        "<strong>1.4.3</strong>",
        "from 1.2.0 before 1.4.3",
        "Alex Rivera (Harbour Labs)",
        "https://cwe.mitre.org/data/definitions/61.html",
        "7.1 by CVSS v3.1",
        "Attack Vector",
        "UTC</time>",
        "rel=\"alternate\" type=\"application/json\"",
    ] {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    // The confidential parts of the report are not on it.
    for secret in ["alex@reporter.example", "my page", "within seconds"] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    let record = get(format!("{path}/cve.json")).of(&router);
    assert_eq!(record.header("content-type"), "application/json");
    assert_eq!(record.json()["cveMetadata"]["cveId"], "CVE-2026-70001");
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let (instance, id) = published();
    let router = router(&instance);
    for path in [
        "/".to_owned(),
        format!("/advisories/{id}"),
        format!("/advisories/{id}/cve.json"),
        "/feed.json".to_owned(),
        "/.well-known/security.txt".to_owned(),
    ] {
        let first = get(&path).of(&router);
        assert_eq!(first.status, StatusCode::OK, "{path}");
        assert_eq!(
            first.header("cache-control"),
            "public, max-age=60",
            "{path}"
        );
        let etag = first.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() == 34, "{path}: {etag}");
        for given in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"x\", {etag}"),
            "*".into(),
        ] {
            let again = get(&path).header("if-none-match", &given).of(&router);
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path} {given}");
            assert_eq!(
                (again.body.as_str(), again.header("etag")),
                ("", etag.as_str())
            );
        }
        let other = get(&path).header("if-none-match", "\"other\"").of(&router);
        assert_eq!(other.status, StatusCode::OK, "{path}");
    }
}

#[test]
fn the_style_sheet_is_kept_for_a_year_under_an_address_of_its_content() {
    let instance = sqlite();
    let router = router(&instance);
    let page = get("/").of(&router).body;
    let start = page.find("/static/").unwrap();
    let path = &page[start..start + page[start..].find('"').unwrap()];
    let style = get(path).of(&router);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("immutable"));
    let again = get(path)
        .header("if-none-match", style.header("etag"))
        .of(&router);
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let other = get("/static/0000000000000000/cna.css").of(&router);
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[test]
fn an_empty_portal_says_so() {
    let instance = sqlite();
    let router = router(&instance);
    let list = get("/").of(&router);
    assert!(list.body.contains("No advisory yet"), "{}", list.body);
    assert_eq!(get("/health").of(&router).status, StatusCode::NO_CONTENT);
    let text = get("/.well-known/security.txt").of(&router).body;
    assert!(
        text.starts_with("Contact: mailto:security@example.org\nExpires: 2027-"),
        "{text}"
    );
}

#[test]
fn hostile_text_is_shown_and_never_run() {
    let instance = sqlite();
    let router = router(&instance);
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let text = reports::report(hostile, "high", "CWE-79", "");
    let text = text.replace("Update to **1.4.3**", "<script>alert(3)</script>[x](javascript:alert(4)) ![t](https://track.example/i.gif) Update to **1.4.3**");
    let case = instance.receive(&text);
    let cve = instance.draft(case, "CVE-2026-70001");
    let fields = ["cvss", "weakness", "severity", "credit"];
    instance.redraft(case, cve, &fields, "CWE-79\"><b>");
    let session = instance.session("bob");
    let mut pages = vec![
        get("/desk").browser(&session).of(&router).body,
        get(format!("/desk/cases/{case}"))
            .browser(&session)
            .of(&router)
            .body,
    ];
    let refused = post(format!("/desk/cases/{case}/take"))
        .browser(&session)
        .form("");
    pages.push(refused.of(&router).body);
    let advisory = instance.publish(case, cve);
    pages.push(get("/").of(&router).body);
    pages.push(get(format!("/advisories/{advisory}")).of(&router).body);
    for page in pages {
        assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
        for forbidden in [
            "<script",
            "<img",
            "href=\"javascript",
            "track.example/i.gif\"",
            "\"><b>",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}: {page}");
        }
    }
}

#[test]
fn the_portal_answers_over_a_real_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (instance, id) = published();
    let router = router(&instance);
    let answer = RUNTIME.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = http::serve(listener, router, web::LIMITS, std::future::pending());
        let server = tokio::spawn(server);
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET /advisories/{id} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        server.abort();
        answer
    });
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains("content-security-policy: default-src 'self'"),
        "{answer}"
    );
    assert!(answer.contains("What to do first"), "{answer}");
}

#[test]
fn advisories_are_listed_by_product_and_by_year_at_addresses_that_stay() {
    let (instance, id) = published();
    let router = router(&instance);
    let first = get("/").of(&router);
    assert!(
        first.body.contains("href=\"/products/example-node-agent\""),
        "{}",
        first.body
    );
    let year = store::testing::world().now().year().to_string();
    for path in [
        "/products/example-node-agent".to_owned(),
        format!("/years/{year}"),
    ] {
        let list = get(&path).of(&router);
        assert_eq!(list.status, StatusCode::OK, "{path}");
        assert!(list.body.contains(&format!("/advisories/{id}")), "{path}");
    }
    for path in ["/products/nothing", "/years/1999", "/years/x"] {
        assert_eq!(
            get(path).of(&router).status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[test]
fn security_txt_says_what_the_organisation_set() {
    let instance = sqlite();
    let text = casework::SecurityTxt {
        contact: vec!["mailto:security@example.org".into()],
        expires: "2099-06-01T00:00:00.000Z".parse().unwrap(),
        policy: "https://example.org/policy".into(),
        preferred_languages: String::new(),
    };
    instance
        .desk
        .set_security_txt(&instance.actor("ann"), &text)
        .unwrap();
    let shown = get("/.well-known/security.txt").of(&router(&instance));
    assert!(
        shown.body.starts_with(
            "Contact: mailto:security@example.org\nExpires: 2099-06-01T00:00:00.000Z\n\
             Policy: https://example.org/policy\nCanonical: "
        ),
        "{}",
        shown.body
    );
}
