//! Reports from outside, links of reporters, attachments.

use casework::{CaseId, CaseState, Desk, Error, File, FormReport, Link, Role, Standing};

use crate::office::{Office, on_each_engine, refusal_code, refused, report};

fn form() -> FormReport {
    FormReport {
        title: "Node agent reads any file".into(),
        product: "Some Product".into(),
        what: "A pod reads files of its node.".into(),
        confidential: "quokkasecret of a customer".into(),
        ..FormReport::default()
    }
}

fn file(bytes: &[u8]) -> File {
    File {
        name: "proof.txt".into(),
        bytes: bytes.to_vec(),
    }
}

/// Files a form; gives its case, reference and secret.
fn filed(office: &Office, form: &FormReport) -> (CaseId, String, String) {
    let intake = office.desk.intake();
    let receipt = intake.file(form, vec![file(b"cat /etc/shadow\n")]).unwrap();
    let tri = office.actor("tri");
    let case = office.desk.cases(&tri, 0, 1).unwrap()[0].id;
    (case, receipt.reference, receipt.secret.reveal().to_owned())
}

#[test]
fn a_form_is_filed_with_message_files_receipt_and_a_clock() {
    on_each_engine(
        "a_form_is_filed_with_message_files_receipt_and_a_clock",
        |office| {
            let wanted = FormReport {
                requests_id: true,
                ..form()
            };
            let (case, reference, secret) = filed(office, &wanted);
            assert_eq!(reference, "R-2026-000001", "{}", office.engine);
            let ana = office.actor("ana");
            let view = office.desk.case(&ana, case).unwrap();
            assert!(view.summary.embargoed);
            assert_eq!(view.summary.product, "Some Product");
            assert_eq!(view.report.reporter.name, "anonymous");
            assert_eq!(view.messages[0].body, "A pod reads files of its node.");
            assert_eq!(office.desk.attachments(&ana, case).unwrap()[0].kind, "text");
            let status = office.desk.link().status(&secret).unwrap();
            assert_eq!(
                (status.reference, status.standing),
                (reference, Standing::Received)
            );
            let clocks = office.desk.clocks_of(&ana, case).unwrap();
            let running: Vec<String> = clocks.iter().map(|clock| clock.id.to_string()).collect();
            assert!(running.contains(&"D-01".to_owned()), "{running:?}");
            assert!(running.contains(&"D-02".to_owned()), "{running:?}");
            assert!(
                clocks
                    .iter()
                    .all(|clock| clock.starts == view.summary.received)
            );
        },
    );
}

#[test]
fn a_form_that_is_refused_leaves_nothing() {
    on_each_engine("a_form_that_is_refused_leaves_nothing", |office| {
        let intake = office.desk.intake();
        let empty = FormReport::default();
        assert_eq!(refusal_code(intake.file(&empty, Vec::new())), "invalid");
        let program = vec![file(b"fine"), file(b"\x7fELF\x02\x01\x01\0")];
        assert_eq!(refusal_code(intake.file(&form(), program)), "invalid");
        let nameless = FormReport {
            wants_credit: true,
            ..form()
        };
        assert_eq!(refusal_code(intake.file(&nameless, Vec::new())), "invalid");
        let cases = office.desk.cases(&office.actor("tri"), 0, 10).unwrap();
        assert!(cases.is_empty(), "{}", office.engine);
    });
}

#[test]
fn the_triager_says_which_product_it_is_and_the_typed_one_is_kept() {
    on_each_engine(
        "the_triager_says_which_product_it_is_and_the_typed_one_is_kept",
        |office| {
            let (case, ..) = filed(office, &form());
            let tri = office.actor("tri");
            let desk = &office.desk;
            let unknown = desk.set_product(&tri, case, "nothing");
            assert_eq!(refusal_code(unknown), "unknown_product");
            desk.set_product(&tri, case, "node-agent").unwrap();
            let view = desk.case(&tri, case).unwrap();
            assert_eq!(view.report.product, "node-agent");
            assert_eq!(view.summary.product, "node-agent");
            let arrived = desk.arrived(&tri, case).unwrap().unwrap();
            assert_eq!(arrived.product, "Some Product");
            assert!(arrived.is_catalogued);
            let matched = FormReport {
                product: " NODE-agent ".into(),
                ..form()
            };
            let (case, ..) = filed(office, &matched);
            assert_eq!(desk.case(&tri, case).unwrap().summary.product, "node-agent");
        },
    );
}

