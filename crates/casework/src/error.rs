//! Why the desk did not do what it was asked.

use cve::check::Finding;
use cve::merge::Conflict;

/// Why the desk did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is understood and not allowed; safe to show.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed; shown as a fixed sentence, logged once.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Something the program relies on is broken; shown as a fixed sentence.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// Says whether a unique key stood in the way: another node was first.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self, Error::Store(error) if error.is_duplicate())
    }

    /// The refusal, when a unique key stood in the way; the same as if the
    /// other node had been earlier still.
    pub(crate) fn or_if_duplicate(self, refusal: Refusal) -> Error {
        if self.is_duplicate() {
            return refusal.into();
        }
        self
    }
}

/// A request that is understood and not allowed. Every text is safe to show
/// to whoever asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or the actor may not know that it does.
    #[error("{what} was not found")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// The actor is not signed in, or the secret does not work (any more).
    #[error("{0}")]
    NotSignedIn(String),
    /// The actor's roles do not allow the action.
    #[error("`{actor}` may not {action}: it needs {needs}")]
    NotAllowed {
        /// Name of the actor.
        actor: String,
        /// The action, as a verb with its object.
        action: &'static str,
        /// Roles of which one is needed, or the scope of a token.
        needs: String,
    },
    /// Nobody would administer the desk any more.
    #[error(
        "`{name}` is the last administrator: give somebody else the role `oa` first (`cna person roles`)"
    )]
    LastAdministrator {
        /// Name of the person.
        name: String,
    },
    /// The case is in a state that does not allow the verb.
    #[error("a case in state {state} cannot be {verb}: {needs}")]
    WrongState {
        /// State of the case.
        state: String,
        /// The verb, as a participle.
        verb: &'static str,
        /// What has to happen first.
        needs: String,
    },
    /// The report cannot be read.
    #[error("{0}")]
    Report(#[from] crate::report::InvalidReport),
    /// The product is not in the catalogue.
    #[error(
        "product `{found}` is not in the catalogue, which holds {known}: add it or mend the report"
    )]
    UnknownProduct {
        /// The name in the report.
        found: String,
        /// The names that would work.
        known: String,
    },
    /// An answer does not fit its question.
    #[error("{0}")]
    Answer(#[from] crate::decision::InvalidAnswer),
    /// The rules do not allow an answer as it stands.
    #[error("{0}")]
    RefusedAnswer(#[from] crate::decision::RefusedAnswer),
    /// A count needs a second trained person, and nobody confirmed it.
    #[error(
        "the count of {count} is not confirmed (PC-01, CNA Rules {rule}): another trained person \
         than gave the answers of stage D confirms it first (`cna case confirm`)"
    )]
    NotConfirmed {
        /// How many IDs.
        count: u32,
        /// The number of the rule.
        rule: String,
    },
    /// Whoever gave answers of stage D never confirms the count.
    #[error("`{reviewer}` gave answers of stage D and cannot confirm the count: ask somebody else")]
    OwnCount {
        /// Name of the person.
        reviewer: String,
    },
    /// The decision is not the one that was read.
    #[error("the decision changed since, and is now `{ruling}`: read it again")]
    DecisionChanged {
        /// The outcome; empty while a question is open.
        ruling: String,
    },
    /// Four eyes: whoever wrote a revision never approves it.
    #[error("`{reviewer}` wrote a revision of this draft and cannot approve it: ask somebody else")]
    OwnDraft {
        /// Name of the reviewer.
        reviewer: String,
    },
    /// The approval names a revision that is not the newest.
    #[error(
        "the draft changed since: it is now revision {revision} with digest {digest}; read it again"
    )]
    Stale {
        /// Number of the newest revision.
        revision: i64,
        /// Its digest.
        digest: String,
    },
    /// A draft was changed by two at once, in the same field.
    #[error(
        "revision {revision} changed the same since, at {}: read it, and save yours on top of it",
        .conflicts.iter().map(|c| c.pointer.as_str()).collect::<Vec<_>>().join(", ")
    )]
    Conflict {
        /// Number of the newest revision.
        revision: i64,
        /// The fields, with what each side wrote.
        conflicts: Vec<Conflict>,
    },
    /// The newest revision is not approved.
    #[error("revision {revision} is not approved: ask for a review")]
    NotApproved {
        /// Number of the newest revision.
        revision: i64,
    },
    /// The draft has findings that block it.
    #[error("the draft has {} finding(s) that block it; the first: {}", .0.len(), .0.first().map_or("", |f| f.message.as_str()))]
    Findings(Vec<Finding>),
    /// The draft has warnings the approval gives no reason for.
    #[error("the draft has {} warning(s) without a reason to take them ({}); the first: {}", .0.len(), codes(.0), .0.first().map_or("", |f| f.message.as_str()))]
    Unacknowledged(Vec<Finding>),
    /// The newest revision is public already.
    #[error("revision {revision} is published already: draft a change first")]
    NothingNew {
        /// Its number.
        revision: i64,
    },
    /// The newest revision is being sent.
    #[error(
        "revision {revision} is on its way already: its follow-up says how far it came, and can \
         be tried again"
    )]
    OnItsWay {
        /// Its number.
        revision: i64,
    },
    /// Four eyes: whoever proposed something never approves it.
    #[error("`{reviewer}` proposed this and cannot approve it: ask somebody else")]
    OwnProposal {
        /// Name of the reviewer.
        reviewer: String,
    },
    /// A proposal does not stand where the step needs it.
    #[error("proposal {number} is {state}: {needs}")]
    ProposalState {
        /// Its number.
        number: i64,
        /// Where it stands.
        state: String,
        /// What has to happen first, or what to do instead.
        needs: String,
    },
    /// The pool of a year gives nothing any more.
    #[error(
        "the pool of {year} is frozen by its year-end run: use another year, or have an administrator open it again with `cna id reopen {year}` (process 7.1)"
    )]
    Frozen {
        /// The year.
        year: cve::id::Year,
    },
    /// An assigned ID that may not serve another vulnerability.
    #[error(
        "{id} cannot go back to the pool, because {reason}: it has to be rejected, with `cna id reject {id}` (process 4.5)"
    )]
    MustReject {
        /// The ID.
        id: cve::id::CveId,
        /// Why.
        reason: String,
    },
    /// Items of the publish checklist stand in the way.
    #[error(
        "the checklist stops it: {}",
        .0.iter().map(|(item, todo)| format!("{item}: {todo}")).collect::<Vec<_>>().join("; ")
    )]
    Checklist(Vec<(String, String)>),
    /// A plan of the ID waits already.
    #[error(
        "{cve_id} has a plan already, for {when}: cancel it first (`cna publish cancel {cve_id}`)"
    )]
    Planned {
        /// The ID.
        cve_id: cve::id::CveId,
        /// What it waits for, in words.
        when: String,
    },
    /// A value cannot be used.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field or flag.
        field: String,
        /// What was found, what was expected, what to do.
        problem: String,
    },
}

