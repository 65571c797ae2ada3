//! What a person may do, by role and training.
//!
//! Source: process section 3.5.

use serde::Serialize;

/// Something a person does to cases, IDs, records or the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// File a case or take it in.
    Triage,
    /// Answer the questionnaire.
    Answer,
    /// Confirm the count.
    ConfirmCount,
    /// Reserve IDs, and work on the pool.
    Reserve,
    /// Tie an ID to a finding.
    Assign,
    /// Write a draft.
    Draft,
    /// Approve a draft.
    Approve,
    /// Publish, update or reject.
    Publish,
    /// Send to the private distributors.
    TellDistributors,
    /// Manage people and keys.
    ManageUsers,
    /// Set quotas, create organisations, transfer IDs.
    SetQuota,
    /// Draft a change of the scope.
    DraftScope,
    /// Submit a change of the scope.
    SubmitScope,
    /// Approve a change of the scope.
    ApproveScope,
    /// Prepare the decision of a dispute.
    PrepareDispute,
    /// Decide a dispute.
    DecideDispute,
    /// Export the audit log.
    ExportAudit,
    /// Override the four eyes in an emergency.
    OverrideReview,
}

/// Why a person may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// None of the roles that may.
    #[error("missing role: needs one of {}", .0.join(", "))]
    Role(Vec<&'static str>),
    /// Not trained as a CNA.
    #[error("missing role cna_trained")]
    Training,
}

impl Denied {
    /// The word for it.
    pub fn code(&self) -> &'static str {
        match self {
            Denied::Role(_) => "missing_role",
            Denied::Training => "cna_trained",
        }
    }
}

impl Deed {
    /// Every deed, with its word.
    pub const ALL: &'static [(&'static str, Deed)] = &[
        ("triage", Deed::Triage),
        ("answer", Deed::Answer),
        ("confirm_count", Deed::ConfirmCount),
        ("reserve", Deed::Reserve),
        ("assign", Deed::Assign),
        ("draft", Deed::Draft),
        ("approve", Deed::Approve),
        ("publish", Deed::Publish),
        ("tell_distributors", Deed::TellDistributors),
        ("manage_users", Deed::ManageUsers),
        ("set_quota", Deed::SetQuota),
        ("draft_scope", Deed::DraftScope),
        ("submit_scope", Deed::SubmitScope),
        ("approve_scope", Deed::ApproveScope),
        ("prepare_dispute", Deed::PrepareDispute),
        ("decide_dispute", Deed::DecideDispute),
        ("export_audit", Deed::ExportAudit),
        ("override_review", Deed::OverrideReview),
    ];

    /// The deed of a word.
    pub fn of(word: &str) -> Option<Deed> {
        let found = Deed::ALL.iter().find(|(known, _)| *known == word);
        found.map(|(_, deed)| *deed)
    }

    /// The roles of which one is needed.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Deed::Triage => &["triager", "commander", "analyst", "reviewer"],
            Deed::Answer => &["triager", "commander", "analyst", "reviewer"],
            Deed::ConfirmCount => &["analyst", "reviewer"],
            Deed::Reserve => &[
                "analyst",
                "reviewer",
                "publisher",
                "oa",
                "root",
                "secretariat",
            ],
            Deed::Assign => &["analyst", "reviewer"],
            Deed::Draft => &["analyst", "reviewer", "publisher"],
            Deed::Approve => &["reviewer"],
            Deed::Publish => &["publisher", "secretariat"],
            Deed::TellDistributors => &["commander"],
            Deed::ManageUsers => &["oa", "secretariat"],
            Deed::SetQuota => &["secretariat"],
            Deed::DraftScope => &["analyst"],
            Deed::SubmitScope => &["oa"],
            Deed::ApproveScope => &["root", "secretariat"],
            Deed::PrepareDispute => &["analyst", "reviewer"],
            Deed::DecideDispute => &["reviewer", "root"],
            Deed::ExportAudit => &["oa", "root", "secretariat"],
            Deed::OverrideReview => &["oa"],
        }
    }

    /// Whether it takes training as a CNA.
    fn needs_training(self) -> bool {
        matches!(
            self,
            Deed::ConfirmCount | Deed::Assign | Deed::Draft | Deed::Approve | Deed::Publish
        )
    }

    /// Whether somebody with these roles may do it.
    ///
    /// Takes: the roles; for `answer` the question, because on-call people
    /// and commanders only answer stages A to C.
    pub fn check(
        self,
        roles: &[String],
        is_trained: bool,
        node: Option<&str>,
    ) -> Result<(), Denied> {
        let has = |wanted: &&str| roles.iter().any(|role| role == wanted);
        let program = ["root", "secretariat"].iter().any(has);
        if self.needs_training() && !is_trained && !program {
            return Err(Denied::Training);
        }
        let late = |node: &str| matches!(node.as_bytes().first(), Some(b'D' | b'E' | b'F'));
        let allowed: &[&str] = match node {
            Some(node) if self == Deed::Answer && late(node) => &["analyst", "reviewer"],
            _ => self.roles(),
        };
        match allowed.iter().any(has) {
            true => Ok(()),
            false => Err(Denied::Role(allowed.to_vec())),
        }
    }
}

/// Whether the last administrator would go.
///
/// Takes: the administrators there are; who changes whose role.
/// Source: process section 14; nobody demotes himself, and an organisation
/// keeps one administrator.
pub fn may_demote(administrators: &[&str], actor: &str, whom: &str) -> Result<(), &'static str> {
    if administrators == [whom] {
        return Err("last_administrator");
    }
    if actor == whom {
        return Err("oneself");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(deed: Deed, role: &str, trained: bool) -> Result<(), Denied> {
        deed.check(&[role.to_owned()], trained, None)
    }

    #[test]
    fn who_is_not_trained_publishes_nothing() {
        assert_eq!(
            check(Deed::Publish, "triager", false),
            Err(Denied::Training)
        );
        assert_eq!(check(Deed::Publish, "publisher", true), Ok(()));
        assert!(matches!(
            check(Deed::Publish, "analyst", true),
            Err(Denied::Role(_))
        ));
    }

    #[test]
    fn on_call_people_answer_stages_a_to_c_only() {
        let triager = ["triager".to_owned()];
        assert_eq!(Deed::Answer.check(&triager, false, Some("C2")), Ok(()));
        assert!(Deed::Answer.check(&triager, false, Some("D1")).is_err());
    }

    #[test]
    fn the_last_administrator_stays() {
        assert_eq!(
            may_demote(&["adm"], "adm", "adm"),
            Err("last_administrator")
        );
        assert_eq!(may_demote(&["adm", "two"], "adm", "adm"), Err("oneself"));
        assert_eq!(may_demote(&["adm", "two"], "two", "adm"), Ok(()));
    }
}
