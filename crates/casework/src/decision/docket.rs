//! A case as the decision sees it: everything it is decided from, read from
//! its rows, and what follows.

use std::collections::BTreeMap;

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AnswerRow, AssignmentRow, CaseRow, ConfirmationRow, FindingRow, LedgerRow, Reader};

use super::answers::{About, Reply, Sheet};
use super::asking;
use super::determination::{Claim, Decision, Ground, Matter, Verdict, decide};
use super::hierarchy::{Hierarchy, Station};
use super::known::Known;
use super::outcome::Outcome;
use super::overlay::Overlay;
use super::pack::Pack;
use super::profile::profile;
use super::settings::DecisionSettings;
use crate::desk::Organisation;
use crate::error::{Error, Refusal};
use crate::finding::products_of;

/// A vulnerability of a case, which takes one ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Number of the first finding of its group.
    pub(crate) finding: i64,
    /// Its place in the group, from 1.
    pub(crate) part: i64,
    /// Its working title.
    pub(crate) title: String,
}

/// Everything a case is decided from.
pub(crate) struct Docket {
    us: String,
    pack: &'static Pack,
    settings: DecisionSettings,
    hierarchy: Hierarchy,
    /// The findings that were not removed, by number.
    pub(crate) findings: Vec<FindingRow>,
    claims: Vec<Claim>,
    known: Known,
    /// Every answer, superseded ones among them, oldest first.
    pub(crate) answers: Vec<AnswerRow>,
    pub(crate) sheet: Sheet,
}

/// A question that is open, and what it is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenQuestion {
    /// The question.
    pub node: &'static str,
    /// What it is asked about.
    pub about: About,
}

/// Findings that are one vulnerability, by name, with their count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vulnerability {
    /// The findings.
    pub findings: Vec<String>,
    /// How many IDs it takes; 0 where it gets none here.
    pub count: u32,
}

/// That a second trained person confirmed the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmed {
    /// Name of the person.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What was said.
    pub comment: String,
}

/// What a case is decided from beside findings and answers, so that it can be
/// decided again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionFacts {
    /// Version of the rules of the day the report came in.
    pub ruleset: &'static str,
    /// Who decides.
    pub us: String,
    /// The organisation profile.
    pub profile: String,
    /// What Roots add to the rules.
    pub overlays: Vec<Overlay>,
    /// Who reports to whom.
    pub organisations: BTreeMap<String, Station>,
    /// The claims, as the count sees them.
    pub claims: Vec<Claim>,
    /// Whether others were asked and gave no clear answer either.
    pub is_consulted: bool,
    /// Whether it was public before an ID was assigned; nothing where nothing
    /// but the answers says so.
    pub is_public: Option<bool>,
    /// What the report lacks, where somebody has to be asked.
    pub missing: Vec<String>,
    /// The ID of the record a correction is about, and the day that was
    /// published.
    pub record: Option<(String, Option<String>)>,
}

/// Where the decision of a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseDecision {
    /// The questions passed, in order.
    pub path: Vec<&'static str>,
    /// The question to ask next; an optional one may be left after an outcome
    /// is there.
    pub next: Option<&'static str>,
    /// What it is asked about.
    pub next_about: Option<About>,
    /// The outcome; nothing while an answer it needs is missing.
    pub outcome: Option<Outcome>,
    /// The outcome with what it is about, such as `O-ASSIGN(2)`.
    pub ruling: Option<String>,
    /// How many IDs are assigned here.
    pub count: u32,
    /// Whoever assigns, where that is known.
    pub assigner: Option<String>,
    /// The questions the outcome lacks, in the order of the stages.
    pub open: Vec<OpenQuestion>,
    /// What the answers say about each finding.
    pub verdicts: BTreeMap<String, Verdict>,
    /// The vulnerabilities.
    pub groups: Vec<Vulnerability>,
    /// The IDs that exist already; they are used, and take none here.
    pub existing: Vec<String>,
    /// The rules it rests on.
    pub grounds: Vec<Ground>,
    /// Tags the record gets.
    pub tags: Vec<&'static str>,
    /// What has to be done because of it, by key.
    pub tasks: Vec<String>,
    /// Sentences the record gets.
    pub notes: Vec<String>,
    /// Whether a second trained person has to confirm the count (D8).
    pub needs_confirmation: bool,
    /// That somebody did, of exactly this decision.
    pub confirmation: Option<Confirmed>,
    /// What a confirmation binds to: findings, standing answers, outcome.
    pub digest: Digest,
    /// What it was decided from.
    pub facts: DecisionFacts,
}

