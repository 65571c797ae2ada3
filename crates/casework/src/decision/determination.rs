//! Decides a case from its answers: a fold, the same whenever it is replayed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answers::{Reply, Sheet, ground};
use super::counting::{Group, Part};
use super::hierarchy::Hierarchy;
use super::outcome::{Outcome, Ruling};
use super::pack::{Level, Pack};
use super::{inclusion, routes, verdict};

/// What is known beside the answers.
#[derive(Debug, Clone)]
pub struct Matter<'a> {
    /// The rules in force on the case's date.
    pub pack: &'static Pack,
    /// Who decides.
    pub us: &'a str,
    /// Who reports to whom.
    pub hierarchy: &'a Hierarchy,
    /// What the report claims; at least one.
    pub findings: &'a [Claim],
    /// Whether peers or experts were asked and gave no clear answer.
    pub is_consulted: bool,
    /// Whether it is Publicly Disclosed, where more is known than answer A3.
    pub is_public: Option<bool>,
    /// What the report lacks.
    pub missing: &'a [String],
    /// The record a correction is about: its ID and the day it was published.
    pub record: Option<(String, Option<String>)>,
}

/// One bug or behaviour a report claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Its name in the case.
    pub name: String,
    /// The products it affects.
    pub products: Vec<Part>,
    /// Who supplies them, as far as that is one organisation.
    pub supplier: Option<String>,
    /// The known vulnerable implementations of a function or specification.
    pub implementations: usize,
}

/// What the answers say about one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is a vulnerability.
    Vulnerable,
    /// It is none.
    NotVulnerable,
    /// It gets no ID: deliberately vulnerable.
    Teaching,
    /// It gets no ID: never publicly available.
    NeverPublic,
    /// The reporter has to be asked.
    NeedInfo,
    /// Others have to be asked.
    Consult,
    /// A question is open.
    Open,
}

/// A rule a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// The question.
    pub node: String,
    /// The finding it was answered about, when about one.
    pub finding: Option<String>,
    /// The answer.
    pub value: String,
    /// Stable key of the rule.
    pub key: &'static str,
    /// Its number in the version the case is decided by, where that has it.
    pub number: Option<&'static str>,
    /// How binding it is.
    pub level: Level,
    /// The reason for deciding otherwise, when somebody did.
    pub overridden: Option<String>,
}

/// A question that has to be answered before the outcome can be issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The question.
    pub node: &'static str,
    /// The finding, or both of a pair; empty for the whole report.
    pub about: String,
}

/// What was decided, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Version of the rules.
    pub ruleset: &'static str,
    /// The outcome, when one can be issued.
    pub ruling: Option<Ruling>,
    /// What has to be answered first, in the order of the stages.
    pub missing: Vec<Missing>,
    /// What the answers say about each finding.
    pub verdicts: BTreeMap<String, Verdict>,
    /// The vulnerabilities and their counts.
    pub groups: Vec<Group>,
    /// The IDs that exist already.
    pub existing: Vec<String>,
    /// The rules it rests on, in the order they were met.
    pub grounds: Vec<Ground>,
    /// Whether a second trained person has to confirm the count.
    pub needs_confirmation: bool,
    /// Tags the record gets.
    pub tags: Vec<&'static str>,
    /// What has to be done because of it, by key.
    pub tasks: Vec<&'static str>,
    /// Who assigns, where that is known.
    pub assigner: Option<String>,
    /// Sentences the record gets.
    pub notes: Vec<String>,
}

impl Decision {
    pub(super) fn empty(pack: &'static Pack) -> Decision {
        Decision {
            ruleset: pack.version,
            ruling: None,
            missing: Vec::new(),
            verdicts: BTreeMap::new(),
            groups: Vec::new(),
            existing: Vec::new(),
            grounds: Vec::new(),
            needs_confirmation: false,
            tags: Vec::new(),
            tasks: Vec::new(),
            assigner: None,
            notes: Vec::new(),
        }
    }

