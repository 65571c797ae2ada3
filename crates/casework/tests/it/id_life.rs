//! The life of IDs: who was told, handing back, rejecting, year's ends, and
//! where IDs were seen.

use casework::clocks::DeadlineId;
use casework::{
    CaseState, HitVerdict, Proposal, RejectOrder, Role, Seen, TransferOrder, YearEndOrder,
};
use cve::id::CveId;
use store::FollowupState;

use crate::office::{Office, on_each_engine, refusal_code, refused, year};
use crate::services::{Mood, Services, on_each_engine as with_services, run_a_while};

fn order(reason: &str) -> RejectOrder {
    RejectOrder {
        reason: reason.into(),
        ..RejectOrder::default()
    }
}

fn approve(office: &Office, who: &str, made: &Proposal) -> Proposal {
    let reviewer = office.actor(who);
    let desk = &office.desk;
    desk.approve_proposal(&reviewer, made.number, made.digest, "")
        .unwrap()
}

fn state(office: &Office, id: CveId) -> String {
    let line = office.desk.ledger_line(&office.actor("ana"), id).unwrap();
    line.state
}

fn seen(id: CveId) -> Vec<Seen> {
    vec![Seen {
        cve_id: id,
        source: "https://list.example.org/1".into(),
        line: 7,
    }]
}

#[test]
fn an_id_goes_back_to_the_pool_when_a_second_person_approves() {
    on_each_engine(
        "an_id_goes_back_to_the_pool_when_a_second_person_approves",
        |office| {
            let (case, id) = office.assigned();
            let ana = office.actor("ana");
            let made = office
                .desk
                .propose_hand_back(&ana, id, "wrong case")
                .unwrap();
            assert_eq!(state(office, id), "ASSIGNED", "{}", office.engine);
            approve(office, "rev", &made);
            assert_eq!(state(office, id), "POOL", "{}", office.engine);
            assert_eq!(office.state(case), CaseState::Determined);
        },
    );
}

#[test]
fn whoever_proposed_cannot_approve_and_another_digest_is_not_approved() {
    on_each_engine(
        "whoever_proposed_cannot_approve_and_another_digest_is_not_approved",
        |office| {
            let (_, id) = office.assigned();
            let (rev, ros) = (office.actor("rev"), office.actor("ros"));
            let desk = &office.desk;
            let made = desk.propose_hand_back(&rev, id, "wrong case").unwrap();
            let own = desk.approve_proposal(&rev, made.number, made.digest, "");
            assert_eq!(refusal_code(own), "own_proposal", "{}", office.engine);
            let other = cve::hash::Digest::of(b"other");
            let stale = desk.approve_proposal(&ros, made.number, other, "");
            assert_eq!(refusal_code(stale), "invalid");
            assert_eq!(state(office, id), "ASSIGNED");
        },
    );
}

#[test]
fn an_id_anybody_was_told_of_has_to_be_rejected() {
    on_each_engine("an_id_anybody_was_told_of_has_to_be_rejected", |office| {
        let (_, id) = office.assigned();
        let ana = office.actor("ana");
        let desk = &office.desk;
        let made = desk.propose_hand_back(&ana, id, "wrong case").unwrap();
        desk.share_id(&ana, id, "the reporter", "by phone").unwrap();
        // Also when it was told only after it was proposed.
        let late = desk.approve_proposal(&office.actor("rev"), made.number, made.digest, "");
        assert_eq!(refusal_code(late), "must_reject", "{}", office.engine);
        desk.withdraw_proposal(&ana, made.number, "told").unwrap();
        let refusal = refused(desk.propose_hand_back(&ana, id, "wrong case")).to_string();
        assert!(refusal.contains("the reporter was told on"), "{refusal}");
        assert!(refusal.contains("process 4.5"), "{refusal}");
    });
}

