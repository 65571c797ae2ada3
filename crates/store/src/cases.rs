//! Cases of the desk: their head, members, messages and answers.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// The head of a case as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// Its number, from 1.
    pub id: i64,
    /// Its working title.
    pub title: String,
    /// Its state, by word; follows from what is recorded.
    pub state: String,
    /// The product it is about.
    pub product: String,
    /// Severity in words; may be empty.
    pub severity: String,
    /// Whether it is under embargo.
    pub embargoed: bool,
    /// Id of the person who leads it; empty when nobody took it.
    pub owner: String,
    /// The report as JSON text.
    pub report: String,
    /// When the report came in.
    pub received: Timestamp,
    /// When the case was opened.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// One message in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Number in the case, from 1.
    pub number: i64,
    /// Who reads it: `internal`, `reporter` or `vendors`.
    pub lane: String,
    /// Who wrote it.
    pub author: String,
    /// The text.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// One answer to a question of the decision tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Number in the case, from 1.
    pub number: i64,
    /// The question.
    pub node: String,
    /// The answer.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Version of the rules it was given under.
    pub ruleset: String,
    /// Their numbers in that version.
    pub rules: Vec<String>,
    /// Id of the person who answered.
    pub answered_by: String,
    /// When.
    pub answered_at: Timestamp,
    /// Number of the answer this one replaces; 0 for none.
    pub supersedes: i64,
    /// Number of the finding it is about; 0 for the whole report.
    pub about: i64,
    /// Number of the other finding of a pair; 0 when it is about no pair.
    pub about_other: i64,
    /// What proves it.
    pub evidence: Vec<String>,
    /// The organisations, IDs or findings it names.
    pub names: Vec<String>,
    /// Why its consequence is turned round; empty when it is not.
    pub overriding: String,
    /// The Board's exception for that; may be empty.
    pub exception: String,
    /// Whether whoever answered was trained for it.
    pub trained: bool,
}

const CASE: &str = "c.id, c.title, c.state, c.product, c.severity, c.embargoed, c.owner, \
                    c.report, c.received, c.created, c.modified";

fn case(row: &Row) -> Result<CaseRow, Error> {
    Ok(CaseRow {
        id: row.int(0)?,
        title: row.text(1)?,
        state: row.text(2)?,
        product: row.text(3)?,
        severity: row.text(4)?,
        embargoed: row.truth(5)?,
        owner: row.text(6)?,
        report: row.text(7)?,
        received: row.parse(8)?,
        created: row.parse(9)?,
        modified: row.parse(10)?,
    })
}

