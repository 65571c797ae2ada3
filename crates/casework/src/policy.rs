//! Who may do what: one table, enforced here and nowhere else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::people::Actor;

/// A role of a person in the organisation.
///
/// Source: process section 3.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// On call; takes reports in.
    Triager,
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
    /// Every role.
    pub const ALL: [Role; 6] = [
        Role::Triager,
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
    /// see one for administering accounts or auditing.
    pub(crate) fn joins_new_cases(self) -> bool {
        matches!(
            self,
            Role::Triager | Role::Analyst | Role::Reviewer | Role::Publisher
        )
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

/// Something a person may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// File a report as a case.
    Receive,
    /// Take a case, becoming its owner.
    Take,
    /// Answer the questions of the decision tree.
    Answer,
    /// Assign a CVE ID to a case, reserving one where needed.
    Assign,
    /// Write a revision of a draft.
    Draft,
    /// Approve or return a revision.
    Review,
    /// Start the plan that makes advisory and record public.
    Publish,
    /// Try a held or failed follow-up again.
    Retry,
    /// Reserve IDs for the pool.
    Reserve,
    /// Administer people, products, accounts and the organisation.
    Administer,
    /// Read the ledger and the audit chain.
    Audit,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 11] = [
        Action::Receive,
        Action::Take,
        Action::Answer,
        Action::Assign,
        Action::Draft,
        Action::Review,
        Action::Publish,
        Action::Retry,
        Action::Reserve,
        Action::Administer,
        Action::Audit,
    ];

    /// The roles of which one is needed.
    ///
    /// Source: process section 3.5.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Analyst, Auditor, Oa, Publisher, Reviewer, Triager};
        match self {
            Action::Receive | Action::Take => &[Triager, Analyst, Reviewer],
            Action::Answer | Action::Assign => &[Analyst, Reviewer],
            Action::Draft => &[Analyst, Reviewer, Publisher],
            Action::Review => &[Reviewer],
            Action::Publish => &[Publisher],
            Action::Retry | Action::Reserve => &[Analyst, Reviewer, Publisher, Oa],
            Action::Administer => &[Oa],
            Action::Audit => &[Oa, Auditor, Analyst, Reviewer, Publisher],
        }
    }

    /// The action as a verb with its object.
    pub fn words(self) -> &'static str {
        match self {
            Action::Receive => "file a report",
            Action::Take => "take a case",
            Action::Answer => "answer the decision tree",
            Action::Assign => "assign a CVE ID",
            Action::Draft => "write a draft",
            Action::Review => "review a draft",
            Action::Publish => "publish",
            Action::Retry => "retry a follow-up",
            Action::Reserve => "reserve CVE IDs",
            Action::Administer => "administer the desk",
            Action::Audit => "read the ledger",
        }
    }
}

/// Refuses `actor` the `action` when no role of it allows it.
pub(crate) fn check(actor: &Actor, action: Action) -> Result<(), Refusal> {
    if action.roles().iter().any(|role| actor.has(*role)) {
        return Ok(());
    }
    let needs: Vec<_> = action
        .roles()
        .iter()
        .map(|role| format!("`{role}`"))
        .collect();
    Err(Refusal::NotAllowed {
        actor: actor.name().to_owned(),
        action: action.words(),
        needs: needs.join(" or "),
    })
}
