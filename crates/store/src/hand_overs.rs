//! Offers to lead a case, until the other accepts; and who leaves a case.

use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// An offer that waits to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOverRow {
    /// The case.
    pub case_id: i64,
    /// Id of whoever shall lead it.
    pub person: String,
    /// Id of whoever offered it.
    pub offered_by: String,
    /// What was said with it.
    pub comment: String,
    /// When.
    pub offered_at: Timestamp,
}

impl Reader<'_> {
    /// The offer of a case that waits; nothing when none does.
    pub fn hand_over(&mut self, case_id: i64) -> Result<Option<HandOverRow>, Error> {
        self.first(
            "select person, offered_by, comment, offered_at from hand_overs where case_id = ?1",
            params![case_id],
        )?
        .map(|row| {
            Ok(HandOverRow {
                case_id,
                person: row.text(0)?,
                offered_by: row.text(1)?,
                comment: row.text(2)?,
                offered_at: row.parse(3)?,
            })
        })
        .transpose()
    }

    /// The offers `person` may accept, oldest first: case, its title and its
    /// state, and id of whoever offered it.
    pub fn hand_overs_to(
        &mut self,
        person: &str,
    ) -> Result<Vec<(i64, String, String, String)>, Error> {
        self.query(
            "select c.id, c.title, c.state, h.offered_by from hand_overs h join case_members m \
             on m.case_id = h.case_id and m.person = ?1 join cases c on c.id = h.case_id \
             where h.person = ?1 order by h.offered_at, c.id",
            params![person],
        )?
        .iter()
        .map(|row| Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.text(3)?)))
        .collect()
    }
}

impl Tx<'_> {
    /// Offers a case, in place of an earlier offer.
    pub fn put_hand_over(&mut self, offer: &HandOverRow) -> Result<(), Error> {
        self.execute(
            "insert into hand_overs (case_id, person, offered_by, comment, offered_at) \
             values (?1, ?2, ?3, ?4, ?5) on conflict (case_id) do update set \
             person = excluded.person, offered_by = excluded.offered_by, \
             comment = excluded.comment, offered_at = excluded.offered_at",
            params![
                offer.case_id,
                &offer.person,
                &offer.offered_by,
                &offer.comment,
                offer.offered_at
            ],
        )?;
        Ok(())
    }

    /// Ends the offer of a case.
    pub fn delete_hand_over(&mut self, case_id: i64) -> Result<(), Error> {
        self.execute(
            "delete from hand_overs where case_id = ?1",
            params![case_id],
        )?;
        Ok(())
    }

    /// Takes `person` off a case.
    ///
    /// Gives: whether it was on it.
    pub fn remove_member(&mut self, case_id: i64, person: &str) -> Result<bool, Error> {
        let rows = self.execute(
            "delete from case_members where case_id = ?1 and person = ?2",
            params![case_id, person],
        )?;
        Ok(rows > 0)
    }
}
