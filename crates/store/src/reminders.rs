//! Reminders that were given, so that none is given twice.

use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// One reminder of one deadline to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderRow {
    /// The case; 0 for the desk itself.
    pub case_id: i64,
    /// The deadline's line of the table.
    pub id: String,
    /// What it is about; may be empty.
    pub subject: String,
    /// When the deadline started.
    pub starts: Timestamp,
    /// When the reminder is due.
    pub at: Timestamp,
    /// Id of the person.
    pub person: String,
}

impl Reader<'_> {
    /// Every deadline that is kept, of cases and of the desk itself, soonest
    /// first.
    pub fn all_deadlines(&mut self) -> Result<Vec<crate::DeadlineRow>, Error> {
        self.query(
            "select case_id, id, subject, kind, starts, due, body from deadlines \
             order by due, case_id, id",
            &[],
        )?
        .iter()
        .map(crate::clocks::deadline)
        .collect()
    }

    /// Says whether a reminder was given.
    pub fn is_reminded(&mut self, row: &ReminderRow) -> Result<bool, Error> {
        let found = self.first(
            "select 1 from reminders where case_id = ?1 and id = ?2 and subject = ?3 \
             and starts = ?4 and at = ?5 and person = ?6",
            params![
                row.case_id,
                &row.id,
                &row.subject,
                row.starts,
                row.at,
                &row.person
            ],
        )?;
        Ok(found.is_some())
    }

    /// Says whether the digest of a day went out by mail.
    pub fn is_digest_mailed(&mut self, person: &str, day: &str) -> Result<bool, Error> {
        let found = self.first(
            "select 1 from mailed_digests where person = ?1 and day = ?2",
            params![person, day],
        )?;
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Notes that a reminder is given in this unit of work.
    ///
    /// Gives: `false` when it was given already, by whichever node.
    pub fn claim_reminder(&mut self, row: &ReminderRow) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "insert into reminders (case_id, id, subject, starts, at, person, given) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
             on conflict (case_id, id, subject, starts, at, person) do nothing",
            params![
                row.case_id,
                &row.id,
                &row.subject,
                row.starts,
                row.at,
                &row.person,
                now
            ],
        )?;
        Ok(rows > 0)
    }

    /// Notes that the digest of a day goes out by mail in this unit of work.
    ///
    /// Gives: `false` when it went out already.
    pub fn claim_mailed_digest(&mut self, person: &str, day: &str) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "insert into mailed_digests (person, day, at) values (?1, ?2, ?3) \
             on conflict (person, day) do nothing",
            params![person, day, now],
        )?;
        Ok(rows > 0)
    }
}
