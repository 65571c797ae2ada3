//! What follows when the CNA with the better scope does not assign.
//!
//! Source: process section 2.3, refusal handler; CNA Rules 4.2.1.2, 4.2.1.3.

use serde::Serialize;

use super::hierarchy::Hierarchy;
use super::outcome::{Outcome, Ruling};
use super::pack::Pack;

/// How it answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It said beforehand that it does not assign such IDs.
    RefusedInAdvance,
    /// It refused within 72 hours.
    Refused72h,
    /// It has said nothing for 72 hours; an automatic reply is nothing.
    Silent72h,
    /// It says there is no vulnerability.
    NoVulnerability,
    /// It agrees that there is one and will not assign.
    AgreesButNoAssign,
}

impl Refusal {
    /// Reads the value of an answer; nothing for `none`.
    pub fn of(value: &str) -> Option<Refusal> {
        Some(match value {
            "refused_in_advance" => Refusal::RefusedInAdvance,
            "refused_72h" => Refusal::Refused72h,
            "silent_72h" => Refusal::Silent72h,
            "no_vulnerability" => Refusal::NoVulnerability,
            "agrees_but_no_assign" => Refusal::AgreesButNoAssign,
            _ => return None,
        })
    }
}

/// What is known when it is refused.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Whether the vulnerability is Publicly Disclosed.
    pub is_public: bool,
    /// Whether our own scope covers it.
    pub is_in_our_scope: bool,
    /// Who refused.
    pub by: &'a str,
    /// Who we are.
    pub us: &'a str,
}

/// What follows, and the key of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// We may assign, and the decision goes on.
    GoOn(&'static str),
    /// It ends here.
    End(Ruling, &'static str),
    /// Nothing yet: wait for the 72 hours, which only run for what is public.
    Wait,
}

/// What follows from a refusal.
///
/// Source: CNA Rules 4.2.1.2 for what is public, 4.2.1.3 for what is not.
/// Versions before 4.2 send both answers about something private to the
/// dispute procedure.
pub fn consequence(
    refusal: Refusal,
    setting: &Setting<'_>,
    hierarchy: &Hierarchy,
    pack: &Pack,
) -> Consequence {
    if setting.is_public {
        // Whatever the refusal says, the Root determines.
        let root = hierarchy.root_of(setting.by).map(str::to_owned);
        let ruling = Ruling::about(Outcome::RouteRoot, root.into_iter().collect());
        return Consequence::End(ruling, "refusal.public");
    }
    match refusal {
        Refusal::Silent72h => Consequence::Wait,
        Refusal::NoVulnerability => {
            Consequence::End(Ruling::plain(Outcome::Dispute), "refusal.private")
        }
        Refusal::AgreesButNoAssign | Refusal::RefusedInAdvance | Refusal::Refused72h => {
            if !pack.has("refusal.agreed-no-assign") {
                return Consequence::End(Ruling::plain(Outcome::Dispute), "refusal.private");
            }
            if setting.is_in_our_scope {
                return Consequence::GoOn("refusal.agreed-no-assign");
            }
            let lr = hierarchy.last_resort_of(setting.us).map(str::to_owned);
            let ruling = Ruling::about(Outcome::RouteLr, lr.into_iter().collect());
            Consequence::End(ruling, "refusal.agreed-no-assign")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::hierarchy::Station;

    fn outcome(refusal: Refusal, is_public: bool, ours: bool, version: &str) -> String {
        let mut hierarchy = Hierarchy::default();
        for name in ["globex", "us"] {
            hierarchy.stations.insert(
                name.into(),
                Station {
                    roles: vec!["cna".into()],
                    root: Some("rootx".into()),
                    tl_root: None,
                    last_resort: Some("lrx".into()),
                },
            );
        }
        let setting = Setting {
            is_public,
            is_in_our_scope: ours,
            by: "globex",
            us: "us",
        };
        match consequence(refusal, &setting, &hierarchy, version.parse().unwrap()) {
            Consequence::GoOn(_) => "go on".into(),
            Consequence::End(ruling, _) => ruling.to_string(),
            Consequence::Wait => "wait".into(),
        }
    }

    #[test]
    fn the_table_of_refusals() {
        use Refusal::{AgreesButNoAssign, NoVulnerability, RefusedInAdvance, Silent72h};
        for (refusal, public, ours, version, expected) in [
            (Silent72h, true, false, "4.2.0", "O-ROUTE-ROOT(rootx)"),
            (RefusedInAdvance, true, true, "4.2.0", "O-ROUTE-ROOT(rootx)"),
            (NoVulnerability, true, false, "4.2.0", "O-ROUTE-ROOT(rootx)"),
            (NoVulnerability, false, true, "4.2.0", "O-DISPUTE"),
            (AgreesButNoAssign, false, true, "4.2.0", "go on"),
            (AgreesButNoAssign, false, false, "4.2.0", "O-ROUTE-LR(lrx)"),
            (AgreesButNoAssign, false, true, "4.1.0", "O-DISPUTE"),
            (Silent72h, false, true, "4.2.0", "wait"),
        ] {
            let found = outcome(refusal, public, ours, version);
            assert_eq!(
                found, expected,
                "{refusal:?} public={public} ours={ours} {version}"
            );
        }
    }
}
