//! The answers of a case: append-only, later ones superseding earlier.

use std::collections::BTreeMap;

use cve::time::Timestamp;
use serde::Serialize;

use super::pack::Pack;
use super::tree::{self, InvalidAnswer};

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The whole report, and every finding that has no answer of its own.
    Case,
    /// One finding.
    Finding(String),
    /// Two findings; the smaller name stands first.
    Pair(String, String),
}

impl About {
    /// Two findings, in whatever order.
    pub fn pair(one: &str, other: &str) -> About {
        let (first, second) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        About::Pair(first.to_owned(), second.to_owned())
    }
}

/// An answer somebody gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// The question's id.
    pub node: String,
    /// What it is about.
    pub about: About,
    /// One of the values the question allows.
    pub value: String,
    /// Why.
    pub reason: String,
    /// What proves it: links, places.
    pub evidence: Vec<String>,
    /// The organisations, IDs or findings it names.
    pub names: Vec<String>,
    /// Why its consequence is turned round, when it is.
    pub overriding: Option<String>,
    /// The Board's exception for that.
    pub exception: Option<String>,
    /// Who answers.
    pub by: String,
    /// Whether that person is trained for it.
    pub is_trained: bool,
    /// When.
    pub at: Option<Timestamp>,
}

/// An answer in the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number, from 1.
    pub number: usize,
    /// The number of the answer it supersedes.
    pub supersedes: Option<usize>,
    /// Version of the rules it was given under.
    pub ruleset: &'static str,
    /// The numbers of the question's rules in that version.
    pub rules: Vec<&'static str>,
    /// What was answered.
    pub reply: Reply,
}

/// Why an answer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedAnswer {
    /// The question or the value does not exist.
    #[error(transparent)]
    Invalid(#[from] InvalidAnswer),
    /// The rules ask for proof with this answer.
    #[error("`{value}` to question {node} needs evidence (rule {rule}): name what was looked at")]
    EvidenceMissing {
        /// The question.
        node: &'static str,
        /// The answer.
        value: String,
        /// The number of the rule that asks for it.
        rule: &'static str,
    },
    /// Only a trained person may turn a SHOULD round.
    #[error(
        "question {node}: `{by}` is not trained, so may not decide otherwise than the rules ask"
    )]
    OverrideUntrained {
        /// The question.
        node: &'static str,
        /// Who tried.
        by: String,
    },
    /// Nobody may turn a MUST round.
    #[error(
        "question {node}: rule {rule} is a {level}, so only the Board may decide otherwise: name its exception"
    )]
    OverrideOfMust {
        /// The question.
        node: &'static str,
        /// The number of the rule.
        rule: String,
        /// How binding it is.
        level: super::pack::Level,
    },
    /// An override needs a reason.
    #[error("question {node}: deciding otherwise than the rules ask needs a reason")]
    OverrideWithoutReason {
        /// The question.
        node: &'static str,
    },
    /// Nothing to turn round.
    #[error("question {node}: `{value}` follows from no rule that could be decided otherwise")]
    NothingToOverride {
        /// The question.
        node: &'static str,
        /// The answer.
        value: String,
    },
    /// The type of technology is never the ground of a refusal.
    #[error(
        "the type of technology alone is no ground to refuse an ID (rule {rule}): give another"
    )]
    Technology {
        /// The number of the rule.
        rule: &'static str,
    },
}

/// The answers of a case, in the order they were given.
///
/// Always true: no row changes or goes; at most one row about a thing is not
/// superseded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sheet {
    rows: Vec<Row>,
}

impl Sheet {
    /// Adds an answer; one to the same question about the same thing is
    /// superseded.
    ///
    /// Refuses: an unknown question or value; proof the rules ask for and that
    /// is not there; an override that may not be.
    /// Source: process sections 2.1 and 2.3.
    pub fn add(&mut self, reply: Reply, pack: &'static Pack) -> Result<&Row, RefusedAnswer> {
        check(&reply, pack)?;
        let node = tree::accepted(&reply.node, &reply.value)?;
        let supersedes = self
            .standing(&reply.node, &reply.about)
            .map(|row| row.number);
        let number = self.rows.len() + 1;
        self.rows.push(Row {
            number,
            supersedes,
            ruleset: pack.version,
            rules: node.rules_in(pack),
            reply,
        });
        // It was pushed on the line above.
        Ok(&self.rows[number - 1])
    }

    /// Adds an answer that was accepted when it was given, without judging it
    /// again.
    ///
    /// Source: our choice; a stored answer is a fact, and a check that came
    /// later must not make a case unreadable.
    pub(crate) fn restore(&mut self, reply: Reply, pack: &'static Pack) {
        let supersedes = self
            .standing(&reply.node, &reply.about)
            .map(|row| row.number);
        self.rows.push(Row {
            number: self.rows.len() + 1,
            supersedes,
            ruleset: pack.version,
            rules: tree::node(&reply.node).map_or(Vec::new(), |node| node.rules_in(pack)),
            reply,
        });
    }

