//! What private distributors are told: written by one, approved by another,
//! sent by a commander, answered by each.

use std::collections::BTreeMap;

use casework::clocks::EventKind;
use casework::{
    Actor, CaseId, DispatchState, File, MailServer, NeedKind, NewPackage, Package, Role,
};

use crate::mail::{server, set};
use crate::office::{Office, on_each_engine, refusal_code, refused};
use crate::services::run_a_while;
use crate::smtp::Smtp;

const PATCH: &str = "41_v1.31.patch";
const LIST: &str = "distributors@example.org";

fn new() -> NewPackage {
    let values = [
        ("DATE", "2026-12-01 16:00 (UTC)"),
        ("DEPLOY", "No."),
        ("PATCH_EMBARGO", "Yes."),
    ];
    let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    NewPackage {
        is_final: false,
        files: vec![PATCH.to_owned()],
        values: BTreeMap::from(values.map(owned)),
    }
}

/// A drafted case with a patch, a commander on it, and two distributors.
fn told(office: &Office) -> (CaseId, Actor) {
    let (case, ..) = office.drafted();
    let file = File {
        name: PATCH.to_owned(),
        bytes: b"From: fix\n--- a\n+++ b\n".to_vec(),
    };
    office
        .desk
        .attach(&office.actor("ana"), case, file)
        .unwrap();
    let cor = office.hire("cor", &[Role::Commander]);
    office.put_on(case, &cor);
    let admin = office.actor("admin");
    for (name, product) in [("Acme", "Acme Cloud"), ("Beta", "Beta Linux")] {
        let address = format!("security@{}.example.org", name.to_lowercase());
        office
            .desk
            .put_distributor(&admin, name, &address, product)
            .unwrap();
    }
    (case, cor)
}

fn written(office: &Office, case: CaseId) -> Package {
    let ana = office.actor("ana");
    office.desk.write_package(&ana, case, &new()).unwrap()
}

fn approved(office: &Office, case: CaseId) -> Package {
    let made = written(office, case);
    let rev = office.actor("rev");
    office
        .desk
        .approve_package(&rev, case, made.number, made.digest)
        .unwrap()
}

fn open_mail(smtp: &Smtp) -> MailServer {
    MailServer {
        may_carry_texts: true,
        ..server(smtp)
    }
}

fn events(office: &Office, case: CaseId) -> Vec<String> {
    let rows = office.desk.store().read(|r| r.case_events(case.number()));
    let kinds = rows.unwrap().into_iter().map(|event| event.kind);
    let told = [
        EventKind::DistributorsTold,
        EventKind::DistributorsFinalNotice,
    ];
    kinds
        .filter(|kind| told.iter().any(|told| told.as_str() == kind))
        .collect()
}

#[test]
fn a_package_leaves_with_its_patches_only_after_somebody_else_approved_it() {
    on_each_engine("a_package_leaves_with_its_patches", |office| {
        let smtp = Smtp::start(&[]);
        set(office, &open_mail(&smtp));
        let (case, cor) = told(office);
        let admin = office.actor("admin");
        office.desk.set_distributors_list(&admin, LIST).unwrap();
        let made = written(office, case);
        let early = refused(office.desk.send_package(&cor, case, made.number, false));
        assert!(early.to_string().contains("is not approved"), "{early}");
        let rev = office.actor("rev");
        let (number, digest) = (made.number, made.digest);
        let approve = office.desk.approve_package(&rev, case, number, digest);
        assert_eq!(approve.unwrap().approved_by, "rev");
        office.desk.send_package(&cor, case, number, false).unwrap();
        run_a_while(office);
        let taken = smtp.taken();
        let to: Vec<_> = taken.iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(to.len(), 1, "{}", office.engine);
        assert!(to[0].contains(LIST), "{to:?}");
        assert!(
            taken[0]
                .header("Subject")
                .starts_with("[EMBARGOED] CVE-1900-")
        );
        let data = &taken[0].data;
        assert!(data.contains(PATCH), "{data}");
        // The bytes of the patch, in base64.
        assert!(data.contains("RnJvbTogZml4Ci0tLSBhCisrKyBiCg=="), "{data}");
        assert_eq!(events(office, case), ["distributors_told"]);
        let view = office.desk.packages(&rev, case).unwrap().remove(0);
        assert_eq!(view.mails[0].dispatch.state, DispatchState::Sent);
        let again = refused(office.desk.send_package(&cor, case, number, false));
        assert!(again.to_string().contains("was sent already"), "{again}");
    });
}