impl Docket {
    /// Reads everything a case is decided from.
    pub(crate) fn load(reader: &mut Reader<'_>, row: &CaseRow) -> Result<Docket, Error> {
        let settings = DecisionSettings::load(reader)?;
        let us = match reader.setting("organisation")? {
            None => String::new(),
            Some(text) => serde_json::from_str::<Organisation>(&text)
                .map_err(|error| Error::Broken(format!("the setting `organisation`: {error}")))?
                .short_name
                .to_string(),
        };
        let mut findings = reader.all_findings(row.id)?;
        findings.retain(|finding| finding.removed.is_none());
        if findings.is_empty() {
            // Nothing says otherwise, so the report claims one thing.
            findings.push(crate::finding::of_report(row));
        }
        let claims = findings
            .iter()
            .map(|finding| claim(finding, row))
            .collect::<Result<Vec<_>, Error>>()?;
        let answers = reader.answers(row.id)?;
        // By the rules of the day the report came in, never by later ones.
        let pack = Pack::on(&row.received.date());
        let mut sheet = Sheet::default();
        for answer in &answers {
            if let Some(reply) = reply(answer, &findings) {
                sheet.restore(reply, pack);
            }
        }
        let known = Known::load(reader, row, &sheet, &claims)?;
        Ok(Docket {
            us,
            pack,
            known,
            hierarchy: settings.hierarchy(),
            settings,
            findings,
            claims,
            answers,
            sheet,
        })
    }

