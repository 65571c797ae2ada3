//! What a case may be a duplicate of, who sees it, and the verdicts on it.

use std::path::Path;

use casework::{CandidateKey, CaseId, Duplicates, Judgement, ListStanding, Report};
use cve::id::CveId;
use serde_json::json;
use store::LedgerRow;
use store::cve_list::CveList;

use crate::office::{ACCOUNT, Office, on_each_engine, refused, report};

/// A case about something else in the same product.
fn unlike(office: &Office) -> CaseId {
    let report = Report {
        title: "Password printed in a debug message".into(),
        references: Vec::new(),
        public: None,
        body: "The registry password appears at level 9.".into(),
        ..report()
    };
    office.desk.receive(&office.actor("tri"), &report).unwrap()
}

fn duplicates(office: &Office, name: &str, case: CaseId) -> Duplicates {
    office.desk.duplicates(&office.actor(name), case).unwrap()
}

fn names(duplicates: &Duplicates) -> Vec<String> {
    let candidates = duplicates.duplicates.iter();
    candidates
        .map(|candidate| candidate.candidate.to_string())
        .collect()
}

#[test]
fn a_report_that_came_before_is_likely_and_another_of_the_product_is_not_shown() {
    on_each_engine(
        "a_report_that_came_before_is_likely_and_another_of_the_product_is_not_shown",
        |office| {
            let first = office.received();
            unlike(office);
            let again = office.received();
            let found = duplicates(office, "ana", again);
            assert_eq!(
                names(&found),
                [format!("case {first}")],
                "{}",
                office.engine
            );
            let candidate = &found.duplicates[0];
            assert_eq!(candidate.likeness.likelihood, "likely");
            let reasons: Vec<_> = candidate.likeness.reasons.iter().collect();
            let by: Vec<_> = reasons.iter().map(|reason| reason.by.as_str()).collect();
            assert_eq!(by, ["reference", "wording", "product"]);
            assert_eq!(found.cve_list, ListStanding::Missing);
        },
    );
}

#[test]
fn a_case_the_actor_is_not_on_is_no_candidate_and_neither_is_its_id() {
    on_each_engine(
        "a_case_the_actor_is_not_on_is_no_candidate_and_neither_is_its_id",
        |office| {
            let (hidden, id) = office.assigned();
            let again = office.received();
            let newcomer = office.hire("new", &[casework::Role::Analyst]);
            office.put_on(again, &newcomer);
            let found = duplicates(office, "new", again);
            assert_eq!(names(&found), Vec::<String>::new(), "{}", office.engine);
            let judge = |candidate: CandidateKey| {
                let desk = &office.desk;
                desk.judge_duplicate(&newcomer, again, &candidate, Judgement::Same, "x")
            };
            let hidden_case = refused(judge(CandidateKey::Case(hidden)));
            let missing: CaseId = "4711".parse().unwrap();
            let missing_case = refused(judge(CandidateKey::Case(missing)));
            assert_eq!(
                hidden_case.to_string().replace(&hidden.to_string(), "N"),
                missing_case.to_string().replace("4711", "N")
            );
            // Of the ID nobody learns more than of any other.
            assert!(judge(CandidateKey::Cve(id)).is_ok());
            let of_hidden = refused(office.desk.duplicates(&newcomer, hidden));
            assert_eq!(of_hidden.code(), "not_found");
        },
    );
}

#[test]
fn a_verdict_on_a_case_is_hidden_from_whoever_is_not_on_that_case() {
    on_each_engine(
        "a_verdict_on_a_case_is_hidden_from_whoever_is_not_on_that_case",
        |office| {
            let first = office.received();
            let again = office.received();
            let ana = office.actor("ana");
            let key = CandidateKey::Case(first);
            (office.desk)
                .judge_duplicate(&ana, again, &key, Judgement::Same, "same link")
                .unwrap();
            let newcomer = office.hire("new", &[casework::Role::Analyst]);
            office.put_on(again, &newcomer);
            let seen = duplicates(office, "new", again);
            assert_eq!(names(&seen), Vec::<String>::new());
            assert_eq!(seen.other_verdicts, []);
        },
    );
}

#[test]
fn the_last_verdict_stands_and_all_are_kept() {
    on_each_engine("the_last_verdict_stands_and_all_are_kept", |office| {
        let first = office.received();
        let again = office.received();
        let key = CandidateKey::Case(first);
        let judge = |name: &str, verdict, reason: &str| {
            let actor = office.actor(name);
            let judged = office
                .desk
                .judge_duplicate(&actor, again, &key, verdict, reason);
            judged.unwrap();
        };
        judge("ana", Judgement::Same, "same link");
        judge("rev", Judgement::Different, "another folder");
        let found = duplicates(office, "ana", again);
        let verdict = found.duplicates[0].verdict.clone().unwrap();
        assert_eq!(
            (
                verdict.verdict,
                verdict.reason.as_str(),
                verdict.by.as_str()
            ),
            (Judgement::Different, "another folder", "rev")
        );
        let rows = (office.desk.store())
            .read(|reader| reader.duplicate_verdicts(again.number()))
            .unwrap();
        let kept: Vec<_> = rows
            .iter()
            .map(|row| (row.number, row.verdict.as_str(), row.score))
            .collect();
        assert_eq!(
            kept,
            [(1, "same", 100), (2, "different", 100)],
            "{}",
            office.engine
        );
    });
}