#[test]
fn the_confidential_part_is_read_by_few_and_lies_in_no_view() {
    on_each_engine(
        "the_confidential_part_is_read_by_few_and_lies_in_no_view",
        |office| {
            let (case, _, secret) = filed(office, &form());
            let desk = &office.desk;
            for name in ["ana", "rev", "pub"] {
                let text = desk.confidential(&office.actor(name), case).unwrap();
                assert_eq!(text, "quokkasecret of a customer", "{name}");
            }
            let tri = office.actor("tri");
            assert_eq!(refusal_code(desk.confidential(&tri, case)), "not_allowed");
            let view = serde_json::to_string(&desk.case(&tri, case).unwrap()).unwrap();
            let arrived = serde_json::to_string(&desk.arrived(&tri, case).unwrap()).unwrap();
            let status = format!("{:?}", desk.link().status(&secret).unwrap());
            for seen in [view, arrived, status] {
                assert!(!seen.contains("quokkasecret"), "{seen}");
            }
        },
    );
}

type OnCase = fn(&Desk, &casework::Actor, CaseId) -> Result<(), Error>;

const ON_A_CASE: [(&str, OnCase); 9] = [
    ("arrived", |desk, eve, case| {
        desk.arrived(eve, case).map(drop)
    }),
    ("confidential", |desk, eve, case| {
        desk.confidential(eve, case).map(drop)
    }),
    ("set_product", |desk, eve, case| {
        desk.set_product(eve, case, "node-agent")
    }),
    ("ask_reporter", |desk, eve, case| {
        desk.ask_reporter(eve, case, "why?").map(drop)
    }),
    ("renew_link", |desk, eve, case| {
        desk.renew_link(eve, case, false).map(drop)
    }),
    ("tell_date", |desk, eve, case| {
        desk.tell_date(eve, case, true).map(drop)
    }),
    ("attach", |desk, eve, case| {
        desk.attach(eve, case, file(b"text")).map(drop)
    }),
    ("attachments", |desk, eve, case| {
        desk.attachments(eve, case).map(drop)
    }),
    ("attachment", |desk, eve, case| {
        desk.attachment(eve, case, 1).map(drop)
    }),
];

#[test]
fn whoever_is_not_on_a_case_finds_nothing_that_came_in_with_it() {
    on_each_engine(
        "whoever_is_not_on_a_case_finds_nothing_that_came_in_with_it",
        |office| {
            let (case, ..) = filed(office, &form());
            let eve = office.hire("eve", &Role::ALL);
            let missing: CaseId = "99".parse().unwrap();
            for (what, call) in ON_A_CASE {
                let hidden = refused(call(&office.desk, &eve, case)).to_string();
                let absent = refused(call(&office.desk, &eve, missing)).to_string();
                assert_eq!(hidden, absent.replace("99", &case.to_string()), "{what}");
            }
        },
    );
}

#[test]
fn whoever_only_reads_changes_nothing() {
    on_each_engine("whoever_only_reads_changes_nothing", |office| {
        let (case, ..) = filed(office, &form());
        let aud = office.actor("aud");
        office.put_on(case, &aud);
        for (what, call) in ON_A_CASE {
            let reads = ["arrived", "attachments", "attachment"].contains(&what);
            match call(&office.desk, &aud, case) {
                Ok(()) => assert!(reads, "{what}"),
                Err(error) => {
                    assert!(!reads, "{what}: {error}");
                    assert_eq!(refusal_code::<()>(Err(error)), "not_allowed", "{what}");
                }
            }
        }
    });
}

