//! Updates of published records: our changes and those of others, both kept.

use casework::{CaseId, CaseState, Side};
use cve::convert::Target;
use cve::id::CveId;
use serde_json::{Value, json};

use crate::office::{Office, refused};
use crate::services::{Mood, Services, on_each_engine, run_a_while};

/// A case whose record is published as it was approved.
fn published(office: &Office) -> (CaseId, CveId) {
    let (case, id, _) = office.ready();
    office.desk.publish(&office.actor("pub"), id).unwrap();
    run_a_while(office);
    assert_eq!(office.state(case), CaseState::Published);
    (case, id)
}

/// Drafts another title and has it approved.
fn retitled(office: &Office, case: CaseId, id: CveId, title: &str) {
    let draft = office.retitle("ana", case, id, title);
    office.approve("rev", id, &draft).unwrap();
}

/// Somebody else adds a reference to the live record.
fn add_reference(services: &Services, id: CveId) {
    let mut live = services.container(&id.to_string());
    let more = json!({"url": "https://example.org/seen"});
    live["references"].as_array_mut().unwrap().push(more);
    services.put_record(&id.to_string(), live);
}

fn urls(container: &Value) -> Vec<&str> {
    let list = container["references"].as_array().unwrap();
    list.iter()
        .map(|item| item["url"].as_str().unwrap())
        .collect()
}

#[test]
fn a_published_record_is_replaced_by_what_was_approved_since() {
    on_each_engine("a_published_record_is_replaced", |services, office| {
        let (case, id) = published(office);
        retitled(office, case, id, "A worse flaw");
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        assert_eq!(services.container(&id.to_string())["title"], "A worse flaw");
        assert_eq!(services.accepted()[&id.to_string()], 1);
        assert_eq!(office.state(case), CaseState::Published);
    });
}

#[test]
fn what_is_published_already_is_not_sent_again() {
    on_each_engine("what_is_published_already_is_not_sent", |_, office| {
        let (_, id) = published(office);
        let refusal = refused(office.desk.publish(&office.actor("pub"), id));
        assert_eq!(
            refusal.to_string(),
            "revision 1 is published already: draft a change first"
        );
    });
}

#[test]
fn what_is_on_its_way_is_not_sent_twice() {
    on_each_engine("what_is_on_its_way_is_not_sent_twice", |_, office| {
        let (_, id, _) = office.ready();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        let refusal = refused(office.desk.publish(&office.actor("pub"), id));
        assert_eq!(refusal.code(), "on_its_way");
    });
}

#[test]
fn an_update_needs_an_approval_of_its_own() {
    on_each_engine("an_update_needs_an_approval_of_its_own", |_, office| {
        let (case, id) = published(office);
        office.retitle("ana", case, id, "Another flaw");
        let refusal = refused(office.desk.publish(&office.actor("pub"), id));
        assert_eq!(refusal.code(), "not_approved");
    });
}

#[test]
fn an_update_changes_the_public_advisory_and_not_its_date() {
    on_each_engine("an_update_changes_the_public_advisory", |_, office| {
        let (case, id) = published(office);
        let public = office.desk.published();
        let name = public.advisory_of(id).unwrap().unwrap();
        let before = public.advisory(&name).unwrap().unwrap();
        let mut document = office.document(case);
        document["advisory"]["solution"] = json!("Update to 1.5.0.");
        let draft = office.save("ana", id, &document);
        office.approve("rev", id, &draft).unwrap();
        office.desk.publish(&office.actor("pub"), id).unwrap();
        let after = public.advisory(&name).unwrap().unwrap();
        assert_eq!(after.advisory.solution, "Update to 1.5.0.");
        assert_eq!(after.published, before.published);
    });
}

#[test]
fn an_advisory_keeps_the_id_it_is_public_under() {
    on_each_engine("an_advisory_keeps_its_public_id", |_, office| {
        let (case, id) = published(office);
        let mut document = office.document(case);
        document["advisory"]["id"] = json!("EXAMPLE-1999-001");
        document["cna"]["references"][0]["url"] = json!("https://example.org/EXAMPLE-1999-001");
        let draft = office.save("ana", id, &document);
        office.approve("rev", id, &draft).unwrap();
        let refusal = refused(office.desk.publish(&office.actor("pub"), id));
        assert!(
            refusal
                .to_string()
                .contains("an address that was given out stays")
        );
    });
}

#[test]
fn a_live_record_somebody_changed_is_not_overwritten() {
    on_each_engine("a_live_record_somebody_changed", |services, office| {
        let (case, id) = published(office);
        add_reference(services, id);
        retitled(office, case, id, "A worse flaw");
        office.desk.publish(&office.actor("pub"), id).unwrap();
        run_a_while(office);
        let view = office.desk.case(&office.actor("ana"), case).unwrap();
        let held = view.followups.last().unwrap();
        assert_eq!(held.state, store::FollowupState::Held);
        assert!(
            held.last_answer
                .contains(&format!("`cna draft merge {id}`"))
        );
        assert!(
            urls(&services.container(&id.to_string())).contains(&"https://example.org/seen"),
            "the reference somebody added is lost"
        );
    });
}

