//! The page of one case: where it stands, what is next, everything known.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use casework::{Action, Actor, CaseId, CaseState, CaseView, Desk};
use serde::Deserialize;

use super::case_list::state_class;
use super::case_record::{CaseFinding, CaseRecord};
use super::next_step::{NextForm, NextStep, Question, about_in_words, next_step};
use super::progress::{Step, progress};
use crate::advisory::severity_class;
use crate::api::case_id;
use crate::door::Door;
use crate::markdown::Prose;
use crate::moment::Moment;
use crate::page::{Frame, desk_page, sentence};
use crate::session::Caller;
use crate::settings::Settings;
use crate::stop::{Explanation, Stop};
use crate::words::{self, capital, spaced};

/// The page of one case.
#[derive(Template)]
#[template(path = "case_page.html")]
struct CasePage {
    frame: Frame,
    /// Why the last request was refused.
    alert: Option<Alert>,
    /// What the last request did; empty when there was none.
    notice: &'static str,
    /// What was typed into a form that was refused.
    typed: Typed,
    id: String,
    title: String,
    state: &'static str,
    state_class: &'static str,
    severity: String,
    severity_class: &'static str,
    embargoed: bool,
    product: String,
    owner: String,
    received: Moment,
    modified: Moment,
    reporter: String,
    reporter_contact: String,
    reporter_credit: String,
    steps: Vec<Step>,
    next: NextStep,
    records: Vec<CaseRecord>,
    findings: Vec<Claimed>,
    /// Where the decision stands, in a sentence; empty while it is open.
    verdict: String,
    may_add_finding: bool,
    may_draft: bool,
    answers: Vec<CaseAnswer>,
    followups: Vec<CaseFollowup>,
    messages: Vec<CaseMessage>,
    attachments: Vec<CaseAttachment>,
    /// How it came in; nothing for a case without a receipt.
    receipt: Option<CaseReceipt>,
    members: Vec<String>,
    trackers: Vec<String>,
    /// The bounty awards that wait or are approved, in words.
    awards: Vec<String>,
}

/// A file beside the case.
struct CaseAttachment {
    number: i64,
    name: String,
    kind: String,
    size: i64,
    digest: String,
    by: String,
    at: Moment,
}

/// How a case came in.
struct CaseReceipt {
    reference: String,
    channel: String,
    /// When the reporter's link that works was made.
    link_made: Option<Moment>,
}

/// Why the last request was refused.
struct Alert {
    message: String,
    findings: Vec<CaseFinding>,
}

/// What was typed into a form that was refused; kept, so that it is not lost.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// The ID whose form it was; empty for the forms of the case.
    pub(super) record: String,
    pub(super) document: String,
    pub(super) message: String,
    pub(super) reason: String,
    pub(super) comment: String,
}

/// A finding of the case.
struct Claimed {
    name: String,
    products: String,
    /// What the answers say about it.
    verdict: &'static str,
}

struct CaseAnswer {
    node: String,
    /// What it is about, in words; empty for the whole report.
    about: String,
    /// What proves it, and whom or what it names.
    beside: Vec<String>,
    /// Why its consequence is turned round; empty when it is not.
    overriding: String,
    question: &'static str,
    value: String,
    reason: String,
    rules: String,
    ruleset: String,
    by: String,
    at: Moment,
    superseded: bool,
    /// The question, where it can be answered anew.
    anew: Option<Question>,
}

struct CaseFollowup {
    id: String,
    what: &'static str,
    state: &'static str,
    state_class: &'static str,
    attempts: i64,
    answer: String,
    next_try: Option<Moment>,
    may_retry: bool,
}

struct CaseMessage {
    lane: &'static str,
    lane_class: &'static str,
    author: String,
    body: Prose,
    at: Moment,
}

/// What the request before this page did, as a word of a closed list.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Result<Caller, Stop>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    super::answer(&door, caller, move |desk, actor, settings| {
        let mut page = page(desk, actor, settings, case_id(&id)?)?;
        page.notice = notice(&done.done);
        Ok(desk_page(StatusCode::OK, &page))
    })
    .await
}

/// The page again, with why the request was refused and what was typed.
pub(super) fn refused(
    desk: &Desk,
    actor: &Actor,
    settings: &Settings,
    id: CaseId,
    why: Explanation,
    typed: Typed,
) -> Result<Response, Stop> {
    let mut page = page(desk, actor, settings, id)?;
    page.typed = typed;
    page.alert = Some(Alert {
        message: sentence(&why.message),
        findings: why.findings.iter().map(CaseFinding::new).collect(),
    });
    Ok(desk_page(why.status, &page))
}