#[test]
fn a_question_waits_under_the_link_until_it_is_answered() {
    on_each_engine(
        "a_question_waits_under_the_link_until_it_is_answered",
        |office| {
            let (case, _, secret) = filed(office, &form());
            let (desk, link) = (&office.desk, office.desk.link());
            let tri = office.actor("tri");
            desk.take(&tri, case).unwrap();
            assert_eq!(link.status(&secret).unwrap().standing, Standing::LookedAt);
            office.clock.advance_ms(1000);
            desk.ask_reporter(&tri, case, "Which version is it?")
                .unwrap();
            let status = link.status(&secret).unwrap();
            assert_eq!(status.standing, Standing::WaitsForYou);
            assert_eq!(status.question, "Which version is it?");
            office.clock.advance_ms(1000);
            link.answer(&secret, "1.2.3").unwrap();
            let status = link.status(&secret).unwrap();
            assert_eq!(
                (status.standing, status.question.as_str()),
                (Standing::LookedAt, "")
            );
            let said = desk.case(&tri, case).unwrap().messages;
            let last = said.last().unwrap();
            assert_eq!(
                (last.lane.as_str(), last.body.as_str()),
                ("reporter", "1.2.3")
            );
            let clocks = desk.clocks_of(&tri, case).unwrap();
            let stopped = |id: &str| {
                let found = clocks.iter().find(|clock| clock.id.to_string() == id);
                found.unwrap().stopped.is_some()
            };
            assert!(stopped("D-01") && stopped("D-27b"), "{}", office.engine);
        },
    );
}

#[test]
fn a_reporter_sets_credit_contact_and_files_by_link() {
    on_each_engine(
        "a_reporter_sets_credit_contact_and_files_by_link",
        |office| {
            let (case, _, secret) = filed(office, &form());
            let (desk, link) = (&office.desk, office.desk.link());
            assert!(link.status(&secret).unwrap().is_anonymous);
            link.set_contact(&secret, "Alex", "alex@example.org")
                .unwrap();
            link.set_credit(&secret, true, "Alex B.").unwrap();
            link.attach(&secret, file(b"more\n")).unwrap();
            let status = link.status(&secret).unwrap();
            assert!(!status.is_anonymous);
            assert_eq!(
                (status.consent.as_str(), status.credit.as_str()),
                ("yes", "Alex B.")
            );
            assert_eq!(status.files.len(), 2);
            let report = desk.case(&office.actor("ana"), case).unwrap().report;
            assert_eq!(report.reporter.credit, "Alex B.");
            assert_eq!(report.reporter.contact, "alex@example.org");
            link.set_credit(&secret, false, "").unwrap();
            let report = desk.case(&office.actor("ana"), case).unwrap().report;
            assert_eq!(report.reporter.credit, "");
        },
    );
}

/// Everything a link does.
fn by_link(link: &Link, secret: &str) -> Vec<&'static str> {
    vec![
        refusal_code(link.status(secret)),
        refusal_code(link.answer(secret, "hello")),
        refusal_code(link.attach(secret, file(b"text"))),
        refusal_code(link.set_credit(secret, true, "Alex")),
        refusal_code(link.set_contact(secret, "Alex", "")),
    ]
}

#[test]
fn a_revoked_link_is_answered_as_a_wrong_one() {
    on_each_engine("a_revoked_link_is_answered_as_a_wrong_one", |office| {
        let (case, _, first) = filed(office, &form());
        let (desk, link) = (&office.desk, office.desk.link());
        let tri = office.actor("tri");
        let second = desk.renew_link(&tri, case, false).unwrap().unwrap();
        assert_eq!(by_link(&link, &first), ["not_found"; 5]);
        assert_eq!(by_link(&link, "0000"), ["not_found"; 5]);
        let said = refused(link.status(&first)).to_string();
        assert_eq!(said, refused(link.status("0000")).to_string());
        link.status(second.reveal()).unwrap();
        assert!(desk.renew_link(&tri, case, true).unwrap().is_none());
        assert_eq!(by_link(&link, second.reveal()), ["not_found"; 5]);
        assert_eq!(desk.arrived(&tri, case).unwrap().unwrap().link_made, None);
    });
}

