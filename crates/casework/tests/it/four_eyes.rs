//! Four eyes: who may approve what, and what an approval binds to.

use casework::{CaseState, Refusal, Role};
use serde_json::{Value, json};

use crate::office::{Office, on_each_engine, refusal_code, refused};

#[test]
fn the_author_cannot_approve() {
    on_each_engine("the_author_cannot_approve", |office| {
        let (_, id) = office.assigned();
        let draft = office.desk.draft_from_report(&office.actor("rev"), id);
        let refusal = refused(office.approve("rev", id, &draft.unwrap()));
        assert_eq!(
            refusal.to_string(),
            "`rev` wrote a revision of this draft and cannot approve it: ask somebody else"
        );
    });
}

#[test]
fn an_editor_since_the_last_approval_cannot_approve() {
    on_each_engine(
        "an_editor_since_the_last_approval_cannot_approve",
        |office| {
            let (case, id, _) = office.ready();
            office.retitle("rev", case, id, "Second");
            let third = office.retitle("ana", case, id, "Third");
            assert_eq!(refusal_code(office.approve("rev", id, &third)), "own_draft");
        },
    );
}

#[test]
fn a_changed_draft_needs_a_new_approval_by_somebody_who_did_not_write_it() {
    on_each_engine(
        "a_changed_draft_needs_a_new_approval_by_somebody_who_did_not_write_it",
        |office| {
            let (case, id, _) = office.ready();
            office.retitle("ana", case, id, "Second");
            let third = office.retitle("ros", case, id, "Third");
            assert_eq!(office.state(case), CaseState::Assigned);
            assert_eq!(refusal_code(office.approve("ros", id, &third)), "own_draft");
            let state = office.approve("rev", id, &third).unwrap();
            assert_eq!(state, CaseState::Ready);
        },
    );
}

#[test]
fn the_approver_may_have_written_an_older_approved_revision() {
    on_each_engine(
        "the_approver_may_have_written_an_older_approved_revision",
        |office| {
            let (case, id) = office.assigned();
            let first = office.desk.draft_from_report(&office.actor("rev"), id);
            office.approve("ros", id, &first.unwrap()).unwrap();
            let second = office.retitle("ana", case, id, "Second");
            let state = office.approve("rev", id, &second).unwrap();
            assert_eq!(state, CaseState::Ready);
        },
    );
}

#[test]
fn an_approval_that_was_taken_back_is_not_the_last_approval() {
    on_each_engine(
        "an_approval_that_was_taken_back_is_not_the_last_approval",
        |office| {
            let (case, id) = office.assigned();
            let first = office.desk.draft_from_report(&office.actor("rev"), id);
            let first = first.unwrap();
            office.approve("ros", id, &first).unwrap();
            office
                .desk
                .return_draft(&office.actor("ros"), id, first.digest, "on second thoughts")
                .unwrap();
            let second = office.retitle("ana", case, id, "Second");
            // Most of the second revision is still what `rev` wrote, and no
            // approval of that stands.
            assert_eq!(
                refusal_code(office.approve("rev", id, &second)),
                "own_draft"
            );
        },
    );
}

#[test]
fn whoever_wrote_this_very_content_cannot_approve_it_when_somebody_else_saves_it_again() {
    on_each_engine(
        "whoever_wrote_this_very_content_cannot_approve_it_when_somebody_else_saves_it_again",
        |office| {
            let (case, id) = office.assigned();
            let first = office.desk.draft_from_report(&office.actor("rev"), id);
            let first = first.unwrap();
            office.approve("ros", id, &first).unwrap();
            let again = office.save("ana", id, &office.document(case));
            assert_eq!(again.digest, first.digest);
            assert_eq!(refusal_code(office.approve("rev", id, &again)), "own_draft");
        },
    );
}

#[test]
fn going_back_to_an_approved_text_needs_an_approval_again() {
    on_each_engine(
        "going_back_to_an_approved_text_needs_an_approval_again",
        |office| {
            let (case, id, _) = office.ready();
            let approved = office.document(case);
            office.retitle("ana", case, id, "Second");
            office.save("ana", id, &approved);
            assert_eq!(office.state(case), CaseState::Assigned);
        },
    );
}

