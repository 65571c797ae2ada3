//! How texts that were given to mail fare, and their second chance.

use cve::id::CveId;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An announcement whose mail was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUpRow {
    /// Its id, which is that of the follow-up.
    pub id: String,
    /// The ID it announces.
    pub cve_id: CveId,
    /// The case.
    pub case_id: i64,
    /// The template it was made from.
    pub template: String,
    /// Where it goes.
    pub recipient: String,
    /// Why it was given up.
    pub answer: String,
}

/// A message of a case whose mail was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUpMessageRow {
    /// The case.
    pub case_id: i64,
    /// Its number in the case.
    pub number: i64,
    /// Who reads it: `reporter` or `vendors`.
    pub lane: String,
    /// Name of the vendor; empty for the reporter.
    pub contact: String,
    /// Why it was given up.
    pub answer: String,
}

impl Reader<'_> {
    /// Messages of the cases `person` is on whose mail was cancelled, by case
    /// and number, at most `limit`.
    pub fn given_up_messages(
        &mut self,
        person: &str,
        limit: u32,
    ) -> Result<Vec<GivenUpMessageRow>, Error> {
        self.query(
            "select o.case_id, o.number, o.lane, o.contact, f.last_answer from outgoing o \
             join followups f on f.id = o.followup and f.state = 'cancelled' \
             join case_members m on m.case_id = o.case_id and m.person = ?1 \
             where o.state = 'sent' order by o.case_id, o.number limit ?2",
            params![person, limit],
        )?
        .iter()
        .map(|row| {
            Ok(GivenUpMessageRow {
                case_id: row.int(0)?,
                number: row.int(1)?,
                lane: row.text(2)?,
                contact: row.text(3)?,
                answer: row.text(4)?,
            })
        })
        .collect()
    }

    /// The message of a case that this follow-up mails.
    pub fn outgoing_of_followup(
        &mut self,
        case_id: i64,
        followup: &str,
    ) -> Result<Option<crate::OutgoingRow>, Error> {
        let all = self.outgoing(case_id)?;
        Ok(all.into_iter().find(|row| row.followup == followup))
    }

    /// Announcements of the newest set of each ID of the cases `person` is on
    /// whose mail was cancelled, by ID and template, at most `limit`.
    pub fn given_up_announcements(
        &mut self,
        person: &str,
        limit: u32,
    ) -> Result<Vec<GivenUpRow>, Error> {
        self.query(
            "select a.id, a.cve_id, l.case_id, a.template, a.recipient, f.last_answer \
             from announcements a join followups f on f.id = a.id and f.state = 'cancelled' \
             join ledger l on l.cve_id = a.cve_id \
             join case_members m on m.case_id = l.case_id and m.person = ?1 \
             where a.set_number = (select max(s.number) from announcement_sets s \
             where s.cve_id = a.cve_id) order by a.cve_id, a.template, a.recipient limit ?2",
            params![person, limit],
        )?
        .iter()
        .map(|row| {
            Ok(GivenUpRow {
                id: row.text(0)?,
                cve_id: row.parse(1)?,
                case_id: row.int(2)?,
                template: row.text(3)?,
                recipient: row.text(4)?,
                answer: row.text(5)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Names the follow-up that mails a message of a case; its case has been
    /// taken.
    pub fn note_outgoing_followup(
        &mut self,
        case_id: i64,
        number: i64,
        followup: &str,
    ) -> Result<(), Error> {
        self.execute(
            "update outgoing set followup = ?3 where case_id = ?1 and number = ?2",
            params![case_id, number, followup],
        )?;
        Ok(())
    }

    /// Makes a follow-up due again that is held, has failed, or was given up.
    ///
    /// Gives: `false` when it is none of these.
    pub fn renew_followup(&mut self, id: &str) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set state = 'pending', not_before = ?2, modified = ?2 \
             where id = ?1 and state in ('held', 'failed', 'cancelled')",
            params![id, now],
        )?;
        Ok(rows > 0)
    }

    /// Ends a follow-up that is held, has failed, or was given up: somebody
    /// did by hand what it was to do.
    ///
    /// Gives: `false` when it is none of these.
    pub fn settle_by_hand(&mut self, id: &str, answer: &str) -> Result<bool, Error> {
        let now = self.database_time()?;
        let rows = self.execute(
            "update followups set state = 'done', last_answer = ?2, modified = ?3 \
             where id = ?1 and state in ('held', 'failed', 'cancelled')",
            params![id, answer, now],
        )?;
        Ok(rows > 0)
    }
}