#[test]
fn merging_keeps_their_change_beside_ours_and_the_merged_text_is_published() {
    on_each_engine("merging_keeps_their_change", |services, office| {
        let (case, id) = published(office);
        add_reference(services, id);
        retitled(office, case, id, "A worse flaw");
        let publisher = office.actor("pub");
        office.desk.publish(&publisher, id).unwrap();
        run_a_while(office);
        let merged = office.desk.merge_live(&office.actor("ana"), id, None);
        let merged = merged.unwrap();
        assert_eq!(merged.conflicts, []);
        let draft = merged.revision.unwrap();
        let refusal = refused(office.desk.publish(&publisher, id));
        assert_eq!(refusal.code(), "not_approved");
        office.approve("rev", id, &draft).unwrap();
        office.desk.publish(&publisher, id).unwrap();
        run_a_while(office);
        let live = services.container(&id.to_string());
        assert_eq!(live["title"], "A worse flaw");
        assert!(urls(&live).contains(&"https://example.org/seen"));
        let view = office.desk.case(&office.actor("ana"), case).unwrap();
        let states: Vec<_> = view.followups.iter().map(|row| row.state).collect();
        assert!(states.iter().all(|state| matches!(
            state,
            store::FollowupState::Done | store::FollowupState::Cancelled
        )));
    });
}

#[test]
fn a_field_both_changed_is_a_conflict_until_a_side_is_chosen() {
    on_each_engine("a_field_both_changed_is_a_conflict", |services, office| {
        let (case, id) = published(office);
        let mut live = services.container(&id.to_string());
        live["title"] = json!("Their title");
        services.put_record(&id.to_string(), live);
        office.retitle("ana", case, id, "Our title");
        let ana = office.actor("ana");
        let told = office.desk.merge_live(&ana, id, None).unwrap();
        assert_eq!((told.conflicts.len(), told.revision), (1, None));
        assert_eq!(told.conflicts[0].pointer, "/title");
        assert_eq!(office.document(case)["cna"]["title"], "Our title");
        office.desk.merge_live(&ana, id, Some(Side::Live)).unwrap();
        assert_eq!(office.document(case)["cna"]["title"], "Their title");
    });
}

#[test]
fn an_update_whose_answer_was_lost_is_not_taken_for_somebody_elses() {
    on_each_engine("an_update_whose_answer_was_lost", |services, office| {
        let (case, id) = published(office);
        retitled(office, case, id, "A worse flaw");
        office.desk.publish(&office.actor("pub"), id).unwrap();
        services.set_mood(Mood::Forgetful);
        run_a_while(office);
        services.set_mood(Mood::Works);
        while !office
            .desk
            .runner()
            .settle(std::time::Duration::from_secs(5))
            .unwrap()
        {}
        let view = office.desk.case(&office.actor("ana"), case).unwrap();
        assert_eq!(
            view.followups.last().unwrap().state,
            store::FollowupState::Done
        );
        assert_eq!(services.container(&id.to_string())["title"], "A worse flaw");
    });
}

#[test]
fn a_preview_shows_the_exact_request_and_what_stands_in_its_way() {
    on_each_engine("a_preview_shows_the_exact_request", |services, office| {
        let (case, id, _) = office.drafted();
        let publisher = office.actor("pub");
        let preview = office.desk.publish_preview(&publisher, id).unwrap();
        assert_eq!(
            preview.obstacles,
            ["revision 1 is not approved: ask for a review"]
        );
        let requests: Vec<_> = preview
            .steps
            .iter()
            .filter_map(|s| s.request.as_ref())
            .collect();
        let sent = requests.iter().find(|request| request.method == "POST");
        let sent = sent.unwrap();
        assert!(
            sent.url.ends_with(&format!("/api/cve/{id}/cna")),
            "{}",
            sent.url
        );
        let body = sent.body.clone().unwrap();
        assert_eq!(body["cnaContainer"], office.document(case)["cna"]);
        assert!(services.accepted().is_empty());
    });
}

#[test]
fn the_other_forms_lie_beside_the_record_once_it_is_read_back() {
    on_each_engine("the_other_forms_lie_beside", |_, office| {
        let (_, id) = published(office);
        let public = office.desk.published();
        let name = public.advisory_of(id).unwrap().unwrap();
        let advisory = public.advisory(&name).unwrap().unwrap();
        assert_eq!(
            advisory.documents,
            [
                "csaf.json",
                "cve.json",
                "cyclonedx.json",
                "openvex.json",
                "osv.json"
            ]
        );
        for (kind, pointer) in [
            ("cve.json", "/cveMetadata/cveId"),
            ("csaf.json", "/vulnerabilities/0/cve"),
            ("osv.json", "/aliases/0"),
            ("openvex.json", "/statements/0/vulnerability/name"),
            ("cyclonedx.json", "/vulnerabilities/0/id"),
        ] {
            let document = public.document(&name, kind).unwrap().unwrap();
            let document: Value = serde_json::from_slice(&document.body).unwrap();
            let found = document.pointer(pointer).or(document.pointer("/id"));
            assert_eq!(found, Some(&json!(id)), "{kind}");
        }
    });
}

#[test]
fn the_feeds_of_records_hold_what_is_published_and_nothing_before() {
    on_each_engine("the_feeds_of_records", |_, office| {
        let public = office.desk.published();
        for target in [Target::Atom, Target::Rss, Target::K8sFeed] {
            assert_eq!(public.record_feed(target).unwrap(), None);
        }
        let (_, id) = published(office);
        office.desk.follow_feed().unwrap();
        for target in [Target::Atom, Target::Rss, Target::K8sFeed] {
            let feed = public.record_feed(target).unwrap().unwrap();
            assert!(feed.contains(&id.to_string()), "{feed}");
        }
    });
}