    /// Notes the rule by which an answer led somewhere.
    pub(super) fn rest_on(&mut self, pack: &Pack, reply: &Reply, finding: Option<&str>) {
        if let Some(key) = ground(&reply.node, &reply.value) {
            self.rest_on_key(pack, reply, finding, key);
        }
    }

    pub(super) fn rest_on_key(
        &mut self,
        pack: &Pack,
        reply: &Reply,
        finding: Option<&str>,
        key: &'static str,
    ) {
        self.grounds.push(Ground {
            node: reply.node.clone(),
            finding: finding.map(str::to_owned),
            value: reply.value.clone(),
            key,
            number: pack.rule(key).map(|rule| rule.number),
            level: pack.level(key),
            overridden: reply.overriding.clone(),
        });
    }

    pub(super) fn lacks(&mut self, node: &'static str, about: &str) {
        let missing = Missing {
            node,
            about: about.to_owned(),
        };
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }

    /// How many IDs are assigned here.
    pub fn ids(&self) -> u32 {
        self.ruling.as_ref().map_or(0, |ruling| ruling.count)
    }
}

/// Decides.
///
/// Takes: the standing answers; the order they were given in does not matter.
/// Gives: an outcome only where the answers it needs are there, and otherwise
/// the questions that are open.
/// Source: process sections 2.1 to 2.3.
pub fn decide(matter: &Matter<'_>, sheet: &Sheet) -> Decision {
    let mut decision = Decision::empty(matter.pack);
    if let Some(ruling) = intake(matter, sheet, &mut decision) {
        return issue(matter, sheet, decision, ruling);
    }
    if let Some(ruling) = routes::route(matter, sheet, &mut decision) {
        return issue(matter, sheet, decision, ruling);
    }
    let correction = sheet
        .case("A1")
        .is_some_and(|reply| reply.value == "correction");
    verdict::judge(matter, sheet, &mut decision);
    if correction {
        let ruling = corrected(matter, sheet, &decision);
        return issue(matter, sheet, decision, ruling);
    }
    match inclusion::include(matter, sheet, &mut decision) {
        Some(ruling) => issue(matter, sheet, decision, ruling),
        None => decision,
    }
}

/// Stage A: messages that are no reports, and reports that go no further.
fn intake(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision) -> Option<Ruling> {
    if let Some(kind) = sheet.case("A1") {
        let template = match kind.value.as_str() {
            "dispute" => return Some(Ruling::plain(Outcome::Dispute)),
            "scanner" => "container-vuln-response",
            "spf" => "spf-record-response",
            "clickjacking" => "clickjacking-response",
            "support" => "support-response",
            "leaked_credential" => "credential-playbook",
            "spam" => "spam",
            _ => "",
        };
        if !template.is_empty() {
            return Some(Ruling::about(Outcome::Close, vec![template.to_owned()]));
        }
        if kind.value == "correction" {
            return None;
        }
    }
    let enough = sheet.case("A2");
    if enough.is_some_and(|reply| reply.value != "yes") {
        return Some(Ruling::about(Outcome::NeedInfo, matter.missing.to_vec()));
    }
    let known = sheet.case("A4")?;
    if known.value != "exact" {
        return None;
    }
    decision.rest_on(matter.pack, known, None);
    decision.existing = known.names.clone();
    Some(Ruling::about(Outcome::Existing, known.names.clone()))
}

/// What a correction leads to.
///
/// Source: process sections 8.1 and 8.2; the Program does not let CNAs edit
/// records from before 2016-10-31.
fn corrected(matter: &Matter<'_>, sheet: &Sheet, decision: &Decision) -> Ruling {
    let (id, day) = matter.record.clone().unwrap_or_default();
    if day.is_some_and(|day| day.as_str() < "2016-10-31") {
        return Ruling::about(Outcome::Forward, vec!["secretariat".into()]);
    }
    let related = sheet.case("D6").filter(|reply| !reply.names.is_empty());
    let id = related.map_or(id, |reply| reply.names.join(", "));
    let fell = !decision.verdicts.is_empty()
        && decision
            .verdicts
            .values()
            .all(|verdict| *verdict == Verdict::NotVulnerable);
    if fell {
        return Ruling::about(Outcome::Reject, vec!["not_vuln".into()]);
    }
    Ruling::about(Outcome::Amend, vec![id])
}

