//! The states of a case: one table, and the function the state follows from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::closing::ByHand;
use crate::decision::Outcome;
use crate::error::Refusal;

/// State of a case.
///
/// Source: process section 3.1; the states of fixing and pre-disclosure come
/// with their work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseState {
    /// Stored; nobody has taken it. Left when somebody does.
    Received,
    /// The decision tree is being answered.
    Triage,
    /// Waits for the reporter or maintainer; left by another answer.
    NeedInfo,
    /// Peers or experts were asked; left by another answer.
    Consulting,
    /// Several CNAs decide together; left by another answer.
    Coordinating,
    /// Another organisation assigns; left by another answer.
    Routed,
    /// The tree ended with an assignment; left when the ID is there.
    Determined,
    /// The vulnerability has its ID; left when a draft is approved.
    Assigned,
    /// Record and advisory are approved; left by publishing, or by a change.
    Ready,
    /// It is public, by our advisory or by a leak after it had its IDs; left
    /// when the record is read back.
    Disclosed,
    /// The record is on the CVE List.
    Published,
    /// Not a vulnerability; left by another answer.
    ClosedNotVuln,
    /// Gets no ID; left by another answer.
    ClosedNoAssign,
    /// Has an ID already; left by another answer.
    ClosedDuplicate,
    /// Another organisation assigned; left by reopening.
    ClosedRouted,
    /// The reporter did not answer; left by reopening.
    ClosedNoResponse,
    /// Published, and all is done; left by reopening.
    Closed,
    /// Every ID of it is rejected, or another organisation's; left by
    /// reinstating one.
    ClosedWithdrawn,
}

use CaseState::{
    Assigned, Closed, ClosedDuplicate, ClosedNoAssign, ClosedNoResponse, ClosedNotVuln,
    ClosedRouted, ClosedWithdrawn, Consulting, Coordinating, Determined, Disclosed, NeedInfo,
    Published, Ready, Received, Routed, Triage,
};

impl CaseState {
    /// Every state, in the order a case passes them.
    pub const ALL: [CaseState; 18] = [
        Received,
        Triage,
        NeedInfo,
        Consulting,
        Coordinating,
        Routed,
        Determined,
        Assigned,
        Ready,
        Disclosed,
        Published,
        ClosedNotVuln,
        ClosedNoAssign,
        ClosedDuplicate,
        ClosedRouted,
        ClosedNoResponse,
        Closed,
        ClosedWithdrawn,
    ];

    /// Whether a case in this state is public: by its advisory, or by a leak.
    pub(crate) fn is_public(self) -> bool {
        matches!(self, Disclosed | Published | Closed)
    }

    /// Whether a case in this state is closed.
    pub(crate) fn is_closed(self) -> bool {
        matches!(
            self,
            ClosedNotVuln
                | ClosedNoAssign
                | ClosedDuplicate
                | ClosedRouted
                | ClosedNoResponse
                | Closed
                | ClosedWithdrawn
        )
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Received => "RECEIVED",
            Triage => "TRIAGE",
            NeedInfo => "NEED_INFO",
            Consulting => "CONSULTING",
            Coordinating => "COORDINATING",
            Routed => "ROUTED",
            Determined => "DETERMINED",
            Assigned => "ASSIGNED",
            Ready => "READY",
            Disclosed => "DISCLOSED",
            Published => "PUBLISHED",
            ClosedNotVuln => "CLOSED_NOT_VULN",
            ClosedNoAssign => "CLOSED_NO_ASSIGN",
            ClosedDuplicate => "CLOSED_DUPLICATE",
            ClosedRouted => "CLOSED_ROUTED",
            ClosedNoResponse => "CLOSED_NO_RESPONSE",
            Closed => "CLOSED",
            ClosedWithdrawn => "CLOSED_WITHDRAWN",
        }
    }

    /// The one step that is next, in words.
    pub fn next_step(self) -> &'static str {
        match self {
            Received => "take the case",
            Triage => "answer the next question of the decision tree",
            NeedInfo => "ask the reporter, then answer again",
            Consulting => "hear the experts, then answer again",
            Coordinating => "agree with the other CNAs, then answer again",
            Routed => "wait for the other organisation",
            Determined => "assign a CVE ID",
            Assigned => "draft record and advisory, and have them approved",
            Ready => "publish",
            Disclosed => "publish what is not yet public, and wait until the record is published",
            Published => "nothing: the record is on the CVE List",
            ClosedNotVuln | ClosedNoAssign | ClosedDuplicate => {
                "nothing: answer again when there is news"
            }
            ClosedRouted | ClosedNoResponse | Closed => "nothing: reopen it when there is news",
            ClosedWithdrawn => "nothing: reinstate an ID when it was rejected wrongly",
        }
    }
}

