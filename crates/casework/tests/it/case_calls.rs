//! What is done to a case, or to a CVE ID of one, with the action it is.

use std::collections::BTreeMap;

use casework::clocks::{EventKind, NewEmbargo, Severity};
use casework::{
    About, Action, Actor, CandidateKey, CaseId, Desk, DraftEnd, Error, File, FindingChange,
    Judgement, Lane, LinkTarget, NewAnswer, NewPackage, NewPlan, NewTask, RejectOrder, Relation,
    Start, TaskEnd, TransferOrder, form::FormFormat,
};
use cve::hash::Digest;
use cve::id::CveId;
use serde_json::json;

use crate::office::{given, happening, taken, year};

pub(crate) type OnCase = fn(&Desk, &Actor, CaseId) -> Result<(), Error>;
pub(crate) type OnId = fn(&Desk, &Actor, CveId) -> Result<(), Error>;

fn file() -> File {
    File {
        name: "notes.txt".into(),
        bytes: b"notes".to_vec(),
    }
}

fn named(name: &str) -> FindingChange {
    FindingChange {
        name: Some(name.into()),
        ..FindingChange::default()
    }
}

pub(crate) fn nothing() -> Digest {
    Digest::of(b"")
}

/// What names a case, with the action it is.
#[rustfmt::skip]
pub(crate) const ON_A_CASE: &[(&str, Action, OnCase)] = &[
    ("accept_case", Action::Take, |d, a, c| d.accept_case(a, c).map(drop)),
    ("add_finding", Action::Prefill, |d, a, c| d.add_finding(a, c, &named("second")).map(drop)),
    ("add_member", Action::Share, |d, a, c| d.add_member(a, c, "aud")),
    ("add_task", Action::Plan, |d, a, c| {
        let new = NewTask { title: "call them".into(), ..NewTask::default() };
        d.add_task(a, c, &new).map(drop)
    }),
    ("answer", Action::Prefill, |d, a, c| d.answer(a, c, "A1", &given("report")).map(drop)),
    ("answer_about", Action::Prefill, |d, a, c| {
        let mut new = NewAnswer::plain("C1", &given("yes"));
        new.about = About::Finding("first".into());
        d.answer_about(a, c, &new).map(drop)
    }),
    ("answer_severity", Action::Record, |d, a, c| {
        d.answer_severity(a, c, &BTreeMap::new(), "").map(drop)
    }),
    ("approve_award", Action::Award, |d, a, c| d.approve_award(a, c, 1).map(drop)),
    ("approve_package", Action::Review, |d, a, c| {
        d.approve_package(a, c, 1, nothing()).map(drop)
    }),
    ("arrived", Action::See, |d, a, c| d.arrived(a, c).map(drop)),
    ("ask_reporter", Action::Correspond, |d, a, c| d.ask_reporter(a, c, "which?").map(drop)),
    ("assign", Action::Assign, |d, a, c| d.assign(a, c, Some(year())).map(drop)),
    ("attach", Action::Comment, |d, a, c| d.attach(a, c, file()).map(drop)),
    ("attachment", Action::See, |d, a, c| d.attachment(a, c, 1).map(drop)),
    ("attachments", Action::See, |d, a, c| d.attachments(a, c).map(drop)),
    ("case", Action::See, |d, a, c| d.case(a, c).map(drop)),
    ("clocks_of", Action::See, |d, a, c| d.clocks_of(a, c).map(drop)),
    ("close_case", Action::Close, |d, a, c| d.close_case(a, c, "silence").map(drop)),
    ("comment", Action::Comment, |d, a, c| d.comment(a, c, "hm")),
    ("confidential", Action::Confide, |d, a, c| d.confidential(a, c).map(drop)),
    ("confirm_count", Action::Confirm, |d, a, c| d.confirm_count(a, c, nothing(), "").map(drop)),
    ("draft_letter", Action::Comment, |d, a, c| {
        d.draft_letter(a, c, "first-answer", &BTreeMap::new()).map(drop)
    }),
    ("draft_routing", Action::Share, |d, a, c| d.draft_routing(a, c, "other", "words").map(drop)),
    ("draft_message", Action::Comment, |d, a, c| {
        d.draft_message(a, c, Lane::Reporter, None, "hello").map(drop)
    }),
    ("duplicates", Action::See, |d, a, c| d.duplicates(a, c).map(drop)),
    ("edit_finding", Action::Prefill, |d, a, c| {
        d.edit_finding(a, c, "first", &named("other")).map(drop)
    }),
    ("embargo", Action::See, |d, a, c| d.embargo(a, c).map(drop)),
    ("end_message", Action::Send, |d, a, c| d.end_message(a, c, 1, DraftEnd::Sent).map(drop)),
    ("end_task", Action::Plan, |d, a, c| d.end_task(a, c, 1, TaskEnd::Done, "")),
    ("erase_reporter", Action::Administer, |d, a, c| d.erase_reporter(a, c, "asked")),
    ("findings", Action::See, |d, a, c| d.findings(a, c).map(drop)),
    ("hand_over", Action::Take, |d, a, c| d.hand_over(a, c, "ana", "yours")),
    ("judge_duplicate", Action::Answer, |d, a, c| {
        let other = CandidateKey::Cve("CVE-1900-9998".parse().unwrap());
        d.judge_duplicate(a, c, &other, Judgement::Different, "another flaw").map(drop)
    }),
    ("keep_retrospective", Action::Record, |d, a, c| {
        d.keep_retrospective(a, c, "it went well").map(drop)
    }),
    ("lift_embargo", Action::Embargo, |d, a, c| d.lift_embargo(a, c, "it is public")),
    ("links", Action::See, |d, a, c| d.links(a, c).map(drop)),
    ("note_package_answer", Action::Record, |d, a, c| {
        d.note_package_answer(a, c, 1, "Some Linux", "received", None).map(drop)
    }),
    ("offer", Action::See, |d, a, c| d.offer(a, c).map(drop)),
    ("outgoing", Action::See, |d, a, c| d.outgoing(a, c).map(drop)),
    ("packages", Action::See, |d, a, c| d.packages(a, c).map(drop)),
    ("propose_award", Action::Award, |d, a, c| {
        d.propose_award(a, c, "100", "EUR", "").map(drop)
    }),
    ("put_vendor_contact", Action::Share, |d, a, c| d.put_vendor_contact(a, c, "Up", "")),
    ("record_event", Action::Record, |d, a, c| d.record_event(a, Some(c), &happening(EventKind::HumanAnswered))),
    ("record_leak", Action::Embargo, |d, a, c| {
        d.record_leak(a, c, "https://example.org/leak", None, false).map(drop)
    }),
    ("refuse_award", Action::Award, |d, a, c| d.refuse_award(a, c, 1, "too much").map(drop)),
    ("relate", Action::Plan, |d, a, c| {
        let page = LinkTarget::Url("https://example.org/1".into());
        d.relate(a, c, Relation::Related, &page, "").map(drop)
    }),
    ("remove_finding", Action::Prefill, |d, a, c| d.remove_finding(a, c, "first")),
    ("remove_member", Action::Share, |d, a, c| d.remove_member(a, c, "rev")),
    ("renew_link", Action::Correspond, |d, a, c| d.renew_link(a, c, false).map(drop)),
    ("reopen_case", Action::Close, |d, a, c| d.reopen_case(a, c, "news").map(drop)),
    ("retrospectives", Action::See, |d, a, c| d.retrospectives(a, c).map(drop)),
    ("retry", Action::Retry, |d, a, c| d.retry(a, c, "f-1")),
    ("routing", Action::See, |d, a, c| d.routing(a, c, None, None, false).map(drop)),
    ("set_embargo", Action::Embargo, |d, a, c| {
        let until = "2027-12-01T16:00".into();
        let new = NewEmbargo { until, zone: None, conditions: String::new() };
        d.set_embargo(a, c, &new).map(drop)
    }),
    ("set_product", Action::Prefill, |d, a, c| d.set_product(a, c, "node-agent")),
    ("set_severity", Action::Record, |d, a, c| d.set_severity(a, c, Severity::High, "worse")),
    ("settle_reservation", Action::Retry, |d, a, c| d.settle_reservation(a, c, "f-1", &[])),
    ("severity_questions", Action::See, |d, a, c| d.severity_questions(a, c).map(drop)),
    ("take", Action::Take, |d, a, c| d.take(a, c).map(drop)),
    ("tasks", Action::See, |d, a, c| d.tasks(a, c, true).map(drop)),
    ("tell_date", Action::Correspond, |d, a, c| d.tell_date(a, c, true).map(drop)),
    ("unrelate", Action::Plan, |d, a, c| d.unrelate(a, c, 1)),
    ("vendor_contacts", Action::See, |d, a, c| d.vendor_contacts(a, c).map(drop)),
    ("write_package", Action::Announce, |d, a, c| {
        let values = [("DEPLOY", "yes"), ("PATCH_EMBARGO", "yes")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let new = NewPackage { is_final: false, files: Vec::new(), values: values.into() };
        d.write_package(a, c, &new).map(drop)
    }),
];

/// What names a CVE ID of a case, with the action it is.
#[rustfmt::skip]
pub(crate) const ON_AN_ID: &[(&str, Action, OnId)] = &[
    ("accept_suggestion", Action::Draft, |d, a, i| d.accept_suggestion(a, i, 1).map(drop)),
    ("announce", Action::Announce, |d, a, i| d.announce(a, i, &[], &BTreeMap::new()).map(drop)),
    ("announcements", Action::See, |d, a, i| d.announcements(a, i).map(drop)),
    ("approve", Action::Review, |d, a, i| d.approve(a, i, nothing(), "", &taken()).map(drop)),
    ("approve_announcements", Action::Review, |d, a, i| d.approve_announcements(a, i, nothing())),
    ("archived_records", Action::Audit, |d, a, i| d.archived_records(a, i).map(drop)),
    ("check_form", Action::Draft, |d, a, i| d.check_form(a, i, "", FormFormat::Toml).map(drop)),
    ("checklist", Action::See, |d, a, i| d.checklist(a, i).map(drop)),
    ("comment_on_draft", Action::Review, |d, a, i| {
        d.comment_on_draft(a, i, "/cna", "hm", None).map(drop)
    }),
    ("copies", Action::See, |d, a, i| d.copies(a, i).map(drop)),
    ("datamap", Action::Announce, |d, a, i| {
        d.datamap(a, i, &[1], "https://example.org/issues/7").map(drop)
    }),
    ("describe", Action::Draft, |d, a, i| {
        d.describe(a, i, &casework::describe::Details::default()).map(drop)
    }),
    ("draft_from_report", Action::Draft, |d, a, i| d.draft_from_report(a, i).map(drop)),
    ("file_issue", Action::Announce, |d, a, i| d.file_issue(a, i).map(drop)),
    ("form", Action::See, |d, a, i| d.form(a, i, None, FormFormat::Toml).map(drop)),
    ("id_history", Action::Audit, |d, a, i| d.id_history(a, i).map(drop)),
    ("issue_check", Action::See, |d, a, i| d.issue_check(a, i).map(drop)),
    ("look_at_copies", Action::Tick, |d, a, i| d.look_at_copies(a, i).map(drop)),
    ("look_at_issue", Action::Tick, |d, a, i| d.look_at_issue(a, i, None).map(drop)),
    ("merge_live", Action::Draft, |d, a, i| d.merge_live(a, i, None).map(drop)),
    ("note_sent", Action::Announce, |d, a, i| d.note_sent(a, i, "list")),
    ("override_approval", Action::Override, |d, a, i| {
        d.override_approval(a, i, "publish", nothing(), "urgent").map(drop)
    }),
    ("plan_publication", Action::Publish, |d, a, i| {
        let at = "2027-01-04T16:00".into();
        let new = NewPlan { at, zone: None, when_answers: String::new() };
        d.plan_publication(a, i, &new).map(drop)
    }),
    ("cancel_plan", Action::Publish, |d, a, i| d.cancel_plan(a, i, "late")),
    ("propose_hand_back", Action::Assign, |d, a, i| d.propose_hand_back(a, i, "mistake").map(drop)),
    ("propose_reinstate", Action::Draft, |d, a, i| {
        d.propose_reinstate(a, i, "mistake", None).map(drop)
    }),
    ("propose_reject", Action::Draft, |d, a, i| d.propose_reject(a, i, &rejecting()).map(drop)),
    ("publish", Action::Publish, |d, a, i| d.publish(a, i).map(drop)),
    ("publish_preview", Action::See, |d, a, i| d.publish_preview(a, i).map(drop)),
    ("release_plans", Action::See, |d, a, i| d.release_plans(a, i).map(drop)),
    ("request_transfer", Action::Request, |d, a, i| {
        let (to, ground) = ("other".parse().unwrap(), "scope".into());
        let order = TransferOrder { to, ground, reason: "theirs".into() };
        d.request_transfer(a, i, &order).map(drop)
    }),
    ("return_draft", Action::Review, |d, a, i| d.return_draft(a, i, nothing(), "no").map(drop)),
    ("review_override", Action::Review, |d, a, i| d.review_override(a, i, "right")),
    ("reviews", Action::See, |d, a, i| d.reviews(a, i).map(drop)),
    ("revision", Action::See, |d, a, i| d.revision(a, i, None).map(drop)),
    ("revision_changes", Action::See, |d, a, i| d.revision_changes(a, i, None, None).map(drop)),
    ("revisions", Action::See, |d, a, i| d.revisions(a, i).map(drop)),
    ("save_draft", Action::Draft, |d, a, i| {
        d.save_draft(a, i, &json!({"cna": {}}), None).map(drop)
    }),
    ("save_form", Action::Draft, |d, a, i| {
        d.save_form(a, i, "", FormFormat::Toml, None).map(drop)
    }),
    ("send_announcement", Action::Announce, |d, a, i| d.send_announcement(a, i, "list")),
    ("set_field", Action::Draft, |d, a, i| {
        d.set_field(a, i, "/cna/title", &json!("x")).map(drop)
    }),
    ("set_ranges", Action::Draft, |d, a, i| {
        let range = json!({"version": "1.0.0", "status": "affected"});
        d.set_ranges(a, i, None, None, &[range]).map(drop)
    }),
    ("share_id", Action::Record, |d, a, i| d.share_id(a, i, "Vendor", "")),
    ("start_draft", Action::Draft, |d, a, i| {
        d.start_draft(a, i, &Start::Reported(None)).map(drop)
    }),
    ("tick", Action::Tick, |d, a, i| d.tick(a, i, "PC-08", "done", "told")),
    ("votes", Action::See, |d, a, i| d.votes(a, i).map(drop)),
];

pub(crate) fn rejecting() -> RejectOrder {
    RejectOrder {
        reason: "not_vuln".into(),
        replaced_by: Vec::new(),
        text: None,
        state_only: false,
    }
}
