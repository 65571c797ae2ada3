//! Answers to the questions about severity of a case, beside its score.
//!
//! Source: process section 12.6: the result is shown next to the CVSS band, and
//! a difference needs a note.

use cve::cvss::{Cvss, Severity};
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{CaseRow, Reader, SeverityRoundRow};

use crate::approvals;
use crate::case::{self, CaseId, Names, Verb, is_visible, not_found, stored_report};
use crate::decision::{SeverityAnswers, SeverityQuestion, Steering, Tier, steering};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::document_of;
use crate::tasks::short;

/// The questions about severity, the score, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeverityView {
    /// The profile that asks.
    pub profile: String,
    /// Where the questions come from.
    pub source: String,
    /// The questions, in the order they are asked in.
    pub questions: Vec<SeverityQuestion>,
    /// The score of the case; nothing before there is a vector.
    pub score: Option<CaseScore>,
    /// Rounds of answers, oldest first; the newest counts.
    pub rounds: Vec<SeverityRound>,
}

/// A score of a case: of its drafts the highest, before them the report's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseScore {
    /// The vector.
    pub vector: String,
    /// The base score, such as `6.5`.
    pub score: String,
    /// Its band: `none`, `low`, `medium`, `high` or `critical`.
    pub band: String,
}

/// A round of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeverityRound {
    /// Its number in the case, from 1.
    pub number: i64,
    /// The profile whose questions they are.
    pub profile: String,
    /// The answers by question.
    pub answers: SeverityAnswers,
    /// What they say.
    pub tier: Tier,
    /// The score that stood beside them; nothing where there was none.
    pub score: Option<CaseScore>,
    /// Why the level differs from the band of the score; may be empty.
    pub note: String,
    /// Name of whoever answered.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl Desk {
    /// The questions about severity that the profile asks, with the score of
    /// the case and what was answered. The look at a case under embargo is
    /// written to the audit chain.
    ///
    /// Refuses: a profile without such questions.
    pub fn severity_questions(&self, actor: &Actor, id: CaseId) -> Result<SeverityView, Error> {
        check(actor, Action::See)?;
        let (view, embargoed) = self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(Error::from(not_found(id)));
            }
            let row = reader.case(id.number())?.ok_or_else(|| not_found(id))?;
            let steering = asked(reader)?;
            let names = Names::load(reader)?;
            let view = SeverityView {
                profile: steering.profile.clone(),
                source: steering.source.clone(),
                questions: steering.questions.clone(),
                score: score_of(reader, &row)?,
                rounds: rounds(reader, id, &names)?,
            };
            Ok((view, row.embargoed))
        })?;
        if embargoed {
            self.note_view(actor, id)?;
        }
        Ok(view)
    }

    /// Keeps a further round of answers. Nothing else changes: neither the
    /// score nor the severity of the case.
    ///
    /// Takes: `note`, why the level is not the band of the score.
    /// Refuses: an answer that is missing or none of the question's; a level
    /// that is not the band, without a note.
    pub fn answer_severity(
        &self,
        actor: &Actor,
        id: CaseId,
        answers: &SeverityAnswers,
        note: &str,
    ) -> Result<SeverityRound, Error> {
        check(actor, Action::Record)?;
        let note = short("note", note.trim())?;
        let (actor, answers) = (actor.clone(), answers.clone());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let steering = asked(tx)?;
            let score = score_of(tx, &row)?;
            let base = score.as_ref().map(|score| base_of(&score.vector));
            let base = base.transpose()?;
            let tier = steering
                .tier(&answers, base.as_ref().map(Cvss::base_score))
                .map_err(|problem| Error::from(Refusal::invalid("answers", problem)))?;
            if let Some(score) = score.as_ref().filter(|score| score.band != tier.level)
                && note.is_empty()
            {
                let problem = format!(
                    "the answers say {} and the score of {} says {}: say why they differ, with \
                     `--note TEXT`",
                    tier.level, score.score, score.band
                );
                return Err(Refusal::invalid("note", problem).into());
            }
            let round = SeverityRoundRow {
                number: tx.severity_rounds(id.number())?.len() as i64 + 1,
                profile: steering.profile.clone(),
                answers: json!(answers).to_string(),
                tier: json!(tier).to_string(),
                vector: score.map(|score| score.vector).unwrap_or_default(),
                note: note.clone(),
                author: actor.id().to_owned(),
                at: tx.now(),
            };
            tx.insert_severity_round(id.number(), &round)?;
            case::settle(tx, &mut row)?;
            let detail = json!({"round": round.number, "level": tier.level});
            case::record(
                tx,
                &actor,
                id,
                "severity-answered",
                "severity.answer",
                detail,
            );
            let names = Names::load(tx)?;
            shown(round, &names)
        })
    }
}

