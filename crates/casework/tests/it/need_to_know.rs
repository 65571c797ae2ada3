//! Need to know: for whoever is not on a case, it does not exist.

use casework::{Actor, CaseId, Desk, Error, Role};
use cve::hash::Digest;
use cve::id::CveId;
use serde_json::json;

use crate::office::{Office, given, on_each_engine, refused, year};

/// Somebody with every role who came after the cases were opened.
fn outsider(office: &Office) -> Actor {
    office.hire("eve", &Role::ALL)
}

type OnCase = fn(&Desk, &Actor, CaseId) -> Result<(), Error>;

/// Everything that names a case.
const ON_A_CASE: [(&str, OnCase); 6] = [
    ("case", |desk, eve, case| desk.case(eve, case).map(drop)),
    ("take", |desk, eve, case| desk.take(eve, case).map(drop)),
    ("answer", |desk, eve, case| {
        desk.answer(eve, case, "A1", &given("spam")).map(drop)
    }),
    ("assign", |desk, eve, case| {
        desk.assign(eve, case, Some(year())).map(drop)
    }),
    ("retry", |desk, eve, case| desk.retry(eve, case, "f-1")),
    ("comment", |desk, eve, case| {
        desk.comment(eve, case, "hello")
    }),
];

type OnId = fn(&Desk, &Actor, CveId, Digest) -> Result<(), Error>;

/// Everything that names a CVE ID.
const ON_AN_ID: [(&str, OnId); 14] = [
    ("draft_from_report", |desk, eve, id, _| {
        desk.draft_from_report(eve, id).map(drop)
    }),
    ("save_draft", |desk, eve, id, _| {
        desk.save_draft(eve, id, &json!({"cna": {}}), None)
            .map(drop)
    }),
    ("approve", |desk, eve, id, digest| {
        desk.approve(eve, id, digest, "", &crate::office::taken())
            .map(drop)
    }),
    ("return_draft", |desk, eve, id, digest| {
        desk.return_draft(eve, id, digest, "no").map(drop)
    }),
    ("publish", |desk, eve, id, _| {
        desk.publish(eve, id).map(drop)
    }),
    ("publish_preview", |desk, eve, id, _| {
        desk.publish_preview(eve, id).map(drop)
    }),
    ("set_field", |desk, eve, id, _| {
        desk.set_field(eve, id, "/cna/title", &json!("hello"))
            .map(drop)
    }),
    ("revisions", |desk, eve, id, _| {
        desk.revisions(eve, id).map(drop)
    }),
    ("revision", |desk, eve, id, _| {
        desk.revision(eve, id, None).map(drop)
    }),
    ("revision_changes", |desk, eve, id, _| {
        desk.revision_changes(eve, id, None, None).map(drop)
    }),
    ("reviews", |desk, eve, id, _| {
        desk.reviews(eve, id).map(drop)
    }),
    ("comment_on_draft", |desk, eve, id, _| {
        desk.comment_on_draft(eve, id, "/cna", "hello", None)
            .map(drop)
    }),
    ("accept_suggestion", |desk, eve, id, _| {
        desk.accept_suggestion(eve, id, 1).map(drop)
    }),
    ("merge_live", |desk, eve, id, _| {
        desk.merge_live(eve, id, None).map(drop)
    }),
];

#[test]
fn whatever_is_asked_of_a_case_one_is_not_on_is_refused_as_if_it_were_missing() {
    on_each_engine(
        "whatever_is_asked_of_a_case_one_is_not_on_is_refused_as_if_it_were_missing",
        |office| {
            // In every state a case is refused alike, so its state cannot leak.
            let cases = [
                office.received(),
                office.in_triage(),
                office.determined(),
                office.drafted().0,
                office.ready().0,
            ];
            let eve = outsider(office);
            let missing: CaseId = "999".parse().unwrap();
            for (name, ask) in ON_A_CASE {
                let expected = refused(ask(&office.desk, &eve, missing)).to_string();
                for case in cases {
                    let refusal = refused(ask(&office.desk, &eve, case));
                    assert_eq!(refusal.code(), "not_found", "{name}");
                    let found = refusal.to_string();
                    assert_eq!(
                        found.replace(&format!("case {case}"), "case 999"),
                        expected,
                        "{name}"
                    );
                }
            }
        },
    );
}

