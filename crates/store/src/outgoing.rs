//! What is to be said out of the house: drafts, and whom they reach.

use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A message that waits to be sent, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingRow {
    /// The case.
    pub case_id: i64,
    /// Its number in the case, from 1.
    pub number: i64,
    /// Who reads it: `reporter` or `vendors`.
    pub lane: String,
    /// Name of the vendor; empty for the reporter.
    pub contact: String,
    /// The text.
    pub body: String,
    /// `draft`, `sent` or `dropped`.
    pub state: String,
    /// Id of whoever wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Id of whoever sent or dropped it; empty before.
    pub ended_by: String,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// The follow-up that mails it; empty where nothing is mailed.
    pub followup: String,
    /// The organisation whose time to answer begins when it is sent; empty for
    /// none.
    pub clock: String,
}

/// Somebody the lane `vendors` of a case reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorContactRow {
    /// Its name.
    pub name: String,
    /// Its mail address; may be empty.
    pub address: String,
    /// Id of whoever added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

fn outgoing(row: &Row) -> Result<OutgoingRow, Error> {
    Ok(OutgoingRow {
        case_id: row.int(0)?,
        number: row.int(1)?,
        lane: row.text(2)?,
        contact: row.text(3)?,
        body: row.text(4)?,
        state: row.text(5)?,
        author: row.text(6)?,
        at: row.parse(7)?,
        ended_by: row.text(8)?,
        ended_at: row.opt_parse(9)?,
        followup: row.text(10)?,
        clock: row.text(11)?,
    })
}

impl Reader<'_> {
    /// What is or was to be said of a case, oldest first.
    pub fn outgoing(&mut self, case_id: i64) -> Result<Vec<OutgoingRow>, Error> {
        self.query(
            "select case_id, number, lane, contact, body, state, author, at, ended_by, ended_at, \
             followup, clock from outgoing where case_id = ?1 order by number",
            params![case_id],
        )?
        .iter()
        .map(outgoing)
        .collect()
    }

    /// Whom the lane `vendors` of a case reaches, by name.
    pub fn vendor_contacts(&mut self, case_id: i64) -> Result<Vec<VendorContactRow>, Error> {
        self.query(
            "select name, address, added_by, added_at from vendor_contacts where case_id = ?1 \
             order by name",
            params![case_id],
        )?
        .iter()
        .map(|row| {
            Ok(VendorContactRow {
                name: row.text(0)?,
                address: row.text(1)?,
                added_by: row.text(2)?,
                added_at: row.parse(3)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a draft under the next number of its case, which this unit of
    /// work has taken.
    ///
    /// Gives: the number.
    pub fn insert_outgoing(&mut self, row: &OutgoingRow) -> Result<i64, Error> {
        let row = self.first(
            "insert into outgoing (case_id, number, lane, contact, body, state, author, at, \
             ended_by, ended_at, clock) values (?1, (select coalesce(max(number), 0) + 1 \
             from outgoing where case_id = ?1), ?2, ?3, ?4, 'draft', ?5, ?6, '', '', ?7) \
             returning number",
            params![
                row.case_id,
                &row.lane,
                &row.contact,
                &row.body,
                &row.author,
                row.at,
                &row.clock
            ],
        )?;
        row.map_or(Ok(1), |row| row.int(0))
    }

    /// Ends a draft.
    ///
    /// Takes: `state`, `sent` or `dropped`.
    /// Gives: `false` when there is no such draft, or it has ended.
    pub fn end_outgoing(
        &mut self,
        case_id: i64,
        number: i64,
        state: &str,
        by: &str,
    ) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "update outgoing set state = ?3, ended_by = ?4, ended_at = ?5 \
             where case_id = ?1 and number = ?2 and state = 'draft'",
            params![case_id, number, state, by, now],
        )?;
        Ok(rows > 0)
    }

    /// Sets a contact of a case, or replaces the one of its name.
    pub fn put_vendor_contact(
        &mut self,
        case_id: i64,
        contact: &VendorContactRow,
    ) -> Result<(), Error> {
        self.execute(
            "insert into vendor_contacts (case_id, name, address, added_by, added_at) \
             values (?1, ?2, ?3, ?4, ?5) on conflict (case_id, name) do update set \
             address = excluded.address, added_by = excluded.added_by, \
             added_at = excluded.added_at",
            params![
                case_id,
                &contact.name,
                &contact.address,
                &contact.added_by,
                contact.added_at
            ],
        )?;
        Ok(())
    }
}
