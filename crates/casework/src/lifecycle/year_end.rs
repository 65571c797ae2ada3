//! Rejecting what a year left unused.
//!
//! Source: process section 7; CNA Rules 4.5.3.5, 4.2.4, 4.2.19.

use serde::{Deserialize, Serialize};

use super::rejection::{Reason, text};

/// What stands in the way of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The calendar year is not over.
    YearNotOver,
    /// A report of that year has not been triaged.
    OpenReport,
    /// Somebody wants to assign IDs of that year.
    MoreAssignments,
}

/// What becomes of an ID of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Unassigned and never shared: rejected as unused.
    U,
    /// Assigned, its disclosure still planned: kept.
    A,
    /// Assigned, and will not be disclosed: rejected with its reason.
    B,
    /// Public already: published, not rejected.
    R,
    /// In the ledger or at CVE Services only: resolved by hand.
    X,
}

impl Class {
    /// Its letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::U => "U",
            Class::A => "A",
            Class::B => "B",
            Class::R => "R",
            Class::X => "X",
        }
    }

    /// What is done.
    pub fn action(self) -> &'static str {
        match self {
            Class::U | Class::B => "reject",
            Class::A => "keep",
            Class::R => "publish",
            Class::X => "by_hand",
        }
    }
}

/// What is known of an ID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct YearRow {
    /// Whether the ledger has it.
    pub in_ledger: bool,
    /// Whether CVE Services shows it as reserved.
    pub in_services: bool,
    /// Whether it is tied to a finding.
    pub is_assigned: bool,
    /// Whether anybody outside was told of it.
    pub is_shared: bool,
    /// Whether it is named in public.
    pub is_seen: bool,
    /// Why it will not be disclosed, when it will not.
    pub dropped: Option<Reason>,
}

/// What stands in the way.
///
/// Takes: the year; the year of the day of the run; how many reports of the
/// year are open; whether somebody wants more.
pub fn obstacles(year: u16, today: u16, open_reports: usize, wants_more: bool) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if today <= year {
        found.push(Obstacle::YearNotOver);
    }
    if open_reports > 0 {
        found.push(Obstacle::OpenReport);
    }
    if wants_more {
        found.push(Obstacle::MoreAssignments);
    }
    found
}

/// The class of an ID.
pub fn class(row: &YearRow) -> Class {
    if !(row.in_ledger && row.in_services) {
        Class::X
    } else if row.is_seen {
        Class::R
    } else if row.is_assigned {
        match row.dropped {
            Some(_) => Class::B,
            None => Class::A,
        }
    } else if row.is_shared {
        // Shown to somebody though tied to nothing: a person has to look.
        Class::X
    } else {
        Class::U
    }
}

/// Reason and text of a rejection of the class, where it is rejected.
pub fn rejection(row: &YearRow, year: u16) -> Option<(Reason, Option<String>)> {
    match class(row) {
        Class::U => Some((Reason::Unused, text(Reason::Unused, None, year))),
        Class::B => row.dropped.map(|reason| (reason, text(reason, None, year))),
        Class::A | Class::R | Class::X => None,
    }
}

/// The steps of the run, in order.
pub const STEPS: &[&str] = &[
    "freeze_pool",
    "build_list",
    "approve_list",
    "reject_in_batches",
    "read_back",
    "report",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_case() {
        let known = YearRow {
            in_ledger: true,
            in_services: true,
            ..YearRow::default()
        };
        let assigned = YearRow {
            is_assigned: true,
            ..known.clone()
        };
        for (row, expected) in [
            (known.clone(), Class::U),
            (assigned.clone(), Class::A),
            (
                YearRow {
                    dropped: Some(Reason::NotVuln),
                    ..assigned.clone()
                },
                Class::B,
            ),
            (
                YearRow {
                    is_seen: true,
                    ..assigned
                },
                Class::R,
            ),
            (
                YearRow {
                    in_ledger: false,
                    ..known.clone()
                },
                Class::X,
            ),
            (
                YearRow {
                    is_shared: true,
                    ..known
                },
                Class::X,
            ),
        ] {
            assert_eq!(class(&row), expected, "{row:?}");
        }
    }

    #[test]
    fn nothing_runs_before_the_year_is_over_and_its_reports_are_triaged() {
        assert_eq!(
            obstacles(2026, 2026, 1, true),
            [
                Obstacle::YearNotOver,
                Obstacle::OpenReport,
                Obstacle::MoreAssignments
            ]
        );
        assert_eq!(obstacles(2026, 2027, 0, false), []);
    }
}
