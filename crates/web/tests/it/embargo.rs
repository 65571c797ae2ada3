//! Nothing under embargo can be read, or told to exist, from outside.

use axum::http::StatusCode;

use crate::ask::{Answer, get, router};
use crate::instance::Instance;
use crate::reports;

/// Stands in every text field of every embargoed case.
const WORD: &str = "quaggamarmalade";

/// A report whose every text says the word.
fn planted() -> String {
    let text = reports::report(&format!("The {WORD} flaw"), "high", "CWE-61", "");
    let mut text = text
        .replace("Alex Rivera", &format!("Alex {WORD}"))
        .replace("alex@reporter", &format!("{WORD}@reporter"))
        .replace("4f2a91c", WORD)
        .replace("1.4.3", &format!("1.4.3-{WORD}"));
    text.push_str(WORD);
    text
}

/// Cases under embargo in every state, each saying the word wherever a case
/// can say something.
fn embargoed() -> impl Fn(&Instance) -> [&'static str; 3] {
    |instance| {
        let ann = instance.actor("ann");
        let received = instance.receive(&planted());
        instance.desk.comment(&ann, received, WORD).unwrap();
        let triage = instance.receive(&planted());
        instance.decide(triage, 4);
        let given = casework::GivenAnswer {
            value: "no".into(),
            reason: WORD.into(),
        };
        instance.desk.answer(&ann, triage, "A5", &given).unwrap();
        let drafted = instance.receive(&planted());
        let id = instance.draft(drafted, "CVE-2026-70001");
        instance.redraft(drafted, id, &["cvss", "weakness", "severity"], WORD);
        let returned = instance.receive(&planted());
        let id = instance.draft(returned, "CVE-2026-70002");
        let bob = instance.actor("bob");
        let view = instance.desk.case(&bob, returned).unwrap();
        let digest = view.records[0].draft.as_ref().unwrap().digest;
        instance.desk.return_draft(&bob, id, digest, WORD).unwrap();
        let ready = instance.receive(&planted());
        let id = instance.draft(ready, "CVE-2026-70003");
        instance.approve(ready, id);
        ["CVE-2026-70001", "CVE-2026-70002", "CVE-2026-70003"]
    }
}

/// Everything an answer tells, headers included.
fn told(answer: &Answer) -> String {
    format!("{} {:?} {}", answer.status, answer.headers, answer.body)
}

#[test]
fn no_public_route_says_a_word_of_an_embargoed_case() {
    for kept in store::testing::engines("no_public_route_says_a_word_of_an_embargoed_case") {
        let engine = kept.engine;
        let instance = Instance::new(kept, "https://desk.example");
        // One case is public, so that the walk passes pages with content.
        let case = instance.receive(&reports::all()[0]);
        let cve = instance.draft(case, "CVE-2026-70009");
        let public = instance.publish(case, cve);
        instance.confirm(case, cve, &public);
        let ids = embargoed()(&instance);
        instance.desk.follow_feed().unwrap();
        let router = router(&instance);
        // Whoever is on the cases reads the word in each of them.
        let token = instance.token("ann");
        for case in 2..=6 {
            let case = get(format!("/desk/v1/cases/{case}"))
                .token(&token)
                .of(&router);
            let times = case.body.matches(WORD).count();
            assert!(
                case.status.is_success() && times > 5,
                "{engine}: {}",
                case.body
            );
        }
        let advisories = [
            "EXAMPLE-2026-001",
            "EXAMPLE-2026-002",
            "EXAMPLE-2026-003",
            WORD,
        ];
        let mut walked = 0;
        for route in web::routes() {
            if route.audience != web::Audience::Public {
                continue;
            }
            for id in advisories.into_iter().chain(["1", "2", "3", "4", "5", "6"]) {
                for cve_id in ids.into_iter().chain(["CVE-2026-70009", WORD]) {
                    let path = route.path.replace("{id}", id).replace("{cve_id}", cve_id);
                    let answer = get(&path).of(&router);
                    // The word of the path is not repeated either.
                    assert!(
                        !told(&answer).contains(WORD),
                        "{engine} {path}: {}",
                        told(&answer)
                    );
                    walked += 1;
                }
            }
        }
        assert!(walked > 200, "{walked}");
        for query in [
            "/?page=1",
            "/?page=2",
            "/?q=quaggamarmalade",
            "/desk",
            "/sign-in",
        ] {
            let answer = get(query).of(&router);
            assert!(
                !told(&answer).contains(WORD),
                "{engine} {query}: {}",
                told(&answer)
            );
        }
    }
}

#[test]
fn an_embargoed_cve_id_and_none_at_all_get_the_same_answer() {
    for kept in store::testing::engines("an_embargoed_cve_id_and_none_at_all_get_the_same_answer") {
        let instance = Instance::new(kept, "https://desk.example");
        let ids = embargoed()(&instance);
        let router = router(&instance);
        let none = get("/cve/CVE-2026-79999").of(&router);
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        for id in ids {
            assert_eq!(get(format!("/cve/{id}")).of(&router), none, "{id}");
        }
        assert_eq!(get("/cve/nonsense").of(&router), none);
        let none = get("/advisories/EXAMPLE-2026-999").of(&router);
        for id in ["EXAMPLE-2026-001", "EXAMPLE-2026-002", "EXAMPLE-2026-003"] {
            assert_eq!(get(format!("/advisories/{id}")).of(&router), none, "{id}");
            let record = get(format!("/advisories/{id}/cve.json")).of(&router);
            assert_eq!(record, none, "{id}");
        }
    }
}
