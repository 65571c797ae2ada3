//! Answering questions at the desk: append-only, about the report, a finding or
//! a pair of findings.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AnswerRow, AuditEvent, FindingRow, Tx, Visibility};

use super::answers::{About, RefusedAnswer, Reply};
use super::docket::{self, CaseDecision, Docket};
use super::tree;
use crate::case::{self, CaseId, Names, Verb};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Role, check_answer};
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
    /// What it is about, by today's names; nothing when the finding it was
    /// about was removed.
    pub about: Option<About>,
    /// The answer.
    pub value: String,
    /// Why.
    pub reason: String,
    /// What proves it.
    pub evidence: Vec<String>,
    /// The organisations, IDs or findings it names.
    pub names: Vec<String>,
    /// Why its consequence is turned round; empty when it is not.
    pub overriding: String,
    /// The Board's exception for that; empty when there is none.
    pub exception: String,
    /// Whether whoever answered was trained for it.
    pub trained: bool,
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

/// An answer somebody gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// The question's id.
    pub node: String,
    /// What it is about, findings by name.
    pub about: About,
    /// One of the values the question allows.
    pub value: String,
    /// Why.
    pub reason: String,
    /// What proves it: links, places, whom one asked.
    pub evidence: Vec<String>,
    /// The organisations, IDs or findings it names.
    pub names: Vec<String>,
    /// Why its consequence is turned round, when it is.
    pub overriding: Option<String>,
    /// The Board's exception for that.
    pub exception: Option<String>,
}

impl NewAnswer {
    /// An answer about the whole report, with nothing beside it.
    pub fn plain(node: &str, given: &GivenAnswer) -> NewAnswer {
        NewAnswer {
            node: node.to_owned(),
            about: About::Case,
            value: given.value.clone(),
            reason: given.reason.clone(),
            evidence: Vec::new(),
            names: Vec::new(),
            overriding: None,
            exception: None,
        }
    }
}

impl Desk {
    /// Answers a question about the whole report, as [`Desk::answer_about`].
    pub fn answer(
        &self,
        actor: &Actor,
        id: CaseId,
        node_id: &str,
        given: &GivenAnswer,
    ) -> Result<CaseDecision, Error> {
        self.answer_about(actor, id, &NewAnswer::plain(node_id, given))
    }

    /// Answers a question of the decision tree, or answers it anew.
    ///
    /// Gives: where the decision stands now.
    /// Refuses: an unknown question or finding, an answer the question or the
    /// rules do not allow, a case that has IDs already.
    /// Source: process section 2.1; answers are append-only.
    pub fn answer_about(
        &self,
        actor: &Actor,
        id: CaseId,
        new: &NewAnswer,
    ) -> Result<CaseDecision, Error> {
        check_answer(actor, &new.node)?;
        let node = tree::accepted(&new.node, &new.value).map_err(Refusal::from)?;
        let records = match (node.id, new.value.as_str()) {
            ("A1", "correction") => self.listed_records(actor, id, &new.names)?,
            _ => Vec::new(),
        };
        let (actor, new) = (actor.clone(), new.clone());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Answer)?;
            case::without_ids(tx, &row, "answered")?;
            for record in &records {
                tx.put_case_record(id.number(), record)?;
            }
            let docket = Docket::load(tx, &row)?;
            let (about, about_other) = numbers(node.id, &new.about, &docket.findings)?;
            let pack = docket.pack();
            let trained = is_trained(&actor);
            accept(&docket, &actor, &new, trained)?;
            let same = |answer: &&AnswerRow| {
                answer.node == node.id && (answer.about, answer.about_other) == (about, about_other)
            };
            let supersedes = docket.answers.iter().rev().find(same);
            let answer = AnswerRow {
                number: docket.answers.len() as i64 + 1,
                node: node.id.into(),
                value: new.value.clone(),
                reason: new.reason.clone(),
                ruleset: pack.version.into(),
                rules: node
                    .rules_in(pack)
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                answered_by: actor.id().into(),
                answered_at: tx.now(),
                supersedes: supersedes.map_or(0, |answer| answer.number),
                about,
                about_other,
                evidence: new.evidence.clone(),
                names: new.names.clone(),
                overriding: new.overriding.clone().unwrap_or_default(),
                exception: new.exception.clone().unwrap_or_default(),
                trained,
            };
            tx.insert_answer(id.number(), &answer)?;
            note(tx, &actor, id, &answer);
            case::settle(tx, &mut row)?;
            case::decision_view(tx, &row)
        })
    }
}