    /// The rules it is decided by.
    pub(crate) fn pack(&self) -> &'static Pack {
        self.pack
    }

    /// Decides the case.
    pub(crate) fn decide(&self) -> Decision {
        let matter = Matter {
            pack: self.pack,
            us: &self.us,
            hierarchy: &self.hierarchy,
            findings: &self.claims,
            is_consulted: self.is_consulted(),
            is_public: self.known.is_public,
            missing: &self.known.missing,
            record: self.known.record.clone(),
        };
        let mut decision = decide(&matter, &self.sheet);
        let above = profile(&self.settings.profile).map_or(1, |profile| profile.confirms_above);
        decision.needs_confirmation |= decision.ids() > above;
        decision
    }

    /// Whether others were asked about a finding nobody could judge, and that
    /// did not settle it: C4 was answered `unsure` twice, the second time with
    /// whom was asked as evidence.
    ///
    /// Source: CNA Rules 4.4.2, 4.4.3.
    fn is_consulted(&self) -> bool {
        let is_unsure = |answer: &&AnswerRow| answer.node == "C4" && answer.value == "unsure";
        let standing = |answer: &&AnswerRow| {
            !self
                .answers
                .iter()
                .any(|later| later.supersedes == answer.number)
        };
        let again = |answer: &AnswerRow| {
            let before = self.answers.iter().find(|a| a.number == answer.supersedes);
            before.as_ref().is_some_and(is_unsure) && !answer.evidence.is_empty()
        };
        let unsure = self.answers.iter().filter(is_unsure);
        unsure.filter(standing).any(again)
    }

    /// The vulnerabilities that take an ID here, in the order of their findings.
    pub(crate) fn slots(&self, decision: &Decision) -> Vec<Slot> {
        let mut slots = Vec::new();
        for group in &decision.groups {
            let Some(first) = group
                .members
                .first()
                .and_then(|place| self.findings.get(*place))
            else {
                continue;
            };
            for part in 1..=group.count {
                slots.push(Slot {
                    finding: first.number,
                    part: i64::from(part),
                    title: self.title(group.members.as_slice(), group.count, part),
                });
            }
        }
        slots
    }

    fn title(&self, members: &[usize], count: u32, part: u32) -> String {
        let names: Vec<&str> = members
            .iter()
            .filter_map(|place| self.findings.get(*place))
            .map(|finding| finding.name.as_str())
            .collect();
        let title = names.first().copied().unwrap_or_default();
        if count <= 1 {
            return title.to_owned();
        }
        let products = self.products(members);
        match products
            .get(part as usize - 1)
            .filter(|_| products.len() == count as usize)
        {
            Some(product) => format!("{title} in {product}"),
            None => format!("{title} ({part} of {count})"),
        }
    }

    /// The products of findings, each once.
    pub(crate) fn products(&self, members: &[usize]) -> Vec<String> {
        let mut products: Vec<String> = Vec::new();
        for claim in members.iter().filter_map(|place| self.claims.get(*place)) {
            for part in &claim.products {
                if !products.contains(&part.product) {
                    products.push(part.product.clone());
                }
            }
        }
        products
    }

    /// The places of the findings that are one vulnerability with this one.
    pub(crate) fn members(&self, decision: &Decision, finding: i64) -> Vec<usize> {
        let place = self.findings.iter().position(|row| row.number == finding);
        let group = place.and_then(|place| {
            let mut groups = decision.groups.iter();
            groups.find(|group| group.members.contains(&place))
        });
        match (group, place) {
            (Some(group), _) => group.members.clone(),
            (None, Some(place)) => vec![place],
            (None, None) => Vec::new(),
        }
    }

    /// The vulnerabilities that have no ID yet.
    ///
    /// Takes: the case's lines of the ledger and what they serve. A line of
    /// which nothing is known serves the first that has none.
    pub(crate) fn lacking(
        &self,
        decision: &Decision,
        assignments: &[AssignmentRow],
        lines: &[LedgerRow],
    ) -> Vec<Slot> {
        let serves = |slot: &Slot| {
            assignments.iter().any(|row| {
                (row.finding, row.part) == (slot.finding, slot.part)
                    && lines.iter().any(|line| line.id == row.id)
            })
        };
        let mut lacking = self.slots(decision);
        lacking.retain(|slot| !serves(slot));
        let known = |line: &&LedgerRow| !assignments.iter().any(|row| row.id == line.id);
        let unknown = lines.iter().filter(known).count();
        lacking.drain(..unknown.min(lacking.len()));
        lacking
    }

    /// What a confirmation binds to.
    pub(crate) fn digest(&self, decision: &Decision) -> Digest {
        let mut standing: Vec<_> = self
            .sheet
            .current()
            .into_iter()
            .map(|row| {
                let reply = &row.reply;
                json!({
                    "node": reply.node,
                    "about": self.numbers(&reply.about),
                    "value": reply.value,
                    "names": reply.names,
                    "overriding": reply.overriding,
                    "exception": reply.exception,
                })
                .to_string()
            })
            .collect();
        standing.sort_unstable();
        let findings: Vec<_> = self
            .findings
            .iter()
            .map(|row| json!([row.number, row.products, row.implementations]))
            .collect();
        let groups: Vec<_> = self
            .slots(decision)
            .iter()
            .map(|slot| json!([slot.finding, slot.part]))
            .collect();
        let ruling = decision.ruling.as_ref().map(ToString::to_string);
        Digest::of_json(&json!({
            "ruleset": self.pack.version,
            "answers": standing,
            "findings": findings,
            "groups": groups,
            "ruling": ruling,
        }))
    }

    /// Findings by number, which no renaming changes.
    fn numbers(&self, about: &About) -> Vec<i64> {
        let number = |name: &String| {
            let found = self.findings.iter().find(|row| row.name == *name);
            found.map_or(0, |row| row.number)
        };
        match about {
            About::Case => Vec::new(),
            About::Finding(name) => vec![number(name)],
            About::Pair(one, other) => {
                let mut both = vec![number(one), number(other)];
                both.sort_unstable();
                both
            }
        }
    }

    /// The confirmation, when it is of exactly this decision and no answer was
    /// given since.
    pub(crate) fn confirmed(
        &self,
        decision: &Decision,
        newest: Option<ConfirmationRow>,
    ) -> Option<ConfirmationRow> {
        let digest = self.digest(decision).to_string();
        newest.filter(|row| row.digest == digest && row.answers == self.answers.len() as i64)
    }

    /// Refuses a count that a second person has to confirm and did not.
    ///
    /// Source: process section 2.3, D8, and section 6, PC-01.
    pub(crate) fn check_confirmed(
        &self,
        decision: &Decision,
        newest: Option<ConfirmationRow>,
    ) -> Result<(), Refusal> {
        if !decision.needs_confirmation || self.confirmed(decision, newest).is_some() {
            return Ok(());
        }
        Err(Refusal::NotConfirmed {
            count: decision.ids(),
            rule: self.pack.cited(&["count.independent"]).concat(),
        })
    }

    /// The whole decision, for people.
    pub(crate) fn view(
        &self,
        newest: Option<ConfirmationRow>,
        name_of: impl Fn(&str) -> String,
    ) -> CaseDecision {
        let decision = self.decide();
        let digest = self.digest(&decision);
        let confirmation = self.confirmed(&decision, newest).map(|row| Confirmed {
            by: name_of(&row.person),
            at: row.at,
            comment: row.comment,
        });
        let walk = asking::walk(&self.claims, &self.sheet, &decision);
        let (next, next_about) = walk.next.unzip();
        let open = |missing: &super::Missing| OpenQuestion {
            node: missing.node,
            about: asking::about_of(&self.claims, &missing.about),
        };
        let names = |members: &[usize]| {
            let rows = members.iter().filter_map(|place| self.findings.get(*place));
            rows.map(|row| row.name.clone()).collect()
        };
        let groups = decision.groups.iter().map(|group| Vulnerability {
            findings: names(&group.members),
            count: group.count,
        });
        CaseDecision {
            path: walk.path,
            next,
            next_about,
            outcome: decision.ruling.as_ref().map(|ruling| ruling.outcome),
            ruling: decision.ruling.as_ref().map(ToString::to_string),
            count: decision.ids(),
            assigner: decision.assigner.clone(),
            open: decision.missing.iter().map(open).collect(),
            groups: groups.collect(),
            tasks: self.tasks(&decision),
            verdicts: decision.verdicts,
            existing: decision.existing,
            grounds: decision.grounds,
            tags: decision.tags,
            notes: decision.notes,
            needs_confirmation: decision.needs_confirmation,
            confirmation,
            digest,
            facts: DecisionFacts {
                ruleset: self.pack.version,
                us: self.us.clone(),
                profile: self.settings.profile.clone(),
                overlays: self.settings.overlays.clone(),
                organisations: self.settings.organisations.clone(),
                claims: self.claims.clone(),
                is_consulted: self.is_consulted(),
                is_public: self.known.is_public,
                missing: self.known.missing.clone(),
                record: self.known.record.clone(),
            },
        }
    }

    /// Whether it is public without an advisory of ours: it leaked.
    pub(crate) fn is_out(&self) -> bool {
        self.known.is_out
    }

    /// What has to be done, with what the Roots above add. What somebody else
    /// made public has no embargo to repeat, and is coordinated instead.
    fn tasks(&self, decision: &Decision) -> Vec<String> {
        let mut tasks: Vec<String> = decision.tasks.iter().map(ToString::to_string).collect();
        let Some(ruling) = &decision.ruling else {
            return tasks;
        };
        let (terms, together) = ("repeat_embargo_terms", "coordinate_public");
        if self.known.is_leaked && ruling.outcome == Outcome::Assign {
            tasks.retain(|task| task != terms);
            if !tasks.iter().any(|task| task == together) {
                tasks.push(together.to_owned());
            }
        }
        let overlays = self.settings.overlays.iter();
        for overlay in overlays.filter(|overlay| overlay.covers(&self.us, &self.hierarchy)) {
            let added = overlay.adding(ruling.outcome);
            tasks.extend(added.filter_map(|rule| rule.task.clone()));
        }
        tasks
    }
}

