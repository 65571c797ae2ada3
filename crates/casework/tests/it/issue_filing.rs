//! Filing a placeholder issue: approved, with nothing of the case, and once,
//! whatever becomes of the answer.

use std::collections::BTreeMap;

use casework::{Actor, CaseId, DispatchState, NeedKind, NewReleaseRule, NewTracker, Role};
use cve::id::CveId;

use crate::hub::{Hub, Mischief};
use crate::office::{Office, on_each_engine, refusal_code, refused};
use crate::services::run_a_while;

fn set_up(office: &Office, hub: &Hub, token: Option<&str>) {
    let admin = office.actor("admin");
    let tracker = NewTracker {
        repository: "example/agent".into(),
        api: Some(hub.api.clone()),
        token: token.map(str::to_owned),
    };
    office.desk.set_tracker(&admin, &tracker).unwrap();
    let rule = NewReleaseRule {
        profile: Some("kubernetes".into()),
        ..NewReleaseRule::default()
    };
    office.desk.set_release_rule(&admin, &rule).unwrap();
}

fn write(office: &Office, id: CveId) -> casework::AnnouncementSet {
    let ana = office.actor("ana");
    let names = ["placeholder".to_owned()];
    let made = office.desk.announce(&ana, id, &names, &BTreeMap::new());
    made.unwrap()
}

fn approve(office: &Office, id: CveId, set: &casework::AnnouncementSet) {
    let rev = office.actor("rev");
    office
        .desk
        .approve_announcements(&rev, id, set.digest)
        .unwrap();
}

/// A drafted ID whose placeholder is approved.
fn approved(office: &Office, hub: &Hub) -> (CaseId, CveId) {
    set_up(office, hub, Some("secret-of-the-tracker"));
    let (case, id, _) = office.drafted();
    let set = write(office, id);
    approve(office, id, &set);
    (case, id)
}

fn dispatch(office: &Office, id: CveId) -> (DispatchState, String) {
    let set = office.desk.announcements(&office.actor("ana"), id);
    let text = set.unwrap().unwrap().announcements.remove(0);
    (text.dispatch.state, text.dispatch.answer)
}

fn first_item(office: &Office, id: CveId) -> &'static str {
    let items = office.desk.checklist(&office.actor("ana"), id).unwrap();
    items
        .into_iter()
        .find(|item| item.id == "K-01")
        .unwrap()
        .state
}

#[test]
fn an_approved_placeholder_is_filed_once_and_is_evidence_for_k_01() {
    on_each_engine("an_approved_placeholder_is_filed_once", |office| {
        let hub = Hub::start(&[]);
        let (_, id) = approved(office, &hub);
        let ana = office.actor("ana");
        assert_eq!(first_item(office, id), "open");
        let filing = office.desk.file_issue(&ana, id).unwrap();
        assert_eq!(filing.repository, "example/agent");
        let twice = refused(office.desk.file_issue(&ana, id)).to_string();
        assert!(twice.contains("was filed, or is on its way"), "{twice}");
        run_a_while(office);
        let issues = hub.issues();
        assert_eq!(issues.len(), 1, "{}", office.engine);
        assert_eq!(issues[0]["title"], "PLACEHOLDER ISSUE");
        assert_eq!(issues[0]["labels"].as_array().unwrap().len(), 5);
        assert_eq!(first_item(office, id), "done");
        let look = office.desk.issue_check(&ana, id).unwrap().unwrap();
        assert_eq!(look.url, "https://github.com/example/agent/issues/41");
        assert_eq!((look.faults.len(), look.seen_by.as_str()), (0, "ana"));
        let again = refused(office.desk.file_issue(&ana, id)).to_string();
        assert!(again.contains("already"), "{again}");
    });
}

#[test]
fn nothing_of_the_case_is_sent() {
    on_each_engine("nothing_of_the_case_is_sent", |office| {
        let hub = Hub::start(&[Mischief::AfterIt(502)]);
        let (_, id) = approved(office, &hub);
        let ana = office.actor("ana");
        office.desk.file_issue(&ana, id).unwrap();
        run_a_while(office);
        let asked = hub.asked().join("\n");
        for word in [
            id.to_string().as_str(),
            "symbolic",
            "node-agent",
            "Alex",
            "ana",
        ] {
            assert!(
                !asked.contains(word),
                "{}: `{word}` in {asked}",
                office.engine
            );
        }
    });
}

#[test]
fn an_issue_that_was_filed_is_found_by_its_mark_and_not_filed_again() {
    for mischief in [
        Mischief::AfterIt(500),
        Mischief::AfterIt(502),
        Mischief::Silence,
    ] {
        on_each_engine("an_issue_that_was_filed_is_found", |office| {
            let hub = Hub::start(&[mischief]);
            let (_, id) = approved(office, &hub);
            office.desk.file_issue(&office.actor("ana"), id).unwrap();
            run_a_while(office);
            assert_eq!(
                (hub.issues().len(), hub.filings()),
                (1, 1),
                "{}",
                office.engine
            );
            let (state, answer) = dispatch(office, id);
            assert_eq!(state, DispatchState::Sent);
            assert!(
                answer.starts_with("found after a lost answer: "),
                "{answer}"
            );
            assert_eq!(first_item(office, id), "done");
        });
    }
}

