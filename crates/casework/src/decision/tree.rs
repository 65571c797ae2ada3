//! The questions, in one table, and the walk along the answers.
//!
//! Source: process section 2.3. Counting over several findings (D1 to D7),
//! rule packs of other versions and overrides widen this table later; a
//! report with one finding goes from C straight to D8.

use serde::Serialize;

/// Version of the CNA Operational Rules the numbers below belong to.
pub const RULESET: &str = "4.2.0";

/// A question of the tree.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Node {
    /// Its id, such as `B2`; never changes.
    pub id: &'static str,
    /// The question in words.
    pub question: &'static str,
    /// Numbers of the rules it comes from.
    pub rules: &'static [&'static str],
    /// The answers it allows, and where each leads.
    pub answers: &'static [(&'static str, Step)],
}

/// Where an answer leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// To the question with this id.
    Ask(&'static str),
    /// To the end.
    End(Outcome),
}

/// How a determination ends.
///
/// Source: process section 2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Assign one ID here.
    Assign,
    /// An ID exists already; use it.
    Existing,
    /// Not a vulnerability.
    NotVulnerability,
    /// Must or should not get an ID.
    NoAssign,
    /// Another organisation assigns.
    Route,
    /// Several CNAs decide together.
    Coordinate,
    /// The reporter or maintainer is asked first.
    NeedInfo,
    /// Peers or experts are asked first.
    Consult,
}

impl Outcome {
    /// Its id in the process, such as `O-ASSIGN`.
    pub fn id(self) -> &'static str {
        match self {
            Outcome::Assign => "O-ASSIGN",
            Outcome::Existing => "O-EXISTING",
            Outcome::NotVulnerability => "O-NOTVULN",
            Outcome::NoAssign => "O-NOASSIGN",
            Outcome::Route => "O-ROUTE",
            Outcome::Coordinate => "O-COORDINATE",
            Outcome::NeedInfo => "O-NEEDINFO",
            Outcome::Consult => "O-CONSULT",
        }
    }
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

use Outcome::{Assign, Consult, Coordinate, Existing, NeedInfo, NoAssign, NotVulnerability, Route};
use Step::{Ask, End};

const NOT_VULNERABILITY: Step = End(NotVulnerability);