impl Refusal {
    /// A stable word for the situation, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotFound { .. } => "not_found",
            Refusal::NotSignedIn(_) => "not_signed_in",
            Refusal::NotAllowed { .. } => "not_allowed",
            Refusal::LastAdministrator { .. } => "last_administrator",
            Refusal::WrongState { .. } => "wrong_state",
            Refusal::Report(_) => "invalid_report",
            Refusal::UnknownProduct { .. } => "unknown_product",
            Refusal::Answer(_) => "invalid_answer",
            Refusal::RefusedAnswer(_) => "refused_answer",
            Refusal::NotConfirmed { .. } => "not_confirmed",
            Refusal::OwnCount { .. } => "own_count",
            Refusal::DecisionChanged { .. } => "decision_changed",
            Refusal::OwnDraft { .. } => "own_draft",
            Refusal::Stale { .. } => "stale",
            Refusal::Conflict { .. } => "conflict",
            Refusal::NotApproved { .. } => "not_approved",
            Refusal::Findings(_) => "findings",
            Refusal::Unacknowledged(_) => "unacknowledged",
            Refusal::NothingNew { .. } => "nothing_new",
            Refusal::OnItsWay { .. } => "on_its_way",
            Refusal::OwnProposal { .. } => "own_proposal",
            Refusal::ProposalState { .. } => "proposal_state",
            Refusal::Frozen { .. } => "frozen",
            Refusal::MustReject { .. } => "must_reject",
            Refusal::Checklist(_) => "checklist",
            Refusal::Planned { .. } => "planned",
            Refusal::Invalid { .. } => "invalid",
        }
    }

    pub(crate) fn not_found(what: impl Into<String>) -> Refusal {
        Refusal::NotFound { what: what.into() }
    }

    pub(crate) fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Refusal {
        Refusal::Invalid {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// The codes of findings, each once.
fn codes(findings: &[Finding]) -> String {
    let mut codes: Vec<&str> = findings.iter().map(|finding| &*finding.code).collect();
    codes.dedup();
    codes.join(", ")
}
