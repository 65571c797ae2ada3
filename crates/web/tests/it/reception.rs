//! The form for reports, the page of its link, and attachments over HTTP.

use axum::Router;
use axum::http::StatusCode;

use crate::api::sqlite;
use crate::ask::{Answer, Ask, get, post, router, router_behind};
use crate::instance::Instance;

const BOUNDARY: &str = "----boundary";

/// A form as browsers send it with files.
fn multipart(path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Ask {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    post(path)
        .header("sec-fetch-site", "same-origin")
        .body(&media_type, body)
}

const FIELDS: [(&str, &str); 6] = [
    ("title", "Agent <b>reads</b> any file"),
    ("product", "node-agent"),
    ("what", "A pod reads files."),
    ("confidential", "quokkasecret"),
    ("contact", "alex@reporter.example"),
    ("website", ""),
];

/// Files a report through the form; gives the path of its link.
fn filed(router: &Router) -> (Answer, String) {
    let page = b"<script>alert(1)</script>";
    let answer = multipart("/report", &FIELDS, &[("a.html", page), ("", b"")]).of(router);
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let start = answer.body.find("/status/").unwrap();
    let path = answer.body[start..start + "/status/".len() + 64].to_owned();
    (answer, path)
}

fn waiting(instance: &Instance) -> usize {
    let ann = instance.actor("ann");
    instance.desk.cases(&ann, 0, 100).unwrap().len()
}

#[test]
fn a_report_by_form_is_answered_with_its_reference_and_a_link_that_works() {
    let instance = sqlite();
    let router = router(&instance);
    let (answer, path) = filed(&router);
    assert!(answer.body.contains("R-2026-000001"), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let status = get(&path).of(&router);
    assert_eq!(status.status, StatusCode::OK);
    assert!(
        status.body.contains("Your report R-2026-000001"),
        "{}",
        status.body
    );
    assert_eq!(status.header("referrer-policy"), "no-referrer");
    assert_eq!(status.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(status.header("cache-control"), "no-store");
    for secret in ["quokkasecret", "alex@reporter.example", "ann"] {
        assert!(!status.body.contains(secret), "{secret}: {}", status.body);
    }
}

#[test]
fn an_unknown_and_a_revoked_link_get_the_same_page() {
    let instance = sqlite();
    let router = router(&instance);
    let (_, path) = filed(&router);
    let ann = instance.actor("ann");
    let case = instance.desk.cases(&ann, 0, 1).unwrap()[0].id;
    instance.desk.renew_link(&ann, case, true).unwrap();
    let wrong = format!("/status/{}", "0".repeat(64));
    let (revoked, unknown) = (get(&path).of(&router), get(&wrong).of(&router));
    assert_eq!(revoked.status, StatusCode::NOT_FOUND);
    assert_eq!(revoked, unknown);
    let answer = |path: &str| {
        let form = post(path).header("sec-fetch-site", "same-origin");
        form.form("what=answer&answer=hello").of(&router)
    };
    assert_eq!(answer(&path), answer(&wrong));
    assert_eq!(answer(&path).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_form_with_a_mistake_keeps_what_was_typed_and_files_nothing() {
    let instance = sqlite();
    let router = router(&instance);
    let mut fields = FIELDS;
    fields[1].1 = " ";
    let answer = multipart("/report", &fields, &[]).of(&router);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for expected in [
        "This was not sent",
        "Say which product it is in.",
        "value=\"Agent &#60;b&#62;reads&#60;/b&#62; any file\"",
        "A pod reads files.</textarea>",
        "quokkasecret</textarea>",
        "aria-invalid=\"true\"",
    ] {
        assert!(
            answer.body.contains(expected),
            "{expected}: {}",
            answer.body
        );
    }
    let robot = multipart("/report", &[FIELDS[0], ("website", "x")], &[]).of(&router);
    assert_eq!(robot.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(waiting(&instance), 0);
}

#[test]
fn a_form_of_another_site_is_refused() {
    let instance = sqlite();
    let router = router(&instance);
    let form = "title=a&product=b&what=c";
    for site in ["cross-site", "same-site"] {
        let answer = post("/report").header("sec-fetch-site", site).form(form);
        assert_eq!(answer.of(&router).status, StatusCode::FORBIDDEN, "{site}");
    }
    assert_eq!(waiting(&instance), 0);
    let own = post("/report")
        .header("sec-fetch-site", "same-origin")
        .form(form);
    assert_eq!(own.of(&router).status, StatusCode::CREATED);
}

#[test]
fn a_form_that_cannot_be_read_ends_in_a_page() {
    let instance = sqlite();
    let router = router(&instance);
    for (media_type, body) in [
        ("multipart/form-data; boundary=x", &b"--x\r\nnothing"[..]),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n\xff\xfe\r\n--x--\r\n",
        ),
        ("application/json", b"{}"),
    ] {
        let answer = post("/report").body(media_type, body).of(&router);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{media_type}");
        assert!(answer.body.contains("<h1>"), "{}", answer.body);
    }
}

#[test]
fn too_many_from_one_address_are_told_when_to_come_back() {
    let instance = sqlite();
    let router = router(&instance);
    for _ in 0..20 {
        let answer = multipart("/report", &[], &[]).of(&router);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = multipart("/report", &FIELDS, &[]).of(&router);
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "3600");
    assert!(
        answer.body.contains("try again in 60 minutes"),
        "{}",
        answer.body
    );
    assert_eq!(waiting(&instance), 0);
}

#[test]
fn a_reporter_answers_adds_a_file_and_is_credited_on_the_page_of_the_link() {
    let instance = sqlite();
    let router = router(&instance);
    let (_, path) = filed(&router);
    let ann = instance.actor("ann");
    let case = instance.desk.cases(&ann, 0, 1).unwrap()[0].id;
    instance
        .desk
        .ask_reporter(&ann, case, "Which <i>version</i>?")
        .unwrap();
    let page = get(&path).of(&router).body;
    assert!(
        page.contains("Which &#60;i&#62;version&#60;/i&#62;?"),
        "{page}"
    );
    assert!(page.contains("Waiting for you"), "{page}");
    let own = || post(&path).header("sec-fetch-site", "same-origin");
    for (form, done) in [
        ("what=answer&answer=1.2.3", "answer"),
        ("what=credit&consents=yes&credit=Alex", "credit"),
    ] {
        let answer = own().form(form).of(&router);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.header("location"), format!("{path}?done={done}"));
    }
    let file = multipart(&path, &[("what", "file")], &[("b.txt", b"more")]).of(&router);
    assert_eq!(file.status, StatusCode::SEE_OTHER, "{}", file.body);
    let refused = own().form("what=answer&answer=").of(&router);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let foreign = post(&path).header("sec-fetch-site", "cross-site");
    let foreign = foreign.form("what=answer&answer=x").of(&router);
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let view = instance.desk.case(&ann, case).unwrap();
    assert_eq!(view.report.reporter.credit, "Alex");
    assert!(view.messages.iter().any(|message| message.body == "1.2.3"));
}

#[test]
fn an_attachment_is_handed_out_as_bytes_and_never_shown() {
    let instance = sqlite();
    let router = router(&instance);
    filed(&router);
    let token = instance.token("ann");
    let list = get("/desk/v1/cases/1/attachments")
        .token(&token)
        .of(&router);
    assert_eq!(list.json()["attachments"][0]["name"], "a.html");
    assert_eq!(list.json()["attachments"].as_array().unwrap().len(), 1);
    let file = get("/desk/v1/cases/1/attachments/1")
        .token(&token)
        .of(&router);
    assert_eq!(file.body, "<script>alert(1)</script>");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename*=UTF-8''a.html"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(file.header(name), value, "{name}");
    }
    let put = post("/desk/v1/cases/1/attachments?name=x.txt").token(&token);
    let kept = put.body("text/plain", "proof").of(&router);
    assert_eq!(kept.status, StatusCode::CREATED);
    assert_eq!(kept.json()["number"], 2);
    let oli = instance.token("oli");
    for path in ["attachments", "attachments/1", "intake"] {
        let hidden = get(format!("/desk/v1/cases/1/{path}"))
            .token(&oli)
            .of(&router);
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{path}");
    }
    let missing = get("/desk/v1/cases/1/attachments/9")
        .token(&token)
        .of(&router);
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[test]
fn a_filed_report_is_answered_with_its_candidates() {
    let instance = sqlite();
    let router = router(&instance);
    let token = instance.token("ann");
    let report = crate::reports::all()[0].clone();
    let file = || {
        let ask = post("/desk/v1/cases").token(&token);
        ask.body("text/markdown", report.clone()).of(&router).json()
    };
    assert_eq!(file()["duplicates"].as_array().unwrap().len(), 0);
    let second = file();
    assert_eq!(second["reference"], "R-2026-000002");
    assert_eq!(second["duplicates"][0]["candidate"], "case 1");
}

/// The status of one more form that came through `proxy` from `client`.
fn one_more(router: &Router, client: &str) -> StatusCode {
    let form = multipart("/report", &[], &[]);
    form.header("x-forwarded-for", client).of(router).status
}

#[test]
fn behind_a_named_proxy_each_client_has_a_limit_of_its_own() {
    let instance = sqlite();
    // Inside this process, requests come from loopback.
    let router = router_behind(&instance, &["127.0.0.1".parse().unwrap()]);
    for _ in 0..20 {
        let status = one_more(&router, "203.0.113.7, 198.51.100.1");
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // What the client wrote left of the proxy's word changes nothing.
    let forged = one_more(&router, "203.0.113.8, 198.51.100.1");
    assert_eq!(forged, StatusCode::TOO_MANY_REQUESTS);
    let other = one_more(&router, "198.51.100.2");
    assert_eq!(other, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn without_a_named_proxy_the_header_is_ignored() {
    let instance = sqlite();
    let router = router(&instance);
    for number in 0..20 {
        let status = one_more(&router, &format!("198.51.100.{number}"));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let status = one_more(&router, "198.51.100.99");
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

const MAIL: &str = "From: Alex <alex@reporter.example>\r\nMessage-ID: <one@x>\r\nSubject: Agent \
                    <b>reads</b>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nIt \
                    reads.\r\n--b\r\nContent-Disposition: attachment; filename=\"p.html\"\r\n\r\n\
                    <script>1</script>\r\n--b--\r\n";

#[test]
fn a_mail_is_handed_in_once_and_its_file_is_on_the_page_of_the_case() {
    let instance = sqlite();
    let router = router(&instance);
    let token = instance.token("ann");
    let hand_in = |path: &str| {
        post(path)
            .token(&token)
            .body("message/rfc822", MAIL)
            .of(&router)
    };
    let foreseen = hand_in("/desk/v1/mails?dry_run=true");
    assert_eq!((foreseen.status, waiting(&instance)), (StatusCode::OK, 0));
    let taken = hand_in("/desk/v1/mails");
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
    let again = hand_in("/desk/v1/mails");
    assert_eq!((again.status, waiting(&instance)), (StatusCode::OK, 1));
    assert!(again.body.contains("\"fate\":\"known\""), "{}", again.body);

    let session = instance.session("ann");
    let page = get("/desk/cases/1").browser(&session).of(&router);
    let digest = cve::hash::Digest::of(b"<script>1</script>").to_string();
    for expected in [
        "<a href=\"/desk/v1/cases/1/attachments/1\" download>p.html</a>",
        digest.as_str(),
        "R-2026-000001",
        "none works",
    ] {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    assert!(!page.body.contains("<script>1"), "{}", page.body);
    let file = get("/desk/v1/cases/1/attachments/1")
        .browser(&session)
        .of(&router);
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename*=UTF-8''p.html"
    );
}

#[test]
fn mails_and_documents_come_only_from_people_who_may_file_reports() {
    let instance = sqlite();
    let router = router(&instance);
    let pia = instance.token("pia");
    for path in ["/desk/v1/mails", "/desk/v1/cases/documents"] {
        let nobody = post(path).body("message/rfc822", MAIL).of(&router);
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
        let publisher = post(path)
            .token(&pia)
            .body("message/rfc822", MAIL)
            .of(&router);
        assert_eq!(publisher.status, StatusCode::FORBIDDEN, "{path}");
    }
    let ann = instance.token("ann");
    let unread = post("/desk/v1/mails")
        .token(&ann)
        .body("message/rfc822", "words")
        .of(&router);
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    let osv = r#"{"id": "EX-1", "summary": "From OSV", "affected": []}"#;
    let filed = post("/desk/v1/cases/documents?name=a.json")
        .token(&ann)
        .body("application/json", osv);
    let filed = filed.of(&router);
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.body);
    assert_eq!(filed.header("location"), "/desk/v1/cases/1");
    assert_eq!(waiting(&instance), 1);
}