impl Reader<'_> {
    /// The case with this number, whoever asks; permission is checked above.
    pub fn case(&mut self, id: i64) -> Result<Option<CaseRow>, Error> {
        let sql = format!("select {CASE} from cases c where c.id = ?1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(case)
            .transpose()
    }

    /// The cases `person` is a member of, newest first, after the first
    /// `offset`, at most `limit`.
    pub fn cases_of(
        &mut self,
        person: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<CaseRow>, Error> {
        let sql = format!(
            "select {CASE} from cases c join case_members m on m.case_id = c.id \
             where m.person = ?1 order by m.case_id desc limit ?2 offset ?3"
        );
        self.query(&sql, params![person, limit, offset])?
            .iter()
            .map(case)
            .collect()
    }

    /// Every case, by number; for checks over the whole desk only.
    pub fn all_cases(&mut self) -> Result<Vec<CaseRow>, Error> {
        let sql = format!("select {CASE} from cases c order by c.id");
        self.query(&sql, &[])?.iter().map(case).collect()
    }

    /// Says whether `person` is on the case.
    pub fn is_member(&mut self, id: i64, person: &str) -> Result<bool, Error> {
        let row = self.first(
            "select 1 from case_members where case_id = ?1 and person = ?2",
            params![id, person],
        )?;
        Ok(row.is_some())
    }

    /// Ids of the people on the case.
    pub fn members(&mut self, id: i64) -> Result<Vec<String>, Error> {
        self.query(
            "select person from case_members where case_id = ?1 order by since, person",
            params![id],
        )?
        .iter()
        .map(|row| row.text(0))
        .collect()
    }

    /// The messages of the case, oldest first.
    pub fn messages(&mut self, id: i64) -> Result<Vec<MessageRow>, Error> {
        self.query(
            "select number, lane, author, body, at from messages where case_id = ?1 \
             order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(MessageRow {
                number: row.int(0)?,
                lane: row.text(1)?,
                author: row.text(2)?,
                body: row.text(3)?,
                at: row.parse(4)?,
            })
        })
        .collect()
    }

    /// The answers of the case, superseded ones among them, oldest first.
    pub fn answers(&mut self, id: i64) -> Result<Vec<AnswerRow>, Error> {
        self.query(
            "select number, node, value, reason, ruleset, rules, answered_by, answered_at, \
             supersedes, about, about_other, evidence, names, overriding, exception, trained \
             from answers where case_id = ?1 order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(AnswerRow {
                number: row.int(0)?,
                node: row.text(1)?,
                value: row.text(2)?,
                reason: row.text(3)?,
                ruleset: row.text(4)?,
                rules: row.json(5)?,
                answered_by: row.text(6)?,
                answered_at: row.parse(7)?,
                supersedes: row.int(8)?,
                about: row.int(9)?,
                about_other: row.int(10)?,
                evidence: row.json(11)?,
                names: row.json(12)?,
                overriding: row.text(13)?,
                exception: row.text(14)?,
                trained: row.truth(15)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// The next number of `series`, from 1; given once, whatever the node.
    pub fn next_in_series(&mut self, series: &str) -> Result<i64, Error> {
        let row = self.first(
            "insert into series (name, last) values (?1, 1) \
             on conflict (name) do update set last = series.last + 1 returning last",
            params![series],
        )?;
        row.map_or(Ok(1), |row| row.int(0))
    }

    /// Takes the case for this unit of work: no other node changes it before
    /// this one commits.
    pub fn take_case(&mut self, id: i64) -> Result<Option<CaseRow>, Error> {
        let sql = format!(
            "select {CASE} from cases c where c.id = ?1{}",
            self.connection.for_update()
        );
        self.first(&sql, params![id])?
            .as_ref()
            .map(case)
            .transpose()
    }

    /// Adds a case.
    pub fn insert_case(&mut self, case: &CaseRow) -> Result<(), Error> {
        self.execute(
            "insert into cases (id, title, state, product, severity, embargoed, owner, report, \
             received, created, modified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                case.id,
                &case.title,
                &case.state,
                &case.product,
                &case.severity,
                case.embargoed,
                &case.owner,
                &case.report,
                case.received,
                case.created,
                case.modified
            ],
        )?;
        Ok(())
    }

    /// Writes back the head of a case this unit of work has taken.
    pub fn update_case(&mut self, case: &CaseRow) -> Result<(), Error> {
        self.execute(
            "update cases set title = ?2, state = ?3, product = ?4, severity = ?5, \
             embargoed = ?6, owner = ?7, modified = ?8 where id = ?1",
            params![
                case.id,
                &case.title,
                &case.state,
                &case.product,
                &case.severity,
                case.embargoed,
                &case.owner,
                case.modified
            ],
        )?;
        Ok(())
    }

    /// Writes back the report of a case this unit of work has taken.
    pub fn update_report(&mut self, id: i64, report: &str) -> Result<(), Error> {
        self.execute(
            "update cases set report = ?2 where id = ?1",
            params![id, report],
        )?;
        Ok(())
    }

    /// Puts `person` on the case; nothing changes when it is there already.
    pub fn add_member(&mut self, id: i64, person: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into case_members (case_id, person, since) values (?1, ?2, ?3) \
             on conflict (case_id, person) do nothing",
            params![id, person, now],
        )?;
        Ok(())
    }

    /// Adds a message under the next number of its case, which this unit of
    /// work has taken or made.
    pub fn insert_message(
        &mut self,
        id: i64,
        lane: &str,
        author: &str,
        body: &str,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into messages (case_id, number, lane, author, body, at) \
             values (?1, (select coalesce(max(number), 0) + 1 from messages where case_id = ?1), \
             ?2, ?3, ?4, ?5)",
            params![id, lane, author, body, now],
        )?;
        Ok(())
    }

    /// Adds an answer under `answer.number`.
    pub fn insert_answer(&mut self, id: i64, answer: &AnswerRow) -> Result<(), Error> {
        self.execute(
            "insert into answers (case_id, number, node, value, reason, ruleset, rules, \
             answered_by, answered_at, supersedes, about, about_other, evidence, names, \
             overriding, exception, trained) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            params![
                id,
                answer.number,
                &answer.node,
                &answer.value,
                &answer.reason,
                &answer.ruleset,
                serde_json::json!(answer.rules).to_string(),
                &answer.answered_by,
                answer.answered_at,
                answer.supersedes,
                answer.about,
                answer.about_other,
                serde_json::json!(answer.evidence).to_string(),
                serde_json::json!(answer.names).to_string(),
                &answer.overriding,
                &answer.exception,
                answer.trained
            ],
        )?;
        Ok(())
    }
}