#[test]
fn an_id_with_a_draft_is_not_handed_back() {
    on_each_engine("an_id_with_a_draft_is_not_handed_back", |office| {
        let (_, id, _) = office.drafted();
        let made = office.desk.propose_hand_back(&office.actor("ana"), id, "x");
        assert_eq!(refusal_code(made), "must_reject", "{}", office.engine);
    });
}

#[test]
fn for_whoever_is_not_on_the_case_its_id_and_its_proposals_are_not_there() {
    on_each_engine(
        "for_whoever_is_not_on_the_case_its_id_and_its_proposals_are_not_there",
        |office| {
            let (_, id) = office.assigned();
            let ana = office.actor("ana");
            let desk = &office.desk;
            let made = desk.propose_hand_back(&ana, id, "wrong case").unwrap();
            let other = office.hire("new", &[Role::Analyst, Role::Reviewer, Role::Publisher]);
            let nobody: CveId = "CVE-1900-99999".parse().unwrap();
            let expected = refused(desk.id_history(&other, nobody)).to_string();
            for text in [
                refused(desk.id_history(&other, id)).to_string(),
                refused(desk.share_id(&other, id, "x", "")).to_string(),
                refused(desk.propose_hand_back(&other, id, "x")).to_string(),
                refused(desk.propose_reject(&other, id, &order("not_vuln"))).to_string(),
                refused(desk.propose_reinstate(&other, id, "x", None)).to_string(),
            ] {
                assert_eq!(text.replace(&id.to_string(), &nobody.to_string()), expected);
            }
            assert_eq!(desk.proposals(&other, true).unwrap(), []);
            let number = made.number;
            let expected = refused(desk.proposal(&other, 999)).to_string();
            for text in [
                refused(desk.proposal(&other, number)).to_string(),
                refused(desk.approve_proposal(&other, number, made.digest, "")).to_string(),
                refused(desk.withdraw_proposal(&other, number, "x")).to_string(),
                refused(desk.proceed(&other, number)).to_string(),
            ] {
                let text = text.replace(&format!("proposal {number}"), "proposal 999");
                assert_eq!(text, expected, "{}", office.engine);
            }
        },
    );
}

#[test]
fn without_the_role_each_step_is_refused() {
    on_each_engine("without_the_role_each_step_is_refused", |office| {
        let id = office.fill_pool();
        let (aud, ana, desk) = (office.actor("aud"), office.actor("ana"), &office.desk);
        let made = desk.propose_reject(&ana, id, &order("unused")).unwrap();
        let transfer = TransferOrder {
            to: "other".parse().unwrap(),
            ground: "scope".into(),
            reason: "theirs".into(),
        };
        let year_end = YearEndOrder {
            state_only: false,
            drop: Default::default(),
            no_more_wanted: true,
        };
        for code in [
            refusal_code(desk.propose_reject(&aud, id, &order("unused"))),
            refusal_code(desk.propose_hand_back(&aud, id, "x")),
            refusal_code(desk.propose_reinstate(&aud, id, "x", None)),
            refusal_code(desk.approve_proposal(&ana, made.number, made.digest, "")),
            refusal_code(desk.proceed(&ana, made.number)),
            refusal_code(desk.withdraw_proposal(&aud, made.number, "x")),
            refusal_code(desk.request_transfer(&ana, id, &transfer)),
            refusal_code(desk.propose_year_end(&aud, year(), &year_end)),
            refusal_code(desk.reopen_year(&ana, year(), "x")),
            refusal_code(desk.record_hits(&aud, seen(id))),
            refusal_code(desk.share_id(&aud, id, "x", "")),
            refusal_code(desk.mend_ids(&aud, None, false, None)),
            refusal_code(desk.set_refill(&ana, casework::Refill::Auto)),
        ] {
            assert_eq!(code, "not_allowed", "{}", office.engine);
        }
    });
}

