//! Plans to publish, what people said of the checklist, and announcements.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A plan to publish one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePlanRow {
    /// Its id.
    pub id: String,
    /// The ID.
    pub cve_id: CveId,
    /// The case.
    pub case_id: i64,
    /// The revision that is frozen.
    pub revision: i64,
    /// Its digest.
    pub digest: Digest,
    /// `scheduled`, `begun`, `stopped` or `cancelled`.
    pub state: String,
    /// What it begins with: `now`, `time` or `advisory`.
    pub starts: String,
    /// When it begins, or is looked at next.
    pub run_at: Timestamp,
    /// The local date and hour it was planned for; empty for none.
    pub local: String,
    /// The zone these are in; empty for none.
    pub zone: String,
    /// The address that has to answer with the ID first; empty for none.
    pub url: String,
    /// The follow-up that sends the record; empty before it begins.
    pub followup: String,
    /// What was heard or said last, in words.
    pub answer: String,
    /// Id of whoever planned it.
    pub planned_by: String,
    /// When.
    pub created: Timestamp,
    /// When it changed last.
    pub modified: Timestamp,
}

/// Something that became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLogRow {
    /// Number in the plan, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Id of a person, or `runner`.
    pub author: String,
    /// In words.
    pub words: String,
}

/// What a person said of an item of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickRow {
    /// Number among those of the ID, from 1.
    pub number: i64,
    /// The item, such as `PC-08`.
    pub item: String,
    /// `done`, `waived` or `open`.
    pub kind: String,
    /// Evidence or reason, in words.
    pub note: String,
    /// Id of the person.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A set of announcements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementSetRow {
    /// Number among those of the ID, from 1.
    pub number: i64,
    /// The revision its texts were made from.
    pub revision: i64,
    /// What an approval binds to.
    pub digest: Digest,
    /// Id of whoever made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Id of whoever approved it; empty before.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// `solo`, or empty for what is usual.
    pub mode: String,
}

/// One text of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementRow {
    /// Its id, also the local part of the message id of a mail.
    pub id: String,
    /// The ID it announces.
    pub cve_id: CveId,
    /// The set it belongs to.
    pub set_number: i64,
    /// The template it was made from.
    pub template: String,
    /// Where it goes: an address, a place in words.
    pub recipient: String,
    /// Subject or title.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Id of whoever sent it; empty before.
    pub sent_by: String,
    /// When.
    pub sent_at: Option<Timestamp>,
}

const PLAN: &str = "id, cve_id, case_id, revision, digest, state, starts, run_at, local, zone, \
                    url, followup, answer, planned_by, created, modified";

fn plan(row: &Row) -> Result<ReleasePlanRow, Error> {
    Ok(ReleasePlanRow {
        id: row.text(0)?,
        cve_id: row.parse(1)?,
        case_id: row.int(2)?,
        revision: row.int(3)?,
        digest: row.parse(4)?,
        state: row.text(5)?,
        starts: row.text(6)?,
        run_at: row.parse(7)?,
        local: row.text(8)?,
        zone: row.text(9)?,
        url: row.text(10)?,
        followup: row.text(11)?,
        answer: row.text(12)?,
        planned_by: row.text(13)?,
        created: row.parse(14)?,
        modified: row.parse(15)?,
    })
}

fn announcement(row: &Row) -> Result<AnnouncementRow, Error> {
    Ok(AnnouncementRow {
        id: row.text(0)?,
        cve_id: row.parse(1)?,
        set_number: row.int(2)?,
        template: row.text(3)?,
        recipient: row.text(4)?,
        subject: row.text(5)?,
        body: row.text(6)?,
        sent_by: row.text(7)?,
        sent_at: row.opt_parse(8)?,
    })
}

const ANNOUNCEMENT: &str =
    "id, cve_id, set_number, template, recipient, subject, body, sent_by, sent_at";

impl Reader<'_> {
    /// The plans of `id`, oldest first.
    pub fn release_plans(&mut self, id: CveId) -> Result<Vec<ReleasePlanRow>, Error> {
        let sql =
            format!("select {PLAN} from release_plans where cve_id = ?1 order by created, id");
        self.query(&sql, params![id])?.iter().map(plan).collect()
    }

    /// The plan with this id.
    pub fn release_plan(&mut self, id: &str) -> Result<Option<ReleasePlanRow>, Error> {
        let sql = format!("select {PLAN} from release_plans where id = ?1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(plan)
            .transpose()
    }

    /// The plans that wait and are due, soonest first, at most 100.
    pub fn due_release_plans(&mut self, now: Timestamp) -> Result<Vec<ReleasePlanRow>, Error> {
        let sql = format!(
            "select {PLAN} from release_plans where state = 'scheduled' and run_at <= ?1 \
             order by run_at, id limit 100"
        );
        self.query(&sql, params![now])?.iter().map(plan).collect()
    }

    /// What became of a plan, oldest first.
    pub fn release_plan_log(&mut self, plan: &str) -> Result<Vec<PlanLogRow>, Error> {
        self.query(
            "select number, at, author, words from release_plan_log where plan = ?1 \
             order by number",
            params![plan],
        )?
        .iter()
        .map(|row| {
            Ok(PlanLogRow {
                number: row.int(0)?,
                at: row.parse(1)?,
                author: row.text(2)?,
                words: row.text(3)?,
            })
        })
        .collect()
    }

    /// What people said of the checklist of `id`, oldest first.
    pub fn ticks(&mut self, id: CveId) -> Result<Vec<TickRow>, Error> {
        self.query(
            "select number, item, kind, note, author, at from checklist_ticks where cve_id = ?1 \
             order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(TickRow {
                number: row.int(0)?,
                item: row.text(1)?,
                kind: row.text(2)?,
                note: row.text(3)?,
                author: row.text(4)?,
                at: row.parse(5)?,
            })
        })
        .collect()
    }

    /// The newest set of announcements of `id`.
    pub fn announcement_set(&mut self, id: CveId) -> Result<Option<AnnouncementSetRow>, Error> {
        self.first(
            "select number, revision, digest, author, at, approved_by, approved_at, mode \
             from announcement_sets where cve_id = ?1 order by number desc limit 1",
            params![id],
        )?
        .map(|row| {
            Ok(AnnouncementSetRow {
                number: row.int(0)?,
                revision: row.int(1)?,
                digest: row.parse(2)?,
                author: row.text(3)?,
                at: row.parse(4)?,
                approved_by: row.text(5)?,
                approved_at: row.opt_parse(6)?,
                mode: row.text(7)?,
            })
        })
        .transpose()
    }

    /// The texts of a set, by template.
    pub fn announcements(&mut self, id: CveId, set: i64) -> Result<Vec<AnnouncementRow>, Error> {
        let sql = format!(
            "select {ANNOUNCEMENT} from announcements where cve_id = ?1 and set_number = ?2 \
             order by template, recipient"
        );
        self.query(&sql, params![id, set])?
            .iter()
            .map(announcement)
            .collect()
    }

    /// The text with this id.
    pub fn announcement(&mut self, id: &str) -> Result<Option<AnnouncementRow>, Error> {
        let sql = format!("select {ANNOUNCEMENT} from announcements where id = ?1");
        self.first(&sql, params![id])?
            .as_ref()
            .map(announcement)
            .transpose()
    }
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

