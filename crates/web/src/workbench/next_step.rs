//! The one step that is next, as a named button for whoever may take it.

use casework::{About, Action, Actor, CaseState, CaseView, RecordView, Role, nodes};

use crate::words::{either, spaced};

/// The one step that is next.
pub(super) struct NextStep {
    pub(super) title: String,
    pub(super) text: String,
    /// What the program has checked already.
    pub(super) checks: Vec<String>,
    pub(super) form: NextForm,
}

/// The form that takes the step.
pub(super) enum NextForm {
    /// Nobody can do anything now, or not this person.
    Nothing,
    Take,
    Answer(Question),
    /// An optional question is open, and an ID can be assigned without it.
    AnswerOrAssign(Question),
    /// A second person confirms the count.
    Confirm {
        digest: String,
        count: u32,
    },
    Assign,
    DraftFromReport {
        cve_id: String,
    },
    Review {
        cve_id: String,
        revision: i64,
        digest: String,
        /// Codes of the warnings it has.
        warnings: Vec<String>,
    },
    Publish {
        cve_id: String,
    },
}

/// A question of the decision tree with the answers it allows.
pub(super) struct Question {
    pub(super) node: &'static str,
    pub(super) words: &'static str,
    pub(super) rules: String,
    pub(super) choices: Vec<Choice>,
    /// The finding it is asked about, or the first of a pair; may be empty.
    pub(super) finding: String,
    /// The other finding of a pair; may be empty.
    pub(super) other: String,
    /// What it is about, in words; empty for the whole report.
    pub(super) about: String,
    /// Tells the forms of one page apart.
    pub(super) key: String,
}

/// An answer a question allows.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) words: String,
}

impl Question {
    /// The question with this id; nothing for an id of a later program.
    pub(super) fn of(id: &str, about: Option<&About>, key: &str) -> Option<Question> {
        let node = nodes().iter().find(|node| node.id == id)?;
        let choice = |(value, _): &(&'static str, _)| Choice {
            value,
            words: spaced(value),
        };
        Some(Question {
            node: node.id,
            words: node.question,
            rules: node.rules().join(", "),
            choices: node.answers.iter().map(choice).collect(),
            finding: match about {
                Some(About::Finding(one) | About::Pair(one, _)) => one.clone(),
                _ => String::new(),
            },
            other: match about {
                Some(About::Pair(_, other)) => other.clone(),
                _ => String::new(),
            },
            about: about.map(about_in_words).unwrap_or_default(),
            key: key.to_owned(),
        })
    }
}

/// What an answer is about, in words; empty for the whole report.
pub(super) fn about_in_words(about: &About) -> String {
    match about {
        About::Case => String::new(),
        About::Finding(name) => format!("About “{name}”"),
        About::Pair(one, other) => format!("About “{one}” and “{other}”"),
    }
}

impl NextStep {
    /// The next step of a case whose records each have one of their own.
    pub(super) fn of_several(case: &CaseView, first: NextStep) -> NextStep {
        let open = case
            .records
            .iter()
            .filter(|record| record.disclosed_at.is_none());
        let all = case.records.len();
        NextStep {
            title: format!("{} of {all} records are not public yet", open.count()),
            text: format!("Each has its own step below. The first: {}.", first.title),
            checks: Vec::new(),
            form: NextForm::Nothing,
        }
    }
}

/// What is next in `case`, as far as `actor` may take it.
pub(super) fn next_step(case: &CaseView, actor: &Actor) -> NextStep {
    use CaseState::{
        Assigned, Closed, ClosedDuplicate, ClosedNoAssign, ClosedNoResponse, ClosedNotVuln,
        ClosedRouted, ClosedWithdrawn, Determined, Disclosed, Published, Ready, Received,
    };
    let step = match case.summary.state {
        Received => step(
            "Take the case",
            "Nobody has it yet. Whoever takes it leads it from here.",
            NextForm::Take,
        ),
        Determined => determined(case),
        Assigned | Ready | Disclosed => match open_record(case) {
            Some(record) => record_step(case, record, actor),
            None => confirm(case),
        },
        Published => step(
            "Nothing left to do",
            "The advisory is public and the record is on the CVE List.",
            NextForm::Nothing,
        ),
        ClosedNotVuln | ClosedNoAssign | ClosedDuplicate => step(
            "Closed",
            "When there is news, answer a question of the decision anew.",
            NextForm::Nothing,
        ),
        ClosedWithdrawn => step(
            "Closed",
            "Every CVE ID of the case is rejected or another organisation's.",
            NextForm::Nothing,
        ),
        ClosedRouted | ClosedNoResponse | Closed => step(
            "Closed",
            "When there is news, open it again with `cna case reopen`.",
            NextForm::Nothing,
        ),
        _ => question(case),
    };
    permitted(step, actor)
}

