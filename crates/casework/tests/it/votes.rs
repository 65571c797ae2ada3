//! Votes, solo mode, the emergency override, and the review after it.

use casework::clocks::{EventKind, Happening};
use casework::{CaseId, CaseState, NewReleaseRule, Role};
use cve::id::CveId;

use crate::office::{Office, happening, on_each_engine, refusal_code, refused};

fn set(office: &Office, new: NewReleaseRule) {
    let admin = office.actor("admin");
    office.desk.set_release_rule(&admin, &new).unwrap();
}

fn two(office: &Office) {
    let approvals = Some(2);
    set(
        office,
        NewReleaseRule {
            approvals,
            ..NewReleaseRule::default()
        },
    );
}

fn solo(office: &Office) {
    set(
        office,
        NewReleaseRule {
            solo: Some(true),
            reason: "a team of one until May".into(),
            ..NewReleaseRule::default()
        },
    );
}

/// An administrator on the case.
fn overrider(office: &Office, case: CaseId) -> casework::Actor {
    let oan = office.actor("oan");
    office.put_on(case, &oan);
    oan
}

fn overridden(office: &Office) -> (CaseId, CveId) {
    let (case, id, draft) = office.drafted();
    let oan = overrider(office, case);
    let state =
        office
            .desk
            .override_approval(&oan, id, "publish", draft.digest, "it is exploited now");
    assert_eq!(state.unwrap(), CaseState::Ready);
    (case, id)
}

#[test]
fn two_approvals_by_two_people_approve_and_one_does_not() {
    on_each_engine("two_approvals_by_two_people", |office| {
        two(office);
        let (case, id, draft) = office.drafted();
        assert_eq!(
            office.approve("rev", id, &draft).unwrap(),
            CaseState::Assigned
        );
        let votes = office.desk.votes(&office.actor("ana"), id).unwrap();
        assert_eq!(votes.words, "1 of 2 approvals, by rev");
        // The same person twice is one.
        assert_eq!(
            office.approve("rev", id, &draft).unwrap(),
            CaseState::Assigned
        );
        assert_eq!(office.approve("ros", id, &draft).unwrap(), CaseState::Ready);
        let shown = office.desk.case(&office.actor("ana"), case).unwrap();
        assert_eq!(shown.records[0].approved_by, "rev, ros");
    });
}

#[test]
fn a_return_by_one_resets_the_votes() {
    on_each_engine("a_return_by_one_resets_the_votes", |office| {
        two(office);
        let (_, id, draft) = office.drafted();
        office.approve("rev", id, &draft).unwrap();
        let ros = office.actor("ros");
        office
            .desk
            .return_draft(&ros, id, draft.digest, "not yet")
            .unwrap();
        assert_eq!(
            office.approve("ros", id, &draft).unwrap(),
            CaseState::Assigned
        );
        assert_eq!(office.approve("rev", id, &draft).unwrap(), CaseState::Ready);
    });
}

#[test]
fn one_vote_of_two_does_not_make_the_author_a_reviewer_of_what_follows() {
    on_each_engine("one_vote_of_two_is_no_approval", |office| {
        two(office);
        let (case, id) = office.assigned();
        let first = office.desk.draft_from_report(&office.actor("ros"), id);
        office.approve("rev", id, &first.unwrap()).unwrap();
        let second = office.retitle("ana", case, id, "Second");
        assert_eq!(
            refusal_code(office.approve("ros", id, &second)),
            "own_draft"
        );
    });
}

#[test]
fn votes_for_an_earlier_revision_do_not_count_when_its_text_comes_back() {
    on_each_engine("votes_for_an_earlier_revision_do_not_count", |office| {
        two(office);
        let (case, id, draft) = office.drafted();
        let text = office.document(case);
        office.approve("rev", id, &draft).unwrap();
        office.retitle("ana", case, id, "Second");
        let again = office.save("ana", id, &text);
        assert_eq!(again.digest, draft.digest);
        assert_eq!(
            office.approve("ros", id, &again).unwrap(),
            CaseState::Assigned
        );
    });
}

