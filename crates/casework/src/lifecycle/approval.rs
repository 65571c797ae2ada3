//! Four eyes: who approved exactly what.
//!
//! Source: process section 3.3.

use std::collections::BTreeSet;

use serde::Serialize;

/// A thing under review: a draft, a reject text, a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// The content, by hash or name.
    pub content: String,
    /// Everybody who wrote since it was last approved.
    pub authors: BTreeSet<String>,
    /// What was approved, and by whom.
    pub approved: Option<(String, String)>,
    /// Whether a review was asked for.
    pub is_in_review: bool,
    /// Whether it was sent.
    pub is_submitted: bool,
}

/// Why a step of the review is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedApproval {
    /// There is nothing to approve.
    #[error("there is nothing to approve")]
    Nothing,
    /// The reviewer wrote it, or some of it.
    #[error("{0} wrote some of it since it was last approved")]
    OwnWork(String),
    /// Nobody approved.
    #[error("nobody approved it")]
    NotApproved,
    /// What was approved is not what it is now.
    #[error("the approval is for `{approved}`, and it is `{now}` now")]
    Void {
        /// What was approved.
        approved: String,
        /// What it is.
        now: String,
    },
}

impl RefusedApproval {
    /// The word for it.
    pub fn code(&self) -> &'static str {
        match self {
            RefusedApproval::Nothing => "nothing_to_approve",
            RefusedApproval::OwnWork(_) => "reviewer_edited",
            RefusedApproval::NotApproved => "not_approved",
            RefusedApproval::Void { .. } => "approval_void",
        }
    }
}

impl Approval {
    /// Somebody writes; any approval is for something else from now on.
    pub fn edit(&mut self, who: &str, content: &str) {
        if self.content != content {
            // Whoever wrote before an approval is no author of what follows.
            if self
                .approved
                .as_ref()
                .is_some_and(|(approved, _)| *approved == self.content)
            {
                self.authors.clear();
            }
            self.content = content.to_owned();
        }
        self.authors.insert(who.to_owned());
        self.is_in_review = false;
    }

    /// Somebody approves what it is now.
    pub fn approve(&mut self, who: &str) -> Result<(), RefusedApproval> {
        if self.content.is_empty() {
            return Err(RefusedApproval::Nothing);
        }
        if self.authors.contains(who) {
            return Err(RefusedApproval::OwnWork(who.to_owned()));
        }
        self.approved = Some((self.content.clone(), who.to_owned()));
        Ok(())
    }

    /// Somebody returns it for changes.
    pub fn request_changes(&mut self) {
        self.approved = None;
        self.is_in_review = false;
    }

    /// Whether what it is now was approved.
    pub fn check(&self) -> Result<(), RefusedApproval> {
        match &self.approved {
            None => Err(RefusedApproval::NotApproved),
            Some((approved, _)) if *approved != self.content => Err(RefusedApproval::Void {
                approved: approved.clone(),
                now: self.content.clone(),
            }),
            Some(_) => Ok(()),
        }
    }

    /// The state it is in.
    pub fn state(&self) -> &'static str {
        if self.is_submitted {
            "SUBMITTED"
        } else if self.check().is_ok() {
            "APPROVED"
        } else if self.is_in_review {
            "IN_REVIEW"
        } else {
            "DRAFT"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_voids_the_approval_and_makes_its_writer_no_reviewer() {
        let mut draft = Approval::default();
        draft.edit("ana", "h1");
        assert_eq!(
            draft.approve("ana"),
            Err(RefusedApproval::OwnWork("ana".into()))
        );
        assert_eq!(draft.approve("rev"), Ok(()));
        assert_eq!(draft.check(), Ok(()));
        draft.edit("ana", "h2");
        assert_eq!(draft.check().unwrap_err().code(), "approval_void");
        draft.edit("rev", "h3");
        assert_eq!(draft.approve("rev").unwrap_err().code(), "reviewer_edited");
        assert_eq!(draft.approve("two"), Ok(()));
        assert_eq!(draft.state(), "APPROVED");
    }
}
