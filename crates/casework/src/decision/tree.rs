//! The questionnaire: its questions, and the walk of a case with one finding.
//!
//! Source: process section 2.3. The desk walks one finding, question by
//! question; [`crate::decision::decide`] decides several, from whatever is
//! answered.

use serde::Serialize;

use super::nodes::NODES;
use super::outcome::Outcome;
use super::pack::Pack;

/// Version of the CNA Operational Rules the desk decides by.
pub const RULESET: &str = "4.2.0";

/// A question of the tree.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Node {
    /// Its id, such as `B2`; never changes.
    pub id: &'static str,
    /// What it is asked of.
    pub subject: Subject,
    /// Whether an outcome can be issued without it.
    pub is_optional: bool,
    /// The question in words.
    pub question: &'static str,
    /// What is meant, with an example.
    pub explanation: &'static str,
    /// Stable keys of the rules it comes from.
    pub keys: &'static [&'static str],
    /// The answers it allows, and where each leads.
    pub answers: &'static [(&'static str, Step)],
}

impl Node {
    /// Numbers of its rules in a version.
    pub fn rules_in(&self, pack: &Pack) -> Vec<&'static str> {
        pack.cited(self.keys)
    }

    /// Numbers of its rules in the newest version.
    pub fn rules(&self) -> Vec<&'static str> {
        self.rules_in(Pack::newest())
    }

    /// What the decision tree of version 2.0 called it, as the handbooks that
    /// link there still do: `INC1` to `INC5`, `CNT1` to `CNT3`.
    pub fn legacy(&self) -> Vec<&'static str> {
        let mut ids = match "2.0".parse::<&Pack>() {
            Ok(pack) => self.rules_in(pack),
            Err(_) => Vec::new(),
        };
        ids.retain(|id| id.starts_with("INC") || id.starts_with("CNT"));
        ids
    }

    /// Where an answer leads, when the question allows it.
    pub fn step(&self, value: &str) -> Option<Step> {
        let found = self.answers.iter().find(|(allowed, _)| *allowed == value);
        found.map(|(_, step)| *step)
    }
}

/// What a question is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The whole report.
    Case,
    /// Each finding.
    Finding,
    /// Two findings.
    Pair,
    /// Findings that are one vulnerability.
    Group,
}

/// Where an answer leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// To the question with this id.
    Ask(&'static str),
    /// To the end.
    End(Outcome),
    /// Into the count, a tag, a note or a task; the walk does not turn here.
    Counted,
}

/// Where the tree stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Determination {
    /// The questions passed, in order.
    pub path: Vec<&'static str>,
    /// The question to be answered next; nothing at the end.
    pub next: Option<&'static str>,
    /// The end; nothing while a question is open.
    pub outcome: Option<Outcome>,
}

/// Why an answer is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAnswer {
    /// There is no such question.
    #[error("`{0}` is not a question of the decision tree: expected one such as `A1` or `B2`")]
    UnknownNode(String),
    /// The question does not allow the answer.
    #[error("question {node} does not allow `{value}`: expected one of {allowed}")]
    Value {
        /// The question.
        node: &'static str,
        /// The answer as it was given.
        value: String,
        /// The answers it allows.
        allowed: String,
    },
}

/// Every question, in the order of the stages.
pub fn nodes() -> &'static [Node] {
    NODES
}

/// The question with this id.
pub fn node(id: &str) -> Option<&'static Node> {
    NODES.iter().find(|node| node.id == id)
}

/// The question `id`, when it allows the answer `value`.
///
/// Refuses: an unknown question; an answer it does not allow.
pub(crate) fn accepted(id: &str, value: &str) -> Result<&'static Node, InvalidAnswer> {
    let node = node(id).ok_or_else(|| InvalidAnswer::UnknownNode(id.chars().take(32).collect()))?;
    if node.step(value).is_some() {
        return Ok(node);
    }
    let allowed: Vec<_> = node
        .answers
        .iter()
        .map(|(allowed, _)| format!("`{allowed}`"))
        .collect();
    Err(InvalidAnswer::Value {
        node: node.id,
        value: value.to_owned(),
        allowed: allowed.join(", "),
    })
}

