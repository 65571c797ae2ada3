//! The decision tree: whether a report gets a CVE ID, and why.
//!
//! | file | holds |
//! |---|---|
//! | `tree`, `nodes` | the questions, and the walk of a case with one finding |
//! | `pack` | the versions of the CNA rules: stable keys, numbers, levels |
//! | `overlay`, `profile` | what a Root adds to a pack; what an organisation is like |
//! | `answers` | the append-only sheet: evidence, overrides |
//! | `determination` | the fold of a sheet into a decision |
//! | `routes`, `refusal`, `hierarchy` | who assigns, and what follows when they do not |
//! | `routing` | which CNA covers a product, from a list of partners |
//! | `verdict`, `counting`, `inclusion` | what is a vulnerability, how many, which get an ID |
//! | `tasks`, `permission` | what follows, and what may be decided otherwise |
//!
//! Everything but the methods of [`Desk`] is pure: no store, no clock.

mod answers;
mod counting;
mod determination;
mod hierarchy;
mod inclusion;
mod nodes;
mod outcome;
mod overlay;
mod pack;
mod permission;
mod profile;
mod refusal;
mod routes;
mod routing;
mod tasks;
mod tree;
mod verdict;

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AnswerRow, AuditEvent, Tx, Visibility};

pub use answers::{About, RefusedAnswer, Reply, Row, Sheet, evidence_rule};
pub use counting::{Group, Part, Spread, Tie, groups, ids};
pub use determination::{Claim, Decision, Ground, Matter, Missing, Verdict, decide};
pub use hierarchy::{COUNCIL_OF_ROOTS, Hierarchy, Station};
pub use outcome::{InvalidRuling, Outcome, Ruling};
pub use overlay::{Overlay, OverlayRule, RefusedOverlay};
pub use pack::{Level, Pack, PackRule, UnknownPack, packs};
pub use permission::{Permission, permission};
pub use profile::{Profile, profile, profiles};
pub use refusal::{Consequence, Refusal as FirstRefusal, Setting, consequence};
pub use routing::{InvalidPartners, Partner, Route, letter, partners, routes};
pub use tasks::{TASKS, Task};
pub use tree::{
    Determination, InvalidAnswer, Node, RULESET, Step, Subject, determine, node, nodes,
};

use crate::case::{self, CaseId};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::check_answer;
use crate::report::GivenAnswer;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Number in the case, from 1.
    pub number: i64,
    /// The question's id.
    pub node: String,
    /// The question in words.
    pub question: &'static str,
    /// The answer.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Version of the rules it was given under.
    pub ruleset: String,
    /// Their numbers in that version.
    pub rules: Vec<String>,
    /// Name of whoever answered.
    pub answered_by: String,
    /// When.
    pub answered_at: Timestamp,
    /// Whether a later answer replaces it.
    pub superseded: bool,
}

impl Desk {
    /// Answers a question of the decision tree, or answers it anew.
    ///
    /// Gives: where the tree stands now.
    /// Refuses: an unknown question, an answer it does not allow, a case
    /// whose IDs are assigned already.
    /// Source: process section 2.1; answers are append-only.
    pub fn answer(
        &self,
        actor: &Actor,
        id: CaseId,
        node_id: &str,
        given: &GivenAnswer,
    ) -> Result<Determination, Error> {
        check_answer(actor, node_id)?;
        let node = tree::accepted(node_id, &given.value).map_err(Refusal::from)?;
        let (actor, given) = (actor.clone(), given.clone());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, case::Verb::Answer)?;
            let answers = tx.answers(id.number())?;
            let supersedes = answers.iter().rev().find(|answer| answer.node == node.id);
            let supersedes = supersedes.map_or(0, |answer| answer.number);
            let number = answers.len() as i64 + 1;
            // By the rules of the day the report came in, never by later ones.
            let pack = Pack::on(&row.received.date());
            let answer = AnswerRow {
                number,
                node: node.id.into(),
                value: given.value.clone(),
                reason: given.reason.clone(),
                ruleset: pack.version.into(),
                rules: node
                    .rules_in(pack)
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                answered_by: actor.id().into(),
                answered_at: tx.now(),
                supersedes,
            };
            tx.insert_answer(id.number(), &answer)?;
            note(tx, &actor, id, &answer);
            case::settle(tx, &mut row)?;
            let answers = tx.answers(id.number())?;
            Ok(determine(&current(&answers)))
        })
    }
}

fn note(tx: &mut Tx<'_>, actor: &Actor, id: CaseId, answer: &AnswerRow) {
    tx.change("case.answered", "", &id.to_string(), Visibility::Restricted);
    tx.audit(AuditEvent {
        actor: actor.name().to_owned(),
        org: String::new(),
        action: "case.answer".into(),
        object: id.object(),
        detail: json!({
            "node": answer.node,
            "value": answer.value,
            "ruleset": answer.ruleset,
            "supersedes": answer.supersedes,
        }),
    });
}

/// The answers that stand: the last one to each question, as `(node, value)`.
pub(crate) fn current(answers: &[AnswerRow]) -> Vec<(String, String)> {
    let mut standing: Vec<(String, String)> = Vec::new();
    for answer in answers {
        standing.retain(|(node, _)| *node != answer.node);
        standing.push((answer.node.clone(), answer.value.clone()));
    }
    standing
}