    /// Every row, oldest first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows that no later row supersedes, oldest first.
    pub fn current(&self) -> Vec<&Row> {
        let mut standing: BTreeMap<(&str, &About), &Row> = BTreeMap::new();
        for row in &self.rows {
            standing.insert((&row.reply.node, &row.reply.about), row);
        }
        let mut rows: Vec<_> = standing.into_values().collect();
        rows.sort_by_key(|row| row.number);
        rows
    }

    fn standing(&self, node: &str, about: &About) -> Option<&Row> {
        let is_it = |row: &&Row| row.reply.node == node && row.reply.about == *about;
        self.rows.iter().rev().find(is_it)
    }

    /// The standing answer about the whole report.
    pub fn case(&self, node: &str) -> Option<&Reply> {
        self.standing(node, &About::Case).map(|row| &row.reply)
    }

    /// The standing answer about a finding, or else about the whole report.
    pub fn finding(&self, node: &str, finding: &str) -> Option<&Reply> {
        let own = self.standing(node, &About::Finding(finding.to_owned()));
        own.map(|row| &row.reply).or_else(|| self.case(node))
    }

    /// The standing answer about a pair; or about either of the two, where
    /// they do not differ; or about the whole report.
    pub fn pair(&self, node: &str, one: &str, other: &str) -> Option<&Reply> {
        let own = self.standing(node, &About::pair(one, other));
        own.map(|row| &row.reply).or_else(|| self.case(node))
    }
}

/// Refuses a reply the rules do not allow as it stands.
fn check(reply: &Reply, pack: &'static Pack) -> Result<(), RefusedAnswer> {
    let node = tree::accepted(&reply.node, &reply.value)?;
    if let Some(rule) = evidence_rule(node.id, &reply.value, pack)
        && reply.evidence.iter().all(|text| text.trim().is_empty())
    {
        return Err(RefusedAnswer::EvidenceMissing {
            node: node.id,
            value: reply.value.clone(),
            rule,
        });
    }
    if node.id == "E2" && reply.value == "yes" {
        let rule = pack.rule("assign.technology");
        return Err(RefusedAnswer::Technology {
            rule: rule.map_or("", |rule| rule.number),
        });
    }
    check_override(reply, node.id, pack)
}

fn check_override(
    reply: &Reply,
    node: &'static str,
    pack: &'static Pack,
) -> Result<(), RefusedAnswer> {
    let Some(reason) = &reply.overriding else {
        return Ok(());
    };
    if reason.trim().is_empty() {
        return Err(RefusedAnswer::OverrideWithoutReason { node });
    }
    let Some(key) = ground(node, &reply.value) else {
        return Err(RefusedAnswer::NothingToOverride {
            node,
            value: reply.value.clone(),
        });
    };
    let level = pack.level(key);
    if level.is_binding() && reply.exception.is_none() {
        return Err(RefusedAnswer::OverrideOfMust {
            node,
            rule: pack.cited(&[key]).first().unwrap_or(&key).to_string(),
            level,
        });
    }
    if !reply.is_trained {
        return Err(RefusedAnswer::OverrideUntrained {
            node,
            by: reply.by.clone(),
        });
    }
    Ok(())
}

/// The number of the rule that asks for proof with this answer.
///
/// Source: CNA Rules 4.1.3.1: whoever rests a decision on a default or a
/// setting shows an effort to understand it. Versions before have no such rule.
pub fn evidence_rule(node: &str, value: &str, pack: &Pack) -> Option<&'static str> {
    let rests_on_setting = node == "C3a"
        && matches!(
            value,
            "default_documented_known" | "non_default_documented_authorised"
        );
    let rule = pack.rule("vuln.default-understood")?;
    rests_on_setting.then_some(rule.number)
}

