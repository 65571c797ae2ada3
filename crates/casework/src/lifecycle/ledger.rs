//! The states of a CVE ID, and which may follow which.
//!
//! Source: process section 3.2.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What became of an ID, in our ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdState {
    /// Reserved, and tied to nothing.
    Pool,
    /// Tied to a finding.
    Assigned,
    /// Seen in public without a record.
    Rbp,
    /// Its record was accepted.
    Published,
    /// Rejected, never tied to a vulnerability.
    RejectedUnused,
    /// Rejected: no vulnerability, no evidence, never disclosed, out of scope.
    RejectedWithdrawn,
    /// Rejected: the vulnerability has another ID.
    RejectedDuplicate,
    /// Rejected: merged into another.
    RejectedMerged,
    /// Rejected: issued in error.
    RejectedError,
    /// Owned by somebody else now.
    Transferred,
}

use IdState::{
    Assigned, Pool, Published, Rbp, RejectedDuplicate, RejectedError, RejectedMerged,
    RejectedUnused, RejectedWithdrawn, Transferred,
};

/// Every state a rejection can lead to.
const REJECTED: [IdState; 5] = [
    RejectedUnused,
    RejectedWithdrawn,
    RejectedDuplicate,
    RejectedMerged,
    RejectedError,
];

impl IdState {
    /// Every state.
    pub const ALL: [IdState; 10] = [
        Pool,
        Assigned,
        Rbp,
        Published,
        RejectedUnused,
        RejectedWithdrawn,
        RejectedDuplicate,
        RejectedMerged,
        RejectedError,
        Transferred,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Pool => "POOL",
            Assigned => "ASSIGNED",
            Rbp => "RBP",
            Published => "PUBLISHED",
            RejectedUnused => "REJECTED_UNUSED",
            RejectedWithdrawn => "REJECTED_WITHDRAWN",
            RejectedDuplicate => "REJECTED_DUPLICATE",
            RejectedMerged => "REJECTED_MERGED",
            RejectedError => "REJECTED_ERROR",
            Transferred => "TRANSFERRED",
        }
    }

    /// What CVE Services shows.
    pub fn program(self) -> &'static str {
        match self {
            Pool | Assigned | Rbp => "RESERVED",
            Published | Transferred => "PUBLISHED",
            _ => "REJECTED",
        }
    }

    /// Whether it is rejected.
    pub fn is_rejected(self) -> bool {
        REJECTED.contains(&self)
    }
}

impl fmt::Display for IdState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for IdState {
    type Err = String;

    fn from_str(text: &str) -> Result<IdState, String> {
        let found = IdState::ALL
            .into_iter()
            .find(|state| state.as_str() == text);
        found.ok_or_else(|| {
            format!("`{text}` is not the state of an ID: expected one such as `POOL`")
        })
    }
}

/// What decides whether a step is allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether anybody outside was told of the ID.
    pub is_shared: bool,
    /// Whether a second trained person approved the step.
    pub four_eyes: bool,
    /// Whether a reason is given.
    pub has_reason: bool,
    /// Whether it was rejected with a record.
    pub has_record: bool,
    /// Whether quota is left.
    pub has_quota: bool,
}

/// Why an ID may not go from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedStep {
    /// No rule leads there.
    #[error("an ID in state {from} never becomes {to}")]
    Never {
        /// The state before.
        from: IdState,
        /// The state wanted.
        to: IdState,
    },
    /// The ID was shown to somebody.
    #[error("the ID was shared outside, so it is rejected and not used for anything else")]
    Shared,
    /// A second trained person has to approve.
    #[error("a second trained person has to approve it")]
    FourEyes,
    /// It needs a reason.
    #[error("it needs a reason")]
    Reason,
    /// It was rejected with a record, so it does not go back.
    #[error("it was rejected with a record, so it does not become reserved again")]
    HasRecord,
    /// No quota is left.
    #[error("no quota is left")]
    Quota,
}

impl RefusedStep {
    /// The word for it.
    pub fn code(&self) -> &'static str {
        match self {
            RefusedStep::Never { .. } => "never",
            RefusedStep::Shared => "shared_outside",
            RefusedStep::FourEyes => "four_eyes",
            RefusedStep::Reason => "reason",
            RefusedStep::HasRecord => "has_record",
            RefusedStep::Quota => "quota",
        }
    }
}

/// Allows a step, or says why not.
pub fn step(from: IdState, to: IdState, given: Circumstances) -> Result<(), RefusedStep> {
    let never = Err(RefusedStep::Never { from, to });
    match (from, to) {
        (Pool, Assigned | RejectedUnused | Transferred)
        | (Assigned | Rbp, Published | Transferred)
        | (Assigned, Rbp)
        | (Pool, Rbp)
        | (Published, Published | Transferred) => Ok(()),
        (Assigned | Rbp | Published, to) if to.is_rejected() && to != RejectedUnused => Ok(()),
        (Assigned, Pool) if given.is_shared => Err(RefusedStep::Shared),
        (Assigned, Pool) if !given.four_eyes => Err(RefusedStep::FourEyes),
        (Assigned, Pool) => Ok(()),
        (RejectedUnused, Pool) if given.has_record => Err(RefusedStep::HasRecord),
        (RejectedUnused, Pool) if !given.has_quota => Err(RefusedStep::Quota),
        (RejectedUnused, Pool) => Ok(()),
        (from, Published) if from.is_rejected() => match (given.four_eyes, given.has_reason) {
            (true, true) => Ok(()),
            (false, _) => Err(RefusedStep::FourEyes),
            (true, false) => Err(RefusedStep::Reason),
        },
        _ => never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_is_never_reserved_again() {
        for to in [Pool, Assigned, Rbp, RejectedUnused] {
            let refused = step(Published, to, Circumstances::default()).unwrap_err();
            assert_eq!(refused.code(), "never", "{to}");
        }
    }

    #[test]
    fn an_id_that_was_shared_never_goes_back_to_the_pool() {
        let shared = Circumstances {
            is_shared: true,
            four_eyes: true,
            ..Circumstances::default()
        };
        assert_eq!(step(Assigned, Pool, shared), Err(RefusedStep::Shared));
        let alone = Circumstances::default();
        assert_eq!(step(Assigned, Pool, alone), Err(RefusedStep::FourEyes));
        let approved = Circumstances {
            four_eyes: true,
            ..alone
        };
        assert_eq!(step(Assigned, Pool, approved), Ok(()));
    }

    #[test]
    fn a_rejected_id_is_reinstated_only_by_two_with_a_reason() {
        let with = |four_eyes, has_reason| Circumstances {
            four_eyes,
            has_reason,
            ..Circumstances::default()
        };
        for from in REJECTED {
            assert_eq!(
                step(from, Published, with(false, true)),
                Err(RefusedStep::FourEyes)
            );
            assert_eq!(
                step(from, Published, with(true, false)),
                Err(RefusedStep::Reason)
            );
            assert_eq!(step(from, Published, with(true, true)), Ok(()));
        }
    }

    #[test]
    fn a_state_reads_back_from_its_word() {
        for state in IdState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
