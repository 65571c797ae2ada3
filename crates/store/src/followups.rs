//! Follow-ups: what is to be said to another server, kept until it is said.
//!
//! A follow-up is written in the transaction that causes it. A runner claims
//! it for a while (the lease), says it, and writes what came of it in the
//! transaction that uses the answer. Leases are counted in database time, so
//! that nodes whose clocks differ agree. Follow-ups of one lane run strictly
//! one after the other, oldest first, and the lane waits while one is under
//! way or waiting to look again.

use std::str::FromStr;

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A follow-up to be kept.
#[derive(Debug, Clone)]
pub struct Followup {
    /// Its id, also the stable delivery id towards the other side.
    pub id: String,
    /// What is to be done, such as `id.reserve`.
    pub kind: String,
    /// What it is about: a case or a CVE ID.
    pub subject: String,
    /// Follow-ups of one lane run one at a time; empty for no lane.
    pub lane: String,
    /// What it needs to know.
    pub payload: Value,
}

/// State of a follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FollowupState {
    /// Waits for its time and a runner.
    Pending,
    /// A runner has it, until its lease ends.
    Leased,
    /// Said, and its answer used.
    Done,
    /// Waits for a person, because what happened cannot be told for sure.
    Held,
    /// Refused by the other side; a person may try again.
    Failed,
    /// Given up by a person.
    Cancelled,
}

impl FollowupState {
    /// The word kept in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            FollowupState::Pending => "pending",
            FollowupState::Leased => "leased",
            FollowupState::Done => "done",
            FollowupState::Held => "held",
            FollowupState::Failed => "failed",
            FollowupState::Cancelled => "cancelled",
        }
    }
}

impl FromStr for FollowupState {
    type Err = String;

