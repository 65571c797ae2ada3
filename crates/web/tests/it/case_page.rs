//! The case page: one next step, as a named button for whoever may take it.

use axum::http::StatusCode;
use casework::CaseId;

use crate::api::sqlite;
use crate::ask::{Answer, get, post, router};
use crate::instance::{ANSWERS, Instance};
use crate::reports;

fn page(instance: &Instance, name: &str, case: CaseId) -> String {
    let ask = get(format!("/desk/cases/{case}")).browser(&instance.session(name));
    let answer = ask.of(&router(instance));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

fn send(instance: &Instance, name: &str, path: &str, form: &str) -> Answer {
    let session = instance.session(name);
    post(path)
        .browser(&session)
        .form(form)
        .of(&router(instance))
}

#[test]
fn the_forms_lead_a_case_from_the_report_to_the_public_advisory() {
    let instance = sqlite();
    let cve = instance.pool("CVE-2026-70001");
    let case = instance.receive(&reports::all()[0]);
    let path = format!("/desk/cases/{case}");
    assert!(page(&instance, "ann", case).contains(">Take this case</button>"));
    let taken = send(&instance, "ann", &format!("{path}/take"), "");
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    assert_eq!(taken.header("location"), format!("{path}?done=taken"));
    for (node, value, _) in ANSWERS {
        let button = format!(">Record the answer to {node}</button>");
        assert!(page(&instance, "ann", case).contains(&button), "{node}");
        let form = format!("node={node}&value={value}&reason=because");
        let answered = send(&instance, "ann", &format!("{path}/answers"), &form);
        assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);
    }
    assert!(page(&instance, "ann", case).contains(">Assign a CVE ID</button>"));
    send(&instance, "ann", &format!("{path}/assign"), "");
    assert!(page(&instance, "ann", case).contains(">Draft from the report</button>"));
    let record = format!("{path}/records/{cve}");
    send(&instance, "ann", &format!("{record}/drafts"), "");
    let own = page(&instance, "ann", case);
    assert!(own.contains("Ask another person for a review"), "{own}");
    assert!(!own.contains("Approve revision 1"), "{own}");
    let review = page(&instance, "bob", case);
    assert!(review.contains(">Approve revision 1</button>"), "{review}");
    let start = review.find("name=\"digest\" value=\"").unwrap() + 21;
    let form = format!("digest={}&comment=fine", &review[start..start + 64]);
    let approved = send(&instance, "bob", &format!("{record}/approve"), &form);
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);

    instance.tell_reporter(cve);
    let slip = send(
        &instance,
        "pia",
        &format!("{record}/publish"),
        "confirm=CVE-2026-7000",
    );
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.body.contains("role=\"alert\""), "{}", slip.body);
    assert_eq!(
        get("/cve/CVE-2026-70001").of(&router(&instance)).status,
        StatusCode::NOT_FOUND
    );
    let sent = send(
        &instance,
        "pia",
        &format!("{record}/publish"),
        "confirm=CVE-2026-70001",
    );
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(
        get("/cve/CVE-2026-70001").of(&router(&instance)).status,
        StatusCode::FOUND
    );
    let disclosed = page(&instance, "ann", case);
    assert!(
        disclosed.contains("Send the CVE record to CVE Services"),
        "{disclosed}"
    );
}

#[test]
fn a_refused_form_says_why_and_keeps_what_was_typed() {
    let instance = sqlite();
    let case = instance.receive(&reports::all()[0]);
    let cve = instance.draft(case, "CVE-2026-70001");
    let record = format!("/desk/cases/{case}/records/{cve}");
    let refused = send(
        &instance,
        "ann",
        &format!("{record}/drafts"),
        "document=%7Boops%3C",
    );
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("role=\"alert\""), "{}", refused.body);
    assert!(
        refused.body.contains("{oops&#60;</textarea>"),
        "{}",
        refused.body
    );
    let digest = "0".repeat(64);
    let form = format!("digest={digest}&comment=read+twice");
    let stale = send(&instance, "bob", &format!("{record}/approve"), &form);
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(
        stale.body.contains("The draft changed since"),
        "{}",
        stale.body
    );
    assert!(
        stale.body.contains(">read twice</textarea>"),
        "{}",
        stale.body
    );
}

#[test]
fn who_may_not_take_the_step_reads_who_may() {
    let instance = sqlite();
    let case = instance.receive(&reports::all()[0]);
    let page = page(&instance, "pia", case);
    let words = "This needs somebody with the role triager, commander, analyst or reviewer.";
    assert!(page.contains(words), "{page}");
    assert!(!page.contains("Take this case"), "{page}");
    let refused = send(&instance, "pia", &format!("/desk/cases/{case}/take"), "");
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[test]
fn every_page_names_its_environment_and_its_command() {
    let instance = sqlite();
    let case = instance.receive(&reports::all()[0]);
    let page = page(&instance, "ann", case);
    for expected in [
        "<strong>Practice environment</strong>",
        "<code>cna case show 1</code>",
        "<code>GET /desk/v1/cases/1</code>",
        "aria-current=\"step\"",
        "Embargoed",
        "UTC</time>",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

#[test]
fn an_empty_desk_says_what_to_do_next() {
    let instance = sqlite();
    let list = get("/desk")
        .browser(&instance.session("ann"))
        .of(&router(&instance));
    assert!(list.body.contains("No case yet"), "{}", list.body);
    assert!(
        list.body.contains("cna case new report.md"),
        "{}",
        list.body
    );
}