impl fmt::Display for CaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CaseState {
    type Err = String;

    fn from_str(text: &str) -> Result<CaseState, String> {
        CaseState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not the state of a case"))
    }
}

/// Something that is done to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Becoming its owner.
    Take,
    /// Answering a question of the decision tree.
    Answer,
    /// Assigning a CVE ID.
    Assign,
    /// Writing a revision of its draft.
    Draft,
    /// Approving or returning a revision.
    Review,
    /// Making the advisory public and sending the record.
    Publish,
    /// Reading the record back.
    Confirm,
    /// Writing a message.
    Comment,
    /// Adding, changing or removing a finding.
    Finding,
    /// Confirming the number of vulnerabilities.
    ConfirmCount,
    /// Closing by hand.
    Close,
    /// Opening again because of new information.
    Reopen,
    /// Taking back an ID that nobody was told of.
    HandBack,
    /// Rejecting an ID of it.
    Reject,
    /// Undoing a rejection.
    Reinstate,
    /// Recording that it is public, though we did not disclose it.
    Leak,
}

impl Verb {
    fn participle(self) -> &'static str {
        match self {
            Verb::Take => "taken",
            Verb::Answer => "answered",
            Verb::Assign => "assigned an ID",
            Verb::Draft => "drafted",
            Verb::Review => "reviewed",
            Verb::Publish => "published",
            Verb::Confirm => "confirmed",
            Verb::Comment => "commented",
            Verb::Finding => "given other findings",
            Verb::ConfirmCount => "confirmed in its count",
            Verb::Close => "closed",
            Verb::Reopen => "opened again",
            Verb::HandBack => "given another ID",
            Verb::Reject => "rejected",
            Verb::Reinstate => "reinstated",
            Verb::Leak => "leaked",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Verb::Take => "take",
            Verb::Answer => "answer",
            Verb::Assign => "assign",
            Verb::Draft => "draft",
            Verb::Review => "review",
            Verb::Publish => "publish",
            Verb::Confirm => "confirm",
            Verb::Comment => "comment",
            Verb::Finding => "finding",
            Verb::ConfirmCount => "confirm count",
            Verb::Close => "close",
            Verb::Reopen => "reopen",
            Verb::HandBack => "hand back",
            Verb::Reject => "reject",
            Verb::Reinstate => "reinstate",
            Verb::Leak => "leak",
        }
    }
}

/// One line of the table: in state `from`, `verb` by `who` may lead to `to`,
/// and needs `needs`.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// The state before.
    pub from: CaseState,
    /// What is done.
    pub verb: Verb,
    /// The states it may lead to; the one that follows from the facts is taken.
    pub to: &'static [CaseState],
    /// Who does it.
    pub who: &'static str,
    /// What it needs.
    pub needs: &'static str,
}

/// Where answers can lead before an ID is assigned.
const DECIDED: &[CaseState] = &[
    Triage,
    NeedInfo,
    Consulting,
    Coordinating,
    Routed,
    Determined,
    ClosedNotVuln,
    ClosedNoAssign,
    ClosedDuplicate,
];

const fn answering(from: CaseState) -> Transition {
    Transition {
        from,
        verb: Verb::Answer,
        to: DECIDED,
        who: "analyst",
        needs: "a question of the tree",
    }
}

const fn line(
    from: CaseState,
    verb: Verb,
    to: &'static [CaseState],
    who: &'static str,
    needs: &'static str,
) -> Transition {
    Transition {
        from,
        verb,
        to,
        who,
        needs,
    }
}

/// What is public is amended by the same steps, and stays what it is.
///
/// Source: process section 8.1.
const fn amending(
    from: CaseState,
    verb: Verb,
    who: &'static str,
    needs: &'static str,
) -> Transition {
    let to = match from {
        Disclosed => &[Disclosed],
        _ => &[Published],
    };
    line(from, verb, to, who, needs)
}

const fn finding(from: CaseState) -> Transition {
    line(from, Verb::Finding, DECIDED, "triager", "no ID")
}

/// New information opens a case whose end was decided.
const fn reopening(from: CaseState) -> Transition {
    let to = match from {
        ClosedRouted => &[Routed],
        ClosedNoResponse => &[NeedInfo],
        Closed => &[Published],
        _ => &[Triage],
    };
    line(from, Verb::Reopen, to, "analyst", "a reason")
}