/// The key of the rule by which an answer ends the walk, or turns a finding
/// into a vulnerability; nothing for answers that only lead on.
///
/// Source: process section 2.3.
pub(super) fn ground(node: &str, value: &str) -> Option<&'static str> {
    Some(match (node, value) {
        ("B2", "no") => "scope.outside",
        ("B2", "unclear") | ("B5", "not_agreed") => "scope.unresolved",
        ("B3", "supplier_cna" | "nobody") => "refusal.first",
        ("B4", "cna") => "scope.upstream",
        ("B4", "not_cna_out_of_scope") => "scope.outside",
        ("B6", "eol_only_excluded") => "scope.outside",
        ("A4", "exact") | ("E4", "yes") => "assign.existing",
        ("A5", "yes") => "request.asked-elsewhere",
        ("C1", "yes") => "vuln.acknowledged",
        ("C2", "no") => "vuln.no-impact",
        ("C3a", "default_surprising") => "vuln.default-surprising",
        ("C3a", "default_directly_exploitable") => "vuln.default-exploitable",
        ("C3a", "default_documented_known") => "vuln.default-documented",
        ("C3a", "non_default_documented_authorised") | ("C3", "documented_setting") => {
            "vuln.nondefault"
        }
        ("C3b", "defended") => "vuln.physical-defended",
        ("C3b", "undefended") => "vuln.physical",
        ("C3c", "brute_force") | ("C3", "volume_only") => "vuln.volume",
        ("C3d", _) => "vuln.bypass",
        ("C3e", "malware") | ("C3", "malware") => "vuln.malware",
        ("C3f", "yes") | ("C3", "dependency_update") => "vuln.dependency-update",
        ("C3g", "yes") | ("C3", "end_of_life_only") => "vuln.eol-alone",
        ("C3h", "yes") | ("C3", "teaching") => "assign.teaching",
        ("C3i", "yes") | ("C3", "never_released") => "assign.unavailable",
        ("C4", "yes" | "no") => "assign.criteria",
        ("D1", "yes") => "count.independent",
        ("D1", "no") => "count.fixable",
        ("D1", "unsure") => "count.uncertain",
        ("D2", "yes") => "count.interdependent",
        ("D4", "yes") => "count.shared-code",
        ("D4", "no") => "count.no-shared-code",
        ("D4", "unsure") => "count.shared-unsure",
        ("D5", "yes") => "count.secure-way",
        ("D5", "no") => "count.no-secure-way",
        ("D5", "unsure") => "count.secure-unsure",
        ("D7", "same") => "eol.no-second-id",
        ("E1", "no") => "assign.never-public",
        ("E6", "no") => "assign.other-ground",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn reply(node: &str, value: &str) -> Reply {
        Reply {
            node: node.into(),
            about: About::Case,
            value: value.into(),
            reason: String::new(),
            evidence: Vec::new(),
            names: Vec::new(),
            overriding: None,
            exception: None,
            by: "ana".into(),
            is_trained: true,
            at: None,
        }
    }

    #[test]
    fn a_later_answer_supersedes_and_the_earlier_stays() {
        let mut sheet = Sheet::default();
        sheet.add(reply("A2", "no"), Pack::newest()).unwrap();
        sheet.add(reply("A2", "yes"), Pack::newest()).unwrap();
        assert_eq!(sheet.rows().len(), 2);
        assert_eq!(sheet.rows()[1].supersedes, Some(1));
        assert_eq!(sheet.case("A2").unwrap().value, "yes");
        assert_eq!(sheet.current().len(), 1);
    }

    #[test]
    fn a_documented_default_needs_evidence_since_version_4_2() {
        let mut sheet = Sheet::default();
        let bare = reply("C3a", "default_documented_known");
        let refused = sheet.add(bare.clone(), Pack::newest()).unwrap_err();
        assert!(matches!(
            refused,
            RefusedAnswer::EvidenceMissing {
                rule: "4.1.3.1",
                ..
            }
        ));
        assert!(sheet.add(bare, "4.1.0".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_should_is_overridden_with_a_reason_and_a_must_is_not() {
        let mut sheet = Sheet::default();
        let mut should = reply("C2", "no");
        should.overriding = Some("customers act on it".into());
        assert!(sheet.add(should.clone(), Pack::newest()).is_ok());
        should.is_trained = false;
        assert!(matches!(
            sheet.add(should, Pack::newest()),
            Err(RefusedAnswer::OverrideUntrained { .. })
        ));
        let mut must = reply("C3h", "yes");
        must.overriding = Some("it is a good lesson".into());
        assert!(matches!(
            sheet.add(must.clone(), Pack::newest()),
            Err(RefusedAnswer::OverrideOfMust { .. })
        ));
        must.exception = Some("Board 2026-7".into());
        assert!(sheet.add(must, Pack::newest()).is_ok());
    }

    #[test]
    fn technology_alone_is_refused_as_a_ground() {
        let error = Sheet::default()
            .add(reply("E2", "yes"), Pack::newest())
            .unwrap_err();
        assert!(error.to_string().contains("4.2.3"), "{error}");
    }

    #[test]
    fn every_ground_is_of_an_answer_that_exists_and_a_rule_that_exists() {
        for node in tree::nodes() {
            for (value, _) in node.answers {
                if let Some(key) = ground(node.id, value) {
                    assert!(
                        super::super::pack::packs().iter().any(|pack| pack.has(key)),
                        "{key}"
                    );
                }
            }
        }
    }
}