#[test]
fn nobody_approves_the_own_package_and_only_a_commander_sends() {
    on_each_engine("nobody_approves_the_own_package", |office| {
        let (case, cor) = told(office);
        let rev = office.actor("rev");
        let own = office.desk.write_package(&rev, case, &new()).unwrap();
        let approve = |who: &Actor| {
            office
                .desk
                .approve_package(who, case, own.number, own.digest)
        };
        assert_eq!(refusal_code(approve(&rev)), "own_proposal");
        assert_eq!(refusal_code(approve(&cor)), "not_allowed");
        assert_eq!(refusal_code(approve(&office.actor("ana"))), "not_allowed");
        approve(&office.actor("ros")).unwrap();
        for name in ["rev", "ana", "pub", "tri", "oan"] {
            let actor = office.actor(name);
            let sent = office.desk.send_package(&actor, case, own.number, true);
            assert_eq!(refusal_code(sent), "not_allowed", "{name}");
        }
        let sent = office.desk.send_package(&cor, case, own.number, true);
        assert_eq!(sent.unwrap().sent_by, "cor", "{}", office.engine);
    });
}

#[test]
fn an_approval_is_of_one_text_with_its_patches_and_addresses() {
    on_each_engine("an_approval_is_of_one_text", |office| {
        let (case, cor) = told(office);
        let (ana, rev) = (office.actor("ana"), office.actor("rev"));
        let first = approved(office, case);
        let bare = NewPackage {
            files: Vec::new(),
            ..new()
        };
        let second = office.desk.write_package(&ana, case, &bare).unwrap();
        assert_ne!(first.digest, second.digest);
        let old = office.desk.send_package(&cor, case, first.number, true);
        let old = refused(old).to_string();
        assert!(old.contains("package 2 took the place of 1"), "{old}");
        let wrong = office
            .desk
            .approve_package(&rev, case, second.number, first.digest);
        assert_eq!(refusal_code(wrong), "invalid", "{}", office.engine);
        // The same text to other addresses is another package.
        let admin = office.actor("admin");
        office.desk.set_distributors_list(&admin, LIST).unwrap();
        let third = office.desk.write_package(&ana, case, &bare).unwrap();
        assert_ne!(second.digest, third.digest);
    });
}

#[test]
fn mail_that_may_not_carry_texts_carries_no_package() {
    on_each_engine("mail_that_may_not_carry_texts", |office| {
        let smtp = Smtp::start(&[]);
        set(office, &server(&smtp));
        let (case, cor) = told(office);
        let made = approved(office, case);
        let sent = office.desk.send_package(&cor, case, made.number, false);
        let sent = refused(sent).to_string();
        assert!(sent.contains("mail may not carry"), "{sent}");
        let open = office.desk.store().read(|r| r.open_followups()).unwrap();
        run_a_while(office);
        assert_eq!((open, smtp.taken().len()), (0, 0), "{}", office.engine);
        assert_eq!(events(office, case), [] as [String; 0]);
        office
            .desk
            .send_package(&cor, case, made.number, true)
            .unwrap();
        assert_eq!(events(office, case), ["distributors_told"]);
    });
}

#[test]
fn the_final_notice_has_the_public_text_and_is_kept_as_d_17() {
    on_each_engine("the_final_notice_has_the_public_text", |office| {
        let (case, cor) = told(office);
        let last = NewPackage {
            is_final: true,
            files: Vec::new(),
            ..new()
        };
        let ana = office.actor("ana");
        let made = office.desk.write_package(&ana, case, &last).unwrap();
        assert!(
            made.body.contains("Which versions are affected"),
            "{}",
            made.body
        );
        let rev = office.actor("rev");
        office
            .desk
            .approve_package(&rev, case, made.number, made.digest)
            .unwrap();
        office
            .desk
            .send_package(&cor, case, made.number, true)
            .unwrap();
        let found = events(office, case);
        assert_eq!(found, ["distributors_final_notice"], "{}", office.engine);
    });
}

#[test]
fn a_member_that_has_not_answered_is_named_until_its_answer_is_noted() {
    on_each_engine("a_member_that_has_not_answered", |office| {
        let (case, cor) = told(office);
        let ana = office.actor("ana");
        let made = approved(office, case);
        let number = made.number;
        let answer = |member: &str, words: &str| {
            office
                .desk
                .note_package_answer(&ana, case, number, member, words, None)
        };
        let early = refused(answer("Acme", "got it")).to_string();
        assert!(early.contains("was not sent"), "{early}");
        office.desk.send_package(&cor, case, number, true).unwrap();
        let silent = || {
            let view = office.desk.case(&ana, case).unwrap();
            view.packages[0].silent.clone()
        };
        assert_eq!(silent(), ["Acme", "Beta"], "{}", office.engine);
        let noted = answer("Acme", "Received; we ship on the day.").unwrap();
        let acme = &noted.members[0];
        let found = (
            acme.name.as_str(),
            acme.answer.as_str(),
            acme.noted_by.as_str(),
        );
        assert_eq!(found, ("Acme", "Received; we ship on the day.", "ana"));
        assert_eq!(silent(), ["Beta"]);
        let needs = office.desk.status(&ana).unwrap();
        let need = needs.iter().find(|need| need.kind == NeedKind::Silent);
        let what = &need.unwrap().what;
        assert!(what.ends_with(": Beta"), "{what}");
        let stranger = refused(answer("Gamma", "hello")).to_string();
        assert!(stranger.contains("is no member"), "{stranger}");
        answer("Beta", "Received.").unwrap();
        assert_eq!(silent(), [] as [String; 0]);
    });
}