#[test]
fn what_the_rules_of_rejections_forbid_is_refused() {
    on_each_engine("what_the_rules_of_rejections_forbid_is_refused", |office| {
        let (_, id) = office.assigned();
        let pool = office.fill_pool();
        let (ana, desk) = (office.actor("ana"), &office.desk);
        let reject = |id, order: &RejectOrder| refused(desk.propose_reject(&ana, id, order));
        // An assigned ID was used; one of the pool was not.
        assert!(
            reject(id, &order("unused"))
                .to_string()
                .contains("process 3.2")
        );
        assert!(
            reject(pool, &order("not_vuln"))
                .to_string()
                .contains("process 3.2")
        );
        // A reason with another ID needs it, and it stands and is another.
        assert!(
            reject(id, &order("duplicate"))
                .to_string()
                .contains("REJ-004")
        );
        let itself = RejectOrder {
            replaced_by: vec![id],
            ..order("duplicate")
        };
        assert!(reject(id, &itself).to_string().contains("REJ-005"));
        // A reason without a prescribed text needs one, which gives the ground.
        assert!(
            reject(id, &order("not_disclosed"))
                .to_string()
                .starts_with("text: ")
        );
        let state_only = RejectOrder {
            state_only: true,
            ..order("not_vuln")
        };
        assert!(
            reject(id, &state_only)
                .to_string()
                .starts_with("state_only: ")
        );
        assert_eq!(state(office, id), "ASSIGNED", "{}", office.engine);
    });
}

#[test]
fn a_text_that_says_nothing_of_a_duplicate_blocks_as_a_finding() {
    on_each_engine(
        "a_text_that_says_nothing_of_a_duplicate_blocks_as_a_finding",
        |office| {
            let (_, id) = office.assigned();
            let (_, other) = office.assigned();
            let order = RejectOrder {
                replaced_by: vec![other],
                text: Some("This record was withdrawn by its CNA for reasons of its own.".into()),
                ..order("duplicate")
            };
            let made = office.desk.propose_reject(&office.actor("ana"), id, &order);
            assert_eq!(refusal_code(made), "findings", "{}", office.engine);
        },
    );
}

#[test]
fn a_hit_marks_the_id_and_starts_the_clock_that_fits() {
    let cases = [
        (true, true, DeadlineId::D07),
        (true, false, DeadlineId::D08),
        (false, false, DeadlineId::D08),
    ];
    on_each_engine(
        "a_hit_marks_the_id_and_starts_the_clock_that_fits",
        |office| {
            for (details, ours, deadline) in cases {
                let (case, id) = office.assigned();
                let (ana, desk) = (office.actor("ana"), &office.desk);
                let report = desk.record_hits(&ana, seen(id)).unwrap();
                let again = desk.record_hits(&ana, seen(id)).unwrap();
                assert_eq!((report.new.len(), again.new.len(), again.known), (1, 0, 1));
                let verdict = HitVerdict {
                    confirm: true,
                    details,
                    ours,
                    note: String::new(),
                };
                let number = report.new[0].number.unwrap();
                let hit = desk.decide_hit(&ana, number, &verdict).unwrap();
                assert!(hit.means.is_some());
                assert_eq!(state(office, id), "RBP", "{}", office.engine);
                let clocks = desk.clocks_of(&ana, case).unwrap();
                let clock = clocks.iter().find(|clock| clock.id == deadline);
                let clock = clock.unwrap_or_else(|| panic!("{details} {ours}: {clocks:?}"));
                let is_target = clock.kind == casework::clocks::Kind::Target;
                assert_eq!(is_target, !details, "{clock:?}");
            }
        },
    );
}