fn notice(done: &str) -> &'static str {
    match done {
        "taken" => "The case is yours.",
        "answered" => "The answer is recorded.",
        "assigned" => "The assignment is under way.",
        "confirmed" => "The count is confirmed.",
        "finding" => "The finding is added. The next question is about it.",
        "commented" => "The message is written.",
        "retried" => "It is tried again.",
        "drafted" => "A new revision is saved.",
        "approved" => "The revision is approved.",
        "returned" => "The revision is returned to its author.",
        "published" => "The advisory is public. The record follows.",
        _ => "",
    }
}

fn page(desk: &Desk, actor: &Actor, settings: &Settings, id: CaseId) -> Result<CasePage, Stop> {
    let case = desk.case(actor, id)?;
    let next = next_step(&case, actor);
    let frame = Frame::new(settings, format!("Case {id}: {}", case.summary.title))
        .of(actor.name())
        .also(
            format!("cna case show {id}"),
            format!("GET /desk/v1/cases/{id}"),
        );
    let answers = answers(&case, actor);
    let followups = followups(&case, actor);
    let records: Vec<_> = case
        .records
        .iter()
        .map(|record| CaseRecord::new(&case, record, actor))
        .collect();
    let (findings, verdict) = (findings(&case), verdict(&case));
    let may_add_finding = may(actor, Action::Prefill) && case.records.is_empty() && {
        use CaseState::{Consulting, Coordinating, NeedInfo, Routed, Triage};
        let state = case.summary.state;
        matches!(
            state,
            Triage | NeedInfo | Consulting | Coordinating | Routed
        )
    };
    // The steps of several records stand with each of them.
    let next = if records.iter().any(|record| record.next.is_some()) {
        NextStep::of_several(&case, next)
    } else {
        next
    };
    let awards = awards(&case);
    let summary = case.summary;
    Ok(CasePage {
        frame,
        alert: None,
        notice: "",
        typed: Typed::default(),
        id: id.to_string(),
        state: words::state(summary.state),
        state_class: state_class(summary.state),
        severity: capital(&summary.severity),
        severity_class: severity_class(&summary.severity),
        embargoed: summary.embargoed,
        steps: progress(summary.state),
        title: summary.title,
        product: summary.product,
        owner: summary.owner,
        received: Moment(summary.received),
        modified: Moment(summary.modified),
        reporter: case.report.reporter.name,
        reporter_contact: case.report.reporter.contact,
        reporter_credit: case.report.reporter.credit,
        next,
        records,
        findings,
        verdict,
        may_add_finding,
        may_draft: may(actor, Action::Draft)
            && matches!(summary.state, CaseState::Assigned | CaseState::Ready),
        answers,
        followups,
        messages: case.messages.into_iter().map(message).collect(),
        attachments: case.attachments.into_iter().map(attachment).collect(),
        receipt: case.intake.map(|intake| CaseReceipt {
            reference: intake.reference,
            channel: intake.channel,
            link_made: intake.link_made.map(Moment),
        }),
        trackers: case.trackers,
        awards,
        members: sorted(case.members),
    })
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn may(actor: &Actor, action: Action) -> bool {
    action.roles().iter().any(|role| actor.has(*role))
}

/// The answers, oldest first; those that stand can be given anew as long as
/// no ID is assigned.
fn answers(case: &CaseView, actor: &Actor) -> Vec<CaseAnswer> {
    let is_open = case.records.is_empty() && may(actor, Action::Answer);
    let answers = case.answers.iter();
    answers
        .map(|answer| CaseAnswer {
            node: answer.node.clone(),
            about: match &answer.about {
                Some(about) => about_in_words(about),
                None => "About a finding that was removed".to_owned(),
            },
            beside: answer
                .names
                .iter()
                .chain(&answer.evidence)
                .cloned()
                .collect(),
            overriding: answer.overriding.clone(),
            question: answer.question,
            value: spaced(&answer.value),
            reason: answer.reason.clone(),
            rules: answer.rules.join(", "),
            ruleset: answer.ruleset.clone(),
            by: answer.answered_by.clone(),
            at: Moment(answer.answered_at),
            superseded: answer.superseded,
            anew: (is_open && !answer.superseded && answer.about.is_some())
                .then(|| {
                    let key = format!("a{}", answer.number);
                    Question::of(&answer.node, answer.about.as_ref(), &key)
                })
                .flatten(),
        })
        .collect()
}

fn findings(case: &CaseView) -> Vec<Claimed> {
    use casework::decision::Verdict;
    let verdicts = &case.determination.verdicts;
    let claimed = |finding: &casework::FindingView| {
        let products = finding
            .products
            .iter()
            .map(|product| product.product.as_str());
        Claimed {
            name: finding.name.clone(),
            products: products.collect::<Vec<_>>().join(", "),
            verdict: match verdicts.get(&finding.name) {
                Some(Verdict::Vulnerable) => "a vulnerability",
                Some(Verdict::NotVulnerable) => "not a vulnerability",
                Some(Verdict::Teaching) => "deliberately vulnerable: no ID",
                Some(Verdict::NeverPublic) => "never public: no ID",
                Some(Verdict::NeedInfo) => "waits for the reporter",
                Some(Verdict::Consult) => "waits for others who were asked",
                Some(Verdict::Open) | None => "open",
            },
        }
    };
    case.findings.iter().map(claimed).collect()
}

/// Where the decision stands, in a sentence.
fn verdict(case: &CaseView) -> String {
    let decision = &case.determination;
    let (Some(ruling), Some(outcome)) = (&decision.ruling, decision.outcome) else {
        return String::new();
    };
    let mut text = format!("{ruling}: {}.", outcome.meaning());
    if let Some(confirmed) = &decision.confirmation {
        text.push_str(&format!(" The count is confirmed by {}.", confirmed.by));
    } else if decision.needs_confirmation {
        text.push_str(" The count is not confirmed yet.");
    }
    text
}

fn followups(case: &CaseView, actor: &Actor) -> Vec<CaseFollowup> {
    let may_retry = may(actor, Action::Retry);
    let followups = case.followups.iter();
    followups
        .map(|followup| {
            let (state, state_class) = match followup.state.as_str() {
                "pending" => ("Waits for its turn", "waiting"),
                "leased" => ("Under way", "working"),
                "done" => ("Done", "done"),
                "held" => ("Waits for a person", "trouble"),
                _ => ("Refused by the other side", "trouble"),
            };
            CaseFollowup {
                id: followup.id.clone(),
                what: match followup.kind.as_str() {
                    "id.reserve" => "Reserve a CVE ID at CVE Services",
                    "record.publish" => "Send the CVE record to CVE Services",
                    _ => "Tell another server",
                },
                state,
                state_class,
                attempts: followup.attempts,
                answer: followup.last_answer.clone(),
                next_try: (state_class == "waiting" && followup.attempts > 0)
                    .then_some(Moment(followup.not_before)),
                may_retry: may_retry && state_class == "trouble",
            }
        })
        .collect()
}

/// The bounty awards that wait or are approved, in words.
fn awards(case: &CaseView) -> Vec<String> {
    let in_words = |award: &casework::Award| {
        let who = match award.state.as_str() {
            "proposed" => format!("proposed by {}", award.proposed_by),
            "approved" => format!("approved by {}", award.decided_by),
            _ => return None,
        };
        Some(format!("{} {}, {who}", award.amount, award.currency))
    };
    case.awards.iter().filter_map(in_words).collect()
}

fn attachment(file: casework::Attachment) -> CaseAttachment {
    CaseAttachment {
        number: file.number,
        name: file.name,
        kind: file.kind,
        size: file.size,
        digest: file.digest.to_string(),
        by: match file.by.as_str() {
            "reporter" => "Reporter".into(),
            _ => file.by,
        },
        at: Moment(file.at),
    }
}

fn message(message: casework::Message) -> CaseMessage {
    let (lane, lane_class) = match message.lane.as_str() {
        "reporter" => ("With the reporter", "reporter"),
        "vendors" => ("With vendors", "vendors"),
        _ => ("Internal", "internal"),
    };
    CaseMessage {
        lane,
        lane_class,
        // Whoever reported it has no name here; the side column has it.
        author: match message.author.as_str() {
            "reporter" => "Reporter".into(),
            _ => message.author,
        },
        body: Prose::new(&message.body),
        at: Moment(message.at),
    }
}
