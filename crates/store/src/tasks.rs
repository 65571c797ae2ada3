//! Tasks of cases: what somebody has to do, and who did it.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A task as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The case.
    pub case_id: i64,
    /// Its number in the case, from 1.
    pub number: i64,
    /// What has to be done.
    pub title: String,
    /// Id of the person who does it; empty for nobody yet.
    pub owner: String,
    /// By when.
    pub due: Option<Timestamp>,
    /// The deadline it serves, such as `D-05`; may be empty.
    pub clock: String,
    /// Key of the decision's task it comes from; empty for one made by hand.
    pub origin: String,
    /// `open`, `done` or `dropped`.
    pub state: String,
    /// Id of whoever made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Id of whoever did or dropped it; empty before.
    pub ended_by: String,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// What was said at its end; may be empty.
    pub note: String,
}

const TASK: &str = "t.case_id, t.number, t.title, t.owner, t.due, t.clock, t.origin, t.state, \
                    t.made_by, t.made_at, t.ended_by, t.ended_at, t.note";

fn task(row: &Row) -> Result<TaskRow, Error> {
    Ok(TaskRow {
        case_id: row.int(0)?,
        number: row.int(1)?,
        title: row.text(2)?,
        owner: row.text(3)?,
        due: row.opt_parse(4)?,
        clock: row.text(5)?,
        origin: row.text(6)?,
        state: row.text(7)?,
        made_by: row.text(8)?,
        made_at: row.parse(9)?,
        ended_by: row.text(10)?,
        ended_at: row.opt_parse(11)?,
        note: row.text(12)?,
    })
}

impl Reader<'_> {
    /// The tasks of a case, in the order they were made.
    pub fn tasks(&mut self, case_id: i64) -> Result<Vec<TaskRow>, Error> {
        let sql = format!("select {TASK} from tasks t where t.case_id = ?1 order by t.number");
        self.query(&sql, params![case_id])?
            .iter()
            .map(task)
            .collect()
    }

    /// The open tasks of `person` in cases it is on, those with an end first,
    /// soonest first, at most `limit`; with title and state of the case.
    pub fn open_tasks_of(
        &mut self,
        person: &str,
        limit: u32,
    ) -> Result<Vec<(TaskRow, String, String)>, Error> {
        let sql = format!(
            "select {TASK}, c.title, c.state from tasks t join case_members m \
             on m.case_id = t.case_id and m.person = ?1 join cases c on c.id = t.case_id \
             where t.owner = ?1 and t.state = 'open' \
             order by case when t.due = '' then 1 else 0 end, t.due, t.case_id, t.number limit ?2"
        );
        self.query(&sql, params![person, limit])?
            .iter()
            .map(|row| Ok((task(row)?, row.text(13)?, row.text(14)?)))
            .collect()
    }
}

impl Tx<'_> {
    /// Adds a task under the next number of its case, which this unit of work
    /// has taken.
    ///
    /// Gives: the number.
    pub fn insert_task(&mut self, task: &TaskRow) -> Result<i64, Error> {
        let due = task.due.map(|at| at.to_string()).unwrap_or_default();
        let row = self.first(
            "insert into tasks (case_id, number, title, owner, due, clock, origin, state, made_by, \
             made_at, ended_by, ended_at, note) values (?1, (select coalesce(max(number), 0) + 1 \
             from tasks where case_id = ?1), ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, '', '', '') \
             returning number",
            params![
                task.case_id,
                &task.title,
                &task.owner,
                due,
                &task.clock,
                &task.origin,
                &task.made_by,
                task.made_at
            ],
        )?;
        row.map_or(Ok(1), |row| row.int(0))
    }

    /// Ends an open task.
    ///
    /// Takes: `state`, `done` or `dropped`.
    /// Gives: `false` when there is no such task, or it has ended.
    pub fn end_task(
        &mut self,
        case_id: i64,
        number: i64,
        state: &str,
        by: &str,
        note: &str,
    ) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "update tasks set state = ?3, ended_by = ?4, ended_at = ?5, note = ?6 \
             where case_id = ?1 and number = ?2 and state = 'open'",
            params![case_id, number, state, by, now, note],
        )?;
        Ok(rows > 0)
    }
}