#[test]
fn each_member_has_its_own_mail_without_a_list_and_only_a_failed_one_goes_again() {
    on_each_engine("each_member_has_its_own_mail", |office| {
        let smtp = Smtp::start(&["554 no"]);
        set(office, &open_mail(&smtp));
        let (case, cor) = told(office);
        let made = approved(office, case);
        office
            .desk
            .send_package(&cor, case, made.number, false)
            .unwrap();
        run_a_while(office);
        assert_eq!(smtp.taken().len(), 2, "{}", office.engine);
        let view = office.desk.case(&cor, case).unwrap();
        assert_eq!(view.packages[0].failed.len(), 1);
        office
            .desk
            .send_package(&cor, case, made.number, false)
            .unwrap();
        run_a_while(office);
        let view = office.desk.case(&cor, case).unwrap();
        assert_eq!(view.packages[0].failed, [] as [String; 0]);
        let taken = smtp.taken();
        let failed: Vec<_> = taken.iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!(failed.len(), 3);
        assert!(failed[..2].contains(&failed[2]), "{failed:?}");
        assert_eq!(events(office, case), ["distributors_told"], "told once");
    });
}

#[test]
fn a_case_under_no_embargo_is_told_to_nobody_in_private() {
    on_each_engine("a_case_under_no_embargo", |office| {
        let (case, cor) = told(office);
        let made = approved(office, case);
        let tri = office.actor("tri");
        office.desk.lift_embargo(&tri, case, "it is out").unwrap();
        let sent = office.desk.send_package(&cor, case, made.number, true);
        assert!(refused(sent).to_string().contains("under no embargo"));
        let ana = office.actor("ana");
        let write = office.desk.write_package(&ana, case, &new());
        assert!(refused(write).to_string().contains("under no embargo"));
    });
}

#[test]
fn the_packages_of_a_case_one_is_not_on_are_not_there_and_each_look_is_audited() {
    on_each_engine("the_packages_of_a_case_one_is_not_on", |office| {
        let (case, _) = told(office);
        let made = written(office, case);
        let roles = [Role::Commander, Role::Analyst, Role::Reviewer];
        let eve = office.hire("eve", &roles);
        let desk = &office.desk;
        let number = made.number;
        let asked = [
            refusal_code(desk.packages(&eve, case)),
            refusal_code(desk.write_package(&eve, case, &new())),
            refusal_code(desk.approve_package(&eve, case, number, made.digest)),
            refusal_code(desk.send_package(&eve, case, number, true)),
            refusal_code(desk.note_package_answer(&eve, case, number, "Acme", "hm", None)),
        ];
        assert_eq!(asked, ["not_found"; 5], "{}", office.engine);
        let looks = || {
            let events = desk.store().read(|r| r.audit_of(&format!("case {case}")));
            let events = events.unwrap().into_iter();
            events.filter(|event| event.action == "case.view").count()
        };
        let before = looks();
        desk.packages(&office.actor("ana"), case).unwrap();
        assert_eq!(looks(), before + 1);
    });
}

#[test]
fn only_an_administrator_keeps_the_distributors() {
    on_each_engine("only_an_administrator_keeps_the_distributors", |office| {
        let (admin, ana) = (office.actor("admin"), office.actor("ana"));
        let desk = &office.desk;
        let put = |who: &Actor| desk.put_distributor(who, "Acme", "a@example.org", "Acme Cloud");
        assert_eq!(refusal_code(put(&ana)), "not_allowed");
        put(&admin).unwrap();
        let wrong = desk.put_distributor(&admin, "Beta", "nowhere", "Beta");
        assert_eq!(refusal_code(wrong), "invalid");
        let list = desk.set_distributors_list(&ana, LIST);
        assert_eq!(refusal_code(list), "not_allowed");
        assert_eq!(
            refusal_code(desk.remove_distributor(&ana, "Acme")),
            "not_allowed"
        );
        let found = desk.distributors(&ana).unwrap();
        assert_eq!(found.members.len(), 1, "{}", office.engine);
        desk.remove_distributor(&admin, "Acme").unwrap();
        assert_eq!(desk.distributors(&ana).unwrap().members, []);
        let gone = desk.remove_distributor(&admin, "Acme");
        assert_eq!(refusal_code(gone), "not_found");
    });
}
