//! What a Root adds to the rules for its hierarchy: more, never less.
//!
//! Source: CNA Rules 2.2.1, 2.2.2; process section 0.1.

use serde::{Deserialize, Serialize};

use super::hierarchy::Hierarchy;
use super::outcome::Outcome;
use super::pack::Pack;

/// The additions of a Root or top-level Root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Whose they are.
    pub root: String,
    /// The top-level Root that approved them.
    pub approved_by: Option<String>,
    /// The rules.
    pub rules: Vec<OverlayRule>,
}

/// A rule that is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverlayRule {
    /// Its stable key, of its own.
    pub key: String,
    /// Its number in the Root's own text.
    pub number: String,
    /// `MUST`, `MUSTNOT`, `SHOULD` or `SHOULDNOT`.
    pub level: String,
    /// The outcome it adds something to, such as `O-ASSIGN`.
    #[serde(default)]
    pub on: Option<String>,
    /// The task it adds to that outcome, by key.
    #[serde(default)]
    pub task: Option<String>,
}

/// Why an overlay does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedOverlay {
    /// A top-level Root has to approve it, that of the Root.
    #[error("the additions of `{root}` are not approved by its top-level Root `{by}`")]
    NotApproved {
        /// Whose they are.
        root: String,
        /// Who has to.
        by: String,
    },
    /// It speaks of what the base rules settle.
    #[error(
        "`{key}` is settled by rule {number} of the base rules; an overlay adds and does not change"
    )]
    Contradicts {
        /// The key.
        key: String,
        /// The number of the base rule.
        number: &'static str,
    },
    /// It permits, where an overlay can only demand.
    #[error(
        "`{key}` is a `{level}`: an overlay demands or forbids, so MUST, MUSTNOT, SHOULD or SHOULDNOT"
    )]
    Permits {
        /// The key.
        key: String,
        /// Its level.
        level: String,
    },
    /// There is no such outcome.
    #[error("`{0}` is not an outcome")]
    Outcome(String),
}

impl Overlay {
    /// Whether it may be laid over the pack.
    pub fn check(&self, pack: &Pack, hierarchy: &Hierarchy) -> Result<(), RefusedOverlay> {
        let above = hierarchy.get(&self.root);
        let is_top = above.is_some_and(|org| org.roles.iter().any(|role| role == "tl_root"));
        let top = above.and_then(|org| org.tl_root.clone());
        let by = top.filter(|_| !is_top).unwrap_or_else(|| self.root.clone());
        if !is_top && self.approved_by.as_deref() != Some(by.as_str()) {
            return Err(RefusedOverlay::NotApproved {
                root: self.root.clone(),
                by,
            });
        }
        for rule in &self.rules {
            if let Some(base) = pack.rule(&rule.key) {
                return Err(RefusedOverlay::Contradicts {
                    key: rule.key.clone(),
                    number: base.number,
                });
            }
            if !["MUST", "MUSTNOT", "SHOULD", "SHOULDNOT"].contains(&rule.level.as_str()) {
                return Err(RefusedOverlay::Permits {
                    key: rule.key.clone(),
                    level: rule.level.clone(),
                });
            }
            if let Some(name) = &rule.on
                && !Outcome::ALL.iter().any(|outcome| outcome.id() == name)
            {
                return Err(RefusedOverlay::Outcome(name.clone()));
            }
        }
        Ok(())
    }

    /// Whether an organisation is in its subtree.
    pub fn covers(&self, org: &str, hierarchy: &Hierarchy) -> bool {
        org == self.root || hierarchy.above(org).contains(&self.root)
    }

    /// Its rules that add to an outcome.
    pub fn adding(&self, outcome: Outcome) -> impl Iterator<Item = &OverlayRule> {
        self.rules
            .iter()
            .filter(move |rule| rule.on.as_deref() == Some(outcome.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::hierarchy::Station;

    fn overlay(key: &str, level: &str, approved_by: Option<&str>) -> Overlay {
        Overlay {
            root: "rootx".into(),
            approved_by: approved_by.map(Into::into),
            rules: vec![OverlayRule {
                key: key.into(),
                number: "X-1".into(),
                level: level.into(),
                on: Some("O-ASSIGN".into()),
                task: Some("report_to_root".into()),
            }],
        }
    }

    fn check(overlay: &Overlay) -> Result<(), RefusedOverlay> {
        let mut hierarchy = Hierarchy::default();
        hierarchy.stations.insert(
            "rootx".into(),
            Station {
                roles: vec!["root".into()],
                root: None,
                tl_root: Some("tlx".into()),
                last_resort: None,
            },
        );
        overlay.check(Pack::newest(), &hierarchy)
    }

    #[test]
    fn an_overlay_adds_and_changes_nothing() {
        assert_eq!(check(&overlay("rootx.tell", "MUST", Some("tlx"))), Ok(()));
        assert!(matches!(
            check(&overlay("scope.outside", "SHOULD", Some("tlx"))),
            Err(RefusedOverlay::Contradicts {
                number: "4.2.16.1",
                ..
            })
        ));
        assert!(matches!(
            check(&overlay("rootx.tell", "MAY", Some("tlx"))),
            Err(RefusedOverlay::Permits { .. })
        ));
        assert!(matches!(
            check(&overlay("rootx.tell", "MUST", None)),
            Err(RefusedOverlay::NotApproved { .. })
        ));
    }
}