/// Walks the tree along the answers about one finding.
///
/// Takes: the standing answers as `(node, value)`, in any order; answers to
/// questions off the path do not matter.
/// Gives: the same determination for the same answers, whenever asked.
pub fn determine(answers: &[(String, String)]) -> Determination {
    let mut path = Vec::new();
    let mut at = NODES.first();
    while let Some(node) = at {
        let value = answers.iter().find(|(id, _)| id == node.id);
        let step = value.and_then(|(_, value)| node.step(value));
        let Some(step) = step else {
            return Determination {
                path,
                next: Some(node.id),
                outcome: None,
            };
        };
        path.push(node.id);
        match step {
            Step::Ask(next) => at = self::node(next),
            Step::End(outcome) => {
                return Determination {
                    path,
                    next: None,
                    outcome: Some(outcome),
                };
            }
            // No `Ask` leads to a question whose answers are counted only; a
            // test walks them all.
            Step::Counted => break,
        }
    }
    Determination {
        path,
        next: None,
        outcome: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn given(answers: &[(&str, &str)]) -> Vec<(String, String)> {
        answers
            .iter()
            .map(|(node, value)| ((*node).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn every_step_leads_to_a_later_question_or_an_end() {
        for (place, node) in NODES.iter().enumerate() {
            for (value, step) in node.answers {
                if let Step::Ask(next) = step {
                    let there = NODES.iter().position(|node| node.id == *next);
                    assert!(
                        there.is_some_and(|there| there > place),
                        "{} {value}",
                        node.id
                    );
                }
            }
        }
    }

    #[test]
    fn every_question_cites_rules_the_newest_pack_has() {
        for node in NODES {
            for key in node.keys {
                let known = super::super::pack::packs().iter().any(|pack| pack.has(key));
                assert!(known, "{} {key}", node.id);
            }
        }
    }

    #[test]
    fn a_question_says_what_version_2_called_it() {
        for (id, expected) in [("B2", "INC1"), ("D4", "CNT3"), ("A4", "INC5"), ("F1", "")] {
            let legacy = node(id).unwrap().legacy().join(" ");
            assert!(legacy.starts_with(expected), "{id}: {legacy:?}");
            assert_eq!(legacy.is_empty(), expected.is_empty(), "{id}");
        }
    }

    #[test]
    fn without_answers_the_first_question_is_next() {
        let determination = determine(&[]);
        assert_eq!(
            (determination.next, determination.outcome),
            (Some("A1"), None)
        );
    }

    #[test]
    fn no_path_leads_from_out_of_scope_to_assigning_by_our_own_scope() {
        let mut answers = given(&[
            ("A1", "report"),
            ("A2", "yes"),
            ("A3", "private"),
            ("A4", "none"),
            ("A5", "no"),
            ("B1", "ours"),
            ("B2", "no"),
        ]);
        assert_eq!(determine(&answers).next, Some("B3"));
        answers.extend(given(&[("B3", "supplier_cna")]));
        assert_eq!(determine(&answers).outcome, Some(Outcome::RouteCna));
    }

    #[test]
    fn an_answer_the_question_does_not_allow_names_those_it_does() {
        let error = accepted("B2", "maybe").unwrap_err().to_string();
        assert_eq!(
            error,
            "question B2 does not allow `maybe`: expected one of `yes`, `no`, `unclear`"
        );
    }

    proptest! {
        #[test]
        fn any_answers_end_or_ask_for_exactly_one_more(
            values in proptest::collection::vec(0usize..16, NODES.len()),
            known in proptest::collection::vec(any::<bool>(), NODES.len()),
        ) {
            let answers: Vec<_> = NODES
                .iter()
                .zip(&values)
                .zip(&known)
                .filter(|(_, known)| **known)
                .map(|((node, value), _)| {
                    let (value, _) = node.answers[value % node.answers.len()];
                    (node.id.to_owned(), value.to_owned())
                })
                .collect();
            let determination = determine(&answers);
            prop_assert_ne!(determination.next.is_some(), determination.outcome.is_some());
        }
    }
}