#[test]
fn an_id_of_a_case_one_is_not_on_is_refused_as_if_it_were_missing() {
    on_each_engine(
        "an_id_of_a_case_one_is_not_on_is_refused_as_if_it_were_missing",
        |office| {
            let (_, assigned) = office.assigned();
            let (_, drafted, draft) = office.drafted();
            let (_, ready, approved) = office.ready();
            let in_pool = office.fill_pool();
            let eve = outsider(office);
            let missing: CveId = "CVE-1900-9999".parse().unwrap();
            for (name, ask) in ON_AN_ID {
                let nothing = Digest::of(b"");
                let expected = refused(ask(&office.desk, &eve, missing, nothing)).to_string();
                for (id, digest) in [
                    (assigned, nothing),
                    (drafted, draft.digest),
                    (ready, approved.digest),
                    (in_pool, nothing),
                ] {
                    let refusal = refused(ask(&office.desk, &eve, id, digest));
                    let found = refusal.to_string();
                    assert_eq!(
                        found.replace(&id.to_string(), "CVE-1900-9999"),
                        expected,
                        "{name}"
                    );
                }
            }
        },
    );
}

/// The shortest of many tries, which is what the work itself costs.
fn shortest(ask: impl Fn()) -> std::time::Duration {
    let tries = (0..40).map(|_| {
        let start = std::time::Instant::now();
        ask();
        start.elapsed()
    });
    tries.min().unwrap()
}

#[test]
fn a_case_one_is_not_on_is_refused_in_the_time_of_one_that_is_missing() {
    on_each_engine(
        "a_case_one_is_not_on_is_refused_in_the_time_of_one_that_is_missing",
        |office| {
            let (case, id, draft) = office.ready();
            let eve = outsider(office);
            let (no_case, no_id): (CaseId, CveId) =
                ("999".parse().unwrap(), "CVE-1900-9999".parse().unwrap());
            let alike = |name: &str, there: std::time::Duration, missing: std::time::Duration| {
                // A class of work: no reading of documents, no second look.
                let (short, long) = (there.min(missing), there.max(missing));
                let limit = short * 4 + std::time::Duration::from_millis(1);
                assert!(
                    long < limit,
                    "{} {name}: {there:?}, {missing:?}",
                    office.engine
                );
            };
            for (name, ask) in ON_A_CASE {
                let time = |case| shortest(|| drop(refused(ask(&office.desk, &eve, case))));
                alike(name, time(case), time(no_case));
            }
            for (name, ask) in ON_AN_ID {
                let time =
                    |id| shortest(|| drop(refused(ask(&office.desk, &eve, id, draft.digest))));
                alike(name, time(id), time(no_id));
            }
        },
    );
}

#[test]
fn a_refused_outsider_changes_nothing() {
    on_each_engine("a_refused_outsider_changes_nothing", |office| {
        let (case, id, draft) = office.ready();
        let eve = outsider(office);
        let last_change = || office.desk.store().read(|r| r.last_change()).unwrap();
        let before = last_change();
        for (_, ask) in ON_A_CASE {
            refused(ask(&office.desk, &eve, case));
        }
        for (_, ask) in ON_AN_ID {
            refused(ask(&office.desk, &eve, id, draft.digest));
        }
        assert_eq!(last_change(), before);
    });
}

#[test]
fn the_list_shows_only_cases_one_is_on() {
    on_each_engine("the_list_shows_only_cases_one_is_on", |office| {
        office.received();
        let eve = outsider(office);
        let own = office.received();
        let listed = office.desk.cases(&eve, 0, 500).unwrap();
        let listed: Vec<_> = listed.into_iter().map(|case| case.id).collect();
        assert_eq!(listed, [own]);
    });
}

#[test]
fn the_ledger_shows_neither_title_nor_case_of_what_one_is_not_on() {
    on_each_engine(
        "the_ledger_shows_neither_title_nor_case_of_what_one_is_not_on",
        |office| {
            let (case, id) = office.assigned();
            let of = |actor: &Actor| {
                let lines = office.desk.ledger(actor).unwrap();
                lines.into_iter().find(|line| line.cve_id == id).unwrap()
            };
            let eve = outsider(office);
            assert_eq!((of(&eve).case, of(&eve).title.as_str()), (None, ""));
            assert_eq!(of(&eve).state, "ASSIGNED");
            let ana = office.actor("ana");
            assert_eq!(of(&ana).case, Some(case));
            assert!(!of(&ana).title.is_empty());
        },
    );
}