/// Adds what follows from an outcome: who assigns, tags, tasks.
fn issue(matter: &Matter<'_>, sheet: &Sheet, mut decision: Decision, ruling: Ruling) -> Decision {
    let first = ruling.about.first().cloned();
    decision.assigner = match ruling.outcome {
        Outcome::Assign => Some(matter.us.to_owned()),
        Outcome::RouteCna | Outcome::RouteUpstream | Outcome::RouteLr => first,
        // The Root has the CNA of last resort assign, unless it finds none.
        Outcome::RouteRoot => first.and_then(|root| {
            let lr = matter.hierarchy.last_resort_of(&root);
            let lr = lr.or_else(|| matter.hierarchy.last_resort_of(matter.us));
            lr.map(str::to_owned)
        }),
        _ => None,
    };
    decision.missing.clear();
    inclusion::tags(sheet, &ruling, &mut decision);
    super::tasks::add(matter, sheet, &ruling, &mut decision);
    decision.ruling = Some(ruling);
    decision
}

#[cfg(test)]
mod tests {
    use super::super::answers::About;
    use super::super::tree::nodes;
    use super::*;
    use proptest::prelude::*;

    fn reply(node: &str, value: &str) -> Reply {
        Reply {
            node: node.into(),
            about: About::Case,
            value: value.into(),
            reason: String::new(),
            evidence: vec!["seen".into()],
            names: vec!["globex".into()],
            overriding: None,
            exception: None,
            by: "ana".into(),
            is_trained: true,
            at: None,
        }
    }

    fn decided(answers: &[(&str, &str)]) -> Decision {
        let claims = [Claim {
            name: "bug".into(),
            ..Claim::default()
        }];
        let hierarchy = Hierarchy::default();
        let matter = Matter {
            pack: Pack::newest(),
            us: "acme",
            hierarchy: &hierarchy,
            findings: &claims,
            is_consulted: false,
            is_public: None,
            missing: &[],
            record: None,
        };
        let mut sheet = Sheet::default();
        for (node, value) in answers {
            // An answer the rules refuse is not in the sheet.
            let _ = sheet.add(reply(node, value), Pack::newest());
        }
        decide(&matter, &sheet)
    }

    /// Some of the questions, each with one of its answers.
    fn some_answers() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
        let size = nodes().len();
        let picks = proptest::collection::vec((any::<bool>(), 0usize..16), size);
        picks.prop_map(|picks| {
            let picked = nodes()
                .iter()
                .zip(picks)
                .filter(|(_, (is_given, _))| *is_given);
            picked
                .map(|(node, (_, pick))| (node.id, node.answers[pick % node.answers.len()].0))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_the_answers_does_not_matter(answers in some_answers()) {
            let mut backwards = answers.clone();
            backwards.reverse();
            prop_assert_eq!(decided(&answers).ruling, decided(&backwards).ruling);
        }

        #[test]
        fn what_our_scope_does_not_cover_never_gets_an_id_here(answers in some_answers()) {
            let mut answers = answers;
            answers.push(("B2", "no"));
            prop_assert_eq!(decided(&answers).ids(), 0);
        }

        #[test]
        fn an_assignment_has_every_answer_it_needs(answers in some_answers()) {
            let decision = decided(&answers);
            if decision.ids() > 0 {
                for node in ["A2", "A4", "A5", "E1", "E4"] {
                    prop_assert!(answers.iter().any(|(given, _)| *given == node), "{}", node);
                }
            }
        }

        #[test]
        fn there_is_an_outcome_or_a_question_that_is_open(answers in some_answers()) {
            let decision = decided(&answers);
            prop_assert_ne!(decision.ruling.is_some(), !decision.missing.is_empty());
        }
    }
}