fn step(title: &str, text: impl Into<String>, form: NextForm) -> NextStep {
    NextStep {
        title: title.to_owned(),
        text: text.into(),
        checks: Vec::new(),
        form,
    }
}

/// The open question, or the one whose answer made the case wait.
fn question(case: &CaseView) -> NextStep {
    let determination = &case.determination;
    let open = determination.next;
    let id = open.or(determination.path.last().copied());
    let question = id.and_then(|id| Question::of(id, determination.next_about.as_ref(), "next"));
    let Some(question) = question else {
        return step("Wait", "", NextForm::Nothing);
    };
    if open.is_some() {
        return step("Answer the next question", "", NextForm::Answer(question));
    }
    let mut text = case.summary.state.next_step().to_owned();
    text.get_mut(..1).map(str::make_ascii_uppercase);
    step(
        "Answer again when you know more",
        text + ".",
        NextForm::Answer(question),
    )
}

/// A count to be confirmed, an ID to be assigned, an optional question.
fn determined(case: &CaseView) -> NextStep {
    let decision = &case.determination;
    // What may still change the count comes before its confirmation.
    if decision.next.is_some_and(|next| next.starts_with('D')) && case.records.is_empty() {
        return question(case);
    }
    if decision.needs_confirmation && decision.confirmation.is_none() {
        let count = decision.count;
        let text = format!(
            "The answers lead to {}. A second trained person, who gave no answer of stage D, \
             confirms the count before an ID is assigned.",
            ids(count)
        );
        let groups = decision.groups.iter().filter(|group| group.count > 0);
        let groups = groups.map(|group| {
            format!(
                "{}: {}",
                group.findings.join(" together with "),
                ids(group.count)
            )
        });
        return NextStep {
            checks: groups.collect(),
            ..step(
                "Confirm the number of vulnerabilities",
                text,
                NextForm::Confirm {
                    digest: decision.digest.to_string(),
                    count,
                },
            )
        };
    }
    let assign = assign(case);
    let next = decision.next.filter(|_| case.records.is_empty());
    let question = next.and_then(|id| Question::of(id, decision.next_about.as_ref(), "next"));
    match (question, &assign.form) {
        (Some(question), NextForm::Assign) => step(
            "Answer the next question, or assign",
            "The answers are enough for an ID; this one may still be given.",
            NextForm::AnswerOrAssign(question),
        ),
        _ => assign,
    }
}

fn ids(count: u32) -> String {
    match count {
        1 => "1 CVE ID".to_owned(),
        count => format!("{count} CVE IDs"),
    }
}

/// The first record somebody has to do something for.
fn open_record(case: &CaseView) -> Option<&RecordView> {
    case.records
        .iter()
        .find(|record| record.disclosed_at.is_none())
}

/// What is next for one record of the case.
pub(super) fn record_step(case: &CaseView, record: &RecordView, actor: &Actor) -> NextStep {
    let step = if record.approved_at.is_none() {
        draft_or_review(record, actor)
    } else if matches!(case.summary.state, CaseState::Ready | CaseState::Disclosed) {
        publish(record)
    } else {
        step(
            "Wait for the other records",
            "This one is approved; the case is ready when all are.",
            NextForm::Nothing,
        )
    };
    permitted(step, actor)
}

fn assign(case: &CaseView) -> NextStep {
    let reserving = case.followups.iter().find(|followup| {
        followup.kind == "id.reserve" && !matches!(followup.state.as_str(), "done" | "failed")
    });
    match reserving.map(|followup| followup.state.as_str()) {
        None if case.determination.count > 1 => {
            let lacking = case.determination.count as usize
                - case.records.len().min(case.determination.count as usize);
            step(
                &format!(
                    "Assign {} CVE ID{}",
                    lacking,
                    if lacking == 1 { "" } else { "s" }
                ),
                "Each vulnerability gets its own, from the pool or reserved at CVE Services.",
                NextForm::Assign,
            )
        }
        None => step(
            "Assign a CVE ID",
            "Takes an ID of this year from the pool, or reserves one at CVE Services.",
            NextForm::Assign,
        ),
        Some("held") => step(
            "Look at the reservation",
            "It cannot be told for sure whether CVE Services reserved an ID. \
             Read its answer under Follow-ups, then retry.",
            NextForm::Nothing,
        ),
        Some(_) => step(
            "Wait for CVE Services",
            "An ID is being reserved; how that goes is under Follow-ups.",
            NextForm::Nothing,
        ),
    }
}