/// The questions of the profile the organisation releases by.
fn asked(reader: &mut Reader<'_>) -> Result<&'static Steering, Error> {
    let profile = approvals::rule(reader)?.profile;
    Ok(steering(&profile).ok_or_else(|| {
        let problem = format!(
            "the profile `{profile}` asks nothing about severity: `cna review rule --profile \
             kubernetes` sets one that does, or say it with `cna case severity CASE WORD`"
        );
        Refusal::invalid("profile", problem)
    })?)
}

fn base_of(vector: &str) -> Result<Cvss, Error> {
    let parsed = vector.parse::<Cvss>();
    parsed.map_err(|error| Error::Broken(format!("the vector `{vector}`: {error}")))
}

/// The highest score of the drafts of a case; that of its report before them.
fn score_of(reader: &mut Reader<'_>, row: &CaseRow) -> Result<Option<CaseScore>, Error> {
    let mut vectors = Vec::new();
    let mut lines = reader.ledger_of(row.id)?;
    lines.retain(|line| !case::is_gone(line));
    for line in lines {
        if let Some(newest) = reader.draft(line.id)? {
            vectors.push(draft::read_document(&document_of(&newest)?, line.id)?.cvss);
        }
    }
    vectors.retain(|vector| !vector.is_empty());
    if vectors.is_empty() {
        vectors.push(stored_report(row)?.cvss);
    }
    // What cannot be read is a finding of the draft, and has no score here.
    let parsed = vectors.iter().filter_map(|vector| {
        let parsed = vector.parse::<Cvss>().ok()?;
        Some((parsed.base_score(), score(vector, &parsed)))
    });
    Ok(parsed
        .max_by_key(|(score, _)| *score)
        .map(|(_, shown)| shown))
}

fn score(vector: &str, parsed: &Cvss) -> CaseScore {
    let band = match parsed.base_severity() {
        Severity::None => "none",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    };
    CaseScore {
        vector: vector.to_owned(),
        score: parsed.base_score().to_string(),
        band: band.to_owned(),
    }
}

fn rounds(reader: &mut Reader<'_>, id: CaseId, names: &Names) -> Result<Vec<SeverityRound>, Error> {
    let rows = reader.severity_rounds(id.number())?;
    rows.into_iter().map(|row| shown(row, names)).collect()
}

/// The round that counts; nothing before the first.
pub(crate) fn newest(
    reader: &mut Reader<'_>,
    id: CaseId,
    names: &Names,
) -> Result<Option<SeverityRound>, Error> {
    Ok(rounds(reader, id, names)?.pop())
}

fn shown(row: SeverityRoundRow, names: &Names) -> Result<SeverityRound, Error> {
    let broken = |error: serde_json::Error| {
        Error::Broken(format!("round {} of answers: {error}", row.number))
    };
    let score = match row.vector.as_str() {
        "" => None,
        vector => Some(score(vector, &base_of(vector)?)),
    };
    Ok(SeverityRound {
        number: row.number,
        answers: serde_json::from_str(&row.answers).map_err(broken)?,
        tier: serde_json::from_str(&row.tier).map_err(broken)?,
        score,
        profile: row.profile,
        note: row.note,
        author: names.of(&row.author),
        at: row.at,
    })
}