const TABLE: &[Transition] = &[
    line(Received, Verb::Take, &[Triage], "triager", "nothing"),
    answering(Triage),
    answering(NeedInfo),
    answering(Consulting),
    answering(Coordinating),
    answering(Routed),
    answering(Determined),
    answering(ClosedNotVuln),
    answering(ClosedNoAssign),
    answering(ClosedDuplicate),
    line(
        Determined,
        Verb::Assign,
        &[Determined, Assigned, Disclosed],
        "analyst",
        "an ID of the pool or a reservation for each vulnerability; a confirmed count",
    ),
    finding(Triage),
    finding(NeedInfo),
    finding(Consulting),
    finding(Coordinating),
    finding(Routed),
    line(
        Determined,
        Verb::ConfirmCount,
        &[Determined],
        "analyst",
        "another person than gave the answers of stage D",
    ),
    line(Routed, Verb::Close, &[ClosedRouted], "analyst", "a reason"),
    line(
        NeedInfo,
        Verb::Close,
        &[ClosedNoResponse],
        "analyst",
        "a reason",
    ),
    line(Published, Verb::Close, &[Closed], "analyst", "a reason"),
    reopening(Determined),
    reopening(ClosedNotVuln),
    reopening(ClosedNoAssign),
    reopening(ClosedDuplicate),
    reopening(ClosedRouted),
    reopening(ClosedNoResponse),
    reopening(Closed),
    line(Assigned, Verb::Draft, &[Assigned], "analyst", "an ID"),
    line(
        Ready,
        Verb::Draft,
        &[Assigned, Ready],
        "analyst",
        "an ID; a changed draft needs a new approval",
    ),
    line(
        Assigned,
        Verb::Review,
        &[Assigned, Ready],
        "reviewer",
        "another author, no blocking finding",
    ),
    line(
        Ready,
        Verb::Review,
        &[Assigned, Ready],
        "reviewer",
        "another author, no blocking finding",
    ),
    line(
        Ready,
        Verb::Publish,
        &[Disclosed],
        "publisher",
        "an approval of the newest revision",
    ),
    line(
        Disclosed,
        Verb::Confirm,
        &[Disclosed, Published],
        "the runner",
        "the record read back equal",
    ),
    amending(Disclosed, Verb::Draft, "analyst", "an ID"),
    amending(
        Disclosed,
        Verb::Review,
        "reviewer",
        "another author, no blocking finding",
    ),
    amending(
        Disclosed,
        Verb::Publish,
        "publisher",
        "an approval of the newest revision",
    ),
    amending(Published, Verb::Draft, "analyst", "an ID"),
    amending(
        Published,
        Verb::Review,
        "reviewer",
        "another author, no blocking finding",
    ),
    amending(
        Published,
        Verb::Publish,
        "publisher",
        "an approval of the newest revision",
    ),
    amending(
        Published,
        Verb::Confirm,
        "the runner",
        "the record read back equal",
    ),
    line(
        Assigned,
        Verb::HandBack,
        &[Assigned, Determined],
        "analyst",
        "an ID of this year nobody was told of, and a second person",
    ),
    rejecting(Assigned),
    rejecting(Ready),
    rejecting(Disclosed),
    rejecting(Published),
    reinstating(Assigned),
    reinstating(Ready),
    reinstating(Disclosed),
    reinstating(Published),
    reinstating(ClosedWithdrawn),
    leaking(Received),
    leaking(Triage),
    leaking(NeedInfo),
    leaking(Consulting),
    leaking(Coordinating),
    leaking(Routed),
    leaking(Determined),
    leaking(Assigned),
    leaking(Ready),
    leaking(Disclosed),
    leaking(Published),
    leaking(ClosedNotVuln),
    leaking(ClosedNoAssign),
    leaking(ClosedDuplicate),
    leaking(ClosedRouted),
    leaking(ClosedNoResponse),
    leaking(Closed),
    leaking(ClosedWithdrawn),
];

/// A leak: what has its IDs is disclosed from then on, whether or not anything
/// is approved. Before that the decision is still to be made, which then knows
/// that it is public, and may come out otherwise.
///
/// Source: process section 3.1, last sentence.
const fn leaking(from: CaseState) -> Transition {
    let to: &[CaseState] = match from {
        Assigned | Ready | Disclosed => &[Disclosed],
        Received => &[Received],
        Published => &[Published],
        Closed => &[Closed],
        ClosedRouted => &[ClosedRouted],
        ClosedNoResponse => &[ClosedNoResponse],
        ClosedWithdrawn => &[ClosedWithdrawn],
        _ => DECIDED,
    };
    line(from, Verb::Leak, to, "commander", "where it was seen")
}

/// Source: process section 8.2.
const fn rejecting(from: CaseState) -> Transition {
    let to: &[CaseState] = match from {
        Published => &[Published, ClosedWithdrawn],
        Disclosed => &[Disclosed, Published, ClosedWithdrawn],
        Ready => &[Ready, ClosedWithdrawn],
        _ => &[Assigned, Ready, Published, ClosedWithdrawn],
    };
    line(
        from,
        Verb::Reject,
        to,
        "publisher",
        "a reason, and the approval of exactly its text",
    )
}