#[test]
fn a_changed_draft_shows_no_approver() {
    on_each_engine("a_changed_draft_shows_no_approver", |office| {
        let (case, id, _) = office.ready();
        let ana = office.actor("ana");
        let shown = || office.desk.case(&ana, case).unwrap().records.remove(0);
        assert_eq!(shown().approved_by, "rev");
        assert!(shown().approved_at.is_some());
        office.retitle("ana", case, id, "Second");
        assert_eq!(
            (shown().approved_by.as_str(), shown().approved_at),
            ("", None)
        );
        let line = office.desk.ledger(&ana).unwrap().remove(0);
        assert_eq!(line.approved_digest, "");
    });
}

#[test]
fn a_stale_digest_is_refused_with_the_newest_named() {
    on_each_engine(
        "a_stale_digest_is_refused_with_the_newest_named",
        |office| {
            let (case, id, first) = office.drafted();
            let second = office.retitle("ana", case, id, "Second");
            let refusal = refused(office.approve("rev", id, &first));
            assert_eq!(
                refusal,
                Refusal::Stale {
                    revision: 2,
                    digest: second.digest.to_string()
                }
            );
            let rev = office.actor("rev");
            let refusal = refused(office.desk.return_draft(&rev, id, first.digest, "why"));
            assert_eq!(refusal.code(), "stale");
        },
    );
}

/// Every leaf of a document, as the pointer to it.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                leaves(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