#[test]
fn the_ledger_shows_no_approval_of_what_one_is_not_on_before_its_disclosure() {
    let name = "the_ledger_shows_no_approval_of_what_one_is_not_on_before_its_disclosure";
    crate::services::on_each_engine(name, |_, office| {
        let (_, id, draft) = office.ready();
        let (eve, ana) = (outsider(office), office.actor("ana"));
        let approval = |actor: &Actor| {
            let line = office.desk.ledger_line(actor, id).unwrap();
            (
                line.approved_by,
                line.approved_at.is_some(),
                line.approved_digest,
            )
        };
        let known = ("rev".to_owned(), true, draft.digest.to_string());
        assert_eq!(approval(&eve), (String::new(), false, String::new()));
        assert_eq!(approval(&ana), known);
        office.desk.publish(&office.actor("pub"), id).unwrap();
        assert_eq!(approval(&eve), known);
    });
}

#[test]
fn administering_and_auditing_put_nobody_on_a_case() {
    on_each_engine(
        "administering_and_auditing_put_nobody_on_a_case",
        |office| {
            let case = office.received();
            for name in ["oan", "aud"] {
                let actor = office.actor(name);
                assert_eq!(
                    refused(office.desk.case(&actor, case)).code(),
                    "not_found",
                    "{name}"
                );
                assert!(office.desk.cases(&actor, 0, 500).unwrap().is_empty());
            }
        },
    );
}

#[test]
fn a_follow_up_of_another_case_cannot_be_retried() {
    on_each_engine("a_follow_up_of_another_case_cannot_be_retried", |office| {
        let (first, second) = (office.determined(), office.determined());
        let ana = office.actor("ana");
        office.desk.assign(&ana, second, Some(year())).unwrap();
        let followup = office.desk.case(&ana, second).unwrap().followups[0]
            .id
            .clone();
        let refusal = refused(office.desk.retry(&ana, first, &followup));
        assert_eq!(refusal.code(), "not_found");
    });
}

#[test]
fn a_sheet_changes_nothing_of_an_id_whose_case_one_is_not_on() {
    crate::services::on_each_engine("a_sheet_changes_nothing_of_an_id", |_, office| {
        let (case, id) = office.assigned();
        let ana = office.actor("ana");
        let before = office.desk.ledger_line(&ana, id).unwrap();
        let row = casework::SheetRow {
            cve_id: id.to_string(),
            state: "ASSIGNED".into(),
            advisory: "https://example.org/elsewhere".into(),
            notes: [("Owner".to_owned(), "eve".to_owned())].into(),
            ..casework::SheetRow::default()
        };
        let sheet = casework::SheetImport {
            account: None,
            dry_run: false,
            rows: vec![row],
        };
        let report = office
            .desk
            .import_ids(&outsider(office), sheet.clone())
            .unwrap();
        assert_eq!(report.unplaced.len(), 1);
        assert_eq!(office.desk.ledger_line(&ana, id).unwrap(), before);
        // Whoever is on it may add a note; where it is public, the case says.
        let report = office.desk.import_ids(&ana, sheet).unwrap();
        assert_eq!(report.completed, [id]);
        let after = office.desk.ledger_line(&ana, id).unwrap();
        assert_eq!((after.advisory.as_str(), after.notes.len()), ("", 1));
        assert_eq!(office.state(case), casework::CaseState::Assigned);
    });
}

#[test]
fn a_member_whose_role_sees_no_case_in_its_state_reads_no_draft_of_it() {
    on_each_engine("a_member_whose_role_sees_no_case_in_its_state", |office| {
        let (case, id, draft) = office.drafted();
        let late = office.hire("relea", &[Role::ReleaseManager]);
        office.put_on(case, &late);
        let read = || office.desk.revision(&late, id, None);
        assert_eq!(refused(read()).code(), "not_found");
        office.approve("rev", id, &draft).unwrap();
        assert_eq!(read().unwrap().digest, draft.digest);
    });
}