fn claim(finding: &FindingRow, row: &CaseRow) -> Result<Claim, Error> {
    let products = products_of(finding, row)?;
    Ok(Claim {
        name: finding.name.clone(),
        products: products
            .iter()
            .map(crate::finding::FindingProduct::part)
            .collect(),
        supplier: Some(finding.supplier.clone()).filter(|name| !name.is_empty()),
        implementations: usize::try_from(finding.implementations).unwrap_or(0),
    })
}

/// What an answer is about; nothing when a finding it is about was removed.
pub(crate) fn about(row: &AnswerRow, findings: &[FindingRow]) -> Option<About> {
    let name = |number: i64| {
        let found = findings.iter().find(|finding| finding.number == number);
        found.map(|finding| finding.name.clone())
    };
    Some(match (row.about, row.about_other) {
        (0, _) => About::Case,
        (one, 0) => About::Finding(name(one)?),
        (one, other) => About::pair(&name(one)?, &name(other)?),
    })
}

fn reply(row: &AnswerRow, findings: &[FindingRow]) -> Option<Reply> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Some(Reply {
        node: row.node.clone(),
        about: about(row, findings)?,
        value: row.value.clone(),
        reason: row.reason.clone(),
        evidence: row.evidence.clone(),
        names: row.names.clone(),
        overriding: given(&row.overriding),
        exception: given(&row.exception),
        by: row.answered_by.clone(),
        is_trained: row.trained,
        at: Some(row.answered_at),
    })
}