#[test]
fn an_issue_that_was_not_filed_is_filed_after_a_look() {
    on_each_engine("an_issue_that_was_not_filed_is_filed", |office| {
        let hub = Hub::start(&[Mischief::Instead(503), Mischief::Instead(500)]);
        let (_, id) = approved(office, &hub);
        office.desk.file_issue(&office.actor("ana"), id).unwrap();
        run_a_while(office);
        assert_eq!(
            (hub.issues().len(), hub.filings()),
            (1, 3),
            "{}",
            office.engine
        );
        let looks = hub.asked();
        let looks = looks.iter().filter(|one| one.starts_with("GET /repos/"));
        assert_eq!(looks.count(), 2, "a look before each repetition");
        // Each try has the same mark.
        let body = hub.issues()[0]["body"].as_str().unwrap().to_owned();
        let mark = body.lines().last().unwrap();
        assert!(
            mark.starts_with("<!-- ") && mark.ends_with(" -->"),
            "{body}"
        );
        let asked = hub.asked();
        let filings = asked.iter().filter(|one| one.starts_with("POST "));
        assert_eq!(filings.filter(|one| one.contains(mark)).count(), 3);
    });
}

#[test]
fn a_refusal_is_shown_and_the_same_follow_up_goes_again() {
    on_each_engine("a_refusal_is_shown", |office| {
        let hub = Hub::start(&[Mischief::Instead(403)]);
        let (_, id) = approved(office, &hub);
        let ana = office.actor("ana");
        office.desk.file_issue(&ana, id).unwrap();
        run_a_while(office);
        let (state, answer) = dispatch(office, id);
        assert_eq!(state, DispatchState::Failed);
        assert_eq!(
            answer,
            "the tracker files no issue in `example/agent` (403): not now; give a token that may \
             write issues there"
        );
        let needs = office.desk.status(&ana).unwrap();
        let stuck = needs.iter().find(|need| need.kind == NeedKind::Followup);
        let what = &stuck.unwrap().what;
        assert!(
            what.starts_with("filing the `placeholder` of CVE-1900-"),
            "{what}"
        );
        assert!(
            what.ends_with(&format!("`cna publish issue {id} --file`")),
            "{what}"
        );
        assert_eq!(hub.issues().len(), 0);
        office.desk.file_issue(&ana, id).unwrap();
        run_a_while(office);
        assert_eq!(hub.issues().len(), 1, "{}", office.engine);
        assert_eq!(dispatch(office, id).0, DispatchState::Sent);
    });
}

#[test]
fn a_text_that_is_not_approved_is_not_filed() {
    on_each_engine("a_text_that_is_not_approved_is_not_filed", |office| {
        let hub = Hub::start(&[]);
        set_up(office, &hub, Some("secret-of-the-tracker"));
        let (_, id, _) = office.drafted();
        let ana = office.actor("ana");
        let none = refused(office.desk.file_issue(&ana, id)).to_string();
        assert!(none.contains("have no placeholder"), "{none}");
        let set = write(office, id);
        let early = refused(office.desk.file_issue(&ana, id)).to_string();
        assert!(early.contains("is not approved"), "{early}");
        let own = office.desk.approve_announcements(&ana, id, set.digest);
        assert_eq!(refusal_code(own), "not_allowed");
        run_a_while(office);
        assert_eq!(hub.asked(), [] as [String; 0], "{}", office.engine);
    });
}

#[test]
fn a_placeholder_is_for_before_the_disclosure_and_needs_a_token() {
    on_each_engine("a_placeholder_is_for_before", |office| {
        let hub = Hub::start(&[]);
        set_up(office, &hub, None);
        let (_, id, draft) = office.drafted();
        let ana = office.actor("ana");
        let bare = refused(office.desk.file_issue(&ana, id)).to_string();
        assert!(bare.contains("has no token"), "{bare}");
        set_up(office, &hub, Some("secret-of-the-tracker"));
        let set = write(office, id);
        approve(office, id, &set);
        office.approve("rev", id, &draft).unwrap();
        office.tell_reporter(id);
        office.desk.publish(&office.actor("pub"), id).unwrap();
        let late = refused(office.desk.file_issue(&ana, id)).to_string();
        assert!(late.contains("is public"), "{late}");
        assert_eq!(hub.filings(), 0, "{}", office.engine);
    });
}

#[test]
fn the_placeholder_of_a_case_one_is_not_on_is_not_there_and_roles_are_asked() {
    on_each_engine("the_placeholder_of_a_case_one_is_not_on", |office| {
        let hub = Hub::start(&[]);
        let (_, id) = approved(office, &hub);
        let file = |who: &Actor| office.desk.file_issue(who, id);
        let eve = office.hire("eve", &[Role::Analyst]);
        assert_eq!(refusal_code(file(&eve)), "not_found", "{}", office.engine);
        for name in ["tri", "oan", "aud"] {
            assert_eq!(
                refusal_code(file(&office.actor(name))),
                "not_allowed",
                "{name}"
            );
        }
        file(&office.actor("pub")).unwrap();
    });
}
