//! The day each person was last trained.

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

impl Reader<'_> {
    /// The day each person was last trained, by the person's id; nobody who was
    /// not.
    pub fn trainings(&mut self) -> Result<Vec<(String, String)>, Error> {
        self.query("select person, day from trainings order by person", &[])?
            .iter()
            .map(|row| Ok((row.text(0)?, row.text(1)?)))
            .collect()
    }
}

impl Tx<'_> {
    /// Notes the day `person` was last trained, in place of an earlier one.
    ///
    /// Takes: `by`, the id of whoever notes it.
    pub fn put_training(&mut self, person: &str, day: &str, by: &str) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into trainings (person, day, noted_by, at) values (?1, ?2, ?3, ?4) \
             on conflict (person) do update set day = excluded.day, \
             noted_by = excluded.noted_by, at = excluded.at",
            params![person, day, by, now],
        )?;
        Ok(())
    }
}
