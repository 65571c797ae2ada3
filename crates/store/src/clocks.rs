//! What starts and stops the clocks of cases, and what came of it.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// Something that happened in a case and has no row elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Number in the case, from 1.
    pub number: i64,
    /// What happened, by word.
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
    /// What it happened to; may be empty.
    pub subject: String,
    /// The date it names.
    pub date: Option<Timestamp>,
    /// How severe it makes the case, by word; may be empty.
    pub severity: String,
    /// In words; may be empty.
    pub note: String,
    /// Id of the person who recorded it, or `runner`.
    pub author: String,
    /// When it was recorded.
    pub recorded: Timestamp,
}

/// Until when a case is under embargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbargoRow {
    /// The moment it ends.
    pub lifts_at: Timestamp,
    /// The local date and hour that were agreed, such as `2026-12-01T16:00`.
    pub local: String,
    /// The zone they were agreed in.
    pub zone: String,
    /// What else was agreed, in words; may be empty.
    pub conditions: String,
    /// Id of the person who set it.
    pub set_by: String,
    /// When it was set.
    pub set_at: Timestamp,
}

/// A deadline that nothing has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRow {
    /// The case; 0 for the desk itself.
    pub case_id: i64,
    /// Its line of the table of deadlines.
    pub id: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// How binding it is, by word.
    pub kind: String,
    /// When it started.
    pub starts: Timestamp,
    /// When it ends.
    pub due: Timestamp,
    /// All of it, as JSON text.
    pub body: String,
}

/// A kept deadline with what a list says of its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDeadline {
    /// The deadline.
    pub row: DeadlineRow,
    /// Title of the case.
    pub title: String,
    /// State of the case, by word.
    pub state: String,
}

/// A CVE ID whose draft is to be written or reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDraft {
    /// The case.
    pub case_id: i64,
    /// Its title.
    pub title: String,
    /// The ID.
    pub cve_id: String,
    /// Id of whoever wrote the newest revision; empty without one.
    pub author: String,
    /// Whether that revision is approved.
    pub approved: bool,
}

/// A deadline that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachRow {
    /// The case; 0 for the desk itself.
    pub case_id: i64,
    /// Its line of the table of deadlines.
    pub id: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// How binding it is, by word.
    pub kind: String,
    /// When it started.
    pub starts: Timestamp,
    /// When it ended.
    pub due: Timestamp,
    /// When the breach was recorded.
    pub recorded: Timestamp,
}

fn event(row: &Row) -> Result<EventRow, Error> {
    Ok(EventRow {
        number: row.int(0)?,
        kind: row.text(1)?,
        at: row.parse(2)?,
        subject: row.text(3)?,
        date: row.opt_parse(4)?,
        severity: row.text(5)?,
        note: row.text(6)?,
        author: row.text(7)?,
        recorded: row.parse(8)?,
    })
}

pub(crate) fn deadline(row: &Row) -> Result<DeadlineRow, Error> {
    Ok(DeadlineRow {
        case_id: row.int(0)?,
        id: row.text(1)?,
        subject: row.text(2)?,
        kind: row.text(3)?,
        starts: row.parse(4)?,
        due: row.parse(5)?,
        body: row.text(6)?,
    })
}

fn listed(row: &Row) -> Result<ListedDeadline, Error> {
    Ok(ListedDeadline {
        row: deadline(row)?,
        title: row.text(7)?,
        state: row.text(8)?,
    })
}

fn breach(row: &Row) -> Result<BreachRow, Error> {
    Ok(BreachRow {
        case_id: row.int(0)?,
        id: row.text(1)?,
        subject: row.text(2)?,
        kind: row.text(3)?,
        starts: row.parse(4)?,
        due: row.parse(5)?,
        recorded: row.parse(6)?,
    })
}

const DEADLINE: &str = "d.case_id, d.id, d.subject, d.kind, d.starts, d.due, d.body";