#[test]
fn a_hit_nobody_reads_counts_as_known_a_day_later_and_a_dismissed_one_never() {
    on_each_engine(
        "a_hit_nobody_reads_counts_as_known_a_day_later_and_a_dismissed_one_never",
        |office| {
            let (case, id) = office.assigned();
            let (ana, desk) = (office.actor("ana"), &office.desk);
            let report = desk.record_hits(&ana, seen(id)).unwrap();
            let found = desk.now();
            let of_d08 = || {
                let clocks = desk.clocks_of(&ana, case).unwrap();
                clocks.into_iter().find(|clock| clock.id == DeadlineId::D08)
            };
            let clock = of_d08().unwrap();
            assert_eq!(
                clock.starts,
                found.plus_ms(24 * 3_600_000),
                "{}",
                office.engine
            );
            let dismiss = HitVerdict {
                note: "a typing error".into(),
                ..HitVerdict::default()
            };
            let number = report.new[0].number.unwrap();
            desk.decide_hit(&ana, number, &dismiss).unwrap();
            assert!(of_d08().is_none());
            assert_eq!(state(office, id), "ASSIGNED");
            assert_eq!(
                refusal_code(desk.decide_hit(&ana, number, &dismiss)),
                "invalid"
            );
        },
    );
}

#[test]
fn of_a_hit_whoever_is_not_on_the_case_sees_the_id_only() {
    on_each_engine(
        "of_a_hit_whoever_is_not_on_the_case_sees_the_id_only",
        |office| {
            let (_, id) = office.assigned();
            let desk = &office.desk;
            let report = desk.record_hits(&office.actor("ana"), seen(id)).unwrap();
            let other = office.hire("new", &[Role::Analyst]);
            let hit = desk.hits(&other, true).unwrap().hits.remove(0);
            let told = serde_json::to_value(&hit).unwrap();
            let told: Vec<_> = told.as_object().unwrap().iter().collect();
            let known: Vec<_> = told.iter().filter(|(_, value)| !value.is_null()).collect();
            assert_eq!(known.len(), 1, "{}: {known:?}", office.engine);
            assert_eq!(hit.cve_id, id);
            let number = report.new[0].number.unwrap();
            let verdict = HitVerdict::default();
            let code = refusal_code(desk.decide_hit(&other, number, &verdict));
            assert_eq!(code, "not_found");
        },
    );
}

#[test]
fn an_id_of_the_pool_that_was_seen_is_not_assigned() {
    on_each_engine(
        "an_id_of_the_pool_that_was_seen_is_not_assigned",
        |office| {
            let seen_id = office.fill_pool();
            let other = office.fill_pool();
            let ana = office.actor("ana");
            office.desk.record_hits(&ana, seen(seen_id)).unwrap();
            let case = office.determined();
            let made = office.desk.assign(&ana, case, Some(year())).unwrap();
            assert_eq!(
                made,
                casework::Assignment::Assigned {
                    cve_id: other,
                    cve_ids: vec![other],
                    followup: None
                },
                "{}",
                office.engine
            );
        },
    );
}

#[test]
fn a_transfer_is_recorded_with_its_letter_once() {
    on_each_engine("a_transfer_is_recorded_with_its_letter_once", |office| {
        let id = office.fill_pool();
        let (oan, desk) = (office.actor("oan"), &office.desk);
        let mut order = TransferOrder {
            to: "other".parse().unwrap(),
            ground: "wish".into(),
            reason: "It is a product of theirs.".into(),
        };
        assert_eq!(
            refusal_code(desk.request_transfer(&oan, id, &order)),
            "invalid"
        );
        order.ground = "scope".into();
        let made = desk.request_transfer(&oan, id, &order).unwrap();
        assert!(
            made.letter
                .contains(&format!("transfer {id} from example to other"))
        );
        assert_eq!(
            refusal_code(desk.request_transfer(&oan, id, &order)),
            "invalid"
        );
        assert_eq!(desk.transfers(&oan).unwrap(), [made], "{}", office.engine);
    });
}

/// Two IDs of the pool, at the services and in the ledger.
fn two_pooled(office: &Office) {
    let order = casework::PoolOrder {
        amount: Some(1),
        year: Some(year()),
        ..Default::default()
    };
    for _ in 0..2 {
        office.desk.reserve(&office.actor("ana"), &order).unwrap();
        run_a_while(office);
    }
}

fn list(office: &Office) -> Proposal {
    let order = YearEndOrder {
        state_only: false,
        drop: Default::default(),
        no_more_wanted: true,
    };
    let ana = office.actor("ana");
    office.desk.propose_year_end(&ana, year(), &order).unwrap()
}

