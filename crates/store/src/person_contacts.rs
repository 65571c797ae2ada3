//! Where mail reaches the people of the desk.

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// Where mail reaches a person, and when its digest goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonContactRow {
    /// Id of the person.
    pub person: String,
    /// Its mail address.
    pub address: String,
    /// Its zone, by IANA name; empty for the zone of the CNA.
    pub zone: String,
    /// The hour of the day its digest goes out at, 0 to 23.
    pub hour: i64,
}

impl Reader<'_> {
    /// Where mail reaches `person`; nothing when it gave no address.
    pub fn person_contact(&mut self, person: &str) -> Result<Option<PersonContactRow>, Error> {
        self.first(
            "select person, address, zone, hour from person_contacts where person = ?1",
            params![person],
        )?
        .map(|row| {
            Ok(PersonContactRow {
                person: row.text(0)?,
                address: row.text(1)?,
                zone: row.text(2)?,
                hour: row.int(3)?,
            })
        })
        .transpose()
    }
}

impl Tx<'_> {
    /// Sets where mail reaches a person.
    pub fn put_person_contact(&mut self, contact: &PersonContactRow) -> Result<(), Error> {
        self.execute(
            "insert into person_contacts (person, address, zone, hour) values (?1, ?2, ?3, ?4) \
             on conflict (person) do update set address = excluded.address, \
             zone = excluded.zone, hour = excluded.hour",
            params![
                &contact.person,
                &contact.address,
                &contact.zone,
                contact.hour
            ],
        )?;
        Ok(())
    }
}