fn draft_or_review(record: &RecordView, actor: &Actor) -> NextStep {
    let cve_id = record.cve_id.to_string();
    let Some(draft) = &record.draft else {
        return step(
            "Draft record and advisory",
            "Writes both from the report; you can edit them afterwards.",
            NextForm::DraftFromReport { cve_id },
        );
    };
    let blocking = draft
        .findings
        .iter()
        .filter(|f| f.severity.blocks())
        .count();
    if blocking > 0 {
        let them = if blocking == 1 {
            "finding keeps"
        } else {
            "findings keep"
        };
        let text = format!(
            "{blocking} {them} revision {} from being approved. Edit the draft below.",
            draft.revision
        );
        return step("Mend the draft", text, NextForm::Nothing);
    }
    if draft.author == actor.name() {
        let text = format!(
            "You wrote revision {}. Four eyes: another person with the role {} approves it.",
            draft.revision,
            Role::Reviewer
        );
        return step("Ask another person for a review", text, NextForm::Nothing);
    }
    let text = format!(
        "{} wrote revision {}. Read record and advisory below, then decide. \
         An approval holds for exactly this digest; it must come from another person \
         than whoever wrote it.",
        draft.author, draft.revision
    );
    let (revision, digest) = (draft.revision, draft.digest.to_string());
    let warnings = casework::acknowledging(&draft.findings, "").into_keys();
    step(
        "Review the draft",
        text,
        NextForm::Review {
            cve_id,
            revision,
            digest,
            warnings: warnings.collect(),
        },
    )
}

/// The record is on its way, or it is stuck and a person has to look.
fn confirm(case: &CaseView) -> NextStep {
    let is_stuck = |state: &str| matches!(state, "held" | "failed");
    if case
        .followups
        .iter()
        .any(|followup| is_stuck(followup.state.as_str()))
    {
        return step(
            "Look at the follow-up",
            "The advisory is public, and the record is not on the CVE List: \
             CVE Services did not take it. Read its answer under Follow-ups, then try again.",
            NextForm::Nothing,
        );
    }
    step(
        "Wait for the record",
        "The advisory is public. The record is sent to CVE Services and read back; \
         how that goes is under Follow-ups.",
        NextForm::Nothing,
    )
}

fn publish(record: &RecordView) -> NextStep {
    let text = format!(
        "Makes the advisory public at once, ends the embargo, and sends the record \
         to CVE Services with the account {}. It cannot be undone.",
        record.account
    );
    let cve_id = record.cve_id.to_string();
    NextStep {
        checks: checks(record),
        ..step("Publish", text, NextForm::Publish { cve_id })
    }
}

/// What holds already of a record that is ready.
fn checks(record: &RecordView) -> Vec<String> {
    let Some(draft) = &record.draft else {
        return Vec::new();
    };
    let advisory = draft.document["advisory"]["id"]
        .as_str()
        .unwrap_or_default();
    let (revision, author) = (draft.revision, &draft.author);
    let approver = &record.approved_by;
    vec![
        format!("Revision {revision} by {author} is approved by {approver}"),
        match draft.findings.len() {
            0 => "There are no findings".to_owned(),
            1 => "There is 1 finding, and it does not block".to_owned(),
            count => format!("There are {count} findings, and none blocks"),
        },
        format!("The record cites the advisory {advisory}, which becomes public first"),
    ]
}

/// The step as it is, or in words who may take it.
fn permitted(step: NextStep, actor: &Actor) -> NextStep {
    let action = match step.form {
        NextForm::Nothing => return step,
        NextForm::Take => Action::Take,
        NextForm::Answer(ref question) if question.node.starts_with(['A', 'B', 'C']) => {
            Action::Prefill
        }
        NextForm::Answer(_) => Action::Answer,
        NextForm::AnswerOrAssign(_) => Action::Assign,
        NextForm::Confirm { .. } => Action::Confirm,
        NextForm::Assign => Action::Assign,
        NextForm::DraftFromReport { .. } => Action::Draft,
        NextForm::Review { .. } => Action::Review,
        NextForm::Publish { .. } => Action::Publish,
    };
    if action.roles().iter().any(|role| actor.has(*role)) {
        return step;
    }
    let roles: Vec<_> = action.roles().iter().map(|role| role.as_str()).collect();
    NextStep {
        text: format!(
            "{} This needs somebody with the role {}.",
            step.text,
            either(&roles)
        )
        .trim()
        .to_owned(),
        form: NextForm::Nothing,
        ..step
    }
}