/// Every question, in the order of the stages.
const TREE: &[Node] = &[
    Node {
        id: "A1",
        question: "What kind of message is this?",
        rules: &[],
        answers: &[
            ("report", Ask("A2")),
            ("id_request", Ask("A2")),
            ("scanner", NOT_VULNERABILITY),
            ("spf", NOT_VULNERABILITY),
            ("clickjacking", NOT_VULNERABILITY),
            ("spam", NOT_VULNERABILITY),
        ],
    },
    Node {
        id: "A2",
        question: "Is it plausible, and is there enough to act?",
        rules: &["4.2.2.1"],
        answers: &[
            ("yes", Ask("A3")),
            ("no", End(NeedInfo)),
            ("unsure", End(NeedInfo)),
        ],
    },
    Node {
        id: "A3",
        question: "Is the vulnerability already Publicly Disclosed?",
        rules: &["4.5.1"],
        answers: &[
            ("private", Ask("A4")),
            ("public_own", Ask("A4")),
            ("public_third_party", Ask("A4")),
            ("id_only", Ask("A4")),
            ("unknown", Ask("A4")),
        ],
    },
    Node {
        id: "A4",
        question: "Does a CVE ID exist for it already?",
        rules: &["4.2.1"],
        answers: &[
            ("none", Ask("A5")),
            ("candidates", Ask("A5")),
            ("exact", End(Existing)),
        ],
    },
    Node {
        id: "A5",
        question: "Has the requester asked another CNA?",
        rules: &["4.2.16.7", "4.2.16.8"],
        answers: &[
            ("no", Ask("B1")),
            ("yes", End(Coordinate)),
            ("unsure", Ask("B1")),
        ],
    },
    Node {
        id: "B1",
        question: "Where is the vulnerable code or behaviour?",
        rules: &["4.2.16"],
        answers: &[
            ("ours", Ask("B2")),
            ("upstream", Ask("B4")),
            ("other", Ask("B3")),
            ("unknown", End(NeedInfo)),
        ],
    },
    Node {
        id: "B2",
        question: "Does our approved Scope Definition cover it?",
        rules: &["4.2.16.1", "4.2.16.2", "3.1.1"],
        answers: &[
            ("yes", Ask("B5")),
            ("no", Ask("B3")),
            ("unclear", End(Route)),
        ],
    },
    Node {
        id: "B3",
        question: "Which CNA has the most appropriate scope?",
        rules: &["4.2.1.1", "4.3.1"],
        answers: &[
            ("supplier_cna", End(Route)),
            ("our_research_scope", Ask("B5")),
            ("nobody", End(Route)),
        ],
    },
    Node {
        id: "B4",
        question: "Is the upstream supplier a CNA?",
        rules: &["4.2.16.6", "4.3.2"],
        answers: &[
            ("cna", End(Route)),
            ("not_cna_in_scope", Ask("B5")),
            ("not_cna_out_of_scope", End(Route)),
        ],
    },
    Node {
        id: "B5",
        question: "Are other CNAs' scopes touched, and are they aware?",
        rules: &["4.2.16.3", "4.2.16.4", "4.2.16.5"],
        answers: &[
            ("no", Ask("B6")),
            ("agreed", Ask("B6")),
            ("not_agreed", End(Route)),
        ],
    },
    Node {
        id: "B6",
        question: "Are the affected versions supported?",
        rules: &["4.2.17"],
        answers: &[
            ("all_supported", Ask("C1")),
            ("mixed", Ask("C1")),
            ("eol_only_covered", Ask("C1")),
            ("eol_only_excluded", End(Route)),
        ],
    },
    Node {
        id: "C1",
        question: "Does the supplier acknowledge it as a vulnerability with security impact?",
        rules: &["4.1.1", "4.1.3.6"],
        answers: &[("yes", Ask("D8")), ("no", Ask("C2")), ("unsure", Ask("C2"))],
    },
    Node {
        id: "C2",
        question: "Is a security impact shown or credible?",
        rules: &["4.1.2"],
        answers: &[
            ("yes", Ask("C3")),
            ("no", NOT_VULNERABILITY),
            ("unsure", End(NeedInfo)),
        ],
    },
    Node {
        id: "C3",
        question: "Does a special case of C3a to C3j rule it out?",
        rules: &[
            "4.1.3", "4.1.4", "4.1.5", "4.1.6", "4.1.7", "4.1.11", "4.1.12", "4.2.10", "4.2.18",
        ],
        answers: &[
            ("none", Ask("C4")),
            ("documented_setting", NOT_VULNERABILITY),
            ("volume_only", NOT_VULNERABILITY),
            ("malware", NOT_VULNERABILITY),
            ("dependency_update", NOT_VULNERABILITY),
            ("end_of_life_only", NOT_VULNERABILITY),
            ("teaching", End(NoAssign)),
            ("never_released", End(NoAssign)),
        ],
    },
    Node {
        id: "C4",
        question: "Is there reasonable evidence that it is a vulnerability?",
        rules: &["4.2.2.1", "4.4"],
        answers: &[
            ("yes", Ask("D8")),
            ("no", NOT_VULNERABILITY),
            ("unsure", End(Consult)),
        ],
    },
    Node {
        id: "D8",
        question: "How many vulnerabilities are there?",
        rules: &["4.2.11", "4.1.9"],
        answers: &[("1", Ask("E1"))],
    },
    Node {
        id: "E1",
        question: "Is it public, or will it be?",
        rules: &["4.2.2.1", "4.2.4", "4.2.5"],
        answers: &[
            ("public", Ask("E3")),
            ("expected", Ask("E3")),
            ("no", End(NoAssign)),
            ("unknown", End(NeedInfo)),
        ],
    },
    Node {
        id: "E3",
        question: "Are all known affected products fully hosted services?",
        rules: &["5.1.11.1"],
        answers: &[("no", Ask("E4")), ("mixed", Ask("E4")), ("yes", Ask("E4"))],
    },
    Node {
        id: "E4",
        question: "Is it a duplicate in the CVE List or elsewhere?",
        rules: &["4.2.1"],
        answers: &[
            ("no", Ask("E6")),
            ("unsure", Ask("E6")),
            ("yes", End(Existing)),
        ],
    },
    Node {
        id: "E6",
        question: "Is significant harm possible, or must others act or assess risk?",
        rules: &["4.2.2.2", "4.2.2.3"],
        answers: &[("yes", End(Assign)), ("no", End(Assign))],
    },
];

/// Every question, in the order of the stages.
pub fn nodes() -> &'static [Node] {
    TREE
}

/// The question with this id.
pub fn node(id: &str) -> Option<&'static Node> {
    TREE.iter().find(|node| node.id == id)
}

/// The question `id`, when it allows the answer `value`.
pub(crate) fn accepted(id: &str, value: &str) -> Result<&'static Node, InvalidAnswer> {
    let node = node(id).ok_or_else(|| InvalidAnswer::UnknownNode(id.to_owned()))?;
    if node.answers.iter().any(|(allowed, _)| *allowed == value) {
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

/// Walks the tree along the answers.
///
/// Takes: the standing answers as `(node, value)`, in any order; answers to
/// questions off the path do not matter.
/// Gives: the same determination for the same answers, whenever asked.
pub fn determine(answers: &[(String, String)]) -> Determination {
    let mut path = Vec::new();
    let mut at = TREE.first();
    while let Some(node) = at {
        let value = answers
            .iter()
            .find(|(id, _)| id == node.id)
            .map(|(_, value)| value);
        let step = node
            .answers
            .iter()
            .find(|(allowed, _)| Some(*allowed) == value.map(String::as_str));
        let Some((_, step)) = step else {
            return Determination {
                path,
                next: Some(node.id),
                outcome: None,
            };
        };
        path.push(node.id);
        match step {
            Ask(next) => at = self::node(next),
            End(outcome) => {
                return Determination {
                    path,
                    next: None,
                    outcome: Some(*outcome),
                };
            }
        }
    }
    // Every `Ask` names a node of the table; a test walks them all.
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
        for (place, node) in TREE.iter().enumerate() {
            for (value, step) in node.answers {
                if let Ask(next) = step {
                    let there = TREE.iter().position(|node| node.id == *next);
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
        assert_eq!(determine(&answers).outcome, Some(Outcome::Route));
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
            values in proptest::collection::vec(0usize..8, TREE.len()),
            known in proptest::collection::vec(any::<bool>(), TREE.len()),
        ) {
            let answers: Vec<_> = TREE
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