/// Source: process section 8.2.
const fn reinstating(from: CaseState) -> Transition {
    let to: &[CaseState] = match from {
        ClosedWithdrawn => &[Assigned, Disclosed, Published],
        Published => &[Published, Assigned, Disclosed],
        Disclosed => &[Disclosed],
        _ => &[Assigned],
    };
    line(
        from,
        Verb::Reinstate,
        to,
        "publisher",
        "a reason, and the approval of exactly the record",
    )
}

/// Every transition.
pub fn transitions() -> &'static [Transition] {
    TABLE
}

/// Refuses `verb` in `state` when the table does not have it.
pub(crate) fn allow(state: CaseState, verb: Verb) -> Result<(), Refusal> {
    if verb == Verb::Comment || TABLE.iter().any(|t| t.from == state && t.verb == verb) {
        return Ok(());
    }
    Err(Refusal::WrongState {
        state: state.to_string(),
        verb: verb.participle(),
        needs: format!("what comes next is: {}", state.next_step()),
    })
}

/// What is recorded of a case, as far as its state follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Somebody took it.
    pub(crate) taken: bool,
    /// How the decision tree ended.
    pub(crate) outcome: Option<Outcome>,
    /// Every vulnerability has its ID, and there is one.
    pub(crate) assigned: bool,
    /// The newest revision of every draft is approved.
    pub(crate) approved: bool,
    /// An advisory is public.
    pub(crate) disclosed: bool,
    /// Every record was read back.
    pub(crate) published: bool,
    /// What somebody did with it by hand.
    pub(crate) by_hand: Option<ByHand>,
    /// Details are public without an advisory of ours.
    pub(crate) leaked: bool,
    /// It has IDs, and each is rejected or another organisation's.
    pub(crate) withdrawn: bool,
}

/// The state that follows from the facts.
pub(crate) fn derive(facts: &Facts) -> CaseState {
    if facts.withdrawn {
        return ClosedWithdrawn;
    }
    match (facts.by_hand, decided(facts)) {
        (Some(ByHand::Closed), Routed) => ClosedRouted,
        (Some(ByHand::Closed), NeedInfo) => ClosedNoResponse,
        (Some(ByHand::Closed), Published) => Closed,
        (Some(ByHand::Reopened), Determined | ClosedNotVuln | ClosedNoAssign | ClosedDuplicate) => {
            Triage
        }
        (_, state) => state,
    }
}

/// The state without what was done by hand.
fn decided(facts: &Facts) -> CaseState {
    if facts.published {
        return Published;
    }
    if facts.disclosed || (facts.assigned && facts.leaked) {
        return Disclosed;
    }
    if facts.assigned {
        return if facts.approved { Ready } else { Assigned };
    }
    match facts.outcome {
        Some(Outcome::Assign) => Determined,
        Some(Outcome::Existing) => ClosedDuplicate,
        Some(Outcome::NotVulnerability | Outcome::Close) => ClosedNotVuln,
        Some(Outcome::NoAssign) => ClosedNoAssign,
        Some(
            Outcome::RouteCna
            | Outcome::RouteUpstream
            | Outcome::RouteRoot
            | Outcome::RouteLr
            | Outcome::Forward,
        ) => Routed,
        // Amending, rejecting and disputes are cases of their own, which the
        // desk does not keep yet; until then somebody has to look.
        Some(Outcome::Amend | Outcome::Reject | Outcome::Dispute) => Triage,
        Some(Outcome::Coordinate) => Coordinating,
        Some(Outcome::NeedInfo) => NeedInfo,
        Some(Outcome::Consult) => Consulting,
        None if facts.taken => Triage,
        None => Received,
    }
}

/// The table as Markdown, for the documentation.
pub fn diagram() -> String {
    let mut text = String::from("| from | verb | to | who | needs |\n|---|---|---|---|---|\n");
    for transition in TABLE {
        let to: Vec<_> = transition.to.iter().map(|state| state.as_str()).collect();
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            transition.from,
            transition.verb.word(),
            to.join(", "),
            transition.who,
            transition.needs
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_reached_from_received() {
        let mut reached = vec![Received];
        while let Some(next) = TABLE
            .iter()
            .filter(|transition| reached.contains(&transition.from))
            .flat_map(|transition| transition.to)
            .find(|state| !reached.contains(state))
        {
            reached.push(*next);
        }
        for state in CaseState::ALL {
            assert!(reached.contains(&state), "{state}");
        }
    }

    #[test]
    fn a_state_reads_back_from_its_word() {
        for state in CaseState::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
        }
    }

    #[test]
    fn a_case_nobody_took_cannot_be_published() {
        let refusal = allow(Received, Verb::Publish).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "a case in state RECEIVED cannot be published: what comes next is: take the case"
        );
    }
}