#[test]
fn any_changed_leaf_drops_a_ready_case_to_assigned() {
    on_each_engine(
        "any_changed_leaf_drops_a_ready_case_to_assigned",
        |office| {
            let (case, id, draft) = office.ready();
            let approved = office.document(case);
            let mut found = Vec::new();
            leaves(&approved, "", &mut found);
            assert!(found.len() > 30, "{found:?}");
            // Its shape says which ID it is about and under what id it is public.
            found.retain(|leaf| leaf != "/advisory/cve_id" && leaf != "/advisory/id");
            for leaf in found.iter().step_by(3) {
                let mut changed = approved.clone();
                let value = changed.pointer_mut(leaf).unwrap();
                *value = match value {
                    Value::String(text) => json!(format!("{text}x")),
                    _ => json!(0.1),
                };
                office.save("ana", id, &changed);
                assert_eq!(office.state(case), CaseState::Assigned, "{leaf}");
                office.save("ana", id, &approved);
                office.approve("rev", id, &draft).unwrap();
                assert_eq!(office.state(case), CaseState::Ready, "{leaf}");
            }
        },
    );
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

#[test]
fn neither_key_order_nor_white_space_touches_an_approval() {
    on_each_engine(
        "neither_key_order_nor_white_space_touches_an_approval",
        |office| {
            let (case, id, draft) = office.ready();
            let turned = reversed(&office.document(case));
            let spaced: Value =
                serde_json::from_str(&serde_json::to_string_pretty(&turned).unwrap()).unwrap();
            let saved = office.save("ana", id, &spaced);
            assert_eq!((saved.revision, saved.digest), (2, draft.digest));
            assert_eq!(office.state(case), CaseState::Ready);
        },
    );
}

#[test]
fn blanks_around_a_text_touch_no_approval_because_the_program_drops_them() {
    on_each_engine(
        "blanks_around_a_text_touch_no_approval_because_the_program_drops_them",
        |office| {
            let (case, id, draft) = office.ready();
            let title = office.document(case)["cna"]["title"].clone();
            let padded = format!("  {}\n", title.as_str().unwrap());
            let saved = office.retitle("ana", case, id, &padded);
            assert_eq!(saved.digest, draft.digest);
        },
    );
}

fn blocked(office: &Office) -> (casework::CaseId, cve::id::CveId, casework::Revision) {
    let (case, id, _) = office.drafted();
    let mut document = office.document(case);
    document["cna"]["descriptions"] = json!([]);
    let draft = office.save("ana", id, &document);
    (case, id, draft)
}

#[test]
fn blocking_findings_refuse_an_approval_and_not_a_revision() {
    on_each_engine(
        "blocking_findings_refuse_an_approval_and_not_a_revision",
        |office| {
            let (case, id, draft) = blocked(office);
            assert!(draft.findings.iter().any(|f| f.severity.blocks()));
            let refusal = refused(office.approve("rev", id, &draft));
            let Refusal::Findings(findings) = &refusal else {
                panic!("{refusal}")
            };
            assert!(findings.iter().all(|finding| finding.severity.blocks()));
            assert_eq!(office.state(case), CaseState::Assigned);
        },
    );
}

#[test]
fn a_draft_that_cites_no_advisory_is_blocked() {
    on_each_engine("a_draft_that_cites_no_advisory_is_blocked", |office| {
        let (case, id, _) = office.drafted();
        let mut document = office.document(case);
        document["cna"]["references"] = json!([{"url": "https://example.org/other"}]);
        let draft = office.save("ana", id, &document);
        assert!(draft.findings.iter().any(|finding| finding.code == "PC-04"));
        assert_eq!(refusal_code(office.approve("rev", id, &draft)), "findings");
    });
}

#[test]
fn a_blocked_draft_can_be_returned() {
    on_each_engine("a_blocked_draft_can_be_returned", |office| {
        let (_, id, draft) = blocked(office);
        let rev = office.actor("rev");
        let state = office
            .desk
            .return_draft(&rev, id, draft.digest, "no description");
        assert_eq!(state.unwrap(), CaseState::Assigned);
    });
}

#[test]
fn returning_needs_a_comment() {
    on_each_engine("returning_needs_a_comment", |office| {
        let (_, id, draft) = office.drafted();
        let rev = office.actor("rev");
        for comment in ["", " \n\t"] {
            let refusal = refused(office.desk.return_draft(&rev, id, draft.digest, comment));
            assert_eq!(
                refusal.to_string(),
                "comment: it is empty: say what to change"
            );
        }
    });
}

#[test]
fn returning_an_approved_draft_takes_the_approval_back() {
    on_each_engine(
        "returning_an_approved_draft_takes_the_approval_back",
        |office| {
            let (case, id, draft) = office.ready();
            let ros = office.actor("ros");
            office
                .desk
                .return_draft(&ros, id, draft.digest, "wait")
                .unwrap();
            assert_eq!(office.state(case), CaseState::Assigned);
            let publisher = office.actor("pub");
            assert_eq!(
                refusal_code(office.desk.publish(&publisher, id)),
                "wrong_state"
            );
        },
    );
}

#[test]
fn a_newest_revision_that_is_not_approved_cannot_be_published() {
    on_each_engine(
        "a_newest_revision_that_is_not_approved_cannot_be_published",
        |office| {
            let (case, id, _) = office.ready();
            office.retitle("ana", case, id, "Second");
            let refusal = refused(office.desk.publish(&office.actor("pub"), id));
            assert_eq!(refusal.code(), "wrong_state");
            assert_eq!(office.state(case), CaseState::Assigned);
            let public = office.desk.published().advisories(0, 10).unwrap();
            assert!(public.is_empty());
        },
    );
}

#[test]
fn the_order_to_publish_carries_the_approved_digest() {
    on_each_engine(
        "the_order_to_publish_carries_the_approved_digest",
        |office| {
            let (_, id, draft) = office.ready();
            office.desk.publish(&office.actor("pub"), id).unwrap();
            let claimed = office.write(|tx| tx.claim_followup("test", 60_000));
            let claimed = claimed.unwrap();
            assert_eq!(claimed.kind, "record.publish");
            assert_eq!(claimed.payload["digest"], draft.digest.to_string());
        },
    );
}

#[test]
fn a_warning_needs_a_reason_to_be_approved() {
    on_each_engine("a_warning_needs_a_reason_to_be_approved", |office| {
        let (case, id, _) = office.drafted();
        let mut document = office.document(case);
        document["cna"].as_object_mut().unwrap().remove("metrics");
        let draft = office.save("ana", id, &document);
        let rev = office.actor("rev");
        let none = casework::Acknowledged::new();
        let result = office.desk.approve(&rev, id, draft.digest, "", &none);
        assert_eq!(refusal_code(result), "unacknowledged");
        let taken = casework::acknowledging(&draft.findings, "no score yet");
        let state = office.desk.approve(&rev, id, draft.digest, "", &taken);
        assert_eq!(state.unwrap(), CaseState::Ready);
        let said = office.desk.reviews(&rev, id).unwrap().pop().unwrap();
        assert_eq!(said.acknowledged["REC-023"], "no score yet");
    });
}

#[test]
fn whoever_suggested_a_value_that_was_taken_does_not_approve_it() {
    on_each_engine("whoever_suggested_a_value_does_not_approve", |office| {
        let (case, id, _) = office.drafted();
        let (rev, ana) = (office.actor("rev"), office.actor("ana"));
        let title = json!("A clearer title");
        let number = office
            .desk
            .comment_on_draft(&rev, id, "/cna/title", "say more", Some(&title))
            .unwrap();
        let draft = office.desk.accept_suggestion(&ana, id, number).unwrap();
        assert_eq!(office.document(case)["cna"]["title"], title);
        assert_eq!(refusal_code(office.approve("rev", id, &draft)), "own_draft");
        office.approve("ros", id, &draft).unwrap();
    });
}

#[test]
fn a_comment_decides_nothing() {
    on_each_engine("a_comment_decides_nothing", |office| {
        let (case, id, _) = office.ready();
        let rev = office.actor("rev");
        let number = office.desk.comment_on_draft(&rev, id, "/cna", "well", None);
        assert_eq!(number.unwrap(), 2);
        assert_eq!(office.state(case), CaseState::Ready);
    });
}

#[test]
fn a_comment_on_nothing_is_refused() {
    on_each_engine("a_comment_on_nothing_is_refused", |office| {
        let (_, id, _) = office.drafted();
        let rev = office.actor("rev");
        let refusal =
            refused(
                office
                    .desk
                    .comment_on_draft(&rev, id, "/cna/nothing/there", "hm", None),
            );
        assert_eq!(
            refusal.to_string(),
            "pointer: `/cna/nothing/there` leads to nothing in the draft: expected a JSON pointer \
             such as `/cna/title`"
        );
    });
}

#[test]
fn revisions_are_compared_field_by_field() {
    on_each_engine("revisions_are_compared_field_by_field", |office| {
        let (case, id, _) = office.drafted();
        office.retitle("ana", case, id, "Second");
        let difference = office
            .desk
            .revision_changes(&office.actor("rev"), id, None, None)
            .unwrap();
        let places: Vec<_> = difference
            .changes
            .iter()
            .map(|c| c.pointer.as_str())
            .collect();
        assert_eq!(
            (difference.from, difference.to, places),
            (1, 2, vec!["/cna/title"])
        );
    });
}

#[test]
fn a_draft_is_not_there_for_whoever_is_not_on_its_case() {
    on_each_engine("a_draft_is_not_there_for_whoever_is_not_on", |office| {
        let (_, id, _) = office.drafted();
        let late = office.hire("late", &[Role::Reviewer]);
        let desk = &office.desk;
        let codes = [
            refusal_code(desk.revisions(&late, id)),
            refusal_code(desk.revision(&late, id, None)),
            refusal_code(desk.revision_changes(&late, id, None, None)),
            refusal_code(desk.reviews(&late, id)),
            refusal_code(desk.publish_preview(&late, id)),
            refusal_code(desk.merge_live(&office.hire("later", &[Role::Analyst]), id, None)),
        ];
        assert_eq!(codes, ["not_found"; 6]);
    });
}

#[test]
fn two_advisories_cannot_be_published_under_one_id() {
    on_each_engine(
        "two_advisories_cannot_be_published_under_one_id",
        |office| {
            let (_, first, _) = office.ready();
            let plan = office.desk.publish(&office.actor("pub"), first).unwrap();
            let (case, second, _) = office.drafted();
            let mut document = office.document(case);
            document["advisory"]["id"] = json!(plan.advisory);
            document["cna"]["references"][0]["url"] = json!(plan.advisory_url);
            let draft = office.save("ana", second, &document);
            office.approve("rev", second, &draft).unwrap();
            office.tell_reporter(second);
            let refusal = refused(office.desk.publish(&office.actor("pub"), second));
            assert_eq!(
                refusal.to_string(),
                format!(
                    "/advisory/id: `{}` is the id of another advisory: choose another",
                    plan.advisory
                )
            );
            assert_eq!(office.state(case), CaseState::Ready);
        },
    );
}

#[test]
fn a_draft_of_another_shape_is_refused_with_its_place() {
    on_each_engine(
        "a_draft_of_another_shape_is_refused_with_its_place",
        |office| {
            let (case, id, _) = office.drafted();
            let good = office.document(case);
            for (pointer, value, expected) in [
                ("/cna", json!("text"), "/cna: it is missing"),
                ("/advisory", json!({}), "/advisory: missing field"),
                (
                    "/advisory/cve_id",
                    json!("CVE-1900-9999"),
                    "/advisory/cve_id: it is `CVE-1900-9999`",
                ),
                ("/advisory/id", json!("a/b"), "/advisory/id: `a/b`"),
            ] {
                let mut bad = good.clone();
                *bad.pointer_mut(pointer).unwrap() = value;
                let result = office.desk.save_draft(&office.actor("ana"), id, &bad, None);
                let found = refused(result).to_string();
                assert!(found.starts_with(expected), "{pointer}: {found}");
            }
        },
    );
}