impl Reader<'_> {
    /// What happened in a case, oldest record first; case 0 is the desk.
    pub fn case_events(&mut self, case_id: i64) -> Result<Vec<EventRow>, Error> {
        self.query(
            "select number, kind, at, subject, date, severity, note, author, recorded \
             from case_events where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(event)
        .collect()
    }

    /// The embargo of a case; nothing before one is agreed.
    pub fn embargo(&mut self, case_id: i64) -> Result<Option<EmbargoRow>, Error> {
        self.first(
            "select lifts_at, local, zone, conditions, set_by, set_at from embargoes \
             where case_id = ?1",
            params![case_id],
        )?
        .map(|row| {
            Ok(EmbargoRow {
                lifts_at: row.parse(0)?,
                local: row.text(1)?,
                zone: row.text(2)?,
                conditions: row.text(3)?,
                set_by: row.text(4)?,
                set_at: row.parse(5)?,
            })
        })
        .transpose()
    }

    /// The deadlines kept for a case, soonest first.
    pub fn deadlines_of_case(&mut self, case_id: i64) -> Result<Vec<DeadlineRow>, Error> {
        let sql =
            format!("select {DEADLINE} from deadlines d where d.case_id = ?1 order by d.due, d.id");
        self.query(&sql, params![case_id])?
            .iter()
            .map(deadline)
            .collect()
    }

    /// The deadlines of the cases `person` is on that end before `until`,
    /// soonest first, after the first `offset`, at most `limit`.
    pub fn deadlines_for(
        &mut self,
        person: &str,
        until: Timestamp,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<ListedDeadline>, Error> {
        // SQLite keeps the order of a cross join: soonest first, and no further
        // than the limit, where it would sort all deadlines of all cases.
        let sql = format!(
            "select {DEADLINE}, c.title, c.state from deadlines d \
             cross join case_members m cross join cases c \
             where m.case_id = d.case_id and m.person = ?1 and c.id = d.case_id \
             and d.due < ?2 order by d.due, d.case_id limit ?3 offset ?4"
        );
        self.query(&sql, params![person, until, limit, offset])?
            .iter()
            .map(listed)
            .collect()
    }

    /// The deadlines of one kind of the cases `person` is on that end before
    /// `until`, soonest first, at most `limit`.
    pub fn pressing_deadlines(
        &mut self,
        person: &str,
        kind: &str,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ListedDeadline>, Error> {
        let sql = format!(
            "select {DEADLINE}, c.title, c.state from deadlines d \
             join case_members m on m.case_id = d.case_id and m.person = ?1 \
             join cases c on c.id = d.case_id \
             where d.kind = ?2 and d.due < ?3 order by d.due, d.case_id limit ?4"
        );
        self.query(&sql, params![person, kind, until, limit])?
            .iter()
            .map(listed)
            .collect()
    }

    /// The deadlines of cases that ended before `now` and whose breach is not
    /// recorded, at most `limit`.
    pub fn unrecorded_breaches(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeadlineRow>, Error> {
        let sql = format!(
            "select {DEADLINE} from deadlines d where d.noted = 0 and d.due < ?1 \
             order by d.due limit ?2"
        );
        self.query(&sql, params![now, limit])?
            .iter()
            .map(deadline)
            .collect()
    }

    /// The breaches in the cases `person` is on, newest first, at most
    /// `limit`; those of the desk itself among them.
    pub fn breaches_for(&mut self, person: &str, limit: u32) -> Result<Vec<BreachRow>, Error> {
        self.query(
            "select b.case_id, b.id, b.subject, b.kind, b.starts, b.due, b.recorded \
             from breaches b where b.case_id = 0 or exists (select 1 from case_members m \
             where m.case_id = b.case_id and m.person = ?1) \
             order by b.due desc, b.case_id, b.id limit ?2",
            params![person, limit],
        )?
        .iter()
        .map(breach)
        .collect()
    }

    /// The digest of a day for a person; nothing when none was written.
    pub fn digest(&mut self, person: &str, day: &str) -> Result<Option<String>, Error> {
        self.first(
            "select body from digests where person = ?1 and day = ?2",
            params![person, day],
        )?
        .map(|row| row.text(0))
        .transpose()
    }

    /// The numbers of the cases after `number`, in order, at most `limit`.
    pub fn case_numbers_after(&mut self, number: i64, limit: u32) -> Result<Vec<i64>, Error> {
        self.query(
            "select id from cases where id > ?1 order by id limit ?2",
            params![number, limit],
        )?
        .iter()
        .map(|row| row.int(0))
        .collect()
    }

    /// How many IDs of each year wait in the pool, by year.
    pub fn pool_by_year(&mut self) -> Result<Vec<(i64, i64)>, Error> {
        self.query(
            "select year, count(*) from ledger where state = 'POOL' group by year order by year",
            &[],
        )?
        .iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?)))
        .collect()
    }

    /// How many IDs of a year wait in the pool of `account`.
    pub fn pool_left(&mut self, account: &str, year: i64) -> Result<i64, Error> {
        self.first(
            "select count(*) from ledger where account = ?1 and state = 'POOL' and year = ?2",
            params![account, year],
        )?
        .map_or(Ok(0), |row| row.int(0))
    }

    /// When an ID was last assigned or a record published; nothing before.
    pub fn last_activity(&mut self) -> Result<Option<Timestamp>, Error> {
        let mut last = None;
        for column in ["assigned_at", "published_at"] {
            let sql = format!("select coalesce(max({column}), '') from ledger");
            if let Some(row) = self.first(&sql, &[])? {
                last = last.max(row.opt_parse(0)?);
            }
        }
        Ok(last)
    }

    /// The cases `person` is on in state `state`, oldest first, at most
    /// `limit`: number and title.
    pub fn cases_in_state(
        &mut self,
        person: &str,
        state: &str,
        limit: u32,
    ) -> Result<Vec<(i64, String)>, Error> {
        self.query(
            "select c.id, c.title from cases c join case_members m on m.case_id = c.id \
             and m.person = ?1 where c.state = ?2 order by c.id limit ?3",
            params![person, state, limit],
        )?
        .iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?)))
        .collect()
    }

    /// The CVE IDs of the cases `person` is on that are assigned and not ready,
    /// with their newest revision; oldest case first, at most `limit`.
    pub fn open_drafts(&mut self, person: &str, limit: u32) -> Result<Vec<OpenDraft>, Error> {
        self.query(
            "select c.id, c.title, l.cve_id, coalesce(d.author, ''), \
             case when d.digest = l.approved_digest then 1 else 0 end \
             from cases c join case_members m on m.case_id = c.id and m.person = ?1 \
             join ledger l on l.case_id = c.id \
             left join drafts d on d.cve_id = l.cve_id and d.revision = \
             (select max(x.revision) from drafts x where x.cve_id = l.cve_id) \
             where (c.state = 'ASSIGNED' or (c.state = 'DISCLOSED' and l.disclosed_at = '')) \
             order by c.id, l.cve_id limit ?2",
            params![person, limit],
        )?
        .iter()
        .map(|row| {
            Ok(OpenDraft {
                case_id: row.int(0)?,
                title: row.text(1)?,
                cve_id: row.text(2)?,
                author: row.text(3)?,
                approved: row.truth(4)?,
            })
        })
        .collect()
    }

    /// Follow-ups that wait for a person, oldest first, at most `limit`.
    pub fn stuck_followups(&mut self, limit: u32) -> Result<Vec<crate::FollowupRow>, Error> {
        self.query(
            "select id, kind, subject, state, attempts, not_before, last_answer, created \
             from followups where state in ('held', 'failed') order by created, id limit ?1",
            params![limit],
        )?
        .iter()
        .map(crate::followups::followup)
        .collect()
    }

    /// What monitors found in the cases `person` is on and nobody has read:
    /// case and event, oldest first, at most `limit`.
    pub fn unread_hits(&mut self, person: &str, limit: u32) -> Result<Vec<(i64, EventRow)>, Error> {
        self.query(
            "select e.number, e.kind, e.at, e.subject, e.date, e.severity, e.note, e.author, \
             e.recorded, e.case_id from case_events e join case_members m \
             on m.case_id = e.case_id and m.person = ?1 \
             where e.kind = 'monitor_hit' and not exists (select 1 from case_events r \
             where r.case_id = e.case_id and r.kind = 'hit_read' and r.subject = e.subject \
             and r.at >= e.at) order by e.at, e.case_id, e.number limit ?2",
            params![person, limit],
        )?
        .iter()
        .map(|row| Ok((row.int(9)?, event(row)?)))
        .collect()
    }
}