#[test]
fn an_id_is_shown_only_once_the_reporter_was_told_it() {
    on_each_engine(
        "an_id_is_shown_only_once_the_reporter_was_told_it",
        |office| {
            let (case, id) = office.assigned();
            let (desk, link) = (&office.desk, office.desk.link());
            let ana = office.actor("ana");
            let secret = desk.renew_link(&ana, case, false).unwrap().unwrap();
            let status = link.status(secret.reveal()).unwrap();
            assert_eq!(
                (status.standing, status.cve_ids),
                (Standing::Decided, Vec::new())
            );
            desk.ask_reporter(&ana, case, &format!("It got {id}. Is the text right?"))
                .unwrap();
            assert_eq!(link.status(secret.reveal()).unwrap().cve_ids, [id]);
        },
    );
}

#[test]
fn a_planned_date_is_shown_only_when_it_may_be() {
    on_each_engine("a_planned_date_is_shown_only_when_it_may_be", |office| {
        let (case, _, secret) = filed(office, &form());
        let (desk, link) = (&office.desk, office.desk.link());
        let ana = office.actor("ana");
        let at = office
            .desk
            .case(&ana, case)
            .unwrap()
            .summary
            .received
            .plus_ms(86_400_000);
        office.write(move |tx| {
            let now = tx.now();
            tx.put_embargo(
                case.number(),
                &store::EmbargoRow {
                    lifts_at: at,
                    local: "x".into(),
                    zone: "UTC".into(),
                    conditions: String::new(),
                    set_by: "x".into(),
                    set_at: now,
                },
            )
        });
        assert_eq!(link.status(&secret).unwrap().planned, None);
        desk.tell_date(&ana, case, true).unwrap();
        assert_eq!(link.status(&secret).unwrap().planned, Some(at));
        desk.tell_date(&ana, case, false).unwrap();
        assert_eq!(link.status(&secret).unwrap().planned, None);
    });
}

#[test]
fn one_more_attachment_than_a_case_may_have_is_refused() {
    on_each_engine(
        "one_more_attachment_than_a_case_may_have_is_refused",
        |office| {
            let case = office.received();
            let (desk, tri) = (&office.desk, office.actor("tri"));
            for number in 1..=casework::MAX_ATTACHMENTS {
                let kept = desk.attach(&tri, case, file(b"the same\n")).unwrap();
                assert_eq!(kept.number, i64::try_from(number).unwrap());
            }
            assert_eq!(refusal_code(desk.attach(&tri, case, file(b"x"))), "invalid");
            let (found, bytes) = desk.attachment(&tri, case, 20).unwrap();
            assert_eq!(
                (found.name.as_str(), bytes.as_slice()),
                ("proof.txt", &b"the same\n"[..])
            );
            let large = vec![b'x'; casework::MAX_ATTACHMENT_BYTES + 1];
            assert_eq!(
                refusal_code(desk.attach(&tri, case, file(&large))),
                "invalid"
            );
        },
    );
}

#[test]
fn a_token_for_reports_learns_of_no_duplicates() {
    on_each_engine("a_token_for_reports_learns_of_no_duplicates", |office| {
        let ana = office.actor("ana");
        office.desk.file(&ana, &report()).unwrap();
        let filed = office.desk.file(&ana, &report()).unwrap();
        let found = filed.duplicates.unwrap().duplicates;
        assert_eq!(
            found[0].candidate.to_string(),
            "case 1",
            "{}",
            office.engine
        );
        assert_eq!(filed.reference, "R-2026-000002");
        let wanted = casework::NewToken {
            label: "mailbox".into(),
            scopes: Some(vec![casework::Scope::Report]),
            days: 1,
        };
        let (_, secret) = office.desk.new_token(&ana, &wanted).unwrap();
        let program = office.desk.actor(secret.reveal()).unwrap();
        let filed = office.desk.file(&program, &report()).unwrap();
        assert!(filed.duplicates.is_none(), "{}", office.engine);
        assert_eq!(office.state(filed.id), CaseState::Received);
    });
}
