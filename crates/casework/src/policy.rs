//! Who may do what: one table, enforced here and nowhere else.

mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::case::CaseState;
use crate::error::Refusal;
use crate::people::Actor;

pub use table::{Action, Grant, policy_table};

/// A role of a person in the organisation.
///
/// Reporters and distributors are no persons of the desk: they hold links to
/// what is theirs. Root and Secretariat act at the authority.
///
/// Source: process section 3.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// On call; takes reports in, and fills in the first answers.
    Triager,
    /// Leads the incident of one case.
    Commander,
    /// Works on the fix of one case, and sees it until the fix is out.
    Fixer,
    /// Sees the cases it is put on once they are ready.
    ReleaseManager,
    /// Trained; answers the decision tree and drafts.
    Analyst,
    /// Trained; approves what others wrote.
    Reviewer,
    /// Trained; publishes.
    Publisher,
    /// Administers people, products and accounts of the organisation.
    Oa,
    /// Reads, changes nothing.
    Auditor,
}

impl Role {
    /// Every role, in the order of the table's columns.
    pub const ALL: [Role; 9] = [
        Role::Triager,
        Role::Commander,
        Role::Fixer,
        Role::ReleaseManager,
        Role::Analyst,
        Role::Reviewer,
        Role::Publisher,
        Role::Oa,
        Role::Auditor,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Triager => "triager",
            Role::Commander => "commander",
            Role::Fixer => "fixer",
            Role::ReleaseManager => "release_manager",
            Role::Analyst => "analyst",
            Role::Reviewer => "reviewer",
            Role::Publisher => "publisher",
            Role::Oa => "oa",
            Role::Auditor => "auditor",
        }
    }

    /// Says whether people with this role are put on new cases.
    ///
    /// Source: our choice; a small team shares its cases, and nobody gets to
    /// see one for administering accounts or auditing, or before it is needed
    /// for the fix.
    pub(crate) fn joins_new_cases(self) -> bool {
        matches!(
            self,
            Role::Triager | Role::Analyst | Role::Reviewer | Role::Publisher
        )
    }

    /// Says whether whoever has only this role sees a case it is on.
    ///
    /// Source: process section 3.5: a fixer loses access when the fix is
    /// released, a release manager sees ready cases. What leaked is public and
    /// has still to be fixed, so a fixer sees a case until its record is
    /// published.
    fn sees(self, state: CaseState) -> bool {
        match self {
            Role::Fixer => !matches!(state, CaseState::Published | CaseState::Closed),
            Role::ReleaseManager => state == CaseState::Ready || state.is_public(),
            _ => true,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
                format!(
                    "`{text}` is not a role: expected one of {}",
                    known.join(", ")
                )
            })
    }
}

/// What a token is good for. A person's sessions are good for everything the
/// person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reading.
    Read,
    /// Filing reports, and nothing else.
    Report,
    /// Working on cases, up to a draft that waits for its approval.
    Work,
    /// Approving and publishing.
    Publish,
    /// Administering the desk.
    Administer,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 5] = [
        Scope::Read,
        Scope::Report,
        Scope::Work,
        Scope::Publish,
        Scope::Administer,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Report => "report",
            Scope::Work => "work",
            Scope::Publish => "publish",
            Scope::Administer => "administer",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Scope, String> {
        let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| {
            let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
            format!(
                "`{text}` is not a scope: expected one of {}",
                known.join(", ")
            )
        })
    }
}

/// Refuses `actor` the `action` when no role of it allows it, or when its
/// token is not good for it.
pub(crate) fn check(actor: &Actor, action: Action) -> Result<(), Refusal> {
    let refused = |needs: String| Refusal::NotAllowed {
        actor: actor.name().to_owned(),
        action: action.words(),
        needs,
    };
    let roles = action.roles();
    if !roles.iter().any(|role| actor.has(*role)) {
        let needs: Vec<_> = roles.iter().map(|role| format!("`{role}`")).collect();
        return Err(refused(format!("the role {}", needs.join(" or "))));
    }
    if !actor.is_good_for(action.scope()) {
        let needs = format!("a token with the scope `{}`", action.scope());
        return Err(refused(needs));
    }
    Ok(())
}

/// Refuses an answer to a question of the decision tree by somebody who may
/// only fill in the stages A to C.
///
/// Takes: `node`, the question, such as `D8`.
pub(crate) fn check_answer(actor: &Actor, node: &str) -> Result<(), Refusal> {
    let early = node.starts_with(['A', 'B', 'C']);
    check(
        actor,
        if early {
            Action::Prefill
        } else {
            Action::Answer
        },
    )
}

/// Says whether `actor`, who is on a case, sees it in this state.
pub(crate) fn sees(actor: &Actor, state: CaseState) -> bool {
    // Somebody who was put on a case and has no role sees it, and may do
    // nothing.
    roles_see(actor.roles(), state)
}

/// The same for whoever has these roles.
pub(crate) fn roles_see(roles: &[Role], state: CaseState) -> bool {
    roles.is_empty() || roles.iter().any(|role| role.sees(state))
}
