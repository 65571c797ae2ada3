//! The case page of a report with two findings, from its split to two records.

use axum::http::StatusCode;
use casework::CaseId;

use crate::api::sqlite;
use crate::ask::{get, post, router};
use crate::instance::{ANSWERS, Instance};
use crate::reports;

fn page(instance: &Instance, name: &str, case: CaseId) -> String {
    let ask = get(format!("/desk/cases/{case}")).browser(&instance.session(name));
    let answer = ask.of(&router(instance));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

fn send(instance: &Instance, name: &str, path: &str, form: &str) {
    let session = instance.session(name);
    let ask = post(path).browser(&session).form(form);
    let answer = ask.of(&router(instance));
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

/// The digest of the form that confirms.
fn digest(page: &str) -> &str {
    let start = page.find("name=\"digest\" value=\"").unwrap() + 21;
    &page[start..start + 64]
}

#[test]
fn two_findings_are_counted_confirmed_and_drafted_on_the_page() {
    let instance = sqlite();
    let ids = [
        instance.pool("CVE-2026-70001"),
        instance.pool("CVE-2026-70002"),
    ];
    let case = instance.receive(&reports::all()[0]);
    let path = format!("/desk/cases/{case}");
    send(&instance, "ann", &format!("{path}/take"), "");
    send(
        &instance,
        "ann",
        &format!("{path}/findings"),
        "name=The+second",
    );
    for (node, value, _) in ANSWERS {
        let form = format!("node={node}&value={value}");
        send(&instance, "ann", &format!("{path}/answers"), &form);
    }
    let asked = page(&instance, "ann", case);
    assert!(
        asked.contains(">Record the answer to D1</button>"),
        "{asked}"
    );
    assert!(asked.contains("name=\"other\" value=\""), "{asked}");
    let view = instance.desk.case(&instance.actor("ann"), case).unwrap();
    let first = view.findings[0].name.replace(' ', "+");
    let pair = format!("node=D1&value=yes&finding={first}&other=The+second");
    send(&instance, "ann", &format!("{path}/answers"), &pair);
    let asked = page(&instance, "ann", case);
    assert!(
        asked.contains(">Record the answer to D2</button>"),
        "{asked}"
    );
    let pair = pair.replace("node=D1&value=yes", "node=D2&value=no");
    send(&instance, "ann", &format!("{path}/answers"), &pair);
    let asked = page(&instance, "ann", case);
    assert!(asked.contains("Confirm the count of 2"), "{asked}");
    let form = format!("digest={}", digest(&page(&instance, "bob", case)));
    send(&instance, "bob", &format!("{path}/confirm"), &form);
    assert!(page(&instance, "ann", case).contains("Assign 2 CVE IDs"));
    send(&instance, "ann", &format!("{path}/assign"), "");
    let assigned = page(&instance, "ann", case);
    assert_eq!(
        assigned.matches(">Draft from the report</button>").count(),
        2
    );
    send(
        &instance,
        "ann",
        &format!("{path}/records/{}/drafts", ids[1]),
        "",
    );
    let drafted = page(&instance, "bob", case);
    assert_eq!(
        drafted.matches(">Draft from the report</button>").count(),
        1
    );
    assert_eq!(drafted.matches(">Approve revision 1</button>").count(), 1);
    assert!(
        drafted.contains("2 of 2 records are not public yet"),
        "{drafted}"
    );
    assert!(drafted.contains("<strong>The second</strong>"), "{drafted}");
}