#[test]
fn in_solo_mode_the_author_approves_and_the_record_says_so() {
    on_each_engine("in_solo_mode_the_author_approves", |office| {
        solo(office);
        let (case, id) = office.assigned();
        let rev = office.actor("rev");
        let draft = office.desk.draft_from_report(&rev, id).unwrap();
        assert_eq!(office.approve("rev", id, &draft).unwrap(), CaseState::Ready);
        let shown = office.desk.case(&rev, case).unwrap();
        let by = "rev (solo mode: approved by its author)";
        assert_eq!(shown.records[0].approved_by, by);
        assert_eq!(office.desk.reviews(&rev, id).unwrap()[0].mode, "solo");
        office.tell_reporter(id);
        let preview = office
            .desk
            .publish_preview(&office.actor("pub"), id)
            .unwrap();
        assert_eq!(preview.approval, by);
    });
}

#[test]
fn solo_mode_needs_an_administrator_and_a_reason() {
    on_each_engine("solo_mode_needs_an_administrator_and_a_reason", |office| {
        let new = NewReleaseRule {
            solo: Some(true),
            ..NewReleaseRule::default()
        };
        let by = |name: &str| office.desk.set_release_rule(&office.actor(name), &new);
        assert_eq!(refusal_code(by("rev")), "not_allowed");
        assert_eq!(
            refused(by("admin")).to_string(),
            "reason: it is empty: say why one person has to do both"
        );
    });
}

#[test]
fn solo_mode_and_two_approvals_exclude_each_other() {
    on_each_engine("solo_mode_and_two_approvals", |office| {
        two(office);
        let new = NewReleaseRule {
            solo: Some(true),
            reason: "x".into(),
            ..NewReleaseRule::default()
        };
        let admin = office.actor("admin");
        assert_eq!(
            refusal_code(office.desk.set_release_rule(&admin, &new)),
            "invalid"
        );
    });
}

#[test]
fn an_override_approves_alone_and_asks_for_a_review_within_a_business_day() {
    on_each_engine("an_override_approves_alone", |office| {
        let (case, id) = overridden(office);
        let rev = office.actor("rev");
        let clocks = office.desk.clocks_of(&rev, case).unwrap();
        let clock = clocks.iter().find(|clock| clock.id.as_str() == "D-33");
        assert!(clock.is_some());
        // It shows in what needs somebody, and goes once it was reviewed.
        let named = || {
            let needs = office.desk.status(&rev).unwrap();
            needs.iter().any(|need| need.what.contains("D-33"))
        };
        assert!(named());
        office
            .desk
            .review_override(&rev, id, "it was right")
            .unwrap();
        assert!(!named());
    });
}

#[test]
fn a_review_after_an_override_that_comes_too_late_is_a_breach() {
    on_each_engine("a_late_review_after_an_override", |office| {
        let (_, _) = overridden(office);
        office.clock.advance_ms(7 * 24 * 60 * 60 * 1000);
        let breaches = office.desk.breaches(&office.actor("rev"), 100).unwrap();
        assert!(breaches.iter().any(|breach| breach.id.as_str() == "D-33"));
    });
}

#[test]
fn whoever_overrode_or_wrote_it_does_not_review_it_afterwards() {
    on_each_engine("whoever_overrode_does_not_review", |office| {
        let both = office.hire("both", &[Role::Oa, Role::Reviewer]);
        let (case, id, draft) = office.drafted();
        office.put_on(case, &both);
        office
            .desk
            .override_approval(&both, id, "publish", draft.digest, "exploited")
            .unwrap();
        let own = office.desk.review_override(&both, id, "fine");
        assert_eq!(refusal_code(own), "own_draft");
    });
}

#[test]
fn the_override_is_never_for_a_rejection() {
    on_each_engine("the_override_is_never_for_a_rejection", |office| {
        let (case, id, draft) = office.drafted();
        let oan = overrider(office, case);
        let refusal = office
            .desk
            .override_approval(&oan, id, "reject", draft.digest, "please");
        assert!(refused(refusal).to_string().contains("process 3.3, rule 5"));
    });
}

#[test]
fn nobody_records_the_review_of_an_override_by_hand() {
    on_each_engine("nobody_records_the_review_of_an_override", |office| {
        let (case, id) = overridden(office);
        let happening = Happening {
            subject: id.to_string(),
            ..happening(EventKind::OverrideReviewed)
        };
        let by = office
            .desk
            .record_event(&office.actor("tri"), Some(case), &happening);
        assert_eq!(refusal_code(by), "invalid");
    });
}