impl Tx<'_> {
    /// Keeps a plan.
    pub fn insert_release_plan(&mut self, row: &ReleasePlanRow) -> Result<(), Error> {
        let sql = format!(
            "insert into release_plans ({PLAN}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
             ?11, ?12, ?13, ?14, ?15, ?16)"
        );
        self.execute(
            &sql,
            params![
                &row.id,
                row.cve_id,
                row.case_id,
                row.revision,
                row.digest,
                &row.state,
                &row.starts,
                row.run_at,
                &row.local,
                &row.zone,
                &row.url,
                &row.followup,
                &row.answer,
                &row.planned_by,
                row.created,
                row.modified
            ],
        )?;
        Ok(())
    }

    /// Writes how a plan stands; its case has been taken by this unit of work.
    pub fn update_release_plan(&mut self, row: &ReleasePlanRow) -> Result<(), Error> {
        self.execute(
            "update release_plans set state = ?2, starts = ?3, run_at = ?4, followup = ?5, \
             answer = ?6, modified = ?7 where id = ?1",
            params![
                &row.id,
                &row.state,
                &row.starts,
                row.run_at,
                &row.followup,
                &row.answer,
                row.modified
            ],
        )?;
        Ok(())
    }

    /// Adds to what became of a plan.
    pub fn log_release_plan(&mut self, plan: &str, author: &str, words: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into release_plan_log (plan, number, at, author, words) values (?1, \
             (select coalesce(max(number), 0) + 1 from release_plan_log where plan = ?1), ?2, ?3, \
             ?4)",
            params![plan, now, author, words],
        )?;
        Ok(())
    }

    /// Adds what somebody said of an item; its case has been taken.
    pub fn insert_tick(&mut self, id: CveId, row: &TickRow) -> Result<(), Error> {
        self.execute(
            "insert into checklist_ticks (cve_id, number, item, kind, note, author, at) values \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id,
                row.number,
                &row.item,
                &row.kind,
                &row.note,
                &row.author,
                row.at
            ],
        )?;
        Ok(())
    }

    /// Adds a set of announcements; its case has been taken.
    pub fn insert_announcement_set(
        &mut self,
        id: CveId,
        row: &AnnouncementSetRow,
    ) -> Result<(), Error> {
        self.execute(
            "insert into announcement_sets (cve_id, number, revision, digest, author, at, \
             approved_by, approved_at, mode) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                id,
                row.number,
                row.revision,
                row.digest,
                &row.author,
                row.at,
                &row.approved_by,
                time(row.approved_at),
                &row.mode
            ],
        )?;
        Ok(())
    }

    /// Writes who approved a set.
    pub fn approve_announcement_set(
        &mut self,
        id: CveId,
        row: &AnnouncementSetRow,
    ) -> Result<(), Error> {
        self.execute(
            "update announcement_sets set approved_by = ?3, approved_at = ?4, mode = ?5 \
             where cve_id = ?1 and number = ?2",
            params![
                id,
                row.number,
                &row.approved_by,
                time(row.approved_at),
                &row.mode
            ],
        )?;
        Ok(())
    }

    /// Adds a text to a set.
    pub fn insert_announcement(&mut self, row: &AnnouncementRow) -> Result<(), Error> {
        let sql = format!(
            "insert into announcements ({ANNOUNCEMENT}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
             ?9)"
        );
        self.execute(
            &sql,
            params![
                &row.id,
                row.cve_id,
                row.set_number,
                &row.template,
                &row.recipient,
                &row.subject,
                &row.body,
                &row.sent_by,
                time(row.sent_at)
            ],
        )?;
        Ok(())
    }

    /// Writes that a text was sent; its case has been taken.
    pub fn note_announcement_sent(&mut self, id: &str, by: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update announcements set sent_by = ?2, sent_at = ?3 where id = ?1",
            params![id, by, now],
        )?;
        Ok(())
    }
}