impl Tx<'_> {
    /// Adds an event under the next number of its case.
    pub fn insert_case_event(&mut self, case_id: i64, event: &EventRow) -> Result<(), Error> {
        let date = event.date.map(|at| at.to_string()).unwrap_or_default();
        self.execute(
            "insert into case_events (case_id, number, kind, at, subject, date, severity, note, \
             author, recorded) values (?1, (select coalesce(max(number), 0) + 1 from case_events \
             where case_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                case_id,
                &event.kind,
                event.at,
                &event.subject,
                date,
                &event.severity,
                &event.note,
                &event.author,
                event.recorded
            ],
        )?;
        Ok(())
    }

    /// Sets the embargo of a case, or replaces it.
    pub fn put_embargo(&mut self, case_id: i64, embargo: &EmbargoRow) -> Result<(), Error> {
        self.execute(
            "insert into embargoes (case_id, lifts_at, local, zone, conditions, set_by, set_at) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (case_id) do update set \
             lifts_at = excluded.lifts_at, local = excluded.local, zone = excluded.zone, \
             conditions = excluded.conditions, set_by = excluded.set_by, \
             set_at = excluded.set_at",
            params![
                case_id,
                embargo.lifts_at,
                &embargo.local,
                &embargo.zone,
                &embargo.conditions,
                &embargo.set_by,
                embargo.set_at
            ],
        )?;
        Ok(())
    }

    /// Ends the embargo of a case.
    ///
    /// Gives: whether there was one.
    pub fn delete_embargo(&mut self, case_id: i64) -> Result<bool, Error> {
        let rows = self.execute("delete from embargoes where case_id = ?1", params![case_id])?;
        Ok(rows > 0)
    }

    /// Keeps the deadlines of a case, in place of those kept before.
    pub fn put_deadlines(&mut self, case_id: i64, rows: &[DeadlineRow]) -> Result<(), Error> {
        self.execute("delete from deadlines where case_id = ?1", params![case_id])?;
        for row in rows {
            self.execute(
                "insert into deadlines (case_id, id, subject, kind, starts, due, body, noted) \
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, case when ?4 = 'MAY' or exists (select 1 \
                 from breaches b where b.case_id = ?1 and b.id = ?2 and b.subject = ?3 \
                 and b.kind = ?4 and b.starts = ?5) then 1 else 0 end)",
                params![
                    case_id,
                    &row.id,
                    &row.subject,
                    &row.kind,
                    row.starts,
                    row.due,
                    &row.body
                ],
            )?;
        }
        Ok(())
    }

    /// Records a breach.
    ///
    /// Gives: `false` when it is recorded already.
    pub fn insert_breach(&mut self, breach: &BreachRow) -> Result<bool, Error> {
        let rows = self.execute(
            "insert into breaches (case_id, id, subject, kind, starts, due, recorded) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
             on conflict (case_id, id, subject, kind, starts) do nothing",
            params![
                breach.case_id,
                &breach.id,
                &breach.subject,
                &breach.kind,
                breach.starts,
                breach.due,
                breach.recorded
            ],
        )?;
        self.execute(
            "update deadlines set noted = 1 where case_id = ?1 and id = ?2 and subject = ?3 \
             and kind = ?4 and starts = ?5",
            params![
                breach.case_id,
                &breach.id,
                &breach.subject,
                &breach.kind,
                breach.starts
            ],
        )?;
        Ok(rows > 0)
    }

    /// Writes the digest of a day for a person.
    ///
    /// Gives: `false` when it was written already.
    pub fn insert_digest(&mut self, person: &str, day: &str, body: &str) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "insert into digests (person, day, body, written) values (?1, ?2, ?3, ?4) \
             on conflict (person, day) do nothing",
            params![person, day, body, now],
        )?;
        Ok(rows > 0)
    }
}
