//! What must be so before a record is published.
//!
//! Source: process section 6.

use serde::Serialize;

/// What an item that is not so does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The record is not sent.
    Block,
    /// Somebody has to acknowledge it.
    Warn,
}

/// An item of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its id, such as `PC-04`.
    pub id: &'static str,
    /// What it asks for.
    pub words: &'static str,
    /// What it does when it is not so.
    pub weight: Weight,
    /// Whether it is so.
    pub ok: bool,
}

/// What is known when somebody wants to publish. Whatever nobody has said is
/// not so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Every vulnerability has one ID, and the count is confirmed.
    pub is_counted: bool,
    /// The scope covers it and nobody argues about who assigns.
    pub is_in_scope: bool,
    /// The embargo is over, or it leaked.
    pub embargo_over: bool,
    /// A public reference can be reached, and our advisory names the ID.
    pub is_referenced: bool,
    /// Advisory and record agree on the versions.
    pub agrees: bool,
    /// No error in the content.
    pub is_clean: bool,
    /// Exactly this content was approved.
    pub is_approved: bool,
    /// The reporter has the ID and the date, and the consent is known.
    pub reporter_told: bool,
    /// Supplier and coordinating CNAs were told.
    pub others_told: bool,
    /// Private distributors were told, or that was waived with a reason.
    pub distributors_told: bool,
    /// Whether the organisation has private distributors.
    pub has_distributors: bool,
}

/// The items, in order.
pub fn items(ready: &Readiness) -> Vec<Item> {
    use Weight::{Block, Warn};
    let item = |id, weight, ok, words| Item {
        id,
        words,
        weight,
        ok,
    };
    vec![
        item(
            "PC-01",
            Block,
            ready.is_counted,
            "every vulnerability has one ID, and the count is confirmed",
        ),
        item(
            "PC-02",
            Block,
            ready.is_in_scope,
            "the scope covers it, and who assigns is settled",
        ),
        item(
            "PC-03",
            Block,
            ready.embargo_over,
            "the embargo is over, or a leak is recorded",
        ),
        item(
            "PC-04",
            Block,
            ready.is_referenced,
            "a public reference can be reached, and our advisory names the ID",
        ),
        item(
            "PC-05",
            Block,
            ready.agrees,
            "advisory and record agree on the versions",
        ),
        item("PC-06", Block, ready.is_clean, "the content has no error"),
        item(
            "PC-07",
            Block,
            ready.is_approved,
            "a second person approved exactly this",
        ),
        item(
            "PC-08",
            Block,
            ready.reporter_told,
            "the reporter has the ID and the date, and the consent is known",
        ),
        item(
            "PC-09",
            Warn,
            ready.others_told,
            "supplier and coordinating CNAs are told",
        ),
        item(
            "PC-10",
            if ready.has_distributors { Block } else { Warn },
            !ready.has_distributors || ready.distributors_told,
            "private distributors were told, or that was waived with a reason",
        ),
    ]
}

/// The items that stand in the way.
pub fn blocks(ready: &Readiness) -> Vec<&'static str> {
    let standing = items(ready).into_iter();
    let standing = standing.filter(|item| !item.ok && item.weight == Weight::Block);
    standing.map(|item| item.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_said_is_not_so() {
        let all = blocks(&Readiness::default());
        assert_eq!(all.len(), 8);
        let ready = Readiness {
            is_counted: true,
            is_in_scope: true,
            embargo_over: true,
            is_referenced: true,
            agrees: true,
            is_clean: true,
            is_approved: true,
            reporter_told: true,
            ..Readiness::default()
        };
        assert_eq!(blocks(&ready), [] as [&str; 0]);
        let with_list = Readiness {
            has_distributors: true,
            ..ready
        };
        assert_eq!(blocks(&with_list), ["PC-10"]);
    }
}
