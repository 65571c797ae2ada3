//! Answers to the questions about severity, round by round.

use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A round of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityRoundRow {
    /// Its number in the case, from 1.
    pub number: i64,
    /// The profile whose questions they are.
    pub profile: String,
    /// The answers by question, as JSON.
    pub answers: String,
    /// What they say, as JSON.
    pub tier: String,
    /// The CVSS vector that stood beside it; may be empty.
    pub vector: String,
    /// Why it differs from the score; may be empty.
    pub note: String,
    /// Id of whoever answered.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl Reader<'_> {
    /// The rounds of a case, oldest first.
    pub fn severity_rounds(&mut self, case_id: i64) -> Result<Vec<SeverityRoundRow>, Error> {
        self.query(
            "select number, profile, answers, tier, vector, note, author, at \
             from severity_rounds where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(|row| {
            Ok(SeverityRoundRow {
                number: row.int(0)?,
                profile: row.text(1)?,
                answers: row.text(2)?,
                tier: row.text(3)?,
                vector: row.text(4)?,
                note: row.text(5)?,
                author: row.text(6)?,
                at: row.parse(7)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a round of answers to a case, which has been taken.
    pub fn insert_severity_round(
        &mut self,
        case_id: i64,
        round: &SeverityRoundRow,
    ) -> Result<(), Error> {
        self.execute(
            "insert into severity_rounds (case_id, number, profile, answers, tier, vector, note, \
             author, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                case_id,
                round.number,
                &round.profile,
                &round.answers,
                &round.tier,
                &round.vector,
                &round.note,
                &round.author,
                round.at
            ],
        )?;
        Ok(())
    }
}