    fn from_str(text: &str) -> Result<FollowupState, String> {
        use FollowupState::{Cancelled, Done, Failed, Held, Leased, Pending};
        [Pending, Leased, Done, Held, Failed, Cancelled]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}`, expected the state of a follow-up"))
    }
}

/// A follow-up a runner has claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What it needs to know.
    pub payload: Value,
    /// How far an earlier try came; an empty object at first.
    pub progress: Value,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// Whoever holds the lease; named again when the outcome is written.
    pub owner: String,
}

/// A follow-up as people see it.
#[derive(Debug, Clone, Serialize)]
pub struct FollowupRow {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub state: FollowupState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub not_before: Timestamp,
    /// What the other side said last; empty before the first answer.
    pub last_answer: String,
    /// When it was written.
    pub created: Timestamp,
}

impl Reader<'_> {
    /// Follow-ups about `subject`, oldest first.
    pub fn followups_of(&mut self, subject: &str) -> Result<Vec<FollowupRow>, Error> {
        self.query(
            "select id, kind, subject, state, attempts, not_before, last_answer, created \
             from followups where subject = ?1 order by created, id",
            params![subject],
        )?
        .iter()
        .map(followup)
        .collect()
    }

    /// What the follow-ups of a lane need to know that are not done, oldest
    /// first.
    pub fn unfinished_in_lane(&mut self, lane: &str) -> Result<Vec<Value>, Error> {
        self.query(
            "select payload from followups where lane = ?1 and state not in ('done', 'cancelled') \
             order by created, id",
            params![lane],
        )?
        .iter()
        .map(|row| row.json(0))
        .collect()
    }

    /// Every follow-up, newest first.
    pub fn all_followups(&mut self) -> Result<Vec<FollowupRow>, Error> {
        self.query(
            "select id, kind, subject, state, attempts, not_before, last_answer, created \
             from followups order by created desc, id desc",
            &[],
        )?
        .iter()
        .map(followup)
        .collect()
    }

    /// The follow-up with this id.
    pub fn followup(&mut self, id: &str) -> Result<Option<FollowupRow>, Error> {
        self.first(
            "select id, kind, subject, state, attempts, not_before, last_answer, created \
             from followups where id = ?1",
            params![id],
        )?
        .as_ref()
        .map(followup)
        .transpose()
    }

    /// What the follow-ups of a kind need to know that wait, run or are held.
    pub fn open_followup_payloads(&mut self, kind: &str) -> Result<Vec<Value>, Error> {
        self.query(
            "select payload from followups where kind = ?1 \
             and state in ('pending', 'leased', 'held') order by created, id",
            params![kind],
        )?
        .iter()
        .map(|row| row.json(0))
        .collect()
    }

    /// How many follow-ups wait or run.
    pub fn open_followups(&mut self) -> Result<i64, Error> {
        self.first(
            "select count(*) from followups where state in ('pending', 'leased')",
            &[],
        )?
        .map_or(Ok(0), |row| row.int(0))
    }

    /// Says whether a follow-up may be claimed; one behind another in its lane
    /// counts too.
    pub fn is_followup_due(&mut self) -> Result<bool, Error> {
        let now = self.database_time()?;
        let due = self.first(
            "select 1 from followups where (state = 'pending' and not_before <= ?1) \
             or (state = 'leased' and lease_until < ?1) limit 1",
            params![now],
        )?;
        Ok(due.is_some())
    }

    /// When the next waiting follow-up is due; nothing when none waits.
    pub fn next_followup_due(&mut self) -> Result<Option<Timestamp>, Error> {
        self.first(
            "select min(not_before) from followups where state = 'pending'",
            &[],
        )?
        .map_or(Ok(None), |row| row.opt_parse(0))
    }
}

pub(crate) fn followup(row: &Row) -> Result<FollowupRow, Error> {
    Ok(FollowupRow {
        id: row.text(0)?,
        kind: row.text(1)?,
        subject: row.text(2)?,
        state: row.parse(3)?,
        attempts: row.int(4)?,
        not_before: row.parse(5)?,
        last_answer: row.text(6)?,
        created: row.parse(7)?,
    })
}

impl Tx<'_> {
    /// Keeps a follow-up, due at once.
    pub fn insert_followup(&mut self, followup: &Followup) -> Result<(), Error> {
        let due = self.database_time()?;
        self.execute(
            "insert into followups (id, kind, subject, lane, payload, progress, state, attempts, \
             not_before, lease_owner, lease_until, last_answer, created, modified) \
             values (?1, ?2, ?3, ?4, ?5, '{}', 'pending', 0, ?6, '', '', '', ?6, ?6)",
            params![
                &followup.id,
                &followup.kind,
                &followup.subject,
                &followup.lane,
                followup.payload.to_string(),
                due
            ],
        )?;
        Ok(())
    }

    /// Claims the follow-up that has been due longest, for `lease_ms`.
    ///
    /// Takes: `owner`, unique to the runner; `lease_ms` longer than the
    /// slowest request.
    /// Gives: nothing when none is due.
    pub fn claim_followup(&mut self, owner: &str, lease_ms: i64) -> Result<Option<Claimed>, Error> {
        // One claim at a time over all nodes: two that chose at once could
        // each take one of the same lane.
        let sql = format!(
            "select name from locks where name = 'claim'{}",
            self.connection.for_update()
        );
        self.query(&sql, &[])?;
        let now = self.database_time()?;
        let sql = format!(
            "update followups set state = 'leased', lease_owner = ?1, lease_until = ?2, \
             attempts = attempts + 1, modified = ?3 where id = (select f.id from followups f \
             where ((f.state = 'pending' and f.not_before <= ?3) \
             or (f.state = 'leased' and f.lease_until < ?3)) \
             and not exists (select 1 from followups g where f.lane <> '' and g.lane = f.lane \
             and g.state in ('pending', 'leased') and (g.created < f.created \
             or (g.created = f.created and g.id < f.id))) \
             order by f.not_before, f.id limit 1{}) \
             returning id, kind, subject, payload, progress, attempts, lease_owner",
            self.connection.skip_locked()
        );
        let params = params![owner, now.plus_ms(lease_ms), now];
        self.first(&sql, params)?.as_ref().map(claimed).transpose()
    }

    /// Notes how far the claimed follow-up has come, and what was heard.
    ///
    /// Gives: `false` when the lease has passed to another runner; the caller
    /// stops at once and says nothing more to the other side.
    pub fn note_progress(&mut self, claimed: &Claimed, progress: &Value) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set progress = ?3, modified = ?4 where id = ?1 and lease_owner = ?2 \
             and state = 'leased' and lease_until >= ?4",
            params![&claimed.id, &claimed.owner, progress.to_string(), now],
        )?;
        Ok(rows > 0)
    }

    /// Ends the claim: the follow-up is `state` from now on, `answer` is what
    /// the other side said, and a pending one is due again after `wait_ms`.
    ///
    /// Gives: `false` when the lease has passed to another runner; the caller
    /// must then undo its unit of work.
    pub fn end_claim(
        &mut self,
        claimed: &Claimed,
        state: FollowupState,
        answer: &str,
        wait_ms: i64,
    ) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set state = ?3, last_answer = ?4, not_before = ?5, lease_owner = '', \
             lease_until = '', modified = ?6 where id = ?1 and lease_owner = ?2 and state = 'leased'",
            params![
                &claimed.id,
                &claimed.owner,
                state.as_str(),
                answer,
                now.plus_ms(wait_ms),
                now
            ],
        )?;
        Ok(rows > 0)
    }

    /// Takes a held follow-up for this unit of work.
    ///
    /// Gives: nothing when it is not held.
    pub fn take_held(&mut self, id: &str) -> Result<Option<Claimed>, Error> {
        let sql = format!(
            "select id, kind, subject, payload, progress, attempts, lease_owner from followups \
             where id = ?1 and state = 'held'{}",
            self.connection.for_update()
        );
        self.first(&sql, params![id])?
            .as_ref()
            .map(claimed)
            .transpose()
    }

    /// Ends a held follow-up that this unit of work has taken: a person said
    /// what became of it.
    pub fn settle_held(&mut self, id: &str, answer: &str) -> Result<(), Error> {
        let now = self.database_time()?;
        self.execute(
            "update followups set state = 'done', last_answer = ?2, modified = ?3 where id = ?1",
            params![id, answer, now],
        )?;
        Ok(())
    }

    /// Ends what is held or failed in a lane, because something newer takes
    /// its place.
    pub fn supersede_in_lane(&mut self, lane: &str, answer: &str) -> Result<(), Error> {
        let now = self.database_time()?;
        self.execute(
            "update followups set state = 'cancelled', last_answer = ?2, modified = ?3 \
             where lane = ?1 and state in ('held', 'failed')",
            params![lane, answer, now],
        )?;
        Ok(())
    }

    /// Gives a follow-up up that is held, has failed, or was never tried.
    ///
    /// Gives: `false` when it is none of these.
    pub fn cancel_followup(&mut self, id: &str, answer: &str) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set state = 'cancelled', last_answer = ?2, modified = ?3 \
             where id = ?1 and (state in ('held', 'failed') or (state = 'pending' \
             and attempts = 0))",
            params![id, answer, now],
        )?;
        Ok(rows > 0)
    }

    /// Marks a follow-up that was done as failed after all, with what was said
    /// of it.
    ///
    /// Gives: whether it was done.
    pub fn fail_done_followup(&mut self, id: &str, answer: &str) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set state = 'failed', last_answer = ?2, modified = ?3 \
             where id = ?1 and state = 'done'",
            params![id, answer, now],
        )?;
        Ok(rows > 0)
    }

    /// Makes a held or failed follow-up due again.
    ///
    /// Gives: `false` when it is neither.
    pub fn retry_followup(&mut self, id: &str) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set state = 'pending', not_before = ?2, modified = ?2 \
             where id = ?1 and state in ('held', 'failed')",
            params![id, now],
        )?;
        Ok(rows > 0)
    }
}

fn claimed(row: &Row) -> Result<Claimed, Error> {
    Ok(Claimed {
        id: row.text(0)?,
        kind: row.text(1)?,
        subject: row.text(2)?,
        payload: row.json(3)?,
        progress: row.json(4)?,
        attempts: row.int(5)?,
        owner: row.text(6)?,
    })
}