#[test]
fn a_verdict_needs_a_reason_a_role_and_another_case() {
    on_each_engine(
        "a_verdict_needs_a_reason_a_role_and_another_case",
        |office| {
            let first = office.received();
            let again = office.received();
            let judge = |name: &str, candidate: CaseId, reason: &str| {
                let key = CandidateKey::Case(candidate);
                let actor = office.actor(name);
                refused(
                    office
                        .desk
                        .judge_duplicate(&actor, again, &key, Judgement::Same, reason),
                )
            };
            assert_eq!(judge("ana", first, " ").code(), "invalid");
            assert_eq!(judge("ana", again, "x").code(), "invalid");
            assert_eq!(judge("aud", first, "x").code(), "not_allowed");
        },
    );
}

#[test]
fn an_id_of_the_ledger_without_a_case_is_a_candidate_by_its_title() {
    on_each_engine(
        "an_id_of_the_ledger_without_a_case_is_a_candidate_by_its_title",
        |office| {
            let id: CveId = "CVE-1900-4711".parse().unwrap();
            office.write(move |tx| {
                let now = tx.now();
                tx.insert_ledger_line(&LedgerRow {
                    id,
                    state: "ASSIGNED".into(),
                    account: ACCOUNT.into(),
                    case_id: None,
                    title: report().title,
                    reserved_at: now,
                    reserved_by: "sheet".into(),
                    assigned_at: Some(now),
                    approved_digest: String::new(),
                    approved_by: String::new(),
                    approved_at: None,
                    advisory: String::new(),
                    disclosed_at: None,
                    published_at: None,
                    modified: now,
                })
            });
            let found = duplicates(office, "ana", office.received());
            assert_eq!(names(&found), ["CVE-1900-4711"], "{}", office.engine);
            assert_eq!(found.duplicates[0].found_in, ["ledger"]);
        },
    );
}

#[test]
fn records_of_the_imported_list_are_candidates_by_reference_commit_and_wording() {
    on_each_engine(
        "records_of_the_imported_list_are_candidates_by_reference_commit_and_wording",
        |office| {
            let folder = tempfile::tempdir().unwrap();
            let desk = office.desk.clone().with_cve_list(filled(folder.path()));
            let case = office.received();
            let found = desk.duplicates(&office.actor("ana"), case).unwrap();
            assert_eq!(found.cve_list, ListStanding::Compared, "{}", office.engine);
            assert_eq!(names(&found), ["CVE-1900-20001", "CVE-1900-20002"]);
            let by = |index: usize| -> Vec<&str> {
                let reasons = found.duplicates[index].likeness.reasons.iter();
                reasons.map(|reason| reason.by.as_str()).collect()
            };
            assert_eq!(by(0), ["reference", "product"]);
            assert_eq!(by(1), ["wording", "product"]);
        },
    );
}

/// A list with a record that cites the report's reference, one with its words,
/// and one that has nothing to do with it.
fn filled(folder: &Path) -> CveList {
    let record = |number: u32, product: &str, title: &str, url: &str| {
        json!({
            "cveMetadata": {"cveId": format!("CVE-1900-{number}"), "state": "PUBLISHED"},
            "containers": {"cna": {
                "title": title,
                "descriptions": [{"lang": "en", "value": title}],
                "affected": [{"vendor": "Else", "product": product}],
                "references": [{"url": url}],
            }},
        })
        .to_string()
    };
    let reference = "https://git.example.org/example-orchestrator/node-agent/pull/4711";
    let list = CveList::inside(folder);
    let mut import = list.import(false).unwrap();
    for record in [
        record(20001, "node agent", "Short", reference),
        record(
            20002,
            "node-agent",
            "Symbolic links are followed when node agent rotates container logs",
            "https://example.org/a",
        ),
        record(
            20003,
            "left-pad",
            "Spaces on the right",
            "https://example.org/b",
        ),
    ] {
        import.offer(None, record.as_bytes()).unwrap();
    }
    import.commit(Vec::new()).unwrap();
    list
}

#[test]
fn a_look_at_embargoed_cases_is_audited_for_each_of_them() {
    on_each_engine(
        "a_look_at_embargoed_cases_is_audited_for_each_of_them",
        |office| {
            let first = office.received();
            let again = office.received();
            let events = || {
                let entries = office
                    .desk
                    .store()
                    .read(|reader| reader.audit_after(0, 1_000))
                    .unwrap();
                let views = entries
                    .into_iter()
                    .filter(|entry| entry.action == "case.view");
                views.map(|entry| entry.object).collect::<Vec<_>>()
            };
            let before = events().len();
            duplicates(office, "ana", again);
            assert_eq!(
                events().split_off(before),
                [format!("case {again}"), format!("case {first}")],
                "{}",
                office.engine
            );
        },
    );
}
