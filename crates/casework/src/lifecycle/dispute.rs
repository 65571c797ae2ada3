//! The dispute procedure, as a state machine.
//!
//! Source: process section 8.4; CVE Record Dispute Policy 2.0.0.

use serde::Serialize;

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeState {
    /// It came in.
    Filed,
    /// It was acknowledged in writing.
    Acked,
    /// It was looked at whether it may be right.
    Assessed,
    /// Positions are gathered.
    Review,
    /// It is right.
    DecidedValid,
    /// It is not.
    DecidedInvalid,
    /// New arguments came.
    Reconsider,
    /// The Root or top-level Root repeats the procedure.
    Escalated,
    /// Nobody settled it; the record stays tagged.
    Unresolved,
}

impl DisputeState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            DisputeState::Filed => "FILED",
            DisputeState::Acked => "ACKED",
            DisputeState::Assessed => "ASSESSED",
            DisputeState::Review => "REVIEW",
            DisputeState::DecidedValid => "DECIDED_VALID",
            DisputeState::DecidedInvalid => "DECIDED_INVALID",
            DisputeState::Reconsider => "RECONSIDER",
            DisputeState::Escalated => "ESCALATED",
            DisputeState::Unresolved => "UNRESOLVED",
        }
    }
}

/// What happens to a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Somebody files it, with a rationale or without.
    File {
        /// Who.
        party: String,
        /// Why.
        rationale: String,
    },
    /// It is acknowledged.
    Acknowledge,
    /// It is assessed.
    Assess {
        /// Whether it may be right.
        legitimate: bool,
    },
    /// Positions are gathered.
    Review,
    /// It is decided.
    Decide {
        /// Whether it is right.
        valid: bool,
        /// What happens to the record then: `modify`, `publish`, `reject`.
        remedy: Option<String>,
    },
    /// New arguments come.
    Reconsider,
    /// It goes up.
    Escalate,
    /// It is given up.
    LeaveOpen,
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// Where it stands.
    pub state: DisputeState,
    /// Who disputes.
    pub party: String,
    /// Why.
    pub rationale: String,
    /// Whether the record carries the tag.
    pub is_tagged: bool,
    /// What happens to the record after the decision.
    pub remedy: Option<String>,
    /// Who has to be told, by key.
    pub tell: Vec<&'static str>,
    /// The states it has passed.
    pub passed: Vec<&'static str>,
}

/// Why a move is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedMove {
    /// It is not filed yet, or is filed already.
    #[error("a dispute in state {0} does not allow it")]
    State(&'static str),
    /// Rationale and evidence are mandatory.
    #[error("a dispute needs a rationale")]
    Rationale,
    /// The remedy is no remedy.
    #[error("a valid dispute ends with `modify`, `publish` or `reject`")]
    Remedy,
}

impl Dispute {
    /// Files a dispute.
    pub fn file(party: &str, rationale: &str) -> Result<Dispute, RefusedMove> {
        if rationale.trim().is_empty() {
            return Err(RefusedMove::Rationale);
        }
        Ok(Dispute {
            state: DisputeState::Filed,
            party: party.to_owned(),
            rationale: rationale.to_owned(),
            is_tagged: false,
            remedy: None,
            tell: vec!["acknowledge_in_writing", "link_policy_and_escalation"],
            passed: vec!["FILED"],
        })
    }

    /// Lets something happen to it.
    pub fn go(&mut self, by: Move) -> Result<(), RefusedMove> {
        use DisputeState::{
            Acked, Assessed, DecidedInvalid, DecidedValid, Escalated, Filed, Reconsider, Review,
            Unresolved,
        };
        let refused = Err(RefusedMove::State(self.state.as_str()));
        let next = match (self.state, by) {
            (Filed, Move::Acknowledge) => Acked,
            // Assessed before the letter went out: allowed, the clock of the
            // letter runs on.
            (Filed | Acked | Escalated, Move::Assess { legitimate }) => {
                self.is_tagged = legitimate;
                self.tell = if legitimate {
                    vec!["tag_with_reason"]
                } else {
                    vec![]
                };
                Assessed
            }
            (Acked | Assessed | Reconsider | Escalated, Move::Review) => Review,
            (
                Assessed | Review | Reconsider | Escalated,
                Move::Decide {
                    valid: true,
                    remedy,
                },
            ) => {
                let remedy = remedy.ok_or(RefusedMove::Remedy)?;
                if !["modify", "publish", "reject"].contains(&remedy.as_str()) {
                    return Err(RefusedMove::Remedy);
                }
                // A rejected record has no tags.
                self.is_tagged &= remedy != "reject";
                self.remedy = Some(remedy);
                self.tell = vec!["tell_all_parties"];
                DecidedValid
            }
            (Assessed | Review | Reconsider | Escalated, Move::Decide { valid: false, .. }) => {
                self.is_tagged = false;
                self.tell = vec!["tell_disputing_party", "remove_tag_and_reason"];
                DecidedInvalid
            }
            (DecidedValid | DecidedInvalid, Move::Reconsider) => Reconsider,
            (Filed, Move::Escalate) => return refused,
            (_, Move::Escalate) => Escalated,
            (Assessed | Review | Escalated | Reconsider, Move::LeaveOpen) => {
                self.is_tagged = true;
                self.tell = vec!["keep_tag_and_reason"];
                Unresolved
            }
            _ => return refused,
        };
        self.state = next;
        self.passed.push(next.as_str());
        Ok(())
    }

    /// The sentence the record carries while it is tagged.
    pub fn note(&self) -> Option<String> {
        let (party, reason) = (&self.party, self.rationale.trim_end_matches('.'));
        self.is_tagged
            .then(|| format!("NOTE: {party} disputes this because {reason}."))
    }
}

/// Who decides first: the CNA the record belongs to; above it its Root, then
/// the top of the hierarchy; for what no CNA's scope holds, the CNA of last
/// resort; across hierarchies the Council of Roots.
pub const LADDER: &[&str] = &["cna", "root", "tl_root"];

#[cfg(test)]
mod tests {
    use super::*;

    fn filed() -> Dispute {
        Dispute::file("globex", "the attacker owns the machine").unwrap()
    }

    #[test]
    fn a_legitimate_dispute_is_tagged_until_it_is_decided() {
        let mut dispute = filed();
        dispute.go(Move::Acknowledge).unwrap();
        dispute.go(Move::Assess { legitimate: true }).unwrap();
        assert_eq!(
            dispute.note().unwrap(),
            "NOTE: globex disputes this because the attacker owns the machine."
        );
        dispute
            .go(Move::Decide {
                valid: false,
                remedy: None,
            })
            .unwrap();
        assert!(!dispute.is_tagged);
        assert_eq!(dispute.state.as_str(), "DECIDED_INVALID");
    }

    #[test]
    fn a_dispute_without_rationale_is_not_filed() {
        assert_eq!(Dispute::file("globex", " "), Err(RefusedMove::Rationale));
    }

    #[test]
    fn an_unresolved_dispute_keeps_its_tag() {
        let mut dispute = filed();
        dispute.go(Move::Acknowledge).unwrap();
        dispute.go(Move::Assess { legitimate: true }).unwrap();
        dispute.go(Move::LeaveOpen).unwrap();
        assert!(dispute.is_tagged);
    }

    #[test]
    fn what_was_not_looked_at_is_not_decided() {
        let refused = filed().go(Move::Decide {
            valid: true,
            remedy: Some("reject".into()),
        });
        assert_eq!(refused, Err(RefusedMove::State("FILED")));
    }
}