/// Whether somebody is trained to decide otherwise than a rule asks.
///
/// Source: process sections 2.3 and 3.5.
fn is_trained(actor: &Actor) -> bool {
    let trained = [Role::Analyst, Role::Reviewer, Role::Publisher];
    trained.iter().any(|role| actor.has(*role))
}

/// Refuses what the rules refuse.
fn accept(docket: &Docket, actor: &Actor, new: &NewAnswer, trained: bool) -> Result<(), Refusal> {
    let reply = Reply {
        node: new.node.clone(),
        about: new.about.clone(),
        value: new.value.clone(),
        reason: new.reason.clone(),
        evidence: new.evidence.clone(),
        names: new.names.clone(),
        overriding: new.overriding.clone(),
        exception: new.exception.clone(),
        by: actor.name().to_owned(),
        is_trained: trained,
        at: None,
    };
    match docket.sheet.clone().add(reply, docket.pack()) {
        Ok(_) => Ok(()),
        Err(RefusedAnswer::Invalid(invalid)) => Err(invalid.into()),
        Err(refused) => Err(refused.into()),
    }
}

/// The numbers of the findings an answer is about.
fn numbers(
    node: &'static str,
    about: &About,
    findings: &[FindingRow],
) -> Result<(i64, i64), Refusal> {
    let number = |name: &String| {
        let found = findings.iter().find(|finding| finding.name == *name);
        found.map(|finding| finding.number).ok_or_else(|| {
            let known: Vec<_> = findings.iter().map(|f| format!("`{}`", f.name)).collect();
            let problem = format!(
                "`{name}` is not a finding of the case: expected one of {}",
                known.join(", ")
            );
            Refusal::invalid("finding", problem)
        })
    };
    let refuse = |expected: &str| {
        let problem = format!("question {node} is asked about {expected}");
        Err(Refusal::invalid("about", problem))
    };
    let is_of_pair = matches!(node, "D1" | "D2");
    match about {
        About::Case => Ok((0, 0)),
        About::Finding(_) if is_of_the_report(node) => refuse("the whole report"),
        About::Finding(_) if is_of_pair => refuse("two findings, or the whole report"),
        About::Finding(name) => Ok((number(name)?, 0)),
        About::Pair(..) if !is_of_pair => refuse("the whole report or one finding, never a pair"),
        About::Pair(one, other) => match (number(one)?, number(other)?) {
            (one, other) if one == other => refuse("two findings, and these are one and the same"),
            (one, other) => Ok((one.min(other), one.max(other))),
        },
    }
}

/// Whether a question is answered for all findings at once.
///
/// Source: process section 2.3; E1 and E4 may differ from one vulnerability to
/// the next.
fn is_of_the_report(node: &str) -> bool {
    node.starts_with(['A', 'B'])
        || matches!(node, "refusal" | "D8" | "E2" | "E3" | "E5" | "E6" | "F1")
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
            "about": [answer.about, answer.about_other],
            "value": answer.value,
            "ruleset": answer.ruleset,
            "supersedes": answer.supersedes,
            "overriding": !answer.overriding.is_empty(),
        }),
    });
}

/// An answer of a case, for people.
pub(crate) fn view(
    row: &AnswerRow,
    all: &[AnswerRow],
    findings: &[FindingRow],
    names: &Names,
) -> Answer {
    Answer {
        number: row.number,
        node: row.node.clone(),
        question: tree::node(&row.node).map_or("", |node| node.question),
        about: docket::about(row, findings),
        value: row.value.clone(),
        reason: row.reason.clone(),
        evidence: row.evidence.clone(),
        names: row.names.clone(),
        overriding: row.overriding.clone(),
        exception: row.exception.clone(),
        trained: row.trained,
        ruleset: row.ruleset.clone(),
        rules: row.rules.clone(),
        answered_by: names.of(&row.answered_by),
        answered_at: row.answered_at,
        superseded: all.iter().any(|other| other.supersedes == row.number),
    }
}
