//! Moving an ID or record to another owner: three hands, then one that acts.
//!
//! Source: process section 8.5; CNA Rules 4.5.4.1.

use serde::Serialize;

/// A step of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferStep {
    /// Somebody asks for it.
    Request,
    /// The Root approves.
    Approve,
    /// The receiver accepts.
    Accept,
    /// The Secretariat changes the owner.
    Execute,
}

impl TransferStep {
    /// Every step, in order.
    pub const ALL: [TransferStep; 4] = [
        TransferStep::Request,
        TransferStep::Approve,
        TransferStep::Accept,
        TransferStep::Execute,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            TransferStep::Request => "request",
            TransferStep::Approve => "approve",
            TransferStep::Accept => "accept",
            TransferStep::Execute => "execute",
        }
    }
}

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedTransfer {
    /// Another step comes first.
    #[error("first comes: {0}")]
    Order(&'static str),
    /// Somebody else has to do it.
    #[error("{0} has to do it")]
    Who(String),
    /// Only scope and delay are grounds.
    #[error("a transfer is for scope or delay, as the Root determines")]
    Ground,
    /// IDs of 2016 and before stay.
    #[error("IDs of 2016 and before are not transferred")]
    Old,
}

impl RefusedTransfer {
    /// The word for it.
    pub fn code(&self) -> &'static str {
        match self {
            RefusedTransfer::Order(_) => "order",
            RefusedTransfer::Who(_) => "who",
            RefusedTransfer::Ground => "ground",
            RefusedTransfer::Old => "before_2017",
        }
    }
}

/// A transfer under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// The ID.
    pub id: String,
    /// Whose it is.
    pub from: String,
    /// Whose it becomes.
    pub to: String,
    /// The steps that were taken.
    pub done: Vec<TransferStep>,
}

impl Transfer {
    /// Asks for a transfer.
    ///
    /// Refuses: a ground that is neither scope nor delay; an old ID. An
    /// example ID, `CVE-1900`, stands for one of today.
    pub fn request(
        id: &str,
        from: &str,
        to: &str,
        ground: &str,
    ) -> Result<Transfer, RefusedTransfer> {
        if !["scope", "delay"].contains(&ground) {
            return Err(RefusedTransfer::Ground);
        }
        let parsed = id.parse::<cve::id::CveId>().ok();
        if parsed.is_some_and(|id| id.year().number() <= 2016 && !id.is_example()) {
            return Err(RefusedTransfer::Old);
        }
        Ok(Transfer {
            id: id.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            done: vec![TransferStep::Request],
        })
    }

    /// Takes the next step.
    ///
    /// Takes: who does it, and who has to.
    pub fn go(&mut self, step: TransferStep, by: &str, who: &str) -> Result<(), RefusedTransfer> {
        let next = TransferStep::ALL.get(self.done.len()).copied();
        if next != Some(step) {
            let word = next.map_or("nothing: it is done", TransferStep::as_str);
            return Err(RefusedTransfer::Order(word));
        }
        if by != who {
            return Err(RefusedTransfer::Who(who.to_owned()));
        }
        self.done.push(step);
        Ok(())
    }

    /// Whose it is now.
    pub fn owner(&self) -> &str {
        match self.done.last() {
            Some(TransferStep::Execute) => &self.to,
            _ => &self.from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_changes_with_the_last_step_only() {
        let mut transfer = Transfer::request("CVE-1900-20070", "a", "b", "scope").unwrap();
        assert!(transfer.go(TransferStep::Accept, "b", "b").is_err());
        transfer.go(TransferStep::Approve, "root", "root").unwrap();
        assert_eq!(
            transfer
                .go(TransferStep::Accept, "a", "b")
                .unwrap_err()
                .code(),
            "who"
        );
        transfer.go(TransferStep::Accept, "b", "b").unwrap();
        assert_eq!(transfer.owner(), "a");
        transfer
            .go(TransferStep::Execute, "mitre", "mitre")
            .unwrap();
        assert_eq!(transfer.owner(), "b");
    }

    #[test]
    fn old_ids_and_other_grounds_are_refused() {
        assert_eq!(
            Transfer::request("CVE-2016-1000", "a", "b", "scope")
                .unwrap_err()
                .code(),
            "before_2017"
        );
        assert_eq!(
            Transfer::request("CVE-1900-20070", "a", "b", "wish")
                .unwrap_err()
                .code(),
            "ground"
        );
    }
}