fn rejected(services: &Services, office: &Office) -> usize {
    let lines = office.desk.ledger(&office.actor("ana")).unwrap();
    let count = lines
        .iter()
        .filter(|line| line.state == "REJECTED_UNUSED")
        .count();
    assert_eq!(services.rejected(), count);
    count
}

#[test]
fn a_year_ends_with_its_list_approved_and_every_unused_id_rejected_once() {
    with_services(
        "a_year_ends_with_its_list_approved_and_every_unused_id_rejected_once",
        |services, office| {
            two_pooled(office);
            let made = list(office);
            let (ana, publisher, desk) = (office.actor("ana"), office.actor("pub"), &office.desk);
            assert_eq!(made.document["counts"]["U"], 2, "{}", office.engine);
            // Frozen from now on.
            let case = office.determined();
            let frozen = desk.assign(&ana, case, Some(year()));
            assert_eq!(refusal_code(frozen), "frozen");
            assert_eq!(
                refusal_code(desk.proceed(&publisher, made.number)),
                "proposal_state"
            );
            approve(office, "rev", &made);
            // The answers are lost, and it goes on all the same.
            services.set_mood(Mood::Forgetful);
            desk.proceed(&publisher, made.number).unwrap();
            run_a_while(office);
            assert_eq!(rejected(services, office), 2, "{}", office.engine);
            assert_eq!(services.rejections(), 2);
            let stand = desk.year_end(&ana, year()).unwrap();
            assert_eq!((stand.rejected, stand.left, stand.stuck), (2, 0, 0));
            assert_eq!(stand.proposal.unwrap().state, "done");
            desk.reopen_year(&office.actor("oan"), year(), "a late report")
                .unwrap();
            assert!(!desk.year_end(&ana, year()).unwrap().is_frozen);
        },
    );
}

#[test]
fn a_run_that_was_refused_goes_on_where_it_was_broken_off() {
    with_services(
        "a_run_that_was_refused_goes_on_where_it_was_broken_off",
        |services, office| {
            two_pooled(office);
            let made = list(office);
            approve(office, "rev", &made);
            services.set_mood(Mood::Refuses);
            let (publisher, desk) = (office.actor("pub"), &office.desk);
            desk.proceed(&publisher, made.number).unwrap();
            run_a_while(office);
            let stand = desk.year_end(&office.actor("ana"), year()).unwrap();
            assert_eq!(
                (stand.rejected, stand.left, stand.stuck),
                (0, 2, 2),
                "{}",
                office.engine
            );
            services.set_mood(Mood::Works);
            for row in desk.followups(&publisher, false).unwrap() {
                assert_eq!(row.state, FollowupState::Failed);
                desk.cancel_followup(&publisher, &row.id, "again").unwrap();
            }
            desk.proceed(&publisher, made.number).unwrap();
            run_a_while(office);
            assert_eq!(rejected(services, office), 2, "{}", office.engine);
        },
    );
}

#[test]
fn a_year_with_a_report_nobody_decided_has_no_list() {
    with_services(
        "a_year_with_a_report_nobody_decided_has_no_list",
        |_, office| {
            two_pooled(office);
            let order = |no_more_wanted| YearEndOrder {
                state_only: false,
                drop: Default::default(),
                no_more_wanted,
            };
            let (ana, desk) = (office.actor("ana"), &office.desk);
            let refusal = refused(desk.propose_year_end(&ana, year(), &order(false)));
            assert!(
                refusal.to_string().contains("--no-more-wanted"),
                "{refusal}"
            );
            let present = desk.now().year();
            let refusal = refused(desk.propose_year_end(&ana, present, &order(true)));
            assert!(refusal.to_string().contains("is not over"), "{refusal}");
            assert!(
                !desk.year_end(&ana, year()).unwrap().is_frozen,
                "{}",
                office.engine
            );
        },
    );
}
